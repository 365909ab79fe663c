"""Pages on which the next scoring table of an issued plan is written."""

from functools import partial

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from config.plans import next_tables
from config.plans.parts import SCORING
from config.plans.refused import refused
from config.plans.scoring import faults_beside
from config.plans.views import again_at, planned
from units.rules import DomainError

PART = "plans/part_edit.html"


@require_POST
def next_table_start(request: HttpRequest, ref: str, group: str) -> HttpResponse:
    campaign, source = planned(request, ref), request.POST.get("source", "")
    try:
        next_tables.begin_table(campaign, group, source, user=request.user, now=timezone.now())
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("plans:plan_amend", ref=ref)
    return redirect("plans:next_table_edit", ref=ref, group=group)


@require_http_methods(["GET", "POST"])
def next_table_edit(request: HttpRequest, ref: str, group: str) -> HttpResponse:
    campaign, user, data = planned(request, ref), request.user, request.POST
    try:
        if request.method == "POST":
            form = next_tables.save_part(campaign, group, data, user=user, now=timezone.now())
        else:
            more = request.GET.get("rows", "")
            form = next_tables.table_form(campaign, group, user=user, more=more)
    except DomainError as error:
        if request.method == "POST":
            drawn = partial(next_tables.table_form, campaign, group, user=user)
            return refused(request, campaign, error, drawn)
        messages.error(request, str(error))
        return redirect("plans:plan_amend", ref=ref)
    context = {
        "campaign": campaign,
        "form": form,
        "here": (SCORING.slug, group),
        "faults": faults_beside(form),
        "until": "áp dụng được",
        "now": timezone.now(),
        "oob": bool(request.htmx) and request.method == "POST",
    }
    status = 409 if form.conflict else 422 if form.wrong else 200
    if context["oob"]:
        return render(request, f"{PART}#saved", context, status=status)
    if form.saved:
        messages.success(request, "Đã lưu bảng chấm điểm mới.")
        return (
            redirect("plans:plan_amend", ref=ref) if "next" in data else redirect(again_at(request))
        )
    return render(request, "plans/next_table.html", context, status=status)


@require_POST
def next_table_drop(request: HttpRequest, ref: str, group: str) -> HttpResponse:
    campaign = planned(request, ref)
    try:
        next_tables.give_up_table(campaign, group, user=request.user, now=timezone.now())
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "Đã bỏ bảng chấm điểm đang soạn. Bảng đang áp dụng giữ nguyên.")
    return redirect("plans:plan_amend", ref=ref)
