"""The arithmetic of targets: which one applies, whether it is met, how it is written.

Nothing is rounded before it is compared: shares are compared by cross-multiplication of the two
numbers that were entered, so that 79,3 does not meet 80 and 80,0 does not meet “trên 80”.
Values of a ratio's target are in per cent (90 means 90 %).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, localcontext
from enum import StrEnum
from fractions import Fraction
from functools import cached_property
from operator import eq, ge, gt, le, lt

from units.rules import DomainError

# The operators of criteria.models.Target, by their stored value.
GE, GT, LE, LT, EQ, BETWEEN, NONE = ">=", ">", "<=", "<", "=", "between", "none"
COMPARE = {GE: ge, GT: gt, LE: le, LT: lt, EQ: eq}
MIRRORED = {GE: LE, GT: LT, LE: GE, LT: GT, EQ: EQ, BETWEEN: BETWEEN}

# What a target is set on: the figure itself, or its change against the same period a year before;
# of a share in percentage points, of a number in its own unit, or either in per cent of the old.
LEVEL, RISE, FALL = "level", "rise", "fall"
RISE_PERCENT, FALL_PERCENT = "rise_percent", "fall_percent"
FALLS, RELATIVE = {FALL, FALL_PERCENT}, {RISE_PERCENT, FALL_PERCENT}
PERCENT = "%"
MAX_DIGITS = 22  # with so many the share of any two stored numbers is told from its target


class Verdict(StrEnum):
    """What a result is, held against its target."""

    MET = "met"
    NOT_MET = "not_met"
    NO_DATA = "no_data"
    NOTHING = "nothing"
    NOT_APPLICABLE = "not_applicable"
    NOT_JUDGED = "not_judged"

    @property
    def label(self) -> str:
        return VERDICT_LABELS[self]


VERDICT_LABELS = {
    Verdict.MET: "Đạt",
    Verdict.NOT_MET: "Chưa đạt",
    Verdict.NO_DATA: "Chưa có số liệu",
    Verdict.NOTHING: "Không phát sinh",
    Verdict.NOT_APPLICABLE: "Không áp dụng",
    Verdict.NOT_JUDGED: "Đã nhập, không xét mức",
}


# --- which target applies -------------------------------------------------------------------------
@dataclass(frozen=True)
class UnitFacts:
    """What the choice of a target asks of a unit. Codes of level and kind, our key, its tags."""

    pk: int
    kind: str
    level: str | None = None
    tags: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Rule:
    """One row of Target as plain values; an empty condition holds for everybody."""

    operator: str = GE
    value: Decimal | None = None
    value_to: Decimal | None = None
    unit: int | None = None
    kind: str | None = None
    level: str | None = None
    region: str = ""
    year: int | None = None
    in_force_from: date | None = None
    unit_name: str = ""
    kind_name: str = ""
    level_name: str = ""
    decision: str = ""
    pk: int | None = None
    basis: str = LEVEL
    source: str = ""

    @property
    def specificity(self) -> tuple[bool, bool, bool, bool, bool]:
        """Unit before kind before level before region before year."""
        return (
            self.unit is not None,
            self.kind is not None,
            self.level is not None,
            bool(self.region),
            self.year is not None,
        )

    @cached_property
    def form(self) -> "Form | None":
        """What it asks for, worked out once for however many units."""
        if self.operator == NONE or self.value is None:
            return None
        low, high, operator = self.value, self.value_to, self.operator
        if self.basis == LEVEL:
            return Form(operator, Linear(plus=low), None if high is None else Linear(plus=high))
        relative = self.basis in RELATIVE
        if self.basis in FALLS:
            operator = MIRRORED[operator]
            low, high = (-low, None) if high is None else (-high, -low)

        def moved(by: Decimal) -> Linear:
            return Linear(1 + by / 100) if relative else Linear(Decimal(1), by)

        top = None if high is None else moved(high)
        return Form(operator, moved(low), top, of_before=True, relative=relative)

    def fits(self, unit: UnitFacts | None) -> bool:
        """Whether the rule speaks of `unit`; of the plan as a whole when there is none."""
        if unit is None:
            return not any(self.specificity[:4])
        return (
            self.unit in (None, unit.pk)
            and self.kind in (None, unit.kind)
            and self.level in (None, unit.level)
            and (not self.region or self.region in unit.tags)
        )


def resolve_target(
    rules: Iterable[Rule], unit: UnitFacts | None, year: int, on: date | None = None
) -> tuple[Rule | None, str]:
    """The rule that holds for `unit` (None: the plan as a whole) in `year`, and why, in a sentence.

    The most specific rule wins (unit, kind, level, region, year, in this order); among equals the
    one in force latest on the day that counts, by default the last day of the year. Only a unit of
    several regions can have equals for other reasons: there the first region by its label wins,
    whatever was revised, and the sentence names the others.
    """
    day = on or date(year, 12, 31)
    known = [rule for rule in rules if rule.fits(unit)]
    fitting = [
        rule
        for rule in known
        if rule.year in (None, year) and (rule.in_force_from is None or rule.in_force_from <= day)
    ]
    if not fitting:
        return None, _why_none(known, year)
    most = max(rule.specificity for rule in fitting)
    equals = [rule for rule in fitting if rule.specificity == most]
    region, *others = sorted({rule.region for rule in equals})
    here = [rule for rule in equals if rule.region == region]
    best = max(here, key=lambda rule: rule.in_force_from or date.min)
    return best, _why(best) + (f", đứng trước mức của vùng {', '.join(others)}" if others else "")


def _why(rule: Rule) -> str:
    if rule.unit is not None:
        who = f"Giao riêng {rule.unit_name}".rstrip()
    elif rule.kind is not None:
        who = f"Mức của {_lower_first(rule.kind_name)}"
    elif rule.level is not None:
        who = f"Mức của đơn vị {_lower_first(rule.level_name)}"
    elif rule.region:
        who = f"Mức của vùng {rule.region}"
    else:
        who = "Áp dụng cho mọi đơn vị"
    if rule.year is not None:
        who += f", năm {rule.year}"
    if rule.in_force_from is not None:
        who += f", điều chỉnh từ {rule.in_force_from:%d/%m/%Y} theo {rule.decision}"
    if rule.source:
        who += f", theo {rule.source}"
    return who


def _why_none(known: list[Rule], year: int) -> str:
    years = sorted({rule.year for rule in known if rule.year is not None and rule.year != year})
    if years:
        return f"Kế hoạch chỉ ghi mức cho năm {', '.join(map(str, years))}"
    return "Kế hoạch không ghi mức"


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]


# --- is it met ------------------------------------------------------------------------------------
def ratio(numerator: Decimal, denominator: Decimal) -> Decimal:
    """The share in per cent, to 28 digits, for showing; judging uses `share` and never this.

    Raises DomainError for a denominator of nought.
    """
    exact = share(numerator, denominator)
    with localcontext(prec=28):
        return Decimal(exact.numerator) / Decimal(exact.denominator)


def share(numerator: Decimal, denominator: Decimal) -> Fraction:
    """The share in per cent as an exact fraction. Raises DomainError for a denominator of 0."""
    if not denominator:
        raise DomainError("Mẫu số bằng 0 nên không tính được tỷ lệ. Chọn “Không phát sinh”.")
    top, of_top = numerator.as_integer_ratio()
    bottom, of_bottom = denominator.as_integer_ratio()
    return Fraction(100 * top * of_bottom, of_top * bottom)


def meets(
    actual: Decimal | Fraction,
    operator: str,
    value: Decimal | Fraction | None,
    value_to: Decimal | Fraction | None,
) -> bool:
    """Whether `actual` stands the comparison, exactly; both ends of a range belong to it."""
    if operator == NONE or value is None:
        raise ValueError("a target without a value cannot be met or missed")
    exact, bound = as_fraction(actual), as_fraction(value)
    if operator == BETWEEN:
        if value_to is None:
            raise ValueError("a range needs both ends")
        return bound <= exact <= as_fraction(value_to)
    return COMPARE[operator](exact, bound)


def as_fraction(number: Decimal | Fraction) -> Fraction:
    return number if isinstance(number, Fraction) else Fraction(number)


@dataclass(frozen=True)
class Measured:
    """What was reported: a pair, or one number (yes is 1, no is 0), or words only."""

    numerator: Decimal | None = None
    denominator: Decimal | None = None
    value: Decimal | None = None

    @cached_property
    def exact(self) -> Fraction | None:
        """The number held against the target; per cent for a pair."""
        if self.numerator is not None and self.denominator:
            return share(self.numerator, self.denominator)
        return None if self.value is None else Fraction(self.value)


@dataclass(frozen=True)
class Bound:
    """What a figure is held against, as exact numbers, whatever the target was set on."""

    operator: str
    value: Fraction
    value_to: Fraction | None = None


@dataclass(frozen=True)
class Linear:
    """`times` the figure of the year before, plus `plus`."""

    times: Decimal = Decimal(0)
    plus: Decimal = Decimal(0)

    def at(self, before: Fraction) -> Fraction:
        return Fraction(self.times) * before + Fraction(self.plus)


@dataclass(frozen=True)
class Form:
    """What a target asks for, before the figure of the year before is known: a level, or a level
    that follows from that figure (`of_before`), which of a change in per cent must be above 0.
    """

    operator: str
    low: Linear
    high: Linear | None = None
    of_before: bool = False
    relative: bool = False

    @cached_property
    def level(self) -> Bound:
        """The bound where it follows from nothing else."""
        return self.at(Fraction(0))

    def at(self, before: Fraction) -> Bound:
        high = self.high.at(before) if self.high else None
        return Bound(self.operator, self.low.at(before), high)


def form_of(rule: Rule | None) -> Form | None:
    """None where there is nothing to hold a figure to."""
    return None if rule is None else rule.form


def bound_of(rule: Rule | None, before: Measured | None = None) -> Bound | None:
    """The level that `rule` asks for. Of a change it follows from `before`, the figure of the same
    period a year ago: a rise of at least 5 points on 61,2 % is at least 66,2 %.

    None where there is no level: no target, no figure before, or per cent of nought.
    """
    form = form_of(rule)
    if form is None:
        return None
    if not form.of_before:
        return form.level
    old = before.exact if before else None
    if old is None or (form.relative and old <= 0):
        return None
    return form.at(old)


def judge(measured: Measured, rule: Rule | None, before: Measured | None = None) -> Verdict:
    """The verdict of a reported result; one without a number or a target is not judged."""
    exact, bound = measured.exact, bound_of(rule, before)
    if exact is None or bound is None:
        return Verdict.NOT_JUDGED
    return _held(exact, bound)


def mark_of(rule: Rule | None, before: Measured | None = None) -> Decimal | None:
    """The level that a chart draws as the target."""
    bound = bound_of(rule, before)
    if rule is None or bound is None:
        return None
    return rule.value if rule.basis == LEVEL else rounded(bound.value, 4)


def _held(exact: Decimal | Fraction, bound: Bound) -> Verdict:
    hit = meets(exact, bound.operator, bound.value, bound.value_to)
    return Verdict.MET if hit else Verdict.NOT_MET


# --- how it is written ---------------------------------------------------------------------------
def shown_digits(
    measured: Measured, rule: Rule | None, before: Measured | None = None, digits: int = 1
) -> int:
    """Decimals to show: as few as `digits`, more where rounding would hide a miss or a hit.

    89,99 against “từ 90 trở lên” rounds to 90,0, which would read as met.
    """
    exact, bound = measured.exact, bound_of(rule, before)
    if exact is None or bound is None:
        return digits
    return honest_digits(exact, bound, digits)


def honest_digits(exact: Fraction, bound: Bound, digits: int = 1) -> int:
    """The same of a number and what it is held against. Where no number of digits tells (a third
    that was to be a third), more of them say no more."""
    honest = _held(exact, bound)
    for more in range(digits, MAX_DIGITS + 1):
        if _held(rounded(exact, more), bound) == honest:
            return more
    return digits


def rounded(exact: Fraction, digits: int) -> Decimal:
    """Half up, as pages write it."""
    with localcontext(prec=60):
        value = Decimal(exact.numerator) / Decimal(exact.denominator)
        return value.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)


# --- sums -----------------------------------------------------------------------------------------
def roll_up(results: Iterable[Measured]) -> Measured:
    """Sums of numerators, denominators and numbers; never an average of percentages."""
    rows = list(results)

    def total(name: str) -> Decimal | None:
        known = [number for row in rows if (number := getattr(row, name)) is not None]
        return sum(known, Decimal(0)) if known else None

    return Measured(total("numerator"), total("denominator"), total("value"))


def share_of_units(hits: int, units: int) -> Measured:
    """Derived: how many of the units that the source asks meet it; those silent do not."""
    return Measured(numerator=Decimal(hits), denominator=Decimal(units)) if units else Measured()


def count_of_units(hits: int) -> Measured:
    return Measured(value=Decimal(hits))
