"""The words of a chapter, on plain values: fields, refusals, notes, paragraphs."""

from typing import Any

import pytest

from reports.rules import (
    Block,
    blocks,
    fields_of,
    filled,
    key_of,
    taken_in,
    typed_numbers,
    unknown_fields,
)


def line(unit: str, **cell: Any) -> dict[str, Any]:
    return {
        "ref": f"ref-{unit[-1]}",
        "unit": unit,
        "cells": [{"code": "CT1", "state": "reported", "shown": "79,3%"} | cell],
    }


def row(code: str = "CT1", **more: Any) -> dict[str, Any]:
    return {
        "code": code,
        "name": "Hồ sơ trên mạng",
        "target": "từ 80%",
        "result": "80,3%",
        "numerator": "883.0000",
        "denominator": "1100.0000",
        "met": 1,
        "not_met": 2,
        "reported": 3,
        "nothing": 0,
        "not_applicable": 1,
        "missing": 5,
    } | more


def group(*rows: dict[str, Any], units: Any = (), name: str = "Chi cục", plan: str = "") -> Any:
    return {"plan": plan, "name": name, "indicators": list(rows), "units": list(units)}


def facts(*groups: Any) -> dict[str, Any]:
    return {
        "groups": list(groups),
        "participation": {"invited": 1234, "reported": 41, "not_reported": 27},
        "granted": [{}, {}],
        "child_plans": [{}],
        "period": {"name": "Năm 2024"},
    }


@pytest.fixture
def fields() -> Any:
    units = [line("Chi cục Thủy lợi"), line("Chi cục [A]", state="nothing", shown="")]
    return fields_of(facts(group(row(), units=units)))


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("[CT1]", "80,3%"),
        ("[ct1]", "80,3%"),
        ("[CT1.đạt]", "1"),
        ("[CT1 . chưa đạt]", "2"),
        ("[CT1.mục tiêu]", "từ 80%"),
        ("[CT1.tử số]", "883"),
        ("[CT1.mẫu số]", "1.100"),
        ("[CT1.chưa có số liệu]", "5"),
        ("[CT1.không áp dụng]", "1"),
        ("[CT1: Chi cục Thủy lợi]", "79,3%"),
        ("[CT1:  chi cục thủy  lợi]", "79,3%"),
        ("[CT1: Chi cục (A)]", "không phát sinh"),
        ("[số đơn vị tham gia]", "1.234"),
        ("[số đơn vị đã báo cáo]", "41"),
        ("[Số đơn vị chưa báo cáo]", "27"),
        ("[số được khen]", "2"),
        ("[số kế hoạch cấp dưới]", "1"),
        ("[kỳ báo cáo]", "năm 2024"),
    ],
)
def test_a_field_prints_what_was_frozen(fields: Any, typed: str, shown: str) -> None:
    assert unknown_fields(typed, fields) == []
    assert filled(f"Đến nay {typed} xong.", fields) == f"Đến nay {shown} xong."


def test_a_field_is_found_however_its_letters_are_composed(fields: Any) -> None:
    decomposed = "[CT1.đa\N{COMBINING DOT BELOW}t]"
    assert filled("[CT1.\N{LATIN SMALL LETTER D WITH STROKE}ạt]", fields) == "1"
    assert filled(decomposed, fields) in {"1"} or unknown_fields(decomposed, fields)
    assert key_of(" CT1 : Sở A ") == key_of("ct1:sở a")


def test_what_has_no_figure_says_so_and_what_has_no_part_has_no_field() -> None:
    bare = row(result="", numerator=None, denominator=None, target="")
    fields = fields_of(facts(group(bare, units=[line("Sở A", state="missing", shown="")])))
    assert filled("[CT1], [CT1: Sở A]", fields) == "chưa có số liệu, chưa có số liệu"
    for part in ("tử số", "mẫu số", "mục tiêu"):
        assert unknown_fields(f"[CT1.{part}]", fields)


def test_a_unit_that_is_not_measured_has_no_field() -> None:
    fields = fields_of(facts(group(row(), units=[line("Sở A", state="")])))
    assert unknown_fields("[CT1: Sở A]", fields)


def test_two_indicators_of_one_code_and_two_units_of_one_name_are_told_apart() -> None:
    twins = [line("Xã An"), line("Xã An", shown="10%") | {"ref": "xa-an-2"}]
    fields = fields_of(
        facts(group(row(), units=twins), group(row(result="9,0%"), name="Các xã"), group(row("X1")))
    )
    assert unknown_fields("[CT1]", fields)
    assert filled("[CT1, Các xã] và [CT1,Chi cục]", fields) == "9,0% và 80,3%"
    assert filled("[CT1, Chi cục: Xã An (xa-an-2)]", fields) == "10%"
    assert unknown_fields("[CT1, Chi cục: Xã An]", fields)


def test_plans_below_have_no_fields() -> None:
    fields = fields_of(facts(group(row("Y1"), plan="Kế hoạch của Sở")))
    assert unknown_fields("[Y1]", fields)


def test_an_unknown_field_is_refused_with_names_that_are_near(fields: Any) -> None:
    (said,) = unknown_fields("Đạt [CT1.dat] và [CT1.dat], [CT1].", fields)
    assert said.startswith("Không có trường [CT1.dat]. Gần giống: [CT1.đạt]")
    (said,) = unknown_fields("[qqqqqqqqqqqqqqqqqqqqqqqq]", fields)
    assert "Chọn trong danh sách" in said
    (said,) = unknown_fields("[]", fields)
    assert "Không có trường []" in said


def test_of_a_text_full_of_brackets_the_first_few_are_told(fields: Any) -> None:
    said = unknown_fields(" ".join(f"[{number}]" for number in range(1, 41)), fields)
    assert [line.partition(".")[0] for line in said] == [
        *(f"Không có trường [{number}]" for number in range(1, 6)),
        "Còn 35 trường khác cũng không có",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Đạt 80,3% kế hoạch, từ 80% trở lên.",
        "Có 41 đơn vị đã gửi, trên 1.234 đơn vị tham gia.",
        "Ngày 05/12/2024, Kế hoạch 207/KH-UBND, Nghị định 30/2020/NĐ-CP, năm 2024.",
        "Giao 3 việc cho các phòng; [CT1] và [CT1: Chi cục Thủy lợi].",
        "",
    ],
)
def test_numbers_that_agree_or_are_no_results_are_left_alone(fields: Any, text: str) -> None:
    assert typed_numbers(text, fields) == []


@pytest.mark.parametrize(
    ("text", "number", "near"),
    [
        ("Tỷ lệ đạt 80,4%.", "80,4%", "[CT1] là 80,3%"),
        ("Tỷ lệ đạt 81 phần trăm.", "81 phần trăm", "[CT1] là 80,3%"),
        ("Còn 26 đơn vị.", "26 đơn vị", "[số đơn vị chưa báo cáo] là 27"),
        ("Trung bình 12,5 hồ sơ.", "12,5", "Gần nhất"),
    ],
)
def test_a_number_that_equals_no_fact_is_pointed_out(
    fields: Any, text: str, number: str, near: str
) -> None:
    (note,) = typed_numbers(f"{text} {text}", fields)
    assert note.startswith(f"“{number}” không khớp số liệu nào đã chốt.")
    assert near in note


def test_a_share_where_nothing_is_a_share_has_nothing_near() -> None:
    (note,) = typed_numbers("Đạt 5%.", fields_of(facts()))
    assert note == "“5%” không khớp số liệu nào đã chốt."


def test_paragraphs_and_simple_lists_and_nothing_else() -> None:
    assert blocks("Một đoạn <b>.\n\n - ý một\n+ ý hai\n* ba\n-không phải\n") == [
        Block("Một đoạn <b>.", False),
        Block("ý một", True),
        Block("ý hai", True),
        Block("ba", True),
        Block("-không phải", False),
    ]


def test_answers_come_with_their_source_and_hold_no_fields() -> None:
    told = [{"unit": "Chi cục [A]", "text": "Số hóa kho\nlưu trữ [1]."}, {"unit": "B", "text": "C"}]
    assert taken_in(told) == (
        "- Số hóa kho lưu trữ (1). (theo phiếu kết quả của Chi cục (A))\n"
        "- C (theo phiếu kết quả của B)"
    )
