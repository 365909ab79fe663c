"""Opening an uploaded workbook: is it one of ours, for this plan, version, period and unit?"""

from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import IO

from django.conf import settings

from campaigns.documents import layout
from campaigns.documents.layout import Stamp
from campaigns.models import Period
from units import xlsx
from units.models import Unit
from units.rules import DomainError, decimal_text
from units.xlsx import ReadCell, ReadSheet

MAX_COLUMNS = 2000
FIXED_CELLS = 8  # what a row holds beside its answers, at most
HEAD_ROWS = 20
MAX_CELLS_OF_ONE = 100_000
MAX_MERGED = 20_000  # cells that merges of a sheet may cover together

Row = dict[int, ReadCell]


@dataclass(frozen=True)
class Book:
    """The sheet that carries the stamp, by row and column; `merged` maps a cell to its range."""

    name: str
    stamp: Stamp
    rows: dict[int, Row]
    merged: dict[tuple[int, int], str]

    def text(self, row: int, column: int) -> object:
        cell = self.rows.get(row, {}).get(column)
        return cell.value if cell else None


# --- the file as a whole --------------------------------------------------------------------------
def open_workbook(source: IO[bytes], name: str, *, of_one: bool = False) -> Book:
    """Raises DomainError for a file that is no workbook of the portal. That `of_one` unit is small,
    and read while a browser waits."""
    limit = settings.IMPORT_MAX_CELLS
    most = (limit + HEAD_ROWS) * (FIXED_CELLS + 1)
    sheets = xlsx.read(
        source,
        name=f"Tệp “{name}”",
        max_rows=limit + HEAD_ROWS,
        max_columns=MAX_COLUMNS,
        max_cells=min(most, MAX_CELLS_OF_ONE) if of_one else most,
    )
    marked = [(sheet, stamp) for sheet in sheets if (stamp := _stamp(sheet))]
    if not marked:
        raise DomainError(
            f"Tệp “{name}”: ô A1 không có dấu của cổng, nên không biết tệp của đơn vị nào, kỳ nào. "
            "Tải bảng tính từ cổng, chép số vào bảng đó rồi tải lên."
        )
    if len(marked) > 1:
        titles = ", ".join(f"“{sheet.title}”" for sheet, _ in marked)
        raise DomainError(
            f"Tệp “{name}” có {len(marked)} trang tính mang dấu của cổng, kể cả trang bị ẩn: "
            f"{titles}. Giữ một trang có số cần nộp, xóa các trang còn lại rồi tải lên."
        )
    ((sheet, stamp),) = marked
    rows = {cells[0].row: {cell.column: cell for cell in cells} for cells in sheet.rows}
    return Book(name, stamp, rows, _merged(sheet, name))


def _stamp(sheet: ReadSheet) -> Stamp | None:
    first = sheet.rows[0][0] if sheet.rows else None
    if first is None or (first.row, first.column) != (1, 1):
        return None
    return Stamp.parse(first.value)


def _merged(sheet: ReadSheet, name: str) -> dict[tuple[int, int], str]:
    covered = sum(
        (right - left + 1) * (bottom - top + 1)
        for left, top, right, bottom in sheet.merged.values()
    )
    if covered > MAX_MERGED:
        raise DomainError(
            f"Tệp “{name}”: ô gộp phủ {decimal_text(Decimal(covered))} ô. Bỏ gộp ô, hoặc tải bảng "
            "tính mới rồi chép số sang."
        )
    found: dict[tuple[int, int], str] = {}
    for area, (left, top, right, bottom) in sheet.merged.items():
        for row in range(top, bottom + 1):
            for column in range(left, right + 1):
                found[row, column] = area
    return found


def refuse_other(book: Book, period: Period, unit: Unit | None) -> None:
    """Raises DomainError for a workbook of another plan, version, period or unit than is asked."""
    name, stamp, campaign = book.name, book.stamp, period.campaign
    expected = Stamp.of(period, unit)
    if stamp.plan != expected.plan:
        raise DomainError(
            f"Tệp “{name}”, ô {layout.PLAN_CELL}: bảng của kế hoạch khác, không phải “{campaign}”. "
            "Tải bảng tính từ đúng kế hoạch rồi chép số sang."
        )
    if stamp.period != expected.period:
        found = campaign.periods.filter(ref=stamp.period).first() or stamp.period
        raise DomainError(
            f"Tệp “{name}”, ô {layout.PERIOD_CELL}: bảng của kỳ “{found}”, nơi đang nhập là kỳ "
            f"“{period}”. Mở đúng kỳ, hoặc tải bảng tính của kỳ “{period}” rồi chép số sang."
        )
    if stamp.unit != expected.unit:
        raise DomainError(_other_unit(book, unit))
    if stamp.revision != expected.revision:
        raise DomainError(
            f"Tệp “{name}”, ô {layout.PLAN_CELL}: bảng lập theo bản sửa {stamp.revision} của kế "
            f"hoạch; nay là bản sửa {expected.revision}, tiêu chí và chỉ tiêu có thể đã đổi. Tải "
            "bảng tính mới rồi chép số sang."
        )


def _other_unit(book: Book, unit: Unit | None) -> str:
    lead = f"Tệp “{book.name}”, ô {layout.UNIT_CELL}: "
    if not book.stamp.unit:
        return (
            lead + f"bảng của nhiều đơn vị, nơi đang nhập là phiếu của {unit}. Tải tệp này lên ở "
            "trang Excel của kế hoạch, hoặc tải bảng tính của riêng đơn vị."
        )
    other = Unit.objects.filter(ref=book.stamp.unit).first() or book.stamp.unit
    if unit is None:
        return (
            lead + f"bảng của riêng {other}. Tải tệp này lên ở phiếu kết quả của đơn vị đó, hoặc "
            "tải bảng của cả kế hoạch."
        )
    return (
        lead + f"bảng của {other}, nơi đang nhập là phiếu của {unit}. Tải bảng tính của đúng đơn "
        "vị rồi chép số sang."
    )


def address(row: int, column: int) -> str:
    return f"{_letter(column)}{row}"


@cache
def _letter(column: int) -> str:
    return xlsx.column_letter(column)
