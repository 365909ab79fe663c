"""Each policy is exactly these objects."""

from collections.abc import Iterator
from datetime import date

import pytest
from django.contrib.auth.models import Permission

from campaigns import policies, queries
from campaigns.models import Campaign, ResultSheet
from tests.factories import (
    NOW,
    CampaignFactory,
    ParticipationFactory,
    PeriodFactory,
    ResultSheetFactory,
    UnitFactory,
    UserFactory,
    user_with,
)
from units.models import Bloc, BlocMembership, Unit, UnitUserPermission, User
from units.rules import ENTER
from units.services import give_role

pytestmark = pytest.mark.django_db


@pytest.fixture
def department() -> Unit:
    return UnitFactory(ref="so")


@pytest.fixture
def office(department: Unit) -> Unit:
    return UnitFactory(ref="so.van-phong", parent=department)


@pytest.fixture
def branch(department: Unit) -> Unit:
    return UnitFactory(ref="so.chi-cuc", parent=department)


@pytest.fixture
def sheet(department: Unit, office: Unit, branch: Unit) -> ResultSheet:
    campaign = CampaignFactory(issuer=department, standing_agency=office)
    return ResultSheetFactory(period__campaign=campaign, participation__unit=branch)


def test_the_verifier_is_the_standing_agency_and_not_the_parent(
    sheet: ResultSheet, department: Unit, office: Unit, branch: Unit
) -> None:
    def sees(unit: Unit) -> list[ResultSheet]:
        user = user_with("standing_agency", unit)
        return list(policies.verifiable_result_sheets(user))

    assert sees(office) == [sheet]
    assert sees(department) == []
    assert sees(branch) == []


def test_nobody_is_offered_the_sheet_he_sent(sheet: ResultSheet, office: Unit) -> None:
    user = user_with("standing_agency", office)
    sheet.submitted_by = user
    sheet.save()
    assert not policies.verifiable_result_sheets(user).exists()


def test_entering_and_signing_hold_for_the_unit_alone(
    sheet: ResultSheet, department: Unit, branch: Unit
) -> None:
    assert list(policies.enterable_result_sheets(user_with("clerk", branch))) == [sheet]
    assert not policies.signable_result_sheets(user_with("clerk", branch)).exists()
    assert list(policies.signable_result_sheets(user_with("head_of_unit", branch))) == [sheet]
    assert not policies.enterable_result_sheets(user_with("clerk", department)).exists()


def people_of(places: dict[str, Unit]) -> Iterator[User]:
    """Somebody of every role at every unit, with and without all below it; somebody who was granted
    to enter and nothing else, alone and beside another role; somebody who enters and verifies;
    somebody who is not active."""
    enters = Permission.objects.get(codename=ENTER)
    for place, unit in places.items():
        for role in ("clerk", "head_of_unit", "standing_agency", "lead_department", "decider"):
            for below in (False, True):
                yield user_with(role, unit, and_below=below)
        yield user_with("head_of_unit", unit, is_active=False)
        both = user_with("clerk", unit)
        give_role(
            user=both,
            unit=places["office"],
            role="standing_agency",
            and_below=False,
            actor=None,
            now=NOW,
        )
        yield both
        for user in (UserFactory(), user_with("standing_agency", places["office"])):
            UnitUserPermission.objects.create(
                user=user, permission=enters, content_object=unit, and_below=place == "department"
            )
            yield user


def test_the_rights_on_one_sheet_are_those_of_the_list(
    sheet: ResultSheet, department: Unit, office: Unit, branch: Unit
) -> None:
    places = {"department": department, "office": office, "branch": branch, "far": UnitFactory()}
    seen, put = set(), set()
    for user in people_of(places):
        rows = policies.result_sheets_with_rights(user).filter(pk__in=enterable(user))
        by_list = {row.pk: policies.EntryRights(may_sign=row.may_sign) for row in rows}
        assert policies.entry_rights(user, sheet.pk) == by_list.get(sheet.pk)
        seen.add(by_list.get(sheet.pk))
        whole = queries.seen_sheet(user, sheet.pk)
        assert rights_of(whole) == rights_of(policies.result_sheets_with_rights(user).first())
        put.add((policies.put_rights(user, sheet), *rights_of(whole)))
    assert len(seen) == 3
    # worked out in memory for a clerk and a head, by the list for who verifies or only looks on
    assert {one for one in put if one[0]} == {(True, True, False, False), (True, True, True, False)}
    assert {one for one in put if not one[0]} >= {(False, False, False, True), (False,)}
    assert policies.entry_rights(user_with("clerk", branch), 0) is None


def rights_of(sheet: ResultSheet | None) -> tuple[bool, ...]:
    if sheet is None:
        return ()
    return sheet.may_enter, sheet.may_sign, sheet.may_verify  # type: ignore[attr-defined]


def enterable(user: User) -> list[int]:
    return list(policies.enterable_result_sheets(user).values_list("pk", flat=True))


def test_a_bloc_is_verified_by_the_leader_of_that_year() -> None:
    organiser, first, second = UnitFactory(), UnitFactory(), UnitFactory()
    bloc = Bloc.objects.create(ref="khoi", name="Khối Thi đua", organiser=organiser)
    for year, head, member in ((2023, first, second), (2024, second, first)):
        BlocMembership.objects.create(bloc=bloc, unit=head, year=year, role="head")
        BlocMembership.objects.create(bloc=bloc, unit=member, year=year)
    campaign = CampaignFactory(issuer=organiser, bloc=bloc, standing_agency=None)
    joined = ParticipationFactory(campaign=campaign, unit=organiser)
    sheets = {
        year: ResultSheetFactory(
            participation=joined,
            period=PeriodFactory(
                campaign=campaign,
                ref=str(year),
                period_from=date(year, 1, 1),
                period_to=date(year, 12, 31),
                closes_on=date(year + 1, 1, 31),
            ),
        )
        for year in (2023, 2024)
    }
    leader = user_with("bloc_leader", first)
    assert list(policies.verifiable_result_sheets(leader)) == [sheets[2023]]


def test_a_stranger_sees_no_plan_and_a_member_sees_it(sheet: ResultSheet, branch: Unit) -> None:
    stranger = user_with("home_affairs", UnitFactory())
    assert not policies.viewable_campaigns(stranger).exists()
    assert not policies.viewable_result_sheets(stranger).exists()
    member = user_with("clerk", branch)
    assert list(policies.viewable_campaigns(member)) == [sheet.period.campaign]


def test_a_draft_is_seen_by_those_who_write_it_alone(department: Unit, office: Unit) -> None:
    draft = CampaignFactory(issuer=department, standing_agency=office, state=Campaign.State.DRAFT)
    ParticipationFactory(campaign=draft, unit=department)
    assert not policies.viewable_campaigns(user_with("clerk", department)).exists()
    writer = user_with("standing_agency", office)
    assert list(policies.viewable_campaigns(writer)) == [draft]
    assert list(policies.plannable_campaigns(writer)) == [draft]


def test_a_plan_may_be_carried_out_by_who_writes_for_a_member_of_it(
    department: Unit, office: Unit, branch: Unit
) -> None:
    above = CampaignFactory(state=Campaign.State.ISSUED)
    ParticipationFactory(campaign=above, unit=department)
    draft = CampaignFactory(state=Campaign.State.DRAFT)
    ParticipationFactory(campaign=draft, unit=department)
    other = CampaignFactory(state=Campaign.State.ISSUED)
    ParticipationFactory(campaign=other, unit=UnitFactory())
    commune = UnitFactory(ref="so.xa", parent=department, kind__code="ubnd-xa")

    def sees(role: str, unit: Unit) -> set[Campaign]:
        return set(policies.viewable_campaigns(user_with(role, unit)))

    assert sees("standing_agency", office) == {above}
    assert sees("clerk", office) == set()
    assert sees("standing_agency", commune) == set()  # an authority of its own
    assert sees("standing_agency", department) == {above}
