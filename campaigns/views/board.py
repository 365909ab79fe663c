"""Results at a glance: the board, one indicator, one unit over the years, who has sent."""

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from campaigns import queries
from campaigns.queries import board, comparison, deadline, tracks

PAGE = 60
ALL = "tat-ca"
STATES = [(slug, verdict.label) for slug, verdict in board.STATES.items()]


def wanted_of(query: QueryDict) -> board.Wanted:
    return board.Wanted(
        group=query.get("nhom", ""),
        indicator=query.get("chi-tieu", ""),
        state=query.get("trang-thai", ""),
        within=query.get("trong", ""),
        bloc=query.get("khoi", ""),
        figures=query.get("so-lieu", ""),
        sort=query.get("xep", ""),
    )


def address_with(query: QueryDict, **changes: str) -> str:
    """This page's address with these parts of it changed; "_" stands for "-" in a name."""
    changed = query.copy()
    changed.pop("page", None)
    for name, value in changes.items():
        changed[name.replace("_", "-")] = value
    return "?" + changed.urlencode()


def scope_query(period_ref: str, wanted: board.Wanted) -> str:
    """What every page of the board hands on to the next: period, units, which sheets count."""
    kept = {
        "ky": period_ref,
        "trong": wanted.within,
        "khoi": wanted.bloc,
        "so-lieu": wanted.figures,
    }
    return "?" + urlencode({key: value for key, value in kept.items() if value})


def page_of(rows: Any, query: QueryDict) -> Page:
    """The rows of one page, or all of them to be printed."""
    size = max(1, len(rows)) if query.get("hien") == ALL else PAGE
    return Paginator(rows, size).get_page(query.get("page"))


@require_GET
def board_table(request: HttpRequest, ref: str) -> HttpResponse:
    campaign = get_object_or_404(queries.plan_rows(request.user), ref=ref)
    periods, period = queries.chosen_period(campaign, request.GET, timezone.localdate())
    wanted = wanted_of(request.GET)
    context = {"campaign": campaign, "periods": periods, "period": period, "wanted": wanted}
    if period is not None:
        found = board.board(campaign, period, request.user, wanted)
        context |= {
            "board": found,
            "page": page_of(found.rows, request.GET),
            "states": STATES,
            "filtered": replace(wanted, group="") != board.Wanted(),
            "scope_query": scope_query(period.ref, wanted),
            "provisional_url": address_with(request.GET, so_lieu=board.PROVISIONAL),
            "everything_url": address_with(request.GET, hien=ALL),
        }
    return render(request, "campaigns/board_table.html", context)


@require_GET
def board_indicator(request: HttpRequest, ref: str, indicator_ref: str) -> HttpResponse:
    campaign = get_object_or_404(queries.plan_rows(request.user), ref=ref)
    indicator = get_object_or_404(comparison.comparable_indicators(campaign), ref=indicator_ref)
    periods, period = queries.chosen_period(campaign, request.GET, timezone.localdate())
    if period is None:
        raise Http404
    wanted = wanted_of(request.GET)
    found = comparison.comparison(campaign, periods, period, indicator, request.user, wanted)
    context = {
        "campaign": campaign,
        "periods": periods,
        "period": period,
        "wanted": wanted,
        "found": found,
        "page": page_of(found.lines, request.GET),
        "everything_url": address_with(request.GET, hien=ALL),
        "scope_query": scope_query(period.ref, wanted),
    }
    return render(request, "campaigns/board_indicator.html", context)


@require_GET
def board_unit(request: HttpRequest, ref: str, unit_ref: str) -> HttpResponse:
    campaign = get_object_or_404(queries.plan_rows(request.user), ref=ref)
    today, wanted = timezone.localdate(), wanted_of(request.GET)
    periods, period = queries.chosen_period(campaign, request.GET, today)
    found = tracks.unit_tracks(
        campaign,
        periods,
        unit_ref,
        request.user,
        today=today,
        counted=board.counted_states(wanted),
    )
    if found is None or period is None:
        raise Http404
    context = {
        "campaign": campaign,
        "found": found,
        "wanted": wanted,
        "scope_query": scope_query(period.ref, wanted),
        "provisional_url": address_with(request.GET, so_lieu=board.PROVISIONAL),
    }
    return render(request, "campaigns/board_unit.html", context)


@require_GET
def board_deadline(request: HttpRequest, ref: str) -> HttpResponse:
    campaign = get_object_or_404(queries.plan_rows(request.user), ref=ref)
    today = timezone.localdate()
    periods, period = queries.chosen_period(campaign, request.GET, today)
    context = {"campaign": campaign, "periods": periods, "period": period, "today": today}
    if period is not None:
        context["found"] = deadline.deadline(campaign, period, request.user, today)
    return render(request, "campaigns/board_deadline.html", context)
