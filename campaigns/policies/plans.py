"""Who may see, plan and lead a campaign, and who stands over it.

Who verifies follows from the campaign, not from the tree: the standing agency is often a sibling
of those it verifies; in a bloc's campaign it is the unit that leads the bloc in that year.
"""

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import ExtractYear

from campaigns.models import Campaign, HandOver, Participation, Period
from criteria.models import Indicator
from units.models import Bloc, BlocMembership, Unit, User
from units.policies import granted_units, viewable_units
from units.rules import ENTER, PEOPLES_COMMITTEE, PLAN, SIGN, VERIFY


def run_by(units: QuerySet[Unit], *, campaign: str = "", year: int | str) -> Q:
    """The condition that one of `units` stands over a campaign (in `year`, for a bloc's).

    `campaign` is the lookup path to the campaign; `year` a year, or the name of an annotation.
    """
    if units.query.is_empty():  # most people verify nowhere
        return Q(pk__in=[])
    to = f"{campaign}__" if campaign else ""
    leads = BlocMembership.objects.filter(
        bloc=OuterRef(f"{to}bloc"),
        year=OuterRef(year) if isinstance(year, str) else year,
        role=BlocMembership.Role.HEAD,
        unit__in=units,
    )
    return Q(**{f"{to}standing_agency__in": units}) | Q(Exists(leads))


def viewable_campaigns(user: User) -> QuerySet[Campaign]:
    """Issued plans that touch a unit `user` may see, of which his office leads an indicator or in
    which a body takes part for which he may write one that carries it out; and drafts of units he
    plans for."""
    seen, bodies = viewable_units(user), issuing_units(user)
    member = Q(unit__in=seen)
    if not bodies.query.is_empty():
        member |= Q(unit__in=bodies.values("pk"))
    joins = Participation.objects.filter(member, campaign=OuterRef("pk"))
    led = BlocMembership.objects.filter(bloc=OuterRef("bloc"), unit__in=seen)
    attended = attended_indicators(user).filter(criteria_set=OuterRef("criteria_set"))
    touched = (
        Q(issuer__in=seen)
        | Q(standing_agency__in=seen)
        | Exists(joins)
        | Exists(led)
        | Exists(attended)
    ) & ~Q(state=Campaign.State.DRAFT)
    return Campaign.objects.filter(touched | Q(pk__in=plannable_campaigns(user).values("pk")))


def plannable_campaigns(user: User) -> QuerySet[Campaign]:
    """Plans that `user` may write and enrol units in, for the issuer or its standing agency."""
    units = granted_units(user, PLAN)
    return Campaign.objects.filter(Q(issuer__in=units) | Q(standing_agency__in=units))


def issuing_units(user: User) -> QuerySet[Unit]:
    """Units that `user` plans for, and the bodies that these serve: an office drafts what the body
    right above it signs, never what stands higher. A people's committee and an enterprise are
    nobody's office.
    """
    own = granted_units(user, PLAN)
    if own.query.is_empty():  # most people write no plans
        return own
    offices = own.exclude(kind__code__startswith=PEOPLES_COMMITTEE).exclude(
        kind__is_enterprise=True
    )
    return Unit.objects.filter(Q(pk__in=own.values("pk")) | Q(pk__in=offices.values("parent_id")))


def verifiable_periods(user: User) -> QuerySet[Period]:
    """Periods whose sheets `user`'s office verifies."""
    return Period.objects.annotate(period_year=ExtractYear(F("period_from"))).filter(
        run_by(granted_units(user, VERIFY), campaign="campaign", year="period_year")
    )


def viewable_participations(user: User, year: int) -> QuerySet[Participation]:
    """Members whose standing `user` may see: units he may see, and all of the campaigns that his
    office plans or stands over in `year`."""
    return Participation.objects.filter(
        Q(unit__in=viewable_units(user))
        | Q(campaign__in=plannable_campaigns(user).values("pk"))
        | run_by(granted_units(user, VERIFY), campaign="campaign", year=year)
    )


def comparable_participations(user: User, year: int) -> QuerySet[Participation]:
    """Members whose figures `user` may read side by side: those whose sheets he may see. Planning
    who takes part is not enough."""
    return Participation.objects.filter(
        Q(unit__in=viewable_units(user))
        | run_by(granted_units(user, VERIFY), campaign="campaign", year=year)
    )


def led_units(user: User) -> QuerySet[Unit]:
    """Units whose lead of indicators `user` looks after: given as a role, seeing is not enough."""
    return viewable_units(user).filter(roles__user=user, roles__role="lead_department")


def led_indicators(user: User) -> QuerySet[Indicator]:
    """Indicators whose figures `user` confirms or questions, whoever reports them."""
    return Indicator.objects.filter(lead_unit__in=led_units(user))


def attended_indicators(user: User) -> QuerySet[Indicator]:
    """The same, and those that his office co-ordinates: it may look on, not decide."""
    led = led_units(user)
    helped = Indicator.co_units.through.objects.filter(unit__in=led)
    return Indicator.objects.filter(Q(lead_unit__in=led) | Q(pk__in=helped.values("indicator")))


def own_units(user: User) -> QuerySet[Unit]:
    """Units whose results `user` enters or signs: he scores none of them but as themselves."""
    return (granted_units(user, ENTER) | granted_units(user, SIGN)).distinct()


def leading_units(user: User) -> QuerySet[Unit]:
    """Units for which `user` leads, in the years in which they lead."""
    return granted_units(user, VERIFY)


def enterable_units(user: User) -> QuerySet[Unit]:
    return granted_units(user, ENTER)


def signable_units(user: User) -> QuerySet[Unit]:
    return granted_units(user, SIGN)


def led_blocs(user: User, year: int) -> QuerySet[Bloc]:
    """Blocs that `user`'s office leads in `year`: who verifies there, opens and closes."""
    leads = BlocMembership.objects.filter(
        bloc=OuterRef("pk"),
        year=year,
        role=BlocMembership.Role.HEAD,
        unit__in=granted_units(user, VERIFY),
    )
    return Bloc.objects.filter(Exists(leads))


def confirmable_hand_overs(user: User) -> QuerySet[HandOver]:
    """Hand-overs to units whose head `user` is. Nobody confirms what he handed over himself."""
    return HandOver.objects.filter(taker__in=granted_units(user, SIGN)).exclude(sent_by=user)
