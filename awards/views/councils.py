"""Councils and who sits on them."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from awards import forms, policies, queries, services
from awards.models import Council
from units.queries import history
from units.rules import DomainError


@require_safe
def council_list(request: HttpRequest) -> HttpResponse:
    rows = queries.councils_shown(request.user, timezone.localdate())
    context = {"page": Paginator(rows, 20).get_page(request.GET.get("page"))}
    return render(request, "awards/council_list.html", context)


@require_safe
def council_detail(request: HttpRequest, ref: str) -> HttpResponse:
    rows = policies.viewable_councils(request.user).select_related("unit")
    council = get_object_or_404(rows, ref=ref)
    return _page(request, council, _seat_form(request, council))


@require_POST
def seat_add(request: HttpRequest, ref: str) -> HttpResponse:
    rows = policies.keepable_councils(request.user).select_related("unit")
    council = get_object_or_404(rows, ref=ref)
    form = _seat_form(request, council)
    if form.is_valid():
        try:
            seat = services.seat_by_name(
                council, **form.cleaned_data, actor=request.user, now=timezone.now()
            )
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, f"Đã thêm {seat}.")
            return redirect("awards:council_detail", ref=ref)
    return _page(request, council, form, status=422)


@require_POST
def seat_end(request: HttpRequest, pk: int) -> HttpResponse:
    rows = policies.keepable_seats(request.user).select_related("council__unit", "person")
    seat = get_object_or_404(rows, pk=pk)
    form = forms.EndSeatForm(request.POST)
    if not form.is_valid():
        messages.error(request, f"{seat.person}: {' '.join(form.errors['valid_to'])}")
        return redirect("awards:council_detail", ref=seat.council.ref)
    try:
        services.end_seat(seat, **form.cleaned_data, actor=request.user, now=timezone.now())
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"Đã ghi ngày kết thúc của {seat}.")
    return redirect("awards:council_detail", ref=seat.council.ref)


def _seat_form(request: HttpRequest, council: Council) -> forms.SeatForm:
    return forms.SeatForm(
        request.POST if request.method == "POST" else None,
        people=queries.seatable_people(council, timezone.localdate()),
        accounts=policies.seatable_users(request.user, council),
    )


def _page(
    request: HttpRequest, council: Council, form: forms.SeatForm, status: int = 200
) -> HttpResponse:
    today = timezone.localdate()
    context = {
        "council": council,
        "card": queries.council_card(council, request.user, today),
        "form": form,
        "today": today,
        "history": history(council, verbs=queries.VERBS),
    }
    return render(request, "awards/council_detail.html", context, status=status)
