"""Scoring tables written in the browser: what their file says, told where they do not add up."""

import re

import pytest

from campaigns.models import Campaign
from config.planfile import load_plans, parse_plan, plan_data, plan_text
from config.plans import issuing
from criteria.models import ScoreItem, ScoreTable
from tests.config.partpages import REF, Page, address, browser, draft, errors, planner, world
from tests.config.planfiles import issued, load
from tests.config.test_planfile_scoring import SCORED
from tests.factories import NOW

__all__ = ["browser", "draft", "planner", "world"]

TABLE = {
    "scoring-0-name": "Bảng chấm điểm của khối",
    "scoring-0-group": "tap-the",
    "scoring-0-from_year": "2024",
    "scoring-0-max_points": "10",
}
ITEMS = {
    "layers-0-layer": "self",
    "layers-0-days": "5",
    "layers-1-layer": "standing",
    "items-0-code": "I",
    "items-0-name": "Nhiệm vụ chuyên môn",
    "items-0-method": "sum",
    "items-0-max_points": "10",
    "items-1-code": "I.1",
    "items-1-parent": "i",
    "items-1-name": "Hồ sơ đúng hạn",
    "items-1-method": "steps",
    "items-1-indicator": "ho-so",
    "items-1-basis": "result",
    "items-1-max_points": "10",
    "items-1-floor": "-1,5",
    "items-1-steps-0-from": "90",
    "items-1-steps-0-points": "10",
    "items-1-steps-1-below": "90",
    "items-1-steps-1-points": "-1,5",
    "bands-0-name": "Xuất sắc",
    "bands-0-from": "9",
    "bands-1-name": "Còn lại",
    "bands-1-below": "9",
    "gates-0-name": "Có kỷ luật",
    "gates-0-effect": "bar",
    "gates-0-band": "xuất sắc",
    "ties-0-by": "item",
    "ties-0-item": "I.1",
}
FAULT = "Tổng điểm tối đa là 10 nhưng các mục cộng lại được 9."


@pytest.fixture
def table(browser, draft) -> ScoreTable:
    assert Page(browser, "bang-cham-diem").save(**TABLE).status_code == 302
    return ScoreTable.objects.get()


def test_a_table_is_written_in_the_browser_and_is_what_its_file_says(browser, draft, table):
    answer = Page(browser, "cham-diem", table.ref).save(**ITEMS)
    assert answer.status_code == 302, errors(answer)
    (row,) = plan_data(draft)["scoring"]
    assert [line["layer"] for line in row["layers"]] == ["self", "standing"]
    assert [(item["ref"], item["parent"]) for item in row["items"]] == [("i", ""), ("i-1", "i")]
    assert [str(step["points"]) for step in row["items"][1]["steps"]] == ["10", "-1.5"]
    assert (row["gates"][0]["band"], row["ties"][0]["item"]) == ("xuat-sac", "i-1")
    assert [gap for gap in issuing.gaps(plan_data(draft)) if gap.part == "cham-diem"] == []
    again = parse_plan(plan_text(draft).encode(), "ra.yaml")
    (outcome,) = load_plans([again], actor=None, now=NOW)
    assert outcome.done == "không đổi"
    page = browser.get(address("cham-diem", table.ref)).content.decode()
    assert "Bảng chấm điểm đã khớp" in page
    assert Page(browser, "cham-diem", table.ref).data["items-1-parent"] == "I"


def test_what_does_not_add_up_is_told_with_its_row_and_kept(browser, draft, table):
    page = Page(browser, "cham-diem", table.ref)
    wrong = ITEMS | {"items-0-max_points": "9"}
    assert page.save(**wrong).status_code == 302
    assert ScoreItem.objects.get(ref="i").max_points == 9  # a draft may be at work
    said = browser.get(address("cham-diem", table.ref)).content.decode()
    assert FAULT in said
    assert re.search(r'<a href="#items-0-at">Mục I: [^<]*10[^<]*</a>', said)
    of_list = browser.get(address("bang-cham-diem")).content.decode()
    assert f'<a href="{address("cham-diem", table.ref)}">{table.name}</a>: {FAULT}' in of_list
    blocks = [gap for gap in issuing.gaps(plan_data(draft)) if gap.blocks]
    assert [(gap.part, gap.group) for gap in blocks if "chấm điểm" in gap.sentence] != []
    issue = browser.get(f"/phong-trao/{REF}/ban-hanh/").content.decode()
    assert address("cham-diem", table.ref) in issue


def test_it_is_told_again_as_the_field_is_left(browser, draft, table):
    page = Page(browser, "cham-diem", table.ref)
    data = page.data | ITEMS | {"items-0-max_points": "9"}
    answer = browser.post(page.address, data, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    text = answer.content.decode()
    assert 'class="edit__faults" hx-swap-oob="true"' in text
    assert FAULT in text
    assert '"#items-0-at"' in text


def test_a_row_that_nobody_is_called_is_named(browser, draft, table):
    page = Page(browser, "cham-diem", table.ref)
    answer = page.save(**ITEMS | {"items-1-parent": "IV", "gates-0-band": "Giỏi"})
    assert answer.status_code == 422
    assert errors(answer) == {
        "items-1-parent": "Thuộc mục: Không có “IV” ở phần này; đang có: “I”, “I.1”.",
        "gates-0-band": "Mức không được xếp: Không có “Giỏi” ở phần này; đang có: “Xuất sắc”, “Còn "
        "lại”.",
    }
    assert not ScoreItem.objects.exists()
    empty = page.save(**{"ties-0-by": "item", "ties-0-item": "I"})
    assert errors(empty)["ties-0-item"].endswith("đang có: chưa có dòng nào.")


def test_rows_that_are_called_the_same_are_told_apart(browser, draft, table):
    page = Page(browser, "cham-diem", table.ref)
    assert page.save(**ITEMS | {"items-1-code": "I", "items-1-parent": ""}).status_code == 422
    assert page.save(**ITEMS | {"items-1-code": "I", "items-1-parent": "", "ties-0-item": "i-2"})
    data = Page(browser, "cham-diem", table.ref).data
    assert data["ties-0-item"] == "I (i-2)"
    before = plan_data(draft)
    assert Page(browser, "cham-diem", table.ref).save().status_code == 302
    assert plan_data(draft) == before


HEADS = {"I": 0, "II": 1, "III": 2, "IV": 3}
FOUR = {
    f"items-{at}-{key}": value
    for code, at in HEADS.items()
    for key, value in {
        "code": code,
        "name": f"Mục {code}",
        "method": "sum",
        "max_points": "1",
    }.items()
}


def page_with(page: Page, count: int) -> dict[str, str]:
    """The fields of an empty page with `count` rows to fill in."""
    spare = {key: value for key, value in page.data.items() if key.startswith("items-1-")}
    more = range(2, count)
    return {key.replace("items-1-", f"items-{n}-"): spare[key] for n in more for key in spare}


def under(at: int, code: str, parent: str) -> dict[str, str]:
    """A row of points under a heading, as somebody types it."""
    row = {"code": code, "name": f"Dòng {code}", "method": "manual", "max_points": "1"}
    return {f"items-{at}-{key}": value for key, value in {**row, "parent": parent}.items()}


def parents() -> dict[str, str]:
    return dict(ScoreItem.objects.exclude(parent=None).values_list("code", "parent__ref"))


def test_what_a_row_was_called_once_is_not_what_another_is_called_now(browser, draft, table):
    """Refs stay when codes move up: the ref of one row is the code of another."""
    page = Page(browser, "cham-diem", table.ref)
    typed = FOUR | under(4, "1", "III") | under(5, "2", "IV")
    tie = {"ties-0-by": "item", "ties-0-item": "III"}
    answer = page.save(**page_with(page, 6) | typed | tie)
    assert answer.status_code == 302, errors(answer)
    assert parents() == {"1": "iii", "2": "iv"}
    # II goes, the codes move up; the fields that name rows are left alone
    moved = {"items-1-drop": "1", "items-2-code": "II", "items-3-code": "III"}
    answer = Page(browser, "cham-diem", table.ref).save(**moved)
    assert answer.status_code == 302, errors(answer)
    page = Page(browser, "cham-diem", table.ref)
    at = {row["code"]: n for n, row in enumerate(plan_data(draft)["scoring"][0]["items"])}
    assert page.data[f"items-{at['1']}-parent"] == "II"
    assert page.save().status_code == 302
    assert parents() == {"1": "iii", "2": "iv"}
    assert plan_data(draft)["scoring"][0]["ties"][0]["item"] == "iii"
    # typed, it is what stands on the page; the field's own mark does not outweigh that
    assert page.save(**{f"items-{at['1']}-parent": "III"}).status_code == 302
    assert parents()["1"] == "iv"
    # without the mark, words come before refs, too
    bare = Page(browser, "cham-diem", table.ref)
    bare.data = {key: value for key, value in bare.data.items() if not key.endswith("-was")}
    assert bare.save().status_code == 302
    assert parents() == {"1": "iv", "2": "iv"}


def test_the_mark_of_a_field_comes_with_every_answer_of_one_page(browser, draft, table):
    page = Page(browser, "cham-diem", table.ref)
    typed = page.data | page_with(page, 5) | FOUR | under(4, "1", "III")
    answer = browser.post(page.address, typed, headers={"HX-Request": "true"})
    assert 'name="items-4-parent-was" value="iii III" hx-swap-oob="true"' in answer.content.decode()


def test_a_row_that_was_removed_is_asked_for_again(browser, draft, table):
    page = Page(browser, "cham-diem", table.ref)
    page.save(**page_with(page, 5) | FOUR | under(4, "1", "II"))
    page = Page(browser, "cham-diem", table.ref)
    moved = {"items-1-drop": "1", "items-2-code": "II"}
    answer = page.save(**moved)
    assert answer.status_code == 422
    assert "Dòng “II” mà ô này nêu đã bỏ." in errors(answer)["items-4-parent"]
    assert parents() == {"1": "ii"}
    assert page.save(**moved, **{"items-4-parent-was": ""}).status_code == 302
    assert parents() == {"1": "iii"}


def test_more_rows_are_there_when_asked_for_and_what_is_typed_is_kept(browser, draft, table):
    page = Page(browser, "cham-diem", table.ref)
    answer = page.save(**ITEMS, rows="items")
    assert answer["Location"] == f"{page.address}?rows=items#them-items"
    form = browser.get(answer["Location"]).context["form"]
    spare = {rows.name: sum(row.is_blank for row in rows.rows) for rows in form.tables}
    assert (spare["items"], spare["bands"]) == (10, 2)
    assert form.cells["items-1-name"].typed == "Hồ sơ đúng hạn"
    assert 'id="them-items"' in browser.get(page.address).content.decode()
    wrong = Page(browser, "cham-diem", table.ref).save(**{"items-1-parent": "IV"}, rows="items")
    assert wrong.status_code == 422
    assert wrong.context["form"].cells["items-1-name"].typed == "Hồ sơ đúng hạn"


def test_changing_the_list_keeps_the_items(browser, draft, table):
    Page(browser, "cham-diem", table.ref).save(**ITEMS)
    Page(browser, "bang-cham-diem").save(**{"scoring-0-name": "Bảng mới"})
    assert ScoreTable.objects.get().name == "Bảng mới"
    assert ScoreItem.objects.count() == 2
    Page(browser, "cham-diem", table.ref).save(
        **{f"items-{n}-drop": "1" for n in range(2)}, **{"ties-0-drop": "1"}
    )
    assert ScoreItem.objects.count() == 0
    Page(browser, "bang-cham-diem").save(**{"scoring-0-drop": "1"})
    assert not ScoreTable.objects.exists()


def test_the_tab_of_the_plan_leads_to_its_owner_alone(browser, draft, table, client_of):
    ref = f"/phong-trao/{REF}/cham-diem/"
    page = browser.get(ref).content.decode()
    assert address("bang-cham-diem") in page
    assert address("cham-diem", table.ref) in page
    assert "Chấm điểm: Bảng chấm điểm của khối" in browser.get(address("chung")).content.decode()


def test_an_issued_table_is_frozen(browser, world):
    load(issued(SCORED))
    ref = f"/phong-trao/{REF}/cham-diem/"
    assert address("bang-cham-diem") not in browser.get(ref).content.decode()
    answer = browser.get(address("cham-diem", "bang"), follow=True)
    assert "đã ban hành nên không sửa được như dự thảo" in answer.content.decode()


def test_a_table_that_is_no_more(browser, draft):
    answer = browser.get(address("cham-diem", "khong-co"), follow=True)
    assert "Bảng chấm điểm này không còn trong dự thảo" in answer.content.decode()
    assert browser.get(address("cham-diem")).status_code == 404
    assert Campaign.objects.get().ref == REF
