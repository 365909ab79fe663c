"""The next scoring table of a group while it is written for a plan that is issued."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from criteria.models import CriteriaSet, Group, TableDraft
from units.models import User
from units.rules import DomainError
from units.workflow import locked, record

Row = Mapping[str, Any]  # a table as in config/sample/plan.schema.json, every key there


@transaction.atomic
def start_table(group: Group, *, values: Row, actor: User | None, now: datetime) -> TableDraft:
    """Begin the next table of `group`. Raises DomainError while another one is being written."""
    criteria_set = locked(group.criteria_set)
    if TableDraft.objects.filter(group=group).exists():
        raise DomainError(
            f"Đối tượng “{group}” đang có bảng chấm điểm soạn dở. Soạn tiếp bảng đó, hoặc bỏ đi "
            "rồi soạn bảng khác."
        )
    draft = TableDraft.objects.create(group=group, values=values, saved_at=now, saved_by=actor)
    _note("started", criteria_set, draft, actor, now)
    return draft


@transaction.atomic
def save_table(draft: TableDraft, *, values: Row, actor: User | None, now: datetime) -> TableDraft:
    """Keep what was written of the table so far; it need not add up yet."""
    draft = locked(draft)
    draft.values, draft.saved_at, draft.saved_by = values, now, actor
    draft.save(update_fields=["values", "saved_at", "saved_by"])
    _note("saved", draft.group.criteria_set, draft, actor, now)
    return draft


@transaction.atomic
def drop_table(draft: TableDraft, *, actor: User | None, now: datetime) -> None:
    """Throw the draft away: it is in force now, or nobody wants it."""
    draft = locked(draft)
    _note("dropped", draft.group.criteria_set, draft, actor, now)
    draft.delete()


def _note(
    act: str, criteria_set: CriteriaSet, draft: TableDraft, actor: User | None, now: datetime
) -> None:
    record(f"criteriaset.table_{act}", criteria_set, actor=actor, now=now, note=str(draft))
