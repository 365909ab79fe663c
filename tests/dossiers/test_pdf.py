"""The press: what it prints is read back from the page; what it must not read stays unread."""

import base64
import io
import logging
import re
import socket
import unicodedata
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pdfplumber
import pytest
from django.contrib.auth.models import Group
from django.utils.safestring import mark_safe

from dossiers import pdf
from tests.dossiers.papers import HEAD, LETTER, MATRIX, MINUTES, PAPERS, REPORT

MM = 72 / 25.4


def opened(template: str, paper: dict[str, Any], **options: Any) -> pdfplumber.PDF:
    content = pdf.render(template, paper, title="Bản in thử", **options).content
    return pdfplumber.open(io.BytesIO(content))


@pytest.fixture(scope="module")
def report() -> pdfplumber.PDF:
    return opened("print/report.html", REPORT)


@pytest.fixture(scope="module")
def matrix() -> pdfplumber.PDF:
    return opened("print/report_matrix.html", MATRIX)


def found(page: pdfplumber.page.Page, text: str) -> list[dict[str, Any]]:
    """The characters of the first place where `text` stands in one line of the page."""
    hits = page.search(re.escape(text), regex=True)
    assert hits, f"{text!r} is not on the page: {page.extract_text()[:400]}"
    return [char for char in hits[0]["chars"] if char["text"].strip()]


def type_of(chars: list[dict[str, Any]]) -> tuple[set[float], set[str]]:
    sizes = {round(char["size"], 1) for char in chars}
    fonts = {char["fontname"].split("+")[-1] for char in chars}
    return sizes, fonts


def rules_on(page: pdfplumber.page.Page, top: float, bottom: float) -> list[dict[str, Any]]:
    """Horizontal rules between two heights, whichever way they were drawn."""
    return [
        mark
        for mark in [*page.lines, *page.rects]
        if top <= mark["top"] <= bottom and mark["width"] > 5 and mark["height"] < 1.5
    ]


# --- Decree 30/2020, Appendix I, on the rendered page -------------------------------------------


def test_margins(report):
    ends = []
    for page in report.pages[:4]:
        body = [char for char in page.chars if char["text"].strip() and char["top"] > 19 * MM]
        assert 30 * MM - 1 <= min(char["x0"] for char in body) <= 35 * MM
        ends.append(page.width - max(char["x1"] for char in body))
        assert min(char["top"] for char in body) >= 20 * MM - 1
        assert max(char["bottom"] for char in body) <= page.height - 20 * MM + 1
        assert (round(page.width / MM), round(page.height / MM)) == (210, 297)
    assert min(ends) == pytest.approx(20 * MM, abs=2)


def test_national_name_and_motto(report):
    page = report.pages[0]
    nation = found(page, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM")
    motto = found(page, "Độc lập - Tự do - Hạnh phúc")
    assert type_of(nation) == ({12.0}, {"Tinos-Bold"})
    assert type_of(motto) == ({13.0}, {"Tinos-Bold"})
    for chars in (nation, motto):
        assert (chars[0]["x0"] + chars[-1]["x1"]) / 2 > page.width / 2
        assert chars[0]["top"] < 40 * MM
    width = motto[-1]["x1"] - motto[0]["x0"]
    [rule] = [
        rule
        for rule in rules_on(page, motto[0]["bottom"] - 3, motto[0]["bottom"] + 6)
        if rule["x0"] > page.width / 2 - 20
    ]
    assert rule["width"] == pytest.approx(width, abs=2)


def test_agency_is_bold_above_a_short_rule(report):
    page = report.pages[0]
    parent = found(page, "UBND TỈNH ĐỒNG THÁP")
    agency = found(page, "VÀ PHÁT TRIỂN NÔNG THÔN")
    assert type_of(parent) == ({13.0}, {"Tinos"})
    assert type_of(agency) == ({13.0}, {"Tinos-Bold"})
    width = agency[-1]["x1"] - agency[0]["x0"]
    [rule] = [
        rule
        for rule in rules_on(page, agency[0]["bottom"] - 2, agency[0]["bottom"] + 6)
        if rule["x1"] < page.width / 2
    ]
    assert 1 / 3 <= rule["width"] / width <= 1 / 2


def test_number_and_date_share_a_row(report):
    page = report.pages[0]
    number = found(page, "Số: 05/BC-SNN")
    place = found(page, "Đồng Tháp, ngày 05 tháng 02 năm 2024")
    assert type_of(number) == ({13.0}, {"Tinos"})
    assert type_of(place) == ({14.0}, {"Tinos-Italic"})
    assert number[0]["bottom"] == pytest.approx(place[0]["bottom"], abs=3)
    assert number[0]["x0"] < page.width / 2 < place[-1]["x1"]


def test_room_is_left_for_number_and_date():
    with opened("print/letter.html", LETTER) as paper:
        text = paper.pages[0].extract_text(keep_blank_chars=True)
        assert re.search(r"Số:[ \xa0]{6,}/TTr-SNN", text)
        assert "Đồng Tháp, ngày … tháng … năm 2024" in text


def test_kind_and_subject(report):
    page = report.pages[0]
    kind = found(page, "BÁO CÁO")
    subject = found(page, "Kết quả thực hiện phong trào thi đua")
    assert type_of(kind) == ({14.0}, {"Tinos-Bold"})
    assert type_of(subject) == ({14.0}, {"Tinos-Bold"})
    middle = (30 * MM + page.width - 20 * MM) / 2
    assert (kind[0]["x0"] + kind[-1]["x1"]) / 2 == pytest.approx(middle, abs=3)
    lines = [line for line in page.extract_text_lines() if "nông nghiệp” năm 2023" in line["text"]]
    [rule] = rules_on(page, lines[0]["bottom"] - 2, lines[0]["bottom"] + 8)
    assert 1 / 3 <= rule["width"] / (lines[0]["x1"] - lines[0]["x0"]) <= 1 / 2


def test_legal_bases_are_italic_and_end_as_they_must(report):
    basis = found(report.pages[0], "Căn cứ Luật Thi đua, khen thưởng ngày 15 tháng 6 năm 2022;")
    assert type_of(basis) == ({14.0}, {"Tinos-Italic"})
    assert "giai đoạn 2021-2025.\n" in report.pages[0].extract_text()


def test_body_is_14_points_justified_and_indented(report):
    page = report.pages[0]
    first = found(page, "Thực hiện Kế hoạch số 207/KH-UBND")
    second = found(page, "Đồng Tháp, Sở Nông nghiệp")
    assert type_of(first) == ({14.0}, {"Tinos"})
    assert first[0]["x0"] == pytest.approx(30 * MM + 12.7 * MM, abs=1)
    line = next(
        line for line in page.extract_text_lines() if line["text"].startswith("Thực hiện Kế hoạch")
    )
    assert line["x1"] == pytest.approx(page.width - 20 * MM, abs=1.5)
    assert 1.0 <= (second[0]["top"] - first[0]["top"]) / 14 / 1.107 <= 1.5
    heading = found(page, "I. CÔNG TÁC CHỈ ĐẠO, TỔ CHỨC THỰC HIỆN")
    assert type_of(heading) == ({14.0}, {"Tinos-Bold"})


def test_page_numbers_are_centred_above_from_page_2(report):
    numbers = []
    for page in report.pages:
        head = [
            char
            for char in page.chars
            if char["bottom"] < 20 * MM and char["text"].isdigit() and char["size"] > 10
        ]
        numbers.append("".join(char["text"] for char in head))
        for char in head:
            assert 13 <= round(char["size"], 1) <= 14
            assert (char["x0"] + char["x1"]) / 2 == pytest.approx(
                (30 * MM + page.width - 20 * MM) / 2, abs=3
            )
    assert numbers == ["", "2", "3", "4"]


def test_an_appendix_that_the_binder_numbers_has_no_number_of_its_own(matrix):
    for page in matrix.pages:
        assert page.width > page.height
        assert not [c for c in page.chars if c["bottom"] < 20 * MM and c["text"].isdigit()]


def test_recipients_and_signature_stand_level(report):
    page = report.pages[-1]
    recipients, first = found(page, "Nơi nhận:"), found(page, "- Như trên;")
    capacity, name = found(page, "KT. GIÁM ĐỐC"), found(page, "Nguyễn Thị Đặng Ngữ")
    assert type_of(recipients) == ({12.0}, {"Tinos-Bold-Italic"})
    assert type_of(first) == ({11.0}, {"Tinos"})
    assert type_of(capacity) == type_of(name) == ({14.0}, {"Tinos-Bold"})
    assert recipients[0]["top"] == pytest.approx(capacity[0]["top"], abs=4)
    assert recipients[0]["x0"] == pytest.approx(30 * MM, abs=1)
    assert capacity[0]["x0"] > page.width / 2
    assert name[0]["top"] - found(page, "PHÓ GIÁM ĐỐC")[0]["bottom"] > 20 * MM
    assert "- Lưu: VT, VP." in page.extract_text()
    assert "Ủy ban nhân dân tỉnh./." in page.extract_text()


def test_a_council_signs_with_its_role_and_the_post_in_the_agency():
    with opened("print/minutes.html", MINUTES) as paper:
        page = paper.pages[-1]
        role, post = found(page, "CHỦ TỊCH HỘI ĐỒNG"), found(page, "GIÁM ĐỐC SỞ")
        name, secretary = found(page, "Lê Quốc Điền"), found(page, "THƯ KÝ")
        assert role[0]["bottom"] < post[0]["top"] < name[0]["top"]
        assert post[0]["top"] - role[0]["bottom"] > 20 * MM
        assert secretary[-1]["x1"] < page.width / 2 < role[0]["x0"]
        assert "ngày … tháng" not in paper.pages[0].extract_text()  # Mẫu 1.9 has no date row


def test_tables_repeat_their_head_and_tear_no_row(matrix):
    broad = matrix.pages
    for page in broad:
        rows = page.extract_table()
        assert rows[0][:3] == ["TT", "Tập thể", "CT1"]
    rows = [row for page in broad for row in page.extract_table()[1:]]
    assert [row[0] for row in rows] == [str(number) for number in range(1, 41)]
    assert rows[0][2:] == ["94,5", "79,3*", "KPS", "KAD", "…", "1.234", "100", "65,25"]


def test_figures_are_set_to_the_right(matrix):
    page = matrix.pages[0]
    ends = {round(char["x1"], 1) for hit in page.search("1.234") for char in hit["chars"][-1:]}
    assert len(ends) == 1
    [cell] = {round(cell[2], 1) for cell in page.find_tables()[0].rows[1].cells[7:8]}
    assert 0 < cell - ends.pop() < 5


def test_single_appendix_has_no_number():
    with opened("print/letter.html", LETTER) as paper:
        assert paper.pages[1].extract_text().startswith("Số liệu mẫu\nPhụ lục\nDANH SÁCH")


@pytest.mark.parametrize("is_sample", [True, False])
def test_sample_papers_say_so_on_every_page(is_sample):
    with opened("print/report.html", {**REPORT, "is_sample": is_sample}) as paper:
        marks = {"Số liệu mẫu" in page.extract_text() for page in paper.pages}
        assert marks == {is_sample}


# --- every template with its example ------------------------------------------------------------


@pytest.mark.parametrize("template", PAPERS)
def test_every_paper_prints_whole_and_without_a_complaint(template, caplog):
    caplog.set_level(logging.WARNING, logger="weasyprint")
    with opened(template, PAPERS[template]) as paper:
        assert not caplog.messages
        for page in paper.pages:
            assert page.chars, "an empty page"
            assert max(char["x1"] for char in page.chars) <= page.width
            fonts = {char["fontname"].split("+")[-1] for char in page.chars}
            assert all(font.startswith("Tinos") for font in fonts), fonts
        printed = "".join(page.extract_text() for page in paper.pages)
        assert "{{" not in printed
        assert "None" not in printed


def test_vietnamese_text_is_found_and_copied_as_typed():
    words = "Đặng Thị Ngữ được tặng Giấy khen; chỉ tiêu vượt kế hoạch, ữ ự ỹ đ Đ ẵ ộ ỡ ỷ ặ"
    decomposed = unicodedata.normalize("NFD", words)
    with opened("print/report.html", {**REPORT, "intro": decomposed}) as paper:
        text = " ".join(paper.pages[0].extract_text().split())
    assert words in text


def test_document_information(report):
    made = pdf.render(
        "print/letter.html",
        LETTER,
        title="Tờ trình đề nghị khen thưởng",
        author="Sở Nông nghiệp",
        subject="Hồ sơ HS-1",
        created_at=datetime(2024, 2, 5, 1, tzinfo=UTC),
    )
    with pdfplumber.open(io.BytesIO(made.content)) as paper:
        assert paper.metadata["Title"] == "Tờ trình đề nghị khen thưởng"
        assert paper.metadata["Author"] == "Sở Nông nghiệp"
        assert paper.metadata["CreationDate"].startswith("D:20240205")
        catalog = paper.doc.catalog
        assert catalog["Lang"] == b"vi"
        assert "StructTreeRoot" in catalog
        assert len(paper.pages) == made.pages == 2


def test_bookmarks_carry_the_numbers_of_the_headings():
    made = pdf.render("print/report.html", REPORT, title="Báo cáo")
    titles = [(mark.title, mark.page, mark.level) for mark in made.bookmarks]
    assert ("II. Kết quả thực hiện", 1, 2) in titles
    assert ("2. Tập thể", 2, 3) in titles


# --- plain values only --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value",
    [Group(name="x"), Group.objects.all(), 0.5, mark_safe("<b>x</b>"), {1, 2}, object(), b"x"],
    ids=["model", "queryset", "float", "safe text", "set", "object", "bytes"],
)
def test_only_plain_values_are_printed(value):
    with pytest.raises(TypeError, match=r"paper\.groups\[0\]\.name"):
        pdf.render("print/report.html", {**REPORT, "groups": [{"name": value}]}, title="x")


def test_days_may_come_from_json_and_only_as_days():
    assert pdf.plain({"signed_on": "2024-02-05"}) == {"signed_on": date(2024, 2, 5)}
    with pytest.raises(TypeError, match="signed_on"):
        pdf.plain({"signed_on": "05/02/2024"})
    with pytest.raises(TypeError, match="khóa"):
        pdf.plain({1: "x"})


def test_control_characters_are_dropped():
    assert pdf.plain("a\x00b\x1bc\n\td") == "abc\n\td"


def test_a_missing_value_is_an_error_and_not_a_blank():
    with pytest.raises(pdf.PressError, match=r"paper\.symbol"):
        pdf.render(
            "print/letter.html", {k: v for k, v in LETTER.items() if k != "symbol"}, title="x"
        )
    with pytest.raises(pdf.PressError, match="Không có mẫu in"):
        pdf.render("print/nothing.html", HEAD, title="x")


@pytest.mark.parametrize(
    ("value", "printed"),
    [(None, ""), (0, "0"), (1234567, "1.234.567"), (Decimal("79.3"), "79,3"), ("KPS", "KPS")],
)
def test_number(value, printed):
    assert pdf.number(value) == printed


@pytest.mark.parametrize(
    ("value", "printed"),
    [(5, "05"), (12, "12"), ("07", "07"), (None, "\xa0" * 7), ("", "\xa0" * 7)],
)
def test_document_number(value, printed):
    assert pdf.document_number(value) == printed


@pytest.mark.parametrize(
    ("value", "printed"),
    [
        (date(2022, 6, 7), "ngày 07 tháng 6 năm 2022"),
        (date(2024, 2, 15), "ngày 15 tháng 02 năm 2024"),
        (None, ""),
    ],
)
def test_day_in_words(value, printed):
    assert pdf.day_in_words(value) == printed


def test_roman():
    assert [pdf.roman(number) for number in (1, 4, 9, 14, 20, 39)] == [
        "I", "IV", "IX", "XIV", "XX", "XXXIX",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("Chi cục Thủy lợi", "Chi cục Thủy lợi"),
        ("Hội đồng Thi đua - Khen thưởng", "Hội đồng\nThi đua - Khen thưởng"),
        ("Sở Nông nghiệp và Phát triển nông thôn", "Sở Nông nghiệp\nvà Phát triển nông thôn"),
        ("Một dòng rất dài\nđã ngắt sẵn theo ý người nhập", None),
    ],
)
def test_balanced(text, lines):
    assert pdf.balanced(text, 26) == (lines or text)


# --- nothing from the disk or the network -------------------------------------------------------

MARKUP = """<!DOCTYPE html><html lang="vi"><head><title>x</title>{head}</head>
<body><p>Thử</p>{body}</body></html>"""


@pytest.fixture
def listener():
    """A server that must hear nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server
        with pytest.raises(BlockingIOError):
            server.accept()


@pytest.fixture
def template(settings, tmp_path):
    """A print template with the given markup, as if a colleague had slipped."""
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path]}]
    pdf._engine.cache_clear()

    def write(head: str = "", body: str = "") -> str:
        (tmp_path / "slip.html").write_text(MARKUP.format(head=head, body=body))
        return "slip.html"

    yield write
    pdf._engine.cache_clear()


SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
    'width="9" height="9"><image width="9" height="9" xlink:href="{address}"/></svg>'
)
WAYS = {
    "img": ("", '<img src="{address}">'),
    "srcset": ("", '<img srcset="{address} 1x" src="{address}">'),
    "object": ("", '<object data="{address}"></object>'),
    "embed": ("", '<embed src="{address}">'),
    "svg": ("", SVG),
    "css url": ("<style>p {{ background: url({address}) }}</style>", ""),
    "css content": ("<style>p::before {{ content: url({address}) }}</style>", ""),
    "css list": ("<style>li {{ list-style: url({address}) }}</style>", "<ul><li>x</li></ul>"),
    "css page": ("<style>@page {{ @top-left {{ content: url({address}) }} }}</style>", ""),
    "import": ("<style>@import url({address});</style>", ""),
    "font": ("<style>@font-face {{ font-family: x; src: url({address}) }}</style>", ""),
    "link": ('<link rel="stylesheet" href="{address}">', ""),
    "head attachment": ('<link rel="attachment" href="{address}">', ""),
    "attachment": ("", '<a rel="attachment" href="{address}">x</a>'),
    "base": ('<base href="{address}">', '<img src="x.png">'),
}
ADDRESSES = {
    "file": "file:///etc/passwd",
    "http": "http://127.0.0.1:{port}/x",
    "https": "https://127.0.0.1:{port}/x",
    "ftp": "ftp://127.0.0.1:{port}/x",
    "data": "data:text/html,<b>x</b>",
    "relative": "../../../etc/passwd",
    "static out": "static:../manage.py",
    "unknown blob": "blob:secret",
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("address", ADDRESSES)
def test_nothing_is_read_that_was_not_given(template, listener, way, address):
    place = ADDRESSES[address].format(port=listener.getsockname()[1])
    head, body = (text.format(address=place) for text in WAYS[way])
    with pytest.raises(pdf.PressError):
        pdf.render(template(head, body), {}, title="x")


def test_a_picture_given_cannot_reach_out_either(template, listener):
    picture = SVG.format(address=f"http://127.0.0.1:{listener.getsockname()[1]}/x").encode()
    with pytest.raises(pdf.PressError, match=r"http://127\.0\.0\.1"):
        pdf.render(
            template(body='<img src="blob:chart.svg">'), {}, title="x", blobs={"chart.svg": picture}
        )


def test_the_fetcher_has_no_second_way_in(listener):
    fetcher = pdf._Fetcher({})
    address = f"http://127.0.0.1:{listener.getsockname()[1]}/"
    for call in (fetcher, fetcher.open, fetcher.fetch):
        with pytest.raises(pdf.PressError):
            call(address)
    assert fetcher.refused == [address] * 3


def test_typed_markup_is_printed_as_text(listener):
    port = listener.getsockname()[1]
    typed = f'<img src="http://127.0.0.1:{port}/x"></style><script>x</script>{{{{ paper }}}}'
    with opened("print/report.html", {**REPORT, "intro": typed}) as paper:
        printed = "".join(paper.pages[0].extract_text().split())
    assert "".join(typed.split()) in printed


def test_given_pictures_and_installed_files_are_printed(template, settings, tmp_path):
    dot = base64.b64decode(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
    )
    (tmp_path / "static").mkdir()
    (tmp_path / "static" / "dot.png").write_bytes(dot)
    settings.STATICFILES_DIRS = [tmp_path / "static"]
    body = '<img src="static:dot.png" width="9"><img src="blob:dot.png" width="9">'
    made = pdf.render(template(body=body), {}, title="x", blobs={"dot.png": dot})
    with pdfplumber.open(io.BytesIO(made.content)) as paper:
        assert len(paper.pages[0].images) == 2
