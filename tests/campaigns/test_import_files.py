"""Files that are not what was asked for: each refused, or understood, with a sentence that names
the cell; nothing is stored."""

import zipfile
from datetime import date, datetime, time
from io import BytesIO
from typing import Any

import pytest
from openpyxl.styles import Font
from openpyxl.worksheet.formula import ArrayFormula

from campaigns import services
from campaigns.documents import book as book_of
from campaigns.models import Result, ResultImport
from tests.campaigns.excel import Book, send, take
from tests.campaigns.test_imports import preview
from tests.campaigns.world import World
from tests.factories import CampaignFactory, PeriodFactory
from units.models import Blob
from units.rules import DomainError


def refused(world: World, content: Book | bytes, sentence: str, **where: Any) -> None:
    """By what the sentence says; and neither a result nor the file was stored."""
    with pytest.raises(DomainError, match=sentence):
        send(world, content, where.pop("unit", world.branch), **where)
    assert (Result.objects.count(), ResultImport.objects.count(), Blob.objects.count()) == (0, 0, 0)


@pytest.fixture
def book(world: World) -> Book:
    world.indicator(ref="ct01", code="CT01")
    world.indicator(ref="ct02", code="CT02", kind="quantity", measure_unit="%")
    world.indicator(ref="ct03", code="CT03", kind="count", measure_unit="cuộc")
    world.indicator(ref="ct04", code="CT04", kind="yes_no", target=1)
    world.indicator(ref="ct05", code="CT05", kind="narrative", target=None)
    world.sheet()
    return take(world, world.branch)


# --- the whole file -------------------------------------------------------------------------------
def test_another_year(world: World, book: Book) -> None:
    later = PeriodFactory(campaign=world.campaign, ref="2023", name="Năm 2023")
    refused(
        world,
        book,
        "ô C5: bảng của kỳ “Năm 2024”, nơi đang nhập là kỳ “Năm 2023”. Mở đúng kỳ",
        period=later,
    )


def test_an_older_version_of_the_plan(world: World, book: Book) -> None:
    world.campaign.revision = 2
    world.campaign.save()
    world.period.refresh_from_db()
    refused(world, book, "ô C3: bảng lập theo bản sửa 1 của kế hoạch; nay là bản sửa 2")


def test_another_plan(world: World, book: Book) -> None:
    other = PeriodFactory(campaign=CampaignFactory())
    refused(world, book, "ô C3: bảng của kế hoạch khác", period=other)


def test_another_unit(world: World, book: Book) -> None:
    other = world.member(name="Chi cục Thủy lợi").unit
    sentence = "ô C4: bảng của Chi cục Phát triển nông thôn, nơi đang nhập là phiếu của Chi cục T"
    refused(world, book, sentence, unit=other)
    refused(world, book, "ô C4: bảng của riêng Chi cục Phát triển nông thôn", unit=None)
    many = take(world)
    refused(world, many, "ô C4: bảng của nhiều đơn vị, nơi đang nhập là phiếu của Chi cục Phát")


def test_a_unit_or_a_period_that_is_not_here(world: World, book: Book) -> None:
    stamp = book.page["A1"].value
    book.page["A1"].value = stamp.replace(world.branch.ref, "noi-khac")
    refused(world, book, "ô C4: bảng của noi-khac")
    book.page["A1"].value = stamp.replace("|2024|", "|2019|")
    refused(world, book, "ô C5: bảng của kỳ “2019”")


@pytest.mark.parametrize(
    "stamp", [None, "", "thidua-phieu-1|a", "x|a|1|2024|b", "thidua-phieu-1|a|x|2024|b", 5]
)
def test_no_stamp(world: World, book: Book, stamp: Any) -> None:
    book.page["A1"].value = stamp
    refused(world, book, "ô A1 không có dấu của cổng")


@pytest.mark.parametrize("hidden", [True, False])
def test_two_sheets_that_carry_the_stamp(world: World, book: Book, hidden: bool) -> None:
    copy = book.book.copy_worksheet(book.page)
    copy.title = "Bản nháp"
    copy.sheet_state = "hidden" if hidden else "visible"
    sentence = f"có 2 trang tính mang dấu của cổng, kể cả trang bị ẩn: “{book.page.title}”, “Bản n"
    refused(world, book, sentence)


def test_an_empty_workbook(world: World, book: Book) -> None:
    book.page.delete_rows(1, 100)
    refused(world, book, "ô A1 không có dấu của cổng")


def test_a_moved_column(world: World, book: Book) -> None:
    book.page.insert_cols(8)
    refused(world, book, "ô H7: cột này không còn ở chỗ cũ")


def test_a_column_moved_without_its_hidden_name(world: World, book: Book) -> None:
    book.page["H7"].value, book.page["I7"].value = "Tổng số", "Kết quả"
    refused(world, book, "ô H7: ghi “Tổng số”, cột này là của “Kết quả”")


def test_a_moved_row(world: World, book: Book) -> None:
    book.page["B8"].value = None
    refused(world, book, "ô B8: ghi “”, dòng này là của “CT01”")


def test_a_row_twice(world: World, book: Book) -> None:
    book.page["A9"].value = book.page["A8"].value
    refused(world, book, "ô A9: dòng này lặp lại dòng của ô A8")


def test_a_macro_file(world: World, book: Book) -> None:
    refused(world, repacked(book.bytes(), {"xl/vbaProject.bin": b"x"}), "có macro nên không được")


def test_a_zip_bomb(world: World, book: Book) -> None:
    bomb = repacked(book.bytes(), {"xl/worksheets/sheet2.xml": b" " * 30_000_000})
    refused(world, bomb, r"“ket-qua.xlsx” quá lớn khi giải nén \(28 MB\)")


def test_a_bomb_whose_directory_lies(world: World, book: Book) -> None:
    bomb = bytearray(repacked(book.bytes(), {"xl/worksheets/sheet2.xml": b" " * 30_000_000}))
    size = (30_000_000).to_bytes(4, "little")
    assert bomb.count(size) == 2
    small = bytes(bomb).replace(size, (3_000).to_bytes(4, "little"))
    refused(world, small, "không phải tệp Excel")


def test_entities(world: World, book: Book) -> None:
    long = b"<!--" + b" " * 5000 + b"--><!DOCTYPE x [<!ENTITY a 'b'>]><x/>"
    refused(world, repacked(book.bytes(), {"xl/x.xml": long}), "không phải tệp Excel")
    utf16 = "<!DOCTYPE x><x/>".encode("utf-16")
    refused(world, repacked(book.bytes(), {"xl/x.xml": utf16}), "không phải tệp Excel")


def test_a_torn_file(world: World, book: Book) -> None:
    refused(world, book.bytes()[:-500], "không phải tệp Excel")
    refused(world, b"a;b;c", "“ket-qua.xlsx” không phải tệp Excel")


def repacked(source: bytes, extra: dict[str, bytes]) -> bytes:
    target = BytesIO()
    with zipfile.ZipFile(BytesIO(source)) as old, zipfile.ZipFile(target, "w", 8) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
        for name, content in extra.items():
            new.writestr(name, content)
    return target.getvalue()


def test_too_many_cells(world: World, book: Book, settings: Any) -> None:
    settings.IMPORT_MAX_CELLS = 5
    assert send(world, book, world.branch).read == 5
    ResultImport.objects.all().delete()
    Blob.objects.all().delete()
    settings.IMPORT_MAX_CELLS = 4
    refused(world, take(world, world.branch), "có 5 ô kết quả, từ ô H12 trở đi vượt mức 4 ô")
    for column in range(20, 260):
        book.page.cell(8, column).value = "x"
    settings.IMPORT_MAX_CELLS = 0
    many = "có hơn 180 ô, kể cả dòng, ô trống đã định dạng, quá mức cổng nhận một lần"
    refused(world, book, many)
    book = take(world, world.branch)
    for row in range(20, 220):
        book.page.cell(row, 2).font = Font(bold=True)  # nothing to read, but to be parsed
    refused(world, book, many)
    book = take(world, world.branch)
    for row in range(20, 220):
        book.page.row_dimensions[row].height = 20
    refused(world, book, many)


def test_the_workbook_of_one_unit_is_small(world: World, book: Book, monkeypatch: Any) -> None:
    monkeypatch.setattr(book_of, "MAX_CELLS_OF_ONE", 20)
    refused(world, book, "có hơn 20 ô, kể cả dòng, ô trống")
    everybody = take(world)
    assert send(world, everybody).read == 5


# --- one cell -------------------------------------------------------------------------------------
def problem(world: World, book: Book) -> str:
    """The sentence of the only difference."""
    [found] = preview(world, send(world, book, world.branch)).differences
    assert Result.objects.count() == 0
    assert found.kind == "wrong"
    return found.problem


def test_a_fraction_of_people_is_asked_about_on_the_page_and_in_the_workbook(world: World) -> None:
    """A quantity, too, where it is measured in people: 1,250 has two readings and both are told."""
    people = world.indicator(ref="ct09", kind="quantity", measure_unit="lượt người", target=None)
    told = (
        "“1,250” là 1,25 theo cách viết Việt Nam, mà ô này chỉ nhận số nguyên. Nếu là một nghìn "
        "hai trăm năm mươi, gõ 1.250 hoặc 1250."
    )
    sheet = world.sheet()
    book = take(world, world.branch).put("ct09", figure="1,250")
    assert problem(world, book).endswith(told)
    assert world.fill(sheet, people, value="1,250").problem == told
    assert world.fill(sheet, people, 1, value="1.250").value == 1250


@pytest.mark.parametrize(
    ("ref", "values", "sentence"),
    [
        ("ct01", {"figure": "nhiều", "whole": "9"}, "Ô H8: Đã làm: “nhiều” không đọc được là một"),
        ("ct01", {"figure": "9", "whole": "1,234.5"}, "Ô I8: Tổng số: “1,234.5” không đọc được"),
        ("ct01", {"figure": "9", "whole": "1,250"}, "Ô I8: Tổng số: “1,250” là 1,25 theo cách"),
        ("ct01", {"figure": "9", "whole": 9.5}, "Ô I8: Tổng số: “9,5” có phần lẻ"),
        ("ct01", {"figure": "9"}, "Ô I8: Còn thiếu “Tổng số”. Nhập cả hai số."),
        ("ct01", {"whole": "9"}, "Ô H8: Còn thiếu “Đã làm”. Nhập cả hai số."),
        ("ct01", {"figure": "9", "whole": "5"}, "Ô H8: “Đã làm” (9) lớn hơn “Tổng số” (5). Nhập "),
        ("ct01", {"figure": -9, "whole": "5"}, "Ô H8: “Đã làm” không được âm"),
        ("ct01", {"figure": "9", "whole": -5}, "Ô I8: “Tổng số” không được âm"),
        ("ct01", {"figure": "0", "whole": "0"}, "Ô I8: “Tổng số” bằng 0 nên không có tỷ lệ"),
        ("ct01", {"figure": "12,5 %", "whole": "9"}, "Ô H8: “12,5 %” là tỷ lệ. Ghi số đã đếm"),
        ("ct01", {"figure": "12 % số", "whole": "9"}, "Ô H8: Đã làm: “12 % số” không đọc được"),
        ("ct01", {"figure": "=SUM(1,2)"}, "Ô H8: có công thức =SUM(1,2); cổng không tính"),
        ("ct01", {"figure": date(2024, 5, 1)}, "Ô H8: Excel đã đổi nội dung thành ngày"),
        ("ct01", {"figure": datetime(2024, 5, 1, 7, 30)}, "(01/05/2024 07:30)"),  # noqa: DTZ001
        ("ct01", {"figure": time(7, 30)}, "(07:30)"),
        ("ct01", {"choice": "để sau"}, "Ô J8: "),
        ("ct01", {"choice": "Không áp dụng"}, "Ô K8: Ghi lý do của “không áp dụng”."),
        ("ct01", {"reason": "vì bão"}, "Ô H8: Đã ghi lý do nhưng chưa chọn"),
        ("ct03", {"figure": "12,5"}, "Ô H10: “12,5” có phần lẻ"),
        ("ct03", {"figure": "12,5%"}, "Ô H10: “12,5%” là tỷ lệ phần trăm, ô này ghi số theo"),
        ("ct03", {"figure": "5", "choice": "KPS"}, "Ô H10: Đã chọn “không phát sinh” nhưng ô vẫn"),
        ("ct04", {"figure": "gần như"}, "Ô H11: Chọn “Có” hoặc “Không”."),
        ("ct05", {"figure": "x… (còn tiếp)"}, "Ô H12: nội dung dài hơn một ô Excel chứa được"),
        ("ct05", {"figure": "x" * 10_001}, "Ô H12: “Nội dung” dài 10.001 ký tự, nhiều nhất 10.000"),
        ("ct01", {"choice": "KPS", "reason": "x" * 2001}, "Ô K8: “Lý do” dài 2.001 ký tự"),
    ],
)  # fmt: skip
def test_a_wrong_cell(
    world: World, book: Book, ref: str, values: dict[str, Any], sentence: str
) -> None:
    assert sentence in problem(world, book.put(ref, **values))


def test_array_formulas(world: World, book: Book) -> None:
    book.page["H8"] = ArrayFormula("H8", "=A1:A2")
    assert "Ô H8: có công thức =A1:A2" in problem(world, book)


def test_merged_cells(world: World, book: Book) -> None:
    book.page.merge_cells("H8:I9")
    book.page.merge_cells("D3:E3")  # elsewhere it does no harm
    found = preview(world, send(world, book.put("ct03", figure="4"), world.branch)).differences
    assert [(one.at, one.kind, one.problem) for one in found] == [
        ("H8", "wrong", "Ô H8: ô đã bị gộp (H8:I9). Bỏ gộp ô rồi nhập lại."),
        ("H9", "wrong", "Ô H9: ô đã bị gộp (H8:I9). Bỏ gộp ô rồi nhập lại."),
        ("H10", "new", ""),
    ]


def test_a_merge_over_everything(world: World, book: Book) -> None:
    book.page.merged_cells.add("A1:XFD1048576")
    refused(world, book.bytes(), "ô gộp phủ 17.179.869.184 ô")


@pytest.mark.parametrize("revision", ["9" * 5000, "٣"])
def test_a_stamp_that_is_none(world: World, book: Book, revision: str) -> None:
    parts = book.page["A1"].value.split("|")
    book.put_at("A1", "|".join([*parts[:2], revision, *parts[3:]]))
    refused(world, book.bytes(), "ô A1 không có dấu của cổng")


@pytest.mark.parametrize(
    ("ref", "values", "new"),
    [
        ("ct02", {"figure": "12,5 %"}, "12,5"),
        ("ct02", {"figure": "1.234,5"}, "1.234,5"),
        ("ct02", {"figure": 1234.5}, "1.234,5"),
        ("ct02", {"figure": 0.1 + 0.2}, "0,3"),
        ("ct03", {"figure": 7}, "7"),
        ("ct03", {"figure": " 7 "}, "7"),
        ("ct04", {"figure": "CÓ"}, "“có”"),
        ("ct04", {"figure": False}, "“không”"),
        ("ct05", {"figure": date(2024, 5, 1)}, "“01/05/2024”"),
        ("ct01", {"choice": "KPS", "reason": "chưa có"}, "“không phát sinh” (chưa có)"),
    ],
)
def test_what_is_understood(
    world: World, book: Book, ref: str, values: dict[str, Any], new: str
) -> None:
    [found] = preview(world, send(world, book.put(ref, **values), world.branch)).differences
    assert (found.kind, found.new) == ("new", new)


def test_a_share_as_excel_shows_it(world: World, book: Book) -> None:
    cell = book.at("ct02", "figure")
    cell.value, cell.number_format = 0.125, "0.0%"
    [found] = preview(world, send(world, book, world.branch)).differences
    assert (found.kind, found.new) == ("new", "12,5")


def test_a_row_that_is_not_of_the_table(world: World, book: Book) -> None:
    book.page["H20"].value, book.page["C21"].value = "5", "ghi chú của tôi"
    notes = send(world, book, world.branch).notes
    assert len(notes) == 1
    assert notes[0].startswith("Ô H20: dòng 20 không phải dòng của bảng do cổng lập")


@pytest.mark.parametrize("key", ["ct01", "ct01|x", "ct01|1,", 3])
def test_a_torn_key_of_a_row(world: World, book: Book, key: Any) -> None:
    book.page["A8"].value = key
    book.put_at("H8", "5")
    assert send(world, book, world.branch).notes[0].startswith("Ô H8: dòng 8 không phải")


def test_a_row_that_the_plan_asks_no_more(world: World, book: Book) -> None:
    book.page["A8"].value, book.page["B8"].value = "cu|0", "CT99"
    assert send(world, book, world.branch).notes == [
        "Dòng 8: phiếu không hỏi tiêu chí “CT99” nên dòng này không được đọc."
    ]


# --- the annotated workbook -----------------------------------------------------------------------
def test_the_annotated_workbook(world: World, book: Book) -> None:
    book.put("ct01", figure="nhiều", whole="9").put("ct02", figure="12,5")
    book.put("ct03", figure="=1+1").put("ct04", choice="Không áp dụng").put("ct05", figure="=x")
    book.page["H12"].data_type = "s"
    pending = send(world, book, world.branch)
    noted = annotated(world, pending)
    comments = {
        cell.coordinate: cell.comment.text
        for row in noted.page.iter_rows()
        for cell in row
        if cell.comment
    }
    assert comments.keys() == {"H8", "H10", "K11"}
    assert comments["H8"].startswith("Ô H8: Đã làm: “nhiều” không đọc được")
    assert noted.page["H8"].value == "nhiều"
    assert noted.page["H8"].fill.fgColor.rgb == "FFF8C9CC"
    assert (noted.page["H9"].value, noted.page["H10"].value) == ("12,5", "=1+1")
    assert noted.page["H10"].data_type == "s"
    assert noted.page["H12"].quotePrefix
    # mended there, it can be sent again
    noted.put("ct01", figure="8").put("ct03", figure="2").put("ct04", choice=None, figure="có")
    again = preview(world, send(world, noted, world.branch))
    assert [one.kind for one in again.differences] == ["new"] * 5


def annotated(world: World, pending: ResultImport) -> Book:
    return Book(services.annotated_workbook(pending, actor=world.clerk, now=pending.uploaded_at))


def test_what_the_workbook_is_like(world: World, book: Book) -> None:
    page = book.page
    assert page.protection.sheet
    assert page.column_dimensions["A"].hidden
    assert page.row_dimensions[1].hidden
    opened = {
        cell.coordinate for row in page.iter_rows() for cell in row if not cell.protection.locked
    }
    assert opened == {f"{c}{r}" for r in range(8, 13) for c in "HJK"} | {"I8"}
    assert {cell.number_format for row in page["H8:K12"] for cell in row} == {"@"}
    lists = {
        str(rule.sqref): rule.formula1 for rule in page.data_validations.dataValidation if rule.type
    }
    assert lists == {"J8:J12": '"Không phát sinh,Không áp dụng"', "H11": '"có,không"'}
    assert (page["D8"].value, page["E9"].value) == ("từ 80% trở lên\n(Áp dụng cho mọi đơn vị)", "%")
    assert page["C3"].value.endswith("bản sửa 1)")
    assert page["C5"].value.startswith("Năm 2024 (01/01/2024 – 31/12/2024)")
    assert page["G8"].value == "Kết quả: Đã làm.\nTổng số: Tổng số."


def test_notes_of_an_indicator(world: World) -> None:
    whole = world.indicator(ref="ct01", code="CT01", exclusion="văn bản mật", cumulative=True)
    world.indicator(ref="ct02", of_which=whole, evidence_required=True)
    world.indicator(ref="ct03", kind="count", numerator_label="Số cuộc họp")
    sheet = world.sheet()
    world.fill(sheet, whole, numerator="8", denominator="10")
    book = take(world, world.branch)
    assert book.page["G8"].value.endswith("Trừ văn bản mật.\nSố lũy kế.")
    assert "Tổng số: Đã làm (CT01) – cổng tự lấy." in book.page["G9"].value
    assert "Phải có minh chứng" in book.page["G9"].value
    assert "Số nguyên: Số cuộc họp" in book.page["G10"].value
    assert book.page["I9"].protection.locked
    [found] = preview(world, send(world, book.put("ct02", figure="3"), world.branch)).differences
    assert found.new == "3 trên 8"


def test_a_workbook_without_indicators(world: World) -> None:
    world.sheet()
    book = take(world, world.branch)
    assert book.page.max_row == 7
    assert send(world, book, world.branch).read == 0
