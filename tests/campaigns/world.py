"""A small plan with a department that stands over it and a branch that reports."""

from dataclasses import dataclass
from typing import Any

from campaigns import services
from campaigns.models import Campaign, Participation, Period, ReportingDuty, Result, ResultSheet
from criteria.models import Group, Indicator
from tests.factories import (
    NOW,
    CampaignFactory,
    GroupFactory,
    IndicatorFactory,
    KindFactory,
    ParticipationFactory,
    PeriodFactory,
    TargetFactory,
    UnitFactory,
    user_with,
)
from units.models import Unit, User


@dataclass
class World:
    campaign: Campaign
    period: Period
    group: Group
    office: Unit  # stands over the campaign
    branch: Unit  # takes part
    part: Participation
    clerk: User
    head: User
    verifier: User

    def indicator(self, target: Any = 80, **fields: Any) -> Indicator:
        """One more indicator of the group, "từ 80% trở lên" unless told."""
        fields.setdefault("group", self.group)
        indicator = IndicatorFactory(**fields)
        if target is not None:
            TargetFactory(indicator=indicator, value=target)
        return indicator

    def member(self, **fields: Any) -> Participation:
        fields.setdefault("kind", self.branch.kind)
        unit = UnitFactory(parent=self.office, **fields)
        return ParticipationFactory(campaign=self.campaign, unit=unit)

    def sheet(self, part: Participation | None = None) -> ResultSheet:
        return services.open_sheet(part or self.part, self.period, actor=self.clerk, now=NOW)

    def fill(
        self, sheet: ResultSheet, indicator: Indicator, version: int = 0, **typed: str
    ) -> Result:
        return services.record_result(sheet, indicator, typed, version, actor=self.clerk, now=NOW)

    def accepted(
        self, part: Participation, answers: dict[Indicator, dict[str, str]]
    ) -> ResultSheet:
        """A sheet sent and verified through the real services."""
        sheet = self.sheet(part)
        for indicator, typed in answers.items():
            services.record_result(sheet, indicator, typed, 0, actor=self.clerk, now=NOW)
        sheet = services.submit_sheet(sheet, actor=self.head, now=NOW)
        return services.verify_sheet(sheet, actor=self.verifier, now=NOW)


def make_world() -> World:
    branch_kind = KindFactory(code="chi-cuc", name="Chi cục")
    office = UnitFactory(name="Văn phòng Sở")
    branch = UnitFactory(name="Chi cục Phát triển nông thôn", parent=office, kind=branch_kind)
    campaign = CampaignFactory(issuer=office)
    group = GroupFactory(criteria_set=campaign.criteria_set, name="Chi cục thuộc Sở")
    group.unit_kinds.add(branch_kind)
    period = PeriodFactory(campaign=campaign)
    ReportingDuty.objects.create(
        campaign=campaign,
        ref="nam",
        what="report",
        name="Báo cáo năm",
        rhythm="yearly",
        relation="before",
        month=11,
        day=30,
        owed_to=office,
    )
    return World(
        campaign=campaign,
        period=period,
        group=group,
        office=office,
        branch=branch,
        part=ParticipationFactory(campaign=campaign, unit=branch),
        clerk=user_with("clerk", branch, full_name="Lê Văn Thí Dụ"),
        head=user_with("head_of_unit", branch, full_name="Phạm Thị Thử"),
        verifier=user_with("standing_agency", office, full_name="Trần Thị Mẫu"),
    )
