"""Units as people pick them: by name from a list of suggestions, kept by their `ref`."""

import re
from collections.abc import Iterable, Mapping

from units.models import Unit
from units.rules import REF_PATTERN, fold

REF_BEHIND = re.compile(r"\(([a-z0-9.-]+)\)\s*$")
REF = re.compile(REF_PATTERN)


def unit_words(unit: Unit) -> str:
    """ "Sở Nội vụ tỉnh Đồng Tháp (dong-thap.so-noi-vu)"."""
    return f"{unit.name} ({unit.ref})"


def unit_ref(typed: str, units: Mapping[str, Unit]) -> str | None:
    """The unit meant by a suggestion, a `ref` or a name that only one unit has."""
    behind = REF_BEHIND.search(typed)
    for ref in (behind[1] if behind else "", typed.strip()):
        if ref in units:
            return ref
    wanted = fold(typed)
    named = {u.ref for u in units.values() if wanted in {fold(u.name), fold(u.short_name)}}
    return named.pop() if len(named) == 1 else None


def suggested(units: Mapping[str, Unit], near: Iterable[Unit]) -> list[str]:
    """Everything in the trees to which `near` belong, by name."""
    roots = {unit.path.split("/")[0] for unit in near}
    found = [unit for unit in units.values() if unit.path.split("/")[0] in roots]
    return [unit_words(unit) for unit in sorted(found, key=lambda unit: (unit.name, unit.ref))]
