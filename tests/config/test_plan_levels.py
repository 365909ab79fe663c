"""Points by the levels of a rubric, gates and ties in words: in a plan file, in the browser, on the
page of the plan and on its paper."""

import pytest

from campaigns.models import Campaign
from config.planfile import PlanFileError, plan_data, plan_text
from criteria.models import RubricLevel, ScoreItem, ScoreLevel, ScoreTable
from criteria.queries import faults_of
from dossiers.documents.scoring import scoring_tables
from tests.config.partpages import REF, Page, address, browser, errors, planner
from tests.config.planfiles import PLAN, edited, issued, line_of, load, parse, world
from tests.config.test_planfile_scoring import SCORING

__all__ = ["browser", "planner", "world"]

WORDS = """\
      - ref: cach-lam
        code: A4
        name: Cách làm mới
        kind: qualitative
        rubric:
          - {ref: m1, name: Tốt, met: true}
          - {ref: m2, name: Khá, met: true}
          - {ref: m3, name: Chưa đạt, met: false}
"""
ITEM = """\
      - ref: ii
        code: II
        name: Cách làm
        max_points: 40
        method: level
        indicator: cach-lam
        levels:
          - {level: m1, points: 40}
          - {level: m2, points: 22.5}
          - {level: m3, points: 0}
"""
RATED = edited(
    ("  - ref: ca-nhan\n    name: Cá nhân", f"{WORDS}  - ref: ca-nhan\n    name: Cá nhân"),
    ("      - {ref: ii, code: II, name: Tổ chức, max_points: 40}\n", ITEM),
    (
        "{ref: cham, name: Không đạt hồ sơ, indicator: ho-so}",
        "{ref: cham, name: Cách làm kém, indicator: cach-lam}",
    ),
    ("{by: indicator, indicator: ho-so}", "{by: indicator, indicator: cach-lam}"),
    text=PLAN + SCORING,
)


def test_out_and_back_is_the_same_and_adds_up(world):
    load(issued(RATED))
    campaign = Campaign.objects.get()
    back = parse(plan_text(campaign))
    assert (back.problems, back.plan) == ([], plan_data(campaign))
    assert load(issued(RATED))[0].done == "không đổi"
    rows = ScoreLevel.objects.values_list("level", "points")
    assert [(ref, str(points.normalize())) for ref, points in rows] == [
        ("m1", "4E+1"), ("m2", "22.5"), ("m3", "0"),
    ]  # fmt: skip
    table = ScoreTable.objects.get()
    assert (table.state, faults_of(table)) == ("active", [])


def test_what_each_level_gives_stands_on_the_page_and_on_the_paper(browser, world):
    load(issued(RATED))
    said = "Mức đánh giá A4: Tốt 40 điểm; Khá 22,5 điểm; Chưa đạt 0 điểm"
    assert said in browser.get(f"/phong-trao/{REF}/cham-diem/").content.decode()
    (paper,) = scoring_tables(Campaign.objects.get())
    assert said in [row["how"] for row in paper["scores"]]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("          - {level: m2, points: 22.5}\n", ""), "mức “Khá” chưa có điểm"),
        (("points: 22.5", "points: 50"), "mức “Khá” cho 50 điểm, ngoài khoảng từ 0 đến 40"),
        (("level: m2", "level: m9"), "tiêu chí không có mức “m9”"),
        (
            ("cach-lam}\n    tie_end", "cach-lam, lower_wins: true}\n    tie_end"),
            "đơn vị đạt luôn đứng trước",
        ),
    ],
)  # fmt: skip
def test_the_file_and_the_tables_find_the_same_faults(world, change, said):
    wrong = edited(change, text=RATED)
    load(wrong)
    problems = parse(issued(wrong)).problems
    assert any(said in one.message for one in problems)
    told = [fault.sentence for fault in faults_of(ScoreTable.objects.get())]
    assert sorted(one.message for one in problems) == sorted(told)
    with pytest.raises(PlanFileError):
        load(issued(wrong))


def test_a_level_without_points_is_told_with_its_line(world):
    text = edited(("{level: m2, points: 22.5}", "{level: m2}"), text=RATED)
    (problem,) = parse(text).problems
    assert (problem.line, "thiếu khóa “points”" in problem.message) == (
        line_of("{level: m2}", text),
        True,
    )


# --- in the browser ------------------------------------------------------------------------------
@pytest.fixture
def draft(world) -> Campaign:
    load(RATED)
    return Campaign.objects.get()


CELL = "items-3-levels"


def test_points_are_typed_beside_the_names_of_the_levels(browser, draft):
    page = Page(browser, "cham-diem", "bang")
    assert page.data[CELL] == "Tốt | 40\nKhá | 22,5\nChưa đạt | 0"
    before = plan_data(draft)
    assert page.save().status_code == 302
    assert plan_data(draft) == before
    answer = Page(browser, "cham-diem", "bang").save(**{CELL: "Tốt|40\n\nKhá | 20,25\nChưa đạt| 0"})
    assert answer.status_code == 302, errors(answer)
    assert [str(p.normalize()) for p in ScoreLevel.objects.values_list("points", flat=True)] == [
        "4E+1", "20.25", "0",
    ]  # fmt: skip
    assert "Bảng chấm điểm đã khớp" in browser.get(address("cham-diem", "bang")).content.decode()


def test_a_level_that_is_renamed_keeps_its_points(browser, draft):
    page = Page(browser, "tieu-chi", "tap-the")
    renamed = page.data["indicators-3-rubric"].replace("Khá", "Khá giỏi")
    answer = page.save(**{"indicators-3-rubric": renamed})
    assert answer.status_code == 302, errors(answer)
    faults = [fault.sentence for fault in faults_of(ScoreTable.objects.get())]
    assert faults == [
        "Mục II: mức “Khá giỏi” chưa có điểm.",
        "Mục II: tiêu chí không có mức “m2”.",
    ]
    data = Page(browser, "cham-diem", "bang").data
    fixed = data[CELL].replace("m2", "Khá giỏi")
    assert Page(browser, "cham-diem", "bang").save(**{CELL: fixed}).status_code == 302
    assert faults_of(ScoreTable.objects.get()) == []


def test_what_lacks_is_told_live(browser, draft):
    page = Page(browser, "cham-diem", "bang")
    data = page.data | {CELL: "Tốt | 40\nGiỏi | 3"}
    answer = browser.post(page.address, data, headers={"HX-Request": "true"})
    text = answer.content.decode()
    for said in ("mức “Khá” chưa có điểm", "mức “Chưa đạt” chưa có điểm", "không có mức “gioi”"):
        assert said in text


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("Tốt 40", "“Tốt 40”: ghi tên mức, dấu | rồi số điểm"),
        ("Tốt | nhiều", "“Tốt | nhiều”: "),
        ("| 40", "“| 40”: "),
    ],
)
def test_a_line_that_cannot_be_read_stays_and_is_told(browser, draft, typed, said):
    answer = Page(browser, "cham-diem", "bang").save(**{CELL: typed})
    assert answer.status_code == 422
    assert said in errors(answer)[CELL]
    assert answer.context["form"].cells[CELL].typed == typed
    assert ScoreLevel.objects.count() == 3


def test_a_level_that_is_neither_met_nor_not_is_not_kept(browser, draft):
    page = Page(browser, "tieu-chi", "tap-the")
    answer = page.save(**{"indicators-3-rubric": "Tốt | đạt\nKém | tạm"})
    assert (
        "sau tên mức ghi dấu | rồi “đạt” hoặc “chưa đạt”" in errors(answer)["indicators-3-rubric"]
    )
    assert RubricLevel.objects.count() == 3


def test_a_draft_is_brought_to_what_its_file_says(world):
    load(RATED)
    load(edited(("          - {level: m2, points: 22.5}\n", ""), text=RATED))
    assert list(ScoreLevel.objects.values_list("level", flat=True)) == ["m1", "m3"]
    assert str(ScoreLevel.objects.first()) == "II, m1: 40.0000"
    assert ScoreItem.objects.get(ref="ii").method == "level"
