"""The histories of cells and points as the audit register sealed them.

A line of the register says how many writes a span of days has, and their digest. So the daily
digests of the register, which leave the database, speak for every write of a cell, too.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet

from campaigns.models import ResultHistory, ScoreHistory
from units.models import AuditEntry
from units.queries import day_begin
from units.rules import day_text, decimal_text, rows_digest

SEAL = "history.sealed"  # the action in the register
SEALED = {model._meta.label_lower: model for model in (ResultHistory, ScoreHistory)}
AT_ONCE = 5_000


def seals() -> QuerySet[AuditEntry]:
    """Each line has `data`: {"from": day or null, "to": day, "tables": {table: sealed_writes}}."""
    return AuditEntry.objects.filter(subject_type__in=SEALED, action=SEAL).order_by("pk")


def sealed_writes(
    table: str, begin: date | None, end: date, fields: list[str] | None = None
) -> dict[str, Any]:
    """How many writes the days from `begin` (None: from the first) to `end` have, and their digest
    over `fields`, which stand beside it: a column added later changes no digest of old."""
    model = SEALED[table]
    fields = fields or [field.attname for field in model._meta.concrete_fields]
    writes = model._default_manager.filter(at__lt=day_begin(end + timedelta(days=1)))
    if begin:
        writes = writes.filter(at__gte=day_begin(begin))
    lines = 0

    def counted() -> Iterator[dict[str, Any]]:
        nonlocal lines
        for write in writes.order_by("pk").values(*fields).iterator(chunk_size=AT_ONCE):
            lines += 1
            yield write

    digest = rows_digest(f"{table}\n", counted())
    return {"lines": lines, "digest": digest, "fields": fields}


def history_faults() -> list[str]:
    """What in the histories differs from what the register sealed, in sentences.

    It trusts the register, which `units.queries.audit_faults` holds against its own digests.
    """
    faults = []
    for seal in seals():
        begin = date.fromisoformat(seal.data["from"]) if seal.data["from"] else None
        end = date.fromisoformat(seal.data["to"])
        for table, then in seal.data["tables"].items():
            now = sealed_writes(table, begin, end, then["fields"])
            if now != then:
                faults.append(_fault(table, begin, end, then["lines"], now["lines"]))
    return faults


def _fault(table: str, begin: date | None, end: date, then: int, now: int) -> str:
    name = str(SEALED[table]._meta.verbose_name_plural)
    since = f"từ ngày {day_text(begin)} " if begin else ""
    told = f"khi lập mã kiểm có {decimal_text(then)}, nay có {decimal_text(now)}"
    if then == now:
        told = f"vẫn đủ {decimal_text(now)} lần, nhưng nội dung đã bị sửa"
    return f"{name.capitalize()} {since}đến hết ngày {day_text(end)}: {told}."
