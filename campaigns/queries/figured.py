"""The figures of a plan as plain values: an indicator, a unit, one cell, one row, the whole.

A report freezes them and a dossier prints them.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from campaigns.models import Campaign, Period
from campaigns.queries.marks import Assessment
from campaigns.rules import NOTHING, REPORTED, Compared, Found, Tally, assessed_words, measured_of
from criteria.models import Indicator
from criteria.rules import Measured, Rule, Verdict


@dataclass(frozen=True)
class IndicatorFacts:
    """An indicator as a paper names it; `source_ref` is what a derived one is computed from."""

    pk: int
    ref: str
    code: str
    name: str
    short_name: str
    heading: str
    kind: str
    kind_label: str
    measure_unit: str
    numerator_label: str
    denominator_label: str
    group_ref: str
    group_name: str
    measured: str
    order: int
    lead_unit: str
    derivation: str
    source_ref: str
    of_which_ref: str
    is_default: bool
    cumulative: bool
    external: str
    by_hand: bool


@dataclass(frozen=True)
class UnitRow:
    """A participating unit and its sheet; `accepted` when its figures are counted."""

    pk: int
    ref: str
    name: str
    kind: str
    kind_name: str
    level: str | None
    sheet_pk: int | None
    state: str
    state_label: str
    accepted: bool
    sent_at: datetime | None
    left_on: date | None  # from which day it takes part no longer


@dataclass(frozen=True)
class Told:
    """How an answer in words stands: what somebody `found`, by which level, who and why; `claim` is
    the level that the unit claims."""

    found: Found
    level: str = ""
    claim: str = ""
    by: str = ""
    why: str = ""
    lapsed: str = ""
    """What was found before the answer changed."""

    @property
    def words(self) -> str:
        """The level that counts; the claim beside it where that is another."""
        if self.found == Found.WAITING:
            claim = f"tự nhận mức “{self.claim}”" if self.claim else ""
            before = f"đã đổi từ khi xét {self.lapsed}" if self.lapsed else ""
            return ", ".join(filter(None, (claim, before)))
        other = self.claim if self.claim != self.level else ""
        return assessed_words(self.level, other, None)

    @property
    def sentence(self) -> str:
        """ "Chưa đạt, mức “Kém” (tự nhận “Tốt”): Thiếu tệp"."""
        said = ", ".join(filter(None, (self.found.label, self.words)))
        return f"{said}: {self.why}" if self.why else said


def told_of(one: Assessment) -> Told:
    claim, mark = str(one.claim or ""), one.mark
    if mark is None:
        lapsed = one.lapsed.words if one.lapsed else ""
        return Told(one.found, level=claim, claim=claim, lapsed=lapsed)
    by = f"{mark.by}, {mark.get_office_display()}"
    return Told(one.found, str(mark.level or ""), claim, by, mark.reason)


@dataclass(frozen=True)
class Cell:
    """One indicator of one unit, as accepted. `told` is set for an answer in words: how it stands
    is counted apart from the verdicts on what is measured."""

    unit: int
    state: str
    numerator: Decimal | None
    denominator: Decimal | None
    value: Decimal | None
    yes: bool | None
    text: str
    reason: str
    percent: Decimal | None
    digits: int
    shown: str
    verdict: Verdict
    target: str
    why: str
    shortfall: str
    sheet_pk: int | None
    mark: Decimal | None
    """The number that the result was held against, None where it was not."""
    rule: Rule | None = None
    """What `target` says in words."""
    before: Measured | None = None
    """What was reported of the same period a year before, where that was read."""
    told: Told | None = None

    @property
    def measured(self) -> Measured:
        return measured_of(self.numerator, self.denominator, self.value, self.yes)

    @property
    def answered(self) -> bool:
        """Whether the unit reported, be it that there was nothing to report."""
        return self.state in (REPORTED, NOTHING)

    @property
    def hit(self) -> bool:
        """Whether the unit counts for a derived share: yes, its target met, found to be met."""
        if self.told:
            return self.told.found == Found.MET
        return bool(self.yes) if self.yes is not None else self.verdict == Verdict.MET


@dataclass(frozen=True)
class Total:
    """What the cells of one indicator come to; `hits` are the units that a derived share counts."""

    units: int = 0
    reported: int = 0
    nothing: int = 0
    not_applicable: int = 0
    met: int = 0
    not_met: int = 0
    hits: int = 0
    told: Tally = field(default_factory=Tally)
    measured: Measured = field(default_factory=Measured)
    compared: Compared = field(default_factory=Compared)

    @property
    def answered(self) -> int:
        """Units that reported, be it that there was nothing to report."""
        return self.reported + self.nothing

    @property
    def missing(self) -> int:
        return self.units - self.answered - self.not_applicable


@dataclass(frozen=True)
class Figure:
    """One indicator over all units. Of a derived one the counts are those of its source."""

    indicator: IndicatorFacts
    reported: int
    nothing: int
    not_applicable: int
    missing: int
    met: int
    not_met: int
    hits: int
    told: Tally
    numerator: Decimal | None
    denominator: Decimal | None
    value: Decimal | None
    percent: Decimal | None
    digits: int
    shown: str
    target: str
    why: str
    verdict: Verdict
    shortfall: str
    mark: Decimal | None
    cells: dict[int, Cell] = field(default_factory=dict)

    @property
    def measured(self) -> Measured:
        return Measured(self.numerator, self.denominator, self.value)

    @property
    def units(self) -> int:
        """How many units the indicator measures."""
        return self.reported + self.nothing + self.not_applicable + self.missing


@dataclass(frozen=True)
class Figures:
    """`revisions` says which version of which sheet was read, so that staleness can be told."""

    campaign: Campaign
    period: Period
    units: list[UnitRow]
    indicators: list[Figure]
    revisions: dict[int, int]

    @property
    def reported_units(self) -> list[UnitRow]:
        return [unit for unit in self.units if unit.accepted]

    @property
    def silent_units(self) -> list[UnitRow]:
        return [unit for unit in self.units if not unit.accepted]


def external_words(indicator: Indicator) -> str:
    """What it is called in the set of another programme, "" where it is the plan's own."""
    code = indicator.external_code
    return f"chỉ tiêu {code} của {indicator.external_set}" if code else ""


def indicator_facts(indicator: Indicator) -> IndicatorFacts:
    return IndicatorFacts(
        pk=indicator.pk,
        ref=indicator.ref,
        code=indicator.code,
        name=indicator.name,
        short_name=indicator.short_name,
        heading=indicator.heading,
        kind=indicator.kind,
        kind_label=indicator.get_kind_display(),
        measure_unit=indicator.measure_unit,
        numerator_label=indicator.numerator_label,
        denominator_label=indicator.denominator_label,
        group_ref=indicator.group.ref,
        group_name=indicator.group.name,
        measured=indicator.group.measured,
        order=indicator.order,
        lead_unit=indicator.lead_unit.name if indicator.lead_unit else "",
        derivation=indicator.derivation,
        source_ref=indicator.derived_from.ref if indicator.derived_from else "",
        of_which_ref=indicator.of_which.ref if indicator.of_which else "",
        is_default=indicator.is_default,
        cumulative=indicator.cumulative,
        external=external_words(indicator),
        by_hand=indicator.by_hand,
    )
