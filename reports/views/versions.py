"""Pages of the consolidated report: ask, watch it being made, download, compare who holds what."""

from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from campaigns.policies import viewable_campaigns
from campaigns.queries import plan_rows
from reports import forms, policies, queries, services
from reports.models import Report
from reports.rules import changes_between
from units import storage
from units.rules import DomainError, slug


@require_GET
def report_list(request: HttpRequest) -> HttpResponse:
    reports = queries.with_names(policies.viewable_reports(request.user))
    page = Paginator(reports.order_by("-requested_at", "-pk"), 30).get_page(request.GET.get("page"))
    return render(request, "reports/report_list.html", {"page": page})


@require_GET
def campaign_reports(request: HttpRequest, ref: str) -> HttpResponse:
    campaign = get_object_or_404(plan_rows(request.user), ref=ref)
    reports = policies.viewable_reports(request.user).filter(campaign=campaign)
    return render(
        request,
        "reports/campaign_reports.html",
        {
            "campaign": campaign,
            "asks": queries.reportable_periods(request.user, campaign),
            "size": queries.annexes_of(campaign),
            "reports": queries.with_names(reports).order_by("-period__period_from", "-version"),
        },
    )


@require_POST
def report_request(request: HttpRequest, ref: str) -> HttpResponse:
    campaign = get_object_or_404(viewable_campaigns(request.user), ref=ref)
    period = get_object_or_404(campaign.periods, ref=request.POST.get("period", ""))
    scopes = policies.consolidatable_scopes(request.user, campaign, period.period_from.year)
    scope = get_object_or_404(scopes, ref=request.POST.get("scope", ""))
    annexes = forms.annexes(request.POST) or queries.annexes_of(campaign).usual
    try:
        report = services.request_report(
            campaign, period=period, scope=scope, actor=request.user, now=timezone.now(), **annexes
        )
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("reports:campaign_reports", ref=ref)
    return redirect("reports:report_detail", pk=report.pk)


@require_GET
def report_detail(request: HttpRequest, pk: int) -> HttpResponse:
    report = viewed(request, pk)
    versions = list(queries.versions_of(report))
    done = report.state == Report.State.DONE
    return render(
        request,
        "reports/report_detail.html",
        {
            "report": report,
            "versions": versions,
            "newest": versions[0],
            "downloads": queries.downloads_of(versions),
            "unreported": (report.snapshot or {}).get("unreported", []),
            "told": (report.snapshot or {}).get("told", []),
            "staleness": queries.staleness(report) if done else None,
            "may_request": queries.may_request(request.user, report),
            "sendings": queries.sendings_of(report),
        },
    )


@require_GET
def report_changes(request: HttpRequest, pk: int) -> HttpResponse:
    """What changed since the version that was sent, or since another one."""
    report = viewed(request, pk, state=Report.State.DONE)
    base = queries.compared_with(report, forms.number(request.GET.get("tu", "")))
    changes = changes_between(base.snapshot or {}, report.snapshot or {}) if base else None
    context = {
        "report": report,
        "base": base,
        "versions": queries.comparable_versions(report),
        "sendings": base.sendings.all() if base else [],
        "changes": changes,
    }
    return render(request, "reports/report_changes.html", context)


@require_http_methods(["GET", "POST"])
def report_sent(request: HttpRequest, pk: int) -> HttpResponse:
    report = viewed(request, pk, state=Report.State.DONE)
    if not queries.may_request(request.user, report):
        raise Http404
    form = forms.SendingForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            services.record_sending(
                report, **form.cleaned_data, actor=request.user, now=timezone.now()
            )
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, f"Đã ghi: phiên bản {report.version} đã gửi.")
            return redirect("reports:report_detail", pk=pk)
    context = {"report": report, "form": form}
    return render(
        request, "reports/report_sent.html", context, status=422 if form.is_bound else 200
    )


def viewed(request: HttpRequest, pk: int, **known: Any) -> Report:
    """A report that the reader may see, with what its pages name."""
    found = policies.viewable_reports(request.user).select_related(
        "campaign__issuer", "campaign__bloc", "period", "scope", "pdf", "xlsx", "requested_by"
    )
    return get_object_or_404(found, pk=pk, **known)


@require_GET
def report_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """The moving part of the page; when the work has ended the whole page is fetched anew."""
    report = get_object_or_404(queries.with_names(policies.viewable_reports(request.user)), pk=pk)
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect("reports:report_detail", pk=pk)
    response = render(request, "reports/_progress.html", {"report": report})
    if report.state != Report.State.QUEUED:
        response["HX-Refresh"] = "true"
    return response


@require_POST
def report_retry(request: HttpRequest, pk: int) -> HttpResponse:
    report = get_object_or_404(policies.viewable_reports(request.user), pk=pk)
    if not queries.may_request(request.user, report):
        raise Http404
    try:
        services.retry_report(report, actor=request.user, now=timezone.now())
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("reports:report_detail", pk=pk)


@require_GET
def report_file(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """Hand out the file of one version and put on record who took it."""
    report = get_object_or_404(
        queries.with_names(policies.viewable_reports(request.user)),
        pk=pk,
        state=Report.State.DONE,
    )
    blob = {"pdf": report.pdf, "xlsx": report.xlsx}.get(kind)
    if blob is None:
        raise Http404
    content = storage.read_bytes(blob)
    services.record_download(report, kind=kind, actor=request.user, now=timezone.now())
    name = f"bao-cao-{slug(report.campaign.short_title)}-{report.period.ref}-v{report.version}"
    response = HttpResponse(content, content_type=blob.media_type)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}.{kind}"
    response["X-Content-Type-Options"] = "nosniff"
    return response


report_file.writes_on_get = True  # type: ignore[attr-defined]
