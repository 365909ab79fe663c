"""Scoring: the tables and sheets of a plan, one sheet, its layers, the ranking."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from campaigns import forms, policies, queries, services
from campaigns.models import Campaign, ScoreLayer, ScoreSheet
from campaigns.views.score_gone import told_when_gone
from units.rules import DomainError

SHEET = "campaigns/score_sheet_detail.html"


# --- a plan ---------------------------------------------------------------------------------------
@require_GET
def campaign_scores(request: HttpRequest, ref: str) -> HttpResponse:
    campaign = get_object_or_404(queries.plan_rows(request.user), ref=ref)
    today = timezone.localdate()
    periods, period = queries.chosen_period(campaign, request.GET, today)
    views = queries.table_views(campaign)
    context = {
        "campaign": campaign,
        "periods": periods,
        "period": period,
        "tables": views,
        "lines": queries.score_lines(request.user, period) if period and views else [],
        "with_peers": [view.table for view in views if view.with_peers],
        "may_run": period is not None and _runs(request, period.pk),
        "writes": campaign.state == Campaign.State.DRAFT
        and policies.plannable_campaigns(request.user).filter(pk=campaign.pk).exists(),
    }
    return render(request, "campaigns/campaign_scores.html", context)


@require_POST
def score_open(request: HttpRequest, ref: str, period_ref: str) -> HttpResponse:
    period = _run_period(request, ref, period_ref)
    try:
        opened = services.open_scoring(period, actor=request.user, now=timezone.now())
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"Đã mở {len(opened)} phiếu chấm điểm.")
    return _home(ref, period_ref)


@require_POST
def score_peers(request: HttpRequest, ref: str, period_ref: str) -> HttpResponse:
    period = _run_period(request, ref, period_ref)
    tables = queries.peer_tables(period.campaign)
    table = get_object_or_404(tables, pk=forms.key(request.POST, "table"))
    each = forms.number(request.POST.get("each", "")) or 2
    now = timezone.now()
    try:
        count = services.assign_peers(period, table, actor=request.user, now=now, each=each)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"Đã phân công {count} lượt chấm chéo.")
    return _home(ref, period_ref)


# --- one sheet ------------------------------------------------------------------------------------
@require_GET
def score_sheet_detail(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, _seen(request, pk))


@require_GET
def score_history(request: HttpRequest, pk: int, item_pk: int) -> HttpResponse:
    sheet = _seen(request, pk)
    item = get_object_or_404(sheet.table.items, pk=item_pk)
    mine, _scores, _sends = queries.layer_for(request.user, sheet)
    context = {"sheet": sheet, "item": item, "writes": queries.item_writes(sheet, item, mine)}
    return render(request, "campaigns/score_history.html", context)


@require_POST
@told_when_gone
def score_layer_save(request: HttpRequest, pk: int) -> HttpResponse:
    """The whole form, for a browser without scripts."""
    layer = _layer(policies.scorable_layers(request.user), pk)
    try:
        saved = _save(request, layer)
    except DomainError as error:
        return _refused(request, layer, error)
    if saved.stale:
        return _page(request, _seen(request, layer.score_sheet_id), refused=saved.stale, status=409)
    messages.success(request, "Đã lưu cả phiếu chấm điểm.")
    return redirect("campaigns:score_sheet_detail", pk=layer.score_sheet_id)


@require_POST
@told_when_gone
def score_save(request: HttpRequest, pk: int, item_pk: int) -> HttpResponse:
    """One item."""
    layer = _layer(policies.scorable_layers(request.user), pk)
    cell, refusal, stale = forms.score(request.POST, item_pk), "", {}
    try:
        saved = services.record_scores(
            layer, {item_pk: cell}, actor=request.user, now=timezone.now()
        )
        stale = saved.stale
    except DomainError as error:
        refusal = str(error)
    if not request.htmx:
        if refusal or stale:
            if refusal:
                messages.error(request, refusal)
            sheet, status = _seen(request, layer.score_sheet_id), 422 if refusal else 409
            return _page(request, sheet, refused=stale or {item_pk: cell}, status=status)
        return redirect("campaigns:score_sheet_detail", pk=layer.score_sheet_id)
    page = queries.score_page(_seen(request, layer.score_sheet_id), layer, refused=stale)
    context = {
        "page": page,
        "lines": page.line(item_pk),
        "refusal": refusal,
        "oob": True,
        "may_score": True,
        "today": timezone.localdate(),
    }
    status = 409 if stale else 422 if refusal else 200
    return render(request, f"{SHEET}#saved", context, status=status)


@require_POST
@told_when_gone
def score_layer_send(request: HttpRequest, pk: int) -> HttpResponse:
    """Send; the form of who also scores brings its cells along and they are saved first."""
    layer = _layer(policies.sendable_layers(request.user), pk)
    try:
        if policies.scorable_layers(request.user).filter(pk=pk).exists():
            saved = _save(request, layer)
            if saved.stale:
                sheet = _seen(request, layer.score_sheet_id)
                return _page(request, sheet, refused=saved.stale, status=409)
        services.send_layer(layer, actor=request.user, now=timezone.now())
    except DomainError as error:
        return _refused(request, layer, error)
    messages.success(request, "Đã gửi điểm. Lớp chấm này không sửa được nữa, trừ khi được mở lại.")
    return redirect("campaigns:score_sheet_detail", pk=layer.score_sheet_id)


@require_POST
@told_when_gone
def score_take_over(request: HttpRequest, pk: int) -> HttpResponse:
    """Its button stands on the form of the sheet: what was typed there is saved first."""
    layer = _layer(policies.scorable_layers(request.user), pk)
    try:
        saved = _save(request, layer)
        if saved.stale:
            sheet = _seen(request, layer.score_sheet_id)
            return _page(request, sheet, refused=saved.stale, status=409)
        taken = services.take_over(layer, actor=request.user, now=timezone.now())
    except DomainError as error:
        return _refused(request, layer, error)
    messages.success(request, f"Đã lấy điểm của lớp trước cho {taken} mục chưa chấm.")
    return redirect("campaigns:score_sheet_detail", pk=layer.score_sheet_id)


@require_POST
def score_layer_reopen(request: HttpRequest, pk: int) -> HttpResponse:
    layer = _layer(policies.reopenable_layers(request.user), pk)
    reason = request.POST.get("reason", "")
    try:
        services.reopen_layer(layer, reason=reason, actor=request.user, now=timezone.now())
    except DomainError as error:
        kept = {"layer": layer, "sentence": str(error), "typed": reason}
        return _page(request, _seen(request, layer.score_sheet_id), unopened=kept, status=422)
    messages.success(request, f"Đã mở lại lượt {layer} kèm lý do.")
    return redirect("campaigns:score_sheet_detail", pk=layer.score_sheet_id)


@require_POST
@told_when_gone
def gate_declare(request: HttpRequest, pk: int, gate_pk: int) -> HttpResponse:
    layer = _layer(policies.scorable_layers(request.user), pk)
    gate = get_object_or_404(layer.score_sheet.table.gates, pk=gate_pk)
    reason, now = request.POST.get("reason", ""), timezone.now()
    try:
        hit = services.declare_gate(layer, gate, reason=reason, actor=request.user, now=now)
    except DomainError as error:
        kept = {"gate": gate, "layer": layer, "sentence": str(error), "typed": reason}
        return _page(request, _seen(request, layer.score_sheet_id), undeclared=kept, status=422)
    words = "Đã ghi điều kiện loại" if hit else "Đã bỏ điều kiện loại"
    messages.success(request, f"{words} “{gate}”.")
    return redirect("campaigns:score_sheet_detail", pk=layer.score_sheet_id)


# --- the ranking ----------------------------------------------------------------------------------
@require_GET
def ranking_detail(request: HttpRequest, ref: str, period_ref: str) -> HttpResponse:
    """What is published, to all who see the plan; how it stands now, to who runs it."""
    return _ranking(request, ref, period_ref)


def _ranking(
    request: HttpRequest, ref: str, period_ref: str, refused: dict[str, Any] | None = None
) -> HttpResponse:
    """`refused` is the act on a table that was refused, and what was typed for it."""
    campaign = get_object_or_404(queries.plan_rows(request.user), ref=ref)
    period = get_object_or_404(campaign.periods.select_related("campaign"), ref=period_ref)
    may_run = _runs(request, period.pk)
    context = {
        "campaign": campaign,
        "period": period,
        "may_run": may_run,
        "tables": queries.ranking_of(period),
        "refused": refused,
    }
    status = 422 if refused else 200
    return render(request, "campaigns/ranking_detail.html", context, status=status)


@require_POST
def ranking_publish(request: HttpRequest, ref: str, period_ref: str) -> HttpResponse:
    period = _run_period(request, ref, period_ref)
    table = get_object_or_404(
        queries.tables_in(period.campaign), pk=forms.key(request.POST, "table")
    )
    said = {name: request.POST.get(name, "") for name in ("seen", "reason")}
    try:
        services.publish_ranking(period, table, actor=request.user, now=timezone.now(), **said)
    except DomainError as error:
        kept = {"act": "publish", "table": table, "sentence": str(error), "typed": said["reason"]}
        return _ranking(request, ref, period_ref, kept)
    messages.success(request, "Đã công bố xếp hạng. Bản công bố được giữ nguyên.")
    return redirect("campaigns:ranking_detail", ref=ref, period_ref=period_ref)


@require_POST
def ranking_reopen(request: HttpRequest, ref: str, period_ref: str) -> HttpResponse:
    """The layers whose points results or targets of now would give otherwise, all at once."""
    period = _run_period(request, ref, period_ref)
    table = get_object_or_404(
        queries.tables_in(period.campaign), pk=forms.key(request.POST, "table")
    )
    reason, now = request.POST.get("reason", ""), timezone.now()
    try:
        done = services.reopen_behind(period, table, reason=reason, actor=request.user, now=now)
    except DomainError as error:
        kept = {"act": "reopen", "table": table, "sentence": str(error), "typed": reason}
        return _ranking(request, ref, period_ref, kept)
    messages.success(request, f"Đã mở lại {len(done)} lượt chấm kèm lý do.")
    return redirect("campaigns:ranking_detail", ref=ref, period_ref=period_ref)


@require_POST
def ranking_settle(request: HttpRequest, ref: str, period_ref: str) -> HttpResponse:
    period = _run_period(request, ref, period_ref)
    table = get_object_or_404(
        queries.tables_in(period.campaign), pk=forms.key(request.POST, "table")
    )
    order, reason, now = forms.places(request.POST), request.POST.get("reason", ""), timezone.now()
    try:
        services.settle_tie(period, table, order=order, reason=reason, actor=request.user, now=now)
    except DomainError as error:
        kept = {"act": "settle", "table": table, "sentence": str(error), "typed": reason}
        kept["places"] = forms.typed_places(request.POST)
        return _ranking(request, ref, period_ref, kept)
    messages.success(request, "Đã ghi thứ tự theo kết luận của hội nghị.")
    return redirect("campaigns:ranking_detail", ref=ref, period_ref=period_ref)


# --- shared ---------------------------------------------------------------------------------------
def _seen(request: HttpRequest, pk: int) -> ScoreSheet:
    rows = policies.viewable_score_sheets(request.user)
    return get_object_or_404(rows.select_related(*queries.SCORE_RELATED), pk=pk)


def _layer(layers, pk: int) -> ScoreLayer:
    related = ("scorer", "score_sheet__table", "score_sheet__participation__unit")
    return get_object_or_404(layers.select_related(*related), pk=pk)


def _save(request: HttpRequest, layer: ScoreLayer) -> services.SavedScores:
    cells = forms.scores(request.POST)
    return services.record_scores(layer, cells, actor=request.user, now=timezone.now())


def _page(
    request: HttpRequest,
    sheet: ScoreSheet,
    *,
    refused=None,
    unopened: dict[str, Any] | None = None,
    undeclared: dict[str, Any] | None = None,
    status=200,
) -> HttpResponse:
    """`refused` are cells; `unopened` a layer, `undeclared` a gate, with the reason typed for it
    and the sentence that refused it."""
    layer, may_score, may_send = queries.layer_for(request.user, sheet)
    reopenable = queries.sent_layers(request.user, sheet)
    if unopened and unopened["layer"] not in reopenable:
        reopenable.append(unopened["layer"])
    context = {
        "page": queries.score_page(sheet, layer, refused=refused),
        "may_score": may_score,
        "may_send": may_send,
        "reopenable": reopenable,
        "unopened": unopened,
        "undeclared": undeclared,
        "today": timezone.localdate(),
        "refusal": "",
        "oob": False,
    }
    return render(request, SHEET, context, status=status)


def _refused(request: HttpRequest, layer: ScoreLayer, error: DomainError) -> HttpResponse:
    """Nothing of what was typed is lost: the same page again, with the reason."""
    messages.error(request, str(error))
    sheet = _seen(request, layer.score_sheet_id)
    return _page(request, sheet, refused=forms.scores(request.POST), status=422)


def _runs(request: HttpRequest, period_pk: int) -> bool:
    return policies.verifiable_periods(request.user).filter(pk=period_pk).exists()


def _run_period(request: HttpRequest, ref: str, period_ref: str):
    periods = policies.verifiable_periods(request.user).select_related("campaign")
    return get_object_or_404(periods, campaign__ref=ref, ref=period_ref)


def _home(ref: str, period_ref: str) -> HttpResponse:
    return redirect(f"{reverse('campaigns:campaign_scores', args=[ref])}?ky={period_ref}")
