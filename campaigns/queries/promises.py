"""What units pledged, beside what they did: the level registered for the year, and whether it was
kept. The number of SQL queries is one, none for a plan of no bloc."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.db.models import Exists, OuterRef

from campaigns import policies
from campaigns.models import Campaign, Period, Pledge, PledgeLine
from campaigns.queries.figured import Cell
from campaigns.queries.pledges import rule_of_line, words_of_line
from campaigns.rules import REPORTED, judgement
from criteria.rules import Verdict
from units.models import User

SIGNED = Pledge.State.SIGNED
Key = tuple[int, int, int]  # year, unit, indicator


@dataclass(frozen=True)
class Promise:
    """What one unit registered for one indicator in words, and what became of it."""

    words: str
    verdict: Verdict

    @property
    def kept(self) -> bool:
        return self.verdict == Verdict.MET

    @property
    def broken(self) -> bool:
        return self.verdict == Verdict.NOT_MET


@dataclass(frozen=True)
class Promises:
    """The signed pledges of a plan's bloc that one person may read."""

    lines: Mapping[Key, PledgeLine] = field(default_factory=dict)

    def of(self, period: Period, indicator: int, cell: Cell, before: Cell | None) -> Promise | None:
        """A pledge is for a year, so only the figure of a whole year keeps it or does not; one on
        the change needs the figure of the year `before`."""
        line = self.lines.get((period.period_to.year, cell.unit, indicator))
        if line is None:
            return None
        verdict = Verdict.NOT_JUDGED
        if period.kind == Period.Kind.YEAR and line.value is not None:
            held = judgement(
                cell.state,
                cell.measured,
                rule_of_line(line),
                kind=line.indicator.kind,
                before=before.measured if before and before.state == REPORTED else None,
            )
            verdict = held.verdict
        return Promise(words_of_line(line), verdict)


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


def year_before(period: Period, periods: Iterable[Period]) -> Period | None:
    """The same period a year earlier, among those that were read."""
    began = period.period_from
    wanted = (period.kind, began.year - 1, began.month)
    held = {(one.kind, one.period_from.year, one.period_from.month): one for one in periods}
    return held.get(wanted)
