"""What people type about commendations. What is allowed is the services' business."""

from awards.forms.councils import EndSeatForm, SeatForm
from awards.forms.nominations import (
    ROLES,
    ChoiceForm,
    EvidenceForm,
    NominationForm,
    NomineeForm,
)
from awards.forms.rounds import (
    COUNTS,
    AllotForm,
    AttendanceForm,
    CloseForm,
    DecisionForm,
    ReopenForm,
    RoundForm,
    SessionForm,
    TallyForm,
)

__all__ = [
    "COUNTS",
    "ROLES",
    "AllotForm",
    "AttendanceForm",
    "ChoiceForm",
    "CloseForm",
    "DecisionForm",
    "EndSeatForm",
    "EvidenceForm",
    "NominationForm",
    "NomineeForm",
    "ReopenForm",
    "RoundForm",
    "SeatForm",
    "SessionForm",
    "TallyForm",
]
