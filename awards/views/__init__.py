"""Pages of commendations: places, rounds, nominations, the council, decisions, the register."""

from awards.views.councils import council_detail, council_list, seat_add, seat_end
from awards.views.decisions import award_register, decision_detail, decision_new
from awards.views.nominations import (
    nomination_detail,
    nomination_edit,
    nomination_evidence_add,
    nomination_evidence_file,
    nomination_evidence_remove,
    nomination_new,
    nomination_propose,
    nomination_return,
    nomination_withdraw,
)
from awards.views.rounds import (
    award_home,
    campaign_awards,
    quota_allot,
    round_close,
    round_detail,
    round_new,
    round_reopen,
)
from awards.views.sessions import (
    session_attendance,
    session_close,
    session_detail,
    session_new,
    tally_record,
)

__all__ = [
    "award_home",
    "award_register",
    "campaign_awards",
    "council_detail",
    "council_list",
    "decision_detail",
    "decision_new",
    "nomination_detail",
    "nomination_edit",
    "nomination_evidence_add",
    "nomination_evidence_file",
    "nomination_evidence_remove",
    "nomination_new",
    "nomination_propose",
    "nomination_return",
    "nomination_withdraw",
    "quota_allot",
    "round_close",
    "round_detail",
    "round_new",
    "round_reopen",
    "seat_add",
    "seat_end",
    "session_attendance",
    "session_close",
    "session_detail",
    "session_new",
    "tally_record",
]
