"""Nominations: write, propose, send back, withdraw, and the files beside them."""

from urllib.parse import quote as quoted

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from awards import forms, policies, queries, services
from awards.models import AwardRound, Nomination, Quota
from units import storage
from units.models import Unit
from units.queries import history
from units.rules import DomainError

SHOWN = (
    "award_round__campaign__issuer",
    "award_round__campaign__standing_agency",
    "award_round__campaign__criteria_set",
    "award_round__phase",
    "award_round__council",
    "quota__award_form",
    "quota__campaign",
    "quota__phase",
    "proposing_unit",
    "unit__kind",
    "person",
    "household__unit",
)


def nomination_new(request: HttpRequest, ref: str) -> HttpResponse:
    """Two steps on one address: which award and unit (by GET), then who."""
    award_round = get_object_or_404(
        policies.viewable_rounds(request.user).select_related("campaign", "phase"), ref=ref
    )
    units = policies.nominatable_units(request.user).order_by("name", "pk")
    get_object_or_404(units[:1])
    places = queries.round_places(award_round)
    choice = forms.ChoiceForm(request.GET or None, places=places, units=units)
    if not choice.is_valid():
        context = {"round": award_round, "form": choice, "places": places}
        return render(request, "awards/nomination_choice.html", context)
    quota, unit = choice.cleaned_data["quota"], choice.cleaned_data["unit"]
    found = queries.candidates(award_round.campaign, unit, timezone.localdate())
    form = forms.NomineeForm(request.POST or None, kind=quota.recipient_kind, candidates=found)
    if form.is_valid():
        try:
            nomination = _nominate(request, award_round, quota, unit, form)
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "Đã lập bản soạn. Ghi thành tích rồi gửi hội đồng.")
            return redirect("awards:nomination_edit", pk=nomination.pk)
    context = {
        "round": award_round,
        "quota": quota,
        "unit": unit,
        "form": form,
        "warnings": queries.quota_warnings(quota, award_round),
    }
    return render(request, "awards/nomination_new.html", context)


def _nominate(
    request: HttpRequest,
    award_round: AwardRound,
    quota: Quota,
    unit: Unit,
    form: forms.NomineeForm,
) -> Nomination:
    _name, direct, leader = forms.ROLES.get(form.cleaned_data.get("role", ""), ("", None, None))
    return services.nominate_by_name(
        award_round,
        quota=quota,
        proposing_unit=unit,
        nominee=form.cleaned_data["nominee"],
        new=form.new_nominee(),
        is_direct_worker=direct,
        is_leader=leader,
        actor=request.user,
        now=timezone.now(),
    )


@require_safe
def nomination_detail(request: HttpRequest, pk: int) -> HttpResponse:
    return _detail(request, _one(policies.viewable_nominations(request.user), pk))


def _detail(
    request: HttpRequest, nomination: Nomination, unreturned: dict[str, str] | None = None
) -> HttpResponse:
    """`unreturned` is the reason typed to send it back, and the sentence that refused it."""
    pk, state = nomination.pk, nomination.state
    mine = policies.editable_nominations(request.user).filter(pk=pk).exists()
    open_states = (Nomination.State.DRAFT, Nomination.State.PROPOSED, Nomination.State.PASSED)
    context = {
        "nomination": nomination,
        "card": queries.nomination_card(nomination, request.user, timezone.localdate()),
        "role": queries.role_text(nomination),
        "may_edit": mine and state == Nomination.State.DRAFT,
        "may_withdraw": mine and state in open_states,
        "may_return": unreturned
        or (
            state == Nomination.State.PROPOSED
            and policies.returnable_nominations(request.user).filter(pk=pk).exists()
        ),
        "unreturned": unreturned,
        "evidence_form": forms.EvidenceForm(),
        "history": history(nomination, verbs=queries.VERBS),
    }
    status = 422 if unreturned else 200
    return render(request, "awards/nomination_detail.html", context, status=status)


def nomination_edit(request: HttpRequest, pk: int) -> HttpResponse:
    nomination = get_object_or_404(
        policies.proposable_nominations(request.user).select_related(*SHOWN), pk=pk
    )
    form = forms.NominationForm(
        request.POST or None,
        nomination=nomination,
        criteria=queries.criteria_of(nomination, timezone.localdate()),
        answers=nomination.answers.all(),
    )
    if form.is_valid():
        try:
            services.edit_nomination(
                nomination, **form.said(), actor=request.user, now=timezone.now()
            )
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "Đã lưu đề nghị.")
            return redirect("awards:nomination_detail", pk=pk)
    context = {"nomination": nomination, "form": form}
    return render(request, "awards/nomination_edit.html", context)


@require_POST
def nomination_propose(request: HttpRequest, pk: int) -> HttpResponse:
    nomination = _one(policies.editable_nominations(request.user), pk)
    try:
        services.propose_nomination(nomination, actor=request.user, now=timezone.now())
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "Đã gửi đề nghị đến hội đồng.")
    return redirect("awards:nomination_detail", pk=pk)


@require_POST
def nomination_return(request: HttpRequest, pk: int) -> HttpResponse:
    nomination = _one(
        policies.returnable_nominations(request.user).exclude(state=Nomination.State.DRAFT), pk
    )
    reason = request.POST.get("reason", "")
    try:
        services.return_nomination(
            nomination, reason=reason, actor=request.user, now=timezone.now()
        )
    except DomainError as error:
        return _detail(request, nomination, {"sentence": str(error), "typed": reason})
    messages.success(request, "Đã trả lại đề nghị kèm lý do.")
    return redirect("awards:round_detail", ref=nomination.award_round.ref)


@require_POST
def nomination_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    nomination = _one(policies.editable_nominations(request.user), pk)
    try:
        services.withdraw_nomination(nomination, actor=request.user, now=timezone.now())
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "Đã rút đề nghị.")
    return redirect("awards:nomination_detail", pk=pk)


@require_POST
def nomination_evidence_add(request: HttpRequest, pk: int) -> HttpResponse:
    nomination = _one(policies.editable_nominations(request.user), pk)
    form = forms.EvidenceForm(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, " ".join(form.errors["file"]))
        return redirect("awards:nomination_detail", pk=pk)
    upload = form.cleaned_data["file"]
    try:
        services.add_evidence(
            nomination,
            upload=upload,
            name=upload.name,
            size=upload.size,
            actor=request.user,
            now=timezone.now(),
        )
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "Đã tải tài liệu lên.")
    return redirect("awards:nomination_detail", pk=pk)


@require_safe
def nomination_evidence_file(request: HttpRequest, pk: int) -> HttpResponse:
    evidence = get_object_or_404(
        policies.viewable_evidence(request.user).select_related(
            "blob",
            *(f"nomination__{name}" for name in ("unit", "person", "household", "proposing_unit")),
        ),
        pk=pk,
    )
    try:
        content = storage.read_bytes(evidence.blob)
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("awards:nomination_detail", pk=evidence.nomination_id)
    services.note_download(evidence, actor=request.user, now=timezone.now())
    response = HttpResponse(content, content_type=evidence.blob.media_type)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quoted(evidence.name)}"
    response["X-Content-Type-Options"] = "nosniff"
    return response


nomination_evidence_file.writes_on_get = True  # type: ignore[attr-defined]


@require_POST
def nomination_evidence_remove(request: HttpRequest, pk: int) -> HttpResponse:
    evidence = get_object_or_404(
        policies.removable_evidence(request.user).select_related("nomination"), pk=pk
    )
    try:
        services.remove_evidence(evidence, actor=request.user, now=timezone.now())
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "Đã gỡ tài liệu.")
    return redirect("awards:nomination_detail", pk=evidence.nomination_id)


def _one(rows: QuerySet[Nomination], pk: int) -> Nomination:
    return get_object_or_404(rows.select_related(*SHOWN), pk=pk)
