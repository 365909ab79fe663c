"""Reads of the ruler: its targets as plain rules, its scoring tables as plain tables."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache

from django.db.models import Exists, F, OuterRef

from criteria.models import Group, Indicator, ScoreItem, ScoreTable, Target, TieStep
from criteria.rules import (
    LEVEL,
    Asked,
    Band,
    Fault,
    Gate,
    Item,
    LevelPoints,
    Rounding,
    Rule,
    Step,
    Table,
    Tie,
    UnitFacts,
    table_faults,
    target_text,
)
from units.models import Prepared, Unit


def rules_of(indicators: Iterable[Indicator]) -> dict[int, list[Rule]]:
    """Every target of these indicators by their key, in one SQL query. One that asks an indicator
    of another set and has no target of its own is held to that one's.
    """
    found: dict[int, list[Rule]] = defaultdict(list)
    quoted = {one.pk: one.quotes_id for one in indicators}
    wanted = sorted({*quoted, *quoted.values()} - {None})  # type: ignore[type-var]
    ask = _targets(len(wanted), any(quoted.values()))
    for target in ask(*wanted) if wanted else ():
        rule = rule_of(target)
        if target.indicator_id not in quoted:
            of = target.indicator
            rule = replace(rule, source=f"chỉ tiêu {of.code} của {of.criteria_set}")
        found[target.indicator_id].append(rule)
    for pk, other in quoted.items():
        if other and not found[pk]:
            found[pk] = list(found[other])
    return found


@lru_cache(maxsize=200)
def _targets(count: int, quotes: bool) -> Prepared:
    """The statement that reads the targets of so many indicators, with the names of the sets where
    some are of another."""
    related = ["level", "unit_kind", "unit"] + ["indicator__criteria_set"] * quotes
    newest = F("in_force_from").asc(nulls_first=True)
    return Prepared(
        lambda *pks: (
            Target.objects.filter(indicator__in=pks)
            .select_related(*related)
            .order_by("level__rank", "year", newest, "pk")
        ),
        count,
    )


def quoted_indicators() -> dict[tuple[str, str], Indicator]:
    """What a plan may quote of other programmes, by (ref of the set, code)."""
    rows = Indicator.objects.filter(criteria_set__is_quoted=True).select_related("criteria_set")
    return {(row.criteria_set.ref, row.code): row for row in rows}


def rule_of(target: Target) -> Rule:
    """Needs `level`, `unit_kind` and `unit` selected."""
    return Rule(
        operator=target.operator,
        value=target.value,
        value_to=target.value_to,
        unit=target.unit_id,
        kind=target.unit_kind_id,
        level=target.level_id,
        region=target.region,
        year=target.year,
        in_force_from=target.in_force_from,
        unit_name=target.unit.name if target.unit else "",
        kind_name=target.unit_kind.name if target.unit_kind else "",
        level_name=target.level.name if target.level else "",
        decision=target.decision,
        pk=target.pk,
        basis=target.basis,
    )


def facts_of(unit: Unit) -> UnitFacts:
    """Needs `kind` selected."""
    return UnitFacts(unit.pk, unit.kind_id, unit.kind.level_id, frozenset(unit.tags))


def source_kind(indicator: Indicator) -> str:
    """The kind that a derived indicator is computed from. Needs `derived_from` selected."""
    return indicator.derived_from.kind if indicator.derived_from else ""


def text_of(indicator: Indicator, rule: Rule | None) -> str:
    """The target in words, "" where there is none."""
    if rule is None or rule.value is None:
        return ""
    return target_text(
        rule.operator,
        rule.value,
        rule.value_to,
        kind=indicator.kind,
        measure_unit=indicator.measure_unit,
        derivation=indicator.derivation,
        source=source_kind(indicator),
        basis=rule.basis,
    )


def texts_of(indicator: Indicator, rules: Iterable[Rule]) -> list[tuple[str, str]]:
    """(whom and when, the target in words) for every rule, the general one first."""
    ordered = sorted(rules, key=lambda rule: rule.specificity)
    return [(_whom(rule), text) for rule in ordered if (text := text_of(indicator, rule))]


def _whom(rule: Rule) -> str:
    since = f"từ {rule.in_force_from:%d/%m/%Y} theo {rule.decision}" if rule.in_force_from else ""
    return ", ".join(filter(None, (whom_of(rule), since)))


def whom_of(rule: Rule) -> str:
    """For which units and year a target is meant; "" for that of all."""
    parts = [
        rule.unit_name,
        rule.kind_name,
        rule.level_name,
        f"vùng {rule.region}" if rule.region else "",
        f"năm {rule.year}" if rule.year else "",
    ]
    return ", ".join(part for part in parts if part)


# --- scoring tables -------------------------------------------------------------------------------
TABLE_PARTS = (
    "layers",
    "items__steps",
    "items__levels",
    "items__indicator__levels",
    "bands",
    "gates__indicator",
    "gates__band",
    "ties__item",
    "ties__indicator",
)


def score_table(table: ScoreTable) -> Table:
    """A table as plain values; ten SQL queries unless TABLE_PARTS are prefetched."""
    refs = {item.pk: item.ref for item in table.items.all()}
    return Table(
        max_points=table.max_points,
        items=tuple(_item(item, refs) for item in table.items.all()),
        layers=tuple(line.layer for line in table.layers.all()),
        may_exceed=table.may_exceed,
        bonus_ceiling=table.bonus_ceiling,
        penalty_ceiling=table.penalty_ceiling,
        not_applicable=table.not_applicable,
        rounding=Rounding(table.digits, table.rounding),
        bands=tuple(
            Band(band.lower, band.upper, band.ref, band.name, band.admits)
            for band in table.bands.all()
        ),
        gates=tuple(
            Gate(
                gate.ref,
                gate.name,
                gate.indicator.ref if gate.indicator else "",
                gate.effect,
                gate.band.ref if gate.band else "",
            )
            for gate in table.gates.all()
        ),
        ties=tuple(_tie(tie) for tie in table.ties.all()),
        tie_end=table.tie_end,
        decided_places=table.decided_places,
    )


def _item(item: ScoreItem, refs: dict[int, str]) -> Item:
    rubric = item.indicator.levels.all() if item.indicator else ()
    names = {level.ref: level.name for level in rubric}
    return Item(
        ref=item.ref,
        code=item.code,
        name=item.name,
        kind=item.kind,
        method=item.method,
        parent=refs[item.parent_id] if item.parent_id else "",
        max_points=item.max_points,
        floor=item.floor,
        each=item.each,
        basis=item.basis,
        steps=tuple(Step(step.lower, step.upper, step.points) for step in item.steps.all()),
        indicator=item.indicator.ref if item.indicator else "",
        levels=tuple(
            LevelPoints(line.level, line.points, names.get(line.level, ""))
            for line in item.levels.all()
        ),
    )


def _tie(tie: TieStep) -> Tie:
    if tie.item:
        return Tie(tie.by, tie.item.ref, f"điểm mục {tie.item.code}")
    if tie.indicator:
        label = f"{tie.indicator.short_name or tie.indicator.name} ({tie.indicator.code})"
        in_words = tie.indicator.kind == Indicator.Kind.QUALITATIVE
        return Tie(tie.by, tie.indicator.ref, label, tie.lower_wins, in_words)
    return Tie(tie.by, label="ít điểm trừ hơn")


def faults_of(table: ScoreTable) -> list[Fault]:
    """Why the table cannot be put in force; empty when it can."""
    has_target = Target.objects.filter(indicator=OuterRef("pk")).exclude(operator="none")
    indicators = Indicator.objects.filter(criteria_set=table.criteria_set_id)
    asked = {
        row.ref: Asked(
            row.kind,
            row.judged,
            is_answered(row.kind, row.group.measured),
            row.on_change,
            tuple((level.ref, level.name) for level in row.levels.all()),
        )
        for row in indicators.annotate(
            judged=Exists(has_target), on_change=Exists(has_target.exclude(basis=LEVEL))
        )
        .select_related("group")
        .prefetch_related("levels")
    }
    return table_faults(score_table(table), asked)


def is_answered(kind: str, measured: str) -> bool:
    """Whether units write the figure on a result sheet; derived ones and nominees' are not."""
    return kind != Indicator.Kind.DERIVED and measured != Group.Measured.NOMINEE


def tables_of_groups(criteria_sets: Iterable[int]) -> dict[int, list[ScoreTable]]:
    """The tables in force by the key of their group, each before those that replace it. Which one
    is for a period is the last that holds on its last day."""
    rows = ScoreTable.objects.filter(
        criteria_set__in=criteria_sets, state=ScoreTable.State.ACTIVE
    ).prefetch_related("layers")
    found: dict[int, list[ScoreTable]] = defaultdict(list)
    for row in rows.order_by("from_year", F("in_force_from").asc(nulls_first=True)):
        found[row.group_id].append(row)
    return found


def score_tables(criteria_set: int) -> list[ScoreTable]:
    """The tables of a plan with everything in them; eleven SQL queries."""
    rows = ScoreTable.objects.filter(criteria_set=criteria_set).select_related("group")
    return list(rows.prefetch_related(*TABLE_PARTS))
