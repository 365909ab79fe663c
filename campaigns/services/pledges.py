"""Every write of a bloc's pledges: the leader opens and closes, members draft and sign."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from campaigns import queries
from campaigns.models import Pledge, PledgeLine, PledgeRound
from campaigns.queries import Asked
from criteria.models import Indicator
from criteria.rules import (
    LEVEL,
    NONE,
    Rule,
    is_weaker,
    parse_number,
    parse_whole,
    registered,
    target_takes_whole,
)
from units.models import Bloc, BlocMembership, Unit, User
from units.rules import REASON, WORDS, DomainError, day_text, nfc, within
from units.workflow import advance, locked, record

State, RoundState = Pledge.State, PledgeRound.State
CHOICES = {queries.YES: Decimal(1), queries.NO: Decimal(0)}


class PledgeFaults(DomainError):
    """What was typed cannot be kept; a sentence for each indicator by its key."""

    def __init__(self, faults: dict[int, str]) -> None:
        super().__init__(f"Chưa lưu được, cần sửa {len(faults)} chỗ.")
        self.faults = faults


# --- the round ------------------------------------------------------------------------------------
@transaction.atomic
def open_pledge_round(
    bloc: Bloc, year: int, *, due_on: date, actor: User | None, now: datetime
) -> PledgeRound:
    """The leader calls the members to pledge. Raises DomainError without a list or a plan of the
    year, for a day out of the year or gone by, and when it is open already."""
    bloc = locked(bloc)
    if PledgeRound.objects.filter(bloc=bloc, year=year).exists():
        raise DomainError(f"Đợt ký giao ước năm {year} đã mở. Tải lại trang để xem.")
    if not bloc.memberships.filter(year=year).exists():
        raise DomainError(
            f"{bloc} chưa có danh sách thành viên năm {year}. Đề nghị cơ quan tổ chức lập danh "
            "sách trước."
        )
    if not queries.bloc_campaigns(bloc, year).exists():
        raise DomainError(
            f"{bloc} chưa có kế hoạch nào thực hiện trong năm {year} nên chưa có chỉ tiêu để đăng "
            "ký. Ban hành kế hoạch trước."
        )
    refuse_day(due_on, year, timezone.localdate(now))
    round_ = PledgeRound.objects.create(
        bloc=bloc, year=year, due_on=due_on, opened_at=now, opened_by=actor
    )
    record(
        "pledgeround.opened",
        round_,
        actor=actor,
        now=now,
        unit=bloc.organiser,
        note=f"ký xong trong ngày {day_text(due_on)}",
    )
    return round_


def refuse_day(day: date, year: int, today: date) -> None:
    if day < today:
        raise DomainError(f"Ngày {day_text(day)} đã qua. Chọn từ hôm nay trở đi.")
    if day > date(year, 12, 31):
        raise DomainError(f"Ngày {day_text(day)} sau năm {year}. Chọn ngày trong năm {year}.")


@transaction.atomic
def close_pledge_round(
    round_: PledgeRound, *, anyway: bool = False, actor: User | None, now: datetime
) -> PledgeRound:
    """From here nobody pledges for the first time. `anyway` closes without those who have not
    signed; they stay named. Raises DomainError with their names otherwise."""
    round_ = locked(round_)
    rows = queries.member_pledges(round_.bloc, round_.year)
    missing = queries.unsigned(rows)
    if len(missing) == len(rows):
        raise DomainError("Chưa đơn vị nào ký giao ước nên chưa chốt được.")
    if missing and not anyway:
        raise DomainError(
            f"Còn {len(missing)} đơn vị chưa ký: {', '.join(missing)}. Chờ đủ, hoặc đánh dấu “Chốt "
            "với các đơn vị đã ký”."
        )
    note = f"chưa ký: {', '.join(missing)}" if missing else ""
    return advance(
        round_,
        RoundState.CLOSED,
        actor=actor,
        now=now,
        unit=round_.bloc.organiser,
        note=note,
        closed_at=now,
        closed_by=actor,
        missing=", ".join(missing),
    )


@transaction.atomic
def reopen_pledge_round(
    round_: PledgeRound, *, due_on: date, reason: str, actor: User | None, now: datetime
) -> PledgeRound:
    """Let those who are missing sign after all. Raises DomainError without a reason."""
    round_, reason = locked(round_), reason.strip()
    if not within("lý do mở lại", reason, REASON):
        raise DomainError("Ghi lý do mở lại: các đơn vị đã ký cần biết vì sao.")
    refuse_day(due_on, round_.year, timezone.localdate(now))
    return advance(
        round_,
        RoundState.OPEN,
        actor=actor,
        now=now,
        unit=round_.bloc.organiser,
        note=reason,
        due_on=due_on,
        closed_at=None,
        closed_by=None,
        missing="",
    )


# --- a pledge -------------------------------------------------------------------------------------
@transaction.atomic
def start_pledge(round_: PledgeRound, unit: Unit, *, actor: User | None, now: datetime) -> Pledge:
    """The member's pledge, begun with the levels of the plan; the one there is where it has been
    begun. Raises DomainError once the round is closed, and for who is no member that year."""
    round_ = locked(round_)
    held = Pledge.objects.filter(round=round_, unit=unit).order_by("-version").first()
    if held is not None:
        return held
    _refuse_closed(round_)
    _refuse_stranger(round_, unit)
    pledge = Pledge.objects.create(round=round_, unit=unit, drafted_at=now, drafted_by=actor)
    lines = [
        _line(pledge, one, one.suggested)
        for one in queries.asked_of(round_.bloc, round_.year, unit)
        if one.suggested
    ]
    PledgeLine.objects.bulk_create(lines)
    record("pledge.started", pledge, actor=actor, now=now, unit=unit)
    return pledge


@transaction.atomic
def write_pledge(
    pledge: Pledge,
    *,
    typed: Mapping[int, str],
    titles: str,
    revision: int,
    actor: User | None,
    now: datetime,
) -> Pledge:
    """Keep the whole draft as typed, by the key of the indicator; an empty answer registers
    nothing. Raises PledgeFaults, and writes nothing, for what cannot be read or is weaker than the
    plan; DomainError for a signed pledge or one that changed meanwhile."""
    pledge = _draft(pledge, revision)
    asked = queries.asked_of(pledge.round.bloc, pledge.round.year, pledge.unit)
    lines, faults = [], {}
    for one in asked:
        text = nfc(typed.get(one.indicator.pk, "")).strip()
        if not text:
            continue
        try:
            lines.append(_line(pledge, one, text))
        except DomainError as error:
            faults[one.indicator.pk] = str(error)
    if faults:
        raise PledgeFaults(faults)
    pledge.lines.all().delete()
    PledgeLine.objects.bulk_create(lines)
    pledge.titles = "\n".join(filter(None, map(str.strip, nfc(titles).splitlines())))
    pledge.revision += 1
    pledge.drafted_at, pledge.drafted_by = now, actor
    pledge.save(update_fields=["titles", "revision", "drafted_at", "drafted_by"])
    record("pledge.written", pledge, actor=actor, now=now, unit=pledge.unit)
    return pledge


@transaction.atomic
def sign_pledge(pledge: Pledge, *, revision: int, actor: User, now: datetime) -> Pledge:
    """The unit's head signs what he has seen; from here it is frozen. Raises DomainError when a
    target of the plan is without a level, or has become stronger since, and when the year that it
    is for is over."""
    pledge = _draft(pledge, revision)
    _refuse_past(pledge.round, now)
    if pledge.version == 1:
        _refuse_closed(pledge.round)
    _refuse_stranger(pledge.round, pledge.unit)
    asked = queries.asked_of(pledge.round.bloc, pledge.round.year, pledge.unit)
    lines = {line.indicator_id: line for line in pledge.lines.select_related("indicator")}
    if left := [one for one in asked if one.required and one.indicator.pk not in lines]:
        codes = ", ".join(one.indicator.code for one in left)
        raise DomainError(f"Còn {len(left)} chỉ tiêu chưa đăng ký mức: {codes}.")
    for one in asked:
        line = lines.get(one.indicator.pk)
        if line is not None and line.value is not None:
            _refuse_weaker(one, queries.rule_of_line(line))
    return advance(
        pledge,
        State.SIGNED,
        actor=actor,
        now=now,
        unit=pledge.unit,
        note=pledge.reason,
        signed_at=now,
        signed_by=actor,
    )


@transaction.atomic
def amend_pledge(pledge: Pledge, *, reason: str, actor: User | None, now: datetime) -> Pledge:
    """Begin a new version of a signed pledge, with the reason; the old one holds until the new one
    is signed. Raises DomainError without a reason, when a new version is under way, when the year
    is over."""
    round_ = locked(pledge.round)
    _refuse_past(round_, now)
    pledge, reason = _with_related(pledge), reason.strip()
    newest = round_.pledges.filter(unit=pledge.unit).order_by("-version").first()
    if newest is None or newest.state != State.SIGNED or newest.pk != pledge.pk:
        raise DomainError(
            f"{pledge.unit} đã có bản giao ước sau bản này. Mở bản mới nhất để sửa hoặc thay."
        )
    if not reason:
        raise DomainError("Ghi lý do thay giao ước đã ký: Khối, Cụm đọc được lý do này.")
    fresh = Pledge.objects.create(
        round=round_,
        unit=pledge.unit,
        version=pledge.version + 1,
        titles=pledge.titles,
        reason=reason,
        drafted_at=now,
        drafted_by=actor,
    )
    PledgeLine.objects.bulk_create(
        PledgeLine(
            pledge=fresh,
            indicator_id=line.indicator_id,
            basis=line.basis,
            operator=line.operator,
            value=line.value,
            text=line.text,
        )
        for line in pledge.lines.all()
    )
    record("pledge.started", fresh, actor=actor, now=now, unit=fresh.unit, note=reason)
    return fresh


@transaction.atomic
def discard_amendment(
    pledge: Pledge, *, revision: int, actor: User | None, now: datetime
) -> Pledge:
    """Throw away a new version before it is signed; the signed one that holds is returned, and
    what was thrown away is on its record. Raises DomainError for a first version, for a signed one
    and for one that changed meanwhile."""
    pledge = _draft(pledge, revision)
    if pledge.version == 1:
        raise DomainError(
            f"{pledge} là bản đầu nên không bỏ. Đơn vị không ký thì Trưởng chốt đợt với các đơn vị "
            "đã ký."
        )
    held = pledge.round.pledges.get(unit=pledge.unit, version=pledge.version - 1)
    lines = pledge.lines.select_related("indicator").order_by("indicator")
    record(
        "pledge.amendment_discarded",
        held,
        actor=actor,
        now=now,
        unit=held.unit,
        note=f"lần {pledge.version - 1}, lý do thay đổi khi đó: {pledge.reason}",
        data={
            "titles": pledge.titles,
            "lines": {
                line.indicator.ref: line.text or f"{line.operator} {line.value}" for line in lines
            },
        },
    )
    pledge.delete()
    return held


def _draft(pledge: Pledge, revision: int) -> Pledge:
    """Lock the round, then the pledge; refuse what is signed or has changed since it was read."""
    locked(pledge.round)
    pledge = _with_related(locked(pledge))
    if pledge.state != State.DRAFT:
        raise DomainError(f"{pledge} đã ký nên không sửa được. Lập bản thay đổi kèm lý do.")
    if pledge.revision != revision:
        raise DomainError(
            f"{pledge} đã đổi từ khi mở trang (nay là lần sửa {pledge.revision}). Xem lại bản mới "
            "rồi làm tiếp."
        )
    return pledge


def _with_related(pledge: Pledge) -> Pledge:
    related = Pledge.objects.select_related("round__bloc__organiser", "unit__kind")
    return related.get(pk=pledge.pk)


def _refuse_closed(round_: PledgeRound) -> None:
    if round_.state != RoundState.OPEN:
        raise DomainError(
            f"Đợt ký giao ước năm {round_.year} đã chốt. Đề nghị đơn vị Trưởng mở lại để ký bổ "
            "sung."
        )


def _refuse_past(round_: PledgeRound, now: datetime) -> None:
    """Nobody sets his own level once he knows what he has come to."""
    if round_.is_over(timezone.localdate(now)):
        raise DomainError(
            f"Năm {round_.year} đã hết nên không ký, không thay giao ước của năm đó: kết quả được "
            f"xét theo bản ký trong năm {round_.year}."
        )


def _refuse_stranger(round_: PledgeRound, unit: Unit) -> None:
    sits = BlocMembership.objects.filter(bloc=round_.bloc_id, year=round_.year, unit=unit)
    if not sits.exists():
        raise DomainError(
            f"{unit} không có trong danh sách năm {round_.year} của {round_.bloc} nên không ký "
            "giao ước."
        )


def _level(asked: Asked, text: str) -> Decimal:
    """A level as typed; of people and things none but a whole one, of a share any."""
    indicator = asked.indicator
    whole = target_takes_whole(
        indicator.kind,
        basis=asked.rule.basis if asked.rule else LEVEL,
        said=indicator.numbers,
        measure_unit=indicator.measure_unit,
        derivation=indicator.derivation,
    )
    return parse_whole(text) if whole else parse_number(text)


def _line(pledge: Pledge, asked: Asked, text: str) -> PledgeLine:
    """One answer as typed. Raises DomainError when it cannot be read or is too little."""
    within("nội dung đăng ký", text, WORDS)
    line = PledgeLine(pledge=pledge, indicator=asked.indicator, operator=NONE)
    if asked.control == "text":
        line.text = text
        return line
    if asked.control == "choice":
        if text.lower() not in CHOICES:
            raise DomainError("Chọn “có” hoặc “không”.")
        value = CHOICES[text.lower()]
    else:
        value = _level(asked, text.removesuffix("%").strip())
    if value < 0:
        raise DomainError("Mức đăng ký không được âm.")
    rule = registered(value, asked.rule)
    share = asked.indicator.kind == Indicator.Kind.RATIO and rule.basis == LEVEL
    if share and value > 100:
        raise DomainError("Tỷ lệ không quá 100%.")
    _refuse_weaker(asked, rule)
    line.basis, line.operator, line.value = rule.basis, rule.operator, value
    return line


def _refuse_weaker(asked: Asked, rule: Rule) -> None:
    if asked.rule is not None and is_weaker(rule, asked.rule):
        raise DomainError(
            f"Mức đăng ký của {asked.indicator.code} nhẹ hơn chỉ tiêu của kế hoạch "
            f"({asked.target}). Đăng ký từ mức của kế hoạch trở lên."
        )
