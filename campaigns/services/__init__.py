"""Every write of plans, members and results."""

from campaigns.services.acceptances import is_large, perform_acceptance, request_acceptance
from campaigns.services.acts import save_legal_acts
from campaigns.services.assessing import assess_cells
from campaigns.services.assigning import assign_peers, open_scoring, withdraw_blank_sheets
from campaigns.services.cells import NotAsked, Saved, StaleCell
from campaigns.services.checking import (
    find_target,
    may_be_large,
    perform_check,
    preview_of,
    refuse_old,
    request_check,
    request_recheck,
)
from campaigns.services.evidence import add_evidence, note_download, remove_evidence
from campaigns.services.handovers import confirm_hand_over, hand_over_lead, return_hand_over
from campaigns.services.imports import (
    ChangedMeanwhile,
    Preview,
    accept_import,
    check_upload,
    discard_import,
    preview_import,
    refuse_amended,
)
from campaigns.services.leads import Marked, mark_cells, set_leads_first
from campaigns.services.offers import take_offer
from campaigns.services.participation import enrol_units, leave_campaign
from campaigns.services.periods import close_due_periods, extend_time, move_closing_day
from campaigns.services.pledges import (
    PledgeFaults,
    amend_pledge,
    close_pledge_round,
    discard_amendment,
    open_pledge_round,
    reopen_pledge_round,
    sign_pledge,
    start_pledge,
    write_pledge,
)
from campaigns.services.rankings import publish_ranking, reopen_behind, settle_tie
from campaigns.services.reopening import reopen_sheet
from campaigns.services.retention import last_day, original, remove_old_workbooks
from campaigns.services.reviews import Verified, return_sheet, verify_sheet, verify_sheets
from campaigns.services.score_files import (
    add_score_evidence,
    note_score_download,
    remove_score_evidence,
)
from campaigns.services.scores import (
    LayerGone,
    SavedScores,
    declare_gate,
    record_scores,
    reopen_layer,
    send_layer,
    take_over,
)
from campaigns.services.sealing import seal_history
from campaigns.services.sheets import (
    open_sheet,
    record_result,
    record_results,
    submit_sheet,
    write_cell,
)
from campaigns.services.weighing import kept_words
from campaigns.services.workbooks import annotated_workbook, download_workbook

__all__ = [
    "ChangedMeanwhile",
    "LayerGone",
    "Marked",
    "NotAsked",
    "PledgeFaults",
    "Preview",
    "Saved",
    "SavedScores",
    "StaleCell",
    "Verified",
    "accept_import",
    "add_evidence",
    "add_score_evidence",
    "amend_pledge",
    "annotated_workbook",
    "assess_cells",
    "assign_peers",
    "check_upload",
    "close_due_periods",
    "close_pledge_round",
    "confirm_hand_over",
    "declare_gate",
    "discard_amendment",
    "discard_import",
    "download_workbook",
    "enrol_units",
    "extend_time",
    "find_target",
    "hand_over_lead",
    "is_large",
    "kept_words",
    "last_day",
    "leave_campaign",
    "mark_cells",
    "may_be_large",
    "move_closing_day",
    "note_download",
    "note_score_download",
    "open_pledge_round",
    "open_scoring",
    "open_sheet",
    "original",
    "perform_acceptance",
    "perform_check",
    "preview_import",
    "preview_of",
    "publish_ranking",
    "record_result",
    "record_results",
    "record_scores",
    "refuse_amended",
    "refuse_old",
    "remove_evidence",
    "remove_old_workbooks",
    "remove_score_evidence",
    "reopen_behind",
    "reopen_layer",
    "reopen_pledge_round",
    "reopen_sheet",
    "request_acceptance",
    "request_check",
    "request_recheck",
    "return_hand_over",
    "return_sheet",
    "save_legal_acts",
    "seal_history",
    "send_layer",
    "set_leads_first",
    "settle_tie",
    "sign_pledge",
    "start_pledge",
    "submit_sheet",
    "take_offer",
    "take_over",
    "verify_sheet",
    "verify_sheets",
    "withdraw_blank_sheets",
    "write_cell",
    "write_pledge",
]
