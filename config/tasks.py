"""The named functions of the workers: each one line that calls what does the work."""

from collections.abc import Callable
from typing import Any

from celery import shared_task
from django.utils import timezone

from campaigns.models import ImportAcceptance, ImportCheck
from campaigns.services import (
    close_due_periods,
    perform_acceptance,
    perform_check,
    remove_old_workbooks,
    seal_history,
)
from config import reminders
from dossiers.documents import compile_dossier, print_pledge_paper
from dossiers.models import Build, PledgePaper
from dossiers.services import freeze_due_pledge_papers
from reports.documents import compile_report
from reports.models import Report
from reports.services import forget_prints
from units import jobs, services, storage
from units.models import Job

# kind of job → its table and the function that makes it: (job, progress) -> columns of the row
MAKERS: dict[str, tuple[type[Job], Callable[[Any, jobs.Progress], dict[str, Any]]]] = {
    "campaigns.importacceptance": (ImportAcceptance, perform_acceptance),
    "campaigns.importcheck": (ImportCheck, perform_check),
    "dossiers.build": (Build, compile_dossier),
    "dossiers.pledgepaper": (PledgePaper, print_pledge_paper),
    "reports.report": (Report, compile_report),
}


@shared_task(acks_late=True, reject_on_worker_lost=True, ignore_result=True)
def run(kind: str, pk: int, **_later: Any) -> None:
    """`_later` swallows what a newer release adds to a message that an older worker reads."""
    model, maker = MAKERS[kind]
    jobs.perform(model, maker, pk)


@shared_task(acks_late=True, reject_on_worker_lost=True, ignore_result=True)
def mail_reset_links(email: str, origin: str, **_later: Any) -> None:
    services.mail_reset_links(email, origin=origin, now=timezone.now())


@shared_task(ignore_result=True)
def sweep() -> None:
    jobs.sweep([model for model, _maker in MAKERS.values()], now=timezone.now())


@shared_task(ignore_result=True)
def close_periods() -> None:
    close_due_periods(now=timezone.now())


@shared_task(ignore_result=True)
def keep_pledge_papers() -> None:
    freeze_due_pledge_papers(now=timezone.now())


@shared_task(ignore_result=True)
def sweep_files() -> None:
    forget_prints(now=timezone.now())
    remove_old_workbooks(now=timezone.now())
    storage.sweep(now=timezone.now())


@shared_task(ignore_result=True)
def worker_seen() -> None:
    services.note_worker(now=timezone.now())


@shared_task(ignore_result=True)
def seal_audit() -> None:
    seal_history(now=timezone.now())
    services.seal_audit(now=timezone.now())


@shared_task(ignore_result=True)
def mail_reminders() -> None:
    reminders.mail_reminders(now=timezone.now())
