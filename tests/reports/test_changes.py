"""A version sent by letter, and what the next one tells of it: facts, workbook, page."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from campaigns import services as results
from campaigns.models import Participation, ResultSheet
from reports import services
from reports.models import Report, Sending
from tests.factories import NOW, UserFactory, user_with
from tests.reports.plan import Plan, made, rows_of, text_of
from units.models import AuditEntry, Unit
from units.rules import DomainError

pytestmark = pytest.mark.django_db(transaction=True)


# --- the letter ----------------------------------------------------------------------------------
TODAY = timezone.localdate


def send(report: Report, **more: Any) -> Sending:
    said = {"sent_to": "Sở Nội vụ", "letter_number": "215/BC-SNN", "letter_on": TODAY()}
    return services.record_sending(report, **(said | more), actor=UserFactory(), now=timezone.now())


def corrected(plan: Plan, unit: str, numerator: str) -> None:
    """The standing agency re-opens a sheet, the unit mends it, somebody verifies it again."""
    sheet = ResultSheet.objects.get(participation__unit__name=unit)
    actor = UserFactory(full_name="Phạm Mở Lại")
    sheet = results.return_sheet(sheet, reason="Sai tử số.", actor=actor, now=NOW)
    clerk = UserFactory()
    typed = {"numerator": numerator, "denominator": "1000"}
    results.record_result(sheet, plan.ratio, typed, 1, actor=clerk, now=NOW)
    sheet = results.submit_sheet(sheet, actor=clerk, now=NOW)
    results.verify_sheet(sheet, actor=UserFactory(full_name="Trần Duyệt"), now=NOW)


def test_a_letter_is_on_record_and_the_next_version_tells_what_changed(plan: Plan) -> None:
    first = made(plan.report())
    assert first.snapshot["changes"] is None
    send(first)
    assert AuditEntry.objects.filter(action="report.sent", subject_id=first.pk).exists()
    corrected(plan, "Chi cục Thủy lợi", "801")
    second = made(plan.report(version=2))
    changes = second.snapshot["changes"]
    assert changes["since"] == {
        "version": 1,
        "sent_to": "Sở Nội vụ",
        "number": "215/BC-SNN",
        "letter_on": TODAY().isoformat(),
    }
    (figure,) = changes["figures"]
    assert (figure["unit"], figure["reopened_by"], figure["verified_by"]) == (
        "Chi cục Thủy lợi",
        "Phạm Mở Lại",
        "Trần Duyệt",
    )
    lines = {row[0]: row for row in rows_of(second, "Thay đổi")}
    assert lines["Số liệu đơn vị"][4:6] == ("79,3% (793/1.000)", "80,1% (801/1.000)")
    assert lines["Kết quả chung"][1] == "Chi cục"


def test_an_answer_that_was_rewritten_stands_in_paper_workbook_and_page(
    plan: Plan, province: Unit, client: Any
) -> None:
    first = made(plan.report())
    send(first)
    sheet = ResultSheet.objects.get(participation__unit__name="Chi cục Kiểm lâm")
    actor = UserFactory(full_name="Phạm Mở Lại")
    sheet = results.return_sheet(sheet, reason="Thiếu số mô hình.", actor=actor, now=NOW)
    text = {"text": "Chi cục Kiểm lâm đã lập 12 bản đồ rừng."}
    results.record_result(sheet, plan.question, text, 1, actor=actor, now=NOW)
    sheet = results.submit_sheet(sheet, actor=UserFactory(), now=NOW)
    results.verify_sheet(sheet, actor=UserFactory(), now=NOW)
    second = made(plan.report(version=2))
    old, new = "Chi cục Kiểm lâm đã số hóa kho lưu trữ.", text["text"]
    lines = {row[0]: row for row in rows_of(second, "Thay đổi")}
    assert lines["Câu trả lời đơn vị"][2:6] == ("CT02", "Cách làm hay", old, new)
    assert lines["Câu trả lời đơn vị"][7] == "Thiếu số mô hình."
    paper = text_of(second)
    assert "Câu trả lời bằng lời của đơn vị (1)" in paper
    client.force_login(user_with("home_affairs", province))
    page = client.get(f"/bao-cao/{second.pk}/thay-doi/").content.decode()
    assert "1 câu trả lời bằng lời của đơn vị" in page
    assert old in page
    assert new in page


def test_every_kind_of_change_has_its_line_in_the_workbook(plan: Plan, province: Unit) -> None:
    first = made(plan.report())
    row = {"name": "Lê Thị An", "unit": "A", "kind": "", "form": "Giấy khen", "decision": "15/QĐ"}
    first.snapshot["granted"] = [row | {"decided_on": None, "achievement": ""}]
    first.save(update_fields=["snapshot"])
    send(first)
    results.return_sheet(
        ResultSheet.objects.get(participation__unit__name="Chi cục Kiểm lâm"),
        reason="Thiếu minh chứng.", actor=UserFactory(full_name="Phạm Mở Lại"), now=NOW,
    )  # fmt: skip
    Participation.objects.get(unit__name="Chi cục Trống").delete()
    plan.member("Chi cục Mới", province, numerator="1", denominator="2")
    second = made(plan.report(version=2))
    kinds = {row[0]: row for row in rows_of(second, "Thay đổi")}
    assert kinds["Đơn vị mới có số liệu"][1] == "Chi cục Mới"
    assert kinds["Đơn vị mới tham gia"][1] == "Chi cục Mới"
    assert kinds["Đơn vị thôi tham gia"][1] == "Chi cục Trống"
    assert kinds["Không còn được khen"][1] == "Lê Thị An"
    withdrawn = kinds["Đơn vị không còn số liệu"]
    assert withdrawn[1] == "Chi cục Kiểm lâm"
    assert withdrawn[6].startswith("Phạm Mở Lại")
    assert withdrawn[7] == "Thiếu minh chứng."


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"letter_on": date(2999, 1, 1)}, "chưa đến"),
        ({"letter_on": date(2024, 1, 1)}, "trước ngày chốt số liệu"),
    ],
)
def test_a_day_that_cannot_be_is_refused(plan: Plan, more: dict[str, Any], words: str) -> None:
    report = made(plan.report())
    with pytest.raises(DomainError, match=words):
        send(report, **more)
    assert not Sending.objects.exists()


def test_a_version_under_way_and_a_letter_told_twice_are_refused(plan: Plan) -> None:
    with pytest.raises(DomainError, match="chưa lập xong"):
        send(plan.report())
    report = made(Report.objects.get())
    send(report)
    with pytest.raises(DomainError, match="đã được ghi"):
        send(report)


# --- the pages -----------------------------------------------------------------------------------
@pytest.fixture
def officer(province: Unit) -> Any:
    return user_with("home_affairs", province)


def test_the_page_holds_a_version_against_the_one_sent_last(
    plan: Plan, officer: Any, client: Any
) -> None:
    first, second = made(plan.report()), None
    send(first)
    made(plan.report(version=2))
    corrected(plan, "Chi cục Thủy lợi", "801")
    second = made(plan.report(version=3))
    client.force_login(officer)
    page = client.get(f"/bao-cao/{second.pk}/thay-doi/").content.decode()
    assert "Thay đổi từ phiên bản 1 đến phiên bản 3" in page
    for words in ("79,3% (793/1.000)", "80,1% (801/1.000)", "Phạm Mở Lại", "215/BC-SNN"):
        assert words in page
    page = client.get(f"/bao-cao/{second.pk}/thay-doi/?tu=2").content.decode()
    assert "Thay đổi từ phiên bản 2 đến phiên bản 3" in page
    assert "chưa ghi là đã gửi" in page
    page = client.get(f"/bao-cao/{first.pk}/thay-doi/?tu=x").content.decode()
    assert "Phiên bản 1 là bản đầu" in page


@pytest.mark.parametrize("versions", [1, 3])
def test_the_page_costs_the_same_for_one_older_version_and_three(
    plan: Plan, officer: Any, client: Any, versions: int, django_assert_num_queries: Any
) -> None:
    done = made(plan.report())
    for number in range(2, versions + 2):
        Report.objects.create(
            campaign=done.campaign, period=done.period, scope=done.scope, version=number,
            requested_at=NOW, finished_at=NOW, state="done", pdf=done.pdf, xlsx=done.xlsx,
            pages=1, rows=1, snapshot=done.snapshot, frozen_at=NOW - timedelta(days=1),
        )  # fmt: skip
    last = Report.objects.order_by("-version")[0]
    client.force_login(officer)
    with django_assert_num_queries(PAGE_QUERIES):
        page = client.get(f"/bao-cao/{last.pk}/thay-doi/").content.decode()
    assert page.count("<option") == versions
    assert "Hai phiên bản có cùng số liệu." in page


PAGE_QUERIES = 8  # session, user, what he may see and do, the two versions and their letters


def test_who_may_compile_writes_down_the_letter(plan: Plan, officer: Any, client: Any) -> None:
    report = made(plan.report())
    client.force_login(officer)
    address = f"/bao-cao/{report.pk}/da-gui/"
    assert "Ghi phiên bản 1 đã gửi" in client.get(address).content.decode()
    sent = {
        "sent_to": "Sở Nội vụ;\n\nVăn phòng",
        "letter_number": "215/BC-SNN",
        "letter_on": "2999-01-01",
    }
    refused = client.post(address, sent)
    assert refused.status_code == 422
    assert "chưa đến" in refused.content.decode()
    assert "215/BC-SNN" in refused.content.decode()
    answer = client.post(address, sent | {"letter_on": TODAY().isoformat()})
    assert answer.status_code == 302
    page = client.get(f"/bao-cao/{report.pk}/").content.decode()
    assert "văn bản 215/BC-SNN" in page
    assert "gửi Sở Nội vụ; Văn phòng</span>" in page
