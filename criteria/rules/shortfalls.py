"""How much is missing to meet a target, in what is counted."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from criteria.rules.targets import EQ, GT, LE, LT, Measured, Rule, Verdict, bound_of, judge
from units.rules import decimal_text


@dataclass(frozen=True)
class Shortfall:
    """How many more (or fewer, `over`) are needed; `more_than` where the bound itself is no hit."""

    amount: Decimal
    over: bool = False
    more_than: bool = False

    def sentence(self, noun: str = "") -> str:
        """ "thiếu 14 sản phẩm"; `noun` is what is counted."""
        if not self.amount:
            return "phải dưới mức này" if self.over else "phải trên mức này"
        lead = "vượt" if self.over else "thiếu"
        more = " hơn" if self.more_than else ""
        return f"{lead}{more} {decimal_text(self.amount)} {noun}".rstrip()


def shortfall(
    measured: Measured, rule: Rule, before: Measured | None = None, *, whole: bool = False
) -> Shortfall | None:
    """What is missing to meet `rule`, the denominator as it is. None when it is met or unknown.

    Whole numbers are counted in whole steps: of 53 meetings 80 % are 42,4, so 43 are needed. A
    pair of whole numbers is whole by itself; `whole` says so of a single number. An exact amount
    that no whole number reaches, or no finite decimal, is left unsaid.
    """
    exact, bound = measured.exact, bound_of(rule, before)
    if exact is None or bound is None or judge(measured, rule, before) == Verdict.MET:
        return None
    over = exact > bound.value
    level = (bound.value_to if over else None) or bound.value
    strict = bound.operator in (GT, LT)
    over = over or bound.operator in (LT, LE)
    if measured.numerator is not None and measured.denominator:
        have, need = Fraction(measured.numerator), level * Fraction(measured.denominator) / 100
        whole = have.denominator == 1 and Fraction(measured.denominator).denominator == 1
    else:
        have, need = exact, level
        whole = whole and have.denominator == 1
    gap = abs(have - need)
    if not whole:
        amount = _finite(gap)
        return None if amount is None else Shortfall(amount, over, more_than=strict and bool(gap))
    if bound.operator == EQ and gap.denominator != 1:
        return None
    steps = -(-gap.numerator // gap.denominator)
    if strict and gap.denominator == 1:
        steps += 1
    return Shortfall(Decimal(steps), over)


def _finite(value: Fraction) -> Decimal | None:
    """The same number as a decimal of at most eight places, if there is one."""
    scaled = value * 10**8
    if scaled.denominator != 1:
        return None
    return (Decimal(scaled.numerator) / 10**8).normalize()
