"""A job is done once, by whoever holds it, whatever the broker and the workers do."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from celery import Celery
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from reports.models import Report
from tests.factories import NOW, PeriodFactory, UserFactory
from units import jobs, storage
from units.models import Job
from units.rules import DomainError

pytestmark = pytest.mark.django_db
LATER = NOW + settings.JOB_LEASE + timedelta(seconds=1)
State = Job.State


@pytest.fixture
def job() -> Report:
    period = PeriodFactory()
    return Report.objects.create(
        campaign=period.campaign,
        period=period,
        scope=period.campaign.issuer,
        version=1,
        requested_by=UserFactory(),
        requested_at=NOW,
    )


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], list[Any]]]:
    """A real Celery application whose broker lives in memory; calling it empties the queue."""
    app = Celery("tests", broker="memory://", set_as_current=False)
    app.conf.task_default_queue = "thidua-test"
    monkeypatch.setattr(jobs, "current_app", app)
    with app.connection_for_read() as link:
        queue = link.SimpleQueue("thidua-test")
        queue.clear()

        def taken() -> list[Any]:
            found = []
            while queue.qsize():
                message = queue.get_nowait()
                message.ack()
                found.append((message.headers["task"], *message.payload[0]))
            return found

        yield taken
        queue.close()


def files() -> dict[str, Any]:
    blob = storage.keep_bytes(b"%PDF-1.7", media_type="application/pdf", now=NOW)
    return {"pdf": blob, "xlsx": blob, "pages": 3, "rows": 9, "snapshot": {"units": 2}}


def again(job: Report) -> Report:
    return Report.objects.get(pk=job.pk)


# --- claim ---------------------------------------------------------------------------------------
def test_a_claim_takes_the_row_for_a_while(job: Report) -> None:
    claimed = jobs.claim(Report, job.pk, now=NOW)
    assert claimed is not None
    assert claimed.token is not None
    assert (claimed.attempts, claimed.started_at) == (1, NOW)
    assert claimed.lease_until == NOW + settings.JOB_LEASE


def test_what_is_held_cannot_be_claimed(job: Report) -> None:
    held = jobs.claim(Report, job.pk, now=NOW)
    assert held is not None
    assert jobs.claim(Report, job.pk, now=held.lease_until) is None
    assert again(job).token == held.token


def test_a_lease_that_is_past_lets_another_worker_in(job: Report) -> None:
    first = jobs.claim(Report, job.pk, now=NOW)
    second = jobs.claim(Report, job.pk, now=LATER)
    assert first is not None
    assert second is not None
    assert second.token != first.token
    assert second.attempts == 2


@pytest.mark.parametrize("state", [State.DONE, State.FAILED])
def test_what_is_finished_cannot_be_claimed(job: Report, state: Job.State) -> None:
    extra = files() if state == State.DONE else {"error": "hỏng"}
    Report.objects.filter(pk=job.pk).update(state=state, finished_at=NOW, **extra)
    assert jobs.claim(Report, job.pk, now=NOW) is None
    assert again(job).attempts == 0


def test_a_row_that_is_gone_cannot_be_claimed(job: Report) -> None:
    assert jobs.claim(Report, job.pk + 1, now=NOW) is None


def test_after_three_lost_workers_the_job_fails_with_the_reason(job: Report) -> None:
    now = NOW
    for _ in range(settings.JOB_ATTEMPTS):
        assert jobs.claim(Report, job.pk, now=now) is not None
        now += settings.JOB_LEASE + timedelta(seconds=1)
    assert jobs.claim(Report, job.pk, now=now) is None
    lost = again(job)
    assert (lost.state, lost.error, lost.finished_at) == (State.FAILED, jobs.WORKER_LOST, now)
    assert (lost.token, lost.lease_until) == (None, None)


def test_the_last_attempt_is_not_failed_while_its_worker_lives(job: Report) -> None:
    Report.objects.filter(pk=job.pk).update(attempts=settings.JOB_ATTEMPTS - 1)
    assert jobs.claim(Report, job.pk, now=NOW) is not None
    assert jobs.claim(Report, job.pk, now=NOW + timedelta(seconds=1)) is None
    assert again(job).state == State.QUEUED


# --- finish, fail, progress ----------------------------------------------------------------------
def test_finishing_stores_the_result_and_lets_go(job: Report) -> None:
    claimed = jobs.claim(Report, job.pk, now=NOW)
    assert claimed is not None
    Report.objects.filter(pk=job.pk).update(step="Lập bảng", error="lần trước")
    jobs.finish(claimed, now=LATER, **files())
    done = again(job)
    assert (done.state, done.finished_at, done.pages) == (State.DONE, LATER, 3)
    assert (done.token, done.lease_until, done.step, done.error) == (None, None, "", "")


def test_a_worker_that_lost_the_lease_stores_nothing(job: Report) -> None:
    slow = jobs.claim(Report, job.pk, now=NOW)
    quick = jobs.claim(Report, job.pk, now=LATER)
    assert slow is not None
    assert quick is not None
    with pytest.raises(jobs.LeaseLost):
        jobs.finish(slow, now=LATER, **files())
    with pytest.raises(jobs.LeaseLost):
        jobs.Progress(slow)("Lập bảng", 1, 2)
    jobs.fail(slow, "chậm quá", now=LATER)
    row = again(job)
    assert (row.state, row.error, row.step, row.pdf, row.token) == (
        State.QUEUED, "", "", None, quick.token,
    )  # fmt: skip


def test_failing_gives_the_reason_and_lets_go(job: Report) -> None:
    claimed = jobs.claim(Report, job.pk, now=NOW)
    assert claimed is not None
    jobs.fail(claimed, "Thiếu số liệu.", now=LATER)
    row = again(job)
    assert (row.state, row.error, row.finished_at) == (State.FAILED, "Thiếu số liệu.", LATER)
    assert (row.token, row.lease_until) == (None, None)


def test_progress_is_seen_and_keeps_the_lease_alive(job: Report) -> None:
    claimed = jobs.claim(Report, job.pk, now=NOW)
    assert claimed is not None
    begun = timezone.now()
    jobs.Progress(claimed)("Lập Phụ lục 2", 81, 118)
    row = again(job)
    assert (row.step, row.progress_done, row.progress_total) == ("Lập Phụ lục 2", 81, 118)
    assert row.lease_until is not None
    assert row.lease_until >= begun + settings.JOB_LEASE
    jobs.Progress(claimed)("Ghép tệp")
    assert (again(job).progress_done, again(job).progress_total) == (0, 0)


# --- perform -------------------------------------------------------------------------------------
def test_performing_makes_and_finishes(job: Report) -> None:
    seen = []

    def maker(claimed: Report, progress: jobs.Progress) -> dict[str, Any]:
        progress("Lập bảng", 1, 1)
        seen.append((claimed.pk, claimed.attempts))
        return files()

    jobs.perform(Report, maker, job.pk)
    assert seen == [(job.pk, 1)]
    assert (again(job).state, again(job).snapshot) == (State.DONE, {"units": 2})


def test_a_message_delivered_twice_makes_nothing_twice(job: Report) -> None:
    made = []

    def maker(claimed: Report, progress: jobs.Progress) -> dict[str, Any]:
        jobs.perform(Report, maker, job.pk)  # the second message, while the first is worked on
        made.append(claimed.pk)
        return files()

    jobs.perform(Report, maker, job.pk)
    jobs.perform(Report, maker, job.pk)  # and once more, afterwards
    assert made == [job.pk]


def test_a_refusal_becomes_the_reason(job: Report) -> None:
    def maker(claimed: Report, progress: jobs.Progress) -> dict[str, Any]:
        raise DomainError("Kỳ này chưa có phiếu nào được thẩm định.")

    jobs.perform(Report, maker, job.pk)
    assert again(job).state == State.FAILED
    assert again(job).error == "Kỳ này chưa có phiếu nào được thẩm định."


def test_an_accident_fails_with_a_code_and_without_its_secrets(
    job: Report, caplog: pytest.LogCaptureFixture
) -> None:
    def maker(claimed: Report, progress: jobs.Progress) -> dict[str, Any]:
        raise RuntimeError("password=hunter2")

    jobs.perform(Report, maker, job.pk)
    row = again(job)
    assert row.state == State.FAILED
    assert f"báo người quản trị máy chủ kèm mã report-{job.pk}-1" in row.error
    assert "hunter2" not in row.error
    assert "hunter2" in caplog.text


def test_losing_the_lease_in_mid_work_leaves_the_job_to_the_other(
    job: Report, caplog: pytest.LogCaptureFixture
) -> None:
    def maker(claimed: Report, progress: jobs.Progress) -> dict[str, Any]:
        later = timezone.now() + settings.JOB_LEASE + timedelta(seconds=1)
        assert jobs.claim(Report, job.pk, now=later) is not None
        progress("không còn của mình")
        raise AssertionError

    jobs.perform(Report, maker, job.pk)
    row = again(job)
    assert (row.state, row.attempts, row.step) == (State.QUEUED, 2, "")
    assert "việc đã được tiến trình khác nhận" in caplog.text


# --- waking --------------------------------------------------------------------------------------
def test_submitting_wakes_a_worker_after_commit_only(
    job: Report, broker: Any, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        jobs.submit(job)
        assert broker() == []
    assert broker() == [("config.tasks.run", "reports.report", job.pk)]


def test_a_request_that_is_rolled_back_wakes_nobody(
    job: Report, broker: Any, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        jobs.submit(job)
        transaction.set_rollback(True)
    assert broker() == []


def test_a_broker_that_is_down_costs_delay_and_never_the_job(
    job: Report,
    broker: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    django_capture_on_commit_callbacks: Any,
) -> None:
    dead = Celery("dead", broker=f"redis+socket://{tmp_path}/none.sock", set_as_current=False)
    dead.conf.broker_transport_options = {"max_retries": 0, "socket_connect_timeout": 1}
    with monkeypatch.context() as patch:
        patch.setattr(jobs, "current_app", dead)
        with django_capture_on_commit_callbacks(execute=True):
            jobs.submit(job)
    assert f"không gọi được tiến trình nền cho reports.report {job.pk}" in caplog.text
    assert again(job).state == State.QUEUED
    assert jobs.sweep([Report], now=NOW) == 1
    assert broker() == [("config.tasks.run", "reports.report", job.pk)]


def test_the_sweep_wakes_what_nobody_holds_and_nothing_else(job: Report, broker: Any) -> None:
    jobs.claim(Report, job.pk, now=NOW)
    assert jobs.sweep([Report], now=NOW) == 0
    assert jobs.sweep([Report], now=LATER) == 1
    jobs.claim(Report, job.pk, now=LATER)
    Report.objects.filter(pk=job.pk).update(
        state=State.FAILED, error="hỏng", finished_at=LATER, lease_until=None
    )
    assert jobs.sweep([Report], now=LATER + timedelta(hours=1)) == 0
    assert broker() == [("config.tasks.run", "reports.report", job.pk)]
