"""The ruler: what is measured, for whom, how much is enough, and how it is scored."""

from criteria.models.outcomes import ScoreBand, ScoreGate, TieStep
from criteria.models.ruler import (
    NUMBER,
    CriteriaSet,
    Group,
    Indicator,
    RubricLevel,
    Target,
)
from criteria.models.scoring import (
    POINTS,
    Layer,
    ScoreItem,
    ScoreLevel,
    ScoreStep,
    ScoreTable,
    TableDraft,
    TableLayer,
)

__all__ = [
    "NUMBER",
    "POINTS",
    "CriteriaSet",
    "Group",
    "Indicator",
    "Layer",
    "RubricLevel",
    "ScoreBand",
    "ScoreGate",
    "ScoreItem",
    "ScoreLevel",
    "ScoreStep",
    "ScoreTable",
    "TableDraft",
    "TableLayer",
    "Target",
    "TieStep",
]
