"""What papers say of nominations, sessions and awards: plain values, nothing to look up later."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal

from django.db.models import Q, QuerySet

from awards.models import (
    Attendance,
    Award,
    AwardForm,
    CouncilSeat,
    CouncilSession,
    Nomination,
    NominationAnswer,
    Tally,
)
from awards.queries.councils import seats_on
from awards.rules import percent_text
from units.models import AuditEntry, Person
from units.rules import day_text

NOMINEE = ("unit", "person", "household__unit")


# --- tallies -------------------------------------------------------------------------------------
@dataclass(frozen=True)
class TallyRow:
    """One nomination's vote. `percent` is yes ÷ base to four decimals."""

    nomination_pk: int
    name: str
    unit: str
    form: str
    members: int
    base: int
    yes: int
    no: int
    abstained: int
    absent: int
    recused: int
    percent: Decimal
    passed: bool
    rule: str
    source: str

    @property
    def votes(self) -> str:
        return f"{self.yes}/{self.base} ({percent_text(self.percent)})"


def tally_row(tally: Tally) -> TallyRow:
    """Needs the nomination with its quota's form, its nominee and `proposing_unit` selected."""
    nomination = tally.nomination
    return TallyRow(
        nomination_pk=nomination.pk,
        name=nomination.nominee_title,
        unit=nomination.post or (nomination.proposing_unit.name if not nomination.unit else ""),
        form=nomination.quota.award_form.name,
        members=tally.members,
        base=int(tally.rule["base_count"]),
        yes=tally.yes,
        no=tally.no,
        abstained=tally.abstained,
        absent=tally.absent,
        recused=tally.recused,
        percent=tally.rate,
        passed=tally.passed,
        rule=str(tally.rule["sentence"]),
        source=str(tally.rule["source"]),
    )


# --- nominations ---------------------------------------------------------------------------------
@dataclass(frozen=True)
class AnswerRow:
    code: str
    name: str
    meets: bool | None
    text: str


@dataclass(frozen=True)
class EarlierAward:
    """One line of "Các hình thức đã được khen thưởng". `year` is that of the decision."""

    year: str
    name: str
    decision: str
    achievement_from: date | None
    achievement_to: date | None
    campaign_pk: int | None


@dataclass(frozen=True)
class NominationFacts:
    pk: int
    name: str
    title: str
    kind: str
    kind_name: str
    birth_year: str
    born_on: date | None
    gender: str
    home_town: str
    residence: str
    qualification: str
    post: str
    unit: str
    proposing_unit: str
    form: str
    form_short: str
    phase: str
    achievement: str
    summary: str
    achievement_from: date | None
    achievement_to: date | None
    is_direct_worker: bool | None
    is_leader: bool | None
    state: str
    state_name: str
    is_sample: bool
    answers: tuple[AnswerRow, ...]
    tally: TallyRow | None
    titles: tuple[EarlierAward, ...]
    forms: tuple[EarlierAward, ...]

    @property
    def votes(self) -> str:
        """ "13/15 (86,67%)", or nothing before the vote."""
        return self.tally.votes if self.tally else ""


def nomination_facts(nominations: Iterable[Nomination]) -> list[NominationFacts]:
    """Everything a letter, a list or an achievement report says of these nominations, in the order
    of the list (quota, then entry); the same number of SQL queries for one and for a hundred.
    """
    rows = list(
        Nomination.objects.filter(pk__in=[nomination.pk for nomination in nominations])
        .select_related(*NOMINEE, "proposing_unit", "quota__award_form", "award_round__phase")
        .order_by("quota__order", "quota", "pk")
    )
    keys = [row.pk for row in rows]
    answers: dict[int, list[AnswerRow]] = defaultdict(list)
    for answer in (
        NominationAnswer.objects.filter(nomination__in=keys)
        .select_related("indicator")
        .order_by("indicator__group__order", "indicator__order", "pk")
    ):
        found = AnswerRow(answer.indicator.code, answer.indicator.name, answer.meets, answer.text)
        answers[answer.nomination_id].append(found)
    tallies = {
        tally.nomination_id: tally_row(tally)
        for tally in Tally.objects.filter(nomination__in=keys)
        .select_related(
            *(f"nomination__{name}" for name in NOMINEE),
            "nomination__proposing_unit",
            "nomination__quota__award_form",
        )
        .order_by("session__held_on", "pk")
    }
    earlier = earlier_awards(rows)
    return [_facts(row, answers[row.pk], tallies.get(row.pk), earlier[row.pk]) for row in rows]


def _facts(
    row: Nomination,
    answers: list[AnswerRow],
    tally: TallyRow | None,
    earlier: list[tuple[str, EarlierAward]],
) -> NominationFacts:
    person, household = row.person, row.household
    place = row.unit or (household.unit if household else row.proposing_unit)
    category = AwardForm.Category
    return NominationFacts(
        pk=row.pk,
        name=row.nominee_name,
        title=row.nominee_title,
        kind=row.quota.recipient_kind,
        kind_name=row.quota.get_recipient_kind_display(),
        birth_year=str(person.born_on.year) if person and person.born_on else "",
        born_on=person.born_on if person else None,
        gender={"female": "Nữ", "male": "Nam"}.get(person.gender, "") if person else "",
        home_town=person.home_town if person else "",
        residence=person.residence if person else (household.address if household else ""),
        qualification=person.qualification if person else "",
        post=row.post,
        unit=place.name,
        proposing_unit=row.proposing_unit.name,
        form=row.quota.award_form.name,
        form_short=row.quota.award_form.short_name,
        phase=row.award_round.phase.name,
        achievement=row.achievement,
        summary=row.summary or row.achievement,
        achievement_from=row.achievement_from,
        achievement_to=row.achievement_to,
        is_direct_worker=row.is_direct_worker,
        is_leader=row.is_leader,
        state=row.state,
        state_name=row.get_state_display(),
        is_sample=row.is_sample,
        answers=tuple(answers),
        tally=tally,
        titles=tuple(one for kind, one in earlier if kind == category.TITLE),
        forms=tuple(one for kind, one in earlier if kind == category.FORM),
    )


def earlier_awards(nominations: list[Nomination]) -> dict[int, list[tuple[str, EarlierAward]]]:
    """The register's lines of the same person or collective, each with the category of its form,
    oldest first; one SQL query. A household has no key in the register: its name is compared.
    """
    people = [row.person_id for row in nominations if row.person_id]
    units = [row.unit_id for row in nominations if row.unit_id]
    names = [row.nominee_name for row in nominations if row.household_id]
    found = (
        Award.objects.filter(
            Q(person__in=people)
            | Q(unit__in=units, recipient_kind="collective")
            | Q(recipient_name__in=names, recipient_kind="household")
        )
        .select_related("decision__unit", "award_form")
        .order_by("decision__issued_on", "pk")
    )
    by_nominee: dict[tuple[str, object], list[Award]] = defaultdict(list)
    for award in found:
        if award.person_id:
            by_nominee["person", award.person_id].append(award)
        elif award.recipient_kind == "collective":
            by_nominee["unit", award.unit_id].append(award)
        else:
            by_nominee["household", award.recipient_name].append(award)
    lines: dict[int, list[tuple[str, EarlierAward]]] = {}
    for row in nominations:
        key: tuple[str, object] = ("household", row.nominee_name)
        if row.person_id:
            key = ("person", row.person_id)
        elif row.unit_id:
            key = ("unit", row.unit_id)
        others = [award for award in by_nominee[key] if award.nomination_id != row.pk]
        lines[row.pk] = [(award.award_form.category, _earlier(award)) for award in others]
    return lines


def _earlier(award: Award) -> EarlierAward:
    decision = award.decision
    return EarlierAward(
        year=str(decision.issued_on.year),
        name=award.award_form.name,
        decision=f"{decision} ngày {day_text(decision.issued_on)} của {decision.unit.name}",
        achievement_from=award.achievement_from,
        achievement_to=award.achievement_to,
        campaign_pk=award.campaign_id,
    )


# --- sessions ------------------------------------------------------------------------------------
@dataclass(frozen=True)
class SessionFacts:
    """What the minutes of a session say. `members` may vote; `attending` of them were there."""

    council: str
    council_unit: str
    decision: str
    symbol: str
    minutes_number: str
    held_on: date
    opened_at: time | None
    ended_at: time | None
    place: str
    conclusion: str
    closed: bool
    chair: str
    secretary: str
    chair_name: str
    secretary_name: str
    present: tuple[str, ...]
    absent: tuple[str, ...]
    members: int
    attending: int
    rules: tuple[str, ...]
    method: str
    votes: tuple[TallyRow, ...]
    left_out: tuple[str, ...]
    is_sample: bool


def session_facts(session: CouncilSession) -> SessionFacts:
    council = session.council
    seats = seats_on(council, session.held_on)
    marks = {mark.seat_id: mark for mark in session.attendance.all()}
    there = {key for key, mark in marks.items() if mark.state == Attendance.State.PRESENT}
    by_role = {seat.role: seat for seat in reversed(seats)}
    chair = by_role.get(CouncilSeat.Role.CHAIR)
    secretary = by_role.get(CouncilSeat.Role.SECRETARY)
    tallies = list(session_tallies(session))
    rules: dict[str, None] = {}
    methods: dict[str, None] = {}
    for tally in tallies:
        rules[f"{tally.nomination.quota.award_form.name}: {tally.rule['sentence']}"] = None
        methods[str(tally.rule["voting"])] = None
    return SessionFacts(
        council=council.name,
        council_unit=council.unit.name,
        decision=council.decision,
        symbol=council.symbol,
        minutes_number=session.minutes_number,
        held_on=session.held_on,
        opened_at=session.opened_at,
        ended_at=session.ended_at,
        place=session.place,
        conclusion=session.conclusion,
        closed=session.state == CouncilSession.State.CLOSED,
        chair=_called(chair) if chair else "",
        secretary=_called(secretary) if secretary else "",
        chair_name=chair.person.full_name if chair else "",
        secretary_name=secretary.person.full_name if secretary else "",
        present=tuple(_called(seat, role=True) for seat in seats if seat.pk in there),
        absent=tuple(
            f"{_called(seat, role=True)} ({marks[seat.pk].get_state_display()})"
            for seat in seats
            if seat.pk in marks and seat.pk not in there
        ),
        members=sum(seat.votes for seat in seats),
        attending=sum(seat.votes for seat in seats if seat.pk in there),
        rules=tuple(rules),
        method=", ".join(methods),
        votes=tuple(tally_row(tally) for tally in tallies),
        left_out=_left_out(session),
        is_sample=session.is_sample,
    )


def session_tallies(session: CouncilSession) -> QuerySet[Tally]:
    """The tallies in the order of the list, with all that a row prints."""
    return (
        Tally.objects.filter(session=session)
        .select_related(
            *(f"nomination__{name}" for name in NOMINEE),
            "nomination__proposing_unit",
            "nomination__quota__award_form",
        )
        .order_by("nomination__quota__order", "nomination__quota", "nomination")
    )


def left_out(session: CouncilSession) -> list[int]:
    """Keys of the nominations that the session put off, as it was recorded when it ended."""
    entry = AuditEntry.objects.filter(
        action="councilsession.left_out",
        subject_type=session._meta.label_lower,
        subject_id=session.pk,
    ).first()
    return entry.data["nominations"] if entry else []


def _left_out(session: CouncilSession) -> tuple[str, ...]:
    rows = Nomination.objects.filter(pk__in=left_out(session))
    return tuple(str(row) for row in rows.select_related(*NOMINEE).order_by("pk"))


def _called(seat: CouncilSeat, *, role: bool = False) -> str:
    """ "Ông Nguyễn Văn A, Giám đốc, Chủ tịch hội đồng"."""
    person: Person = seat.person
    gender = f"{person.get_gender_display()} " if person.gender else ""
    parts = [f"{gender}{person.full_name}", seat.post, seat.get_role_display() if role else ""]
    return ", ".join(part for part in parts if part)
