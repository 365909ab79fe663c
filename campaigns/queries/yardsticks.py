"""What a plan asks in its periods, to be kept by what is built on it and held against it later."""

from collections.abc import Iterable

from campaigns.models import Period, ScoreLayer
from campaigns.queries.scores import Scoring
from criteria.models import Group, Indicator, Layer
from criteria.queries import rules_of
from criteria.rules import Yardstick, amended_sentence


def yardsticks(periods: Iterable[Period]) -> dict[str, Yardstick]:
    """The targets of each period, by its key as JSON keeps it; two SQL queries, none without a
    period. Needs `campaign` selected."""
    days = {one.pk: (one.campaign.criteria_set_id, one.period_to) for one in periods}
    if not days:
        return {}
    sets = {criteria_set for criteria_set, _day in days.values()}
    asked = list(
        Indicator.objects.filter(criteria_set__in=sets)
        .exclude(group__measured=Group.Measured.NOMINEE)
        .order_by()
    )
    rules = rules_of(asked)
    of_set = {
        criteria_set: {
            one.pk: rules[one.pk] for one in asked if one.criteria_set_id == criteria_set
        }
        for criteria_set in sets
    }
    return {str(pk): Yardstick(of_set[key], day) for pk, (key, day) in days.items()}


def layers_amended(scoring: Scoring) -> str:
    """Which amendment came after a layer was sent: it keeps the points of the targets of its day.
    What the unit gives itself is held against what comes after, unless nothing does."""
    last = scoring.table.layers[-1]
    sent = [
        one
        for one in scoring.layers
        if one.state == ScoreLayer.State.SENT and (one.layer != Layer.SELF or one.layer == last)
    ]
    now = {str(one.pk): scoring.facts.yardstick for one in sent}
    kept = {str(one.pk): one.targets_read for one in sent}
    return amended_sentence(now, kept, "sau khi có lớp gửi điểm")
