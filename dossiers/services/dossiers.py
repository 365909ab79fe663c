"""Opening, filling and sending a dossier."""

from datetime import date, datetime
from typing import BinaryIO

from django.db import transaction
from django.utils import timezone

from awards.models import AwardForm, AwardRound, Nomination, Quota
from awards.services import forward_nominations
from dossiers import binder, queries
from dossiers.models import Dossier, DossierPart, DossierRequirement
from units import storage
from units.models import Unit, User
from units.rules import DomainError
from units.workflow import advance, locked, record

PER_NOMINEE = (DossierRequirement.Part.ACHIEVEMENT_REPORT, DossierRequirement.Part.PROOF)


@transaction.atomic
def open_dossier(
    award_round: AwardRound,
    *,
    proposing_unit: Unit,
    award_form: AwardForm,
    is_sample: bool = False,
    actor: User,
    now: datetime,
) -> Dossier:
    """The unit's dossier for this form in this round: the one there is, or a new one.

    What the council passes after the dossier was sent takes a supplementary dossier.
    Raises DomainError for a form that the round does not hold, or a round that has ended.
    """
    award_round = locked(award_round)  # two clicks at once queue behind each other here
    key = queries.Key(award_round.pk, proposing_unit.pk, award_form.pk)
    same = Dossier.objects.filter(**key._asdict()).order_by("-pk")
    there = same.filter(state=Dossier.State.DRAFT).first()
    if there is None and not queries.loose_nominations(key).exists():
        there = same.first()
    if there:
        return there
    if award_round.state != AwardRound.State.OPEN:
        raise DomainError(
            f"Đợt xét “{award_round}” đã kết thúc nên không lập hồ sơ mới. "
            "Đề nghị cơ quan thường trực mở lại đợt xét."
        )
    if not Quota.objects.filter(
        campaign=award_round.campaign_id, phase=award_round.phase_id, award_form=award_form
    ).exists():
        raise DomainError(
            f"Đợt xét “{award_round}” không xét {award_form}. "
            "Chọn hình thức khen thưởng có trong đợt xét này."
        )
    dossier = Dossier.objects.create(
        award_round=award_round,
        proposing_unit=proposing_unit,
        award_form=award_form,
        created_at=now,
        created_by=actor,
        is_sample=is_sample,
    )
    record("dossier.opened", dossier, actor=actor, now=now, unit=proposing_unit)
    return dossier


@transaction.atomic
def edit_dossier(
    dossier: Dossier,
    *,
    letter_number: str,
    letter_on: date | None,
    signing_capacity: str,
    signer_title: str,
    signer_name: str,
    actor: User,
    now: datetime,
) -> Dossier:
    """Number, day and signature of the letter. Raises DomainError once the dossier was sent."""
    dossier = _open(dossier)
    values = {
        "letter_number": letter_number,
        "letter_on": letter_on,
        "signing_capacity": signing_capacity,
        "signer_title": signer_title,
        "signer_name": signer_name,
    }
    changed = {k: v for k, v in values.items() if getattr(dossier, k) != v}
    if not changed:
        return dossier
    for name, value in changed.items():
        setattr(dossier, name, value)
    dossier.revision += 1
    dossier.save(update_fields=[*changed, "revision"])
    record(
        "dossier.edited",
        dossier,
        actor=actor,
        now=now,
        unit=dossier.proposing_unit,
        data={name: str(value or "") for name, value in changed.items()},
    )
    return dossier


@transaction.atomic
def add_part(
    dossier: Dossier,
    *,
    requirement: DossierRequirement,
    upload: BinaryIO,
    name: str,
    size: int,
    nomination: Nomination | None = None,
    actor: User,
    now: datetime,
) -> DossierPart:
    """Put a file into the dossier: a paper the portal cannot write, or the signed scan instead of
    one that it writes. A report or a proof may be that of one nominee.

    Raises DomainError for a paper of another plan, a nomination of another dossier, a file of
    another type, for a Word or Excel file where the bound copy needs pages, and for a PDF or
    picture that could not be bound.
    """
    dossier = _open(dossier)
    if requirement.campaign_id != dossier.award_round.campaign_id:
        raise DomainError(
            f"Thành phần “{requirement}” thuộc kế hoạch khác. Chọn thành phần trong danh mục của "
            "hồ sơ này."
        )
    if nomination:
        _check_nomination(dossier, requirement, nomination)
    blob, clean = storage.keep_upload(upload, name=name, size=size, now=now)
    kind = binder.KINDS.get(blob.media_type)
    if requirement.is_generated and not kind:
        raise DomainError(
            f"“{clean}” thay cho “{requirement}” nên phải là bản quét có chữ ký: PDF, ảnh PNG hoặc "
            "JPEG. Xuất tệp ra PDF rồi tải lên lại."
        )
    if kind:  # damage is told to who holds the paper, not to who binds it days later
        binder.check(binder.Part(clean, storage.read_bytes(blob), kind))
    part = DossierPart.objects.create(
        dossier=dossier,
        requirement=requirement,
        nomination=nomination,
        blob=blob,
        name=clean,
        uploaded_at=now,
        uploaded_by=actor,
    )
    _touch(dossier, "dossierpart.added", part, actor, now)
    return part


@transaction.atomic
def remove_part(part: DossierPart, *, actor: User, now: datetime) -> DossierPart:
    """Take a file out; the row stays, since older builds hold it.

    Raises DomainError once the dossier was sent, and for a file already taken out.
    """
    dossier = _open(part.dossier)
    part = locked(part)
    if part.removed_at:
        raise DomainError(f"“{part}” đã được gỡ trước đó. Tải lại trang.")
    part.removed_at = now
    part.save(update_fields=["removed_at"])
    _touch(dossier, "dossierpart.removed", part, actor, now)
    return part


@transaction.atomic
def send_dossier(dossier: Dossier, *, actor: User, now: datetime) -> Dossier:
    """Send the dossier up: from here nothing in it changes, and its nominations go with it.

    The newest version, bound from exactly these papers, is what the receivers get.
    Raises DomainError with every reason at once while anything stands in the way, and then while
    there is no such version.
    """
    dossier = _open(dossier)
    held = queries.contents(dossier)
    if reasons := queries.obstacles(dossier, held, timezone.localdate(now)):
        raise DomainError(f"Chưa trình được “{dossier}”. {' '.join(reasons)}")
    if reason := queries.not_bound(dossier, held):
        raise DomainError(f"Chưa trình được “{dossier}”. {reason}")
    advance(
        dossier,
        Dossier.State.SENT,
        actor=actor,
        now=now,
        unit=dossier.proposing_unit,
        sent_at=now,
        sent_by=actor,
    )
    dossier.nominations.set(held.nominations)
    assert dossier.letter_on  # an obstacle otherwise
    waiting = [item for item in held.nominations if item.state == Nomination.State.PASSED]
    forward_nominations(waiting, on=dossier.letter_on, actor=actor, now=now)
    return dossier


def _open(dossier: Dossier) -> Dossier:
    """The dossier under a lock. Raises DomainError unless it is still being prepared."""
    locked(dossier)
    dossier = queries.with_names(Dossier.objects.filter(pk=dossier.pk)).get()
    if dossier.state != Dossier.State.DRAFT:
        raise DomainError(
            f"{dossier} đã trình nên không sửa được nữa. Cần bổ sung thì liên hệ nơi nhận hồ sơ."
        )
    return dossier


def _check_nomination(
    dossier: Dossier, requirement: DossierRequirement, nomination: Nomination
) -> None:
    if requirement.part not in PER_NOMINEE:
        raise DomainError(
            f"“{requirement}” là giấy tờ chung của hồ sơ, không của riêng “{nomination}”. "
            "Bỏ chọn đề nghị rồi tải lên lại."
        )
    if nomination not in queries.contents(dossier).nominations:
        raise DomainError(
            f"Đề nghị cho “{nomination}” không nằm trong hồ sơ này. Chọn đề nghị trong danh sách."
        )


def _touch(dossier: Dossier, action: str, part: DossierPart, actor: User, now: datetime) -> None:
    """A change of papers is a new revision of the dossier and a line of its history."""
    dossier.revision += 1
    dossier.save(update_fields=["revision"])
    record(
        action,
        dossier,
        actor=actor,
        now=now,
        unit=dossier.proposing_unit,
        note=f"{part.requirement}, tệp “{part}”",
        data={"part": part.pk, "sha256": part.blob_id},
    )
