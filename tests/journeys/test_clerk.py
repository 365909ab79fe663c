"""The clerk's year, from the first cell to the accepted sheet: with a mouse, on a telephone, by
keyboard alone, and without JavaScript.
"""

import re
from dataclasses import dataclass

import pytest
from playwright.sync_api import Locator, expect

from tests.journeys.conftest import Visitors
from tests.journeys.visitor import Visitor

pytestmark = pytest.mark.browser

CLERK, HEAD, AGENCY = "nhaplieu.nuocsach", "thutruong.nuocsach", "thuongtruc.snn"
UNIT = "Trung tâm Nước sạch"
OPEN, NOTHING = "TT7", "TT8"  # the two indicators the sample leaves open
WHY_NOTHING = "Trong năm không tổ chức lớp tập huấn nào."
RETURNED = "TT7: mẫu số chưa khớp báo cáo quý. Đối chiếu lại rồi gửi lại."
PROOF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


@dataclass
class Hand:
    """How somebody works a page: with a mouse, by keyboard alone, or without JavaScript."""

    guest: Visitor
    keyboard: bool = False

    def type(self, field: Locator, text: str) -> None:
        if not self.keyboard:
            field.fill(text)
            return
        self.guest.press_until("Tab", field)  # Tab selects what the field holds
        self.guest.page.keyboard.type(text)

    def choose(self, select: Locator, label: str) -> None:
        if not self.keyboard:
            select.select_option(label=label)
            return
        self.guest.press_until("Tab", select)
        for _ in range(select.locator("option").count()):
            if select.locator("option:checked").inner_text() == label:
                return
            self.guest.page.keyboard.press("ArrowDown")
        raise AssertionError(f"không chọn được {label}")

    def unfold(self, summary: Locator) -> None:
        if not self.keyboard:
            summary.click()
            return
        self.guest.press_until("Tab", summary)
        self.guest.page.keyboard.press("Enter")

    def go_on(self, control: Locator) -> None:
        """Press the button or link that leads to another page."""
        if not self.keyboard:
            self.guest.follow(control)
            return
        self.guest.press_until("Tab", control)
        with self.guest.page.expect_navigation():
            self.guest.page.keyboard.press("Enter")
        self.guest.look()

    def save(self) -> None:
        """With scripts a row saves itself as the cell is left; without, the whole form is sent."""
        if self.guest.script:
            self.guest.page.keyboard.press("Tab")
        else:
            self.go_on(self.guest.page.get_by_role("button", name="Lưu cả phiếu"))


def row(guest: Visitor, code: str) -> Locator:
    return guest.page.locator(f'tbody[data-row="{code}"]')


def cell(guest: Visitor, code: str, name: str) -> Locator:
    return row(guest, code).locator(f"[name$='-{name}']")


def open_sheet(hand: Hand) -> None:
    """From Việc cần làm to the sheet of the year being entered."""
    hand.go_on(hand.guest.page.get_by_role("link", name=re.compile("kết quả năm 2025", re.I)).first)
    expect(hand.guest.page.get_by_role("heading", level=1)).to_contain_text("2025")


def home(guest: Visitor) -> None:
    guest.go("/")


def enter_results(hand: Hand) -> None:
    guest, page = hand.guest, hand.guest.page
    expect(page.locator("#left")).to_contain_text("Còn 2 việc trước khi gửi")

    # what cannot be read is kept, with a sentence that says what is allowed
    hand.type(cell(guest, OPEN, "numerator"), "120")
    hand.type(cell(guest, OPEN, "denominator"), "bốn mươi")
    hand.save()
    problem = row(guest, OPEN).locator("[data-problem]")
    expect(problem).to_contain_text("“bốn mươi” không đọc được là một số.")
    expect(row(guest, OPEN).locator("[data-saved]")).to_contain_text("Số vừa gõ được giữ lúc")
    guest.look()
    page.reload()
    expect(cell(guest, OPEN, "numerator")).to_have_value("120")
    expect(cell(guest, OPEN, "denominator")).to_have_value("bốn mươi")

    # put right: the figure and the verdict follow
    hand.type(cell(guest, OPEN, "denominator"), "200")
    hand.save()
    expect(row(guest, OPEN).locator("output")).to_have_text("60,0%")
    expect(problem).to_have_count(0)
    expect(row(guest, OPEN).locator("[data-saved]")).to_contain_text(
        re.compile(r"Đã lưu lúc \d\d:\d\d")
    )

    # nothing to report is an answer, with its reason
    hand.unfold(row(guest, NOTHING).locator("summary", has_text="Không có số liệu"))
    hand.choose(cell(guest, NOTHING, "choice"), "Không phát sinh")
    hand.type(cell(guest, NOTHING, "reason"), WHY_NOTHING)
    hand.save()
    expect(row(guest, NOTHING).locator("[id$='-verdict']")).to_contain_text("Không phát sinh")
    expect(page.locator("#left")).to_contain_text("Đã đủ")
    guest.look()


def upload_proof(hand: Hand) -> None:
    """The choice of a file is the browser's own window; it is given the file directly."""
    guest = hand.guest
    hand.unfold(row(guest, OPEN).locator("details.evidence summary"))
    row(guest, OPEN).locator("input[type=file]").set_input_files(
        {"name": "bảng kê tập huấn.pdf", "mimeType": "application/pdf", "buffer": PROOF}
    )
    hand.go_on(row(guest, OPEN).get_by_role("button", name="Tải lên"))
    expect(row(guest, OPEN)).to_contain_text("1 tệp")


def sign_and_send(hand: Hand) -> None:
    home(hand.guest)
    open_sheet(hand)
    hand.unfold(hand.guest.page.locator("summary", has_text="Ký và gửi…"))
    hand.guest.look()
    hand.go_on(hand.guest.page.get_by_role("button", name="Ký và gửi"))
    expect(hand.guest.page.locator("main")).to_contain_text("Đã gửi")


def open_as_agency(hand: Hand) -> None:
    home(hand.guest)
    link = hand.guest.page.locator("#main li", has_text=UNIT).get_by_role("link").first
    hand.go_on(link)
    expect(hand.guest.page.locator("main")).to_contain_text(UNIT)


@pytest.mark.parametrize(
    ("width", "keyboard", "script"),
    [
        pytest.param(1280, False, True, id="chuot"),
        pytest.param(390, False, True, id="dien-thoai"),
        pytest.param(1280, True, True, id="ban-phim"),
        pytest.param(1280, False, False, id="khong-javascript"),
    ],
)
def test_a_sheet_is_entered_sent_returned_mended_and_accepted(
    visitor: Visitors, width: int, keyboard: bool, script: bool
) -> None:
    clerk, head, agency = (
        # by keyboard the pages are those of the mouse, which are audited there
        Hand(visitor(name, width=width, script=script, audit=not keyboard), keyboard)
        for name in (CLERK, HEAD, AGENCY)
    )
    open_sheet(clerk)
    enter_results(clerk)
    upload_proof(clerk)
    expect(clerk.guest.page.get_by_role("button", name="Ký và gửi")).to_have_count(0)

    sign_and_send(head)

    open_as_agency(agency)
    page = agency.guest.page
    agency.unfold(page.locator("summary", has_text="Trả lại để sửa"))
    agency.type(page.get_by_label("Lý do trả lại"), RETURNED)
    agency.go_on(page.get_by_role("button", name="Trả lại phiếu"))
    expect(page.locator("main")).to_contain_text("Trả lại")

    home(clerk.guest)
    expect(clerk.guest.page.locator("#main")).to_contain_text(RETURNED)
    open_sheet(clerk)
    expect(clerk.guest.page.locator(".alert--error")).to_contain_text(RETURNED)
    clerk.type(cell(clerk.guest, OPEN, "denominator"), "205")
    clerk.save()
    expect(row(clerk.guest, OPEN).locator("output")).to_have_text("58,5%")

    sign_and_send(head)

    open_as_agency(agency)
    agency.go_on(page.get_by_role("button", name="Thẩm định"))
    expect(page.locator("main")).to_contain_text("Đã thẩm định")
    expect(row(agency.guest, OPEN)).to_contain_text("địa bàn phụ trách: 205")
    proof = row(agency.guest, OPEN).get_by_role("link", name="bảng kê tập huấn.pdf")
    assert agency.guest.download(proof) == PROOF
