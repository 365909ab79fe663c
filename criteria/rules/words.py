"""A target in words, as a plan writes it, so that it can be read beside the signed paper."""

from decimal import Decimal
from fractions import Fraction

from criteria.rules.targets import (
    BETWEEN,
    EQ,
    FALLS,
    GE,
    GT,
    LE,
    LEVEL,
    LT,
    NONE,
    PERCENT,
    RELATIVE,
    Bound,
    Measured,
    Rule,
    bound_of,
    honest_digits,
    rounded,
)
from units.rules import decimal_text

POINTS = " điểm phần trăm"
SAME = {
    (GE, False): "không thấp hơn năm trước",
    (GE, True): "không cao hơn năm trước",
    (GT, False): "cao hơn năm trước",
    (GT, True): "thấp hơn năm trước",
    (LE, False): "không cao hơn năm trước",
    (LE, True): "không thấp hơn năm trước",
    (LT, False): "thấp hơn năm trước",
    (LT, True): "cao hơn năm trước",
    (EQ, False): "bằng năm trước",
    (EQ, True): "bằng năm trước",
}


def suffix(kind: str, measure_unit: str = "", *, derivation: str = "", source: str = "") -> str:
    """What follows a number: "%" for shares, else the unit of measure after a space.

    `source` is the kind of the indicator that a derived one is computed from.
    """
    shares = kind == "ratio" or derivation == "share" or (derivation == "sum" and source == "ratio")
    if shares or measure_unit == PERCENT:
        return PERCENT
    return f" {measure_unit}" if measure_unit else ""


def target_text(
    operator: str,
    value: Decimal | None,
    value_to: Decimal | None = None,
    *,
    kind: str = "ratio",
    measure_unit: str = "",
    derivation: str = "",
    source: str = "",
    basis: str = LEVEL,
) -> str:
    """A target in words: "100%", "trên 90%", "từ 65 đến 70%", "ít nhất 1 mô hình", "có", "tăng từ 5
    đến 10 điểm phần trăm so với năm trước"."""
    if operator == NONE or value is None:
        return "không ghi mức"
    if kind == "yes_no":
        return "có" if value else "không"
    after = suffix(kind, measure_unit, derivation=derivation, source=source)
    if basis != LEVEL:
        return change_text(operator, value, value_to, basis=basis, after=after)
    number = decimal_text(value)
    percent = after == PERCENT
    if operator == BETWEEN:
        return f"từ {number} đến {decimal_text(value_to or value)}{after}"
    if percent and value == 100 and operator in (GE, EQ):
        return "100%"
    countable = kind == "count" or derivation in ("count", "sum")
    return {
        GE: f"ít nhất {number}{after}"
        if countable and not percent
        else f"từ {number}{after} trở lên",
        GT: f"trên {number}{after}",
        LE: f"không quá {number}{after}",
        LT: f"dưới {number}{after}",
        EQ: f"{number}{after}" if percent else f"đúng {number}{after}",
    }[operator]


def change_text(
    operator: str, value: Decimal, value_to: Decimal | None, *, basis: str, after: str
) -> str:
    """A target set on the change; `after` is what follows the figure itself."""
    falls = basis in FALLS
    if not value and operator != BETWEEN:
        return SAME[operator, falls]
    unit = change_unit(basis, after)
    number = f"{decimal_text(value)}{unit}"
    said = {
        GE: f"ít nhất {number}",
        GT: f"trên {number}",
        LE: f"không quá {number}",
        LT: f"dưới {number}",
        EQ: f"đúng {number}",
        BETWEEN: f"từ {decimal_text(value)} đến {decimal_text(value_to or value)}{unit}",
    }[operator]
    return f"{'giảm' if falls else 'tăng'} {said} so với năm trước"


def change_unit(basis: str, after: str) -> str:
    """What follows the number of a change: shares change by points, unless told in per cent."""
    if basis in RELATIVE:
        return PERCENT
    return POINTS if after == PERCENT else after


def change_words(exact: Fraction, rule: Rule, before: Measured | None, after: str) -> str:
    """How far a figure moved, "tăng 4,9 điểm phần trăm", or why that cannot be told. As many
    decimals as keep it from contradicting the verdict.
    """
    old = before.exact if before else None
    if old is None or rule.value is None:
        return "chưa có số năm trước để so"
    if bound_of(rule, before) is None:
        return "số năm trước không lớn hơn 0 nên không tính được phần trăm tăng, giảm"
    change = exact - old
    if not change:
        return "bằng năm trước"
    if rule.basis in RELATIVE:
        change = 100 * change / old
    asked = -change if rule.basis in FALLS else change
    top = None if rule.value_to is None else Fraction(rule.value_to)
    digits = honest_digits(asked, Bound(rule.operator, Fraction(rule.value), top))
    shown = decimal_text(rounded(abs(change), digits))
    return f"{'tăng' if change > 0 else 'giảm'} {shown}{change_unit(rule.basis, after)}"
