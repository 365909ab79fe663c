"""The histories of cells and points as the audit register sealed them, and what is read of them.

A line of the register says how many writes a span of days has, and their digest. So the daily
digests of the register, which leave the database, speak for every write of a cell, too.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from django.db import connection
from django.db.models import Model, QuerySet

from campaigns.models import (
    Result,
    ResultHistory,
    ResultSheet,
    ScoreEntry,
    ScoreHistory,
    ScoreSheet,
)
from units.models import AuditEntry
from units.queries import day_begin
from units.rules import day_text, decimal_text, rows_digest

SEAL = "history.sealed"  # the action in the register
SEALED = {model._meta.label_lower: model for model in (ResultHistory, ScoreHistory)}
AT_ONCE = 5_000

# What pages and reports read must be the last write; a cell that only holds files was never
# written and is empty.
DIFFERS = """SELECT now.id FROM {table} now
    LEFT JOIN {history} line ON line.{whose} = now.id AND line.version = now.version
    WHERE (line.id IS NULL AND NOT ({untouched}))
    OR (line.id IS NOT NULL AND ({values}) IS DISTINCT FROM ({written}))
    OR EXISTS (SELECT FROM {history} later
        WHERE later.{whose} = now.id AND later.version > now.version)
    ORDER BY now.id"""
UNTOUCHED = {Result: "now.version = 0 AND now.state = 'missing'", ScoreEntry: "false"}


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


def value_faults() -> list[str]:
    """Cells and points that are not what the last line of their history says, in sentences; two SQL
    queries over all of them, and one more for each table with a fault."""
    cells = Result.objects.filter(pk__in=_differing(Result, ResultHistory, "result_id"))
    points = ScoreEntry.objects.filter(pk__in=_differing(ScoreEntry, ScoreHistory, "entry_id"))
    cells = cells.select_related("result_sheet__participation__unit", "indicator")
    points = points.select_related("score_layer__score_sheet__participation__unit", "item")
    return [
        *(_other(one.result_sheet, f"tiêu chí {one.indicator.code}") for one in cells),
        *(_other(one.score_layer.score_sheet, f"mục {one.item.code}") for one in points),
    ]


def _other(sheet: ResultSheet | ScoreSheet, place: str) -> str:
    unit = sheet.participation.unit
    return f"{sheet}, {unit}, {place}: đang ghi khác lần ghi cuối trong lịch sử."


def _differing(model: type[Model], history: type[Model], whose: str) -> list[int]:
    shared = {field.column for field in history._meta.concrete_fields if not field.primary_key}
    columns = [one.column for one in model._meta.concrete_fields if one.column in shared]
    sql = DIFFERS.format(
        table=model._meta.db_table,
        history=history._meta.db_table,
        whose=whose,
        untouched=UNTOUCHED[model],
        values=", ".join(f"now.{column}" for column in columns),
        written=", ".join(f"line.{column}" for column in columns),
    )
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return [pk for (pk,) in cursor.fetchall()]


def _fault(table: str, begin: date | None, end: date, then: int, now: int) -> str:
    name = str(SEALED[table]._meta.verbose_name_plural)
    since = f"từ ngày {day_text(begin)} " if begin else ""
    told = f"khi lập mã kiểm có {decimal_text(then)}, nay có {decimal_text(now)}"
    if then == now:
        told = f"vẫn đủ {decimal_text(now)} lần, nhưng nội dung đã bị sửa"
    return f"{name.capitalize()} {since}đến hết ngày {day_text(end)}: {told}."
