"""The order of the parts, with contents, bookmarks and structure; the lines laid over them are
`strips`."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from io import BytesIO
from typing import Literal

import pikepdf
from pikepdf import Array, Dictionary, Name, OutlineItem
from pikepdf.models.metadata import encode_pdf_date

from dossiers.binder import strips
from units.binder import image_page, opened
from units.rules import DomainError

MAX_PAGES = 2000
MAX_BYTES = 200 * 1024 * 1024

Kind = Literal["pdf", "image", "file", "group", "own"]
KINDS: dict[str, Kind] = {  # media types whose pages are bound
    "application/pdf": "pdf",
    "image/png": "image",
    "image/jpeg": "image",
}


@dataclass(frozen=True)
class Part:
    """One line of the contents, with its pages if it has any.

    kind: "pdf" and "image" (PNG or JPEG) are bound; "file" is listed as submitted beside the bound
    copy (docx, xlsx); "group" only heads the parts of a deeper level that follow; "own" was printed
    by the press and is bound without the checks of what comes from outside.
    title: "" goes on with the part before and has no bookmark of its own.
    bookmarks: headings inside the part as (title, page from 1, levels below its own).
    """

    title: str
    content: bytes | None = None
    kind: Kind = "pdf"
    level: int = 1
    label: str = ""  # “Thành phần 3”, for the line at the foot; "" takes it from the part above
    bookmarks: Sequence[tuple[str, int, int]] = ()
    counted_from: int = 0  # a number at the head of its pages, from here on; 0 leaves it out


@dataclass(frozen=True)
class Entry:
    """Where a part came to lie. first_page counts from 1, cover included; None if not bound."""

    title: str
    level: int
    kind: str
    first_page: int | None
    pages: int


@dataclass(frozen=True)
class BoundPdf:
    content: bytes
    pages: int
    entries: tuple[Entry, ...]


def bind(
    parts: Sequence[Part],
    *,
    cover: Callable[[Sequence[Entry], int], bytes],
    stamps: Callable[[Sequence[str]], bytes] | None,
    name: str,
    title: str,
    author: str = "",
    subject: str = "",
    created_at: datetime | None = None,
    heads: Callable[[Sequence[str]], bytes] | None = None,
    front_after: int = 0,
    front_title: str = "",
    front_pages: int = 1,
    max_pages: int = MAX_PAGES,
    max_bytes: int = MAX_BYTES,
) -> BoundPdf:
    """Bind `parts` behind a cover into one PDF with bookmarks and a line at the foot of each page.

    cover(entries, total pages) returns the PDF of cover and contents; it is called again when it
    is not `front_pages` long, which moves the pages behind it. It lies behind the first
    `front_after` parts, under a bookmark `front_title`. stamps(lines) returns a PDF of strips of
    180 × 5 mm, a line each, one below the other, and heads(numbers) is the same for the numbers at
    the head of parts that are counted for themselves.
    name: how the line calls the dossier (“Hồ sơ HS-2023-004”). DomainError names the part that is
    locked, damaged, too large or no PDF, and the way out.
    """
    size = sum(len(part.content or b"") for part in parts)
    if size > max_bytes:
        raise DomainError(
            f"Hồ sơ nặng {size // 2**20} MB, vượt mức {max_bytes // 2**20} MB của bản đóng tập. "
            "Hãy giảm độ phân giải bản quét (200 dpi là đủ) rồi tải lên lại."
        )
    bound = pikepdf.new()
    sources = [_source(part) for part in parts]
    lengths = [len(source.pages) if source else 0 for source in sources]
    if sum(lengths) > max_pages:
        raise DomainError(
            f"Hồ sơ có {sum(lengths)} trang, vượt mức {max_pages} trang của bản đóng tập. "
            "Hãy bỏ bớt phụ lục hoặc nộp kèm dưới dạng tệp gốc."
        )
    front, entries = _front(parts, lengths, cover, front_after, front_pages)
    laid = [one for one in [*sources[:front_after], front, *sources[front_after:]] if one]
    for source in laid:
        bound.pages.extend(source.pages)
    if all("/StructTreeRoot" in one.Root for one in laid) and {p.kind for p in parts} == {"own"}:
        _tag(bound, laid)
    if stamps:
        lines = _lines(parts, entries, name, len(bound.pages))
        strips.lay(bound, stamps(lines), strips.foot, list(bound.pages))
    if heads and (numbers := _numbers(parts, entries)):
        counted = [bound.pages[page] for page, _text in numbers]
        strips.lay(bound, heads([text for _page, text in numbers]), strips.head, counted)
    with bound.open_outline() as outline:
        first = [(front_title, sum(lengths[:front_after]))] if front_title else []
        outline.root.extend(_outline(parts[:front_after], entries[:front_after]))
        outline.root.extend(OutlineItem(title, page) for title, page in first)
        outline.root.extend(_outline(parts[front_after:], entries[front_after:]))
    _describe(bound, title=title, author=author, subject=subject, created_at=created_at)
    target = BytesIO()
    bound.save(target, object_stream_mode=pikepdf.ObjectStreamMode.generate, deterministic_id=True)
    return BoundPdf(target.getvalue(), len(bound.pages), tuple(entries))


def check(part: Part) -> None:
    """Raises the DomainError that binding this part would raise."""
    _source(part)


# --- the order of pages --------------------------------------------------------------------------


def _front(
    parts: Sequence[Part],
    lengths: Sequence[int],
    cover: Callable[[Sequence[Entry], int], bytes],
    after: int,
    length: int,
) -> tuple[pikepdf.Pdf, list[Entry]]:
    """The cover whose page numbers are true; it settles as numbers hardly change in length."""
    for _attempt in range(4):
        entries = _entries(parts, lengths, length, after)
        front = pikepdf.open(BytesIO(cover(entries, length + sum(lengths))))
        if len(front.pages) == length:
            return front, entries
        length = len(front.pages)
    raise RuntimeError("the cover changes its length each time it is told the page numbers")


def _entries(parts: Sequence[Part], lengths: Sequence[int], front: int, after: int) -> list[Entry]:
    entries, page = [], 1
    for place, (part, length) in enumerate(zip(parts, lengths, strict=True)):
        page += front if place == after else 0
        first = page if length else None
        entries.append(Entry(part.title, part.level, part.kind, first, length))
        page += length
    # A group begins where the first bound part below it begins and is as long as all of them.
    for index, entry in enumerate(entries):
        if entry.kind == "group":
            below = [item for item in _below(entries, index) if item.first_page]
            if below:
                entries[index] = replace(
                    entry,
                    first_page=below[0].first_page,
                    pages=sum(item.pages for item in below if item.kind != "group"),
                )
    return entries


def _below(entries: Sequence[Entry], index: int) -> Iterator[Entry]:
    for entry in entries[index + 1 :]:
        if entry.level <= entries[index].level:
            return
        yield entry


def _outline(parts: Sequence[Part], entries: Sequence[Entry]) -> list[OutlineItem]:
    root: list[OutlineItem] = []
    trail: list[tuple[int, list[OutlineItem]]] = [(0, root)]
    for part, entry in zip(parts, entries, strict=True):
        if entry.first_page is None:
            continue
        own = [(part.title, 1, 0)] if part.title else []
        lines = [*own, *part.bookmarks]
        for text, page, depth in lines:
            level = entry.level + depth
            item = OutlineItem(text, entry.first_page + page - 2)
            while trail[-1][0] >= level:
                trail.pop()
            trail[-1][1].append(item)
            trail.append((level, item.children))
    return root


def _describe(
    bound: pikepdf.Pdf, *, title: str, author: str, subject: str, created_at: datetime | None
) -> None:
    bound.Root.Lang = pikepdf.String("vi")
    bound.Root.PageMode = Name.UseOutlines
    bound.Root.ViewerPreferences = Dictionary(DisplayDocTitle=True)
    with bound.open_metadata(set_pikepdf_as_editor=False) as metadata:  # writes docinfo, too
        metadata["dc:title"] = title
        metadata["dc:language"] = ["vi"]
        if author:
            metadata["dc:creator"] = [author]
        if subject:
            metadata["dc:description"] = subject
        if created_at:
            metadata["xmp:CreateDate"] = created_at.isoformat(timespec="seconds")
    for key, value in (("/Title", title), ("/Author", author), ("/Subject", subject)):
        if value:
            bound.docinfo[Name(key)] = pikepdf.String(value)
    if created_at:
        bound.docinfo[Name.CreationDate] = encode_pdf_date(created_at)


def _tag(bound: pikepdf.Pdf, laid: Sequence[pikepdf.Pdf]) -> None:
    """Join the structure of our own prints, for readers of the screen (ISO 32000, 14.7).

    Each print counts its pages and links in its own parent tree from 0: behind the first they are
    counted on, in the tree and on what it points back from. What is laid over the pages afterwards
    stays outside the structure.
    """
    root = bound.make_indirect(Dictionary(Type=Name.StructTreeRoot))
    kids, names, numbers, first, at = Array(), Array(), Array(), 0, 0
    for source in laid:
        tree = bound.copy_foreign(source.Root.StructTreeRoot)  # knows the pages copied before
        for kid in tree.K:
            kid.P = root
            kids.append(kid)
        names.extend(tree.get("/Namespaces", ()))
        pairs = list(tree.ParentTree.Nums)
        for key, parent in zip(pairs[::2], pairs[1::2], strict=True):
            numbers.append(first + int(key))  # type: ignore[arg-type]
            numbers.append(parent)
        for page in bound.pages[at : at + len(source.pages)]:
            for held in (page.obj, *page.obj.get("/Annots", ())):
                for name in ("/StructParents", "/StructParent"):
                    if name in held:
                        held[name] = first + int(held[name])
        first, at = first + 1 + max(map(int, pairs[::2]), default=-1), at + len(source.pages)
    root.K, root.Namespaces, root.ParentTreeNextKey = kids, names, first
    root.ParentTree = bound.make_indirect(Dictionary(Nums=numbers))
    bound.Root.StructTreeRoot, bound.Root.MarkInfo = root, Dictionary(Marked=True)


def _source(part: Part) -> pikepdf.Pdf | None:
    if part.kind in {"file", "group"}:
        return None
    if part.content is None:
        raise ValueError(f"part {part.title!r} of kind {part.kind} has no content")
    if part.kind == "own":
        return pikepdf.open(BytesIO(part.content))
    if part.kind == "image":
        return image_page(part.title, part.content)
    source = opened(part.title, part.content)
    strips.raise_feet(source)
    return source


# --- the line at the foot -----------------------------------------------------------------------


def _lines(parts: Sequence[Part], entries: Sequence[Entry], name: str, total: int) -> list[str]:
    """“Hồ sơ HS-2023-004 – Thành phần 3 – trang 12/48”, one for each page in order."""
    labels = [""] * total
    label = ""
    for part, entry in zip(parts, entries, strict=True):
        label = part.label or ("" if part.level == 1 else label)
        if entry.first_page and entry.kind != "group":
            for page in range(entry.first_page - 1, entry.first_page - 1 + entry.pages):
                labels[page] = label
    return [
        " – ".join(filter(None, (name, labels[page], f"trang {page + 1}/{total}")))
        for page in range(total)
    ]


def _numbers(parts: Sequence[Part], entries: Sequence[Entry]) -> list[tuple[int, str]]:
    """(page from 0, number) of each page that gets one; page 1 of a count stays bare."""
    return [
        (entry.first_page - 1 + page, str(part.counted_from + page))
        for part, entry in zip(parts, entries, strict=True)
        if part.counted_from and entry.first_page
        for page in range(entry.pages)
        if part.counted_from + page > 1
    ]
