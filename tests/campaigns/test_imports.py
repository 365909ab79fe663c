"""Results from a workbook: taken, filled in, sent, looked at, accepted."""

from decimal import Decimal

from campaigns import services
from campaigns.models import Result, ResultHistory, ResultImport
from tests.campaigns.excel import send, take
from tests.campaigns.world import World
from tests.factories import NOW
from units.models import AuditEntry


def preview(world: World, pending: ResultImport) -> services.Preview:
    return services.preview_import(pending, actor=world.clerk, now=NOW)


def told(world: World, pending: ResultImport) -> list[tuple[str, str, str, str]]:
    return [
        (one.at, one.kind, one.old, one.new) for one in preview(world, pending).differences
    ]


def accept(world: World, pending: ResultImport, **choice: object) -> ResultImport:
    return services.accept_import(pending, actor=world.clerk, now=NOW, **choice)  # type: ignore[arg-type]


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
