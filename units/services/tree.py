"""Keeping the tree of units true."""

from django.db import transaction

from units.models import Unit
from units.rules import DomainError


@transaction.atomic
def place_unit(unit: Unit) -> Unit:
    """Write the `path` of a unit from its parent's, and those of everything below it.

    Raises DomainError when the unit would stand under itself.
    """
    parent = unit.parent
    path = f"{parent.path if parent else ''}{unit.pk}/"
    if parent and unit.path and parent.path.startswith(unit.path):
        raise DomainError(
            f"“{unit}” không thể đặt dưới “{parent}” vì “{parent}” đang thuộc “{unit}”. "
            "Chọn cấp trên khác."
        )
    old = unit.path
    unit.path = path
    unit.save(update_fields=["path"])
    if old and old != path:
        below = Unit.objects.select_for_update(no_key=True).filter(path__startswith=old)
        for child in below.exclude(pk=unit.pk):
            child.path = path + child.path[len(old) :]
            child.save(update_fields=["path"])
    return unit
