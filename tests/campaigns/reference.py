"""What the figures of a plan come to, worked out slowly: loops over every unit and indicator, one
comparison at a time, whole numbers only. Shares nothing with the portal but its rows.

Stored numbers have four decimals, so ten thousand times each is a whole number.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from campaigns.models import Campaign, Participation, Period, Result, ResultSheet
from criteria.models import Group, Indicator, Target

ACCEPTED = ("verified", "locked")


class Rows:
    """What stands in the tables of a plan, read once; everything after is counting."""

    def __init__(self, campaign: Campaign, accepted: Sequence[str] = ACCEPTED) -> None:
        self.campaign = campaign
        self.periods = list(Period.objects.filter(campaign=campaign))
        parts = Participation.objects.filter(campaign=campaign)
        self.parts = list(parts.select_related("unit__kind__level"))
        asked = Indicator.objects.filter(criteria_set=campaign.criteria_set)
        self.asked = list(
            asked.select_related("group", "derived_from", "quotes").prefetch_related(
                "group__unit_kinds",
                "group__units",
                *("targets__unit", "targets__unit_kind", "targets__level"),
                "quotes__targets",
            )
        )
        cells = Result.objects.filter(result_sheet__in=accepted_sheets(campaign, accepted))
        self.cells = {
            (
                cell.result_sheet.participation_id,
                cell.result_sheet.period_id,
                cell.indicator_id,
            ): cell
            for cell in cells.select_related("result_sheet")
        }

    def cell_of(self, part: Participation, period: Period, one: Indicator) -> Result | None:
        return self.cells.get((part.pk, period.pk, one.pk))


def accepted_sheets(campaign: Campaign, accepted: Sequence[str]) -> Any:
    return ResultSheet.objects.filter(participation__campaign=campaign, state__in=accepted)


def figures(rows: Rows, period: Period) -> dict:
    """By the ref of the indicator: counts, sums, and what a derived one comes to."""
    found = {}
    for one in rows.asked:
        if one.kind != "derived" and one.group.measured != "nominee":
            found[one.ref] = counted(one, rows, period)
    for one in rows.asked:
        if one.kind == "derived" and one.group.measured != "nominee":
            source = own_source(one, rows.asked)
            told = dict(found[source.ref]) if source and source.ref in found else nothing()
            told["told"] = (0, 0, 0)
            asked_of = told["units"] - told["not_applicable"]
            if one.derivation == "share":
                told["sums"] = (told["hits"], asked_of, None) if asked_of else NONE
            if one.derivation == "count":
                told["sums"] = (None, None, told["hits"])
            found[one.ref] = told
    return found


NONE = (None, None, None)


def compared(pk: int, rows: Rows, period: Period) -> tuple:
    """How many units reported in this period and in that of the year before, and what these alone
    come to in each."""
    before = a_year_before(rows, period)
    (one,) = (one for one in rows.asked if one.pk == pk)
    units, now, then = 0, list(NONE), list(NONE)
    for part in rows.parts if before else ():
        if not measures(one.group, part.unit, rows.campaign):
            continue
        if not (there(part, period) and there(part, before)):
            continue
        cells = [rows.cell_of(part, when, one) for when in (period, before)]
        if any(cell is None or cell.state not in ("reported", "nothing") for cell in cells):
            continue
        units += 1
        for cell, sums in zip(cells, (now, then), strict=True):
            value = cell.value if cell.yes is None else Decimal(1 if cell.yes else 0)
            for place, number in enumerate((cell.numerator, cell.denominator, value)):
                if number is not None:
                    sums[place] = (sums[place] or Decimal(0)) + number
    return units, tuple(now), tuple(then)


def nothing() -> dict:
    names = ("units", "reported", "nothing", "not_applicable", "missing", "met", "not_met", "hits")
    return dict.fromkeys(names, 0) | {"sums": NONE, "told": (0, 0, 0)}


def own_source(one: Indicator, asked: Sequence[Indicator]) -> Indicator | None:
    """What is computed from an indicator of another set is computed from the own question."""
    source = one.derived_from
    if source is not None and source.criteria_set_id != one.criteria_set_id:
        return next((other for other in asked if other.quotes_id == source.pk), None)
    return source


def counted(one: Indicator, rows: Rows, period: Period) -> dict:
    found = nothing()
    sums: list[Decimal | None] = [None, None, None]
    for part in rows.parts:
        if not there(part, period) or not measures(one.group, part.unit, rows.campaign):
            continue
        cell = rows.cell_of(part, period, one)
        state = cell.state if cell else "missing"
        found["units"] += 1
        found[state] += 1
        verdict = verdict_of(one, cell, part, period, rows) if state == "reported" else None
        found["met"] += verdict is True
        found["not_met"] += verdict is False
        if cell is not None and state == "reported" and one.kind == "qualitative":
            said = assessed(cell)
            tally = [said is True, said is False, said is None]
            found["told"] = tuple(map(sum, zip(found["told"], tally, strict=True)))
            found["hits"] += said is True
        elif cell is not None and cell.yes is not None:
            found["hits"] += cell.yes
        else:
            found["hits"] += verdict is True
        if cell is not None and state == "reported":
            value = cell.value if cell.yes is None else Decimal(1 if cell.yes else 0)
            for place, number in enumerate((cell.numerator, cell.denominator, value)):
                if number is not None:
                    sums[place] = (sums[place] or Decimal(0)) + number
    return found | {"sums": tuple(sums)}


def there(part: Participation, period: Period) -> bool:
    if part.left_on and part.left_on < period.period_from:
        return False
    if part.unit.valid_to and part.unit.valid_to < period.period_from:
        return False
    last = max(period.period_to, period.closes_on)
    for left, back in zip(part.away[::2], part.away[1::2], strict=True):
        if left < period.period_from and back > last:
            return False
    return part.registered_on <= period.period_to or part.registered_on <= period.closes_on


def measures(group: Group, unit: Any, campaign: Campaign) -> bool:
    if group.measured == "once":
        return unit == campaign.standing_agency
    kinds, named = set(group.unit_kinds.all()), set(group.units.all())
    return (not kinds and not named) or unit.kind in kinds or unit in named


def assessed(cell: Result) -> bool | None:
    """By whoever verifies, else by the lead; what was said of another version is worth nothing, nor
    what was said before a file came or went."""
    for office in ("agency", "lead"):
        mark = cell.marks.filter(office=office).order_by("pk").last()
        if mark is None or mark.version != cell.version:
            continue
        moved = [file.removed_at or file.uploaded_at for file in cell.evidence.all()]
        if all(when <= mark.at for when in moved):
            if mark.level is not None:
                return mark.level.is_met
            if mark.met is not None:
                return mark.met
    return None


def target_of(one: Indicator, part: Participation, period: Period) -> Target | None:
    """Unit before kind before level before region before year, then the latest in force."""
    unit, best, best_rank = part.unit, None, None
    targets = one.targets.all()
    if one.quotes is not None and not targets:
        targets = one.quotes.targets.all()
    for target in targets:
        alone = one.group.measured != "each"  # the plan's own target, whoever enters it
        if alone and (target.unit or target.unit_kind or target.level or target.region):
            continue
        fits = (
            target.unit in (None, unit)
            and target.unit_kind in (None, unit.kind)
            and target.level in (None, unit.kind.level)
            and target.region in ("", *unit.tags)
            and target.year in (None, period.period_to.year)
            and (target.in_force_from is None or target.in_force_from <= period.period_to)
        )
        if not fits:
            continue
        rank = (
            *map(bool, (target.unit, target.unit_kind, target.level, target.region, target.year)),
            [-ord(letter) for letter in target.region + "\x00"],  # the first region by its label
            str(target.in_force_from or ""),
        )
        if best_rank is None or rank > best_rank:
            best, best_rank = target, rank
    return best


Pair = tuple[int, int]


def number_of(cell: Result | None) -> Pair | None:
    """The figure as a whole number above a whole number: per cent, or the number itself."""
    if cell is None or cell.state != "reported":
        return None
    if cell.numerator is not None and cell.denominator:
        return 100 * scaled(cell.numerator), scaled(cell.denominator)
    if cell.yes is not None:
        return (1 if cell.yes else 0), 1
    return None if cell.value is None else (scaled(cell.value), 10_000)


def scaled(number: Decimal) -> int:
    return int(number * 10_000)


def verdict_of(
    one: Indicator, cell: Result | None, part: Participation, period: Period, rows: Rows
) -> bool | None:
    target = None if one.group.measured == "sum" else target_of(one, part, period)
    figure = number_of(cell)
    if target is None or target.value is None or figure is None:
        return None
    low = (scaled(target.value), 10_000)
    high = (scaled(target.value_to), 10_000) if target.value_to is not None else None
    if target.basis == "level":
        return compare(target.operator, figure, low, high)
    before = a_year_before(rows, period)
    if before is None or not there(part, before):
        return None
    old = number_of(rows.cell_of(part, before, one))
    if old is None:
        return None
    (now, now_of), (was, was_of) = figure, old
    moved = (now * was_of - was * now_of, now_of * was_of)
    if target.basis.endswith("percent"):
        if was <= 0:
            return None
        moved = (100 * moved[0] * was_of, moved[1] * was)
    if target.basis.startswith("fall"):
        moved = (-moved[0], moved[1])
    return compare(target.operator, moved, low, high)


def a_year_before(rows: Rows, period: Period) -> Period | None:
    """The year before, whenever it began; of a part of a year, that with one end in its month."""
    for other in (other for other in rows.periods if other.kind == period.kind):
        first, last = other.period_from, other.period_to
        if period.kind == "year":
            if last.year == period.period_to.year - 1:
                return other
        elif (first.year + 1, first.month) == (
            period.period_from.year,
            period.period_from.month,
        ) or (last.year + 1, last.month) == (period.period_to.year, period.period_to.month):
            return other
    return None


def compare(operator: str, figure: Pair, low: Pair, high: Pair | None) -> bool:
    """Crosswise: a/b >= c/d where a·d >= c·b, the lower numbers being above nought."""
    left, right = figure[0] * low[1], low[0] * figure[1]
    if operator == "between":
        assert high is not None
        return left >= right and figure[0] * high[1] <= high[0] * figure[1]
    if operator == ">=":
        return left >= right
    if operator == ">":
        return left > right
    if operator == "<=":
        return left <= right
    if operator == "<":
        return left < right
    return left == right
