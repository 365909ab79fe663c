"""Who may see, fill, send and reopen the layers of a score sheet."""

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import ExtractYear

from campaigns.models import ScoreEvidence, ScoreLayer, ScoreSheet
from campaigns.policies.plans import own_units, run_by
from campaigns.policies.sheets import stands_over
from criteria.models import Layer
from units.models import Unit, User
from units.policies import granted_units, viewable_units
from units.rules import ENTER, SIGN, VERIFY

BY_MEMBERS = (Layer.SELF, Layer.PEER)  # entered by the clerk, sent by the head of the unit
BY_OFFICES = (Layer.BLOC, Layer.STANDING)


def viewable_score_sheets(user: User) -> QuerySet[ScoreSheet]:
    """Sheets of units `user` may see, those he scores, and those of plans his office runs."""
    scores = scorable_layers(user) | sendable_layers(user)
    return ScoreSheet.objects.annotate(sheet_year=ExtractYear(F("period__period_from"))).filter(
        Q(participation__unit__in=viewable_units(user))
        | Q(pk__in=scores.values("score_sheet"))
        | stands_over(user)
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
