"""The chapters of a report bound into one PDF: text, contents, appendices, page numbers.

A page carries two numbers: that of its own appendix at its head (Decree 30/2020, Appendix I) and
that of the whole at its foot. Neither is printed in the chapters, which may lie elsewhere in the
next version; the binder lays both on.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from dossiers import binder, pdf
from dossiers.pdf import roman
from reports.documents.annexes import SILENT, appendices
from reports.documents.appendix import Appendix
from reports.documents.paper import audit_note, head_of, paper_of
from reports.documents.printing import Sheet, printed
from units.jobs import Progress

Facts = Mapping[str, Any]
CONTENTS = "Mục lục"
CONTENTS_LINES = 43  # on a page, as long as none of them is broken
MAX_PAGES = 20_000  # all of it our own print; the largest plans come to some thousands


def bound_report(
    snapshot: Facts, *, version: int, progress: Progress, **annexes: bool
) -> binder.BoundPdf:
    """Print what is not in the store yet, and bind; `annexes` as in `appendices`."""
    main, found = chapters_of(snapshot, **annexes)
    sheets = [main, *(sheet for appendix in found for sheet in appendix.sheets)]
    total = len(sheets)

    def told(count: int) -> None:
        progress(f"Dàn trang: {count} trên {total} phần", count, total)

    told(0)
    prints = printed(sheets, told)
    parts = parts_of(found, prints)
    progress("Ghép PDF, đánh số trang, mục lục", total, total)
    document = snapshot["document"]
    return binder.bind(
        parts,
        cover=partial(_contents, parts, bool(snapshot["campaign"]["is_sample"])),
        stamps=_strips("print/stamps.html"),
        heads=_strips("print/numbers.html"),
        name=f"Báo cáo {snapshot['period']['name'].lower()}, phiên bản {version}",
        title=document["subject"],
        author=document["agency_name"],
        front_after=1,
        front_title=CONTENTS if found else "",
        front_pages=_contents_pages(parts),
        max_pages=MAX_PAGES,
    )


def chapters_of(snapshot: Facts, **annexes: bool) -> tuple[Sheet, list[Appendix]]:
    """The text that is signed, and the appendices behind it."""
    paper = paper_of(snapshot)
    collected = appendices(snapshot, head_of(paper), **annexes)
    number = collected.number_of(SILENT)
    paper["silent_in"] = roman(number) if number else ""
    return Sheet("print/report.html", paper), collected.done(audit_note(snapshot))


def parts_of(found: Sequence[Appendix], prints: Sequence[pdf.Pdf]) -> list[binder.Part]:
    """Each print as a part of the binder; those of one appendix go on from one another."""
    rest = iter(prints)
    first = next(rest)
    marks = [(mark.title.strip(), mark.page, max(1, mark.level - 1)) for mark in first.bookmarks]
    parts = [binder.Part("Báo cáo", first.content, "own", bookmarks=marks[1:])]
    for place, appendix in enumerate(found, 1):
        label = f"Phụ lục {roman(place)}" if len(found) > 1 else "Phụ lục"
        page = 1
        for index, _sheet in enumerate(appendix.sheets):
            paper = next(rest)
            title = f"{label}. {appendix.what}" if index == 0 else ""
            below = [(mark.title.strip(), mark.page, 1) for mark in paper.bookmarks]
            parts.append(
                binder.Part(
                    title,
                    paper.content,
                    "own",
                    label=label,
                    bookmarks=below if appendix.listed else (),
                    counted_from=page,
                )
            )
            page += paper.pages
    return parts


def _headings(part: binder.Part) -> list[tuple[str, int, int]]:
    """What the contents tell of a part: (title, page inside it from 1, level)."""
    own = [(part.title, 1, 1)] if part.title else []
    return own + [(title, page, 2) for title, page, level in part.bookmarks if level == 1]


def _contents_pages(parts: Sequence[binder.Part]) -> int:
    """How long the contents will be, most of the time; they are printed once if it is true."""
    return 1 + (1 + sum(len(_headings(part)) for part in parts)) // CONTENTS_LINES


def _contents(
    parts: Sequence[binder.Part], is_sample: bool, entries: Sequence[binder.Entry], pages: int
) -> bytes:
    """The contents, with the page of every heading in the whole."""
    lines = [
        {"title": title, "page": (entry.first_page or 1) + page - 1, "level": level}
        for part, entry in zip(parts, entries, strict=True)
        for title, page, level in _headings(part)
    ]
    paper = {"is_sample": is_sample, "what": "", "audit_note": "", "lines": lines, "pages": pages}
    return printed([Sheet("print/report_contents.html", paper)])[0].content


def _strips(template: str) -> Callable[[Sequence[str]], bytes]:
    return lambda lines: printed([Sheet(template, {"stamps": list(lines)})])[0].content
