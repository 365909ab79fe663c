"""Scoring tables in a plan file: out of the tables, and whether they add up."""

from collections.abc import Iterator
from typing import Any

from config.planfile.schema import Path
from criteria.models import ScoreTable
from criteria.queries import TABLE_PARTS, is_answered
from criteria.rules import (
    LEVEL,
    Asked,
    Band,
    Gate,
    Item,
    LevelPoints,
    Rounding,
    Step,
    Table,
    Tie,
    table_faults,
)

Row = dict[str, Any]
ITEM_KEYS = (
    "ref", "code", "name", "kind", "method", "parent", "max_points", "floor", "each", "basis",
    "indicator",
)  # fmt: skip


# --- out of the tables ----------------------------------------------------------------------------
def tables_data(criteria_set: int) -> list[Row]:
    """Every table of a plan as its file says it."""
    rows = ScoreTable.objects.filter(criteria_set=criteria_set).select_related("group")
    return [_table(row) for row in rows.prefetch_related(*TABLE_PARTS, "items__parent")]


def _table(table: ScoreTable) -> Row:
    plain = (
        "ref", "name", "from_year", "max_points", "may_exceed", "bonus_ceiling", "penalty_ceiling",
        "not_applicable", "digits", "rounding", "tie_end", "decided_places", "note",
    )  # fmt: skip
    return {
        **{key: getattr(table, key) for key in plain},
        "group": table.group.ref,
        "from": table.in_force_from,
        "decision": table.decision,
        "reason": table.reason,
        "layers": [{"layer": line.layer, "days": line.days} for line in table.layers.all()],
        "items": [_item(item) for item in table.items.all()],
        "bands": [
            {
                "ref": band.ref,
                "name": band.name,
                "from": band.lower,
                "below": band.upper,
                "admits": band.admits,
            }
            for band in table.bands.all()
        ],
        "gates": [
            {
                "ref": gate.ref,
                "name": gate.name,
                "indicator": _ref(gate.indicator),
                "effect": gate.effect,
                "band": _ref(gate.band),
            }
            for gate in table.gates.all()
        ],
        "ties": [
            {
                "by": tie.by,
                "item": _ref(tie.item),
                "indicator": _ref(tie.indicator),
                "lower_wins": tie.lower_wins,
            }
            for tie in table.ties.all()
        ],
    }


def _item(item: Any) -> Row:
    plain = (
        "ref", "code", "name", "kind", "method", "max_points", "floor", "each", "basis",
        "evidence_required", "note",
    )  # fmt: skip
    return {
        **{key: getattr(item, key) for key in plain},
        "parent": _ref(item.parent),
        "indicator": _ref(item.indicator),
        "steps": [
            {"from": step.lower, "below": step.upper, "points": step.points}
            for step in item.steps.all()
        ],
        "levels": [{"level": line.level, "points": line.points} for line in item.levels.all()],
    }


def _ref(row: Any) -> str | None:
    return row.ref if row else None


# --- whether they add up --------------------------------------------------------------------------
def scoring_faults(plan: Row) -> Iterator[tuple[Path, str]]:
    """Where a table of a canonical plan does not add up, and the sentence."""
    asked = {
        row["ref"]: Asked(
            row["kind"],
            any(target["op"] != "none" for target in row["targets"]),
            is_answered(row["kind"], group["measured"]),
            any(target["basis"] != LEVEL for target in row["targets"]),
            tuple((level["ref"], level["name"]) for level in row["rubric"]),
        )
        for group in plan["groups"]
        for row in group["indicators"]
    }
    for number, row in enumerate(plan["scoring"]):
        for fault in table_faults(table_of(row), asked):
            inside = (fault.part,) if fault.index is None else (fault.part, fault.index)
            yield ("scoring", number, *inside), fault.sentence


def table_of(row: Row) -> Table:
    return Table(
        max_points=row["max_points"],
        items=tuple(
            Item(
                **{key: item[key] for key in ITEM_KEYS},
                steps=tuple(Step(s["from"], s["below"], s["points"]) for s in item["steps"]),
                levels=tuple(LevelPoints(o["level"], o["points"]) for o in item["levels"]),
            )
            for item in row["items"]
        ),
        layers=tuple(line["layer"] for line in row["layers"]),
        may_exceed=row["may_exceed"],
        bonus_ceiling=row["bonus_ceiling"],
        penalty_ceiling=row["penalty_ceiling"],
        not_applicable=row["not_applicable"],
        rounding=Rounding(row["digits"], row["rounding"]),
        bands=tuple(
            Band(band["from"], band["below"], band["ref"], band["name"], band["admits"])
            for band in row["bands"]
        ),
        gates=tuple(
            Gate(gate["ref"], gate["name"], gate["indicator"], gate["effect"], gate["band"])
            for gate in row["gates"]
        ),
        ties=tuple(
            Tie(tie["by"], tie["item"] or tie["indicator"], lower_wins=tie["lower_wins"])
            for tie in row["ties"]
        ),
        tie_end=row["tie_end"],
        decided_places=row["decided_places"],
    )
