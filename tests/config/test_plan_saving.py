"""Saving a part of a draft: what is wrong in it, two at once, what it costs, issued meanwhile."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.models import Campaign, Recipient
from config.planfile import plan_data
from criteria.models import Group, Indicator
from tests.config.partpages import Page, address, browser, draft, errors, planner
from tests.config.planfiles import edited, load, world

__all__ = ["browser", "draft", "planner", "world"]


# --- what is wrong -------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("slug", "group", "typed", "field", "said"),
    [
        ("chung", "", {"title": ""}, "title", "Còn thiếu tên kế hoạch."),
        ("chung", "", {"standing_agency": ""}, "standing_agency", "Còn thiếu cơ quan thường trực."),
        (
            "chung",
            "",
            {"standing_agency": "Sở Nào Đó"},
            "standing_agency",
            "Không có đơn vị “Sở Nào Đó” trên cổng.",
        ),
        ("chung", "", {"period-to": "2023-01-01"}, "period-to", "trước ngày bắt đầu 01/01/2024"),
        ("chung", "", {"period-outlook": "sau"}, "period-outlook", "phải là số nguyên"),
        ("chung", "", {"document-symbol": "kh ubnd"}, "document-symbol", "ví dụ KH-UBND"),
        (
            "tieu-chi",
            "tap-the",
            {"indicators-0-targets-0-value": "chín mươi"},
            "indicators-0-targets-0-value",
            "không đọc được là một số",
        ),
        (
            "tieu-chi",
            "tap-the",
            {"indicators-0-targets-0-value": ""},
            "indicators-0-targets-0-value",
            "Còn thiếu mức.",
        ),
        (
            "tieu-chi",
            "tap-the",
            {"indicators-0-targets-0-op": "none"},
            "indicators-0-targets-0-value",
            "“không có mức” (none) thì không ghi value",
        ),
        (
            "tieu-chi",
            "tap-the",
            {"indicators-1-targets-0-value_to": "60"},
            "indicators-1-targets-0-value_to",
            "mức trên 60 phải lớn hơn mức dưới 65",
        ),
        (
            "tieu-chi",
            "tap-the",
            {"indicators-2-kind": "ratio"},
            "indicators-2-at",
            "chỉ tiêu chí loại derived mới có cách tính",
        ),
        (
            "tieu-chi",
            "tap-the",
            {"indicators-3-code": "A4"},
            "indicators-3-name",
            "Còn thiếu tên tiêu chí.",
        ),
        ("phan-cong", "", {"assignments-0-text": "Làm."}, "assignments-0-at", "phải ghi unit"),
        ("ky", "", {"phases-0-drop": "1"}, "", "không có giai đoạn “tong-ket”"),
    ],
)
def test_what_is_wrong_is_told_at_its_field(browser, draft, slug, group, typed, field, said):
    before = plan_data(draft)
    answer = Page(browser, slug, group).save(**typed)
    assert answer.status_code == 422
    found = errors(answer)
    assert field in found, found
    assert said.lower() in found[field].lower()
    assert plan_data(draft) == before
    kept = answer.context["form"].cells
    for name, value in typed.items():
        if name in kept and name != "theme":
            assert kept[name].typed == value


def test_nothing_typed_is_lost_on_an_error(browser, draft):
    page = Page(browser, "noi-dung")
    answer = page.save(**{"sections-1-heading": "Chỉ có đề mục"})
    body = answer.content.decode()
    assert 'value="Chỉ có đề mục"' in body
    assert set(errors(answer)) == {"sections-1-kind", "sections-1-text"}
    assert 'href="#sections-1-text"' in body


def test_a_page_that_comes_in_pieces_is_refused(browser, draft):
    """A cut form would throw away what it does not carry."""
    before = plan_data(draft)
    for slug, gone in (("chung", "title"), ("ky", "periods-0-at"), ("ky", "phases-0-name")):
        page = Page(browser, slug)
        page.data = {k: v for k, v in page.data.items() if not k.startswith(gone)}
        if gone == "periods-0-at":
            page.data = {k: v for k, v in page.data.items() if not k.startswith("periods")}
        answer = page.save()
        assert "Trang gửi lên thiếu một số ô" in answer.content.decode(), slug
    assert plan_data(draft) == before


# --- two at once, autosave -----------------------------------------------------------------------
def test_two_people_edit_two_parts_at_once(browser, draft):
    one, two = Page(browser, "chung"), Page(browser, "noi-nhan")
    assert one.save(title="Mới").status_code == 302
    assert two.save(recipients="Như trên").status_code == 302
    draft.refresh_from_db()
    assert (draft.title, Recipient.objects.get(campaign=draft).text) == ("Mới", "Như trên")


def test_two_people_in_the_same_part_do_not_overwrite_each_other(browser, draft):
    one, two = Page(browser, "chung"), Page(browser, "chung")
    one.save(title="Của tôi")
    answer = two.save(title="Của người khác")
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "người khác đã sửa phần này" in page
    assert "Của người khác" in page
    assert 'name="to"' not in page  # a look at another part replaces nothing
    draft.refresh_from_db()
    assert draft.title == "Của tôi"
    two.data["stamp"] = answer.context["form"].stamp
    assert two.save(title="Của người khác").status_code == 302
    draft.refresh_from_db()
    assert draft.title == "Của người khác"


def test_the_same_words_sent_twice_are_no_conflict(browser, draft):
    """The page saves itself, and its button is pressed before the answer is there."""
    one, two = Page(browser, "chung"), Page(browser, "chung")
    assert one.save(title="Mới").status_code == 302
    assert two.save(title="Mới").status_code == 302
    assert two.save(title="").status_code == 409
    two.data.pop("theme")
    assert two.save(title="Mới").status_code == 409


# --- from part to part ---------------------------------------------------------------------------
def test_a_tab_saves_the_part_that_is_left(browser, draft):
    page = Page(browser, "chung")
    answer = page.save(title="Mới", to=address("tieu-chi", "tap-the"))
    assert (answer.status_code, answer.url) == (302, address("tieu-chi", "tap-the"))
    draft.refresh_from_db()
    assert draft.title == "Mới"
    answer = Page(browser, "chung").save(to="https://khac.vn/")
    assert answer.url == address("chung")  # only the tabs of this plan


def test_from_a_part_that_is_wrong_a_link_leads_on(browser, draft):
    answer = Page(browser, "chung").save(title="", to=address("han"))
    assert answer.status_code == 422
    assert f'<a href="{address("han")}">Sang “Hạn báo cáo”, bỏ' in answer.content.decode()
    assert "bỏ nội dung chưa lưu" not in Page(browser, "chung").save(title="").content.decode()


def test_enter_in_a_field_saves_and_stays(browser, draft):
    """The first button of a form is what Enter presses."""
    page = browser.get(address("chung")).content.decode()
    first = re.search(r'<button[^>]* form="soan"[^>]*>', page[page.index("<main") :])[0]
    assert "name=" not in first


def test_groups_may_move_while_indicators_are_edited(browser, draft):
    page = Page(browser, "tieu-chi", "ca-nhan")
    Page(browser, "doi-tuong").save(**{"groups-0-at": "9"})
    answer = page.save(
        **{"indicators-0-code": "B1", "indicators-0-name": "Tốt", "indicators-0-kind": "narrative"}
    )
    assert answer.status_code == 302
    assert Indicator.objects.get(ref="tot").group.ref == "ca-nhan"
    assert Indicator.objects.filter(group__ref="tap-the").count() == 3


def test_a_field_saves_itself(browser, draft):
    page = Page(browser, "doi-tuong")
    page.data |= {"groups-2-name": "Các xã"}
    answer = browser.post(page.address, page.data, headers={"HX-Request": "true"})
    body = answer.content.decode()
    assert answer.status_code == 200
    assert "Đã lưu lúc" in body
    assert 'id="groups-2-ref" name="groups-2-ref" value="cac-xa" hx-swap-oob="true"' in body
    stamp = re.search(r'name="stamp" value="(\w+)" hx-swap-oob="true"', body)[1]
    assert stamp != page.data["stamp"]
    page.data |= {"stamp": stamp, "groups-2-ref": "cac-xa", "groups-2-name": "Các phường, xã"}
    answer = browser.post(page.address, page.data, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert Group.objects.get(ref="cac-xa").name == "Các phường, xã"


def test_a_field_that_is_wrong_says_so_by_itself(browser, draft):
    page = Page(browser, "chung")
    page.data["title"] = ""
    answer = browser.post(page.address, page.data, headers={"HX-Request": "true"})
    assert answer.status_code == 422
    body = answer.content.decode()
    assert "Chưa lưu, cần sửa 1 chỗ" in body
    assert "<html" not in body
    page.data["stamp"] = "cũ"
    answer = browser.post(page.address, page.data, headers={"HX-Request": "true"})
    assert answer.status_code == 409
    assert "người khác vừa sửa phần này" in answer.content.decode()


# --- what saving costs ---------------------------------------------------------------------------
def longer(more: int) -> str:
    rows = "".join(
        f"      - {{ref: them-{n}, code: B{n}, name: Thêm {n}, kind: count, lead: a.b, "
        f'assist: [a], targets: [{{op: ">=", value: {n + 1}}}]}}\n'
        for n in range(more)
    )
    return edited(("  - ref: ca-nhan\n", rows + "  - ref: ca-nhan\n"))


@pytest.mark.parametrize("part", [("tieu-chi", "tap-the"), ("noi-dung", "")])
def test_saving_one_field_costs_the_same_however_long_the_plan(browser, world, part):
    typed = {"tieu-chi": {"indicators-0-name": "Hồ sơ {}"}, "noi-dung": SECTION}[part[0]]
    costs = []
    for more in (0, 12):
        load(longer(more))
        page = Page(browser, *part)
        with CaptureQueriesContext(connection) as held:
            answer = page.save(**{key: text.format(more) for key, text in typed.items()})
        assert answer.status_code == 302, errors(answer)
        costs.append(len(held))
    assert costs[0] == costs[1]
    assert Indicator.objects.filter(ref__startswith="them-").count() == 12


SECTION = {
    "sections-0-kind": "purpose",
    "sections-0-heading": "Mục đích {}",
    "sections-0-text": "Để làm gì.",
}


def test_what_was_not_touched_is_not_written(browser, draft):
    with CaptureQueriesContext(connection) as held:
        answer = Page(browser, "noi-dung").save(**SECTION)
    assert answer.status_code == 302, errors(answer)
    written = [one["sql"] for one in held if one["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]
    tables = {sql.split('"')[1] for sql in written}
    assert tables <= {"campaigns_section", "units_auditentry", "django_session"}
    read = [one["sql"] for one in held if 'FROM "criteria_target"' in one["sql"]]
    assert len(read) == 2  # once for the page, once to save it


def test_the_mark_of_a_saved_part_is_that_of_the_next_reader(browser, draft):
    page = Page(browser, "tieu-chi", "tap-the")
    answer = browser.post(
        page.address, page.data | {"indicators-0-name": "Tên mới"}, headers={"hx-request": "true"}
    )
    (stamp,) = re.findall(r'name="stamp" value="(\w+)"', answer.content.decode())
    assert stamp != page.data["stamp"]
    assert stamp == Page(browser, "tieu-chi", "tap-the").data["stamp"]


# --- issued meanwhile ----------------------------------------------------------------------------
def test_what_is_typed_in_a_draft_that_was_issued_meanwhile_is_shown_to_be_copied(draft, browser):
    page = Page(browser, "chung")
    Campaign.objects.update(state=Campaign.State.ISSUED)
    answer = page.save(short_title="Chuyển đổi số 2024")
    assert answer.status_code == 422
    assert answer.context["typed"] == "Tên gọi tắt: Chuyển đổi số 2024"
    text = answer.content.decode()
    assert "đã ban hành nên không sửa được như dự thảo" in text
    assert "Tên gọi tắt: Chuyển đổi số 2024</textarea>" in text
    assert "Chép lại khi cần" not in page.save().content.decode()  # nothing was typed
    saved = browser.post(page.address, page.data, headers={"HX-Request": "true"})
    assert saved.content.decode().strip().startswith('<div id="saved"')
    assert "Nội dung vừa gõ còn trên trang này" in saved.content.decode()


def test_what_is_typed_of_a_group_that_is_gone_comes_without_labels(draft, browser):
    page = Page(browser, "tieu-chi", "tap-the")
    page.address = address("tieu-chi", "khong-co")
    answer = page.save(**{"indicators-0-name": "Hồ sơ trên mạng, đủ hai bước"})
    assert "Hồ sơ trên mạng, đủ hai bước" in answer.context["typed"].splitlines()
    assert page.data["stamp"] not in answer.context["typed"]
