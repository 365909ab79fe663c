"""A total on a sheet against its parts: on the same sheet, or over the units of the plan."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Exists, OuterRef, Q, Sum

from campaigns.models import Participation, Period, Result, ResultSheet
from campaigns.queries.members import measuring
from campaigns.queries.presence import in_period
from campaigns.rules import MISSING, REPORTED, Doubt
from criteria.models import Group, Indicator
from criteria.rules import WITHIN, sum_gap, sum_sentence

Grade = Indicator.SumGrade


@dataclass(frozen=True)
class OverUnits:
    """What accepted sheets of the units come to for one indicator; `awaited` where there are units
    that it asks whose answer is not accepted yet, so that the sum may still grow."""

    code: str
    units: int
    sum: Decimal
    awaited: bool


def sums_over_units(asked: Mapping[int, Indicator], period: Period) -> dict[str, OverUnits]:
    """By the ref of a part: what the units reported where a total is entered once for the plan.
    No SQL query where the plan has no such total, two where it has."""
    once = [one for one in asked.values() if _is_once(one) and one.sum_of]
    if not once:
        return {}
    parts = Indicator.objects.filter(
        criteria_set=once[0].criteria_set_id, ref__in={ref for one in once for ref in one.sum_of}
    )
    accepted = Result.objects.filter(
        result_sheet__period=period, result_sheet__state__in=ResultSheet.ACCEPTED
    )
    sums = (
        accepted.filter(indicator__in=parts.order_by().values("pk"), state=REPORTED)
        .values_list("indicator__ref", "indicator__code")
        .annotate(Count("pk"), Sum("numerator"), Sum("value"))
        .order_by()
    )
    silent = Participation.objects.filter(
        _asked_by(OuterRef(OuterRef("group"))),
        ~Exists(
            accepted.exclude(state=MISSING).filter(
                indicator=OuterRef(OuterRef("pk")), result_sheet__participation=OuterRef("pk")
            )
        ),
        in_period(period),
        campaign=period.campaign_id,
    )
    awaited = set(parts.filter(Exists(silent)).values_list("ref", flat=True))
    return {
        ref: OverUnits(
            code, units, value if value is not None else numerator or Decimal(0), ref in awaited
        )
        for ref, code, units, numerator, value in sums
    }


def _asked_by(group: OuterRef) -> Exists:
    """The condition on a member that a group measures it as one of many."""
    fits = measuring(
        OuterRef("campaign__criteria_set"), OuterRef("unit__kind"), OuterRef("unit"), Q(pk__in=[])
    )
    return Exists(fits.filter(pk=group))


def sum_doubts(
    asked: Mapping[int, Indicator],
    results: Mapping[int, Result],
    over_units: Mapping[str, OverUnits],
) -> dict[int, list[Doubt]]:
    """What the totals of one sheet raise, by the key of the indicator."""
    found: dict[int, list[Doubt]] = defaultdict(list)
    by_ref = {one.ref: one for one in asked.values()}
    parts: dict[int, list[Indicator]] = defaultdict(list)
    for one in asked.values():
        if one.of_which_id is not None:
            parts[one.of_which_id].append(one)
    for pk, total in asked.items():
        held = results.get(pk)
        if held is None or held.state != REPORTED:
            continue
        if total.sum_of:
            added = _parts(total, by_ref, results, over_units)
            found[pk] += _doubt(total, held, *added) if added else []
        if len(parts[pk]) > 1:
            amounts = [_amount(results.get(part.pk)) for part in parts[pk]]
            named = f"Các phần “trong đó” {_codes(parts[pk])}"
            found[pk] += _doubt(total, held, named, amounts, rule=WITHIN, grade=Grade.ASKS)
    return found


def _parts(
    total: Indicator,
    by_ref: Mapping[str, Indicator],
    results: Mapping[int, Result],
    over_units: Mapping[str, OverUnits],
) -> tuple[str, list[Decimal | None]] | None:
    """The name and the figures of what is added; None where there is nothing to add yet."""
    if _is_once(total):
        sums = [over_units[ref] for ref in total.sum_of if ref in over_units]
        if not sums:
            return None
        units = max(one.units for one in sums)
        codes = ", ".join(one.code for one in sums)
        amounts: list[Decimal | None] = [one.sum for one in sums]
        amounts += [None] * (len(sums) < len(total.sum_of) or any(one.awaited for one in sums))
        return f"Số của {units} đơn vị đã thẩm định ({codes})", amounts
    here = [by_ref[ref] for ref in total.sum_of if ref in by_ref]
    if not here:
        return None
    return _codes(here), [_amount(results.get(one.pk)) for one in here]


def _doubt(
    total: Indicator,
    held: Result,
    named: str,
    amounts: Sequence[Decimal | None],
    *,
    rule: str = "",
    grade: str = "",
) -> list[Doubt]:
    rule, grade = rule or total.sum_rule, grade or total.sum_grade
    whole = _amount(held)
    gap = None if whole is None else sum_gap(whole, amounts, rule=rule)
    if whole is None or gap is None:
        return []
    told = sum_sentence(total.code, whole, named, gap, rule=rule)
    return [Doubt(told, asks=grade == Grade.ASKS, blocks=grade == Grade.BLOCKS)]


def _is_once(total: Indicator) -> bool:
    return total.group.measured == Group.Measured.ONCE


def _codes(indicators: Sequence[Indicator]) -> str:
    return ", ".join(one.code for one in indicators)


def _amount(result: Result | None) -> Decimal | None:
    """What a cell adds to a sum: none where it says why it has no figure, unknown while empty."""
    if result is None or result.state == MISSING:
        return None
    if result.state != REPORTED:
        return Decimal(0)
    return result.value if result.value is not None else result.numerator
