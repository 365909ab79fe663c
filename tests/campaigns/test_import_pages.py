"""The pages of Excel both ways."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from campaigns import services
from campaigns.models import Campaign, Period, Result, ResultImport
from tests.campaigns.excel import Book
from tests.campaigns.world import World
from tests.conftest import StrictClient
from units import storage
from units.models import AuditEntry
from units.storage import XLSX

ClientOf = Callable[[Any], StrictClient]


def url(name: str, *args: Any) -> str:
    return reverse(f"campaigns:{name}", args=args)


def text(answer: Any) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())


def file_of(book: Book, name: str = "so lieu.xlsx") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, book.bytes(), content_type=XLSX)


@pytest.fixture
def open_world(world: World) -> World:
    """As if today lay in the period."""
    Period.objects.update(closes_on=timezone.localdate() + timedelta(days=5))
    world.period.refresh_from_db()
    world.indicator(ref="ct01", code="CT01", short_name="Ký số")
    world.indicator(ref="ct02", code="CT02", short_name="Họp")
    return world


def test_one_unit_from_download_to_accepted(open_world: World, client_of: ClientOf) -> None:
    world = open_world
    sheet, client = world.sheet(), client_of(world.clerk)
    page = text(client.get(url("result_sheet_detail", sheet.pk)))
    assert "Nhập bằng Excel" in page
    where = url("result_sheet_excel", sheet.pk)
    assert "Tải bảng tính năm 2024" in text(client.get(where))
    taken = client.get(url("result_sheet_workbook", sheet.pk))
    assert taken["Content-Type"] == XLSX
    assert "ket-qua-nam-2024-chi-cuc-phat-trien-nong-thon.xlsx" in taken["Content-Disposition"]
    assert AuditEntry.objects.filter(action="resultsheet.workbook_downloaded").count() == 1
    book = Book(taken.content).put("ct01", figure="1", whole="2").put("ct02", figure="x")
    sent = client.post(where, {"file": file_of(book)})
    pending = ResultImport.objects.get()
    assert sent.url == url("import_detail", pending.pk)
    page = text(client.get(sent.url))
    for words in (
        "1 ô sẽ ghi",
        "1 ô không ghi được",
        "CT01 Ký số trống 1 trên 2",
        "Ô H9: Đã làm: “x” không đọc được là một số.",
        "Tải bảng có đánh dấu ô sai",
    ):
        assert words in page, words
    assert Result.objects.count() == 0
    seen = services.preview_import(pending, actor=world.clerk, now=timezone.now()).seen
    done = client.post(url("import_accept", pending.pk), {"seen": seen}, follow=True)
    page = text(done)
    assert "Đã ghi 1 ô từ tệp “so lieu.xlsx”." in page
    assert "1 ô không ghi" in page
    assert Result.objects.get().numerator == 1
    assert "Đã ghi" in text(client.get(where))
    history = text(client.get(url("result_sheet_detail", sheet.pk)))
    assert "ghi CT01: 1 trên 2, nhập từ Excel (tệp “so lieu.xlsx”)." in history
    assert "nhập từ Excel: tệp “so lieu.xlsx”, 1 ô" in history
    assert "tải bảng tính Excel." in history
    again = client.post(url("import_accept", pending.pk), {"seen": seen}, follow=True)
    assert "không ghi lần hai" in text(again)


def test_where_nothing_can_be_written_the_way_on_is_a_mended_workbook(
    open_world: World, client_of: ClientOf
) -> None:
    sheet, client = open_world.sheet(), client_of(open_world.clerk)
    where = url("result_sheet_excel", sheet.pk)
    book = Book(client.get(url("result_sheet_workbook", sheet.pk)).content).put("ct02", figure="x")
    page = client.post(where, {"file": file_of(book)}, follow=True)
    assert "Sửa trong bảng có đánh dấu rồi tải lên lại." in text(page)
    assert "ô nào để ghi" not in text(page)
    assert f'href="{where}">Tải lên bảng đã sửa</a>' in page.content.decode()


def test_a_clash_on_the_page(open_world: World, client_of: ClientOf) -> None:
    world = open_world
    sheet, client = world.sheet(), client_of(world.clerk)
    indicator = sheet.period.campaign.criteria_set.indicators.get(ref="ct01")
    book = Book(client.get(url("result_sheet_workbook", sheet.pk)).content)
    client.post(
        url("result_sheet_excel", sheet.pk),
        {"file": file_of(book.put("ct01", figure="1", whole="2"))},
    )
    pending = ResultImport.objects.get()
    accept, where = url("import_accept", pending.pk), url("import_detail", pending.pk)
    seen = services.preview_import(pending, actor=world.clerk, now=timezone.now()).seen
    typed = {"numerator": "3", "denominator": "4"}
    services.record_result(sheet, indicator, typed, 0, actor=world.head, now=timezone.now())
    refused = client.post(accept, {"seen": seen})
    assert refused.status_code == 409
    page = text(refused)
    assert "Chưa ghi gì: vừa có người khác ghi" in page
    assert "3 trên 4 Phạm Thị Thử" in page
    html = client.get(where).content.decode()
    mine = f"{world.branch.pk}-{indicator.pk}-1"
    assert f'name="mine" value="{mine}"' in html
    seen = services.preview_import(pending, actor=world.clerk, now=timezone.now()).seen
    client.post(accept, {"seen": seen, "mine": [mine, "rác", "1-2"]})
    assert Result.objects.get().numerator == 1


def test_a_file_that_is_refused(open_world: World, client_of: ClientOf) -> None:
    world = open_world
    where, client = url("result_sheet_excel", world.sheet().pk), client_of(world.clerk)
    for data, words in (
        ({}, "Chưa chọn tệp."),
        ({"file": SimpleUploadedFile("a.xlsx", b"a;b")}, "Tệp “a.xlsx” không phải tệp Excel"),
    ):
        answer = client.post(where, data)
        assert answer.status_code == 422
        assert 'href="#file"' in answer.content.decode()
        assert words in text(answer)


def test_a_workbook_like_the_portal_and_discarding_it(
    open_world: World, client_of: ClientOf
) -> None:
    world = open_world
    sheet, client = world.sheet(), client_of(world.clerk)
    book = Book(client.get(url("result_sheet_workbook", sheet.pk)).content)
    client.post(url("result_sheet_excel", sheet.pk), {"file": file_of(book)})
    pending = ResultImport.objects.get()
    assert "Tệp không khác số trên cổng" in text(client.get(url("import_detail", pending.pk)))
    page = text(client.post(url("import_discard", pending.pk), follow=True))
    assert "Đã bỏ tệp. Không ô nào trên cổng thay đổi." in page
    assert "không ô nào của tệp được ghi" in text(
        client.post(url("import_discard", pending.pk), follow=True)
    )
    kept = client.get(url("import_file", pending.pk))
    assert kept.content == storage.read_bytes(pending.blob)
    marked = client.get(url("import_workbook", pending.pk))
    assert Book(marked.content).page["B8"].value == "CT01"
    storage.path_of(pending.blob_id).unlink()
    gone = client.get(url("import_file", pending.pk), follow=True)
    assert "khôi phục từ bản sao lưu" in text(gone)


def test_many_units(open_world: World, client_of: ClientOf) -> None:
    world = open_world
    client, where = client_of(world.clerk), url("campaign_excel", world.campaign.ref)
    units = url("campaign_units", world.campaign.ref)
    assert "Bảng Excel các đơn vị" in text(client.get(units))
    assert "Mỗi dòng một đơn vị" in text(client.get(where, {"ky": "2024"}))
    taken = client.get(url("campaign_workbook", world.campaign.ref), {"ky": "2024"})
    assert "ket-qua-nam-2024-cac-don-vi.xlsx" in taken["Content-Disposition"]
    book = Book(taken.content)
    book.at(world.branch.ref, "ct01|numerator").value = "x"
    client.post(where, {"file": file_of(book), "ky": "2024"})
    pending = ResultImport.objects.get()
    page = text(client.get(url("import_detail", pending.pk)))
    assert "Nhiều đơn vị" in page
    assert "CT01 Ký số Chi cục Phát triển nông thôn" in page
    assert "so lieu.xlsx" in text(client.get(where, {"ky": "2024"}))


def test_who_may_only_look_is_told_so(open_world: World, client_of: ClientOf) -> None:
    world = open_world
    client = client_of(world.verifier)
    page = text(client.get(url("campaign_excel", world.campaign.ref)))
    assert "tài khoản này không được giao nhập kết quả của đơn vị nào" in page
    page = text(client.get(url("result_sheet_excel", world.sheet().pk)))
    assert "không được giao nhập số liệu của đơn vị" in page


def test_a_plan_without_periods(world: World, client_of: ClientOf) -> None:
    Period.objects.all().delete()
    client = client_of(world.verifier)
    where = url("campaign_excel", world.campaign.ref)
    assert "Kế hoạch chưa có kỳ báo cáo nào" in text(client.get(where))
    taken = client.get(url("campaign_workbook", world.campaign.ref), follow=True)
    assert "chưa có bảng tính" in text(taken)
    assert client_of(world.clerk).post(where, {"file": BytesIO(b"x")}).status_code == 200


def test_a_plan_that_is_closed_takes_no_file(open_world: World, client_of: ClientOf) -> None:
    world = open_world
    sheet = world.sheet()
    Campaign.objects.update(state=Campaign.State.CLOSED)
    page = text(client_of(world.clerk).get(url("result_sheet_excel", sheet.pk)))
    assert "nên không tải lên được" in page
    assert "Kiểm tra tệp" not in page
