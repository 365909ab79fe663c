"""No amendment reaches what was scored: neither by the next table of the same group nor by a first
table for a group that the plan asks before it, so a published ranking never stands on another table
than the one in force for its period."""

from typing import Any

import pytest

from campaigns.models import Campaign, Period, Ranking, ScoreLayer, ScoreSheet
from campaigns.queries import ranking_of, tables_of_members
from campaigns.services import (
    open_scoring,
    publish_ranking,
    record_scores,
    reopen_layer,
    send_layer,
)
from config.planfile import PlanFileError
from criteria.models import ScoreItem, ScoreTable
from tests.config.partpages import REF, Page, browser, planner, world
from tests.config.planfiles import AMENDMENTS, PLAN, issued, load
from tests.config.test_next_tables import member
from tests.config.test_plan_scoring_pages import page_with
from tests.config.test_plans_issued import amend, wrong
from tests.factories import NOW, user_with

__all__ = ["browser", "planner", "world"]

TABLE = """\
  - ref: bang
    group: tap-the
    name: Bảng chấm điểm
    from_year: 2024
    max_points: 100
    layers:
      - {layer: self}
    items:
      - {ref: i, code: I, name: Tổ chức, max_points: 100}
"""
BEFORE = "  - ref: rieng\n    name: Sở trọng điểm\n    unit_kinds: [so]\n    indicators: []\n"
BEHIND = BEFORE.replace("rieng", "sau")
TWO = PLAN.replace("groups:\n", f"groups:\n{BEFORE}", 1).replace("awards:\n", f"{BEHIND}awards:\n")
SCORED = f"{TWO}scoring:\n{TABLE}"
REFUSED = (
    "Kỳ “Năm 2024” đã chấm theo “Bảng chấm điểm”; điểm đã chấm giữ theo bảng đó. Ghi ngày áp dụng "
    "của bảng mới sau ngày 31/12/2024."
)


def next_table(group: str, since: str = "2024-07-01") -> str:
    """The plan's file with one more table and the amendment that brings it."""
    dated = f"    from_year: {since[:4]}\n    from: {since}\n    decision: 15/QĐ-UBND\n"
    table = TABLE.replace("ref: bang", "ref: bang-2").replace("group: tap-the", f"group: {group}")
    table = table.replace("    from_year: 2024\n", f"{dated}    reason: Đủ hạ tầng\n")
    return issued(SCORED) + table + AMENDMENTS.replace("2024-07-01", since)


@pytest.fixture
def sheet(world: Any, planner: Any) -> ScoreSheet:
    """Three groups measure the one department that takes part; only the second one is scored."""
    load(issued(SCORED))
    member(Campaign.objects.get())
    (opened,) = open_scoring(year(), actor=planner, now=NOW)
    assert opened.table.ref == "bang"
    return opened


def year(ref: str = "2024") -> Period:
    return Period.objects.select_related("campaign").get(ref=ref)


def own(sheet: ScoreSheet) -> tuple[ScoreLayer, Any]:
    return ScoreLayer.objects.get(score_sheet=sheet), user_with(
        "head_of_unit", sheet.participation.unit
    )


def begin(sheet: ScoreSheet) -> None:
    layer, head = own(sheet)
    item = ScoreItem.objects.get(table=sheet.table)
    record_scores(layer, {item.pk: ({"points": "30"}, 0)}, actor=head, now=NOW)


def publish(sheet: ScoreSheet, planner: Any) -> Ranking:
    begin(sheet)
    layer, head = own(sheet)
    send_layer(layer, actor=head, now=NOW)
    (now,) = ranking_of(year())
    return publish_ranking(year(), sheet.table, seen=now.digest, actor=planner, now=NOW)


def in_force(sheet: ScoreSheet, period: Period) -> str:
    part = sheet.participation
    return tables_of_members(period, [part])[part.pk].ref


@pytest.mark.parametrize("group", ["tap-the", "rieng"])
@pytest.mark.parametrize("act", ["begun", "published", "opened again"])
def test_a_table_is_not_replaced_where_somebody_has_scored(
    sheet: ScoreSheet, planner: Any, group: str, act: str
) -> None:
    if act == "begun":
        begin(sheet)
    else:
        publish(sheet, planner)
    if act == "opened again":
        layer, _head = own(sheet)
        reopen_layer(layer, reason="cộng nhầm", actor=planner, now=NOW)
    with pytest.raises(PlanFileError) as error:
        load(next_table(group))
    assert [problem.path for problem in error.value.problems] == [("scoring", 1, "from")]
    assert REFUSED in str(error.value)
    assert ScoreTable.objects.count() == 1
    load(next_table(group, "2025-02-01"))
    assert (in_force(sheet, year()), in_force(sheet, year("2025"))) == ("bang", "bang-2")
    sheet.refresh_from_db()
    assert sheet.table.ref == "bang"


@pytest.mark.parametrize("group", ["tap-the", "rieng"])
def test_blank_sheets_are_taken_back_and_opened_by_the_new_table(
    sheet: ScoreSheet, planner: Any, group: str
) -> None:
    load(next_table(group))
    assert not ScoreSheet.objects.exists()
    (again,) = open_scoring(year(), actor=planner, now=NOW)
    assert again.table.ref == "bang-2"


def test_a_table_of_a_group_that_comes_behind_replaces_nothing(
    sheet: ScoreSheet, planner: Any
) -> None:
    ranking = publish(sheet, planner)
    load(next_table("sau"))
    assert in_force(sheet, year()) == "bang"
    now = next(one for one in ranking_of(year()) if one.latest == ranking)
    assert not now.stale


def test_the_browser_says_it_beside_the_table(
    sheet: ScoreSheet, browser: Any, planner: Any
) -> None:
    publish(sheet, planner)
    at = f"/phong-trao/{REF}/dieu-chinh/cham-diem/rieng/"
    browser.post(f"{at}soan/")
    page = Page(browser, "chung", at=at)
    item = {"code": "I", "name": "Nhiệm vụ", "max_points": "100", "method": "manual"}
    typed = {f"items-0-{key}": value for key, value in item.items()}
    page.save(**page_with(page, 2) | typed | {"layers-0-layer": "self"})
    answer = amend(browser, **{"table-rieng": "1"})
    assert answer.status_code == 422
    assert wrong(answer)["table-rieng"].endswith(REFUSED)
    later = amend(browser, **{"table-rieng": "1", "amendment-in_force_from": "2025-01-01"})
    assert later.status_code == 302
    assert in_force(sheet, year("2025")) == ScoreTable.objects.latest("pk").ref
