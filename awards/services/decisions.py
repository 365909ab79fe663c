"""Decisions, signed outside the portal and put on record here, and the register they fill."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from awards.models import Award, AwardRound, Decision, Nomination
from awards.queries import deciding_unit, passing_session
from awards.services.quotas import locked_chain, release_place
from units.models import Unit, User
from units.rules import DomainError, day_text, fold
from units.workflow import advance, locked, record

State = Nomination.State


@transaction.atomic
def record_decision(
    award_round: AwardRound,
    *,
    unit: Unit,
    number: str,
    symbol: str,
    issued_on: date,
    signer_title: str,
    signer_name: str,
    subject_line: str,
    granted: Iterable[Nomination],
    refused: Iterable[Nomination] = (),
    is_sample: bool = False,
    actor: User,
    now: datetime,
) -> Decision:
    """Put a signed decision on record: what it grants enters the register with the names of the
    day, what it refuses gives its place back. Forwarded nominations named in neither wait on.

    Raises DomainError for a nomination that was not forwarded or is decided by another office, for
    a day before its papers or after today, for a number already on record.
    """
    award_round = locked(award_round)
    given = {nomination.pk for nomination in granted}
    denied = {nomination.pk for nomination in refused}
    if not given or given & denied:
        raise DomainError(
            "Quyết định phải tặng ít nhất một đề nghị, và mỗi đề nghị hoặc được tặng hoặc không. "
            "Đánh dấu lại danh sách."
        )
    rows = list(
        Nomination.objects.select_for_update(of=("self",), no_key=True)
        .filter(pk__in=given | denied)
        .select_related(
            "quota__award_form",
            "quota__decider",
            "award_round__council__unit",
            "award_round__campaign__issuer",
            "proposing_unit",
            "unit",
            "person",
            "household",
        )
        .order_by("pk")
    )
    today = timezone.localdate(now)
    if issued_on > today:
        raise DomainError(
            f"Ngày quyết định ({day_text(issued_on)}) sau hôm nay ({day_text(today)}). "
            "Ghi ngày đã ký trên quyết định."
        )
    for nomination in rows:
        _require_decidable(nomination, award_round, unit, issued_on)
    same = Decision.objects.filter(unit=unit, number=number, symbol=symbol, issued_on=issued_on)
    if same.exists():
        raise DomainError(
            f"Quyết định số {number}/{symbol} ngày {day_text(issued_on)} của “{unit}” đã được ghi. "
            "Kiểm tra lại số, ký hiệu."
        )
    decision = Decision.objects.create(
        number=number,
        symbol=symbol,
        issued_on=issued_on,
        unit=unit,
        signer_title=signer_title,
        signer_name=signer_name,
        subject_line=subject_line,
        recorded_by=actor,
        recorded_at=now,
        is_sample=is_sample,
    )
    locked_chain(*(nomination.quota for nomination in rows if nomination.pk in denied))
    for nomination in rows:
        if nomination.pk in given:
            _confer(decision, nomination)
        else:
            release_place(nomination, actor=actor, now=now)
        advance(
            nomination,
            State.AWARDED if nomination.pk in given else State.REFUSED,
            actor=actor,
            now=now,
            unit=nomination.proposing_unit,
            note=f"Quyết định số {decision}",
        )
    record(
        "decision.recorded",
        decision,
        actor=actor,
        now=now,
        unit=unit,
        note=f"tặng {len(given)}, không tặng {len(denied)}",
    )
    return decision


def _require_decidable(
    nomination: Nomination, award_round: AwardRound, unit: Unit, issued_on: date
) -> None:
    if nomination.award_round_id != award_round.pk or nomination.state != State.FORWARDED:
        raise DomainError(
            f"“{nomination}” đang ở trạng thái “{nomination.get_state_display()}”; chỉ đề nghị đã "
            f"trình của đợt xét “{award_round}” mới ghi quyết định được. Trình hồ sơ trước."
        )
    decider = deciding_unit(nomination)
    if decider != unit:
        raise DomainError(
            f"“{nomination.quota.award_form}” cho “{nomination}” do “{decider}” quyết định, không "
            f"phải “{unit}”. Bỏ đề nghị này khỏi danh sách hoặc chọn đúng cơ quan quyết định."
        )
    session = passing_session(nomination)
    papers = [
        (nomination.forwarded_on, "ngày trình hồ sơ"),
        (session.held_on if session else None, "ngày hội đồng họp"),
    ]
    for day, what in papers:
        if day and issued_on < day:
            raise DomainError(
                f"Ngày quyết định ({day_text(issued_on)}) trước {what} của “{nomination}” "
                f"({day_text(day)}). Kiểm tra lại ngày ký."
            )


def _confer(decision: Decision, nomination: Nomination) -> Award:
    quota = nomination.quota
    name, post = nomination.nominee_name, nomination.post
    return Award.objects.create(
        decision=decision,
        nomination=nomination,
        campaign=nomination.award_round.campaign,
        phase=nomination.award_round.phase,
        award_form=quota.award_form,
        recipient_kind=quota.recipient_kind,
        recipient_name=name,
        recipient_post=post,
        unit=nomination.unit or nomination.proposing_unit,
        person=nomination.person,
        is_direct_worker=nomination.is_direct_worker,
        achievement=nomination.summary or nomination.achievement,
        achievement_from=nomination.achievement_from,
        achievement_to=nomination.achievement_to,
        is_sample=decision.is_sample or nomination.is_sample,
        folded=fold(f"{name} {post}"),
    )
