"""What units pledged, beside what they did: the level registered for the year, and whether it was
kept. The number of SQL queries is one, none for a plan of no bloc."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

from django.db.models import Exists, OuterRef, QuerySet

from campaigns import policies
from campaigns.models import Campaign, Participation, Period, Pledge, PledgeLine
from campaigns.queries.facts import target_for
from campaigns.queries.figured import Cell
from campaigns.queries.frame import Frame
from campaigns.queries.pledges import rule_of_line, words_of_line
from campaigns.queries.rollup import Alike, Rollup, rollup
from campaigns.rules import judgement
from criteria.models import Indicator
from criteria.rules import LEVEL, Form, Verdict, asks_more, form_of
from units.models import Unit, User

SIGNED = Pledge.State.SIGNED
Key = tuple[int, int, int]  # year, unit, indicator


@dataclass(frozen=True)
class Promise:
    """What one unit registered for one indicator in words, and what became of it: whether that is
    `stricter` than the target beside it, and whether the unit is held to it `alone`."""

    words: str
    verdict: Verdict
    stricter: bool
    alone: bool

    @property
    def kept(self) -> bool:
        return self.verdict == Verdict.MET

    @property
    def broken(self) -> bool:
        return self.verdict == Verdict.NOT_MET

    @property
    def tells(self) -> bool:
        """Whether it says anything that the cell beside it does not say already."""
        return self.stricter or (self.alone and self.broken)


@dataclass(frozen=True)
class Promises:
    """The signed pledges of a plan's bloc that one person may read."""

    lines: Mapping[Key, PledgeLine] = field(default_factory=dict)

    @property
    def by_change(self) -> bool:
        """Whether one is held against the figure of the year before, which then has to be read."""
        return any(line.basis != LEVEL for line in self.lines.values())

    def of(self, period: Period, indicator: int, cell: Cell) -> Promise | None:
        """A pledge is for a year, so only the figure of a whole year keeps it or does not."""
        line = self.lines.get((period.period_to.year, cell.unit, indicator))
        if line is None:
            return None
        rule, verdict = rule_of_line(line), Verdict.NOT_JUDGED
        if period.kind == Period.Kind.YEAR and line.value is not None:
            kind = line.indicator.kind
            verdict = judgement(
                cell.state, cell.measured, rule, kind=kind, before=cell.before
            ).verdict
        alone = cell.verdict == Verdict.NOT_JUDGED
        return Promise(words_of_line(line), verdict, asks_more(rule, cell.rule), alone)


@dataclass(frozen=True)
class Kept:
    """What became of the pledges of one indicator: how many units signed one, of how many it is
    known whether it was kept, how many kept it, how many asked more than the target of themselves.
    """

    units: int = 0
    told: int = 0
    kept: int = 0
    stricter: int = 0


def kept(
    frame: Frame,
    period: Period,
    indicator: Indicator,
    members: QuerySet[Participation],
    signed: Promises,
    counted: Collection[str],
) -> Kept:
    """What `Promises.of` tells of one unit, summed where the cells lie: each pledge is held to as a
    target of its unit alone. Two SQL queries, none where nobody pledged."""
    lines = {
        unit: line
        for (year, unit, pk), line in signed.lines.items()
        if (year, pk) == (period.period_to.year, indicator.pk)
    }
    if not lines:
        return Kept()
    own = {unit: replace(rule_of_line(line), unit=unit) for unit, line in lines.items()}
    here = replace(
        frame.only([period]), indicators=[indicator], rules={indicator.pk: list(own.values())}
    )
    units = Unit.objects.filter(pk__in=members.filter(unit__in=own).order_by().values("unit"))
    summed = _HeldToOwn(**vars(rollup(here, units, counted)))
    total = summed.totals[period.pk][indicator.pk]
    judged = period.kind == Period.Kind.YEAR
    rules = frame.rules[indicator.pk]
    return Kept(
        units=total.units,
        told=total.met + total.not_met if judged else 0,
        kept=total.met if judged else 0,
        stricter=sum(
            part.counts[period.pk]
            for part in summed.parts
            if asks_more(own[part.unit.pk], target_for(indicator, rules, period, part.facts)[0])
        ),
    )


class _HeldToOwn(Rollup):
    """Each unit is held to a rule of its own, whomever the plan measures."""

    def _form(self, indicator: Indicator, period: Period, part: Alike) -> Form | None:
        rules = self.frame.rules[indicator.pk]
        return form_of(next((rule for rule in rules if rule.unit == part.unit.pk), None))


def promises(campaign: Campaign, periods: Iterable[Period], user: User) -> Promises:
    """What holds in the years of `periods`: the newest that each member has signed."""
    if campaign.bloc_id is None:
        return Promises()
    years = {period.period_to.year for period in periods}
    newer = Pledge.objects.filter(
        round=OuterRef("pledge__round"),
        unit=OuterRef("pledge__unit"),
        version__gt=OuterRef("pledge__version"),
        state=SIGNED,
    )
    rows = PledgeLine.objects.filter(
        ~Exists(newer),
        indicator__criteria_set=campaign.criteria_set_id,
        pledge__in=policies.viewable_pledges(user),
        pledge__round__bloc=campaign.bloc_id,
        pledge__round__year__in=years,
        pledge__state=SIGNED,
    )
    return Promises(
        {
            (line.pledge.round.year, line.pledge.unit_id, line.indicator_id): line
            for line in rows.select_related("pledge__round", "indicator__derived_from")
        }
    )
