"""Every write of awards."""

from awards.services.councils import (
    add_seat,
    close_round,
    create_council,
    end_seat,
    open_round,
    reopen_round,
    seat_by_name,
)
from awards.services.decisions import record_decision
from awards.services.evidence import add_evidence, note_download, remove_evidence
from awards.services.nominations import (
    edit_nomination,
    forward_nominations,
    nominate,
    nominate_by_name,
    propose_nomination,
    return_nomination,
    withdraw_nomination,
)
from awards.services.nominees import add_household, add_person
from awards.services.quotas import allot_quota, withdraw_places
from awards.services.registry import save_award_forms
from awards.services.sessions import close_session, open_session, record_attendance, record_tally

__all__ = [
    "add_evidence",
    "add_household",
    "add_person",
    "add_seat",
    "allot_quota",
    "close_round",
    "close_session",
    "create_council",
    "edit_nomination",
    "end_seat",
    "forward_nominations",
    "nominate",
    "nominate_by_name",
    "note_download",
    "open_round",
    "open_session",
    "propose_nomination",
    "record_attendance",
    "record_decision",
    "record_tally",
    "remove_evidence",
    "reopen_round",
    "return_nomination",
    "save_award_forms",
    "seat_by_name",
    "withdraw_nomination",
    "withdraw_places",
]
