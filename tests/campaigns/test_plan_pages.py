"""The pages of plans and their members: what they show, to whom, in how many queries."""

import re
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from campaigns import queries, services
from campaigns.models import (
    Amendment,
    Assignment,
    Campaign,
    LegalBasis,
    Participation,
    Period,
    Recipient,
    Remark,
    ReportingDuty,
    RouteStep,
    Section,
)
from criteria.models import Target
from tests.campaigns.pages import ClientOf, text, url, world
from tests.campaigns.test_evidence import PDF
from tests.campaigns.world import World
from tests.factories import (
    NOW,
    CampaignFactory,
    GroupFactory,
    ParticipationFactory,
    PeriodFactory,
    PhaseFactory,
    UnitFactory,
    user_with,
)
from units.models import User

__all__ = ["world"]


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
    assert "Đang nhập" in text(client.get(where, {"ky": "2024", "state": "draft"}))
    assert "Không có đơn vị nào phù hợp" in text(client.get(where, {"state": "verified"}))
    world.part.left_on = date(2020, 1, 1)
    world.part.save()
    assert "Chưa có đơn vị nào tham gia" in text(client.get(where))
    world.period.result_sheets.all().delete()
    world.period.delete()
    world.group.delete()
    assert "Không có đơn vị nào hợp với nhóm" in text(client.get(where))
