"""Who sits on a council on a day, and by which rule it votes."""

from datetime import date

from django.db.models import Case, IntegerField, Q, Value, When

from awards.models import AwardForm, Council, CouncilSeat
from awards.rules import VotingRule
from campaigns.models import Campaign

ROLE_ORDER = [role.value for role in CouncilSeat.Role]


def seats_on(council: Council, day: date) -> list[CouncilSeat]:
    """The seats that live on `day`, the chair first."""
    rank = Case(
        *(When(role=role, then=Value(n)) for n, role in enumerate(ROLE_ORDER)),
        output_field=IntegerField(),
    )
    return list(
        CouncilSeat.objects.filter(
            Q(valid_to=None) | Q(valid_to__gte=day), council=council, valid_from__lte=day
        )
        .annotate(rank=rank)
        .select_related("person")
        .order_by("rank", "pk")
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
