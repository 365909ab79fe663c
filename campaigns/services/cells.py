"""Writing cells: one sheet on a desk, written in memory, then stored with the history of each.

The grid writes a cell or a sheet this way, a workbook a hundred sheets; and a workbook is checked
by writing it in memory and storing nothing.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import F

from campaigns import queries
from campaigns.models import Result, ResultHistory, ResultImport, ResultSheet
from campaigns.rules import Reading, read_cell
from criteria.models import Indicator
from units.models import User
from units.rules import DomainError

BATCH = 2000
VALUES = (
    "state",
    "numerator",
    "denominator",
    "value",
    "yes",
    "text",
    "reason",
    "typed",
    "problem",
)


class StaleCell(DomainError):
    """Somebody else wrote the cell meanwhile; both values travel along, nothing is overwritten."""

    def __init__(self, clash: queries.Clash, indicator: Indicator) -> None:
        self.clash, self.indicator = clash, indicator
        super().__init__(
            f"{indicator.code} vừa được {clash.theirs.saved_by or 'người khác'} ghi trong khi đang "
            "sửa ở đây. Số vừa nhập chưa ghi đè lên số đó; chọn một trong hai."
        )


@dataclass
class Saved:
    """What a whole-form save came to: cells written, and those refused because they are stale.

    `seen` is the revision that whoever sent the form has seen whole; 0, which no sheet has, when
    the sheet holds a value that his page did not show.
    """

    results: list[Result] = field(default_factory=list)
    stale: dict[int, queries.Clash] = field(default_factory=dict)
    seen: int = 0


@dataclass(frozen=True)
class Pen:
    """Who writes, when and from where; `imported` is the workbook that the values come from."""

    actor: User | None
    now: datetime
    source: str
    imported: ResultImport | None = None


class Desk:
    """One locked sheet being written: what it asks and what it holds, read once by the caller.

    `results` need `saved_by` selected. Nothing is stored before `store`.
    """

    def __init__(
        self,
        sheet: ResultSheet,
        asked: Mapping[int, Indicator],
        results: Mapping[int, Result],
        pen: Pen,
    ) -> None:
        self.sheet, self.asked, self.results, self.pen = sheet, asked, dict(results), pen
        # what the page is compared with: parts are read anew when their whole is written
        self.versions = {pk: result.version for pk, result in results.items()}
        # cells that somebody else wrote meanwhile and the page does not show
        self.left_alone: set[int] = set()
        # earlier writes of cells, by the key of the result and its version, if read beforehand
        self.past: dict[tuple[int, int], ResultHistory] = {}
        self.written: dict[int, Result] = {}
        self.lines: list[ResultHistory] = []
        self._parts: dict[int, list[Indicator]] = defaultdict(list)
        for indicator in asked.values():
            if indicator.of_which_id:
                self._parts[indicator.of_which_id].append(indicator)

    def depth(self, pk: int) -> int:
        """How many wholes stand above a part, so that wholes are written first."""
        indicator = self.asked.get(pk)
        whole = indicator.of_which_id if indicator else None
        return 0 if whole is None or whole not in self.asked else 1 + self.depth(whole)

    def read(self, indicator: Indicator, typed: Mapping[str, str]) -> Reading:
        return read_cell(queries.question_of(indicator, self.asked, self.results), typed)

    def write(self, pk: int, typed: Mapping[str, str], version: int) -> Result:
        """One cell, drawn with `version`. Raises StaleCell, or DomainError when it is not asked."""
        indicator = self.asked.get(pk)
        if indicator is None:
            raise DomainError(
                "Phiếu này không hỏi tiêu chí đó: tiêu chí dành cho nhóm đơn vị khác. "
                "Tải lại trang để xem các tiêu chí của đơn vị."
            )
        return self.put(indicator, self.read(indicator, typed), typed, version)

    def put(
        self, indicator: Indicator, reading: Reading, typed: Mapping[str, str], version: int
    ) -> Result:
        """What `write` does with a cell that was read already."""
        pk = indicator.pk
        result = self.results.get(pk)
        if result is None:
            result = Result(result_sheet=self.sheet, indicator=indicator)
            if same(reading, BLANK):
                return result
        elif same(reading, result):
            return result
        elif version != self.versions[pk]:
            if self._untouched(reading, result, version):
                self.left_alone.add(pk)
                return result
            raise StaleCell(queries.Clash(result, reading, dict(typed), version), indicator)
        self._put(result, reading)
        return result

    def _put(self, result: Result, reading: Reading) -> None:
        """Write a result, its history and the sheet's revision; then read its parts anew."""
        values = {name: getattr(reading, name) for name in VALUES}
        for name, value in values.items():
            setattr(result, name, value)
        result.version += 1
        result.saved_at, result.saved_by = self.pen.now, self.pen.actor
        self.written[result.indicator_id] = self.results[result.indicator_id] = result
        self.lines.append(
            ResultHistory(
                result=result,
                version=result.version,
                at=self.pen.now,
                by=self.pen.actor,
                source=self.pen.source,
                imported=self.pen.imported,
                **values,
            )
        )
        self.sheet.revision += 1
        for part in self._parts.get(result.indicator_id, ()):
            held = self.results.get(part.pk)
            if held is not None:
                again = self.read(part, queries.as_typed(part, held))
                if not same(again, held):
                    self._put(held, again)

    def _untouched(self, reading: Reading, result: Result, version: int) -> bool:
        """Whether the page sends back what it was drawn with: nobody changed the cell there."""
        if version == 0:
            return same(reading, BLANK)
        drawn = self.past.get((result.pk, version))
        if drawn is None:
            drawn = ResultHistory.objects.filter(result=result.pk, version=version).first()
        return drawn is not None and same(reading, drawn)


BLANK = Reading()


def same(reading: Reading, row: Result | ResultHistory | Reading) -> bool:
    return all(getattr(reading, name) == getattr(row, name) for name in VALUES)


def store(desks: Iterable[Desk]) -> None:
    """Everything written on the desks: four SQL statements a batch, however many cells."""
    written: list[Result] = []
    lines: list[ResultHistory] = []
    risen: dict[int, list[int]] = defaultdict(list)
    for desk in desks:
        if desk.lines:
            written += desk.written.values()
            lines += desk.lines
            risen[len(desk.lines)].append(desk.sheet.pk)
    known = [row for row in written if row.pk is not None]
    Result.objects.bulk_create([row for row in written if row.pk is None], batch_size=BATCH)
    Result.objects.bulk_create(
        known,
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=[*VALUES, "version", "saved_at", "saved_by"],
    )
    ResultHistory.objects.bulk_create(lines, batch_size=BATCH)
    for rise, sheets in risen.items():
        ResultSheet.objects.filter(pk__in=sheets).update(revision=F("revision") + rise)
