"""Workbooks for tests: taken through the real service, filled in as Excel would save them."""

from io import BytesIO
from typing import Any

from openpyxl import load_workbook

from campaigns import services
from campaigns.documents import layout
from campaigns.models import Period, ResultImport
from tests.campaigns.world import World
from tests.factories import NOW
from units.models import Unit, User


class Book:
    """A workbook as somebody has it open in Excel."""

    def __init__(self, content: bytes) -> None:
        self.book = load_workbook(BytesIO(content))
        self.page = self.book.worksheets[0]

    def row(self, ref: str) -> int:
        """The row of an indicator, or of a unit."""
        for (cell,) in self.page.iter_rows(min_col=1, max_col=1, min_row=2):
            if cell.value and str(cell.value).split("|")[0] == ref:
                return cell.row
        raise LookupError(ref)

    def column(self, key: str) -> int:
        """The column of a box: “figure” of one unit, “ct01|numerator” of many."""
        return next(cell.column for cell in self.page[1] if cell.value == key)

    def at(self, ref: str, key: str) -> Any:
        return self.page.cell(self.row(ref), self.column(key))

    def put(self, ref: str, **values: Any) -> "Book":
        """Answers of one indicator in the workbook of one unit."""
        for key, value in values.items():
            self.at(ref, key).value = value
        return self

    def put_at(self, address: str, value: Any) -> "Book":
        self.page[address].value = value
        return self

    def bytes(self) -> bytes:
        target = BytesIO()
        self.book.save(target)
        return target.getvalue()


def take(world: World, unit: Unit | None = None, actor: User | None = None) -> Book:
    actor = actor or world.clerk
    return Book(services.download_workbook(world.period, unit, actor=actor, now=NOW))


def send(
    world: World,
    content: Book | bytes,
    unit: Unit | None = None,
    *,
    actor: User | None = None,
    name: str = "ket-qua.xlsx",
    period: Period | None = None,
) -> ResultImport:
    data = content.bytes() if isinstance(content, Book) else content
    return services.check_upload(
        BytesIO(data),
        name=name,
        size=len(data),
        period=period or world.period,
        unit=unit,
        actor=actor or world.clerk,
        now=NOW,
    )


__all__ = ["Book", "layout", "send", "take"]
