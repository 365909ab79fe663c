"""The arithmetic of scoring: points of an item, the sum of a table, the band.

No law fixes a scale: provinces and blocs issue their own tables and replace them every few years
(Bình Định 3853/QĐ-UBND 2018, Ninh Thuận 27/2016 and 114/2017, Nghệ An 21/2020), of 100 or 1000
points, with steps such as “dưới 80 % trừ 5”, with bonus and penalty under ceilings. So all of it is
data; only how the parts are put together is said here. Everything is exact: points are rounded
once, item by item, as the table states, and a total is never rounded before it is compared.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from criteria.rules.targets import BETWEEN, EQ, LE, LEVEL, LT, NONE, Measured, Rule, meets, rounded
from units.rules import decimal_text

# The stored values of criteria.models: kinds and methods of an item, what to do without it.
ITEM, BONUS, PENALTY = "item", "bonus", "penalty"
SUM, MANUAL, STEPS, PROPORTIONAL, YES_NO, COUNT, BY_LEVEL = (
    "sum",
    "manual",
    "steps",
    "proportional",
    "yes_no",
    "count",
    "level",
)
ON_RESULT, ON_TARGET = "result", "target"
FULL, RESCALE, ZERO = "full", "rescale", "zero"
HALF_UP, UP, DOWN = "half_up", "up", "down"
DISQUALIFY, BAR = "disqualify", "bar"


@dataclass(frozen=True)
class Rounding:
    """How the table rounds points: to so many digits, a half upward, always up or always down."""

    digits: int = 2
    how: str = HALF_UP

    def of(self, exact: Fraction) -> Decimal:
        scaled = exact * 10**self.digits
        whole = {
            HALF_UP: math.floor(scaled + Fraction(1, 2)),
            UP: math.ceil(scaled),
            DOWN: math.floor(scaled),
        }[self.how]
        return Decimal(whole).scaleb(-self.digits)

    @property
    def step(self) -> Decimal:
        """The least by which two rounded numbers differ."""
        return Decimal(1).scaleb(-self.digits)


@dataclass(frozen=True)
class Stretch:
    """From `lower` on, below `upper`; None is an open end."""

    lower: Decimal | None = None
    upper: Decimal | None = None

    def holds(self, value: Fraction) -> bool:
        return (self.lower is None or value >= Fraction(self.lower)) and (
            self.upper is None or value < Fraction(self.upper)
        )

    @property
    def words(self) -> str:
        """ "từ 80 đến dưới 100"."""
        low = f"từ {decimal_text(self.lower)}" if self.lower is not None else ""
        if self.upper is None:
            return f"{low} trở lên" if low else "mọi mức"
        high = f"dưới {decimal_text(self.upper)}"
        return f"{low} đến {high}" if low else high


@dataclass(frozen=True)
class Step(Stretch):
    points: Decimal = Decimal(0)


@dataclass(frozen=True)
class LevelPoints:
    """What an item gives on one level of the rubric of its indicator, by the ref of the level."""

    level: str
    points: Decimal
    name: str = ""


@dataclass(frozen=True)
class Band(Stretch):
    """Xếp loại; `admits` only lets the unit be voted on."""

    ref: str = ""
    name: str = ""
    admits: bool = False


@dataclass(frozen=True)
class Gate:
    """Điều kiện loại: by an indicator missed, or by hand; `band` is what it shuts the unit out
    of."""

    ref: str
    name: str
    indicator: str = ""
    effect: str = DISQUALIFY
    band: str = ""


@dataclass(frozen=True)
class Item:
    """One line of a table. `indicator` is the ref of what it is computed from, "" by hand."""

    ref: str
    code: str = ""
    name: str = ""
    kind: str = ITEM
    method: str = MANUAL
    parent: str = ""
    max_points: Decimal = Decimal(0)
    floor: Decimal | None = None
    each: Decimal | None = None
    basis: str = ON_TARGET
    steps: tuple[Step, ...] = ()
    indicator: str = ""
    levels: tuple[LevelPoints, ...] = ()

    @property
    def least(self) -> Decimal:
        """What an item cannot fall below; a floor left open is nought."""
        return Decimal(0) if self.floor is None else self.floor

    @property
    def computed(self) -> bool:
        """Whether its points follow from a result."""
        return bool(self.indicator) and self.method not in (MANUAL, SUM)


@dataclass(frozen=True)
class Tie:
    """What decides between equal totals: `by` an item, an indicator, or fewer penalty points.
    `in_words`: by whether the indicator was found to be met, 1 or 0."""

    by: str
    ref: str = ""
    label: str = ""
    lower_wins: bool = False
    in_words: bool = False


@dataclass(frozen=True)
class Table:
    """A whole table as plain values; the items in their order, parents before their parts."""

    max_points: Decimal
    items: tuple[Item, ...] = ()
    layers: tuple[str, ...] = ("self",)
    may_exceed: bool = False
    bonus_ceiling: Decimal | None = None
    penalty_ceiling: Decimal | None = None
    not_applicable: str = RESCALE
    rounding: Rounding = field(default_factory=Rounding)
    bands: tuple[Band, ...] = ()
    gates: tuple[Gate, ...] = ()
    ties: tuple[Tie, ...] = ()
    tie_end: str = "shared"
    decided_places: int | None = None

    def parts(self, ref: str) -> list[Item]:
        return [item for item in self.items if item.parent == ref]

    @property
    def leaves(self) -> list[Item]:
        """What is scored; headings are sums."""
        return [item for item in self.items if item.method != SUM]


# --- one item -------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Computed:
    """Points that follow from a result, and the arithmetic in words."""

    points: Decimal
    how: str


def reached(measured: Measured, rule: Rule | None) -> Fraction | None:
    """How much of the target is reached, in per cent; None without a figure or a target.

    Of a target not to be passed (“không quá”) it is the target over the result; of a range the end
    that was missed. A target of nought is reached or not: 100 or 0.
    """
    exact = measured.exact
    if exact is None or rule is None or rule.value is None or rule.operator == NONE:
        return None
    goal, falling = Fraction(rule.value), rule.operator in (LE, LT)
    if rule.operator == BETWEEN:
        if meets(exact, rule.operator, rule.value, rule.value_to):
            return Fraction(100)
        falling = exact > goal
        goal = Fraction(rule.value_to or rule.value) if falling else goal
    if rule.operator == EQ:
        falling = exact > goal
    if goal <= 0 or (falling and exact <= 0):
        # no share of nought; and less than nought of what should be little is enough
        met = meets(exact, rule.operator, rule.value, rule.value_to)
        return Fraction(100 if met else 0)
    return 100 * goal / exact if falling else 100 * exact / goal


def compute(
    item: Item, measured: Measured, rule: Rule | None, rounding: Rounding
) -> Computed | None:
    """The points that a result gives, between floor and maximum; None when it gives none, as when
    its target is on the change against the year before, which a table does not know.

    A target that is not met never earns the full points: exactly 80 against “> 80” is a share of
    100 per cent, and 79,9999 of 80 would be rounded to them.
    """
    exact = measured.exact
    if exact is None or not item.computed or (rule is not None and rule.basis != LEVEL):
        return None
    if item.method == BY_LEVEL:
        return None  # by what was found, which is no number: see `by_level`
    if item.method == COUNT:
        return by_count(item, exact, rounding)
    if item.method == YES_NO:
        judged = rule is not None and rule.operator != NONE
        met = meets(exact, rule.operator, rule.value, rule.value_to) if judged else exact >= 1  # type: ignore[union-attr]
        return by_yes(item, yes=met)
    share = reached(measured, rule)
    value = exact if item.method == STEPS and item.basis == ON_RESULT else share
    if value is None:
        return None
    words = _number(value) if item.basis == ON_RESULT and item.method == STEPS else _share(value)
    short = share is not None and not _met(exact, rule)
    if item.method == STEPS:
        held = min(value, NEARLY) if short and item.basis != ON_RESULT else value
        step = next((step for step in item.steps if step.holds(held)), None)
        if step is None:
            return None
        points = rounding.of(Fraction(step.points))
        return Computed(points, f"{words}, bậc {step.words}: {decimal_text(points)} điểm")
    full, least = Fraction(item.max_points), Fraction(item.least)
    if not short:
        points = rounding.of(full)
        return Computed(points, f"{words}: đủ {decimal_text(points)} điểm")
    points = rounding.of(max(least, full * value / 100))
    bound = f", không dưới {decimal_text(item.least)}" if full * value / 100 < least else ""
    if points >= rounding.of(full) > least:
        points = max(rounding.of(least), rounding.of(full) - rounding.step)
        bound = ", chưa đạt chỉ tiêu nên không tính đủ điểm"
    told = f"{words} × {decimal_text(item.max_points)}{bound} = {decimal_text(points)} điểm"
    return Computed(points, told)


NEARLY = 100 - Fraction(1, 10**9)  # the share of a target that is reached but must be passed


def _met(exact: Fraction, rule: Rule | None) -> bool:
    return rule is not None and meets(exact, rule.operator, rule.value, rule.value_to)


def by_count(item: Item, count: Fraction | int, rounding: Rounding) -> Computed:
    """So many times, so many points each, up to the ceiling of the item."""
    each = item.each or Decimal(0)
    points = rounding.of(min(Fraction(item.max_points), max(Fraction(0), count * Fraction(each))))
    times = f"{_number(Fraction(count))} lần × {decimal_text(each)}"
    capped = count * Fraction(each) > Fraction(item.max_points)
    after = f", tối đa {decimal_text(item.max_points)}" if capped else ""
    return Computed(points, f"{times}{after} = {decimal_text(points)} điểm")


def by_yes(item: Item, *, yes: bool) -> Computed:
    points = item.max_points if yes else item.least
    return Computed(points, f"{'Đạt' if yes else 'Không đạt'}: {decimal_text(points)} điểm")


def by_level(item: Item, found: str, rounding: Rounding) -> Computed | None:
    """The points of the level that was found, by its ref; None of one that the item does not name.
    A claim is no finding: as long as nobody has assessed the answer there is nothing to score."""
    line = next((one for one in item.levels if one.level == found), None)
    if line is None:
        return None
    points = rounding.of(Fraction(line.points))
    return Computed(points, f"Mức “{line.name or line.level}”: {decimal_text(points)} điểm")


def average(points: Iterable[Decimal], rounding: Rounding) -> Decimal | None:
    """Of what several members gave, rounded as the table states; None of nothing."""
    given = [Fraction(one) for one in points]
    return rounding.of(sum(given, Fraction(0)) / len(given)) if given else None


def _number(value: Fraction) -> str:
    return decimal_text(rounded(value, 4))


def _share(value: Fraction) -> str:
    return f"Đạt {_number(value)}% chỉ tiêu"


# --- the sum --------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Scored:
    """What one layer gave an item; without `applies` the unit does not have this task."""

    points: Decimal = Decimal(0)
    applies: bool = True


@dataclass(frozen=True)
class Total:
    """The sum of one layer. `parts` are the points of every line; one left out has none."""

    total: Fraction
    items: Fraction
    bonus: Fraction
    penalty: Fraction
    removed: Decimal
    parts: Mapping[str, Fraction]


def total_of(table: Table, scores: Mapping[str, Scored]) -> Total:
    """Items, plus bonus, less penalty, each under its ceiling.

    An item that does not apply counts in full, counts nought, or is taken out and the rest is
    scaled to the maximum, as the table says; a bonus or penalty that does not apply is nought. The
    grand total passes the maximum only where the table lets it.
    """
    removed, parts = Decimal(0), {}
    for item in table.leaves:
        scored = scores.get(item.ref, Scored())
        if scored.applies:
            parts[item.ref] = Fraction(scored.points)
        elif item.kind != ITEM or table.not_applicable == ZERO:
            parts[item.ref] = Fraction(0)
        elif table.not_applicable == FULL:
            parts[item.ref] = Fraction(item.max_points)
        else:
            removed += item.max_points
    for item in reversed(table.items):
        counted = [parts[p.ref] for p in table.parts(item.ref) if p.ref in parts]
        if item.method == SUM and counted:  # else it is taken out with all its parts
            parts[item.ref] = _heading(item, counted)
    sums = {
        kind: sum(
            (
                parts[i.ref]
                for i in table.items
                if i.kind == kind and not i.parent and i.ref in parts
            ),
            Fraction(0),
        )
        for kind in (ITEM, BONUS, PENALTY)
    }
    whole = Fraction(table.max_points)
    left = whole - Fraction(removed)
    items = sums[ITEM] * whole / left if removed and left else sums[ITEM]
    bonus, penalty = (
        _capped(sums[BONUS], table.bonus_ceiling),
        _capped(sums[PENALTY], table.penalty_ceiling),
    )
    total = items + bonus - penalty
    if not table.may_exceed:
        total = min(total, whole)
    return Total(total, items, bonus, penalty, removed, parts)


def _heading(item: Item, parts: list[Fraction]) -> Fraction:
    """A heading sums its parts, not below its own floor; of bonus and penalty not above its
    ceiling."""
    points = sum(parts, Fraction(0))
    if item.floor is not None:
        points = max(points, Fraction(item.floor))
    return points if item.kind == ITEM else min(points, Fraction(item.max_points))


def _capped(points: Fraction, ceiling: Decimal | None) -> Fraction:
    return points if ceiling is None else min(points, Fraction(ceiling))
