"""The workbook of many units tells how answers in words stand, as that of one unit does."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns import queries, services
from campaigns.documents import layout
from campaigns.models import Participation, ResultSheet
from tests.campaigns.excel import Book, send, take
from tests.campaigns.test_imports import preview
from tests.campaigns.test_told import Told
from tests.campaigns.world import World
from tests.factories import NOW

FOUND = "a1|found"
WORDS = [
    "Đạt, mức “Tốt”: Thiếu tệp",
    "Chưa đạt, mức “Kém” (tự nhận “Tốt”): Thiếu tệp",
    "Chưa xét, tự nhận mức “Tốt”",
]


@pytest.fixture
def told(world: World) -> Told:
    return Told(world)


def returned(told: Told, part: Participation) -> ResultSheet:
    sheet = part.result_sheets.get()
    return services.return_sheet(sheet, reason="x", actor=told.world.verifier, now=NOW)


def test_each_unit_has_the_same_words_as_in_its_own_workbook_and_locked(told: Told) -> None:
    book = take(told.world, actor=told.world.verifier)
    cells = [book.at(part.unit.ref, FOUND) for part in told.parts]
    assert [cell.value for cell in cells] == [*WORDS, None]
    assert all(cell.protection.locked for cell in cells)
    assert book.page.cell(layout.UNITS_HEAD, book.column(FOUND)).value == "Kết quả xét"
    for part, words in zip(told.parts, WORDS, strict=False):
        own = take(told.world, part.unit, actor=told.world.verifier)
        assert f"Kết quả xét: {words}." in own.at("a1", "how").value


def test_a_sheet_that_was_never_sent_has_nothing_to_tell(told: Told) -> None:
    world, part = told.world, told.parts[3]
    sheet = world.sheet(part)
    world.fill(sheet, told.rubric, text="Đã làm", level="Tốt")
    book = take(world, actor=world.verifier)
    assert book.at(part.unit.ref, "a1|text").value == "Đã làm"
    assert book.at(part.unit.ref, FOUND).value is None
    own = take(world, part.unit, actor=world.verifier)
    assert "Kết quả xét" not in own.at("a1", "how").value


def test_only_answers_in_words_have_the_column(told: Told) -> None:
    keys = [cell.value for cell in take(told.world, actor=told.world.verifier).page[1]]
    assert [key for key in keys if str(key).endswith("|found")] == [FOUND]


def test_what_was_found_is_never_read_back(told: Told) -> None:
    world = told.world
    returned(told, world.part)
    book = take(world)
    assert book.at(world.branch.ref, FOUND).value == WORDS[0]
    book.at(world.branch.ref, FOUND).value = "Chưa đạt"
    assert preview(world, send(world, book)).differences == []
    book.at(world.branch.ref, "a1|text").value = "Đã làm thêm"
    (one,) = preview(world, send(world, book)).differences
    assert one.indicator == told.rubric


def test_a_workbook_without_the_column_is_still_read(told: Told) -> None:
    """Made before anything was told of answers; one whose other columns moved is not."""
    world = told.world
    returned(told, world.part)
    book = take(world)
    book.at(world.branch.ref, "a2|numerator").value = "8"
    book.page.delete_cols(book.column(FOUND))
    (one,) = preview(world, send(world, Book(book.bytes()))).differences
    assert one.indicator == told.number


def test_reading_them_costs_the_same_for_one_unit_and_for_many(told: Told) -> None:
    counts = []
    for _ in range(2):
        lines = queries.member_lines(told.world.period, told.world.campaign.participations.all())
        with CaptureQueriesContext(connection) as captured:
            found = queries.told_on(lines)
        counts.append((len(captured), len(found)))
        told.accept(told.world.member(), "Tốt")
    assert counts == [(1, 3), (1, 4)]
