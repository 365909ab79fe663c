"""The binder: order, bookmarks, contents and lines at the foot are read back from the bound PDF."""

import io
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pdfplumber
import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, OutlineItem, String
from PIL import Image

from dossiers import pdf
from dossiers.binder import BoundPdf, Entry, Part, bind
from tests.dossiers.papers import COVER, LETTER, REPORT
from units.rules import DomainError

MM = 72 / 25.4
NAME = "Hồ sơ HS-2023-004"


def cover(entries: Sequence[Entry], total: int) -> bytes:
    contents = [
        {
            "level": entry.level,
            "number": str(number),
            "symbol": "",
            "dated_on": None,
            "title": entry.title,
            "author": "",
            "first_page": entry.first_page,
            "pages": entry.pages,
            "note": "Nộp kèm tệp gốc" if entry.kind == "file" else "",
        }
        for number, entry in enumerate(entries, start=1)
    ]
    paper = {**COVER, "total_pages": total, "contents": contents}
    return pdf.render("print/cover.html", paper, title="Bìa").content


def stamps(lines: Sequence[str]) -> bytes:
    return pdf.render("print/stamps.html", {"stamps": list(lines)}, title="Dấu trang").content


def bound(parts: Sequence[Part], **options: Any) -> BoundPdf:
    named = {"cover": cover, "stamps": stamps, "name": NAME, "title": "Hồ sơ khen thưởng"}
    return bind(parts, **(named | options))


def text_of(content: bytes) -> list[str]:
    with pdfplumber.open(io.BytesIO(content)) as paper:
        return [page.extract_text() for page in paper.pages]


def made(*sizes: tuple[float, float], rotate: int = 0) -> bytes:
    """A PDF whose pages each draw one square."""
    source = pikepdf.new()
    for size in sizes or ((210 * MM, 297 * MM),):
        page = source.add_blank_page(page_size=size)
        page.Contents = source.make_stream(b"0 0 1 rg 100 100 50 50 re f")
        if rotate:
            page.Rotate = rotate
    return saved(source)


def saved(source: pikepdf.Pdf, **options: Any) -> bytes:
    target = io.BytesIO()
    source.save(target, **options)
    return target.getvalue()


def picture(kind: str, size: tuple[int, int], mode: str = "RGB", **options: Any) -> bytes:
    target = io.BytesIO()
    Image.new(mode, size, None).save(target, kind, **options)
    return target.getvalue()


@pytest.fixture(scope="module")
def letter() -> pdf.Pdf:
    return pdf.render("print/letter.html", LETTER, title="Tờ trình")


@pytest.fixture(scope="module")
def report() -> pdf.Pdf:
    return pdf.render("print/report.html", REPORT, title="Báo cáo")


@pytest.fixture(scope="module")
def dossier(letter, report) -> BoundPdf:
    marks = [(mark.title, mark.page, mark.level) for mark in report.bookmarks]
    return bound(
        [
            Part("Tờ trình", letter.content, label="Thành phần 1"),
            Part("Báo cáo và minh chứng", kind="group", label="Thành phần 2"),
            Part("Báo cáo phong trào", report.content, level=2, bookmarks=marks),
            Part("Ảnh minh chứng", picture("JPEG", (800, 600)), kind="image", level=2),
            Part("Bảng số liệu.xlsx", kind="file", level=2),
            Part("Kế hoạch phát động", made((420 * MM, 297 * MM)), label="Thành phần 3"),
        ],
        author="Sở Nông nghiệp",
        subject="Đề nghị khen thưởng",
        created_at=datetime(2024, 2, 5, 1, 2, 3, tzinfo=UTC),
    )


def test_parts_lie_where_the_contents_say(dossier):
    assert [(entry.first_page, entry.pages) for entry in dossier.entries] == [
        (3, 2), (5, 5), (5, 4), (9, 1), (None, 0), (10, 1),
    ]  # fmt: skip
    pages = text_of(dossier.content)
    assert len(pages) == dossier.pages == 10
    assert "HỒ SƠ KHEN THƯỞNG" in pages[0]
    assert "Tổng số trang: 10" in pages[0]
    assert "TỜ TRÌNH" in pages[2]
    assert "BÁO CÁO" in pages[4]
    with pdfplumber.open(io.BytesIO(dossier.content)) as paper:
        contents = paper.pages[1].extract_tables()[1]
    numbers = {row[3].replace("\n", " "): (row[5], row[6].replace("\n", " ")) for row in contents}
    assert numbers["Kế hoạch phát động"] == ("10", "")
    assert numbers["Báo cáo phong trào"] == ("5", "")
    assert numbers["Bảng số liệu.xlsx"] == ("", "Nộp kèm tệp gốc")


def test_page_numbers_stay_true_when_the_contents_grow(letter):
    parts = [Part(f"Minh chứng số {number}", made()) for number in range(1, 61)]
    dossier = bound([Part("Tờ trình", letter.content), *parts], stamps=None)
    front = dossier.entries[0].first_page - 1
    assert front > 2
    assert dossier.entries[-1].first_page == front + letter.pages + 60 == dossier.pages
    assert f"Tổng số trang: {dossier.pages}" in text_of(dossier.content)[0]


def test_a_cover_of_the_length_that_is_told_is_printed_once():
    calls = []

    def counted(entries: Sequence[Entry], total: int) -> bytes:
        calls.append(total)
        return made(A4_PAGE, A4_PAGE)

    assert bound([Part("x", made())], cover=counted, front_pages=2).pages == 3
    assert calls == [3]


def test_a_cover_that_never_settles_is_refused():
    def restless(entries: Sequence[Entry], total: int) -> bytes:
        return made(*[(100, 100)] * (total + 1))

    with pytest.raises(RuntimeError, match="changes its length"):
        bound([Part("x", made())], cover=restless)


def test_bookmarks_are_nested(dossier):
    def tree(items: list[OutlineItem]) -> list[Any]:
        return [
            (item.title, tree(item.children)) if item.children else item.title for item in items
        ]

    with pikepdf.open(io.BytesIO(dossier.content)) as paper, paper.open_outline() as outline:
        top = [item.title for item in outline.root]
        group = outline.root[1]
        assert top == ["Tờ trình", "Báo cáo và minh chứng", "Kế hoạch phát động"]
        assert [item.title for item in group.children] == ["Báo cáo phong trào", "Ảnh minh chứng"]
        [heading] = group.children[0].children[:1]
        assert heading.title == "Báo cáo"
        assert "II. Kết quả thực hiện" in [
            item[0] if isinstance(item, tuple) else item for item in tree(heading.children)
        ]
        where = group.children[1].destination[0]
        assert paper.pages.index(pikepdf.Page(where)) == 8


def test_each_page_has_its_line_in_the_bottom_margin(dossier):
    with pdfplumber.open(io.BytesIO(dossier.content)) as paper:
        for number, page in enumerate(paper.pages, start=1):
            [line] = [line for line in page.extract_text_lines() if NAME in line["text"]]
            assert line["top"] > page.height - 12 * MM
            assert line["bottom"] < page.height
            assert {round(char["size"], 1) for char in line["chars"]} == {9.0}
            assert line["text"].endswith(f"trang {number}/10")
            middle = (line["x0"] + line["x1"]) / 2
            assert middle == pytest.approx(page.width / 2, abs=2)
        lines = [page.extract_text().splitlines()[-1] for page in paper.pages]
    assert lines[0] == f"{NAME} – trang 1/10"
    assert lines[2] == f"{NAME} – Thành phần 1 – trang 3/10"
    assert lines[8] == f"{NAME} – Thành phần 2 – trang 9/10"
    assert lines[9] == f"{NAME} – Thành phần 3 – trang 10/10"


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_the_line_is_upright_at_the_shown_bottom(rotate):
    dossier = bound([Part("x", made((595, 842), rotate=rotate), label="Thành phần 1")])
    with pdfplumber.open(io.BytesIO(dossier.content)) as paper:
        page = paper.pages[-1]
        [line] = [line for line in page.extract_text_lines() if NAME in line["text"]]
        assert line["top"] > page.height - 12 * MM
        assert (line["x0"] + line["x1"]) / 2 == pytest.approx(page.width / 2, abs=2)
        assert line["text"].endswith("trang 3/3")


def test_lines_of_more_pages_than_one_print_holds():
    dossier = bound([Part("x", made(*[(300, 300)] * 230))])
    feet = [text.splitlines()[-1] for text in text_of(dossier.content)]
    assert feet == [f"{NAME} – trang {number}/232" for number in range(1, 233)]


def test_a_drawing_of_an_uploaded_page_keeps_its_name():
    """Copies bound here before have drawings that are called as the next lines will be."""
    source = pikepdf.new()
    page = source.add_blank_page(page_size=A4_PAGE)
    square = source.make_stream(b"0 0 9 9 re f", Type=Name.XObject, Subtype=Name.Form)
    square.BBox = Array([0, 0, 9, 9])
    taken = {f"/Strip{number}": square for number in range(2, 99)}
    photo = source.make_stream(picture("JPEG", (9, 9)), Subtype=Name.Image, Filter=Name.DCTDecode)
    page.Resources = Dictionary(XObject=Dictionary(taken | {"/Strip1": photo}))
    dossier = bound([Part("x", saved(source))])
    with pikepdf.open(io.BytesIO(dossier.content)) as paper:
        drawings = paper.pages[-1].resources.XObject
        assert {drawings[name].read_bytes() for name in taken} == {square.read_bytes()}
        assert drawings["/Strip1"].read_raw_bytes() == photo.read_raw_bytes()
        [line] = set(drawings.keys()) - {"/Strip1", *taken}
    assert line.endswith("-")


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_a_copy_bound_again_keeps_its_older_lines_above_the_new_one(rotate):
    """The contents of the copy count by its own lines."""
    first = bound([Part("x", made((595, 842), rotate=rotate))], name="Báo cáo")
    second = bound([Part("Báo cáo", first.content)], name="Hồ sơ 1")
    third = bound([Part("Hồ sơ 1", second.content)], name="Hồ sơ 2")
    with pdfplumber.open(io.BytesIO(third.content)) as paper:
        for number, page in enumerate(paper.pages[-3:], start=1):
            lines = [line for line in page.extract_text_lines() if "– trang" in line["text"]]
            assert [line["text"] for line in lines] == [
                f"Báo cáo – trang {number}/3",
                f"Hồ sơ 1 – trang {number + 2}/5",
                f"Hồ sơ 2 – trang {number + 4}/7",
            ]
            edge = lines[-1]["bottom"]
            assert edge > page.height - 7 * MM
            ends = [edge - line["bottom"] for line in lines]
            assert ends == pytest.approx([10 * MM, 5 * MM, 0], abs=0.01)


def test_lines_that_were_laid_by_an_older_portal_are_known_by_their_size():
    source = pikepdf.new()
    page = source.add_blank_page(page_size=A4_PAGE)
    line = source.make_stream(b"0 0 9 9 re f", Subtype=Name.Form)
    line.BBox = Array([0, 0, 180 * MM, 5 * MM])
    endless = source.make_stream(b"0 0 9 9 re f", Subtype=Name.Form)
    page.Resources = Dictionary(XObject=Dictionary({"/x": line, "/y": endless}))
    page.Contents = source.make_stream(b"q 1 0 0 1 42.5 14.2 cm /x Do Q /y Do")
    copy = bound([Part("x", saved(source))])
    with pikepdf.open(io.BytesIO(copy.content)) as paper:
        drawings = paper.pages[-1].resources.XObject
        moved = [float(number) for number in drawings["/x"].Matrix]
        assert moved == pytest.approx([1, 0, 0, 1, 0, 5 * MM])
        assert "/Matrix" not in drawings["/y"]


def test_a_number_at_the_head_stays_where_it_is_when_a_copy_is_bound_again():
    first = bound([Part("x", made(A4_PAGE, A4_PAGE), counted_from=1)], heads=stamps)
    second = bound([Part("Báo cáo", first.content)])
    tops = []
    for copy in (first, second):
        with pdfplumber.open(io.BytesIO(copy.content)) as paper:
            [number] = [word for word in paper.pages[-1].extract_words() if word["text"] == "2"]
            tops.append(number["top"])
    assert tops[0] == pytest.approx(tops[1])


def test_the_same_parts_make_the_same_bytes(letter):
    parts = [Part("Tờ trình", letter.content), *pieces()]
    assert bound(parts, heads=stamps).content == bound(parts, heads=stamps).content


def test_a_page_narrower_than_the_line_still_holds_it():
    dossier = bound([Part("x", made((200, 300)))])
    with pdfplumber.open(io.BytesIO(dossier.content)) as paper:
        page = paper.pages[-1]
        stamp = [char for char in page.chars if char["text"].strip()]
        assert 0 <= min(char["x0"] for char in stamp) < max(char["x1"] for char in stamp) <= 200


def test_uploaded_pages_stay_as_they_are(report):
    before = text_of(report.content)
    dossier = bound([Part("Báo cáo", report.content)], stamps=stamps)
    after = text_of(dossier.content)[2:]
    for old, new in zip(before, after, strict=True):
        assert "\n".join(new.splitlines()[:-1]) == old
    with (
        pdfplumber.open(io.BytesIO(report.content)) as old,
        pdfplumber.open(io.BytesIO(dossier.content)) as new,
    ):
        for page, copy in zip(old.pages, new.pages[2:], strict=True):
            places = [(char["text"], char["x0"], char["top"], char["size"]) for char in page.chars]
            kept = [(c["text"], c["x0"], c["top"], c["size"]) for c in copy.chars]
            assert kept[: len(places)] == places
            assert (page.width, page.height) == (copy.width, copy.height)


def test_document_information(dossier):
    with pikepdf.open(io.BytesIO(dossier.content)) as paper:
        assert str(paper.docinfo.Title) == "Hồ sơ khen thưởng"
        assert str(paper.docinfo.Author) == "Sở Nông nghiệp"
        assert str(paper.docinfo.Subject) == "Đề nghị khen thưởng"
        assert str(paper.docinfo.CreationDate).startswith("D:20240205010203")
        with paper.open_metadata() as metadata:
            assert metadata["dc:title"] == "Hồ sơ khen thưởng"
            assert metadata["dc:creator"] == ["Sở Nông nghiệp"]
        assert str(paper.Root.Lang) == "vi"


# --- what must not come along -------------------------------------------------------------------


def armed() -> bytes:
    """A PDF with every trap at once, on a page that also carries an honest link and a note."""
    source = pikepdf.new()
    page = source.add_blank_page(page_size=(595, 842))
    script = Dictionary(S=Name.JavaScript, JS=String("app.alert('x')"))
    payload = source.make_indirect(
        Dictionary(
            Type=Name.Filespec,
            F=String("virus.exe"),
            EF=Dictionary(F=source.make_stream(b"MZ-bad")),
        )
    )
    box = Array([10, 10, 50, 50])

    def note(subtype: str, **entries: Any) -> Any:
        return source.make_indirect(
            Dictionary(Type=Name.Annot, Subtype=Name("/" + subtype), Rect=box, **entries)
        )

    launch = Dictionary(S=Name.Launch, F=String("cmd.exe"))
    chain = Dictionary(S=Name.GoTo, D=Array([page.obj, Name.Fit]), Next=Array([script]))
    deep = Dictionary(S=Name.JavaScript, JS=String("deep"))
    for _step in range(40):
        deep = Dictionary(S=Name.GoTo, D=Array([page.obj, Name.Fit]), Next=deep)
    field = source.make_indirect(
        Dictionary(FT=Name.Tx, T=String("x"), AA=Dictionary(K=source.make_indirect(script)))
    )
    page.AA = Dictionary(O=script)
    page.AF = Array([payload])
    page.Annots = Array(
        [
            note("Link", A=launch),
            note("Link", A=chain),
            note("Link", A=Dictionary(S=Name.Named, N=Name.Print)),
            note("Link", A=deep),
            note("Link", A=Dictionary(S=Name.URI, URI=String("file:///etc/passwd"))),
            note("Link", A=Dictionary(S=Name.URI, URI=String("https://example.org/"))),
            note("Widget", Parent=field, PA=source.make_indirect(script)),
            note("FileAttachment", FS=payload),
            note("Screen", A=Dictionary(S=Name.Rendition, JS=String("x"))),
            note("Text", Contents=String("Ghi chú")),
        ]
    )
    field.Kids = Array([page.Annots[6]])
    source.Root.AcroForm = Dictionary(Fields=Array([field]))
    source.Root.OpenAction = script
    source.Root.AA = Dictionary(WC=script)
    source.Root.Names = Dictionary(
        JavaScript=Dictionary(Names=Array([String("x"), script])),
        EmbeddedFiles=Dictionary(Names=Array([String("x"), payload])),
    )
    return saved(source)


def test_scripts_launches_and_hidden_files_are_left_out():
    dossier = bound([Part("Tải lên", armed())])
    with pikepdf.open(io.BytesIO(dossier.content)) as paper:
        raw = saved(
            paper,
            stream_decode_level=pikepdf.StreamDecodeLevel.all,
            object_stream_mode=pikepdf.ObjectStreamMode.disable,
            compress_streams=False,
        )
        notes = list(paper.pages[-1].Annots)
        assert [str(note.Subtype) for note in notes] == ["/Link"] * 6 + ["/Text"]
        assert [str(note.A.URI) for note in notes[:6] if "/A" in note and "/URI" in note.A] == [
            "https://example.org/"
        ]
        for key in ("/OpenAction", "/AA", "/Names", "/AcroForm"):
            assert key not in paper.Root
    for trap in (
        b"JavaScript", b"/JS", b"Launch", b"cmd.exe", b"virus.exe", b"MZ-bad", b"/EF", b"file:///",
        b"Rendition", b"/Named", b"deep", b"app.alert", b"/AA", b"/AF",
    ):  # fmt: skip
        assert trap not in raw, trap


@pytest.mark.parametrize("drawn", [True, False], ids=["drawn", "left to the viewer"])
def test_filled_fields_are_printed_and_no_longer_fields(drawn):
    source = pikepdf.new()
    page = source.add_blank_page(page_size=(595, 842))
    font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
    fonts = Dictionary(Font=Dictionary(Helv=font))
    field = Dictionary(
        Type=Name.Annot, Subtype=Name.Widget, FT=Name.Tx, F=4, T=String("so"), V=String("DA KY"),
        DA=String("/Helv 12 Tf 0 g"), Rect=Array([100, 100, 300, 130]),
    )  # fmt: skip
    if drawn:
        look = source.make_stream(b"/Tx BMC BT /Helv 12 Tf 2 9 Td (DA KY) Tj ET EMC")
        look.stream_dict.update(
            Dictionary(Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, 200, 30], Resources=fonts)
        )
        field.AP = Dictionary(N=look)
    page.Annots = Array([source.make_indirect(field)])
    source.Root.AcroForm = Dictionary(
        Fields=Array([page.Annots[0]]), DR=fonts, NeedAppearances=not drawn
    )
    dossier = bound([Part("Mẫu khai", saved(source))])
    assert "DA KY" in text_of(dossier.content)[-1]
    with pikepdf.open(io.BytesIO(dossier.content)) as paper:
        assert list(paper.pages[-1].obj.get("/Annots", Array())) == []


# --- what cannot be bound -----------------------------------------------------------------------


@pytest.mark.parametrize("user", ["bí mật", ""], ids=["to open", "to change"])
def test_a_locked_file_is_refused(user):
    with pikepdf.open(io.BytesIO(made())) as source:
        locked = saved(source, encryption=pikepdf.Encryption(user=user, owner="chủ"))
    with pytest.raises(DomainError, match=r"“Tờ trình”.*mật khẩu.*gỡ mật khẩu"):
        bound([Part("Tờ trình", locked)])


@pytest.mark.parametrize(
    "content",
    [b"", b"not a pdf", made()[:-200], saved(pikepdf.new())],
    ids=["empty", "other", "torn", "no page"],
)
def test_a_damaged_file_is_refused(content):
    with pytest.raises(DomainError, match=r"“Biên bản”.*hỏng.*in ra PDF mới"):
        bound([Part("Biên bản", content)])


@pytest.mark.parametrize(
    "content", [b"", b"x", picture("JPEG", (300, 300))[:500], picture("GIF", (9, 9), "L")]
)
def test_a_damaged_picture_is_refused(content):
    with pytest.raises(DomainError, match=r"“Ảnh”.*PNG, JPEG"):
        bound([Part("Ảnh", content, kind="image")])


def test_too_much_is_refused(monkeypatch):
    with pytest.raises(DomainError, match=r"3 trang, vượt mức 2 trang"):
        bound([Part("x", made(*[(100, 100)] * 3))], max_pages=2)
    with pytest.raises(DomainError, match=r"vượt mức 0 MB"):
        bound([Part("x", made())], max_bytes=10)
    monkeypatch.setattr("units.binder.MAX_UNPACKED_PIXELS", 100)
    with pytest.raises(DomainError, match=r"“Ảnh” có 20 × 20 điểm ảnh"):
        bound([Part("Ảnh", picture("PNG", (20, 20)), kind="image")])


def test_a_part_without_its_content_is_a_mistake_of_the_caller():
    with pytest.raises(ValueError, match="no content"):
        bound([Part("x")])
    with pytest.raises(RuntimeError, match="strips"):
        bound([Part("x", made())], stamps=lambda lines: made())


# --- pictures -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "shown"),
    [
        (picture("JPEG", (400, 200)), (297, 210)),
        (picture("JPEG", (200, 400), "L"), (210, 297)),
        (picture("JPEG", (200, 400), "CMYK"), (210, 297)),
        (picture("PNG", (200, 400), "RGBA"), (210, 297)),
        (picture("PNG", (200, 400), "P"), (210, 297)),
        (picture("PNG", (400, 200), "1"), (297, 210)),
    ],
)
def test_pictures_become_a4_pages(content, shown):
    dossier = bound([Part("Ảnh", content, kind="image")])
    with pdfplumber.open(io.BytesIO(dossier.content)) as paper:
        page = paper.pages[-1]
        assert (round(page.width / MM), round(page.height / MM)) == shown
        [image] = page.images
        assert image["x0"] >= 15 * MM - 0.1
        assert image["bottom"] <= page.height - 15 * MM + 0.1  # the line at the foot stays free
        drawn = image["width"] / image["height"]
        assert drawn == pytest.approx(image["srcsize"][0] / image["srcsize"][1], rel=0.01)


def test_jpeg_data_are_not_recoded():
    content = picture("JPEG", (40, 20))
    dossier = bound([Part("Ảnh", content, kind="image")])
    with pikepdf.open(io.BytesIO(dossier.content)) as paper:
        [image] = paper.pages[-1].get_images().values()
        assert image.read_raw_bytes() == content


@pytest.mark.parametrize("turn", range(1, 9))
def test_a_turned_photograph_lies_upright(turn, tmp_path):
    """The page looks like the picture a viewer shows: red is where EXIF says top left is."""
    exif = Image.Exif()
    exif[0x0112] = turn
    photo = Image.new("RGB", (80, 40), "white")
    photo.paste("red", (0, 0, 40, 20))
    photo.paste("blue", (40, 20, 80, 40))
    target = io.BytesIO()
    photo.save(target, "JPEG", quality=95, subsampling=0, exif=exif)
    expected = _corners(_upright(target.getvalue()))
    dossier = bound([Part("Ảnh", target.getvalue(), kind="image")], stamps=None)
    with pdfplumber.open(io.BytesIO(dossier.content)) as paper:
        page = paper.pages[-1]
        shown = page.to_image(resolution=30).original
        [image] = page.images
        scale = shown.width / float(page.width)
        area = [round(image[key] * scale) for key in ("x0", "top", "x1", "bottom")]
    assert _corners(shown.crop(area)) == expected


def _upright(content: bytes) -> Image.Image:
    turns = {2: 0, 3: 3, 4: 1, 5: 5, 6: 4, 7: 6, 8: 2}  # EXIF to Image.Transpose
    photo = Image.open(io.BytesIO(content))
    turn = photo.getexif()[0x0112]
    return photo if turn == 1 else photo.transpose(Image.Transpose(turns[turn]))


def _corners(photo: Image.Image) -> list[str]:
    names = {(True, False): "red", (False, True): "blue", (True, True): "white"}
    width, height = photo.size
    points = [(x * width // 4, y * height // 4) for y in (1, 3) for x in (1, 3)]
    colours = [photo.convert("RGB").getpixel(point) for point in points]
    return [names[(red > 128, blue > 128)] for red, _green, blue in colours]


# --- a paper of our own with its contents behind the text ---------------------------------------
A4_PAGE = (210 * MM, 297 * MM)


def pieces() -> list[Part]:
    """A text of two pages, and an appendix of three pages in two pieces."""
    return [
        Part("Báo cáo", made(A4_PAGE, A4_PAGE), "own", bookmarks=[("I. Mở đầu", 2, 1)]),
        Part("Phụ lục I", made(A4_PAGE, A4_PAGE), "own", label="Phụ lục I", counted_from=1),
        Part(
            "",
            made(A4_PAGE),
            "own",
            label="Phụ lục I",
            counted_from=3,
            bookmarks=[("Chi cục B", 1, 1)],
        ),
    ]


def test_the_contents_lie_behind_the_text_and_pieces_go_on_from_one_another():
    paper = bound(pieces(), front_after=1, front_title="Mục lục")
    firsts = [entry.first_page for entry in paper.entries]
    front = paper.pages - 5
    assert firsts == [1, 3 + front, 5 + front]
    with pikepdf.open(io.BytesIO(paper.content)) as book, book.open_outline() as outline:
        titles = [item.title for item in outline.root]
        assert titles == ["Báo cáo", "Mục lục", "Phụ lục I"]
        assert [item.title for item in outline.root[0].children] == ["I. Mở đầu"]
        assert [item.title for item in outline.root[2].children] == ["Chi cục B"]
    texts = text_of(paper.content)
    assert f"{NAME} – trang 1/{paper.pages}" in texts[0]
    assert f"{NAME} – Phụ lục I – trang {paper.pages}/{paper.pages}" in texts[-1]


def test_an_appendix_is_counted_for_itself_at_the_head_from_its_second_page():
    paper = bound(pieces(), front_after=1, heads=stamps)
    with pdfplumber.open(io.BytesIO(paper.content)) as book:
        heads = [
            [(line["text"], line["top"]) for line in page.extract_text_lines() if line["top"] < 57]
            for page in book.pages
        ]
    assert [[text for text, _top in lines] for lines in heads[-3:]] == [[], ["2"], ["3"]]
    assert heads[0] == heads[1] == []
    assert 7 * MM < heads[-1][0][1] < 13 * MM  # the middle of the upper margin
