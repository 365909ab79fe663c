"""What fills the first screen of a telephone: what one came to see, not the filters of it."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from campaigns import services
from tests.campaigns.scoring import make_scored
from tests.campaigns.world import World, make_world
from tests.factories import NOW, user_with
from tests.journeys.conftest import Visit

pytestmark = pytest.mark.browser
FIRST_SCREEN = 844


@pytest.fixture
def world(transactional_db: None) -> World:
    world = make_world()
    world.indicator(code="CT01")
    world.sheet()
    return world


def test_filters_are_folded_on_a_telephone_and_say_what_is_chosen(
    visit: Visit, world: World
) -> None:
    campaign = world.campaign
    for name, path, said in (
        (
            "board",
            reverse("campaigns:board_table", args=[campaign.ref]) + "?trang-thai=chua-dat",
            "Lọc Năm 2024 Chưa đạt Toàn kế hoạch",
        ),
        ("plans", reverse("campaigns:campaign_list") + "?q=thi&year=2024", "Lọc “thi” Năm 2024"),
        ("awards", reverse("awards:award_register"), "Lọc Mọi khen thưởng"),
    ):
        phone = visit(world.verifier, 390)
        phone.go(path)
        line, fields = phone.page.locator(".fold > summary"), phone.page.locator(".filters")
        expect(line, name).to_have_text(said)
        expect(fields).to_be_hidden()
        assert line.bounding_box()["height"] >= 44, name  # type: ignore[index]
        line.press("Enter")
        expect(fields).to_be_visible()
        phone.look()
        if "?" in path:
            phone.follow(phone.page.get_by_role("link", name="Bỏ lọc"))
        expect(phone.page.get_by_role("link", name="Bỏ lọc")).to_have_count(0)
        desk = visit(world.verifier)
        desk.go(path)
        expect(desk.page.locator(".filters")).to_be_visible()
        expect(desk.page.locator(".fold > summary")).to_be_hidden()


def test_accounts_come_before_their_filters_are_opened(visit: Visit, world: World) -> None:
    manager = user_with("account_admin", world.campaign.issuer, and_below=True, username="quan-tri")
    phone = visit(manager, 390)
    phone.go(reverse("units:account_list") + "?role=clerk&state=open")
    line = phone.page.locator(".fold > summary")
    expect(line).to_have_text("Lọc Cán bộ nhập liệu Đang hoạt động")
    found = phone.page.locator("main table a").first
    assert found.bounding_box()["y"] < FIRST_SCREEN * 2 / 3  # type: ignore[index]


def test_no_bar_covers_what_a_ranking_says_of_itself(visit: Visit, transactional_db: None) -> None:
    """A published ranking whose points changed: the warning is read before the way to publish."""
    scored = make_scored(("self", "standing"))
    for at in range(3):
        scored.accept(at, done=80)
    scored.open()
    for at in range(3):
        scored.send_all(at, str(30 + at))
    officer = visit(scored.officer, 390)
    officer.go(reverse("campaigns:ranking_detail", args=[scored.world.campaign.ref, "2024"]))
    officer.follow(officer.page.get_by_role("button", name="Công bố xếp hạng"))
    last = scored.layer(2, "standing")
    services.reopen_layer(last, reason="Tính sót", actor=scored.officer, now=NOW)
    sheet = reverse("campaigns:score_sheet_detail", args=[last.score_sheet_id])
    officer.go(sheet)
    bar = officer.page.locator(".actionbar").bounding_box()
    assert bar
    assert bar["height"] < FIRST_SCREEN / 5
    expect(officer.page.get_by_role("button", name="Lấy điểm lớp trước")).to_be_visible()
    scored.send(last, "20")
    officer.go(reverse("campaigns:ranking_detail", args=[scored.world.campaign.ref, "2024"]))
    warning = officer.page.locator(".alert", has_text="đã đổi sau khi công bố")
    last_row = officer.page.locator("tbody tr").last
    button = officer.page.get_by_role("button", name="Công bố xếp hạng")
    assert warning.bounding_box()["y"] < FIRST_SCREEN * 2 / 3  # type: ignore[index]
    assert button.bounding_box()["y"] > last_row.bounding_box()["y"]  # type: ignore[index]
