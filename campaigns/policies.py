"""Who may see, enter, sign and verify what in a campaign. A permission is a queryset.

Who verifies follows from the campaign, not from the tree: the standing agency is often a sibling
of those it verifies; in a bloc's campaign it is the unit that leads the bloc in that year.
"""

from dataclasses import dataclass

from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import ExtractYear

from campaigns.models import (
    Campaign,
    Evidence,
    Extension,
    HandOver,
    ImportCheck,
    Participation,
    Period,
    Pledge,
    PledgeRound,
    ResultImport,
    ResultSheet,
    ScoreEvidence,
    ScoreLayer,
    ScoreSheet,
)
from criteria.models import Indicator, Layer
from units.models import Bloc, BlocMembership, Prepared, Unit, User
from units.policies import granted_on, granted_units, holds, holds_nowhere, viewable_units
from units.rules import ENTER, PLAN, SIGN, VERIFY, VIEW


def run_by(units: QuerySet[Unit], *, campaign: str = "", year: int | str) -> Q:
    """The condition that one of `units` stands over a campaign (in `year`, for a bloc's).

    `campaign` is the lookup path to the campaign; `year` a year, or the name of an annotation.
    """
    if units.query.is_empty():  # most people verify nowhere
        return Q(pk__in=[])
    to = f"{campaign}__" if campaign else ""
    leads = BlocMembership.objects.filter(
        bloc=OuterRef(f"{to}bloc"),
        year=OuterRef(year) if isinstance(year, str) else year,
        role=BlocMembership.Role.HEAD,
        unit__in=units,
    )
    return Q(**{f"{to}standing_agency__in": units}) | Q(Exists(leads))


def viewable_campaigns(user: User) -> QuerySet[Campaign]:
    """Issued plans that touch a unit `user` may see or of which his office leads an indicator, and
    drafts of units he plans for."""
    seen = viewable_units(user)
    joins = Participation.objects.filter(campaign=OuterRef("pk"), unit__in=seen)
    led = BlocMembership.objects.filter(bloc=OuterRef("bloc"), unit__in=seen)
    attended = attended_indicators(user).filter(criteria_set=OuterRef("criteria_set"))
    touched = (
        Q(issuer__in=seen)
        | Q(standing_agency__in=seen)
        | Exists(joins)
        | Exists(led)
        | Exists(attended)
    ) & ~Q(state=Campaign.State.DRAFT)
    return Campaign.objects.filter(touched | Q(pk__in=plannable_campaigns(user).values("pk")))


def plannable_campaigns(user: User) -> QuerySet[Campaign]:
    """Plans that `user` may write and enrol units in, for the issuer or its standing agency."""
    units = granted_units(user, PLAN)
    return Campaign.objects.filter(Q(issuer__in=units) | Q(standing_agency__in=units))


def verifiable_campaigns(user: User, year: int) -> QuerySet[Campaign]:
    """Campaigns whose results `user` verifies in `year`."""
    return Campaign.objects.filter(run_by(granted_units(user, VERIFY), year=year))


def led_units(user: User) -> QuerySet[Unit]:
    """Units whose lead of indicators `user` looks after: given as a role, seeing is not enough."""
    return viewable_units(user).filter(roles__user=user, roles__role="lead_department")


def led_indicators(user: User) -> QuerySet[Indicator]:
    """Indicators whose figures `user` confirms or questions, whoever reports them."""
    return Indicator.objects.filter(lead_unit__in=led_units(user))


def attended_indicators(user: User) -> QuerySet[Indicator]:
    """The same, and those that his office co-ordinates: it may look on, not decide."""
    led = led_units(user)
    helped = Indicator.co_units.through.objects.filter(unit__in=led)
    return Indicator.objects.filter(Q(lead_unit__in=led) | Q(pk__in=helped.values("indicator")))


def viewable_result_sheets(user: User) -> QuerySet[ResultSheet]:
    """Sheets of units `user` may see, and of campaigns his office stands over."""
    return _with_year().filter(Q(participation__unit__in=viewable_units(user)) | _verifies(user))


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


def signable_units(user: User) -> QuerySet[Unit]:
    return granted_units(user, SIGN)


def sheet_units(user: User) -> QuerySet[Unit]:
    """Units for which `user` enters, signs or verifies sheets."""
    return (
        granted_units(user, ENTER) | granted_units(user, SIGN) | granted_units(user, VERIFY)
    ).distinct()


def verifiable_periods(user: User) -> QuerySet[Period]:
    """Periods whose sheets `user`'s office verifies."""
    return Period.objects.annotate(period_year=ExtractYear(F("period_from"))).filter(
        run_by(granted_units(user, VERIFY), campaign="campaign", year="period_year")
    )


def verifiable_result_sheets(user: User) -> QuerySet[ResultSheet]:
    """Sheets of campaigns whose standing agency (or leader of the bloc that year) he acts for.

    Nobody verifies what he sent himself: the service and a constraint refuse it; it is left out
    here so that no list offers it.
    """
    return _with_year().filter(_verifies(user)).exclude(submitted_by=user)


def viewable_participations(user: User, year: int) -> QuerySet[Participation]:
    """Members whose standing `user` may see: units he may see, and all of the campaigns that his
    office plans or stands over in `year`."""
    return Participation.objects.filter(
        Q(unit__in=viewable_units(user))
        | Q(campaign__in=plannable_campaigns(user).values("pk"))
        | run_by(granted_units(user, VERIFY), campaign="campaign", year=year)
    )


def comparable_participations(user: User, year: int) -> QuerySet[Participation]:
    """Members whose figures `user` may read side by side: those whose sheets he may see. Planning
    who takes part is not enough."""
    return Participation.objects.filter(
        Q(unit__in=viewable_units(user))
        | run_by(granted_units(user, VERIFY), campaign="campaign", year=year)
    )


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
        may_verify=_is(_verifies(user) & (Q(submitted_by=None) | ~Q(submitted_by=user))),
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


def _verifies(user: User) -> Q:
    """The condition on a sheet (with its year) that `user`'s office stands over its campaign."""
    units = granted_units(user, VERIFY)
    return run_by(units, campaign="participation__campaign", year="sheet_year")


def _with_year() -> QuerySet[ResultSheet]:
    return ResultSheet.objects.annotate(sheet_year=ExtractYear(F("period__period_from")))


# --- pledges of a bloc ----------------------------------------------------------------------------
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


def enterable_units(user: User) -> QuerySet[Unit]:
    return granted_units(user, ENTER)


def led_blocs(user: User, year: int) -> QuerySet[Bloc]:
    """Blocs that `user`'s office leads in `year`: who verifies there, opens and closes."""
    leads = BlocMembership.objects.filter(
        bloc=OuterRef("pk"),
        year=year,
        role=BlocMembership.Role.HEAD,
        unit__in=granted_units(user, VERIFY),
    )
    return Bloc.objects.filter(Exists(leads))


def leading_units(user: User) -> QuerySet[Unit]:
    """Units for which `user` leads, in the years in which they lead."""
    return granted_units(user, VERIFY)


# --- scores ---------------------------------------------------------------------------------------
BY_MEMBERS = (Layer.SELF, Layer.PEER)  # entered by the clerk, sent by the head of the unit
BY_OFFICES = (Layer.BLOC, Layer.STANDING)


def own_units(user: User) -> QuerySet[Unit]:
    """Units whose results `user` enters or signs: he scores none of them but as themselves."""
    return (granted_units(user, ENTER) | granted_units(user, SIGN)).distinct()


def viewable_score_sheets(user: User) -> QuerySet[ScoreSheet]:
    """Sheets of units `user` may see, those he scores, and those of plans his office runs."""
    scores = scorable_layers(user) | sendable_layers(user)
    return ScoreSheet.objects.annotate(sheet_year=ExtractYear(F("period__period_from"))).filter(
        Q(participation__unit__in=viewable_units(user))
        | Q(pk__in=scores.values("score_sheet"))
        | _verifies(user)
    )


def scorable_layers(user: User) -> QuerySet[ScoreLayer]:
    """Layers that `user` may fill."""
    return _layers(user, granted_units(user, ENTER))


def sendable_layers(user: User) -> QuerySet[ScoreLayer]:
    """Layers that `user` may send: as head of the unit that scores, or for the office."""
    return _layers(user, granted_units(user, SIGN))


def reopenable_layers(user: User) -> QuerySet[ScoreLayer]:
    """Layers of the plans that his office runs: who publishes the ranking opens a layer again; what
    another office scored is that office's own to open."""
    layers = ScoreLayer.objects.annotate(
        layer_year=ExtractYear(F("score_sheet__period__period_from"))
    )
    units = granted_units(user, VERIFY)
    campaign = "score_sheet__participation__campaign"
    return layers.filter(
        run_by(units, campaign=campaign, year="layer_year"),
        Q(layer__in=BY_MEMBERS) | Q(scorer__in=units),
    )


def _layers(user: User, members: QuerySet[Unit]) -> QuerySet[ScoreLayer]:
    """Nobody scores his own unit: the service refuses it, too; no list offers it."""
    acts = Q(layer__in=BY_MEMBERS, scorer__in=members) | Q(
        layer__in=BY_OFFICES, scorer__in=granted_units(user, VERIFY)
    )
    own = Q(score_sheet__participation__unit__in=own_units(user))
    return ScoreLayer.objects.filter(acts).exclude(~Q(layer=Layer.SELF) & own)


def removable_score_evidence(user: User) -> QuerySet[ScoreEvidence]:
    layers = scorable_layers(user).values("pk")
    return ScoreEvidence.objects.filter(score_layer__in=layers, removed_at__isnull=True)


def viewable_score_evidence(user: User) -> QuerySet[ScoreEvidence]:
    """Files of the layers that `user` fills or sends, and of those that are in: members who score
    each other do it without a look at what the others bring."""
    acts = Q(score_layer__in=scorable_layers(user).values("pk")) | Q(
        score_layer__in=sendable_layers(user).values("pk")
    )
    waiting = ScoreLayer.objects.filter(
        score_sheet=OuterRef("score_layer__score_sheet"), layer=OuterRef("score_layer__layer")
    ).exclude(state=ScoreLayer.State.SENT)
    seen = Q(score_layer__score_sheet__in=viewable_score_sheets(user).values("pk"))
    return ScoreEvidence.objects.filter(acts | seen & ~Exists(waiting), removed_at__isnull=True)


def confirmable_hand_overs(user: User) -> QuerySet[HandOver]:
    """Hand-overs to units whose head `user` is. Nobody confirms what he handed over himself."""
    return HandOver.objects.filter(taker__in=granted_units(user, SIGN)).exclude(sent_by=user)
