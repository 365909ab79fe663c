"""Each policy is exactly these objects."""

from datetime import timedelta

import pytest

from awards import policies, services
from awards.models import Nomination, NominationEvidence, Quota
from campaigns.models import Participation
from tests.awards.factories import (
    NOW,
    TODAY,
    QuotaFactory,
    RoundFactory,
    SeatFactory,
    World,
    council_of,
)
from tests.awards.factories import world as make_world
from tests.factories import PersonFactory, UnitFactory, UserFactory, user_with
from units.models import Bloc, BlocMembership, User
from units.policies import manageable_users
from units.services import give_role
from units.storage import keep_bytes

pytestmark = pytest.mark.django_db


def seated(world: World, role: str = "member", **fields: object) -> User:
    """Somebody with a seat, and a role on the council's unit that opens no grant by itself."""
    user = user_with("council_member", world.council.unit)
    SeatFactory(council=world.council, person=PersonFactory(user=user), role=role, **fields)
    return user


def test_a_unit_proposes_for_itself_alone(world: World) -> None:
    draft = world.nominate()
    assert list(policies.nominatable_units(world.head)) == [world.unit]
    assert list(policies.editable_nominations(world.head)) == [draft]
    assert list(policies.proposable_nominations(world.head)) == [draft]
    clerk = user_with("clerk", world.unit)
    above = user_with("head_of_unit", world.department)
    for other in (clerk, above, world.standing, world.secretary):
        assert not policies.editable_nominations(other).exists()
    assert list(policies.viewable_nominations(clerk)) == [draft]
    assert list(policies.viewable_nominations(above)) == [draft]  # seeing flows down


def test_what_was_proposed_is_no_longer_offered_for_proposing(world: World) -> None:
    proposed = world.propose()
    assert list(policies.editable_nominations(world.head)) == [proposed]
    assert not policies.proposable_nominations(world.head).exists()


def test_a_draft_is_its_units_alone_and_a_proposal_is_everybodys_who_reviews(
    world: World,
) -> None:
    elsewhere = UnitFactory()  # offices that do not stand above the proposing unit
    world.campaign.standing_agency = world.campaign.issuer = elsewhere
    world.campaign.save()
    world.council.unit = elsewhere
    world.council.save()
    reviewers = [
        user_with("standing_agency", elsewhere),
        user_with("council_secretary", elsewhere),
        user_with("home_affairs", elsewhere),
        user_with("decider", elsewhere),
        seated(world),
        seated(world, role="secretary", votes=False),
    ]
    nomination = world.nominate()
    for user in reviewers:
        assert not policies.viewable_nominations(user).exists()
    Nomination.objects.update(state="proposed", proposed_at=NOW, proposed_by=world.head)
    for user in reviewers:
        assert list(policies.viewable_nominations(user)) == [nomination]
        assert list(policies.viewable_rounds(user)) == [world.round]
    strangers = [
        user_with(role, UnitFactory())
        for role in ("head_of_unit", "standing_agency", "home_affairs", "decider", "clerk")
    ]
    strangers += [UserFactory(), seated(make_world())]
    for user in strangers:
        assert not policies.viewable_nominations(user).filter(pk=nomination.pk).exists()
        assert not policies.viewable_rounds(user).filter(pk=world.round.pk).exists()


def test_home_affairs_appraises_for_the_authority_it_serves() -> None:
    world = make_world()
    province = UnitFactory()
    home_affairs = UnitFactory(parent=province)
    world.campaign.issuer = province
    world.campaign.save()
    nomination = world.propose()
    officer = user_with("home_affairs", province)
    assert list(policies.viewable_nominations(officer)) == [nomination]
    assert not policies.viewable_nominations(user_with("clerk", home_affairs)).exists()
    beneath = user_with("home_affairs", home_affairs)  # a child's role opens nothing above it
    assert not policies.viewable_nominations(beneath).exists()
    assert not policies.viewable_rounds(beneath).exists()
    world.campaign.issuer = UnitFactory()
    world.campaign.save()
    assert not policies.viewable_nominations(officer).exists()
    Quota.objects.update(decider=province, upward=True)  # proposed upward to the province
    assert list(policies.viewable_nominations(officer)) == [nomination]


def test_a_member_sees_what_was_asked_while_he_sat(world: World) -> None:
    nomination = world.propose()
    before = seated(world, valid_to=world.round.opens_on - timedelta(days=1))
    during = seated(world, valid_to=world.round.opens_on)
    assert not policies.viewable_nominations(before).exists()
    assert list(policies.viewable_nominations(during)) == [nomination]
    world.round.closes_on = TODAY
    world.round.save()
    after = seated(world, valid_from=TODAY + timedelta(days=1))
    assert not policies.viewable_nominations(after).exists()
    during.is_active = False
    during.save()
    assert not policies.viewable_nominations(during).exists()


def test_a_draft_that_was_withdrawn_unsent_stays_its_units_own(world: World) -> None:
    unsent = services.withdraw_nomination(world.nominate(), actor=world.head, now=NOW)
    sent = services.withdraw_nomination(world.propose(), actor=world.head, now=NOW)
    reviewer = seated(make_world())
    SeatFactory(council=world.council, person=reviewer.person)
    give_role(
        user=reviewer,
        unit=world.department,
        role="council_member",
        and_below=False,
        actor=None,
        now=NOW,
    )
    assert list(policies.viewable_nominations(reviewer)) == [sent]
    assert set(policies.viewable_nominations(world.head)) == {unsent, sent}


@pytest.mark.parametrize("role", ["member", "secretary"])
def test_a_seat_acts_only_with_a_role_on_the_councils_unit(world: World, role: str) -> None:
    """Whoever looks after accounts elsewhere could otherwise enter the council by taking one over:
    with the role, only an administrator of the council's unit reaches the account.
    """
    commune = UnitFactory()
    user = user_with("clerk", commune)
    SeatFactory(council=world.council, person=PersonFactory(user=user), role=role)
    nomination, session = world.propose(), world.session()
    admin = user_with("account_admin", commune)
    assert list(manageable_users(admin)) == [user]
    give_role(
        user=user, unit=commune, role="council_member", and_below=False, actor=None, now=NOW
    )  # of the commune's council, not of this one
    for rows in (
        policies.viewable_nominations,
        policies.viewable_rounds,
        policies.viewable_sessions,
        policies.reviewable_sessions,
        policies.recordable_sessions,
        policies.recordable_rounds,
    ):
        assert not rows(user).exists()
    give_role(
        user=user,
        unit=world.department,
        role="council_member",
        and_below=False,
        actor=None,
        now=NOW,
    )
    assert list(policies.reviewable_sessions(user)) == [session]
    assert list(policies.viewable_nominations(user)) == [nomination]
    assert policies.recordable_sessions(user).exists() == (role == "secretary")
    assert not manageable_users(admin).exists()


def test_the_record_is_kept_by_the_secretary_and_the_councils_office(world: World) -> None:
    session = world.session()
    by_seat = seated(world, role="secretary", votes=False)
    member = seated(world)
    for user in (world.secretary, by_seat):
        assert list(policies.recordable_sessions(user)) == [session]
        assert list(policies.recordable_rounds(user)) == [world.round]
    for user in (member, world.head, world.standing, world.decider):
        assert not policies.recordable_sessions(user).exists()
        assert not policies.recordable_rounds(user).exists()
    assert list(policies.reviewable_sessions(member)) == [session]
    assert list(policies.reviewable_sessions(by_seat)) == [session]
    assert not policies.reviewable_sessions(world.secretary).exists()
    for user in (member, by_seat, world.secretary, world.standing, world.decider):
        assert list(policies.viewable_sessions(user)) == [session]
    for user in (world.head, UserFactory(), seated(make_world())):
        assert not policies.viewable_sessions(user).filter(pk=session.pk).exists()


def test_a_seat_that_ended_before_the_session_keeps_no_record(world: World) -> None:
    session = world.session()
    former = seated(
        world, role="secretary", votes=False, valid_to=session.held_on - timedelta(days=1)
    )
    assert not policies.recordable_sessions(former).exists()
    assert not policies.reviewable_sessions(former).exists()


def test_the_standing_agency_and_the_council_send_back(world: World) -> None:
    nomination = world.propose()
    other = UnitFactory()
    for user in (world.standing, world.secretary):
        assert list(policies.returnable_nominations(user)) == [nomination]
    for user in (world.head, world.decider, user_with("standing_agency", other)):
        assert not policies.returnable_nominations(user).exists()


def test_over_a_blocs_plan_stands_the_leader_of_the_year(world: World) -> None:
    nomination = world.propose()
    leader = UnitFactory()
    bloc = Bloc.objects.create(ref="khoi", name="Khối", organiser=world.department)
    BlocMembership.objects.create(bloc=bloc, unit=leader, year=TODAY.year, role="head")
    world.campaign.bloc, world.campaign.standing_agency = bloc, None
    world.campaign.save()
    user = user_with("bloc_leader", leader)
    assert list(policies.returnable_nominations(user)) == [nomination]
    assert list(policies.viewable_nominations(user)) == [nomination]
    BlocMembership.objects.update(year=TODAY.year - 1)
    assert not policies.returnable_nominations(user).exists()


def test_rounds_are_opened_and_places_allotted_for_the_plan(world: World) -> None:
    for user in (world.standing,):
        assert list(policies.openable_campaigns(user)) == [world.campaign]
        assert list(policies.openable_rounds(user)) == [world.round]
        assert list(policies.allottable_quotas(user)) == [world.quota]
    for user in (world.head, world.secretary, world.decider, UserFactory()):
        assert not policies.openable_campaigns(user).exists()
        assert not policies.openable_rounds(user).exists()
        assert not policies.allottable_quotas(user).exists()


def test_a_member_of_the_plan_sees_its_rounds(world: World) -> None:
    stranger = user_with("head_of_unit", UnitFactory())
    assert list(policies.viewable_rounds(world.head)) == [world.round]
    assert not policies.viewable_rounds(stranger).exists()
    Participation.objects.all().delete()
    assert not policies.viewable_rounds(world.head).exists()


def test_the_usual_decider_is_that_of_the_councils_unit_or_of_the_issuer(world: World) -> None:
    nomination = world.propose()
    assert list(policies.decidable_nominations(world.decider)) == [nomination]
    assert list(policies.decidable_rounds(world.decider)) == [world.round]
    for user in (world.head, world.standing, user_with("decider", world.unit)):
        assert not policies.decidable_nominations(user).exists()
        assert not policies.decidable_rounds(user).exists()
    issuer = UnitFactory()
    world.round.council = None
    world.round.save()
    world.campaign.issuer = issuer
    world.campaign.save()
    assert list(policies.decidable_rounds(user_with("decider", issuer))) == [world.round]
    assert not policies.decidable_rounds(world.decider).exists()


def test_a_named_decider_decides_instead(world: World) -> None:
    nomination = world.propose()
    province = UnitFactory()
    Quota.objects.update(decider=province)
    chairman = user_with("decider", province)
    assert list(policies.decidable_nominations(chairman)) == [nomination]
    assert list(policies.decidable_rounds(chairman)) == [world.round]
    assert not policies.decidable_nominations(world.decider).exists()
    assert not policies.decidable_rounds(world.decider).exists()


def test_a_head_decides_what_is_his_own_and_sees_no_other_units_proposals(world: World) -> None:
    own = QuotaFactory(
        campaign=world.campaign, phase=world.phase, basis=Quota.Basis.OWN, number=None
    )
    Quota.objects.filter(pk=world.quota.pk).update(decider=world.department)
    mine = world.propose(quota=own)
    other = world.propose()
    head = user_with("decider", UnitFactory())
    assert not policies.decidable_rounds(head).exists()
    mine.proposing_unit = UnitFactory()
    mine.save()
    head = user_with("decider", mine.proposing_unit)
    assert list(policies.decidable_nominations(head)) == [mine]
    assert list(policies.decidable_rounds(head)) == [world.round]
    assert list(policies.viewable_nominations(head)) == [mine]
    assert other not in policies.viewable_nominations(head)


def test_files_are_seen_with_their_nomination_and_taken_away_by_its_writer(world: World) -> None:
    nomination = world.nominate()
    blob = keep_bytes(b"%PDF-1.4", media_type="application/pdf", now=NOW)
    file = NominationEvidence.objects.create(
        nomination=nomination, blob=blob, name="a.pdf", uploaded_at=NOW, uploaded_by=world.head
    )
    clerk = user_with("clerk", world.unit)
    assert list(policies.viewable_evidence(world.head)) == [file]
    assert list(policies.viewable_evidence(clerk)) == [file]
    assert not policies.viewable_evidence(world.secretary).exists()  # a draft still
    assert list(policies.removable_evidence(world.head)) == [file]
    assert not policies.removable_evidence(clerk).exists()
    file.removed_at = NOW
    file.save()
    assert not policies.viewable_evidence(world.head).exists()
    assert not policies.removable_evidence(world.head).exists()


def test_the_register_is_read_by_the_plan_the_unit_and_the_decider(world: World) -> None:
    decision = world.decide([world.forwarded()])
    award = decision.awards.get()
    for user in (world.head, world.standing, world.decider, user_with("clerk", world.unit)):
        assert list(policies.viewable_awards(user)) == [award]
        assert list(policies.viewable_decisions(user)) == [decision]
    member = seated(world)
    assert list(policies.viewable_awards(member)) == [award]
    stranger = user_with("head_of_unit", UnitFactory())
    assert not policies.viewable_awards(stranger).exists()
    assert not policies.viewable_decisions(stranger).exists()


def test_a_round_of_another_council_is_not_mine(world: World) -> None:
    RoundFactory(council=council_of(UnitFactory(), 3))
    assert list(policies.recordable_rounds(world.secretary)) == [world.round]
