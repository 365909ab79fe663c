"""What the pages of reports show, what a report reads, what has changed since."""

from reports.queries.reading import (
    accepted_sheets,
    awarded_until,
    below,
    periods_read,
    yearly_within,
)
from reports.queries.staleness import Staleness, staleness
from reports.queries.versions import (
    annexes_of,
    chapter_history,
    comparable_versions,
    compared_with,
    downloads_of,
    may_request,
    newest_frozen,
    reportable_periods,
    same_reports,
    sending_before,
    sendings_of,
    todo,
    versions_of,
    with_names,
    written,
    written_chapters,
)

__all__ = [
    "Staleness",
    "accepted_sheets",
    "annexes_of",
    "awarded_until",
    "below",
    "chapter_history",
    "comparable_versions",
    "compared_with",
    "downloads_of",
    "may_request",
    "newest_frozen",
    "periods_read",
    "reportable_periods",
    "same_reports",
    "sending_before",
    "sendings_of",
    "staleness",
    "todo",
    "versions_of",
    "with_names",
    "written",
    "written_chapters",
    "yearly_within",
]
