"""What a report may say, as pure functions on the plain values that were frozen."""

from reports.rules.changes import (
    AwardChange,
    Changes,
    FigureChange,
    TotalChange,
    UnitChange,
    changes_between,
)
from reports.rules.periods import ahead_of, span_text, subject_of, told_of
from reports.rules.size import AnnexSize, annex_size
from reports.rules.text import (
    Block,
    Field,
    blocks,
    fields_of,
    filled,
    key_of,
    taken_in,
    typed_numbers,
    unknown_fields,
)

__all__ = [
    "AnnexSize",
    "AwardChange",
    "Block",
    "Changes",
    "Field",
    "FigureChange",
    "TotalChange",
    "UnitChange",
    "ahead_of",
    "annex_size",
    "blocks",
    "changes_between",
    "fields_of",
    "filled",
    "key_of",
    "span_text",
    "subject_of",
    "taken_in",
    "told_of",
    "typed_numbers",
    "unknown_fields",
]
