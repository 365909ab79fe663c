"""Who may say how far a criterion in words is met."""

from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Value, When

from campaigns.models import Result, ResultHistory, ResultSheet
from campaigns.policies.plans import led_indicators, own_units
from campaigns.policies.sheets import verifiable_result_sheets
from criteria.models import Indicator
from units.models import User

UNIT = "result_sheet__participation__unit"


def assessable_results(user: User) -> QuerySet[Result]:
    """Answers in words of accepted sheets that `user` may assess: of those he verifies
    (`verifies`), and of the indicators his office leads, but of its own unit.

    Nobody assesses what he once wrote or sent, or for a unit that he enters or signs for: the
    service refuses it, too; no list offers it.
    """
    verifies = Q(result_sheet__in=verifiable_result_sheets(user).values("pk"))
    led = Q(indicator__in=led_indicators(user).values("pk")) & ~Q(indicator__lead_unit=F(UNIT))
    wrote = ResultHistory.objects.filter(result=OuterRef("pk"), by=user)
    told = Result.objects.filter(
        indicator__kind=Indicator.Kind.QUALITATIVE,
        state=Result.State.REPORTED,
        result_sheet__state__in=ResultSheet.ACCEPTED,
    )
    mine = (
        Q(saved_by=user)
        | Q(result_sheet__submitted_by=user)
        | Q(**{f"{UNIT}__in": own_units(user)})
    )
    acts = told.filter(verifies | led, ~Exists(wrote)).exclude(mine)
    return acts.annotate(verifies=Case(When(verifies, then=Value(True)), default=Value(False)))
