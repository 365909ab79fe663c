"""Where things stand in a workbook of results, shared by who writes it and who reads it back.

Row 1 and column A are hidden. A1 carries the stamp: which plan in which version, which unit, which
period. The rest of row 1 names the columns and column A the rows, each with the versions of the
cells as they were when the workbook was made. What is visible is for people; it is only compared,
so that a moved column or row does not go unnoticed.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from campaigns.models import Period
from campaigns.rules import CHOICES, FIELDS
from criteria.models import Indicator
from units.models import Unit
from units.rules import fold

MARK = "thidua-phieu-1"
NUMBER = re.compile(r"[0-9]{1,9}")
SEPARATOR = "|"

# the rows above the table, by what stands in column C
PLAN_CELL, UNIT_CELL, PERIOD_CELL = "C3", "C4", "C5"

# one unit: a row an indicator
UNIT_HEAD = 7
UNIT_KEYS = (
    "stamp", "code", "name", "target", "measure", "last", "how",
    "figure", "whole", "choice", "reason",
)  # fmt: skip
WHOLE, WHOLE_OR_LEVEL = "Tổng số", "Tổng số, mức tự nhận"
UNIT_HEADINGS = (
    "", "Mã", "Tiêu chí", "Mục tiêu", "Đơn vị tính", "Kỳ trước", "Cách ghi",
    "Kết quả", WHOLE, "Tình trạng", "Lý do",
)  # fmt: skip
CODE_COLUMN = 2
ANSWERS = {"figure": 8, "whole": 9, "choice": 10, "reason": 11}

# many units: a row a unit, a column or two an indicator
UNITS_HEAD = 11
CODES_ROW = 7
NAME_COLUMN = 3
FOUND = "found"  # what was found of an answer in words: to be read, it is never read back
FIRST_COLUMN = 5
UNITS_KEYS = ("stamp", "number", "unit", "state")

EXCUSES = {fold(words): choice for choice, words in CHOICES.items()} | {
    "kps": "nothing",
    "kad": "not_applicable",
}


@dataclass(frozen=True)
class Stamp:
    """What a workbook was made for; `unit` is "" in one of many units."""

    plan: str
    revision: int
    period: str
    unit: str

    @classmethod
    def of(cls, period: Period, unit: Unit | None) -> "Stamp":
        campaign = period.campaign
        return cls(campaign.ref, campaign.revision, period.ref, unit.ref if unit else "")

    def __str__(self) -> str:
        parts = (MARK, self.plan, str(self.revision), self.period, self.unit)
        return SEPARATOR.join(parts)

    @classmethod
    def parse(cls, text: object) -> "Stamp | None":
        parts = text.split(SEPARATOR) if isinstance(text, str) else []
        if len(parts) != 5 or parts[0] != MARK or not NUMBER.fullmatch(parts[2]):
            return None
        return cls(parts[1], int(parts[2]), parts[3], parts[4])


@dataclass(frozen=True)
class Column:
    """An answer column of a workbook of many units: `first` is the column of the indicator's
    first box, where also the words of an excuse go."""

    indicator: Indicator
    field: str
    first: bool

    @property
    def key(self) -> str:
        return f"{self.indicator.ref}{SEPARATOR}{self.field}"


def fields_of(indicator: Indicator) -> tuple[str, ...]:
    """The boxes of an indicator; of one judged by a rubric also its level. Needs `levels`
    prefetched."""
    if indicator.kind == Indicator.Kind.QUALITATIVE and indicator.levels.all():
        return ("text", "level")
    return FIELDS[indicator.kind]


def unit_headings(indicators: Iterable[Indicator]) -> list[str]:
    """The second box of a row takes the claimed level where the plan has a rubric."""
    claims = any("level" in fields_of(indicator) for indicator in indicators)
    whole = WHOLE_OR_LEVEL if claims else WHOLE
    return [whole if words == WHOLE else words for words in UNIT_HEADINGS]


def answer_columns(indicators: Sequence[Indicator]) -> list[Column]:
    """In their order, from FIRST_COLUMN on; after an answer in words a column that tells how it
    stands. A part (“trong đó”) whose whole is asked beside it has
    no column for its denominator."""
    there = {indicator.pk for indicator in indicators}
    found = []
    for indicator in indicators:
        part = indicator.of_which_id in there
        fields = ("numerator",) if part else fields_of(indicator)
        if indicator.kind == Indicator.Kind.QUALITATIVE:
            fields = (*fields, FOUND)
        found += [Column(indicator, field, index == 0) for index, field in enumerate(fields)]
    return found


def row_key(ref: str, versions: Sequence[int]) -> str:
    return SEPARATOR.join((ref, ",".join(map(str, versions))))


def parse_row_key(text: object) -> tuple[str, list[int]] | None:
    ref, found, versions = text.partition(SEPARATOR) if isinstance(text, str) else ("", "", "")
    numbers = versions.split(",")
    if not found or not all(number.isdecimal() and len(number) < 10 for number in numbers):
        return None
    return ref, [int(number) for number in numbers]
