"""What the statement of `rollup` comes back with: sums of cells that stand alike, their total."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from campaigns.queries.figured import Total
from campaigns.rules import NOT_APPLICABLE, NOTHING, REPORTED, Compared, Found, Tally
from criteria.rules import Measured, roll_up


@dataclass(frozen=True)
class Sums:
    """Cells of one indicator in one state, with one verdict (None: not judged); `found` is how an
    answer in words stands."""

    state: str
    alike: int
    """For a chart: the units are held to the same, known by their place in the statement."""
    met: bool | None
    found: str | None
    cells: int
    answered: int  # yes or no
    yes: int
    numerator: Decimal | None
    denominator: Decimal | None
    value: Decimal | None
    bars: int = 0
    mark: Decimal | None = None
    """For a chart: how many have a number, and the highest target over these."""
    twice: int = 0
    """Cells of units that reported the year before as well; their sums now and then."""
    now: tuple[Decimal | None, ...] = ()
    then: tuple[Decimal | None, ...] = ()


@dataclass(frozen=True)
class Drawn:
    """The bars of one indicator: how many, and of those that are judged the highest target and all
    targets in words."""

    bars: int = 0
    mark: Decimal | None = None
    targets: frozenset[str] = frozenset()


def total_of(units: int, sums: Iterable[Sums]) -> Total:
    """Verdicts and sums are of reported cells alone."""
    by_state: dict[str, list[Sums]] = defaultdict(list)
    for one in sums:
        by_state[one.state].append(one)
    reported = by_state[REPORTED]
    told = {state: _cells(one for one in reported if one.found == state) for state in Found}
    judged = [one for one in reported if one.found is None]
    return Total(
        units=units,
        reported=_cells(reported),
        nothing=_cells(by_state[NOTHING]),
        not_applicable=_cells(by_state[NOT_APPLICABLE]),
        met=_cells(one for one in reported if one.met),
        not_met=_cells(one for one in reported if one.met is False),
        hits=sum(one.cells - one.answered if one.met else 0 for one in judged)
        + sum(one.yes for one in judged)
        + told[Found.MET],
        told=Tally(told[Found.MET], told[Found.NOT_MET], told[Found.WAITING]),
        measured=roll_up(Measured(o.numerator, o.denominator, o.value) for o in reported),
        compared=_compared([*reported, *by_state[NOTHING]]),
    )


def _compared(sums: Sequence[Sums]) -> Compared:
    twice = [one for one in sums if one.twice]
    return Compared(
        units=sum(one.twice for one in twice),
        now=roll_up(Measured(*one.now) for one in twice),
        then=roll_up(Measured(*one.then) for one in twice),
    )


def _cells(sums: Iterable[Sums]) -> int:
    return sum(one.cells for one in sums)
