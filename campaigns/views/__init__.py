"""Pages of plans and of result sheets."""

from campaigns.views.plans import (
    campaign_detail,
    campaign_indicators,
    campaign_list,
    campaign_units,
    participation_enrol,
    participation_leave,
)
from campaigns.views.sheets import (
    evidence_add,
    evidence_file,
    evidence_remove,
    result_history,
    result_save,
    result_sheet_detail,
    result_sheet_list,
    result_sheet_open,
    result_sheet_return,
    result_sheet_save,
    result_sheet_submit,
    result_sheet_verify,
)

__all__ = [
    "campaign_detail",
    "campaign_indicators",
    "campaign_list",
    "campaign_units",
    "evidence_add",
    "evidence_file",
    "evidence_remove",
    "participation_enrol",
    "participation_leave",
    "result_history",
    "result_save",
    "result_sheet_detail",
    "result_sheet_list",
    "result_sheet_open",
    "result_sheet_return",
    "result_sheet_save",
    "result_sheet_submit",
    "result_sheet_verify",
]
