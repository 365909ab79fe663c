"""The binder: many files to one PDF for reading. What may come into it is `units.binder`'s to say;
these two are the only doors to pikepdf.

The bound PDF is a reading copy: uploaded pages stay as they are (their text can be searched), get a
small line in the bottom margin, and lose only what acts by itself (scripts, launches, embedded
files). The signed originals are kept as files of their own by the caller.

What is printed (cover with contents, lines at the foot) comes from the caller as functions, so that
the binder knows no template.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from io import BytesIO
from typing import Any, Literal

import pikepdf
from pikepdf import Array, Dictionary, Name, OutlineItem, Page, Rectangle
from pikepdf.models.metadata import encode_pdf_date

from units.binder import POINTS_A_MM, image_page, opened
from units.rules import DomainError

MAX_PAGES = 2000
MAX_BYTES = 200 * 1024 * 1024

Kind = Literal["pdf", "image", "file", "group", "own"]
KINDS: dict[str, Kind] = {  # media types whose pages are bound
    "application/pdf": "pdf",
    "image/png": "image",
    "image/jpeg": "image",
}

STAMP_BOTTOM = 5 * POINTS_A_MM  # height of the strip above the paper's edge
HEAD_TOP = 7.5 * POINTS_A_MM  # height of a page number's strip below the upper edge
HEAD_SHIFT = 5 * POINTS_A_MM  # the middle of the text lies so far right of the page's
STAMP_SIZE = (180 * POINTS_A_MM, 5 * POINTS_A_MM)  # as templates/print/stamps.css makes it
PAGINATION = b"/Artifact <</Type /Pagination>> BDC\n%s\nEMC"


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
        _stamp(bound, stamps(lines), _foot, list(bound.pages))
    if heads and (numbers := _numbers(parts, entries)):
        counted = [bound.pages[page] for page, _text in numbers]
        _stamp(bound, heads([text for _page, text in numbers]), _head, counted)
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
    make = image_page if part.kind == "image" else opened
    return make(part.title, part.content)


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


def _stamp(
    bound: pikepdf.Pdf, printed: bytes, place: Callable[[Page], Rectangle], pages: Sequence[Page]
) -> None:
    """Lay a strip on each of the pages."""
    with pikepdf.open(BytesIO(printed)) as source:
        strips = list(_strips(bound, source))
    if len(strips) != len(pages):
        raise RuntimeError(f"{len(pages)} lines made {len(strips)} strips")
    for page, strip in zip(pages, strips, strict=True):
        _lay(page, strip, place(page))


def _lay(page: Page, strip: pikepdf.Object, place: Rectangle) -> None:
    """Draw over a page whose content stays as it is. Names are counted, so that the same parts make
    the same bytes; an upload may have been bound here before and use the same name.
    """
    drawings = page.resources.get("/XObject", Dictionary())
    page.resources.XObject = drawings
    name = f"/Strip{strip.objgen[0]}"
    while name in drawings:
        name += "-"
    drawings[name] = strip
    drawn = page.calc_form_xobject_placement(
        strip,
        Name(name),
        place,
        invert_transformations=True,
        allow_shrink=True,
        allow_expand=False,
    )
    page.contents_add(b"q\n", prepend=True)
    page.contents_add(b"Q\n" + drawn)


def _strips(bound: pikepdf.Pdf, source: pikepdf.Pdf) -> Iterator[pikepdf.Object]:
    """Each line of a print as a drawing of its own, cut out at its strip.

    A line is one text (ISO 32000, 9.4); what scales the page goes before it. The drawing says that
    it is no part of the page's content (14.8.2.2), so readers of the screen pass it by.
    """
    width, height = STAMP_SIZE
    for page in source.pages:
        fonts = bound.copy_foreign(source.make_indirect(page.resources))
        upper, row, scaled, text = float(page.mediabox[3]), 0, [], []
        for step in pikepdf.parse_content_stream(page):
            match str(step.operator):
                case "cm" if row == 0:
                    scaled.append(step)
                case "BT":
                    text = [*scaled, step]
                case "ET":
                    drawn = pikepdf.unparse_content_stream([*text, step])
                    strip = bound.make_stream(PAGINATION % drawn)
                    strip.Type, strip.Subtype, strip.Resources = Name.XObject, Name.Form, fonts
                    top = upper - row * height
                    strip.BBox = Array([0, top - height, width, top])
                    row, text = row + 1, []
                    yield strip
                case _ if text:
                    text.append(step)


def _head(page: Page) -> Rectangle:
    """The place of a page number on a page of our own: in the upper margin, over the text."""
    box = Rectangle(page.cropbox)
    middle, reach = (box.llx + box.urx) / 2 + HEAD_SHIFT, STAMP_SIZE[0] / 2
    top = box.ury - HEAD_TOP
    return Rectangle(middle - reach, top - STAMP_SIZE[1], middle + reach, top)


def _foot(page: Page) -> Rectangle:
    """The strip's place in the page's own coordinates, at the edge that is shown at the bottom."""
    box = Rectangle(page.cropbox)
    unit = float(page.obj.get("/UserUnit", Decimal(1)))
    width, height, gap = (length / unit for length in (*STAMP_SIZE, STAMP_BOTTOM))
    turn = int(_inherited(page.obj, "/Rotate", 0)) % 360
    if turn in {90, 270}:
        middle = (box.lly + box.ury) / 2
        reach = min(width, box.ury - box.lly) / 2
        side = box.urx - gap - height if turn == 90 else box.llx + gap
        return Rectangle(side, middle - reach, side + height, middle + reach)
    middle = (box.llx + box.urx) / 2
    reach = min(width, box.urx - box.llx) / 2
    side = box.ury - gap - height if turn == 180 else box.lly + gap
    return Rectangle(middle - reach, side, middle + reach, side + height)


def _inherited(node: Any, key: str, default: int) -> Any:
    while node is not None:
        if key in node:
            return node[key]
        node = node.get("/Parent")
    return default
