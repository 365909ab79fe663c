"""The year of a bloc: its steps, and the hand-over of the lead at its end."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from campaigns import forms, policies, queries, services
from campaigns.models import HandOver
from units.models import Bloc
from units.policies import viewable_blocs
from units.queries import history
from units.rules import DomainError

YEARS = range(2000, 2100)


@require_GET
def bloc_cycle(request: HttpRequest, ref: str, year: int) -> HttpResponse:
    bloc = _bloc(request, ref, year)
    found = queries.bloc_cycle(bloc, year)
    context = {
        "bloc": bloc,
        "year": year,
        "cycle": found,
        "mine": queries.first_thing(found, request.user),
        "today": timezone.localdate(),
    }
    return render(request, "campaigns/bloc_cycle.html", context)


def _bloc(request: HttpRequest, ref: str, year: int, *others: int) -> Bloc:
    if year not in YEARS:
        raise Http404
    rows = viewable_blocs(request.user, year, *others)
    return get_object_or_404(rows.select_related("organiser"), ref=ref)


@require_http_methods(["GET", "POST"])
def hand_over(request: HttpRequest, ref: str, year: int) -> HttpResponse:
    """Seen by the members of both years; made by who leads the year."""
    return _hand_over(request, ref, year)


def _hand_over(
    request: HttpRequest, ref: str, year: int, unreturned: dict[str, str] | None = None
) -> HttpResponse:
    """`unreturned` is what the next leader typed to send it back, and the sentence that refused."""
    bloc = _bloc(request, ref, year, year + 1)
    leads = policies.led_blocs(request.user, year).filter(pk=bloc.pk).exists()
    held = queries.hand_over_of(bloc, year)
    writes = request.method == "POST" and unreturned is None
    if writes and not leads:
        raise Http404
    first = {"held_on": held.held_on, "document": held.document, "note": held.note} if held else {}
    given = request.POST if writes else None
    form = forms.HandOverForm(given, initial=first)
    if form.is_valid():
        try:
            services.hand_over_lead(
                bloc, year, **form.cleaned_data, actor=request.user, now=timezone.now()
            )
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "Đã lập bàn giao, chờ bên nhận xác nhận.")
            return redirect("campaigns:hand_over", ref=ref, year=year)
    mine = policies.confirmable_hand_overs(request.user).filter(state=HandOver.State.SENT)
    context = {
        "bloc": bloc,
        "year": year,
        "held": held,
        "giver": queries.leader_of(bloc, year),
        "taker": queries.leader_of(bloc, year + 1),
        "matters": queries.bloc_cycle(bloc, year).open_matters,
        "may_make": leads and (held is None or held.state == HandOver.State.RETURNED),
        "may_confirm": held is not None and mine.filter(pk=held.pk).exists(),
        "unreturned": unreturned,
        "form": form,
        "leaders": queries.lead_history(bloc),
        "history": history(held, verbs=queries.HAND_OVER_VERBS) if held else [],
    }
    status = 422 if form.errors or unreturned else 200
    return render(request, "campaigns/hand_over.html", context, status=status)


def _confirmable(request: HttpRequest, pk: int) -> HandOver:
    rows = policies.confirmable_hand_overs(request.user).select_related("bloc", "taker")
    return get_object_or_404(rows, pk=pk)


@require_POST
def hand_over_confirm(request: HttpRequest, pk: int) -> HttpResponse:
    held = _confirmable(request, pk)
    try:
        services.confirm_hand_over(held, actor=request.user, now=timezone.now())
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"Đã nhận bàn giao vai trò Trưởng năm {held.year + 1}.")
    return redirect("campaigns:hand_over", ref=held.bloc.ref, year=held.year)


@require_POST
def hand_over_return(request: HttpRequest, pk: int) -> HttpResponse:
    held, reason = _confirmable(request, pk), request.POST.get("reason", "")
    try:
        services.return_hand_over(held, reason=reason, actor=request.user, now=timezone.now())
    except DomainError as error:
        kept = {"sentence": str(error), "typed": reason}
        return _hand_over(request, held.bloc.ref, held.year, kept)
    messages.success(request, "Đã trả lại bàn giao để bổ sung.")
    return redirect("campaigns:hand_over", ref=held.bloc.ref, year=held.year)
