"""In whose name a person may write a plan."""

from django.db.models import QuerySet

from units.models import Unit, User
from units.policies import granted_units
from units.rules import PLAN


def writes_plans(user: User) -> bool:
    return granted_units(user, PLAN).exists()


def issuing_units(user: User) -> QuerySet[Unit]:
    """Units that `user` plans for, and those above them: a standing agency drafts what the office
    above it signs.
    """
    paths = granted_units(user, PLAN).values_list("path", flat=True)
    return Unit.objects.filter(
        pk__in={int(key) for path in paths for key in path.split("/") if key}
    )
