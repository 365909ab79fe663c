"""One indicator over all units, as the office that leads it confirms or questions the figures."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST

from campaigns import forms, policies, queries, services
from campaigns.models import CellMark
from units.rules import DomainError


@require_http_methods(["GET", "POST"])
def lead_cells(request: HttpRequest, ref: str) -> HttpResponse:
    """Whoever leads or co-ordinates an indicator looks on; who leads it decides."""
    campaign = get_object_or_404(queries.plan_rows(request.user), ref=ref)
    indicators = queries.attended(campaign, request.user)
    asked = {**request.GET.dict(), **request.POST.dict()}
    periods, period = queries.chosen_period(campaign, asked, timezone.localdate())
    if not indicators or period is None:
        raise Http404
    wanted = asked.get("tieu-chi", "")
    indicator = next((one for one in indicators if one.ref == wanted), indicators[0])
    status = 200
    if request.method == "POST":
        get_object_or_404(policies.led_indicators(request.user), pk=indicator.pk)
        if _mark(request, indicator):
            query = urlencode({"ky": period.ref, "tieu-chi": indicator.ref})
            return redirect(f"{reverse('campaigns:lead_cells', args=[ref])}?{query}")
        status = 422
    context = {
        "campaign": campaign,
        "periods": periods,
        "period": period,
        "page": queries.lead_page(period, indicators, indicator, request.user),
        "ticked": request.POST.getlist("cell"),
        "tick": asked.get("tick") == "all",
        "found": request.POST.get("found", ""),
        "reason": request.POST.get("reason", ""),
    }
    return render(request, "campaigns/lead_cells.html", context, status=status)


def _mark(request: HttpRequest, indicator) -> bool:
    """Whether anything was decided; what was refused is named unit by unit."""
    verdicts = CellMark.Verdict
    questioned = request.POST.get("verdict") == verdicts.QUESTIONED
    try:
        done = services.mark_cells(
            indicator,
            forms.ticked(request.POST, "cell"),
            verdicts.QUESTIONED if questioned else verdicts.CONFIRMED,
            actor=request.user,
            now=timezone.now(),
            reason=request.POST.get("reason", ""),
            found=request.POST.get("found", ""),
        )
    except DomainError as error:
        messages.error(request, str(error))
        return False
    if done.results:
        act = "Đã ghi ý kiến về" if questioned else "Đã xác nhận"
        what = "số liệu"
        if indicator.kind == indicator.Kind.QUALITATIVE:
            act, what = act if questioned else "Đã xét", "nội dung"
        messages.success(request, f"{act} {what} {indicator.code} của {len(done.results)} đơn vị.")
    for result, why in done.refused:
        messages.error(request, f"{result.result_sheet.participation.unit}: {why}")
    return True


@require_POST
def leads_first_set(request: HttpRequest, ref: str) -> HttpResponse:
    campaign = get_object_or_404(policies.plannable_campaigns(request.user), ref=ref)
    wanted = request.POST.get("leads_first") == "yes"
    services.set_leads_first(campaign, wanted, actor=request.user, now=timezone.now())
    messages.success(
        request,
        "Từ nay chỉ thẩm định phiếu khi các đơn vị chủ trì đã xác nhận đủ."
        if wanted
        else "Từ nay được thẩm định phiếu không đợi các đơn vị chủ trì xác nhận.",
    )
    return redirect("campaigns:campaign_indicators", ref=ref)
