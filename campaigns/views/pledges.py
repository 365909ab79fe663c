"""The pledges of a bloc: the round of a year, and the pledge of one member."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from campaigns import forms, policies, queries, services
from campaigns.models import Pledge, PledgeRound
from units.models import Bloc
from units.policies import viewable_blocs
from units.queries import history
from units.rules import DomainError

YEARS = range(2000, 2100)


def bloc_of(request: HttpRequest, ref: str, year: int, *, led: bool = False) -> Bloc:
    """A bloc that the reader sees in `year`, or leads then."""
    if year not in YEARS:
        raise Http404
    rows = policies.led_blocs(request.user, year) if led else viewable_blocs(request.user, year)
    return get_object_or_404(rows.select_related("organiser"), ref=ref)


# --- the round ------------------------------------------------------------------------------------
@require_GET
def pledge_round(request: HttpRequest, ref: str, year: int) -> HttpResponse:
    return _round_page(request, bloc_of(request, ref, year), year)


def _round_page(
    request: HttpRequest, bloc: Bloc, year: int, status: int = 200, **given: forms.RoundForm
) -> HttpResponse:
    round_, rows = queries.pledge_round(bloc, year), queries.member_pledges(bloc, year)
    acts = policies.enterable_units(request.user) | policies.signable_units(request.user)
    seen = policies.viewable_pledges(request.user).filter(round=round_)
    context = {
        "bloc": bloc,
        "year": year,
        "round": round_,
        "rows": rows,
        "missing": queries.unsigned(rows),
        "mine": set(acts.values_list("pk", flat=True)),
        "seen": set(seen.values_list("pk", flat=True)),
        "leads": policies.led_blocs(request.user, year).filter(pk=bloc.pk).exists(),
        "open_form": forms.RoundForm(),
        "reopen_form": forms.ReopenForm(),
        "history": history(round_, verbs=queries.PLEDGE_VERBS) if round_ else [],
        "today": timezone.localdate(),
    }
    return render(request, "campaigns/pledge_round.html", context | given, status=status)


@require_POST
def pledge_round_open(request: HttpRequest, ref: str, year: int) -> HttpResponse:
    bloc, form = bloc_of(request, ref, year, led=True), forms.RoundForm(request.POST)
    if form.is_valid():
        try:
            services.open_pledge_round(
                bloc, year, **form.cleaned_data, actor=request.user, now=timezone.now()
            )
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, f"Đã mở đợt ký giao ước năm {year}.")
            return redirect("campaigns:pledge_round", ref=ref, year=year)
    return _round_page(request, bloc, year, 422, open_form=form)


def _led_round(request: HttpRequest, ref: str, year: int) -> PledgeRound:
    round_ = queries.pledge_round(bloc_of(request, ref, year, led=True), year)
    if round_ is None:
        raise Http404
    return round_


@require_POST
def pledge_round_close(request: HttpRequest, ref: str, year: int) -> HttpResponse:
    round_, anyway = _led_round(request, ref, year), bool(request.POST.get("anyway"))
    try:
        services.close_pledge_round(round_, anyway=anyway, actor=request.user, now=timezone.now())
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"Đã chốt giao ước thi đua năm {year}.")
    return redirect("campaigns:pledge_round", ref=ref, year=year)


@require_POST
def pledge_round_reopen(request: HttpRequest, ref: str, year: int) -> HttpResponse:
    round_, form = _led_round(request, ref, year), forms.ReopenForm(request.POST)
    if form.is_valid():
        try:
            services.reopen_pledge_round(
                round_, **form.cleaned_data, actor=request.user, now=timezone.now()
            )
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, f"Đã mở lại đợt ký giao ước năm {year}.")
            return redirect("campaigns:pledge_round", ref=ref, year=year)
    return _round_page(request, round_.bloc, year, 422, reopen_form=form)


# --- one pledge -----------------------------------------------------------------------------------
@require_POST
def pledge_start(request: HttpRequest, ref: str, year: int) -> HttpResponse:
    round_ = queries.pledge_round(bloc_of(request, ref, year), year)
    acts = policies.enterable_units(request.user).filter(
        bloc_memberships__bloc__ref=ref, bloc_memberships__year=year
    )
    unit = get_object_or_404(acts.select_related("kind"), pk=forms.key(request.POST, "unit"))
    if round_ is None:
        raise Http404
    try:
        pledge = services.start_pledge(round_, unit, actor=request.user, now=timezone.now())
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("campaigns:pledge_round", ref=ref, year=year)
    return redirect("campaigns:pledge_detail", pk=pledge.pk)


RELATED = ("round__bloc__organiser", "unit__kind", "signed_by", "drafted_by")


@require_http_methods(["GET", "POST"])
def pledge_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """The pledge; a draft is a form for who enters for the unit."""
    if request.method == "POST":
        drafts = policies.draftable_pledges(request.user).select_related(*RELATED)
        return _write(request, get_object_or_404(drafts, pk=pk))
    rows = policies.viewable_pledges(request.user).select_related(*RELATED)
    return _pledge_page(request, get_object_or_404(rows, pk=pk))


def _write(request: HttpRequest, pledge: Pledge) -> HttpResponse:
    typed, titles = forms.pledged(request.POST), request.POST.get("titles", "")
    try:
        services.write_pledge(
            pledge,
            typed=typed,
            titles=titles,
            revision=forms.revision(request.POST) or 0,
            actor=request.user,
            now=timezone.now(),
        )
    except services.PledgeFaults as faults:
        return _pledge_page(request, pledge, typed, titles, faults=faults.faults)
    except DomainError as error:
        return _pledge_page(request, pledge, typed, titles, refusal=str(error))
    messages.success(request, "Đã lưu bản nháp giao ước.")
    return redirect("campaigns:pledge_detail", pk=pledge.pk)


def _pledge_page(
    request: HttpRequest,
    pledge: Pledge,
    typed: dict[int, str] | None = None,
    titles: str | None = None,
    *,
    faults: dict[int, str] | None = None,
    refusal: str = "",
    unamended: dict[str, str] | None = None,
) -> HttpResponse:
    """`unamended` is the reason typed for a new version, and the sentence that refused it."""
    draft = pledge.state == Pledge.State.DRAFT
    enters = policies.draftable_pledges(request.user).filter(pk=pledge.pk).exists()
    over = pledge.round.is_over(timezone.localdate())
    signs = policies.signable_pledges(request.user).filter(pk=pledge.pk)
    context = {
        "pledge": pledge,
        "bloc": pledge.round.bloc,
        "year": pledge.round.year,
        "rows": queries.pledge_rows(pledge, typed, faults),
        "titles": pledge.titles if titles is None else titles,
        "other_titles": titles is not None and titles.split() != pledge.titles.split(),
        "faults": faults,
        "refusal": refusal,
        "too_late": over and draft,
        "may_write": draft and enters,
        "may_discard": draft and enters and pledge.version > 1,
        "may_amend": unamended or (not over and enters and not draft and queries.is_newest(pledge)),
        "unamended": unamended,
        "may_sign": not over and draft and signs.exists(),
        "versions": queries.pledge_versions(pledge, request.user),
        "history": history(pledge, verbs=queries.PLEDGE_VERBS),
    }
    status = 422 if faults or refusal or unamended else 200
    return render(request, "campaigns/pledge_detail.html", context, status=status)


@require_POST
def pledge_sign(request: HttpRequest, pk: int) -> HttpResponse:
    rows = policies.signable_pledges(request.user).select_related("round")
    pledge, seen = get_object_or_404(rows, pk=pk), forms.revision(request.POST) or 0
    try:
        services.sign_pledge(pledge, revision=seen, actor=request.user, now=timezone.now())
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "Đã ký giao ước thi đua.")
    return redirect("campaigns:pledge_detail", pk=pk)


@require_POST
def pledge_discard(request: HttpRequest, pk: int) -> HttpResponse:
    rows = policies.draftable_pledges(request.user).select_related("round")
    pledge, seen = get_object_or_404(rows, pk=pk), forms.revision(request.POST) or 0
    now = timezone.now()
    try:
        held = services.discard_amendment(pledge, revision=seen, actor=request.user, now=now)
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("campaigns:pledge_detail", pk=pk)
    messages.success(request, "Đã bỏ bản thay đổi. Bản đã ký vẫn có hiệu lực.")
    return redirect("campaigns:pledge_detail", pk=held.pk)


@require_POST
def pledge_amend(request: HttpRequest, pk: int) -> HttpResponse:
    rows = policies.draftable_pledges(request.user).select_related(*RELATED)
    pledge, reason = get_object_or_404(rows, pk=pk), request.POST.get("reason", "")
    try:
        fresh = services.amend_pledge(pledge, reason=reason, actor=request.user, now=timezone.now())
    except DomainError as error:
        kept = {"sentence": str(error), "typed": reason}
        return _pledge_page(request, pledge, unamended=kept)
    return redirect("campaigns:pledge_detail", pk=fresh.pk)
