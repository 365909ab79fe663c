"""A real worker that is killed in mid-compile, a Redis that stops at commit: nothing is lost,
nothing is made twice.

To catch the worker in the middle without a hook in the code it runs, the test holds a lock on the
table of files: the worker prints the paper and then waits at storing it.
"""

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.utils import timezone

from campaigns.models import Result, ResultHistory, ResultImport, ResultSheet
from campaigns.services import preview_import, request_acceptance, request_check
from campaigns.services.imports import check_stored
from config import tasks
from reports import services
from reports.models import Report
from tests.campaigns.excel import send, take
from tests.campaigns.world import make_world
from tests.factories import (
    NOW,
    CampaignFactory,
    ParticipationFactory,
    PeriodFactory,
    ResultSheetFactory,
    UnitFactory,
    UserFactory,
)
from tests.live import Portal, Process, files_locked, table_locked, until
from units import jobs
from units.models import AuditEntry, Job

pytestmark = pytest.mark.worker

REPORT = Report._meta.label_lower


@pytest.fixture
def plan(transactional_db: None) -> Any:
    """A period with one verified sheet: the smallest thing that can be reported on."""
    province = UnitFactory(ref="tinh", name="Ủy ban nhân dân tỉnh Mẫu")
    campaign = CampaignFactory(issuer=province)
    period = PeriodFactory(campaign=campaign)
    ResultSheetFactory(
        period=period,
        participation=ParticipationFactory(campaign=campaign, unit=UnitFactory(parent=province)),
        state=ResultSheet.State.VERIFIED,
        submitted_at=NOW,
        submitted_by=UserFactory(),
        verified_at=NOW + timedelta(hours=1),
        verified_by=UserFactory(),
    )
    return period


def ask(plan: Any) -> Report:
    return services.request_report(
        plan.campaign,
        period=plan,
        scope=plan.campaign.issuer,
        actor=UserFactory(),
        now=timezone.now(),
    )


def again(report: Any) -> Any:
    return type(report).objects.get(pk=report.pk)


def is_storing(report: Job, attempt: int, waiting: int | None = None) -> bool:
    """A worker has printed the paper and waits at our lock.

    `waiting`: how many stand there; PostgreSQL keeps those in the queue whose process was killed.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        queue = cursor.fetchone()[0]
    return again(report).attempts == attempt and queue >= (waiting or attempt)


def lease_is_past(report: Job) -> bool:
    until = again(report).lease_until
    return until is None or until < timezone.now()


def ended(report: Job) -> bool:
    return again(report).state != Job.State.QUEUED


def assert_made_once(report: Report) -> None:
    """One version, done, with the two files it names and no word of a second one."""
    row = Report.objects.get()  # exactly one
    assert (row.state, row.version, row.error) == (Job.State.DONE, 1, "")
    assert row.pk == report.pk
    for blob in (row.pdf, row.xlsx):
        path = django_settings.FILES_DIR / blob.sha256[:2] / blob.sha256[2:4] / blob.sha256
        assert path.stat().st_size == blob.size
    assert AuditEntry.objects.filter(action="report.requested").count() == 1


# --- killed in mid-compile -----------------------------------------------------------------------
def lose_the_child(portal: Portal, worker: Process) -> None:
    """The process at work is gone; its parent lives and starts another."""
    worker.kill_children()


def lose_the_worker(portal: Portal, worker: Process) -> None:
    """Parent and child are gone; the message was never acknowledged. A new worker comes."""
    worker.kill()
    portal.worker()


@pytest.mark.parametrize("lose", [lose_the_child, lose_the_worker])
def test_a_worker_killed_in_mid_compile_loses_nothing_and_makes_nothing_twice(
    portal: Portal, plan: Any, lose: Any
) -> None:
    portal.redis()
    worker = portal.worker()
    with files_locked():
        report = ask(plan)
        until(lambda: is_storing(report, 1), "bản in chờ lưu tệp")
        frozen_at = again(report).frozen_at
        lose(portal, worker)
        until(lambda: lease_is_past(report), "thời gian giữ việc đã hết")
    assert not ended(report)
    tasks.sweep()
    until(lambda: ended(report), "báo cáo lập xong sau khi đổi tiến trình")
    assert_made_once(report)
    assert again(report).attempts == 2
    assert again(report).frozen_at == frozen_at  # the second attempt prints the same facts


def test_a_workbook_whose_worker_is_killed_is_stored_once(
    portal: Portal, transactional_db: None
) -> None:
    world = make_world()
    world.period.closes_on = timezone.localdate()
    world.period.save()
    world.indicator(ref="ct01")
    world.sheet()
    pending = send(
        world, take(world, world.branch).put("ct01", figure="1", whole="2"), world.branch
    )
    portal.redis()
    worker = portal.worker()
    with table_locked(Result._meta.db_table):
        job = request_acceptance(
            pending,
            actor=world.clerk,
            now=timezone.now(),
            seen=preview_import(pending, actor=world.clerk, now=timezone.now()).seen,
        )
        until(lambda: is_storing(job, 1), "ô chờ ghi")
        lose_the_worker(portal, worker)
        until(lambda: lease_is_past(job), "thời gian giữ việc đã hết")
    assert not ended(job)
    tasks.sweep()
    until(lambda: ended(job), "tệp ghi xong sau khi đổi tiến trình")
    assert (again(job).state, again(job).attempts) == (Job.State.DONE, 2)
    assert again(pending).written == 1
    assert ResultHistory.objects.count() == Result.objects.count() == 1


@pytest.fixture
def gathers(transactional_db: None, portal: Portal, settings: Any) -> Any:
    """Somebody with a workbook of many units of which one result is a lot."""
    settings.IMPORT_AT_ONCE = 0
    portal.env["IMPORT_AT_ONCE"] = "0"
    world = make_world()
    world.period.closes_on = timezone.localdate()
    world.period.save()
    world.indicator(ref="ct01")
    book = take(world, None, world.clerk)
    book.at(world.branch.ref, "ct01|numerator").value = "1"
    book.at(world.branch.ref, "ct01|denominator").value = "2"
    return world, book.bytes()


def lose_and_take_up(portal: Portal, job: Job) -> None:
    """The worker that waits at a lock of ours is gone with its parent."""
    until(lambda: is_storing(job, 1), "tiến trình chờ ở khóa của phép thử")
    lose_the_worker(portal, portal.processes[-1])
    # a second message may have the new worker claim the job as soon as the lease is past
    until(lambda: lease_is_past(job) or again(job).attempts == 2, "thời gian giữ việc đã hết")


def assert_checked_once(job: Job) -> None:
    tasks.sweep()
    until(lambda: ended(job), "tệp kiểm tra xong sau khi đổi tiến trình")
    assert (again(job).state, again(job).attempts) == (Job.State.DONE, 2)
    pending = ResultImport.objects.get()  # exactly one
    assert (again(job).imported, pending.told["rows"][0][5]) == (pending, "1 trên 2")
    assert AuditEntry.objects.filter(action="resultimport.uploaded").count() == 1
    assert not Result.objects.exists()


def test_a_check_whose_worker_is_killed_while_it_reads_keeps_the_file_once(
    portal: Portal, gathers: Any
) -> None:
    world, data = gathers
    portal.redis()
    portal.worker()
    about = {"period": world.period, "actor": world.clerk, "now": timezone.now()}
    with table_locked(ResultImport._meta.db_table):
        job = request_check(BytesIO(data), name="nhieu.xlsx", size=len(data), **about)
        lose_and_take_up(portal, job)
        assert not ended(job)
        assert not ResultImport.objects.exists()
    assert_checked_once(job)


def test_a_check_whose_worker_is_killed_while_it_compares_goes_on_from_what_was_read(
    portal: Portal, gathers: Any
) -> None:
    world, data = gathers
    portal.redis()
    about = {"period": world.period, "actor": world.clerk, "now": timezone.now()}
    job = request_check(BytesIO(data), name="nhieu.xlsx", size=len(data), **about)
    read = check_stored(job, actor=world.clerk, now=timezone.now())  # so far the first one came
    with table_locked(ResultImport._meta.db_table):
        portal.worker()
        jobs.wake(job._meta.label_lower, job.pk)
        lose_and_take_up(portal, job)
        assert (ended(job), again(read).told) == (False, None)
    assert_checked_once(job)
    assert again(job).imported == read


def test_a_job_that_loses_three_workers_fails_with_the_reason(portal: Portal, plan: Any) -> None:
    portal.redis()
    worker = portal.worker()
    with files_locked():
        report = ask(plan)
        for attempt in (1, 2, 3):
            until(lambda: is_storing(report, attempt), f"lần thứ {attempt} chờ lưu tệp")  # noqa: B023
            worker.kill_children()
            until(lambda: lease_is_past(report), "thời gian giữ việc đã hết")
            tasks.sweep()
        until(lambda: ended(report), "việc được báo là không thành")
    row = Report.objects.get()
    assert (row.state, row.error) == (Job.State.FAILED, jobs.WORKER_LOST)
    assert (row.pdf, row.xlsx) == (None, None)


def test_a_failed_job_can_be_tried_again_and_prints_the_same_facts(
    portal: Portal, plan: Any
) -> None:
    portal.redis()
    portal.worker()
    report = ask(plan)
    until(lambda: ended(report), "báo cáo lập xong")
    first = again(report)
    Report.objects.filter(pk=report.pk).update(
        state=Job.State.FAILED, error="Hỏng", pdf=None, xlsx=None
    )
    services.retry_report(again(report), actor=UserFactory(), now=timezone.now())
    until(lambda: ended(report), "báo cáo lập lại xong")
    assert_made_once(report)
    assert again(report).snapshot == first.snapshot


# --- the broker ----------------------------------------------------------------------------------
def test_redis_stopped_at_commit_costs_delay_and_nothing_else(portal: Portal, plan: Any) -> None:
    """The worker lives through it, too, and beat alone brings the job back."""
    redis = portal.redis()
    portal.worker()
    redis.kill()
    began = timezone.now()
    report = ask(plan)
    assert timezone.now() - began < timedelta(seconds=5), "chờ Redis quá lâu"
    assert again(report).state == Job.State.QUEUED
    portal.redis()
    portal.beat()
    until(lambda: ended(report), "báo cáo lập xong sau khi Redis chạy lại", seconds=90)
    assert_made_once(report)
    assert again(report).attempts == 1


def test_the_same_message_delivered_many_times_makes_it_once(portal: Portal, plan: Any) -> None:
    portal.redis()
    report = ask(plan)
    for _ in range(4):
        jobs.wake(REPORT, report.pk)
    portal.worker()
    until(lambda: ended(report), "báo cáo lập xong")
    jobs.wake(REPORT, report.pk)  # late, after the end
    other = ask(plan)  # a second job behind it: when it is done, the late message was read
    until(lambda: ended(other), "báo cáo thứ hai lập xong")
    assert again(report).attempts == 1
    assert again(other).attempts == 1
    assert {report.pk: 1, other.pk: 2} == dict(Report.objects.values_list("pk", "version"))


@pytest.mark.parametrize("portal", [60], indirect=True)
def test_two_workers_with_the_same_message_make_it_once(portal: Portal, plan: Any) -> None:
    portal.redis()
    portal.worker()
    portal.worker()
    with files_locked():
        report = ask(plan)
        until(lambda: is_storing(report, 1), "một tiến trình đang làm")
        jobs.wake(REPORT, report.pk)
        other = ask_another(plan)
        until(
            lambda: is_storing(other, 1, waiting=2),
            "tiến trình kia đã đọc tin thứ hai và làm việc khác",
        )
        assert again(report).attempts == 1
    until(lambda: ended(report) and ended(other), "cả hai báo cáo lập xong")
    assert (again(report).attempts, again(other).attempts) == (1, 1)


def ask_another(plan: Any) -> Report:
    """A report of the same plan from another unit's view."""
    scope = plan.campaign.participations.get().unit
    return services.request_report(
        plan.campaign, period=plan, scope=scope, actor=UserFactory(), now=timezone.now()
    )
