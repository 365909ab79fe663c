"""Words written in the portal: kept as typed, conflicts shown, history kept, fields printed."""

from datetime import timedelta
from typing import Any

import pytest

from reports import queries, services
from reports.documents import compile_report
from reports.models import Chapter, Report
from reports.services import chapters
from tests.factories import NOW, UserFactory, user_with
from tests.reports.plan import Plan, made, text_of
from units import jobs
from units.models import AuditEntry, Unit
from units.rules import DomainError

KIND = Chapter.Kind.MODELS


def save(report: Report, text: str, version: int = 0, **more: Any) -> services.Saved:
    said = {"actor": UserFactory(), "now": NOW} | more
    return services.save_chapter(report, KIND, text, version=version, **said)


def stored(report: Report) -> str:
    return queries.written_chapters(report).get(kind=KIND).text


# --- writing -------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_words_are_kept_as_typed_even_where_a_field_is_wrong(asked: Report) -> None:
    save(asked, " Đạt [CT99].\r\n- ý một ")
    assert stored(asked) == "Đạt [CT99].\n- ý một"
    assert AuditEntry.objects.get(action="report.chapter_written").unit == asked.scope


@pytest.mark.django_db
def test_who_writes_upon_old_words_overwrites_nothing(asked: Report) -> None:
    first = save(asked, "Lời của người thứ nhất.")
    assert not first.conflict
    late = save(asked, "Lời của người thứ hai.")
    assert late.conflict
    assert late.chapter.text == stored(asked) == "Lời của người thứ nhất."
    assert not save(asked, "Lời của người thứ nhất.").conflict  # the same words are no conflict
    assert not save(asked, "Lời chung.", first.chapter.version).conflict
    assert stored(asked) == "Lời chung."


@pytest.mark.django_db
def test_one_sitting_of_one_person_is_one_line_of_the_history(asked: Report) -> None:
    writer = UserFactory()
    save(asked, "a", 0, actor=writer)
    save(asked, "ab", 1, actor=writer, now=NOW + timedelta(minutes=9))
    save(asked, "abc", 2, actor=writer, now=NOW + timedelta(minutes=10))
    save(asked, "abcd", 3, now=NOW + timedelta(minutes=11))
    lines = queries.chapter_history(asked, KIND)
    assert [(line.version, line.text) for line in lines] == [(4, "abcd"), (3, "abc"), (2, "ab")]


@pytest.mark.django_db
def test_earlier_words_come_back_and_the_later_ones_stay_in_the_history(asked: Report) -> None:
    writer = UserFactory()
    said = {"actor": writer, "now": NOW}
    save(asked, "cũ", 0, **said)
    save(asked, "mới", 1, actor=writer, now=NOW + timedelta(hours=1))
    services.restore_chapter(asked, KIND, 1, **said)
    assert stored(asked) == "cũ"
    services.restore_chapter(asked, KIND, 1, **said)  # a double click
    assert [line.text for line in queries.chapter_history(asked, KIND)] == ["cũ", "mới", "cũ"]
    with pytest.raises(DomainError, match="Không còn lần viết này"):
        services.restore_chapter(asked, KIND, 77, **said)


@pytest.mark.django_db
def test_words_without_end_are_refused(asked: Report) -> None:
    with pytest.raises(DomainError, match="nhiều nhất"):
        save(asked, "a" * (chapters.LIMIT + 1))


@pytest.mark.django_db
def test_answers_of_units_are_put_behind_the_words_with_their_source(asked: Report) -> None:
    asked.snapshot = {
        "narratives": [
            {"question": "Cách làm hay", "answers": [{"unit": "Chi cục A", "text": "Số hóa."}]},
            {"question": "Không ai nói", "answers": []},
        ]
    }
    save(asked, "Mở đầu.")
    said = {"actor": UserFactory(), "now": NOW}
    services.add_answers(asked, KIND, "Cách làm hay", **said)
    assert stored(asked) == "Mở đầu.\n- Số hóa. (theo phiếu kết quả của Chi cục A)"
    for question in ("Không ai nói", "Lạ"):
        with pytest.raises(DomainError, match="Chưa có đơn vị nào"):
            services.add_answers(asked, KIND, question, **said)


# --- printing ------------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_the_words_are_printed_with_the_figures_that_were_frozen_and_escaped(plan: Plan) -> None:
    first = made(plan.report())
    save(first, "Đạt [CT01] <b>tốt</b>.\n- Riêng [CT01: Chi cục Thủy lợi] là thấp.")
    second = made(plan.report(version=2))
    text = text_of(second)
    assert "Mô hình, cách làm hay".upper() in text
    assert "Đạt 80,3% <b>tốt</b>." in text
    assert "- Riêng 79,3% là thấp." in text
    assert "Mô hình, cách làm hay".upper() not in text_of(first)


@pytest.mark.django_db(transaction=True)
def test_a_field_that_no_fact_answers_to_stops_the_paper_until_it_is_mended(plan: Plan) -> None:
    report = plan.report()
    save(report, "Đạt [CT99].")
    jobs.perform(Report, compile_report, report.pk)
    report.refresh_from_db()
    assert report.state == Report.State.FAILED
    assert "Chương “mô hình, cách làm hay”: Không có trường [CT99]." in report.error
    assert report.snapshot is None
    save(report, "Đạt [CT01].", 1)
    services.retry_report(report, actor=UserFactory(), now=NOW)
    assert "Đạt 80,3%." in text_of(made(report))


# --- the pages -----------------------------------------------------------------------------------
@pytest.fixture
def page(plan: Plan, province: Unit, client: Any) -> Any:
    """The address of one chapter, signed in as who may write it."""
    client.force_login(user_with("home_affairs", province))
    return f"/bao-cao/{made(plan.report()).pk}/loi-van/mo-hinh/"


@pytest.mark.django_db(transaction=True)
def test_a_chapter_is_written_on_its_page(page: str, client: Any) -> None:
    shown = client.get(page).content.decode()
    for words in ("[CT01]", "[số đơn vị tham gia]", "Đưa 4 ý kiến vào cuối chương"):
        assert words in shown
    answer = client.post(page, {"text": "Đạt [CT1].", "version": "0"}, HTTP_HX_REQUEST="true")
    told = answer.content.decode()
    assert "còn trường phải sửa" in told
    assert "Gần giống: [CT01]" in told
    assert 'id="version" name="version" value="1"' in told
    answer = client.post(page, {"text": "Đạt 80,4%.", "version": "1", "insert": "[CT01]"})
    assert answer.status_code == 302
    shown = client.get(page).content.decode()
    assert "Đạt 80,4%. [CT01]" in shown
    assert "Đạt 80,4%. 80,3%" in shown
    assert "“80,4%” không khớp số liệu nào đã chốt." in shown


@pytest.mark.django_db(transaction=True)
def test_a_conflict_shows_both_texts(page: str, client: Any) -> None:
    client.post(page, {"text": "Bản của người trước.", "version": "0"})
    answer = client.post(page, {"text": "Bản vừa gõ.", "version": "0"})
    shown = answer.content.decode()
    assert answer.status_code == 409
    assert "Bản của người trước." in shown
    assert "Bản vừa gõ.</textarea>" in shown
    assert 'name="to"' not in shown  # on the way elsewhere nobody's words are replaced
    assert "y-kien/" not in shown
    again = client.post(page, {"text": "Bản vừa gõ.", "version": "1"})
    assert again.status_code == 302


@pytest.mark.django_db(transaction=True)
def test_answers_come_behind_the_words_just_typed(page: str, client: Any) -> None:
    take, asked = f"{page}y-kien/", {"question": "Cách làm hay"}
    assert f'form="words" formaction="{take}"' in client.get(page).content.decode()
    answer = client.post(take, {"text": "Vừa gõ.", "version": "0"} | asked)
    assert (answer.status_code, answer.url) == (302, page)
    text = Chapter.objects.get().text
    assert text.startswith("Vừa gõ.\n- ")
    again = client.post(take, {"text": "Vừa gõ thêm.", "version": "0"} | asked)  # an old page
    assert again.status_code == 409
    assert "Vừa gõ thêm.</textarea>" in again.content.decode()
    assert Chapter.objects.get().text == text
    gone = client.post(take, {"text": "Viết lại.", "version": "2", "question": "Khác"})
    assert gone.status_code == 422
    assert "Viết lại.</textarea>" in gone.content.decode()
    assert client.post(take, {"question": "Khác"}).status_code == 302  # nothing was typed


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("to", "where"),
    [
        ("chi-dao", "/loi-van/chi-dao/"),
        ("lich-su", "/loi-van/mo-hinh/lich-su/"),
        ("bao-cao", "/"),
        ("", "/loi-van/mo-hinh/"),
    ],
)
def test_every_way_on_takes_the_words_along(page: str, client: Any, to: str, where: str) -> None:
    shown = client.get(page).content.decode()
    assert f'name="to" value="{to}"' in shown or not to
    answer = client.post(page, {"text": "Vừa gõ.", "version": "0", "to": to})
    assert answer.url == page.replace("/loi-van/mo-hinh/", where)
    assert Chapter.objects.get().text == "Vừa gõ."


@pytest.mark.django_db(transaction=True)
def test_fields_of_units_are_found_by_words(page: str, client: Any) -> None:
    found = client.get(page, {"tim": "thuy loi"}, HTTP_HX_REQUEST="true").content.decode()
    assert "[CT01: Chi cục Thủy lợi]" in found
    assert "Kiểm lâm" not in found
    assert "<h1>" not in found


@pytest.mark.django_db(transaction=True)
def test_answers_history_and_earlier_words_on_the_page(page: str, client: Any) -> None:
    client.post(page, {"text": "Mở đầu.", "version": "0"})
    client.post(f"{page}y-kien/", {"question": "Cách làm hay"})
    assert "theo phiếu kết quả của Chi cục Kiểm lâm" in client.get(page).content.decode()
    assert "theo phiếu kết quả" in client.get(f"{page}lich-su/").content.decode()
    assert client.post(f"{page}lay-lai/", {"version": "2"}).status_code == 302
    assert client.get(page.replace("mo-hinh", "khac")).status_code == 404
    refused = client.post(page, {"text": "a" * (chapters.LIMIT + 1), "version": "2"})
    assert refused.status_code == 422
    assert "Viết gọn lại" in refused.content.decode()
