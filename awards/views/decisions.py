"""Decisions put on record, and the register they fill."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from awards import forms, policies, queries, services
from awards.models import RecipientKind
from units.queries import history
from units.rules import DomainError

AWARDS_A_PAGE = 30


def decision_new(request: HttpRequest, ref: str) -> HttpResponse:
    award_round = get_object_or_404(
        policies.decidable_rounds(request.user).select_related("campaign"), ref=ref
    )
    waiting = list(queries.awaiting_decision(request.user, award_round))
    form = forms.DecisionForm(
        request.POST or None, units=queries.deciding_units(waiting), nominations=waiting
    )
    if form.is_valid():
        said = {field.name: form.cleaned_data[field.name] for field in form.main_fields}
        try:
            decision = services.record_decision(
                award_round,
                **said,
                granted=form.chosen("granted"),
                refused=form.chosen("refused"),
                actor=request.user,
                now=timezone.now(),
            )
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "Đã ghi quyết định vào sổ khen thưởng.")
            return redirect("awards:decision_detail", pk=decision.pk)
    context = {"round": award_round, "form": form, "waiting": waiting}
    return render(request, "awards/decision_new.html", context)


@require_safe
def decision_detail(request: HttpRequest, pk: int) -> HttpResponse:
    decision = get_object_or_404(
        policies.viewable_decisions(request.user).select_related("unit", "recorded_by"), pk=pk
    )
    context = {
        "decision": decision,
        "awards": queries.decision_awards(decision, request.user),
        "history": history(decision, verbs=queries.VERBS),
    }
    return render(request, "awards/decision_detail.html", context)


@require_safe
def award_register(request: HttpRequest) -> HttpResponse:
    asked = {name: request.GET.get(name, "") for name in ("year", "form", "kind", "campaign")}
    text, sort = request.GET.get("q", ""), request.GET.get("sort", "")
    rows = queries.register(request.user, text=text, sort=sort, **asked)
    context = {
        "page": Paginator(rows, AWARDS_A_PAGE).get_page(request.GET.get("page")),
        "choices": queries.register_choices(request.user),
        "kinds": RecipientKind.choices,
        "asked": {**asked, "q": text, "sort": sort},
        "filtered": any(asked.values()) or bool(text),
    }
    return render(request, "awards/award_register.html", context)
