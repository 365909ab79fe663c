"""A qualitative criterion with a rubric: the unit claims a level beside its words."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from campaigns import queries, services
from campaigns.models import ResultHistory
from campaigns.rules import REPORTED, Level, Question, Reading, read_cell
from tests.campaigns.excel import send, take
from tests.campaigns.test_imports import accept, preview
from tests.campaigns.world import World
from tests.factories import NOW, RubricLevelFactory

LEVELS = (Level(1, "Tốt"), Level(2, "Chưa đạt"))
ASKED = Question("qualitative", levels=LEVELS)


@pytest.fixture
def world(world: World) -> World:
    """The pages read the clock, so the period is one that is open today."""
    world.period.closes_on = timezone.localdate() + timedelta(days=30)
    world.period.save()
    return world


def rubric(world: World, **fields):
    indicator = world.indicator(None, kind="qualitative", **fields)
    for order, (name, met) in enumerate((("Tốt", True), ("Khá", True), ("Chưa đạt", False)), 1):
        RubricLevelFactory(indicator=indicator, name=name, order=order, is_met=met)
    return indicator


# --- reading --------------------------------------------------------------------------------------
def test_words_and_a_level_make_an_answer():
    typed = {"text": "Đã làm", "level": "tốt"}
    assert read_cell(ASKED, typed) == Reading(REPORTED, text="Đã làm", level_id=1)


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ({"text": "Đã làm"}, "Chưa chọn mức tự nhận."),
        ({"level": "Tốt"}, "Chưa ghi nội dung thực hiện của mức đã chọn."),
        (
            {"text": "Đã làm", "level": "Giỏi"},
            "Không có mức “Giỏi”. Chọn một trong các mức: “Tốt”, “Chưa đạt”.",
        ),
        (
            {"level": "Tốt", "choice": "nothing", "reason": "Không có"},
            "Đã chọn “không phát sinh” nhưng ô vẫn còn nội dung. Xóa nội dung trong ô, "
            "hoặc chọn lại “Nhập số liệu”.",
        ),
    ],
)
def test_half_an_answer_is_kept_with_what_it_lacks(typed, problem):
    assert read_cell(ASKED, typed) == Reading(typed=typed, problem=problem)


def test_without_a_rubric_words_are_enough():
    assert read_cell(Question("qualitative"), {"text": "a", "level": "Tốt"}) == Reading(
        REPORTED, text="a"
    )


# --- on the sheet ---------------------------------------------------------------------------------
def test_the_claim_is_stored_and_each_write_of_it_kept(world):
    indicator, sheet = rubric(world), world.sheet()
    world.fill(sheet, indicator, text="Đã làm", level="Tốt")
    result = world.fill(sheet, indicator, 1, text="Đã làm", level="Khá")
    kept = ResultHistory.objects.filter(result=result).order_by("version")
    assert [str(line.level) for line in kept] == ["Tốt", "Khá"]
    told = {(one.before, one.after) for one in queries.cell_events(result)}
    assert told == {
        ("mức “Tốt”, “Đã làm”", "mức “Khá”, “Đã làm”"),
        ("trống", "mức “Tốt”, “Đã làm”"),
    }


def test_a_sheet_waits_for_the_level(world):
    indicator, sheet = rubric(world, code="A"), world.sheet()
    world.fill(sheet, indicator, text="Đã làm")
    assert [one.why for one in queries.unanswered(sheet)] == ["chọn mức của"]
    world.fill(sheet, indicator, 1, level="Tốt")
    assert [one.why for one in queries.unanswered(sheet)] == ["ghi nội dung của"]
    world.fill(sheet, indicator, 2, text="Đã làm", level="Giỏi")
    assert [one.why for one in queries.unanswered(sheet)] == ["sửa"]
    world.fill(sheet, indicator, 3, text="Đã làm", level="Tốt")
    assert queries.unanswered(sheet) == []


def test_a_level_to_come_is_told_as_what_is_left_not_as_a_mistake(client, world):
    indicator, sheet = rubric(world, code="A"), world.sheet()
    world.fill(sheet, indicator, text="Đã làm")
    client.force_login(world.clerk)
    page = client.get(reverse("campaigns:result_sheet_detail", args=[sheet.pk])).content.decode()
    assert "Chưa chọn mức tự nhận." in page
    assert "chọn mức của <a" in page
    assert 'class="error"' not in page
    assert "Chưa hợp lệ" not in page


def test_the_plan_shows_the_rubric_and_what_a_total_is_made_of(client, world):
    indicator = rubric(world, code="A", ref="chat-luong")
    indicator.levels.filter(name="Tốt").update(text="Có sáng kiến")
    part = world.indicator(None, kind="count", code="B1", ref="phan")
    world.indicator(None, kind="count", code="B", sum_of=[part.ref], sum_rule="within")
    client.force_login(world.clerk)
    url = reverse("campaigns:campaign_indicators", args=[world.campaign.ref])
    page = client.get(url).content.decode()
    assert "<li>Tốt (đạt): Có sáng kiến</li>" in page
    assert "<li>Chưa đạt (chưa đạt)</li>" in page
    assert "là tổng của B1 (các phần cộng lại không vượt số này; không khớp thì phải giải" in page


def test_the_page_offers_the_levels_and_shows_the_claim(client, world):
    indicator, sheet = rubric(world), world.sheet()
    client.force_login(world.clerk)
    page = client.get(reverse("campaigns:result_sheet_detail", args=[sheet.pk])).content.decode()
    field = f'<select id="r{indicator.pk}-level"'
    assert field in page
    assert "<option>Chưa đạt</option>" in page
    url = reverse("campaigns:result_save", args=[sheet.pk, indicator.pk])
    name = f"r{indicator.pk}"
    client.post(url, {f"{name}-text": "Đã làm", f"{name}-level": "Khá", f"{name}-version": "0"})
    page = client.get(reverse("campaigns:result_sheet_detail", args=[sheet.pk])).content.decode()
    assert "<option selected>Khá</option>" in page
    assert "Tự nhận: Khá (đạt)" in page
    sheet = services.submit_sheet(sheet, actor=world.head, now=NOW)
    services.verify_sheet(sheet, actor=world.verifier, now=NOW)
    page = client.get(reverse("campaigns:result_sheet_detail", args=[sheet.pk])).content.decode()
    assert "Chưa xét" in page  # accepting the sheet assesses nothing by itself


# --- in Excel -------------------------------------------------------------------------------------
def test_a_workbook_of_one_unit_lists_the_levels_and_is_read_back(world):
    indicator = rubric(world, ref="ct01", code="CT01")
    sheet = world.sheet()
    book = take(world, world.branch)
    headings = [cell.value for row in book.page.iter_rows() for cell in row]
    assert "Tổng số, mức tự nhận" in headings
    lists = [one.formula1 for one in book.page.data_validations.dataValidation]
    assert '"Tốt,Khá,Chưa đạt"' in lists
    wrong = send(world, book.put("ct01", figure="Đã làm", whole="Giỏi"), world.branch)
    at = book.at("ct01", "whole").coordinate
    assert [(one.at, one.kind) for one in preview(world, wrong).differences] == [(at, "wrong")]
    services.discard_import(wrong, actor=world.clerk, now=NOW)
    right = send(world, book.put("ct01", figure="Đã làm", whole="Khá"), world.branch)
    accept(world, right)
    result = sheet.results.get(indicator=indicator)
    assert (result.text, str(result.level)) == ("Đã làm", "Khá")


def test_a_workbook_of_many_units_has_a_column_for_the_level(world):
    indicator = rubric(world, ref="ct01", code="CT01")
    sheet = world.sheet()
    book = take(world)
    assert "Mức tự nhận" in [cell.value for row in book.page.iter_rows() for cell in row]
    book.put(world.branch.ref, **{"ct01|text": "Đã làm", "ct01|level": "Tốt"})
    accept(world, send(world, book))
    assert str(sheet.results.get(indicator=indicator).level) == "Tốt"
