"""Forwarding and deciding: places given back, papers, the register."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.db.models import Sum
from django.test.utils import CaptureQueriesContext

from awards import services
from awards.models import Award, AwardRound, Nomination, Quota, QuotaPosting
from awards.services.quotas import left_of
from tests.awards.factories import (
    LATER,
    LATER_ON,
    NOW,
    TODAY,
    QuotaFactory,
    RoundFactory,
    World,
    saying,
)
from tests.awards.factories import world as make_world
from tests.factories import UnitFactory
from units.models import AuditEntry, Person

pytestmark = pytest.mark.django_db


# --- forwarding and deciding ---------------------------------------------------------------------
def test_what_passed_is_forwarded_after_the_session_and_not_before(world: World) -> None:
    nomination = world.propose()
    session = world.session()
    world.tally(session, nomination)

    def forward(on: date = LATER_ON) -> list[Nomination]:
        return services.forward_nominations([nomination], on=on, actor=world.head, now=LATER)

    with saying("chưa kết thúc. Thư ký kết thúc phiên họp"):
        forward()
    world.close(session)
    with saying("trước ngày hội đồng họp"):
        forward(TODAY)
    with saying("sau hôm nay"):
        forward(LATER_ON + timedelta(days=1))
    [row] = forward()
    assert (row.state, row.forwarded_on) == ("forwarded", LATER_ON)
    draft = world.nominate()
    with saying("Không thể chuyển"):
        services.forward_nominations([draft], on=TODAY, actor=world.head, now=LATER)


def test_a_decision_fills_the_register_with_the_names_of_the_day() -> None:
    world = make_world(recipient_kind="individual")
    nomination = world.forwarded(summary="Số hóa 1.862 hồ sơ.")
    decision = world.decide([nomination])
    award = Award.objects.get()
    person = nomination.person
    assert person
    assert award.recipient_name == person.full_name
    assert award.recipient_post == f"Chuyên viên, {world.unit.name}"
    assert (award.person, award.unit, award.decision) == (person, world.unit, decision)
    assert award.achievement == "Số hóa 1.862 hồ sơ."
    assert "tran thi mau" in award.folded
    Person.objects.update(full_name="Tên Khác")
    award.refresh_from_db()
    assert award.recipient_name != "Tên Khác"
    nomination.refresh_from_db()
    assert nomination.state == "awarded"
    assert QuotaPosting.objects.aggregate(sum=Sum("places"))["sum"] == -1


def test_a_collective_stands_in_the_register_under_itself(world: World) -> None:
    nomination = world.forwarded()
    world.decide([nomination])
    award = Award.objects.get()
    assert award.unit == nomination.unit
    assert award.achievement == nomination.achievement


def test_what_is_refused_gives_its_place_back_and_the_rest_waits(world: World) -> None:
    Quota.objects.update(number=3)
    nominations = [world.propose() for _ in range(3)]
    session = world.session()
    for one in nominations:
        world.tally(session, one)
    world.close(session)
    services.forward_nominations(nominations, on=LATER_ON, actor=world.head, now=LATER)
    given, denied, waiting = nominations
    world.decide([given], refused=[denied])
    states = [Nomination.objects.get(pk=one.pk).state for one in (given, denied, waiting)]
    assert states == ["awarded", "refused", "forwarded"]
    world.quota.refresh_from_db()
    assert left_of(world.quota) == 1
    assert Award.objects.get().nomination == given


def test_places_that_a_decision_gives_back_are_locked_at_once_in_the_order_of_keys(
    world: World,
) -> None:
    """Two decisions that refuse crosswise would else wait for each other for ever."""
    second = QuotaFactory(campaign=world.campaign, phase=world.phase)
    crosswise = [world.propose(quota=second), world.propose(), world.propose()]
    Nomination.objects.update(state="forwarded", forwarded_on=LATER_ON)
    with CaptureQueriesContext(connection) as queries:
        world.decide(crosswise[2:], refused=crosswise[:2])
    locking = [
        query["sql"]
        for query in queries
        if 'FROM "awards_quota" ' in query["sql"] and "FOR NO KEY UPDATE" in query["sql"]
    ]
    assert f"IN ({world.quota.pk}, {second.pk})" in locking[0]
    assert 'ORDER BY "awards_quota"."id" ASC' in locking[0]


def test_a_decision_is_refused_before_its_papers_by_another_office_and_twice(
    world: World,
) -> None:
    Quota.objects.update(number=9)
    world.quota.refresh_from_db()
    nomination = world.forwarded()
    with saying("trước ngày trình hồ sơ"):
        world.decide([nomination], issued_on=TODAY)
    Nomination.objects.update(forwarded_on=TODAY)  # papers that were dated wrongly
    with saying("trước ngày hội đồng họp"):
        world.decide([nomination], issued_on=TODAY)
    with saying("sau hôm nay"):
        world.decide([nomination], issued_on=LATER_ON + timedelta(days=1))
    with saying(f"do “{world.department}” quyết định"):
        world.decide([nomination], unit=UnitFactory())
    with saying("ít nhất một đề nghị"):
        world.decide([])
    with saying("hoặc được tặng hoặc không"):
        world.decide([nomination], refused=[nomination])
    with saying("chỉ đề nghị đã trình"):
        world.decide([world.propose()])
    with saying("chỉ đề nghị đã trình của đợt xét"):
        world.round, kept = RoundFactory(), world.round
        world.decide([nomination])
    world.round = kept
    world.decide([nomination])
    again = world.forwarded()
    with saying("đã được ghi"):
        world.decide([again])


def test_who_decides_follows_the_quota_then_the_head_then_the_council_then_the_issuer(
    world: World,
) -> None:
    province = UnitFactory()
    named = world.forwarded()
    Quota.objects.update(decider=province)
    assert world.decide([named], unit=province).unit == province
    Quota.objects.update(decider=None, basis=Quota.Basis.OWN, number=None)
    world.quota.refresh_from_db()
    own = world.forwarded()
    assert world.decide([own], unit=world.unit, number="13").unit == world.unit
    Quota.objects.update(basis=Quota.Basis.UNLIMITED)
    world.quota.refresh_from_db()
    usual = world.forwarded()
    world.council.unit = UnitFactory()
    world.council.save()
    with saying("quyết định, không phải"):
        world.decide([usual], number="14")
    AwardRound.objects.update(council=None)
    assert world.decide([usual], number="14").unit == world.campaign.issuer


def test_a_nomination_forwarded_without_a_vote_is_decided_after_it_was_sent(world: World) -> None:
    """Older papers may come without a session in the portal."""
    nomination = world.propose()
    Nomination.objects.filter(pk=nomination.pk).update(state="forwarded", forwarded_on=LATER_ON)
    assert world.decide([nomination]).awards.count() == 1


def test_a_nomination_passed_without_a_session_is_forwarded(world: World) -> None:
    nomination = world.propose()
    Nomination.objects.filter(pk=nomination.pk).update(state="passed")
    [row] = services.forward_nominations([nomination], on=TODAY, actor=world.head, now=NOW)
    assert row.forwarded_on == TODAY


def test_every_act_is_on_record(world: World) -> None:
    nomination = world.forwarded()
    world.decide([nomination])
    steps = AuditEntry.objects.filter(subject_type="awards.nomination", subject_id=nomination.pk)
    assert list(steps.order_by("pk").values_list("after", flat=True)) == [
        "",
        "proposed",
        "passed",
        "forwarded",
        "awarded",
    ]
