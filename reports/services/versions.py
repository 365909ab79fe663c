"""Asking for reports, trying again, and putting on record who took one and where it was sent."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from campaigns.models import Campaign, Period
from reports.models import PrintedChapter, Report, Sending
from units import jobs
from units.models import Unit, User
from units.rules import DomainError, day_text
from units.workflow import locked, record

PRINTS_KEPT = timedelta(days=60)  # a chapter that no version has used for so long is printed anew


@transaction.atomic
def request_report(
    campaign: Campaign,
    *,
    period: Period,
    scope: Unit,
    actor: User | None,
    now: datetime,
    by_indicator: bool = True,
    by_unit: bool = True,
) -> Report:
    """Ask a worker for a new version, with the detailed appendices wanted. While one is under way
    the same request gives that one.

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
        by_indicator=by_indicator,
        by_unit=by_unit,
        requested_by=actor,
        requested_at=now,
    )
    note = f"phụ lục {report.annexes}" if report.annexes else "không có phụ lục chi tiết"
    record("report.requested", report, actor=actor, now=now, unit=scope, note=note)
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


@transaction.atomic
def record_sending(
    report: Report,
    *,
    sent_to: str,
    letter_number: str,
    letter_on: date,
    actor: User,
    now: datetime,
) -> Sending:
    """Put on record that this version was sent; later versions tell what changed since.

    Raises DomainError for a version that is not finished, a day that has not come or lies before
    the figures, and a letter already on record.
    """
    report = locked(report)
    if report.state != Report.State.DONE or report.frozen_at is None:
        raise DomainError(f"{report} chưa lập xong nên chưa gửi được. Chờ lập xong rồi ghi.")
    if letter_on > timezone.localdate(now):
        raise DomainError(
            f"Ngày văn bản {day_text(letter_on)} chưa đến. Ghi ngày trên văn bản đã phát hành."
        )
    frozen_on = timezone.localdate(report.frozen_at)
    if letter_on < frozen_on:
        raise DomainError(
            f"Ngày văn bản {day_text(letter_on)} trước ngày chốt số liệu {day_text(frozen_on)} của "
            "phiên bản này. Chọn đúng phiên bản đã gửi, hoặc sửa ngày."
        )
    if report.sendings.filter(letter_number=letter_number, letter_on=letter_on).exists():
        raise DomainError(f"Văn bản {letter_number} đã được ghi cho {report}. Không ghi lại.")
    sending = Sending.objects.create(
        report=report,
        sent_to=sent_to,
        letter_number=letter_number,
        letter_on=letter_on,
        recorded_by=actor,
        recorded_at=now,
    )
    record(
        "report.sent",
        report,
        actor=actor,
        now=now,
        unit=report.scope,
        note=f"Gửi {report} theo văn bản {letter_number} ngày {day_text(letter_on)} đến: "
        f"{'; '.join(sent_to.splitlines())}.",
        data={"version": report.version, "letter": letter_number},
    )
    return sending


def forget_prints(*, now: datetime) -> None:
    """Let go of chapters that no version has used for long; their files are swept with the rest."""
    PrintedChapter.objects.filter(used_at__lt=now - PRINTS_KEPT).delete()
