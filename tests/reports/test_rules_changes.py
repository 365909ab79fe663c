"""What changed between two versions of a report, on plain values."""

from copy import deepcopy
from typing import Any

import pytest

from reports.rules import AwardChange, TotalChange, UnitChange, changes_between


def cell(numerator: str | None = "793.0000", shown: str = "79,3%", **more: Any) -> dict[str, Any]:
    return {
        "code": "CT01",
        "state": "reported",
        "numerator": numerator,
        "denominator": "1000.0000",
        "value": None,
        "percent": None,
        "shown": shown,
        "target": "từ 80%",
        "verdict": "Chưa đạt",
        "met": False,
        "reason": "",
    } | more


def silent_cell(state: str) -> dict[str, Any]:
    return cell(None, "", denominator=None, state=state, verdict="")


def facts(cells: dict[str, dict[str, Any]], result: str = "79,3%") -> dict[str, Any]:
    """Facts of one group and one indicator; the names of units end in what their keys are."""
    return {
        "members": [
            {
                "plan": "",
                "plan_ref": "",
                "ref": ref,
                "unit": f"Chi cục {ref}",
                "accepted": one["state"] != "missing",
                "verified_by": "Người Duyệt",
                "verified_at": "07:00 ngày 01/12/2024",
                "returned_by": "Người Mở",
                "returned_at": "07:00 ngày 30/11/2024",
                "return_reason": "Sai tử số.",
            }
            for ref, one in cells.items()
        ],
        "groups": [
            {
                "plan": "",
                "plan_ref": "",
                "ref": "chi-cuc",
                "name": "Chi cục",
                "columns": ["ct01"],
                "indicators": [
                    {
                        "ref": "ct01",
                        "code": "CT01",
                        "name": "Hồ sơ trên mạng",
                        "target": "từ 80%",
                        "numerator": "793",
                        "denominator": "1000",
                        "value": None,
                        "result": result,
                        "verdict": "Chưa đạt",
                    }
                ],
                "units": [
                    {"ref": ref, "unit": f"Chi cục {ref}", "kind": "Chi cục", "cells": [one]}
                    for ref, one in cells.items()
                ],
            }
        ],
        "unreported": [
            {"name": f"Chi cục {ref}"} for ref, one in cells.items() if one["state"] == "missing"
        ],
        "granted": [],
    }


def criterion(found: str = "met", words: str = "mức “Tốt”", **more: Any) -> dict[str, Any]:
    """A criterion in words that one unit answered."""
    counts = {key: int(key == found) for key in ("met", "not_met", "waiting")}
    one = {"ref": "a", "unit": "Chi cục a", "found": found, "words": words, "by": "Trần Mẫu"}
    word = {"met": "Đạt", "not_met": "Chưa đạt", "waiting": "Chưa xét"}[found]
    return {
        "plan": "",
        "plan_ref": "",
        "group": "Chi cục",
        "group_ref": "chi-cuc",
        "ref": "a1",
        "code": "A1",
        "name": "Cách làm hay",
        "units": [one | {"word": word, "why": ""} | more],
    } | counts


def test_an_assessment_that_is_another_is_told_with_the_counts() -> None:
    before = facts({"a": cell()}) | {"told": [criterion()]}
    after = facts({"a": cell()}) | {
        "told": [criterion("not_met", "mức “Kém” (tự nhận “Tốt”)", why="Thiếu tệp")]
    }
    found = changes_between(before, after)
    (figure,) = found.figures
    assert (figure.code, figure.unit, figure.before) == ("A1", "Chi cục a", "đạt, mức “Tốt”")
    assert figure.after == "chưa đạt, mức “Kém” (tự nhận “Tốt”)"
    assert figure.why == "Thiếu tệp, Trần Mẫu"
    assert found.totals == (
        TotalChange(
            "Chi cục",
            "A1",
            "Cách làm hay",
            "1 đạt, 0 chưa đạt, 0 chưa xét",
            "0 đạt, 1 chưa đạt, 0 chưa xét",
        ),
    )
    lapsed = facts({"a": cell()}) | {"told": [criterion("waiting", "", by="")]}
    assert changes_between(before, lapsed).figures[0].why == "Sai tử số."
    assert not changes_between(before, before)


def test_facts_of_before_answers_were_assessed_tell_nothing_of_them() -> None:
    before, after = facts({"a": cell()}), facts({"a": cell()}) | {"told": [criterion()]}
    assert not changes_between(before, after)
    silent = facts({"a": silent_cell("missing")}) | {"told": [criterion("not_met")]}
    assert "A1" not in {one.code for one in changes_between(after, silent).figures}


def old(facts: dict[str, Any]) -> dict[str, Any]:
    """The same, frozen before permanent keys were kept."""
    found = deepcopy(facts)
    del found["members"]
    for group in found["groups"]:
        for key in ("plan_ref", "ref", "columns"):
            del group[key]
        for line in [*group["indicators"], *group["units"]]:
            del line["ref"]
    return found


def test_the_same_facts_have_no_changes_however_many_noughts_stand_behind_a_number() -> None:
    assert not changes_between(facts({"A": cell()}), facts({"A": cell("793.00")}))


def test_a_figure_tells_old_and_new_and_through_whose_hands_it_went() -> None:
    changes = changes_between(facts({"A": cell()}), facts({"A": cell("801.5", "80,2%")}))
    (change,) = changes.figures
    assert (change.before, change.after) == ("79,3% (793/1.000)", "80,2% (801,5/1.000)")
    assert (change.unit, change.code, change.name) == ("Chi cục A", "CT01", "Hồ sơ trên mạng")
    assert (change.reopened_by, change.reopened_at) == ("Người Mở", "07:00 ngày 30/11/2024")
    assert (change.why, change.verified_by) == ("Sai tử số.", "Người Duyệt")
    assert changes
    assert not changes.came_in


def test_a_unit_that_came_in_or_was_withdrawn_is_told_once_and_not_cell_by_cell() -> None:
    empty, full = facts({"A": silent_cell("missing")}), facts({"A": cell()})
    changes = changes_between(empty, full)
    assert changes.came_in == (UnitChange("Chi cục A", "", "Người Duyệt", "07:00 ngày 01/12/2024"),)
    assert changes.figures == ()
    changes = changes_between(full, empty)
    assert changes.withdrawn == (
        UnitChange("Chi cục A", "", "Người Mở", "07:00 ngày 30/11/2024", "Sai tử số."),
    )
    assert changes.figures == ()


def test_who_joined_and_who_left_the_plan() -> None:
    changes = changes_between(facts({"A": cell(), "B": cell()}), facts({"A": cell(), "C": cell()}))
    assert [row.unit for row in changes.joined] == ["Chi cục C"]
    assert [row.unit for row in changes.left] == ["Chi cục B"]
    assert [row.unit for row in changes.withdrawn] == ["Chi cục B"]


def test_a_new_name_is_no_change_and_two_units_of_one_name_are_told_apart() -> None:
    before, after = facts({"A": cell(), "B": cell()}), facts({"A": cell(), "B": cell("1", "0,1%")})
    for where in (after["members"], after["groups"][0]["units"]):
        for row in where:
            row["unit"] = "Chi cục Mới"
    changes = changes_between(before, after)
    assert (changes.joined, changes.left) == ((), ())
    assert [(row.unit, row.after) for row in changes.figures] == [("Chi cục Mới", "0,1% (1/1.000)")]


@pytest.mark.parametrize(
    ("state", "words"), [("nothing", "không phát sinh"), ("not_applicable", "không áp dụng")]
)
def test_a_figure_that_became_none_says_why(state: str, words: str) -> None:
    (change,) = changes_between(facts({"A": cell()}), facts({"A": silent_cell(state)})).figures
    assert change.after == words


def test_a_figure_that_is_no_share_is_told_alone() -> None:
    before = facts({"A": cell(None, "12", value="12")})
    after = facts({"A": cell(None, "14", value="14")})
    (change,) = changes_between(before, after).figures
    assert (change.before, change.after) == ("12", "14")


def test_the_same_figure_under_an_amended_target_tells_both_targets() -> None:
    amended = cell(target="từ 75%", verdict="Đạt")
    (change,) = changes_between(facts({"A": cell()}), facts({"A": amended})).figures
    assert change.before == "79,3% (793/1.000), chưa đạt, mục tiêu từ 80%"
    assert change.after == "79,3% (793/1.000), đạt, mục tiêu từ 75%"


def test_totals_tell_old_and_new_and_an_indicator_that_is_new_or_gone() -> None:
    changes = changes_between(facts({"A": cell()}), facts({"A": cell()}, result="81,0%"))
    (total,) = changes.totals
    assert (total.before, total.after) == (
        "79,3% (793/1.000); chưa đạt",
        "81,0% (793/1.000); chưa đạt",
    )
    more = facts({"A": cell()})
    added = {**more["groups"][0]["indicators"][0], "ref": "ct02", "code": "CT02", "result": ""}
    more["groups"][0]["indicators"].append(added | {"verdict": "", "numerator": None})
    told = TotalChange("Chi cục", "CT02", "Hồ sơ trên mạng", "", "chưa có số liệu")
    assert changes_between(facts({"A": cell()}), more).totals == (told,)
    (gone,) = changes_between(more, facts({"A": cell()})).totals
    assert (gone.before, gone.after) == ("chưa có số liệu", "")


def test_an_amended_target_of_the_whole_is_told() -> None:
    amended = facts({"A": cell()})
    amended["groups"][0]["indicators"][0]["target"] = ""
    (total,) = changes_between(facts({"A": cell()}), amended).totals
    assert total.before.endswith("mục tiêu từ 80%")
    assert total.after.endswith("không có mục tiêu")


def test_awards_that_came_and_went() -> None:
    row = {"name": "Lê Thị An", "unit": "Chi cục A", "form": "Giấy khen", "decision": "15/QĐ"}
    awarded = facts({"A": cell()}) | {"granted": [row]}
    bare = facts({"A": cell()})
    told = AwardChange("Lê Thị An", "Chi cục A", "Giấy khen", "15/QĐ")
    assert changes_between(bare, awarded).awarded == (told,)
    assert changes_between(awarded, bare).revoked == (told,)


def test_facts_of_before_keys_were_kept_are_compared_by_name() -> None:
    before = facts({"A": cell(), "B": silent_cell("missing")})
    after = facts({"A": cell("801", "80,1%"), "B": cell()})
    changes = changes_between(old(before), after)
    assert [row.unit for row in changes.came_in] == ["Chi cục B"]
    assert [row.after for row in changes.figures] == ["80,1% (801/1.000)"]
    assert (changes.joined, changes.left, changes.totals) == ((), (), ())
    assert not changes_between(old(before), before)
    assert [row.unit for row in changes_between(old(after), old(before)).withdrawn] == ["Chi cục B"]


def test_a_plan_below_of_before_keys_counts_units_that_have_a_figure() -> None:
    below = old(facts({"A": cell(), "B": silent_cell("missing")})) | {"unreported": []}
    below["groups"][0]["plan"] = "Kế hoạch của Sở"
    more = deepcopy(below)
    more["groups"][0]["units"][1]["cells"] = [cell()]
    assert changes_between(below, more).came_in == (UnitChange("Chi cục B", "Kế hoạch của Sở"),)


# --- answers in words ----------------------------------------------------------------------------
def question(name: str = "Cách làm hay", ref: str = "", **texts: str) -> dict[str, Any]:
    rows = [{"unit": f"Chi cục {unit}", "text": text} for unit, text in texts.items()]
    return {"question": name, "answers": rows} | ({"ref": ref, "code": "A1"} if ref else {})


def reworded(before: list[Any], after: list[Any], **more: Any) -> list[tuple[str, str, str]]:
    units = {unit: cell() for unit in "abc"}
    old = facts(units) | {"narratives": before}
    new = facts(units | more) | {"narratives": after}
    return [(row.unit, row.before, row.after) for row in changes_between(old, new).answers]


def test_an_answer_that_was_rewritten_is_told_with_both_texts_and_whose_hands() -> None:
    units = {"a": cell(), "b": cell()}
    old = facts(units) | {"narratives": [question(a="Một mô hình.", b="Hai\nmô hình.")]}
    new = facts(units) | {"narratives": [question(a="Ba mô hình.", b="Hai mô hình. ")]}
    found = changes_between(old, new)
    assert bool(found)
    (row,) = found.answers
    assert (row.unit, row.name) == ("Chi cục a", "Cách làm hay")
    assert (row.before, row.after) == ("Một mô hình.", "Ba mô hình.")
    assert (row.reopened_by, row.why, row.verified_by) == ("Người Mở", "Sai tử số.", "Người Duyệt")
    assert found.figures == ()


def test_answers_that_came_or_went_are_told_of_units_counted_in_both() -> None:
    assert reworded([question(a="x", b="y")], [question(b="y", c="z")]) == [
        ("Chi cục c", "không có câu trả lời", "z"),
        ("Chi cục a", "x", "không còn câu trả lời"),
    ]
    assert reworded([question(a="x")], [question(a="y")], a=silent_cell("missing")) == []
    assert reworded([question(a="x")], [question(a="x"), question("Hỏi mới", a="y")]) == []
    gone = {"unit": "Đơn vị của kế hoạch khác", "text": "x"}
    assert reworded([question() | {"answers": [gone]}], [question()]) == []


def test_a_question_with_another_name_is_the_same_once_its_key_is_kept() -> None:
    before, after = question(ref="a1", a="x"), question("Cách làm tốt", "a1", a="y")
    assert reworded([before], [after]) == [("Chi cục a", "x", "y")]
    assert reworded([question(a="x")], [question(ref="a1", a="y")]) == [("Chi cục a", "x", "y")]
    assert reworded([question(a="x")], [after]) == []  # facts of before the key


def test_of_long_texts_the_place_is_shown_where_they_part() -> None:
    head, tail = "Phần mở đầu giữ nguyên. " * 20, " Phần cuối giữ nguyên." * 20
    ((_unit, before, after),) = reworded(
        [question(a=f"{head}Có 12 mô hình.{tail}")], [question(a=f"{head}Có 15 mô hình.{tail}")]
    )
    assert "Có 12 mô hình." in before
    assert "Có 15 mô hình." in after
    for shown in (before, after):
        assert shown[0] == shown[-1] == "…"
        assert len(shown) < 160
        assert shown[1:30] in head  # words are whole, to be found in the text
    ((_unit, before, after),) = reworded(
        [question(a="Ngắn.")], [question(a="Đầu " + "giữa " * 200 + "cuối.")]
    )
    assert before == "Ngắn."
    assert after.startswith("Đầu giữa")
    assert " […] " in after
    assert after.endswith("cuối.")
