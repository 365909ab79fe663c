"""Plans, those who take part, and what they report."""

from campaigns.models.calendar import Period, Phase, ReportingDuty
from campaigns.models.extensions import Extension
from campaigns.models.handovers import HandOver
from campaigns.models.imports import ImportAcceptance, ImportCheck, ResultImport, Workbook
from campaigns.models.plan import Amendment, Campaign, Participation
from campaigns.models.pledges import Pledge, PledgeLine, PledgeRound
from campaigns.models.results import Evidence, Result, ResultHistory, ResultSheet, ResultValues
from campaigns.models.reviews import CellFlag, CellMark, Review
from campaigns.models.score_files import ScoreEvidence
from campaigns.models.scores import (
    GateHit,
    Ranking,
    ScoreEntry,
    ScoreHistory,
    ScoreLayer,
    ScoreSheet,
    ScoreValues,
)
from campaigns.models.text import (
    Assignment,
    LegalAct,
    LegalBasis,
    ParentIndicator,
    Recipient,
    Remark,
    RouteStep,
    Section,
)

__all__ = [
    "Amendment",
    "Assignment",
    "Campaign",
    "CellFlag",
    "CellMark",
    "Evidence",
    "Extension",
    "GateHit",
    "HandOver",
    "ImportAcceptance",
    "ImportCheck",
    "LegalAct",
    "LegalBasis",
    "ParentIndicator",
    "Participation",
    "Period",
    "Phase",
    "Pledge",
    "PledgeLine",
    "PledgeRound",
    "Ranking",
    "Recipient",
    "Remark",
    "ReportingDuty",
    "Result",
    "ResultHistory",
    "ResultImport",
    "ResultSheet",
    "ResultValues",
    "Review",
    "RouteStep",
    "ScoreEntry",
    "ScoreEvidence",
    "ScoreHistory",
    "ScoreLayer",
    "ScoreSheet",
    "ScoreValues",
    "Section",
    "Workbook",
]
