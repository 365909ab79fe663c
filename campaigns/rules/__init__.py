"""Plain rules of a campaign: how a typed cell is read, what it means, when a duty is due."""

from campaigns.rules.doubts import Doubt, doubts
from campaigns.rules.duties import DutyDay, duty_day, extended
from campaigns.rules.typed import (
    CHOICES,
    FIELDS,
    MISSING,
    NOT_APPLICABLE,
    NOTHING,
    REPORTED,
    Level,
    Question,
    Reading,
    half_sentence,
    measured_of,
    read_cell,
    read_number,
)
from campaigns.rules.verdicts import Judgement, cell_words, judgement, typed_of

__all__ = [
    "CHOICES",
    "FIELDS",
    "MISSING",
    "NOTHING",
    "NOT_APPLICABLE",
    "REPORTED",
    "Doubt",
    "DutyDay",
    "Judgement",
    "Level",
    "Question",
    "Reading",
    "cell_words",
    "doubts",
    "duty_day",
    "extended",
    "half_sentence",
    "judgement",
    "measured_of",
    "read_cell",
    "read_number",
    "typed_of",
]
