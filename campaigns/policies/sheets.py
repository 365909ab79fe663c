"""Who may see, enter, sign and verify result sheets, with their files and workbooks."""

from dataclasses import dataclass

from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import ExtractYear

from campaigns.models import (
    Campaign,
    Evidence,
    Extension,
    ImportCheck,
    Participation,
    ResultImport,
    ResultSheet,
)
from campaigns.policies.plans import attended_indicators, run_by, viewable_campaigns
from units.models import Prepared, Unit, User
from units.policies import granted_on, granted_units, holds, holds_nowhere, viewable_units
from units.rules import ENTER, SIGN, VERIFY, VIEW


def viewable_result_sheets(user: User) -> QuerySet[ResultSheet]:
    """Sheets of units `user` may see, and of campaigns his office stands over."""
    return with_year().filter(Q(participation__unit__in=viewable_units(user)) | stands_over(user))


def enterable_result_sheets(user: User) -> QuerySet[ResultSheet]:
    return ResultSheet.objects.filter(participation__unit__in=granted_units(user, ENTER))


def enterable_participations(user: User) -> QuerySet[Participation]:
    """Where `user` may open a sheet."""
    return Participation.objects.filter(unit__in=granted_units(user, ENTER))


def fillable_campaigns(user: User) -> QuerySet[Campaign]:
    """Plans in which `user` enters the results of some member."""
    mine = enterable_participations(user).filter(campaign=OuterRef("pk"))
    return viewable_campaigns(user).filter(Exists(mine))


def result_imports(user: User) -> QuerySet[ResultImport]:
    """Workbooks of units whose results `user` enters, and his own of many units."""
    return gathered_imports(user) | ResultImport.objects.filter(unit__in=granted_units(user, ENTER))


def gathered_imports(user: User) -> QuerySet[ResultImport]:
    """His own of many units, which a worker may read."""
    return ResultImport.objects.filter(unit__isnull=True, uploaded_by=user)


def import_checks(user: User) -> QuerySet[ImportCheck]:
    """His own workbooks of many units that are being read, or were refused."""
    return ImportCheck.objects.filter(requested_by=user)


def signable_result_sheets(user: User) -> QuerySet[ResultSheet]:
    return ResultSheet.objects.filter(participation__unit__in=granted_units(user, SIGN))


def sheet_units(user: User) -> QuerySet[Unit]:
    """Units for which `user` enters, signs or verifies sheets."""
    return (
        granted_units(user, ENTER) | granted_units(user, SIGN) | granted_units(user, VERIFY)
    ).distinct()


def verifiable_result_sheets(user: User) -> QuerySet[ResultSheet]:
    """Sheets of campaigns whose standing agency (or leader of the bloc that year) he acts for.

    Nobody verifies what he sent himself: the service and a constraint refuse it; it is left out
    here so that no list offers it.
    """
    return with_year().filter(stands_over(user)).exclude(submitted_by=user)


UNTIL = Subquery(
    Extension.objects.filter(participation=OuterRef("participation"), period=OuterRef("period"))
    .order_by("-until")
    .values("until")[:1]
)


def result_sheets_with_rights(user: User) -> QuerySet[ResultSheet]:
    """What `user` may see, each with what he may do there: `may_enter`, `may_sign`,
    `may_verify`; `until` is the last day of a unit whose time was extended."""
    return viewable_result_sheets(user).annotate(
        until=UNTIL,
        may_enter=_is(granted_on(user, ENTER, "participation__unit")),
        may_sign=_is(granted_on(user, SIGN, "participation__unit")),
        may_verify=_is(stands_over(user) & (Q(submitted_by=None) | ~Q(submitted_by=user))),
    )


@dataclass(frozen=True)
class EntryRights:
    """What somebody may do with a sheet that he enters."""

    may_sign: bool


PLACE = Prepared(
    lambda pk: (
        ResultSheet.objects.filter(pk=pk)
        .values_list("participation__unit", "participation__unit__path")
        .order_by()
    )
)


def entry_rights(user: User, pk: int) -> EntryRights | None:
    """What `result_sheets_with_rights` says of the sheet of which one cell is about to be written,
    None where `user` may not enter or not see it: asked a hundred times for each sheet, so that the
    grants are held against the unit at hand."""
    unit = PLACE.first(pk)
    if unit is None or not holds(user, ENTER, *unit):
        return None
    if not holds(user, VIEW, *unit) and not viewable_result_sheets(user).filter(pk=pk).exists():
        return None
    return EntryRights(may_sign=holds(user, SIGN, *unit))


def put_rights(user: User, sheet: ResultSheet) -> bool:
    """Set what `result_sheets_with_rights` says on a sheet at hand (its unit selected), where that
    follows from the grants alone: of who enters there and verifies nowhere. False of others."""
    unit = sheet.participation.unit_id, sheet.participation.unit.path
    if not (holds(user, ENTER, *unit) and holds(user, VIEW, *unit) and holds_nowhere(user, VERIFY)):
        return False
    rights = {"may_enter": True, "may_sign": holds(user, SIGN, *unit), "may_verify": False}
    vars(sheet).update(rights)
    return True


def _is(condition: Q) -> Case:
    return Case(When(condition, then=Value(True)), default=Value(False))


def removable_evidence(user: User) -> QuerySet[Evidence]:
    return Evidence.objects.filter(
        removed_at__isnull=True,
        result__result_sheet__in=enterable_result_sheets(user).values("pk"),
    )


def viewable_evidence(user: User) -> QuerySet[Evidence]:
    led = Q(
        result__indicator__in=attended_indicators(user).values("pk"),
        result__result_sheet__state__in=ResultSheet.SENT,
    )
    seen = Q(result__result_sheet__in=viewable_result_sheets(user).values("pk"))
    return Evidence.objects.filter(led | seen, removed_at__isnull=True)


def stands_over(user: User) -> Q:
    """The condition on a sheet (with its year) that `user`'s office stands over its campaign."""
    units = granted_units(user, VERIFY)
    return run_by(units, campaign="participation__campaign", year="sheet_year")


def with_year() -> QuerySet[ResultSheet]:
    return ResultSheet.objects.annotate(sheet_year=ExtractYear(F("period__period_from")))
