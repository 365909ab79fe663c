"""The page on which a draft is issued."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from campaigns.models import Campaign
from config.planfile import PlanFileError, plan_data
from config.plans import drafts, issuing
from config.plans.forms import IssueForm
from config.plans.parts import mark_of
from config.plans.refused import refused
from config.plans.views import is_issued, part_url, planned
from units.rules import DomainError, day_text


@require_http_methods(["GET", "POST"])
def plan_issue(request: HttpRequest, ref: str) -> HttpResponse:
    """What lacks still, and the number, day and signature."""
    campaign = planned(request, ref)
    if is_issued(campaign):
        return _issued_already(request, campaign)
    plan = plan_data(campaign)
    form = _form(request, campaign)
    if request.method == "POST" and form.is_valid():
        try:
            signed = form.cleaned_data | {"seen": request.POST.get("seen", "")}
            issuing.issue_plan(campaign, **signed, user=request.user, now=timezone.now())
        except PlanFileError as error:
            _tell(form, error)
        except DomainError as error:
            campaign.refresh_from_db(fields=["state"])
            if is_issued(campaign):  # by somebody else, while this was being read
                return _issued_already(request, planned(request, ref))
            form.add_error(None, str(error))
        else:
            number = f"{form.cleaned_data['number']}/{form.cleaned_data['symbol']}"
            messages.success(
                request,
                f"Đã ban hành kế hoạch số {number}. Từ đây kế hoạch chỉ đổi bằng lần điều chỉnh có "
                "ngày.",
            )
            return redirect("campaigns:campaign_detail", ref=ref)
    parent, today = campaign.parent if is_issued(campaign.parent) else None, timezone.localdate()
    context = {
        "campaign": campaign,
        "form": form,
        "gaps": [
            (gap, part_url(campaign, gap.part, gap.group))
            for gap in issuing.gaps(plan, issuing.quoted_targets())
        ],
        "faults": drafts.conformity(plan, parent, today=today).faults,
        "seen": mark_of(plan),
    }
    return render(request, "plans/plan_issue.html", context, status=422 if form.errors else 200)


def _form(request: HttpRequest, campaign: Campaign) -> IssueForm:
    """What the plan says already, or what was typed instead."""
    first = {key: value or "" for key, value in plan_data(campaign)["document"].items()}
    typed = request.POST if request.method == "POST" else None
    return IssueForm(typed, initial=first, today=timezone.localdate())


def _issued_already(request: HttpRequest, campaign: Campaign) -> HttpResponse:
    """What was typed for a plan that somebody else has issued meanwhile is shown again, where the
    plan says something else; the same sent twice is no loss."""
    dated = f" ngày {day_text(campaign.issued_on)}" if campaign.issued_on else ""
    sentence = f"Kế hoạch “{campaign}” đã ban hành, số {campaign.number_text}{dated}."
    form = _form(request, campaign)
    if request.method == "POST" and form.has_changed():
        why = DomainError(
            f"{sentence} Mỗi kế hoạch ban hành một lần nên những ô ghi khác chưa được lưu. Đối "
            "chiếu với văn bản đã ban hành ở trang kế hoạch; cần sửa thì ghi một lần điều chỉnh có "
            "ngày."
        )
        return refused(request, campaign, why, lambda: form)
    messages.error(request, sentence)
    return redirect("campaigns:campaign_detail", ref=campaign.ref)


def _tell(form: IssueForm, error: PlanFileError) -> None:
    """Each problem at the field that it speaks of, the others above the form."""
    for problem in error.problems:
        name = str(problem.path[-1]) if problem.path[:1] == ("document",) else ""
        known = name in form.fields
        form.add_error(name if known else None, problem.sentence if known else problem.told)
