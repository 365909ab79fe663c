"""The lead of a bloc passes on: handed over by the leader of the year, confirmed by the next."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from campaigns import queries
from campaigns.models import HandOver
from units.models import Bloc, User
from units.rules import DomainError, day_text
from units.workflow import advance, locked, record

State = HandOver.State


@transaction.atomic
def hand_over_lead(
    bloc: Bloc,
    year: int,
    *,
    held_on: date,
    document: str,
    note: str = "",
    actor: User,
    now: datetime,
) -> HandOver:
    """The leader of `year` hands over to the one whom the list of the next year names, with what
    is left open as the portal knows it; a returned one is sent again.

    Raises DomainError without a next leader, when the lead stays where it is, for a day to come or
    before the year, and when it was handed over already.
    """
    bloc = locked(bloc)
    giver, taker = queries.leader_of(bloc, year), queries.leader_of(bloc, year + 1)
    if giver is None:
        raise DomainError(
            f"Danh sách năm {year} chưa có đơn vị làm Trưởng nên không có ai bàn giao."
        )
    if taker is None:
        raise DomainError(
            f"Chưa có danh sách năm {year + 1} nên chưa biết bàn giao cho đơn vị nào. Đề nghị cơ "
            "quan tổ chức lập danh sách trước."
        )
    if giver == taker:
        raise DomainError(f"{giver} tiếp tục làm Trưởng năm {year + 1} nên không phải bàn giao.")
    if held_on > timezone.localdate(now):
        raise DomainError(
            f"Ngày bàn giao {day_text(held_on)} chưa đến. Lập bàn giao sau khi đã bàn giao."
        )
    if held_on < date(year, 1, 1):
        raise DomainError(f"Ngày bàn giao {day_text(held_on)} trước năm {year}. Xem lại ngày.")
    if not document.strip():
        raise DomainError("Ghi số, tên biên bản hoặc văn bản bàn giao.")
    said: dict[str, Any] = {
        "held_on": held_on,
        "document": document.strip(),
        "note": note.strip(),
        "matters": queries.bloc_cycle(bloc, year).open_matters,
        "giver": giver,
        "taker": taker,
        "sent_at": now,
        "sent_by": actor,
    }
    held = HandOver.objects.select_for_update(no_key=True).filter(bloc=bloc, year=year).first()
    if held is not None:
        return advance(held, State.SENT, actor=actor, now=now, unit=giver, **said)
    made = HandOver.objects.create(bloc=bloc, year=year, **said)
    record("handover.submitted", made, actor=actor, now=now, unit=giver, note=made.document)
    return made


@transaction.atomic
def confirm_hand_over(handover: HandOver, *, actor: User, now: datetime) -> HandOver:
    """The next leader's head takes over. Raises DomainError for who handed it over himself, and
    when another unit leads the next year by now."""
    handover = locked(handover)
    if actor.pk == handover.sent_by_id:
        raise DomainError(
            f"{actor} là người giao nên không tự xác nhận. Người khác của bên nhận ký."
        )
    if queries.leader_of(handover.bloc, handover.year + 1) != handover.taker:
        raise DomainError(
            f"Danh sách năm {handover.year + 1} đã đổi, {handover.taker} không còn làm Trưởng. Trả "
            "lại để bên giao lập lại."
        )
    return advance(
        handover,
        State.CONFIRMED,
        actor=actor,
        now=now,
        unit=handover.taker,
        confirmed_at=now,
        confirmed_by=actor,
    )


@transaction.atomic
def return_hand_over(handover: HandOver, *, reason: str, actor: User, now: datetime) -> HandOver:
    """Something is missing: the giver mends it and sends it again. Raises DomainError without a
    reason."""
    handover, reason = locked(handover), reason.strip()
    if not reason:
        raise DomainError("Ghi lý do trả lại: bên giao cần biết phải bổ sung gì.")
    return advance(
        handover,
        State.RETURNED,
        actor=actor,
        now=now,
        unit=handover.taker,
        note=reason,
        return_reason=reason,
    )
