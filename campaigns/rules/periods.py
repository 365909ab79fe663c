"""How periods of one plan lie to each other."""

from dataclasses import dataclass
from datetime import date

YEAR = "year"


@dataclass(frozen=True)
class Span:
    """A period as plain values."""

    kind: str
    first: date
    last: date


def is_a_year_before(other: Span, this: Span) -> bool:
    """Whether `other` is the same time of the year before. Of whole years the calendar year alone
    counts: the first and the last of a plan are seldom whole. Of parts of a year the month counts
    in which they begin or end, the other end may be cut off by the plan's own days."""
    if other.kind != this.kind:
        return False
    if this.kind == YEAR:
        return other.last.year + 1 == this.last.year
    return _a_year_before(other.first, this.first) or _a_year_before(other.last, this.last)


def _a_year_before(other: date, this: date) -> bool:
    return (other.year + 1, other.month) == (this.year, this.month)
