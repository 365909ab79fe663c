"""A workbook of many units that a worker reads and stores: its pages at a desk and on a phone."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from campaigns.models import Result, ResultImport
from tests.campaigns.excel import Book
from tests.campaigns.world import World, make_world
from tests.factories import user_with
from tests.journeys.conftest import Visit
from tests.journeys.visitor import Visitor
from tests.live import Portal, table_locked
from units.storage import XLSX

pytestmark = pytest.mark.browser


@pytest.fixture
def world(transactional_db: None, portal: Portal) -> World:
    """Two members; more than one result is a lot."""
    portal.env["IMPORT_AT_ONCE"] = "1"
    world = make_world()
    world.period.closes_on = timezone.localdate()
    world.period.save()
    world.indicator(ref="ct01", code="CT01")
    world.member(name="Chi cục Thủy lợi", ref="thuy-loi")
    return world


def send(guest: Visitor, name: str, content: bytes) -> None:
    page = guest.page
    file = {"name": name, "mimeType": XLSX, "buffer": content}
    page.get_by_label("Bảng tính (.xlsx)").set_input_files(file)
    guest.follow(page.get_by_role("button", name="Kiểm tra tệp"))


def filled(content: bytes, world: World) -> bytes:
    """One figure that can be read and one that cannot."""
    book = Book(content)
    for ref, numerator in ((world.branch.ref, "1"), ("thuy-loi", "mười")):
        book.at(ref, "ct01|numerator").value = numerator
        book.at(ref, "ct01|denominator").value = "2"
    return book.bytes()


@pytest.mark.parametrize(
    "width", [pytest.param(1280, id="ban-lam-viec"), pytest.param(390, id="dien-thoai")]
)
def test_a_large_workbook_is_checked_looked_at_and_stored(
    world: World, visit: Visit, portal: Portal, width: int
) -> None:
    guest = visit(user_with("clerk", world.office, and_below=True), width)
    page, main = guest.page, guest.page.locator("#main")
    where = f"/phong-trao/{world.campaign.ref}/excel/"
    portal.worker()
    guest.go(where)
    taken = guest.download(page.get_by_role("link", name="Tải bảng tính"))

    with table_locked(ResultImport._meta.db_table):  # read, and about to be kept
        send(guest, "nhieu don vi.xlsx", filled(taken, world))
        expect(page.get_by_role("heading", level=1)).to_have_text("Đang kiểm tra tệp")
        expect(page.get_by_role("progressbar")).to_be_visible()
        expect(main).to_contain_text("Đang đọc tệp “nhieu don vi.xlsx”")
        expect(main).to_contain_text("Có thể rời trang này")
        guest.look()
        guest.go(where)
        guest.follow(page.get_by_role("link", name="nhieu don vi.xlsx"))
    expect(main).to_contain_text("1 ô sẽ ghi")  # the page turns by itself
    expect(main).to_contain_text("1 ô không ghi được")
    expect(main).to_contain_text("giữ đến 180 ngày sau khi ghi hoặc bỏ")
    guest.look()

    with table_locked(Result._meta.db_table):
        guest.follow(page.get_by_role("button", name="Ghi vào phiếu"))
        expect(page.get_by_role("heading", level=1)).to_have_text("Đang ghi vào các phiếu")
        guest.look()
    expect(main).to_contain_text("Đã ghi 1 ô")
    expect(main).to_contain_text("giữ đến hết ngày")
    guest.look()
    assert Result.objects.get().numerator == 1

    guest.go(where)
    send(guest, "khong dung.xlsx", spoilt(taken))
    expect(page.get_by_role("heading", level=1)).to_have_text("Tệp chưa dùng được")
    expect(main).to_contain_text("giữ đến hết ngày")
    guest.look()


def spoilt(content: bytes) -> bytes:
    """It says nowhere any more what it was made for."""
    return Book(content).put_at("A1", "").bytes()
