"""Result sheets: the list, the entry grid, one cell, the steps, the files."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_POST

from campaigns import forms, policies, queries, services
from campaigns.models import Campaign, ResultSheet
from units import storage
from units.rules import DomainError

GRID = "campaigns/result_sheet_detail.html"


@require_GET
def result_sheet_list(request: HttpRequest) -> HttpResponse:
    today = timezone.localdate()
    context = {
        "fill": queries.sheets_to_fill(request.user, today),
        "verify": queries.sheets_to_verify(request.user),
        "answers": queries.plan_answers(request.user),
        "owing": queries.who_owes(request.user, today),
        "today": today,
        "tick": request.GET.get("tick") == "all",
    }
    return render(request, "campaigns/result_sheet_list.html", context)


@require_POST
def result_sheet_open(request: HttpRequest, ref: str) -> HttpResponse:
    parts = policies.enterable_participations(request.user).filter(campaign__ref=ref)
    unit, period_pk = forms.key(request.POST, "unit"), forms.key(request.POST, "period")
    part = get_object_or_404(parts.select_related("unit", "campaign"), unit=unit)
    period = get_object_or_404(part.campaign.periods, pk=period_pk)
    try:
        sheet = services.open_sheet(part, period, actor=request.user, now=timezone.now())
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("campaigns:result_sheet_list")
    return redirect("campaigns:result_sheet_detail", pk=sheet.pk)


@require_GET
def result_sheet_detail(request: HttpRequest, pk: int) -> HttpResponse:
    return grid(request, seen(request, pk))


@require_POST
def result_sheet_save(request: HttpRequest, pk: int) -> HttpResponse:
    """The whole form, for a browser without scripts."""
    sheet = get_object_or_404(policies.enterable_result_sheets(request.user), pk=pk)
    try:
        saved = _save_form(request, sheet)
    except DomainError as error:
        return refused(request, pk, error)
    if saved.stale:
        return grid(request, seen(request, pk), stale=saved.stale, status=409)
    return redirect("campaigns:result_sheet_detail", pk=pk)


# --- steps ----------------------------------------------------------------------------------------
@require_POST
def result_sheet_submit(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign and send; the form of who also enters brings its cells along and they are saved first.

    Those cells tell what he has seen; who only signs sends the revision instead.
    """
    revision = forms.revision(request.POST)
    sheet = get_object_or_404(policies.signable_result_sheets(request.user), pk=pk)
    if policies.enterable_result_sheets(request.user).filter(pk=pk).exists():
        try:
            saved = _save_form(request, sheet, quiet=True)
        except DomainError as error:
            return refused(request, pk, error)
        if saved.stale:
            return grid(request, seen(request, pk), stale=saved.stale, status=409)
        if forms.cells(request.POST):
            revision = saved.seen
    try:
        services.submit_sheet(sheet, actor=request.user, now=timezone.now(), revision=revision)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "Đã ký và gửi phiếu. Cơ quan thường trực sẽ thẩm định.")
    return redirect("campaigns:result_sheet_detail", pk=pk)


# --- files ----------------------------------------------------------------------------------------
@require_POST
def evidence_add(request: HttpRequest, pk: int, indicator_pk: int) -> HttpResponse:
    get_object_or_404(policies.enterable_result_sheets(request.user), pk=pk)
    sheet = seen(request, pk)
    indicator = get_object_or_404(queries.applicable_indicators(sheet), pk=indicator_pk)
    upload, row = request.FILES.get(f"file-{indicator.pk}"), f"r{indicator.pk}"
    if upload is None:
        messages.error(request, "Chưa chọn tệp. Chọn tệp rồi bấm Tải lên.", extra_tags=row)
        return redirect(row_url(pk, indicator.pk))
    try:
        services.add_evidence(
            sheet,
            indicator,
            upload,
            name=upload.name,
            size=upload.size,
            actor=request.user,
            now=timezone.now(),
        )
    except DomainError as error:
        messages.error(request, str(error), extra_tags=row)
    else:
        messages.success(request, f"Đã tải lên “{upload.name}”.", extra_tags=row)
    return redirect(row_url(pk, indicator.pk))


@require_GET
def evidence_file(request: HttpRequest, pk: int) -> HttpResponse:
    """A download is put on record, so this page writes."""
    evidence = get_object_or_404(
        policies.viewable_evidence(request.user).select_related(
            "blob", "result__result_sheet__participation__unit"
        ),
        pk=pk,
    )
    try:
        content = storage.read_bytes(evidence.blob)
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("campaigns:result_sheet_detail", pk=evidence.result.result_sheet_id)
    services.note_download(evidence, actor=request.user, now=timezone.now())
    disposition = content_disposition_header(as_attachment=True, filename=evidence.name)
    return HttpResponse(
        content,
        content_type=evidence.blob.media_type,
        headers={"Content-Disposition": disposition},
    )


evidence_file.writes_on_get = True  # type: ignore[attr-defined]


@require_POST
def evidence_remove(request: HttpRequest, pk: int) -> HttpResponse:
    evidence = get_object_or_404(
        policies.removable_evidence(request.user).select_related("result__indicator"), pk=pk
    )
    result, row = evidence.result, f"r{evidence.result.indicator_id}"
    try:
        services.remove_evidence(evidence, actor=request.user, now=timezone.now())
    except DomainError as error:
        messages.error(request, str(error), extra_tags=row)
    else:
        messages.success(request, f"Đã gỡ tệp “{evidence}”.", extra_tags=row)
    return redirect(row_url(result.result_sheet_id, result.indicator_id))


# --- shared ---------------------------------------------------------------------------------------
def seen(request: HttpRequest, pk: int) -> ResultSheet:
    sheet = queries.seen_sheet(request.user, pk)
    if sheet is None:
        raise Http404
    return sheet


def rights_on(sheet: ResultSheet) -> dict[str, bool]:
    """Who, from the policies, and when, from the state: a button needs both."""
    running = sheet.participation.campaign.state == Campaign.State.ISSUED
    takes = running and sheet.period.is_open(timezone.localdate(), sheet.until)
    open_now = takes and sheet.state in ResultSheet.EDITABLE
    sent = sheet.state == ResultSheet.State.SUBMITTED
    ways = ResultSheet.TRANSITIONS[ResultSheet.State(sheet.state)]
    locked = sheet.state == ResultSheet.State.LOCKED
    returnable = takes and ResultSheet.State.RETURNED in ways
    return {
        "may_enter": open_now and sheet.may_enter,
        "may_sign": open_now and sheet.may_sign,
        "may_verify": sent and sheet.may_verify,
        "may_assess": sheet.may_verify and sheet.state in ResultSheet.SENT,
        "may_return": returnable and sheet.may_verify and not locked,
        "may_reopen": running and locked and sheet.may_verify,
    }


def grid(
    request: HttpRequest,
    sheet: ResultSheet,
    *,
    stale=None,
    refused=None,
    marked=None,
    said=None,
    reason="",
    why="",
    status=200,
) -> HttpResponse:
    """`marked`, `said` and `reason` are what a verifier wrote on a form that was refused, `why` the
    sentence that refused it."""
    today = timezone.localdate()
    rights = rights_on(sheet)
    shown = refused if rights["may_enter"] else None  # else `kept`: the sheet has no fields now
    page = queries.sheet_page(sheet, clashes=stale, refused=shown, marked=marked, said=said)
    barred = queries.barred(sheet, request.user) if rights["may_assess"] and page.tally else ()
    flags = rights["may_return"] or rights["may_reopen"]
    drawn = queries.Forms(rights["may_enter"], flags, rights["may_assess"], barred)
    kept = [reason] if reason and not flags else []
    kept += [
        queries.kept_words(page, drawn, refused=refused or {}, marked=marked or {}, said=said or {})
    ]
    context = {
        **rights,
        "page": page,
        "kept": "\n".join(filter(None, kept)),
        "why": why,
        "since": queries.since(sheet),
        "others": any(row.written_by_another(request.user) for row in page.rows),
        "over": not sheet.period.is_open(today, sheet.until),
        "barred": barred,
        "refusal": "",
        "written": 0,
        "fresh": (),
        "oob": False,
        "today": today,
        "reason": reason,
        "marked": marked,
        "until": request.POST.get("until", ""),
        "viewer_unit": sheet.participation.unit if sheet.may_enter else "",
    }
    return render(request, GRID, context, status=status)


def refused(request: HttpRequest, pk: int, error: DomainError | str) -> HttpResponse:
    """The whole form was not saved: the same page again, with what was typed and why."""
    messages.error(request, f"Chưa lưu số vừa nhập. {error}")
    sent = forms.cells(request.POST)
    return grid(request, seen(request, pk), refused=sent, why=str(error), status=422)


def _save_form(request: HttpRequest, sheet: ResultSheet, *, quiet: bool = False) -> services.Saved:
    """Save every cell that the form carries. Raises DomainError when nothing was saved."""
    saved = services.record_results(
        sheet, forms.cells(request.POST), actor=request.user, now=timezone.now()
    )
    if wrong := [r.indicator.code for r in saved.results if r.problem]:
        messages.warning(request, f"Đã lưu. Còn chỗ phải sửa: {', '.join(wrong)}.")
    elif not quiet and not saved.stale:
        messages.success(request, "Đã lưu cả phiếu.")
    return saved


def row_url(pk: int, indicator_pk: int) -> str:
    return f"{reverse('campaigns:result_sheet_detail', args=[pk])}#r{indicator_pk}"
