"""The tree of plans, one plan with its tabs, and who takes part."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from campaigns import policies, queries, services
from campaigns.forms import ExtensionForm, keys, number
from campaigns.models import Campaign
from units.rules import DomainError

PAGE = 50


@require_GET
def campaign_list(request: HttpRequest) -> HttpResponse:
    query = request.GET
    tree, found = queries.plan_tree(
        request.user,
        state=query.get("state", ""),
        year=number(query.get("year", "")),
        text=query.get("q", ""),
    )
    filters = {name: query.get(name, "") for name in ("q", "state", "year")}
    context = {
        "tree": tree,
        "found": found,
        "states": Campaign.State.choices,
        "filters": filters,
        "filtered": any(filters.values()),
        "has_sheets": policies.sheet_units(request.user).exists(),
    }
    return render(request, "campaigns/campaign_list.html", context)


@require_GET
def legal_act_list(request: HttpRequest) -> HttpResponse:
    """The registry of acts that plans cite; open to everybody who is signed in."""
    context = {"acts": queries.legal_acts(timezone.localdate())}
    return render(request, "campaigns/legal_act_list.html", context)


@require_GET
def campaign_detail(request: HttpRequest, ref: str) -> HttpResponse:
    campaign = get_object_or_404(queries.plan_rows(request.user), ref=ref)
    today = timezone.localdate()
    page = queries.plan_page(campaign, request.user, today)
    waiting = queries.plan_answers(request.user, campaign)
    context = {"campaign": campaign, "page": page, "today": today, "answers": waiting}
    return render(request, "campaigns/campaign_detail.html", context)


@require_GET
def campaign_indicators(request: HttpRequest, ref: str) -> HttpResponse:
    campaign = get_object_or_404(queries.plan_rows(request.user), ref=ref)
    context = {
        "campaign": campaign,
        "tables": queries.indicator_tables(campaign),
        "attends": {one.pk for one in queries.attended(campaign, request.user)},
        "may_plan": policies.plannable_campaigns(request.user).filter(pk=campaign.pk).exists(),
    }
    return render(request, "campaigns/campaign_indicators.html", context)


@require_GET
def campaign_units(request: HttpRequest, ref: str) -> HttpResponse:
    campaign = get_object_or_404(queries.plan_rows(request.user), ref=ref)
    today, query = timezone.localdate(), request.GET
    periods, period = queries.chosen_period(campaign, query, today)
    found = queries.standings(
        campaign,
        period,
        request.user,
        year=period.period_to.year if period else today.year,
        state=query.get("state", ""),
        text=query.get("q", ""),
    )
    may_plan = policies.plannable_campaigns(request.user).filter(pk=campaign.pk).exists()
    fitting = queries.candidates(campaign, today) if may_plan else []
    context = {
        "campaign": campaign,
        "periods": periods,
        "period": period,
        "found": found,
        "page": Paginator(found.rows, PAGE).get_page(query.get("page")),
        "tabs": queries.standing_tabs(found),
        "state": query.get("state", ""),
        "text": query.get("q", ""),
        "may_plan": may_plan,
        "may_extend": period is not None
        and campaign.state == Campaign.State.ISSUED
        and policies.verifiable_periods(request.user).filter(pk=period.pk).exists(),
        "candidates": [one for one in fitting if not one.enrolled],
        "enrolled": sum(one.enrolled for one in fitting),
    }
    return render(request, "campaigns/campaign_units.html", context)


@require_POST
def participation_enrol(request: HttpRequest, ref: str) -> HttpResponse:
    campaign = get_object_or_404(policies.plannable_campaigns(request.user), ref=ref)
    now, wanted = timezone.now(), set(keys(request.POST.getlist("unit")))
    fitting = queries.candidates(campaign, timezone.localdate(now))
    units = [one.unit for one in fitting if one.unit.pk in wanted]
    try:
        enrolled = services.enrol_units(campaign, units, actor=request.user, now=now)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        if enrolled:
            messages.success(request, f"Đã ghi danh {len(enrolled)} đơn vị.")
        else:
            messages.warning(request, "Chưa chọn đơn vị nào. Đánh dấu đơn vị rồi bấm Ghi danh.")
    return redirect("campaigns:campaign_units", ref=ref)


@require_http_methods(["GET", "POST"])
def participation_extend(request: HttpRequest, ref: str, pk: int, period_ref: str) -> HttpResponse:
    """More time for one unit, by who verifies its sheet."""
    periods = policies.verifiable_periods(request.user).select_related("campaign")
    period = get_object_or_404(periods, campaign__ref=ref, ref=period_ref)
    parts = period.campaign.participations.select_related("unit", "campaign")
    part = get_object_or_404(parts, pk=pk)
    form = ExtensionForm(request.POST or None)
    if form.is_valid():
        try:
            services.extend_time(
                part, period, **form.cleaned_data, actor=request.user, now=timezone.now()
            )
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            until = form.cleaned_data["until"]
            messages.success(request, f"Đã gia hạn cho {part.unit} đến hết ngày {until:%d/%m/%Y}.")
            back = reverse("campaigns:campaign_units", args=[ref])
            return redirect(f"{back}?ky={period.ref}")
    context = {
        "campaign": part.campaign,
        "period": period,
        "part": part,
        "due": queries.unit_due(part, period),
        "given": queries.extensions_of(part.pk, period.pk),
        "form": form,
    }
    return render(request, "campaigns/participation_extend.html", context)


@require_POST
def participation_leave(request: HttpRequest, ref: str, pk: int) -> HttpResponse:
    campaign = get_object_or_404(policies.plannable_campaigns(request.user), ref=ref)
    part = get_object_or_404(campaign.participations.select_related("unit", "campaign"), pk=pk)
    try:
        services.leave_campaign(part, actor=request.user, now=timezone.now())
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(
            request, f"{part.unit} thôi tham gia từ hôm nay. Số liệu đã nhập được giữ."
        )
    return redirect("campaigns:campaign_units", ref=ref)
