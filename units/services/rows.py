"""Bringing a list of rows to what a file says: matched by `ref`, never thrown away in use."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import ProtectedError

from units.rules import DomainError

Owner = dict[str, models.Model]


@dataclass
class Changes:
    """How many rows were made, changed and taken away."""

    created: int = 0
    updated: int = 0
    removed: int = 0

    def __bool__(self) -> bool:
        return bool(self.created or self.updated or self.removed)

    def __str__(self) -> str:
        return f"thêm {self.created}, sửa {self.updated}, bỏ {self.removed} dòng"


def write_row(row: models.Model, values: dict[str, Any], changes: Changes) -> bool:
    """Save what differs on a row already there; whether anything did."""
    changed = [name for name, value in values.items() if getattr(row, name) != value]
    if changed:
        for name in changed:
            setattr(row, name, values[name])
        row.save(update_fields=changed)
        changes.updated += 1
    return bool(changed)


def rows_by_ref(model: type[models.Model], owner: Owner, *links: str) -> dict[str, Any]:
    """The rows of `owner`, with what their many-to-many `links` hold read along."""
    rows = model._default_manager.filter(**owner).prefetch_related(*links)
    return {row.ref: row for row in rows}  # type: ignore[attr-defined]


def write_rows(
    model: type[models.Model],
    owner: Owner,
    rows: Iterable[dict[str, Any]],
    changes: Changes,
    known: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Make or bring up to date the rows of `owner`, each matched by its `ref`. Returns them.

    `known` are those already there, where they were read before (`rows_by_ref`).
    """
    known = rows_by_ref(model, owner) if known is None else known
    written: dict[str, Any] = {}
    for values in rows:
        row = known.get(values["ref"])
        if row is None:
            row = model._default_manager.create(**owner, **values)
            changes.created += 1
        else:
            write_row(row, values, changes)
        written[values["ref"]] = row
    return written


def write_links(
    row: models.Model, name: str, links: Sequence[models.Model], changes: Changes
) -> None:
    """Set a many-to-many to exactly `links`, writing nothing when it is so already."""
    manager = getattr(row, name)
    if {link.pk for link in manager.all()} != {link.pk for link in links}:
        manager.set(links)
        changes.updated += 1


def write_lines(
    model: type[models.Model],
    owner: Owner,
    lines: Sequence[dict[str, Any]],
    changes: Changes,
    known: Sequence[models.Model] | None = None,
) -> None:
    """Lines without a `ref` that nothing points at: replaced as a whole when one differs. `known`
    are those already there by their key, where they were read before."""
    fields = list(lines[0]) if lines else ["pk"]
    if known is None:
        known = list(model._default_manager.filter(**owner).order_by("pk"))
    if [[getattr(row, name) for name in fields] for row in known] == [
        list(line.values()) for line in lines
    ]:
        return
    changes.removed += len(known)
    changes.created += len(lines)
    model._default_manager.filter(**owner).delete()
    model._default_manager.bulk_create([model(**owner, **line) for line in lines])


def drop_row(row: models.Model, changes: Changes) -> None:
    """Take a row away. Raises DomainError when something entered stands on it."""
    name = row._meta.verbose_name
    try:
        row.delete()
    except ProtectedError as error:
        used = sorted({str(other._meta.verbose_name) for other in error.protected_objects})
        raise DomainError(
            f"Không bỏ được {name} “{row}” vì đã có {', '.join(used)} dựa vào. "
            "Giữ dòng này trong tệp kế hoạch."
        ) from error
    changes.removed += 1


def drop_rows(
    model: type[models.Model], owner: Owner, keep: Iterable[str], changes: Changes
) -> None:
    """Take away the rows of `owner` whose `ref` is not in `keep`."""
    for row in model._default_manager.filter(**owner).exclude(ref__in=list(keep)):
        drop_row(row, changes)
