"""Who may see, prepare and send which dossier. A permission is a queryset."""

from django.db.models import Exists, OuterRef, Q, QuerySet

from awards.models import Nomination
from awards.policies import (
    decidable_nominations,
    nominatable_units,
    returnable_nominations,
    sits_nowhere,
    viewable_nominations,
)
from dossiers.models import Build, Dossier, DossierPart, SentNomination
from units.models import User
from units.policies import granted_units, holds_nowhere, viewable_units
from units.rules import APPRAISE, COUNCIL, DECIDE, VERIFY


def viewable_dossiers(user: User) -> QuerySet[Dossier]:
    """Dossiers of the own unit and those below; and those with something proposed to one's own
    office: the standing agency, the council, home affairs, those who decide (awards.policies).

    Who received a dossier keeps it, whatever is decided on what it holds.
    """
    seen = viewable_nominations(user)
    received = SentNomination.objects.filter(
        dossier=OuterRef("pk"), nomination__in=seen.values("pk")
    )
    proposed = seen.filter(
        ~Exists(SentNomination.objects.filter(nomination=OuterRef("pk"))),
        state__in=Nomination.HOLDS_PLACE,
        award_round=OuterRef("award_round"),
        proposing_unit=OuterRef("proposing_unit"),
        quota__award_form=OuterRef("award_form"),
    )
    return Dossier.objects.filter(
        _own(user) | Exists(received) | (Q(state=Dossier.State.DRAFT) & Exists(proposed))
    )


def received_dossiers(user: User) -> QuerySet[Dossier]:
    """Dossiers that other units sent to the office of `user` to act on: the standing agency puts
    them forward, home affairs appraises, the council's secretary keeps its record, the head
    decides. Seeing one is not receiving it.
    """
    served = granted_units(user, APPRAISE).values("pk")
    to_act_on = SentNomination.objects.filter(
        Q(nomination__in=decidable_nominations(user).values("pk"))
        | Q(nomination__in=returnable_nominations(user).values("pk"))
        | Q(nomination__award_round__campaign__issuer__in=served)
        | Q(nomination__award_round__campaign__standing_agency__in=served)
        | Q(nomination__quota__decider__in=served),
        dossier=OuterRef("pk"),
    )
    return (
        viewable_dossiers(user)
        .filter(Exists(to_act_on), state=Dossier.State.SENT)
        .exclude(proposing_unit__in=nominatable_units(user))
    )


def receives_nothing(user: User) -> bool:
    """Whether `received_dossiers` is empty whatever was sent: the user stands over no plan, has no
    part in a council, decides and appraises nothing.
    """
    acts = (APPRAISE, COUNCIL, DECIDE, VERIFY)
    return all(holds_nowhere(user, act) for act in acts) and sits_nowhere(user)


def editable_dossiers(user: User) -> QuerySet[Dossier]:
    """Dossiers still open that `user` writes in the name of their unit."""
    return Dossier.objects.filter(
        proposing_unit__in=nominatable_units(user), state=Dossier.State.DRAFT
    )


def sendable_dossiers(user: User) -> QuerySet[Dossier]:
    """Who proposes for a unit also sends; what is still missing is the service's question."""
    return editable_dossiers(user)


def buildable_dossiers(user: User) -> QuerySet[Dossier]:
    """Dossiers `user` may have bound: those of the own unit and below, sent or not."""
    return Dossier.objects.filter(_own(user))


def viewable_parts(user: User) -> QuerySet[DossierPart]:
    return DossierPart.objects.filter(
        removed_at=None, dossier__in=viewable_dossiers(user).values("pk")
    )


def removable_parts(user: User) -> QuerySet[DossierPart]:
    return DossierPart.objects.filter(
        removed_at=None, dossier__in=editable_dossiers(user).values("pk")
    )


def viewable_builds(user: User) -> QuerySet[Build]:
    return Build.objects.filter(dossier__in=viewable_dossiers(user).values("pk"))


def retryable_builds(user: User) -> QuerySet[Build]:
    return Build.objects.filter(dossier__in=buildable_dossiers(user).values("pk"))


def _own(user: User) -> Q:
    return Q(proposing_unit__in=viewable_units(user)) | Q(
        proposing_unit__in=nominatable_units(user)
    )
