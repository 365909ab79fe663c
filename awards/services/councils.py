"""Councils and the rounds they review."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from awards.models import AwardRound, Council, CouncilSeat, CouncilSession, Nomination
from awards.services.nominees import add_person, free_ref
from campaigns.models import Campaign, Phase
from units.models import Person, Unit, User
from units.rules import DomainError, day_text, on_a_day
from units.workflow import advance, locked, record


@transaction.atomic
def create_council(
    *,
    ref: str,
    unit: Unit,
    name: str,
    decision: str,
    valid_from: date,
    valid_to: date | None = None,
    symbol: str = "",
    is_sample: bool = False,
    actor: User | None,
    now: datetime,
) -> Council:
    """Put a council on record with the decision that set it up."""
    council = Council.objects.create(
        ref=ref,
        unit=unit,
        name=name,
        decision=decision,
        symbol=symbol,
        valid_from=valid_from,
        valid_to=valid_to,
        is_sample=is_sample,
    )
    record("council.created", council, actor=actor, now=now, unit=unit, note=decision)
    return council


@transaction.atomic
def add_seat(
    council: Council,
    *,
    person: Person,
    role: str,
    votes: bool = True,
    post: str = "",
    valid_from: date,
    valid_to: date | None = None,
    actor: User | None,
    now: datetime,
) -> CouncilSeat:
    """Seat a person. Raises DomainError outside the council's life and for a second chair."""
    council = locked(council)
    if not on_a_day(valid_from, council.valid_from, council.valid_to):
        raise DomainError(
            f"“{council}” hoạt động từ {day_text(council.valid_from)} đến "
            f"{day_text(council.valid_to) or 'nay'}; ngày bắt đầu của “{person}” "
            f"({day_text(valid_from)}) nằm ngoài. Ghi lại ngày theo quyết định thành lập."
        )
    others = CouncilSeat.objects.filter(council=council, valid_to=None)
    if role == CouncilSeat.Role.CHAIR and valid_to is None:
        chair = others.filter(role=role).select_related("person").first()
        if chair:
            raise DomainError(
                f"“{council}” đã có Chủ tịch đương nhiệm là “{chair.person}”. "
                "Ghi ngày kết thúc của người trước rồi thêm người mới."
            )
    same = CouncilSeat.objects.filter(
        Q(valid_to=None) | Q(valid_to__gte=valid_from), council=council, person=person
    )
    if earlier := same.filter(valid_from__lte=valid_to or date.max).first():
        raise DomainError(
            f"“{person}” đã là thành viên của “{council}” từ {day_text(earlier.valid_from)}. "
            "Ghi ngày kết thúc của lần trước rồi thêm lại từ ngày sau đó."
        )
    _require_after_sessions(council, valid_from, f"“{person}” tham gia từ")
    seat = CouncilSeat.objects.create(
        council=council,
        person=person,
        role=role,
        votes=votes,
        post=post,
        valid_from=valid_from,
        valid_to=valid_to,
    )
    record(
        "council.seated",
        council,
        actor=actor,
        now=now,
        unit=council.unit,
        note=f"{seat}, từ {day_text(valid_from)}",
    )
    return seat


@transaction.atomic
def seat_by_name(
    council: Council,
    *,
    person: Person | None,
    full_name: str,
    account: User | None,
    role: str,
    votes: bool,
    post: str,
    valid_from: date,
    actor: User,
    now: datetime,
) -> CouncilSeat:
    """Seat somebody chosen from the list, or named here for the first time (`full_name`).

    `account` is how the person signs in. Raises DomainError as `add_seat` does, and where person
    and account belong to others already.
    """
    person = person or add_person(
        full_name=full_name, unit=council.unit, title=post, actor=actor, now=now
    )
    if account:
        person = _tie(person, account, council, actor=actor, now=now)
    return add_seat(
        council,
        person=person,
        role=role,
        votes=votes,
        post=post,
        valid_from=valid_from,
        actor=actor,
        now=now,
    )


def _tie(person: Person, account: User, council: Council, *, actor: User, now: datetime) -> Person:
    person = locked(person)
    if person.user_id == account.pk:
        return person
    holder = Person.objects.filter(user=account).first()
    if holder or person.user_id:
        other = f"tài khoản {account.username} là của “{holder}”" if holder else "đã có tài khoản"
        raise DomainError(
            f"Không gắn được tài khoản {account.username} cho “{person}”: {other}. Chọn đúng "
            "người, đúng tài khoản, hoặc để trống ô tài khoản."
        )
    person.user = account
    person.save(update_fields=["user"])
    record("person.tied", person, actor=actor, now=now, unit=council.unit, note=account.username)
    return person


@transaction.atomic
def end_seat(seat: CouncilSeat, *, valid_to: date, actor: User, now: datetime) -> CouncilSeat:
    """Write the last day of a seat; who sat stays on record.

    Raises DomainError for a seat that ended already, a day before it began, outside the council's
    life, or before a session that has ended.
    """
    council = locked(seat.council)
    seat = locked(seat)
    if seat.valid_to:
        raise DomainError(
            f"“{seat.person}” đã kết thúc ngày {day_text(seat.valid_to)}. Tải lại trang."
        )
    if valid_to < seat.valid_from or not on_a_day(valid_to, None, council.valid_to):
        until = day_text(council.valid_to) or "nay"
        raise DomainError(
            f"“{seat.person}” tham gia từ {day_text(seat.valid_from)}, “{council}” hoạt động đến "
            f"{until}; ngày cuối {day_text(valid_to)} nằm ngoài. Ghi lại ngày theo quyết định."
        )
    _require_after_sessions(council, valid_to + timedelta(days=1), f"“{seat.person}” thôi từ")
    seat.valid_to = valid_to
    seat.save(update_fields=["valid_to"])
    record(
        "council.unseated",
        council,
        actor=actor,
        now=now,
        unit=council.unit,
        note=f"{seat}, đến hết {day_text(valid_to)}",
    )
    return seat


def _require_after_sessions(council: Council, change: date, what: str) -> None:
    """Who sat in a session that has ended is on its minutes and stays as it is."""
    ended = council.sessions.filter(state=CouncilSession.State.CLOSED, held_on__gte=change)
    if last := ended.order_by("held_on").last():
        raise DomainError(
            f"{what} {day_text(change)}, nhưng “{council}” đã họp ngày {day_text(last.held_on)} và "
            "phiên đó đã kết thúc. Ghi thay đổi sau ngày họp này."
        )


@transaction.atomic
def open_round(
    campaign: Campaign,
    *,
    phase: Phase,
    name: str,
    ref: str = "",
    council: Council | None = None,
    opens_on: date,
    closes_on: date | None = None,
    is_sample: bool = False,
    actor: User | None,
    now: datetime,
) -> AwardRound:
    """Begin to receive nominations for one phase of an issued plan. Without a `ref` one is made
    from those of plan and phase.

    Raises DomainError for a draft plan, another plan's phase, days out of order, a taken ref.
    """
    if campaign.state == Campaign.State.DRAFT:
        raise DomainError(
            f"Kế hoạch “{campaign}” còn là dự thảo nên chưa mở được đợt xét. "
            "Ban hành kế hoạch trước."
        )
    if phase.campaign_id != campaign.pk:
        raise DomainError(
            f"Giai đoạn “{phase}” không thuộc kế hoạch “{campaign}”. "
            "Chọn một giai đoạn của kế hoạch này."
        )
    require_order(opens_on, closes_on)
    ref = ref or free_ref(AwardRound, f"{campaign.ref} {phase.ref}")
    if AwardRound.objects.filter(ref=ref).exists():
        raise DomainError(f"Mã đợt xét “{ref}” đã dùng. Chọn mã khác.")
    award_round = AwardRound.objects.create(
        campaign=campaign,
        phase=phase,
        ref=ref,
        name=name,
        council=council,
        opens_on=opens_on,
        closes_on=closes_on,
        is_sample=is_sample,
    )
    record("awardround.opened", award_round, actor=actor, now=now, unit=campaign.issuer)
    return award_round


@transaction.atomic
def close_round(award_round: AwardRound, *, actor: User | None, now: datetime) -> AwardRound:
    """End a round. Raises DomainError while a nomination waits for the council's vote."""
    award_round = locked(award_round)
    waiting = award_round.nominations.filter(state=Nomination.State.PROPOSED).count()
    if waiting:
        raise DomainError(
            f"Đợt xét “{award_round}” còn {waiting} đề nghị chưa có kết quả của hội đồng. "
            "Ghi kết quả kiểm phiếu hoặc trả lại đề nghị rồi kết thúc đợt xét."
        )
    return advance(
        award_round, AwardRound.State.CLOSED, actor=actor, now=now, unit=award_round.campaign.issuer
    )


@transaction.atomic
def reopen_round(
    award_round: AwardRound,
    *,
    closes_on: date | None = None,
    actor: User | None,
    now: datetime,
) -> AwardRound:
    """Receive nominations again, until `closes_on` (no last day when None)."""
    award_round = locked(award_round)
    require_order(award_round.opens_on, closes_on)
    return advance(
        award_round,
        AwardRound.State.OPEN,
        actor=actor,
        now=now,
        unit=award_round.campaign.issuer,
        closes_on=closes_on,
    )


def require_order(opens_on: date, closes_on: date | None) -> None:
    if closes_on and closes_on < opens_on:
        raise DomainError(
            f"Ngày cuối nhận đề nghị ({day_text(closes_on)}) trước ngày đầu "
            f"({day_text(opens_on)}). Sửa lại một trong hai ngày."
        )


def require_receiving(award_round: AwardRound, now: datetime) -> date:
    """The local day, when the round receives nominations on it; else DomainError."""
    today = timezone.localdate(now)
    if award_round.state != AwardRound.State.OPEN:
        raise DomainError(
            f"Đợt xét “{award_round}” đã kết thúc nên không nhận thêm đề nghị. "
            "Đề nghị cơ quan thường trực mở lại đợt xét."
        )
    if not on_a_day(today, award_round.opens_on, award_round.closes_on):
        until = day_text(award_round.closes_on) or "khi kết thúc đợt"
        raise DomainError(
            f"Đợt xét “{award_round}” nhận đề nghị từ {day_text(award_round.opens_on)} đến "
            f"{until}; hôm nay là {day_text(today)}. Đề nghị cơ quan thường trực điều chỉnh "
            "thời gian nếu còn cần gửi."
        )
    return today
