"""Rounds as their readers see them: the list, what the council said, what may be done now."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet

from awards import policies
from awards.models import (
    Attendance,
    AwardForm,
    AwardRound,
    CouncilSeat,
    CouncilSession,
    Decision,
    Nomination,
    Tally,
)
from awards.queries.councils import seats_on, voting_rule
from awards.queries.eligibility import deciding_unit, quotas_of
from awards.queries.facts import TallyRow, left_out, session_tallies, tally_row
from awards.queries.places import CompositionRow, PlaceRow, place_rows, round_composition
from awards.queries.register import nominations_shown, with_names
from awards.queries.staleness import Stale, stale_nominations
from awards.rules import VotingRule
from campaigns.models import Campaign
from units.models import Unit, User

State = Nomination.State

# What an action of the audit register is called; steps of the workflow have names of their own.
VERBS = {
    "awardround.opened": "mở đợt xét",
    "awardround.closed": "kết thúc đợt xét",
    "awardround.open": "mở lại đợt xét",
    "councilsession.opened": "mở phiên họp",
    "councilsession.closed": "kết thúc phiên họp",
    "councilsession.attended": "ghi điểm danh",
    "councilsession.left_out": "để lại phiên sau",
    "councilsession.tallied": "ghi kết quả kiểm phiếu",
    "councilsession.recounted": "sửa kết quả kiểm phiếu",
    "nomination.drafted": "lập đề nghị",
    "nomination.edited": "sửa đề nghị",
    "nomination.proposed": "gửi đề nghị",
    "nomination.draft": "trả lại đề nghị để sửa",
    "nomination.passed": "ghi hội đồng đã thông qua",
    "nomination.not_passed": "ghi hội đồng không thông qua",
    "nomination.forwarded": "trình đề nghị",
    "nomination.awarded": "ghi được khen thưởng",
    "nomination.refused": "ghi không được khen thưởng",
    "nomination.withdrawn": "rút đề nghị",
    "nomination.evidence_added": "kèm tài liệu",
    "nomination.evidence_removed": "gỡ tài liệu",
    "nomination.evidence_taken": "tải tài liệu",
    "tally.corrected": "sửa kết quả kiểm phiếu",
    "quota.allotted": "phân bổ",
    "quota.withdrawn": "thu hồi",
    "decision.recorded": "ghi quyết định",
    "council.created": "lập hội đồng",
    "council.seated": "thêm thành viên",
    "council.unseated": "kết thúc thành viên",
}


def rounds_shown(user: User, campaign: Campaign | None = None) -> QuerySet[AwardRound]:
    """Rounds `user` may see, open ones first, with counts of what waits and was awarded."""
    rows = policies.viewable_rounds(user).select_related("campaign", "phase", "council")
    if campaign:
        rows = rows.filter(campaign=campaign)
    seen = Q(nominations__in=policies.viewable_nominations(user).values("pk"))
    return rows.annotate(
        listed=Count(
            "nominations",
            filter=seen
            & Q(nominations__state__in=Nomination.HOLDS_PLACE)
            & ~Q(nominations__state=State.AWARDED),
            distinct=True,
        ),
        drafts=Count("nominations", filter=seen & Q(nominations__state=State.DRAFT), distinct=True),
        awarded=Count(
            "nominations", filter=seen & Q(nominations__state=State.AWARDED), distinct=True
        ),
    ).order_by("-state", "-opens_on", "-pk")


def own_nominations(user: User) -> QuerySet[Nomination]:
    """What `user` writes, the latest first; what was returned and drafts stand at the head."""
    rows = policies.editable_nominations(user).select_related(
        "unit",
        "person",
        "household",
        "proposing_unit",
        "quota__award_form",
        "award_round__campaign",
    )
    return rows.annotate(
        is_draft=Exists(Nomination.objects.filter(pk=OuterRef("pk"), state=State.DRAFT))
    ).order_by("-is_draft", "-created_at", "-pk")


# --- a round -------------------------------------------------------------------------------------
@dataclass(frozen=True)
class NominationLine:
    nomination: Nomination
    tally: TallyRow | None
    stale: Stale | None = None


@dataclass(frozen=True)
class DossierSeat:
    """A unit and an award form of the round, for which a dossier may be opened."""

    unit: Unit
    form_ref: str
    form: str
    count: int


@dataclass(frozen=True)
class RoundCard:
    award_round: AwardRound
    places: list[PlaceRow]
    composition: list[CompositionRow]
    groups: list[tuple[PlaceRow, list[NominationLine]]]
    sessions: list[CouncilSession]
    decisions: list[Decision]
    dossiers: list[DossierSeat]
    nominating_units: list[Unit]
    may_open: bool
    may_record: bool
    may_decide: bool

    @property
    def total(self) -> int:
        return sum(len(lines) for _place, lines in self.groups)


def round_places(award_round: AwardRound) -> list[PlaceRow]:
    return place_rows(quotas_of(award_round))


def round_card(award_round: AwardRound, user: User) -> RoundCard:
    """Everything the page of a round shows, in a fixed number of queries."""
    places = round_places(award_round)
    rows = nominations_shown(user).filter(award_round=award_round)
    rows = rows.exclude(state=State.WITHDRAWN).prefetch_related(_tallies())
    by_quota: dict[int, list[NominationLine]] = {}
    listed = list(rows.order_by("quota__order", "quota", "pk"))
    stale = stale_nominations(listed)
    for row in listed:
        last = list(row.tallies.all())[-1:]
        line = NominationLine(row, tally_row(last[0]) if last else None, stale.get(row.pk))
        by_quota.setdefault(row.quota_id, []).append(line)
    mine = policies.nominatable_units(user)
    return RoundCard(
        award_round=award_round,
        places=places,
        composition=round_composition(award_round),
        groups=[(p, by_quota[p.quota.pk]) for p in places if p.quota.pk in by_quota],
        sessions=list(
            policies.viewable_sessions(user)
            .filter(award_round=award_round)
            .annotate(tallied=Count("tallies"))
            .order_by("held_on", "pk")
        ),
        decisions=list(
            policies.viewable_decisions(user)
            .filter(awards__nomination__award_round=award_round)
            .select_related("unit")
            .annotate(granted=Count("awards", distinct=True))
            .order_by("issued_on", "pk")
        ),
        dossiers=_dossier_seats(award_round, mine),
        nominating_units=list(mine.order_by("name", "pk")),
        may_open=policies.openable_rounds(user).filter(pk=award_round.pk).exists(),
        may_record=policies.recordable_rounds(user).filter(pk=award_round.pk).exists(),
        may_decide=policies.decidable_nominations(user)
        .filter(award_round=award_round, state=State.FORWARDED)
        .exists(),
    )


def _tallies() -> Prefetch:
    rows = Tally.objects.select_related(
        "nomination__unit",
        "nomination__person",
        "nomination__household",
        "nomination__proposing_unit",
        "nomination__quota__award_form",
    )
    return Prefetch("tallies", queryset=rows.order_by("session__held_on", "pk"))


def _dossier_seats(award_round: AwardRound, mine: QuerySet[Unit]) -> list[DossierSeat]:
    """Dossiers that the units of the reader may open: one a unit and award form with something in
    the list.
    """
    rows = (
        award_round.nominations.filter(
            state__in=Nomination.HOLDS_PLACE, proposing_unit__in=mine.values("pk")
        )
        .values("proposing_unit", "quota__award_form__ref", "quota__award_form__short_name")
        .order_by("proposing_unit", "quota__award_form__rank", "quota__award_form__ref")
        .annotate(count=Count("pk"))
    )
    found = list(rows)
    units = Unit.objects.in_bulk([row["proposing_unit"] for row in found])
    return [
        DossierSeat(
            unit=units[row["proposing_unit"]],
            form_ref=row["quota__award_form__ref"],
            form=row["quota__award_form__short_name"],
            count=row["count"],
        )
        for row in found
    ]


# --- a session -----------------------------------------------------------------------------------
@dataclass(frozen=True)
class SeatLine:
    seat: CouncilSeat
    state: str
    label: str


@dataclass(frozen=True)
class VoteLine:
    """One nomination at a session. `needed` is the smallest number of yes votes, None where that
    depends on who was there. `may_open`: a nomination that was put off may have gone home since.
    """

    nomination: Nomination
    tally: Tally | None
    row: TallyRow | None
    rule: VotingRule
    needed: int | None
    may_open: bool

    @property
    def note(self) -> str:
        reasons = self.tally.rule["reasons"] if self.tally else []
        return " ".join(map(str, reasons))


@dataclass(frozen=True)
class SessionCard:
    session: CouncilSession
    seats: list[SeatLine]
    members: int
    attending: int
    marked: int
    votes: list[VoteLine]
    composition: list[CompositionRow]
    may_record: bool

    @property
    def rules(self) -> list[tuple[AwardForm, VotingRule]]:
        """The voting rule of each award form that is voted on."""
        forms = {vote.nomination.quota.award_form: vote.rule for vote in self.votes}
        return list(forms.items())

    @property
    def waiting(self) -> list[VoteLine]:
        return [vote for vote in self.votes if not vote.tally]

    @property
    def tallied(self) -> int:
        return len(self.votes) - len(self.waiting)

    @property
    def passed(self) -> int:
        return sum(vote.row.passed for vote in self.votes if vote.row)

    @property
    def rejected(self) -> int:
        return self.tallied - self.passed

    @property
    def unmarked(self) -> int:
        return len(self.seats) - self.marked

    @property
    def absent(self) -> int:
        return self.members - self.attending


def session_card(session: CouncilSession, user: User) -> SessionCard:
    """Everything the page of a session shows. Needs council, round and plan selected."""
    seats = seats_on(session.council, session.held_on)
    marks = {mark.seat_id: mark for mark in session.attendance.all()}
    present = Attendance.State.PRESENT
    there = {key for key, mark in marks.items() if mark.state == present}
    members = sum(seat.votes for seat in seats)
    tallies = {tally.nomination_id: tally for tally in session_tallies(session)}
    rows = with_names(_before(session, list(tallies))).order_by("quota__order", "quota", "pk")
    seen = policies.viewable_nominations(user).filter(pk=OuterRef("pk"))
    return SessionCard(
        session=session,
        seats=[
            SeatLine(
                seat,
                marks[seat.pk].state if seat.pk in marks else "",
                marks[seat.pk].get_state_display() if seat.pk in marks else "chưa điểm danh",
            )
            for seat in seats
        ],
        members=members,
        attending=sum(seat.votes for seat in seats if seat.pk in there),
        marked=len(marks),
        votes=[
            _vote(row, tallies.get(row.pk), members) for row in rows.annotate(may_open=Exists(seen))
        ],
        composition=round_composition(session.award_round),
        may_record=session.state == CouncilSession.State.OPEN
        and policies.recordable_sessions(user).filter(pk=session.pk).exists(),
    )


def _before(session: CouncilSession, tallied: list[int]) -> QuerySet[Nomination]:
    """What a session is about: what it counted; while it runs what waits, then what it put off."""
    if session.state == CouncilSession.State.OPEN:
        here = Q(pk__in=tallied) | Q(state=State.PROPOSED)
    else:
        here = Q(pk__in=[*tallied, *left_out(session)])
    return session.award_round.nominations.filter(here)


def votable_nominations(session: CouncilSession) -> QuerySet[Nomination]:
    """What a session may still vote on, or correct: proposed, or with a tally of its own."""
    return session.award_round.nominations.filter(
        Q(state=State.PROPOSED) | Q(tallies__session=session)
    ).select_related("quota__award_form", "unit", "person", "household", "proposing_unit")


def _vote(nomination: Nomination, tally: Tally | None, members: int) -> VoteLine:
    rule = voting_rule(nomination.quota.award_form)
    return VoteLine(
        nomination=nomination,
        tally=tally,
        row=tally_row(tally) if tally else None,
        rule=rule,
        needed=rule.needed(members) if rule.base == "members" else None,
        may_open=nomination.may_open,  # type: ignore[attr-defined]
    )


# --- deciding ------------------------------------------------------------------------------------
def awaiting_decision(user: User, award_round: AwardRound) -> QuerySet[Nomination]:
    """Forwarded nominations of the round that `user` decides."""
    return (
        policies.decidable_nominations(user)
        .filter(award_round=award_round, state=State.FORWARDED)
        .select_related(
            "unit",
            "person",
            "household",
            "proposing_unit",
            "quota__award_form",
            "quota__decider",
            "award_round__council__unit",
            "award_round__campaign__issuer",
        )
        .order_by("quota__order", "quota", "pk")
    )


def deciding_units(nominations: Iterable[Nomination]) -> QuerySet[Unit]:
    """The units whose heads sign for these nominations; needs what `awaiting_decision` selects."""
    keys = {deciding_unit(nomination).pk for nomination in nominations}
    return Unit.objects.filter(pk__in=keys).order_by("name", "pk")
