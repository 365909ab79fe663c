"""Lines laid over pages that stay as they are: at the foot of each page, and at the head of those
that are counted for themselves. Where a copy bound here is bound again, its older lines move up.
"""

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from io import BytesIO
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Matrix, Name, Page, Rectangle

from units.binder import POINTS_A_MM

STAMP_BOTTOM = 5 * POINTS_A_MM  # height of the strip above the paper's edge
HEAD_TOP = 7.5 * POINTS_A_MM  # height of a page number's strip below the upper edge
HEAD_SHIFT = 5 * POINTS_A_MM  # the middle of the text lies so far right of the page's
STAMP_SIZE = (180 * POINTS_A_MM, 5 * POINTS_A_MM)  # as templates/print/stamps.css makes it
PAGINATION = b"/Artifact <</Type /Pagination>> BDC\n%s\nEMC"


def lay(
    bound: pikepdf.Pdf, printed: bytes, place: Callable[[Page], Rectangle], pages: Sequence[Page]
) -> None:
    """Lay a strip on each of the pages."""
    with pikepdf.open(BytesIO(printed)) as source:
        strips = list(_strips(bound, source))
    if len(strips) != len(pages):
        raise RuntimeError(f"{len(pages)} lines made {len(strips)} strips")
    for page, strip in zip(pages, strips, strict=True):
        _draw(page, strip, place(page))


def _draw(page: Page, strip: pikepdf.Object, place: Rectangle) -> None:
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


def raise_feet(source: pikepdf.Pdf) -> None:
    """Move the lines at the foot that were laid when `source` was bound here one line up: the
    contents of that copy count by them, and the new line takes their place at the edge.
    """
    moved = set()
    for page in source.pages:
        for strip, placed in _laid(page):
            left, low, right, high = map(float, strip.BBox)
            x, y = placed.transform(((left + right) / 2, (low + high) / 2))
            place = foot(page)
            at_foot = place.llx <= x <= place.urx and place.lly <= y <= place.ury
            if at_foot and strip.objgen not in moved:
                moved.add(strip.objgen)
                before = Matrix(strip.get("/Matrix", Array([1, 0, 0, 1, 0, 0])))
                strip.Matrix = before.translated(0, STAMP_SIZE[1]).as_array()


def _laid(page: Page) -> Iterator[tuple[pikepdf.Object, Matrix]]:
    """The drawings of a strip's size on a page, each with where `_draw` put it."""
    drawings = page.resources.get("/XObject", Dictionary())
    strips = {name: drawing for name, drawing in drawings.items() if _is_strip(drawing)}
    placed = Matrix()
    for step in pikepdf.parse_content_stream(page, "cm Do") if strips else ():
        if str(step.operator) == "cm":
            placed = Matrix(*map(float, step.operands))
        elif (name := str(step.operands[0])) in strips:
            yield strips[name], placed


def _is_strip(drawing: pikepdf.Object) -> bool:
    """By the size alone: its name and content were not always the same."""
    box = drawing.get("/BBox", Array())
    if drawing.get("/Subtype") != Name.Form or len(box) != 4:
        return False
    left, low, right, high = map(float, box)
    return all(
        abs(found - made) < 0.1
        for found, made in zip((right - left, high - low), STAMP_SIZE, strict=True)
    )


def head(page: Page) -> Rectangle:
    """The place of a page number on a page of our own: in the upper margin, over the text."""
    box = Rectangle(page.cropbox)
    middle, reach = (box.llx + box.urx) / 2 + HEAD_SHIFT, STAMP_SIZE[0] / 2
    top = box.ury - HEAD_TOP
    return Rectangle(middle - reach, top - STAMP_SIZE[1], middle + reach, top)


def foot(page: Page) -> Rectangle:
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
