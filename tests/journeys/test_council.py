"""The council: its secretary holds the session and records the count, a member reads the papers,
also on a telephone, and sees the outcome.
"""

import re

import pytest
from playwright.sync_api import expect

from awards.models import Nomination
from tests.journeys.conftest import Visitors
from tests.journeys.visitor import Visitor
from tests.journeys.world import DEPARTMENT

pytestmark = pytest.mark.browser

SECRETARY, MEMBER = "thuky.snn", "uyvien.snn"
MEMBERS = 9  # who vote; the secretary has no vote


def to_round(guest: Visitor) -> None:
    guest.go("/khen-thuong/")
    guest.follow(guest.page.locator(f"main a[href^='/khen-thuong/dot/{DEPARTMENT}.']").first)


def count(guest: Visitor, nominee: str, *, yes: int, no: int) -> None:
    """Type the five numbers of one nomination and save them."""
    row = guest.page.locator("tbody", has_text=nominee).first
    numbers = {"yes": yes, "no": no, "abstained": 0, "absent": MEMBERS - yes - no, "recused": 0}
    for name, number in numbers.items():
        row.locator(f"input[name$='{name}']").fill(str(number))
    row.get_by_role("button").first.click()


def test_a_session_is_held_and_its_outcome_read(visitor: Visitors) -> None:
    member = visitor(MEMBER, width=390)
    to_round(member)
    nominations = list(
        Nomination.objects.filter(award_round__campaign__ref=DEPARTMENT, state="proposed")
        .select_related("unit", "person", "household")
        .order_by("pk")
    )
    passed, failed = nominations[0], nominations[1]
    member.follow(member.page.locator(f"a[href='/khen-thuong/de-nghi/{passed.pk}/']"))
    expect(member.page.get_by_role("region", name="Điều kiện")).to_be_visible()

    secretary = visitor(SECRETARY)
    page = secretary.page
    to_round(secretary)
    secretary.follow(page.get_by_role("link", name="Mở phiên họp"))
    page.get_by_label(re.compile("Ngày họp")).fill("2025-12-02")
    secretary.follow(page.get_by_role("button", name=re.compile("Mở phiên họp")))
    expect(page.get_by_role("heading", level=1)).to_contain_text("02/12/2025")

    attendance = page.get_by_role("region", name="Điểm danh")
    for number in range(attendance.locator("select").count()):
        attendance.locator("select").nth(number).select_option("present")
    secretary.follow(page.get_by_role("button", name="Lưu điểm danh"))

    first, second = (re.escape(str(one.nominee_name)) for one in (passed, failed))
    wrong = page.locator("tbody", has_text=re.compile(first)).first
    wrong.locator("input[name$='yes']").fill("3")
    wrong.get_by_role("button").first.click()
    expect(wrong.get_by_role("alert").first).to_be_visible()  # the five do not add up
    secretary.forgive("422")
    for nomination in nominations:
        yes = 2 if nomination == failed else MEMBERS
        count(secretary, nomination.nominee_name, yes=yes, no=MEMBERS - yes)
        row = page.locator("tbody", has_text=nomination.nominee_name).first
        expect(row).to_contain_text("Không thông qua" if nomination == failed else "Thông qua")
    secretary.look()
    ending = page.get_by_role("region", name="Kết thúc phiên họp")
    secretary.page.locator("summary", has_text="Kết thúc phiên họp").click()
    ending.get_by_label(re.compile("đã kiểm tra")).check()
    ending.get_by_label(re.compile("Kết luận")).fill("Hội đồng thống nhất kết quả kiểm phiếu.")
    ending.get_by_label(re.compile("Số biên bản|Biên bản số")).fill("05")
    secretary.follow(ending.get_by_role("button", name="Kết thúc phiên họp"))

    to_round(member)
    lines = member.page.locator("#main tr")
    expect(lines.filter(has_text=re.compile(first)).first).to_contain_text("9/9")
    expect(lines.filter(has_text=re.compile(second)).first).to_contain_text("2/9")
    member.follow(member.page.locator(f"a[href='/khen-thuong/de-nghi/{passed.pk}/']"))
    expect(member.page.get_by_role("heading", name="Hội đồng")).to_be_visible()
    expect(member.page.locator("#main")).to_contain_text("Thông qua")
