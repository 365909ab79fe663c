"""A sheet to be filled in: locked but for its answer boxes, with lists, hints and notes.

Answer boxes are text. What a person types stays as he typed it: a box of numbers would take
“12,5” for 125 on a computer that is set to English, and nobody would notice.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Literal, get_args

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from units.xlsx.writing import (
    BOX,
    FORMULA_STARTS,
    HEADING_FILL,
    LINE_HEIGHT,
    MAX_HEIGHT,
    Properties,
    Slot,
    clean,
    describe,
    lines_of,
    placed,
    set_up_print,
    sheet_titles,
)

Look = Literal["plain", "title", "heading", "text", "figure", "answer", "number", "closed", "given"]
OPEN: frozenset[Look] = frozenset({"answer", "number"})
RIGHT: frozenset[Look] = frozenset({"figure", "number", "given"})
FILLS = {
    "heading": HEADING_FILL,
    "answer": PatternFill("solid", fgColor="FFFFF8DC"),
    "number": PatternFill("solid", fgColor="FFFFF8DC"),
    "closed": HEADING_FILL,
    "given": HEADING_FILL,
}
WRONG = PatternFill("solid", fgColor="FFF8C9CC")
TITLE_HEIGHT = 21.0  # points
HINT_LIMIT = 255  # Excel refuses longer ones
NOTE_AUTHOR = "Cổng"


@dataclass(frozen=True, slots=True)
class Field:
    """One cell. `answer` (words) and `number` may be typed in, `closed` (words) and `given` (a
    number) are boxes that may not; `note` says what is wrong there."""

    text: str = ""
    look: Look = "text"
    note: str = ""


@dataclass(frozen=True)
class Hint:
    """What Excel says when a cell of `cells` is chosen, and the list it offers there.

    A `strict` list takes nothing else.
    """

    cells: str
    text: str
    choices: tuple[str, ...] = ()
    strict: bool = False


@dataclass(frozen=True)
class Form:
    """The first row and the first column are hidden: what the reader of the sheet goes by.

    `freeze` is the first cell that scrolls; rows `heading_rows` are repeated on every page.
    """

    title: str
    widths: Sequence[float]
    rows: Iterable[Sequence[Field]]
    hints: Sequence[Hint]
    freeze: str
    heading_rows: tuple[int, int]


def write_form(
    target: str | Path | IO[bytes], form: Form, *, properties: Properties | None = None
) -> None:
    book = Workbook(write_only=True)
    page: Any = book.create_sheet(sheet_titles([form.title])[0])
    for index, width in enumerate(form.widths, start=1):
        page.column_dimensions[get_column_letter(index)].width = width
    page.column_dimensions["A"].hidden = True
    page.row_dimensions[1].hidden = True
    page.freeze_panes = form.freeze
    page.protection.sheet = True
    page.protection.formatColumns = page.protection.formatRows = False  # these are allowed
    book.security.lockStructure = True
    set_up_print(page, landscape=True)
    page.print_title_rows = "{}:{}".format(*form.heading_rows)
    for hint in form.hints:
        page.data_validations.append(_validation(hint))
    page._values_to_row = placed
    pen = _Pen(page, len(form.widths))
    for number, row in enumerate(form.rows, start=1):
        if (height := _height(row, form.widths)) is not None:
            page.row_dimensions[number].height = height
        page.append(pen.row(row))
    describe(book, properties or Properties())
    book.save(target)


def _height(row: Sequence[Field], widths: Sequence[float]) -> float | None:
    lines, title = 1, False
    for field, width in zip(row, widths, strict=False):
        if field.look == "title":
            title = True
        elif field.look != "plain" and len(field.text) > width / 2:
            lines = max(lines, lines_of(field.text, width))
    if lines == 1:
        return TITLE_HEIGHT if title else None
    return min(lines * LINE_HEIGHT, MAX_HEIGHT)


def _validation(hint: Hint) -> DataValidation:
    rule = DataValidation(
        type="list" if hint.choices else None,
        formula1='"{}"'.format(",".join(hint.choices)) if hint.choices else None,
        allow_blank=True,
        showInputMessage=True,
        showErrorMessage=hint.strict,
        prompt=hint.text[:HINT_LIMIT],
        sqref=hint.cells,
    )
    if hint.strict:
        rule.errorTitle, rule.error = (
            "Không có trong danh sách",
            f"Chọn: {', '.join(hint.choices)}.",
        )
    return rule


class _Pen:
    """Fills the cells of one row again and again; a style is looked up once."""

    def __init__(self, page: Any, width: int) -> None:
        looks: tuple[Look, ...] = get_args(Look)
        self._styles = {look: _style(page, look) for look in looks}
        self._wrong = {look: _style(page, look, wrong=True) for look in looks}
        self._quoted = {look: _style(page, look, quoted=True) for look in OPEN}
        self._cells = [Slot(page) for _ in range(width)]

    def row(self, fields: Sequence[Field]) -> list[Cell]:
        for cell, field in zip(self._cells, fields, strict=False):
            text = clean(field.text)
            cell._value, cell.data_type = text or None, "s" if text else "n"
            cell.style_id = self._styles[field.look]
            cell._comment = None
            if field.note:
                cell.style_id = self._wrong[field.look]
                cell.comment = _note(field.note)
            elif field.look in OPEN and text.startswith(FORMULA_STARTS):
                cell.style_id = self._quoted[field.look]
        return self._cells[: len(fields)]


def _note(text: str) -> Comment:
    lines = 1 + len(text) // 34
    return Comment(clean(text), NOTE_AUTHOR, width=280, height=24 + 18 * lines)


def _style(page: Any, look: Look, *, quoted: bool = False, wrong: bool = False) -> int:
    cell = WriteOnlyCell(page)
    bold = look in {"title", "heading"}
    cell.font = Font(name="Times New Roman", size=14 if look == "title" else 11, bold=bold)
    cell.alignment = Alignment(
        horizontal="center" if look == "heading" else "right" if look in RIGHT else None,
        vertical="center" if look == "heading" else "top",
        wrap_text=look not in {"title", "plain"},
    )
    cell.border = Border() if look in {"title", "plain"} else BOX
    if look in FILLS:
        cell.fill = FILLS[look]
    if wrong:
        cell.fill = WRONG
    cell.number_format = "@"
    cell.protection = Protection(locked=look not in OPEN)
    cell.quotePrefix = quoted
    return cell.style_id
