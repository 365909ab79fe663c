"""The life of one cell, as its page tells it."""

from datetime import timedelta

from django.utils import timezone

from campaigns import queries, services
from campaigns.models import CellMark, Period
from tests.campaigns.excel import send, take
from tests.campaigns.world import World
from tests.conftest import StrictClient
from tests.factories import NOW, UnitFactory, user_with


def test_a_cell_tells_before_and_after_from_where_and_who_looked_at_it(
    world: World, client: StrictClient
) -> None:
    Period.objects.update(closes_on=timezone.localdate() + timedelta(days=30))
    world.period.refresh_from_db()
    lead = user_with("lead_department", UnitFactory(), full_name="Đỗ Văn Chủ")
    indicator = world.indicator(code="CT01", lead_unit=lead.roles.get().unit)
    hours = iter(NOW + timedelta(hours=n) for n in range(1, 10))
    sheet = world.sheet()
    typed = {"numerator": "8", "denominator": "10"}
    held = services.record_result(sheet, indicator, typed, 0, actor=world.clerk, now=next(hours))
    services.submit_sheet(sheet, actor=world.head, now=NOW)
    for verdict, reason in (
        (CellMark.Verdict.QUESTIONED, "Thiếu"),
        (CellMark.Verdict.CONFIRMED, ""),
    ):
        services.mark_cells(
            indicator, {held.pk: 1}, verdict, actor=lead, now=next(hours), reason=reason
        )
    services.verify_sheet(sheet, actor=world.verifier, now=next(hours))
    services.return_sheet(
        sheet, reason="x", actor=world.verifier, now=next(hours), cells={indicator.pk: "lệch"}
    )
    book = take(world, world.branch).put(indicator.ref, figure="9")
    pending = send(world, book, world.branch)
    services.accept_import(pending, actor=world.clerk, now=next(hours))
    services.submit_sheet(sheet, actor=world.head, now=NOW)
    services.return_sheet(sheet, reason="x", actor=world.verifier, now=next(hours))
    held.refresh_from_db()
    told = [
        (event.who, event.act, event.before, event.after, event.origin)
        for event in queries.cell_events(held)
    ]
    clerk, verifier = str(world.clerk), str(world.verifier)
    assert told == [
        (verifier, "trả lại phiếu", "", "9 trên 10", ""),
        (clerk, "ghi", "8 trên 10", "9 trên 10", "tệp Excel “ket-qua.xlsx”"),
        (verifier, "trả lại phiếu, ô này phải sửa: lệch", "", "8 trên 10", ""),
        (verifier, "thẩm định phiếu", "", "8 trên 10", ""),
        ("Đỗ Văn Chủ", "xác nhận, đơn vị chủ trì", "", "8 trên 10", ""),
        ("Đỗ Văn Chủ", "có ý kiến, đơn vị chủ trì: Thiếu", "", "8 trên 10", ""),
        (clerk, "ghi", "trống", "8 trên 10", "trang nhập"),
    ]
    client.force_login(world.clerk)
    where = f"/phieu/{sheet.pk}/o/{indicator.pk}/lich-su/"
    assert where in client.get(f"/phieu/{sheet.pk}/").content.decode()
    page = client.get(where).content.decode()
    assert "Tệp Excel “ket-qua.xlsx”" in page
    assert "ô này phải sửa: lệch" in page


def test_tries_that_could_not_be_read_are_counted_and_hide_nothing(world: World) -> None:
    one, other, sheet = world.indicator(code="CT01"), world.indicator(code="CT02"), world.sheet()
    world.fill(sheet, one, numerator="7", denominator="10")
    for version, typed in enumerate(("8x", "8y", "8z"), 1):
        world.fill(sheet, one, version, numerator=typed, denominator="10")
    held = world.fill(sheet, one, 4, numerator="8", denominator="10")
    world.fill(sheet, other, numerator="x", denominator="10")
    services.record_result(
        sheet, other, {"numerator": "y", "denominator": "9"}, 1, actor=world.head, now=NOW
    )
    assert {(event.act, event.before, event.after) for event in queries.cell_events(held)} == {
        ("ghi, sau 3 lần chưa hợp lệ", "7 trên 10", "8 trên 10"),
        ("ghi", "trống", "7 trên 10"),
    }
    told = [one.sentence for one in queries.sheet_history(sheet)]
    assert sum("CT01" in sentence for sentence in told) == 2
    assert sum("CT02" in sentence for sentence in told) == 2  # by two people: both stand


def test_a_cell_never_written_has_no_life(world: World) -> None:
    assert queries.cell_events(None) == []
