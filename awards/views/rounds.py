"""Home of commendations, a plan's places, rounds."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from awards import forms, policies, queries, services
from campaigns.policies import viewable_campaigns
from campaigns.queries import plan_rows
from units.queries import history
from units.rules import DomainError

ROUNDS = ("campaign__issuer", "campaign__bloc", "phase", "council__unit")


@require_safe
def award_home(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    mine = queries.own_nominations(request.user)
    context = {
        "today": timezone.localdate(now),
        "todos": queries.todo(request.user, now),
        "rounds": queries.rounds_shown(request.user),
        "page": Paginator(mine, 20).get_page(request.GET.get("page")),
    }
    return render(request, "awards/award_home.html", context)


@require_safe
def campaign_awards(request: HttpRequest, ref: str) -> HttpResponse:
    campaign = get_object_or_404(plan_rows(request.user), ref=ref)
    opens = policies.openable_campaigns(request.user).filter(pk=campaign.pk).exists()
    context = {
        "campaign": campaign,
        "places": queries.places(campaign),
        "ledger": Paginator(queries.ledger(campaign), 20).get_page(request.GET.get("page")),
        "rules": queries.composition_rules(campaign),
        "rounds": queries.rounds_shown(request.user, campaign),
        "may_open": opens,
    }
    return render(request, "awards/campaign_awards.html", context)


def quota_allot(request: HttpRequest, pk: int) -> HttpResponse:
    quota = get_object_or_404(
        policies.allottable_quotas(request.user).select_related("campaign", "award_form", "phase"),
        pk=pk,
    )
    form = forms.AllotForm(request.POST or None)
    if form.is_valid():
        act = {"allot": services.allot_quota, "withdraw": services.withdraw_places}
        act = act[form.cleaned_data.pop("kind")]
        try:
            act(quota, **form.cleaned_data, actor=request.user, now=timezone.now())
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "Đã ghi vào sổ phân bổ.")
            return redirect("awards:campaign_awards", ref=quota.campaign.ref)
    context = {
        "quota": quota,
        "place": queries.place_row(quota),
        "form": form,
        "history": history(quota, verbs=queries.VERBS),
    }
    return render(request, "awards/quota_allot.html", context)


def round_new(request: HttpRequest, ref: str) -> HttpResponse:
    campaign = get_object_or_404(
        policies.openable_campaigns(request.user).select_related("issuer", "standing_agency"),
        ref=ref,
    )
    councils = queries.councils_for(campaign)
    form = forms.RoundForm(request.POST or None, campaign=campaign, councils=councils)
    if form.is_valid():
        try:
            award_round = services.open_round(
                campaign, **form.cleaned_data, actor=request.user, now=timezone.now()
            )
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "Đã mở đợt xét.")
            return redirect("awards:round_detail", ref=award_round.ref)
    context = {"campaign": campaign, "form": form, "councils": councils}
    return render(request, "awards/round_new.html", context)


@require_safe
def round_detail(request: HttpRequest, ref: str) -> HttpResponse:
    award_round = get_object_or_404(
        policies.viewable_rounds(request.user).select_related(*ROUNDS), ref=ref
    )
    today = timezone.localdate()
    card = queries.round_card(award_round, request.user)
    context = {
        "round": award_round,
        "card": card,
        "next_step": queries.next_step(card, today),
        "plan_seen": viewable_campaigns(request.user).filter(pk=award_round.campaign_id).exists(),
        "today": today,
        "reopen_form": forms.ReopenForm(),
        "history": history(award_round, verbs=queries.VERBS),
    }
    return render(request, "awards/round_detail.html", context)


@require_POST
def round_close(request: HttpRequest, ref: str) -> HttpResponse:
    award_round = get_object_or_404(policies.openable_rounds(request.user), ref=ref)
    try:
        services.close_round(award_round, actor=request.user, now=timezone.now())
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "Đã kết thúc đợt xét.")
    return redirect("awards:round_detail", ref=ref)


@require_POST
def round_reopen(request: HttpRequest, ref: str) -> HttpResponse:
    award_round = get_object_or_404(policies.openable_rounds(request.user), ref=ref)
    form = forms.ReopenForm(request.POST)
    try:
        until = form.cleaned_data["closes_on"] if form.is_valid() else award_round.closes_on
        services.reopen_round(award_round, closes_on=until, actor=request.user, now=timezone.now())
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "Đã mở lại đợt xét.")
    return redirect("awards:round_detail", ref=ref)
