"""Rows for tests: the smallest true thing of each kind."""

from datetime import UTC, date, datetime
from typing import Any

import factory
from factory.django import DjangoModelFactory

from campaigns.models import Campaign, Participation, Period, Phase, ResultSheet
from criteria.models import CriteriaSet, Group, Indicator, RubricLevel, Target
from units.models import Bloc, BlocMembership, Level, Person, Posting, Unit, UnitKind, User
from units.rules import fold
from units.services import give_role, place_unit

NOW = datetime(2024, 11, 24, 7, 0, tzinfo=UTC)
TODAY = date(2024, 11, 24)


class LevelFactory(DjangoModelFactory):
    class Meta:
        model = Level
        django_get_or_create = ("code",)

    code = "tinh"
    name = "Cấp tỉnh"
    rank = 1


class KindFactory(DjangoModelFactory):
    class Meta:
        model = UnitKind
        django_get_or_create = ("code",)

    code = "so"
    name = "Sở"
    level = factory.SubFactory(LevelFactory)


class UnitFactory(DjangoModelFactory):
    """`UnitFactory(parent=…)` stands in the tree with its path."""

    class Meta:
        model = Unit
        skip_postgeneration_save = True

    ref = factory.Sequence(lambda n: f"don-vi-{n}")
    name = factory.Sequence(lambda n: f"Đơn vị số {n}")
    kind = factory.SubFactory(KindFactory)
    folded = factory.LazyAttribute(lambda unit: fold(unit.name))

    @factory.post_generation
    def placed(unit, create: bool, extracted: Any, **kwargs: Any) -> None:
        if create:
            place_unit(unit)


class BlocFactory(DjangoModelFactory):
    class Meta:
        model = Bloc

    ref = factory.Sequence(lambda n: f"khoi-{n}")
    name = factory.Sequence(lambda n: f"Khối thi đua số {n}")
    organiser = factory.SubFactory(UnitFactory)


class BlocMembershipFactory(DjangoModelFactory):
    class Meta:
        model = BlocMembership

    bloc = factory.SubFactory(BlocFactory)
    unit = factory.SubFactory(UnitFactory)
    year = 2024
    role = BlocMembership.Role.MEMBER


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User

    username = factory.Sequence(lambda n: f"can-bo-{n}")
    full_name = factory.Sequence(lambda n: f"Nguyễn Văn Mẫu {n}")
    email = factory.LazyAttribute(lambda user: f"{user.username}@example.test")
    password = "!"


class PersonFactory(DjangoModelFactory):
    class Meta:
        model = Person

    ref = factory.Sequence(lambda n: f"nguoi-{n}")
    full_name = factory.Sequence(lambda n: f"Trần Thị Mẫu {n}")
    gender = Person.Gender.FEMALE


class PostingFactory(DjangoModelFactory):
    class Meta:
        model = Posting

    person = factory.SubFactory(PersonFactory)
    unit = factory.SubFactory(UnitFactory)
    title = "Chuyên viên"


class CriteriaSetFactory(DjangoModelFactory):
    class Meta:
        model = CriteriaSet

    ref = factory.Sequence(lambda n: f"bo-tieu-chi-{n}")
    name = "Bộ tiêu chí"


class GroupFactory(DjangoModelFactory):
    class Meta:
        model = Group

    criteria_set = factory.SubFactory(CriteriaSetFactory)
    ref = factory.Sequence(lambda n: f"nhom-{n}")
    name = "Tập thể"


class IndicatorFactory(DjangoModelFactory):
    class Meta:
        model = Indicator

    group = factory.SubFactory(GroupFactory)
    criteria_set = factory.SelfAttribute("group.criteria_set")
    ref = factory.Sequence(lambda n: f"ct{n:02d}")
    code = factory.Sequence(lambda n: f"CT{n:02d}")
    order = factory.Sequence(lambda n: n)
    name = factory.Sequence(lambda n: f"Tiêu chí số {n}")
    kind = Indicator.Kind.RATIO
    numerator_label = "Đã làm"
    denominator_label = "Tổng số"


class RubricLevelFactory(DjangoModelFactory):
    class Meta:
        model = RubricLevel

    indicator = factory.SubFactory(IndicatorFactory)
    ref = factory.Sequence(lambda n: f"muc-{n}")
    name = factory.Sequence(lambda n: f"Mức {n}")


class TargetFactory(DjangoModelFactory):
    class Meta:
        model = Target

    indicator = factory.SubFactory(IndicatorFactory)
    operator = Target.Operator.GE
    value = 80


def amend(indicator: Indicator, value: int, day: date) -> Target:
    """Another target from a day on, by “QĐ 9”."""
    fields = {"in_force_from": day, "decision": "QĐ 9", "reason": "Theo thực tế"}
    return TargetFactory(indicator=indicator, value=value, **fields)


class CampaignFactory(DjangoModelFactory):
    """An issued plan whose issuer is its own standing agency."""

    class Meta:
        model = Campaign

    ref = factory.Sequence(lambda n: f"ke-hoach-{n}")
    title = factory.Sequence(lambda n: f"Phong trào thi đua số {n}")
    short_title = factory.LazyAttribute(lambda campaign: campaign.title)
    level = factory.SubFactory(LevelFactory)
    issuer = factory.SubFactory(UnitFactory)
    standing_agency = factory.SelfAttribute("issuer")
    doc_symbol = "KH-UBND"
    period_from = date(2022, 1, 1)
    period_to = date(2025, 12, 31)
    criteria_set = factory.SubFactory(CriteriaSetFactory)
    state = Campaign.State.ISSUED
    folded = factory.LazyAttribute(lambda campaign: fold(campaign.title))


class PhaseFactory(DjangoModelFactory):
    class Meta:
        model = Phase

    campaign = factory.SubFactory(CampaignFactory)
    ref = factory.Sequence(lambda n: f"giai-doan-{n}")
    kind = Phase.Kind.FINAL
    name = "Tổng kết"


class PeriodFactory(DjangoModelFactory):
    class Meta:
        model = Period

    campaign = factory.SubFactory(CampaignFactory)
    ref = "2024"
    name = "Năm 2024"
    period_from = date(2024, 1, 1)
    period_to = date(2024, 12, 31)
    closes_on = date(2025, 1, 31)


class ParticipationFactory(DjangoModelFactory):
    class Meta:
        model = Participation

    campaign = factory.SubFactory(CampaignFactory)
    unit = factory.SubFactory(UnitFactory)
    registered_on = date(2022, 6, 30)


class ResultSheetFactory(DjangoModelFactory):
    """A draft sheet; its unit takes part in the campaign of its period."""

    class Meta:
        model = ResultSheet

    period = factory.SubFactory(PeriodFactory)
    participation = factory.SubFactory(
        ParticipationFactory, campaign=factory.SelfAttribute("..period.campaign")
    )


def user_with(role: str, unit: Unit, *, and_below: bool = False, **fields: Any) -> User:
    """An account with one role on one unit, given by the real service."""
    user = UserFactory(**fields)
    give_role(user=user, unit=unit, role=role, and_below=and_below, actor=None, now=NOW)
    return user
