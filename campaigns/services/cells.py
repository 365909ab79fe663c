"""Writing cells: one sheet on a desk, written in memory, then stored with the history of each.

The grid writes a cell or a sheet this way, a workbook a hundred sheets; and a workbook is checked
by writing it in memory and storing nothing.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter
from typing import Any

from django.db import connection

from campaigns import queries
from campaigns.models import Result, ResultHistory, ResultImport, ResultSheet
from campaigns.rules import Question, Reading, read_cell
from criteria.models import Indicator
from units.models import Statement, User
from units.rules import DomainError

BATCH = 20_000  # cells in one document
MANY = 2_000  # cells in one act, from which on tables grow by much
VALUES = (
    "state",
    "numerator",
    "denominator",
    "value",
    "yes",
    "text",
    "level_id",
    "reason",
    "typed",
    "problem",
)


class NotAsked(DomainError):
    """The sheet does not ask the indicator."""

    def __init__(self) -> None:
        super().__init__(
            "Phiếu này không hỏi tiêu chí đó: tiêu chí dành cho nhóm đơn vị khác. "
            "Tải lại trang để xem các tiêu chí của đơn vị."
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
    """Who writes, when and from where; `imported` is the workbook that the values come from,
    `taken_from` says in words of which plan and sheet.

    `questions` keeps what the cells of an indicator ask where it is the same for every unit.
    """

    actor: User | None
    now: datetime
    source: str
    imported: ResultImport | None = None
    taken_from: str = ""
    questions: dict[int, Question] = field(default_factory=dict)

    @property
    def by(self) -> int | None:
        return self.actor.pk if self.actor else None


class Desk:
    """One locked sheet being written: what it asks and what it holds, read once by the caller.

    `results` need `saved_by` selected; `scope` are the indicators that may be mended. Nothing is
    stored before `store`.
    """

    def __init__(
        self,
        sheet: ResultSheet,
        asked: Mapping[int, Indicator],
        results: Mapping[int, Result],
        pen: Pen,
        scope: queries.Scope = None,
    ) -> None:
        self.sheet, self.asked, self.results, self.pen = sheet, asked, dict(results), pen
        self.scope = scope
        # what the page is compared with: parts are read anew when their whole is written
        self.versions = {pk: result.version for pk, result in results.items()}
        # cells that somebody else wrote meanwhile and the page does not show
        self.left_alone: set[int] = set()
        # earlier writes of cells, by the key of the result and its version, if read beforehand
        self.past: dict[tuple[int, int], ResultHistory] = {}
        self.written: dict[int, Result] = {}
        self.writes = 0
        # lines of cells that were written again on this desk
        self.earlier: list[ResultHistory] = []
        self._parts: dict[int, list[Indicator]] = defaultdict(list)
        for indicator in asked.values():
            if indicator.of_which_id:
                self._parts[indicator.of_which_id].append(indicator)

    def depth(self, pk: int) -> int:
        """How many wholes stand above a part, so that wholes are written first."""
        if not self._parts:
            return 0
        indicator = self.asked.get(pk)
        whole = indicator.of_which_id if indicator else None
        return 0 if whole is None or whole not in self.asked else 1 + self.depth(whole)

    def frozen(self, pk: int) -> bool:
        """Whether the sheet came back to have other cells mended."""
        return queries.is_frozen(pk, self.results.get(pk), self.sheet, self.scope)

    def refusal(self, indicator: Indicator) -> str:
        """Why a cell may not be written, "" when it may."""
        if not self.frozen(indicator.pk):
            return ""
        return queries.frozen_sentence(indicator, self.scope, self.asked)

    def read(self, indicator: Indicator, typed: Mapping[str, str]) -> Reading:
        question = self.pen.questions.get(indicator.pk)
        if question is None:
            question = queries.question_of(indicator, self.asked, self.results)
            if indicator.of_which_id is None:
                self.pen.questions[indicator.pk] = question
        return read_cell(question, typed)

    def write(self, pk: int, typed: Mapping[str, str], version: int) -> Result:
        """One cell, drawn with `version`. Raises StaleCell, or NotAsked."""
        indicator = self.asked.get(pk)
        if indicator is None:
            raise NotAsked
        return self.put(indicator, self.read(indicator, typed), typed, version)

    def put(
        self, indicator: Indicator, reading: Reading, typed: Mapping[str, str], version: int
    ) -> Result:
        """What `write` does with a cell that was read already. Raises StaleCell, or DomainError
        when the sheet came back to have other cells mended."""
        pk = indicator.pk
        result = self.results.get(pk)
        if result is None:
            result = _empty(indicator)
            if same(reading, BLANK):
                return result
        elif same(reading, result):
            return result
        elif version != self.versions[pk]:
            if self._untouched(reading, result, version):
                self.left_alone.add(pk)
                return result
            if not self.frozen(pk):
                raise StaleCell(queries.Clash(result, reading, dict(typed), version), indicator)
        if refusal := self.refusal(indicator):
            raise DomainError(refusal)
        self._put(result, reading)
        return result

    def _put(self, result: Result, reading: Reading) -> None:
        """Write a result, its history and the sheet's revision; then read its parts anew."""
        if result.indicator_id in self.written:
            self.earlier.append(self._line(result))
        for name in VALUES:
            setattr(result, name, getattr(reading, name))
        result.version += 1
        result.saved_at, result.saved_by_id = self.pen.now, self.pen.by
        self.written[result.indicator_id] = self.results[result.indicator_id] = result
        self.writes += 1
        self.sheet.revision += 1
        for part in self._parts.get(result.indicator_id, ()):
            held = self.results.get(part.pk)
            if held is not None:
                again = self.read(part, queries.as_typed(part, held))
                if not same(again, held):
                    self._put(held, again)

    def _line(self, result: Result) -> ResultHistory:
        return ResultHistory(
            result=result,
            version=result.version,
            at=self.pen.now,
            by=self.pen.actor,
            source=self.pen.source,
            imported=self.pen.imported,
            taken_from=self.pen.taken_from,
            **{name: getattr(result, name) for name in VALUES},
        )

    def _untouched(self, reading: Reading, result: Result, version: int) -> bool:
        """Whether the page sends back what it was drawn with: nobody changed the cell there."""
        if version == 0:
            return same(reading, BLANK)
        drawn = self.past.get((result.pk, version))
        if drawn is None:
            drawn = ResultHistory.objects.filter(result=result.pk, version=version).first()
        return drawn is not None and same(reading, drawn)


BLANK = Reading()


values_of = attrgetter(*VALUES)


def same(reading: Reading, row: Result | ResultHistory | Reading) -> bool:
    return bool(values_of(reading) == values_of(row))


def _empty(indicator: Indicator) -> Result:
    """A cell never written. By position, which Django fills three times as fast as by name."""
    result = Result(*DEFAULTS)  # type: ignore[misc]
    result.indicator, result.typed = indicator, {}
    return result


DEFAULTS: list[Any] = [field.get_default() for field in Result._meta.concrete_fields]


def store(desks: Iterable[Desk]) -> None:
    """Everything written on the desks, three or four SQL statements however many cells.

    The last history line of a cell is a copy of the cell, made in the database: sending every
    value once, and as one document, takes a tenth of the time that rows of the ORM take.
    """
    written: dict[tuple[int, int], Result] = {}
    earlier: list[ResultHistory] = []
    risen: dict[int, list[int]] = defaultdict(list)
    pen = None
    for desk in desks:
        if desk.written:
            pen = desk.pen
            risen[desk.writes].append(desk.sheet.pk)
            earlier += desk.earlier
            for result in desk.written.values():
                result.result_sheet_id = desk.sheet.pk
                written[desk.sheet.pk, result.indicator_id] = result
    if pen is None:
        return
    with connection.cursor() as cursor:
        if len(written) > MANY:
            # checks of foreign keys planned while the tables were small would read them whole
            cursor.execute("DISCARD PLANS")
        rows, origin = list(written.values()), pen.imported.pk if pen.imported else None
        for start in range(0, len(rows), BATCH):
            document = _document(rows[start : start + BATCH])
            told = [pen.now, pen.by, document, pen.source, origin, pen.taken_from]
            cursor.execute(STORE.call(connection, 6), told)
            for pk, sheet, indicator in cursor.fetchall():
                written[sheet, indicator].pk = pk
        for rise, sheets in risen.items():
            cursor.execute(RISE.call(connection, 2), [rise, sheets])
    if earlier:
        ResultHistory.objects.bulk_create(earlier)


def _document(rows: Iterable[Result]) -> str:
    names = [(field.column, field.attname) for field in STORED]
    return json.dumps(
        [{column: getattr(row, name) for column, name in names} for row in rows],
        default=str,
        ensure_ascii=False,
    )


def _columns(fields: Iterable[Any]) -> str:
    return ", ".join(f'"{field.column}"' for field in fields)


WHO_WHEN = ("saved_at", "saved_by")  # the same for all
STORED = [
    field
    for field in Result._meta.concrete_fields
    if not field.primary_key and field.name not in WHO_WHEN
]
CHANGING = [field for field in STORED if field.name not in ("result_sheet", "indicator")]
SHARED = [ResultHistory._meta.get_field(name) for name in VALUES]
STORE = Statement(
    f"""
WITH put AS (
    INSERT INTO {Result._meta.db_table} (saved_at, saved_by_id, {_columns(STORED)})
    SELECT $1, $2, {_columns(STORED)}
    FROM json_populate_recordset(NULL::{Result._meta.db_table}, $3)
    ON CONFLICT (result_sheet_id, indicator_id) DO UPDATE
    SET (saved_at, saved_by_id, {_columns(CHANGING)}) = (
        EXCLUDED.saved_at, EXCLUDED.saved_by_id,
        {", ".join(f'EXCLUDED."{field.column}"' for field in CHANGING)}
    )
    RETURNING *
), noted AS (
    INSERT INTO {ResultHistory._meta.db_table}
        (result_id, version, at, by_id, source, imported_id, taken_from, {_columns(SHARED)})
    SELECT id, version, saved_at, saved_by_id, $4, $5, $6, {_columns(SHARED)} FROM put
)
SELECT id, result_sheet_id, indicator_id FROM put
""",  # noqa: S608 - names of our own tables and columns
    "timestamptz, bigint, json, text, bigint, text",
)
RISE = Statement(
    f"UPDATE {ResultSheet._meta.db_table} SET revision = revision + $1 WHERE id = ANY($2)",  # noqa: S608
    "integer, bigint[]",
)
