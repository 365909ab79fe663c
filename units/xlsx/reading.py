"""What people upload, read warily: no bombs, no macros, no entities, nothing computed."""

import re
import zipfile
import zlib
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import IO, Any

from openpyxl import load_workbook
from openpyxl.styles.numbers import BUILTIN_FORMATS, BUILTIN_FORMATS_MAX_SIZE
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet._reader import WorkSheetParser

from units.rules import DomainError, decimal_text, nfc

MAX_UNPACKED = 100 * 1024 * 1024
MAX_RATIO = 200  # XML of a honest sheet packs to a tenth or a thirtieth
MAX_ENTRIES = 2000
CHUNK = 1 << 20
# What a number format shows as it stands: quoted, after a backslash, left blank or filled up with.
LITERAL = re.compile(r'"[^"]*"|[\\_*].')
BOMS = (b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")


@dataclass(slots=True)
class ReadCell:
    """A cell that is not empty. A formula has no value: its result was not computed by us.

    `percent` says that the number is shown as a share: 0.125 reads 12,5 % on the screen.
    """

    row: int
    column: int
    value: str | int | Decimal | bool | date | datetime | time | None
    formula: str = ""
    percent: bool = False


@dataclass(frozen=True)
class ReadSheet:
    """`merged` are ranges of cells that were made one, such as “B2:C4”, each with its bounds:
    first column and row, last column and row."""

    title: str
    rows: list[list[ReadCell]]
    merged: dict[str, tuple[int, int, int, int]]


def read(
    source: IO[bytes],
    *,
    name: str = "Tệp",
    max_rows: int = 20_000,
    max_columns: int = 200,
    max_cells: int | None = None,
) -> list[ReadSheet]:
    """The values of every sheet, row by row, blank rows and cells left out.

    name: what the refusals call the file. DomainError for a file that is no .xlsx, carries macros,
    unpacks to more than 100 MB, has too many rows or holds more than `max_cells`.
    """
    _inspect(source, name)
    source.seek(0)
    try:
        book = load_workbook(source, read_only=True, data_only=False, keep_links=False)
        try:
            reader = _Reader(book, name, max_rows, max_columns, max_cells)
            return [reader.sheet(page) for page in book.worksheets]
        finally:
            book.close()
    except (
        InvalidFileException,
        AttributeError,
        IndexError,
        KeyError,
        OverflowError,
        TypeError,
        ValueError,
        SyntaxError,
        zipfile.BadZipFile,
    ) as error:
        # whatever openpyxl makes of parts that contradict each other
        raise DomainError(_unreadable(name)) from error


class _Reader:
    """Reads the sheets of one book; the cells of all of them are counted together.

    openpyxl's own parser without the padding of its read-only sheets, which a single cell in the
    last row of a sheet makes a million rows long.
    """

    def __init__(
        self, book: Any, name: str, max_rows: int, max_columns: int, max_cells: int | None
    ) -> None:
        self._book, self._name = book, name
        self._max_rows, self._max_columns, self._max_cells = max_rows, max_columns, max_cells
        self._cells = 0
        own, first = book._number_formats, BUILTIN_FORMATS_MAX_SIZE
        self._shares = [
            _shares(own[f - first] if (f := style.numFmtId) >= first else BUILTIN_FORMATS.get(f))
            for style in book._cell_styles
        ]

    def sheet(self, page: Any) -> ReadSheet:
        with page._get_source() as source:
            parser = WorkSheetParser(
                source,
                page._shared_strings,
                epoch=self._book.epoch,
                date_formats=self._book._date_formats,
                timedelta_formats=self._book._timedelta_formats,
            )
            rows = [row for line in parser.parse() if (row := self._row(page, *line))]
        merged = parser.merged_cells.mergeCell if parser.merged_cells else ()
        return ReadSheet(page.title, rows, {one.coord: one.bounds for one in merged})

    def _row(self, page: Any, number: int, cells: list[dict[str, Any]]) -> list[ReadCell]:
        row = [
            self._cell(cell)
            for cell in cells
            if cell["value"] is not None and cell["column"] <= self._max_columns
        ]
        if row and number > self._max_rows:
            raise DomainError(
                f"{self._name}: trang “{page.title}” có nhiều hơn {self._max_rows} dòng. "
                "Hãy chia nhỏ tệp rồi tải lên lại."
            )
        self._cells += len(cells) + 1  # blank ones, too, and rows: each takes its time
        if self._max_cells is not None and self._cells > self._max_cells:
            raise DomainError(
                f"{self._name} có hơn {decimal_text(self._max_cells)} ô, kể cả dòng, ô trống đã "
                "định dạng, quá mức cổng nhận một lần. Xóa các dòng, cột thừa hoặc chia nhỏ tệp "
                "theo đơn vị rồi tải lên lần lượt."
            )
        return row

    def _cell(self, cell: dict[str, Any]) -> ReadCell:
        value, kind = cell["value"], cell["data_type"]
        if kind == "s":
            return ReadCell(cell["row"], cell["column"], nfc(value))
        if kind == "f":
            formula = value if isinstance(value, str) else getattr(value, "text", None) or "="
            return ReadCell(cell["row"], cell["column"], None, formula=formula)
        if isinstance(value, float):
            value = Decimal(format(value, ".15g"))  # as many digits as Excel itself shows
        elif isinstance(value, datetime) and value.time() == time():
            value = value.date()
        return ReadCell(cell["row"], cell["column"], value, percent=self._percent(value, cell))

    def _percent(self, value: object, cell: dict[str, Any]) -> bool:
        shares = self._shares[cell["style_id"]]
        if not isinstance(value, int | Decimal) or not any(shares):
            return False
        part = 1 if value < 0 else 0 if value else 2
        return shares[part] if part < len(shares) else shares[0]


def _shares(form: str | None) -> list[bool]:
    """Whether a number format multiplies by a hundred: for numbers above nought, below, nought."""
    return ["%" in part for part in LITERAL.sub("", form or "").split(";")]


def _inspect(source: IO[bytes], name: str) -> None:
    """Look at the archive before anybody unpacks it into memory: what its directory says, then
    every part itself, since a directory may lie.
    """
    try:
        with zipfile.ZipFile(source) as archive:
            entries = archive.infolist()
            names = {entry.filename.lower() for entry in entries}
            if "xl/workbook.xml" not in names:
                raise DomainError(_unreadable(name))
            if any("vbaproject" in entry or "activex" in entry for entry in names):
                raise DomainError(
                    f"{name} có macro nên không được nhận. Hãy lưu lại thành “Excel Workbook "
                    "(.xlsx)” rồi tải lên lại."
                )
            unpacked = sum(entry.file_size for entry in entries)
            packed = max(sum(entry.compress_size for entry in entries), 1)
            if (
                unpacked > MAX_UNPACKED
                or len(entries) > MAX_ENTRIES
                or (unpacked > 2**20 and unpacked > MAX_RATIO * packed)
            ):
                raise DomainError(
                    f"{name} quá lớn khi giải nén ({unpacked // 2**20} MB). Hãy xóa các trang, "
                    "dòng trống không dùng rồi tải lên lại."
                )
            for entry in entries:
                _inspect_part(archive, entry, name)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, zlib.error) as error:
        raise DomainError(_unreadable(name)) from error


def _inspect_part(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str) -> None:
    """Unpack one part piece by piece: never more than the directory says (zipfile stops there and
    compares the checksum), no entities, no bytes that are not UTF-8 text.
    """
    is_xml = entry.filename.lower().endswith((".xml", ".rels", ".vml"))
    end = b""
    with archive.open(entry) as stream:
        while chunk := stream.read(CHUNK):
            if is_xml and (b"\0" in chunk or b"<!DOCTYPE" in end + chunk):
                raise DomainError(_unreadable(name))
            if not is_xml and not end and _may_be_xml(chunk):
                raise DomainError(_unreadable(name))
            end = chunk[-16:]


def _may_be_xml(start: bytes) -> bool:
    """Whether a part goes by another name than XML but would be read as such, in any encoding:
    the list of content types, not the name, says what a part is."""
    return start.startswith(BOMS) or start.lstrip(b" \t\r\n\0")[:1] in (b"<", b"")


def _unreadable(name: str) -> str:
    return (
        f"{name} không phải tệp Excel (.xlsx) hoặc bị hỏng. Hãy mở bằng Excel, lưu lại rồi tải lên."
    )
