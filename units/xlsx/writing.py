"""Typed sheets out. Text stays text: a name that begins with “=” never becomes a formula. Figures
and days are real figures and days, so that a reader can add and sort them.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import IO, Any, Literal

from django.utils import timezone
from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter

from units.rules import nfc

Kind = Literal["text", "integer", "decimal", "percent", "date", "moment"]

TITLE_LIMIT = 31  # Excel refuses longer sheet names
TEXT_LIMIT = 32_767  # and longer cells
CUT = "… (còn tiếp)"
LINE_HEIGHT, MAX_HEIGHT = 15.0, 409.0  # points; Excel takes no more

FORMATS: dict[str, str] = {
    "text": "@",
    "integer": "#,##0",
    "decimal": "#,##0.0##",
    "percent": "0.0%",
    "date": "dd/mm/yyyy",
    "moment": "dd/mm/yyyy hh:mm",
}
FIGURES = {"integer", "decimal", "percent"}
# A cell that begins so runs as a formula where it is opened as CSV or typed over.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")

LINE = Side(style="thin", color="FF808080")
BOX = Border(left=LINE, right=LINE, top=LINE, bottom=LINE)
HEADING_FILL = PatternFill("solid", fgColor="FFEDEDED")


@dataclass(frozen=True)
class Column:
    """percent takes shares (0.793 shows as 79,3 %); total adds the figures up in a last row."""

    heading: str
    kind: Kind = "text"
    width: float = 14
    total: bool = False


@dataclass(frozen=True, slots=True)
class Typed:
    """One value of another kind than its column (a share among counts)."""

    value: "str | int | Decimal | date | datetime | None"
    kind: Kind


Value = str | int | Decimal | date | datetime | Typed | None


@dataclass(frozen=True)
class Sheet:
    """A table with lines of title above it. A row has one value a column; None leaves a blank.

    A column of figures or days takes text, too (“KPS”): that cell is then text.
    """

    title: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Value]]
    heading_lines: Sequence[str] = ()
    freeze_columns: int = 0
    landscape: bool = True


@dataclass(frozen=True)
class Properties:
    title: str = ""
    author: str = ""
    subject: str = ""
    created_at: datetime | None = None


def write(
    target: str | Path | IO[bytes], sheets: Sequence[Sheet], *, properties: Properties | None = None
) -> int:
    """Write the workbook; return how many data rows it holds.

    TypeError for a value that is none of text, whole number, Decimal, day, moment or None, and for
    a figure in a column of text; ValueError for a row of the wrong length.
    """
    book = Workbook(write_only=True)
    titles = sheet_titles([sheet.title for sheet in sheets])
    written = 0
    for sheet, title in zip(sheets, titles, strict=True):
        written += _write_sheet(book, sheet, title)
    describe(book, properties or Properties())
    book.save(target)
    return written


def sheet_titles(wanted: Sequence[str]) -> list[str]:
    """Names Excel accepts: none of []:*?/\\, no quote at the ends, 31 characters, no two alike."""
    titles: list[str] = []
    taken: set[str] = set()
    for text in wanted:
        clean = re.sub(r"\s+", " ", re.sub(r"[\[\]:*?/\\\x00-\x1f]", " ", nfc(text)))
        base = clean.strip(" '")[:TITLE_LIMIT].rstrip(" '") or "Trang tính"
        title, number = base, 1
        while title.casefold() in taken:
            number += 1
            mark = f" ({number})"
            title = base[: TITLE_LIMIT - len(mark)].rstrip() + mark
        taken.add(title.casefold())
        titles.append(title)
    return titles


def _write_sheet(book: Any, sheet: Sheet, title: str) -> int:
    page = book.create_sheet(title)
    head_row = len(sheet.heading_lines) + 1
    last_column = get_column_letter(len(sheet.columns))
    for index, column in enumerate(sheet.columns, start=1):
        page.column_dimensions[get_column_letter(index)].width = column.width
    page.freeze_panes = f"{get_column_letter(sheet.freeze_columns + 1)}{head_row + 1}"
    page.print_title_rows = f"{head_row}:{head_row}"
    set_up_print(page, landscape=sheet.landscape)

    page._values_to_row = placed
    for line in sheet.heading_lines:
        page.append([_text_cell(page, line, Font(name="Times New Roman", size=13, bold=True))])
    lines = max((lines_of(one.heading, one.width) for one in sheet.columns), default=1)
    _set_height(page, head_row, lines)
    page.append([_heading(page, column.heading) for column in sheet.columns])
    pen = _Pen(page, sheet.columns)
    count = 0
    for row in sheet.rows:
        cells = pen.row(row)
        count += 1
        _set_height(page, head_row + count, pen.lines)
        page.append(cells)
    page.auto_filter.ref = f"A{head_row}:{last_column}{head_row + count}"
    if count and any(column.total for column in sheet.columns):
        page.append(_Pen(page, sheet.columns, bold=True).row(pen.totals()))
    return count


def lines_of(text: str, width: float) -> int:
    """How many lines a text takes in a column. Not every programme fits a row to what it holds when
    a workbook is opened, and none does where the sheet is locked, so the height is given."""
    return sum(1 + int(len(part) / width / 1.2) for part in text.split("\n"))


def _set_height(page: Any, row: int, lines: int) -> None:
    if lines > 1:
        page.row_dimensions[row].height = min(lines * LINE_HEIGHT, MAX_HEIGHT)


def set_up_print(page: Any, *, landscape: bool) -> None:
    page.page_setup.orientation = "landscape" if landscape else "portrait"
    page.page_setup.paperSize = 9  # A4
    page.page_setup.fitToWidth = 1
    page.page_setup.fitToHeight = 0
    page.sheet_properties.pageSetUpPr.fitToPage = True
    page.oddFooter.center.text = "Trang &P/&N"


class Slot(Cell):
    """A cell that knows its style's number; openpyxl would look it up for every value."""

    __slots__ = ("style_id",)
    has_style = True


def placed(cells: Sequence[Cell], row: int) -> Iterator[Cell]:
    """What openpyxl does to an appended row, less the guessing of types: ours are known.

    Guessing costs more than writing (the workbook took 1.7 times as long as bare values).
    """
    for column, cell in enumerate(cells, start=1):
        cell.row, cell.column = row, column
        yield cell


def _text_cell(page: Any, text: str, font: Font) -> Cell:
    cell = WriteOnlyCell(page)
    cell.font = font
    cell._value, cell.data_type = clean(text), "s"
    return cell


def _heading(page: Any, text: str) -> Cell:
    cell = _text_cell(page, text, Font(name="Times New Roman", size=11, bold=True))
    cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
    cell.border = BOX
    cell.fill = HEADING_FILL
    return cell


def clean(text: str) -> str:
    """As Excel takes it: no control characters, not too long."""
    kept = ILLEGAL_CHARACTERS_RE.sub("", nfc(text))
    return kept if len(kept) <= TEXT_LIMIT else kept[: TEXT_LIMIT - len(CUT)] + CUT


class _Pen:
    """Fills the cells of one row again and again: write-only rows are written when appended, so a
    cell a column suffices, and its style is looked up once instead of once a value."""

    def __init__(self, page: Any, columns: Sequence[Column], *, bold: bool = False) -> None:
        self._columns = columns
        self._styles = {kind: self._style(page, kind, bold=bold) for kind in FORMATS}
        self._quoted = self._style(page, "text", bold=bold, quoted=True)
        self._cells = [Slot(page) for _column in columns]
        self._sums: list[int | Decimal] = [0] * len(columns)
        self.lines = 1  # of the row that was filled last

    @staticmethod
    def _style(page: Any, kind: str, *, bold: bool, quoted: bool = False) -> int:
        cell = WriteOnlyCell(page)
        cell.font = Font(name="Times New Roman", size=11, bold=bold)
        cell.alignment = Alignment(
            vertical="top",
            wrap_text=kind == "text",
            horizontal=None if kind == "text" or kind in FIGURES else "center",
        )
        cell.border = BOX
        cell.number_format = FORMATS[kind]
        cell.quotePrefix = quoted
        return cell.style_id

    def row(self, values: Sequence[Value]) -> list[Cell]:
        if len(values) != len(self._columns):
            raise ValueError(f"a row has {len(values)} values for {len(self._columns)} columns")
        self.lines = 1
        for index, value in enumerate(values):
            self._fill(index, value)
        return self._cells

    def _fill(self, index: int, value: Value) -> None:
        cell, column = self._cells[index], self._columns[index]
        kind: Kind = column.kind
        if isinstance(value, Typed):
            kind, value = value.kind, value.value
        if value is None or value == "":
            cell._value, cell.data_type, cell.style_id = None, "n", self._styles[kind]
        elif isinstance(value, str):
            text = clean(value)
            cell._value, cell.data_type = text, "s"
            quoted = text.startswith(FORMULA_STARTS)
            cell.style_id = self._quoted if quoted else self._styles["text"]
            if len(text) > column.width or "\n" in text:
                self.lines = max(self.lines, lines_of(text, column.width))
        elif isinstance(value, int | Decimal) and not isinstance(value, bool) and kind in FIGURES:
            whole = kind == "decimal" and value == int(value)  # 178 people, not 178,0
            style = self._styles["integer" if whole else kind]
            cell._value, cell.data_type, cell.style_id = value, "n", style
            if column.total:
                self._sums[index] += value
        elif isinstance(value, datetime):
            local = timezone.make_naive(value) if timezone.is_aware(value) else value
            cell._value, cell.data_type, cell.style_id = local, "d", self._styles["moment"]
        elif isinstance(value, date):
            cell._value, cell.data_type, cell.style_id = value, "d", self._styles["date"]
        else:
            raise TypeError(
                f"column {column.heading!r} of kind {kind} does not take {type(value).__name__}"
            )

    def totals(self) -> list[Value]:
        return [
            self._sums[index] if column.total else ("Tổng cộng" if index == 0 else None)
            for index, column in enumerate(self._columns)
        ]


def describe(book: Any, properties: Properties) -> None:
    about = book.properties
    about.title = properties.title or None
    about.creator = properties.author or None
    about.subject = properties.subject or None
    about.language = "vi"
    if properties.created_at:
        moment = properties.created_at.astimezone(UTC).replace(tzinfo=None)
        about.created = about.modified = moment
