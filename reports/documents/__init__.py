"""The consolidated report: facts first, paper second.

`compile_report` is what a worker runs. The facts are frozen once, in one consistent reading, and
committed on the row; the PDF and the workbook are printed from them alone, so a retry prints the
same figures although the data moved on meanwhile.
"""

from io import BytesIO
from typing import Any

from django.utils import timezone

from dossiers import pdf
from reports.documents.facts import freeze
from reports.documents.paper import paper_of
from reports.documents.workbook import sheets_of
from reports.models import Report
from units import storage, xlsx
from units.jobs import Progress

STEPS = 4


def compile_report(report: Report, progress: Progress) -> dict[str, Any]:
    """Freeze, print, write, keep. Returns the fields that `units.jobs.finish` stores."""
    progress("Chốt số liệu", 0, STEPS)
    snapshot = report.snapshot or freeze(report)
    progress("Dàn trang PDF", 1, STEPS)
    title = snapshot["document"]["subject"]
    author = snapshot["document"]["agency_name"]
    paper = pdf.render("print/report.html", paper_of(snapshot), title=title, author=author)
    now = timezone.now()
    stored = storage.keep_bytes(paper.content, media_type=storage.PDF, now=now)
    progress("Lập bảng Excel", 2, STEPS)
    book = BytesIO()
    rows = xlsx.write(
        book, sheets_of(snapshot), properties=xlsx.Properties(title=title, author=author)
    )
    progress("Lưu tệp", 3, STEPS)
    return {
        "pdf": stored,
        "pages": paper.pages,
        "xlsx": storage.keep_bytes(book.getvalue(), media_type=storage.XLSX, now=now),
        "rows": rows,
    }
