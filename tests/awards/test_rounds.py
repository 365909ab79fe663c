"""Councils and rounds set up, opened and closed: what is written, and what is refused."""

from datetime import date, timedelta
from typing import Any

import pytest

from awards import services
from awards.models import AwardRound, CouncilSeat
from campaigns.models import Campaign
from tests.awards.factories import NOW, TODAY, CouncilFactory, RoundFactory, World, saying
from tests.factories import CampaignFactory, PersonFactory, PhaseFactory
from units.models import AuditEntry

pytestmark = pytest.mark.django_db


# --- councils and rounds -------------------------------------------------------------------------
def test_a_council_is_set_up_with_its_decision(world: World) -> None:
    council = services.create_council(
        ref="hd",
        unit=world.department,
        name="Hội đồng",
        decision="Quyết định 1/QĐ",
        valid_from=date(2024, 1, 1),
        actor=world.standing,
        now=NOW,
    )
    chair = services.add_seat(
        council,
        person=PersonFactory(),
        role=CouncilSeat.Role.CHAIR,
        valid_from=date(2024, 1, 1),
        actor=world.standing,
        now=NOW,
    )
    assert list(council.seats.all()) == [chair]
    entry = AuditEntry.objects.get(action="council.created")
    assert (entry.actor, entry.note) == (world.standing, "Quyết định 1/QĐ")


def test_seats_are_refused_outside_the_council_twice_and_for_a_second_chair(world: World) -> None:
    council = CouncilFactory(valid_from=date(2024, 1, 1))
    person = PersonFactory()

    def seat(**fields: Any) -> CouncilSeat:
        fields = {"person": person, "role": "member", "valid_from": date(2024, 1, 1)} | fields
        return services.add_seat(council, **fields, actor=None, now=NOW)

    with saying("hoạt động từ 01/01/2024 đến nay"):
        seat(valid_from=date(2023, 1, 1))
    seat()
    with saying("đã là thành viên"):
        seat()
    first = PersonFactory()
    seat(role="chair", person=first)
    with saying("đã có Chủ tịch đương nhiệm"):
        seat(role="chair", person=PersonFactory())
    former = seat(role="chair", person=PersonFactory(), valid_to=date(2024, 2, 1))
    assert former.valid_to


def test_a_round_is_opened_closed_and_opened_again(world: World) -> None:
    award_round = services.open_round(
        world.campaign,
        phase=world.phase,
        name="Đợt 2",
        council=world.council,
        opens_on=TODAY,
        actor=world.standing,
        now=NOW,
    )
    assert award_round.ref == f"{world.campaign.ref}-{world.phase.ref}"
    again = services.open_round(
        world.campaign, phase=world.phase, name="Đợt 3", opens_on=TODAY, actor=None, now=NOW
    )
    assert again.ref == f"{award_round.ref}-2"
    closed = services.close_round(award_round, actor=world.standing, now=NOW)
    assert closed.state == AwardRound.State.CLOSED
    until = TODAY + timedelta(days=9)
    opened = services.reopen_round(closed, closes_on=until, actor=world.standing, now=NOW)
    assert (opened.state, opened.closes_on) == (AwardRound.State.OPEN, until)


def test_a_round_is_refused_for_a_draft_a_strange_phase_wrong_days_and_a_taken_ref(
    world: World,
) -> None:
    def opening(**fields: Any) -> AwardRound:
        fields = {"phase": world.phase, "name": "Đợt", "opens_on": TODAY} | fields
        campaign = fields.pop("campaign", world.campaign)
        return services.open_round(campaign, **fields, actor=None, now=NOW)

    with saying("còn là dự thảo"):
        opening(campaign=CampaignFactory(state=Campaign.State.DRAFT))
    with saying("không thuộc kế hoạch"):
        opening(phase=PhaseFactory())
    with saying("trước ngày đầu"):
        opening(closes_on=TODAY - timedelta(days=1))
    with saying("đã dùng"):
        opening(ref=world.round.ref)


def test_a_round_is_not_closed_while_somebody_waits_for_the_vote(world: World) -> None:
    world.propose()
    with saying("còn 1 đề nghị chưa có kết quả"):
        services.close_round(world.round, actor=world.standing, now=NOW)


def test_a_closed_round_and_a_round_out_of_its_days_receive_nothing(world: World) -> None:
    services.close_round(world.round, actor=world.standing, now=NOW)
    with saying("đã kết thúc nên không nhận"):
        world.nominate()
    services.reopen_round(
        world.round, closes_on=TODAY - timedelta(days=1), actor=world.standing, now=NOW
    )
    with saying("nhận đề nghị từ 25/10/2024 đến 23/11/2024; hôm nay là 24/11/2024"):
        world.nominate()
    world.round = RoundFactory(
        campaign=world.campaign, phase=world.phase, opens_on=TODAY + timedelta(days=1)
    )
    with saying("đến khi kết thúc đợt"):
        world.nominate()
