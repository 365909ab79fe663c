"""The Home Affairs officer: asks for the year's report, leaves, comes back, downloads it and a
dossier, and sees who holds what.
"""

import io
import re

import openpyxl
import pdfplumber
import pytest
from django.utils import timezone
from playwright.sync_api import expect

import dossiers.services
from config.demo import accounts, awards
from dossiers.models import Build
from tests.journeys.conftest import Visitors
from tests.journeys.visitor import Visitor
from tests.journeys.world import PROVINCE, STORIES
from tests.live import Portal, files_locked, until
from units.models import Job

pytestmark = pytest.mark.browser

OFFICER, NAME = "noivu.dongthap", "Nguyễn Văn Nội Vụ"


def text_of(pdf: bytes) -> str:
    with pdfplumber.open(io.BytesIO(pdf)) as paper:
        return "\n".join(page.extract_text() for page in paper.pages)


def to_plan(guest: Visitor, tab: str) -> None:
    """From the masthead to the plan of the province, and there to one of its tabs."""
    guest.go("/phong-trao/")
    guest.follow(guest.page.locator(f"main a[href='/phong-trao/{PROVINCE}/']").first)
    guest.follow(
        guest.page.get_by_role("navigation", name="Các phần của kế hoạch").get_by_role(
            "link", name=tab
        )
    )


@pytest.mark.parametrize("width", [1280, 390])
def test_a_report_is_asked_for_left_alone_and_downloaded(visitor: Visitors, width: int) -> None:
    officer = visitor(OFFICER, width=width)
    page = officer.page
    to_plan(officer, "Báo cáo")
    line = page.locator("#main tr", has_text="Năm 2024").first
    with files_locked():  # the worker prints the paper and waits; the page may be left
        officer.follow(line.get_by_role("button", name="Lập báo cáo"))
        expect(page.get_by_role("heading", level=1)).to_contain_text("năm 2024")
        expect(page.get_by_role("progressbar")).to_be_visible()
        expect(page.locator("#main")).to_contain_text("Dàn trang: 0 trên")
        address = page.url
        officer.go("/")
        expect(page.locator("#main")).to_contain_text("Đang lập, có thể rời trang")
        officer.go(address)
    pdf_link = page.get_by_role("link", name=re.compile("Tải PDF"))
    expect(pdf_link).to_be_visible(timeout=60_000)  # progress turns into files by itself
    officer.look()
    text = text_of(officer.download(pdf_link))
    assert "BÁO CÁO" in text
    assert "207/KH-UBND" in text
    book = openpyxl.load_workbook(
        io.BytesIO(officer.download(page.get_by_role("link", name=re.compile("Tải Excel"))))
    )
    assert "Tổng hợp" in book.sheetnames

    page.reload()
    taken = page.get_by_role("region", name="Ai đã tải")
    expect(taken.get_by_role("row", name=NAME)).to_have_count(2)
    expect(taken).to_contain_text("Phiên bản 1, PDF")
    expect(taken).to_contain_text("Phiên bản 1, Excel")
    officer.look()


def test_a_dossier_that_was_sent_is_downloaded(visitor: Visitors, sample: Portal) -> None:
    build = send_a_dossier()
    officer = visitor(OFFICER)
    to_plan(officer, "Hồ sơ")
    officer.follow(
        officer.page.locator("#main tbody").get_by_role(
            "link", name=str(build.dossier.proposing_unit)
        )
    )
    link = officer.page.get_by_role("link", name=re.compile("Tải hồ sơ"))
    text = text_of(officer.download(link))
    assert "207/KH-UBND" in text
    assert "MỤC LỤC" in text.upper()
    officer.page.reload()
    expect(officer.page.locator("#main")).to_contain_text(NAME)
    officer.look()


def send_a_dossier() -> Build:
    """What the department does before: the papers, the binding by the worker, the letter."""
    dossier = awards.open_dossiers(STORIES[PROVINCE])[0]
    head, now = accounts.hand("head"), timezone.now()
    build = dossiers.services.request_build(dossier, actor=head, now=now)
    until(lambda: Build.objects.get(pk=build.pk).state != Job.State.QUEUED, "hồ sơ đóng tập xong")
    build = Build.objects.get(pk=build.pk)
    assert (build.state, build.error) == (Job.State.DONE, "")
    dossiers.services.send_dossier(dossier, actor=head, now=timezone.now())
    return build
