"""Asking for reports, trying again, and putting downloads on record."""

from datetime import datetime

from django.db import transaction
from django.db.models import Max

from campaigns.models import Campaign, Period
from reports.models import Report
from units import jobs
from units.models import Unit, User
from units.rules import DomainError
from units.workflow import locked, record


@transaction.atomic
def request_report(
    campaign: Campaign, *, period: Period, scope: Unit, actor: User | None, now: datetime
) -> Report:
    """Ask a worker for a new version. While one is under way the same request gives that one.

    Raises DomainError for a draft plan, or a period of another plan.
    """
    campaign = locked(campaign)  # two clicks at once queue behind each other here
    if campaign.state == Campaign.State.DRAFT:
        raise DomainError(
            f"Kế hoạch “{campaign}” còn là dự thảo nên chưa có báo cáo. Ban hành kế hoạch trước."
        )
    if period.campaign_id != campaign.pk:
        raise DomainError(
            f"Kỳ “{period}” không thuộc kế hoạch “{campaign}”. Chọn kỳ báo cáo của kế hoạch này."
        )
    versions = Report.objects.filter(campaign=campaign, period=period, scope=scope)
    under_way = versions.filter(state=Report.State.QUEUED).first()
    if under_way:
        return under_way
    last = versions.aggregate(last=Max("version"))["last"] or 0
    report = Report.objects.create(
        campaign=campaign,
        period=period,
        scope=scope,
        version=last + 1,
        requested_by=actor,
        requested_at=now,
    )
    record("report.requested", report, actor=actor, now=now, unit=scope)
    jobs.submit(report)
    return report


@transaction.atomic
def retry_report(report: Report, *, actor: User, now: datetime) -> Report:
    """Put a failed version back in the queue with the facts it had frozen.

    Raises DomainError unless it failed, or when a newer version is already under way.
    """
    locked(report.campaign)
    report = locked(report)
    if report.state != Report.State.FAILED:
        raise DomainError(
            f"{report} {report.get_state_display()} nên không lập lại. Yêu cầu một phiên bản mới."
        )
    others = Report.objects.filter(
        campaign=report.campaign_id, period=report.period_id, scope=report.scope_id
    )
    if others.filter(state=Report.State.QUEUED).exists():
        raise DomainError("Một phiên bản khác của báo cáo này đang được lập. Chờ bản đó xong.")
    report.state = Report.State.QUEUED
    report.attempts = 0
    report.error = ""
    report.finished_at = None
    report.save(update_fields=["state", "attempts", "error", "finished_at"])
    record("report.retried", report, actor=actor, now=now, unit=report.scope)
    jobs.submit(report)
    return report


@transaction.atomic
def record_download(report: Report, *, kind: str, actor: User, now: datetime) -> None:
    """Who took which file when: shown on the page, so that holders of old versions are known."""
    record(
        "report.downloaded",
        report,
        actor=actor,
        now=now,
        unit=report.scope,
        note=f"Tải {report} ({'PDF' if kind == 'pdf' else 'Excel'}).",
        data={"file": kind, "version": report.version},
    )
