"""Every write of plans, members and results."""

from campaigns.services.evidence import add_evidence, note_download, remove_evidence
from campaigns.services.participation import enrol_units, leave_campaign
from campaigns.services.periods import close_due_periods, move_closing_day
from campaigns.services.sheets import (
    Saved,
    StaleCell,
    open_sheet,
    record_result,
    record_results,
    return_sheet,
    submit_sheet,
    verify_sheet,
)

__all__ = [
    "Saved",
    "StaleCell",
    "add_evidence",
    "close_due_periods",
    "enrol_units",
    "leave_campaign",
    "move_closing_day",
    "note_download",
    "open_sheet",
    "record_result",
    "record_results",
    "remove_evidence",
    "return_sheet",
    "submit_sheet",
    "verify_sheet",
]
