"""Two versions of a text side by side: short ones whole, of long ones the place where they part."""

from collections.abc import Mapping
from typing import Any

Facts = Mapping[str, Any]

LONG = 240  # letters that a line of a table bears
AROUND = 60  # letters on each side by which the place is found in the whole text


def questions(facts: Facts, others: Facts) -> dict[str, Facts]:
    """Under their keys where both facts know them, else as they are asked."""
    rows = [*facts.get("narratives", []), *others.get("narratives", [])]
    name = "ref" if all(row.get("ref") for row in rows) else "question"
    return {row[name]: row for row in facts.get("narratives", [])}


def side_by_side(before: str, after: str) -> tuple[str, str]:
    """Both as a table shows them; what is left out is marked by dots."""
    if max(len(before), len(after)) <= LONG:
        return before, after
    start = _alike(before, after)
    behind = _alike(before[start:][::-1], after[start:][::-1])
    return (
        _around(before, start, len(before) - behind),
        _around(after, start, len(after) - behind),
    )


def _alike(one: str, other: str) -> int:
    """How many letters both begin with."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))


def _around(text: str, start: int, stop: int) -> str:
    first, last = _edges(text, start - AROUND, stop + AROUND)
    shown = text[first:last].strip()
    if len(shown) > LONG:
        shown = f"{shown[: LONG // 2].rstrip()} […] {shown[-LONG // 2 :].lstrip()}"
    return f"{'…' if first else ''}{shown}{'…' if last < len(text) else ''}"


def _edges(text: str, first: int, last: int) -> tuple[int, int]:
    """Moved outwards to the ends of words."""
    first = text.rfind(" ", 0, first) + 1 if first > 0 else 0
    last = text.find(" ", last) if last < len(text) else -1
    return first, last if last >= 0 else len(text)
