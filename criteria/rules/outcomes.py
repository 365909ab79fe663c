"""What follows from a total: the band, and the gates that bar from it or from the ranking."""

import math
from collections.abc import Iterable
from fractions import Fraction

from criteria.rules.scoring import BAR, DISQUALIFY, Band, Gate, Stretch, Table


def band_for(total: Fraction, table: Table, hit: Iterable[str] = ()) -> Band | None:
    """The band of a total; a gate that was `hit` shuts its band and everything better.

    None when the table has no bands, or the gates leave none.
    """
    shut = {gate.band for gate in table.gates if gate.ref in set(hit) and gate.effect == BAR}
    ordered = sorted(table.bands, key=_worst_first)
    own = next((n for n, band in enumerate(ordered) if band.holds(total)), None)
    if own is None:
        return None
    barred = [n for n, band in enumerate(ordered) if band.ref in shut]
    place = min([own, *(n - 1 for n in barred)])
    return ordered[place] if place >= 0 else None


def _worst_first(stretch: Stretch) -> Fraction | float:
    return -math.inf if stretch.lower is None else Fraction(stretch.lower)


def disqualified_by(table: Table, hit: Iterable[str]) -> list[Gate]:
    """The gates that keep the unit out of the ranking."""
    held = set(hit)
    return [gate for gate in table.gates if gate.ref in held and gate.effect == DISQUALIFY]
