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
from campaigns.services.sheets import (
    open_sheet,
    record_result,
    record_results,
    return_sheet,
    submit_sheet,
    verify_sheet,
)
from campaigns.services.weighing import kept_words

__all__ = [
    "ChangedMeanwhile",
    "Preview",
    "Saved",
    "StaleCell",
    "accept_import",
    "add_evidence",
    "annotated_workbook",
    "check_upload",
    "close_due_periods",
    "discard_import",
    "download_workbook",
    "enrol_units",
    "extend_time",
    "find_target",
    "kept_words",
    "leave_campaign",
    "move_closing_day",
    "note_download",
    "open_sheet",
    "preview_import",
    "record_result",
    "record_results",
    "remove_evidence",
    "return_sheet",
    "submit_sheet",
    "verify_sheet",
]
