"""`board_400_units_queries`: SQL queries of the board of a plan with 400 units and 40 indicators.

With 40 units they are as many, or there is no measure. The plan is made in a transaction that is
rolled back, so that the demo's data stay as they are.
"""

from datetime import date

from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from campaigns.models import Campaign, Participation, Period, Result, ResultSheet
from criteria.models import CriteriaSet, Group, Indicator, Target
from units.models import Unit, UnitKind, User
from units.services import give_role, place_unit

SIZES = (40, 400)
INDICATORS = 40
REF = "do-bang-theo-doi"


def board_400_units_queries() -> int:
    counts: list[int] = []
    there = 0
    with transaction.atomic():
        user, period, asked = plan()
        for size in SIZES:
            add_members(period, asked, size - there, user)
            counts.append(queries_of(period.campaign, user))
            there = size
        transaction.set_rollback(True)
    if len(set(counts)) > 1:
        raise SystemExit(f"Số câu SQL của bảng theo dõi tăng theo số đơn vị: {counts}.")
    return counts[-1]


def plan(indicators: int = INDICATORS) -> tuple[User, Period, list[Indicator]]:
    """A plan of one group with its indicators, and who stands over it."""
    kind = UnitKind.objects.select_related("level").exclude(level=None).order_by("pk")[0]
    office = place_unit(Unit.objects.create(ref=REF, name=REF, kind=kind))
    user = User.objects.create(username=REF, full_name=REF)
    now = timezone.now()
    give_role(user=user, unit=office, role="standing_agency", and_below=False, actor=None, now=now)
    ruler = CriteriaSet.objects.create(ref=REF, name=REF)
    group = Group.objects.create(criteria_set=ruler, ref=REF, name=REF)
    asked = Indicator.objects.bulk_create(
        Indicator(
            criteria_set=ruler, group=group, ref=f"ct{n}", code=f"CT{n}", name=REF, kind="ratio"
        )
        for n in range(indicators)
    )
    Target.objects.bulk_create(Target(indicator=one, value=80) for one in asked)
    campaign = Campaign.objects.create(
        ref=REF,
        title=REF,
        short_title=REF,
        level=kind.level,
        issuer=office,
        standing_agency=office,
        period_from=date(2024, 1, 1),
        period_to=date(2024, 12, 31),
        criteria_set=ruler,
        state=Campaign.State.ISSUED,
    )
    period = Period.objects.create(
        campaign=campaign,
        ref="2024",
        name="Năm 2024",
        period_from=campaign.period_from,
        period_to=campaign.period_to,
        closes_on=campaign.period_to,
    )
    return user, period, asked


def add_members(period: Period, asked: list[Indicator], more: int, verifier: User) -> None:
    """Units that take part, each with a verified sheet."""
    office, now = period.campaign.issuer, timezone.now()
    sender = User.objects.create(username=f"{REF}-{more}", full_name=REF)
    parts = []
    for n in range(more):
        unit = Unit.objects.create(
            ref=f"{REF}-{more}-{n}", name=f"Đơn vị {n}", kind=office.kind, parent=office
        )
        parts.append(
            Participation(
                campaign=period.campaign, unit=place_unit(unit), registered_on=period.period_from
            )
        )
    sheets = ResultSheet.objects.bulk_create(
        ResultSheet(
            participation=part,
            period=period,
            state=ResultSheet.State.VERIFIED,
            submitted_at=now,
            submitted_by=sender,
            verified_at=now,
            verified_by=verifier,
        )
        for part in Participation.objects.bulk_create(parts)
    )
    Result.objects.bulk_create(
        Result(
            result_sheet=sheet,
            indicator=indicator,
            state=Result.State.REPORTED,
            numerator=70 + (sheet.pk + indicator.pk) % 31,
            denominator=100,
            saved_at=now,
        )
        for sheet in sheets
        for indicator in asked
    )


def queries_of(campaign: Campaign, user: User) -> int:
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[-1])
    address = reverse("campaigns:board_table", args=[campaign.ref])
    with CaptureQueriesContext(connection) as captured:
        page = client.get(address)
    assert page.status_code == 200, page.status_code
    return len(captured)
