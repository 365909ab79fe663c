"""The rows behind the year of a bloc, read at once: plans, periods, sheets, scores, rankings."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Prefetch

from campaigns.models import (
    Campaign,
    Participation,
    Period,
    Ranking,
    ResultSheet,
    ScoreLayer,
    ScoreSheet,
)
from campaigns.queries.members import Ruler, ruler_for
from campaigns.queries.pledges import bloc_campaigns
from campaigns.queries.presence import stays_to_the_end
from criteria.models import Group, ScoreTable
from criteria.queries import tables_of_groups
from units.models import Bloc, BlocMembership, Unit


@dataclass
class YearFacts:
    bloc: Bloc
    year: int
    members: list[BlocMembership]
    campaigns: list[Campaign]
    periods: list[Period] = field(default_factory=list)
    parts: dict[int, list[Participation]] = field(default_factory=lambda: defaultdict(list))
    sheets: dict[tuple[int, int], ResultSheet] = field(default_factory=dict)
    tables: dict[int, list[ScoreTable]] = field(default_factory=dict)  # in force, by group
    scores: dict[tuple[int, int], ScoreSheet] = field(default_factory=dict)
    published: set[tuple[int, int]] = field(default_factory=set)
    rule: Ruler | None = None

    @property
    def leader(self) -> Unit | None:
        head = BlocMembership.Role.HEAD
        return next((one.unit for one in self.members if one.role == head), None)

    @property
    def leading(self) -> frozenset[int]:
        return frozenset({self.leader.pk} if self.leader else ())

    def members_in(self, period: Period) -> list[Participation]:
        """Who takes part in the period to its end."""
        return [part for part in self.parts[period.campaign_id] if stays_to_the_end(part, period)]

    def scored(self, period: Period) -> dict[ScoreTable, list[Participation]]:
        """The members that each table scores in the period: the table of the sheet where one was
        begun, else the one that holds for their group."""
        found: dict[ScoreTable, list[Participation]] = defaultdict(list)
        for part in self.members_in(period):
            sheet = self.scores.get((part.pk, period.pk))
            table = sheet.table if sheet else self._table_for(part, period)
            if table is not None:
                found[table].append(part)
        return found

    def _table_for(self, part: Participation, period: Period) -> ScoreTable | None:
        assert self.rule is not None
        last = period.period_to
        mine = [g for g in self.rule.groups if g.criteria_set_id == part.campaign.criteria_set_id]
        group = next((g for g in mine if self.rule.measures(g, part.unit)), None)
        holding = [one for one in self.tables[group.pk] if one.holds_on(last)] if group else []
        return holding[-1] if holding else None


def year_facts(bloc: Bloc, year: int) -> YearFacts:
    members = list(BlocMembership.objects.filter(bloc=bloc, year=year).select_related("unit__kind"))
    plans = {plan.pk: plan for plan in bloc_campaigns(bloc, year)}
    facts = YearFacts(bloc, year, members, list(plans.values()))
    periods = Period.objects.filter(
        campaign__in=plans, period_to__year=year, kind__in=(Period.Kind.HALF, Period.Kind.YEAR)
    )
    facts.periods = list(periods.select_related("campaign").order_by("period_to", "campaign"))
    parts = Participation.objects.filter(
        campaign__in=plans, unit__in=[one.unit_id for one in members]
    )
    for part in parts.select_related("unit__kind", "campaign").order_by("unit__name", "pk"):
        facts.parts[part.campaign_id].append(part)
    for sheet in ResultSheet.objects.filter(period__in=facts.periods):
        facts.sheets[sheet.participation_id, sheet.period_id] = sheet
    _scores(facts)
    return facts


def _scores(facts: YearFacts) -> None:
    """The tables of each group that hold in the year, and what was scored by them."""
    known = tables_of_groups([plan.criteria_set_id for plan in facts.campaigns])
    for group, rows in known.items():
        if holding := [one for one in rows if one.holds_on(date(facts.year, 12, 31))]:
            facts.tables[group] = holding
    facts.rule = ruler_for(Group.objects.filter(pk__in=facts.tables))
    layers = ScoreLayer.objects.select_related("scorer").order_by("scorer__name", "pk")
    sheets = ScoreSheet.objects.filter(period__in=facts.periods).select_related("table")
    for sheet in sheets.prefetch_related("table__layers", Prefetch("layers", layers)):
        facts.scores[sheet.participation_id, sheet.period_id] = sheet
    rankings = Ranking.objects.filter(period__in=facts.periods)
    facts.published = set(rankings.values_list("period", "table"))
