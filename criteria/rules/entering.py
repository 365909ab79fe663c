"""How a typed score is read: what cannot be read keeps its words, beside a sentence."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from criteria.rules.numbers import parse_number
from criteria.rules.scoring import COUNT, ITEM, YES_NO, Item, Rounding, by_count, by_yes
from units.rules import REASON, DomainError, decimal_text, nfc, within

MOST_TIMES = 10_000


@dataclass(frozen=True)
class ScoreReading:
    """A score as read. Without points and still applying it was not given; with a `problem` it
    counts as not given and `typed` keeps every word."""

    applies: bool = True
    points: Decimal | None = None
    count: int | None = None
    reason: str = ""
    how: str = ""
    typed: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""


def score_field(item: Item, *, first: bool = True) -> str:
    """The one field a person fills. Only the first layer counts times or says yes or no; the later
    ones, and whoever differs from what is computed, give points."""
    if item.computed or not first:
        return "points"
    return {COUNT: "count", YES_NO: "yes"}.get(item.method, "points")


def read_score(
    item: Item, rounding: Rounding, typed: Mapping[str, str], *, first: bool = True
) -> ScoreReading:
    """Read what was typed: `points`, `count` or `yes`; `na`; `reason`. Raises DomainError for more
    than a field takes, which is not even kept."""
    field_name = score_field(item, first=first)
    kept = {
        name: text
        for name in (field_name, "na", "reason")
        if (text := nfc(typed.get(name) or "").replace("\r\n", "\n").strip())
    }
    for name, text in kept.items():
        reason = name == "reason"
        within("lý do, minh chứng" if reason else "điểm", text, REASON if reason else 200)
    try:
        return _read(item, field_name, rounding, kept)
    except DomainError as error:
        return ScoreReading(typed=kept, problem=str(error))


def _read(item: Item, name: str, rounding: Rounding, kept: Mapping[str, str]) -> ScoreReading:
    text, reason = kept.get(name, ""), kept.get("reason", "")
    if kept.get("na"):
        if item.kind != ITEM:
            raise DomainError("Điểm thưởng, điểm trừ không phát sinh thì chấm 0.")
        if text:
            raise DomainError("Đã chọn “không áp dụng” nhưng ô vẫn còn điểm. Xóa một trong hai.")
        if not reason:
            raise DomainError("Ghi lý do của “không áp dụng”.")
        return ScoreReading(applies=False, reason=reason)
    if not text:
        return ScoreReading(reason=reason)
    if name == "yes":
        if text not in ("yes", "no"):
            raise DomainError("Chọn “Đạt” hoặc “Không đạt”.")
        given = by_yes(item, yes=text == "yes")
        return ScoreReading(points=given.points, reason=reason, how=given.how)
    number = parse_number(text)
    if name == "count":
        whole = int(number)
        if whole != number or not 0 <= whole <= MOST_TIMES:
            raise DomainError(f"“{text[:40]}” không phải số lần. Nhập số nguyên từ 0 trở lên.")
        given = by_count(item, whole, rounding)
        return ScoreReading(points=given.points, count=whole, reason=reason, how=given.how)
    if not item.least <= number <= item.max_points:
        raise DomainError(
            f"Mục này cho từ {decimal_text(item.least)} đến {decimal_text(item.max_points)} điểm."
        )
    if rounding.of(Fraction(number)) != number:
        raise DomainError(f"Điểm ghi nhiều nhất {rounding.digits} chữ số thập phân.")
    return ScoreReading(points=number, reason=reason)
