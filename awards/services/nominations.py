"""From the first line of a nomination to its being proposed, sent back, withdrawn or forwarded."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from awards.models import (
    AwardRound,
    CouncilSession,
    Nomination,
    NominationAnswer,
    Quota,
    RecipientKind,
)
from awards.queries import (
    basis_of,
    criteria_for,
    missing_of,
    nominee_unit_of,
    passing_session,
    posting_on,
    refusal,
)
from awards.services.councils import require_receiving
from awards.services.nominees import add_household, add_person
from awards.services.quotas import release_place, take_place
from criteria.models import Indicator
from units.models import Household, Person, Unit, User
from units.rules import DomainError, day_text
from units.workflow import advance, locked, record

State = Nomination.State
Answers = Mapping[int, tuple[bool | None, str]]  # indicator → (meets, text)
ENDED = (State.WITHDRAWN, State.NOT_PASSED, State.REFUSED)


@transaction.atomic
def nominate(
    award_round: AwardRound,
    *,
    quota: Quota,
    proposing_unit: Unit,
    unit: Unit | None = None,
    person: Person | None = None,
    household: Household | None = None,
    post: str = "",
    is_direct_worker: bool | None = None,
    is_leader: bool | None = None,
    achievement: str = "",
    summary: str = "",
    achievement_from: date | None = None,
    achievement_to: date | None = None,
    answers: Answers | None = None,
    is_sample: bool = False,
    actor: User,
    now: datetime,
) -> Nomination:
    """Begin a nomination of exactly one collective, individual or household. It takes no place.

    The post is as of the day, since people move; left empty it is read from their postings.
    Raises DomainError when the round, the quota, the nominee or the proposer do not fit.
    """
    award_round = locked(award_round)
    today = require_receiving(award_round, now)
    if (quota.campaign_id, quota.phase_id) != (award_round.campaign_id, award_round.phase_id):
        raise DomainError(
            f"“{quota}” không thuộc giai đoạn của đợt xét “{award_round}”. "
            "Chọn hình thức khen thưởng nêu trong kế hoạch cho giai đoạn này."
        )
    nominee_unit = _nominee_unit(quota, proposing_unit, unit, person, household, today)
    _require_eligible(award_round, proposing_unit, nominee_unit, today)
    _require_alone(award_round, quota, unit, person, household)
    if person:
        held = posting_on(person, today, proposing_unit)
        if held and not post:
            post = f"{held.title}, {held.unit.name}"
        if held and is_leader is None:
            is_leader = held.is_leader and not is_direct_worker
        if is_leader and is_direct_worker is None:
            is_direct_worker = False
    _require_one_role(is_direct_worker, is_leader)
    nomination = Nomination.objects.create(
        award_round=award_round,
        quota=quota,
        proposing_unit=proposing_unit,
        unit=unit,
        person=person,
        household=household,
        post=post,
        is_direct_worker=is_direct_worker,
        is_leader=is_leader,
        achievement=achievement,
        summary=summary,
        achievement_from=achievement_from,
        achievement_to=achievement_to,
        created_by=actor,
        created_at=now,
        is_sample=is_sample,
    )
    _answer(nomination, nominee_unit, answers or {})
    record("nomination.drafted", nomination, actor=actor, now=now, unit=proposing_unit)
    return nomination


@transaction.atomic
def nominate_by_name(
    award_round: AwardRound,
    *,
    quota: Quota,
    proposing_unit: Unit,
    nominee: Unit | Person | Household | None,
    new: Mapping[str, Any],
    is_direct_worker: bool | None = None,
    is_leader: bool | None = None,
    actor: User,
    now: datetime,
) -> Nomination:
    """Begin a nomination of somebody chosen, or put on record with it (`new`, see nominees)."""
    if nominee is None and quota.recipient_kind == RecipientKind.INDIVIDUAL:
        leads = bool(is_leader)
        nominee = add_person(**new, unit=proposing_unit, is_leader=leads, actor=actor, now=now)
    elif nominee is None and quota.recipient_kind == RecipientKind.HOUSEHOLD:
        nominee = add_household(**new, unit=proposing_unit, actor=actor, now=now)
    return nominate(
        award_round,
        quota=quota,
        proposing_unit=proposing_unit,
        unit=nominee if isinstance(nominee, Unit) else None,
        person=nominee if isinstance(nominee, Person) else None,
        household=nominee if isinstance(nominee, Household) else None,
        is_direct_worker=is_direct_worker,
        is_leader=is_leader,
        actor=actor,
        now=now,
    )


@transaction.atomic
def edit_nomination(
    nomination: Nomination,
    *,
    version: int,
    post: str,
    is_direct_worker: bool | None,
    is_leader: bool | None,
    achievement: str,
    summary: str,
    achievement_from: date | None,
    achievement_to: date | None,
    answers: Answers,
    actor: User,
    now: datetime,
) -> Nomination:
    """Change a draft. `version` is the revision that was read; a newer one is not overwritten."""
    nomination = locked(nomination)
    require_draft(nomination)
    if version != nomination.revision:
        raise DomainError(
            f"Đề nghị cho “{nomination}” vừa được người khác sửa (lần {nomination.revision}). "
            "Nội dung vừa nhập còn trên trang; mở bản mới ở thẻ khác, đối chiếu rồi lưu lại."
        )
    _require_one_role(is_direct_worker, is_leader)
    changed: dict[str, Any] = {
        "post": post,
        "is_direct_worker": is_direct_worker,
        "is_leader": is_leader,
        "achievement": achievement,
        "summary": summary,
        "achievement_from": achievement_from,
        "achievement_to": achievement_to,
        "revision": nomination.revision + 1,
    }
    for name, value in changed.items():
        setattr(nomination, name, value)
    nomination.save(update_fields=list(changed))
    _answer(nomination, nominee_unit_of(nomination, timezone.localdate(now)), answers)
    record("nomination.edited", nomination, actor=actor, now=now, unit=nomination.proposing_unit)
    return nomination


@transaction.atomic
def propose_nomination(nomination: Nomination, *, actor: User, now: datetime) -> Nomination:
    """Send the nomination to the council: it takes its place in the quota.

    Raises DomainError when the round does not receive, the nominee may not be commended, something
    is not filled in, or no place is left (the sentence says which).
    """
    award_round = locked(nomination.award_round)
    nomination = locked(nomination)
    require_draft(nomination)
    today = require_receiving(award_round, now)
    nominee_unit = nominee_unit_of(nomination, today)
    _require_eligible(award_round, nomination.proposing_unit, nominee_unit, today)
    if missing := missing_of(nomination, nominee_unit):
        raise DomainError(
            f"Chưa gửi được đề nghị cho “{nomination}” vì còn thiếu: {'; '.join(missing)}. "
            "Bổ sung nội dung tại trang “Sửa đề nghị”, tải tài liệu tại trang của đề nghị rồi gửi "
            "lại."
        )
    take_place(nomination, actor=actor, now=now)
    return advance(
        nomination,
        State.PROPOSED,
        actor=actor,
        now=now,
        unit=nomination.proposing_unit,
        proposed_at=now,
        proposed_by=actor,
        return_reason="",
        **basis_of(nomination, nominee_unit, today),
    )


@transaction.atomic
def return_nomination(
    nomination: Nomination, *, reason: str, actor: User, now: datetime
) -> Nomination:
    """Send a proposed nomination back to be mended; its place is free meanwhile."""
    nomination = locked(nomination)
    if not reason.strip():
        raise DomainError("Trả lại đề nghị phải ghi lý do để đơn vị biết cần sửa gì.")
    if nomination.state != State.PROPOSED:
        raise DomainError(
            f"Đề nghị cho “{nomination}” đang ở trạng thái “{nomination.get_state_display()}” nên "
            "không trả lại được. Tải lại trang để xem trạng thái hiện nay."
        )
    release_place(nomination, actor=actor, now=now)
    return advance(
        nomination,
        State.DRAFT,
        actor=actor,
        now=now,
        unit=nomination.proposing_unit,
        note=reason,
        return_reason=reason,
    )


@transaction.atomic
def withdraw_nomination(nomination: Nomination, *, actor: User, now: datetime) -> Nomination:
    """The unit takes its nomination back for good; a place it held is free again."""
    nomination = locked(nomination)
    release_place(nomination, actor=actor, now=now)
    return advance(
        nomination, State.WITHDRAWN, actor=actor, now=now, unit=nomination.proposing_unit
    )


@transaction.atomic
def forward_nominations(
    nominations: Iterable[Nomination], *, on: date, actor: User, now: datetime
) -> list[Nomination]:
    """What the council passed goes up with its dossier on the day `on`.

    Raises DomainError while the session is open, and for a day before it or after today.
    """
    keys = sorted(nomination.pk for nomination in nominations)
    rows = list(
        Nomination.objects.select_for_update(of=("self",), no_key=True)
        .filter(pk__in=keys)
        .select_related("proposing_unit", "unit", "person", "household")
        .order_by("pk")
    )
    today = timezone.localdate(now)
    if on > today:
        raise DomainError(
            f"Ngày trình ({day_text(on)}) sau hôm nay ({day_text(today)}). Ghi ngày trình thực tế."
        )
    for nomination in rows:
        session = passing_session(nomination)
        if session and session.state != CouncilSession.State.CLOSED:
            raise DomainError(
                f"Phiên họp ngày {day_text(session.held_on)} đã thông qua “{nomination}” nhưng "
                "chưa kết thúc. Thư ký kết thúc phiên họp rồi mới trình hồ sơ."
            )
        if session and on < session.held_on:
            raise DomainError(
                f"Ngày trình ({day_text(on)}) trước ngày hội đồng họp "
                f"({day_text(session.held_on)}). Ghi ngày trình từ ngày họp trở đi."
            )
        advance(
            nomination,
            State.FORWARDED,
            actor=actor,
            now=now,
            unit=nomination.proposing_unit,
            forwarded_on=on,
        )
    return rows


# --- what the acts ask ---------------------------------------------------------------------------
def _nominee_unit(
    quota: Quota,
    proposing_unit: Unit,
    unit: Unit | None,
    person: Person | None,
    household: Household | None,
    day: date,
) -> Unit:
    given = {
        RecipientKind.COLLECTIVE: unit,
        RecipientKind.INDIVIDUAL: person,
        RecipientKind.HOUSEHOLD: household,
    }
    kind = RecipientKind(quota.recipient_kind)
    if given[kind] is None or sum(one is not None for one in given.values()) != 1:
        raise DomainError(
            f"“{quota}” dành cho {kind.label}; mỗi đề nghị chỉ cho đúng một {kind.label}. "
            f"Chọn một {kind.label}."
        )
    if person:
        held = posting_on(person, day, proposing_unit)
        if not held:
            raise DomainError(
                f"“{person}” không giữ chức vụ nào trong ngày {day_text(day)} nên không rõ thuộc "
                "đơn vị nào. Ghi quá trình công tác của người này trước."
            )
        return held.unit
    return unit or household.unit  # type: ignore[union-attr]


def _require_eligible(
    award_round: AwardRound, proposing_unit: Unit, nominee_unit: Unit, day: date
) -> None:
    if why := refusal(award_round.campaign, proposing_unit, nominee_unit, day):
        raise DomainError(why)


def _require_alone(
    award_round: AwardRound,
    quota: Quota,
    unit: Unit | None,
    person: Person | None,
    household: Household | None,
) -> None:
    """One live nomination a nominee, round and quota; the round is locked, the table agrees."""
    others = award_round.nominations.filter(
        quota=quota, unit=unit, person=person, household=household
    ).exclude(state__in=ENDED)
    other = others.select_related("proposing_unit").first()
    if other:
        raise DomainError(
            f"“{unit or person or household}” đã được “{other.proposing_unit}” đề nghị “{quota}” "
            "trong đợt xét này. Mỗi đối tượng chỉ đề nghị một lần cho một hình thức; mở đề nghị đã "
            "có để sửa, hoặc rút đề nghị đó trước."
        )


def require_draft(nomination: Nomination) -> None:
    if nomination.state != State.DRAFT:
        raise DomainError(
            f"Đề nghị cho “{nomination}” đang ở trạng thái “{nomination.get_state_display()}”, chỉ "
            "bản đang soạn mới sửa và gửi được. Đề nghị cơ quan thường trực trả lại nếu cần sửa."
        )


def _require_one_role(is_direct_worker: bool | None, is_leader: bool | None) -> None:
    if is_direct_worker and is_leader:
        raise DomainError(
            "Một người được tính hoặc là người trực tiếp thực hiện, hoặc là lãnh đạo, quản lý; cơ "
            "cấu danh sách đếm mỗi người một lần. Chọn một vai trò."
        )


def _answer(nomination: Nomination, nominee_unit: Unit, answers: Answers) -> None:
    quota = nomination.quota
    asked = criteria_for(quota.campaign, quota.recipient_kind, nominee_unit)
    known: dict[int, Indicator] = {indicator.pk: indicator for indicator in asked}
    if set(answers) - set(known):
        raise DomainError(
            f"Có câu trả lời cho tiêu chuẩn không áp dụng với “{nomination}”. "
            "Tải lại trang để lấy đúng danh sách tiêu chuẩn."
        )
    for key, (meets, text) in answers.items():
        NominationAnswer.objects.update_or_create(
            nomination=nomination, indicator=known[key], defaults={"meets": meets, "text": text}
        )
