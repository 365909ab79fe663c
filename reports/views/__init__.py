"""Pages of the consolidated report."""

from reports.views.chapters import chapter_edit, chapter_history, chapter_restore, chapter_take
from reports.views.versions import (
    campaign_reports,
    report_changes,
    report_detail,
    report_file,
    report_list,
    report_progress,
    report_request,
    report_retry,
    report_sent,
)

__all__ = [
    "campaign_reports",
    "chapter_edit",
    "chapter_history",
    "chapter_restore",
    "chapter_take",
    "report_changes",
    "report_detail",
    "report_file",
    "report_list",
    "report_progress",
    "report_request",
    "report_retry",
    "report_sent",
]
