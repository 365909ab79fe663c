"""The pages of dossiers, through the browser's eyes."""

from datetime import date, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from awards.models import AwardForm, AwardRound, CompositionRule, CouncilSeat, Nomination
from awards.services import record_decision
from campaigns.models import ResultSheet
from criteria.models import Indicator
from dossiers import policies, queries, services
from dossiers.models import Build, Dossier, DossierPart, DossierRequirement, PaperForm
from tests.dossiers.stage import LETTER_ON, NOW, Part, Stage, pdf_file
from tests.factories import UnitFactory, amend, user_with
from units import storage
from units.models import AuditEntry, User
from units.queries import Todo
from units.rules import ROLES

pytestmark = pytest.mark.django_db


@pytest.fixture
def stage() -> Stage:
    return Stage()


@pytest.fixture
def browser(stage: Stage, client_of: Any) -> Any:
    return client_of(stage.head)


@pytest.fixture
def stranger(client_of: Any) -> Any:
    return client_of(user_with("head_of_unit", UnitFactory()))


def url(name: str, *args: Any) -> str:
    return reverse(f"dossiers:{name}", args=args)


def told(response: Any) -> str:
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


def file(name: str = "Kế hoạch phát động.pdf", content: bytes = b"") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content or pdf_file("x").getvalue())


def done(stage: Stage, dossier: Dossier) -> Build:
    """A finished version as a worker would leave it."""
    build = services.request_build(dossier, actor=stage.head, now=NOW)
    blob = storage.keep_bytes(pdf_file("Bound").getvalue(), media_type=storage.PDF, now=NOW)
    Build.objects.filter(pk=build.pk).update(
        state=Build.State.DONE, finished_at=NOW, frozen_at=NOW, pdf=blob, pages=1,
        snapshot={"revisions": {"dossier": 0, "nominations": {}, "sheets": {}, "sessions": []}},
    )  # fmt: skip
    build.refresh_from_db()
    return build


# --- the tab of a plan ---------------------------------------------------------------------------
def test_the_tab_says_what_the_plan_asks_and_offers_to_open(stage: Stage, browser: Any) -> None:
    heir = PaperForm.objects.create(ref="moi", code="Mẫu số 02", name="Mới", basis="Nghị định mới")
    paper = stage.papers[Part.ACHIEVEMENT_REPORT]
    paper.form = PaperForm.objects.create(
        ref="cu", code="Mẫu số 07", name="Cũ", basis="Nghị định cũ", valid_to=LETTER_ON,
        replaced_by=heir,
    )  # fmt: skip
    paper.confirmation, paper.note, paper.required = "cấp trình khen", "đóng dấu", False
    paper.save()
    DossierRequirement.objects.update(is_default=True)
    stage.person("Nguyễn Văn Ưởng")
    page = browser.get(url("campaign_dossiers", "ke-hoach")).content.decode()
    for words in ("1 đề nghị Giấy khen, Tổng kết năm 2024", "Mẫu số 07", "thay bằng Mẫu số 02",
                  "hiệu lực đến 10/12/2024", "có xác nhận của cấp trình khen", "không bắt buộc",
                  "Mặc định", "Chưa có hồ sơ nào"):  # fmt: skip
        assert words in page, words

    opened = browser.post(url("dossier_open", "dot-1"), {"unit": "so.chi-cuc", "form": "giay-khen"})
    dossier = Dossier.objects.get()
    assert opened.url == url("dossier_detail", dossier.pk)
    page = browser.get(url("campaign_dossiers", "ke-hoach")).content.decode()
    assert "Đề nghị chưa có hồ sơ" not in page
    assert "Còn thiếu giấy tờ" in page
    for state, words in (("failed", "Không lập được"), ("queued", "Đang lập"), ("done", "bản 1")):
        Build.objects.all().delete()
        build = done(stage, dossier)
        Build.objects.filter(pk=build.pk).update(state=state, error="x")
        assert words in browser.get(url("campaign_dossiers", "ke-hoach")).content.decode()
    Dossier.objects.update(state="sent", sent_at=NOW, sent_by=stage.head, letter_on=LETTER_ON)
    assert "Đã trình" in browser.get(url("campaign_dossiers", "ke-hoach")).content.decode()


def test_a_plan_without_awards_says_so(stage: Stage, browser: Any) -> None:
    DossierRequirement.objects.all().delete()
    page = browser.get(url("campaign_dossiers", "ke-hoach")).content.decode()
    assert "Kế hoạch này không có hồ sơ khen thưởng" in page


def test_the_tab_costs_the_same_for_one_dossier_and_three(stage: Stage, browser: Any) -> None:
    stage.person("Nguyễn Văn Ưởng")
    done(stage, stage.open())
    browser.get(url("campaign_dossiers", "ke-hoach"))  # content types and the like
    with_one = count(browser, "campaign_dossiers", "ke-hoach")
    for number in range(2):
        done(stage, Dossier.objects.create(
            award_round=stage.award_round, proposing_unit=stage.branch, created_at=NOW,
            award_form=AwardForm.objects.create(
                ref=f"f{number}", name="F", short_name="F", rank=number
            ), created_by=stage.head,
        ))  # fmt: skip
    assert count(browser, "campaign_dossiers", "ke-hoach") == with_one


def count(browser: Any, name: str, *args: Any) -> int:
    with CaptureQueriesContext(connection) as asked:
        assert browser.get(url(name, *args)).status_code == 200
    return len(asked)


def test_opening_is_refused_with_a_sentence(stage: Stage, browser: Any) -> None:
    AwardRound.objects.update(state="closed")
    answer = browser.post(url("dossier_open", "dot-1"), {"unit": "so.chi-cuc", "form": "giay-khen"})
    assert answer.url == url("campaign_dossiers", "ke-hoach")
    assert "đã kết thúc" in told(answer)
    for wrong in ({"unit": "so", "form": "giay-khen"}, {"unit": "so.chi-cuc", "form": "khac"}):
        assert browser.post(url("dossier_open", "dot-1"), wrong).status_code == 404


# --- the page ------------------------------------------------------------------------------------
def test_the_page_of_a_draft(stage: Stage, browser: Any) -> None:
    stage.person("Nguyễn Văn Ưởng")
    dossier = stage.open()
    page = browser.get(url("dossier_detail", dossier.pk)).content.decode()
    for words in ("Chưa trình được, còn 6 việc", "Lập hồ sơ</button>", "Trình hồ sơ</button>",
                  "Chưa lập bản nào", "Ông Nguyễn Văn Ưởng", "còn thiếu 3 trên 6",
                  "Thay bằng bản đã ký", "Lê Quốc Điền lập hồ sơ."):  # fmt: skip
        assert words in page, words
    assert page.count("btn--primary") == 1


def test_the_page_of_a_dossier_that_may_be_sent(stage: Stage, browser: Any) -> None:
    dossier = ready(stage)
    page = browser.get(url("dossier_detail", dossier.pk)).content.decode()
    assert "Chưa trình được" not in page
    assert "Bản mới nhất đã cũ" in page
    assert 'btn--primary" type="submit">Lập bản mới' in page
    fresh(dossier)
    page = browser.get(url("dossier_detail", dossier.pk)).content.decode()
    assert "đã cũ" not in page
    assert 'btn--primary" type="submit">Trình hồ sơ' in page
    assert page.count("btn--primary") == 1

    sent = browser.post(url("dossier_send", dossier.pk))
    assert "Đã trình hồ sơ" in told(sent)
    page = browser.get(url("dossier_detail", dossier.pk)).content.decode()
    assert "Tải hồ sơ, 1 trang" in page
    assert page.count("btn--primary") == 1
    assert "Gỡ" not in page
    assert "Lập bản mới" not in page
    refused = browser.post(url("build_request", dossier.pk))
    assert "không lập bản khác" in told(refused)
    assert Build.objects.count() == 1
    ResultSheet.objects.update(revision=99)
    page = browser.get(url("dossier_detail", dossier.pk)).content.decode()
    assert "Bản đã trình giữ nguyên như lúc lập" in page
    assert "<strong>Số liệu đã đổi sau khi lập bản đã trình</strong>" in page
    amend(Indicator.objects.filter(kind="ratio").first(), 20, date(2024, 1, 1))
    page = browser.get(url("dossier_detail", dossier.pk)).content.decode()
    assert "<strong>Số liệu và mục tiêu đã đổi sau khi lập bản đã trình</strong>" in page
    for pk, revision in Build.objects.get().snapshot["revisions"]["sheets"].items():
        ResultSheet.objects.filter(pk=pk).update(revision=revision)
    page = browser.get(url("dossier_detail", dossier.pk)).content.decode()
    assert "<strong>Mục tiêu đã đổi sau khi lập bản đã trình</strong>" in page
    assert "điều chỉnh từ ngày 01/01/2024 theo “QĐ 9”, sau bản này" in page
    assert browser.post(url("dossier_send", dossier.pk)).status_code == 404
    assert browser.get(url("dossier_edit", dossier.pk)).status_code == 404


def ready(stage: Stage, passed: Nomination | None = None) -> Dossier:
    """Complete and bound, of papers that have changed since."""
    if passed is None:
        stage.results()
        stage.meet(stage.person("Nguyễn Văn Ưởng"))
    dossier = services.edit_dossier(
        stage.open(), letter_number="12", letter_on=LETTER_ON, signing_capacity="KT. TRƯỞNG",
        signer_title="PHÓ", signer_name="Lê Quốc Điền", actor=stage.head, now=NOW,
    )  # fmt: skip
    content = pdf_file("x")
    services.add_part(
        dossier, requirement=stage.papers[Part.LAUNCH_PLAN], upload=content, name="kế hoạch.pdf",
        size=len(content.getvalue()), actor=stage.head, now=NOW,
    )  # fmt: skip
    done(stage, dossier)
    return dossier


def fresh(dossier: Dossier) -> None:
    dossier = queries.with_names(Dossier.objects.filter(pk=dossier.pk)).get()
    held = queries.contents(dossier)
    Build.objects.update(snapshot={"revisions": queries.revisions_of(dossier, held).plain()})


def test_an_empty_dossier_of_a_plan_that_asks_for_nothing(stage: Stage, browser: Any) -> None:
    DossierRequirement.objects.all().delete()
    page = browser.get(url("dossier_detail", stage.open().pk)).content.decode()
    assert "Kế hoạch không nêu thành phần hồ sơ" in page
    assert "Chưa có đề nghị nào đã gửi" in page


def test_sending_too_early_says_why(stage: Stage, browser: Any) -> None:
    answer = browser.post(url("dossier_send", stage.open().pk))
    assert "Chưa có số tờ trình" in told(answer)


def test_a_stranger_finds_nothing(stage: Stage, stranger: Any) -> None:
    dossier = ready(stage)
    part, build = DossierPart.objects.get(), Build.objects.get()
    for name, *args in (
        ("campaign_dossiers", "ke-hoach"), ("dossier_detail", dossier.pk),
        ("dossier_edit", dossier.pk), ("part_file", part.pk), ("build_progress", build.pk),
        ("build_file", build.pk),
    ):  # fmt: skip
        assert stranger.get(url(name, *args)).status_code == 404, name
    for name, *args in (
        ("dossier_open", "dot-1"), ("part_add", dossier.pk, part.requirement_id),
        ("part_remove", part.pk), ("build_request", dossier.pk), ("build_retry", build.pk),
        ("dossier_send", dossier.pk), ("dossier_edit", dossier.pk),
    ):  # fmt: skip
        assert stranger.post(url(name, *args)).status_code == 404, name


# --- the letter ----------------------------------------------------------------------------------
def test_the_letter_is_edited_without_script(stage: Stage, browser: Any) -> None:
    dossier = stage.open()
    assert "Số tờ trình" in browser.get(url("dossier_edit", dossier.pk)).content.decode()
    values = {"letter_number": "12/TTr", "letter_on": "10/12/2024", "signer_name": "Lê Quốc Điền"}
    page = browser.post(url("dossier_edit", dossier.pk), values).content.decode()
    assert "Chỉ ghi số, không ghi ký hiệu" in page
    saved = browser.post(url("dossier_edit", dossier.pk), {**values, "letter_number": "12"})
    assert saved.url == url("dossier_detail", dossier.pk)
    dossier.refresh_from_db()
    assert (dossier.letter_number, dossier.letter_on) == ("12", LETTER_ON)


def test_a_letter_sent_meanwhile_keeps_what_was_typed(
    stage: Stage, browser: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    dossier = stage.open()
    real = services.edit_dossier

    def late(*args: Any, **values: Any) -> Any:
        Dossier.objects.update(state="sent", sent_at=NOW, sent_by=stage.head, letter_on=LETTER_ON)
        return real(*args, **values)

    monkeypatch.setattr(services, "edit_dossier", late)
    page = browser.post(url("dossier_edit", dossier.pk), {"letter_number": "77"}).content.decode()
    assert "đã trình nên không sửa được nữa" in page
    assert 'value="77"' in page


# --- papers --------------------------------------------------------------------------------------
def test_a_paper_is_put_in_fetched_and_taken_out(stage: Stage, browser: Any) -> None:
    dossier = stage.open()
    add = url("part_add", dossier.pk, stage.papers[Part.LAUNCH_PLAN].pk)
    assert "chọn tệp cần tải lên" in told(browser.post(add))
    content = pdf_file("x").getvalue()
    assert "Đã tải lên" in told(browser.post(add, {"file": file(content=content)}))
    part = DossierPart.objects.get()
    assert "Kế hoạch phát động.pdf" in browser.get(url("dossier_detail", dossier.pk)).text

    fetched = browser.get(url("part_file", part.pk))
    assert fetched.content == content
    assert fetched["Content-Disposition"] == (
        f"attachment; filename*=UTF-8''{quote('Kế hoạch phát động.pdf')}"
    )
    assert fetched["X-Content-Type-Options"] == "nosniff"
    assert AuditEntry.objects.get(action="dossierpart.downloaded").actor == stage.head

    assert "Đã gỡ" in told(browser.post(url("part_remove", part.pk)))
    assert browser.get(url("part_file", part.pk)).status_code == 404
    wrong = browser.post(add, {"file": file(content=b"MZ not a paper")})
    assert "không thuộc loại được nhận" in told(wrong)


def test_a_signed_report_of_one_nominee(stage: Stage, browser: Any) -> None:
    person = stage.person("Nguyễn Văn Ưởng")
    dossier = stage.open()
    add = url("part_add", dossier.pk, stage.papers[Part.ACHIEVEMENT_REPORT].pk)
    browser.post(add, {"file": file(), "nomination": person.pk})
    assert DossierPart.objects.get().nomination == person
    page = browser.get(url("dossier_detail", dossier.pk)).content.decode()
    assert "của Nguyễn Văn Ưởng" in page
    other = browser.post(add, {"file": file(), "nomination": 0})
    assert DossierPart.objects.count() == 1
    assert told(other)


def test_a_paper_taken_out_by_two_at_once(
    stage: Stage, browser: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    dossier = stage.open()
    browser.post(url("part_add", dossier.pk, stage.papers[Part.LETTER].pk), {"file": file()})
    part = DossierPart.objects.get()
    real = services.remove_part

    def late(part: DossierPart, **values: Any) -> Any:
        real(DossierPart.objects.get(), **values)
        return real(part, **values)

    monkeypatch.setattr(services, "remove_part", late)
    assert "đã được gỡ trước đó" in told(browser.post(url("part_remove", part.pk)))


# --- versions ------------------------------------------------------------------------------------
def test_a_version_is_asked_for_watched_and_fetched(stage: Stage, browser: Any) -> None:
    dossier = stage.open()
    for _click in range(2):
        assert browser.post(url("build_request", dossier.pk)).status_code == 302
    build = Build.objects.get()
    page = browser.get(url("dossier_detail", dossier.pk)).content.decode()
    assert "Đang chờ tiến trình nền" in page
    assert 'hx-trigger="every 2s"' in page
    assert "Lập hồ sơ</button>" not in page

    assert browser.get(url("build_progress", build.pk)).url == url("dossier_detail", dossier.pk)
    Build.objects.update(step="Lập báo cáo thành tích 2 trên 5", progress_done=4, progress_total=9)
    moving = browser.get(url("build_progress", build.pk), headers={"HX-Request": "true"})
    assert "Lập báo cáo thành tích 2 trên 5. Cả hồ sơ: <strong>4 trên 9" in moving.text
    assert "HX-Refresh" not in moving.headers

    Build.objects.update(state="failed", error="Tệp hỏng, tải lên lại.", finished_at=NOW)
    ended = browser.get(url("build_progress", build.pk), headers={"HX-Request": "true"})
    assert ended["HX-Refresh"] == "true"
    assert "every 2s" not in ended.text
    assert browser.get(url("build_file", build.pk)).status_code == 404
    assert "Tệp hỏng, tải lên lại." in browser.get(url("dossier_detail", dossier.pk)).text
    browser.post(url("build_retry", build.pk))
    build.refresh_from_db()
    assert build.state == "queued"
    assert "nên không lập lại" in told(browser.post(url("build_retry", build.pk)))


def test_a_version_is_handed_out_and_put_on_record(
    stage: Stage, browser: Any, client_of: Any
) -> None:
    dossier = stage.open()
    build = done(stage, dossier)
    fetched = browser.get(url("build_file", build.pk))
    assert fetched["Content-Type"] == "application/pdf"
    assert fetched["X-Content-Type-Options"] == "nosniff"
    name = f"hs-2024-{dossier.pk:03}-chi-cuc-thuy-loi-v1.pdf"
    assert fetched["Content-Disposition"] == f"attachment; filename*=UTF-8''{name}"
    done(stage, dossier)
    page = browser.get(url("dossier_detail", dossier.pk)).content.decode()
    assert "Bản cũ" in page
    assert page.count("Lê Quốc Điền") >= 2


def test_a_file_that_is_gone_from_the_store_is_told_with_the_way_out(
    stage: Stage, browser: Any
) -> None:
    dossier = ready(stage)
    part, build = DossierPart.objects.get(), Build.objects.get()
    for name, row, blob in (("part_file", part, part.blob), ("build_file", build, build.pdf)):
        storage.path_of(blob.sha256).unlink()
        answer = browser.get(url(name, row.pk))
        assert answer.url == url("dossier_detail", dossier.pk)
        assert "khôi phục từ bản sao lưu" in told(answer)
    assert not AuditEntry.objects.filter(action__endswith=".downloaded").exists()


# --- what is to do -------------------------------------------------------------------------------
def steps(user: User) -> list[tuple[str, str]]:
    return [(todo.kind.value, todo.label) for todo in queries.todo(user, NOW)]


def test_todo_leads_the_head_from_the_vote_to_the_sending(stage: Stage) -> None:
    stage.results()
    passed = stage.person("Nguyễn Văn Ưởng")
    assert queries.todo(stage.head, NOW) == []  # the council's turn
    stage.meet(passed)
    (opening,) = queries.todo(stage.head, NOW)
    assert (opening.kind, opening.title) == ("owed", "Lập hồ sơ Giấy khen, Tổng kết năm 2024")
    assert opening.url == reverse("awards:round_detail", args=["dot-1"])
    assert opening.why == "1 đề nghị hội đồng đã thông qua, chưa có hồ sơ."
    assert (opening.due_on, opening.subject) == (stage.award_round.closes_on, "Chi cục Thủy lợi")
    for other in (stage.verifier, stage.secretary, user_with("clerk", stage.branch)):
        assert queries.todo(other, NOW) == []

    dossier = ready(stage, passed)
    Build.objects.all().delete()
    (binding,) = queries.todo(stage.head, NOW)
    assert (binding.kind, binding.label) == ("owed", "Lập bản hồ sơ")
    assert binding.why.startswith("Chưa lập bản đóng tập nào")
    assert binding.url == url("dossier_detail", dossier.pk)

    build = services.request_build(dossier, actor=stage.head, now=NOW)
    assert steps(stage.head) == [("waiting", "Xem tiến độ")]
    colleague = user_with("head_of_unit", stage.branch)
    assert steps(colleague) == [("owed", "Xem tiến độ")]
    Build.objects.update(state="failed", error="Tệp hỏng.", finished_at=NOW)
    assert steps(stage.head) == [("returned", "Lập lại")]
    assert steps(colleague) == [("owed", "Lập lại")]
    Build.objects.filter(pk=build.pk).delete()

    done(stage, dossier)  # from papers that have changed since
    assert "đã cũ" in queries.todo(stage.head, NOW)[0].why
    assert steps(stage.head) == [("owed", "Lập bản hồ sơ")]
    fresh(dossier)
    assert steps(stage.head) == [("owed", "Trình hồ sơ")]
    services.send_dossier(dossier, actor=stage.head, now=NOW)
    assert queries.todo(stage.head, NOW) == []


def test_todo_of_a_draft_says_what_is_missing_or_waited_for(stage: Stage) -> None:
    dossier = ready(stage)
    DossierPart.objects.update(removed_at=NOW)
    (owed,) = queries.todo(stage.head, NOW)
    assert (owed.label, owed.why) == ("Bổ sung", "Hồ sơ còn thiếu: Kế hoạch phát động của đơn vị.")
    DossierPart.objects.update(removed_at=None)
    Dossier.objects.update(letter_number="")
    assert queries.todo(stage.head, NOW)[0].why == "Hồ sơ còn thiếu: số tờ trình."
    Dossier.objects.update(letter_number="12")
    stage.person("Trần Thị Bưởi")
    (owed,) = queries.todo(stage.head, NOW)
    assert owed.label == "Xem hồ sơ"
    assert "1 đề nghị chưa được hội đồng thông qua: Trần Thị Bưởi" in owed.why
    assert dossier.state == "draft"


def test_todo_does_not_ask_to_send_what_would_be_refused(stage: Stage) -> None:
    dossier = ready(stage)
    fresh(dossier)
    assert steps(stage.head) == [("owed", "Trình hồ sơ")]
    CompositionRule.objects.create(
        campaign=stage.campaign, ref="lanh-dao", counts="direct", operator="<=",
        percent=30, base="individuals", rounding="down",
    )  # fmt: skip
    (owed,) = queries.todo(stage.head, NOW)
    assert owed.label == "Xem hồ sơ"
    assert owed.why.startswith("Cơ cấu danh sách của đợt xét chưa đạt.")


def test_todo_says_that_an_ended_round_must_be_opened_again(stage: Stage) -> None:
    stage.meet(stage.person("Nguyễn Văn Ưởng"))
    AwardRound.objects.update(state="closed", closes_on=None)
    (opening,) = queries.todo(stage.head, NOW)
    assert opening.why.endswith("đề nghị cơ quan thường trực mở lại.")
    assert opening.due_text == "chưa định ngày cuối"


def test_todo_of_those_who_receive_a_dossier(stage: Stage) -> None:
    decider = user_with("decider", stage.department)
    home_affairs = user_with("home_affairs", stage.department)
    receivers = [decider, stage.secretary, home_affairs, stage.verifier]
    dossier = ready(stage)
    fresh(dossier)
    assert [queries.todo(user, NOW) for user in receivers] == [[], [], [], []]
    services.send_dossier(dossier, actor=stage.head, now=NOW)
    for user in receivers:
        (todo,) = queries.todo(user, NOW)
        assert (todo.kind, todo.url) == ("waiting", url("dossier_detail", dossier.pk))
        assert todo.title == "Hồ sơ đã trình ngày 16/12/2024: Giấy khen, Tổng kết năm 2024"
        assert (todo.why, todo.subject) == (
            "1 đề nghị chờ quyết định khen thưởng.", "Chi cục Thủy lợi",
        )  # fmt: skip
    others = [
        stage.head, user_with("clerk", stage.department), user_with("decider", UnitFactory()),
        user_with("home_affairs", UnitFactory()),
    ]  # fmt: skip
    assert [queries.todo(user, NOW) for user in others] == [[], [], [], []]

    record_decision(
        stage.award_round, unit=stage.department, number="99", symbol="QĐ-SNN", issued_on=LETTER_ON,
        signer_title="Giám đốc", signer_name="Đỗ Vũ Hùng", subject_line="Về việc khen thưởng",
        granted=list(Nomination.objects.all()), actor=decider, now=NOW,
    )  # fmt: skip
    for user in receivers:
        (todo,) = queries.todo(user, NOW + timedelta(days=30))
        assert (todo.kind, todo.url) == ("done", url("dossier_detail", dossier.pk))
        assert todo.why == "Trình ngày 16/12/2024, ghi quyết định ngày 16/12/2024."
        assert queries.todo(user, NOW + timedelta(days=31)) == []
    assert [queries.todo(user, NOW) for user in others] == [[], [], [], []]


def test_who_receives_nothing_is_not_asked_about_dossiers(stage: Stage) -> None:
    dossier = ready(stage)
    fresh(dossier)
    services.send_dossier(dossier, actor=stage.head, now=NOW)
    recorder = user_with("council_member", stage.department)  # a role without a grant
    seat = CouncilSeat.objects.get(role=CouncilSeat.Role.SECRETARY)
    seat.person.user = recorder
    seat.person.save()
    for user in [recorder, *(user_with(role, stage.department) for role in ROLES)]:
        received = policies.received_dossiers(user).exists()
        assert not (received and policies.receives_nothing(user))
        assert [todo.url for todo in queries.todo(user, NOW)] == (
            [url("dossier_detail", dossier.pk)] if received else []
        )
    assert not policies.receives_nothing(recorder)
    clerk, reader = user_with("clerk", stage.branch), user_with("home_affairs", UnitFactory())
    assert policies.receives_nothing(clerk)
    assert not policies.receives_nothing(reader)
    for user, times in ((clerk, 0), (reader, 2)):
        with CaptureQueriesContext(connection) as asked:
            queries.todo(user, NOW)
        assert sum('FROM "dossiers_dossier"' in one["sql"] for one in asked) == times


def test_todo_costs_the_same_for_one_dossier_and_three(stage: Stage) -> None:
    sent = ready(stage)
    fresh(sent)
    services.send_dossier(sent, actor=stage.head, now=NOW)
    stage.meet(stage.person("Trần Thị Bưởi"))
    ready_again = stage.open()
    done(stage, ready_again)
    secretary, head = stage.secretary, stage.head
    before = cost(head), cost(secretary)
    assert [len(found) for _count, found in before] == [1, 1]
    for number in range(2):
        form = AwardForm.objects.create(ref=f"f{number}", name="F", short_name="F", rank=number)
        common: dict[str, Any] = {
            "award_round": stage.award_round, "proposing_unit": stage.branch, "award_form": form,
            "created_at": NOW, "created_by": head, "letter_number": "1", "letter_on": LETTER_ON,
        }  # fmt: skip
        done(stage, Dossier.objects.create(**common))
        copy = Dossier.objects.create(**common, state="sent", sent_at=NOW, sent_by=head)
        copy.nominations.set(sent.nominations.all())
    after = cost(head), cost(secretary)
    assert [len(found) for _count, found in after] == [3, 3]
    assert [count for count, _found in after] == [count for count, _found in before]


def cost(user: User) -> tuple[int, list[Todo]]:
    with CaptureQueriesContext(connection) as asked:
        found = queries.todo(user, NOW)
    return len(asked), found
