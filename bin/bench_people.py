"""Whom `bin.bench_save` lets work at once: a plan, its members, in each one who enters its sheet.

Run in the database of that measure; writes the people as JSON.
"""

import json

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.test import Client  # noqa: E402
from django.urls import reverse  # noqa: E402
from django.utils import timezone  # noqa: E402
from django.utils.crypto import get_random_string  # noqa: E402

from bin.bench_import import stage  # noqa: E402
from campaigns.models import Participation, Result, ResultSheet  # noqa: E402
from campaigns.services import open_sheet  # noqa: E402
from criteria.models import Indicator  # noqa: E402
from units.models import User  # noqa: E402
from units.services import give_role  # noqa: E402

PEOPLE, INDICATORS = 200, 14  # as many rows as the largest sheet of the sample


def people() -> list[dict[str, object]]:
    plan, now = stage(PEOPLE, INDICATORS), timezone.now()
    counted = Indicator.objects.filter(criteria_set=plan.campaign.criteria_set, kind="count")
    saved, bare = counted[:2]
    found = []
    for part in Participation.objects.filter(campaign=plan.campaign).select_related("unit"):
        user = User.objects.create(username=part.unit.ref, full_name=f"Người nhập {part.unit}")
        give_role(user=user, unit=part.unit, role="clerk", and_below=False, actor=None, now=now)
        sheet = open_sheet(part, plan.period, actor=user, now=now)
        row = Result.objects.create(
            result_sheet=sheet, indicator=bare, state="reported", value=1, version=1, saved_at=now
        )
        found.append(signed_in(user, sheet, saved, row))
    return found


def signed_in(user: User, sheet: ResultSheet, saved: Indicator, row: Result) -> dict[str, object]:
    client, csrf = Client(), get_random_string(32)
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[-1])
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    cookies = {settings.SESSION_COOKIE_NAME: session, settings.CSRF_COOKIE_NAME: csrf}
    return {
        "cookies": "; ".join(f"{name}={value}" for name, value in cookies.items()),
        "csrf": csrf,
        "indicator": saved.pk,
        "save": reverse("campaigns:result_save", args=[sheet.pk, saved.pk]),
        "bare": reverse("bare", args=[row.pk]),
    }


if __name__ == "__main__":
    print(json.dumps(people()))
