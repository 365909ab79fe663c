"""Files beside results. Taken away is marked; the bytes go when nothing refers to them."""

from datetime import datetime
from typing import BinaryIO

from django.db import transaction

from campaigns import queries
from campaigns.models import Evidence, Result, ResultSheet
from campaigns.services.sheets import editable
from criteria.models import Indicator
from units.models import User
from units.rules import DomainError
from units.storage import keep_upload
from units.workflow import locked, record


@transaction.atomic
def add_evidence(
    sheet: ResultSheet,
    indicator: Indicator,
    upload: BinaryIO,
    *,
    name: str,
    size: int,
    actor: User,
    now: datetime,
) -> Evidence:
    """Keep a file beside a result, which may still be empty. Raises DomainError for a file that
    is not allowed, a sheet that is not open, an indicator that it does not ask."""
    sheet = editable(sheet, now=now)
    if not queries.applicable_indicators(sheet).filter(pk=indicator.pk).exists():
        raise DomainError(
            f"{sheet} không hỏi {indicator.code} nên không nhận minh chứng cho tiêu chí đó. "
            "Tải lại trang để xem các tiêu chí của đơn vị."
        )
    blob, clean = keep_upload(upload, name=name, size=size, now=now)
    result, _ = Result.objects.get_or_create(
        result_sheet=sheet, indicator=indicator, defaults={"saved_at": now, "saved_by": actor}
    )
    evidence = Evidence.objects.create(
        result=result, blob=blob, name=clean, uploaded_at=now, uploaded_by=actor
    )
    _note(sheet, "resultsheet.evidence_added", evidence, actor=actor, now=now)
    return evidence


@transaction.atomic
def remove_evidence(evidence: Evidence, *, actor: User, now: datetime) -> Evidence:
    """Take a file away while the sheet is open for entry. Raises DomainError otherwise."""
    sheet = editable(evidence.result.result_sheet, now=now)
    evidence = locked(evidence)
    if evidence.removed_at is not None:
        raise DomainError(f"Tệp “{evidence}” đã được gỡ. Tải lại trang để xem các tệp hiện có.")
    evidence.removed_at, evidence.removed_by = now, actor
    evidence.save(update_fields=["removed_at", "removed_by"])
    _note(sheet, "resultsheet.evidence_removed", evidence, actor=actor, now=now)
    return evidence


@transaction.atomic
def note_download(evidence: Evidence, *, actor: User, now: datetime) -> None:
    """Who took which file and when."""
    unit = evidence.result.result_sheet.participation.unit
    record("evidence.downloaded", evidence, actor=actor, now=now, unit=unit)


def _note(
    sheet: ResultSheet, action: str, evidence: Evidence, *, actor: User, now: datetime
) -> None:
    record(
        action,
        sheet,
        actor=actor,
        now=now,
        unit=sheet.participation.unit,
        note=f"{evidence.result.indicator.code}, “{evidence.name}”",
        data={"evidence": evidence.pk, "sha256": evidence.blob_id},
    )
