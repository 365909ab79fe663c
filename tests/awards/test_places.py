"""Places of a quota: taken, released, allotted, and never more than there are."""

from datetime import timedelta
from typing import Any

import pytest

from awards import services
from awards.models import Nomination, Quota, QuotaPosting
from awards.services.plans import amend_quotas
from awards.services.quotas import left_of
from tests.awards.factories import NOW, TODAY, QuotaFactory, World, ledger, saying
from tests.awards.factories import world as make_world

pytestmark = pytest.mark.django_db


# --- places --------------------------------------------------------------------------------------
def test_proposing_takes_a_place_and_every_way_back_releases_it(world: World) -> None:
    quota = world.quota
    nomination = world.propose()
    assert ledger(nomination) == [("use", -1)]
    assert left_of(quota) == 1
    services.return_nomination(nomination, reason="Thiếu số liệu", actor=world.standing, now=NOW)
    assert left_of(quota) == 2
    services.propose_nomination(nomination, actor=world.head, now=NOW)
    services.withdraw_nomination(nomination, actor=world.head, now=NOW)
    assert ledger(nomination) == [("use", -1), ("release", 1), ("use", -1), ("release", 1)]
    assert left_of(quota) == 2
    services.withdraw_nomination(world.nominate(), actor=world.head, now=NOW)
    assert left_of(quota) == 2  # a draft held none


def test_the_last_place_is_the_last(world: World) -> None:
    world.propose()
    world.propose()
    third = world.nominate()
    with saying(r"đã hết chỗ \(2 chỗ đều đã có đề nghị\)"):
        services.propose_nomination(third, actor=world.head, now=NOW)
    third.refresh_from_db()
    assert third.state == Nomination.State.DRAFT
    assert left_of(world.quota) == 0


def test_what_is_allotted_later_waits_for_its_document() -> None:
    world = make_world(basis=Quota.Basis.LATER)
    nomination = world.nominate()  # a draft is legal
    with saying("ghi “phân bổ sau” và chưa có văn bản phân bổ"):
        services.propose_nomination(nomination, actor=world.head, now=NOW)
    posting = services.allot_quota(
        world.quota,
        places=1,
        document="5/TB-SNN",
        document_on=TODAY,
        is_sample=True,
        actor=world.standing,
        now=NOW,
    )
    assert posting.is_sample
    services.propose_nomination(nomination, actor=world.head, now=NOW)
    with saying(r"đã hết chỗ \(1 chỗ"):
        services.propose_nomination(world.nominate(), actor=world.head, now=NOW)


def test_allotting_is_refused_for_a_stated_number_without_paper_and_for_tomorrow() -> None:
    fixed = make_world()
    later = make_world(basis=Quota.Basis.LATER)

    def allot(quota: Quota, **fields: Any) -> QuotaPosting:
        fields = {"places": 3, "document": "5/TB", "document_on": TODAY} | fields
        return services.allot_quota(quota, **fields, actor=None, now=NOW)

    with saying("Điều chỉnh kế hoạch nếu số lượng thay đổi"):
        allot(fixed.quota)
    for wrong in ({"places": 0}, {"document": " "}):
        with saying("phải ghi số chỗ từ 1 trở lên"):
            allot(later.quota, **wrong)
    with saying("sau hôm nay"):
        allot(later.quota, document_on=TODAY + timedelta(days=1))


def test_only_places_nobody_uses_are_taken_back() -> None:
    world = make_world(basis=Quota.Basis.LATER)
    paper = {"document": "5/TB", "document_on": TODAY, "actor": world.standing, "now": NOW}
    services.allot_quota(world.quota, places=3, **paper)
    world.propose()
    with saying("chỉ còn 2 chỗ chưa dùng, không thu hồi được 3"):
        services.withdraw_places(world.quota, places=3, **paper)
    services.withdraw_places(world.quota, places=2, **paper)
    assert left_of(world.quota) == 0


@pytest.mark.parametrize("basis", ["unlimited", "guidance", "own"])
def test_what_has_no_number_is_not_limited(basis: str) -> None:
    world = make_world(basis=basis)
    nominations = [world.propose() for _ in range(3)]
    services.withdraw_nomination(nominations[0], actor=world.head, now=NOW)
    assert ledger(nominations[0]) == [("use", -1), ("release", 1)]
    assert [ledger(one) for one in nominations[1:]] == [[("use", -1)]] * 2


def test_an_amendment_that_sets_a_number_counts_what_was_proposed_without_one() -> None:
    world = make_world(basis=Quota.Basis.UNLIMITED)
    for _ in range(3):
        world.propose()

    def amend(number: int) -> int:
        row = {"ref": world.quota.ref, "basis": "fixed", "number": number, "note": ""}
        return amend_quotas(world.campaign, rows=[row], actor=None, now=NOW)

    with saying("điều chỉnh còn 2 thì thiếu 1 chỗ"):
        amend(2)
    assert amend(3) == 1
    world.quota.refresh_from_db()
    assert left_of(world.quota) == 0
    with saying("đã hết chỗ"):
        world.propose()


def test_a_child_plans_nominations_use_the_parents_places() -> None:
    world = make_world(basis=Quota.Basis.UNLIMITED)
    top = QuotaFactory(number=5)
    middle = QuotaFactory(number=1, parent=top)
    Quota.objects.filter(pk=world.quota.pk).update(parent=middle, upward=True)
    world.quota.refresh_from_db()
    nomination = world.propose()
    held = {posting.quota_id: posting.places for posting in nomination.postings.all()}
    assert held == {top.pk: -1, middle.pk: -1, world.quota.pk: -1}
    full = world.nominate()
    with saying(f"kế hoạch “{middle.campaign}” đã hết chỗ"):
        services.propose_nomination(full, actor=world.head, now=NOW)
    assert not full.postings.exists()  # all or nothing
    services.withdraw_nomination(nomination, actor=world.head, now=NOW)
    assert (left_of(top), left_of(middle)) == (5, 1)


def test_a_circle_of_quotas_does_not_hang(world: World) -> None:
    other = QuotaFactory(parent=world.quota, number=1)
    Quota.objects.filter(pk=world.quota.pk).update(parent=other)
    world.quota.refresh_from_db()
    world.propose()
    assert left_of(other) == 0
