"""Who may see, propose, vote on and decide what. A permission is a queryset.

The unit proposes, the council advises, the head decides (law, articles 79, 80, 90). Council seats
are a table, since who appointed whom must be on record; a seat reaches the rounds that were open
while it lasted, so that a member of a council that has ended still sees what he reviewed.

A seat opens nothing by itself: the account must also hold a role on the council's unit. Who may
take over an account is settled by its roles (units.policies.manageable_users), and an administrator
of another unit must not reach a council through the person behind an account.
"""

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce, ExtractYear

from awards.models import (
    Award,
    AwardRound,
    Council,
    CouncilSeat,
    CouncilSession,
    Decision,
    Nomination,
    NominationEvidence,
    Quota,
)
from campaigns.models import Campaign, Participation
from campaigns.policies import plannable_campaigns, run_by, viewable_campaigns
from units.models import Prepared, RoleAssignment, Unit, User
from units.policies import granted_units, manageable_units, manageable_users, viewable_units
from units.rules import APPRAISE, COUNCIL, DECIDE, NOMINATE, VERIFY

State = Nomination.State
COUNCIL_ROLES = ("council_chair", "council_member", "council_secretary")


# --- proposing -----------------------------------------------------------------------------------
def nominatable_units(user: User) -> QuerySet[Unit]:
    """Units in whose name `user` proposes."""
    return granted_units(user, NOMINATE)


def editable_nominations(user: User) -> QuerySet[Nomination]:
    """Nominations `user` writes, proposes and withdraws. The service asks for the state."""
    return Nomination.objects.filter(proposing_unit__in=nominatable_units(user))


def proposable_nominations(user: User) -> QuerySet[Nomination]:
    """Those of them that still wait to be proposed."""
    return editable_nominations(user).filter(state=State.DRAFT)


def returnable_nominations(user: User) -> QuerySet[Nomination]:
    """Nominations that `user` may send back with a reason: for the standing agency of the plan,
    or for the council.
    """
    return Nomination.objects.filter(
        Q(award_round__in=_verified_rounds(user).values("pk"))
        | Q(award_round__in=recordable_rounds(user).values("pk"))
    )


# --- rounds and quotas ---------------------------------------------------------------------------
def openable_campaigns(user: User) -> QuerySet[Campaign]:
    """Plans for which `user` opens rounds: for the issuer or its standing agency."""
    return plannable_campaigns(user)


def allottable_quotas(user: User) -> QuerySet[Quota]:
    return Quota.objects.filter(campaign__in=plannable_campaigns(user).values("pk"))


def openable_rounds(user: User) -> QuerySet[AwardRound]:
    """Rounds that `user` closes and opens again."""
    return AwardRound.objects.filter(campaign__in=plannable_campaigns(user).values("pk"))


def viewable_rounds(user: User) -> QuerySet[AwardRound]:
    """Rounds of plans `user` may see or proposes for, of his council, and those he oversees."""
    return AwardRound.objects.filter(
        Q(campaign__in=viewable_campaigns(user).values("pk"))
        | Q(pk__in=_seated_rounds(user).values("pk"))
        | Q(pk__in=_overseen_rounds(user).values("pk"))
        | Q(pk__in=decidable_rounds(user).values("pk"))
        | Exists(
            Participation.objects.filter(
                campaign=OuterRef("campaign"), unit__in=nominatable_units(user)
            )
        )
    )


# --- the council ---------------------------------------------------------------------------------
def recordable_rounds(user: User) -> QuerySet[AwardRound]:
    """Rounds whose council's session `user` may open and record: its secretary, or somebody who
    keeps the councils of that unit.
    """
    return AwardRound.objects.filter(
        Q(council__unit__in=granted_units(user, COUNCIL))
        | Q(pk__in=_seated_rounds(user, role=CouncilSeat.Role.SECRETARY).values("pk"))
    )


def sits_nowhere(user: User) -> bool:
    """Whether `user` has, and had, no seat that opens anything."""
    return not SEATS(user.pk)


def recordable_sessions(user: User) -> QuerySet[CouncilSession]:
    seat = _seat_on_the_day(user).filter(role=CouncilSeat.Role.SECRETARY)
    return CouncilSession.objects.filter(
        Q(council__unit__in=granted_units(user, COUNCIL)) | Exists(seat)
    )


def reviewable_sessions(user: User) -> QuerySet[CouncilSession]:
    """Sessions at which `user` has a seat, with or without a vote."""
    return CouncilSession.objects.filter(Exists(_seat_on_the_day(user)))


def viewable_sessions(user: User) -> QuerySet[CouncilSession]:
    """What the council said is open to its members and to those who oversee the round."""
    return CouncilSession.objects.filter(
        Exists(_seat_on_the_day(user)) | Q(award_round__in=_overseen_rounds(user).values("pk"))
    )


def keepable_councils(user: User) -> QuerySet[Council]:
    """Councils whose seats `user` keeps: those of units whose accounts he looks after.

    A seat opens nothing without a role on the council's unit, and that role is the administrator's
    to give: one hand answers for both. Not the secretary, who records the votes of these very
    seats; nor the standing agency, which is of a plan, while a council is of a unit and outlives
    plans, and whose grant often lies on an office beside that unit.
    """
    return Council.objects.filter(unit__in=manageable_units(user))


def viewable_councils(user: User) -> QuerySet[Council]:
    """Who sits in judgement is open to those who see the unit or a round that the council
    reviews."""
    return Council.objects.filter(
        Q(unit__in=viewable_units(user))
        | Q(unit__in=granted_units(user, COUNCIL))
        | Q(pk__in=keepable_councils(user).values("pk"))
        | Q(pk__in=_acting_seats(user).values("council"))
        | Q(pk__in=viewable_rounds(user).values("council"))
    )


def keepable_seats(user: User) -> QuerySet[CouncilSeat]:
    return CouncilSeat.objects.filter(council__in=keepable_councils(user).values("pk"))


def seatable_users(user: User, council: Council) -> QuerySet[User]:
    """Accounts that `user` may tie to a seat: he looks after them, and they hold a role there."""
    there = RoleAssignment.objects.filter(
        user=OuterRef("pk"), unit=council.unit_id, role__in=COUNCIL_ROLES
    )
    return manageable_users(user).filter(Exists(there), is_active=True)


# --- deciding ------------------------------------------------------------------------------------
def decidable_nominations(user: User) -> QuerySet[Nomination]:
    """Nominations on which `user` puts a decision on record: for the unit the quota names; for the
    proposing unit where its head decides; else for the council's unit, or the issuer.
    """
    units = granted_units(user, DECIDE)
    named = Q(quota__decider__in=units)
    own = Q(quota__decider=None, quota__basis=Quota.Basis.OWN, proposing_unit__in=units)
    usual = Q(quota__decider=None, round_decider__in=units) & ~Q(quota__basis=Quota.Basis.OWN)
    return Nomination.objects.annotate(
        round_decider=Coalesce("award_round__council__unit", "award_round__campaign__issuer")
    ).filter(named | own | usual)


def decidable_rounds(user: User) -> QuerySet[AwardRound]:
    """Rounds in which some award is for `user` to decide."""
    return AwardRound.objects.filter(
        Q(pk__in=_decided_rounds(user).values("pk"))
        | Q(pk__in=decidable_nominations(user).values("award_round"))
    )


# --- reading -------------------------------------------------------------------------------------
def viewable_nominations(user: User) -> QuerySet[Nomination]:
    """What the own unit and those below write, and what others proposed to one's own office: the
    standing agency, the council, home affairs, those who decide. A draft is its unit's alone, also
    after it was withdrawn unsent.
    """
    mine = Q(proposing_unit__in=viewable_units(user)) | Q(
        proposing_unit__in=nominatable_units(user)
    )
    sent = (
        Q(award_round__in=_overseen_rounds(user).values("pk"))
        | Q(award_round__in=_seated_rounds(user).values("pk"))
        | Q(pk__in=decidable_nominations(user).values("pk"))
    )
    left_home = ~Q(state=State.DRAFT) & Q(proposed_at__isnull=False)
    return Nomination.objects.filter(mine | (sent & left_home))


def viewable_evidence(user: User) -> QuerySet[NominationEvidence]:
    return NominationEvidence.objects.filter(
        removed_at=None, nomination__in=viewable_nominations(user).values("pk")
    )


def removable_evidence(user: User) -> QuerySet[NominationEvidence]:
    return NominationEvidence.objects.filter(
        removed_at=None, nomination__in=editable_nominations(user).values("pk")
    )


def viewable_awards(user: User) -> QuerySet[Award]:
    """Lines of the register: awards of units `user` may see, of plans he may see, and those that
    his office decided. Names, posts and short achievements only (domain, 9.1).
    """
    seen = viewable_units(user)
    return Award.objects.filter(
        Q(unit__in=seen)
        | Q(decision__unit__in=seen)
        | Q(decision__unit__in=granted_units(user, DECIDE))
        | Q(campaign__in=viewable_campaigns(user).values("pk"))
        | Q(nomination__in=viewable_nominations(user).values("pk"))
    )


def viewable_decisions(user: User) -> QuerySet[Decision]:
    return Decision.objects.filter(
        Q(unit__in=granted_units(user, DECIDE)) | Q(pk__in=viewable_awards(user).values("decision"))
    )


# --- parts ---------------------------------------------------------------------------------------
def _verified_rounds(user: User) -> QuerySet[AwardRound]:
    """Rounds of plans over which the office of `user` stands."""
    return AwardRound.objects.annotate(round_year=ExtractYear(F("opens_on"))).filter(
        run_by(granted_units(user, VERIFY), campaign="campaign", year="round_year")
    )


def _overseen_rounds(user: User) -> QuerySet[AwardRound]:
    """Rounds of which `user` sees everything that was proposed: for the standing agency, the
    council's secretary, whoever decides, and home affairs, whose role is given on the unit it
    serves.
    """
    served = granted_units(user, APPRAISE)
    return AwardRound.objects.filter(
        Q(pk__in=_verified_rounds(user).values("pk"))
        | Q(pk__in=recordable_rounds(user).values("pk"))
        | Q(pk__in=_decided_rounds(user).values("pk"))
        | Q(campaign__issuer__in=served.values("pk"))
        | Q(campaign__standing_agency__in=served.values("pk"))
        | Exists(_quotas_of_the_round().filter(decider__in=served.values("pk")))
    )


def _decided_rounds(user: User) -> QuerySet[AwardRound]:
    """Rounds with a quota that the office of `user` decides, its own head's excepted."""
    units = granted_units(user, DECIDE)
    usual = _quotas_of_the_round().filter(decider=None).exclude(basis=Quota.Basis.OWN)
    return AwardRound.objects.annotate(
        round_decider=Coalesce("council__unit", "campaign__issuer")
    ).filter(
        Exists(_quotas_of_the_round().filter(decider__in=units))
        | (Exists(usual) & Q(round_decider__in=units))
    )


def _quotas_of_the_round() -> QuerySet[Quota]:
    return Quota.objects.filter(campaign=OuterRef("campaign"), phase=OuterRef("phase"))


def _seated_rounds(user: User, role: str = "") -> QuerySet[AwardRound]:
    """Rounds that were open while `user` sat on their council."""
    seats = _acting_seats(user).filter(
        Q(valid_to__isnull=True) | Q(valid_to__gte=OuterRef("opens_on")),
        valid_from__lte=Coalesce(OuterRef("closes_on"), F("valid_from")),
        council=OuterRef("council"),
    )
    return AwardRound.objects.filter(Exists(seats.filter(role=role) if role else seats))


def _seat_on_the_day(user: User) -> QuerySet[CouncilSeat]:
    return _acting_seats(user).filter(
        Q(valid_to__isnull=True) | Q(valid_to__gte=OuterRef("held_on")),
        council=OuterRef("council"),
        valid_from__lte=OuterRef("held_on"),
    )


def _acting_seats(user: User | int) -> QuerySet[CouncilSeat]:
    """Seats of `user` on councils of units on which the account holds a role of the council."""
    roles = RoleAssignment.objects.filter(user=user, role__in=COUNCIL_ROLES)
    return CouncilSeat.objects.filter(
        person__user=user,
        person__user__is_active=True,
        council__unit__in=roles.values("unit"),
    )


SEATS = Prepared(lambda user: _acting_seats(user).order_by().values_list("pk", flat=True))
