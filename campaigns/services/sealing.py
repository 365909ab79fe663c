"""The histories of cells and points are sealed into the audit register, a span of days a line."""

from datetime import date, datetime, timedelta

from django.db import connection, transaction

from campaigns import queries
from units.models import AuditEntry
from units.queries import settled_day
from units.rules import day_text, decimal_text
from units.workflow import record

SEALING = 0x5EA2  # key of the lock under which one worker at a time seals


@transaction.atomic
def seal_history(*, now: datetime) -> AuditEntry | None:
    """Seal every day that is over since the last time; nothing while no cell was ever written.

    Quiet days are sealed as well, so that a write dated back into them is found.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [SEALING])
    written = [model.objects.order_by("pk").last() for model in queries.SEALED.values()]
    newest = next(filter(None, written), None)
    if newest is None:
        return None
    last, end = queries.seals().last(), settled_day(now)
    begin = date.fromisoformat(last.data["to"]) + timedelta(days=1) if last else None
    if begin and begin > end:
        return None
    tables = {table: queries.sealed_writes(table, begin, end) for table in queries.SEALED}
    said = ", ".join(
        f"{decimal_text(found['lines'])} {queries.SEALED[table]._meta.verbose_name}"
        for table, found in tables.items()
    )
    return record(
        queries.SEAL,
        newest,
        actor=None,
        now=now,
        note=f"Lập mã kiểm lịch sử ô đến hết ngày {day_text(end)}: {said}.",
        data={"from": begin and begin.isoformat(), "to": end.isoformat(), "tables": tables},
    )
