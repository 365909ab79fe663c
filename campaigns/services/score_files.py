"""Files beside scores. Taken away is marked; the bytes go when nothing refers to them."""

from datetime import datetime
from typing import BinaryIO

from django.db import transaction

from campaigns.models import ScoreEvidence, ScoreLayer
from campaigns.services.scores import editable_layer, note_act, touch
from criteria.models import ScoreItem
from units.models import User
from units.rules import DomainError
from units.storage import keep_upload
from units.workflow import locked, record


@transaction.atomic
def add_score_evidence(
    layer: ScoreLayer,
    item: ScoreItem,
    upload: BinaryIO,
    *,
    name: str,
    size: int,
    actor: User,
    now: datetime,
) -> ScoreEvidence:
    """Keep a file beside an item of a layer that is still being scored. Raises DomainError for a
    file that is not allowed, an item that is not scored, and as `record_scores` does."""
    layer, scoring = editable_layer(layer, actor)
    if item.pk not in {scoring.rows[one.ref].pk for one in scoring.table.leaves}:
        raise DomainError(
            f"Mục {item.code} không chấm riêng nên không nhận minh chứng. Đính kèm ở mục con."
        )
    blob, clean = keep_upload(upload, name=name, size=size, now=now)
    evidence = ScoreEvidence.objects.create(
        score_layer=layer, item=item, blob=blob, name=clean, uploaded_at=now, uploaded_by=actor
    )
    touch(scoring.sheet)
    note = f"{item.code}, “{clean}”"
    note_act("scoresheet.evidence_added", layer, scoring.sheet, actor, now, note)
    return evidence


@transaction.atomic
def remove_score_evidence(evidence: ScoreEvidence, *, actor: User, now: datetime) -> ScoreEvidence:
    """Take a file away while its layer is being scored. Raises DomainError otherwise."""
    layer, scoring = editable_layer(evidence.score_layer, actor)
    evidence = locked(evidence)
    if evidence.removed_at is not None:
        raise DomainError(f"Tệp “{evidence}” đã được gỡ. Tải lại trang để xem các tệp hiện có.")
    evidence.removed_at, evidence.removed_by = now, actor
    evidence.save(update_fields=["removed_at", "removed_by"])
    touch(scoring.sheet)
    note = f"{evidence.item.code}, “{evidence}”"
    note_act("scoresheet.evidence_removed", layer, scoring.sheet, actor, now, note)
    return evidence


@transaction.atomic
def note_score_download(evidence: ScoreEvidence, *, actor: User, now: datetime) -> None:
    """Who took which file and when."""
    unit = evidence.score_layer.scorer
    record("evidence.downloaded", evidence, actor=actor, now=now, unit=unit)
