"""Pages on which the words of a report are written, chapter by chapter."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from reports import forms, queries, services
from reports.models import Chapter, Report
from reports.views.versions import viewed
from units.rules import DomainError

SLUGS = {
    "chi-dao": Chapter.Kind.DIRECTION,
    "ket-qua": Chapter.Kind.RESULTS,
    "mo-hinh": Chapter.Kind.MODELS,
    "han-che": Chapter.Kind.LIMITS,
    "phuong-huong": Chapter.Kind.NEXT,
    "kien-nghi": Chapter.Kind.PROPOSALS,
}


@require_http_methods(["GET", "POST"])
def chapter_edit(request: HttpRequest, pk: int, slug: str) -> HttpResponse:
    report, kind = _writable(request, pk, slug)
    text, conflict = None, False
    if request.method == "POST":
        text, version = forms.chapter_text(request.POST)
        try:
            saved = services.save_chapter(
                report, kind, text, version=version, actor=request.user, now=timezone.now()
            )
        except DomainError as error:
            return _page(request, report, slug, text, error=str(error), status=422)
        conflict = saved.conflict
        if not conflict and not request.htmx:  # type: ignore[attr-defined]
            if "to" not in request.POST or saved.chapter.version != version:
                messages.success(request, "Đã lưu lời văn.")
            return redirect(_onward(request, report, slug))
    typed = text if conflict else None
    return _page(request, report, slug, typed, conflict=conflict, status=409 if conflict else 200)


def _onward(request: HttpRequest, report: Report, slug: str) -> str:
    """Where the button leads that saved the words: another chapter, what was written before, the
    report; else the same page."""
    asked = request.POST.get("to", "")
    if asked in SLUGS:
        return reverse("reports:chapter_edit", args=[report.pk, asked])
    if asked == "lich-su":
        return reverse("reports:chapter_history", args=[report.pk, slug])
    return reverse("reports:report_detail", args=[report.pk]) if asked else request.path


@require_POST
def chapter_take(request: HttpRequest, pk: int, slug: str) -> HttpResponse:
    """Its button stands on the form of the words: what was typed there is saved first."""
    report, kind = _writable(request, pk, slug)
    text, version = forms.chapter_text(request.POST)
    writes = {"actor": request.user, "now": timezone.now()}
    try:
        if "text" in request.POST:
            saved = services.save_chapter(report, kind, text, version=version, **writes)
            if saved.conflict:
                return _page(request, report, slug, text, conflict=True, status=409)
        services.add_answers(report, kind, request.POST.get("question", ""), **writes)
    except DomainError as error:
        if "text" in request.POST:
            return _page(request, report, slug, text, error=str(error), status=422)
        messages.error(request, str(error))
    else:
        messages.success(request, "Đã đưa ý kiến của các đơn vị vào cuối chương, có ghi nguồn.")
    return redirect("reports:chapter_edit", pk=pk, slug=slug)


@require_GET
def chapter_history(request: HttpRequest, pk: int, slug: str) -> HttpResponse:
    report, kind = _writable(request, pk, slug)
    context = {
        "report": report,
        "slug": slug,
        "title": Chapter.Kind(kind).label,
        "lines": queries.chapter_history(report, kind),
    }
    return render(request, "reports/chapter_history.html", context)


@require_POST
def chapter_restore(request: HttpRequest, pk: int, slug: str) -> HttpResponse:
    report, kind = _writable(request, pk, slug)
    number = forms.number(request.POST.get("version", "")) or 0
    try:
        services.restore_chapter(report, kind, number, actor=request.user, now=timezone.now())
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "Đã lấy lại lời văn cũ. Bản vừa thay vẫn còn trong lịch sử.")
    return redirect("reports:chapter_edit", pk=pk, slug=slug)


def _writable(request: HttpRequest, pk: int, slug: str) -> tuple[Report, str]:
    """The newest printed version of a report that the reader may compile, and the chapter meant."""
    if slug not in SLUGS:
        raise Http404
    asked = viewed(request, pk)
    report = queries.newest_frozen(asked)
    if report is None or not queries.may_request(request.user, asked):
        raise Http404
    return report, SLUGS[slug]


def _page(
    request: HttpRequest,
    report: Report,
    slug: str,
    typed: str | None,
    *,
    conflict: bool = False,
    error: str = "",
    status: int = 200,
) -> HttpResponse:
    sought = request.GET.get("tim", "")
    saves = bool(request.htmx) and request.method == "POST"  # type: ignore[attr-defined]
    context = {
        "report": report,
        "slug": slug,
        "tabs": [(key, kind.label) for key, kind in SLUGS.items()],
        "written": queries.written(report, SLUGS[slug], typed=typed, sought=sought),
        "sought": sought,
        "conflict": conflict,
        "error": error,
        "now": timezone.now(),
        "oob": saves,
        "saved": saves and status == 200,
        "unsaved": conflict or error,
    }
    part = "#saved" if saves else "#fields" if request.htmx else ""  # type: ignore[attr-defined]
    return render(request, "reports/chapter_edit.html" + part, context, status=status)
