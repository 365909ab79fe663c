"""Writing scoring tables as the plan's file says them, and putting them in force."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from criteria import queries
from criteria.models import (
    CriteriaSet,
    Group,
    Indicator,
    ScoreBand,
    ScoreGate,
    ScoreItem,
    ScoreLevel,
    ScoreStep,
    ScoreTable,
    TableLayer,
    TieStep,
)
from units.models import User
from units.rules import DomainError
from units.services.rows import Changes, drop_row, drop_rows, write_lines, write_rows
from units.workflow import advance, locked

Row = Mapping[str, Any]  # a mapping as in config/sample/plan.schema.json, every key there


def write_tables(
    criteria_set: CriteriaSet,
    rows: Sequence[Row],
    groups: Mapping[str, Group],
    indicators: Mapping[str, Indicator],
    changes: Changes,
) -> None:
    """Bring the scoring tables of a draft plan to what its file says. Called by `write_criteria`,
    after the indicators are there and before those gone are dropped."""
    owner: dict[str, Any] = {"criteria_set": criteria_set}
    # a table that moves to another group or year is written anew, so that two may change places
    places = {row["ref"]: (groups[row["group"]].pk, row["from_year"]) for row in rows}
    held = ScoreTable.objects.filter(criteria_set=criteria_set)
    kept = [one.ref for one in held if places.get(one.ref) == (one.group_id, one.from_year)]
    drop_rows(ScoreTable, owner, kept, changes)
    tables = write_rows(
        ScoreTable,
        owner,
        [_table_values(row, order, groups) for order, row in enumerate(rows, 1)],
        changes,
    )
    for row in rows:
        _write_table(tables[row["ref"]], row, indicators, changes)


def _table_values(row: Row, order: int, groups: Mapping[str, Group]) -> dict[str, Any]:
    plain = (
        "ref", "name", "from_year", "max_points", "may_exceed", "bonus_ceiling", "penalty_ceiling",
        "not_applicable", "digits", "rounding", "tie_end", "decided_places", "note",
    )  # fmt: skip
    values = {key: row[key] for key in plain}
    amended = {
        "in_force_from": row["from"],
        "decision": row["decision"],
        "reason": row["reason"],
    }
    return {**values, **amended, "order": order, "group_id": groups[row["group"]].pk}


@transaction.atomic
def add_tables(
    criteria_set: CriteriaSet, *, tables: Sequence[Row], actor: User | None, now: datetime
) -> int:
    """Add the tables that an amendment brings to an issued plan and put them in force; the old ones
    stay with the periods that they scored. Raises DomainError as `activate_tables` does."""
    owner: dict[str, Any] = {"criteria_set": criteria_set}
    groups = {row.ref: row for row in Group.objects.filter(criteria_set=criteria_set)}
    indicators = {row.ref: row for row in Indicator.objects.filter(criteria_set=criteria_set)}
    there, changes = ScoreTable.objects.filter(criteria_set=criteria_set).count(), Changes()
    for order, row in enumerate(tables, there + 1):
        values = [_table_values(row, order, groups)]
        written = write_rows(ScoreTable, owner, values, changes)
        _write_table(written[row["ref"]], row, indicators, changes)
    return activate_tables(criteria_set, actor=actor, now=now)


def _write_table(
    table: ScoreTable, row: Row, indicators: Mapping[str, Indicator], changes: Changes
) -> None:
    owner: dict[str, Any] = {"table": table}

    def key(ref: str) -> int | None:
        return indicators[ref].pk if ref else None

    layers = [
        {"order": n, "layer": line["layer"], "days": line["days"]}
        for n, line in enumerate(row["layers"], 1)
    ]
    write_lines(TableLayer, owner, layers, changes)
    write_lines(TieStep, owner, [], changes)  # they hold items that may go
    items = _write_items(table, row["items"], key, changes)
    bands = write_rows(ScoreBand, owner, _bands(row), changes)
    gates = [
        {
            "ref": gate["ref"],
            "order": n,
            "name": gate["name"],
            "indicator_id": key(gate["indicator"]),
            "effect": gate["effect"],
            "band_id": bands[gate["band"]].pk if gate["band"] else None,
        }
        for n, gate in enumerate(row["gates"], 1)
    ]
    drop_rows(ScoreGate, owner, write_rows(ScoreGate, owner, gates, changes), changes)
    drop_rows(ScoreBand, owner, bands, changes)
    ties = [
        {
            "order": n,
            "by": tie["by"],
            "item_id": items[tie["item"]].pk if tie["item"] else None,
            "indicator_id": key(tie["indicator"]),
            "lower_wins": tie["lower_wins"],
        }
        for n, tie in enumerate(row["ties"], 1)
    ]
    write_lines(TieStep, owner, ties, changes)


def _bands(row: Row) -> list[dict[str, Any]]:
    return [
        {
            "ref": band["ref"],
            "order": n,
            "name": band["name"],
            "lower": band["from"],
            "upper": band["below"],
            "admits": band["admits"],
        }
        for n, band in enumerate(row["bands"], 1)
    ]


def _write_items(
    table: ScoreTable, rows: Sequence[Row], key: Any, changes: Changes
) -> dict[str, ScoreItem]:
    """Headings stand before their parts, so each is there when it is named."""
    owner: dict[str, Any] = {"table": table}
    done: dict[str, ScoreItem] = {}
    for order, row in enumerate(rows, 1):
        values = {
            "ref": row["ref"],
            "order": order,
            "parent_id": done[row["parent"]].pk if row["parent"] else None,
            "code": row["code"],
            "name": row["name"],
            "kind": row["kind"],
            "method": row["method"],
            "indicator_id": key(row["indicator"]),
            "max_points": row["max_points"],
            "floor": row["floor"],
            "each": row["each"],
            "basis": row["basis"],
            "evidence_required": row["evidence_required"],
            "note": row["note"],
        }
        done |= write_rows(ScoreItem, owner, [values], changes)
        steps = [
            {"order": n, "lower": step["from"], "upper": step["below"], "points": step["points"]}
            for n, step in enumerate(row["steps"], 1)
        ]
        write_lines(ScoreStep, {"item": done[row["ref"]]}, steps, changes)
        levels = [
            {"order": n, "level": line["level"], "points": line["points"]}
            for n, line in enumerate(row["levels"], 1)
        ]
        write_lines(ScoreLevel, {"item": done[row["ref"]]}, levels, changes)
    gone = list(ScoreItem.objects.filter(table=table).exclude(ref__in=done).order_by("-order"))
    for item in gone:
        drop_row(item, changes)
    return done


@transaction.atomic
def activate_tables(criteria_set: CriteriaSet, *, actor: User | None, now: datetime) -> int:
    """Put every draft table of an issued plan in force; how many.

    Raises DomainError with a sentence for each thing that does not add up; then none is.
    """
    drafts = ScoreTable.objects.filter(criteria_set=criteria_set, state=ScoreTable.State.DRAFT)
    for found in drafts:
        table = locked(found)
        faults = queries.faults_of(table)
        if faults:
            listed = " ".join(fault.sentence for fault in faults)
            raise DomainError(f"Chưa áp dụng được bảng chấm điểm “{table}”. {listed}")
        advance(table, ScoreTable.State.ACTIVE, actor=actor, now=now)
    return len(drafts)
