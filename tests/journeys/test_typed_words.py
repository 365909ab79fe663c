"""Words typed and not yet left: the way on takes them along, or the browser asks first."""

import pytest
from playwright.sync_api import Page, expect

from campaigns.models import Campaign, Section
from reports.models import Chapter
from tests.config.planfiles import edited, load, world
from tests.factories import UnitFactory, user_with
from tests.journeys.conftest import Visit
from tests.journeys.visitor import Visitor
from tests.live import until
from tests.reports.plan import Plan, made
from units.models import Unit

__all__ = ["world"]

pytestmark = pytest.mark.browser
REF = "a.2024.so"
CONTENTS = f"/phong-trao/{REF}/soan/noi-dung/"


@pytest.fixture
def draft(transactional_db: None, world: Unit) -> Campaign:
    one = "state: draft\nsections: [{kind: purpose, heading: I, text: Văn}]"
    load(edited(("state: draft", one)))
    return Campaign.objects.get(ref=REF)


@pytest.fixture
def planner(visit: Visit, draft: Campaign) -> Visitor:
    return visit(user_with("standing_agency", Unit.objects.get(ref="a.b")))


def type_on(page: Page, words: str, field: str = "#sections-0-text") -> None:
    page.locator(field).click()
    page.keyboard.press("Control+End")
    page.keyboard.type(words)


def stands() -> str:
    return Section.objects.get(campaign__ref=REF).text


def asks_before(guest: Visitor, path: str) -> bool:
    """Whether the browser asks before it leaves for `path`; the answer is to stay."""
    asked = []

    def stay(dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    guest.page.once("dialog", stay)
    guest.page.evaluate("path => { setTimeout(() => { location.href = path; }); }", path)
    guest.page.wait_for_timeout(700)
    guest.page.remove_listener("dialog", stay) if not asked else None
    return asked == ["beforeunload"]


# --- the draft of a plan -------------------------------------------------------------------------
def test_the_tab_of_another_part_takes_along_what_was_typed(planner: Visitor) -> None:
    planner.go(CONTENTS)
    type_on(planner.page, " của tỉnh.")
    planner.follow(planner.page.get_by_role("button", name="Căn cứ", exact=True))
    assert planner.page.url.endswith("/soan/can-cu/")
    assert stands() == "Văn của tỉnh."
    expect(planner.page.get_by_text("Đã lưu phần")).to_be_visible()
    planner.follow(planner.page.get_by_role("button", name="Nội dung", exact=True))
    expect(planner.page.get_by_text("Đã lưu phần")).to_have_count(0)  # only looked at


def test_words_are_saved_soon_after_typing_stops(planner: Visitor) -> None:
    planner.go(CONTENTS)
    type_on(planner.page, " của tỉnh.")
    assert asks_before(planner, "/")  # at once: the browser asks
    until(lambda: stands() == "Văn của tỉnh.", "lời vừa gõ được lưu")
    expect(planner.page.locator("#sections-0-text")).to_be_focused()
    expect(planner.page.locator("#saved")).to_contain_text("Đã lưu lúc")
    type_on(planner.page, " Hết.")
    planner.page.get_by_role("button", name="Căn cứ", exact=True).click()
    planner.page.wait_for_url("**/soan/can-cu/")
    assert stands() == "Văn của tỉnh. Hết."


def test_a_part_that_could_not_be_saved_is_not_left_without_a_word(planner: Visitor) -> None:
    planner.go(f"/phong-trao/{REF}/soan/chung/")
    planner.page.locator("#title").fill("")
    planner.page.get_by_role("button", name="Nội dung", exact=True).click()
    way_out = planner.page.get_by_role("link", name="Sang “Nội dung”, bỏ nội dung chưa lưu ở đây")
    expect(way_out).to_be_visible()
    planner.forgive("422")
    assert asks_before(planner, "/")
    planner.page.once("dialog", lambda dialog: dialog.accept())
    way_out.click()
    planner.page.wait_for_url("**/soan/noi-dung/")


# --- the words of a report -----------------------------------------------------------------------
@pytest.fixture
def chapter(visit: Visit, transactional_db: None) -> tuple[Visitor, str]:
    """A window of who writes the report, and the address of one chapter."""
    province = UnitFactory(ref="tinh", name="Ủy ban nhân dân tỉnh Mẫu", place="Tỉnh Mẫu")
    plan = Plan(province)
    plan.member("Chi cục Thủy lợi", province, numerator="793", denominator="1000")
    report = made(plan.report())
    return visit(user_with("home_affairs", province)), f"/bao-cao/{report.pk}/loi-van/mo-hinh/"


def test_answers_and_history_leave_no_typed_words_behind(chapter: tuple[Visitor, str]) -> None:
    guest, path = chapter
    guest.go(path)
    type_on(guest.page, "Vừa gõ.", "#text")
    guest.follow(guest.page.get_by_role("button", name="Đưa 1 ý kiến vào cuối chương"))
    assert Chapter.objects.get().text.startswith("Vừa gõ.\n- ")
    type_on(guest.page, " Thêm nữa.", "#text")
    guest.follow(guest.page.get_by_role("button", name="Lịch sử"))
    assert guest.page.url.endswith("/lich-su/")
    assert Chapter.objects.get().text.endswith(" Thêm nữa.")
