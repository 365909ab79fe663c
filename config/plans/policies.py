"""In whose name a person may write a plan."""

from django.db.models import QuerySet

from campaigns.models import Campaign
from campaigns.policies import issuing_units, plannable_campaigns
from units.models import User
from units.policies import granted_units
from units.rules import PLAN


def writes_plans(user: User) -> bool:
    return granted_units(user, PLAN).exists()


def writable_plans(user: User) -> QuerySet[Campaign]:
    """Plans that `user` may load, issue and amend: run by his office, in a name that is his to
    use."""
    return plannable_campaigns(user).filter(issuer__in=issuing_units(user))
