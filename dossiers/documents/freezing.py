"""Collecting every fact that a dossier prints, in one consistent reading of the database."""

from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from awards.models import CouncilSession
from awards.queries import nomination_facts, places, session_facts
from campaigns.models import Campaign, Participation, Period, ResultSheet
from campaigns.queries import Figures, figures
from dossiers import queries
from dossiers.documents.assembly import assemble
from dossiers.documents.facts import Facts
from dossiers.documents.offices import offices_of
from dossiers.models import Build, Dossier, PaperForm
from units.jobs import LeaseLost
from units.models import Unit


def freeze(build: Build) -> dict[str, Any]:
    """Commit the facts on the build, so that a retry prints the same. Only while the lease is ours.

    Everything is read in one REPEATABLE READ transaction: no figure of one paper can contradict
    another. Raises LeaseLost when somebody else has the build now.
    """
    now = timezone.now()
    with transaction.atomic(durable=True):
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        dossier = queries.with_names(Dossier.objects.filter(pk=build.dossier_id)).get()
        snapshot = assemble(_facts(dossier, build.version))
    ours = Build.objects.filter(pk=build.pk, state=Build.State.QUEUED, token=build.token)
    if not ours.update(snapshot=snapshot, frozen_at=now):
        raise LeaseLost
    return snapshot


def _facts(dossier: Dossier, version: int) -> Facts:
    held = queries.contents(dossier)
    campaign = dossier.award_round.campaign
    today = timezone.localdate()
    day = dossier.letter_on or today
    collectives = {item.unit_id for item in held.nominations if item.unit_id}
    units = {dossier.proposing_unit_id} | collectives
    sessions = CouncilSession.objects.filter(
        pk__in=[session.pk for session in held.sessions]
    ).select_related("council__unit")
    enrolled = Participation.objects.filter(campaign=campaign, unit__in=units)
    return Facts(
        dossier=dossier,
        version=version,
        day=day,
        today=today,
        held=held,
        offices=offices_of(units | {item.proposing_unit_id for item in held.nominations}, day),
        nominees=nomination_facts(held.nominations),
        unit_of={item.pk: item.unit_id for item in held.nominations},
        sessions=[session_facts(s) for s in sessions.order_by("held_on", "pk")],
        figures=_figures(campaign, held, Unit.objects.filter(pk__in=units)),
        places=[
            row
            for row in places(campaign)
            if row.quota.award_form_id == dossier.award_form_id
            and row.quota.phase_id == dossier.award_round.phase_id
        ],
        joined_on=dict(enrolled.values_list("unit", "registered_on")),
        forms={form.pk: form for form in PaperForm.objects.all()},
        revisions=queries.revisions_of(dossier, held).plain(),
    )


def _figures(campaign: Campaign, held: queries.Contents, units: QuerySet[Unit]) -> list[Figures]:
    """The accepted results of these units, period by period."""
    periods = Period.objects.filter(
        campaign=campaign,
        pk__in=ResultSheet.objects.filter(pk__in=held.sheets).values("period"),
    ).order_by("period_from", "period_to", "pk")
    return [figures(campaign, period, units) for period in periods]
