"""How long the file of a large workbook is kept: until some time after it was refused or decided.

The rows stay, with who sent it, when, under what name and why it was refused; the hash of what was
removed stands in the audit register. What nobody has decided is never removed.
"""

from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from campaigns.models import ImportCheck, ResultImport, Workbook
from units import storage
from units.rules import DomainError, day_text
from units.workflow import record

CheckState = ImportCheck.State


def last_day(decided_at: datetime | None) -> date | None:
    """The last day of a file that was refused or decided then; None while nobody has decided."""
    if decided_at is None:
        return None
    return timezone.localdate(decided_at) + timedelta(days=settings.IMPORT_KEPT_DAYS)


def original(row: Workbook) -> bytes:
    """The file as it was sent. Raises DomainError once it was removed."""
    if row.blob is None:
        assert row.removed_at is not None  # one goes with the other
        day = day_text(timezone.localdate(row.removed_at))
        raise DomainError(
            f"Tệp gốc “{row.name}” đã xóa ngày {day}, hết thời hạn giữ tệp. Mã băm của tệp còn "
            "trong nhật ký để đối chiếu."
        )
    return storage.read_bytes(row.blob)


def remove_old_workbooks(*, now: datetime) -> int:
    """Let go of the files whose last day is over; how many. Their bytes are swept with the rest."""
    first_kept = timezone.localdate(now) - timedelta(days=settings.IMPORT_KEPT_DAYS)
    before = timezone.make_aware(datetime.combine(first_kept, time.min))
    refused = ImportCheck.objects.filter(
        state=CheckState.FAILED, imported=None, blob__isnull=False, finished_at__lt=before
    )
    removed = sum(_remove(check, check.error, now) for check in list(refused))
    checks = ImportCheck.objects.filter(imported=OuterRef("pk"))
    decided = ResultImport.objects.filter(
        Exists(checks),
        ~Exists(checks.filter(state=CheckState.QUEUED)),
        blob__isnull=False,
        decided_at__lt=before,
    )
    for pending in list(decided.defer(*ResultImport.HEAVY).select_related("unit")):
        removed += _remove(pending, pending.get_state_display(), now)
    return removed


@transaction.atomic
def _remove(row: ImportCheck | ResultImport, why: str, now: datetime) -> int:
    """What is refused or decided stays so; of two who come at once one finds it."""
    gone = {"blob": None, "removed_at": now}
    if not type(row)._default_manager.filter(pk=row.pk, blob__isnull=False).update(**gone):
        return 0
    if isinstance(row, ResultImport):
        row.checks.update(**gone)
    record(
        f"{row._meta.model_name}.file_removed",
        row,
        actor=None,
        now=now,
        note=f"xóa tệp gốc “{row.name}” sau {settings.IMPORT_KEPT_DAYS} ngày: {why}",
        data={"sha256": row.blob_id},
    )
    return 1
