"""What has changed since the facts of a report were frozen.

Derived, never stored: nothing below knows that a report exists.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q, QuerySet

from awards.queries import awards_of
from campaigns.models import Campaign, Participation, Period, ResultSheet
from campaigns.queries import in_period, yardsticks
from criteria.rules import amended_sentence
from reports.models import Report
from reports.queries.reading import accepted_sheets, awarded_until, below
from units.models import Unit


@dataclass(frozen=True)
class Staleness:
    """What was verified, changed, withdrawn or amended since the facts of a report were frozen, who
    joined or left, how many were commended."""

    changed: int
    added: int
    gone: int
    amended: str  # which amendment changed what is asked in the period, in a sentence
    joined: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    granted: int = 0
    withdrawn: int = 0

    @property
    def of_sheets(self) -> bool:
        return bool(self.changed or self.added or self.gone)

    @property
    def of_members(self) -> bool:
        return bool(self.joined or self.left)

    @property
    def of_awards(self) -> bool:
        return bool(self.granted or self.withdrawn)

    def __bool__(self) -> bool:
        return self.of_sheets or bool(self.amended) or self.of_members or self.of_awards


def staleness(report: Report) -> Staleness:
    """Compare what the frozen facts read with what they would read now: the revisions of sheets,
    the targets, the members, the awards."""
    facts = report.snapshot or {}
    read = {int(pk): revision for pk, revision in facts["revisions"].items()}
    asked = facts.get("targets", {})  # older facts have none
    periods = Period.objects.filter(pk__in=asked).select_related("campaign")
    earlier = ResultSheet.objects.filter(  # read for targets on the change against the year before
        pk__in=read,
        state__in=ResultSheet.ACCEPTED,
        period__period_to__lt=report.period.period_from,
    )
    counted = accepted_sheets(report.campaign, report.period, report.scope)
    now = dict(counted.values_list("pk", "revision")) | dict(earlier.values_list("pk", "revision"))
    children = below(report.campaign, report.period)
    members = _members_read(facts)
    held = _members(report, children) if "members" in facts else {}  # older facts have none
    awards, granted = _awards_read(facts), _awards(report, children)
    return Staleness(
        changed=sum(read[pk] != revision for pk, revision in now.items() if pk in read),
        added=len(now.keys() - read.keys()),
        gone=len(read.keys() - now.keys()),
        amended=amended_sentence(yardsticks(periods), asked, "sau bản này"),
        joined=sorted(name for key, name in held.items() if key not in members),
        left=sorted(name for key, name in members.items() if key not in held),
        granted=(granted - awards).total(),
        withdrawn=(awards - granted).total(),
    )


Member = tuple[str, str]  # the refs of the plan below, "" for the report's own, and of the unit
Award = tuple[str, str, str, str]


def _members_read(facts: Any) -> dict[Member, str]:
    return {(row["plan_ref"], row["ref"]): row["unit"] for row in facts.get("members", [])}


def _members(report: Report, children: list[tuple[Campaign, Period | None]]) -> dict[Member, str]:
    """Who would be counted now, of the plan and of those below; one SQL query."""
    there = Q(campaign=report.campaign) & in_period(report.period)
    for child, same in children:
        if same:
            there |= Q(campaign=child) & in_period(same)
    rows = Participation.objects.filter(there).order_by()
    if (units := _units(report)) is not None:
        rows = rows.filter(unit__in=units)
    refs = {child.pk: child.ref for child, _same in children}
    found = rows.values_list("campaign", "unit__ref", "unit__name")
    return {(refs.get(plan, ""), ref): name for plan, ref, name in found}


def _awards_read(facts: Any) -> Counter[Award]:
    return Counter(
        (row["name"], row["unit"], row["form"], row["decision"]) for row in facts["granted"]
    )


def _awards(report: Report, children: list[tuple[Campaign, Period | None]]) -> Counter[Award]:
    """Those that would be told now; one SQL query."""
    first, last = report.period.period_from, awarded_until(report.period)
    plans = [report.campaign, *(child for child, _same in children)]
    rows = awards_of(*plans, date_from=first, date_to=last, units=_units(report))
    return Counter((row.name, row.unit, row.form, row.decision) for row in rows)


def _units(report: Report) -> QuerySet[Unit] | None:
    """The part of the tree that a report looks at; None for all of it."""
    if report.scope_id == report.campaign.issuer_id:
        return None
    return Unit.objects.filter(path__startswith=report.scope.path)
