"""The criteria of a plan as its file says them: groups, indicators, targets."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from criteria.models import CriteriaSet, Group, Indicator, RubricLevel, Target
from criteria.queries import quoted_indicators
from criteria.services.scoring import write_tables
from units.models import Unit, UnitKind, User
from units.services.rows import (
    Changes,
    drop_row,
    drop_rows,
    rows_by_ref,
    write_lines,
    write_links,
    write_rows,
)
from units.workflow import record

Row = Mapping[str, Any]  # a mapping as in config/sample/plan.schema.json, every key there


@transaction.atomic
def write_criteria(
    *,
    ref: str,
    name: str,
    groups: Sequence[Row],
    units: Mapping[str, Unit],
    actor: User | None,
    now: datetime,
    scoring: Sequence[Row] = (),
) -> tuple[CriteriaSet, Changes]:
    """Bring the criteria set `ref` to what a draft plan says: groups, indicators, targets, and the
    tables by which they are scored.

    Rows are matched by `ref`; those no longer there go. Raises DomainError for one on which
    results or nominations stand.
    """
    changes = Changes()
    criteria_set, made = CriteriaSet.objects.get_or_create(ref=ref, defaults={"name": name})
    if not made and criteria_set.name != name:
        criteria_set.name = name
        criteria_set.save(update_fields=["name"])
        changes.updated += 1
    owner: dict[str, Any] = {"criteria_set": criteria_set}
    written = write_rows(
        Group,
        owner,
        [
            {
                "ref": group["ref"],
                "order": order,
                "name": group["name"],
                "subject_kind": group["subject_kind"],
                "measured": group["measured"],
                "note": group["note"],
            }
            for order, group in enumerate(groups, 1)
        ],
        changes,
        rows_by_ref(Group, owner, "unit_kinds", "units"),
    )
    kinds = {kind.code: kind for kind in UnitKind.objects.all()}
    for group in groups:
        row = written[group["ref"]]
        write_links(row, "unit_kinds", [kinds[code] for code in group["unit_kinds"]], changes)
        write_links(row, "units", [units[name] for name in group["units"]], changes)
    indicators = _write_indicators(criteria_set, groups, written, units, changes)
    write_tables(criteria_set, scoring, written, indicators, changes)
    _drop_indicators(criteria_set, set(indicators), changes)
    drop_rows(Group, owner, written, changes)
    known: dict[int, list[Target]] = defaultdict(list)
    for line in Target.objects.filter(indicator__criteria_set=criteria_set).order_by("pk"):
        known[line.indicator_id].append(line)
    for group in groups:
        for indicator in group["indicators"]:
            row = indicators[indicator["ref"]]
            lines = [target_values(target, units) for target in indicator["targets"]]
            write_lines(Target, {"indicator": row}, lines, changes, known[row.pk])
    _write_rubrics(criteria_set, groups, indicators, changes)
    if changes or made:
        record("criteriaset.written", criteria_set, actor=actor, now=now, note=str(changes))
    return criteria_set, changes


@transaction.atomic
def add_targets(
    criteria_set: CriteriaSet,
    *,
    targets: Mapping[str, Sequence[Row]],
    units: Mapping[str, Unit],
    actor: User | None,
    now: datetime,
) -> int:
    """Add revised targets by the `ref` of their indicator; the old ones stay as they are."""
    rows = {row.ref: row for row in Indicator.objects.filter(criteria_set=criteria_set)}
    new = [
        Target(indicator=rows[ref], **target_values(target, units))
        for ref, added in targets.items()
        for target in added
    ]
    Target.objects.bulk_create(new)
    record(
        "criteriaset.targets_revised",
        criteria_set,
        actor=actor,
        now=now,
        note=f"thêm {len(new)} chỉ tiêu điều chỉnh",
    )
    return len(new)


def target_values(target: Row, units: Mapping[str, Unit]) -> dict[str, Any]:
    """The columns of one target."""
    return {
        "level_id": target["level"] or None,
        "unit_kind_id": target["unit_kind"] or None,
        "unit_id": units[target["unit"]].pk if target["unit"] else None,
        "region": target["region"],
        "year": target["year"],
        "basis": target["basis"],
        "operator": target["op"],
        "value": target["value"],
        "value_to": target["value_to"],
        "in_force_from": target["from"],
        "decision": target["decision"],
        "reason": target["reason"],
        "note": target["note"],
    }


def _write_indicators(
    criteria_set: CriteriaSet,
    groups: Sequence[Row],
    written: Mapping[str, Group],
    units: Mapping[str, Unit],
    changes: Changes,
) -> dict[str, Indicator]:
    """Write the indicators, each after the one that it is a part of or is computed from."""
    waiting = {
        row["ref"]: (written[group["ref"]], order, row)
        for group in groups
        for order, row in enumerate(group["indicators"], 1)
    }
    done: dict[str, Indicator] = {}
    known = rows_by_ref(Indicator, {"criteria_set": criteria_set}, "co_units")
    named = any(row["derive"] or row["external"] for _, _, row in waiting.values())
    quoted = quoted_indicators() if named else {}
    while waiting:
        ready = [ref for ref, (_, _, row) in waiting.items() if _sources(row) <= set(done)]
        for ref in ready:
            group, order, row = waiting.pop(ref)
            values = _indicator_values(row, order, group, units, done, quoted)
            done |= write_rows(Indicator, {"criteria_set": criteria_set}, [values], changes, known)
            assist = [units[name] for name in row["assist"]]
            write_links(done[ref], "co_units", assist, changes)
    return done


def _write_rubrics(
    criteria_set: CriteriaSet,
    groups: Sequence[Row],
    indicators: Mapping[str, Indicator],
    changes: Changes,
) -> None:
    """The levels of every qualitative indicator, in their order."""
    known: dict[int, dict[str, RubricLevel]] = defaultdict(dict)
    for level in RubricLevel.objects.filter(indicator__criteria_set=criteria_set):
        known[level.indicator_id][level.ref] = level
    for row in (row for group in groups for row in group["indicators"]):
        indicator = indicators[row["ref"]]
        there = known[indicator.pk]
        lines = [
            {
                "ref": level["ref"],
                "order": order,
                "name": level["name"],
                "text": level["text"],
                "is_met": level["met"],
            }
            for order, level in enumerate(row["rubric"], 1)
        ]
        keep = write_rows(RubricLevel, {"indicator": indicator}, lines, changes, there)
        for ref in there.keys() - keep.keys():
            drop_row(there[ref], changes)


def _sources(row: Row) -> set[str]:
    derive = row["derive"] or {}
    return {ref for ref in (row["of_which"], derive.get("from", "")) if ref}


def _indicator_values(
    row: Row,
    order: int,
    group: Group,
    units: Mapping[str, Unit],
    done: Mapping[str, Indicator],
    quoted: Mapping[tuple[str, str], Indicator],
) -> dict[str, Any]:
    """`quoted` are the indicators of other programmes by set and code; an external set that is not
    among them is no more than a name."""
    derive, external = row["derive"] or {}, row["external"] or {}
    quotes = quoted.get((external["set"], external["code"])) if external else None
    source: Indicator | None = None
    if derive:
        source = done[derive["from"]] if derive["from"] else quoted[derive["set"], derive["code"]]
    return {
        "ref": row["ref"],
        "group_id": group.pk,
        "order": order,
        "code": row["code"],
        "heading": row["heading"],
        "name": row["name"],
        "short_name": row["short_name"],
        "kind": row["kind"],
        "measure_unit": row["measure_unit"],
        "numerator_label": row["numerator"],
        "denominator_label": row["denominator"],
        "numbers": row["numbers"],
        "sum_of": row["sum_of"],
        "sum_rule": row["sum_rule"],
        "sum_grade": row["sum_grade"],
        "exclusion": row["exclusion"],
        "cumulative": row["cumulative"],
        "of_which_id": done[row["of_which"]].pk if row["of_which"] else None,
        "derivation": derive.get("how", ""),
        "derived_from_id": source.pk if source else None,
        "quotes_id": quotes.pk if quotes else None,
        "external_code": external.get("code", ""),
        "external_set": quotes.criteria_set.name if quotes else external.get("set", ""),
        "lead_unit_id": units[row["lead"]].pk if row["lead"] else None,
        "evidence_required": row["evidence_required"],
        "is_default": row["default"],
        "source": row["source"],
    }


def _drop_indicators(criteria_set: CriteriaSet, keep: set[str], changes: Changes) -> None:
    """Take away what the file no longer names, parts and derived ones before their source."""
    gone = list(Indicator.objects.filter(criteria_set=criteria_set).exclude(ref__in=keep))
    while gone:
        sources = {row.of_which_id for row in gone} | {row.derived_from_id for row in gone}
        for row in [row for row in gone if row.pk not in sources]:
            gone.remove(row)
            drop_row(row, changes)
