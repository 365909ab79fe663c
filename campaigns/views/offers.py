"""Figures of other plans for the codes that a sheet asks: offered beside the cell, then taken."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from campaigns import forms, policies, queries, services
from campaigns.views.sheets import row_url
from units.rules import DomainError


@require_GET
def offer_list(request: HttpRequest, pk: int) -> HttpResponse:
    """A page of its own; for the grid, a piece beside each cell."""
    rows = policies.enterable_result_sheets(request.user)
    sheet = get_object_or_404(rows.select_related(*queries.SHEET_RELATED), pk=pk)
    context = {"sheet": sheet, "offers": queries.offers_of(sheet)}
    return render(request, "campaigns/offer_list.html" + "#beside" * bool(request.htmx), context)


@require_POST
def offer_take(request: HttpRequest, pk: int, indicator_pk: int) -> HttpResponse:
    rows = policies.enterable_result_sheets(request.user)
    sheet = get_object_or_404(rows.select_related(*queries.SHEET_RELATED), pk=pk)
    source, version = forms.taken(request.POST)
    row = f"r{indicator_pk}"
    try:
        services.take_offer(sheet, source, version, actor=request.user, now=timezone.now())
    except DomainError as error:
        messages.error(request, str(error), extra_tags=row)
    else:
        messages.success(request, "Đã lấy số của kế hoạch khác.", extra_tags=row)
    return redirect(row_url(pk, indicator_pk))
