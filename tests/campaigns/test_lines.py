"""The page of one indicator, put in order in SQL, against every cell read and sorted."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from campaigns import queries
from campaigns.models import Campaign, Period, Pledge, PledgeLine, PledgeRound, ResultSheet
from campaigns.queries import comparison
from campaigns.queries.board import PROVISIONAL, SENT, Wanted
from campaigns.queries.charts import Reach, reaches
from campaigns.queries.comparison import Comparison
from campaigns.queries.figured import Cell, Figure, UnitRow
from campaigns.queries.figures import read
from campaigns.queries.frame import frame_of, measured_members
from campaigns.queries.lines import MOST
from campaigns.queries.promises import Kept, Promises, kept
from campaigns.rules import REPORTED, Found
from criteria.models import Indicator, Target
from criteria.rules import Verdict
from tests.campaigns.test_board import crowd
from tests.campaigns.test_rollup import LEVELS, Made, undone
from tests.campaigns.world import World
from tests.factories import TargetFactory, user_with
from units.models import User

MANY = settings(
    max_examples=12,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
SILENT = (Verdict.NOTHING, Verdict.NOT_APPLICABLE, Verdict.NO_DATA)


def told(unit: UnitRow, cell: Cell, reach: Any) -> tuple[Any, ...]:
    """All of a line; the year before is read only where targets ask for it."""
    return unit, replace(cell, before=None), reach


class Slow:
    """What a page says of one indicator: every cell read, sorted and counted one by one."""

    def __init__(self, found: queries.Figures, indicator: Indicator) -> None:
        by_ref = {one.indicator.ref: one for one in found.indicators}
        self.figure = by_ref[indicator.ref]
        self.source: Figure = by_ref.get(self.figure.indicator.source_ref, self.figure)
        cells = [(unit, self.source.cells.get(unit.pk)) for unit in found.units]
        held = [(unit, cell) for unit, cell in cells if cell is not None]
        numbers = [
            (cell.measured.exact, unit, cell)
            for unit, cell in held
            if cell.state == REPORTED and self.source.indicator.kind != "yes_no"
        ]
        drawn = [row for row in numbers if row[0] is not None]
        drawn.sort(key=lambda row: -row[0])  # type: ignore[operator]
        bars = reaches(
            [value for value, _unit, _cell in drawn if value is not None],
            [cell.mark for _value, _unit, cell in drawn],
            percent=self.source.percent is not None,
        )
        high = [told(u, c, bar) for (_v, u, c), bar in zip(drawn, bars, strict=True)]
        shown = {unit.pk for _value, unit, _cell in drawn}
        rest = [(unit, cell) for unit, cell in held if unit.pk not in shown]
        rest.sort(key=lambda row: row[1].state != REPORTED)
        self.lines = high + [told(unit, cell, None) for unit, cell in rest]
        self.bars = len(high)
        self.targets = {cell.target for _v, _u, cell in drawn if cell.mark is not None}
        self.silent = [
            (verdict, [(unit.name, cell.reason, unit.accepted) for unit, cell in named])
            for verdict in SILENT
            if (named := [row for row in held if row[1].verdict == verdict])
        ]
        words = [cell.told.found for _unit, cell in held if cell.told]
        verdicts = Counter(cell.verdict for _unit, cell in held if not cell.told)
        parts = [(one, words.count(one)) for one in Found] if self.source.told else []
        of = SILENT if self.source.told else Verdict
        parts += [(one, verdicts[one]) for one in of]
        in_words = self.source.indicator.kind in comparison.WORDS
        none = not self.source.told and (self.bars or in_words)
        self.slices = [] if none else [(str(one), count) for one, count in parts if count]


def check(found: Comparison, slow: Slow) -> None:
    lines = [told(line.unit, line.cell, line.reach) for line in found.lines]
    assert lines == slow.lines
    assert len(found.lines) == len(slow.lines)
    pages = [found.lines[at : at + 3] for at in range(0, len(lines), 3)]
    assert [told(line.unit, line.cell, line.reach) for page in pages for line in page] == lines
    assert replace(slow.figure, cells={}) == found.figure
    assert (found.drawn.bars, found.drawn.targets) == (slow.bars, slow.targets)
    assert [
        (verdict, [(one.unit, one.reason, one.accepted) for one in units], count)
        for verdict, units, count in found.silences
    ] == [(verdict, units[:MOST], len(units)) for verdict, units in slow.silent]
    assert [(one.key, one.count) for one in found.slices] == slow.slices


@pytest.mark.django_db
@MANY
@given(seed=st.integers(0, 2**32), provisional=st.booleans())
def test_a_page_in_sql_is_what_every_cell_comes_to(seed: int, provisional: bool) -> None:
    with undone():
        made = Made(Random(seed))
        user = user_with("standing_agency", made.campaign.standing_agency)
        period = made.periods[-1]
        states = [str(one) for one in (SENT if provisional else ResultSheet.ACCEPTED)]
        cells = queries.figures(made.campaign, period, counted=states)
        for one in comparison.comparable_indicators(made.campaign):
            found = compare(made.campaign, made.periods, period, one, user, provisional)
            check(found, Slow(cells, one))


def compare(
    campaign: Campaign,
    periods: Sequence[Period],
    period: Period,
    indicator: Indicator,
    user: User,
    provisional: bool = False,
) -> Comparison:
    wanted = Wanted(figures=PROVISIONAL if provisional else "")
    return comparison.comparison(campaign, periods, period, indicator, user, wanted)


def test_shares_that_differ_by_a_hair_are_told_apart_and_equal_ones_stand_by_name(
    world: World,
) -> None:
    """To so many digits that no share of two stored numbers is taken for another."""
    indicator = world.indicator(code="CT01")
    pairs = {
        "C": ("99999999999997", "99999999999998"),
        "D": ("99999999999998", "99999999999999"),  # the higher one, in the 28th digit
        "B": ("1", "3"),
        "A": ("33333333333333", "99999999999999"),
        "E": ("2", "6"),
    }
    for name, (numerator, denominator) in pairs.items():
        typed = {"numerator": numerator, "denominator": denominator}
        world.accepted(world.member(name=f"Chi cục {name}"), {indicator: typed})
    world.part.delete()
    found = compare(world.campaign, [world.period], world.period, indicator, world.verifier)
    assert [line.unit.name[-1] for line in found.lines] == ["D", "C", "A", "B", "E"]


def test_all_pages_are_drawn_on_one_scale(world: World) -> None:
    """It ends in the highest figure or target, whichever page that stands on."""
    indicator = world.indicator(target=None, kind="quantity")
    for part, value, target in ((world.part, "10", 5), (world.member(), "8", 40)):
        TargetFactory(indicator=indicator, unit=part.unit, value=target)
        world.accepted(part, {indicator: {"value": value}})
    found = compare(world.campaign, [world.period], world.period, indicator, world.verifier)
    reaches_of = [line.reach for at in range(2) for line in found.lines[at : at + 1]]
    assert reaches_of == [Reach(width=250, target=125), Reach(width=200, target=1000)]
    Target.objects.update(value=1)
    found = compare(world.campaign, [world.period], world.period, indicator, world.verifier)
    assert [line.reach for line in found.lines[1:2]] == [Reach(width=800, target=100)]


# --- pledges --------------------------------------------------------------------------------------
def pledged(made: Made, period: Period, indicator: Indicator) -> Promises:
    lines = {}
    for part in made.parts:
        if made.often(3):
            continue
        operator = made.one_of(">=", ">", "<=", "<", "=", "none")
        value = None if operator == "none" else made.one_of(*LEVELS)
        basis = "level" if operator == "none" else made.one_of("level", "level", "rise", "fall")
        lines[period.period_to.year, part.unit_id, indicator.pk] = PledgeLine(
            pledge=Pledge(round=PledgeRound(year=period.period_to.year), unit=part.unit),
            indicator=indicator,
            operator=operator,
            value=value,
            basis=basis,
            text="" if value is not None else "Làm tốt",
        )
    return Promises(lines)


@pytest.mark.django_db
@MANY
@given(seed=st.integers(0, 2**32), kind=st.sampled_from(["year", "year", "half"]))
def test_pledges_are_counted_as_they_are_told_one_by_one(seed: int, kind: str) -> None:
    with undone():
        made = Made(Random(seed))
        Period.objects.update(kind=kind)
        periods = list(Period.objects.order_by("period_from"))
        period = periods[-1]
        for one in Indicator.objects.exclude(kind="derived").exclude(group__measured="nominee"):
            signed = pledged(made, period, one)
            frame = frame_of(made.campaign, periods, one, by_change=True)
            of = next(other for other in frame.indicators if other.pk == one.pk)
            members = measured_members(frame, period, of.group, None)
            counted = ResultSheet.ACCEPTED
            here = read(frame.only([period]), list(members), counted)[0]
            cells = next(f.cells for f in here.indicators if f.indicator.pk == one.pk)
            told = [signed.of(period, one.pk, cell) for cell in cells.values()]
            held = [promise for promise in told if promise]
            assert kept(frame, period, of, members, signed, counted) == Kept(
                units=len(held),
                told=sum(promise.kept or promise.broken for promise in held),
                kept=sum(promise.kept for promise in held),
                stricter=sum(promise.stricter for promise in held),
            )


# --- what is read ---------------------------------------------------------------------------------
def test_no_more_rows_are_read_than_a_page_shows(world: World) -> None:
    """However many units have a figure: the members, sheets and results of one page."""
    crowd(world, 150, indicators=1)
    indicator = Indicator.objects.get()
    with CaptureQueriesContext(connection) as captured:
        found = compare(world.campaign, [world.period], world.period, indicator, world.verifier)
        rows = found.lines[60:120]
    assert len(rows) == 60
    assert rows[0].cell.measured.exact >= rows[-1].cell.measured.exact
    sheets = re.compile(r'^SELECT "campaigns_result"."id".*"result_sheet_id" IN \(([^)]*)\)')
    asked = [hit for one in captured if (hit := sheets.search(one["sql"]))]
    assert [hit[1].count(",") + 1 for hit in asked] == [61]
    assert found.source.reported == 150
