"""The audit register, sealed day by day."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from units.models import AuditDigest, AuditEntry
from units.rules import SEALED_FIELDS, day_digest, day_text, decimal_text

SETTLED = timedelta(hours=1)
SHORTEST_DIGEST = 12  # what somebody may type from a paper


@dataclass(frozen=True)
class AuditDay:
    """The register of one local day, as it stands now."""

    entries: int
    first_id: int | None
    last_id: int | None
    digest: str

    @property
    def words(self) -> str:
        if not self.entries:
            return "không có dòng nào"
        return f"có {decimal_text(self.entries)} dòng (số {self.first_id} đến {self.last_id})"


def audit_day(day: date, previous: str) -> AuditDay:
    """`previous` is the digest of the day before, "" for the first."""
    end = day_begin(day + timedelta(days=1))
    rows = AuditEntry.objects.filter(at__gte=day_begin(day), at__lt=end).order_by("pk")
    entries = list(rows.values(*SEALED_FIELDS))
    keys = [entry["id"] for entry in entries] or [None]
    return AuditDay(len(entries), keys[0], keys[-1], day_digest(previous, day, entries))


def settled_day(now: datetime) -> date:
    """The last day that may be sealed: over, and left to settle, because an act is stamped before
    it is committed."""
    return timezone.localdate(now - SETTLED) - timedelta(days=1)


def day_begin(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


def newest_audit_digest() -> AuditDigest | None:
    return AuditDigest.objects.order_by("day").last()


def audit_faults(noted: Iterable[tuple[date, str]] = ()) -> list[str]:
    """What in the register differs from its digests, in sentences; empty when all is as sealed.

    Each day is held against the digest stored for the day before, so that one changed day does not
    accuse all that follow. `noted` are digests from mails and papers: they tell when somebody has
    computed the stored chain anew.
    """
    sealed = list(AuditDigest.objects.order_by("day"))
    faults, previous, due = [], "", sealed[0].day if sealed else None
    if sealed:
        begin = day_begin(sealed[0].day)
        if early := AuditEntry.objects.filter(at__lt=begin).order_by("pk").first():
            faults.append(
                f"Từ dòng số {early.pk}: ghi thời điểm trước ngày {day_text(sealed[0].day)}, ngày "
                "đầu của chuỗi mã kiểm."
            )
    for one in sealed:
        if one.day != due:
            faults.append(f"Chuỗi mã kiểm thiếu các ngày trước {day_text(one.day)}.")
        then = AuditDay(one.entries, one.first_id, one.last_id, one.digest)
        now = audit_day(one.day, previous)
        if now != then:
            faults.append(_day_fault(one.day, then, now))
        previous, due = one.digest, one.day + timedelta(days=1)
    stored = {one.day: one.digest for one in sealed}
    for day, digest in noted:
        if day not in stored:
            faults.append(f"Chuỗi mã kiểm không còn ngày {day_text(day)}.")
        elif not stored[day].startswith(digest):
            faults.append(
                f"Mã kiểm ngày {day_text(day)} trong cơ sở dữ liệu là {stored[day]}, không phải "
                f"{digest}: chuỗi đã được tính lại, nhật ký đến hết ngày này không còn là bằng "
                "chứng."
            )
    return faults


def _day_fault(day: date, then: AuditDay, now: AuditDay) -> str:
    first = min(filter(None, (then.first_id, now.first_id)), default=0)
    where = f", từ dòng số {first}" if first else ""
    told = f"khi lập mã kiểm {then.words}, nay {now.words}"
    if (then.entries, then.first_id, then.last_id) == (now.entries, now.first_id, now.last_id):
        told = f"{now.words} như khi lập mã kiểm, nhưng nội dung hoặc mã kiểm đã bị sửa"
    return f"Ngày {day_text(day)}{where}: {told}."
