"""What each dated amendment of a plan changed, in words: targets, scoring tables, numbers."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import F

from campaigns.models import Amendment, Campaign
from criteria.models import Indicator, ScoreTable
from criteria.queries import rules_of, text_of, whom_of
from criteria.rules import Rule


@dataclass(frozen=True)
class TargetChange:
    """`old` is "" where there was no target, `new` where there is none any more."""

    indicator: Indicator
    whom: str
    old: str
    new: str


@dataclass(frozen=True)
class TableChange:
    new: ScoreTable
    old: ScoreTable | None


@dataclass(frozen=True)
class QuotaChange:
    """The number of an award before and after; None where there is none. What the award is called,
    the app knows that keeps it."""

    ref: str
    old: int | None
    new: int | None


@dataclass(frozen=True)
class AmendmentLine:
    amendment: Amendment
    targets: list[TargetChange]
    tables: list[TableChange]
    quotas: list[QuotaChange]

    @property
    def is_words_alone(self) -> bool:
        return not (self.targets or self.tables or self.quotas)


def amendment_lines(campaign: Campaign) -> list[AmendmentLine]:
    """The amendments in the order of their days; four SQL queries, one where there is none."""
    amendments = list(campaign.amendments.all())
    if not amendments:
        return []
    asked = Indicator.objects.filter(
        criteria_set=campaign.criteria_set_id, targets__in_force_from__isnull=False
    )
    indicators = list(asked.select_related("derived_from").distinct())
    rules = rules_of(indicators)
    rows = ScoreTable.objects.filter(criteria_set=campaign.criteria_set_id, state="active")
    tables = list(
        rows.select_related("group").order_by("from_year", F("in_force_from").asc(nulls_first=True))
    )
    return [
        AmendmentLine(
            one,
            [
                change
                for indicator in indicators
                for change in _targets(indicator, rules[indicator.pk], one.in_force_from)
            ],
            list(_tables(tables, {row.get("score_table") for row in one.changes})),
            [
                QuotaChange(row["quota"], row["before"]["number"], row["after"]["number"])
                for row in one.changes
                if "quota" in row
            ],
        )
        for one in amendments
    ]


def _targets(indicator: Indicator, rules: list[Rule], start: date) -> Iterator[TargetChange]:
    """What begins on the day, each beside what held for the same units until then."""
    for rule in sorted(rules, key=lambda one: one.specificity):
        if rule.in_force_from == start:
            before = [one for one in rules if _same_units(one, rule) and _day(one) < start]
            old = max(before, key=_day, default=None)
            yield TargetChange(
                indicator, whom_of(rule), text_of(indicator, old), text_of(indicator, rule)
            )


def _same_units(one: Rule, other: Rule) -> bool:
    keys = ("unit", "kind", "level", "region", "year")
    return all(getattr(one, key) == getattr(other, key) for key in keys)


def _day(rule: Rule) -> date:
    return rule.in_force_from or date.min


def _tables(tables: list[ScoreTable], brought: Iterable[Any]) -> Iterator[TableChange]:
    """The tables that came, each beside the one of the group before it."""
    named = set(brought)
    for at, table in enumerate(tables):
        if table.ref in named:
            before = [one for one in tables[:at] if one.group_id == table.group_id]
            yield TableChange(table, before[-1] if before else None)
