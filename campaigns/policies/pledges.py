"""Who may see, draft and sign the pledges of a bloc."""

from django.db.models import Exists, OuterRef, Q, QuerySet

from campaigns.models import Pledge, PledgeRound
from units.models import BlocMembership, User
from units.policies import granted_units, viewable_units
from units.rules import ENTER, SIGN


def viewable_pledges(user: User) -> QuerySet[Pledge]:
    """Those of units `user` may see; once signed, those of every member beside them that year."""
    seen = viewable_units(user)
    beside = BlocMembership.objects.filter(
        bloc=OuterRef("round__bloc"), year=OuterRef("round__year"), unit__in=seen
    )
    shared = Q(round__bloc__organiser__in=seen) | Q(Exists(beside))
    return Pledge.objects.filter(Q(unit__in=seen) | Q(state=Pledge.State.SIGNED) & shared)


def viewable_pledge_rounds(user: User) -> QuerySet[PledgeRound]:
    """Rounds of the blocs whose organiser, or one of whose members that year, `user` may see."""
    seen = viewable_units(user)
    beside = BlocMembership.objects.filter(
        bloc=OuterRef("bloc"), year=OuterRef("year"), unit__in=seen
    )
    return PledgeRound.objects.filter(Q(bloc__organiser__in=seen) | Q(Exists(beside)))


def draftable_pledges(user: User) -> QuerySet[Pledge]:
    return Pledge.objects.filter(unit__in=granted_units(user, ENTER))


def signable_pledges(user: User) -> QuerySet[Pledge]:
    return Pledge.objects.filter(unit__in=granted_units(user, SIGN))
