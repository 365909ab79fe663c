"""Where bars and lines stand: whole numbers only, so that a template writes them as they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from criteria.rules import Verdict

FULL = 1000  # the width of a horizontal bar
WIDTH, HEIGHT, HEAD, FOOT = 320, 190, 30, 28  # a small chart of columns
WIDEST = 64

# Each part's colour stands here too, for a reader without our style sheets.
PAINTS = {
    "met": "#17603a",
    "not_met": "#8a3b00",
    "not_judged": "#1d4f7c",
    "waiting": "#1d4f7c",
    "nothing": "#9a9aa5",
    "not_applicable": "#c4c4cc",
    "no_data": "#dcdce2",
    "verified": "#17603a",
    "submitted": "#1d4f7c",
    "returned": "#8a3b00",
    "draft": "#9a9aa5",
    "none": "#dcdce2",
}


@dataclass(frozen=True)
class Reach:
    """One horizontal bar: how far it reaches, and where its target stands."""

    width: int
    target: int | None


def reaches(
    values: Sequence[Fraction],
    targets: Sequence[Decimal | None],
    *,
    highest: Decimal | None = None,
    percent: bool,
) -> list[Reach]:
    """Bars on one scale that begins at nought; per cent reach at least to a hundred, and all of
    them to the `highest` target, which may stand over a bar of another page."""
    marks = [Fraction(one) for one in (*targets, highest) if one is not None]
    top = _top([*values, *marks], percent)
    return [
        Reach(_part(value, top, FULL), None if target is None else _part(target, top, FULL))
        for value, target in zip(values, targets, strict=True)
    ]


@dataclass(frozen=True)
class Slice:
    """One part of a stacked bar: `key` says what it is and how it is drawn."""

    key: str
    word: str
    count: int
    x: int
    width: int

    @property
    def paint(self) -> str:
        return PAINTS[self.key]


def slices(parts: Sequence[tuple[str, str, int]]) -> list[Slice]:
    """The parts of a whole side by side, a hair's breadth between them; those of nought left out.

    `parts` are (key, word, how many).
    """
    total = sum(count for _key, _word, count in parts)
    found, before = [], 0
    for key, word, count in parts:
        if count:
            x, end = before * FULL // total, (before + count) * FULL // total
            found.append(Slice(key, word, count, x, max(1, end - x - 2)))
            before += count
    return found


@dataclass(frozen=True)
class Point:
    """One period of a chart. `value` None: there is no figure."""

    label: str
    shown: str
    value: Fraction | None
    target: Decimal | None
    verdict: Verdict


@dataclass(frozen=True)
class Column:
    x: int
    y: int
    width: int
    height: int
    label: str
    shown: str
    verdict: Verdict
    line: int | None
    """How high the target stands over this column."""

    @property
    def middle(self) -> int:
        return self.x + self.width // 2

    @property
    def above(self) -> int:
        """Where the figure is written: over the column, and over a target that is close to it."""
        near = self.line is not None and -4 <= self.y - self.line <= 18
        return (self.line if near and self.line is not None else self.y) - 6

    @property
    def left(self) -> int:
        return self.x - self.width // 4

    @property
    def right(self) -> int:
        return self.x + self.width + self.width // 4


@dataclass(frozen=True)
class Columns:
    """A chart of one figure over the periods, `words` for who cannot see it."""

    columns: list[Column]
    words: str
    width: int = WIDTH
    height: int = HEIGHT
    base: int = HEIGHT - FOOT


def columns(points: Sequence[Point], *, percent: bool) -> Columns | None:
    """None where fewer than two periods have a figure: one column compares nothing."""
    known = [point.value for point in points if point.value is not None]
    if len(known) < 2:
        return None
    targets = [Fraction(point.target) for point in points if point.target is not None]
    top = _top([*known, *targets], percent)
    slot = WIDTH // len(points)
    wide = min(WIDEST, slot * 2 // 3)
    tall = HEIGHT - HEAD - FOOT
    drawn = []
    for at, point in enumerate(points):
        high = 0 if point.value is None else _part(point.value, top, tall)
        line = None if point.target is None else HEIGHT - FOOT - _part(point.target, top, tall)
        drawn.append(
            Column(
                x=at * slot + (slot - wide) // 2,
                y=HEIGHT - FOOT - high,
                width=wide,
                height=high,
                label=point.label,
                shown=point.shown if point.value is not None else "chưa có",
                verdict=point.verdict,
                line=line,
            )
        )
    words = "; ".join(f"{one.label}: {one.shown}" for one in drawn)
    return Columns(drawn, words)


@dataclass(frozen=True)
class Climb:
    """How a count rose day by day: the path of a line made of steps, and the days that matter,
    each with its name and whether that stands to its left.
    """

    path: str
    marks: list[tuple[int, str, bool]]
    head: int = HEAD
    width: int = 2 * WIDTH
    height: int = HEIGHT
    base: int = HEIGHT - FOOT


def climb(
    days: Sequence[date], total: int, *, first: date, last: date, marks: Sequence[tuple[date, str]]
) -> Climb:
    """`days` on which one more came, out of `total`, between `first` and `last`."""
    wide, tall = 2 * WIDTH, HEIGHT - HEAD - FOOT
    span = max(1, (last - first).days)

    def at(day: date) -> int:
        return min(wide, max(0, (day - first).days * wide // span))

    steps = [f"M0 {HEIGHT - FOOT}"]
    for count, day in enumerate(sorted(days), 1):
        steps.append(f"H{at(day)}V{HEIGHT - FOOT - count * tall // total}")
    return Climb("".join(steps), [(at(day), name, at(day) > wide // 2) for day, name in marks])


def _top(values: Sequence[Fraction], percent: bool) -> Fraction:
    """What the scale ends in; never nought."""
    return max(*values, Fraction(100 if percent else 0), Fraction(1, 10**9))


def _part(value: Fraction | Decimal, top: Fraction, length: int) -> int:
    return max(0, int(Fraction(value) * length / top))
