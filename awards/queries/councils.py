"""Who sits on a council on a day, and by which rule it votes."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Case, Count, IntegerField, Q, QuerySet, Value, When

from awards import policies
from awards.models import AwardForm, Council, CouncilSeat
from awards.queries.eligibility import living
from awards.rules import VotingRule
from campaigns.models import Campaign
from units.models import Person, Posting, User
from units.rules import on_a_day

ROLE_ORDER = [role.value for role in CouncilSeat.Role]


def seats_on(council: Council, day: date) -> list[CouncilSeat]:
    """The seats that live on `day`, the chair first."""
    rows = CouncilSeat.objects.filter(
        Q(valid_to=None) | Q(valid_to__gte=day), council=council, valid_from__lte=day
    )
    return list(_chair_first(rows))


def _chair_first(seats: QuerySet[CouncilSeat]) -> QuerySet[CouncilSeat]:
    rank = Case(
        *(When(role=role, then=Value(n)) for n, role in enumerate(ROLE_ORDER)),
        output_field=IntegerField(),
    )
    return seats.annotate(rank=rank).select_related("person").order_by("rank", "pk")


@dataclass(frozen=True)
class CouncilCard:
    """One council as its reader sees it: who sits on it, who will, who did."""

    council: Council
    seats: list[CouncilSeat]
    former: list[CouncilSeat]
    voters: int
    may_keep: bool


def council_card(council: Council, user: User, today: date) -> CouncilCard:
    rows = list(_chair_first(CouncilSeat.objects.filter(council=council)))
    seats = [seat for seat in rows if seat.valid_to is None or seat.valid_to >= today]
    return CouncilCard(
        council=council,
        seats=seats,
        former=[seat for seat in rows if seat not in seats],
        voters=sum(seat.votes for seat in seats if on_a_day(today, seat.valid_from, seat.valid_to)),
        may_keep=policies.keepable_councils(user).filter(pk=council.pk).exists(),
    )


def councils_shown(user: User, today: date) -> QuerySet[Council]:
    """Councils `user` may see, each with how many sit on it today."""
    sitting = Q(seats__valid_to=None) | Q(seats__valid_to__gte=today)
    return (
        policies.viewable_councils(user)
        .select_related("unit")
        .annotate(sitting=Count("seats", filter=sitting & Q(seats__valid_from__lte=today)))
        .order_by("name", "pk")
    )


def seatable_people(council: Council, day: date) -> QuerySet[Person]:
    """People with a post in the council's unit or below it."""
    return (
        Person.objects.filter(
            postings__in=Posting.objects.filter(
                living(day), unit__path__startswith=council.unit.path
            )
        )
        .distinct()
        .order_by("full_name", "pk")
    )


def voting_rule(form: AwardForm) -> VotingRule:
    return VotingRule(
        threshold=form.threshold,
        operator=form.threshold_operator,
        base=form.threshold_base,
        quorum=form.quorum,
        chair_must_agree=form.chair_must_agree,
        source=form.rule_source,
    )


def councils_for(campaign: Campaign) -> list[Council]:
    """Councils that may review a plan's rounds: of its issuer, its standing agency, and of the
    units above them.
    """
    units = {int(key) for key in campaign.issuer.path.split("/") if key}
    if campaign.standing_agency:
        units |= {int(key) for key in campaign.standing_agency.path.split("/") if key}
    return list(Council.objects.filter(unit__in=units).select_related("unit"))
