"""The registry of paper forms: which form is in force when, and what replaced it."""

from datetime import datetime
from typing import Any

from django.db import transaction

from dossiers.models import PaperForm
from units.models import User
from units.rules import DomainError
from units.services.imports import Count, put
from units.workflow import record


@transaction.atomic
def save_paper_forms(rows: list[dict[str, Any]], *, actor: User | None, now: datetime) -> Count:
    """Make or bring up to date, by `ref`, the forms given; others stay as they are.

    Raises DomainError when a form is replaced by one that nobody describes.
    """
    done = Count()
    forms: dict[str, PaperForm] = {}
    heirs = {row["ref"]: row["replaced_by"] for row in rows if row["replaced_by"]}
    known = set(PaperForm.objects.values_list("ref", flat=True)) | {row["ref"] for row in rows}
    for ref, heir in heirs.items():
        if heir not in known or heir == ref:
            raise DomainError(
                f"Mẫu văn bản {ref}: không có mẫu {heir} để thay. Ghi mẫu {heir} hoặc sửa mã."
            )
    # newest first, so that a form finds the one that replaced it
    for row in sorted(rows, key=lambda row: heir_count(row["ref"], heirs)):
        before = done.unchanged
        values = {k: v for k, v in row.items() if k not in {"ref", "replaced_by"}}
        heir = heirs.get(row["ref"])
        values["replaced_by_id"] = (
            (forms.get(heir) or PaperForm.objects.get(ref=heir)).pk if heir else None
        )
        form = forms[row["ref"]] = put(PaperForm, {"ref": row["ref"]}, values, done)
        if done.unchanged == before:
            record("paper_form.saved", form, actor=actor, now=now)
    return done


def heir_count(ref: str, heirs: dict[str, str]) -> int:
    """How many forms replaced this one, one after the other. Raises DomainError for a circle."""
    steps, above = 0, heirs.get(ref)
    while above is not None:
        steps, above = steps + 1, heirs.get(above)
        if above == ref or steps > len(heirs):
            raise DomainError(
                f"Mẫu văn bản {ref} được thay vòng tròn trở lại chính nó. Sửa “replaced_by”."
            )
    return steps
