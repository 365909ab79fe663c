"""What a report may say, as pure functions on the plain values that were frozen."""

from reports.rules.changes import (
    AwardChange,
    Changes,
    FigureChange,
    TotalChange,
    UnitChange,
    changes_between,
)

__all__ = [
    "AwardChange",
    "Changes",
    "FigureChange",
    "TotalChange",
    "UnitChange",
    "changes_between",
]
