"""The registry of legal acts that plans cite: which is in force when, and what replaced it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from campaigns.models import LegalAct
from units.models import User
from units.rules import DomainError
from units.services.imports import Count, put
from units.workflow import record

Row = Mapping[str, Any]


@transaction.atomic
def save_legal_acts(rows: Sequence[Row], *, actor: User | None, now: datetime) -> Count:
    """Make or bring up to date, by code and day, the acts given; others stay as they are.

    Raises DomainError for an act replaced by one that nobody describes, or by itself.
    """
    done = Count()
    saved: dict[str, LegalAct] = {}
    changed: set[str] = set()
    for row in rows:
        key = {"code": row["code"], "issued_on": row["issued_on"]}
        values = {name: row[name] for name in ("title", "valid_from", "valid_to", "note")}
        before = done.unchanged
        saved[row["code"]] = put(LegalAct, key, values, done)
        if done.unchanged == before:
            changed.add(row["code"])
    for row in rows:
        act, heir = saved[row["code"]], None
        if row["replaced_by"]:
            heir = saved.get(row["replaced_by"])
            if heir is None or heir == act:
                raise DomainError(
                    f"Văn bản {act}: không có văn bản “{row['replaced_by']}” để thay. Ghi văn bản "
                    "đó vào cùng tệp, hoặc sửa số."
                )
        if act.replaced_by_id != (heir.pk if heir else None):
            act.replaced_by = heir
            act.save(update_fields=["replaced_by"])
            changed.add(act.code)
    for code in sorted(changed):
        record("legal_act.saved", saved[code], actor=actor, now=now)
    return done
