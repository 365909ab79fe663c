"""From frozen facts to one bound PDF."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.utils import timezone

from dossiers import binder, pdf
from dossiers.documents.freezing import freeze
from dossiers.models import Build
from units import storage
from units.jobs import Progress
from units.models import Blob

Sheet = dict[str, Any]


def compile_dossier(build: Build, progress: Progress) -> dict[str, Any]:
    """The bound PDF of one version and its number of pages, for `units.jobs.perform`.

    Every paper is printed from the snapshot alone, outside any transaction; a retry prints the same
    facts. Raises DomainError for an uploaded file that cannot be bound, LeaseLost when somebody
    else has the build now: then nothing is stored.
    """
    progress("Chốt số liệu")
    if build.snapshot is None:
        build.snapshot = freeze(build)
        build.refresh_from_db(fields=["frozen_at"])
    snapshot, created_at = build.snapshot, build.frozen_at
    sheets: list[Sheet] = snapshot["papers"]
    total = len(sheets) + 2
    of_a_kind = Counter(sheet["step"] for sheet in sheets)
    done: Counter[str] = Counter()
    parts = []
    for index, sheet in enumerate(sheets, start=1):
        if step := sheet["step"]:
            done[step] += 1
            count = f" {done[step]} trên {of_a_kind[step]}" if of_a_kind[step] > 1 else ""
            progress(f"{step}{count}", index, total)
        parts.append(_part(sheet, created_at))
    progress("Đóng tập, đánh số trang", total - 1, total)
    bound = binder.bind(
        parts,
        cover=_cover(snapshot, created_at),
        stamps=_stamps,
        name=f"Hồ sơ {snapshot['code']}",
        title=snapshot["title"],
        author=snapshot["author"],
        subject=snapshot["subject"],
        created_at=created_at,
    )
    progress("Lưu tệp", total, total)
    blob = storage.keep_bytes(bound.content, media_type=storage.PDF, now=timezone.now())
    return {"pdf": blob, "pages": bound.pages}


def _part(sheet: Sheet, created_at: datetime | None) -> binder.Part:
    """One line of the contents with its pages: printed, or read from the store as it was sent."""
    kind, content, bookmarks = sheet["kind"], None, []
    if kind == "paper":
        kind = "pdf"
        printed = pdf.render(
            sheet["template"], sheet["paper"], title=sheet["title"], created_at=created_at
        )
        content, bookmarks = printed.content, _headings(sheet, printed)
    elif kind in {"pdf", "image"}:
        content = storage.read_bytes(Blob(sha256=sheet["blob"]))
    return binder.Part(
        title=sheet["title"],
        content=content,
        kind=kind,
        level=sheet["level"],
        label=sheet["label"],
        bookmarks=bookmarks,
    )


def _headings(sheet: Sheet, printed: pdf.Pdf) -> list[tuple[str, int, int]]:
    """Headings inside a paper; its own name is the bookmark of the part already."""
    return [
        (mark.title, mark.page, max(1, mark.level - 1))
        for mark in printed.bookmarks
        if mark.title.casefold() != sheet["paper"]["kind"].casefold()
    ]


def _cover(
    snapshot: dict[str, Any], created_at: datetime | None
) -> Callable[[Sequence[binder.Entry], int], bytes]:
    def printed(entries: Sequence[binder.Entry], pages: int) -> bytes:
        lines = [
            {
                "level": sheet["level"],
                "number": sheet["number"],
                "symbol": sheet["symbol"],
                "dated_on": sheet["dated_on"],
                "title": sheet["title"],
                "author": sheet["author"],
                "first_page": entry.first_page,
                "pages": entry.pages,
                "note": sheet["note"],
            }
            for sheet, entry in zip(snapshot["papers"], entries, strict=True)
        ]
        paper = {**snapshot["cover"], "contents": lines, "total_pages": pages}
        return pdf.render(
            "print/dossier_cover.html", paper, title=snapshot["title"], created_at=created_at
        ).content

    return printed


def _stamps(lines: Sequence[str]) -> bytes:
    return pdf.render("print/stamps.html", {"stamps": list(lines)}, title="").content
