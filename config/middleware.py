"""What every answer carries, whoever made it."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.messages import get_messages
from django.core.exceptions import DisallowedHost, SuspiciousOperation
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.template.loader import render_to_string

from units.policies import grants_read_once
from units.rules import UNSEEN, visible

Answer = Callable[[HttpRequest], HttpResponse]

PERMISSIONS_POLICY = (
    "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), "
    "microphone=(), midi=(), payment=(), usb=()"
)


TOLD = (
    "Nội dung vừa gửi có ký tự điều khiển không hiện được, thường do dán từ văn bản khác. Các ký "
    "tự đó đã được bỏ hoặc thay bằng xuống dòng. Xem lại nội dung."
)


class HostCheck:
    """Answer 400 to a foreign Host before anything else looks at the request.

    Django only checks when something asks for the host, so a page that never builds an absolute
    address would be served under any name.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            request.get_host()
        except DisallowedHost:
            return HttpResponse(
                "Tên máy chủ trong yêu cầu không hợp lệ. Mở cổng bằng đúng địa chỉ được cấp.",
                status=400,
                content_type="text/plain; charset=utf-8",
                headers={
                    "Cache-Control": "private, no-store",
                    "Content-Security-Policy": "default-src 'none'",
                    "X-Content-Type-Options": "nosniff",
                },
            )
        return self.get_response(request)


class SafetyHeaders:
    """Nothing behind the login may be kept by a browser or a proxy between."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers["Cache-Control"] = "private, no-store"
        return response


class RequestSize:
    """Answer 413 to a body that no form here can send, before any of it is read.

    Django limits fields and text but writes files of any size to the disk before a form sees them.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        limit = settings.UPLOAD_MAX_BYTES + settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isdigit() or int(length) > limit:
            return render(request, "413.html", status=413)
        return self.get_response(request)


class NoNulls:
    """PostgreSQL holds no NUL. In a path nothing can be meant by it: 400. In the words of a search
    or a filter it is left out; so are control characters of all kinds in what is typed, which come
    with what is pasted from elsewhere, and who typed is told.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\0" in request.path_info:
            raise SuspiciousOperation("ký tự NUL trong địa chỉ")
        request.META["QUERY_STRING"] = request.META.get("QUERY_STRING", "").replace("%00", "")
        response = self.get_response(request)
        if getattr(request, "unseen", False) and request.htmx:  # type: ignore[attr-defined]
            _tell_now(request, response)
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> None:
        posted = dict(request.POST.lists())
        sent = (text for name, texts in posted.items() for text in (name, *texts))
        if not any(UNSEEN.search(text) for text in sent):
            return
        clean = QueryDict(mutable=True)
        for name, texts in posted.items():
            clean.setlist(visible(name), [visible(text) for text in texts])
        request.POST = clean  # type: ignore[assignment]
        request.unseen = True  # type: ignore[attr-defined]
        messages.warning(request, TOLD)


def _tell_now(request: HttpRequest, response: HttpResponse) -> None:
    """Beside the piece of a page that was asked for, unless it tells its messages itself."""
    waiting = get_messages(request)
    if not waiting.used and response.headers.get("Content-Type", "").startswith("text/html"):
        shown = {"messages": waiting, "oob": True}
        response.write(render_to_string("ui/messages.html", shown, request))


class GrantsReadOnce:
    """A page asks for a dozen permissions; what the account was granted is read once for it."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with grants_read_once():
            return self.get_response(request)


class PasswordDue:
    """A password that somebody else set opens one page only: the one on which it is changed."""

    OPEN = frozenset({"units:password_change", "units:logout"})

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        if not getattr(view, "login_required", True):
            return None
        due = getattr(request.user, "must_change_password", False)
        if due and request.resolver_match.view_name not in self.OPEN:
            return redirect("units:password_change")
        return None
