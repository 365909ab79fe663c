"""One cell of a sheet: saved by itself, brought to a page that stands open, its history."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import HTMX_STOP_POLLING

from campaigns import forms, policies, queries, services
from campaigns.models import ResultSheet
from campaigns.views.sheets import GRID, grid, refused, rights_on, row_url, seen
from units.rules import DomainError


@require_POST
def result_save(request: HttpRequest, pk: int, indicator_pk: int) -> HttpResponse:
    """One cell. `keep=theirs` writes nothing and shows what is stored."""
    rights = policies.entry_rights(request.user, pk)
    if rights is None:
        raise Http404
    typed, version = forms.cell(request.POST, indicator_pk)
    keep, now = request.POST.get(f"r{indicator_pk}-keep", ""), timezone.now()
    if keep == "theirs":
        return _not_written(request, pk, indicator_pk)
    try:
        held, facts = services.write_cell(
            ResultSheet(pk=pk), indicator_pk, typed, version, actor=request.user, now=now
        )
    except services.NotAsked as error:
        return _not_asked(request, pk, indicator_pk, str(error))
    except services.StaleCell as error:
        return _not_written(request, pk, indicator_pk, clash=error.clash)
    except DomainError as error:
        return _not_written(request, pk, indicator_pk, refusal=str(error))
    if not request.htmx:
        return redirect(row_url(pk, indicator_pk))
    # not touched here, written elsewhere: the fields are drawn anew
    elsewhere = held.version != version and held.saved_at != now
    context = {
        "page": queries.saved_page(facts, indicator_pk),
        "may_sign": rights.may_sign,
        "elsewhere": elsewhere,
    }
    return _answer(request, indicator_pk, context, retype=bool(keep) or elsewhere)


def _not_written(
    request: HttpRequest,
    pk: int,
    indicator_pk: int,
    *,
    clash: queries.Clash | None = None,
    refusal: str = "",
) -> HttpResponse:
    """What is stored, and why it is not what was typed."""
    sheet = seen(request, pk)
    get_object_or_404(queries.applicable_indicators(sheet), pk=indicator_pk)
    stale = {indicator_pk: clash} if clash else {}
    status = 409 if stale else 422 if refusal else 200
    if not request.htmx and refusal:
        return refused(request, pk, refusal)
    if not request.htmx and stale:
        return grid(request, sheet, stale=stale, status=status)
    if not request.htmx:
        return redirect(row_url(pk, indicator_pk))
    sent = {indicator_pk: forms.cell(request.POST, indicator_pk)}
    context = {
        "page": queries.sheet_page(sheet, clashes=stale, refused=sent if refusal else None),
        "may_sign": rights_on(sheet)["may_sign"],
        "refusal": refusal,
    }
    keep = bool(request.POST.get(f"r{indicator_pk}-keep"))
    return _answer(request, indicator_pk, context, retype=keep, status=status)


def _not_asked(request: HttpRequest, pk: int, indicator_pk: int, why: str) -> HttpResponse:
    """The plan asks it no more: what was typed stays in its field, beside the sentence."""
    if not request.htmx:
        return refused(request, pk, why)
    context = {"key": f"r{indicator_pk}", "why": why}
    return render(request, f"{GRID}#gone", context, status=422)


def _answer(request, indicator_pk, context, *, retype: bool, status: int = 200) -> HttpResponse:
    """The pieces of the rows that hang on a cell; its fields only where they have another shape."""
    rows = [row for row in context["page"].rows_after(indicator_pk) if row.open_here]
    drawn = request.POST.get(f"r{indicator_pk}-shape", "")
    reshaped = drawn and any(
        row.indicator.pk == indicator_pk and row.shape != drawn for row in rows
    )
    elsewhere = context.setdefault("elsewhere", False)
    context |= {
        "rows": rows,
        "written": indicator_pk,
        "fresh": {indicator_pk} if elsewhere else (),
        "retype": retype or (reshaped and status == 200),
        "refusal": context.get("refusal", ""),
        "oob": True,
        "today": timezone.localdate(),
    }
    return render(request, f"{GRID}#saved", context, status=status)


@require_GET
def result_sheet_changes(request: HttpRequest, pk: int) -> HttpResponse:
    """What others wrote since a page was drawn; one small query while they wrote nothing."""
    mine = policies.enterable_result_sheets(request.user).filter(pk=pk)
    revision = get_object_or_404(mine.values_list("revision", flat=True))
    if not request.htmx:
        return redirect("campaigns:result_sheet_detail", pk=pk)
    drawn_at, newest = forms.since(request.GET)
    if revision == drawn_at:
        return HttpResponse(status=204)
    sheet = seen(request, pk)
    written = queries.written_since(sheet, newest)
    page, own, rights = queries.sheet_page(sheet), forms.versions(request.GET), rights_on(sheet)
    rows = [row for row in page.rows if rights["may_enter"] and row.open_here]
    known = {row.indicator.pk for row in rows if row.version == own.get(row.indicator.pk)}
    context = {
        **rights,
        "page": page,
        "rows": rows,
        "fresh": written & {row.indicator.pk for row in rows} - known,
        "known": known,
        "since": queries.since(sheet),  # read before the rows: a write between is told next time
        "asked": True,
        "oob": True,
        "today": timezone.localdate(),
    }
    status = 200 if rights["may_enter"] else HTMX_STOP_POLLING
    return render(request, f"{GRID}#changes", context, status=status)


@require_GET
def result_history(request: HttpRequest, pk: int, indicator_pk: int) -> HttpResponse:
    sheet = seen(request, pk)
    rows = [r for r in queries.sheet_rows(sheet) if r.indicator.pk == indicator_pk]
    if not rows:
        return redirect("campaigns:result_sheet_detail", pk=pk)
    context = {"sheet": sheet, "row": rows[0], "events": queries.cell_events(rows[0].result)}
    return render(request, "campaigns/result_history.html", context)
