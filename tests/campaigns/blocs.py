"""A bloc of three with a plan: the first leads 2024, the second 2025."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from campaigns import services
from campaigns.models import Campaign, Pledge, PledgeRound
from criteria.models import Group, Indicator
from tests.factories import (
    NOW,
    BlocFactory,
    BlocMembershipFactory,
    CampaignFactory,
    GroupFactory,
    IndicatorFactory,
    TargetFactory,
    UnitFactory,
    user_with,
)
from units.models import Bloc, Unit, User

YEAR = 2024
DUE = date(2024, 12, 20)


@dataclass
class BlocWorld:
    bloc: Bloc
    campaign: Campaign
    group: Group
    units: list[Unit]
    clerks: list[User]
    heads: list[User]
    leaders: list[User]  # who verifies for each unit

    def indicator(self, target: Any = 80, operator: str = ">=", **fields: Any) -> Indicator:
        fields.setdefault("group", self.group)
        indicator = IndicatorFactory(**fields)
        if target is not None:
            TargetFactory(indicator=indicator, value=target, operator=operator)
        return indicator

    def open(self, year: int = YEAR) -> PledgeRound:
        return services.open_pledge_round(
            self.bloc, year, due_on=DUE, actor=self.leaders[0], now=NOW
        )

    def start(self, round_: PledgeRound, place: int = 0) -> Pledge:
        return services.start_pledge(round_, self.units[place], actor=self.clerks[place], now=NOW)

    def write(self, pledge: Pledge, *, titles: str = "", **typed: str) -> Pledge:
        """`typed` by the ref of the indicator."""
        keys = {i.ref: i.pk for i in Indicator.objects.filter(group=self.group)}
        return services.write_pledge(
            pledge,
            typed={keys[ref]: text for ref, text in typed.items()},
            titles=titles,
            revision=Pledge.objects.get(pk=pledge.pk).revision,
            actor=self.clerks[0],
            now=NOW,
        )

    def sign(self, pledge: Pledge, place: int = 0) -> Pledge:
        revision = Pledge.objects.get(pk=pledge.pk).revision
        return services.sign_pledge(pledge, revision=revision, actor=self.heads[place], now=NOW)

    def signed(self, round_: PledgeRound, place: int = 0) -> Pledge:
        return self.sign(self.start(round_, place), place)


def make_bloc_world() -> BlocWorld:
    bloc = BlocFactory(name="Khối các đơn vị thuộc Sở")
    units = [UnitFactory(name=f"Chi cục {n}", parent=bloc.organiser) for n in ("A", "B", "C")]
    for year, leader in ((2024, 0), (2025, 1)):
        for place, unit in enumerate(units):
            role = "head" if place == leader else "member"
            BlocMembershipFactory(bloc=bloc, unit=unit, year=year, role=role)
    campaign = CampaignFactory(bloc=bloc, issuer=bloc.organiser, standing_agency=None)
    return BlocWorld(
        bloc=bloc,
        campaign=campaign,
        group=GroupFactory(criteria_set=campaign.criteria_set, measured="sum"),
        units=units,
        clerks=[user_with("clerk", unit) for unit in units],
        heads=[user_with("head_of_unit", unit) for unit in units],
        leaders=[user_with("bloc_leader", unit) for unit in units],
    )
