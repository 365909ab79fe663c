"""The registry of criteria sets of other programmes, whose codes a plan may quote."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from criteria.models import CriteriaSet, Group, Indicator, Target
from units.models import User
from units.rules import DomainError
from units.services.imports import Count, put
from units.services.rows import Changes, write_lines
from units.workflow import record

Row = Mapping[str, Any]


@transaction.atomic
def save_quoted_sets(rows: Sequence[Row], *, actor: User | None, now: datetime) -> Count:
    """Make or bring up to date, by `ref`, the sets given; others stay as they are, and so does an
    indicator that a file names no more, since a plan may stand on it.

    Raises DomainError for the ref of a plan's own set.
    """
    done = Count()
    for row in rows:
        if CriteriaSet.objects.filter(ref=row["ref"], is_quoted=False).exists():
            raise DomainError(
                f"Bộ tiêu chí {row['ref']}: mã này là bộ tiêu chí của một kế hoạch trên cổng. Đặt "
                "mã khác."
            )
        before = done.created + done.updated
        values = {"name": row["name"], "note": row["note"], "is_quoted": True}
        criteria_set = put(CriteriaSet, {"ref": row["ref"]}, values, done)
        inner, changes = Count(), Changes()
        group = put(
            Group,
            {"criteria_set": criteria_set, "ref": "tat-ca"},
            {"name": row["name"], "order": 1},
            inner,
        )
        for order, line in enumerate(row["indicators"], 1):
            values = {
                "group": group,
                "order": order,
                "code": line["code"],
                "name": line["name"],
                "kind": line["kind"],
            }
            key = {"criteria_set": criteria_set, "ref": line["code"]}
            indicator = put(Indicator, key, values, inner)
            targets = [{"operator": line["op"], "value": line["value"]}] if line["op"] else []
            write_lines(Target, {"indicator": indicator}, targets, changes)
        if done.created + done.updated > before or inner.created or inner.updated or changes:
            record("criteriaset.saved", criteria_set, actor=actor, now=now)
    return done
