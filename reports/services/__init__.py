"""Every write of a report: asking for it, its words, its files and letters on record."""

from reports.services.chapters import Saved, add_answers, restore_chapter, save_chapter
from reports.services.versions import (
    forget_prints,
    record_download,
    record_sending,
    request_report,
    retry_report,
)

__all__ = [
    "Saved",
    "add_answers",
    "forget_prints",
    "record_download",
    "record_sending",
    "request_report",
    "restore_chapter",
    "retry_report",
    "save_chapter",
]
