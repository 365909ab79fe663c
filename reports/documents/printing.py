"""Chapters printed once: what was printed from the same facts before is taken from the store.

The key of a print is the hash of everything it depends on, so that nothing has to be declared
outdated: other facts, another template or another style are another key.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from dossiers import pdf
from reports.models import PrintedChapter
from units import storage


@dataclass(frozen=True)
class Sheet:
    """One print to be made: a template of templates/print and the plain values it prints."""

    template: str
    paper: Mapping[str, Any]

    @property
    def key(self) -> str:
        facts = json.dumps([self.template, self.paper], sort_keys=True, default=str)
        return hashlib.sha256(f"{pdf.edition()}{facts}".encode()).hexdigest()


def printed(
    sheets: Iterable[Sheet], made: Callable[[int], None] = lambda _count: None
) -> list[pdf.Pdf]:
    """Each sheet as a PDF, from the store where it lies there. `made` hears how many are done."""
    asked = [(sheet.key, sheet) for sheet in sheets]
    keys = [key for key, _sheet in asked]
    kept = PrintedChapter.objects.select_related("blob").in_bulk(keys)
    PrintedChapter.objects.filter(pk__in=kept).update(used_at=timezone.now())
    found = []
    for key, sheet in asked:
        found.append(_kept(kept[key]) if key in kept else _print(key, sheet))
        made(len(found))
    return found


def _kept(row: PrintedChapter) -> pdf.Pdf:
    marks = tuple(pdf.Bookmark(title, page, level) for title, page, level in row.bookmarks)
    return pdf.Pdf(storage.read_bytes(row.blob), row.pages, marks)


def _print(key: str, sheet: Sheet) -> pdf.Pdf:
    paper = pdf.render(sheet.template, sheet.paper, title="Báo cáo")
    now = timezone.now()
    blob = storage.keep_bytes(paper.content, media_type=storage.PDF, now=now)
    marks = [[mark.title, mark.page, mark.level] for mark in paper.bookmarks]
    PrintedChapter.objects.bulk_create(  # another worker may have printed the same meanwhile
        [PrintedChapter(key=key, blob=blob, pages=paper.pages, bookmarks=marks, used_at=now)],
        update_conflicts=True,
        unique_fields=["key"],
        update_fields=["blob", "pages", "bookmarks", "used_at"],
    )
    return paper
