"""Excel both ways: take the workbook, send it back, see what it would change, accept."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from campaigns import forms, policies, queries, services
from campaigns.models import (
    Campaign,
    ImportAcceptance,
    ImportCheck,
    Period,
    ResultImport,
    ResultSheet,
    Workbook,
)
from units import storage
from units.models import Unit
from units.rules import DomainError, slug

PAGE = 200
SHOWN = 500  # wrong and stale cells on one page; the annotated workbook has them all
EARLIER = 10
Allowed = Callable[[Any], QuerySet[ResultImport]]


# --- take and send --------------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
def result_sheet_excel(request: HttpRequest, pk: int) -> HttpResponse:
    if request.method == "POST":
        get_object_or_404(policies.enterable_result_sheets(request.user), pk=pk)
    rows = policies.result_sheets_with_rights(request.user)
    sheet = get_object_or_404(rows.select_related(*queries.SHEET_RELATED), pk=pk)
    unit, period = sheet.participation.unit, sheet.period
    context = {
        "sheet": sheet,
        "campaign": sheet.participation.campaign,
        "unit": unit,
        "period": period,
        "take_url": reverse("campaigns:result_sheet_workbook", args=[pk]),
        "send_url": reverse("campaigns:result_sheet_excel", args=[pk]),
        "may_send": sheet.may_enter
        and sheet.state in ResultSheet.EDITABLE
        and _takes(period, sheet.participation.campaign, sheet.until),
        "earlier": policies.result_imports(request.user).filter(unit=unit, period=period),
    }
    return _excel(request, context, period, unit)


@require_http_methods(["GET", "POST"])
def campaign_excel(request: HttpRequest, ref: str) -> HttpResponse:
    if request.method == "POST":
        get_object_or_404(policies.fillable_campaigns(request.user), ref=ref)
    campaign = get_object_or_404(queries.plan_rows(request.user), ref=ref)
    asked = {**request.GET.dict(), **request.POST.dict()}
    periods, period = queries.chosen_period(campaign, asked, timezone.localdate())
    fills = policies.fillable_campaigns(request.user).filter(pk=campaign.pk).exists()
    context: dict[str, Any] = {"campaign": campaign, "periods": periods, "period": period}
    if period is not None:
        query = f"?ky={period.ref}"
        context |= {
            "take_url": reverse("campaigns:campaign_workbook", args=[ref]) + query,
            "send_url": reverse("campaigns:campaign_excel", args=[ref]),
            "may_send": fills and _takes(period, campaign, queries.longest_time(period)),
            "earlier": policies.result_imports(request.user).filter(unit=None, period=period),
            "checks": _checks(request, period),
        }
    return _excel(request, context, period, None)


def _excel(
    request: HttpRequest, context: dict[str, Any], period: Period | None, unit: Unit | None
) -> HttpResponse:
    if request.method == "POST" and period is not None:
        upload = request.FILES.get("file")
        try:
            if upload is None:
                raise DomainError("Chưa chọn tệp. Chọn bảng tính đã ghi số rồi bấm Kiểm tra tệp.")
            return _checked(request, upload, period, unit)
        except DomainError as error:
            context["refusal"] = str(error)
    if "earlier" in context:
        context["earlier"] = _light(context["earlier"])
    status = 422 if context.get("refusal") else 200
    context = {"refusal": "", "checks": ()} | context
    return render(request, "campaigns/import_new.html", context, status=status)


def _checks(request: HttpRequest, period: Period) -> QuerySet[ImportCheck]:
    """What is being read, and what was refused."""
    rows = policies.import_checks(request.user).filter(period=period, imported=None)
    return rows.select_related("requested_by")[:EARLIER]


def _light(imports: QuerySet[ResultImport]) -> QuerySet[ResultImport]:
    """The last ones without what they hold, which may be a lot."""
    rows = imports.select_related("uploaded_by").defer(*ResultImport.HEAVY, "notes")
    return rows[:EARLIER]


def _checked(
    request: HttpRequest, upload: UploadedFile, period: Period, unit: Unit | None
) -> HttpResponse:
    """At once, or by a worker where it may take longer than one should wait."""
    whose = {"period": period, "actor": request.user, "now": timezone.now()}
    about = {"name": upload.name, "size": upload.size, **whose}
    if unit is None and services.may_be_large(period):
        check = services.request_check(upload, **about)
        return redirect("campaigns:import_check", pk=check.pk)
    pending = services.check_upload(upload, unit=unit, **about)
    return redirect("campaigns:import_detail", pk=pending.pk)


def _takes(period: Period, campaign: Campaign, until: date | None = None) -> bool:
    return campaign.state == Campaign.State.ISSUED and period.is_open(timezone.localdate(), until)


@require_GET
def result_sheet_workbook(request: HttpRequest, pk: int) -> HttpResponse:
    """A download is put on record, so this page writes."""
    rows = policies.viewable_result_sheets(request.user)
    sheet = get_object_or_404(rows.select_related(*queries.SHEET_RELATED), pk=pk)
    return _taken(request, sheet.period, sheet.participation.unit)


@require_GET
def campaign_workbook(request: HttpRequest, ref: str) -> HttpResponse:
    campaign = get_object_or_404(queries.plan_rows(request.user), ref=ref)
    _periods, period = queries.chosen_period(campaign, request.GET, timezone.localdate())
    if period is None:
        messages.error(request, "Kế hoạch chưa có kỳ báo cáo nào nên chưa có bảng tính.")
        return redirect("campaigns:campaign_excel", ref=ref)
    return _taken(request, period, None)


def _taken(request: HttpRequest, period: Period, unit: Unit | None) -> HttpResponse:
    content = services.download_workbook(period, unit, actor=request.user, now=timezone.now())
    what = slug(unit.short_name or unit.name) if unit else "cac-don-vi"
    return _file(content, f"ket-qua-{slug(period.name)}-{what}.xlsx")


result_sheet_workbook.writes_on_get = True  # type: ignore[attr-defined]
campaign_workbook.writes_on_get = True  # type: ignore[attr-defined]


# --- see, accept, discard -------------------------------------------------------------------------
@require_GET
def import_check(request: HttpRequest, pk: int) -> HttpResponse:
    """How far the check of a large workbook is; then its differences, or why it was refused."""
    rows = policies.import_checks(request.user).select_related("period__campaign", "requested_by")
    check = get_object_or_404(rows, pk=pk)
    context = {"job": check, "campaign": check.period.campaign}
    if request.htmx:
        response = render(request, "campaigns/_check_progress.html", context)
        if check.state != ImportCheck.State.QUEUED:
            response["HX-Refresh"] = "true"
        return response
    if check.state == ImportCheck.State.DONE:
        return redirect("campaigns:import_detail", pk=check.imported_id)
    context["back_url"] = _back_url(request, check.period, None)
    context["kept_until"] = services.last_day(check.finished_at)
    return render(request, "campaigns/import_check.html", context)


@require_GET
def import_check_file(request: HttpRequest, pk: int) -> HttpResponse:
    checks = policies.import_checks(request.user).select_related("blob")
    return _original(request, get_object_or_404(checks, pk=pk), "campaigns:import_check")


@require_POST
def import_recheck(request: HttpRequest, pk: int) -> HttpResponse:
    pending = _import(request, pk, policies.gathered_imports)
    try:
        check = services.request_recheck(pending, actor=request.user, now=timezone.now())
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("campaigns:import_detail", pk=pk)
    return redirect("campaigns:import_check", pk=check.pk)


@require_GET
def import_detail(request: HttpRequest, pk: int) -> HttpResponse:
    return _detail(request, _import(request, pk))


@require_POST
def import_accept(request: HttpRequest, pk: int) -> HttpResponse:
    pending, now = _import(request, pk), timezone.now()
    agreed = {"seen": request.POST.get("seen", ""), "mine": forms.chosen(request.POST)}
    try:
        services.refuse_old(pending)
        if services.is_large(pending):
            services.request_acceptance(pending, actor=request.user, now=now, **agreed)
            return redirect("campaigns:import_detail", pk=pk)
        pending = services.accept_import(pending, actor=request.user, now=now, **agreed)
    except services.ChangedMeanwhile as error:
        messages.warning(request, str(error))
        return _detail(request, _import(request, pk), status=409)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"Đã ghi {pending.written} ô từ tệp “{pending}”.")
    return redirect("campaigns:import_detail", pk=pk)


@require_GET
def import_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """The moving part of the page; when the work has ended the whole page is fetched anew."""
    pending = get_object_or_404(policies.result_imports(request.user).only("pk"), pk=pk)
    job = pending.acceptances.first()
    if not request.htmx or job is None:
        return redirect("campaigns:import_detail", pk=pk)
    response = render(request, "campaigns/_import_progress.html", {"job": job})
    if job.state != ImportAcceptance.State.QUEUED:
        response["HX-Refresh"] = "true"
    return response


@require_POST
def import_discard(request: HttpRequest, pk: int) -> HttpResponse:
    try:
        services.discard_import(_import(request, pk), actor=request.user, now=timezone.now())
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "Đã bỏ tệp. Không ô nào trên cổng thay đổi.")
    return redirect("campaigns:import_detail", pk=pk)


@require_GET
def import_workbook(request: HttpRequest, pk: int) -> HttpResponse:
    pending = _import(request, pk)
    content = services.annotated_workbook(pending, actor=request.user, now=timezone.now())
    return _file(content, f"danh-dau-{pending.name}")


@require_GET
def import_file(request: HttpRequest, pk: int) -> HttpResponse:
    return _original(request, _import(request, pk), "campaigns:import_detail")


def _original(request: HttpRequest, row: Workbook, page: str) -> HttpResponse:
    try:
        return _file(services.original(row), row.name)
    except DomainError as error:
        messages.error(request, str(error))
        return redirect(page, pk=row.pk)


def _import(
    request: HttpRequest, pk: int, allowed: Allowed = policies.result_imports
) -> ResultImport:
    related = ("period__campaign__issuer", "period__campaign__bloc", "unit", "blob")
    people = ("uploaded_by", "decided_by")
    rows = allowed(request.user).select_related(*related, *people)
    return get_object_or_404(rows.defer(*ResultImport.HEAVY), pk=pk)


def _detail(request: HttpRequest, pending: ResultImport, status: int = 200) -> HttpResponse:
    context: dict[str, Any] = {
        "pending": pending,
        "campaign": pending.period.campaign,
        "many": pending.unit_id is None,
        "back_url": _back_url(request, pending.period, pending.unit),
        "shown": SHOWN,
    }
    goes = pending.unit_id is None and pending.checks.exists()  # of no other the file is removed
    context["kept_days"] = settings.IMPORT_KEPT_DAYS if goes else 0
    context["kept_until"] = services.last_day(pending.decided_at) if goes else None
    job = pending.acceptances.first()
    if job and job.state == ImportAcceptance.State.QUEUED:
        context["job"] = job
    elif pending.state == ResultImport.State.CHECKED:
        context["failure"] = job.error if job else ""
        preview = services.preview_of(pending, actor=request.user, now=timezone.now())
        context["told"] = services.is_large(pending) and pending.told is not None
        context["amended"] = _amended(pending)
        page = Paginator(preview.good, PAGE).get_page(request.GET.get("page"))
        context |= {"preview": preview, "page": page}
    return render(request, "campaigns/import_detail.html", context, status=status)


def _amended(pending: ResultImport) -> str:
    try:
        services.refuse_amended(pending)
    except DomainError as error:
        return str(error)
    return ""


def _back_url(request: HttpRequest, period: Period, unit: Unit | None) -> str:
    """Where the workbook is taken and sent."""
    if unit is None:
        address = reverse("campaigns:campaign_excel", args=[period.campaign.ref])
        return f"{address}?ky={period.ref}"
    sheets = policies.enterable_result_sheets(request.user)
    sheet = sheets.filter(participation__unit=unit, period=period).get()
    return reverse("campaigns:result_sheet_excel", args=[sheet.pk])


def _file(content: bytes, name: str) -> HttpResponse:
    disposition = content_disposition_header(as_attachment=True, filename=name)
    return HttpResponse(
        content, content_type=storage.XLSX, headers={"Content-Disposition": disposition}
    )
