"""A returned sheet opens only the cells that were flagged, if any was."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from campaigns import queries, services
from campaigns.models import CellFlag, Evidence, ResultHistory, ResultSheet, Review
from campaigns.rules import Doubt
from criteria.models import Indicator
from tests.campaigns.excel import send, take
from tests.campaigns.test_evidence import add
from tests.campaigns.world import World
from tests.conftest import StrictClient
from tests.factories import NOW, IndicatorFactory
from units.models import User
from units.queries import TodoKind
from units.rules import DomainError

LATER = NOW + timedelta(hours=1)
FULL = {"numerator": "8", "denominator": "10"}


@pytest.fixture
def asked(world: World) -> list[Indicator]:
    """CT01, CT02 and a part of CT01; the period is open also by the clock of the pages."""
    world.period.closes_on = timezone.localdate() + timedelta(days=30)
    world.period.save()
    whole, other = world.indicator(code="CT01"), world.indicator(code="CT02")
    return [whole, other, world.indicator(code="CT01a", of_which=whole)]


@pytest.fixture
def sent(world: World, asked: list[Indicator]) -> ResultSheet:
    sheet = world.sheet()
    for indicator in asked:
        world.fill(
            sheet, indicator, **(FULL if indicator.of_which_id is None else {"numerator": "4"})
        )
    return services.submit_sheet(sheet, actor=world.head, now=NOW)


def returned(world: World, sheet: ResultSheet, *flagged: Indicator, note: str = "") -> ResultSheet:
    cells = {indicator.pk: note for indicator in flagged}
    return services.return_sheet(sheet, reason="Lệch", actor=world.verifier, now=NOW, cells=cells)


def write(world: World, sheet: ResultSheet, indicator: Indicator, version: int = 1, **typed: str):
    return services.record_result(sheet, indicator, typed, version, actor=world.clerk, now=LATER)


def address(sheet: ResultSheet) -> str:
    return reverse("campaigns:result_sheet_detail", args=[sheet.pk])


def page_of(sheet: ResultSheet) -> queries.SheetPage:
    rows = ResultSheet.objects.select_related(*queries.SHEET_RELATED)
    return queries.sheet_page(rows.get(pk=sheet.pk))


# --- what is to be mended ------------------------------------------------------------------------
def test_a_marked_cell_is_called_untouched_until_somebody_works_on_it(
    world: World, sent: ResultSheet, asked: list[Indicator], client: StrictClient
) -> None:
    whole, other, _ = asked
    back = returned(world, sent, whole, other)
    assert [row.indicator.code for row in page_of(back).untouched] == ["CT01", "CT02"]
    client.force_login(world.clerk)
    page = client.get(address(back)).content.decode()
    assert "Chưa sửa từ khi phiếu được trả lại" in page
    assert "Đã đủ" not in page
    assert "Chưa giá trị nào đổi từ khi trả lại" in page
    write(world, back, whole, numerator="9", denominator="10")
    Evidence.objects.filter(pk=add(world, back, other).pk).update(uploaded_at=LATER)
    assert page_of(back).untouched == []
    assert "Đã đủ" in client.get(address(back)).content.decode()


def label_of(user: User) -> tuple[str, str]:
    (one,) = queries.todo(user, LATER)
    return one.kind, one.label


def test_the_first_page_tells_who_is_next_once_a_returned_sheet_is_mended(
    world: World, sent: ResultSheet, asked: list[Indicator]
) -> None:
    whole, other, _ = asked
    back = returned(world, sent, whole, other)
    assert [label_of(user) for user in (world.clerk, world.head)] == [
        ("returned", "Sửa phiếu"),
        ("returned", "Sửa phiếu"),
    ]
    write(world, back, whole, numerator="9", denominator="10")
    assert label_of(world.head) == ("returned", "Sửa phiếu")  # the other is still to come
    Evidence.objects.filter(pk=add(world, back, other).pk).update(uploaded_at=LATER)
    assert label_of(world.head) == ("returned", "Ký và gửi")
    (done,) = queries.todo(world.clerk, LATER)
    assert (done.kind, done.due_text) == (TodoKind.DONE, "Đã sửa, chờ thủ trưởng ký")
    write(world, back, whole, 2, numerator="9x", denominator="10")
    assert label_of(world.head) == ("returned", "Sửa phiếu")  # mended, and wrong now


def test_a_sheet_returned_whole_is_mended_as_soon_as_anything_is(
    world: World, sent: ResultSheet, asked: list[Indicator]
) -> None:
    back = returned(world, sent)
    assert label_of(world.head)[1] == "Sửa phiếu"
    write(world, back, asked[1], numerator="9", denominator="10")
    assert label_of(world.head)[1] == "Ký và gửi"


def test_a_sheet_returned_whole_is_not_called_complete_before_anything_was_done(
    world: World, sent: ResultSheet, asked: list[Indicator], client: StrictClient
) -> None:
    client.force_login(world.clerk)
    assert not page_of(sent).left_alone
    back = returned(world, sent)
    assert "Chưa sửa ô nào từ khi phiếu được trả lại." in client.get(address(back)).content.decode()
    write(world, back, asked[1], numerator="9", denominator="10")
    assert "Đã đủ" in client.get(address(back)).content.decode()


def test_a_return_without_a_reason_comes_back_with_its_form_open(
    world: World, sent: ResultSheet, client: StrictClient
) -> None:
    where = reverse("campaigns:result_sheet_return", args=[sent.pk])
    client.force_login(world.verifier)
    page = client.post(where, {"revision": sent.revision}).content.decode()
    assert "Ghi lý do trả lại" in page
    assert '<details class="confirm" open>' in page


# --- what is open ---------------------------------------------------------------------------------
def test_without_a_flag_the_whole_sheet_is_open(
    world: World, sent: ResultSheet, asked: list[Indicator]
) -> None:
    back = returned(world, sent)
    assert write(world, back, asked[1], numerator="9", denominator="10").version == 2
    assert [row.frozen for row in page_of(back).rows] == [False, False, False]


def test_flags_open_their_cells_and_the_parts_of_those(
    world: World, sent: ResultSheet, asked: list[Indicator]
) -> None:
    whole, other, part = asked
    back = returned(world, sent, whole, note="Thiếu một xã")
    assert {r.indicator.code: r.frozen for r in page_of(back).rows} == {
        "CT01": False,
        "CT02": True,
        "CT01a": False,
    }
    assert [row.indicator.code for row in page_of(back).opened] == ["CT01", "CT01a"]
    assert write(world, back, whole, numerator="9", denominator="10").version == 2
    assert write(world, back, part, 2, numerator="5").version == 3
    with pytest.raises(DomainError, match=r"CT02 không mở để sửa: .* chỉ để sửa CT01, CT01a"):
        write(world, back, other, numerator="9", denominator="10")
    assert write(world, back, other, **FULL).version == 1  # says what is there already


def test_a_flagged_part_does_not_open_its_whole(
    world: World, sent: ResultSheet, asked: list[Indicator]
) -> None:
    back = returned(world, sent, asked[2])
    with pytest.raises(DomainError, match="CT01 không mở"):
        write(world, back, asked[0], numerator="9", denominator="10")


def test_what_the_sheet_still_lacks_may_be_answered_and_corrected(
    world: World, sent: ResultSheet, asked: list[Indicator]
) -> None:
    back = returned(world, sent, asked[0])
    added = world.indicator(code="CT09")
    assert [one.indicator.code for one in queries.unanswered(page_of(back).sheet)] == ["CT09"]
    assert write(world, back, added, 0, numerator="1", denominator="2").version == 1
    assert write(world, back, added, 1, numerator="2", denominator="2").version == 2


def test_a_flag_whose_indicator_is_asked_no_more_opens_everything(
    world: World, sent: ResultSheet, asked: list[Indicator]
) -> None:
    gone = IndicatorFactory(code="XX")
    back = returned(world, sent, asked[0])
    CellFlag.objects.update(indicator=gone)
    assert write(world, back, asked[1], numerator="9", denominator="10").version == 2


def test_a_doubt_beside_a_closed_cell_does_not_stop_the_sheet(
    world: World, sent: ResultSheet, asked: list[Indicator]
) -> None:
    row = next(r for r in page_of(returned(world, sent, asked[0])).rows if r.frozen)
    vars(row)["doubts"] = [Doubt("Tăng.")]
    assert (row.unexplained, row.open_because) == (True, "")


def test_the_whole_form_is_refused_with_what_was_typed(
    world: World, sent: ResultSheet, asked: list[Indicator], client: StrictClient
) -> None:
    back = returned(world, sent, asked[0])
    pk = asked[1].pk
    client.force_login(world.clerk)
    typed = {f"r{pk}-numerator": "7", f"r{pk}-denominator": "10", f"r{pk}-version": "1"}
    answer = client.post(f"/phieu/{back.pk}/luu/", typed)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "CT02 không mở để sửa" in page
    assert f'name="r{pk}-numerator"' in page
    assert 'value="7"' in page


def test_a_page_that_was_drawn_before_leaves_closed_cells_alone(
    world: World, sent: ResultSheet, asked: list[Indicator]
) -> None:
    """It sends back what it was drawn with, though the cell was written since."""
    back = returned(world, sent)
    write(world, back, asked[1], numerator="9", denominator="10")
    again = services.submit_sheet(back, actor=world.head, now=LATER)
    services.return_sheet(
        again, reason="x", actor=world.verifier, now=LATER, cells={asked[0].pk: ""}
    )
    old = {asked[1].pk: (FULL, 1)}
    saved = services.record_results(again, old, actor=world.clerk, now=LATER)
    assert [r.version for r in saved.results] == [2]
    with pytest.raises(DomainError, match="CT02 không mở"):
        write(world, again, asked[1], 1, numerator="3", denominator="10")


def test_the_head_signs_a_page_without_the_closed_cells(
    world: World, sent: ResultSheet, asked: list[Indicator]
) -> None:
    back = returned(world, sent, asked[0])
    cells = {
        asked[0].pk: ({"numerator": "9", "denominator": "10"}, 1),
        asked[2].pk: ({"numerator": "4"}, 1),
    }
    saved = services.record_results(back, cells, actor=world.head, now=LATER)
    back.refresh_from_db()
    assert saved.seen == back.revision


# --- evidence and workbooks -----------------------------------------------------------------------
def test_files_of_closed_cells_stay_as_they_are(
    world: World, sent: ResultSheet, asked: list[Indicator]
) -> None:
    back = returned(world, sent, asked[0])
    kept = add(world, back, asked[0])
    with pytest.raises(DomainError, match="CT02 không mở"):
        add(world, back, asked[1])
    Indicator.objects.filter(pk=asked[1].pk).update(evidence_required=True)
    asked[1].refresh_from_db()
    owed = add(world, back, asked[1])  # the sheet could not be sent without it
    with pytest.raises(DomainError, match="CT02 không mở"):
        add(world, back, asked[1])
    with pytest.raises(DomainError, match="CT02 không mở"):
        services.remove_evidence(owed, actor=world.clerk, now=LATER)
    assert services.remove_evidence(kept, actor=world.clerk, now=LATER).removed_at == LATER


@pytest.mark.parametrize("many", [False, True])
def test_a_workbook_is_locked_likewise_and_refused_by_cell(
    world: World, sent: ResultSheet, asked: list[Indicator], many: bool
) -> None:
    back = returned(world, sent, asked[0], note="Thiếu một xã")
    unit = None if many else world.branch
    book = take(world, unit)
    at = (
        [(world.branch.ref, f"{i.ref}|numerator") for i in asked]
        if many
        else [(i.ref, "figure") for i in asked]
    )
    assert [book.at(*place).protection.locked for place in at] == [False, True, False]
    if not many:
        words = [str(cell.value) for row in book.page.iter_rows() for cell in row if cell.value]
        assert any("Phải sửa: Thiếu một xã." in word for word in words)
        assert any(word.startswith("Không mở để sửa") for word in words)
    for place in at[:2]:
        book.at(*place).value = "9"
    pending = send(world, book, unit)
    preview = services.preview_import(pending, actor=world.clerk, now=LATER)
    assert [one.indicator.code for one in preview.good] == ["CT01"]
    assert ["CT02 không mở để sửa" in one.problem for one in preview.wrong] == [True]
    services.accept_import(pending, actor=world.clerk, now=LATER, seen=preview.seen)
    results = {r.indicator.code: r.numerator for r in back.results.select_related("indicator")}
    assert (results["CT01"], results["CT02"]) == (9, 8)


# --- flagging -------------------------------------------------------------------------------------
def test_what_is_said_of_the_cells_stands_for_the_reason(
    world: World, sent: ResultSheet, asked: list[Indicator]
) -> None:
    cells = {asked[1].pk: "lệch bảng", asked[0].pk: ""}
    back = services.return_sheet(sent, reason=" ", actor=world.verifier, now=NOW, cells=cells)
    assert back.return_reason == "CT02: lệch bảng"
    review = Review.objects.get()
    assert (review.decision, review.revision, review.by) == (
        "returned",
        back.revision,
        world.verifier,
    )
    assert set(review.flags.values_list("indicator__code", "note")) == {
        ("CT01", ""),
        ("CT02", "lệch bảng"),
    }


def test_flags_need_a_reason_and_an_indicator_of_the_sheet(
    world: World, sent: ResultSheet, asked: list[Indicator]
) -> None:
    stranger = IndicatorFactory()
    for cells, sentence in (({asked[0].pk: " "}, "Ghi lý do"), ({stranger.pk: "x"}, "không hỏi")):
        with pytest.raises(DomainError, match=sentence):
            services.return_sheet(sent, reason="", actor=world.verifier, now=NOW, cells=cells)
    assert not CellFlag.objects.exists()


def test_the_verifier_flags_on_the_page_and_a_refusal_keeps_his_words(
    world: World, sent: ResultSheet, asked: list[Indicator], client: StrictClient
) -> None:
    client.force_login(world.verifier)
    where = f"/phieu/{sent.pk}/tra-lai/"
    form = {"revision": "1", "reason": "Xem lại", f"flag-{asked[1].pk}": "lệch bảng", "flag": ""}
    answer = client.post(where, form)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Xem lại</textarea>" in page
    assert 'value="lệch bảng"' in page
    sent.refresh_from_db()
    client.post(where, form | {"revision": str(sent.revision), "flag": str(asked[0].pk)})
    flags = CellFlag.objects.values_list("indicator__code", "note")
    assert set(flags) == {("CT01", ""), ("CT02", "lệch bảng")}
    client.force_login(world.clerk)
    page = client.get(f"/phieu/{sent.pk}/").content.decode()
    assert "Phải sửa: lệch bảng" in page


# --- sent again -----------------------------------------------------------------------------------
def test_what_was_mended_is_shown_old_and_new(
    world: World, sent: ResultSheet, asked: list[Indicator]
) -> None:
    back = returned(world, sent, asked[0], asked[1], note="Xem lại")
    write(world, back, asked[0], numerator="9", denominator="10")
    services.submit_sheet(back, actor=world.head, now=LATER)
    (since,) = page_of(back).since
    assert (since.count, since.words) == (2, "khi trả lại")  # the part follows its whole
    told = [(c.indicator.code, c.old, c.new, c.by, c.origin, c.note) for c in since.changes]
    clerk = str(world.clerk)
    assert told == [
        ("CT01", "8 trên 10", "9 trên 10", clerk, "trang nhập", "Xem lại"),
        ("CT02", "", "", "", "", "Xem lại"),
        ("CT01a", "4 trên 8", "4 trên 9", clerk, "trang nhập", ""),
    ]


def test_a_value_that_went_back_has_not_changed(
    world: World, sent: ResultSheet, asked: list[Indicator]
) -> None:
    back = returned(world, sent)
    write(world, back, asked[1], numerator="9", denominator="10")
    assert page_of(back).since[0].count == 1
    write(world, back, asked[1], 2, **FULL)
    assert page_of(back).since[0].count == 0
    assert ResultHistory.objects.filter(result__indicator=asked[1]).count() == 3
