"""What the cells of many units come to, summed and judged in SQL: no result leaves the database.

Units that the plan treats alike (of one kind, with the same labels, named by the same groups and
targets) have the same targets. These are resolved once for each such part of the units, by
criteria.rules, and handed to the statement as a table of bounds; so each cell is judged where it
lies, in exact numbers. `campaigns.queries.figures` reads the same cells one by one.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property
from typing import Any

from django.db import connection
from django.db.models import Case, Count, Expression, IntegerField, Max, QuerySet, Value, When

from campaigns.models import Participation, Period
from campaigns.queries.cell_sql import (
    ALIKE,
    ALL_MEMBERS,
    APART,
    BARS,
    BEFORE,
    BOUND,
    BY_CHANGE,
    BY_LEVEL,
    CELLS,
    FOUND,
    MARK,
    MEMBERS,
    SAID,
    SUMS,
    THERE,
    TWICE,
    Sql,
    values_as,
)
from campaigns.queries.facts import target_for
from campaigns.queries.figured import Figure, Total
from campaigns.queries.frame import Frame
from campaigns.queries.judged import figure_of
from campaigns.queries.presence import in_period, last_day
from campaigns.queries.sums import Drawn, Sums, total_of
from campaigns.rules import (
    MISSING,
    REPORTED,
    STATE_VERDICTS,
)
from criteria.models import Group, Indicator
from criteria.queries import text_of
from criteria.rules import Form, Linear, UnitFacts, Verdict, form_of
from units.models import Unit

QUALITATIVE = Indicator.Kind.QUALITATIVE
VERDICTS = {True: Verdict.MET, False: Verdict.NOT_MET, None: Verdict.NOT_JUDGED}


@dataclass(frozen=True)
class Alike:
    """Units that the plan treats alike: how many members there are, and how many of these were in,
    by the key of the period."""

    place: int
    kind: str
    level: str | None
    tags: tuple[str, ...]
    named: int
    unit: Unit  # one that stands for them, known by its kind and by what names it
    members: int
    counts: Mapping[int, int]

    @property
    def facts(self) -> UnitFacts:
        return UnitFacts(self.unit.pk, self.kind, self.level, frozenset(self.tags))


@dataclass(frozen=True)
class Rollup:
    """The accepted cells of a frame over `units` (None: all members), as one statement; what a
    chart draws is summed only where `charts` asks for it."""

    frame: Frame
    units: QuerySet[Unit] | None
    counted: Collection[str]
    named: list[list[int]]
    parts: list[Alike]
    charts: bool = False

    @cached_property
    def asked(self) -> list[tuple[int, int]]:
        """Each (period, indicator) that the statement tells apart, by its place."""
        units = [one.pk for one in self.frame.indicators if one.kind != Indicator.Kind.DERIVED]
        return [(period, pk) for period in self.frame.every for pk in units]

    @cached_property
    def keys(self) -> dict[tuple[int, int], int]:
        return {asked: key for key, asked in enumerate(self.asked)}

    @cached_property
    def totals(self) -> dict[int, dict[int, Total]]:
        """By the keys of period and indicator; one SQL query."""
        units, found = self._units(), self._sums
        totals: dict[int, dict[int, Total]] = {
            pk: {one.pk: Total() for one in self.frame.indicators} for pk in self.frame.every
        }
        for key, (period, indicator) in enumerate(self.asked):
            total = total_of(units[period, indicator], found[key])
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

    def drawn(self, period: Period, indicator: Indicator) -> Drawn:
        """What a chart of one period has to know of all units before it draws some, where `charts`
        asked for it; no SQL query beside that of the totals."""
        key = self.keys.get((period.pk, indicator.pk))
        if key is None or indicator.kind == Indicator.Kind.YES_NO:
            return Drawn()
        reported = [one for one in self._sums[key] if one.state == REPORTED]
        judged = [one for one in reported if one.met is not None]
        rules, (places, _held) = self.frame.rules[indicator.pk], self._held(None)
        parts = {places[part.place]: part for part in self.parts}
        targets = {
            target_for(indicator, rules, period, parts[one.alike].facts)[0] for one in judged
        }
        return Drawn(
            bars=sum(one.bars for one in reported),
            mark=max((one.mark for one in judged if one.mark is not None), default=None),
            targets=frozenset(text_of(indicator, rule) for rule in targets),
        )

    @cached_property
    def _sums(self) -> dict[int, list[Sums]]:
        """By the key of what is asked; under None cells that nobody is asked for any more."""
        found: dict[int, list[Sums]] = defaultdict(list)
        compares = bool(self.frame.earlier) and self.frame.by_change
        keys = "b.key, r.state, m.alike" if self.charts else "b.key, r.state, 0::int"
        sums = ", ".join([SUMS, *[BARS] * self.charts, *[TWICE] * compares])
        for key, *row in self._rows(keys, sums, compares=compares):
            one, more = Sums(*row[:10]), row[10:]
            if self.charts:
                one, more = replace(one, bars=more[0], mark=more[1]), more[2:]
            if compares:
                one = replace(one, twice=more[0], now=tuple(more[1:4]), then=tuple(more[4:]))
            found[key].append(one)
        return found

    def _units(self) -> dict[tuple[int, int], int]:
        """How many units are measured, by period and indicator."""
        found: dict[tuple[int, int], int] = defaultdict(int)
        for part, period, indicator in self._measured(self.parts):
            found[period.pk, indicator.pk] += part.counts[period.pk]
        return found

    def _measured(self, parts: Sequence[Alike]) -> Iterable[tuple[Alike, Period, Indicator]]:
        for period in self.frame.every.values():
            whom = self.frame.ruler(period)
            for part in parts:
                for one in self.frame.indicators:
                    derived = one.kind == Indicator.Kind.DERIVED
                    if not derived and whom.measures(one.group, part.unit):
                        yield part, period, one

    # --- the statement ----------------------------------------------------------------------------
    def _rows(
        self,
        keys: str,
        sums: str,
        only: Collection[int] | None = None,
        *,
        compares: bool = False,
    ) -> list[tuple[Any, ...]]:
        """(what `keys` are, the verdict, what was found, `sums`) of the accepted cells; `only`
        leaves out other indicators, the years before, and cells that nobody is asked for;
        `compares` has the cells of the year before beside them in any case."""
        places, held = self._held(only)
        rows_of = [[place, *bound] for place, bounds in enumerate(held) for bound in bounds]
        if not rows_of:
            return []
        words = [one.pk for one in self.frame.indicators if one.kind == QUALITATIVE]
        by_change = any(row[-3] for row in rows_of)
        members, given = self._members(places)
        table, rows = values_as("b", rows_of, BOUND)
        sql = CELLS.format(
            members=members,
            keys=keys,
            verdict=BY_CHANGE if by_change else BY_LEVEL,
            sums=sums.format(mark=MARK if by_change else "b.low"),
            bounds=table,
            only=self._only(places),
            before=BEFORE if by_change or compares else "",
            found=FOUND if words else "NULL",
            told=", found" if words else "",
            said=SAID if words else "",
            where="" if only is None else "WHERE b.key IS NOT NULL",
        )
        with connection.cursor() as cursor:
            cursor.execute(sql, [*given, *rows, *([words] if words else [])])
            return cursor.fetchall()

    def _only(self, places: Mapping[int, int]) -> str:
        """What a bound is for beside its indicator, where not all cells are of it."""
        parts = "AND b.alike = m.alike" if len(set(places.values())) > 1 else ""
        return f"{parts} AND b.period = m.period" if len(self.frame.every) > 1 else parts

    def _held(self, only: Collection[int] | None) -> tuple[dict[int, int], list[tuple[Any, ...]]]:
        """The place that each part of the units has in the statement, and what is held to there:
        parts that are held to the same are one."""
        found: dict[tuple[Any, ...], int] = {}
        places = {
            part.place: found.setdefault(self._bounds(part, only), len(found))
            for part in self.parts
        }
        return places, list(found)

    def _bounds(self, part: Alike, only: Collection[int] | None) -> tuple[Any, ...]:
        """What the cells of a part of the units are held to, without those units' own place."""
        mine = [(period, one) for _part, period, one in self._measured([part])]
        before, found = {(period.pk, one.pk) for period, one in mine}, []
        for period, one in mine:
            if only is not None and (one.pk not in only or period not in self.frame.periods):
                continue
            old = self.frame.before(period)
            if (old, one.pk) not in before:
                old = None
            key, told = self.keys[period.pk, one.pk], one.kind == QUALITATIVE
            form = _columns(self._form(one, period, part))
            found.append((period.pk, one.pk, key, told, *form, old))
        return tuple(found)

    def _form(self, indicator: Indicator, period: Period, part: Alike) -> Form | None:
        """What a cell is held to; what is judged as a sum alone holds no unit to anything."""
        if indicator.group.measured == Group.Measured.SUM:
            return None
        rules = self.frame.rules[indicator.pk]
        return form_of(target_for(indicator, rules, period, part.facts)[0])

    def _members(self, places: Mapping[int, int]) -> Sql:
        """The accepted sheets of the members that were in, with the part of the units of each.
        Where all are held to the same and were in all the time, neither members nor units have
        to be looked at."""
        apart = len(set(places.values())) > 1
        always = all(p.members == held for p in self.parts for held in p.counts.values())
        if always and self.units is None and not apart:
            return ALL_MEMBERS, [list(self.counted), list(self.frame.every)]
        rows = [[places[p.place], p.kind, list(p.tags), p.named] for p in self.parts]
        table, given = values_as("a", rows, ALIKE)
        cases = [f"WHEN p.unit_id = ANY(%s) THEN {n}" for n in range(1, len(self.named) + 1)]
        named = f"CASE {' '.join(cases)} ELSE 0 END" if cases else "0"
        dates = [value for period in self.frame.every.values() for value in _days(period)]
        within, scope = "true", []
        if self.units is not None:
            inner, keys = self.units.order_by().values("pk").query.sql_with_params()
            within, scope = f"p.unit_id IN ({inner})", list(keys)
        sql = MEMBERS.format(
            place="a.pk" if apart else "0",
            apart=APART.format(alike=table, named=named) if apart else "",
            there=" OR ".join([THERE] * len(self.frame.every)),
            within=within,
        )
        keys_of = [*given, *self.named] if apart else []
        return sql, [*keys_of, list(self.counted), *dates, *scope]


def _days(period: Period) -> tuple[Any, ...]:
    """What the statement asks of a member that was there in a period."""
    first, last = period.period_from, last_day(period)
    before = first - timedelta(days=1)
    return period.pk, first, first, last, before, before, last


def rollup(
    frame: Frame, units: QuerySet[Unit] | None, counted: Collection[str], *, charts: bool = False
) -> Rollup:
    """One SQL query, and one more when its totals are asked for."""
    named = _named(frame)
    members = Participation.objects.filter(campaign=frame.campaign)
    if units is not None:
        members = members.filter(unit__in=units.values("pk"))
    counts = {f"in_{pk}": Count("pk", filter=in_period(one)) for pk, one in frame.every.items()}
    known = [pk for units in named for pk in units]
    number = Case(
        *(When(unit__in=units, then=Value(place)) for place, units in enumerate(named, 1)),
        output_field=IntegerField(),
    )
    # The many that nothing names by themselves, so that these are summed without being sorted.
    rows = _by_kind(members.exclude(unit__in=known), Value(0), counts).union(
        _by_kind(members.filter(unit__in=known), number, counts), all=True
    )
    parts = [_alike(n, row, named) for n, row in enumerate(rows)]
    return Rollup(frame, units, counted, named, parts, charts)


def _by_kind(
    members: QuerySet[Participation], number: Expression, counts: Mapping[str, Count]
) -> QuerySet[Participation, Any]:
    kinds = members.order_by().values("unit__kind", "unit__tags", named=number)
    return kinds.annotate(level=Max("unit__kind__level"), members=Count("pk"), **counts)


def _alike(place: int, row: Mapping[str, Any], named: Sequence[Sequence[int]]) -> Alike:
    kind, number = row["unit__kind"], row["named"]
    return Alike(
        place=place,
        kind=kind,
        level=row["level"],
        tags=tuple(row["unit__tags"]),
        named=number,
        unit=Unit(pk=named[number - 1][0] if number else 0, kind_id=kind),
        members=row["members"],
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
