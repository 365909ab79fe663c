"""What the cells of many units come to, summed and judged in SQL: no result leaves the database.

Units that the plan treats alike (of one kind, with the same labels, named by the same groups and
targets) have the same targets. These are resolved once for each such part of the units, by
criteria.rules, and handed to the statement as a table of bounds; so each cell is judged where it
lies, in exact numbers. `campaigns.queries.figures` reads the same cells one by one.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db import connection
from django.db.models import Case, Count, IntegerField, QuerySet, Value, When

from campaigns.models import Participation, Period
from campaigns.queries.facts import target_for
from campaigns.queries.figured import Figure, Total
from campaigns.queries.figures import figure_of
from campaigns.queries.frame import Frame, in_period, last_day
from campaigns.rules import (
    MISSING,
    NOT_APPLICABLE,
    NOTHING,
    REPORTED,
    STATE_VERDICTS,
    Found,
    Tally,
)
from criteria.models import Group, Indicator
from criteria.rules import Form, Linear, Measured, UnitFacts, Verdict, form_of, roll_up
from units.models import Unit

Sql = tuple[str, list[Any]]
VERDICTS = {True: Verdict.MET, False: Verdict.NOT_MET, None: Verdict.NOT_JUDGED}

# A figure is a pair, or a number (yes is 1, no is 0), or neither.
PAIR = "{0}.numerator IS NOT NULL AND {0}.denominator <> 0"
NUMBER = "CASE WHEN {0}.yes IS NULL THEN {0}.value ELSE {0}.yes::int END"
NOW = {"pair": PAIR.format("r"), "number": NUMBER.format("r")}
THEN = {"was_pair": PAIR.format("o"), "was_number": NUMBER.format("o")}

HELD = """CASE b.operator
    WHEN '>=' THEN {0} >= {1} WHEN '>' THEN {0} > {1} WHEN '<=' THEN {0} <= {1}
    WHEN '<' THEN {0} < {1} WHEN '=' THEN {0} = {1} WHEN 'between' THEN {0} BETWEEN {1} AND {2}
    END"""

# Held against a level: a numerator against the part of its denominator that is asked for.
OF_PAIR = ["r.numerator", "b.low_part * r.denominator", "b.high_part * r.denominator"]
OF_NUMBER = [f"({NOW['number']})", "b.low", "b.high"]
BY_LEVEL = f"""CASE WHEN {NOW["pair"]} THEN {HELD.format(*OF_PAIR)}
    ELSE {HELD.format(*OF_NUMBER)} END"""

# Held against the figure of the year before, too: both sides times both denominators.
IS = "CASE WHEN {pair} THEN 100 * r.numerator ELSE {number} END".format(**NOW)
IS_OF = "CASE WHEN {pair} THEN r.denominator ELSE 1 END".format(**NOW)
WAS = "CASE WHEN {was_pair} THEN 100 * o.numerator ELSE {was_number} END".format(**THEN)
WAS_OF = "CASE WHEN b.of_before AND {was_pair} THEN o.denominator ELSE 1 END".format(**THEN)
KNOWN = f"CASE WHEN NOT b.of_before THEN 0 WHEN NOT b.relative OR {WAS} > 0 THEN {WAS} END"
BY_CHANGE = HELD.format(
    f"(({IS}) * ({WAS_OF}))",
    f"((({KNOWN}) * b.low_times + b.low * ({WAS_OF})) * ({IS_OF}))",
    f"((({KNOWN}) * b.high_times + b.high * ({WAS_OF})) * ({IS_OF}))",
)
COUNTS = "count(*), count(r.yes), count(*) FILTER (WHERE r.yes)"
SUMS = f"{COUNTS}, sum(r.numerator), sum(r.denominator), sum({NOW['number']})"
MEMBERS = """SELECT s.id AS sheet, s.period_id AS period, p.id AS part, a.pk AS alike
    FROM campaigns_resultsheet s JOIN campaigns_participation p ON p.id = s.participation_id
    JOIN units_unit u ON u.id = p.unit_id
    LEFT JOIN {alike} ON a.kind = u.kind_id AND a.tags = u.tags AND a.named = {named}
    WHERE s.state = ANY(%s) AND ({there}) AND {within}"""
THERE = """(s.period_id = %s AND (p.left_on IS NULL OR p.left_on >= %s)
    AND p.registered_on <= %s)"""
CELLS = """WITH member AS ({members}) SELECT {keys}, {verdict} AS met,
    {found} AS found, {sums}
    FROM campaigns_result r JOIN member m ON m.sheet = r.result_sheet_id
    LEFT JOIN {bounds} ON b.alike = m.alike AND b.period = m.period
    AND b.indicator = r.indicator_id {before} {said} {where}
    GROUP BY {keys}, met{told}"""
BEFORE = """LEFT JOIN (
    SELECT c.*, w.part, w.period FROM campaigns_result c JOIN member w
    ON w.sheet = c.result_sheet_id WHERE c.state = 'reported'
    ) o ON o.part = m.part AND o.period = b.before AND o.indicator_id = r.indicator_id"""
# By the last word of each office on this version and these files, as queries.marks tells it.
FOUND = """CASE WHEN b.in_words AND r.state = 'reported' THEN
    CASE w.is_met WHEN true THEN 'met' WHEN false THEN 'not_met' ELSE 'waiting' END END"""
SAID = """LEFT JOIN (
    SELECT DISTINCT ON (k.result_id) k.result_id, COALESCE(l.is_met, k.met) AS is_met
    FROM (
        SELECT DISTINCT ON (k.result_id, k.office) k.*, c.version AS now
        FROM campaigns_cellmark k JOIN campaigns_result c ON c.id = k.result_id
        WHERE c.indicator_id = ANY(%s) ORDER BY k.result_id, k.office, k.id DESC
    ) k LEFT JOIN criteria_rubriclevel l ON l.id = k.level_id
    WHERE k.version = k.now AND COALESCE(l.is_met, k.met) IS NOT NULL
    AND NOT EXISTS (SELECT FROM campaigns_evidence e WHERE e.result_id = k.result_id
        AND (e.uploaded_at > k.at OR e.removed_at > k.at))
    ORDER BY k.result_id, k.office
    ) w ON w.result_id = r.id"""
BOUND = {
    "alike": "int",
    "period": "bigint",
    "indicator": "bigint",
    "key": "int",
    "in_words": "boolean",
    "operator": "text",
    "low": "numeric",
    "high": "numeric",
    "low_part": "numeric",
    "high_part": "numeric",
    "low_times": "numeric",
    "high_times": "numeric",
    "of_before": "boolean",
    "relative": "boolean",
    "before": "bigint",
}
ALIKE = {"pk": "int", "kind": "text", "tags": "varchar[]", "named": "int"}


@dataclass(frozen=True)
class Alike:
    """Units that the plan treats alike: how many there are, by the key of the period."""

    place: int
    kind: str
    level: str | None
    tags: tuple[str, ...]
    named: int
    unit: Unit  # one that stands for them, known by its kind and by what names it
    counts: Mapping[int, int]

    @property
    def facts(self) -> UnitFacts:
        return UnitFacts(self.unit.pk, self.kind, self.level, frozenset(self.tags))


@dataclass(frozen=True)
class Sums:
    """Cells of one indicator in one state, with one verdict (None: not judged); `found` is how an
    answer in words stands."""

    state: str
    met: bool | None
    found: str | None
    cells: int
    answered: int  # yes or no
    yes: int
    numerator: Decimal | None
    denominator: Decimal | None
    value: Decimal | None


@dataclass(frozen=True)
class Rollup:
    """The accepted cells of a frame over `units` (None: all members), as one statement."""

    frame: Frame
    units: QuerySet[Unit] | None
    counted: Collection[str]
    named: list[list[int]]
    parts: list[Alike]

    @cached_property
    def asked(self) -> list[tuple[int, int]]:
        """Each (period, indicator) that the statement tells apart, by its place."""
        units = [one.pk for one in self.frame.indicators if one.kind != Indicator.Kind.DERIVED]
        return [(period, pk) for period in self.frame.every for pk in units]

    @cached_property
    def totals(self) -> dict[int, dict[int, Total]]:
        """By the keys of period and indicator; one SQL query."""
        found: dict[int, list[Sums]] = defaultdict(list)
        for key, *rest in self._rows("b.key, r.state", SUMS):
            found[key].append(Sums(*rest))  # under None: cells that nobody is asked for any more
        units = self._units()
        totals: dict[int, dict[int, Total]] = {
            pk: {one.pk: Total() for one in self.frame.indicators} for pk in self.frame.every
        }
        for key, (period, indicator) in enumerate(self.asked):
            total = _total(units[period, indicator], found[key])
            totals[period][indicator] = total
        return totals

    def figures(self, period: Period) -> list[Figure]:
        """The figures of one of the periods asked for, without their cells."""
        before = self.frame.before(period)
        return [
            figure_of(
                self.frame,
                period,
                one,
                self.totals[period.pk],
                None if before is None else self.totals[before],
                {},
            )
            for one in self.frame.indicators
        ]

    def states(self, indicators: Collection[int]) -> dict[int, Counter[str]]:
        """By the key of each member with an accepted sheet, how many of its cells stand how: a
        verdict, or what was found of an answer in words. For a frame of one period; one SQL
        query."""
        found: dict[int, Counter[str]] = defaultdict(Counter)
        for part, state, met, told, cells in self._rows("m.part, r.state", "count(*)", indicators):
            held = found[part]
            if state == REPORTED:
                held[told or VERDICTS[met]] += cells
            elif state != MISSING:
                held[STATE_VERDICTS[state]] += cells
        for held in found.values():
            held[Verdict.NO_DATA] = len(indicators) - held.total()
        return found

    def _units(self) -> dict[tuple[int, int], int]:
        """How many units are measured, by period and indicator."""
        found: dict[tuple[int, int], int] = defaultdict(int)
        for part, period, indicator in self._measured():
            found[period.pk, indicator.pk] += part.counts[period.pk]
        return found

    def _measured(self) -> Iterable[tuple[Alike, Period, Indicator]]:
        for period in self.frame.every.values():
            whom = self.frame.ruler(period)
            for part in self.parts:
                for one in self.frame.indicators:
                    derived = one.kind == Indicator.Kind.DERIVED
                    if not derived and whom.measures(one.group, part.unit):
                        yield part, period, one

    # --- the statement ----------------------------------------------------------------------------
    def _rows(
        self, keys: str, sums: str, only: Collection[int] | None = None
    ) -> list[tuple[Any, ...]]:
        """(what `keys` are, the verdict, what was found, `sums`) of the accepted cells; `only`
        leaves out other indicators, the years before, and cells that nobody is asked for."""
        known = {asked: key for key, asked in enumerate(self.asked)}
        before = {(part.place, p.pk, one.pk) for part, p, one in self._measured()}
        kind, bounds = Indicator.Kind.QUALITATIVE, []
        words = [one.pk for one in self.frame.indicators if one.kind == kind]
        for part, period, one in self._measured():
            if only is not None and (one.pk not in only or period not in self.frame.periods):
                continue
            form = self._form(one, period, part)
            old = self.frame.before(period)
            if old is not None and (part.place, old, one.pk) not in before:
                old = None
            key, told = known[period.pk, one.pk], one.pk in words
            bounds.append([part.place, period.pk, one.pk, key, told, *_columns(form), old])
        if not bounds:
            return []
        by_change = any(row[-3] for row in bounds)
        members, given = self._members()
        table, rows = _values("b", bounds, BOUND)
        sql = CELLS.format(
            members=members,
            keys=keys,
            verdict=BY_CHANGE if by_change else BY_LEVEL,
            sums=sums,
            bounds=table,
            before=BEFORE if by_change else "",
            found=FOUND if words else "NULL",
            told=", found" if words else "",
            said=SAID if words else "",
            where="" if only is None else "WHERE b.key IS NOT NULL",
        )
        with connection.cursor() as cursor:
            cursor.execute(sql, [*given, *rows, *([words] if words else [])])
            return cursor.fetchall()

    def _form(self, indicator: Indicator, period: Period, part: Alike) -> Form | None:
        """What a cell is held to; what is judged as a sum alone holds no unit to anything."""
        if indicator.group.measured == Group.Measured.SUM:
            return None
        rules = self.frame.rules[indicator.pk]
        return form_of(target_for(indicator, rules, period, part.facts)[0])

    def _members(self) -> Sql:
        """The accepted sheets of the members that were in, with the part of the units of each."""
        rows = [[one.place, one.kind, list(one.tags), one.named] for one in self.parts]
        table, given = _values("a", rows, ALIKE)
        cases = [f"WHEN p.unit_id = ANY(%s) THEN {n}" for n in range(1, len(self.named) + 1)]
        named = f"CASE {' '.join(cases)} ELSE 0 END" if cases else "0"
        dates = [
            value
            for pk, period in self.frame.every.items()
            for value in (pk, period.period_from, last_day(period))
        ]
        within, scope = "true", []
        if self.units is not None:
            inner, keys = self.units.order_by().values("pk").query.sql_with_params()
            within, scope = f"p.unit_id IN ({inner})", list(keys)
        sql = MEMBERS.format(
            alike=table,
            named=named,
            there=" OR ".join([THERE] * len(self.frame.every)),
            within=within,
        )
        return sql, [*given, *self.named, list(self.counted), *dates, *scope]


def rollup(frame: Frame, units: QuerySet[Unit] | None, counted: Collection[str]) -> Rollup:
    """One SQL query, and one more when its totals are asked for."""
    named = _named(frame)
    number = Case(
        *(When(unit__in=units, then=Value(place)) for place, units in enumerate(named, 1)),
        default=Value(0),
        output_field=IntegerField(),
    )
    members = Participation.objects.filter(campaign=frame.campaign)
    if units is not None:
        members = members.filter(unit__in=units.values("pk"))
    counts = {
        f"in_{pk}": Count("pk", filter=in_period(period)) for pk, period in frame.every.items()
    }
    rows = (
        members.order_by()
        .values("unit__kind", "unit__kind__level", "unit__tags", named=number)
        .annotate(**counts)
    )
    return Rollup(
        frame, units, counted, named, [_alike(n, row, named) for n, row in enumerate(rows)]
    )


def _alike(place: int, row: Mapping[str, Any], named: Sequence[Sequence[int]]) -> Alike:
    kind, number = row["unit__kind"], row["named"]
    return Alike(
        place=place,
        kind=kind,
        level=row["unit__kind__level"],
        tags=tuple(row["unit__tags"]),
        named=number,
        unit=Unit(pk=named[number - 1][0] if number else 0, kind_id=kind),
        counts={int(name[3:]): count for name, count in row.items() if name.startswith("in_")},
    )


def _named(frame: Frame) -> list[list[int]]:
    """The units that groups, targets or the standing of an office name, those named by the same
    things together."""
    by: dict[int, set[tuple[str, int]]] = defaultdict(set)
    for year, whom in frame.whom.items():
        for unit in whom.standing:
            by[unit].add(("year", year))
        for group, units in whom.named.items():
            for unit in units:
                by[unit].add(("group", group))
    for rules in frame.rules.values():
        for rule in rules:
            if rule.unit is not None:
                by[rule.unit].add(("unit", rule.unit))
    together: dict[frozenset[tuple[str, int]], list[int]] = defaultdict(list)
    for unit, things in by.items():
        together[frozenset(things)].append(unit)
    return list(together.values())


def _columns(form: Form | None) -> list[Any]:
    """A bound as the statement reads it; nothing where the cell is held to nothing."""
    if form is None:
        return [None] * 7 + [False, False]
    low, high = form.low, form.high or Linear()
    numbers = [low.plus, high.plus, low.plus / 100, high.plus / 100, low.times, high.times]
    return [form.operator, *numbers, form.of_before, form.relative]


def _values(name: str, rows: Sequence[Sequence[Any]], columns: Mapping[str, str]) -> Sql:
    """Rows as a table of the statement, known as `name`."""
    row = f"({', '.join(f'%s::{kind}' for kind in columns.values())})"
    table = f"(VALUES {', '.join([row] * len(rows))}) {name} ({', '.join(columns)})"
    return table, [value for row in rows for value in row]


def _total(units: int, sums: Iterable[Sums]) -> Total:
    """Verdicts and sums are of reported cells alone."""
    by_state: dict[str, list[Sums]] = defaultdict(list)
    for one in sums:
        by_state[one.state].append(one)
    reported = by_state[REPORTED]
    told = {state: _cells(one for one in reported if one.found == state) for state in Found}
    judged = [one for one in reported if one.found is None]
    return Total(
        units=units,
        reported=_cells(reported),
        nothing=_cells(by_state[NOTHING]),
        not_applicable=_cells(by_state[NOT_APPLICABLE]),
        met=_cells(one for one in reported if one.met),
        not_met=_cells(one for one in reported if one.met is False),
        hits=sum(one.cells - one.answered if one.met else 0 for one in judged)
        + sum(one.yes for one in judged)
        + told[Found.MET],
        told=Tally(told[Found.MET], told[Found.NOT_MET], told[Found.WAITING]),
        measured=roll_up(Measured(o.numerator, o.denominator, o.value) for o in reported),
    )


def _cells(sums: Iterable[Sums]) -> int:
    return sum(one.cells for one in sums)
