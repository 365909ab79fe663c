"""The pages of sheets: listed, opened, signed, verified, returned, and after their day."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from campaigns import services
from campaigns.models import Campaign, Result, ResultSheet
from criteria.models import Indicator
from tests.campaigns.pages import HTMX, ClientOf, cell, text, url, world
from tests.campaigns.world import World
from tests.factories import NOW, IndicatorFactory, UnitFactory, UserFactory, user_with
from units.models import UnitUserPermission

__all__ = ["world"]


# --- the list of sheets ---------------------------------------------------------------------------
def test_sheets_to_fill_to_verify_and_to_follow(world: World, client_of: ClientOf) -> None:
    clerk, verifier = client_of(world.clerk), client_of(world.verifier)
    where = url("result_sheet_list")
    page = text(clerk.get(where))
    assert "Trước ngày 30/11/2024" in page
    assert "Mở phiếu" in page
    world.accepted(world.member(), {world.indicator(): {"numerator": "1", "denominator": "1"}})
    sheet = world.sheet()
    assert "Nhập tiếp" in text(clerk.get(where))
    world.fill(sheet, Indicator.objects.get(), numerator="1", denominator="1")
    services.submit_sheet(sheet, actor=world.head, now=NOW)
    assert "Xem" in text(clerk.get(where))
    page = text(verifier.get(where))
    assert "Chờ thẩm định" in page
    assert "Phạm Thị Thử" in page
    assert "Đang theo dõi" in page
    nobody = client_of(user_with("clerk", UnitFactory()))
    assert "Không có phiếu nào cần xử lý" in text(nobody.get(where))


def test_opening_a_sheet(world: World, client_of: ClientOf) -> None:
    client = client_of(world.clerk)
    where = url("result_sheet_open", world.campaign.ref)
    asked = {"unit": world.branch.pk, "period": world.period.pk}
    page = client.post(where, asked)
    assert page.url == url("result_sheet_detail", ResultSheet.objects.get().pk)
    assert client.post(where, {"unit": "x", "period": "1"}).status_code == 404
    ResultSheet.objects.all().delete()
    world.period.closed_at = NOW
    world.period.save()
    assert "đã khóa" in text(client.post(where, asked, follow=True))


# --- signed, verified, returned -------------------------------------------------------------------
def test_signing_saves_what_the_form_brings_first(world: World, client_of: ClientOf) -> None:
    indicator, sheet = world.indicator(code="CT01"), world.sheet()
    client = client_of(world.head)
    where = url("result_sheet_submit", sheet.pk)
    page = client.post(where, cell(indicator), follow=True)
    assert "Còn 1 việc trước khi gửi: nhập CT01." in text(page)
    world.fill(sheet, indicator, numerator="1", denominator="1")
    stale = client.post(where, cell(indicator, 0, numerator="0", denominator="1"))
    assert stale.status_code == 409
    page = client.post(where, cell(indicator, 1, numerator="0", denominator="1"), follow=True)
    assert "Đã ký và gửi phiếu" in text(page)
    assert Result.objects.get().numerator == 0


def test_a_signer_who_does_not_enter_only_signs(world: World, client_of: ClientOf) -> None:
    sheet = world.sheet()
    world.fill(sheet, world.indicator(), numerator="1", denominator="1")
    UnitUserPermission.objects.filter(
        user=world.head, permission__codename="enter_results"
    ).delete()
    client = client_of(world.head)
    page = client.get(url("result_sheet_detail", sheet.pk))
    assert "Ký và gửi" in text(page)
    assert "data-sheet" not in page.content.decode()
    client.post(url("result_sheet_submit", sheet.pk))
    assert ResultSheet.objects.get().state == "submitted"


def test_verify_and_return(world: World, client_of: ClientOf) -> None:
    text_asked = world.indicator(target=None, kind="narrative", code="CT02")
    nil = world.indicator(code="CT03")
    count = world.indicator(code="CT04", kind="count")
    indicator, sheet = world.indicator(code="CT01", evidence_required=False), world.sheet()
    world.fill(sheet, text_asked, text="Đã phát động", reason="ghi thêm")
    world.fill(sheet, nil, choice="nothing", reason="Không có hồ sơ")
    world.fill(sheet, count, value="3")
    world.fill(sheet, indicator, numerator="1", denominator="3")
    services.submit_sheet(sheet, actor=world.head, now=NOW)
    client = client_of(world.verifier)
    where = url("result_sheet_detail", sheet.pk)
    page = text(client.get(where))
    for words in ("Thẩm định", "Trả lại để sửa", "33,3%", "Đã làm: 1", "Tổng số: 3"):
        assert words in page, words
    for words in ("Đã phát động", "Không có hồ sơ"):
        assert words in page, words
    back = url("result_sheet_return", sheet.pk)
    assert "Ghi lý do trả lại" in text(client.post(back, {"reason": ""}, follow=True))
    client.post(back, {"reason": "CT01 lệch"})
    assert "CT01 lệch" in text(client_of(world.clerk).get(where))
    services.submit_sheet(sheet, actor=world.head, now=NOW)
    verify = url("result_sheet_verify", sheet.pk)
    assert "Đã thẩm định" in text(client.post(verify, follow=True))
    page = text(client.get(where))
    assert "Trả lại để sửa" in page
    assert "Trần Thị Mẫu thẩm định lúc" in page
    assert "Không thể chuyển" in text(client.post(verify, follow=True))
    assert client_of(world.clerk).post(verify).status_code == 404


def test_a_draft_after_the_close_says_what_that_means(world: World, client_of: ClientOf) -> None:
    world.indicator()
    sheet = world.sheet()
    world.period.closed_at = NOW
    world.period.save()
    page = text(client_of(world.clerk).get(url("result_sheet_detail", sheet.pk)))
    assert "Kỳ báo cáo đã khóa, phiếu chưa gửi" in page
    assert "Lưu cả phiếu" not in page


def test_after_the_closing_day_a_page_offers_no_entry(world: World, client_of: ClientOf) -> None:
    indicator, sheet = world.indicator(code="CT01"), world.sheet()
    world.period.closes_on = timezone.localdate() - timedelta(days=1)
    world.period.save()
    client = client_of(world.head)
    page = text(client.get(url("result_sheet_detail", sheet.pk)))
    assert "Kỳ báo cáo đã khóa, phiếu chưa gửi" in page
    assert "Kỳ khóa sau ngày" in page
    assert "Ký và gửi" not in page
    assert "Lưu cả phiếu" not in page
    assert "Nhập tiếp" not in text(client.get(url("result_sheet_list")))
    typed = cell(indicator, numerator="1", denominator="2")
    refused = client.post(url("result_save", sheet.pk, indicator.pk), typed, headers=HTMX)
    assert refused.status_code == 422
    assert "chỉ nhận số liệu đến hết ngày" in text(refused)


@pytest.mark.parametrize("lock", ["closed", "sent"])
def test_a_whole_form_that_comes_too_late_shows_what_the_sheet_is_now(
    world: World, client_of: ClientOf, lock: str
) -> None:
    """The page says one thing: no fields, and what was typed stands there to be copied."""
    indicator, sheet = world.indicator(code="CT01"), world.sheet()
    world.fill(sheet, indicator, numerator="1", denominator="2")
    if lock == "closed":
        world.period.closed_at = NOW
        world.period.save()
    else:
        services.submit_sheet(sheet, actor=world.head, now=NOW)
    typed = cell(indicator, numerator="17", denominator="20")
    late = client_of(world.clerk).post(url("result_sheet_save", sheet.pk), typed)
    page = text(late)
    assert late.status_code == 422
    assert "CT01" in page
    assert "tử số: 17; mẫu số: 20" in page
    assert page.count("Chưa lưu số vừa nhập.") == 1
    for offer in (
        "Lưu cả phiếu", "Đã đủ.", "Phiếu chờ thủ trưởng", "Nhập bằng Excel", "Số liệu tự lưu",
        f'name="r{indicator.pk}-numerator"',
    ):  # fmt: skip
        assert offer not in page
    assert "Bảng Excel" in page
    assert not Result.objects.filter(numerator=17).exists()


def test_a_sheet_of_a_plan_that_is_over_offers_no_entry(world: World, client_of: ClientOf) -> None:
    world.indicator()
    sheet = world.sheet()
    Campaign.objects.update(state=Campaign.State.CLOSED)
    page = text(client_of(world.head).get(url("result_sheet_detail", sheet.pk)))
    assert "Ký và gửi" not in page
    assert "Lưu cả phiếu" not in page


@pytest.mark.parametrize("name", ["result_sheet_save", "result_sheet_submit"])
def test_a_form_that_could_not_be_saved_keeps_what_was_typed_and_is_not_sent(
    world: World, client_of: ClientOf, name: str
) -> None:
    first, second = world.indicator(code="CT01"), world.indicator(code="CT02")
    gone = IndicatorFactory()  # no longer asked, so the whole form is rolled back
    sheet = world.sheet()
    for indicator in (first, second):
        world.fill(sheet, indicator, numerator="1", denominator="4")
    world.fill(sheet, second, version=1, numerator="2", denominator="4")
    page = client_of(world.head).post(
        url(name, sheet.pk),
        cell(first, 1, numerator="3", denominator="4")
        | cell(second, 1, numerator="1", denominator="4")
        | cell(gone, text="x"),
    )
    body = page.content.decode()
    assert page.status_code == 422
    assert "Phiếu này không hỏi tiêu chí đó" in text(page)
    assert f'name="r{first.pk}-numerator" data-cell="numerator" inputmode="numeric" ' in body
    assert 'value="3"' in body
    assert text(page).count("Chưa lưu ") == 3  # the sentence and two cells
    # drawn with the version it was typed over, so the next save still finds the other's value
    assert f'name="r{second.pk}-version" value="1"' in body
    assert Result.objects.get(indicator=first).numerator == 1
    assert ResultSheet.objects.get().state == "draft"


def test_what_was_typed_on_a_sheet_sent_meanwhile_stays_to_be_read(
    world: World, client_of: ClientOf
) -> None:
    indicator, sheet = world.indicator(code="CT01"), world.sheet()
    world.fill(sheet, indicator, numerator="1", denominator="4")
    services.submit_sheet(sheet, actor=world.head, now=NOW)
    typed = cell(indicator, 1, numerator="3", denominator="4")
    page = client_of(world.clerk).post(url("result_sheet_save", sheet.pk), typed)
    assert page.status_code == 422
    assert "trạng thái “đã gửi”" in text(page)
    assert "tử số: 3; mẫu số: 4" in text(page)


def revision_in(page: Any) -> str:
    found = re.findall(r'name="revision" value="(\d+)"', page.content.decode())
    assert found
    return str(found[0])


def test_a_verifier_with_an_old_page_is_told(world: World, client_of: ClientOf) -> None:
    indicator, sheet = world.indicator(), world.sheet()
    world.fill(sheet, indicator, numerator="1", denominator="4")
    services.submit_sheet(sheet, actor=world.head, now=NOW)
    client, where = client_of(world.verifier), url("result_sheet_detail", sheet.pk)
    old = {"revision": revision_in(client.get(where)), "reason": "x"}
    services.return_sheet(sheet, reason="Lệch", actor=world.verifier, now=NOW)
    world.fill(sheet, indicator, version=1, numerator="4", denominator="4")
    services.submit_sheet(sheet, actor=world.head, now=NOW)
    for name, what in (("verify", "thẩm định"), ("return", "trả lại")):
        page = client.post(url(f"result_sheet_{name}", sheet.pk), old, follow=True)
        assert f"xem lại rồi {what}" in text(page)
        assert ResultSheet.objects.get().state == "submitted"
    seen = {"revision": revision_in(client.get(where))}
    client.post(url("result_sheet_verify", sheet.pk), seen)
    assert ResultSheet.objects.get().state == "verified"


def test_a_head_with_an_old_page_is_told(world: World, client_of: ClientOf) -> None:
    first, second = world.indicator(), world.indicator()
    sheet = world.sheet()
    for indicator in (first, second):
        world.fill(sheet, indicator, numerator="1", denominator="4")
    world.fill(sheet, second, version=1, numerator="4", denominator="4")  # the clerk, meanwhile
    client, where = client_of(world.head), url("result_sheet_submit", sheet.pk)
    mine = cell(first, 1, numerator="2", denominator="4")
    page = client.post(where, mine | cell(second, 1, numerator="1", denominator="4"), follow=True)
    assert "xem lại rồi ký gửi" in text(page)
    assert ResultSheet.objects.get().state == "draft"
    # now with what the page shows; a cell saved by htmx just before the click changes nothing
    mine = cell(first, 2, numerator="3", denominator="4")
    client.post(url("result_save", sheet.pk, first.pk), mine, headers=HTMX)
    client.post(where, mine | cell(second, 2, numerator="4", denominator="4"))
    assert ResultSheet.objects.get().state == "submitted"


def test_a_head_who_only_signs_answers_by_the_revision(world: World, client_of: ClientOf) -> None:
    indicator, sheet = world.indicator(), world.sheet()
    world.fill(sheet, indicator, numerator="1", denominator="4")
    UnitUserPermission.objects.filter(
        user=world.head, permission__codename="enter_results"
    ).delete()
    client, where = client_of(world.head), url("result_sheet_detail", sheet.pk)
    old = {"revision": revision_in(client.get(where))}
    world.fill(sheet, indicator, version=1, numerator="4", denominator="4")
    submit = url("result_sheet_submit", sheet.pk)
    assert "xem lại rồi ký gửi" in text(client.post(submit, old, follow=True))
    assert ResultSheet.objects.get().state == "draft"
    client.post(submit, {"revision": revision_in(client.get(where))})
    assert ResultSheet.objects.get().state == "submitted"


def test_a_sheet_sent_after_its_day_says_how_late(world: World, client_of: Any) -> None:
    sheet, indicator = world.sheet(), world.indicator()
    world.fill(sheet, indicator, numerator="1", denominator="1")
    services.submit_sheet(sheet, actor=world.head, now=NOW)
    page_url = url("result_sheet_detail", sheet.pk)
    assert "gửi muộn" not in text(client_of(world.head).get(page_url))
    late = datetime(2024, 12, 2, 3, tzinfo=UTC)
    ResultSheet.objects.filter(pk=sheet.pk).update(submitted_at=late)
    assert "gửi muộn 3 ngày" in text(client_of(world.head).get(page_url))


def test_who_sees_no_plan_is_told_why_and_is_offered_no_sheets(db: None, client_of: Any) -> None:
    page = text(client_of(UserFactory()).get(url("campaign_list")))
    assert "Chưa có kế hoạch nào để xem" in page
    assert "Bỏ lọc" not in page
    assert "Phiếu kết quả của tôi" not in page


def test_who_enters_is_led_to_the_sheets(world: World, client_of: Any) -> None:
    assert "Phiếu kết quả của tôi" in text(client_of(world.clerk).get(url("campaign_list")))
