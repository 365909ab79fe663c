"""The entry grid at a browser: rows change their shape, two people see each other's figures, and
what somebody is typing stays.
"""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, Locator, Page, expect

from campaigns import services
from campaigns.models import Result
from tests.campaigns.world import World, make_world
from tests.factories import user_with
from tests.live import Portal
from units.models import User

pytestmark = pytest.mark.browser


@pytest.fixture
def world(transactional_db: None) -> World:
    world = make_world()
    world.period.closes_on = timezone.localdate() + timedelta(days=30)
    world.period.save()
    for number in range(1, 4):
        world.indicator(code=f"CT0{number}")
    return world


@pytest.fixture
def page(browser: Browser, world: World, portal: Portal, static_root: Path) -> Iterator[Page]:
    """The sheet, opened by the clerk."""
    portal.env["STATIC_ROOT"] = str(static_root)
    portal.redis()
    portal.web()
    sheet = world.sheet()
    context = browser.new_context(base_url=portal.url, locale="vi-VN")
    page = context.new_page()
    page.set_default_timeout(20_000)
    page.clock.install()
    sign_in(page, portal, world.clerk)
    page.goto(f"/phieu/{sheet.pk}/")
    yield page
    context.close()


def sign_in(page: Page, portal: Portal, user: User) -> None:
    client = Client()
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[-1])
    value = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": portal.url}]
    )


def cell(page: Page, code: str, name: str) -> Locator:
    return page.locator(f'tbody[data-row="{code}"] [name$="-{name}"]')


def row(page: Page, code: str) -> Locator:
    return page.locator(f'tbody[data-row="{code}"]')


def write(world: World, code: str, numerator: int, *, version: int = 0) -> User:
    """Somebody else of the unit writes a cell."""
    other = User.objects.filter(full_name="Nguyễn Văn A").first()
    other = other or user_with("clerk", world.branch, full_name="Nguyễn Văn A")
    services.record_result(
        world.sheet(),
        world.group.indicators.get(code=code),
        {"numerator": str(numerator), "denominator": "9"},
        version,
        actor=other,
        now=timezone.now(),
    )
    return other


def test_a_row_folds_and_unfolds_while_the_next_is_typed_in(page: Page) -> None:
    row(page, "CT01").locator("summary", has_text="Không có số liệu").click()
    cell(page, "CT01", "choice").select_option("nothing")
    expect(row(page, "CT01").locator("[data-problem]")).to_contain_text("Ghi lý do")
    expect(page.locator("#announce")).to_contain_text("CT01: Ghi lý do")
    # saved with the focus in the row: its boxes stay, and so does what is typed next
    expect(cell(page, "CT01", "numerator")).to_be_visible()
    cell(page, "CT01", "reason").press_sequentially("Không có hồ sơ")
    cell(page, "CT02", "numerator").click()
    page.keyboard.type("3")
    expect(cell(page, "CT01", "numerator")).to_be_hidden()  # folded without a reload
    expect(row(page, "CT01")).to_contain_text("Không phát sinh: Không có hồ sơ")
    page.keyboard.type("1")
    expect(cell(page, "CT02", "numerator")).to_have_value("31")
    expect(cell(page, "CT02", "numerator")).to_be_focused()

    row(page, "CT01").locator("summary", has_text="Sửa lý do hoặc nhập số liệu").click()
    cell(page, "CT01", "choice").select_option("")
    cell(page, "CT01", "numerator").fill("3")
    cell(page, "CT01", "denominator").fill("4")
    cell(page, "CT02", "numerator").click()
    expect(row(page, "CT01").locator("output")).to_have_text("75,0%")
    expect(
        row(page, "CT01").locator("summary", has_text="Sửa lý do hoặc nhập số liệu")
    ).to_have_count(0)
    result = Result.objects.get(indicator__code="CT01")
    assert (result.state, result.numerator) == ("reported", 3)


def test_what_another_writes_arrives_but_never_over_what_is_being_typed(
    page: Page, world: World
) -> None:
    cell(page, "CT01", "numerator").click()
    page.keyboard.type("5")  # not left: nobody else knows of it
    write(world, "CT01", 7)
    write(world, "CT02", 8)
    page.clock.fast_forward(16_000)
    expect(cell(page, "CT02", "numerator")).to_have_value("8")
    expect(row(page, "CT02")).to_contain_text("Vừa được Nguyễn Văn A ghi lúc")
    expect(row(page, "CT01")).to_contain_text("Vừa được Nguyễn Văn A ghi lúc")
    expect(cell(page, "CT01", "numerator")).to_have_value("5")
    expect(cell(page, "CT01", "numerator")).to_be_focused()

    # left at last: the two figures are shown, and none is overwritten
    page.keyboard.type("6")
    cell(page, "CT01", "denominator").fill("60")
    cell(page, "CT03", "numerator").click()
    expect(row(page, "CT01")).to_contain_text("Nguyễn Văn A đã ghi 7 trên 9")
    page.clock.fast_forward(16_000)
    write(world, "CT03", 1)
    page.clock.fast_forward(16_000)
    expect(row(page, "CT01").get_by_role("button", name="Giữ 56 trên 60")).to_be_visible()
    expect(cell(page, "CT01", "numerator")).to_have_value("56")
    row(page, "CT01").get_by_role("button", name="Giữ 56 trên 60").click()
    expect(row(page, "CT01").locator("[data-saved]")).to_contain_text("Đã lưu lúc")
    assert Result.objects.get(indicator__code="CT01").numerator == 56


def test_a_cell_that_was_only_looked_at_takes_the_new_figure_once_left(
    page: Page, world: World
) -> None:
    cell(page, "CT01", "numerator").click()
    write(world, "CT01", 7)
    page.clock.fast_forward(16_000)
    expect(row(page, "CT01")).to_contain_text("Vừa được Nguyễn Văn A ghi lúc")
    expect(cell(page, "CT01", "numerator")).to_have_value("")
    cell(page, "CT02", "numerator").click()
    expect(cell(page, "CT01", "numerator")).to_have_value("7")
    assert Result.objects.get(indicator__code="CT01").version == 1


def test_a_sheet_sent_meanwhile_says_so(page: Page, world: World) -> None:
    for code in ("CT01", "CT02", "CT03"):
        write(world, code, 3)
    services.submit_sheet(world.sheet(), actor=world.head, now=timezone.now())
    page.clock.fast_forward(16_000)
    expect(page.locator("#live")).to_contain_text("Phiếu không còn mở để nhập.")


def test_signing_is_at_hand_on_a_telephone_and_hides_no_field(
    page: Page, world: World, portal: Portal
) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    sign_in(page, portal, world.head)
    page.goto(f"/phieu/{world.sheet().pk}/")
    sign = page.locator("summary", has_text="Ký và gửi")
    expect(sign).to_be_in_viewport(ratio=1)
    bar = page.locator(".actionbar")
    for code in ("CT01", "CT02", "CT03"):
        field = cell(page, code, "denominator")
        for _ in range(40):
            page.keyboard.press("Tab")
            if field.evaluate("element => element === document.activeElement"):
                break
        lower, upper = field.bounding_box(), bar.bounding_box()
        assert lower
        assert upper
        assert lower["y"] + lower["height"] <= upper["y"], code
    sign.click()
    expect(page.get_by_role("button", name="Ký và gửi")).to_be_in_viewport()
