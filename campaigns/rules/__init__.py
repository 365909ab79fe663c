"""Plain rules of a campaign: how a typed cell is read, what it comes to, what others find of
it, when a duty is due."""

from campaigns.rules.assessing import (
    CLAIMED,
    Assessed,
    Found,
    Tally,
    assessed_words,
    found_of,
    read_assessed,
    tally,
)
from campaigns.rules.doubts import Doubt, doubts, left_to_do
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
    measured_of,
    read_cell,
    read_number,
    refuse_long,
    to_come,
)
from campaigns.rules.verdicts import STATE_VERDICTS, Judgement, cell_words, judgement, typed_of

__all__ = [
    "CHOICES",
    "CLAIMED",
    "FIELDS",
    "MISSING",
    "NOTHING",
    "NOT_APPLICABLE",
    "REPORTED",
    "STATE_VERDICTS",
    "Assessed",
    "Doubt",
    "DutyDay",
    "Found",
    "Judgement",
    "Level",
    "Question",
    "Reading",
    "Tally",
    "assessed_words",
    "cell_words",
    "doubts",
    "duty_day",
    "extended",
    "found_of",
    "judgement",
    "left_to_do",
    "measured_of",
    "read_assessed",
    "read_cell",
    "read_number",
    "refuse_long",
    "tally",
    "to_come",
    "typed_of",
]
