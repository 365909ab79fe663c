"""A report on a target that asks for a change reads the year before, and says when that moved."""

import json
from datetime import date, timedelta

import pytest

from campaigns import services
from reports.documents.facts import collect
from reports.models import Report
from reports.queries import staleness
from tests.factories import (
    NOW,
    ParticipationFactory,
    PeriodFactory,
    TargetFactory,
    UnitFactory,
    UserFactory,
)
from tests.reports.plan import Plan
from units.models import Unit

pytestmark = pytest.mark.django_db


def test_the_sheets_of_the_year_before_are_part_of_what_was_read(province: Unit) -> None:
    plan = Plan(province)
    plan.ratio.targets.all().delete()
    TargetFactory(indicator=plan.ratio, operator=">=", value=5, basis="rise")
    unit = UnitFactory(name="Chi cục Thủy lợi", kind=plan.kind, parent=province)
    part = ParticipationFactory(campaign=plan.campaign, unit=unit)
    before = PeriodFactory(
        campaign=plan.campaign,
        ref="2023",
        period_from=date(2023, 1, 1),
        period_to=date(2023, 12, 31),
        closes_on=date(2024, 1, 31),
    )
    then = NOW - timedelta(days=365)
    old = None
    for period, share, now in ((before, "60", then), (plan.period, "65", NOW)):
        clerk, head, verifier = UserFactory(), UserFactory(), UserFactory()
        sheet = services.open_sheet(part, period, actor=clerk, now=now)
        typed = {"numerator": share, "denominator": "100"}
        services.record_result(sheet, plan.ratio, typed, 0, actor=clerk, now=now)
        told = {"text": f"Đã số hóa {share} kho lưu trữ."}
        services.record_result(sheet, plan.question, told, 0, actor=clerk, now=now)
        sheet = services.submit_sheet(sheet, actor=head, now=now)
        sheet = services.verify_sheet(sheet, actor=verifier, now=now)
        old = old or sheet
    report: Report = plan.report()
    report.snapshot = json.loads(json.dumps(collect(report), default=str))
    (line,) = [
        line
        for group in report.snapshot["groups"]
        for line in group["indicators"]
        if line["code"] == "CT01"
    ]
    assert line["target"] == "tăng ít nhất 5 điểm phần trăm so với năm trước"
    assert not staleness(report)
    services.return_sheet(old, reason="Sai số năm trước.", actor=UserFactory(), now=then)
    found = staleness(report)
    assert (found.changed, found.added, found.gone) == (0, 0, 1)
