"""The whole workflow engine: lock the row, check the step, stamp it, put it on record."""

from datetime import datetime
from functools import cache
from typing import Any, TypeVar

from django.db import connection, models

from units.models import AuditEntry, Prepared, Unit, User
from units.rules import DomainError

Row = TypeVar("Row", bound=models.Model)


def locked(subject: Row) -> Row:
    """Read `subject` again under a row lock; every service begins with it.

    Foreign keys to the row stay possible meanwhile (`no_key`).
    """
    # `_meta.model`, since a request's user is a lazy wrapper of another type
    model: Any = subject._meta.model
    assert connection.in_atomic_block, "a lock lasts as long as a transaction"
    found: Row | None = _lock(model).first(subject.pk)
    if found is None:
        raise model.DoesNotExist(f"{model._meta.label} {subject.pk}")
    return found


@cache
def _lock(model: Any) -> Prepared:
    rows = model._default_manager.select_for_update(of=("self",), no_key=True)
    return Prepared(lambda pk: rows.filter(pk=pk).order_by())


def advance(
    subject: Row,
    to: Any,
    *,
    actor: User | None,
    now: datetime,
    unit: Unit | None = None,
    note: str = "",
    **stamps: Any,
) -> Row:
    """Move a locked `subject` to state `to`, stamp it, and record who did it.

    Raises DomainError when its TRANSITIONS do not allow the step.
    """
    state = type(subject).State(subject.state)  # type: ignore[attr-defined]
    if to not in subject.TRANSITIONS[state]:  # type: ignore[attr-defined]
        raise DomainError(
            f"Không thể chuyển “{subject}” từ “{state.label}” sang “{to.label}”. "
            "Tải lại trang để xem trạng thái hiện nay."
        )
    subject.state = to  # type: ignore[attr-defined]
    for name, value in stamps.items():
        setattr(subject, name, value)
    subject.save(update_fields=["state", *stamps])
    record(
        f"{subject._meta.model_name}.{to.value}",
        subject,
        actor=actor,
        now=now,
        unit=unit,
        before=state.value,
        after=to.value,
        note=note,
    )
    return subject


def record(action: str, subject: models.Model, **said: Any) -> AuditEntry:
    """Write one line of the audit register, in the transaction of the act itself."""
    line = entry(action, subject, **said)
    line.save(force_insert=True)
    return line


def record_all(lines: list[AuditEntry]) -> None:
    """The same for one act on many things, in one statement."""
    AuditEntry.objects.bulk_create(lines)


def entry(
    action: str,
    subject: models.Model,
    *,
    actor: User | None,
    now: datetime,
    unit: Unit | None = None,
    before: str = "",
    after: str = "",
    note: str = "",
    data: dict[str, Any] | None = None,
) -> AuditEntry:
    """One line of the audit register, not yet written."""
    return AuditEntry(
        at=now,
        actor=actor,
        action=action,
        subject_type=subject._meta.label_lower,
        subject_id=subject.pk,
        subject_name=str(subject)[:500],
        unit=unit,
        before=before,
        after=after,
        note=note,
        data=data or {},
    )
