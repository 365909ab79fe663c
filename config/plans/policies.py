"""In whose name a person may write a plan."""

from django.db.models import Q, QuerySet

from campaigns.models import Campaign
from campaigns.policies import plannable_campaigns
from config.plans.own import PEOPLES_COMMITTEE
from units.models import Unit, User
from units.policies import granted_units
from units.rules import PLAN


def writes_plans(user: User) -> bool:
    return granted_units(user, PLAN).exists()


def issuing_units(user: User) -> QuerySet[Unit]:
    """Units that `user` plans for, and the bodies that these serve: an office drafts what the body
    right above it signs, never what stands higher. A people's committee and an enterprise are
    nobody's office.
    """
    own = granted_units(user, PLAN)
    offices = own.exclude(kind__code__startswith=PEOPLES_COMMITTEE).exclude(
        kind__is_enterprise=True
    )
    return Unit.objects.filter(Q(pk__in=own.values("pk")) | Q(pk__in=offices.values("parent_id")))


def writable_plans(user: User) -> QuerySet[Campaign]:
    """Plans that `user` may load, issue and amend: run by his office, in a name that is his to
    use."""
    return plannable_campaigns(user).filter(issuer__in=issuing_units(user))
