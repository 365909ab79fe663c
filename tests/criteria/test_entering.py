"""A typed score: read, or kept word for word beside the sentence that says what is allowed."""

from decimal import Decimal

import pytest

from criteria.rules import Item, Rounding, read_score, score_field

TWO = Rounding()
HAND = Item("m", max_points=Decimal(20), floor=Decimal(-5))
TIMES = Item("t", kind="bonus", method="count", max_points=Decimal(3), each=Decimal("0.5"))
YES = Item("y", method="yes_no", max_points=Decimal(5))


def test_the_first_layer_counts_and_the_later_ones_give_points() -> None:
    assert [score_field(i) for i in (HAND, TIMES, YES)] == ["points", "count", "yes"]
    assert [score_field(i, first=False) for i in (TIMES, YES)] == ["points", "points"]
    computed = Item("c", method="yes_no", indicator="ct")
    assert score_field(computed) == "points"


@pytest.mark.parametrize(
    ("item", "typed", "points"),
    [
        (HAND, {"points": " 18,5 "}, "18.5"),
        (HAND, {"points": "-5"}, "-5"),
        (TIMES, {"count": "4"}, "2"),
        (TIMES, {"count": "40"}, "3"),
        (YES, {"yes": "yes"}, "5"),
        (YES, {"yes": "no"}, "0"),
        (HAND, {"points": ""}, None),
    ],
)
def test_what_is_read(item: Item, typed: dict[str, str], points: str | None) -> None:
    reading = read_score(item, TWO, typed | {"reason": "vì"})
    assert reading.points == (None if points is None else Decimal(points))
    assert (reading.reason, reading.problem, reading.applies) == ("vì", "", True)


def test_an_item_that_does_not_apply_says_why() -> None:
    reading = read_score(HAND, TWO, {"na": "1", "reason": "không có nhiệm vụ này"})
    assert (reading.applies, reading.points, reading.problem) == (False, None, "")


@pytest.mark.parametrize(
    ("item", "typed", "sentence"),
    [
        (HAND, {"points": "21"}, "Mục này cho từ -5 đến 20 điểm."),
        (HAND, {"points": "-5,01"}, "Mục này cho từ -5 đến 20 điểm."),
        (HAND, {"points": "1,005"}, "Điểm ghi nhiều nhất 2 chữ số thập phân."),
        (HAND, {"points": "mười"}, "không đọc được là một số"),
        (TIMES, {"count": "1,5"}, "không phải số lần"),
        (TIMES, {"count": "-1"}, "không phải số lần"),
        (TIMES, {"count": "10001"}, "không phải số lần"),
        (YES, {"yes": "x"}, "Chọn “Đạt” hoặc “Không đạt”."),
        (HAND, {"na": "1"}, "Ghi lý do của “không áp dụng”."),
        (HAND, {"na": "1", "points": "3", "reason": "x"}, "Xóa một trong hai."),
        (TIMES, {"na": "1", "reason": "x"}, "không phát sinh thì chấm 0"),
    ],
)
def test_what_cannot_be_read_is_kept(item: Item, typed: dict[str, str], sentence: str) -> None:
    reading = read_score(item, TWO, typed)
    assert sentence in reading.problem
    assert reading.typed == typed
    assert reading.points is None
