"""A figure that another plan has verified for the very code is offered beside the cell."""

from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from campaigns import queries, services
from campaigns.models import Campaign, Participation, Result, ResultHistory, ResultSheet
from criteria.models import CriteriaSet, Indicator
from tests.factories import (
    NOW,
    CampaignFactory,
    GroupFactory,
    IndicatorFactory,
    KindFactory,
    ParticipationFactory,
    PeriodFactory,
    UnitFactory,
    UserFactory,
    user_with,
)
from units.models import Unit, User
from units.rules import DomainError

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@dataclass
class Plans:
    """Two plans of one office that ask the same code; a clerk of the unit in both."""

    office: Unit
    unit: Unit
    clerk: User
    code: Indicator
    mine: ResultSheet
    other: ResultSheet

    def asked(self, sheet: ResultSheet) -> Indicator:
        return Indicator.objects.get(
            criteria_set=sheet.participation.campaign.criteria_set_id, quotes=self.code
        )

    def fill(self, sheet: ResultSheet, version: int = 0, **typed: str) -> Result:
        typed = typed or {"numerator": "965", "denominator": "1000"}
        return services.record_result(
            sheet, self.asked(sheet), typed, version, actor=self.clerk, now=NOW
        )

    def verify(self, sheet: ResultSheet | None = None) -> Result:
        """The other plan's figure, sent and verified."""
        sheet = sheet or self.other
        self.fill(sheet)
        services.submit_sheet(sheet, actor=UserFactory(), now=NOW)
        services.verify_sheet(sheet, actor=UserFactory(), now=NOW)
        return Result.objects.get(result_sheet=sheet)

    def offers(self) -> list[queries.Offer]:
        rows = ResultSheet.objects.select_related(*queries.SHEET_RELATED)
        return queries.offers_of(rows.get(pk=self.mine.pk))

    def take(self, offer: queries.Offer, version: int | None = None) -> Result:
        version = offer.version if version is None else version
        about = {"actor": self.clerk, "now": NOW}
        return services.take_offer(self.mine, offer.source.pk, version, **about)


def plan_of(office: Unit, unit: Unit, code: Indicator, **fields: Any) -> ResultSheet:
    campaign = CampaignFactory(issuer=office, **fields)
    group = GroupFactory(criteria_set=campaign.criteria_set)
    group.unit_kinds.add(unit.kind)
    IndicatorFactory(group=group, code="CT8", quotes=code, kind=code.kind)
    part = ParticipationFactory(campaign=campaign, unit=unit)
    period = PeriodFactory(campaign=campaign, closes_on=timezone.localdate())
    return services.open_sheet(part, period, actor=None, now=NOW)


@pytest.fixture
def plans() -> Plans:
    quoted = CriteriaSet.objects.create(ref="ntm-xa", name="Bộ tiêu chí xã", is_quoted=True)
    group = GroupFactory(criteria_set=quoted)
    code = IndicatorFactory(group=group, code="8.4", ref="8.4")
    office = UnitFactory(name="Ủy ban nhân dân tỉnh")
    unit = UnitFactory(parent=office, kind=KindFactory(code="xa", name="Xã"))
    numbered = {"doc_number": "48", "doc_symbol": "KH-UBND", "document_type": "Kế hoạch"}
    return Plans(
        office=office,
        unit=unit,
        clerk=user_with("clerk", unit),
        code=code,
        mine=plan_of(office, unit, code),
        other=plan_of(office, unit, code, **numbered),
    )


def test_a_verified_figure_is_offered_and_taken_by_a_click(plans: Plans) -> None:
    plans.fill(plans.other)
    assert plans.offers() == []  # not verified
    services.submit_sheet(plans.other, actor=UserFactory(), now=NOW)
    assert plans.offers() == []
    services.verify_sheet(plans.other, actor=UserFactory(), now=NOW)
    (offer,) = plans.offers()
    assert (offer.plan, offer.shown, offer.verified, offer.fills) == (
        "Kế hoạch 48/KH-UBND",
        "96,5%",
        "đã thẩm định 24/11/2024",
        True,
    )
    assert not Result.objects.filter(result_sheet=plans.mine).exists()  # never silently
    result = plans.take(offer)
    assert (result.numerator, result.denominator) == (965, 1000)
    line = ResultHistory.objects.get(result__result_sheet=plans.mine)
    assert (line.source, line.by) == ("plan", plans.clerk)
    assert line.taken_from.startswith("Kế hoạch 48/KH-UBND, CT8, phiếu")
    assert "đã thẩm định 24/11/2024, lần sửa" in line.taken_from
    (event,) = queries.cell_events(Result.objects.get(result_sheet=plans.mine))
    assert event.origin == f"lấy từ {line.taken_from}"
    assert plans.offers() == []  # the cell holds it


def test_another_figure_in_the_cell_stays_until_it_is_replaced(plans: Plans) -> None:
    plans.verify()
    plans.fill(plans.mine, numerator="1", denominator="2")
    (offer,) = plans.offers()
    assert (offer.version, offer.fills) == (1, False)
    with pytest.raises(DomainError, match="vừa được ghi số khác"):
        plans.take(offer, version=0)
    assert plans.take(offer).numerator == 965
    assert ResultHistory.objects.exclude(taken_from="").count() == 1


def test_what_changed_on_the_other_side_is_offered_no_more(plans: Plans) -> None:
    plans.verify()
    (offer,) = plans.offers()
    ResultSheet.objects.filter(pk=plans.other.pk).update(state="submitted")
    with pytest.raises(DomainError, match="không còn như đã hiện"):
        plans.take(offer)


@pytest.mark.parametrize(
    "change", ["authority", "unit", "year", "code", "kind", "words", "nothing"]
)
def test_only_the_same_code_unit_time_and_authority(plans: Plans, change: str) -> None:
    source = plans.verify()
    if change == "authority":
        Campaign.objects.filter(pk=plans.other.participation.campaign_id).update(
            issuer=UnitFactory()
        )
    elif change == "unit":
        Participation.objects.filter(pk=plans.other.participation_id).update(unit=UnitFactory())
    elif change == "year":
        plans.other.period.period_from = plans.other.period.period_from.replace(month=7)
        plans.other.period.save()
    elif change == "code":
        plans.asked(plans.other)
        Indicator.objects.filter(pk=source.indicator_id).update(quotes=None)
    elif change == "kind":
        Indicator.objects.filter(pk=source.indicator_id).update(kind="quantity")
    elif change == "words":
        Indicator.objects.filter(quotes=plans.code).update(kind="qualitative")
    else:
        Result.objects.filter(pk=source.pk).update(
            state="nothing", numerator=None, denominator=None, reason="Không có"
        )
    assert plans.offers() == []


def test_it_stands_beside_the_cell_and_on_a_page_of_its_own(plans: Plans, client_of: Any) -> None:
    plans.verify()
    client, row = client_of(plans.clerk), f"r{plans.asked(plans.mine).pk}"
    sheet = reverse("campaigns:result_sheet_detail", args=[plans.mine.pk])
    where = reverse("campaigns:offer_list", args=[plans.mine.pk])
    grid = client.get(sheet).content.decode()
    assert f'hx-get="{where}" hx-trigger="load, change from:#sheet delay:2s"' in grid
    assert f'<a href="{where}">' in grid
    assert f'<div id="{row}-offer"></div>' in grid
    piece = client.get(where, headers=HTMX).content.decode()
    assert f'<div id="{row}-offer" hx-swap-oob="true">' in piece
    assert "<h1>" not in piece
    page = " ".join(client.get(where).content.decode().split())
    assert "Kế hoạch 48/KH-UBND: <strong>96,5%</strong> (đã thẩm định 24/11/2024)" in page
    (offer,) = plans.offers()
    take = reverse("campaigns:offer_take", args=[plans.mine.pk, offer.indicator.pk])
    said = {"taken": f"{offer.source.pk}-{offer.version}"}
    answer = client.post(take, said)
    assert answer.url == f"{sheet}#{row}"
    assert "Đã lấy số của kế hoạch khác." in client.get(sheet).content.decode()
    assert "không còn như đã hiện" in client.post(take, said, follow=True).content.decode()
    assert "Không có số liệu nào để lấy" in client.get(where).content.decode()


def test_a_plan_that_quotes_nothing_asks_nothing_more(plans: Plans, client_of: Any) -> None:
    Indicator.objects.filter(quotes=plans.code).update(quotes=None)
    with CaptureQueriesContext(
        connection,
    ) as one:
        assert plans.offers() == []
    assert len(one) == 2  # the sheet, what it asks
    sheet = reverse("campaigns:result_sheet_detail", args=[plans.mine.pk])
    page = client_of(plans.clerk).get(sheet).content.decode()
    assert "kế hoạch khác" not in page
