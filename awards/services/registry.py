"""The registry of award forms: what may be conferred, by whom, and the council's rule for it."""

from datetime import datetime
from typing import Any

from django.db import transaction

from awards.models import AwardForm
from units.models import User
from units.services.imports import Count, put
from units.workflow import record


@transaction.atomic
def save_award_forms(rows: list[dict[str, Any]], *, actor: User | None, now: datetime) -> Count:
    """Make or bring up to date, by `ref`, the award forms given; others stay as they are."""
    done = Count()
    for row in rows:
        before = done.unchanged
        values = {name: value for name, value in row.items() if name != "ref"}
        form = put(AwardForm, {"ref": row["ref"]}, values, done)
        if done.unchanged == before:
            record("award_form.saved", form, actor=actor, now=now)
    return done
