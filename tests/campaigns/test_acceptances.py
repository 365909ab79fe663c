"""A large workbook is stored by a worker: asked for on a page that may be left, stored once."""

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from campaigns import services
from campaigns.models import ImportAcceptance, Period, Result, ResultHistory, ResultImport
from config import tasks
from tests.campaigns.excel import send, take
from tests.campaigns.test_imports import preview
from tests.campaigns.world import World
from tests.factories import NOW, user_with
from units.models import User
from units.rules import DomainError

ClientOf = Callable[[User], Any]
HTMX = {"HX-Request": "true"}
State = ImportAcceptance.State


@pytest.fixture
def pending(world: World, settings: Any) -> ResultImport:
    """Two cells in a workbook, where more than one is a lot."""
    settings.IMPORT_AT_ONCE = 1
    Period.objects.update(closes_on=timezone.localdate())
    world.period.refresh_from_db()
    world.indicator(ref="ct01", code="CT01")
    world.indicator(ref="ct02", code="CT02")
    world.sheet()
    book = take(world, world.branch)
    for ref in ("ct01", "ct02"):
        book.put(ref, figure="1", whole="2")
    return send(world, book, world.branch)


def ask(world: World, pending: ResultImport, **more: Any) -> ImportAcceptance:
    return services.request_acceptance(pending, actor=world.clerk, now=NOW, **more)


def work(job: ImportAcceptance) -> ImportAcceptance:
    """What a worker does with the message."""
    tasks.run(ImportAcceptance._meta.label_lower, job.pk)
    job.refresh_from_db()
    return job


def test_what_is_large(pending: ResultImport, settings: Any) -> None:
    assert services.is_large(pending)
    settings.IMPORT_AT_ONCE = 2
    assert not services.is_large(pending)


def test_a_worker_stores_it_once_however_often_it_is_told(
    world: World, pending: ResultImport
) -> None:
    job = work(ask(world, pending, seen=preview(world, pending).seen))
    assert (job.state, job.error, str(job)) == (State.DONE, "", "Ghi tệp “ket-qua.xlsx”")
    pending.refresh_from_db()
    assert (pending.state, pending.written, pending.decided_by) == ("accepted", 2, world.clerk)
    # a worker that died between storing and saying so: the next one finds it stored
    ImportAcceptance.objects.update(state=State.QUEUED, finished_at=None)
    assert work(job).state == State.DONE
    assert ResultHistory.objects.count() == 2


def test_one_at_a_time_and_nothing_after_the_decision(world: World, pending: ResultImport) -> None:
    job = ask(world, pending, seen=preview(world, pending).seen)
    with pytest.raises(DomainError, match="đang được ghi theo yêu cầu của Lê Văn Thí Dụ"):
        ask(world, pending)
    work(job)
    with pytest.raises(DomainError, match="không ghi lần hai"):
        ask(world, pending)
    assert ImportAcceptance.objects.count() == 1


def test_what_changed_meanwhile_stops_it_and_the_choice_travels_along(
    world: World, pending: ResultImport
) -> None:
    seen, indicator = preview(world, pending).seen, world.group.indicators.get(ref="ct01")
    other = user_with("clerk", world.branch)
    typed = {"numerator": "1", "denominator": "9"}
    services.record_result(world.sheet(), indicator, typed, 0, actor=other, now=NOW)
    job = work(ask(world, pending, seen=seen))
    assert (job.state, "vừa có người khác ghi" in job.error) == (State.FAILED, True)
    assert Result.objects.get().denominator == 9
    mine = {(world.branch.pk, indicator.pk): 1}
    work(ask(world, pending, seen=preview(world, pending).seen, mine=mine))
    assert {result.denominator for result in Result.objects.all()} == {2}


def test_the_page_shows_how_far_it_is_and_then_what_came_out(
    world: World, pending: ResultImport, client_of: ClientOf
) -> None:
    client = client_of(world.clerk)
    detail, moving = (
        reverse(f"campaigns:{name}", args=[pending.pk])
        for name in ("import_detail", "import_progress")
    )
    assert client.get(moving, headers=HTMX).status_code == 302  # nobody has asked
    seen = preview(world, pending).seen
    answer = client.post(reverse("campaigns:import_accept", args=[pending.pk]), {"seen": seen})
    assert answer["Location"] == detail
    assert Result.objects.count() == 0
    page = client.get(detail).content.decode()
    assert "Đang ghi vào các phiếu" in page
    assert "Có thể rời trang này" in page
    assert "Ghi vào phiếu</button>" not in page
    part = client.get(moving, headers=HTMX)
    assert ("every 2s" in part.content.decode(), "HX-Refresh" in part) == (True, False)
    work(pending.acceptances.get())
    assert client.get(moving, headers=HTMX)["HX-Refresh"] == "true"
    assert "Đã ghi 2 ô" in client.get(detail).content.decode()


def test_what_stopped_it_stands_over_the_differences(
    world: World, pending: ResultImport, client_of: ClientOf
) -> None:
    job = ask(world, pending)
    Period.objects.update(closes_on=world.period.period_from)
    assert work(job).state == State.FAILED
    page = client_of(world.clerk).get(reverse("campaigns:import_detail", args=[pending.pk]))
    assert "Chưa ghi được, số trên cổng giữ nguyên" in page.content.decode()
    assert "chỉ nhận số liệu đến hết ngày" in page.content.decode()
    assert "2 ô không ghi được" in page.content.decode()


def test_small_ones_are_stored_while_one_waits(
    world: World, pending: ResultImport, client_of: ClientOf, settings: Any
) -> None:
    settings.IMPORT_AT_ONCE = 2
    seen = preview(world, pending).seen
    client_of(world.clerk).post(
        reverse("campaigns:import_accept", args=[pending.pk]), {"seen": seen}
    )
    assert (Result.objects.count(), ImportAcceptance.objects.count()) == (2, 0)
