"""Who may be commended, how many, who was proposed, what the council said, what was conferred."""

from awards.models.councils import AwardRound, Council, CouncilSeat
from awards.models.forms import AwardForm, CompositionRule, Quota, QuotaPosting, RecipientKind
from awards.models.nominations import Nomination, NominationAnswer, NominationEvidence
from awards.models.register import Award, Decision
from awards.models.sessions import Attendance, CouncilSession, Tally

__all__ = [
    "Attendance",
    "Award",
    "AwardForm",
    "AwardRound",
    "CompositionRule",
    "Council",
    "CouncilSeat",
    "CouncilSession",
    "Decision",
    "Nomination",
    "NominationAnswer",
    "NominationEvidence",
    "Quota",
    "QuotaPosting",
    "RecipientKind",
    "Tally",
]
