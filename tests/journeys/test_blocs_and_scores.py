"""Blocs, pledges, scores, ranking, leads, chapters and the editor of scoring tables at a browser:
accessible and no wider than the screen, at a desk and on a telephone, and worked by keyboard alone.
"""

from io import BytesIO

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from campaigns import services
from campaigns.models import Campaign, Pledge
from criteria.models import Indicator
from reports.models import Report
from tests.campaigns.scoring import Scored, make_scored
from tests.config.planfiles import load, world
from tests.config.test_offers import Plans, plans
from tests.config.test_planfile_scoring import SCORED
from tests.factories import NOW, UnitFactory, user_with
from tests.journeys.conftest import Visit
from tests.reports.plan import made
from units.models import Unit, User

pytestmark = pytest.mark.browser
__all__ = ["plans", "world"]
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
WIDTHS = pytest.mark.parametrize("width", [1280, 390])


@pytest.fixture
def scored(transactional_db: None) -> Scored:
    """Every member scores, one has sent; a pledge is signed, another is being written."""
    scored = make_scored()
    bloc, period = scored.world.campaign.bloc, scored.world.period
    assert bloc is not None
    department = UnitFactory(name="Sở Thông tin")
    user_with("lead_department", department, username="chu-tri")
    Indicator.objects.filter(pk=scored.ratio.pk).update(lead_unit=department)
    due = period.period_to
    round_ = services.open_pledge_round(bloc, 2024, due_on=due, actor=scored.leader, now=NOW)
    for at in (0, 1):
        pledge = services.start_pledge(
            round_, scored.parts[at].unit, actor=scored.clerks[at], now=NOW
        )
        if at == 0:
            signer = scored.heads[at]
            services.sign_pledge(pledge, revision=pledge.revision, actor=signer, now=NOW)
    for at in range(3):
        scored.accept(at)
    scored.open()
    own, item = scored.layer(0, "self"), scored.item("hand")
    about = {"name": "bang-khen.pdf", "size": len(PDF), "actor": scored.clerks[0], "now": NOW}
    services.add_score_evidence(own, item, BytesIO(PDF), **about)
    scored.send(own)
    return scored


@WIDTHS
def test_pages_of_a_bloc_and_its_scores(visit: Visit, scored: Scored, width: int) -> None:
    campaign, bloc = scored.world.campaign, scored.world.campaign.bloc
    assert bloc is not None
    plan, year = f"/phong-trao/{campaign.ref}", f"/khoi/{bloc.ref}/2024"
    unit = scored.parts[0].unit
    leader = visit(scored.leader, width)
    for path in (
        "/khoi/",
        f"/khoi/{bloc.ref}/",
        f"{year}/",
        f"{year}/chu-trinh/",
        f"{year}/giao-uoc/",
        f"{plan}/cham-diem/",
        f"{plan}/xep-hang/2024/",
        reverse("campaigns:board_table", args=[campaign.ref]),
        reverse("campaigns:board_indicator", args=[campaign.ref, scored.ratio.ref]),
        reverse("campaigns:board_unit", args=[campaign.ref, unit.ref]),
        f"/diem/{scored.sheet(0).pk}/",
        f"/diem/{scored.sheet(0).pk}/muc/{scored.item('hand').pk}/",
    ):
        leader.go(path)
    member = visit(scored.heads[1], width)
    for path in (f"/diem/{scored.sheet(1).pk}/", f"/diem/{scored.sheet(0).pk}/"):
        member.go(path)
    for pk, reader in zip(
        Pledge.objects.values_list("pk", flat=True), (leader, member), strict=True
    ):
        reader.go(f"/giao-uoc/{pk}/")
    officer = visit(scored.officer, width)
    for path in (f"{plan}/xep-hang/2024/", f"/diem/{scored.sheet(0).pk}/", f"{plan}/cham-diem/"):
        officer.go(path)
    visit(User.objects.get(username="chu-tri"), width).go(f"{plan}/chu-tri/")


@WIDTHS
def test_pages_of_a_report_and_its_chapters(visit: Visit, scored: Scored, width: int) -> None:
    campaign = scored.world.campaign
    report = Report.objects.create(
        campaign=campaign,
        period=scored.world.period,
        scope=campaign.issuer,
        version=1,
        requested_at=NOW,
    )
    made(report)
    officer = visit(user_with("home_affairs", campaign.issuer, and_below=True), width)
    officer.go(f"/phong-trao/{campaign.ref}/bao-cao/")
    officer.go(f"/bao-cao/{report.pk}/")
    officer.go(reverse("reports:chapter_edit", args=[report.pk, "chi-dao"]))
    words = officer.page.locator("#text")
    officer.press_until("Tab", words)
    officer.page.keyboard.type("Ba đơn vị đã gửi kết quả.")
    officer.page.keyboard.press("Tab")
    expect(officer.page.locator("#saved")).to_contain_text("Đã lưu")
    officer.look()
    officer.go(reverse("reports:chapter_history", args=[report.pk, "chi-dao"]))


def test_a_layer_is_scored_by_keyboard_alone(visit: Visit, scored: Scored) -> None:
    head = visit(scored.heads[1])
    head.go(f"/diem/{scored.sheet(1).pk}/")
    key = f"s{scored.item('hand').pk}"
    points = head.page.locator(f"#{key}-points")
    head.press_until("Tab", points)
    head.page.keyboard.type("30")
    head.page.keyboard.press("Tab")
    expect(head.page.locator(f"#{key}-note [data-saved]")).to_contain_text("Đã lưu lúc")
    fold = head.page.locator(f"#{key} summary", has_text="Đính kèm tệp")
    head.press_until("Shift+Tab", fold)
    head.page.keyboard.press("Enter")
    field = head.page.locator(f"#{key} input[type=file]")
    head.press_until("Tab", field)
    field.set_input_files({"name": "to-trinh.pdf", "mimeType": "application/pdf", "buffer": PDF})
    send = head.page.locator(f"#{key} button", has_text="Tải lên")
    head.press_until("Tab", send)
    with head.page.expect_navigation():
        head.page.keyboard.press("Enter")
    head.look()
    expect(head.page.locator(f"#{key}")).to_contain_text("Đã tải lên “to-trinh.pdf”.")
    expect(points).to_have_value("30")


@WIDTHS
def test_a_figure_of_another_plan_arrives_beside_the_cell(
    visit: Visit, transactional_db: None, plans: Plans, width: int
) -> None:
    plans.verify()
    clerk, row = visit(plans.clerk, width), f"r{plans.asked(plans.mine).pk}"
    clerk.go(f"/phieu/{plans.mine.pk}/")
    offer = clerk.page.locator(f"#{row}-offer")
    expect(offer).to_contain_text("Kế hoạch 48/KH-UBND: 96,5%")
    clerk.look()
    for name, typed in (("numerator", "1"), ("denominator", "2")):
        clerk.page.locator(f"#{row}-{name}").fill(typed)
        clerk.page.keyboard.press("Tab")
    expect(offer).to_contain_text("khác số đang có")  # offered anew for what the cell holds now
    take = offer.get_by_role("button", name="Thay bằng số này")
    clerk.press_until("Tab", take)
    with clerk.page.expect_navigation():
        clerk.page.keyboard.press("Enter")
    clerk.look()
    expect(clerk.page.locator(f"#{row}-numerator")).to_have_value("965")
    expect(offer).to_be_empty()
    clerk.go(f"/phieu/{plans.mine.pk}/so-lieu-khac/")


@pytest.fixture
def draft(transactional_db: None, world: Unit) -> Campaign:
    load(SCORED)
    return Campaign.objects.get()


@WIDTHS
def test_a_scoring_table_is_written_and_told_where_it_does_not_add_up(
    visit: Visit, draft: Campaign, width: int
) -> None:
    planner = visit(user_with("standing_agency", Unit.objects.get(ref="a.b")), width)
    page = planner.page
    planner.go(f"/phong-trao/{draft.ref}/soan/bang-cham-diem/")
    planner.go(f"/phong-trao/{draft.ref}/soan/cham-diem/bang/")
    faults, points = page.locator("#khong-khop"), page.locator("#items-3-max_points")
    expect(faults).to_contain_text("Bảng chấm điểm đã khớp.")
    parts = page.get_by_role("navigation", name="Các phần của dự thảo")
    expect(parts.get_by_role("button", name="Nội dung")).to_be_visible(visible=width > 600)
    expect(parts).to_contain_text("Phần Chấm điểm: Bảng chấm điểm")
    planner.press_until("Tab", points, at_most=400)
    page.keyboard.type("30")
    page.keyboard.press("Tab")
    expect(page.locator("#saved")).to_contain_text("Đã lưu lúc")
    expect(faults).to_contain_text("Tổng điểm tối đa là 100 nhưng các mục cộng lại được 90.")
    planner.look()
    page.locator("#items-0-max_points").fill("61")
    page.keyboard.press("Tab")
    way = faults.get_by_role("link", name="Mục I")
    planner.press_until("Shift+Tab", way, at_most=400)
    page.keyboard.press("Enter")
    assert page.url.endswith("#items-0-at")
    page.locator("#items-0-max_points").fill("60")
    points.fill("40")
    page.keyboard.press("Tab")
    expect(faults).to_contain_text("Bảng chấm điểm đã khớp.")
    fold = page.locator("tbody", has=page.locator("#items-2-max_points")).locator("summary").first
    planner.press_until("Tab", fold, at_most=400)
    page.keyboard.press("Enter")
    planner.look()
