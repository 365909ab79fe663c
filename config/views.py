"""The pages that gather from every app, and what is said when something goes wrong."""

from datetime import timedelta

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import (
    RequestDataTooBig,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from config import queries
from units.queries import Happening

TOO_LARGE = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "home.html", {"home": queries.home(request.user, timezone.now())})


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    text = request.GET.get("q", "").replace("\x00", "").strip()[:150]
    groups = queries.search(request.user, text, timezone.localdate())
    return render(request, "search.html", {"text": text, "groups": groups})


@login_not_required
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    parts = queries.health(timezone.now())
    return JsonResponse(
        {"ok": all(parts.values()), **parts}, status=200 if all(parts.values()) else 503
    )


class SpecimenForm(forms.Form):
    """Every kind of control, for the page of components."""

    name = forms.CharField(label="Tên đơn vị", help_text="Như trong quyết định thành lập.")
    kind = forms.ChoiceField(label="Loại", choices=[("a", "Sở"), ("b", "Xã")])
    how = forms.ChoiceField(
        label="Cách nhập", choices=[("a", "Trên trang"), ("b", "Từ tệp")], widget=forms.RadioSelect
    )
    agreed = forms.BooleanField(label="Đã kiểm tra số liệu")
    note = forms.CharField(label="Ghi chú", required=False, widget=forms.Textarea)


def ui(request: HttpRequest) -> HttpResponse:
    """The living page of components: for those who build, not for those who work."""
    if not settings.DEBUG:
        raise Http404
    now, today = timezone.now(), timezone.localdate()
    form = SpecimenForm(request.POST or None)
    shown = {
        "form": form,
        "now": now,
        "today": today,
        "soon": today + timedelta(days=2),
        "later": today + timedelta(days=16),
        "past": today - timedelta(days=3),
        "steps": [("Nhập", "done"), ("Ký gửi", "now"), ("Thẩm định", "")],
        "entries": [Happening(now, "Trần Thị Mẫu trả lại phiếu, chỉ tiêu CT05.")],
        "page": Paginator(range(68), 24).page(1),
    }
    return render(request, "ui/index.html", shown)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if isinstance(exception, TOO_LARGE):
        return render(request, "413.html", status=413)
    return render(request, "400.html", status=400)
