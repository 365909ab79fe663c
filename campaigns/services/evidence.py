"""Files beside results. Taken away is marked; the bytes go when nothing refers to them."""

from collections.abc import Mapping
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
    asked = {one.pk: one for one in queries.applicable_indicators(sheet)}
    if indicator.pk not in asked:
        raise DomainError(
            f"{sheet} không hỏi {indicator.code} nên không nhận minh chứng cho tiêu chí đó. "
            "Tải lại trang để xem các tiêu chí của đơn vị."
        )
    _refuse_frozen(sheet, indicator, asked, adding=True)
    blob, clean = keep_upload(upload, name=name, size=size, now=now)
    result, _ = Result.objects.get_or_create(
        result_sheet=sheet, indicator=indicator, defaults={"saved_at": now, "saved_by": actor}
    )
    evidence = Evidence.objects.create(
        result=result, blob=blob, name=clean, uploaded_at=now, uploaded_by=actor
    )
    _touch(sheet)
    _note(sheet, "resultsheet.evidence_added", evidence, actor=actor, now=now)
    return evidence


@transaction.atomic
def remove_evidence(evidence: Evidence, *, actor: User, now: datetime) -> Evidence:
    """Take a file away while its cell is open for entry. Raises DomainError otherwise."""
    sheet = editable(evidence.result.result_sheet, now=now)
    asked = {one.pk: one for one in queries.applicable_indicators(sheet)}
    _refuse_frozen(sheet, evidence.result.indicator, asked)
    evidence = locked(evidence)
    if evidence.removed_at is not None:
        raise DomainError(f"Tệp “{evidence}” đã được gỡ. Tải lại trang để xem các tệp hiện có.")
    evidence.removed_at, evidence.removed_by = now, actor
    evidence.save(update_fields=["removed_at", "removed_by"])
    _touch(sheet)
    _note(sheet, "resultsheet.evidence_removed", evidence, actor=actor, now=now)
    return evidence


def _touch(sheet: ResultSheet) -> None:
    """Who signs answers for the files, too, and has to have seen them."""
    sheet.revision += 1
    sheet.save(update_fields=["revision"])


def _refuse_frozen(
    sheet: ResultSheet, indicator: Indicator, asked: Mapping[int, Indicator], adding: bool = False
) -> None:
    """A sheet that came back to have other cells mended takes a file here only if one is owed."""
    scope = queries.scope_of(queries.open_flags([sheet]).get(sheet.pk, {}), asked)
    result = Result.objects.filter(result_sheet=sheet, indicator=indicator).first()
    if not queries.is_frozen(indicator.pk, result, sheet, scope):
        return
    held = Evidence.objects.filter(result=result, removed_at__isnull=True)
    if not (adding and indicator.evidence_required and not held.exists()):
        raise DomainError(queries.frozen_sentence(indicator, scope, asked))


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
