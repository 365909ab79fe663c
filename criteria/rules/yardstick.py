"""What is asked in a period, as a short stamp that a paper keeps, and what was amended since.

The stamp is of the targets that hold for somebody in the period and of nothing else: an amendment
in force only after it, or one that asks the same again, leaves the stamp as it is.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

from criteria.rules.targets import Rule


@dataclass(frozen=True)
class Yardstick:
    """The targets of some indicators, by the key of each, for a period that ends on `day`."""

    rules: Mapping[int, Sequence[Rule]]
    day: date

    @cached_property
    def stamp(self) -> str:
        return self._stamp(None)

    def since(self, kept: str) -> set[tuple[date, str]]:
        """The amendments, (from when, by which document), without which the stamp would be `kept`;
        none where there is no telling."""
        known = (one.in_force_from for rules in self.rules.values() for one in rules)
        for day in sorted({one for one in known if one and one <= self.day}, reverse=True):
            if self._stamp(day) == kept:
                return {
                    (one.in_force_from, one.decision)
                    for _, one in self._holding(None)
                    if one.in_force_from and one.in_force_from >= day
                }
        return set()

    def _stamp(self, before: date | None) -> str:
        lines = sorted(_line(pk, rule) for pk, rule in self._holding(before))
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]

    def _holding(self, before: date | None) -> Iterator[tuple[int, Rule]]:
        """Of the rules for the same units the one that holds, as `resolve_target` has it: that of
        the year, then the latest. With `before` as if nothing had been amended from that day on."""
        for pk, rules in self.rules.items():
            best: dict[object, Rule] = {}
            for rule in rules:
                since = rule.in_force_from or date.min
                if rule.year not in (None, self.day.year) or since > self.day:
                    continue
                if before and since >= before:
                    continue
                whom = _whom(rule)
                if whom not in best or _rank(best[whom]) < _rank(rule):
                    best[whom] = rule
            yield from ((pk, rule) for rule in best.values())


def _whom(rule: Rule) -> tuple[object, ...]:
    return rule.unit, rule.kind, rule.level, rule.region


def _rank(rule: Rule) -> tuple[bool, date]:
    return rule.year is not None, rule.in_force_from or date.min


def _line(pk: int, rule: Rule) -> str:
    asked = (rule.basis, rule.operator, _number(rule.value), _number(rule.value_to))
    return "|".join(str(part) for part in (pk, *_whom(rule), *asked))


def _number(value: Decimal | None) -> str:
    return "" if value is None else f"{value.normalize():f}"


def stamps_of(found: Mapping[str, Yardstick]) -> dict[str, str]:
    """What a paper keeps: a stamp for each period that it read, by the key of the period."""
    return {key: one.stamp for key, one in found.items()}


def amended_words(now: Mapping[str, Yardstick], kept: Mapping[str, str]) -> str:
    """How what is asked in some periods differs from what a paper keeps of them, in words; "" where
    it does not. A period of which nothing is kept cannot be compared."""
    changed = [
        (one, stamp) for key, one in now.items() if (stamp := kept.get(key)) and stamp != one.stamp
    ]
    found = sorted({amended for one, stamp in changed for amended in one.since(stamp)})
    if found:
        told = (f"từ ngày {day:%d/%m/%Y} theo “{document}”" for day, document in found)
        return f"điều chỉnh {', '.join(told)}"
    return "thay đổi" if changed else ""


def changed_title(*, figures: bool, targets: bool) -> str:
    """What is no longer as it was read, as a heading; one of the two has changed."""
    what = [("số liệu", figures), ("mục tiêu", targets)]
    return f"{' và '.join(name for name, changed in what if changed)} đã đổi".capitalize()


def amended_sentence(now: Mapping[str, Yardstick], kept: Mapping[str, str], after: str) -> str:
    """The same as a sentence; `after` says since when: “sau bản này”."""
    words = amended_words(now, kept)
    return f"Mục tiêu đã {words}, {after}." if words else ""
