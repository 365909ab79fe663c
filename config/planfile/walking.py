"""Walking the raw, possibly broken data of a plan file."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from config.planfile.schema import Path

Row = dict[str, Any]
Error = tuple[Path, str]


def rows(data: Any, *path: str) -> Iterator[tuple[Path, Row]]:
    """The rows of a list of mappings under `path`; nothing where the data is not one."""
    value = data
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    for index, row in enumerate(value if isinstance(value, list) else ()):
        if isinstance(row, dict):
            yield (*path, index), row


def indicators(data: Row) -> Iterator[tuple[Path, Row]]:
    for group_path, group in rows(data, "groups"):
        for path, row in rows(group, "indicators"):
            yield (*group_path, *path), row


def targets(data: Row) -> Iterator[tuple[Path, Row, Row]]:
    """Path of the target, the target, its indicator."""
    for indicator_path, indicator in indicators(data):
        for path, row in rows(indicator, "targets"):
            yield (*indicator_path, *path), row, indicator


def text(row: Any, key: str) -> str:
    value = row.get(key) if isinstance(row, dict) else None
    return value if isinstance(value, str) else ""


def day(row: Any, key: str) -> date | None:
    try:
        return date.fromisoformat(text(row, key))
    except ValueError:
        return None


def number(row: Row, key: str) -> Decimal | None:
    value = row.get(key)
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return Decimal(value)
    return None


def shown(value: date | None) -> str:
    return value.strftime("%d/%m/%Y") if value else ""


def listed(names: Any) -> str:
    return ", ".join(sorted(names)) or "(chưa có)"
