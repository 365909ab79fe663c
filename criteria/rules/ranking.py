"""The order within one group: totals first, then what the table says decides, then a shared rank.

“Không xếp đồng vị thứ” (as in Quảng Nam 11/2021/QĐ-UBND, Article 4) is data, too: then equals wait
for the meeting to give their order, and nothing is published before.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import groupby

from criteria.rules.scoring import Tie
from criteria.rules.targets import rounded
from units.rules import decimal_text

BY_ITEM, BY_INDICATOR, BY_PENALTY = "item", "indicator", "penalty"
SHARED, DECIDED = "shared", "decided"
TELLING = 6  # digits at most, to tell two totals apart


@dataclass(frozen=True)
class Contender:
    """One unit with all layers in. `settled` is its place among equals as a meeting gave it."""

    key: int
    name: str
    total: Fraction
    penalty: Fraction = Fraction(0)
    items: Mapping[str, Fraction] = field(default_factory=dict)
    figures: Mapping[str, Fraction | None] = field(default_factory=dict)
    settled: int | None = None

    def value(self, tie: Tie) -> Fraction | None:
        """What the unit has of what decides; None where it has no figure."""
        if tie.by == BY_ITEM:
            return self.items.get(tie.ref)
        return self.penalty if tie.by == BY_PENALTY else self.figures.get(tie.ref)


@dataclass(frozen=True)
class Place:
    """A rank; `why` says what decided against the next one, "" where the total did.

    `waits`: equal to another where the table shares no rank, so the meeting must decide. `tie` is
    the rank from which on those equals stand, 0 where no meeting is asked; it stays once the
    meeting has decided, so that its order can be mended.
    """

    key: int
    place: int
    shared: bool = False
    waits: bool = False
    why: str = ""
    tie: int = 0


def ranked(
    contenders: Iterable[Contender],
    ties: Sequence[Tie],
    *,
    tie_end: str = SHARED,
    decided_places: int | None = None,
) -> list[Place]:
    """Best first. Equals to the last share the rank and the next one is skipped (1, 1, 3).

    Where the first `decided_places` (None: all) may not be shared, equals that reach into them take
    the order that a meeting gave, or wait for it.
    """

    def key(one: Contender) -> tuple[Fraction, ...]:
        return (-one.total, *(part for tie in ties for part in _order(one, tie)))

    ordered = sorted(contenders, key=lambda one: (key(one), one.name, one.key))
    found: list[Place] = []
    for _, equal in groupby(ordered, key=key):
        same, first = list(equal), len(found) + 1
        alone = len(same) == 1
        strict = tie_end == DECIDED and (decided_places is None or first <= decided_places)
        given = {one.settled for one in same}
        if not alone and strict and None not in given and len(given) == len(same):
            for step, one in enumerate(sorted(same, key=lambda one: one.settled or 0)):
                why = "thứ tự do hội nghị quyết định"
                found.append(Place(one.key, first + step, why=why, tie=first))
            continue
        for one in same:
            others = ", ".join(other.name for other in same if other is not one)
            why = (
                "" if alone else f"bằng {others}" + (", chờ hội nghị quyết định" if strict else "")
            )
            waits = strict and not alone
            found.append(
                Place(one.key, first, not alone, waits, why=why, tie=first if waits else 0)
            )
    return _with_reasons(ordered, found, ties)


def _order(one: Contender, tie: Tie) -> tuple[Fraction, Fraction]:
    """Smaller is better; without a figure last."""
    value = one.value(tie)
    if value is None:
        return Fraction(1), Fraction(0)
    small_wins = tie.by == BY_PENALTY or tie.lower_wins
    return Fraction(0), value if small_wins else -value


def _with_reasons(
    ordered: Sequence[Contender], found: Sequence[Place], ties: Sequence[Tie]
) -> list[Place]:
    """Each unit that stands before one of the same total says what it has more of."""
    by_key = {one.key: one for one in ordered}
    told = []
    for here, after in zip(found, [*found[1:], None], strict=False):
        why = here.why
        if after is not None and not why:
            why = _decided(by_key[here.key], by_key[after.key], ties)
        told.append(replace(here, why=why))
    return told


def _decided(one: Contender, other: Contender, ties: Sequence[Tie]) -> str:
    if one.total != other.total:
        return ""
    tie = next(tie for tie in ties if _order(one, tie) != _order(other, tie))
    mine, theirs = (_shown(who.value(tie), in_words=tie.in_words) for who in (one, other))
    label = tie.label or ("ít điểm trừ hơn" if tie.by == BY_PENALTY else tie.ref)
    return f"hơn {other.name} về {label}: {mine} so với {theirs}"


def _shown(value: Fraction | None, *, in_words: bool) -> str:
    if value is None:
        return "không có số liệu"
    if in_words:
        return "đạt" if value else "chưa đạt"
    return decimal_text(rounded(value, 4))


def telling_digits(totals: Iterable[Fraction], digits: int) -> int:
    """As few decimals as `digits`, more where two different totals would read alike."""
    distinct = set(totals)
    while digits < TELLING and len({rounded(one, digits) for one in distinct}) < len(distinct):
        digits += 1
    return digits


def circle(members: Sequence[int], each: int) -> list[tuple[int, int]]:
    """Who scores whom (scorer, scored): everyone the next `each` in the circle, never himself."""
    count = len(members)
    return [
        (members[at], members[(at + step) % count])
        for at in range(count)
        for step in range(1, min(each, count - 1) + 1)
    ]
