"""Opening a locked sheet again, with a reason: for the unit until a day, or for the agency."""

from datetime import date, datetime, timedelta

import pytest
from django.utils import timezone

from campaigns import queries, services
from campaigns.models import Campaign, Extension, Period, ResultSheet
from criteria.models import Indicator
from tests.campaigns.world import World
from tests.conftest import StrictClient
from tests.factories import NOW
from units.models import AuditEntry
from units.rules import DomainError

AFTER = NOW + timedelta(days=100)  # the period is over
UNTIL = timezone.localdate(AFTER) + timedelta(days=5)


@pytest.fixture
def indicator(world: World) -> Indicator:
    return world.indicator(code="CT01")


@pytest.fixture
def shut(world: World, indicator: Indicator) -> ResultSheet:
    answer = {"numerator": "8", "denominator": "10"}
    sheet = world.accepted(world.part, {indicator: answer, world.indicator(code="CT02"): answer})
    services.close_due_periods(now=AFTER)
    sheet.refresh_from_db()
    assert sheet.state == "locked"
    return sheet


def reopen(world: World, sheet: ResultSheet, now: datetime = AFTER, **said) -> ResultSheet:
    said = {"reason": "Sai mẫu số", "until": UNTIL} | said
    return services.reopen_sheet(sheet, actor=world.verifier, now=now, **said)


def test_the_unit_mends_it_until_its_day_and_it_is_locked_anew(
    world: World, shut: ResultSheet, indicator: Indicator
) -> None:
    before = shut.revision
    back = reopen(world, shut, cells={indicator.pk: "mẫu số"})
    assert (back.state, back.locked_at, back.verified_by) == ("returned", None, None)
    assert back.revision > before  # what was built on it shows itself as stale
    assert Extension.objects.get().until == UNTIL
    typed = {"numerator": "8", "denominator": "20"}
    services.record_result(back, indicator, typed, 1, actor=world.clerk, now=AFTER)
    other = Indicator.objects.get(code="CT02")
    with pytest.raises(DomainError, match="CT02 không mở"):
        services.record_result(back, other, typed, 1, actor=world.clerk, now=AFTER)
    late = AFTER + timedelta(days=6)
    with pytest.raises(DomainError, match="được gia hạn đến hết ngày"):
        services.submit_sheet(back, actor=world.head, now=late)
    sent = services.submit_sheet(back, actor=world.head, now=AFTER)
    assert services.verify_sheet(sent, actor=world.verifier, now=AFTER).state == "verified"
    services.close_due_periods(now=late)
    sent.refresh_from_db()
    assert sent.state == "locked"
    told = [one.sentence for one in queries.sheet_history(sent)]
    assert any("Sai mẫu số (chỉ mở CT01)" in one for one in told)
    entry = AuditEntry.objects.get(action="resultsheet.returned")
    assert (entry.before, entry.after) == ("locked", "returned")


def test_it_may_stay_with_the_agency_and_is_verified_again(world: World, shut: ResultSheet) -> None:
    kept = reopen(world, shut, until=None, keep=True)
    assert (kept.state, kept.locked_at, kept.verified_at) == ("submitted", None, None)
    assert not Extension.objects.exists()
    assert services.verify_sheet(kept, actor=world.verifier, now=AFTER).state == "locked"


def test_a_unit_that_still_has_time_gets_no_further_day(world: World, shut: ResultSheet) -> None:
    day = UNTIL + timedelta(days=30)
    ResultSheet.objects.update(state="verified")
    services.extend_time(
        world.part, world.period, until=day, reason="x", actor=world.verifier, now=AFTER
    )
    ResultSheet.objects.update(state="locked")
    assert reopen(world, shut).state == "returned"
    assert Extension.objects.get().until == day


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"reason": " "}, "Ghi lý do mở khóa"),
        ({"until": None}, "Chọn ngày đơn vị phải gửi lại"),
        ({"until": date(2024, 1, 1)}, "đã qua"),
        ({"revision": 1}, "Phiếu đã đổi"),
    ],
)
def test_it_is_refused_with_the_reason(
    world: World, shut: ResultSheet, said: dict, sentence: str
) -> None:
    with pytest.raises(DomainError, match=sentence):
        reopen(world, shut, **said)
    shut.refresh_from_db()
    assert shut.state == "locked"


def test_only_a_locked_sheet_of_a_plan_under_way(world: World, shut: ResultSheet) -> None:
    Campaign.objects.update(state=Campaign.State.CLOSED)
    with pytest.raises(DomainError, match="đã tổng kết"):
        reopen(world, shut)
    Campaign.objects.update(state=Campaign.State.ISSUED)
    reopen(world, shut)
    with pytest.raises(DomainError, match="không khóa, nên không cần mở khóa"):
        reopen(world, shut)


def test_what_is_said_of_the_cells_stands_for_the_reason(
    world: World, shut: ResultSheet, indicator: Indicator
) -> None:
    assert reopen(world, shut, reason="", cells={indicator.pk: "sai"}).return_reason == "CT01: sai"


def test_the_page_opens_it_and_a_refusal_keeps_what_was_typed(
    world: World, shut: ResultSheet, client: StrictClient
) -> None:
    client.force_login(world.verifier)
    assert "Mở khóa phiếu…" in client.get(f"/phieu/{shut.pk}/").content.decode()
    form = {"reason": "Sai mẫu số", "until": "31/13/2030", "to": "unit", "revision": shut.revision}
    answer = client.post(f"/phieu/{shut.pk}/mo-khoa/", form)
    page = answer.content.decode()
    assert (answer.status_code, "Sai mẫu số</textarea>" in page) == (422, True)
    assert "Chọn ngày đơn vị phải gửi lại" in page
    until = timezone.localdate() + timedelta(days=3)
    form["until"] = f"{until:%d/%m/%Y}"
    page = client.post(f"/phieu/{shut.pk}/mo-khoa/", form, follow=True).content.decode()
    assert "Đã mở khóa phiếu." in page
    client.force_login(world.clerk)
    page = client.get(f"/phieu/{shut.pk}/").content.decode()
    assert "Lưu cả phiếu" in page
    assert "Mở khóa phiếu…" not in page


def test_the_page_keeps_it_with_the_agency(
    world: World, shut: ResultSheet, client: StrictClient
) -> None:
    client.force_login(world.verifier)
    form = {"reason": "Xem lại", "to": "agency", "revision": shut.revision}
    client.post(f"/phieu/{shut.pk}/mo-khoa/", form)
    shut.refresh_from_db()
    assert shut.state == "submitted"
    assert Period.objects.get().closed_at is not None
