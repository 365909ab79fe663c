"""How periods of one plan lie to each other."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

YEAR, HALF = "year", "half"
BEGINS = {YEAR: (1,), HALF: (1, 7)}  # in which months a whole one does
LASTS = {YEAR: 366, HALF: 184}  # days, at most


@dataclass(frozen=True)
class Span:
    """A period as plain values."""

    kind: str
    first: date
    last: date

    @property
    def window(self) -> tuple[date, date]:
        """From its middle to that of the next, in which what it is asked for falls due. A year or
        half that the plan's own days cut off is taken as whole, but nothing is due before it."""
        if self.kind not in LASTS:
            year = timedelta(days=LASTS[YEAR])
            middle = self.first + (self.last - self.first) / 2
            return max(middle, self.last - year / 2), self.last + year
        whole = timedelta(days=LASTS[self.kind])
        begun = self.first.day == 1 and self.first.month in BEGINS[self.kind]
        middle = self.first + whole / 2 if begun else self.last - whole / 2
        return max(self.first, middle), middle + whole


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


# --- who was away ---------------------------------------------------------------------------------
def is_away(away: Sequence[date], first: date, last: date) -> bool:
    """Whether a unit was away from before `first` until after `last`. `away` are the days on which
    it left and came back, by turns and in their order."""
    gone = sum(day < first for day in away)
    return gone % 2 == 1 and gone == sum(day <= last for day in away)


def away_again(away: Sequence[date], left: date, back: date) -> list[date]:
    """The same with one more time away; what it runs into is one with it."""
    known = list(away)
    while known and left <= known[-1]:
        back = max(back, known.pop())
        left = min(left, known.pop())
    return [*known, left, back] if left < back else known
