"""Pages on which a plan is started, brought in, taken out, edited and amended."""

from collections.abc import Callable, Mapping
from datetime import date
from functools import partial
from typing import Any
from urllib.parse import quote, urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from campaigns.models import Campaign
from campaigns.policies import issuing_units, plannable_campaigns, viewable_campaigns
from campaigns.queries import plan_rows
from config.planfile import PlanFileError, parse_plan, plan_data, plan_of_values, plan_text
from config.planfile.canonical import canonical, sparse
from config.plans import amending, drafts, next_tables
from config.plans.forms import FileForm, StartForm
from config.plans.names import suggested, unit_words
from config.plans.parts import BY_SLUG, INDICATORS, PARTS, SCORING
from config.plans.refused import refused
from config.plans.scoring import faults_beside
from config.plans.starting import Head, Plan, blank_plan, child_plan, copied_plan
from units.models import Bloc, Unit
from units.rules import DomainError

Made = Callable[[Head], Plan]
Tab = tuple[tuple[str, str], str, str]  # (part, group), label, address


# --- out and in ----------------------------------------------------------------------------------
@require_GET
def plan_file(request: HttpRequest, ref: str) -> HttpResponse:
    """The plan as its file: loading it again changes nothing."""
    campaign = get_object_or_404(viewable_campaigns(request.user), ref=ref)
    response = HttpResponse(plan_text(campaign), content_type="application/yaml; charset=utf-8")
    name = quote(f"{campaign.ref}.yaml", safe="")
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_http_methods(["GET", "POST"])
def plan_upload(request: HttpRequest) -> HttpResponse:
    _require_issuer(request)
    form = FileForm(*_sent(request))
    context: dict[str, Any] = {"form": form, "problems": [], "outcome": None}
    if request.method != "POST" or not form.is_valid():
        return render(request, "plans/plan_upload.html", context, status=_status(form))
    content, name = form.content()
    check = "check" in request.POST
    try:
        outcome = drafts.load_draft(
            parse_plan(content, name), user=request.user, now=timezone.now(), check=check
        )
    except PlanFileError as error:
        context["problems"] = error.problems
    except DomainError as error:
        form.add_error(None, str(error))
    else:
        if not check:
            messages.success(request, f"{outcome}. Từ tệp {name}.")
            return redirect("campaigns:campaign_detail", ref=outcome.ref)
        context["outcome"] = outcome
    text = content.decode("utf-8-sig", errors="replace").replace("\x00", "")
    context["form"] = _again(form, text)
    return render(request, "plans/plan_upload.html", context, status=200 if check else 422)


def _again(form: FileForm, text: str) -> FileForm:
    """The form with the refused text in it, to be mended on the page."""
    shown = FileForm({"text": text})
    shown.full_clean()
    for error in form.non_field_errors():
        shown.add_error(None, error)
    return shown


# --- editing a draft, part by part ---------------------------------------------------------------
@require_GET
def plan_edit(request: HttpRequest, ref: str) -> HttpResponse:
    """The way in: the first part."""
    get_object_or_404(plannable_campaigns(request.user), ref=ref)
    return redirect("plans:part_edit", ref=ref, part=PARTS[0].slug)


@require_http_methods(["GET", "POST"])
def part_edit(request: HttpRequest, ref: str, part: str) -> HttpResponse:
    if part not in BY_SLUG or BY_SLUG[part].per:
        raise Http404
    return _edit(request, ref, part)


@require_http_methods(["GET", "POST"])
def indicators_edit(request: HttpRequest, ref: str, group: str) -> HttpResponse:
    return _edit(request, ref, INDICATORS.slug, group)


@require_http_methods(["GET", "POST"])
def tables_edit(request: HttpRequest, ref: str, group: str) -> HttpResponse:
    return _edit(request, ref, SCORING.slug, group)


def _edit(request: HttpRequest, ref: str, slug: str, group: str = "") -> HttpResponse:
    campaign = planned(request, ref)
    user, data = request.user, request.POST
    try:
        if campaign.state != Campaign.State.DRAFT:
            raise DomainError(drafts.ISSUED.format(campaign=campaign))
        if request.method == "POST":
            form = drafts.save_part(campaign, slug, group, data, user=user, now=timezone.now())
        else:
            more = request.GET.get("rows", "")
            form = drafts.part_form(campaign, slug, group, user=user, more=more)
    except DomainError as error:
        if request.method == "POST":
            drawn = partial(drafts.part_form, campaign, slug, group, user=user)
            return refused(request, campaign, error, drawn)
        messages.error(request, str(error))
        return redirect("campaigns:campaign_detail", ref=ref)
    tabs = _tabs(campaign, form.stands)
    asked = _asked(tabs, data)
    context = {
        "campaign": campaign,
        "form": form,
        "tabs": tabs,
        "here": (slug, group),
        "leaving": asked,
        "faults": faults_beside(form),
        "until": "ban hành được",
        "now": timezone.now(),
        "oob": False,
    }
    status = 409 if form.conflict else 422 if form.wrong else 200
    if request.htmx and request.method == "POST":
        return render(
            request, "plans/part_edit.html#saved", {**context, "oob": True}, status=status
        )
    if form.saved:
        if asked is None or form.stamp != data["stamp"]:  # who only looks around is told nothing
            messages.success(request, f"Đã lưu phần “{form.part.title}”.")
        if asked:
            return redirect(asked[2])
        here = again_at(request)
        return redirect(_after(campaign, tabs, (slug, group)) if "next" in data else here)
    return render(request, "plans/part_edit.html", context, status=status)


def again_at(request: HttpRequest) -> str:
    """The same part; at the list that more rows were asked for, with those."""
    asked = request.POST.get("rows")
    if not asked:
        return request.path
    return f"{request.path}?{urlencode({'rows': asked})}#them-{quote(asked)}"


def _tabs(campaign: Campaign, plan: Plan) -> list[Tab]:
    """Every part once, the indicators once a group, scoring once a table."""
    found = []
    for part in PARTS:
        if part.per:
            word = "Tiêu chí" if part is INDICATORS else "Chấm điểm"
            found += [(part.slug, row["ref"], f"{word}: {row['name']}") for row in plan[part.per]]
        elif plan["parent"] or part.slug != "cap-tren":
            found.append((part.slug, "", part.title))
    return [((slug, of), label, part_url(campaign, slug, of)) for slug, of, label in found]


def _asked(tabs: list[Tab], data: Mapping[str, str]) -> Tab | None:
    """The part whose tab was pressed: the tabs send the form, so that nothing typed is lost."""
    return next((tab for tab in tabs if tab[2] == data.get("to")), None)


def part_url(campaign: Campaign, slug: str, group: str) -> str:
    if group:
        name = "indicators_edit" if slug == INDICATORS.slug else "tables_edit"
        return reverse(f"plans:{name}", args=[campaign.ref, group])
    return reverse("plans:part_edit", args=[campaign.ref, slug])


def _after(campaign: Campaign, tabs: list[Tab], here: tuple[str, str]) -> str:
    """The address of the part behind this one; of the plan behind the last."""
    known = [tab[0] for tab in tabs]
    at = known.index(here) + 1 if here in known else len(known)
    if at == len(known):
        return reverse("campaigns:campaign_detail", args=[campaign.ref])
    return tabs[at][2]


# --- held against the plan above -----------------------------------------------------------------
@require_GET
def plan_conformity(request: HttpRequest, ref: str) -> HttpResponse:
    """The sheet of one plan. Who writes it sees how it stands to the plan above, once that is
    issued; for others a plan above that they may not see stays out of it.
    """
    campaign = get_object_or_404(plan_rows(request.user), ref=ref)
    planned = plannable_campaigns(request.user).filter(pk=campaign.pk).exists()
    seen = viewable_campaigns(request.user).filter(pk=campaign.parent_id).exists()
    parent = campaign.parent if seen or (planned and is_issued(campaign.parent)) else None
    context = {
        "campaign": campaign,
        "parent": parent,
        "parent_seen": seen,
        "sheet": drafts.conformity(plan_data(campaign), parent, today=timezone.localdate()),
        "mends": planned and campaign.state == Campaign.State.DRAFT,
    }
    return render(request, "plans/plan_conformity.html", context)


def is_issued(campaign: Campaign | None) -> bool:
    return campaign is not None and campaign.state != Campaign.State.DRAFT


# --- amended -----------------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
def plan_amend(request: HttpRequest, ref: str) -> HttpResponse:
    campaign, user = planned(request, ref), request.user
    try:
        if request.method == "POST":
            form = amending.amend_plan(campaign, request.POST, user=user, now=timezone.now())
        elif campaign.state == Campaign.State.ISSUED:
            form = amending.amendment_form(campaign, user=user)
        else:
            raise DomainError(next_tables.NOT_IN_FORCE.format(campaign=campaign))
    except DomainError as error:
        if request.method == "POST":
            drawn = partial(amending.amendment_form, campaign, user=user)
            return refused(request, campaign, error, drawn)
        messages.error(request, str(error))
        return redirect("campaigns:campaign_detail", ref=ref)
    if form.saved:
        messages.success(request, f"Đã ghi lần điều chỉnh “{form.head[0].typed}”.")
        return redirect("campaigns:campaign_detail", ref=ref)
    context = {"campaign": campaign, "form": form}
    status = 409 if form.conflict else 422 if form.wrong else 200
    return render(request, "plans/plan_amend.html", context, status=status)


def planned(request: HttpRequest, ref: str) -> Campaign:
    """A plan that the reader may write, with what its pages name."""
    rows = plan_rows(request.user).filter(pk__in=plannable_campaigns(request.user).values("pk"))
    return get_object_or_404(rows, ref=ref)


# --- starting ------------------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
def plan_start(request: HttpRequest) -> HttpResponse:
    year = timezone.localdate().year
    first = {"first": date(year, 1, 1), "last": date(year, 12, 31)}
    return _start(request, blank_plan, first, heading="Lập kế hoạch mới", source=None)


@require_http_methods(["GET", "POST"])
def plan_copy(request: HttpRequest, ref: str) -> HttpResponse:
    """Another plan like this one, for another time."""
    source = get_object_or_404(plan_rows(request.user), ref=ref)
    plan = plan_data(source)
    years = plan["period"]["to"].year - plan["period"]["from"].year + 1
    first = {
        "title": source.title,
        "short_title": source.short_title,
        "body": f"bloc:{source.bloc.ref}" if source.bloc else f"issuer:{source.issuer.ref}",
        "standing_agency": unit_words(source.standing_agency) if source.standing_agency else "",
        "level": source.level_id,
        "first": date(source.period_to.year + 1, 1, 1),
        "last": date(source.period_to.year + years, 12, 31),
    }
    return _start(
        request,
        lambda head: copied_plan(plan, head),
        first,
        heading="Sao chép kế hoạch",
        source=source,
    )


@require_http_methods(["GET", "POST"])
def plan_carry_out(request: HttpRequest, ref: str) -> HttpResponse:
    """A plan of one's own that carries this one out."""
    parent = get_object_or_404(plan_rows(request.user), ref=ref)
    plan = plan_data(parent)
    first = {
        "title": parent.title,
        "short_title": parent.short_title,
        "first": parent.period_from,
        "last": parent.period_to,
    }
    return _start(
        request,
        lambda head: child_plan(plan, head, issuer_name=parent.issuer_name),
        first,
        heading="Lập kế hoạch thực hiện",
        source=parent,
    )


def _start(
    request: HttpRequest,
    made: Made,
    first: dict[str, Any],
    *,
    heading: str,
    source: Campaign | None,
) -> HttpResponse:
    issuers = _require_issuer(request)
    units = {unit.ref: unit for unit in Unit.objects.all()}
    blocs = list(Bloc.objects.filter(organiser__in=issuers))
    (typed, _) = _sent(request)
    first = {"level": issuers[0].kind.level_id} | first
    form = StartForm(typed, initial=first, issuers=issuers, blocs=blocs, units=units)
    if request.method == "POST" and form.is_valid():
        head = form.head()
        plan = made(head if form.cleaned_data["ref"] else head.named(drafts.free_ref(head.ref)))
        try:
            outcome = drafts.load_draft(
                plan_of_values(sparse(canonical(plan)), "dự thảo"),
                user=request.user,
                now=timezone.now(),
            )
        except PlanFileError as error:
            _tell(form, error)
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "Đã lập dự thảo. Viết tiếp từng phần ở đây.")
            return redirect("campaigns:campaign_detail", ref=outcome.ref)
    context = {
        "form": form,
        "heading": heading,
        "source": source,
        "suggested": suggested(units, issuers),
    }
    return render(request, "plans/plan_start.html", context, status=_status(form))


FIELDS = {("period",): "last", ("period", "from"): "first", ("period", "to"): "last"}


def _tell(form: StartForm, error: PlanFileError) -> None:
    """Each problem at the field that it speaks of, the others above the form."""
    for problem in error.problems:
        name = FIELDS.get(problem.path, str(problem.path[0]) if problem.path else "")
        known = name in form.fields
        form.add_error(name if known else None, problem.sentence if known else problem.told)


def _sent(request: HttpRequest) -> tuple[Any, Any]:
    """What was sent, an empty form too."""
    return (request.POST, request.FILES) if request.method == "POST" else (None, None)


def _status(form: Any) -> int:
    return 422 if form.is_bound and form.errors else 200


def _require_issuer(request: HttpRequest) -> list[Unit]:
    """The units in whose name the reader may write; nobody else learns of these pages."""
    units = list(issuing_units(request.user))
    if not units:
        raise Http404
    return units
