"""Which nominations stand on results that were changed or opened again since they were sent."""

from collections.abc import Iterable
from datetime import date

from django.db.models import QuerySet

from awards.models import Nomination
from awards.queries.eligibility import enrolment_of
from campaigns.models import ResultSheet
from units.models import Unit

State = Nomination.State
LIVE = (State.PROPOSED, State.PASSED, State.FORWARDED)


def sheets_behind(nomination: Nomination, unit: Unit, day: date) -> QuerySet[ResultSheet]:
    """The accepted sheets of the nominee's unit within the time of the achievement."""
    campaign, phase = nomination.award_round.campaign, nomination.award_round.phase
    start = nomination.achievement_from or phase.period_from or campaign.period_from
    end = nomination.achievement_to or phase.period_to or campaign.period_to
    return ResultSheet.objects.filter(
        participation=enrolment_of(campaign, unit, day),
        state__in=ResultSheet.ACCEPTED,
        period__period_from__lte=end,
        period__period_to__gte=start,
    )


def sheets_read(nomination: Nomination, unit: Unit, day: date) -> dict[str, int]:
    """What a nomination keeps when it is sent: each sheet it stands on and its revision."""
    rows = sheets_behind(nomination, unit, day).values_list("pk", "revision")
    return {str(pk): revision for pk, revision in rows}


def stale_nominations(nominations: Iterable[Nomination]) -> dict[int, str]:
    """A sentence for each that waits and whose sheets are others than it read; one SQL query.

    Derived, never stored: nothing below knows that a nomination exists.
    """
    read = {n.pk: n.sheets_read for n in nominations if n.state in LIVE and n.sheets_read}
    keys = {int(pk) for sheets in read.values() for pk in sheets}
    if not keys:
        return {}
    now = {
        str(sheet.pk): sheet
        for sheet in ResultSheet.objects.filter(pk__in=keys).select_related("period")
    }
    found = {}
    for pk, sheets in read.items():
        said = [
            _sentence(now[sheet])
            for sheet, revision in sheets.items()
            if now[sheet].revision != revision
        ]
        if said:
            found[pk] = " ".join(said)
    return found


def _sentence(sheet: ResultSheet) -> str:
    if sheet.state in ResultSheet.ACCEPTED:
        return f"{sheet} đã sửa và thẩm định lại sau khi gửi đề nghị."
    return f"{sheet} đã mở lại sau khi gửi đề nghị, nay {sheet.get_state_display()}."
