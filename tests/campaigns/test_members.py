"""Enrolling, leaving, and where each stands."""

from datetime import date, timedelta

import pytest

from campaigns import queries, services
from campaigns.models import Campaign, Participation, ResultSheet
from campaigns.queries.frame import frame_of
from campaigns.queries.rollup import rollup
from campaigns.queries.scores import members_in
from campaigns.rules import away_again
from tests.campaigns.test_board import ClientOf
from tests.campaigns.world import World
from tests.factories import (
    NOW,
    TODAY,
    GroupFactory,
    KindFactory,
    PeriodFactory,
    UnitFactory,
    user_with,
)
from units.models import AuditEntry, Bloc, BlocMembership, Unit
from units.rules import DomainError


def names(world: World, on: date = TODAY) -> dict[str, tuple[list[str], bool]]:
    return {
        one.unit.name: (one.groups, one.enrolled) for one in queries.candidates(world.campaign, on)
    }


def test_candidates_fit_the_groups_under_the_issuer(world: World) -> None:
    kind = world.branch.kind
    UnitFactory(name="Chi cục Thủy lợi", parent=world.office, kind=kind)
    UnitFactory(name="Chi cục nơi khác", kind=kind)
    UnitFactory(name="Chi cục cũ", parent=world.office, kind=kind, valid_to=date(2023, 1, 1))
    UnitFactory(name="Phòng", parent=world.office, kind=KindFactory(code="phong", name="Phòng"))
    named = GroupFactory(criteria_set=world.campaign.criteria_set, name="Giao riêng")
    named.units.add(UnitFactory(name="Trung tâm nơi khác", kind=KindFactory(code="trung-tam")))
    assert names(world) == {
        "Chi cục Phát triển nông thôn": (["Chi cục thuộc Sở"], True),
        "Chi cục Thủy lợi": (["Chi cục thuộc Sở"], False),
        "Trung tâm nơi khác": (["Giao riêng"], False),
    }


def test_nominees_are_no_members(world: World) -> None:
    nominees = GroupFactory(criteria_set=world.campaign.criteria_set, measured="nominee")
    nominees.unit_kinds.add(KindFactory(code="phong", name="Phòng"))
    UnitFactory(name="Phòng", parent=world.office, kind=KindFactory(code="phong"))
    assert list(names(world)) == ["Chi cục Phát triển nông thôn"]


def test_the_standing_agency_is_a_candidate_where_it_answers_for_the_plan(world: World) -> None:
    GroupFactory(criteria_set=world.campaign.criteria_set, measured="once", name="Toàn tỉnh")
    assert names(world)["Văn phòng Sở"] == (["Toàn tỉnh"], False)


def test_of_a_bloc_the_members_of_the_year_are_candidates(world: World) -> None:
    bloc = Bloc.objects.create(ref="khoi", name="Khối", organiser=world.office)
    GroupFactory(criteria_set=world.campaign.criteria_set, name="Thành viên Khối")
    world.campaign.bloc = bloc
    world.campaign.save()
    member = UnitFactory(name="Ban Quản lý rừng", kind=KindFactory(code="ban", name="Ban"))
    BlocMembership.objects.create(bloc=bloc, unit=member, year=2024)
    assert names(world) == {"Ban Quản lý rừng": (["Thành viên Khối"], False)}
    assert names(world, date(2023, 6, 1)) == {}


def test_a_plan_without_groups_has_no_candidates(world: World) -> None:
    world.group.delete()
    assert names(world) == {}


def test_enrol_leave_and_come_back(world: World) -> None:
    other = UnitFactory()
    enrolled = services.enrol_units(
        world.campaign, [world.branch, other, other], actor=world.verifier, now=NOW
    )
    assert [part.unit for part in enrolled] == [other]
    part = enrolled[0]
    assert (part.registered_on, part.registered_by) == (TODAY, world.verifier)
    here = world.campaign.participations.filter(left_on__isnull=True)
    assert here.count() == 2
    services.leave_campaign(part, actor=world.verifier, now=NOW)
    assert here.count() == 1
    with pytest.raises(DomainError, match="đã thôi tham gia từ 24/11/2024"):
        services.leave_campaign(part, actor=world.verifier, now=NOW)
    assert queries.candidates(world.campaign, TODAY)[0].enrolled
    back = services.enrol_units(world.campaign, [other], actor=world.verifier, now=NOW)
    assert (back[0].pk, back[0].left_on) == (part.pk, None)
    assert services.enrol_units(world.campaign, [other], actor=None, now=NOW) == []
    actions = AuditEntry.objects.order_by("pk").filter(subject_type="campaigns.campaign")
    assert list(actions.values_list("action", flat=True)) == [
        "campaign.units_enrolled",
        "campaign.unit_left",
        "campaign.units_enrolled",
    ]


def test_who_comes_back_is_not_counted_for_the_time_away(world: World, client_of: ClientOf) -> None:
    """Away from the middle of 2022 to the end of 2024: a whole year that it had no part in."""
    years = [
        PeriodFactory(
            campaign=world.campaign,
            ref=str(year),
            name=f"Năm {year}",
            period_from=date(year, 1, 1),
            period_to=date(year, 12, 31),
            closes_on=date(year + 1, 1, 31),
        )
        for year in (2022, 2023)
    ]
    indicator = world.indicator()
    services.leave_campaign(world.part, actor=None, now=NOW, on=date(2022, 7, 30))
    services.enrol_units(world.campaign, [world.branch], actor=None, now=NOW)  # 24/11/2024

    def counted() -> dict[str, int]:
        found = {}
        for period in [*years, world.period]:
            (cell_by_cell,) = queries.figures(world.campaign, period).indicators
            frame = frame_of(world.campaign, [period])
            (summed,) = rollup(frame, None, ResultSheet.ACCEPTED).figures(period)
            members = queries.standings(world.campaign, period, world.verifier, year=2024).total
            lead = queries.lead_page(period, [indicator], indicator, world.verifier).rows
            assert {summed.units, cell_by_cell.units, len(lead)} == {members}
            found[period.ref] = members
        return found

    assert counted() == {"2022": 1, "2023": 0, world.period.ref: 1}
    page = client_of(world.verifier).get(f"/phong-trao/{world.campaign.ref}/don-vi/")
    assert "vắng từ 30/07/2022, trở lại 24/11/2024" in page.content.decode()
    with pytest.raises(DomainError, match="vắng mặt suốt kỳ"):
        services.open_sheet(
            Participation.objects.get(pk=world.part.pk), years[1], actor=None, now=NOW
        )


@pytest.mark.parametrize(
    ("left", "back", "expected"),
    [
        (5, 9, [1, 3, 5, 9]),
        (3, 9, [1, 9]),
        (2, 9, [1, 9]),
        (1, 2, [1, 3]),
        (0, 9, [0, 9]),
        (7, 7, [1, 3]),
        (7, 6, [1, 3]),
    ],
)
def test_times_away_stand_in_their_order(left: int, back: int, expected: list[int]) -> None:
    def days(*numbers: int) -> list[date]:
        return [date(2024, 1, 1 + number) for number in numbers]

    (gone,), (come,) = days(left), days(back)
    assert away_again(days(1, 3), gone, come) == days(*expected)


def test_a_closed_plan_takes_nobody(world: World) -> None:
    Campaign.objects.update(state=Campaign.State.CLOSED)
    with pytest.raises(DomainError, match="đã tổng kết"):
        services.enrol_units(world.campaign, [UnitFactory()], actor=None, now=NOW)


@pytest.mark.parametrize(
    ("ended", "counted"),
    [(date(2023, 12, 31), 1), (date(2024, 1, 1), 2)],
)
def test_a_unit_that_ended_before_the_period_is_asked_for_nothing(
    world: World, ended: date, counted: int
) -> None:
    indicator, gone = world.indicator(), world.member(name="Huyện cũ")
    Unit.objects.filter(pk=gone.unit_id).update(valid_to=ended)
    year = {"year": 2024}
    assert queries.standings(world.campaign, world.period, world.verifier, **year).total == counted
    (owing,) = queries.who_owes(world.verifier, NOW.date())
    assert owing.members == counted
    assert len(queries.figures(world.campaign, world.period).units) == counted
    (figure,) = rollup(
        frame_of(world.campaign, [world.period]), None, ResultSheet.ACCEPTED
    ).figures(world.period)
    assert (figure.indicator.pk, figure.missing) == (indicator.pk, counted)
    last = world.period.period_to
    for day, stays in ((last, True), (last - timedelta(days=1), False)):
        Unit.objects.filter(pk=gone.unit_id).update(valid_to=day)
        assert (gone in members_in(world.period)) is stays


def test_standings_by_state_and_name(world: World) -> None:
    world.sheet()
    quiet = world.member(name="Chi cục Thủy lợi", folded="chi cuc thuy loi")
    gone = world.member()
    gone.left_on = date(2023, 12, 31)
    gone.save()

    def found(**filters: str) -> list[Participation]:
        standings = queries.standings(
            world.campaign, world.period, world.verifier, year=2024, **filters
        )
        assert standings.total == 2
        assert standings.counts == {"none": 1, "draft": 1, "unsent": 2}
        return [row.participation for row in standings.rows]

    assert found() == [world.part, quiet]
    assert found(state="draft") == [world.part]
    assert found(state="none") == [quiet]
    assert found(state="unsent") == [world.part, quiet]
    assert found(text="THỦY") == [quiet]


def test_a_member_sees_his_own_standing_alone(world: World) -> None:
    world.member()

    def seen(user: object) -> int:
        return queries.standings(world.campaign, None, user, year=2024).total  # type: ignore[arg-type]

    assert seen(world.clerk) == 1
    assert seen(world.verifier) == 2
    assert seen(user_with("clerk", UnitFactory())) == 0
