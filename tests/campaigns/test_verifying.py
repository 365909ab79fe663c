"""Accepting sheets: many at once, and what changed since they were accepted before."""

from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns import queries, services
from campaigns.models import Period, ResultSheet, Review
from criteria.models import Indicator
from tests.campaigns.world import World
from tests.conftest import StrictClient
from tests.factories import NOW, PeriodFactory, UnitFactory
from units.models import AuditEntry

State = ResultSheet.State
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def indicator(world: World) -> Indicator:
    Period.objects.update(closes_on=timezone.localdate() + timedelta(days=30))
    world.period.refresh_from_db()
    return world.indicator(code="CT01")


def sent(world: World, indicator: Indicator, **unit: str) -> ResultSheet:
    sheet = world.sheet(world.member(**unit))
    world.fill(sheet, indicator, numerator="8", denominator="10")
    return services.submit_sheet(sheet, actor=world.head, now=NOW)


def mended(world: World, sheet: ResultSheet, indicator: Indicator, numerator: str) -> ResultSheet:
    """Verified, returned, written again and sent."""
    services.verify_sheet(sheet, actor=world.verifier, now=NOW)
    services.return_sheet(sheet, reason="Lệch", actor=world.verifier, now=NOW)
    typed = {"numerator": numerator, "denominator": "10"}
    services.record_result(sheet, indicator, typed, 1, actor=world.clerk, now=LATER)
    return services.submit_sheet(sheet, actor=world.head, now=LATER)


def states(*sheets: ResultSheet) -> list[str]:
    held = dict(ResultSheet.objects.values_list("pk", "state"))
    return [held[sheet.pk] for sheet in sheets]


# --- many at once ---------------------------------------------------------------------------------
def test_each_is_accepted_by_itself_and_the_refused_are_named(
    world: World, indicator: Indicator
) -> None:
    good, stale, own, twice = (sent(world, indicator) for _ in range(4))
    ResultSheet.objects.filter(pk=own.pk).update(submitted_by=world.verifier)
    services.verify_sheet(twice, actor=world.verifier, now=NOW)
    seen = {sheet: sheet.revision for sheet in (good, own)}
    chosen = [*seen.items(), (stale, stale.revision - 1), (twice, twice.revision + 1)]
    done = services.verify_sheets(chosen, actor=world.verifier, now=NOW)
    assert [sheet.pk for sheet in done.sheets] == [good.pk]
    reasons = dict(done.refused)
    assert "do chính" in reasons[own]
    assert "Phiếu đã đổi" in reasons[stale]
    assert "Không thể chuyển" in reasons[twice]
    assert states(good, own, stale, twice) == ["verified", "submitted", "submitted", "verified"]
    acts = AuditEntry.objects.filter(action="resultsheet.verified", subject_id=good.pk)
    assert acts.count() == Review.objects.filter(result_sheet=good).count() == 1


def test_the_page_accepts_what_was_ticked_and_says_what_was_not(
    world: World, indicator: Indicator, client: StrictClient
) -> None:
    one, other = sent(world, indicator, name="Chi cục A"), sent(world, indicator, name="Chi cục B")
    client.force_login(world.verifier)
    page = client.get("/phieu/?tick=all").content.decode()
    assert f'value="{one.pk}-{one.revision}" checked' in page
    assert "checked" not in client.get("/phieu/").content.decode()
    ticked = {
        "sheet": [f"{one.pk}-{one.revision}", f"{other.pk}-{other.revision - 1}", "x", "1-2-3"]
    }
    page = client.post("/phieu/tham-dinh/", ticked, follow=True).content.decode()
    assert "Đã thẩm định 1 phiếu: Chi cục A." in page
    assert "Chi cục B: chưa thẩm định. Phiếu đã đổi" in page
    assert states(one, other) == ["verified", "submitted"]
    page = client.post("/phieu/tham-dinh/", {}, follow=True).content.decode()
    assert "Chưa chọn phiếu nào" in page


def test_who_does_not_verify_accepts_nothing(
    world: World, indicator: Indicator, client: StrictClient
) -> None:
    """Though he may see the sheet."""
    sheet = world.sheet()
    world.fill(sheet, indicator, numerator="8", denominator="10")
    sheet = services.submit_sheet(sheet, actor=world.head, now=NOW)
    client.force_login(world.clerk)
    client.post("/phieu/tham-dinh/", {"sheet": f"{sheet.pk}-{sheet.revision}"})
    assert states(sheet) == ["submitted"]


# --- what changed since ---------------------------------------------------------------------------
@pytest.mark.parametrize(("numerator", "count"), [("9", 1), ("8", 0)])
def test_a_sheet_tells_how_many_values_changed_since_it_was_accepted(
    world: World, indicator: Indicator, numerator: str, count: int, client: StrictClient
) -> None:
    sheet = mended(world, sent(world, indicator), indicator, numerator)
    new = sent(world, indicator)
    lines = {line.sheet.pk: line for line in queries.sheets_to_verify(world.verifier)}
    assert (lines[sheet.pk].changed, lines[new.pk].changed) == (count, 0)
    assert lines[sheet.pk].before.by == world.verifier
    assert lines[new.pk].before is None
    client.force_login(world.verifier)
    page = client.get(f"/phieu/{sheet.pk}/").content.decode()
    assert (f"{count} giá trị đã đổi từ lần thẩm định trước" in page) is bool(count)
    assert ("Chưa có giá trị nào đổi từ lần thẩm định trước" in page) is not count
    page = client.get("/phieu/").content.decode()
    assert ("1 giá trị</a>" in page, "Không đổi" in page) == (bool(count), not count)
    assert f"{count} giá trị đã đổi" in client.get("/").content.decode()


def test_the_last_acceptance_counts(world: World, indicator: Indicator) -> None:
    sheet = mended(world, sent(world, indicator), indicator, "9")
    services.verify_sheet(sheet, actor=world.verifier, now=LATER)
    services.return_sheet(sheet, reason="x", actor=world.verifier, now=LATER)
    services.submit_sheet(sheet, actor=world.head, now=LATER)
    (line,) = queries.sheets_to_verify(world.verifier)
    assert line.changed == 0


def test_a_return_that_saw_other_values_is_told_apart(world: World, indicator: Indicator) -> None:
    sheet = mended(world, sent(world, indicator), indicator, "9")
    services.return_sheet(
        sheet, reason="x", actor=world.verifier, now=LATER, cells={indicator.pk: "vẫn lệch"}
    )
    row = ResultSheet.objects.select_related(*queries.SHEET_RELATED).get(pk=sheet.pk)
    since = queries.sheet_page(row).since
    assert [(one.words, one.count) for one in since] == [
        ("lần thẩm định trước", 1),
        ("khi trả lại", 0),
    ]
    assert [c.note for one in since for c in one.changes] == ["", "vẫn lệch"]


def test_figures_that_raise_a_question_are_counted(world: World, indicator: Indicator) -> None:
    last = PeriodFactory(
        campaign=world.campaign,
        ref="2023",
        name="Năm 2023",
        period_from=NOW.date().replace(year=2023, month=1, day=1),
        period_to=NOW.date().replace(year=2023, month=12, day=31),
        closes_on=timezone.localdate() + timedelta(days=30),
    )
    part = world.member()
    then = services.open_sheet(part, last, actor=world.clerk, now=NOW)
    world.fill(then, indicator, numerator="2", denominator="10")
    sheet = services.open_sheet(part, world.period, actor=world.clerk, now=NOW)
    world.fill(sheet, indicator, numerator="9", denominator="10", reason="Mở thêm lớp")
    services.submit_sheet(sheet, actor=world.head, now=NOW)
    sent(world, indicator)
    assert sorted(line.doubts for line in queries.sheets_to_verify(world.verifier)) == [0, 1]


@pytest.mark.parametrize("many", [1, 4])
def test_the_list_costs_the_same_for_one_and_for_many(
    world: World, indicator: Indicator, many: int, django_assert_num_queries
) -> None:
    Indicator.objects.update(lead_unit=UnitFactory())
    for _ in range(many):
        mended(world, sent(world, indicator), indicator, "9")
    with django_assert_num_queries(9):
        assert len(queries.sheets_to_verify(world.verifier)) == many
