"""The accepted results of a nominee's unit, as they stand beside what was written of him."""

from dataclasses import dataclass
from datetime import date

from awards.models import Nomination
from awards.queries.eligibility import enrolment_of
from awards.queries.staleness import sheets_behind
from campaigns.models import Campaign
from campaigns.queries import Cell, IndicatorFacts, figures
from campaigns.rules import Found, Tally, tally
from criteria.rules import Verdict
from units.models import Unit

FOUND = {Found.MET: "ok", Found.NOT_MET: "miss", Found.WAITING: "wait"}
STATES = {
    Verdict.MET: "ok",
    Verdict.NOT_MET: "miss",
    Verdict.NO_DATA: "none",
    Verdict.NOTHING: "nil",
    Verdict.NOT_APPLICABLE: "na",
    Verdict.NOT_JUDGED: "wait",
}


@dataclass(frozen=True)
class ResultLine:
    """One indicator of the nominee's unit, as accepted; `state` is a name of {% result_state %}."""

    code: str
    name: str
    target: str
    shown: str
    state: str
    word: str


@dataclass(frozen=True)
class UnitResults:
    """The accepted results of the unit under whose enrolment the nominee takes part. What is told
    in words is counted apart, by what was found of it."""

    unit: str
    period: str
    met: int
    not_met: int
    other: int
    told: Tally
    lines: list[ResultLine]


def results_of(
    nomination: Nomination, campaign: Campaign, unit: Unit, today: date
) -> UnitResults | None:
    """The latest accepted results of the nominee's unit within the time of the achievement."""
    enrolment = enrolment_of(campaign, unit, today)
    if not enrolment:
        return None
    sheet = (
        sheets_behind(nomination, unit, today)
        .select_related("period")
        .order_by("-period__period_to", "-period__period_from")
        .first()
    )
    if not sheet:
        return None
    found = figures(campaign, sheet.period, Unit.objects.filter(pk=enrolment.unit_id))
    held = [
        (figure.indicator, cell)
        for figure in found.indicators
        if (cell := figure.cells.get(enrolment.unit_id))
    ]
    verdicts = [cell.verdict for _facts, cell in held if not cell.told]
    met, not_met = verdicts.count(Verdict.MET), verdicts.count(Verdict.NOT_MET)
    return UnitResults(
        unit=str(enrolment.unit),
        period=sheet.period.name,
        met=met,
        not_met=not_met,
        other=len(verdicts) - met - not_met,
        told=tally(cell.told.found for _facts, cell in held if cell.told),
        lines=[_line(facts, cell) for facts, cell in held],
    )


def _line(facts: IndicatorFacts, cell: Cell) -> ResultLine:
    told = cell.told
    return ResultLine(
        code=facts.code,
        name=facts.short_name or facts.name,
        target=cell.target,
        shown=(told.words if told else "") or cell.shown,
        state=FOUND[told.found] if told else STATES[cell.verdict],
        word=told.found.label if told else cell.verdict.label,
    )
