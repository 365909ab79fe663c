"""Reading a filled-in workbook back: what each cell says, or why it cannot be read.

A file whose columns or rows were moved is refused whole (DomainError); a wrong cell is only marked.
Every sentence names the cell.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django.conf import settings

from campaigns import queries
from campaigns.documents import layout
from campaigns.documents.book import Book, Row, address
from campaigns.documents.workbook import measure_of
from campaigns.rules import FIELDS, REPORTED, refuse_long
from criteria.models import Indicator
from criteria.rules import PERCENT
from units import xlsx
from units.rules import DomainError, day_text, decimal_text, fold
from units.xlsx import ReadCell

NUMBERS = frozenset({"numerator", "denominator", "value"})
YES_NO = {"co": "yes", "khong": "no"}
SHARE = re.compile(r"\s*%\s*$")


@dataclass(slots=True)
class Said:
    """What a workbook says of one indicator of one unit, by their keys. `column` is that of its
    first box; `problem` says why a box (`field`) cannot be read."""

    unit: int
    indicator: int
    typed: dict[str, str]
    version: int
    row: int
    column: int
    problem: str = ""
    field: str = ""


@dataclass
class Upload:
    """A workbook as read. `notes` are sentences on what was passed over; `unit` is None in one of
    many units."""

    said: list[Said] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


# --- what the cells say ---------------------------------------------------------------------------
def read_unit(book: Book, line: queries.Line) -> Upload:
    """The workbook of one unit: a row an indicator. Raises DomainError for a moved column or row,
    or one row twice."""
    _refuse_moved_columns(book, layout.UNIT_KEYS, layout.UNIT_HEAD)
    headings = layout.unit_headings(line.asked.values())
    _refuse_moved_headings(book, layout.UNIT_HEAD, 2, headings[1:])
    found = Upload()
    by_ref = {indicator.ref: indicator for indicator in line.asked.values()}
    reader = _Reader(book)
    seen: dict[str, str] = {}
    for number, row, key in _keyed_rows(book, layout.UNIT_HEAD, layout.ANSWERS.values(), found):
        ref, versions = key
        _refuse_twice(book, seen, ref, f"A{number}")
        indicator = by_ref.get(ref)
        if indicator is None:
            code = book.text(number, layout.CODE_COLUMN)
            found.notes.append(
                f"Dòng {number}: phiếu không hỏi tiêu chí “{code}” nên dòng này không được đọc."
            )
            continue
        _refuse_moved(book, number, layout.CODE_COLUMN, indicator.code, "dòng")
        columns = {
            name: layout.ANSWERS[slot]
            for name, slot in (
                *zip(layout.fields_of(indicator), ("figure", "whole"), strict=False),
                ("choice", "choice"),
                ("reason", "reason"),
            )
        }
        unit, first = line.participation.unit_id, layout.ANSWERS["figure"]
        said = Said(unit, indicator.pk, {}, versions[0], number, first)
        reader.fill(said, row, indicator, columns)
        found.said.append(said)
    _refuse_many(book, found)
    return found


def read_units(book: Book, lines: Sequence[queries.Line]) -> Upload:
    """The workbook of many units: a row a unit. Raises DomainError as `read_unit` does."""
    there = {str(cell.value) for cell in book.rows[1].values()}
    shown = {key.partition(layout.SEPARATOR)[0] for key in there}
    indicators = [one for one in queries.columns_of(lines) if one.ref in shown]
    columns = [  # a workbook made before anything was told of answers has no column for it
        column
        for column in layout.answer_columns(indicators)
        if column.field != layout.FOUND or column.key in there
    ]
    keys = [*layout.UNITS_KEYS, *(column.key for column in columns)]
    _refuse_moved_columns(book, keys, layout.CODES_ROW)
    codes = [column.indicator.code for column in columns]
    _refuse_moved_headings(book, layout.CODES_ROW, layout.FIRST_COLUMN, codes)
    found = Upload()
    by_ref = {line.participation.unit.ref: line for line in lines}
    boxes: dict[int, dict[str, int]] = {}
    for number, column in enumerate(columns, start=layout.FIRST_COLUMN):
        if column.field != layout.FOUND:
            boxes.setdefault(column.indicator.pk, {})[column.field] = number
    plan = [(pk, boxes[pk], min(boxes[pk].values())) for pk in (i.pk for i in indicators)]
    answers = range(layout.FIRST_COLUMN, layout.FIRST_COLUMN + len(columns))
    reader, seen = _Reader(book), dict[str, str]()
    for number, row, (ref, versions) in _keyed_rows(book, layout.UNITS_HEAD, answers, found):
        _refuse_twice(book, seen, ref, f"A{number}")
        line = by_ref.get(ref)
        if line is None:
            name = book.text(number, layout.NAME_COLUMN)
            found.notes.append(
                f"Dòng {number}: “{name}” không tham gia kế hoạch trong kỳ này nên dòng này không "
                "được đọc."
            )
            continue
        unit = line.participation.unit
        _refuse_moved(book, number, layout.NAME_COLUMN, unit.name, "dòng")
        if len(versions) != len(plan):
            raise DomainError(_moved(book, f"A{number}", "dấu của dòng không khớp với các cột"))
        for (pk, mine, first), version in zip(plan, versions, strict=True):
            indicator = line.asked.get(pk)
            if indicator is not None:
                said = Said(unit.pk, pk, {}, version, number, first)
                reader.fill(said, row, indicator, mine)
                held = line.results.get(pk)
                if held and held.state == REPORTED and said.typed and "choice" not in said.typed:
                    said.typed["reason"] = held.reason  # no room for it beside a figure
                found.said.append(said)
    _refuse_many(book, found)
    return found


def _keyed_rows(
    book: Book, head: int, answers: Any, found: Upload
) -> Iterator[tuple[int, Row, tuple[str, list[int]]]]:
    """The rows of the table by the key in column A; one without a key but with answers is told."""
    for number, row in book.rows.items():
        if number <= head:
            continue
        key = layout.parse_row_key(row[1].value if 1 in row else None)
        if key is not None:
            yield number, row, key
        elif filled := [column for column in answers if column in row]:
            found.notes.append(
                f"Ô {address(number, filled[0])}: dòng {number} không phải dòng của bảng do cổng "
                "lập nên không được đọc. Ghi vào đúng dòng có sẵn."
            )


def _refuse_many(book: Book, found: Upload) -> None:
    limit = settings.IMPORT_MAX_CELLS
    if len(found.said) > limit:
        over = found.said[limit]
        raise DomainError(
            f"Tệp “{book.name}” có {decimal_text(len(found.said))} ô kết quả, từ ô "
            f"{address(over.row, over.column)} trở đi vượt mức {decimal_text(limit)} ô một lần. "
            "Chia tệp theo đơn vị rồi tải lên lần lượt."
        )


def _refuse_moved_columns(book: Book, keys: Sequence[str], head: int) -> None:
    """By the hidden row; the cell that is named is the visible one of row `head`."""
    for number, key in enumerate(keys[1:], start=2):
        if book.text(1, number) != key:
            raise DomainError(_moved(book, address(head, number), "cột này không còn ở chỗ cũ"))


def _refuse_moved_headings(book: Book, head: int, first: int, words: Sequence[str]) -> None:
    for number, word in enumerate(words, start=first):
        _refuse_moved(book, head, number, word, "cột")


def _refuse_moved(book: Book, row: int, column: int, expected: str, what: str) -> None:
    shown = book.text(row, column)
    if shown != expected:
        why = f"ghi “{shown or ''}”, {what} này là của “{expected}”"
        raise DomainError(_moved(book, address(row, column), why))


def _refuse_twice(book: Book, seen: dict[str, str], ref: str, at: str) -> None:
    if ref in seen:
        raise DomainError(_moved(book, at, f"dòng này lặp lại dòng của ô {seen[ref]}"))
    seen[ref] = at


def _moved(book: Book, at: str, why: str) -> str:
    return (
        f"Tệp “{book.name}”, ô {at}: {why}. Cột, dòng của bảng đã bị chuyển, chèn hoặc xóa nên "
        "không biết chắc số nào của ô nào. Tải bảng tính mới rồi chép số vào đúng ô."
    )


# --- one cell -------------------------------------------------------------------------------------
class _Reader:
    """Reads the boxes of an indicator into the words that the entry grid would have sent."""

    def __init__(self, book: Book) -> None:
        self.merged = book.merged

    def fill(self, said: Said, row: Row, indicator: Indicator, boxes: dict[str, int]) -> None:
        typed = said.typed
        for name, column in boxes.items():
            if self.merged and (area := self.merged.get((said.row, column))):
                said.problem, said.field = f"ô đã bị gộp ({area}). Bỏ gộp ô rồi nhập lại.", name
                return
            cell = row.get(column)
            if cell is None:
                continue
            value = cell.value
            if type(value) is str:
                # by far the most frequent, so it comes first
                text = value.strip()
                if text.endswith(xlsx.CUT):
                    typed[name] = text
                    problem = "nội dung dài hơn một ô Excel chứa được. Sửa nội dung này trên cổng."
                elif "%" in text and name in NUMBERS:
                    problem = _unshare(typed, name, text, indicator)
                else:
                    typed[name] = text
                    problem = ""
            else:
                problem = _other(typed, name, cell, indicator)
            if problem:
                said.problem, said.field = problem, name
                return
        if indicator.kind == "yes_no" and "yes" in typed:
            typed["yes"] = YES_NO.get(fold(typed["yes"]), typed["yes"])
        if "choice" in boxes:
            if "choice" in typed:
                typed["choice"] = layout.EXCUSES.get(fold(typed["choice"]), typed["choice"])
        elif typed:
            _excuse(typed, FIELDS[indicator.kind][0])
        for name, text in typed.items():
            try:
                refuse_long({name: text})
            except DomainError as error:
                said.problem, said.field = str(error), name
                return


def _unshare(typed: dict[str, str], name: str, text: str, indicator: Indicator) -> str:
    """ "12,5 %" where the unit of measure is per cent is 12,5; elsewhere a share is no answer."""
    typed[name] = text
    if measure_of(indicator) == PERCENT and name == "value":
        typed[name] = SHARE.sub("", text)
        return ""
    if not SHARE.search(text):
        return ""
    if name == "value":
        unit = indicator.measure_unit or "số"
        return f"“{text[:40]}” là tỷ lệ phần trăm, ô này ghi số theo đơn vị tính “{unit}”."
    return (
        f"“{text[:40]}” là tỷ lệ. Ghi số đã đếm được vào ô này và tổng số vào ô bên; cổng tự tính "
        "tỷ lệ."
    )


def _other(typed: dict[str, str], name: str, cell: ReadCell, indicator: Indicator) -> str:
    """A cell that is no text: a number, a day, yes or no, a formula. Returns the problem."""
    value = cell.value
    if cell.formula:
        typed[name] = cell.formula
        return (
            f"có công thức {cell.formula[:40]}; cổng không tính công thức. Chép ô rồi dán lại "
            "dạng giá trị (Dán đặc biệt, Giá trị)."
        )
    if isinstance(value, bool):
        typed[name] = "có" if value else "không"
        return ""
    if isinstance(value, int | Decimal):
        if cell.percent:
            return _unshare(typed, name, f"{decimal_text(value * 100)}%", indicator)
        typed[name] = decimal_text(value)
        return ""
    typed[name] = _time_text(value)
    if name in NUMBERS or name in ("yes", "choice"):
        return (
            f"Excel đã đổi nội dung thành ngày, giờ ({typed[name]}). Định dạng ô là Văn bản rồi "
            "ghi lại."
        )
    return ""


def _time_text(value: object) -> str:
    if isinstance(value, datetime):
        return f"{value:%d/%m/%Y %H:%M}"
    if isinstance(value, date):
        return day_text(value)
    return f"{value:%H:%M}" if isinstance(value, time) else str(value)


def _excuse(typed: dict[str, str], name: str) -> None:
    """ "Không phát sinh: lý do" in the first box is the choice and the reason of the grid."""
    text = typed.get(name, "")
    if not text or text[0] not in "kK":
        return
    head, _, reason = text.partition(":")
    choice = layout.EXCUSES.get(fold(head))
    if choice:
        del typed[name]
        typed["choice"], typed["reason"] = choice, reason.strip()
