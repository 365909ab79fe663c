"""Plans as pages show them: the tree, one plan with everything in its text, its indicators."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from campaigns import policies
from campaigns.models import (
    Assignment,
    Campaign,
    Period,
    Phase,
    ReportingDuty,
    Section,
)
from campaigns.models.text import LegalAct, LegalBasis, PlanLine, Recipient, Remark, RouteStep
from campaigns.queries.amendments import AmendmentLine, amendment_lines
from campaigns.queries.due import RHYTHMS, duty_due
from campaigns.rules import DutyDay, by_closing
from criteria.models import Group, Indicator, ScoreTable
from criteria.queries import rules_of, texts_of
from units.models import User
from units.queries import Happening, history
from units.rules import fold

VERBS = {
    "campaign.issued": "ban hành kế hoạch",
    "campaign.closed": "tổng kết kế hoạch",
    "campaign.units_enrolled": "ghi danh đơn vị",
    "campaign.unit_left": "cho thôi tham gia",
    "campaign.period_closed": "khóa kỳ báo cáo",
    "campaign.leads_first": "yêu cầu đơn vị chủ trì xác nhận trước khi thẩm định",
    "campaign.leads_any_time": "cho thẩm định không đợi đơn vị chủ trì xác nhận",
    "campaign.period_moved": "đổi ngày khóa kỳ báo cáo",
    "campaign.loaded": "nạp kế hoạch",
    "campaign.amended": "điều chỉnh kế hoạch",
    "campaign.scoring_withdrawn": "bỏ phiếu chấm điểm còn trống để mở lại theo bảng mới",
}


# --- the tree of plans ----------------------------------------------------------------------------
@dataclass(frozen=True)
class PlanNode:
    """A plan with those that carry it out; `found` False: shown only because of a plan below."""

    campaign: Campaign
    members: int
    found: bool
    children: list["PlanNode"] = field(default_factory=list)


def plan_tree(
    user: User, *, state: str = "", year: int | None = None, text: str = ""
) -> tuple[list[PlanNode], int]:
    """The plans that `user` may see, as trees, and how many fit the filter; one SQL query.

    A plan whose parent is not visible to him stands at the top.
    """
    joined = Count("participations", filter=Q(participations__left_on__isnull=True))
    rows = list(
        policies.viewable_campaigns(user)
        .select_related("issuer", "bloc", "level", "parent")
        .annotate(members=joined)
        .order_by("level__rank", "-period_from", "short_title", "pk")
    )
    found = {row.pk for row in rows if _fits(row, state, year, fold(text))}
    children: dict[int | None, list[Campaign]] = {}
    seen = {row.pk for row in rows}
    for row in rows:
        children.setdefault(row.parent_id if row.parent_id in seen else None, []).append(row)
    return _branch(children, None, found), len(found)


def _branch(
    children: dict[int | None, list[Campaign]], parent: int | None, found: set[int]
) -> list[PlanNode]:
    nodes = []
    for row in children.get(parent, []):
        below = _branch(children, row.pk, found)
        if row.pk in found or below:
            members = row.members  # type: ignore[attr-defined]
            nodes.append(PlanNode(row, members, row.pk in found, below))
    return nodes


def _fits(row: Campaign, state: str, year: int | None, wanted: str) -> bool:
    words = fold(f"{row.title} {row.short_title} {row.theme} {row.number_text} {row.issuer_name}")
    return (
        (not state or row.state == state)
        and (year is None or row.period_from.year <= year <= row.period_to.year)
        and wanted in words
    )


# --- one plan -------------------------------------------------------------------------------------
@dataclass(frozen=True)
class DutyLine:
    duty: ReportingDuty
    due: DutyDay
    to: str


@dataclass(frozen=True)
class PhaseLine:
    phase: Phase
    state: str  # done, now or "" on the day the page is read


@dataclass(frozen=True)
class PlanPage:
    """Everything in a plan's text, in the order of its paper."""

    campaign: Campaign
    sections: list[Section]
    assignments: list[Assignment]
    route: list[RouteStep]
    legal_bases: list[LegalBasis]
    recipients: list[Recipient]
    remarks: list[Remark]
    phases: list[PhaseLine]
    periods: list[Period]
    duties: list[DutyLine]
    amendments: list[AmendmentLine]
    parent_seen: bool
    children: list[Campaign]
    happened: list[Happening]
    members: int


def plan_page(campaign: Campaign, user: User, today: date) -> PlanPage:
    """A fixed number of SQL queries, one a part. Needs issuer, bloc, level, parent selected."""
    seen = policies.viewable_campaigns(user)
    related = list(
        seen.filter(Q(parent=campaign) | Q(pk=campaign.parent_id)).select_related(
            "issuer", "bloc", "level"
        )
    )
    periods = list(campaign.periods.all())
    return PlanPage(
        campaign=campaign,
        sections=_lines(Section, campaign),
        assignments=_lines(Assignment, campaign, "unit"),
        route=_lines(RouteStep, campaign, "unit"),
        legal_bases=_lines(LegalBasis, campaign),
        recipients=_lines(Recipient, campaign),
        remarks=_lines(Remark, campaign),
        phases=[PhaseLine(p, phase_state(p, today)) for p in campaign.phases.all()],
        periods=periods,
        duties=duty_lines(campaign, periods, today),
        amendments=amendment_lines(campaign),
        parent_seen=any(row.pk == campaign.parent_id for row in related),
        children=[row for row in related if row.parent_id == campaign.pk],
        happened=history(campaign, verbs=VERBS),
        members=campaign.participations.filter(left_on__isnull=True).count(),
    )


@dataclass(frozen=True)
class ActLine:
    """A legal act of the registry and whether it is in force today: "now", "later", "ended", or
    "unknown" where the registry has no day to tell by."""

    act: LegalAct
    state: str


def legal_acts(today: date) -> list[ActLine]:
    """Those in force first, each kind newest first; one SQL query."""

    def state(act: LegalAct) -> str:
        if act.valid_to and act.valid_to < today:
            return "ended"
        if act.valid_to is None and (act.replaced_by or act.valid_from is None):
            return "unknown"
        return "later" if act.valid_from and today < act.valid_from else "now"

    lines = [ActLine(act, state(act)) for act in LegalAct.objects.select_related("replaced_by")]
    return sorted(lines, key=lambda line: ("now", "later", "unknown", "ended").index(line.state))


def _lines(model: type[PlanLine], campaign: Campaign, *related: str) -> list:  # type: ignore[type-arg]
    rows = model._default_manager.filter(campaign=campaign).order_by("order", "pk")
    return list(rows.select_related(*related) if related else rows)


def phase_state(phase: Phase, today: date) -> str:
    """Whether a phase lies behind, is under way, or is still to come."""
    ends = phase.held_on or phase.period_to
    if ends and ends < today:
        return "done"
    starts = phase.period_from or phase.held_on
    return "now" if starts and starts <= today else ""


def duty_lines(campaign: Campaign, periods: Iterable[Period], today: date) -> list[DutyLine]:
    """Every duty with its next day: this year's, or next year's once this one is past, within the
    years of the plan. The sheets of units that are owed on no day are owed before the period
    closes that closes next."""
    lines = []
    for duty in campaign.duties.select_related("owed_to"):
        first, last = campaign.period_from.year, campaign.period_to.year
        year = min(max(today.year, first), last)
        due = duty_due(duty, year)
        if due.due_on and due.due_on < today and duty.on is None and year < last:
            due = duty_due(duty, year + 1)
        closing = _next_closing(duty, periods, today)
        if closing and due.due_on is None:
            due = by_closing(due, closing)
        to = duty.owed_to_text or (duty.owed_to.name if duty.owed_to else "")
        lines.append(DutyLine(duty, due, to))
    return lines


def _next_closing(duty: ReportingDuty, periods: Iterable[Period], today: date) -> date | None:
    """The day after which the next period of a duty of units closes, or the last one did."""
    asked = duty.what == ReportingDuty.What.REPORT and duty.owed_by == ReportingDuty.Owner.MEMBERS
    days = sorted(
        period.closes_on
        for period in periods
        if asked and RHYTHMS[Period.Kind(period.kind)] == duty.rhythm
    )
    return next((day for day in days if day >= today), days[-1] if days else None)


# --- indicators -----------------------------------------------------------------------------------
@dataclass(frozen=True)
class IndicatorLine:
    indicator: Indicator
    targets: list[tuple[str, str]]
    co_units: str
    summed: str
    """The codes of the indicators that it is the total of."""


@dataclass(frozen=True)
class GroupTable:
    group: Group
    whom: str
    lines: list[IndicatorLine]


def indicator_tables(campaign: Campaign) -> list[GroupTable]:
    """A plan's indicators per group, targets in words; seven SQL queries."""
    groups = Group.objects.filter(criteria_set=campaign.criteria_set_id)
    by_group: dict[int, list[Indicator]] = {}
    asked = list(
        Indicator.objects.filter(criteria_set=campaign.criteria_set_id)
        .select_related("lead_unit", "of_which", "derived_from__group", "group")
        .prefetch_related("co_units", "levels")
    )
    for indicator in asked:
        by_group.setdefault(indicator.group_id, []).append(indicator)
    rules, codes = rules_of(asked), {indicator.ref: indicator.code for indicator in asked}
    return [
        GroupTable(
            group,
            _whom(group),
            [
                IndicatorLine(
                    indicator,
                    texts_of(indicator, rules[indicator.pk]),
                    _names(indicator.co_units.all()),
                    _names(codes[ref] for ref in indicator.sum_of if ref in codes),
                )
                for indicator in by_group.get(group.pk, [])
            ],
        )
        for group in groups.prefetch_related("unit_kinds", "units")
    ]


def _whom(group: Group) -> str:
    """Which units a group measures, by kind and by name; "" for all that take part."""
    return _names([*group.unit_kinds.all(), *group.units.all()])


def _names(rows: Iterable[object]) -> str:
    return ", ".join(str(row) for row in rows)


def plan_rows(user: User) -> QuerySet[Campaign]:
    """What every tab of a plan starts from; `scores` tells whether there is anything to score."""
    tables = ScoreTable.objects.filter(criteria_set=OuterRef("criteria_set"))
    rows = policies.viewable_campaigns(user).annotate(scores=Exists(tables))
    return rows.select_related("issuer", "bloc", "level", "parent", "standing_agency")


def chosen_period(
    campaign: Campaign, query: Mapping[str, str], today: date
) -> tuple[list[Period], Period | None]:
    """The plan's periods and the one that an address asks for, else the one under way or just past.

    Every page says `ky`; links kept from before say `period` on some.
    """
    ref = query.get("ky") or query.get("period", "")
    periods = list(campaign.periods.order_by("period_from", "pk"))
    wanted = [period for period in periods if period.ref == ref]
    begun = [period for period in periods if period.period_from <= today]
    best = wanted or begun[-1:] or periods[:1]
    return periods, best[0] if best else None
