"""What is asked in a period has a stamp; it tells which amendments came after a paper."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from criteria.rules import (
    BETWEEN,
    NONE,
    Rule,
    Yardstick,
    amended_sentence,
    amended_words,
    changed_title,
    stamps_of,
)

LAST = date(2024, 12, 31)
JUNE, JULY = date(2024, 6, 1), date(2024, 7, 1)


def rule(value: str, since: date | None = None, **fields: Any) -> Rule:
    decision = f"QĐ {since.month}" if since else ""
    return Rule(value=Decimal(value), in_force_from=since, decision=decision, **fields)


def asked(*rules: Rule) -> Yardstick:
    return Yardstick({1: rules, 2: [rule("5")]}, LAST)


FIRST = asked(rule("100"))


@pytest.mark.parametrize(
    "now",
    [
        asked(rule("100.0000")),
        asked(rule("100"), rule("20", date(2025, 1, 1))),  # in force only after the period
        asked(rule("100"), rule("20", year=2025)),
        asked(rule("100"), rule("100", JUNE)),  # asks the same again
        asked(rule("100"), rule("20", JUNE), rule("100", JULY)),
    ],
)
def test_what_is_asked_in_the_period_is_the_same(now: Yardstick) -> None:
    assert now.stamp == FIRST.stamp
    assert amended_words({"7": now}, {"7": FIRST.stamp}) == ""


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        ([rule("20", JUNE)], "điều chỉnh từ ngày 01/06/2024 theo “QĐ 6”"),
        ([rule("20", LAST)], "điều chỉnh từ ngày 31/12/2024 theo “QĐ 12”"),
        # the latest holds; what it replaced came after the paper just as well
        ([rule("20", JUNE), rule("30", JULY)], "điều chỉnh từ ngày 01/07/2024 theo “QĐ 7”"),
        (
            [rule("20", JUNE), rule("30", JULY, unit=3)],
            "điều chỉnh từ ngày 01/06/2024 theo “QĐ 6”, từ ngày 01/07/2024 theo “QĐ 7”",
        ),
        ([rule("100", JUNE, basis="rise")], "điều chỉnh từ ngày 01/06/2024 theo “QĐ 6”"),
        ([rule("100", JUNE, operator=">")], "điều chỉnh từ ngày 01/06/2024 theo “QĐ 6”"),
        ([rule("20", JUNE, kind="so")], "điều chỉnh từ ngày 01/06/2024 theo “QĐ 6”"),
        ([rule("20", JUNE, year=2024)], "điều chỉnh từ ngày 01/06/2024 theo “QĐ 6”"),
        ([rule("20", region="nui")], "thay đổi"),  # by no amendment
    ],
)
def test_amended_since(rules: list[Rule], words: str) -> None:
    now = asked(rule("100"), *rules)
    assert amended_words({"7": now}, stamps_of({"7": FIRST})) == words


def test_only_what_came_after_the_paper_is_named() -> None:
    read = asked(rule("100"), rule("50", JUNE))
    now = asked(rule("100"), rule("50", JUNE), rule("20", JULY))
    assert amended_words({"7": now}, {"7": read.stamp}) == (
        "điều chỉnh từ ngày 01/07/2024 theo “QĐ 7”"
    )


def test_what_no_year_can_reach_is_not_asked() -> None:
    """The target of the year stands before the one of every year."""
    read = asked(rule("100"), rule("80", year=2024))
    now = asked(rule("100"), rule("80", year=2024), rule("20", JUNE))
    assert amended_words({"7": now}, {"7": read.stamp}) == ""


def test_a_target_taken_back_and_both_ends_of_a_range_count() -> None:
    nothing = Rule(NONE, in_force_from=JUNE, decision="QĐ 6")
    assert asked(rule("100"), nothing).stamp != FIRST.stamp
    ranges = [asked(Rule(BETWEEN, Decimal(1), Decimal(to))) for to in (2, 3)]
    assert ranges[0].stamp != ranges[1].stamp


def test_a_paper_that_kept_no_stamp_is_not_compared() -> None:
    now = {"7": asked(rule("20"))}
    for kept in ({}, {"7": ""}, {"8": FIRST.stamp}):
        assert amended_words(now, kept) == ""


def test_the_heading_says_which_of_the_two_changed() -> None:
    assert [
        changed_title(figures=figures, targets=targets)
        for figures, targets in ((True, False), (False, True), (True, True))
    ] == ["Số liệu đã đổi", "Mục tiêu đã đổi", "Số liệu và mục tiêu đã đổi"]


def test_the_sentence_says_since_when() -> None:
    now = {"7": asked(rule("100"), rule("20", JUNE)), "8": FIRST}
    kept = {"7": FIRST.stamp, "8": FIRST.stamp}
    assert amended_sentence(now, kept, "sau bản này") == (
        "Mục tiêu đã điều chỉnh từ ngày 01/06/2024 theo “QĐ 6”, sau bản này."
    )
    assert amended_sentence(now, stamps_of(now), "sau bản này") == ""
