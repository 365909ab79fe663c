"""Who asks for reports and who reads them: exactly these."""

import pytest

from campaigns.models import Campaign
from reports import policies
from reports.models import Report
from tests.factories import ParticipationFactory, UnitFactory, user_with
from units.models import Bloc, BlocMembership, Unit

pytestmark = pytest.mark.django_db


def scopes(user: object, report: Report) -> set[str]:
    return {unit.ref for unit in policies.consolidatable_scopes(user, report.campaign, 2024)}


@pytest.fixture
def district(asked: Report, province: Unit) -> Unit:
    district = UnitFactory(ref="huyen", parent=province)
    ParticipationFactory(campaign=asked.campaign, unit=UnitFactory(ref="xa", parent=district))
    return district


def test_home_affairs_of_the_province_asks_for_the_whole_and_for_each_part(
    asked: Report, province: Unit, district: Unit
) -> None:
    officer = user_with("home_affairs", province)
    assert {"tinh", "huyen", "xa"} <= scopes(officer, asked)
    assert list(policies.viewable_reports(officer)) == [asked]


def test_home_affairs_below_sees_its_own_part_only(
    asked: Report, district: Unit, province: Unit
) -> None:
    officer = user_with("home_affairs", district)
    assert scopes(officer, asked) == {"huyen", "xa"}
    assert not policies.viewable_reports(officer).exists()
    part = Report.objects.create(
        campaign=asked.campaign,
        period=asked.period,
        scope=district,
        version=1,
        requested_at=asked.requested_at,
    )
    assert list(policies.viewable_reports(officer)) == [part]


def test_the_standing_agency_beside_the_members_asks_for_the_whole(
    asked: Report, province: Unit
) -> None:
    office = UnitFactory(ref="so-noi-vu", parent=province)
    Campaign.objects.filter(pk=asked.campaign_id).update(standing_agency=office)
    officer = user_with("standing_agency", office)
    assert scopes(officer, asked) == {"tinh"}
    assert list(policies.viewable_reports(officer)) == [asked]


def test_the_leader_of_the_bloc_asks_in_his_year_only(asked: Report, province: Unit) -> None:
    leader = UnitFactory(ref="truong-khoi", parent=province)
    bloc = Bloc.objects.create(ref="khoi", name="Khối", organiser=province)
    BlocMembership.objects.create(bloc=bloc, unit=leader, year=2024, role="head")
    Campaign.objects.filter(pk=asked.campaign_id).update(bloc=bloc, standing_agency=None)
    user = user_with("bloc_leader", leader)
    assert scopes(user, asked) == {"tinh"}
    assert list(policies.viewable_reports(user)) == [asked]
    BlocMembership.objects.update(year=2023)
    assert scopes(user, asked) == set()
    assert not policies.viewable_reports(user).exists()


def test_a_clerk_of_a_member_and_a_stranger_read_no_report(asked: Report, district: Unit) -> None:
    for user in (user_with("clerk", district), user_with("home_affairs", UnitFactory())):
        assert scopes(user, asked) == set()
        assert not policies.viewable_reports(user).exists()


def test_a_draft_has_no_scope(asked: Report, province: Unit) -> None:
    Campaign.objects.update(state=Campaign.State.DRAFT)
    officer = user_with("home_affairs", province)
    assert "tinh" not in {unit.ref for unit in policies.consolidatable_campaigns(officer, 2024)}
    assert not policies.consolidatable_campaigns(officer, 2024).exists()
