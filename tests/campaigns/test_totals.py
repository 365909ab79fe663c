"""A total on a sheet against its parts, in three grades, and against what the units reported."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from campaigns import queries, services
from campaigns.models import ResultSheet
from criteria.models import Indicator
from tests.campaigns.world import World
from tests.factories import NOW, GroupFactory, ParticipationFactory, user_with
from units.models import User
from units.rules import DomainError

ClientOf = Callable[[User], Any]
TOLD = "CT02, CT03 cộng lại là 5, phải bằng CT01 (6): lệch 1."


@pytest.fixture
def world(world: World) -> World:
    """CT01 is the sum of CT02 and CT03."""
    world.period.closes_on = timezone.localdate() + timedelta(days=30)
    world.period.save()
    fields = {"kind": "count", "target": None}
    world.indicator(ref="ct01", code="CT01", sum_of=["ct02", "ct03"], **fields)
    world.indicator(ref="ct02", code="CT02", **fields)
    world.indicator(ref="ct03", code="CT03", **fields)
    return world


def indicator(world: World, ref: str) -> Indicator:
    return Indicator.objects.get(criteria_set=world.campaign.criteria_set, ref=ref)


def fill(world: World, sheet: ResultSheet, version: int = 0, **values: str) -> None:
    for ref, value in values.items():
        world.fill(sheet, indicator(world, ref), version=version, value=value)


def grade(world: World, **fields: str) -> None:
    Indicator.objects.filter(ref="ct01").update(**fields)


def doubts(sheet: ResultSheet, code: str = "CT01") -> list[tuple[str, bool, bool]]:
    row = next(row for row in queries.sheet_rows(sheet) if row.indicator.code == code)
    return [(doubt.sentence, doubt.asks, doubt.blocks) for doubt in row.doubts]


def left(world: World) -> int:
    """What the home page says of the sheet."""
    lines = queries.sheets_to_fill(world.clerk, timezone.localdate())
    [count] = queries.left_on_sheets(lines).values()
    return count


def test_nothing_is_asked_before_every_part_has_its_figure(world: World) -> None:
    sheet = world.sheet()
    fill(world, sheet, ct01="6", ct02="2")
    assert doubts(sheet) == []
    fill(world, sheet, ct03="3")
    assert doubts(sheet) == [(TOLD, True, False)]
    fill(world, sheet, 1, ct03="4")
    assert doubts(sheet) == []


def test_a_part_without_figure_adds_nothing_and_too_much_is_told_at_once(world: World) -> None:
    sheet = world.sheet()
    world.fill(sheet, indicator(world, "ct03"), choice="nothing", reason="Không có")
    fill(world, sheet, ct01="6", ct02="6")
    assert doubts(sheet) == []
    grade(world, sum_rule="within")
    fill(world, sheet, 1, ct02="7")
    assert doubts(sheet) == [("CT02, CT03 cộng lại là 7, vượt CT01 (6): lệch 1.", True, False)]


@pytest.mark.parametrize(
    ("given", "why"), [("asks", "giải trình"), ("blocks", "sửa cho khớp"), ("notes", "")]
)
def test_three_grades(world: World, given: str, why: str) -> None:
    grade(world, sum_grade=given)
    sheet = world.sheet()
    fill(world, sheet, ct01="6", ct02="2", ct03="3")
    assert [one.why for one in queries.unanswered(sheet)] == [why] * bool(why)
    assert left(world) == bool(why)
    if why:
        with pytest.raises(DomainError, match=f"Còn 1 việc trước khi gửi: {why} CT01"):
            services.submit_sheet(sheet, actor=world.head, now=NOW)
    # a reason answers a question, and nothing else
    world.fill(sheet, indicator(world, "ct01"), version=1, value="6", reason="Có đơn vị mới")
    assert len(queries.unanswered(sheet)) == left(world) == (given == "blocks")
    if given != "blocks":
        services.submit_sheet(sheet, actor=world.head, now=NOW)


def test_the_page_says_it_and_takes_it_back_as_a_part_is_mended(
    world: World, client_of: ClientOf
) -> None:
    grade(world, sum_grade="blocks")
    sheet, client = world.sheet(), client_of(world.clerk)
    fill(world, sheet, ct01="6", ct02="2", ct03="3")
    page = client.get(reverse("campaigns:result_sheet_detail", args=[sheet.pk]))
    assert f"<span>{TOLD}</span>" in page.content.decode()
    part, total = indicator(world, "ct03"), indicator(world, "ct01")
    sent = {f"r{part.pk}-version": "1", f"r{part.pk}-value": "4", f"r{part.pk}-shape": "open"}
    address = reverse("campaigns:result_save", args=[sheet.pk, part.pk])
    body = client.post(address, sent, headers={"HX-Request": "true"}).content.decode()
    assert f'<div id="r{total.pk}-note" hx-swap-oob="true">' in body
    assert "cộng lại" not in body
    # another's figure of the total must not slip under the page's: its version stays behind
    assert f'id="r{total.pk}-version"' not in body


def test_a_total_is_open_with_the_part_that_was_sent_back_and_has_to_fit_it(world: World) -> None:
    grade(world, sum_grade="blocks")
    other = world.indicator(ref="ct04", code="CT04", kind="count", target=None)
    sheet = world.sheet()
    fill(world, sheet, ct01="6", ct02="2", ct03="4", ct04="1")
    services.submit_sheet(sheet, actor=world.head, now=NOW)
    part, total, later = (
        indicator(world, "ct03"),
        indicator(world, "ct01"),
        NOW + timedelta(hours=1),
    )
    cells = {part.pk: ""}
    services.return_sheet(sheet, reason="x", actor=world.verifier, now=NOW, cells=cells)
    services.record_result(sheet, part, {"value": "3"}, 1, actor=world.clerk, now=later)
    sheet = ResultSheet.objects.select_related(*queries.SHEET_RELATED).get()
    assert doubts(sheet, "CT01") == [(TOLD, False, True)]
    assert ([one.indicator for one in queries.unanswered(sheet)], left(world)) == ([total], 1)
    with pytest.raises(DomainError, match="CT01"):
        services.submit_sheet(sheet, actor=world.head, now=later)
    with pytest.raises(DomainError, match="CT04 không mở để sửa"):
        services.record_result(sheet, other, {"value": "2"}, 1, actor=world.clerk, now=later)
    services.record_result(sheet, total, {"value": "5"}, 1, actor=world.clerk, now=later)
    assert (queries.unanswered(sheet), left(world)) == ([], 0)


def test_parts_of_which_together_over_their_whole(world: World) -> None:
    whole = world.indicator(code="CT10", target=None)
    for code in ("CT10a", "CT10b"):
        world.indicator(code=code, of_which=whole, target=None)
    sheet = world.sheet()
    world.fill(sheet, whole, numerator="50", denominator="60")
    for code, numerator in (("CT10a", "30"), ("CT10b", "25")):
        world.fill(sheet, Indicator.objects.get(code=code), numerator=numerator)
    told = "Các phần “trong đó” CT10a, CT10b cộng lại là 55, vượt CT10 (50): lệch 5."
    assert doubts(sheet, "CT10") == [(told, True, False)]
    world.fill(sheet, Indicator.objects.get(code="CT10b"), version=1, numerator="20")
    assert doubts(sheet, "CT10") == []


def test_the_figure_of_the_plan_against_what_its_units_reported(world: World) -> None:
    once = GroupFactory(criteria_set=world.campaign.criteria_set, measured="once")
    total = world.indicator(
        group=once, ref="tong", code="T1", kind="count", target=None, sum_of=["ct02"]
    )
    world.campaign.standing_agency = world.office
    world.campaign.save()
    part = ParticipationFactory(campaign=world.campaign, unit=world.office)
    agency = user_with("clerk", world.office)
    mine = services.open_sheet(part, world.period, actor=agency, now=NOW)
    services.record_result(mine, total, {"value": "9"}, 0, actor=agency, now=NOW)
    assert doubts(mine, "T1") == []  # nobody has reported yet
    for member, value in ((world.part, "4"), (world.member(name="Chi cục B"), "3")):
        sheet = world.sheet(member)
        fill(world, sheet, ct01="4", ct02=value, ct03=str(4 - int(value)))
        sheet = services.submit_sheet(sheet, actor=world.head, now=NOW)
        services.verify_sheet(sheet, actor=world.verifier, now=NOW)
    told = "Số của 2 đơn vị đã thẩm định (CT02) cộng lại là 7, phải bằng T1 (9): lệch 2."
    assert doubts(mine, "T1") == [(told, True, False)]
    services.record_result(mine, total, {"value": "7"}, 1, actor=agency, now=NOW)
    assert doubts(mine, "T1") == []
    late = world.member(name="Chi cục C")  # from here on the sum may still grow
    services.record_result(mine, total, {"value": "9"}, 2, actor=agency, now=NOW)
    assert doubts(mine, "T1") == []
    services.record_result(mine, total, {"value": "6"}, 3, actor=agency, now=NOW)
    ((told, _asks, _blocks),) = doubts(mine, "T1")
    assert "cộng lại là 7" in told
    services.record_result(mine, total, {"value": "9"}, 4, actor=agency, now=NOW)
    services.leave_campaign(late, actor=None, now=NOW, on=date(2020, 1, 2))
    assert len(doubts(mine, "T1")) == 1  # who is gone is not waited for
