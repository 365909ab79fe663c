"""A small world of commendations: one plan, one round, one council, and who acts in them."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import factory
import pytest
from factory.django import DjangoModelFactory

from awards import services
from awards.models import (
    AwardForm,
    AwardRound,
    Council,
    CouncilSeat,
    CouncilSession,
    Nomination,
    Quota,
)
from awards.queries import seats_on
from campaigns.models import Campaign, Phase
from tests.factories import (
    NOW,
    TODAY,
    CampaignFactory,
    ParticipationFactory,
    PersonFactory,
    PhaseFactory,
    PostingFactory,
    UnitFactory,
    user_with,
)
from units.models import Person, Unit, User
from units.rules import DomainError

LATER = NOW + timedelta(days=1)  # the day of the session and after
LATER_ON = TODAY + timedelta(days=1)


class AwardFormFactory(DjangoModelFactory):
    class Meta:
        model = AwardForm

    ref = factory.Sequence(lambda n: f"hinh-thuc-{n}")
    name = factory.Sequence(lambda n: f"Giấy khen số {n}")
    short_name = factory.Sequence(lambda n: f"GK {n}")
    rank = 5
    authority = "Giám đốc Sở"
    threshold = 80


class QuotaFactory(DjangoModelFactory):
    class Meta:
        model = Quota

    campaign = factory.SubFactory(CampaignFactory)
    phase = factory.SubFactory(PhaseFactory, campaign=factory.SelfAttribute("..campaign"))
    ref = factory.Sequence(lambda n: f"so-luong-{n}")
    award_form = factory.SubFactory(AwardFormFactory)
    recipient_kind = "collective"
    basis = Quota.Basis.FIXED
    number = factory.LazyAttribute(lambda quota: 2 if quota.basis == "fixed" else None)


class RoundFactory(DjangoModelFactory):
    class Meta:
        model = AwardRound

    campaign = factory.SubFactory(CampaignFactory)
    phase = factory.SubFactory(PhaseFactory, campaign=factory.SelfAttribute("..campaign"))
    ref = factory.Sequence(lambda n: f"dot-{n}")
    name = "Đợt xét tổng kết"
    opens_on = TODAY - timedelta(days=30)


class CouncilFactory(DjangoModelFactory):
    class Meta:
        model = Council

    ref = factory.Sequence(lambda n: f"hoi-dong-{n}")
    name = "Hội đồng Thi đua - Khen thưởng Sở"
    unit = factory.SubFactory(UnitFactory)
    decision = "Quyết định số 12/QĐ-SNN"
    valid_from = date(2022, 1, 1)


class SeatFactory(DjangoModelFactory):
    class Meta:
        model = CouncilSeat

    council = factory.SubFactory(CouncilFactory)
    person = factory.SubFactory(PersonFactory)
    role = CouncilSeat.Role.MEMBER
    valid_from = date(2022, 1, 1)


def council_of(unit: Unit, members: int) -> Council:
    """A council with a chair, `members - 1` more who vote, and a secretary who does not."""
    council = CouncilFactory(unit=unit)
    SeatFactory(council=council, role=CouncilSeat.Role.CHAIR)
    SeatFactory.create_batch(members - 1, council=council)
    SeatFactory(council=council, role=CouncilSeat.Role.SECRETARY, votes=False)
    return council


@dataclass
class World:
    """A department's plan, its member `unit`, a round with a council of five."""

    department: Unit
    unit: Unit
    campaign: Campaign
    phase: Phase
    quota: Quota
    council: Council
    round: AwardRound
    head: User
    secretary: User
    decider: User
    standing: User
    people: list[Person] = field(default_factory=list)

    def nominate(self, **fields: Any) -> Nomination:
        """A draft, complete enough to be proposed; of a new sub-unit or a new person."""
        quota = fields.setdefault("quota", self.quota)
        fields.setdefault("proposing_unit", self.unit)
        home = fields["proposing_unit"]
        if quota.recipient_kind == "collective":
            fields.setdefault("unit", UnitFactory(parent=home))
        if quota.recipient_kind == "individual":
            fields.setdefault("person", PostingFactory(unit=home).person)
            fields.setdefault("is_direct_worker", True)
        fields.setdefault("achievement", "Đưa 1.862 trên 2.004 hồ sơ lên môi trường mạng.")
        award_round = fields.pop("award_round", self.round)
        now: datetime = fields.pop("now", NOW)
        return services.nominate(award_round, **fields, actor=self.head, now=now)

    def propose(self, **fields: Any) -> Nomination:
        nomination = self.nominate(**fields)
        return services.propose_nomination(nomination, actor=self.head, now=NOW)

    def session(self, **fields: Any) -> CouncilSession:
        fields.setdefault("held_on", LATER_ON)
        return services.open_session(self.round, **fields, actor=self.secretary, now=LATER)

    def tally(self, session: CouncilSession, nomination: Nomination, **counts: Any) -> Any:
        """Unanimous unless the counts say otherwise; the attendance says as many are away."""
        counts = {"yes": 5, "no": 0, "abstained": 0, "absent": 0, "recused": 0} | counts
        now = counts.pop("now", LATER)
        self.attend(session, counts["absent"])
        return services.record_tally(
            session, nomination=nomination, **counts, actor=self.secretary, now=now
        )

    def attend(self, session: CouncilSession, absent: int = 0, secretary: str = "present") -> None:
        """Of those who vote, the last `absent` are away."""
        seats = seats_on(session.council, session.held_on)
        voters = [seat.pk for seat in seats if seat.votes]
        states = {seat.pk: secretary for seat in seats if not seat.votes}
        states |= {
            key: "excused" if number < absent else "present"
            for number, key in enumerate(reversed(voters))
        }
        services.record_attendance(session, states=states, actor=self.secretary, now=LATER)

    def close(self, session: CouncilSession, **fields: Any) -> CouncilSession:
        said = session.tallies.first()
        self.attend(session, said.absent if said else 0)
        return services.close_session(session, **fields, actor=self.secretary, now=LATER)

    def passed(self, **fields: Any) -> Nomination:
        """Proposed, voted for by all in a session that has ended; others are put off."""
        nomination = self.propose(**fields)
        session = self.session()
        self.tally(session, nomination)
        waiting = self.round.nominations.filter(state=Nomination.State.PROPOSED)
        self.close(session, left_out=list(waiting.values_list("pk", flat=True)))
        nomination.refresh_from_db()
        return nomination

    def forwarded(self, **fields: Any) -> Nomination:
        nomination = self.passed(**fields)
        [row] = services.forward_nominations([nomination], on=LATER_ON, actor=self.head, now=LATER)
        return row

    def decide(self, granted: list[Nomination], **fields: Any) -> Any:
        fields = {
            "unit": self.department,
            "number": "12",
            "symbol": "QĐ-SNN",
            "issued_on": LATER_ON,
            "signer_title": "Giám đốc",
            "signer_name": "Nguyễn Văn A",
            "subject_line": "Về việc tặng Giấy khen",
        } | fields
        return services.record_decision(
            self.round, **fields, granted=granted, actor=self.decider, now=LATER
        )


def world(**quota: Any) -> World:
    department = UnitFactory(name="Sở Nông nghiệp")
    unit = UnitFactory(parent=department, name="Chi cục Thủy lợi")
    campaign = CampaignFactory(issuer=department)
    ParticipationFactory(campaign=campaign, unit=unit)
    phase = PhaseFactory(
        campaign=campaign, period_from=date(2022, 1, 1), period_to=date(2024, 12, 31)
    )
    council = council_of(department, 5)
    secretary = user_with("council_secretary", department)
    return World(
        department=department,
        unit=unit,
        campaign=campaign,
        phase=phase,
        quota=QuotaFactory(campaign=campaign, phase=phase, **quota),
        council=council,
        round=RoundFactory(campaign=campaign, phase=phase, council=council),
        head=user_with("head_of_unit", unit),
        secretary=secretary,
        decider=user_with("decider", department),
        standing=user_with("standing_agency", department),
    )


def ledger(nomination: Nomination) -> list[tuple[str, int]]:
    rows = nomination.postings.order_by("pk")
    return list(rows.values_list("kind", "places"))


def saying(words: str) -> Any:
    return pytest.raises(DomainError, match=words)
