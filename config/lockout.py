"""Lock-outs after wrong passwords: of an account at one address, and of an address as a whole."""

from ipaddress import ip_address
from typing import Any

from axes.attempts import get_cool_off_threshold
from axes.handlers.database import AxesDatabaseHandler
from axes.models import AccessAttempt
from django.conf import settings
from django.db.models import Sum
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str | None:
    """Where the request came from, as the outermost of our own proxies saw it.

    Each of the TRUSTED_PROXIES adds the address it saw at the right of X-Forwarded-For; what stands
    further left was typed by the visitor. Too short a list did not pass them all.
    """
    seen = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    if 0 < settings.TRUSTED_PROXIES <= len(seen):
        try:
            return str(ip_address(seen[-settings.TRUSTED_PROXIES].strip()))
        except ValueError:
            pass  # no address: believe the connection
    return request.META.get("REMOTE_ADDR") or None


class LockOut(AxesDatabaseHandler):
    """Counts for an account from one address; and, up to a higher limit, for the address alone, so
    that one password is not tried on every account. An office shares an address: hence higher.
    """

    def get_failures(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> int:
        failures = super().get_failures(request, credentials)
        rows = AccessAttempt.objects.filter(
            ip_address=request.axes_ip_address,  # type: ignore[attr-defined]
            attempt_time__gte=get_cool_off_threshold(request),
        )
        total = rows.aggregate(total=Sum("failures_since_start"))["total"] or 0
        if total >= settings.LOGIN_FAILURES_ADDRESS:
            return max(failures, settings.AXES_FAILURE_LIMIT)
        return failures
