"""How a report is cut into chapters: pages are filled, and one correction touches few of them."""

from typing import Any

import pytest

from reports.documents.annexes import INDICATORS, MATRIX, ROWS, UNITS, appendices
from reports.documents.printing import Sheet
from reports.rules import annex_size

HEAD = {
    "is_sample": False, "kind": "Báo cáo", "number": None, "symbol": "BC", "signed_on": None,
    "year": 2024, "agency_name": "Sở Mẫu",
}  # fmt: skip


def cell(code: str, numerator: int = 79) -> dict[str, Any]:
    met = numerator >= 80
    if not numerator:  # nothing to report
        return {"code": code, "state": "nothing", "shown": "", "reason": "Không có hồ sơ."}
    return {
        "code": code,
        "state": "reported",
        "numerator": str(numerator),
        "denominator": "100",
        "value": None,
        "percent": str(numerator),
        "shown": f"{numerator},0%",
        "target": "từ 80%",
        "verdict": "Đạt" if met else "Chưa đạt",
        "met": met,
        "reason": "",
    }


def facts(units: int, indicators: int, **more: Any) -> dict[str, Any]:
    codes = [f"CT{n}" for n in range(indicators)]
    rows = [
        {
            "code": code, "name": f"Chỉ tiêu {code}", "target": "từ 80%", "result": "79,0%",
            "verdict": "Chưa đạt", "numerator": "79", "denominator": "100", "reported": units,
            "nothing": 0, "not_applicable": 0, "missing": 0, "met": 0, "not_met": units,
        }
        for code in codes
    ]  # fmt: skip
    lines = [
        {"ref": f"dv{n}", "unit": f"Đơn vị {n}", "cells": [cell(code) for code in codes]}
        for n in range(units)
    ]
    group = {"plan": "", "name": "Các đơn vị", "indicators": rows, "units": lines}
    return {"groups": [group], "narratives": [], "unreported": [], "changes": None} | more


def sheets(snapshot: dict[str, Any], note: str = "") -> list[Sheet]:
    return [s for one in appendices(snapshot, HEAD).done(note) for s in one.sheets]


def test_detailed_appendices_are_left_out_where_they_are_not_wanted() -> None:
    def names(**wanted: bool) -> list[str]:
        return [one.what for one in appendices(facts(2, 2), HEAD, **wanted).done("")]

    assert names() == [MATRIX, INDICATORS, UNITS]
    assert names(by_unit=False) == [MATRIX, INDICATORS]
    assert names(by_indicator=False) == [MATRIX, UNITS]


@pytest.mark.parametrize(("units", "indicators"), [(40, 12), (3, 30), (120, 20)])
def test_about_how_long_they_become_is_known_before(units: int, indicators: int) -> None:
    """Against the chapters themselves: one holds two pages, and the last of a kind less."""
    told = annex_size(indicators=indicators, units=units)
    found = {
        one.what: len(one.sheets) for one in appendices(facts(units, indicators), HEAD).done("")
    }
    for guess, what in ((told.by_indicator, INDICATORS), (told.by_unit, UNITS)):
        assert found[what] <= guess + 1
        assert guess <= 3 * found[what]


def test_long_ones_are_not_ticked_by_themselves() -> None:
    assert annex_size(indicators=12, units=20).usual == {"by_indicator": True, "by_unit": True}
    assert annex_size(indicators=60, units=3).usual == {"by_indicator": True, "by_unit": True}
    assert annex_size(indicators=20, units=200).usual == {"by_indicator": False, "by_unit": False}
    assert annex_size(indicators=0, units=0).usual == {"by_indicator": True, "by_unit": True}


def test_a_correction_to_one_unit_touches_one_chapter_a_table() -> None:
    before = sheets(facts(300, 10))
    snapshot = facts(300, 10)
    snapshot["groups"][0]["units"][120]["cells"][3] = cell("CT3", 85)
    after = sheets(snapshot)
    assert len(after) == len(before) > 50
    anew = [s for s, old in zip(after, before, strict=True) if s.key != old.key]
    assert sorted(s.template for s in anew) == [
        "print/report_indicators.html",
        "print/report_matrix.html",
        "print/report_units.html",
    ]


def test_a_corrected_figure_moves_nobody_to_another_chapter() -> None:
    snapshot = facts(300, 2)
    snapshot["groups"][0]["units"][0]["cells"][0] = cell("CT0", 100)
    rows = [
        row["unit"]
        for one in sheets(snapshot)
        if one.template == "print/report_indicators.html"
        for section in one.paper["sections"]
        if section["code"] == "CT0"
        for row in section["rows"]
    ]
    assert rows == [f"Đơn vị {n}" for n in range(300)]


@pytest.mark.parametrize(("units", "chapters"), [(3, 1), (200, 3)])
def test_short_sections_share_a_chapter_and_long_ones_are_cut(units: int, chapters: int) -> None:
    found = [s for s in sheets(facts(units, 1)) if s.template == "print/report_indicators.html"]
    assert len(found) == chapters
    starts = [section["start"] for s in found for section in s.paper["sections"]]
    assert starts[0] == 0
    assert [bool(s["title"]) for one in found for s in one.paper["sections"]] == [
        start == 0 for start in starts
    ]
    assert all(len(section["rows"]) <= ROWS for s in found for section in s.paper["sections"])


def test_few_shares_are_drawn_highest_first_and_many_are_not() -> None:
    snapshot = facts(3, 1)
    snapshot["groups"][0]["units"][2]["cells"][0] = cell("CT0", 100)
    (bars,) = [
        section["bars"]
        for s in sheets(snapshot)
        if s.template == "print/report_indicators.html"
        for section in s.paper["sections"]
    ]
    assert [(bar["unit"], bar["width"]) for bar in bars] == [
        ("Đơn vị 2", 1000), ("Đơn vị 0", 790), ("Đơn vị 1", 790),
    ]  # fmt: skip
    for few in (facts(1, 1), facts(31, 1)):
        found = [s for s in sheets(few) if s.template == "print/report_indicators.html"]
        assert found[0].paper["sections"][0]["bars"] == []


def test_what_is_blank_says_why_and_what_does_not_measure_a_unit_is_left_out() -> None:
    snapshot = facts(2, 2)
    first, second = snapshot["groups"][0]["units"]
    first["cells"][0] = cell("CT0", 0)
    second["cells"][1] = {"code": "CT1", "state": ""}
    units = next(s for s in sheets(snapshot) if s.template == "print/report_units.html")
    one, two = units.paper["sections"]
    assert one["rows"][0]["shown"] == "Không phát sinh"
    assert one["rows"][0]["reason"] == "Không có hồ sơ."
    assert [row["code"] for row in two["rows"]] == ["CT0"]
    matrix = sheets(snapshot)[0].paper["sections"][0]["parts"][0]["rows"][1]["cells"][1]
    assert matrix["state"] == "not_applicable"


def test_a_wide_group_has_several_tables_side_by_side() -> None:
    (section,) = sheets(facts(2, 30))[0].paper["sections"]
    assert [len(part["codes"]) for part in section["parts"]] == [12, 12, 6]


def test_answers_share_a_chapter_until_it_is_full() -> None:
    told = [
        {"question": "Cách làm hay", "answers": [{"unit": "A", "text": "x" * 5000}] * 3},
        {"question": "Kiến nghị", "answers": [{"unit": "B", "text": "y"}]},
        {"question": "Không ai nói", "answers": []},
    ]
    found = [s for s in sheets(facts(1, 1, narratives=told)) if "told" in s.template]
    questions = [[section["question"] for section in s.paper["sections"]] for s in found]
    assert questions == [["Cách làm hay"], [""], ["", "Kiến nghị"]]


def test_the_note_of_the_register_stands_once_and_last() -> None:
    silent = [{"name": "A", "due_on": None, "state": "chưa bắt đầu", "note": ""}]
    found = sheets(facts(2, 2, unreported=silent), note="Mã kiểm")
    assert [s.paper["audit_note"] for s in found] == [""] * (len(found) - 1) + ["Mã kiểm"]


def test_appendices_are_numbered_where_there_are_several() -> None:
    found = appendices(facts(2, 2), HEAD)
    assert [found.number_of(what) for what in (INDICATORS, UNITS, "Khác")] == [2, 3, 0]
    first = [one.sheets[0].paper for one in found.done("")]
    assert [paper["appendix"] for paper in first] == [1, 2, 3]


def test_units_of_a_plan_below_are_told_apart_and_the_plan_is_named_once() -> None:
    snapshot = facts(2, 1)
    below = {**snapshot["groups"][0], "plan": "Kế hoạch của Sở", "name": "Sở: Các đơn vị"}
    snapshot["groups"].append(below)
    units = next(s for s in sheets(snapshot) if s.template == "print/report_units.html")
    assert [section["plan"] for section in units.paper["sections"]] == [
        "", "", "Kế hoạch của Sở", "",
    ]  # fmt: skip
