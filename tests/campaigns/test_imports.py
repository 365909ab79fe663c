"""Results from a workbook: taken, filled in, sent, looked at, accepted."""

from decimal import Decimal

import pytest

from campaigns import services
from campaigns.models import Result, ResultHistory, ResultImport, ResultSheet
from campaigns.services import cells
from tests.campaigns.excel import send, take
from tests.campaigns.world import World
from tests.factories import NOW
from units.models import AuditEntry
from units.rules import DomainError


def preview(world: World, pending: ResultImport) -> services.Preview:
    return services.preview_import(pending, actor=world.clerk, now=NOW)


def told(world: World, pending: ResultImport) -> list[tuple[str, str, str, str]]:
    return [(one.at, one.kind, one.old, one.new) for one in preview(world, pending).differences]


def accept(world: World, pending: ResultImport, **choice: object) -> ResultImport:
    return services.accept_import(pending, actor=world.clerk, now=NOW, **choice)  # type: ignore[arg-type]


def discard(world: World, pending: ResultImport) -> ResultImport:
    return services.discard_import(pending, actor=world.clerk, now=NOW)


def test_a_workbook_is_checked_then_stored(world: World) -> None:
    ratio = world.indicator(ref="ct01")
    number = world.indicator(ref="ct02", kind="quantity", measure_unit="%")
    count = world.indicator(ref="ct03", kind="count")
    yes = world.indicator(ref="ct04", kind="yes_no", target=1)
    text = world.indicator(ref="ct05", kind="narrative", target=None)
    nil = world.indicator(ref="ct06")
    sheet = world.sheet()
    world.fill(sheet, ratio, numerator="1", denominator="2")
    book = take(world, world.branch)
    assert (book.at("ct01", "figure").value, book.at("ct01", "whole").value) == ("1", "2")
    book.put("ct01", figure="1.862", whole="2.004").put("ct02", figure="12,5 %")
    book.put("ct03", figure=7).put("ct04", figure="Có").put("ct05", figure="Đã phát động")
    book.put("ct06", choice="không phát sinh", reason="Chưa có hồ sơ")
    pending = send(world, book, world.branch)
    assert Result.objects.count() == 1
    assert told(world, pending) == [
        ("H8", "changed", "1 trên 2", "1.862 trên 2.004"),
        ("H9", "new", "trống", "12,5"),
        ("H10", "new", "trống", "7"),
        ("H11", "new", "trống", "“có”"),
        ("H12", "new", "trống", "“Đã phát động”"),
        ("H13", "new", "trống", "“không phát sinh” (Chưa có hồ sơ)"),
    ]
    assert Result.objects.count() == 1
    done = accept(world, pending)
    assert (done.state, done.written, done.left) == ("accepted", 6, [])
    stored = {result.indicator_id: result for result in Result.objects.all()}
    assert (stored[ratio.pk].numerator, stored[ratio.pk].version) == (Decimal(1862), 2)
    assert (stored[number.pk].value, stored[count.pk].value) == (Decimal("12.5"), 7)
    assert (stored[yes.pk].yes, stored[text.pk].text) == (True, "Đã phát động")
    assert (stored[nil.pk].state, stored[nil.pk].reason) == ("nothing", "Chưa có hồ sơ")
    lines = ResultHistory.objects.filter(source="file")
    assert {(line.by, line.imported, line.at) for line in lines} == {(world.clerk, done, NOW)}
    assert lines.count() == 6
    sheet.refresh_from_db()
    assert sheet.revision == 8
    acts = AuditEntry.objects.filter(subject_type="campaigns.resultsheet", subject_id=sheet.pk)
    assert "tệp “ket-qua.xlsx”, 6 ô" in acts.get(action="resultsheet.imported").note


# --- what others wrote meanwhile ------------------------------------------------------------------
def test_what_was_not_touched_in_the_file_is_left_alone(world: World) -> None:
    one, two = world.indicator(ref="ct01"), world.indicator(ref="ct02")
    sheet = world.sheet()
    world.fill(sheet, one, numerator="1", denominator="2")
    book = take(world, world.branch)
    world.fill(sheet, one, version=1, numerator="5", denominator="6")
    world.fill(sheet, two, numerator="7", denominator="8")
    pending = send(world, book, world.branch)
    assert told(world, pending) == []
    assert accept(world, pending).written == 0
    assert ResultHistory.objects.count() == 3


@pytest.fixture
def clash(world: World) -> ResultImport:
    """A workbook that changes a cell which the head of the unit wrote after it was made."""
    indicator = world.indicator(ref="ct01", code="CT01")
    sheet = world.sheet()
    world.fill(sheet, indicator, numerator="1", denominator="2")
    book = take(world, world.branch).put("ct01", figure="3", whole="4")
    services.record_result(
        sheet, indicator, {"numerator": "5", "denominator": "6"}, 1, actor=world.head, now=NOW
    )
    return send(world, book, world.branch)


def stored() -> tuple[Decimal | None, int]:
    result = Result.objects.get()
    return result.numerator, result.version


def test_a_clash_is_shown_and_not_overwritten(world: World, clash: ResultImport) -> None:
    assert told(world, clash) == [("H8", "stale", "5 trên 6", "3 trên 4")]
    [found] = preview(world, clash).stale
    assert found.conflict
    assert found.conflict.who == "Phạm Thị Thử"
    done = accept(world, clash, seen=preview(world, clash).seen)
    assert (done.written, stored()) == (0, (Decimal(5), 2))
    assert done.left == [
        [
            world.branch.name,
            "CT01",
            "H8",
            "Ô H8: Phạm Thị Thử đã ghi 5 trên 6 lúc 14:00 24/11/2024, sau khi tải bảng tính; số "
            "trong tệp (3 trên 4) không ghi đè.",
        ]
    ]


def test_a_clash_may_be_overwritten_knowingly(world: World, clash: ResultImport) -> None:
    [found] = preview(world, clash).stale
    mine = {(world.branch.pk, found.indicator.pk): found.version}
    done = accept(world, clash, seen=preview(world, clash).seen, mine=mine)
    assert (done.written, stored(), done.left) == (1, (Decimal(3), 3), [])


def test_what_changed_since_it_was_looked_at_stops_everything(
    world: World, clash: ResultImport
) -> None:
    [found] = preview(world, clash).stale
    seen, mine = preview(world, clash).seen, {(world.branch.pk, found.indicator.pk): found.version}
    other = {"numerator": "6", "denominator": "6"}
    sheet = ResultSheet.objects.get()
    services.record_result(sheet, found.indicator, other, 2, actor=world.head, now=NOW)
    with pytest.raises(services.ChangedMeanwhile, match="Chưa ghi gì"):
        accept(world, clash, seen=seen, mine=mine)
    assert stored() == (Decimal(6), 3)
    clash.refresh_from_db()
    assert clash.state == "checked"
    # nobody looked, nothing is overwritten: what was chosen was of an older version
    assert accept(world, clash, mine=mine).written == 0


def test_the_same_value_written_meanwhile_is_no_difference(world: World) -> None:
    indicator, sheet = world.indicator(ref="ct01"), world.sheet()
    book = take(world, world.branch).put("ct01", figure="1", whole="2")
    pending = send(world, book, world.branch)
    world.fill(sheet, indicator, numerator="1", denominator="2")
    assert told(world, pending) == []
    assert accept(world, pending).written == 0


def test_many_cells_go_in_batches(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cells, "BATCH", 1)
    monkeypatch.setattr(cells, "MANY", 1)
    for number in (1, 2, 3):
        world.indicator(ref=f"ct{number}", kind="count", target=None)
    world.sheet()
    book = take(world, world.branch)
    for number in (1, 2, 3):
        book.put(f"ct{number}", figure=number)
    assert accept(world, send(world, book, world.branch)).written == 3
    lines = ResultHistory.objects.order_by("value").values_list("value", "result__value")
    assert list(lines) == [(1, 1), (2, 2), (3, 3)]


def test_a_cleared_cell_is_told(world: World) -> None:
    world.fill(world.sheet(), world.indicator(ref="ct01"), numerator="1", denominator="2")
    book = take(world, world.branch).put("ct01", figure=None, whole=None)
    pending = send(world, book, world.branch)
    assert told(world, pending) == [("H8", "cleared", "1 trên 2", "trống")]
    assert accept(world, pending).written == 1
    assert Result.objects.get().state == "missing"


def test_words_that_could_not_be_read_come_along_and_can_be_mended(world: World) -> None:
    world.fill(world.sheet(), world.indicator(ref="ct01"), numerator="nhiều", denominator="2")
    book = take(world, world.branch)
    assert book.at("ct01", "figure").value == "nhiều"
    assert told(world, send(world, book, world.branch)) == []
    pending = send(world, book.put("ct01", figure="1"), world.branch)
    assert told(world, pending)[0][1] == "changed"


def test_a_whole_and_its_part_come_together(world: World) -> None:
    whole = world.indicator(ref="ct01", code="CT01")
    part = world.indicator(ref="ct02", code="CT02", of_which=whole)
    sheet = world.sheet()
    world.fill(sheet, whole, numerator="8", denominator="10")
    world.fill(sheet, part, numerator="4")
    book = take(world, world.branch).put("ct01", figure="9").put("ct02", figure="5")
    accept(world, send(world, book, world.branch))
    read = Result.objects.get(indicator=part)
    assert (read.numerator, read.denominator) == (Decimal(5), Decimal(9))
    # read anew with its whole, then written: both are in its history
    lines = ResultHistory.objects.filter(result=read).order_by("version")
    assert [(line.version, line.numerator, line.denominator) for line in lines] == [
        (1, Decimal(4), Decimal(8)),
        (2, Decimal(4), Decimal(9)),
        (3, Decimal(5), Decimal(9)),
    ]
    assert {line.imported is not None for line in lines} == {False, True}
    sheet.refresh_from_db()
    assert sheet.revision == 6


# --- when it may not be ---------------------------------------------------------------------------
def test_a_sheet_that_was_sent_takes_no_file(world: World) -> None:
    indicator, sheet = world.indicator(ref="ct01"), world.sheet()
    book = take(world, world.branch).put("ct01", figure="1", whole="2")
    pending = send(world, book, world.branch)
    world.fill(sheet, indicator, numerator="1", denominator="3")
    services.submit_sheet(sheet, actor=world.head, now=NOW)
    with pytest.raises(DomainError, match="đang ở trạng thái “đã gửi” nên không sửa được"):
        send(world, book, world.branch)
    assert [one.kind for one in preview(world, pending).differences] == ["wrong"]
    assert accept(world, pending).written == 0


def test_somebody_who_may_not_enter(world: World) -> None:
    world.indicator(ref="ct01")
    world.sheet()
    book = take(world, world.branch)
    with pytest.raises(DomainError, match="tài khoản này không được giao nhập kết quả của Chi cục"):
        send(world, book, world.branch, actor=world.verifier)


def test_a_unit_without_a_sheet(world: World) -> None:
    world.indicator(ref="ct01")
    world.sheet()
    book = take(world, world.branch)
    ResultSheet.objects.all().delete()
    with pytest.raises(DomainError, match="chưa có phiếu kết quả kỳ “Năm 2024”"):
        send(world, book, world.branch)


def test_a_period_that_is_over_or_not_begun(world: World) -> None:
    world.indicator(ref="ct01")
    world.sheet()
    pending = send(
        world, take(world, world.branch).put("ct01", figure="1", whole="2"), world.branch
    )
    world.period.closes_on = world.period.period_from
    world.period.save()
    with pytest.raises(DomainError, match="chỉ nhận số liệu đến hết ngày 01/01/2024"):
        accept(world, pending)
    world.period.period_from = world.period.closes_on = world.period.period_to
    world.period.save()
    with pytest.raises(DomainError, match="bắt đầu từ 31/12/2024"):
        accept(world, pending)


def test_a_plan_amended_since(world: World) -> None:
    world.indicator(ref="ct01")
    world.sheet()
    pending = send(world, take(world, world.branch), world.branch)
    world.campaign.revision = 2
    world.campaign.save()
    with pytest.raises(DomainError, match="Kế hoạch đã có bản sửa 2 sau khi tải tệp lên"):
        accept(world, pending)


def test_an_import_is_decided_once(world: World) -> None:
    world.indicator(ref="ct01")
    world.sheet()
    book = take(world, world.branch).put("ct01", figure="1", whole="2")
    pending = send(world, book, world.branch)
    done = services.discard_import(pending, actor=world.clerk, now=NOW)
    assert (done.state, done.decided_by, Result.objects.count()) == ("discarded", world.clerk, 0)
    thrown = r"Lê Văn Thí Dụ đã bỏ tệp “ket-qua\.xlsx” lúc 14:00 ngày 24/11/2024 nên không ghi được"
    for again in (accept, discard):
        with pytest.raises(DomainError, match=thrown):
            again(world, pending)
    assert Result.objects.count() == 0


def test_a_stored_import_is_not_stored_again(world: World) -> None:
    world.indicator(ref="ct01")
    world.sheet()
    pending = send(
        world, take(world, world.branch).put("ct01", choice="KPS", reason="x"), world.branch
    )
    accept(world, pending)
    stored = (
        r"Lê Văn Thí Dụ đã ghi tệp “ket-qua\.xlsx” lúc 14:00 ngày 24/11/2024, 1 ô; không ghi lần"
    )
    for again in (accept, discard):
        with pytest.raises(DomainError, match=stored):
            again(world, pending)
    assert ResultHistory.objects.count() == 1
