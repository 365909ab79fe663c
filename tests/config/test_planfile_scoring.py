"""The scoring tables of a plan file: in and out, refused by name and by what does not add up."""

import pytest

from campaigns.models import Amendment, Campaign
from config.planfile import PlanFileError, plan_data, plan_text
from config.plans.issuing import gaps
from criteria import services
from criteria.models import ScoreItem, ScoreTable, TieStep
from criteria.queries import faults_of
from tests.config.planfiles import AMENDMENTS, PLAN, edited, issued, line_of, load, parse, world
from tests.factories import NOW
from units.rules import DomainError

__all__ = ["world"]

SCORING = """\
scoring:
  - ref: bang
    group: tap-the
    name: Bảng chấm điểm
    from_year: 2024
    max_points: 100
    bonus_ceiling: 2.5
    layers:
      - {layer: self, days: 5}
      - {layer: standing}
    items:
      - {ref: i, code: I, name: Nhiệm vụ, method: sum, max_points: 60}
      - {ref: i1, parent: i, code: I.1, name: Hồ sơ, method: proportional, indicator: ho-so,
         max_points: 40}
      - ref: i2
        parent: i
        code: I.2
        name: Tập huấn
        method: steps
        indicator: tap-huan
        max_points: 20
        floor: -5
        steps:
          - {from: 80, points: 20}
          - {below: 80, points: -5}
      - {ref: ii, code: II, name: Tổ chức, max_points: 40}
      - {ref: t, kind: bonus, code: T, name: Được khen, method: count, each: 0.5, max_points: 3}
    bands:
      - {ref: xs, name: Xuất sắc, from: 90, admits: true}
      - {ref: ht, name: Hoàn thành, below: 90}
    gates:
      - {ref: kl, name: Có kỷ luật, effect: bar, band: xs}
      - {ref: cham, name: Không đạt hồ sơ, indicator: ho-so}
    ties:
      - {by: item, item: i}
      - {by: indicator, indicator: ho-so}
    tie_end: decided
    decided_places: 3
"""
SCORED = PLAN + SCORING


def test_out_and_back_is_the_same(world):
    load(SCORED)
    campaign = Campaign.objects.get()
    back = parse(plan_text(campaign))
    assert back.problems == []
    assert back.plan == parse(SCORED).plan == plan_data(campaign)
    assert [outcome.done for outcome in load(SCORED)] == ["không đổi"]
    item = ScoreItem.objects.get(ref="i2")
    assert (item.parent.ref, item.indicator.ref, item.steps.count()) == ("i", "tap-huan", 2)


def test_a_draft_is_brought_to_what_its_file_says(world):
    load(SCORED)
    smaller = edited(
        ("      - {by: item, item: i}\n", ""),
        ("max_points: 40}\n      - {ref: t", "max_points: 100}\n      - {ref: t"),
        (SCORING[SCORING.index("      - {ref: i, ") : SCORING.index("      - {ref: ii,")], ""),
        ("      - {ref: kl, name: Có kỷ luật, effect: bar, band: xs}\n", ""),
        (
            "      - {ref: xs, name: Xuất sắc, from: 90, admits: true}\n"
            "      - {ref: ht, name: Hoàn thành, below: 90}\n",
            "      - {ref: ht, name: Hoàn thành}\n",
        ),
        text=SCORED,
    )
    load(smaller)
    assert plan_data(Campaign.objects.get()) == parse(smaller).plan
    assert list(ScoreItem.objects.values_list("ref", flat=True)) == ["ii", "t"]
    load(PLAN)
    assert not ScoreTable.objects.exists()


def test_a_scored_indicator_goes_with_its_item(world):
    load(SCORED)
    load(
        edited(
            (PLAN[PLAN.index("      - ref: tap-huan\n") : PLAN.index("      - ref: ty-le")], ""),
            text=PLAN,
        )
    )
    assert not ScoreItem.objects.exists()


@pytest.mark.parametrize("year", ["[2024]", "{a: 1}"])
def test_a_list_in_place_of_a_year_is_refused_with_its_line(world, year):
    for old, new in (
        ("from_year: 2024", f"from_year: {year}"),
        ('- {op: ">", value: 90}', f'- {{year: {year}, op: ">", value: 90}}'),
    ):
        with pytest.raises(PlanFileError, match="phải là số nguyên"):
            load(edited((old, new), text=SCORED))


@pytest.mark.parametrize(
    ("old", "new", "needle", "said"),
    [
        ("group: tap-the\n", "group: x\n", "group: x", "không có nhóm “x”"),
        ("parent: i, code: I.1", "parent: x, code: I.1", "parent: x", "không có mục “x” ở trên"),
        ("indicator: tap-huan", "indicator: x", "indicator: x", "không có tiêu chí “x”"),
        ("effect: bar, band: xs", "effect: bar, band: x", "band: x", "không có mức xếp loại “x”"),
        ("{by: item, item: i}", "{by: item, item: x}", "item: x", "không có mục “x”; các mã"),
        ("{by: item, item: i}", "{by: item}", "{by: item}", "by: item thì ghi item"),
        ("effect: bar, band: xs", "effect: bar", "effect: bar", "thiếu khóa “band”"),
        ("effect: bar, band: xs", "band: xs", "band: xs", "chỉ ghi band khi effect là bar"),
        ("{layer: standing}", "{layer: self}", "{layer: self}", "lớp “self” ghi hai lần"),
        ("ref: i1,", "ref: i,", "ref: i, parent", "đã dùng cho mục khác"),
        ("each: 0.5", "each: 0.55555", "0.55555", "4 chữ số thập phân"),
    ],
)
def test_names_that_meet_nothing_are_told_even_in_a_draft(old, new, needle, said):
    text = edited((old, new), text=SCORED)
    told = [str(problem) for problem in parse(text).problems]
    assert any(f":{line_of(needle, text)}:" in one and said in one for one in told), told


def test_two_tables_of_one_group_and_year():
    again = SCORING.replace("scoring:\n", "").replace("ref: bang", "ref: bang-2")
    (problem,) = parse(SCORED + again).problems
    assert "đã có bảng chấm điểm áp dụng từ năm này" in str(problem)


def test_what_does_not_add_up_is_no_fault_of_a_draft_but_it_is_not_issued(world):
    wrong = edited(("name: Tổ chức, max_points: 40", "name: Tổ chức, max_points: 30"), text=SCORED)
    load(wrong)
    campaign = Campaign.objects.get()
    assert [g.sentence for g in gaps(plan_data(campaign)) if "chấm điểm" in g.sentence] == [
        "“Bảng chấm điểm”: Tổng điểm tối đa là 100 nhưng các mục cộng lại được 90."
    ]
    with pytest.raises(PlanFileError, match="các mục cộng lại được 90"):
        load(issued(wrong))
    text = issued(wrong)
    (problem,) = parse(text).problems
    assert problem.line == line_of("max_points: 100", text)
    with pytest.raises(DomainError, match="Chưa áp dụng được bảng chấm điểm “Bảng chấm điểm”"):
        services.activate_tables(campaign.criteria_set, actor=None, now=NOW)
    assert ScoreTable.objects.get().state == "draft"


def test_issuing_puts_the_table_in_force_and_then_it_stays(world):
    load(issued(SCORED))
    table = ScoreTable.objects.get()
    assert (table.state, faults_of(table)) == ("active", [])
    assert services.activate_tables(table.criteria_set, actor=None, now=NOW) == 0
    with pytest.raises(PlanFileError, match="kế hoạch đã ban hành chỉ đổi"):
        load(issued(edited(("each: 0.5", "each: 1"), text=SCORED)))


@pytest.mark.parametrize(
    "change",
    [
        ("{by: indicator, indicator: ho-so}", "{by: penalty}"),
        ('{op: ">", value: 90}', '{basis: rise, op: ">", value: 5}'),
    ],
)
def test_the_file_and_the_tables_find_the_same_faults(world, change):
    wrong = edited(change, text=SCORED)
    load(wrong)
    told = [problem.message for problem in parse(issued(wrong)).problems]
    assert len(told) == 1
    assert told == [fault.sentence for fault in faults_of(ScoreTable.objects.get())]
    assert TieStep.objects.count() == 2


def test_two_tables_of_a_draft_may_change_their_years(world):
    first, again = SCORING, SCORING.replace("scoring:\n", "").replace("ref: bang", "ref: bang-2")
    later = ("from_year: 2024", "from_year: 2025")
    load(PLAN + first + again.replace(*later))
    load(PLAN + first.replace(*later) + again)
    assert dict(ScoreTable.objects.values_list("ref", "from_year")) == {
        "bang": 2025,
        "bang-2": 2024,
    }


# --- the table of a later year --------------------------------------------------------------------
LATER = (
    SCORING.replace("scoring:\n", "")
    .replace("ref: bang\n", "ref: bang-2025\n")
    .replace("from_year: 2024", "from_year: 2025")
)


def test_a_dated_amendment_brings_the_table_of_a_later_year(world):
    load(issued(SCORED))
    text = issued(SCORED) + LATER + AMENDMENTS
    (outcome,) = load(text)
    assert outcome.done == "đã điều chỉnh"
    rows = ScoreTable.objects.values_list("ref", "from_year", "state")
    assert list(rows) == [("bang", 2024, "active"), ("bang-2025", 2025, "active")]
    assert Amendment.objects.get().changes == [{"score_table": "bang-2025", "from_year": 2025}]
    assert plan_data(Campaign.objects.get()) == parse(text).plan
    assert [outcome.done for outcome in load(text)] == ["không đổi"]


@pytest.mark.parametrize(
    ("later", "amendments", "said"),
    [
        (LATER, "", "kế hoạch đã ban hành chỉ đổi"),
        (LATER.replace("2025\n", "2023\n", 2), AMENDMENTS, "áp dụng từ năm sau"),
        (LATER.replace("max_points: 100", "max_points: 90"), AMENDMENTS, "cộng lại được 100"),
    ],
)
def test_a_later_table_that_is_none(world, later, amendments, said):
    load(issued(SCORED))
    with pytest.raises(PlanFileError, match=said):
        load(issued(SCORED) + later + amendments)
    assert ScoreTable.objects.count() == 1
