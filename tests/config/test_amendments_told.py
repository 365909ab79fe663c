"""The page of a plan tells what each amendment changed, in words and in a fixed number of reads."""

from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.models import Campaign
from campaigns.queries import plan_page
from campaigns.queries.amendments import QuotaChange
from criteria.models import Target
from tests.config.planfiles import edited, issued, load, world
from tests.config.test_plans_issued import REF, WHOLE, amend, browser, plan, planner
from tests.factories import NOW
from units.models import User

__all__ = ["browser", "plan", "planner", "world"]


def told(campaign: Campaign, user: User) -> list[Any]:
    return plan_page(campaign, user, NOW.date()).amendments


def changes(line: Any) -> list[tuple[str, str, str, str]]:
    return [(str(one.indicator), one.whom, one.old, one.new) for one in line.targets]


def test_every_target_old_and_new_for_whom(browser, plan, planner):
    amend(
        browser,
        **{
            "ho-so-0-value": "95,5",
            "ho-so-1-value": "75",
            "ty-le-dat-0-op": ">=",
            "ty-le-dat-0-value": "80",
        },
    )
    amend(
        browser,
        **{
            "ho-so-0-value": "97",
            "tap-huan-0-op": "none",
            "tap-huan-0-value": "",
            "tap-huan-0-value_to": "",
            "amendment-document": "Quyết định số 20/QĐ-UBND",
            "amendment-in_force_from": "2025-01-01",
            "amendment-reason": "Trung ương giao thêm",
        },
    )
    first, second = told(plan, planner)
    assert changes(first) == [
        ("A1 Hồ sơ trên mạng", "", "trên 90%", "trên 95,5%"),
        (
            "A1 Hồ sơ trên mạng",
            "Sở, Cấp xã, vùng mien-nui, năm 2025",
            "từ 70% trở lên",
            "từ 75% trở lên",
        ),
        ("A3 Tỷ lệ đơn vị đạt", "", "", "từ 80% trở lên"),
    ]
    assert changes(second) == [
        ("A1 Hồ sơ trên mạng", "", "trên 95,5%", "trên 97%"),
        ("A2 Tập huấn", "", "từ 65 đến 70%", ""),
    ]
    page = unescape(browser.get(f"/phong-trao/{REF}/").content.decode())
    for words in (
        "Lần 1: Quyết định số 9/QĐ-UBND", "<dd>01/07/2024</dd>", "<dd>Tỉnh giao thêm</dd>",
        "Lần 2: Quyết định số 20/QĐ-UBND", "<dd>Trung ương giao thêm</dd>",
        '<td data-label="Cho">tất cả (mức chung)</td>', '<td data-label="Mức cũ">chưa có mức</td>',
        "<strong>trên 95,5%</strong>", "<strong>không còn mức</strong>", "Điều chỉnh (2)",
    ):  # fmt: skip
        assert words in page


def test_numbers_of_awards_and_words_alone(browser, plan, planner):
    amend(browser, **{"quota-tap-the-number": "7"})
    amend(browser, **{"amendment-in_force_from": "2025-01-01"})
    first, second = told(plan, planner)
    assert (first.quotas, first.is_words_alone) == ([QuotaChange("tap-the", 5, 7)], False)
    assert second.is_words_alone
    page = browser.get(f"/phong-trao/{REF}/").content.decode()
    assert "<dd>Bằng khen, tập thể (Tổng kết): từ 5 thành 7</dd>" in page
    assert "Chỉ ghi văn bản; chỉ tiêu, bảng chấm điểm giữ nguyên." in page


# --- a criterion by yes or no ---------------------------------------------------------------------
ASKED = (
    "kind: derived\n        derive: {how: share, from: ho-so}",
    'kind: yes_no\n        targets: [{op: "=", value: 1}]',
)
UNASKED = (ASKED[0], "kind: yes_no")


@pytest.mark.parametrize(
    ("at_first", "typed", "told_as"),
    [
        (ASKED, "0", [("có", "không")]),
        (ASKED, "", [("có", "")]),
        (ASKED, "1", []),
        (UNASKED, "1", [("", "có")]),
        (UNASKED, "", []),
    ],
    ids=["no", "taken away", "as it was", "asked now", "not asked"],
)
def test_yes_or_no_is_chosen_in_words(world, browser, planner, at_first, typed, told_as):
    load(issued(edited(at_first, text=WHOLE)))
    page = browser.get(f"/phong-trao/{REF}/dieu-chinh/")
    body = page.content.decode()
    assert "ty-le-dat-0-op" not in body
    assert f'value="1"{" selected" if at_first is ASKED else ""}>có</option>' in body
    assert amend(browser, **{"ty-le-dat-0-value": typed}).status_code == 302
    (line,) = told(Campaign.objects.get(ref=REF), planner)
    assert [change[2:] for change in changes(line)] == told_as


def test_what_is_neither_yes_nor_no_is_refused(world, browser):
    load(issued(edited(ASKED, text=WHOLE)))
    answer = amend(browser, **{"ty-le-dat-0-value": "7"})
    assert answer.status_code == 422
    assert "Chọn “có”, “không” hoặc để trống." in answer.content.decode()


def test_the_upper_end_is_for_a_range_alone(browser, plan):
    """Left out of sight by the styles, where its box is blank and the operator is another."""
    body = browser.get(f"/phong-trao/{REF}/dieu-chinh/").content.decode()
    for name, value in (("ho-so-0", ""), ("tap-huan-0", "70")):
        box = body.split('<div class="edit__to"><span>đến</span>')
        (here,) = [part for part in box if f'id="{name}-value_to"' in part.split("</div>")[0]]
        assert f'value="{value}" autocomplete="off" placeholder=" "' in here.split("</div>")[0]


@pytest.mark.parametrize("more", [0, 3])
def test_the_reads_do_not_grow(browser, plan, planner, more):
    amend(browser, **{"ho-so-0-value": "95"})
    for number in range(more):
        assert (
            amend(
                browser,
                **{
                    "ho-so-0-value": str(96 + number),
                    "tap-huan-0-value": str(66 + number),
                    "amendment-in_force_from": f"2025-0{number + 1}-01",
                },
            ).status_code
            == 302
        )
    with CaptureQueriesContext(connection) as read:
        lines = told(plan, planner)
    assert len(lines) == 1 + more
    assert Target.objects.filter(in_force_from__isnull=False).count() == 1 + 2 * more
    assert sum("amendment" in query["sql"] for query in read) == 1
    assert len(read) == READS


READS = 20  # three of them for what was changed


def test_a_plan_without_amendments_reads_none(world, planner):
    load(issued(edited(text=WHOLE)))
    campaign = Campaign.objects.get(ref=REF)
    with CaptureQueriesContext(connection) as read:
        assert told(campaign, planner) == []
    assert len(read) == READS - 3
