"""Pages of dossiers: what the plan asks, what is there, bind it, send it, fetch it."""

from urllib.parse import quote

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from awards.policies import nominatable_units, viewable_rounds
from awards.queries import quotas_of
from campaigns.models import PledgeRound
from campaigns.policies import viewable_pledge_rounds
from campaigns.queries import plan_rows
from dossiers import documents, policies, queries, services
from dossiers.forms import LetterForm, PartForm
from dossiers.models import Build, PledgePaper
from units import storage
from units.rules import DomainError, slug

LAST_YEAR = 9999  # what a year in an address may be at most


@require_GET
def plan_paper(request: HttpRequest, ref: str) -> HttpResponse:
    """The plan as its official paper, made anew each time, to be read in the browser."""
    campaign = get_object_or_404(plan_rows(request.user), ref=ref)
    printed = documents.print_plan(campaign, now=timezone.now())
    return _file(printed.content, storage.PDF, f"ke-hoach-{slug(campaign.short_title)}.pdf")


def _round(request: HttpRequest, ref: str, year: int) -> PledgeRound:
    rounds = viewable_pledge_rounds(request.user).select_related("bloc__organiser")
    return get_object_or_404(rounds, bloc__ref=ref, year=min(year, LAST_YEAR))


@require_GET
def pledges_paper(request: HttpRequest, ref: str, year: int) -> HttpResponse:
    """The pledge of a bloc: kept as it was signed once it is closed, till then a draft made anew
    each time. While a worker still prints it, the list of versions says so."""
    round_ = _round(request, ref, year)
    if round_.state != PledgeRound.State.CLOSED:
        printed = documents.print_pledges(round_, now=timezone.now())
        name = f"du-thao-giao-uoc-{slug(round_.bloc.name)}-{year}.pdf"
        return _file(printed.content, storage.PDF, name)
    newest = queries.pledge_papers(round_).first()
    if newest is None or newest.state != PledgePaper.State.DONE:
        return redirect("dossiers:pledge_papers", ref=ref, year=year)
    return _kept(request, newest)


@require_GET
def pledge_papers(request: HttpRequest, ref: str, year: int) -> HttpResponse:
    """Every version that was kept."""
    round_ = _round(request, ref, year)
    context = {
        "round": round_,
        "bloc": round_.bloc,
        "papers": queries.pledge_papers(round_),
        "fault": queries.pledge_paper_fault(round_),
    }
    return render(request, "dossiers/pledge_papers.html", context)


@require_GET
def pledge_paper_file(request: HttpRequest, ref: str, year: int, version: int) -> HttpResponse:
    papers = queries.pledge_papers(_round(request, ref, year))
    done = papers.filter(state=PledgePaper.State.DONE)
    return _kept(request, get_object_or_404(done, version=min(version, LAST_YEAR)))


def _kept(request: HttpRequest, paper: PledgePaper) -> HttpResponse:
    bloc, year = paper.round.bloc, paper.round.year
    try:
        content = storage.read_bytes(paper.pdf)
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("campaigns:pledge_round", ref=bloc.ref, year=year)
    name = f"giao-uoc-{slug(bloc.name)}-{year}-ban-{paper.version}.pdf"
    return _file(content, storage.PDF, name)


@require_GET
def campaign_dossiers(request: HttpRequest, ref: str) -> HttpResponse:
    campaign = get_object_or_404(plan_rows(request.user), ref=ref)
    dossiers = list(queries.campaign_dossiers(request.user, campaign))
    held = queries.contents_of(dossiers)
    context = {
        "campaign": campaign,
        "requirements": queries.requirements_of(campaign),
        "dossiers": [(dossier, held[dossier.pk]) for dossier in dossiers],
        "openings": queries.openings(request.user, campaign),
    }
    return render(request, "dossiers/campaign_dossiers.html", context)


@require_POST
def dossier_open(request: HttpRequest, ref: str) -> HttpResponse:
    award_round = get_object_or_404(viewable_rounds(request.user), ref=ref)
    unit = get_object_or_404(nominatable_units(request.user), ref=request.POST.get("unit", ""))
    quotas = quotas_of(award_round).filter(award_form__ref=request.POST.get("form", ""))
    form = get_object_or_404(quotas[:1]).award_form
    try:
        dossier = services.open_dossier(
            award_round,
            proposing_unit=unit,
            award_form=form,
            actor=request.user,
            now=timezone.now(),
        )
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("dossiers:campaign_dossiers", ref=award_round.campaign.ref)
    return redirect("dossiers:dossier_detail", pk=dossier.pk)


@require_GET
def dossier_detail(request: HttpRequest, pk: int) -> HttpResponse:
    rows = queries.with_names(policies.viewable_dossiers(request.user))
    page = queries.dossier_page(get_object_or_404(rows, pk=pk), request.user, timezone.now())
    return render(request, "dossiers/dossier_detail.html", {"page": page, "dossier": page.dossier})


@require_http_methods(["GET", "POST"])
def dossier_edit(request: HttpRequest, pk: int) -> HttpResponse:
    rows = queries.with_names(policies.editable_dossiers(request.user))
    dossier = get_object_or_404(rows, pk=pk)
    form = LetterForm(request.POST or None, instance=dossier)
    if request.method == "POST" and form.is_valid():
        values = {name: form.cleaned_data[name] for name in form.fields}
        try:
            services.edit_dossier(dossier, **values, actor=request.user, now=timezone.now())
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "Đã lưu thông tin tờ trình.")
            return redirect("dossiers:dossier_detail", pk=pk)
    context = {"form": form, "dossier": dossier, "code": queries.code_of(dossier)}
    return render(request, "dossiers/dossier_edit.html", context)


@require_POST
def part_add(request: HttpRequest, pk: int, requirement: int) -> HttpResponse:
    rows = queries.with_names(policies.editable_dossiers(request.user))
    dossier = get_object_or_404(rows, pk=pk)
    asked = get_object_or_404(queries.requirements_of(dossier.award_round.campaign), pk=requirement)
    loose = queries.loose_nominations(queries.key_of(dossier))
    form = PartForm(request.POST, request.FILES, nominations=loose)
    if not form.is_valid():
        messages.error(request, f"“{asked}”: chọn tệp cần tải lên rồi bấm Tải lên.")
        return redirect("dossiers:dossier_detail", pk=pk)
    file = form.cleaned_data["file"]
    try:
        services.add_part(
            dossier,
            requirement=asked,
            upload=file,
            name=file.name,
            size=file.size,
            nomination=form.cleaned_data["nomination"],
            actor=request.user,
            now=timezone.now(),
        )
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"Đã tải lên “{file.name}”.")
    return redirect("dossiers:dossier_detail", pk=pk)


@require_POST
def part_remove(request: HttpRequest, pk: int) -> HttpResponse:
    parts = policies.removable_parts(request.user).select_related("dossier", "requirement")
    part = get_object_or_404(parts, pk=pk)
    try:
        services.remove_part(part, actor=request.user, now=timezone.now())
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"Đã gỡ “{part}”.")
    return redirect("dossiers:dossier_detail", pk=part.dossier_id)


@require_GET
def part_file(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand out an uploaded paper as it was sent, and put on record who took it."""
    parts = policies.viewable_parts(request.user).select_related("blob", "dossier__proposing_unit")
    part = get_object_or_404(parts, pk=pk)
    try:
        content = storage.read_bytes(part.blob)
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("dossiers:dossier_detail", pk=part.dossier_id)
    services.record_part_download(part, actor=request.user, now=timezone.now())
    return _attachment(content, part.blob.media_type, part.name)


@require_POST
def dossier_send(request: HttpRequest, pk: int) -> HttpResponse:
    dossier = get_object_or_404(policies.sendable_dossiers(request.user), pk=pk)
    try:
        services.send_dossier(dossier, actor=request.user, now=timezone.now())
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "Đã trình hồ sơ. Nơi nhận tải được bản đóng tập từ bây giờ.")
    return redirect("dossiers:dossier_detail", pk=pk)


@require_POST
def build_request(request: HttpRequest, pk: int) -> HttpResponse:
    dossier = get_object_or_404(policies.buildable_dossiers(request.user), pk=pk)
    try:
        services.request_build(dossier, actor=request.user, now=timezone.now())
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("dossiers:dossier_detail", pk=pk)


@require_POST
def build_retry(request: HttpRequest, pk: int) -> HttpResponse:
    builds = policies.retryable_builds(request.user).select_related("dossier__proposing_unit")
    build = get_object_or_404(builds, pk=pk)
    try:
        services.retry_build(build, actor=request.user, now=timezone.now())
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("dossiers:dossier_detail", pk=build.dossier_id)


@require_GET
def build_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """The moving part of the page; when the work has ended the whole page is fetched anew."""
    build = get_object_or_404(policies.viewable_builds(request.user).defer("snapshot"), pk=pk)
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect("dossiers:dossier_detail", pk=build.dossier_id)
    response = render(request, "dossiers/_progress.html", {"build": build})
    if build.state != Build.State.QUEUED:
        response["HX-Refresh"] = "true"
    return response


@require_GET
def build_file(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand out one version and put on record who took it."""
    builds = policies.viewable_builds(request.user).filter(state=Build.State.DONE)
    build = get_object_or_404(
        builds.select_related("pdf", "dossier__proposing_unit", "dossier__award_form"), pk=pk
    )
    try:
        content = storage.read_bytes(build.pdf)
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("dossiers:dossier_detail", pk=build.dossier_id)
    services.record_build_download(build, actor=request.user, now=timezone.now())
    unit = slug(build.dossier.proposing_unit.short_name or build.dossier.proposing_unit.name)
    name = f"{queries.code_of(build.dossier).lower()}-{unit}-v{build.version}.pdf"
    return _attachment(content, build.pdf.media_type, name)


def _attachment(content: bytes, media_type: str, name: str) -> HttpResponse:
    return _file(content, media_type, name, shown="attachment")


def _file(content: bytes, media_type: str, name: str, *, shown: str = "inline") -> HttpResponse:
    """RFC 5987: the name travels in UTF-8, whatever letters it has."""
    response = HttpResponse(content, content_type=media_type)
    response["Content-Disposition"] = f"{shown}; filename*=UTF-8''{quote(name, safe='')}"
    response["X-Content-Type-Options"] = "nosniff"
    return response


part_file.writes_on_get = True  # type: ignore[attr-defined]
build_file.writes_on_get = True  # type: ignore[attr-defined]
