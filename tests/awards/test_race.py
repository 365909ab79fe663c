"""Real threads for the last place: exactly one wins, and the ledger never goes below nothing."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from awards import services
from awards.models import Nomination, Quota, QuotaPosting
from awards.services.quotas import left_of
from tests.awards.factories import NOW, QuotaFactory, RoundFactory
from tests.awards.factories import world as make_world
from units.rules import DomainError

THREADS, TIMES = 20, 50


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_twenty_threads_for_the_last_place_fifty_times() -> None:
    """Two child plans share the parent's last place, so nothing but the parent's row stands between
    them: rounds, nominations and their own quotas differ.
    """
    parent = make_world(number=1)
    plans = []
    for _ in range(2):
        child = make_world(basis=Quota.Basis.UNLIMITED)
        Quota.objects.filter(pk=child.quota.pk).update(parent=parent.quota)
        child.quota.refresh_from_db()
        plans.append(child)
    # A round of its own for each thread: no two share any row but the parent's quota.
    contenders = []
    for number in range(THREADS):
        child = plans[number % 2]
        award_round = RoundFactory(campaign=child.campaign, phase=child.phase)
        contenders.append(child.nominate(award_round=award_round))
    head = parent.head

    def race(nomination: Nomination, start: Barrier) -> bool:
        try:
            start.wait(timeout=30)
            services.propose_nomination(nomination, actor=head, now=NOW)
        except DomainError as error:
            refusals.append(str(error))
            return False
        else:
            return True
        finally:
            connection.close()

    refusals: list[str] = []
    with ThreadPoolExecutor(THREADS) as pool:
        for _ in range(TIMES):
            start = Barrier(THREADS)
            won = list(pool.map(race, contenders, [start] * THREADS))
            assert sum(won) == 1
            assert left_of(parent.quota) == 0
            winner = contenders[won.index(True)]
            services.return_nomination(winner, reason="Đua lại", actor=head, now=NOW)
    assert len(refusals) == TIMES * (THREADS - 1)
    assert all("đã hết chỗ" in refusal for refusal in refusals)
    postings = QuotaPosting.objects.filter(quota=parent.quota)
    kinds = postings.values_list("kind", flat=True)
    assert sorted(kinds) == ["release"] * TIMES + ["use"] * TIMES
    balance = parent.quota.number
    for places in postings.order_by("pk").values_list("places", flat=True):
        balance += places
        assert 0 <= balance <= 1


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_the_same_nominee_is_not_proposed_twice_at_once() -> None:
    world = make_world()
    quota = QuotaFactory(campaign=world.campaign, phase=world.phase, number=9)

    def race(start: Barrier) -> bool:
        try:
            start.wait(timeout=30)
            world.nominate(quota=quota, unit=world.unit)
        except DomainError:
            return False
        else:
            return True
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        for _ in range(10):
            start = Barrier(4)
            assert sum(pool.map(race, [start] * 4)) == 1
            [one] = Nomination.objects.filter(quota=quota, state="draft")
            services.withdraw_nomination(one, actor=world.head, now=NOW)
