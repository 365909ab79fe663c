"""How long the file of a large workbook is kept: to the day that its page names, never less."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from campaigns import services
from campaigns.models import ImportCheck, ResultImport
from config import tasks
from tests.campaigns.excel import send, take
from tests.campaigns.test_import_checks import ask, filled, gathers, work
from tests.campaigns.world import World
from units import storage
from units.models import AuditEntry, Blob, User
from units.rules import day_text

ClientOf = Callable[[User], Any]
KEPT = timedelta(days=180)

__all__ = ["gathers"]


@pytest.fixture
def refused(world: World, gathers: User) -> ImportCheck:
    """One that was made for one unit."""
    world.sheet()
    return work(ask(world, gathers, take(world, world.branch, world.clerk)))


@pytest.fixture
def pending(world: World, gathers: User) -> ResultImport:
    found = work(ask(world, gathers, filled(world, gathers))).imported
    assert found is not None
    return found


def removals() -> list[AuditEntry]:
    return list(AuditEntry.objects.filter(action__endswith=".file_removed"))


def test_a_refused_file_is_kept_to_the_day_its_page_names_then_only_its_row(
    refused: ImportCheck, gathers: User, client_of: ClientOf, world: World
) -> None:
    assert refused.finished_at is not None
    client, sha256 = client_of(gathers), refused.blob_id
    page = reverse("campaigns:import_check", args=[refused.pk])
    file = reverse("campaigns:import_check_file", args=[refused.pk])
    last = timezone.localdate(refused.finished_at) + KEPT
    assert f"giữ đến hết ngày {last:%d/%m/%Y}" in client.get(page).content.decode()
    assert client.get(file).content == storage.read_bytes(refused.blob)
    listed = client.get(reverse("campaigns:campaign_excel", args=[world.campaign.ref]))
    assert page in listed.content.decode()
    night = timezone.localtime(refused.finished_at).replace(hour=23, minute=59)
    assert services.remove_old_workbooks(now=night + KEPT) == 0
    after = night + KEPT + timedelta(minutes=2)
    assert services.remove_old_workbooks(now=after) == 1
    assert services.remove_old_workbooks(now=after) == 0
    row = ImportCheck.objects.get()
    assert (row.blob, row.removed_at) == (None, after)
    assert (row.name, row.requested_by, row.requested_at) == (
        refused.name,
        gathers,
        refused.requested_at,
    )
    assert row.error == refused.error != ""
    (line,) = removals()
    assert (line.actor, line.subject_id, line.data) == (None, row.pk, {"sha256": sha256})
    assert line.note == f"xóa tệp gốc “{row.name}” sau 180 ngày: {row.error}"
    gone = client.get(file, follow=True).content.decode()
    assert f"đã xóa ngày {day_text(timezone.localdate(after))}" in gone
    told = client.get(page).content.decode()
    assert f"Tệp gốc đã xóa ngày {timezone.localdate(after):%d/%m/%Y}" in told
    assert "Tải tệp gốc" not in told


@pytest.mark.parametrize("decide", [services.accept_import, services.discard_import])
def test_a_decided_file_goes_with_those_of_its_checks(
    pending: ResultImport, gathers: User, client_of: ClientOf, decide: Any
) -> None:
    client = client_of(gathers)
    page = reverse("campaigns:import_detail", args=[pending.pk])
    assert "giữ đến 180 ngày sau khi ghi hoặc bỏ" in client.get(page).content.decode()
    now = timezone.now()
    decide(pending, actor=gathers, now=now)
    last = f"giữ đến hết ngày {timezone.localdate(now) + KEPT:%d/%m/%Y}"
    assert last in client.get(page).content.decode()
    after = now + KEPT + timedelta(days=1)
    assert services.remove_old_workbooks(now=after) == 1
    told = client.get(page).content.decode()
    assert f"Tệp gốc đã xóa ngày {timezone.localdate(after):%d/%m/%Y}" in told
    assert ImportCheck.objects.get().removed_at == after
    (line,) = removals()
    assert (line.subject_id, line.data) == (pending.pk, {"sha256": pending.blob_id})
    assert storage.sweep(now=after) == 1
    assert not Blob.objects.exists()
    marked = client.get(reverse("campaigns:import_workbook", args=[pending.pk]))
    assert marked.status_code == 200  # made of what was read


def test_what_nobody_has_decided_is_never_removed(pending: ResultImport, gathers: User) -> None:
    later = timezone.now() + KEPT * 20
    assert services.remove_old_workbooks(now=later) == 0
    check = ask_again(pending, gathers)
    ResultImport.objects.update(state="discarded", decided_at=timezone.now(), told=None)
    assert services.remove_old_workbooks(now=later) == 0  # a worker is about to look at it
    assert work(check).state == ImportCheck.State.DONE
    assert ResultImport.objects.get().told is None  # what was decided is not looked at anew
    assert services.remove_old_workbooks(now=later) == 1


def ask_again(pending: ResultImport, actor: User) -> ImportCheck:
    return services.request_recheck(pending, actor=actor, now=timezone.now())


def test_the_database_keeps_what_is_still_needed(pending: ResultImport) -> None:
    gone = {"blob": None, "removed_at": timezone.now()}
    queued = {"state": "queued", "finished_at": None}
    for rows, change in (
        (ResultImport.objects, gone),
        (ImportCheck.objects, gone | queued),
        (ImportCheck.objects, {"blob": None}),
        (ImportCheck.objects, {"removed_at": timezone.now()}),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**change)


def test_who_comes_second_finds_it_removed(refused: ImportCheck) -> None:
    rows = ImportCheck.objects.all()
    later = timezone.now() + KEPT + timedelta(days=1)
    with transaction.atomic():
        first = services.retention._remove(rows[0], "x", later)
        second = services.retention._remove(refused, "x", later)
    assert (first, second, len(removals())) == (1, 0, 1)


def test_beat_removes_it_and_no_small_one(
    world: World, pending: ResultImport, gathers: User, client_of: ClientOf, settings: Any
) -> None:
    small = send(world, take(world, None, gathers), actor=gathers)
    for one in (small, pending):
        services.discard_import(one, actor=gathers, now=timezone.now())
    settings.IMPORT_KEPT_DAYS = -1
    tasks.sweep_files()
    kept = ResultImport.objects.filter(blob__isnull=False)
    assert list(kept) == [small]
    page = client_of(gathers).get(reverse("campaigns:import_detail", args=[small.pk]))
    assert "Tải tệp gốc</a></span>" in page.content.decode()
