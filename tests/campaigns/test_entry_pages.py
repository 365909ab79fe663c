"""The entry grid: its cells and their files, with and without scripts."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django import DjangoAssertNumQueries

from campaigns import services
from campaigns.models import Evidence, Result
from tests.campaigns.pages import HTMX, ClientOf, cell, text, url, world
from tests.campaigns.test_evidence import PDF
from tests.campaigns.world import World
from tests.factories import (
    NOW,
    CampaignFactory,
    GroupFactory,
    IndicatorFactory,
    ParticipationFactory,
    RubricLevelFactory,
)
from units.models import AuditEntry

__all__ = ["world"]


# --- the entry grid -------------------------------------------------------------------------------
@pytest.mark.parametrize("rows", [3, 40])
def test_the_grid_costs_twelve_queries_at_most(
    world: World,
    client_of: ClientOf,
    rows: int,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    """With a rubric and a file among them."""
    RubricLevelFactory(indicator=world.indicator(None, kind="qualitative"))
    sheet = world.sheet()
    for _ in range(rows):
        indicator = world.indicator()
        world.fill(sheet, indicator, numerator="1", denominator="2")
    services.add_evidence(
        sheet,
        indicator,
        SimpleUploadedFile("a.pdf", PDF),
        name="a.pdf",
        size=len(PDF),
        actor=world.clerk,
        now=NOW,
    )
    client = client_of(world.clerk)
    with django_assert_max_num_queries(12):
        page = client.get(url("result_sheet_detail", sheet.pk))
    assert page.content.decode().count("data-row=") == rows + 1
    assert "a.pdf" in page.content.decode()


def test_the_grid_shows_target_figure_and_what_is_missing(
    world: World, client_of: ClientOf
) -> None:
    indicator = world.indicator(target=100, code="CT06", measure_unit="sản phẩm")
    world.indicator(target=None, code="CT07", kind="count", measure_unit="hộ")
    world.indicator(target=None, code="CT08", kind="yes_no")
    world.indicator(target=None, code="CT09", kind="narrative")
    other = GroupFactory(
        criteria_set=world.campaign.criteria_set, name="Mọi đơn vị", measured="sum"
    )
    IndicatorFactory(group=other, code="CT10", evidence_required=True, exclusion="hồ sơ mật")
    sheet = world.sheet()
    world.fill(sheet, indicator, numerator="298", denominator="312")
    page = text(client_of(world.clerk).get(url("result_sheet_detail", sheet.pk)))
    for words in (
        "Mục tiêu: 100%",
        "Áp dụng cho mọi đơn vị",
        "95,5%",
        "thiếu 14 sản phẩm",
        "Còn 4 việc trước khi gửi: nhập CT07",
        "Lê Văn Thí Dụ ghi CT06: 298 trên 312.",
        "Phải đính kèm",
        "Chi cục thuộc Sở",
        "Hạn gửi: trước ngày 30/11/2024, tức chậm nhất 29/11/2024",
    ):
        assert words in page, words
    assert "Ký và gửi" not in page
    assert "Ký và gửi" in text(client_of(world.head).get(url("result_sheet_detail", sheet.pk)))


def test_a_complete_sheet_waits_for_the_head(world: World, client_of: ClientOf) -> None:
    sheet = world.sheet()
    world.fill(sheet, world.indicator(), numerator="1", denominator="1")
    where = url("result_sheet_detail", sheet.pk)
    assert "Phiếu chờ thủ trưởng đơn vị ký gửi" in text(client_of(world.clerk).get(where))
    assert "Đã đủ để ký gửi" in text(client_of(world.head).get(where))


def test_an_empty_sheet_says_why(world: World, client_of: ClientOf) -> None:
    page = text(client_of(world.clerk).get(url("result_sheet_detail", world.sheet().pk)))
    assert "Phiếu không có tiêu chí nào" in page


def test_one_cell_is_saved_and_answered_in_pieces(world: World, client_of: ClientOf) -> None:
    indicator, sheet = world.indicator(), world.sheet()
    client = client_of(world.clerk)
    where = url("result_save", sheet.pk, indicator.pk)
    page = client.post(where, cell(indicator, numerator="42", denominator="53"), headers=HTMX)
    body = page.content.decode()
    assert page.status_code == 200
    assert "79,2%" in body
    assert "Đã lưu" in body
    assert "thiếu 1" in text(page)
    assert f'name="r{indicator.pk}-version" value="1" hx-swap-oob="true"' in body
    assert f'id="r{indicator.pk}-numerator"' not in body  # what is typed is never overwritten
    assert "<html" not in body
    wrong = client.post(where, cell(indicator, 1, numerator="54", denominator="53"), headers=HTMX)
    assert "lớn hơn" in text(wrong)
    assert "Số vừa gõ được giữ" in text(wrong)


def test_the_first_number_of_a_ratio_is_no_mistake_while_the_second_is_to_come(
    world: World, client_of: ClientOf
) -> None:
    indicator, sheet = world.indicator(code="CT01"), world.sheet()
    client, where = client_of(world.clerk), url("result_save", sheet.pk, indicator.pk)
    half = text(client.post(where, cell(indicator, 0, numerator="54"), headers=HTMX))
    assert "Còn thiếu “Tổng số”. Nhập cả hai số." in half
    assert "nhập đủ hai số của CT01" in half
    assert "Chưa hợp lệ" not in half
    assert "Số chưa hợp lệ vẫn được giữ" not in half
    wrong = text(client.post(where, cell(indicator, 1, numerator="năm"), headers=HTMX))
    assert "Chưa hợp lệ" in wrong
    assert "Số chưa hợp lệ vẫn được giữ" in wrong


def test_a_stale_cell_keeps_both_values(world: World, client_of: ClientOf) -> None:
    indicator, sheet = world.indicator(), world.sheet()
    world.fill(sheet, indicator, numerator="44", denominator="53")
    client = client_of(world.head)
    where = url("result_save", sheet.pk, indicator.pk)
    mine = cell(indicator, 0, numerator="42", denominator="53")
    page = client.post(where, mine, headers=HTMX)
    assert page.status_code == 409
    assert "Giữ 42 trên 53 (79,2%, chưa đạt)" in text(page)
    assert "Lấy 44 trên 53 (83,0%, đạt)" in text(page)
    assert "chọn số" in text(page)
    # the next change of the row is refused again: nothing is overwritten before one chooses
    assert f'name="r{indicator.pk}-version" value="0"' in page.content.decode()
    plain = client.post(where, mine)
    assert plain.status_code == 409
    assert 'value="42"' in plain.content.decode()
    theirs = client.post(
        where, {**mine, f"r{indicator.pk}-keep": "theirs"}, headers=HTMX
    ).content.decode()
    assert f'id="r{indicator.pk}-numerator"' in theirs
    assert 'value="44"' in theirs
    assert Result.objects.get().numerator == 44
    kept = {**mine, f"r{indicator.pk}-keep": "mine", f"r{indicator.pk}-known": "1"}
    page = client.post(where, kept)
    assert page.url == f"{url('result_sheet_detail', sheet.pk)}#r{indicator.pk}"
    assert Result.objects.get().numerator == 42


def test_a_cell_not_touched_here_shows_what_another_wrote(
    world: World, client_of: ClientOf
) -> None:
    indicator, sheet = world.indicator(), world.sheet()
    world.fill(sheet, indicator, numerator="40", denominator="53")
    world.fill(sheet, indicator, version=1, numerator="44", denominator="53")
    page = client_of(world.head).post(
        url("result_save", sheet.pk, indicator.pk),
        cell(indicator, 1, numerator="40", denominator="53"),
        headers=HTMX,
    )
    assert page.status_code == 200
    assert 'value="44"' in page.content.decode()


def test_a_part_answers_with_its_whole(world: World, client_of: ClientOf) -> None:
    whole = world.indicator()
    part = world.indicator(target=10, of_which=whole)
    sheet = world.sheet()
    world.fill(sheet, part, numerator="5")
    page = client_of(world.clerk).post(
        url("result_save", sheet.pk, whole.pk),
        cell(whole, numerator="50", denominator="60"),
        headers=HTMX,
    )
    body = page.content.decode()
    assert f'id="r{part.pk}-denominator" value="50"' in body
    assert "10,0%" in body


def test_a_cell_of_a_sheet_that_was_sent_is_refused_beside_it(
    world: World, client_of: ClientOf
) -> None:
    indicator, sheet = world.indicator(), world.sheet()
    world.fill(sheet, indicator, numerator="1", denominator="1")
    services.submit_sheet(sheet, actor=world.head, now=NOW)
    client = client_of(world.clerk)
    where = url("result_save", sheet.pk, indicator.pk)
    typed = cell(indicator, 1, numerator="0", denominator="1")
    page = client.post(where, typed, headers=HTMX)
    assert page.status_code == 422
    assert "trạng thái “đã gửi”" in text(page)
    assert "trạng thái “đã gửi”" in text(client.post(where, typed, follow=True))
    save = url("result_sheet_save", sheet.pk)
    assert "trạng thái “đã gửi”" in text(client.post(save, typed, follow=True))


def test_the_whole_form_without_scripts(world: World, client_of: ClientOf) -> None:
    first, second = world.indicator(code="CT01"), world.indicator(code="CT02")
    sheet = world.sheet()
    client = client_of(world.clerk)
    where = url("result_sheet_save", sheet.pk)
    good = cell(first, numerator="1", denominator="2")
    page = client.post(where, good | cell(second, numerator="x", denominator="2"), follow=True)
    assert "Đã lưu. Còn chỗ phải sửa: CT02." in text(page)
    assert 'value="x"' in page.content.decode()
    page = client.post(where, cell(second, 1, numerator="1", denominator="2"), follow=True)
    assert "Đã lưu cả phiếu." in text(page)
    stale = client.post(where, cell(first, 9, numerator="2", denominator="2"))
    assert stale.status_code == 409
    assert "Giữ 2 trên 2" in text(stale)
    assert (
        client.post(
            where, {**cell(first, text="x", numerator="2"), f"r{first.pk}-version": "x"}
        ).status_code
        == 409
    )


def test_the_history_of_a_cell(world: World, client_of: ClientOf) -> None:
    indicator, sheet = world.indicator(code="CT01"), world.sheet()
    client = client_of(world.clerk)
    where = url("result_history", sheet.pk, indicator.pk)
    assert "Chưa có lần ghi nào." in text(client.get(where))
    world.fill(sheet, indicator, numerator="x", denominator="2")
    world.fill(sheet, indicator, version=1, numerator="1", denominator="2")
    page = text(client.get(where))
    assert "ghi, sau 1 lần chưa hợp lệ trống 1 trên 2 Trang nhập" in page
    world.fill(sheet, indicator, version=2, numerator="x", denominator="2")
    assert "1 trên 2 “x / 2” (chưa hợp lệ) Trang nhập" in text(client.get(where))  # it stands
    assert client.get(url("result_history", sheet.pk, 999999)).status_code == 302


# --- files ----------------------------------------------------------------------------------------
def test_evidence_up_down_and_away(world: World, client_of: ClientOf) -> None:
    indicator, sheet = world.indicator(code="CT01"), world.sheet()
    client = client_of(world.clerk)
    add = url("evidence_add", sheet.pk, indicator.pk)

    def send(content: bytes) -> str:
        upload = SimpleUploadedFile("Bảng kê “A”.pdf", content)
        return text(client.post(add, {f"file-{indicator.pk}": upload}, follow=True))

    assert "Đã tải lên" in send(PDF)
    assert "không thuộc loại được nhận" in send(b"MZ" + b"\0" * 300)
    refused = client.post(add, follow=True).content.decode()
    above, beside = refused.split(f'<tbody id="r{indicator.pk}"')
    # the page opens again at the row, says it there and has the focus there
    assert 'tabindex="-1" data-focus>' in beside.split("Chưa chọn tệp")[0][-200:]
    assert "Chưa chọn tệp" not in above
    assert '<details class="evidence" open>' in beside
    evidence = Evidence.objects.get()
    page = client_of(world.verifier).get(url("evidence_file", evidence.pk))
    assert page.content == PDF
    assert page["Content-Type"] == "application/pdf"
    assert page["X-Content-Type-Options"] == "nosniff"
    assert page["Content-Disposition"].startswith("attachment; filename*=utf-8''B%E1%BA%A3ng")
    note = AuditEntry.objects.get(action="evidence.downloaded")
    assert (note.actor, note.subject_id) == (world.verifier, evidence.pk)
    remove = url("evidence_remove", evidence.pk)
    assert client_of(world.verifier).post(remove).status_code == 404
    assert "Đã gỡ tệp" in text(client.post(remove, follow=True))
    assert client.post(remove).status_code == 404
    assert client.get(url("evidence_file", evidence.pk)).status_code == 404


def test_a_lost_file_and_a_closed_sheet_are_said(
    world: World, client_of: ClientOf, settings: Any
) -> None:
    indicator, sheet = world.indicator(code="CT01"), world.sheet()
    client = client_of(world.clerk)
    upload = SimpleUploadedFile("a.pdf", PDF)
    client.post(url("evidence_add", sheet.pk, indicator.pk), {f"file-{indicator.pk}": upload})
    evidence = Evidence.objects.get()
    settings.FILES_DIR = settings.FILES_DIR / "elsewhere"
    page = client.get(url("evidence_file", evidence.pk), follow=True)
    assert "Không thấy nội dung tệp" in text(page)
    world.period.closed_at = NOW
    world.period.save()
    page = client.post(url("evidence_remove", evidence.pk), follow=True)
    assert "đã khóa" in text(page)
    assert "a.pdf" in text(page)


def test_a_member_of_two_plans_has_two_lines(
    world: World, client_of: ClientOf, django_assert_num_queries: Any
) -> None:
    client, where = client_of(world.clerk), url("result_sheet_list")
    with django_assert_num_queries(9):
        client.get(where)
    for _ in range(2):
        ParticipationFactory(unit=world.branch, campaign=CampaignFactory())
    with django_assert_num_queries(9):
        client.get(where)


# --- without a figure -----------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"choice": "nothing"}, "“không phát sinh”, chưa ghi lý do"),
        ({"choice": "nothing", "numerator": "1"}, "“1” và “không phát sinh” (chưa hợp lệ)"),
        ({"reason": "Bận"}, "lý do “Bận” (chưa hợp lệ)"),
    ],
)
def test_what_could_not_be_read_is_said_in_words(
    world: World, client_of: Any, typed: dict[str, str], words: str
) -> None:
    sheet, indicator = world.sheet(), world.indicator()
    world.fill(sheet, indicator, **typed)
    page = text(client_of(world.clerk).get(url("result_sheet_detail", sheet.pk)))
    assert f"ghi {indicator.code}: {words}." in page


def test_a_cell_without_a_figure_shows_its_reason_and_folds_its_boxes(
    world: World, client_of: Any
) -> None:
    sheet, indicator = world.sheet(), world.indicator()
    client, page_url = client_of(world.clerk), url("result_sheet_detail", sheet.pk)
    assert "Sửa lý do hoặc nhập số liệu" not in client.get(page_url).content.decode()
    world.fill(sheet, indicator, choice="nothing")
    page = client.get(page_url).content.decode()
    assert 'data-problem="reason"' in page
    assert page.index(f'id="r{indicator.pk}-reason"') < page.index("Sửa lý do hoặc nhập số liệu")
    world.fill(sheet, indicator, 1, choice="nothing", reason="Không có hồ sơ")
    page = client.get(page_url).content.decode()
    assert f'<p id="r{indicator.pk}-held">Không phát sinh: Không có hồ sơ</p>' in page
    assert page.index("Sửa lý do hoặc nhập số liệu") < page.index(f'id="r{indicator.pk}-numerator"')
    world.fill(sheet, indicator, 2, choice="nothing", reason="Không có hồ sơ", numerator="3")
    page = client.get(page_url).content.decode()
    assert 'data-problem=""' in page
    assert "Sửa lý do hoặc nhập số liệu" not in page
