"""Answers in words among the figures: counted beside what is measured, never with it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from campaigns import queries, services
from campaigns.models import Participation, Period
from campaigns.queries import Cell, Figure, board, comparison
from campaigns.queries.board import Wanted
from campaigns.rules import Found, Tally
from criteria.models import Indicator
from criteria.rules import Verdict
from tests.campaigns.test_board import text, url
from tests.campaigns.world import World
from tests.factories import NOW, RubricLevelFactory
from units.models import User

ClientOf = Callable[[User], Any]


class Told:
    """Four units: found met, found not met, not assessed, silent; each has a number beside it."""

    def __init__(self, world: World) -> None:
        self.world = world
        Period.objects.update(closes_on=timezone.localdate() + timedelta(days=30))
        world.period.refresh_from_db()
        self.rubric = world.indicator(None, kind="qualitative", code="A1", ref="a1")
        self.levels = {
            name: RubricLevelFactory(indicator=self.rubric, name=name, order=order, is_met=met)
            for order, (name, met) in enumerate((("Tốt", True), ("Kém", False)))
        }
        self.number = world.indicator(code="A2", ref="a2")
        self.parts = [world.part, *(world.member(name=f"Chi cục {n}") for n in "ABC")]
        for part, found in zip(self.parts, ("Tốt", "Kém", ""), strict=False):
            self.accept(part, found)

    def accept(self, part: Participation, found: str) -> None:
        world, sheet = self.world, self.world.sheet(part)
        world.fill(sheet, self.rubric, text="Đã làm", level="Tốt")
        world.fill(sheet, self.number, numerator="9", denominator="10")
        sheet = services.submit_sheet(sheet, actor=world.head, now=NOW)
        said = {self.rubric.pk: (str(self.levels[found].pk), "Thiếu tệp")} if found else {}
        services.verify_sheet(sheet, actor=world.verifier, now=NOW, said=said)

    def figure(self, indicator: Indicator) -> Figure:
        found = queries.figures(self.world.campaign, self.world.period)
        return next(one for one in found.indicators if one.indicator.pk == indicator.pk)

    def cell(self, part: Participation) -> Cell:
        return self.figure(self.rubric).cells[part.unit_id]


@pytest.fixture
def told(world: World) -> Told:
    return Told(world)


# --- figures --------------------------------------------------------------------------------------
def test_they_are_counted_apart_from_what_is_measured(told: Told) -> None:
    words, number = told.figure(told.rubric), told.figure(told.number)
    assert (words.told, words.met, words.not_met) == (Tally(1, 1, 1), 0, 0)
    assert (words.reported, words.missing, words.verdict) == (3, 1, Verdict.NOT_JUDGED)
    assert (number.told, number.met) == (Tally(), 3)


def test_a_cell_says_what_counts_and_what_was_claimed(told: Told) -> None:
    good, low, waiting, silent = map(told.cell, told.parts)
    assert good.told
    assert low.told
    assert waiting.told
    assert (good.told.found, good.told.words) == (Found.MET, "mức “Tốt”")
    assert (low.told.found, low.told.words) == (Found.NOT_MET, "mức “Kém” (tự nhận “Tốt”)")
    assert (low.told.by, low.told.why) == ("Trần Thị Mẫu, cơ quan thẩm định", "Thiếu tệp")
    assert (waiting.told.found, waiting.told.words) == (Found.WAITING, "tự nhận mức “Tốt”")
    assert silent.told is None


def test_what_was_found_of_another_answer_is_told_as_such(told: Told) -> None:
    world, part = told.world, told.parts[1]
    sheet = services.return_sheet(
        part.result_sheets.get(), reason="x", actor=world.verifier, now=NOW
    )
    world.fill(sheet, told.rubric, 1, text="Làm thêm", level="Tốt")
    sheet = services.submit_sheet(sheet, actor=world.head, now=NOW)
    services.verify_sheet(sheet, actor=world.verifier, now=NOW)
    held = told.cell(part).told
    assert held
    assert held.sentence == (
        "Chưa xét, tự nhận mức “Tốt”, đã đổi từ khi xét mức “Kém” (tự nhận “Tốt”)"
    )


def test_without_a_rubric_only_met_or_not_is_told(told: Told) -> None:
    world = told.world
    words = world.indicator(None, kind="qualitative", code="A3")
    part = world.member()
    sheet = world.sheet(part)
    world.fill(sheet, words, text="Đã họp")
    world.fill(sheet, told.rubric, choice="nothing", reason="Không có")
    world.fill(sheet, told.number, numerator="9", denominator="10")
    sheet = services.submit_sheet(sheet, actor=world.head, now=NOW)
    services.verify_sheet(sheet, actor=world.verifier, now=NOW)
    held = told.figure(words).cells[part.unit_id].told
    assert held
    assert (held.found, held.words) == (Found.WAITING, "")
    services.assess_cells(sheet, {words.pk: ("met", "")}, actor=world.verifier, now=NOW)
    held = told.figure(words).cells[part.unit_id].told
    assert held
    assert (held.found, held.words) == (Found.MET, "")
    assert told.figure(told.rubric).told == Tally(1, 1, 1)  # nothing arose there to be assessed


def test_a_share_of_units_counts_those_found_to_meet_it(told: Told) -> None:
    share = told.world.indicator(
        None, kind="derived", derivation="share", derived_from=told.rubric, measure_unit="%"
    )
    one = told.figure(share)
    assert (one.numerator, one.denominator, one.told) == (1, 4, Tally())


def test_reading_them_costs_the_same_for_one_unit_and_for_many(
    told: Told, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with CaptureQueriesContext(connection) as few:
        told.figure(told.rubric)
    told.accept(told.world.member(), "Tốt")
    told.accept(told.world.member(), "")
    with django_assert_num_queries(len(few)):
        assert told.figure(told.rubric).told == Tally(2, 1, 2)


# --- on the pages ---------------------------------------------------------------------------------
def test_the_board_shows_them_by_icon_and_word(told: Told, client_of: ClientOf) -> None:
    client, where = client_of(told.world.verifier), url("board_table", told.world.campaign.ref)
    page = client.get(where)
    words = text(page)
    assert "1 đạt, 1 chưa đạt, 1 chưa xét 3 trên 3" in words
    html = page.content.decode()
    assert 'class="h-told"' in html
    assert "Định tính chưa xét" in words
    assert "chưa đạt mức “Kém” (tự nhận “Tốt”)" in words
    assert "chưa xét tự nhận mức “Tốt”" in words
    for state, units in (("chua-xet", {"B"}), ("chua-dat", {"A"})):
        found = board.board(
            told.world.campaign, told.world.period, told.world.verifier, Wanted(state=state)
        )
        assert {row.unit.name[-1] for row in found.rows} == units


def test_one_over_all_units_and_one_unit_over_the_years(told: Told, client_of: ClientOf) -> None:
    world = told.world
    client = client_of(world.verifier)
    words = text(client.get(url("board_indicator", world.campaign.ref, told.rubric.ref)))
    assert "1 đạt, 1 chưa đạt, 1 chưa xét trên 4 đơn vị" in words
    assert "Định tính: 1 đạt, 1 chưa đạt, 1 chưa xét" in words
    assert "Mức “Kém” (tự nhận “Tốt”) Trần Thị Mẫu, cơ quan thẩm định: “Thiếu tệp”" in words
    assert "Chưa xét: 1" in words
    assert "Nội dung, kết quả xét" in words
    assert "Đã trả lời" not in words
    assert "Chưa có số liệu: 1" in words
    found = comparison.comparison(
        world.campaign, [world.period], world.period, told.rubric, world.verifier, Wanted()
    )
    assert [(one.key, one.count) for one in found.slices] == [
        ("met", 1),
        ("not_met", 1),
        ("waiting", 1),
        ("no_data", 1),
    ]
    words = text(client.get(url("board_unit", world.campaign.ref, told.parts[1].unit.ref)))
    assert "Chưa đạt Mức “Kém” (tự nhận “Tốt”)" in words
