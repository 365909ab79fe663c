"""Every write of plans, members and results."""

from campaigns.services.cells import Saved, StaleCell
from campaigns.services.evidence import add_evidence, note_download, remove_evidence
from campaigns.services.imports import (
    ChangedMeanwhile,
    Preview,
    accept_import,
    annotated_workbook,
    check_upload,
    discard_import,
    download_workbook,
    find_target,
    preview_import,
)
from campaigns.services.participation import enrol_units, leave_campaign
from campaigns.services.periods import close_due_periods, extend_time, move_closing_day
from campaigns.services.pledges import (
    PledgeFaults,
    amend_pledge,
    close_pledge_round,
    open_pledge_round,
    reopen_pledge_round,
    sign_pledge,
    start_pledge,
    write_pledge,
)
from campaigns.services.reviews import Verified, return_sheet, verify_sheet, verify_sheets
from campaigns.services.sheets import open_sheet, record_result, record_results, submit_sheet
from campaigns.services.weighing import kept_words

__all__ = [
    "ChangedMeanwhile",
    "PledgeFaults",
    "Preview",
    "Saved",
    "StaleCell",
    "Verified",
    "accept_import",
    "add_evidence",
    "amend_pledge",
    "annotated_workbook",
    "check_upload",
    "close_due_periods",
    "close_pledge_round",
    "discard_import",
    "download_workbook",
    "enrol_units",
    "extend_time",
    "find_target",
    "kept_words",
    "leave_campaign",
    "move_closing_day",
    "note_download",
    "open_pledge_round",
    "open_sheet",
    "preview_import",
    "record_result",
    "record_results",
    "remove_evidence",
    "reopen_pledge_round",
    "return_sheet",
    "sign_pledge",
    "start_pledge",
    "submit_sheet",
    "verify_sheet",
    "verify_sheets",
    "write_pledge",
]
