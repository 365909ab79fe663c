"""What a person has to do here: sheets to enter and to sign, who owes him, what he leads."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Exists, OuterRef, Prefetch, Q

from campaigns import policies
from campaigns.models import (
    Campaign,
    Evidence,
    Participation,
    Period,
    Result,
    ResultSheet,
)
from campaigns.queries.due import owed_by_members, sheet_due
from campaigns.queries.extensions import extended_days, still_extended
from campaigns.queries.marks import waiting_counts
from campaigns.queries.members import measured_groups, sent_counts
from campaigns.queries.presence import in_this_period, takes_part
from campaigns.queries.reviews import is_frozen, open_flags, scope_of
from campaigns.queries.totals import sum_doubts, sums_over_units
from campaigns.queries.waiting import results_before
from campaigns.rules import Doubt, DutyDay, left_to_do
from criteria.models import Indicator
from units.models import User


@dataclass(frozen=True)
class SheetLine:
    """A sheet to fill, begun or not: one member, one open period."""

    participation: Participation
    period: Period
    sheet: ResultSheet | None
    due: DutyDay
    may_sign: bool

    @property
    def state(self) -> str:
        return self.sheet.state if self.sheet else ""


def open_periods(today: date) -> Q:
    """Periods for which sheets may be opened: begun, not closed, of a plan that is under way."""
    return _running(today) & _taking(today)


def _running(today: date) -> Q:
    return Q(period_from__lte=today, campaign__state=Campaign.State.ISSUED)


def _taking(today: date) -> Q:
    return Q(closes_on__gte=today, closed_at__isnull=True)


def sheets_to_fill(user: User, today: date) -> list[SheetLine]:
    """Every member whose results `user` enters × every period open for it; six SQL queries."""
    signs = Participation.objects.filter(pk=OuterRef("pk"), unit__in=policies.signable_units(user))
    parts = list(
        policies.enterable_participations(user)
        .filter(campaign__state=Campaign.State.ISSUED)
        .annotate(signs=Exists(signs))
        .select_related("unit__kind", "campaign")
        .prefetch_related(
            Prefetch(
                "campaign__periods",
                Period.objects.filter(_running(today) & (_taking(today) | still_extended(today))),
                to_attr="running",
            ),
            Prefetch("campaign__duties", owed_by_members(), to_attr="owed"),
        )
        .order_by("campaign__short_title", "unit__name", "pk")
    )
    keys = [part.pk for part in parts]
    sheets = {
        (sheet.participation_id, sheet.period_id): sheet
        for sheet in ResultSheet.objects.filter(participation__in=keys).select_related(
            "returned_by", "period", "participation__campaign"
        )
    }
    running = {period.pk for part in parts for period in part.campaign.running}  # type: ignore[attr-defined]
    until = extended_days(periods=running, participations=keys)
    return [
        SheetLine(
            part,
            period,
            sheets.get((part.pk, period.pk)),
            sheet_due(part.campaign.owed, period, part.unit, until.get((part.pk, period.pk))),  # type: ignore[attr-defined]
            part.signs,
        )
        for part in parts
        for period in part.campaign.running  # type: ignore[attr-defined]
        if takes_part(part, period) and period.is_open(today, until.get((part.pk, period.pk)))
    ]


def left_on_sheets(lines: list[SheetLine]) -> dict[int, int]:
    """How many indicators each begun sheet of `lines` still lacks, by its key.

    The same answer as `remaining`, for many sheets at once: eight SQL queries, two more where a
    sheet was returned, none for no sheet.
    """
    begun = {line.sheet.pk: line for line in lines if line.sheet}
    if not begun:
        return {}
    groups = measured_groups([(line.participation, line.period) for line in begun.values()])
    files = Evidence.objects.filter(result=OuterRef("pk"), removed_at__isnull=True)
    results = Result.objects.filter(result_sheet__in=begun).annotate(proved=Exists(files))
    held = {(result.result_sheet_id, result.indicator_id): result for result in results}
    before = results_before([line.sheet for line in begun.values() if line.sheet])

    flags = open_flags([line.sheet for line in begun.values() if line.sheet])

    sums: dict[int, dict[int, list[Doubt]]] = {}
    scopes = {}
    for pk, line in begun.items():
        mine = groups[line.participation.pk, line.period.pk]
        asked = {one.pk: one for group in mine for one in group.asked}  # type: ignore[attr-defined]
        results_here = {key: held[pk, key] for key in asked if (pk, key) in held}
        sums[pk] = sum_doubts(asked, results_here, sums_over_units(asked, line.period))
        scopes[pk] = scope_of(flags.get(pk, {}), asked)

    def lacks(sheet_pk: int, indicator: Indicator) -> bool:
        result, line = held.get((sheet_pk, indicator.pk)), begun[sheet_pk]
        if result is None or line.sheet is None:
            return True
        told = before.doubts(line.sheet, indicator, result)
        return bool(
            left_to_do(
                result.state,
                problem=result.problem,
                proved=result.proved or not indicator.evidence_required,  # type: ignore[attr-defined]
                doubts=[*told, *sums[sheet_pk].get(indicator.pk, [])],
                reason=result.reason,
                frozen=is_frozen(indicator.pk, result, line.sheet, scopes[sheet_pk]),
            )
        )

    return {
        pk: sum(
            lacks(pk, indicator)
            for group in groups[line.participation.pk, line.period.pk]
            for indicator in group.asked  # type: ignore[attr-defined]
        )
        for pk, line in begun.items()
    }


def mended_sheets(lines: list[SheetLine]) -> set[int]:
    """The keys of returned sheets on which every marked cell was worked on since; where none was
    marked, any cell. Three SQL queries, none where no sheet was returned."""
    sheets = [line.sheet for line in lines if line.state == ResultSheet.State.RETURNED]
    returned = {sheet.pk: sheet for sheet in sheets if sheet is not None}
    if not returned:
        return set()
    flags = open_flags(list(returned.values()))
    writes = Result.objects.filter(result_sheet__in=returned)
    files = Evidence.objects.filter(result__result_sheet__in=returned, removed_at__isnull=True)
    worked: dict[int, set[int]] = defaultdict(set)
    for pk, indicator, at in [
        *writes.values_list("result_sheet", "indicator", "saved_at"),
        *files.values_list("result__result_sheet", "result__indicator", "uploaded_at"),
    ]:
        since = returned[pk].returned_at
        if since is not None and at > since:
            worked[pk].add(indicator)
    return {pk for pk in returned if worked[pk] and flags.get(pk, {}).keys() <= worked[pk]}


@dataclass(frozen=True)
class Owing:
    """A period of a campaign that `user`'s office stands over: who has sent."""

    period: Period
    members: int
    sent: int
    due: DutyDay


def who_owes(user: User, today: date) -> list[Owing]:
    """Periods of the campaigns that the user's office stands over which are open; three SQL
    queries. Two more where the last day is over and units were given time: of these alone."""
    joined = Count("campaign__participations", filter=in_this_period())
    periods = list(
        policies.verifiable_periods(user)
        .filter(open_periods(today) | _running(today) & still_extended(today))
        .select_related("campaign")
        .prefetch_related(Prefetch("campaign__duties", owed_by_members(), to_attr="owed"))
        .annotate(members=joined)
        .order_by("period_to", "pk")
    )
    over = [period for period in periods if not period.is_open(today)]
    sent, given = sent_counts([period.pk for period in periods]), _given_time(over, today)
    found = []
    for one in periods:
        mine, members, done = given.get(one.pk), one.members, sent.get(one.pk, 0)
        if mine:
            members, done = len(mine.until), mine.sent
        day = max(mine.until.values()) if mine else None
        if members:
            due = sheet_due(one.campaign.owed, one, until=day)  # type: ignore[attr-defined]
            found.append(Owing(one, members, done, due))
    return found


@dataclass
class _GivenTime:
    until: dict[int, date]  # by the key of the participation
    sent: int = 0


def _given_time(periods: Sequence[Period], today: date) -> dict[int, _GivenTime]:
    """The members that still have time, by the key of a period whose last day is over."""
    if not periods:
        return {}
    found: dict[int, _GivenTime] = {}
    for (part, period), until in extended_days(periods=[one.pk for one in periods]).items():
        if until >= today:
            found.setdefault(period, _GivenTime({})).until[part] = until
    sent = ResultSheet.objects.filter(period__in=found).exclude(state__in=ResultSheet.EDITABLE)
    for part, period in sent.values_list("participation", "period"):
        found[period].sent += part in found[period].until
    return found


@dataclass(frozen=True)
class Led:
    """Indicators of one plan that an office leads; who has answered them in the latest period."""

    period: Period
    indicators: int
    members: int
    sent: int
    due: DutyDay
    waiting: int


def led_indicators(user: User, today: date) -> list[Led]:
    """What `user`'s office leads, one line a plan; twelve SQL queries at the most."""
    led: dict[int, set[int]] = defaultdict(set)
    rows = Indicator.objects.filter(lead_unit__in=policies.led_units(user))
    for pk, ruler in rows.values_list("pk", "group__criteria_set"):
        led[ruler].add(pk)
    if not led:
        return []
    begun = Period.objects.filter(
        campaign__criteria_set__in=led,
        campaign__state=Campaign.State.ISSUED,
        period_from__lte=today,
    )
    periods = list(
        begun.order_by("campaign_id", "-period_from", "-pk")
        .distinct("campaign_id")
        .select_related("campaign")
        .prefetch_related(Prefetch("campaign__duties", owed_by_members(), to_attr="owed"))
    )
    latest = {period.campaign_id: period for period in periods}
    parts = Participation.objects.filter(campaign__in=latest).select_related("unit", "campaign")
    members = [(p, latest[p.campaign_id]) for p in parts if takes_part(p, latest[p.campaign_id])]
    groups = measured_groups(members)
    asked: dict[int, set[int]] = defaultdict(set)
    for part, period in members:
        wanted = led[part.campaign.criteria_set_id]
        for group in groups[part.pk, period.pk]:
            if wanted.intersection(indicator.pk for indicator in group.asked):  # type: ignore[attr-defined]
                asked[period.pk].add(part.pk)
    sent: dict[int, set[int]] = defaultdict(set)
    sheets = ResultSheet.objects.filter(period__in=periods).exclude(state__in=ResultSheet.EDITABLE)
    for period_pk, part_pk in sheets.values_list("period", "participation"):
        sent[period_pk].add(part_pk)
    waiting = waiting_counts(
        [period.pk for period in periods], [pk for pks in led.values() for pk in pks]
    )
    return [
        Led(
            period,
            len(led[period.campaign.criteria_set_id]),
            len(asked[period.pk]),
            len(asked[period.pk] & sent[period.pk]),
            sheet_due(period.campaign.owed, period),  # type: ignore[attr-defined]
            sum(waiting[period.pk].values()),
        )
        for period in periods
        if asked[period.pk]
    ]
