"""The consolidated report: facts first, paper second.

`compile_report` is what a worker runs. The facts are frozen once, in one consistent reading, and
committed on the row; the PDF and the workbook are printed from them alone, so a retry prints the
same figures although the data moved on meanwhile.
"""

from io import BytesIO
from typing import Any

from django.utils import timezone

from reports.documents.binding import bound_report
from reports.documents.facts import freeze
from reports.documents.workbook import sheets_of
from reports.models import Report
from units import storage, xlsx
from units.jobs import Progress

BOOK = "Lập bảng Excel"


def compile_report(report: Report, progress: Progress) -> dict[str, Any]:
    """Freeze, print, bind, write, keep. Returns the fields that `units.jobs.finish` stores."""
    progress("Chốt số liệu")
    snapshot = report.snapshot or freeze(report)
    paper = bound_report(
        snapshot,
        version=report.version,
        progress=progress,
        by_indicator=report.by_indicator,
        by_unit=report.by_unit,
    )
    stored = storage.keep_bytes(paper.content, media_type=storage.PDF, now=timezone.now())
    progress(BOOK)
    book = BytesIO()
    document = snapshot["document"]
    properties = xlsx.Properties(title=document["subject"], author=document["agency_name"])
    rows = xlsx.write(book, sheets_of(snapshot), properties=properties)
    progress("Lưu tệp")
    now = timezone.now()
    return {
        "pdf": stored,
        "pages": paper.pages,
        "xlsx": storage.keep_bytes(book.getvalue(), media_type=storage.XLSX, now=now),
        "rows": rows,
    }
