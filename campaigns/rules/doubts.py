"""What may be wrong with a figure though it can be read."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from campaigns.rules.typed import MISSING, REPORTED
from criteria.rules import Measured, rounded
from units.rules import decimal_text

JUMP_POINTS = 25  # percentage points between two periods that somebody has to explain
JUMP_FACTOR = 2  # likewise for a number: doubled or halved,
SIZE_FACTOR = 5  # likewise for what a share is of
JUMP_AT_LEAST = 5  # and changed by at least this much, so that 1 → 3 does not count


@dataclass(frozen=True)
class Doubt:
    """What a reader of the figure would ask about. `asks` wants a reason before the sheet is sent,
    `blocks` another figure; otherwise it is only told."""

    sentence: str
    asks: bool = True
    blocks: bool = False


def left_to_do(
    state: str,
    *,
    problem: str = "",
    proved: bool = True,
    doubts: Sequence[Doubt] = (),
    reason: str = "",
    frozen: bool = False,
) -> str:
    """What is still to be done for a cell before its sheet may be sent, as a verb; "" when nothing.

    `problem` says what is wrong with what was typed; `proved` whether it has the evidence it needs.
    Of a `frozen` cell, which others are mended beside, no other figure and no reason is wanted: the
    unit could write neither.
    """
    if problem:
        return problem
    if state == MISSING:
        return "nhập"
    if state != REPORTED:
        return ""
    if not proved:
        return "đính kèm minh chứng cho"
    if frozen:
        return ""
    if any(doubt.blocks for doubt in doubts):
        return "sửa cho khớp"
    return "giải trình" if not reason and any(doubt.asks for doubt in doubts) else ""


def doubts(
    measured: Measured, before: Measured | None, *, kind: str, then: str, cumulative: bool = False
) -> list[Doubt]:
    """A reported figure beside that of the period before, called `then` in a sentence."""
    if before is None or kind == "yes_no":
        return []
    now_exact, then_exact = measured.exact, before.exact
    if now_exact is None or then_exact is None:
        return []
    if measured == before:
        return _unchanged(measured, then)
    if cumulative and now_exact < then_exact:
        return falls_below(measured, before, kind=kind, then=then)
    change = now_exact - then_exact
    if measured.denominator:
        if abs(change) < JUMP_POINTS:
            return _other_size(measured.denominator, before.denominator, then)
        points = decimal_text(rounded(abs(change), 1), 1)
        way = "Tăng" if change > 0 else "Giảm"
        return [Doubt(f"{way} {points} điểm phần trăm so với {then}.")]
    low, high = sorted((abs(now_exact), abs(then_exact)))
    if abs(change) < JUMP_AT_LEAST or high < JUMP_FACTOR * low:
        return []
    told = decimal_text(before.value or Decimal(0))
    return [Doubt(f"{'Tăng' if change > 0 else 'Giảm'} nhiều so với {then} ({told}).")]


def _other_size(now: Decimal, old: Decimal | None, then: str) -> list[Doubt]:
    """The same share of ten times as much: one nought too many in both numbers, or too few. The
    sums of the plan weigh a unit by these."""
    if not old or abs(now - old) < JUMP_AT_LEAST or max(now, old) < SIZE_FACTOR * min(now, old):
        return []
    way = "lớn" if now > old else "nhỏ"
    return [Doubt(f"Mẫu số {way} hơn nhiều so với {then} ({decimal_text(old)}).")]


def falls_below(measured: Measured, before: Measured, *, kind: str, then: str) -> list[Doubt]:
    """What grows over the whole plan is never lower than it was."""
    now, old = measured.exact, before.exact
    if kind == "yes_no" or now is None or old is None or now >= old:
        return []
    return [Doubt(f"Số lũy kế thấp hơn {then}.")]


def _unchanged(measured: Measured, then: str) -> list[Doubt]:
    """The same to the last digit: copied, or true. All of all, and none, are often true."""
    if not measured.exact or measured.numerator == measured.denominator is not None:
        return []
    return [Doubt(f"Giống hệt số {then}.", asks=measured.denominator is not None)]
