"""One figure: what the totals of the units come to, held against the plan's own target."""

from collections.abc import Mapping
from dataclasses import replace

from campaigns.models import Period
from campaigns.queries.cells import names_of
from campaigns.queries.figured import Cell, Figure, Total, indicator_facts
from campaigns.queries.frame import Frame
from campaigns.rules import REPORTED, Judgement, Tally, judgement, judgement_of_sum
from criteria.models import Group, Indicator
from criteria.queries import text_of
from criteria.rules import (
    LEVEL,
    PERCENT,
    RELATIVE,
    Measured,
    Rule,
    Verdict,
    ceiling_of,
    count_of_units,
    resolve_target,
    share_of_units,
)

JUDGED = (Verdict.MET, Verdict.NOT_MET)
NUMBERS = (Indicator.Kind.COUNT, Indicator.Kind.QUANTITY)
NOBODY = Total()  # of a derived indicator whose source nobody asks


def figure_of(
    frame: Frame,
    period: Period,
    indicator: Indicator,
    totals: Mapping[int, Total],
    before: Mapping[int, Total] | None,
    cells: dict[int, Cell],
) -> Figure:
    """The figure that the totals of the units come to, `before` those of the year before."""
    rules = frame.rules[indicator.pk]
    total, measured = _rolled_up(indicator, totals)
    old = _rolled_up(indicator, before) if before is not None else None
    rule, why = resolve_target(rules, None, period.period_to.year, period.period_to)
    if rule is None and any(not known.fits(None) for known in rules):
        why = "Mức khác nhau theo đơn vị, xem từng đơn vị"
    held = _held(indicator, total, measured, rule, old)
    return Figure(
        indicator=indicator_facts(indicator),
        reported=total.reported,
        nothing=total.nothing,
        not_applicable=total.not_applicable,
        missing=total.missing,
        met=total.met,
        not_met=total.not_met,
        hits=total.hits,
        told=Tally() if indicator.kind == Indicator.Kind.DERIVED else total.told,
        numerator=measured.numerator,
        denominator=measured.denominator,
        value=measured.value,
        percent=held.percent,
        digits=held.digits,
        shown=held.shown,
        target=text_of(indicator, rule),
        why=why,
        verdict=held.verdict,
        shortfall=held.shortfall,
        mark=held.mark if held.verdict in JUDGED else None,
        cells=cells,
    )


def _rolled_up(indicator: Indicator, totals: Mapping[int, Total]) -> tuple[Total, Measured]:
    """The total that a figure is made of, and the figure.

    A derived share is of the units that the source asks: one that has not answered has not shown
    that it meets the condition, one that it does not apply to has nothing to show. Per cent that
    units gave as one number are not added: the amounts that they are of are not known.
    """
    if indicator.kind != Indicator.Kind.DERIVED:
        total = totals[indicator.pk]
        once = indicator.group.measured == Group.Measured.ONCE
        return total, total.measured if once or not _in_per_cent(indicator) else Measured()
    total = totals.get(indicator.derived_from_id or 0, NOBODY)
    if indicator.derivation == Indicator.Derivation.SHARE:
        return total, share_of_units(total.hits, total.units - total.not_applicable)
    if indicator.derivation == Indicator.Derivation.COUNT:
        return total, count_of_units(total.hits)
    source = indicator.derived_from
    return total, Measured() if source and _in_per_cent(source) else total.measured


def _in_per_cent(indicator: Indicator) -> bool:
    return indicator.kind in NUMBERS and indicator.measure_unit == PERCENT


def _held(
    indicator: Indicator,
    total: Total,
    measured: Measured,
    rule: Rule | None,
    before: tuple[Total, Measured] | None,
) -> Judgement:
    """The roll-up against the plan's own target; a question answered in words has no sum."""
    if not total.reported or measured.exact is None:
        return Judgement(Verdict.NOT_JUDGED if total.reported else Verdict.NO_DATA)
    kind, once = indicator.kind, indicator.group.measured == Group.Measured.ONCE
    if kind == Indicator.Kind.YES_NO and not once:
        # one target of “có” speaks of each unit; the sum only says how many answered yes
        return Judgement(Verdict.NOT_JUDGED, shown=f"{measured.value or 0:f} đơn vị có")
    names = names_of(indicator)
    if kind in NUMBERS and indicator.group.measured == Group.Measured.EACH and rule:
        # so much is asked of each unit, not of all together; a change in per cent and none at all
        # are asked of both
        none_at_all = rule.basis == LEVEL and ceiling_of(rule) == (0, False)
        rule = rule if rule.basis in RELATIVE or none_at_all else None
    if rule is None or rule.basis == LEVEL or before is None:
        return judgement(REPORTED, measured, rule, kind=kind, before=None, **names)
    was, then = before
    if kind == Indicator.Kind.DERIVED and indicator.derivation != Indicator.Derivation.SUM:
        return _of_units(total, measured, rule, was, then, names)
    if once:  # one figure a year, whoever answers for the plan in it
        return judgement(REPORTED, measured, rule, kind=kind, before=then, **names)
    return judgement_of_sum(
        measured,
        rule,
        total.compared,
        answered=total.answered,
        answered_then=was.answered,
        kind=kind,
        **names,
    )


def _of_units(
    total: Total, measured: Measured, rule: Rule, was: Total, then: Measured, names: dict[str, str]
) -> Judgement:
    """Units that meet a condition, against those of the year before. Who is silent does not meet
    it, so that nothing is compared before all have reported that did so then."""
    kind, both = Indicator.Kind.DERIVED, total.compared.units
    old = then if both == was.answered else None
    held = judgement(REPORTED, measured, rule, kind=kind, before=old, **names)
    told = f"mới có {both} trên {was.answered} đơn vị đã báo cáo năm trước nên chưa so"
    return replace(held, shortfall=told) if old is None else held
