"""Reads of the ruler: its targets as plain rules."""

from collections import defaultdict
from collections.abc import Iterable

from criteria.models import Indicator, Target
from criteria.rules import Rule, UnitFacts, target_text
from units.models import Unit


def rules_of(indicators: Iterable[Indicator]) -> dict[int, list[Rule]]:
    """Every target of these indicators by their key, in one SQL query."""
    found: dict[int, list[Rule]] = defaultdict(list)
    targets = Target.objects.filter(indicator__in=[i.pk for i in indicators])
    for target in targets.select_related("level", "unit_kind", "unit"):
        found[target.indicator_id].append(rule_of(target))
    return found


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
    )


def texts_of(indicator: Indicator, rules: Iterable[Rule]) -> list[tuple[str, str]]:
    """(whom and when, the target in words) for every rule, the general one first."""
    ordered = sorted(rules, key=lambda rule: rule.specificity)
    return [(_whom(rule), text) for rule in ordered if (text := text_of(indicator, rule))]


def _whom(rule: Rule) -> str:
    parts = [
        rule.unit_name,
        rule.kind_name,
        rule.level_name,
        f"vùng {rule.region}" if rule.region else "",
        f"năm {rule.year}" if rule.year else "",
        f"từ {rule.in_force_from:%d/%m/%Y} theo {rule.decision}" if rule.in_force_from else "",
    ]
    return ", ".join(part for part in parts if part)
