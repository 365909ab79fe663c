"""Checking a large workbook as work for a worker: what it would change is found once and kept."""

from datetime import datetime
from typing import IO, Any, BinaryIO

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from campaigns.documents import book as files
from campaigns.documents.layout import Stamp
from campaigns.models import ImportCheck, Participation, Period, ResultImport
from campaigns.queries import Conflict
from campaigns.services.acceptances import is_large
from campaigns.services.imports import (
    Preview,
    check_stored,
    members_read,
    preview_import,
    refuse_amended,
    refuse_now,
    undecided,
)
from campaigns.services.weighing import Difference
from criteria.models import Indicator
from units import jobs, storage
from units.models import Unit, User
from units.rules import DomainError, decimal_text
from units.workflow import record


def find_target(source: IO[bytes], name: str) -> tuple[Period, Unit | None]:
    """The period and the unit that a workbook was made for, by its stamp."""
    book = files.open_workbook(source, name)
    stamp: Stamp = book.stamp
    period = (
        Period.objects.filter(campaign__ref=stamp.plan, ref=stamp.period)
        .select_related("campaign")
        .first()
    )
    unit = Unit.objects.filter(ref=stamp.unit).first()
    if period is None or (stamp.unit and unit is None):
        raise DomainError(
            f"Tệp “{name}”, ô A1: cổng không có kế hoạch “{stamp.plan}”, kỳ “{stamp.period}” hoặc "
            f"đơn vị “{stamp.unit}” mà tệp nêu. Tải bảng tính từ chính cổng này."
        )
    source.seek(0)
    return period, unit


def may_be_large(period: Period) -> bool:
    """Whether a workbook of many units could hold more than somebody should wait for: known before
    it is read. That of one unit never does."""
    members = Participation.objects.filter(campaign=period.campaign_id).count()
    asked = Indicator.objects.filter(criteria_set=period.campaign.criteria_set_id).count()
    return members * asked > settings.IMPORT_AT_ONCE


@transaction.atomic
def request_check(
    upload: BinaryIO,
    *,
    name: str,
    size: int,
    period: Period,
    actor: User,
    now: datetime,
) -> ImportCheck:
    """Keep a workbook of many units and ask a worker to read it; no result changes. Sent twice, it
    is read once.

    Raises DomainError for a file of another type and while the period takes no results; what only
    reading it can tell, the job tells.
    """
    refuse_now(period, None, now=now)
    blob, clean = storage.keep_upload(upload, name=name, size=size, now=now)
    return _asked(actor, now, period=period, blob=blob, name=clean)


@transaction.atomic
def request_recheck(pending: ResultImport, *, actor: User, now: datetime) -> ImportCheck:
    """Hold it against the portal again. Raises DomainError when somebody has decided meanwhile, or
    amended the plan."""
    pending = undecided(pending)
    refuse_amended(pending)
    about = {"period": pending.period, "blob": pending.blob, "name": pending.name}
    return _asked(actor, now, **about, imported=pending)


def _asked(actor: User, now: datetime, **about: Any) -> ImportCheck:
    same = {key: about[key] for key in ("period", "blob")}
    queued = ImportCheck.objects.filter(**same, requested_by=actor, state=ImportCheck.State.QUEUED)
    if (held := queued.first()) is not None:
        return held
    check = ImportCheck.objects.create(**about, requested_by=actor, requested_at=now)
    if check.imported is None:  # kept from here on, whatever reading it will tell
        note, data = f"tệp “{check.name}”", {"sha256": check.blob_id}
        record("importcheck.uploaded", check, actor=actor, now=now, note=note, data=data)
    jobs.submit(check)
    return check


def perform_check(check: ImportCheck, progress: jobs.Progress) -> dict[str, Any]:
    """Read the file once, then hold it against the portal where it is large (else the page does); a
    worker that takes over goes on from what was read."""
    actor = check.requested_by
    assert actor is not None  # somebody sent the file
    progress(f"Đang đọc tệp “{check.name}”")
    pending = check_stored(check, actor=actor, now=timezone.now())
    if not is_large(pending):
        return {"imported": pending}
    progress(f"Đang đối chiếu {decimal_text(len(pending.cells))} ô với số trên cổng")
    now = timezone.now()
    preview = preview_import(pending, actor=actor, now=now)
    told = {"seen": preview.seen, "rows": [_packed(one) for one in preview.differences]}
    waiting = ResultImport.objects.filter(pk=pending.pk, state=ResultImport.State.CHECKED)
    waiting.update(told=told, told_at=now)  # what is decided keeps what it was decided on
    return {"imported": pending}


# --- what was found ------------------------------------------------------------------------------
def preview_of(pending: ResultImport, *, actor: User, now: datetime) -> Preview:
    """What accepting would do: of a large one as a worker found it, else as it is now."""
    if not is_large(pending) or pending.told is None:
        return preview_import(pending, actor=actor, now=now)
    parts = members_read(pending.period, None, actor)
    units = Unit.objects.in_bulk(parts.values_list("unit", flat=True))
    rows = [row for row in pending.told["rows"] if row[0] in units]
    indicators = Indicator.objects.in_bulk({row[1] for row in rows})
    found = [_unpacked(row, units, indicators) for row in rows if row[1] in indicators]
    return Preview(pending, found, len({one.unit.pk for one in found}), pending.told["seen"])


def refuse_old(pending: ResultImport) -> None:
    """Raises DomainError for what was looked at before the last attempt to store it failed."""
    job = pending.acceptances.first()
    if job and job.finished_at and pending.told_at and job.finished_at > pending.told_at:
        raise DomainError(
            f"Tệp “{pending}” đối chiếu trước lần ghi không thành. Bấm Kiểm tra lại, xem rồi ghi."
        )


def _packed(one: Difference) -> list[Any]:
    """Also read by `_unpacked`: the two say what ResultImport.told holds."""
    told = one.conflict
    held = [told.who, told.at.isoformat(), told.theirs, told.mine] if told else None
    return [
        one.unit.pk, one.indicator.pk, one.at, one.kind, one.old, one.new, one.problem, one.field,
        one.version, held,
    ]  # fmt: skip


def _unpacked(
    row: list[Any], units: dict[int, Unit], indicators: dict[int, Indicator]
) -> Difference:
    unit, indicator, at, kind, old, new, problem, field, version, held = row
    conflict = None
    if held:
        who, when, theirs, mine = held
        moment = datetime.fromisoformat(when)
        conflict = Conflict(who, moment, theirs, mine, "", "", version)
    return Difference(
        units[unit], indicators[indicator], at, kind, old, new, problem, field, conflict, version
    )
