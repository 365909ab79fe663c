"""Sums and verdicts worked out in SQL against a slow, obvious reference and cell by cell."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from campaigns import queries
from campaigns.models import (
    Campaign,
    CellMark,
    Evidence,
    Participation,
    Period,
    Result,
    ResultSheet,
)
from campaigns.queries.board import SENT
from campaigns.queries.frame import frame_of
from campaigns.queries.rollup import rollup
from criteria.models import Group, Indicator, RubricLevel
from criteria.rules import Measured
from tests.campaigns import reference
from tests.campaigns.test_change_targets import LAST_YEAR, enter, year
from tests.campaigns.world import World
from tests.factories import (
    NOW,
    CampaignFactory,
    GroupFactory,
    IndicatorFactory,
    KindFactory,
    LevelFactory,
    ParticipationFactory,
    PeriodFactory,
    RubricLevelFactory,
    TargetFactory,
    UnitFactory,
    UserFactory,
)
from units.models import Blob

REGIONS = ["mien-nui", "hai-dao"]
OPERATORS = [">=", ">", "<=", "<", "=", "between"]
CHANGES = ["rise", "fall", "rise_percent", "fall_percent"]
BASES = ["level"] * 3 + CHANGES
AWAY = [
    [date(2021, 12, 31), date(2024, 1, 31)],
    [date(2022, 1, 1), date(2024, 2, 1)],
    [date(2020, 6, 1), date(2021, 3, 1), date(2022, 5, 1), date(2025, 2, 1)],
]
KINDS = [
    "ratio",
    "ratio",
    "ratio",
    "quantity",
    "count",
    "yes_no",
    "qualitative",
    "qualitative",
    "narrative",
]
LEVELS = [Decimal(n) for n in (0, 1, 2, 25, 50, 75, 100)]  # so few that some are just reached


@contextmanager
def undone() -> Iterator[None]:
    """What is made inside is there for one example only."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


class Made:
    """A plan with everything that figures depend on, made at random."""

    def __init__(self, chance: Random) -> None:
        self.chance = chance
        self.asks = self.one_of(KINDS, ["ratio"], ["ratio"], ["qualitative", "yes_no", "count"])
        self.bases = self.one_of(BASES, ["level"], CHANGES)
        levels = [LevelFactory(code=f"cap-{n}", rank=n + 1) for n in range(2)]
        self.kinds = [KindFactory(code=f"loai-{n}", level=levels[n % 2]) for n in range(3)]
        self.campaign: Campaign = CampaignFactory()
        self.periods = [self.period(year) for year in range(chance.randint(2021, 2023), 2025)]
        self.sender, self.verifier = UserFactory(), UserFactory()
        self.blob = Blob.objects.create(sha256="0" * 64, size=1, media_type="x", stored_at=NOW)
        self.parts = [self.member() for _ in range(chance.randint(2, 7))]
        if self.often(2):
            self.parts.append(
                ParticipationFactory(campaign=self.campaign, unit=self.campaign.standing_agency)
            )
        groups = [self.group() for _ in range(chance.randint(1, 3))]
        asked = [self.indicator(self.one_of(*groups)) for _ in range(chance.randint(2, 6))]
        for _ in range(chance.randint(0, 3)):
            self.derived(self.one_of(*groups), self.one_of(*asked))
        self.levels: dict[tuple[Indicator, bool], RubricLevel] = {}
        self.sheets: list[ResultSheet] = []
        self.results: list[Result] = []
        self.marks: list[CellMark] = []
        self.files: list[Evidence] = []
        for period in self.periods:
            for part in self.parts:
                if not self.often(6):
                    self.sheet(part, period, asked)
        ResultSheet.objects.bulk_create(self.sheets)
        Result.objects.bulk_create(self.results)
        CellMark.objects.bulk_create(self.marks)
        Evidence.objects.bulk_create(self.files)

    def one_of(self, *values: Any) -> Any:
        return self.chance.choice(values)

    def often(self, times: int) -> bool:
        """Once in so many times."""
        return self.chance.randrange(times) == 0

    def period(self, year: int) -> Period:
        found: Period = PeriodFactory(
            campaign=self.campaign,
            ref=str(year),
            period_from=date(year, self.one_of(1, 1, 9), 1),
            period_to=date(year, 12, 31),
            closes_on=date(year + 1, 1, 31),
        )
        return found

    def member(self) -> Participation:
        tags = [tag for tag in REGIONS if self.often(2)]
        found: Participation = ParticipationFactory(
            campaign=self.campaign,
            unit=UnitFactory(
                kind=self.one_of(*self.kinds),
                tags=tags,
                valid_to=self.one_of(*[None] * 8, date(2023, 12, 31), date(2024, 1, 1)),
            ),
            registered_on=self.one_of(*[date(2020, 1, 1)] * 8, date(2024, 1, 31), date(2024, 2, 1)),
            left_on=self.one_of(*[None] * 8, date(2023, 12, 31), date(2024, 1, 1)),
            away=self.one_of(*[[]] * 8, *AWAY),
        )
        return found

    def group(self) -> Group:
        measured = self.one_of(*["each"] * 9, "sum", "once", "nominee")
        group: Group = GroupFactory(criteria_set=self.campaign.criteria_set, measured=measured)
        if self.often(2):
            group.unit_kinds.set([kind for kind in self.kinds if not self.often(3)])
            group.units.set([part.unit for part in self.parts if self.often(3)])
        return group

    def indicator(self, group: Group) -> Indicator:
        indicator: Indicator = IndicatorFactory(group=group, kind=self.one_of(*self.asks))
        seen = set()
        for _ in range(self.chance.randint(0, 6)):
            fields = {
                "unit": self.one_of(*[None] * 9, self.parts[0].unit),
                "unit_kind": self.one_of(*[None] * 12, *self.kinds),
                "level": self.one_of(*[None] * 12, self.kinds[0].level, self.kinds[1].level),
                "region": self.one_of(*[""] * 9, *REGIONS),
                "year": self.one_of(*[None] * 6, 2023, 2024),
                "in_force_from": self.one_of(*[None] * 6, date(2023, 6, 1), date(2024, 12, 31)),
            }
            if (key := tuple(map(str, fields.values()))) not in seen:
                seen.add(key)
                operator, value = self.one_of(*OPERATORS), self.one_of(*LEVELS)
                to = value + 1 + self.one_of(*LEVELS) if operator == "between" else None
                fields |= {"operator": operator, "value": value, "value_to": to}
                self.target(indicator, basis=self.one_of(*self.bases), **fields)
        return indicator

    def target(self, indicator: Indicator, **fields: Any) -> None:
        revised = {"decision": "QĐ", "reason": "Rà soát"} if fields["in_force_from"] else {}
        TargetFactory(indicator=indicator, **fields, **revised)

    def derived(self, group: Group, source: Indicator) -> None:
        how = self.one_of("sum", "share", "count")
        one = IndicatorFactory(group=group, kind="derived", derivation=how, derived_from=source)
        TargetFactory(indicator=one, value=50, basis=self.one_of("level", "rise"))

    def sheet(self, part: Participation, period: Period, asked: list[Indicator]) -> None:
        sheet = ResultSheet(
            participation=part,
            period=period,
            state=self.one_of("draft", "submitted", *["verified"] * 8, "locked"),
            submitted_at=NOW,
            submitted_by=self.sender,
            verified_at=NOW,
            verified_by=self.verifier,
            locked_at=NOW,
        )
        self.sheets.append(sheet)
        for one in asked:
            state = self.one_of(None, "missing", "nothing", "not_applicable", *["reported"] * 12)
            if state is not None:
                values = self.values(one) if state == "reported" else {"reason": "Lý do"}
                result = Result(
                    result_sheet=sheet, indicator=one, state=state, saved_at=NOW, **values
                )
                self.results.append(result)
                for _ in range(self.chance.randint(0, 3)):
                    self.mark(result, one)
                if self.often(4):
                    self.file(result)

    def mark(self, result: Result, one: Indicator) -> None:
        level = self.one_of(None, self.level(one, is_met=self.often(2)))
        met = None if level else self.one_of(None, True, False)
        silent = level is None and met is None
        mark = CellMark(
            result=result,
            office="lead" if silent else self.one_of("lead", "agency"),
            version=self.one_of(result.version, result.version, result.version + 1),
            verdict=self.one_of("confirmed", "questioned") if silent else "confirmed",
            level=level,
            met=met,
            reason="Lý do",
            at=self.hour(),
            by=self.verifier,
        )
        self.marks.append(mark)

    def level(self, one: Indicator, *, is_met: bool) -> RubricLevel:
        if (one, is_met) not in self.levels:
            self.levels[one, is_met] = RubricLevelFactory(indicator=one, is_met=is_met)
        return self.levels[one, is_met]

    def file(self, result: Result) -> None:
        came = self.hour()
        gone = self.one_of(None, came + timedelta(hours=1))
        file = Evidence(
            result=result,
            blob=self.blob,
            name="Bảng kê.pdf",
            uploaded_at=came,
            uploaded_by=self.sender,
            removed_at=gone,
            removed_by=self.sender if gone else None,
        )
        self.files.append(file)

    def hour(self) -> datetime:
        return NOW + timedelta(hours=self.chance.randint(0, 3))

    def values(self, one: Indicator) -> dict[str, Any]:
        """Mostly what the kind holds; a criterion may also have become another kind since."""
        kind = self.one_of(*[one.kind] * 12, *KINDS)
        if kind == "ratio":
            whole = self.one_of(Decimal(4), Decimal(100), self.large())
            part = whole * self.one_of(*LEVELS) / 100
            return {"numerator": self.one_of(part, self.large()), "denominator": whole}
        if kind == "yes_no":
            return {"yes": self.often(2)}
        if kind in ("quantity", "count"):
            return {"value": self.one_of(*LEVELS, self.large())}
        return {"text": "Đã làm"}

    def large(self) -> Decimal:
        return Decimal(self.chance.randint(1, 10**12)) / 100


def told(figure: queries.Figure) -> dict[str, Any]:
    names = ("units", "reported", "nothing", "not_applicable", "missing", "met", "not_met", "hits")
    sums = (figure.numerator, figure.denominator, figure.value)
    words = (figure.told.met, figure.told.not_met, figure.told.waiting)
    return {name: getattr(figure, name) for name in names} | {"sums": sums, "told": words}


def numbers(measured: Measured) -> tuple[Decimal | None, ...]:
    return measured.numerator, measured.denominator, measured.value


@pytest.mark.django_db
@settings(
    max_examples=40,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),  # a smaller seed makes no smaller plan
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(seed=st.integers(0, 2**32), counted=st.sampled_from([ResultSheet.ACCEPTED, SENT]))
def test_sql_comes_to_what_a_slow_reference_comes_to(seed: int, counted: tuple[str, ...]) -> None:
    with undone():
        made = Made(Random(seed))
        every = [str(state) for state in counted]
        frame = frame_of(made.campaign, made.periods)
        summed = rollup(frame, None, every)
        rows = reference.Rows(made.campaign, every)
        for period in made.periods:
            found = {one.indicator.ref: told(one) for one in summed.figures(period)}
            assert found == reference.figures(rows, period)
            for one in frame.indicators if frame.by_change else ():
                if one.kind != "derived":
                    sums = summed.totals[period.pk][one.pk].compared
                    both = (sums.units, numbers(sums.now), numbers(sums.then))
                    assert both == reference.compared(one.pk, rows, period)
            cell_by_cell = queries.figures(made.campaign, period, counted=every).indicators
            for one, other in zip(summed.figures(period), cell_by_cell, strict=True):
                assert told(one) == told(other)
                assert (one.shown, one.verdict, one.shortfall, one.mark, one.percent) == (
                    (other.shown, other.verdict, other.shortfall, other.mark, other.percent)
                )


@pytest.mark.django_db
@settings(
    max_examples=15,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(seed=st.integers(0, 2**32))
def test_the_states_of_a_row_are_those_of_its_cells(seed: int) -> None:
    with undone():
        made = Made(Random(seed))
        period = made.periods[-1]
        cells = queries.figures(made.campaign, period)
        parts = {part.unit_id: part.pk for part in made.parts}
        summed = rollup(frame_of(made.campaign, [period]), None, ResultSheet.ACCEPTED)
        for group in {one.indicator.group_ref for one in cells.indicators}:
            mine = [one for one in cells.indicators if one.indicator.group_ref == group]
            asked = [one for one in mine if one.indicator.kind != "derived"]
            states = summed.states([one.indicator.pk for one in asked])
            for unit in cells.reported_units:
                held = [one.cells[unit.pk] for one in asked if unit.pk in one.cells]
                if held and parts[unit.pk] in states:
                    shown = [cell.told.found if cell.told else cell.verdict for cell in held]
                    assert +states[parts[unit.pk]] == Counter(map(str, shown))


@pytest.mark.parametrize(
    ("basis", "asked", "now", "met"),
    [
        ("rise", 5, 65, True),
        ("rise", 5, 64, False),
        ("fall", 5, 55, True),
        ("fall", 5, 56, False),
        ("rise_percent", 10, 66, True),
        ("rise_percent", 10, 65, False),
        ("fall_percent", 10, 54, True),
        ("fall_percent", 10, 55, False),
    ],
)
def test_a_share_is_held_against_the_share_of_the_year_before(
    world: World, basis: str, asked: int, now: int, met: bool
) -> None:
    """30 of 50 were 60 per cent; then `now` of 100."""
    indicator = world.indicator(target=None)
    TargetFactory(indicator=indicator, operator=">=", value=asked, basis=basis)
    before = year(world, 2023)
    enter(world, world.part, before, indicator, LAST_YEAR, numerator="30", denominator="50")
    world.accepted(world.part, {indicator: {"numerator": str(now), "denominator": "100"}})
    summed = rollup(frame_of(world.campaign, [world.period]), None, ResultSheet.ACCEPTED)
    (one,) = summed.figures(world.period)
    assert (one.met, one.not_met) == (met, not met)


def test_nobody_taking_part_asks_the_database_for_no_cells(
    world: World, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    world.indicator()
    world.part.delete()
    frame = frame_of(world.campaign, [world.period])
    with django_assert_num_queries(1):
        (one,) = rollup(frame, None, ResultSheet.ACCEPTED).figures(world.period)
    assert (one.units, one.shown) == (0, "–")
