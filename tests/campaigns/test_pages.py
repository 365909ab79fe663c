"""The pages: what they show, to whom, in how many queries, with and without scripts."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from campaigns import queries, services
from campaigns.models import (
    Amendment,
    Assignment,
    Campaign,
    Evidence,
    LegalBasis,
    Participation,
    Period,
    Recipient,
    Remark,
    ReportingDuty,
    Result,
    ResultSheet,
    RouteStep,
    Section,
)
from criteria.models import Indicator, Target
from tests.campaigns.test_evidence import PDF
from tests.campaigns.world import World
from tests.factories import (
    NOW,
    CampaignFactory,
    GroupFactory,
    IndicatorFactory,
    ParticipationFactory,
    PeriodFactory,
    PhaseFactory,
    RubricLevelFactory,
    UnitFactory,
    UserFactory,
    user_with,
)
from units.models import AuditEntry, UnitUserPermission, User

ClientOf = Callable[[User], Any]
HTMX = {"HX-Request": "true"}


@pytest.fixture
def world(world: World) -> World:
    """The pages read the clock, so the period is one that is open today."""
    world.period.closes_on = timezone.localdate() + timedelta(days=30)
    world.period.save()
    return world


def url(name: str, *args: object) -> str:
    return reverse(f"campaigns:{name}", args=args)


def text(response: Any) -> str:
    """What a reader sees: tags gone, blanks folded."""
    page = re.sub(r"<[^>]+>", " ", response.content.decode())
    return re.sub(r"\s+", " ", page)


def cell(indicator: Indicator, version: int = 0, **typed: str) -> dict[str, str]:
    return {
        f"r{indicator.pk}-version": str(version),
        **{f"r{indicator.pk}-{name}": value for name, value in typed.items()},
    }


# --- plans ----------------------------------------------------------------------------------------
@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_of_plans_costs_the_same_for_one_and_three(
    world: World, client_of: ClientOf, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(rows - 1):
        CampaignFactory(issuer=world.office)
    client = client_of(world.verifier)
    with django_assert_num_queries(6):  # session, user, accounts in the frame, plans (2), sheets
        page = client.get(url("campaign_list"))
    assert page.content.decode().count("tree__node") == rows


def test_plans_are_a_tree_and_filtered_by_the_address(world: World, client_of: ClientOf) -> None:
    child = CampaignFactory(
        issuer=world.office, parent=world.campaign, title="Chuyển đổi số ngành y tế"
    )
    CampaignFactory(issuer=world.office, title="Đã qua", state="closed", period_to=date(2023, 1, 1))
    client = client_of(world.verifier)
    found = text(client.get(url("campaign_list"), {"q": "CHUYEN DOI so"}))
    assert "1 kế hoạch" in found
    assert world.campaign.title in found  # above the one found
    assert child.title in found
    assert "Đã qua" not in found
    assert "Đã qua" in text(client.get(url("campaign_list"), {"state": "closed", "year": "2022"}))
    assert "Không có kế hoạch nào phù hợp" in text(client.get(url("campaign_list"), {"q": "zz"}))
    assert "3 kế hoạch" in text(client.get(url("campaign_list"), {"year": "2022"}))
    assert "2 kế hoạch" in text(client.get(url("campaign_list"), {"year": "2025"}))
    assert "3 kế hoạch" in text(client.get(url("campaign_list"), {"year": "năm"}))


def test_a_plan_shows_everything_in_its_text(world: World, client_of: ClientOf) -> None:
    campaign = world.campaign
    campaign.parent = CampaignFactory(title="Kế hoạch tỉnh")
    campaign.theme = "Thi đua chuyển đổi số"
    campaign.save()
    Section.objects.create(campaign=campaign, kind="content", heading="Nội dung I", text="Một.")
    Assignment.objects.create(campaign=campaign, body="Ban Tuyên giáo", text="Tuyên truyền")
    Assignment.objects.create(campaign=campaign, unit=world.branch, text="Tổ chức")
    RouteStep.objects.create(campaign=campaign, text="Đơn vị gửi Văn phòng")
    LegalBasis.objects.create(campaign=campaign, text="Luật Thi đua")
    Recipient.objects.create(campaign=campaign, text="Như trên")
    Remark.objects.create(campaign=campaign, heading="Thiếu số", text="Văn bản không ghi số.")
    for day, note in ((date(2022, 7, 1), "Đã phát động"), (None, "")):
        PhaseFactory(campaign=campaign, held_on=day, note=note)
    PhaseFactory(
        campaign=campaign,
        period_from=date(2022, 1, 1),
        period_to=date(2099, 12, 31),
        held_text="tháng 12",
    )
    Amendment.objects.create(
        campaign=campaign,
        document="12/QĐ-UBND",
        in_force_from=date(2023, 1, 1),
        reason="Giảm mức",
        made_at=NOW,
    )
    ReportingDuty.objects.create(
        campaign=campaign, ref="x", what="report", name="Đột xuất", rhythm="ad_hoc"
    )
    services.enrol_units(campaign, [UnitFactory(name="Chi cục mới")], actor=None, now=NOW)
    CampaignFactory(issuer=world.office, parent=campaign, title="Kế hoạch con")
    page = text(client_of(world.verifier).get(url("campaign_detail", campaign.ref)))
    for words in (
        "Thi đua chuyển đổi số",
        "Nội dung I",
        "Ban Tuyên giáo",
        "Đơn vị gửi Văn phòng",
        "Luật Thi đua",
        "Như trên",
        "Thiếu số",
        "Đã phát động",
        "đang diễn ra",
        "12/QĐ-UBND",
        "Trước ngày 30/11/",
        "Kế hoạch không ghi ngày",
        "Kế hoạch tỉnh",
        "Kế hoạch con",
        "ghi danh đơn vị: 1 đơn vị: Chi cục mới",
    ):
        assert words in page, words


@pytest.mark.parametrize(
    ("today", "words"),
    [
        (date(2020, 1, 1), "trước ngày 30/11/2022, tức chậm nhất 29/11/2022"),
        (date(2023, 11, 29), "trước ngày 30/11/2023, tức chậm nhất 29/11/2023"),
        (date(2023, 11, 30), "trước ngày 30/11/2024, tức chậm nhất 29/11/2024"),
        (date(2030, 1, 1), "trước ngày 30/11/2025, tức chậm nhất 29/11/2025"),
    ],
)
def test_the_next_day_of_a_duty_lies_within_the_plan(world: World, today: date, words: str) -> None:
    assert [line.due.words for line in _duties(world, today)] == [words]


def _duties(world: World, today: date) -> list[Any]:
    return queries.duty_lines(world.campaign, world.campaign.periods.all(), today)


@pytest.mark.parametrize(
    ("today", "day"),
    [
        (date(2023, 6, 1), date(2024, 1, 31)),
        (date(2024, 6, 1), date(2025, 1, 31)),
        (date(2025, 6, 1), date(2025, 1, 31)),
    ],
)
def test_sheets_owed_on_no_day_are_owed_before_the_next_period_closes(
    world: World, today: date, day: date
) -> None:
    Period.objects.update(closes_on=date(2025, 1, 31))
    PeriodFactory(
        campaign=world.campaign,
        ref="2023",
        period_from=date(2023, 1, 1),
        period_to=date(2023, 12, 31),
        closes_on=date(2024, 1, 31),
    )
    PeriodFactory(campaign=world.campaign, ref="h1", kind="half", closes_on=date(2024, 7, 31))
    world.campaign.duties.update(month=None, day=None, due_text="định kỳ hằng năm")
    (line,) = _duties(world, today)
    words = f"định kỳ hằng năm; kỳ khóa sau ngày {day:%d/%m/%Y}"
    assert (line.due.due_on, line.due.words) == (day, words)
    world.campaign.duties.update(owed_by="standing")
    assert _duties(world, today)[0].due.due_on is None


def test_a_visible_parent_is_a_link(world: World, client_of: ClientOf) -> None:
    parent = CampaignFactory(issuer=world.office)
    Campaign.objects.filter(pk=world.campaign.pk).update(parent=parent)
    page = client_of(world.verifier).get(url("campaign_detail", world.campaign.ref))
    assert url("campaign_detail", parent.ref) in page.content.decode()


def test_a_parent_document_outside_the_portal_is_named(world: World, client_of: ClientOf) -> None:
    Campaign.objects.update(parent_document="924/QĐ-TTg")
    page = text(client_of(world.verifier).get(url("campaign_detail", world.campaign.ref)))
    assert "924/QĐ-TTg" in page


def test_indicators_show_targets_in_words(world: World, client_of: ClientOf) -> None:
    whole = world.indicator(code="CT01", heading="Chính quyền số", source="Văn bản ghi vậy")
    part = world.indicator(target=None, code="CT02", of_which=whole, is_default=True)
    part.co_units.add(world.office)
    Target.objects.create(
        indicator=part, level=world.branch.kind.level, operator="between", value=65, value_to=70
    )
    Target.objects.create(
        indicator=whole,
        year=2025,
        value=90,
        in_force_from=date(2024, 1, 1),
        decision="D",
        reason="R",
    )
    Target.objects.create(indicator=whole, region="bien-gioi", operator=">", value=50)
    world.indicator(target=None, code="CT03", kind="derived", derivation="share", derived_from=part)
    GroupFactory(criteria_set=world.campaign.criteria_set, name="Nhóm trống")
    page = text(client_of(world.clerk).get(url("campaign_indicators", world.campaign.ref)))
    for words in (
        "Từ 80% trở lên",
        "Vùng bien-gioi: trên 50%",
        "Năm 2025, từ 01/01/2024 theo D: từ 90% trở lên",
        "Cấp tỉnh: từ 65 đến 70%",
        "Không ghi mức",
        "trong đó của CT01",
        "tỷ lệ đơn vị đạt theo CT02",
        "Mẫu mặc định của cổng",
        "Văn bản ghi vậy",
        "Phối hợp: Văn phòng Sở",
        "Văn bản không nêu tiêu chí cho nhóm này",
        "Gồm: Chi cục.",
    ):
        assert words in page, words


def test_a_plan_without_groups_says_so(world: World, client_of: ClientOf) -> None:
    world.group.delete()
    page = text(client_of(world.clerk).get(url("campaign_indicators", world.campaign.ref)))
    assert "Kế hoạch chưa có tiêu chí" in page


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize("tab", ["campaign_detail", "campaign_indicators", "campaign_units"])
def test_tabs_cost_the_same_whatever_the_rows(
    world: World, client_of: ClientOf, rows: int, tab: str, django_assert_num_queries: Any
) -> None:
    for _ in range(rows):
        world.indicator()
        world.sheet(world.member())
        CampaignFactory(issuer=world.office, parent=world.campaign)
        Section.objects.create(campaign=world.campaign, kind="content", heading="I", text="x")
    client = client_of(world.verifier)
    expected = {"campaign_detail": 20, "campaign_indicators": 13, "campaign_units": 15}[tab]
    with django_assert_num_queries(expected):
        assert client.get(url(tab, world.campaign.ref)).status_code == 200


def test_a_stranger_gets_404_everywhere(world: World, client_of: ClientOf) -> None:
    indicator, sheet = world.indicator(), world.sheet()
    evidence = services.add_evidence(
        sheet,
        indicator,
        SimpleUploadedFile("a.pdf", PDF),
        name="a.pdf",
        size=len(PDF),
        actor=world.clerk,
        now=NOW,
    )
    stranger = client_of(user_with("head_of_unit", UnitFactory()))
    ref = world.campaign.ref
    for name, args in (
        ("campaign_detail", [ref]),
        ("campaign_indicators", [ref]),
        ("campaign_units", [ref]),
        ("result_sheet_detail", [sheet.pk]),
        ("result_history", [sheet.pk, indicator.pk]),
        ("evidence_file", [evidence.pk]),
    ):
        assert stranger.get(url(name, *args)).status_code == 404, name
    for name, args in (
        ("participation_enrol", [ref]),
        ("participation_leave", [ref, world.part.pk]),
        ("result_sheet_open", [ref]),
        ("result_sheet_save", [sheet.pk]),
        ("result_save", [sheet.pk, indicator.pk]),
        ("result_sheet_submit", [sheet.pk]),
        ("result_sheet_verify", [sheet.pk]),
        ("result_sheet_return", [sheet.pk]),
        ("evidence_add", [sheet.pk, indicator.pk]),
        ("evidence_remove", [evidence.pk]),
    ):
        assert stranger.post(url(name, *args)).status_code == 404, name


# --- members --------------------------------------------------------------------------------------
def test_the_planner_enrols_and_lets_go(world: World, client_of: ClientOf) -> None:
    other = UnitFactory(name="Chi cục Thủy lợi", parent=world.office, kind=world.branch.kind)
    outside = UnitFactory()
    client = client_of(world.verifier)
    enrol = url("participation_enrol", world.campaign.ref)
    assert "Chưa ghi danh" in text(client.get(url("campaign_units", world.campaign.ref)))
    page = client.post(enrol, {"unit": [other.pk, outside.pk, "x"]}, follow=True)
    assert "Đã ghi danh 1 đơn vị." in text(page)
    assert "Chưa chọn đơn vị nào" in text(client.post(enrol, follow=True))
    part = Participation.objects.get(unit=other)
    leave = url("participation_leave", world.campaign.ref, part.pk)
    assert "thôi tham gia từ hôm nay" in text(client.post(leave, follow=True))
    assert "đã thôi tham gia từ" in text(client.post(leave, follow=True))
    Campaign.objects.update(state="closed")
    assert "đã tổng kết" in text(client.post(enrol, {"unit": [other.pk]}, follow=True))


def test_a_member_sees_no_enrolment(world: World, client_of: ClientOf) -> None:
    page = text(client_of(world.clerk).get(url("campaign_units", world.campaign.ref)))
    assert "Ghi danh" not in page
    assert "1 đơn vị tham gia, Năm 2024" in page
    assert (
        client_of(world.clerk).post(url("participation_enrol", world.campaign.ref)).status_code
        == 404
    )


def test_the_name_of_a_member_leads_to_a_page_that_opens(world: World, client_of: ClientOf) -> None:
    """A plan may measure units that lie outside what its standing agency sees elsewhere: of those
    it reads the figures. Who only plans reads neither."""
    outside = ParticipationFactory(campaign=world.campaign, unit__name="Đơn vị ngoài cây").unit

    def ways_on(user: User) -> list[str]:
        client = client_of(user)
        page = client.get(url("campaign_units", world.campaign.ref)).content.decode()
        found = re.findall(r'<th scope="row"><a href="([^"]+)">', page)
        assert [client.get(one).status_code for one in found] == [200] * len(found)
        return found

    of_branch = reverse("units:unit_detail", args=[world.branch.ref])
    assert ways_on(world.clerk) == [of_branch]
    figures = url("board_unit", world.campaign.ref, outside.ref)
    assert ways_on(world.verifier) == [of_branch, f"{figures}?ky={world.period.ref}"]
    world.campaign.standing_agency = UnitFactory()
    world.campaign.save()
    assert ways_on(world.verifier) == [of_branch]


def test_members_are_filtered_by_the_address(world: World, client_of: ClientOf) -> None:
    world.sheet()
    client = client_of(world.verifier)
    where = url("campaign_units", world.campaign.ref)
    assert "Đang nhập" in text(client.get(where, {"period": "2024", "state": "draft"}))
    assert "Không có đơn vị nào phù hợp" in text(client.get(where, {"state": "verified"}))
    world.part.left_on = date(2020, 1, 1)
    world.part.save()
    assert "Chưa có đơn vị nào tham gia" in text(client.get(where))
    world.period.result_sheets.all().delete()
    world.period.delete()
    world.group.delete()
    assert "Không có đơn vị nào hợp với nhóm" in text(client.get(where))


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


# --- the entry grid -------------------------------------------------------------------------------
@pytest.mark.parametrize("rows", [3, 40])
def test_the_grid_costs_twelve_queries_at_most(
    world: World,
    client_of: ClientOf,
    rows: int,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    """With a rubric and a file among them."""
    RubricLevelFactory(indicator=world.indicator(None, kind="qualitative"))
    sheet = world.sheet()
    for _ in range(rows):
        indicator = world.indicator()
        world.fill(sheet, indicator, numerator="1", denominator="2")
    services.add_evidence(
        sheet,
        indicator,
        SimpleUploadedFile("a.pdf", PDF),
        name="a.pdf",
        size=len(PDF),
        actor=world.clerk,
        now=NOW,
    )
    client = client_of(world.clerk)
    with django_assert_max_num_queries(12):
        page = client.get(url("result_sheet_detail", sheet.pk))
    assert page.content.decode().count("data-row=") == rows + 1
    assert "a.pdf" in page.content.decode()


def test_the_grid_shows_target_figure_and_what_is_missing(
    world: World, client_of: ClientOf
) -> None:
    indicator = world.indicator(target=100, code="CT06", measure_unit="sản phẩm")
    world.indicator(target=None, code="CT07", kind="count", measure_unit="hộ")
    world.indicator(target=None, code="CT08", kind="yes_no")
    world.indicator(target=None, code="CT09", kind="narrative")
    other = GroupFactory(
        criteria_set=world.campaign.criteria_set, name="Mọi đơn vị", measured="sum"
    )
    IndicatorFactory(group=other, code="CT10", evidence_required=True, exclusion="hồ sơ mật")
    sheet = world.sheet()
    world.fill(sheet, indicator, numerator="298", denominator="312")
    page = text(client_of(world.clerk).get(url("result_sheet_detail", sheet.pk)))
    for words in (
        "Mục tiêu: 100%",
        "Áp dụng cho mọi đơn vị",
        "95,5%",
        "thiếu 14 sản phẩm",
        "Còn 4 việc trước khi gửi: nhập CT07",
        "Lê Văn Thí Dụ ghi CT06: 298 trên 312.",
        "Phải đính kèm",
        "Chi cục thuộc Sở",
        "Hạn gửi: trước ngày 30/11/2024, tức chậm nhất 29/11/2024",
    ):
        assert words in page, words
    assert "Ký và gửi" not in page
    assert "Ký và gửi" in text(client_of(world.head).get(url("result_sheet_detail", sheet.pk)))


def test_a_complete_sheet_waits_for_the_head(world: World, client_of: ClientOf) -> None:
    sheet = world.sheet()
    world.fill(sheet, world.indicator(), numerator="1", denominator="1")
    where = url("result_sheet_detail", sheet.pk)
    assert "Phiếu chờ thủ trưởng đơn vị ký gửi" in text(client_of(world.clerk).get(where))
    assert "Đã đủ để ký gửi" in text(client_of(world.head).get(where))


def test_an_empty_sheet_says_why(world: World, client_of: ClientOf) -> None:
    page = text(client_of(world.clerk).get(url("result_sheet_detail", world.sheet().pk)))
    assert "Phiếu không có tiêu chí nào" in page


def test_one_cell_is_saved_and_answered_in_pieces(world: World, client_of: ClientOf) -> None:
    indicator, sheet = world.indicator(), world.sheet()
    client = client_of(world.clerk)
    where = url("result_save", sheet.pk, indicator.pk)
    page = client.post(where, cell(indicator, numerator="42", denominator="53"), headers=HTMX)
    body = page.content.decode()
    assert page.status_code == 200
    assert "79,2%" in body
    assert "Đã lưu" in body
    assert "thiếu 1" in text(page)
    assert f'name="r{indicator.pk}-version" value="1" hx-swap-oob="true"' in body
    assert f'id="r{indicator.pk}-numerator"' not in body  # what is typed is never overwritten
    assert "<html" not in body
    wrong = client.post(where, cell(indicator, 1, numerator="54", denominator="53"), headers=HTMX)
    assert "lớn hơn" in text(wrong)
    assert "Số vừa gõ được giữ" in text(wrong)


def test_the_first_number_of_a_ratio_is_no_mistake_while_the_second_is_to_come(
    world: World, client_of: ClientOf
) -> None:
    indicator, sheet = world.indicator(code="CT01"), world.sheet()
    client, where = client_of(world.clerk), url("result_save", sheet.pk, indicator.pk)
    half = text(client.post(where, cell(indicator, 0, numerator="54"), headers=HTMX))
    assert "Còn thiếu “Tổng số”. Nhập cả hai số." in half
    assert "nhập đủ hai số của CT01" in half
    assert "Chưa hợp lệ" not in half
    assert "Số chưa hợp lệ vẫn được giữ" not in half
    wrong = text(client.post(where, cell(indicator, 1, numerator="năm"), headers=HTMX))
    assert "Chưa hợp lệ" in wrong
    assert "Số chưa hợp lệ vẫn được giữ" in wrong


def test_a_stale_cell_keeps_both_values(world: World, client_of: ClientOf) -> None:
    indicator, sheet = world.indicator(), world.sheet()
    world.fill(sheet, indicator, numerator="44", denominator="53")
    client = client_of(world.head)
    where = url("result_save", sheet.pk, indicator.pk)
    mine = cell(indicator, 0, numerator="42", denominator="53")
    page = client.post(where, mine, headers=HTMX)
    assert page.status_code == 409
    assert "Giữ 42 trên 53 (79,2%, chưa đạt)" in text(page)
    assert "Lấy 44 trên 53 (83,0%, đạt)" in text(page)
    assert "chọn số" in text(page)
    # the next change of the row is refused again: nothing is overwritten before one chooses
    assert f'name="r{indicator.pk}-version" value="0"' in page.content.decode()
    plain = client.post(where, mine)
    assert plain.status_code == 409
    assert 'value="42"' in plain.content.decode()
    theirs = client.post(
        where, {**mine, f"r{indicator.pk}-keep": "theirs"}, headers=HTMX
    ).content.decode()
    assert f'id="r{indicator.pk}-numerator"' in theirs
    assert 'value="44"' in theirs
    assert Result.objects.get().numerator == 44
    kept = {**mine, f"r{indicator.pk}-keep": "mine", f"r{indicator.pk}-known": "1"}
    page = client.post(where, kept)
    assert page.url == f"{url('result_sheet_detail', sheet.pk)}#r{indicator.pk}"
    assert Result.objects.get().numerator == 42


def test_a_cell_not_touched_here_shows_what_another_wrote(
    world: World, client_of: ClientOf
) -> None:
    indicator, sheet = world.indicator(), world.sheet()
    world.fill(sheet, indicator, numerator="40", denominator="53")
    world.fill(sheet, indicator, version=1, numerator="44", denominator="53")
    page = client_of(world.head).post(
        url("result_save", sheet.pk, indicator.pk),
        cell(indicator, 1, numerator="40", denominator="53"),
        headers=HTMX,
    )
    assert page.status_code == 200
    assert 'value="44"' in page.content.decode()


def test_a_part_answers_with_its_whole(world: World, client_of: ClientOf) -> None:
    whole = world.indicator()
    part = world.indicator(target=10, of_which=whole)
    sheet = world.sheet()
    world.fill(sheet, part, numerator="5")
    page = client_of(world.clerk).post(
        url("result_save", sheet.pk, whole.pk),
        cell(whole, numerator="50", denominator="60"),
        headers=HTMX,
    )
    body = page.content.decode()
    assert f'id="r{part.pk}-denominator" value="50"' in body
    assert "10,0%" in body


def test_a_cell_of_a_sheet_that_was_sent_is_refused_beside_it(
    world: World, client_of: ClientOf
) -> None:
    indicator, sheet = world.indicator(), world.sheet()
    world.fill(sheet, indicator, numerator="1", denominator="1")
    services.submit_sheet(sheet, actor=world.head, now=NOW)
    client = client_of(world.clerk)
    where = url("result_save", sheet.pk, indicator.pk)
    typed = cell(indicator, 1, numerator="0", denominator="1")
    page = client.post(where, typed, headers=HTMX)
    assert page.status_code == 422
    assert "trạng thái “đã gửi”" in text(page)
    assert "trạng thái “đã gửi”" in text(client.post(where, typed, follow=True))
    save = url("result_sheet_save", sheet.pk)
    assert "trạng thái “đã gửi”" in text(client.post(save, typed, follow=True))


def test_the_whole_form_without_scripts(world: World, client_of: ClientOf) -> None:
    first, second = world.indicator(code="CT01"), world.indicator(code="CT02")
    sheet = world.sheet()
    client = client_of(world.clerk)
    where = url("result_sheet_save", sheet.pk)
    good = cell(first, numerator="1", denominator="2")
    page = client.post(where, good | cell(second, numerator="x", denominator="2"), follow=True)
    assert "Đã lưu. Còn chỗ phải sửa: CT02." in text(page)
    assert 'value="x"' in page.content.decode()
    page = client.post(where, cell(second, 1, numerator="1", denominator="2"), follow=True)
    assert "Đã lưu cả phiếu." in text(page)
    stale = client.post(where, cell(first, 9, numerator="2", denominator="2"))
    assert stale.status_code == 409
    assert "Giữ 2 trên 2" in text(stale)
    assert (
        client.post(
            where, {**cell(first, text="x", numerator="2"), f"r{first.pk}-version": "x"}
        ).status_code
        == 409
    )


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
    assert 'value="3"' in page.content.decode()


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


def test_the_history_of_a_cell(world: World, client_of: ClientOf) -> None:
    indicator, sheet = world.indicator(code="CT01"), world.sheet()
    client = client_of(world.clerk)
    where = url("result_history", sheet.pk, indicator.pk)
    assert "Chưa có lần ghi nào." in text(client.get(where))
    world.fill(sheet, indicator, numerator="x", denominator="2")
    world.fill(sheet, indicator, version=1, numerator="1", denominator="2")
    page = text(client.get(where))
    assert "ghi, sau 1 lần chưa hợp lệ trống 1 trên 2 Trang nhập" in page
    world.fill(sheet, indicator, version=2, numerator="x", denominator="2")
    assert "1 trên 2 “x / 2” (chưa hợp lệ) Trang nhập" in text(client.get(where))  # it stands
    assert client.get(url("result_history", sheet.pk, 999999)).status_code == 302


# --- files ----------------------------------------------------------------------------------------
def test_evidence_up_down_and_away(world: World, client_of: ClientOf) -> None:
    indicator, sheet = world.indicator(code="CT01"), world.sheet()
    client = client_of(world.clerk)
    add = url("evidence_add", sheet.pk, indicator.pk)

    def send(content: bytes) -> str:
        upload = SimpleUploadedFile("Bảng kê “A”.pdf", content)
        return text(client.post(add, {f"file-{indicator.pk}": upload}, follow=True))

    assert "Đã tải lên" in send(PDF)
    assert "không thuộc loại được nhận" in send(b"MZ" + b"\0" * 300)
    refused = client.post(add, follow=True).content.decode()
    above, beside = refused.split(f'<tbody id="r{indicator.pk}"')
    # the page opens again at the row, says it there and has the focus there
    assert 'tabindex="-1" data-focus>' in beside.split("Chưa chọn tệp")[0][-200:]
    assert "Chưa chọn tệp" not in above
    assert '<details class="evidence" open>' in beside
    evidence = Evidence.objects.get()
    page = client_of(world.verifier).get(url("evidence_file", evidence.pk))
    assert page.content == PDF
    assert page["Content-Type"] == "application/pdf"
    assert page["X-Content-Type-Options"] == "nosniff"
    assert page["Content-Disposition"].startswith("attachment; filename*=utf-8''B%E1%BA%A3ng")
    note = AuditEntry.objects.get(action="evidence.downloaded")
    assert (note.actor, note.subject_id) == (world.verifier, evidence.pk)
    remove = url("evidence_remove", evidence.pk)
    assert client_of(world.verifier).post(remove).status_code == 404
    assert "Đã gỡ tệp" in text(client.post(remove, follow=True))
    assert client.post(remove).status_code == 404
    assert client.get(url("evidence_file", evidence.pk)).status_code == 404


def test_a_lost_file_and_a_closed_sheet_are_said(
    world: World, client_of: ClientOf, settings: Any
) -> None:
    indicator, sheet = world.indicator(code="CT01"), world.sheet()
    client = client_of(world.clerk)
    upload = SimpleUploadedFile("a.pdf", PDF)
    client.post(url("evidence_add", sheet.pk, indicator.pk), {f"file-{indicator.pk}": upload})
    evidence = Evidence.objects.get()
    settings.FILES_DIR = settings.FILES_DIR / "elsewhere"
    page = client.get(url("evidence_file", evidence.pk), follow=True)
    assert "Không thấy nội dung tệp" in text(page)
    world.period.closed_at = NOW
    world.period.save()
    page = client.post(url("evidence_remove", evidence.pk), follow=True)
    assert "đã khóa" in text(page)
    assert "a.pdf" in text(page)


def test_a_member_of_two_plans_has_two_lines(
    world: World, client_of: ClientOf, django_assert_num_queries: Any
) -> None:
    client, where = client_of(world.clerk), url("result_sheet_list")
    with django_assert_num_queries(9):
        client.get(where)
    for _ in range(2):
        ParticipationFactory(unit=world.branch, campaign=CampaignFactory())
    with django_assert_num_queries(9):
        client.get(where)


# --- without a figure -----------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"choice": "nothing"}, "“không phát sinh”, chưa ghi lý do"),
        ({"choice": "nothing", "numerator": "1"}, "“1” và “không phát sinh” (chưa hợp lệ)"),
        ({"reason": "Bận"}, "lý do “Bận” (chưa hợp lệ)"),
    ],
)
def test_what_could_not_be_read_is_said_in_words(
    world: World, client_of: Any, typed: dict[str, str], words: str
) -> None:
    sheet, indicator = world.sheet(), world.indicator()
    world.fill(sheet, indicator, **typed)
    page = text(client_of(world.clerk).get(url("result_sheet_detail", sheet.pk)))
    assert f"ghi {indicator.code}: {words}." in page


def test_a_cell_without_a_figure_shows_its_reason_and_folds_its_boxes(
    world: World, client_of: Any
) -> None:
    sheet, indicator = world.sheet(), world.indicator()
    client, page_url = client_of(world.clerk), url("result_sheet_detail", sheet.pk)
    assert "Sửa lý do hoặc nhập số liệu" not in client.get(page_url).content.decode()
    world.fill(sheet, indicator, choice="nothing")
    page = client.get(page_url).content.decode()
    assert 'data-problem="reason"' in page
    assert page.index(f'id="r{indicator.pk}-reason"') < page.index("Sửa lý do hoặc nhập số liệu")
    world.fill(sheet, indicator, 1, choice="nothing", reason="Không có hồ sơ")
    page = client.get(page_url).content.decode()
    assert f'<p id="r{indicator.pk}-held">Không phát sinh: Không có hồ sơ</p>' in page
    assert page.index("Sửa lý do hoặc nhập số liệu") < page.index(f'id="r{indicator.pk}-numerator"')
    world.fill(sheet, indicator, 2, choice="nothing", reason="Không có hồ sơ", numerator="3")
    page = client.get(page_url).content.decode()
    assert 'data-problem=""' in page
    assert "Sửa lý do hoặc nhập số liệu" not in page


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
