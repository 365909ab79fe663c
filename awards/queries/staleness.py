"""Which nominations stand on results or targets that were changed since they were sent."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet

from awards.models import Nomination
from awards.queries.eligibility import enrolment_of
from campaigns.models import ResultSheet
from campaigns.queries import yardsticks
from criteria.rules import amended_sentence, changed_title, stamps_of
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


def basis_of(nomination: Nomination, unit: Unit, day: date) -> dict[str, Any]:
    """What a nomination keeps when it is sent: each sheet it stands on and its revision, the period
    of each and the stamp of what was asked in it. Three SQL queries."""
    sheets = list(sheets_behind(nomination, unit, day).select_related("period__campaign"))
    return {
        "sheets_read": {str(sheet.pk): sheet.revision for sheet in sheets},
        "targets_read": stamps_of(yardsticks(sheet.period for sheet in sheets)),
    }


@dataclass(frozen=True)
class Stale:
    """What changed since a nomination was sent: of its sheets and of its targets, in sentences."""

    sheets: str
    targets: str

    @property
    def title(self) -> str:
        return changed_title(figures=bool(self.sheets), targets=bool(self.targets))

    @property
    def heading(self) -> str:
        return f"{self.title} sau khi gửi đề nghị"

    @property
    def why(self) -> str:
        return " ".join(filter(None, (self.sheets, self.targets)))


def stale_nominations(nominations: Iterable[Nomination]) -> dict[int, Stale]:
    """What changed for each that waits and whose sheets or targets are others than it read; three
    SQL queries.

    Derived, never stored: nothing below knows that a nomination exists.
    """
    read = {n.pk: n for n in nominations if n.state in LIVE and n.sheets_read}
    keys = {int(pk) for nomination in read.values() for pk in nomination.sheets_read}
    if not keys:
        return {}
    rows = ResultSheet.objects.filter(pk__in=keys).select_related("period__campaign")
    now = {str(sheet.pk): sheet for sheet in rows}
    asked = yardsticks(sheet.period for sheet in rows)
    found = {}
    for pk, nomination in read.items():
        sheets = [
            _sentence(now[sheet])
            for sheet, revision in nomination.sheets_read.items()
            if now[sheet].revision != revision
        ]
        amended = amended_sentence(asked, nomination.targets_read, "sau khi gửi đề nghị")
        if sheets or amended:
            found[pk] = Stale(" ".join(sheets), amended)
    return found


def _sentence(sheet: ResultSheet) -> str:
    if sheet.state in ResultSheet.ACCEPTED:
        return f"{sheet} đã sửa và thẩm định lại sau khi gửi đề nghị."
    return f"{sheet} đã mở lại sau khi gửi đề nghị, nay {sheet.get_state_display()}."
