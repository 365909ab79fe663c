"""A stage of the demo is done once: its line in the audit register says so."""

from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from units.models import AuditEntry, Unit
from units.workflow import record

DONE = "demo.stage"


def is_done(name: str) -> bool:
    return AuditEntry.objects.filter(action=DONE, note=name).exists()


def once(name: str, work: Callable[[], object], *, now: datetime) -> bool:
    """Run `work` and its mark in one transaction. False when an earlier run did it."""
    if is_done(name):
        return False
    with transaction.atomic():
        work()
        anchor = Unit.objects.order_by("pk").first()
        if anchor is None:
            raise LookupError("Chưa nạp đơn vị nên chưa ghi được bước của bản mẫu.")
        record(DONE, anchor, actor=None, now=now, note=name)
    return True
