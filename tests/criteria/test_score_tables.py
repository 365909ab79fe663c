"""A table that does not add up cannot be put in force: one sentence a fault."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from criteria.rules import (
    Asked,
    Band,
    Gate,
    Item,
    LevelPoints,
    Step,
    Table,
    Tie,
    table_faults,
)


def d(text: str | int) -> Decimal:
    return Decimal(text)


KNOWN = {
    "hs": Asked("ratio", has_target=True),
    "sl": Asked("count"),
    "loi": Asked("narrative"),
    "co": Asked("yes_no"),
    "tang": Asked("ratio", has_target=True, on_change=True),
    "tinh": Asked("ratio", has_target=True, answered=False),
    "muc": Asked("qualitative", levels=(("tot", "Tốt"), ("kem", "Kém"))),
    "loi-khac": Asked("qualitative", answered=False),
}
RATED = (LevelPoints("tot", d(40)), LevelPoints("kem", d(0)))
STEPS = (Step(d(80), None, d(20)), Step(None, d(80), d(-5)))
ITEMS = (
    Item("a", "I", method="sum", max_points=d(60)),
    Item("a1", "1", parent="a", max_points=d(40)),
    Item("a2", "2", parent="a", max_points=d(20), method="steps", indicator="hs", steps=STEPS,
         floor=d(-5)),
    Item("b", "II", max_points=d(40), method="yes_no", indicator="co"),
    Item("t", "T", kind="bonus", max_points=d(3), method="count", each=d(1)),
    Item("p", "TR", kind="penalty", max_points=d(6)),
)  # fmt: skip
SOUND = Table(
    d(100),
    ITEMS,
    ("self", "peer", "bloc"),
    bands=(Band(d(90), None, ref="xs", name="Xuất sắc"), Band(None, d(90), ref="ht", name="HT")),
    gates=(Gate("g", "Trễ hạn", "hs"), Gate("k", "Kỷ luật", effect="bar", band="xs")),
    ties=(Tie("item", "a"), Tie("indicator", "hs"), Tie("penalty")),
)


def sentences(table: Table) -> list[str]:
    return [fault.sentence for fault in table_faults(table, KNOWN)]


def changed(ref: str, **fields: Any) -> Table:
    items = tuple(replace(i, **fields) if i.ref == ref else i for i in ITEMS)
    return replace(SOUND, items=items)


def test_a_sound_table_has_no_fault() -> None:
    assert sentences(SOUND) == []
    assert sentences(replace(SOUND, bands=(), gates=(), ties=())) == []
    over = replace(SOUND, may_exceed=True, bands=(Band(d(103), None), Band(None, d(103))), gates=())
    assert sentences(over) == []
    told = {**KNOWN, "co": Asked("qualitative")}  # met by the level that counts
    assert table_faults(SOUND, told) == []
    capped = replace(over, bonus_ceiling=d(2))
    assert sentences(capped) == ["Xếp loại “” từ 103 điểm, quá tổng điểm có thể đạt (102)."]


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        (replace(SOUND, layers=()), "Bảng chưa có lớp chấm nào"),
        (replace(SOUND, layers=("bloc", "self")), "phải theo thứ tự"),
        (replace(SOUND, layers=("self", "self")), "“self” ghi 2 lần"),
        (replace(SOUND, max_points=d(110)), "tối đa là 110 nhưng các mục cộng lại được 100."),
        (changed("a1", max_points=d(30)), "tối đa 60 điểm nhưng các mục con cộng lại được 50"),
        (changed("a1", parent="x"), "Mục 1: thuộc mục “x” không có trong bảng."),
        (changed("a1", parent="b"), "Mục 1: phải đứng sau mục"),
        (changed("p", parent="a"), "Mục TR: phải cùng loại"),
        (changed("a", method="manual"), "Mục I: có mục con nên cách chấm phải là cộng"),
        (changed("b", method="sum", indicator=""), "Mục II: cộng các mục con nhưng chưa có"),
        (changed("p", max_points=d(0)), "Mục TR: điểm tối đa phải lớn hơn 0."),
        (changed("a1", floor=d(41)), "Mục 1: điểm sàn cao hơn điểm tối đa."),
        (changed("t", floor=d(-1)), "Mục T: điểm sàn của điểm thưởng, điểm trừ không được âm"),
        (changed("a2", indicator="x"), "Mục 2: tính từ tiêu chí “x” không có trong kế hoạch."),
        (changed("a", indicator="hs"), "Mục I: cộng các mục con nên không tính từ tiêu chí."),
        (changed("a2", indicator="tinh"), "“tinh” không có trên phiếu kết quả của đơn vị."),
        (changed("a2", indicator="loi"), "Mục 2: cần tiêu chí có số liệu; “loi” thì không."),
        (changed("a2", indicator="sl"), "tính trên tỷ lệ đạt chỉ tiêu nhưng tiêu chí “sl” chưa có"),
        (changed("b", indicator="sl"), "Mục II: xét đạt hay không nhưng tiêu chí “sl”"),
        (changed("a2", indicator=""), "Mục 2: chấm theo kết quả nên phải nêu tiêu chí."),
        (changed("t", each=None), "Mục T: chấm theo số lần nên phải ghi điểm mỗi lần"),
        (changed("a1", steps=STEPS), "Mục 1: có bậc điểm nhưng không chấm theo bậc."),
        (changed("a2", steps=()), "Mục 2: chấm theo bậc nhưng chưa có bậc nào."),
        (changed("a2", steps=STEPS[:1]), "Mục 2: bậc điểm chưa nói gì khi dưới 80."),
        (changed("a2", steps=STEPS[1:]), "Mục 2: bậc điểm chưa nói gì khi từ 80 trở lên."),
        (
            changed("a2", steps=(Step(d(90), None, d(20)), Step(None, d(80), d(0)))),
            "Mục 2: bậc điểm bỏ trống từ 80 đến dưới 90.",
        ),
        (
            changed("a2", steps=(Step(d(70), None, d(20)), Step(None, d(80), d(0)))),
            "Mục 2: bậc điểm “dưới 80” và “từ 70 trở lên” chồng nhau.",
        ),
        (
            changed("a2", steps=(*STEPS, Step(d(90), d(80), d(1)))),
            "“từ 90 đến dưới 80” có mức trên không lớn hơn mức dưới.",
        ),
        (changed("a2", floor=d(0)), "Mục 2: bậc dưới 80 cho -5 điểm, ngoài khoảng từ 0 đến 20."),
        (
            changed("a2", steps=(Step(None, None, d(10)),)),
            "Mục 2: không bậc nào cho đủ 20 điểm.",
        ),
        (
            changed("p", max_points=d("6.125")),
            "Mục TR: điểm tối đa, điểm sàn ghi nhiều nhất 2 chữ số thập phân của bảng.",
        ),
        (changed("a2", floor=d("-5.125")), "Mục 2: điểm tối đa, điểm sàn ghi nhiều nhất 2 chữ số"),
        (replace(SOUND, bands=SOUND.bands[:1]), "Mức xếp loại chưa nói gì khi dưới 90."),
        (
            replace(SOUND, gates=(Gate("g", "Trễ", "x"),)),
            "Điều kiện loại “Trễ”: không có tiêu chí “x” trong kế hoạch.",
        ),
        (
            replace(SOUND, gates=(Gate("g", "Chậm", "tang"),)),
            "Điều kiện loại “Chậm”: tiêu chí “tang” đặt mức tăng, giảm so với năm trước nên bảng "
            "chấm điểm không tự xét; bỏ tiêu chí để ghi tay, có lý do.",
        ),
        (
            replace(SOUND, gates=(Gate("g", "Trễ", "sl"),)),
            "tiêu chí “sl” không có mức để xét đạt hay không.",
        ),
        (
            replace(SOUND, gates=(Gate("g", "Trễ", effect="bar", band="x"),)),
            "không có mức xếp loại “x” trong bảng.",
        ),
        (replace(SOUND, ties=(Tie("item", "x"),)), "ưu tiên thứ 1: không có mục “x” trong bảng."),
        (replace(SOUND, ties=(Tie("indicator", "x"),)), "thứ 1: không có tiêu chí “x”"),
        (replace(SOUND, ties=(Tie("indicator", "loi"),)), "“loi” không có số liệu để so."),
        (replace(SOUND, ties=(Tie("penalty"), Tie("penalty"))), "ưu tiên thứ 2: đã nêu ở trên."),
        (
            replace(SOUND, items=ITEMS[:-1], ties=(Tie("penalty"),)),
            "ưu tiên thứ 1: bảng không có điểm trừ để so.",
        ),
    ],
)  # fmt: skip
def test_each_fault_is_said(table: Table, sentence: str) -> None:
    assert any(sentence in found for found in sentences(table)), sentences(table)


def test_a_fault_says_where_it_stands() -> None:
    (fault,) = table_faults(changed("t", each=d(0)), KNOWN)
    assert (fault.part, fault.index) == ("items", 4)


# --- what is told in words ------------------------------------------------------------------------
def by_level(*levels: LevelPoints, **fields: Any) -> Table:
    values = {"method": "level", "indicator": "muc", "levels": levels} | fields
    return changed("b", **values)


def test_points_by_level_need_not_rise_but_reach_the_maximum() -> None:
    assert sentences(by_level(*RATED)) == []
    assert sentences(by_level(LevelPoints("tot", d(0)), LevelPoints("kem", d(40)))) == []


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (by_level(*RATED, indicator=""), ["chấm theo mức đánh giá nên phải nêu tiêu chí"]),
        (by_level(*RATED, indicator="hs"), ["cần tiêu chí định tính có các mức đánh giá"]),
        (by_level(RATED[0]), ["mức “Kém” chưa có điểm."]),
        (by_level(*RATED, RATED[1]), ["mức “Kém” ghi điểm hai lần."]),
        (by_level(*RATED, LevelPoints("kha", d(1))), ["tiêu chí không có mức “kha”."]),
        (
            by_level(LevelPoints("tot", d(41)), RATED[1]),
            ["mức “Tốt” cho 41 điểm, ngoài khoảng từ 0 đến 40.", "không mức nào cho đủ 40 điểm."],
        ),
        (by_level(LevelPoints("tot", d(39)), RATED[1]), ["không mức nào cho đủ 40 điểm."]),
        (by_level(), ["mức “Tốt” chưa có điểm.", "mức “Kém” chưa có điểm."]),
        (changed("b", levels=RATED), ["có điểm của từng mức nhưng không chấm theo"]),
    ],
)  # fmt: skip
def test_points_by_level_that_do_not_add_up(table: Table, said: list[str]) -> None:
    told = sentences(table)
    assert len(told) == len(said)
    for sentence, part in zip(told, said, strict=True):
        assert sentence.startswith("Mục II: ")
        assert part in sentence


def test_a_gate_and_a_tie_may_go_by_what_was_found_in_words() -> None:
    gates, ties = (Gate("g", "Kém", "muc"),), (Tie("indicator", "muc"),)
    assert sentences(replace(SOUND, gates=gates, ties=ties)) == []
    (sentence,) = sentences(replace(SOUND, ties=(Tie("indicator", "muc", lower_wins=True),)))
    assert "đơn vị đạt luôn đứng trước" in sentence
    (sentence,) = sentences(replace(SOUND, gates=(Gate("g", "Kém", "loi-khac"),)))
    assert "không có mức để xét" in sentence
    (sentence,) = sentences(replace(SOUND, ties=(Tie("indicator", "loi-khac"),)))
    assert "không có số liệu để so" in sentence
