"""What comes into the binder: PDFs made safe to copy from, pictures made pages.

On the ground floor, so that every app that takes papers can tell at the upload which of them could
not be bound later (`check`).
"""

import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, PasswordError, PdfError
from PIL import Image, ImageFile

from units.rules import DomainError

MAX_PIXELS = 80_000_000  # an A3 page at 600 dpi has 70 million
MAX_UNPACKED_PIXELS = 36_000_000  # what is no JPEG is held whole in memory: A4 at 600 dpi
POINTS_A_MM = 72 / 25.4
A4 = (210 * POINTS_A_MM, 297 * POINTS_A_MM)
IMAGE_MARGIN = 15 * POINTS_A_MM
CARRYING = {"/Widget", "/FileAttachment", "/RichMedia", "/Screen", "/Movie", "/Sound", "/3D"}


def opened(title: str, content: bytes) -> pikepdf.Pdf:
    """An uploaded or printed PDF, safe to copy pages from. DomainError if locked or damaged."""
    try:
        # No recovery: a torn file would lose its last pages without a word.
        source = pikepdf.open(BytesIO(content), attempt_recovery=False)
        pages = len(source.pages)
    except PasswordError as error:
        raise DomainError(_locked(title)) from error
    except PdfError as error:
        raise DomainError(_damaged(title)) from error
    if source.is_encrypted:
        raise DomainError(_locked(title))
    if not pages:
        raise DomainError(_damaged(title))
    _set_form(source)
    _disarm(source)
    return source


def check(title: str, content: bytes, media_type: str) -> None:
    """Raises the DomainError that binding this file would raise; Word and Excel are not bound."""
    if media_type == "application/pdf":
        opened(title, content)
    elif media_type in {"image/png", "image/jpeg"}:
        image_page(title, content)


def _locked(title: str) -> str:
    return (
        f"“{title}” có mật khẩu hoặc bị hạn chế quyền nên không đóng vào hồ sơ được. "
        "Hãy gỡ mật khẩu rồi tải lên lại."
    )


def _damaged(title: str) -> str:
    return (
        f"“{title}” không phải PDF hoặc bị hỏng, thiếu trang nên không đóng vào hồ sơ được. "
        "Hãy mở tệp bằng phần mềm đọc PDF, in ra PDF mới rồi tải lên lại."
    )


def _set_form(source: pikepdf.Pdf) -> None:
    """Turn filled fields into plain print: a reading copy is no form, and a signature that was
    copied with its field would be shown as broken."""
    notes = [note for page in source.pages for note in page.obj.get("/Annots", Array())]
    if any(str(note.get("/Subtype")) == "/Widget" for note in notes):
        form = source.Root.get("/AcroForm", Dictionary())
        if form.get("/NeedAppearances", False):
            source.generate_appearance_streams()
        source.flatten_annotations("all")


def _disarm(source: pikepdf.Pdf) -> None:
    """Take out what acts by itself or hides a file; what one sees on the pages stays.

    Only pages are copied from `source`, so what hangs on its catalogue (open action, scripts by
    name, embedded files, form) is left behind anyway; here is what pages can carry along.
    """
    for item in source.objects:
        for holder in _dictionaries(item):
            for key in ("/AA", "/AF", "/JS", "/EF", "/OpenAction", "/PieceInfo"):
                if key in holder:
                    del holder[key]
            for key in ("/A", "/PA", "/Next", "/Activation"):
                if key in holder and _acts(holder[key]):
                    del holder[key]
    for page in source.pages:
        if "/Annots" in page and isinstance(page.Annots, Array):
            page.Annots = Array(
                [
                    note
                    for note in page.Annots
                    if isinstance(note, Dictionary) and str(note.get("/Subtype")) not in CARRYING
                ]
            )


def _dictionaries(item: Any) -> Iterator[Any]:
    """`item` and the dictionaries written inside it; other indirect objects come by themselves."""
    waiting = [item]
    while waiting:
        value = waiting.pop()
        if isinstance(value, pikepdf.Stream):
            value = value.stream_dict
        if isinstance(value, Dictionary):
            yield value
            inner = [entry for _key, entry in value.items()]
        elif isinstance(value, Array):
            inner = list(value)
        else:
            continue
        waiting.extend(
            entry
            for entry in inner
            if isinstance(entry, Dictionary | Array) and not entry.is_indirect
        )


def _acts(action: Any) -> bool:
    """Whether an action does more than go to a page of the file or open a web address."""
    if isinstance(action, Array):
        return any(_acts(one) for one in action)
    if not isinstance(action, Dictionary) or "/S" not in action:
        return False
    if action.S == Name.URI:
        address = str(action.get("/URI", "")).lower()
        return not address.startswith(("http://", "https://", "mailto:"))
    return bool(Name.GoTo != action.S)


# --- pictures become pages ----------------------------------------------------------------------

_one_reader = threading.Lock()


@contextmanager
def _whole_pictures() -> Iterator[None]:
    """WeasyPrint, once imported, has Pillow fill what is torn off with grey, for the process."""
    with _one_reader:
        before, ImageFile.LOAD_TRUNCATED_IMAGES = ImageFile.LOAD_TRUNCATED_IMAGES, False
        try:
            yield
        finally:
            ImageFile.LOAD_TRUNCATED_IMAGES = before


def image_page(title: str, content: bytes) -> pikepdf.Pdf:
    """A PNG or JPEG as one A4 page, turned as the picture lies; JPEG data are not recoded."""
    try:
        with (
            _whole_pictures(),
            Image.open(BytesIO(content), formats=("PNG", "JPEG")) as picture,
        ):
            width, height = picture.size
            if width * height > (MAX_PIXELS if picture.format == "JPEG" else MAX_UNPACKED_PIXELS):
                raise DomainError(
                    f"“{title}” có {width} × {height} điểm ảnh, lớn hơn mức cho phép. "
                    "Hãy quét lại ở 200 dpi rồi tải lên lại."
                )
            turn = picture.getexif().get(0x0112, 1)
            data, filters, colours = _image_data(picture, content)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise DomainError(
            f"“{title}” không phải ảnh PNG, JPEG hoặc bị hỏng. Hãy lưu lại ảnh rồi tải lên lại."
        ) from error
    pdf = pikepdf.new()
    image = pdf.make_stream(data)
    image.stream_dict.update(
        {
            "/Type": Name.XObject,
            "/Subtype": Name.Image,
            "/Width": width,
            "/Height": height,
            "/ColorSpace": colours,
            "/BitsPerComponent": 8,
            "/Filter": filters,
        }
    )
    if colours == Name.DeviceCMYK:  # Adobe writes CMYK pictures inverted
        image.Decode = Array([1, 0] * 4)
    shown = (height, width) if turn >= 5 else (width, height)
    page_width, page_height = A4 if shown[0] <= shown[1] else A4[::-1]
    scale = min(
        (page_width - 2 * IMAGE_MARGIN) / shown[0], (page_height - 2 * IMAGE_MARGIN) / shown[1]
    )
    drawn = shown[0] * scale, shown[1] * scale
    left, bottom = (page_width - drawn[0]) / 2, (page_height - drawn[1]) / 2
    # EXIF orientation to a matrix that maps the unit square onto the rectangle as it is shown.
    matrix = {
        1: (1, 0, 0, 1, 0, 0),
        2: (-1, 0, 0, 1, 1, 0),
        3: (-1, 0, 0, -1, 1, 1),
        4: (1, 0, 0, -1, 0, 1),
        5: (0, -1, -1, 0, 1, 1),
        6: (0, -1, 1, 0, 0, 1),
        7: (0, 1, 1, 0, 0, 0),
        8: (0, 1, -1, 0, 1, 0),
    }.get(turn, (1, 0, 0, 1, 0, 0))
    draw = (
        f"q {drawn[0]:.3f} 0 0 {drawn[1]:.3f} {left:.3f} {bottom:.3f} cm "
        f"{' '.join(map(str, matrix))} cm /Im0 Do Q"
    )
    page = pdf.add_blank_page(page_size=(page_width, page_height))
    page.Resources = Dictionary(XObject=Dictionary(Im0=image))
    page.Contents = pdf.make_stream(draw.encode())
    return pdf


def _image_data(picture: Image.Image, content: bytes) -> tuple[bytes, Name, Name]:
    colours = {"L": Name.DeviceGray, "RGB": Name.DeviceRGB, "CMYK": Name.DeviceCMYK}
    if picture.format == "JPEG" and picture.mode in colours:
        picture.load()  # a torn picture is refused here, not in the reader's viewer
        return content, Name.DCTDecode, colours[picture.mode]
    if picture.mode in {"RGBA", "LA", "PA"} or "transparency" in picture.info:
        layer = picture.convert("RGBA")
        flat = Image.new("RGB", picture.size, "white")
        flat.paste(layer, mask=layer.getchannel("A"))
    else:
        flat = picture if picture.mode in {"L", "RGB"} else picture.convert("RGB")
    return zlib.compress(flat.tobytes()), Name.FlateDecode, colours[flat.mode]
