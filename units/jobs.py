"""Work that outlives a request. The row is the message; Celery only wakes a worker.

A worker claims a row for a while (a lease), works outside any transaction, and finishes only if the
lease is still its own. A sweep wakes again whatever nobody holds, so a killed worker, a flushed
broker or a broker that was down at commit lose nothing, and a message delivered twice makes nothing
twice.
"""

import logging
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from celery import current_app
from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Q
from django.utils import timezone

from units.models import Job
from units.rules import DomainError

log = logging.getLogger(__name__)
SomeJob = TypeVar("SomeJob", bound=Job)

TASK = "config.tasks.run"
RESET_LINKS = "config.tasks.mail_reset_links"
WORKER_LOST = (
    "Tiến trình nền dừng giữa chừng nhiều lần khi làm việc này. Thử lại; nếu vẫn không thành, "
    "báo người quản trị máy chủ."
)
UNEXPECTED = (
    "Có lỗi ngoài dự kiến khi lập tệp; số liệu không mất. Thử lại; nếu vẫn không thành, báo người "
    "quản trị máy chủ kèm mã {code}."
)


class LeaseLost(Exception):
    """Somebody else has the job now; what we made must not be stored."""


@dataclass(frozen=True)
class Progress:
    """Tells the row how far the work is, and keeps the lease alive meanwhile."""

    job: Job

    def __call__(self, step: str, done: int = 0, total: int = 0) -> None:
        """Raises LeaseLost when the row is no longer ours."""
        now = timezone.now()
        if not _held(self.job).update(
            step=step,
            progress_done=done,
            progress_total=total,
            lease_until=now + settings.JOB_LEASE,
        ):
            raise LeaseLost


def submit(job: Job) -> None:
    """After commit, wake a worker. A broker that is down costs delay, never the job."""
    transaction.on_commit(partial(wake, job._meta.label_lower, job.pk))


def wake(kind: str, pk: int) -> None:
    try:
        send(TASK, kind, pk)
    except Exception as error:
        # Whatever the broker's client raises, the sweep finds the row.
        log.warning("không gọi được tiến trình nền cho %s %s: %s", kind, pk, error)


def send(task: str, *args: str | int) -> None:
    """A message that no row stands behind is told once: raises what the broker's client raises."""
    current_app.send_task(task, args=list(args), retry=False)


def claim(model: type[SomeJob], pk: int, *, now: datetime) -> SomeJob | None:
    """One short UPDATE: a fresh token, a lease, one attempt more.

    None when somebody else holds the row or it is finished. After `JOB_ATTEMPTS` lost workers the
    row fails, with the reason, instead of being tried for ever.
    """
    rows = model._default_manager
    free = Q(lease_until__isnull=True) | Q(lease_until__lt=now)
    rows.filter(free, pk=pk, state=Job.State.QUEUED, attempts__gte=settings.JOB_ATTEMPTS).update(
        state=Job.State.FAILED, error=WORKER_LOST, finished_at=now, token=None, lease_until=None
    )
    token = uuid.uuid4()
    claimed = rows.filter(free, pk=pk, state=Job.State.QUEUED).update(
        token=token,
        lease_until=now + settings.JOB_LEASE,
        attempts=F("attempts") + 1,
        started_at=now,
    )
    if not claimed:
        return None
    return rows.get(pk=pk, token=token)


def finish(job: Job, *, now: datetime, **result: Any) -> None:
    """Store what came out, only while the lease is still ours. Raises LeaseLost otherwise."""
    if not _held(job).update(
        state=Job.State.DONE,
        finished_at=now,
        token=None,
        lease_until=None,
        error="",
        step="",
        **result,
    ):
        raise LeaseLost


def fail(job: Job, reason: str, *, now: datetime) -> None:
    """Give up with a sentence for whoever asked."""
    _held(job).update(
        state=Job.State.FAILED, error=reason, finished_at=now, token=None, lease_until=None
    )


def perform(
    model: type[SomeJob], maker: Callable[[SomeJob, Progress], dict[str, Any]], pk: int
) -> None:
    """Claim, make, finish. What the maker returns is stored on the row with its new state."""
    job = claim(model, pk, now=timezone.now())
    if job is None:
        return
    try:
        with kept_alive(job):
            result = maker(job, Progress(job))
        finish(job, now=timezone.now(), **result)
    except LeaseLost:
        log.warning("%s %s: việc đã được tiến trình khác nhận", model._meta.label_lower, pk)
    except DomainError as error:
        fail(job, str(error), now=timezone.now())
    except Exception:
        code = f"{model._meta.model_name}-{pk}-{job.attempts}"
        log.exception("%s không thành", code)
        fail(job, UNEXPECTED.format(code=code), now=timezone.now())


@contextmanager
def kept_alive(job: Job) -> Iterator[None]:
    """Renew the lease beside the work, since one step (a large PDF) may outlast it.

    A worker that is killed or stopped renews nothing, so its lease runs out; one that hangs is
    ended by Celery's time limit.
    """
    over = threading.Event()

    def renew() -> None:
        while not over.wait(settings.JOB_LEASE.total_seconds() / 3):
            _held(job).update(lease_until=timezone.now() + settings.JOB_LEASE)
        connection.close()

    thread = threading.Thread(target=renew, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def sweep(models: list[type[Job]], *, now: datetime) -> int:
    """Wake a worker for every queued row that nobody holds. Returns how many."""
    waiting = Q(lease_until__isnull=True) | Q(lease_until__lt=now)
    woken = 0
    for model in models:
        rows = model._default_manager.filter(waiting, state=Job.State.QUEUED)
        for pk in rows.values_list("pk", flat=True):
            wake(model._meta.label_lower, pk)
            woken += 1
    return woken


def _held(job: Job) -> Any:
    return type(job)._default_manager.filter(pk=job.pk, state=Job.State.QUEUED, token=job.token)
