"""What the council said: who was there, and the tally of each nomination.

Nothing here keeps how anybody voted: only counts reach the portal.
"""

from collections.abc import Collection, Mapping
from datetime import date, datetime, time

from django.db import transaction
from django.utils import timezone

from awards.models import (
    Attendance,
    AwardRound,
    CouncilSeat,
    CouncilSession,
    Nomination,
    Tally,
)
from awards.queries import seats_on, voting_rule
from awards.rules import Outcome, tally_outcome
from awards.services.nominations import ENDED
from awards.services.quotas import release_place, take_place
from units.models import User
from units.rules import DomainError, day_text
from units.workflow import advance, locked, record

State = Nomination.State
COUNTS = ("yes", "no", "abstained", "absent", "recused")


@transaction.atomic
def open_session(
    award_round: AwardRound,
    *,
    held_on: date,
    opened_at: time | None = None,
    place: str = "",
    is_sample: bool = False,
    actor: User,
    now: datetime,
) -> CouncilSession:
    """Call a session of the round's council. One at a time, with members who may vote that day."""
    award_round = locked(award_round)
    council = award_round.council
    if council is None:
        raise DomainError(
            f"Đợt xét “{award_round}” chưa giao hội đồng nào xét nên chưa mở được phiên họp. "
            "Mở đợt xét khác có ghi hội đồng."
        )
    if award_round.state != AwardRound.State.OPEN:
        raise DomainError(
            f"Đợt xét “{award_round}” đã kết thúc. Mở lại đợt xét rồi mới mở phiên họp."
        )
    running = award_round.sessions.filter(state=CouncilSession.State.OPEN).first()
    if running:
        raise DomainError(
            f"Phiên họp ngày {day_text(running.held_on)} của đợt xét này chưa kết thúc. "
            "Kết thúc phiên đó rồi mới mở phiên khác."
        )
    if not any(seat.votes for seat in seats_on(council, held_on)):
        raise DomainError(
            f"Ngày {day_text(held_on)} “{council}” không có thành viên nào có quyền biểu quyết. "
            "Kiểm tra ngày họp và danh sách thành viên theo quyết định thành lập."
        )
    session = CouncilSession.objects.create(
        council=council,
        award_round=award_round,
        held_on=held_on,
        opened_at=opened_at,
        place=place,
        recorded_by=actor,
        is_sample=is_sample,
    )
    record("councilsession.opened", session, actor=actor, now=now, unit=council.unit)
    return session


@transaction.atomic
def record_attendance(
    session: CouncilSession, *, states: Mapping[int, str], actor: User, now: datetime
) -> list[Tally]:
    """Who was there: seat → state, for seats that live on the day of the session.

    While the session is open a mistake is mended here first. Returns the tallies counted on another
    attendance, to be corrected next; until then the session does not end.
    """
    session = locked(session)
    _require_running(session)
    seats = {seat.pk: seat for seat in seats_on(session.council, session.held_on)}
    if set(states) - set(seats):
        raise DomainError(
            "Danh sách điểm danh có người không là thành viên hội đồng trong ngày họp. "
            "Tải lại trang để lấy đúng danh sách."
        )
    for key, state in states.items():
        Attendance.objects.update_or_create(
            session=session, seat=seats[key], defaults={"state": Attendance.State(state)}
        )
    voters = sum(seat.votes for seat in seats.values())
    marked = session.attendance.filter(state=Attendance.State.PRESENT, seat__in=seats)
    record(
        "councilsession.attended",
        session,
        actor=actor,
        now=now,
        unit=session.council.unit,
        note=f"{marked.filter(seat__votes=True).count()} trên {voters} thành viên có quyền biểu "
        "quyết có mặt",
    )
    return _contradicting(session, list(seats.values()))


@transaction.atomic
def record_tally(
    session: CouncilSession,
    *,
    nomination: Nomination,
    yes: int,
    no: int,
    abstained: int,
    absent: int,
    recused: int,
    chair_agreed: bool | None = None,
    actor: User,
    now: datetime,
) -> Tally:
    """The secretary writes the five counts; the portal says whether the nomination passed.

    The counts must add up to the members who may vote on the day, and the absent be those whom the
    attendance does not have there. While the session is open the same act corrects an earlier one,
    and the place follows. Raises DomainError.
    """
    award_round = locked(session.award_round)
    session = locked(session)
    _require_running(session)
    nomination = locked(nomination)
    day = session.held_on
    if nomination.award_round_id != award_round.pk:
        raise DomainError(f"“{nomination}” không thuộc đợt xét “{award_round}” của phiên họp này.")
    if day > timezone.localdate(now):
        raise DomainError(
            f"Phiên họp định ngày {day_text(day)}, chưa diễn ra. Ghi kiểm phiếu từ ngày họp."
        )
    earlier = Tally.objects.filter(session=session, nomination=nomination).first()
    settled = nomination.state in (State.PASSED, State.NOT_PASSED)
    if nomination.state != State.PROPOSED and not (earlier and settled):
        raise DomainError(
            f"“{nomination}” đang ở trạng thái “{nomination.get_state_display()}”, không chờ phiên "
            "họp này biểu quyết. Tải lại trang để xem danh sách hiện nay."
        )
    proposed_on = timezone.localdate(nomination.proposed_at)
    if proposed_on > day:
        raise DomainError(
            f"“{nomination}” được đề nghị ngày {day_text(proposed_on)}, sau ngày họp "
            f"{day_text(day)}. Để đề nghị này cho phiên họp sau."
        )
    rule = voting_rule(nomination.quota.award_form)
    counts = {
        "yes": yes, "no": no, "abstained": abstained, "absent": absent, "recused": recused
    }  # fmt: skip
    seats = seats_on(session.council, day)
    members = sum(seat.votes for seat in seats)
    _require_counts(counts, members, day)
    _require_attendance(session, seats, absent)
    if rule.chair_must_agree and chair_agreed is None:
        raise DomainError(
            f"Với “{nomination.quota.award_form}”, chủ tịch hội đồng phải đồng ý; "
            "ghi rõ chủ tịch đồng ý hay không."
        )
    chair = chair_agreed if rule.chair_must_agree else None
    outcome = tally_outcome(rule, members=members, chair_agreed=chair, **counts)
    tally, _ = Tally.objects.update_or_create(
        session=session,
        nomination=nomination,
        defaults={
            **counts,
            "members": members,
            "chair_agreed": chair,
            "rate": outcome.rate_kept,
            "passed": outcome.passed,
            "rule": _rule_kept(nomination, outcome),
            "recorded_at": now,
            "recorded_by": actor,
        },
    )
    result = "thông qua" if outcome.passed else "không thông qua"
    note = f"đồng ý {yes}/{outcome.base}, {result}"
    record(
        "councilsession.recounted" if earlier else "councilsession.tallied",
        session,
        actor=actor,
        now=now,
        unit=session.council.unit,
        note=f"{nomination}: đồng ý {yes}, không đồng ý {no}, không có ý kiến {abstained}, "
        f"vắng mặt {absent}, không tham gia do liên quan {recused}; {result}",
    )
    if earlier:
        record(
            "tally.corrected",
            nomination,
            actor=actor,
            now=now,
            unit=nomination.proposing_unit,
            note=note,
            data={name: [getattr(earlier, name), counts[name]] for name in COUNTS},
        )
    to = State.PASSED if outcome.passed else State.NOT_PASSED
    if nomination.state == to:
        return tally
    if nomination.state == State.NOT_PASSED:
        _require_still_alone(nomination)
        take_place(nomination, actor=actor, now=now)
    advance(nomination, to, actor=actor, now=now, unit=nomination.proposing_unit, note=note)
    if to == State.NOT_PASSED:
        release_place(nomination, actor=actor, now=now)
    return tally


@transaction.atomic
def close_session(
    session: CouncilSession,
    *,
    conclusion: str = "",
    minutes_number: str = "",
    ended_at: time | None = None,
    left_out: Collection[int] = (),
    actor: User,
    now: datetime,
) -> CouncilSession:
    """End the session; nothing in it changes afterwards.

    Every nomination proposed in the round has a tally, or is named in `left_out` (keys) for a later
    session; every member is marked present or absent, and each tally agrees. Raises DomainError
    otherwise.
    """
    award_round = locked(session.award_round)
    session = locked(session)
    _require_running(session)
    seats = {seat.pk: seat for seat in seats_on(session.council, session.held_on)}
    marked = set(session.attendance.values_list("seat", flat=True))
    if unmarked := [seat for key, seat in seats.items() if key not in marked]:
        raise DomainError(
            f"Chưa điểm danh {len(unmarked)} thành viên ({_names(unmarked)}). "
            "Ghi có mặt hay vắng cho từng người rồi kết thúc phiên họp."
        )
    if stale := _contradicting(session, list(seats.values())):
        raise DomainError(
            f"{_attendance_text(session, list(seats.values()))}, nhưng {len(stale)} kết quả kiểm "
            f"phiếu ({_names([tally.nomination for tally in stale])}) ghi khác. Sửa số vắng mặt "
            "của từng kết quả cho khớp, hoặc sửa điểm danh, rồi kết thúc phiên họp."
        )
    waiting = list(
        award_round.nominations.filter(state=State.PROPOSED)
        .select_related("unit", "person", "household")
        .order_by("pk")
    )
    if open_ones := [one for one in waiting if one.pk not in left_out]:
        raise DomainError(
            f"Còn {len(open_ones)} đề nghị chưa có kết quả kiểm phiếu ({_names(open_ones)}). "
            "Ghi kết quả, hoặc đánh dấu để lại phiên sau rồi kết thúc phiên họp."
        )
    if waiting:
        record(
            "councilsession.left_out",
            session,
            actor=actor,
            now=now,
            unit=session.council.unit,
            note=", ".join(map(str, waiting)),
            data={"nominations": [one.pk for one in waiting]},
        )
    return advance(
        session,
        CouncilSession.State.CLOSED,
        actor=actor,
        now=now,
        unit=session.council.unit,
        closed_at=now,
        conclusion=conclusion,
        minutes_number=minutes_number,
        ended_at=ended_at,
    )


# --- what the acts ask ---------------------------------------------------------------------------
def _require_running(session: CouncilSession) -> None:
    if session.state != CouncilSession.State.OPEN:
        raise DomainError(
            f"Phiên họp ngày {day_text(session.held_on)} đã kết thúc nên không sửa được nữa. "
            "Cần xét lại thì mở phiên họp khác."
        )


def _require_counts(counts: Mapping[str, int], members: int, day: date) -> None:
    if min(counts.values()) < 0:
        raise DomainError("Số phiếu không được âm. Nhập từ 0 trở lên.")
    total = sum(counts.values())
    if total != members:
        raise DomainError(
            f"Đồng ý, không đồng ý, không có ý kiến, vắng mặt và không tham gia cộng lại được "
            f"{total}, phải đúng bằng {members} thành viên có quyền biểu quyết ngày "
            f"{day_text(day)}. Kiểm tra lại từng con số."
        )


def _require_attendance(
    session: CouncilSession, seats: Collection[CouncilSeat], absent: int
) -> None:
    marked = set(session.attendance.values_list("seat", flat=True))
    if unmarked := [seat for seat in seats if seat.votes and seat.pk not in marked]:
        raise DomainError(
            f"Chưa điểm danh {len(unmarked)} thành viên có quyền biểu quyết ({_names(unmarked)}). "
            "Lưu điểm danh trước rồi ghi kết quả kiểm phiếu."
        )
    if absent != _absent(session, seats):
        text = _attendance_text(session, seats)
        raise DomainError(
            f"Kết quả kiểm phiếu ghi {absent} người vắng mặt, còn {text[0].lower()}{text[1:]}. "
            "Sửa số vắng mặt, hoặc sửa điểm danh trước nếu điểm danh sai."
        )


def _absent(session: CouncilSession, seats: Collection[CouncilSeat]) -> int:
    """How many of those who vote are marked as not there."""
    voters = [seat.pk for seat in seats if seat.votes]
    away = session.attendance.filter(seat__in=voters).exclude(state=Attendance.State.PRESENT)
    return away.count()


def _attendance_text(session: CouncilSession, seats: Collection[CouncilSeat]) -> str:
    voters = sum(seat.votes for seat in seats)
    return (
        f"Điểm danh có {_absent(session, seats)} trên {voters} thành viên có quyền biểu quyết "
        "vắng mặt"
    )


def _contradicting(session: CouncilSession, seats: Collection[CouncilSeat]) -> list[Tally]:
    """Tallies whose absent or whose members are not those of the attendance."""
    voters = sum(seat.votes for seat in seats)
    tallies = session.tallies.exclude(absent=_absent(session, seats), members=voters)
    return list(
        tallies.select_related(
            "nomination__unit", "nomination__person", "nomination__household"
        ).order_by("pk")
    )


def _require_still_alone(nomination: Nomination) -> None:
    """The nominee may have been proposed anew since the first tally said no."""
    others = nomination.award_round.nominations.filter(
        quota=nomination.quota_id,
        unit=nomination.unit_id,
        person=nomination.person_id,
        household=nomination.household_id,
    )
    if others.exclude(pk=nomination.pk).exclude(state__in=ENDED).exists():
        raise DomainError(
            f"“{nomination}” đã được đề nghị lại cùng hình thức trong đợt xét. "
            "Rút đề nghị sau rồi mới sửa kết quả kiểm phiếu."
        )


def _rule_kept(nomination: Nomination, outcome: Outcome) -> dict[str, str | int | bool | list[str]]:
    form = nomination.quota.award_form
    rule = voting_rule(form)
    return {
        "threshold": str(rule.threshold),
        "operator": rule.operator,
        "base": rule.base,
        "base_count": outcome.base,
        "needed": outcome.needed,
        "quorum": str(rule.quorum),
        "chair_must_agree": rule.chair_must_agree,
        "voting": form.get_voting_display(),
        "sentence": rule.sentence(),
        "source": rule.source,
        "reasons": list(outcome.reasons),
    }


def _names(rows: Collection[CouncilSeat | Nomination]) -> str:
    shown = [str(row.person if isinstance(row, CouncilSeat) else row) for row in rows]
    return ", ".join(shown[:3]) + (f" và {len(shown) - 3} trường hợp khác" if shown[3:] else "")
