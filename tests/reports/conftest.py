from datetime import timedelta

import pytest

from campaigns.models import ResultSheet
from reports.models import Report
from tests.factories import (
    NOW,
    CampaignFactory,
    ParticipationFactory,
    PeriodFactory,
    ResultSheetFactory,
    UnitFactory,
    UserFactory,
)
from tests.reports.plan import Plan
from units.models import Unit


@pytest.fixture
def province() -> Unit:
    return UnitFactory(ref="tinh", name="Ủy ban nhân dân tỉnh Mẫu", place="Tỉnh Mẫu")


@pytest.fixture
def asked(province: Unit) -> Report:
    """A queued report of a plan with one verified sheet."""
    campaign = CampaignFactory(issuer=province)
    period = PeriodFactory(campaign=campaign)
    unit = UnitFactory(parent=province)
    ResultSheetFactory(
        period=period,
        participation=ParticipationFactory(campaign=campaign, unit=unit),
        state=ResultSheet.State.VERIFIED,
        submitted_at=NOW,
        submitted_by=UserFactory(),
        verified_at=NOW + timedelta(hours=1),
        verified_by=UserFactory(),
    )
    return Report.objects.create(
        campaign=campaign, period=period, scope=province, version=1, requested_at=NOW
    )


@pytest.fixture
def plan(province: Unit) -> Plan:
    plan = Plan(province)
    plan.member("Chi cục Thủy lợi", province, numerator="793", denominator="1000")
    plan.member("Chi cục Kiểm lâm", province, numerator="90", denominator="100")
    plan.member("Chi cục Thú y", province, choice="nothing", reason="Không có hồ sơ.")
    plan.member("=Chi cục Thủy sản", province, choice="not_applicable", reason="Không giao.")
    ParticipationFactory(
        campaign=plan.campaign, unit=UnitFactory(name="Chi cục Trống", kind=plan.kind)
    )
    return plan
