"""The cells of one indicator over the units of a plan, in the order of its page: those that have a
number first, the highest before the others. They are put in order where they lie; only the rows
that a page shows are read."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import F, QuerySet, Window
from django.db.models.functions import RowNumber

from campaigns.models import Participation, Period, ResultSheet
from campaigns.queries.cell_sql import DRAWN, LINE, ORDERED, SILENT
from campaigns.queries.charts import Reach, reaches
from campaigns.queries.figured import Cell, IndicatorFacts, UnitRow
from campaigns.queries.figures import read
from campaigns.queries.frame import Frame
from campaigns.queries.promises import Promise, Promises
from campaigns.rules import REPORTED, STATE_VERDICTS
from criteria.models import Indicator
from criteria.rules import Verdict

MOST = 60  # units that a list of those without a figure names


@dataclass(frozen=True)
class Line:
    """One unit, its cell and what it pledged; `reach` is its bar, None where no number is drawn."""

    unit: UnitRow
    cell: Cell
    promise: Promise | None = None
    reach: Reach | None = None


@dataclass(frozen=True)
class Silent:
    """A unit without a figure, and why; `sheet` is how its sheet stands, "" where it has none."""

    unit: str
    reason: str
    sheet: str
    accepted: bool


@dataclass(frozen=True)
class Lines:
    """The rows of one indicator in one period, read as far as a page needs them. `mark` is the
    highest target that stands over a bar."""

    frame: Frame
    period: Period
    indicator: IndicatorFacts
    members: QuerySet[Participation]
    counted: Collection[str]
    promises: Promises
    measured: int
    mark: Decimal | None
    percent: bool

    def __len__(self) -> int:
        return self.measured

    def __iter__(self) -> Iterator[Line]:
        return iter(self[0 : len(self)])

    def __getitem__(self, part: slice) -> list[Line]:
        """Four SQL queries, one more for criteria in words. The first row is read with any others:
        the scale of all bars ends in it."""
        first, last = part.start or 0, len(self) if part.stop is None else part.stop
        if not self.measured:
            return []
        order = [pk for (pk,) in self._rows(ORDERED, [first, last])]
        held = {one.pk: one for one in self.members.order_by().filter(pk__in=order)}
        lines = self._read([held[pk] for pk in order])
        return self._with_bars(lines)[1 if first else 0 :]

    def silent(self) -> dict[Verdict, list[Silent]]:
        """The units that have no figure, by why; the first of each. One SQL query."""
        found: dict[Verdict, list[Silent]] = {
            one: [] for one in (Verdict.NOTHING, Verdict.NOT_APPLICABLE, Verdict.NO_DATA)
        }
        for state, unit, reason, sheet in self._rows(SILENT, [MOST]):
            label = ResultSheet.State(sheet).label if sheet else ""
            one = Silent(unit, reason or "", label, sheet in self.counted)
            found[STATE_VERDICTS[state]].append(one)
        return {verdict: units for verdict, units in found.items() if units}

    def _rows(self, statement: str, asked: list[int]) -> list[tuple[Any, ...]]:
        order = [F("unit__kind__name"), F("unit__name"), F("pk")]
        placed = self.members.order_by().annotate(place=Window(RowNumber(), order_by=order))
        members, given = placed.values("pk", "unit__name", "place").query.sql_with_params()
        drawn = DRAWN if self.indicator.kind != Indicator.Kind.YES_NO else "NULL::numeric"
        line = LINE.format(members=members, number=drawn)
        own: list[Any] = [self.period.pk, self.indicator.pk, list(self.counted)]
        with connection.cursor() as cursor:
            cursor.execute(statement.format(line=line), [*given, *own, *asked])
            return cursor.fetchall()

    def _read(self, parts: Sequence[Participation]) -> list[Line]:
        (here,) = read(self.frame, parts, self.counted)
        pk = self.indicator.pk
        cells = next(one.cells for one in here.indicators if one.indicator.pk == pk)
        rows = [(unit, cells[unit.pk]) for unit in here.units]
        return [Line(unit, cell, self.promises.of(self.period, pk, cell)) for unit, cell in rows]

    def _with_bars(self, lines: list[Line]) -> list[Line]:
        """Those that have a number stand first."""
        numbers = [
            line.cell.measured.exact
            for line in lines
            if line.cell.state == REPORTED and self.indicator.kind != Indicator.Kind.YES_NO
        ]
        drawn = [number for number in numbers if number is not None]
        marks = [line.cell.mark for line in lines[: len(drawn)]]
        bars = reaches(drawn, marks, highest=self.mark, percent=self.percent)
        high = [replace(line, reach=bar) for line, bar in zip(lines, bars, strict=False)]
        return high + lines[len(high) :]
