"""Workbooks are read back with openpyxl: types, formats and print set-up, not bytes."""

import io
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from openpyxl import Workbook, load_workbook

from units.rules import DomainError
from units.xlsx import Column, Properties, ReadCell, Sheet, Typed, read, sheet_titles, write

COLUMNS = [
    Column("TT", "integer", 6),
    Column("Đơn vị", "text", 40),
    Column("Tử số", "integer", 12, total=True),
    Column("Kết quả", "decimal", 12),
    Column("Tỷ lệ", "percent", 10),
    Column("Ngày báo cáo", "date", 12),
    Column("Ghi nhận lúc", "moment", 18),
]
MOMENT = datetime(2024, 2, 5, 1, 30, tzinfo=UTC)  # 08:30 in Việt Nam
ROWS = [
    [1, "Chi cục Thủy lợi", 1234, Decimal("79.3"), Decimal("0.793"), date(2023, 11, 29), MOMENT],
    [2, "=HYPERLINK(1)", 10, None, "KPS", None, datetime(2024, 1, 1)],  # noqa: DTZ001
]


def written(*sheets, **options):
    target = io.BytesIO()
    count = write(target, sheets, **options)
    target.seek(0)
    return load_workbook(target), count


@pytest.fixture
def page():
    sheet = Sheet(
        "Kết quả",
        COLUMNS,
        ROWS,
        heading_lines=["Kết quả thực hiện năm 2023", "Sở Nông nghiệp"],
        freeze_columns=2,
    )
    return written(sheet)[0]["Kết quả"]


def test_values_keep_their_types(page):
    assert [cell.value for cell in page[4]] == [
        1, "Chi cục Thủy lợi", 1234, 79.3, 0.793, datetime(2023, 11, 29),  # noqa: DTZ001
        datetime(2024, 2, 5, 8, 30),  # noqa: DTZ001
    ]  # fmt: skip
    assert [cell.data_type for cell in page[4]] == ["n", "s", "n", "n", "n", "d", "d"]
    assert [cell.value for cell in page[5]][3:6] == [None, "KPS", None]
    assert page["E5"].data_type == "s"


def test_number_formats(page):
    assert [cell.number_format for cell in page[4]] == [
        "#,##0", "@", "#,##0", "#,##0.0##", "0.0%", "dd/mm/yyyy", "dd/mm/yyyy hh:mm",
    ]  # fmt: skip


def test_a_whole_figure_of_a_decimal_column_has_no_decimals():
    rows = [[Decimal("178.000")], [178], [Decimal("178.5")]]
    page = written(Sheet("x", [Column("Tử số", "decimal")], rows))[0]["x"]
    assert [page.cell(row, 1).number_format for row in (2, 3, 4)] == ["#,##0", "#,##0", "#,##0.0##"]


def test_a_row_is_as_high_as_what_it_holds():
    long = "Tỷ lệ hồ sơ công việc cấp tỉnh được xử lý trên môi trường mạng"
    rows = [[long, "a"], ["b", "c"], ["d\ne", "f"], ["g" * 20_000, "h"]]
    sheet = Sheet("x", [Column("Tên", width=20), Column(long, width=20)], rows, ["Dòng trên"])
    page = written(sheet)[0]["x"]
    heights = [page.row_dimensions[row].height for row in range(1, 7)]
    assert heights == [None, 45, 45, None, 30, 409]


@pytest.mark.parametrize("text", ["=1+1", "+84", "-5", "@SUM(A1)", "\tx", "=", "#N/A", "TRUE"])
def test_text_never_becomes_a_formula(text):
    book, _count = written(Sheet("x", [Column("Tên")], [[text]]))
    cell = book["x"]["A2"]
    assert (cell.value, cell.data_type) == (text, "s")
    assert bool(cell.quotePrefix) == text.startswith(("=", "+", "-", "@", "\t"))


def test_titles_and_headings_are_text_too():
    book, _count = written(Sheet("x", [Column("=1+1")], [["a"]], heading_lines=["=2+2"]))
    assert [(row[0].value, row[0].data_type) for row in book["x"].iter_rows(max_row=2)] == [
        ("=2+2", "s"),
        ("=1+1", "s"),
    ]


def test_heading_panes_filter_and_widths(page):
    assert page["A1"].value == "Kết quả thực hiện năm 2023"
    assert [cell.value for cell in page[3]] == [column.heading for column in COLUMNS]
    assert page["B3"].font.b
    assert page["B3"].alignment.wrap_text
    assert page.freeze_panes == "C4"
    assert page.auto_filter.ref == "A3:G5"
    assert page.column_dimensions["B"].width == 40


def test_print_set_up(page):
    assert (page.page_setup.orientation, page.page_setup.paperSize) == ("landscape", 9)
    assert page.sheet_properties.pageSetUpPr.fitToPage
    assert (page.page_setup.fitToWidth, page.page_setup.fitToHeight) == (1, 0)
    assert page.print_title_rows == "$3:$3"
    assert page.oddFooter.center.text == "Trang &P/&N"


def test_upright_sheet():
    book, _count = written(Sheet("x", [Column("a")], [], landscape=False))
    assert book["x"].page_setup.orientation == "portrait"
    assert book["x"].auto_filter.ref == "A1:A1"


def test_totals_are_figures_below_the_filter(page):
    assert [cell.value for cell in page[6]] == ["Tổng cộng", None, 1244, None, None, None, None]
    assert page["C6"].font.b
    assert page["C6"].number_format == "#,##0"


def test_no_rows_no_total():
    book, count = written(Sheet("x", COLUMNS, []))
    assert (count, book["x"].max_row) == (0, 1)


def test_one_value_of_another_kind():
    rows = [[Typed(Decimal("0.5"), "percent")], [Typed(None, "date")], [3]]
    book, count = written(Sheet("x", [Column("Kết quả", "integer")], rows))
    assert count == 3
    assert [(row[0].value, row[0].number_format) for row in book["x"].iter_rows(min_row=2)] == [
        (0.5, "0.0%"),
        (None, "dd/mm/yyyy"),
        (3, "#,##0"),
    ]


@pytest.mark.parametrize("value", [True, 0.5, object(), [1]])
def test_other_values_are_refused(value):
    with pytest.raises(TypeError, match="Kết quả"):
        write(io.BytesIO(), [Sheet("x", [Column("Kết quả", "decimal")], [[value]])])


def test_a_figure_is_no_text_and_a_row_is_as_wide_as_the_table():
    with pytest.raises(TypeError, match="does not take int"):
        write(io.BytesIO(), [Sheet("x", [Column("Tên")], [[1]])])
    with pytest.raises(ValueError, match="2 values for 1 columns"):
        write(io.BytesIO(), [Sheet("x", [Column("Tên")], [["a", "b"]])])


def test_text_is_cleaned_and_cut_where_excel_would_refuse_it():
    book, _count = written(Sheet("x", [Column("Tên")], [["a\x00\x1bb"], ["ê" * 40_000]]))
    assert book["x"]["A2"].value == "ab"
    long = book["x"]["A3"].value
    assert len(long) == 32_767
    assert long.endswith("… (còn tiếp)")


def test_sheet_titles():
    assert sheet_titles(["Kết quả/2023", "kết quả 2023", "'x'", "", "Đ" * 40, "Đ" * 40]) == [
        "Kết quả 2023",
        "kết quả 2023 (2)",
        "x",
        "Trang tính",
        "Đ" * 31,
        "Đ" * 27 + " (2)",
    ]


def test_properties():
    about = Properties("Báo cáo", "Sở Nông nghiệp", "Thi đua", MOMENT)
    book, _count = written(Sheet("x", [Column("a")], []), properties=about)
    assert (book.properties.title, book.properties.creator) == ("Báo cáo", "Sở Nông nghiệp")
    assert book.properties.subject == "Thi đua"
    assert book.properties.created.replace(tzinfo=UTC) == MOMENT


def test_written_to_a_path(tmp_path):
    assert write(tmp_path / "a.xlsx", [Sheet("x", [Column("a")], [["b"]])]) == 1
    assert load_workbook(tmp_path / "a.xlsx")["x"]["A2"].value == "b"


# --- reading ------------------------------------------------------------------------------------


def workbook(rows) -> io.BytesIO:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    target = io.BytesIO()
    book.save(target)
    return target


def repacked(source: io.BytesIO, extra: dict[str, bytes]) -> io.BytesIO:
    target = io.BytesIO()
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", 8) as new:
        for name in old.namelist():
            if name not in extra:
                new.writestr(name, old.read(name))
        for name, content in extra.items():
            new.writestr(name, content)
    return target


def test_what_was_written_is_read():
    target = io.BytesIO()
    write(target, [Sheet("Kết quả", COLUMNS, ROWS)])
    [sheet] = read(target)
    assert sheet.title == "Kết quả"
    assert [cell.value for cell in sheet.rows[1]] == [
        1, "Chi cục Thủy lợi", 1234, Decimal("79.3"), Decimal("0.793"), date(2023, 11, 29),
        datetime(2024, 2, 5, 8, 30),  # noqa: DTZ001
    ]  # fmt: skip
    assert sheet.rows[2][1] == ReadCell(3, 2, "=HYPERLINK(1)")


def test_formulas_are_told_apart_and_blanks_left_out():
    [sheet] = read(workbook([["a", None, "=1+1"], [], [True, 2.5]]))
    assert sheet.rows == [
        [ReadCell(1, 1, "a"), ReadCell(1, 3, None, formula="=1+1")],
        [ReadCell(3, 1, value=True), ReadCell(3, 2, Decimal("2.5"))],
    ]


@pytest.mark.parametrize(
    ("form", "value", "percent"),
    [
        ("0.0%", 0.125, True),
        ("0%", 1, True),  # one of Excel's own
        ('#,##0.0" %"', 12.5, False),
        (r"0.0\%", 12.5, False),
        ("0_%", 12.5, False),
        ('0.0%;"-"0.0"%"', 0.125, True),
        ('0.0%;"-"0.0"%"', -12.5, False),
        ('0.0%;0.0%;"0%"', 0, False),
        ('0.0"%";-0.0%', 0, False),
        ("@", "12%", False),
    ],
)
def test_a_number_is_a_share_where_its_format_multiplies_it(form, value, percent):
    book, target = Workbook(), io.BytesIO()
    book.active.append([value])
    book.active["A1"].number_format = form
    book.save(target)
    [sheet] = read(target)
    assert [(cell.value, cell.percent) for cell in sheet.rows[0]] == [
        (Decimal(str(value)) if isinstance(value, float) else value, percent)
    ]


def test_too_many_rows_are_refused():
    with pytest.raises(DomainError, match=r"Số liệu\.xlsx: trang “Sheet” có nhiều hơn 2 dòng"):
        read(workbook([[1], [2], [3]]), name="Số liệu.xlsx", max_rows=2)


@pytest.mark.parametrize(
    ("extra", "words"),
    [
        ({"xl/vbaProject.bin": b"x"}, "macro"),
        ({"xl/activeX/activeX1.xml": b"<x/>"}, "macro"),
        ({"xl/bomb.xml": b" " * 30_000_000}, "giải nén"),
        ({"xl/workbook.xml": b"<!DOCTYPE x [<!ENTITY a 'b'>]><x/>"}, "không phải tệp Excel"),
        ({"xl/workbook.xml": b"<torn"}, "không phải tệp Excel"),
        # what a part is stands in the list of content types, whatever its name
        ({"xl/sheet9.dat": b" \n<!DOCTYPE x [<!ENTITY a 'b'>]><x/>"}, "không phải tệp Excel"),
        ({"xl/sheet9.png": "<!DOCTYPE x><x/>".encode("utf-16")}, "không phải tệp Excel"),
        ({"xl/sheet9.png": "<!DOCTYPE x><x/>".encode("utf-16-be")}, "không phải tệp Excel"),
    ],
)
def test_dangerous_files_are_refused(extra, words):
    with pytest.raises(DomainError, match=words):
        read(repacked(workbook([["a"]]), extra))


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04torn", b"a;b;c"])
def test_other_files_are_refused(content):
    with pytest.raises(DomainError, match="không phải tệp Excel"):
        read(io.BytesIO(content), name="Tệp")


def test_a_zip_that_is_no_workbook_is_refused():
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("word/document.xml", "<x/>")
    with pytest.raises(DomainError, match="không phải tệp Excel"):
        read(target)
