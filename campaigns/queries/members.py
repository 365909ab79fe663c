"""Whom a plan measures: its groups, the units that fit them, those that take part."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Exists, F, Func, OuterRef, Prefetch, Q, QuerySet
from django.db.models.functions import ExtractYear

from campaigns import policies
from campaigns.models import Campaign, Participation, Period, Result, ResultSheet
from campaigns.queries.extensions import extended_days
from campaigns.queries.presence import in_own_period, was_there
from criteria.models import Group, Indicator
from units.models import BlocMembership, Unit, User
from units.policies import viewable_units
from units.rules import fold

OPEN_GROUPS = (Group.Measured.EACH, Group.Measured.SUM)


@dataclass(frozen=True)
class Ruler:
    """The groups of one plan with the units they name; answers whom each group measures.

    A group that names neither kinds nor units measures every unit taking part; one that is
    measured once is answered by the standing agency (of a bloc: the leader of the year).
    """

    groups: list[Group]
    standing: frozenset[int]
    kinds: dict[int, frozenset[str]]
    named: dict[int, frozenset[int]]

    def measures(self, group: Group, unit: Unit) -> bool:
        if group.measured == Group.Measured.ONCE:
            return unit.pk in self.standing
        if group.measured == Group.Measured.NOMINEE:
            return False
        kinds, named = self.kinds[group.pk], self.named[group.pk]
        return unit.kind_id in kinds or unit.pk in named or not (kinds or named)

    def condition(self, group: Group) -> Q:
        """The same as a condition on members."""
        if group.measured == Group.Measured.ONCE:
            return Q(unit__in=self.standing)
        kinds, named = self.kinds[group.pk], self.named[group.pk]
        return Q(unit__kind__in=kinds) | Q(unit__in=named) if kinds or named else Q()

    def names(self, unit: Unit) -> list[str]:
        return [group.name for group in self.groups if self.measures(group, unit)]


def ruler(campaign: Campaign, year: int) -> Ruler:
    """Four SQL queries for a bloc's plan, three for any other."""
    return rulers(campaign, [year])[year]


def rulers(campaign: Campaign, years: Iterable[int]) -> dict[int, Ruler]:
    """The ruler of each year; a bloc's plan costs one SQL query a year more."""
    groups = list(
        Group.objects.filter(criteria_set=campaign.criteria_set_id).prefetch_related(
            "unit_kinds", "units"
        )
    )
    return {year: _ruler(groups, standing_units(campaign, year)) for year in set(years)}


def _ruler(groups: list[Group], standing: Iterable[int]) -> Ruler:
    return Ruler(
        groups=groups,
        standing=frozenset(standing),
        kinds={g.pk: frozenset(k.pk for k in g.unit_kinds.all()) for g in groups},
        named={g.pk: frozenset(u.pk for u in g.units.all()) for g in groups},
    )


def measured_groups(
    members: Sequence[tuple[Participation, Period]],
) -> dict[tuple[int, int], list[Group]]:
    """The groups that measure each member in a period, for members of many plans at once.

    Each group carries `asked`, its indicators without the derived ones. Five SQL queries. The
    participations need `unit` and `campaign` selected.
    """
    sets, blocs = set(), set()
    for part, _period in members:
        sets.add(part.campaign.criteria_set_id)
        blocs.add(part.campaign.bloc_id)
    asked = Indicator.objects.exclude(kind=Indicator.Kind.DERIVED)
    groups: dict[int, list[Group]] = defaultdict(list)
    for group in Group.objects.filter(criteria_set__in=sets).prefetch_related(
        "unit_kinds", "units", Prefetch("indicators", asked, to_attr="asked")
    ):
        groups[group.criteria_set_id].append(group)
    heads = BlocMembership.objects.filter(bloc__in=blocs - {None}, role=BlocMembership.Role.HEAD)
    leads: dict[tuple[int | None, int], int | None] = {
        (bloc, year): unit for bloc, year, unit in heads.values_list("bloc", "year", "unit")
    }
    found = {}
    for part, period in members:
        plan, unit, year = part.campaign, part.unit, period.period_to.year
        answers = leads.get((plan.bloc_id, year), plan.standing_agency_id)
        rule = _ruler(groups[plan.criteria_set_id], [unit.pk] if answers == unit.pk else [])
        found[part.pk, period.pk] = [group for group in rule.groups if rule.measures(group, unit)]
    return found


def asking_groups(campaigns: Iterable[Campaign], unit: Unit) -> list[Group]:
    """The groups of several plans in which `unit` answers for itself, each with `asked`, its
    indicators without the derived ones; four SQL queries."""
    asked = Indicator.objects.exclude(kind=Indicator.Kind.DERIVED)
    sets = [campaign.criteria_set_id for campaign in campaigns]
    groups = Group.objects.filter(criteria_set__in=sets, measured__in=OPEN_GROUPS)
    rule = ruler_for(groups.prefetch_related(Prefetch("indicators", asked, to_attr="asked")))
    return [group for group in rule.groups if rule.measures(group, unit)]


def ruler_for(groups: QuerySet[Group]) -> Ruler:
    """The ruler of any groups, of whatever plans, without who stands over them; three SQL
    queries."""
    return _ruler(list(groups.prefetch_related("unit_kinds", "units")), [])


def standing_units(campaign: Campaign, year: int) -> list[int]:
    """Who answers in `year` for the plan as a whole: the leader of its bloc, where there is one the
    standing agency is not asked as well."""
    heads = heads_of(campaign.bloc_id, year).values_list("unit", flat=True)
    agency = [campaign.standing_agency_id] if campaign.standing_agency_id else []
    return (list(heads) if campaign.bloc_id else []) or agency


def heads_of(bloc: int | F | None, year: int | Func) -> QuerySet[BlocMembership]:
    return BlocMembership.objects.filter(bloc=bloc, year=year, role=BlocMembership.Role.HEAD)


def groups_measuring(campaign: Campaign, unit: Unit, year: int) -> QuerySet[Group]:
    """The same answer in SQL, for one unit."""
    agency = Q() if campaign.standing_agency_id == unit.pk else Q(pk__in=[])
    once = stands_for(campaign.bloc_id, year, unit.pk, agency)
    once &= Q(measured=Group.Measured.ONCE)
    return measuring(campaign.criteria_set_id, unit.kind_id, unit.pk, once)


def measuring(criteria_set: int | F, kind: str | F, unit: int | F, once: Q) -> QuerySet[Group]:
    """Groups that fit a unit of that kind, and those that `once` adds, which it answers for all."""
    fits = Q(unit_kinds=kind) | Q(units=unit) | Q(unit_kinds__isnull=True, units__isnull=True)
    return Group.objects.filter(criteria_set=criteria_set).filter(
        (Q(measured__in=OPEN_GROUPS) & fits) | once
    )


def stands_for(bloc: int | F | None, year: int | Func, unit: int | F, agency: Q) -> Q:
    """The condition that the unit answers for the plan as a whole; `agency`: that it is its
    standing agency."""
    heads = heads_of(bloc, year)
    return Q(Exists(heads.filter(unit=unit))) | (agency & ~Q(Exists(heads)))


def still_asked(results: QuerySet[Result]) -> QuerySet[Result]:
    """Those whose criterion their unit is asked by now, in SQL what `Ruler.measures` tells of one:
    a unit that is of another kind, or stands over the plan no more, keeps what it answered."""
    part = "result_sheet__participation__"
    unit, plan = f"{part}unit", f"{part}campaign__"
    fits = measuring(
        OuterRef(f"{plan}criteria_set"), OuterRef(f"{unit}__kind"), OuterRef(unit), Q(pk__in=[])
    )
    year = ExtractYear(OuterRef("result_sheet__period__period_to"))
    agency = Q(**{f"{plan}standing_agency": F(unit)})
    stands = stands_for(OuterRef(f"{plan}bloc"), year, OuterRef(unit), agency)
    return results.filter(
        Exists(fits.filter(pk=OuterRef("indicator__group")))
        | Q(indicator__group__measured=Group.Measured.ONCE) & stands
    )


# --- who may be enrolled --------------------------------------------------------------------------
@dataclass(frozen=True)
class Candidate:
    """A unit that the plan's groups fit; `groups` names them, `left_on` tells who was in before."""

    unit: Unit
    groups: list[str]
    enrolled: bool
    left_on: date | None = None


def candidates(campaign: Campaign, on: date) -> list[Candidate]:
    """Units alive on `on` that the plan's groups fit, whether they take part or not yet.

    Of a bloc's plan these are the bloc's members of the year; of any other the units of the
    groups' kinds under the issuer, those a group names wherever they stand, and the standing
    agency where it answers for the plan as a whole.
    """
    rule = ruler(campaign, on.year)
    kinds = frozenset().union(*rule.kinds.values()) if rule.kinds else frozenset()
    named = frozenset().union(*rule.named.values()) if rule.named else frozenset()
    if any(group.measured == Group.Measured.ONCE for group in rule.groups):
        named |= rule.standing
    members = BlocMembership.objects.filter(
        bloc=campaign.bloc_id, year=on.year, unit=OuterRef("pk")
    )
    under = Q(path__startswith=campaign.issuer.path, kind__in=kinds)
    fits = Exists(members) if campaign.bloc_id else under
    joined = {p.unit_id: p for p in campaign.participations.all()}
    alive = (Q(valid_from__isnull=True) | Q(valid_from__lte=on)) & (
        Q(valid_to__isnull=True) | Q(valid_to__gte=on)
    )
    units = Unit.objects.filter(alive & (fits | Q(pk__in=named))).select_related("kind")
    found = []
    for unit in units.order_by("kind__name", "name", "pk"):
        if names := rule.names(unit):
            part = joined.get(unit.pk)
            left = part.left_on if part else None
            found.append(Candidate(unit, names, part is not None and left is None, left))
    return found


# --- where each stands ----------------------------------------------------------------------------
@dataclass(frozen=True)
class Standing:
    """One member and its sheet of the chosen period; `state` "" means no sheet was begun."""

    participation: Participation
    sheet: ResultSheet | None
    until: date | None = None
    """The last day of a unit whose time was extended."""

    @property
    def state(self) -> str:
        return self.sheet.state if self.sheet else ""

    @property
    def unit_seen(self) -> bool:
        """Whether the page of the unit is open to who reads; it may lie outside what he sees."""
        return bool(self.participation.unit_seen)  # type: ignore[attr-defined]

    @property
    def figures_seen(self) -> bool:
        """Whether the unit's figures over the periods are."""
        return bool(self.participation.figures_seen)  # type: ignore[attr-defined]


@dataclass
class Standings:
    rows: list[Standing]
    counts: dict[str, int]
    total: int


NO_SHEET = "none"
UNSENT = "unsent"  # not begun, being entered or returned: what the standing agency waits for


def standings(
    campaign: Campaign,
    period: Period | None,
    user: User,
    *,
    year: int,
    state: str = "",
    text: str = "",
) -> Standings:
    """Members that `user` may see, with where they stand; three SQL queries.

    `state` is a state of ResultSheet, NO_SHEET or UNSENT. The counts are of all, whatever is
    filtered.
    """
    seen = policies.viewable_participations(user, year).filter(campaign=campaign)
    if period is not None:
        seen = seen.filter(was_there(period))
    figures = policies.comparable_participations(user, year).filter(pk=OuterRef("pk"))
    parts = seen.select_related("unit__kind__level", "unit__parent").annotate(
        unit_seen=Exists(viewable_units(user).filter(pk=OuterRef("unit"))),
        figures_seen=Exists(figures),
    )
    sheets = ResultSheet.objects.filter(period=period) if period else ResultSheet.objects.none()
    by_part = {sheet.participation_id: sheet for sheet in sheets}
    until = extended_days(periods=[period.pk]) if period else {}
    rows = [
        Standing(part, by_part.get(part.pk), until.get((part.pk, period.pk)) if period else None)
        for part in parts.order_by("unit__name", "pk")
    ]
    counts = Counter(row.state or NO_SHEET for row in rows)
    counts[UNSENT] = sum(counts[s] for s in (NO_SHEET, *ResultSheet.EDITABLE))
    everybody = len(rows)
    if state:
        wanted = {UNSENT: {"", *ResultSheet.EDITABLE}, NO_SHEET: {""}}.get(state, {state})
        rows = [row for row in rows if row.state in wanted]
    if wanted_text := fold(text):
        rows = [row for row in rows if wanted_text in row.participation.unit.folded]
    return Standings(rows=rows, counts=dict(counts), total=everybody)


def standing_tabs(found: Standings) -> list[tuple[str, str, int]]:
    """(words, value of `state`, how many) of each filter that leads to somebody."""
    words = {
        UNSENT: "Chưa gửi",
        NO_SHEET: "Chưa bắt đầu",
        **{state.value: state.label.capitalize() for state in ResultSheet.State},
    }
    some = [(word, key, found.counts[key]) for key, word in words.items() if found.counts.get(key)]
    return [("Tất cả", "", found.total), *some]


def sent_counts(period_pks: list[int]) -> dict[int, int]:
    """How many sheets of each period have been sent (submitted or accepted)."""
    sent = (ResultSheet.State.SUBMITTED, *ResultSheet.ACCEPTED)
    rows = ResultSheet.objects.filter(in_own_period(), period__in=period_pks, state__in=sent)
    return dict(rows.values_list("period").annotate(sent=Count("pk")).order_by())
