"""Files beside a nomination: proofs of what it says."""

from datetime import datetime
from typing import BinaryIO

from django.db import transaction

from awards.models import Nomination, NominationEvidence
from awards.services.nominations import require_draft
from units import binder, storage
from units.models import User
from units.workflow import locked, record


@transaction.atomic
def add_evidence(
    nomination: Nomination,
    *,
    upload: BinaryIO,
    name: str,
    size: int,
    actor: User,
    now: datetime,
) -> NominationEvidence:
    """Put a file beside a draft. Raises DomainError for a file that is not taken, and for a PDF or
    picture that could not be bound into the dossier.
    """
    nomination = locked(nomination)
    require_draft(nomination)
    blob, clean = storage.keep_upload(upload, name=name, size=size, now=now)
    # damage is told to who holds the paper, not to who binds it days later
    binder.check(clean, storage.read_bytes(blob), blob.media_type)
    evidence = NominationEvidence.objects.create(
        nomination=nomination, blob=blob, name=clean, uploaded_at=now, uploaded_by=actor
    )
    _revise(nomination)
    record(
        "nomination.evidence_added",
        nomination,
        actor=actor,
        now=now,
        unit=nomination.proposing_unit,
        note=clean,
    )
    return evidence


@transaction.atomic
def remove_evidence(evidence: NominationEvidence, *, actor: User, now: datetime) -> None:
    """Take a file away from a draft: marked, so that the history stays whole."""
    nomination = locked(evidence.nomination)
    require_draft(nomination)
    evidence = locked(evidence)
    if evidence.removed_at:
        return
    evidence.removed_at = now
    evidence.save(update_fields=["removed_at"])
    _revise(nomination)
    record(
        "nomination.evidence_removed",
        nomination,
        actor=actor,
        now=now,
        unit=nomination.proposing_unit,
        note=evidence.name,
    )


@transaction.atomic
def note_download(evidence: NominationEvidence, *, actor: User, now: datetime) -> None:
    """Put on record who took which file."""
    nomination = evidence.nomination
    record(
        "nomination.evidence_taken",
        nomination,
        actor=actor,
        now=now,
        unit=nomination.proposing_unit,
        note=evidence.name,
    )


def _revise(nomination: Nomination) -> None:
    nomination.revision += 1
    nomination.save(update_fields=["revision"])
