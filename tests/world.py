"""A small world with one real thing of each kind, twice: on our side and on another's.

Both sides are built alike, so that a page which opens for us and not for them says something
about permission and nothing about data.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.utils import timezone

from awards.models import (
    Award,
    AwardForm,
    AwardRound,
    Council,
    CouncilSeat,
    CouncilSession,
    Decision,
    Nomination,
    NominationEvidence,
    Quota,
    RecipientKind,
)
from campaigns.models import (
    Campaign,
    Evidence,
    HandOver,
    ImportCheck,
    Participation,
    Period,
    Pledge,
    PledgeRound,
    Result,
    ResultImport,
    ResultSheet,
    ScoreEvidence,
    ScoreLayer,
    ScoreSheet,
)
from criteria.models import (
    Group,
    Indicator,
    Layer,
    ScoreGate,
    ScoreItem,
    ScoreTable,
    TableLayer,
)
from dossiers.models import Build, Dossier, DossierPart, DossierRequirement, PledgePaper
from reports.models import Report
from tests.factories import (
    NOW,
    CampaignFactory,
    GroupFactory,
    IndicatorFactory,
    ParticipationFactory,
    PeriodFactory,
    PersonFactory,
    PhaseFactory,
    ResultSheetFactory,
    TargetFactory,
    UnitFactory,
    UserFactory,
    user_with,
)
from units import storage
from units.models import Bloc, BlocMembership, Unit, User
from units.rules import ROLES
from units.services import give_role

SEATS = {
    "council_chair": CouncilSeat.Role.CHAIR,
    "council_member": CouncilSeat.Role.MEMBER,
    "council_secretary": CouncilSeat.Role.SECRETARY,
}
ANONYMOUS, NOBODY, STRANGER = "anonymous", "nobody", "stranger"
EVERYTHING = "everything"  # every role on our side: who cannot reach a thing, none of ours can
BLOC_YEAR = 2024
VIEWERS = (ANONYMOUS, NOBODY, STRANGER, *ROLES)


NOTHING_TO_REPORT = {  # the facts of a report that the pages read
    "revisions": {},
    "groups": [],
    "narratives": [],
    "granted": [],
    "child_plans": [],
    "participation": {"invited": 0, "reported": 0, "not_reported": 0},
    "period": {"name": "Năm 2024", "year": 2024},
}


@dataclass
class Side:
    """One office with its plan and everything that came of it."""

    unit: Unit
    below: Unit
    campaign: Campaign
    period: Period
    participation: Participation
    indicator: Indicator
    sheet: ResultSheet
    evidence: Evidence
    imported: ResultImport
    gathered: ResultImport
    """A workbook of many units; it and its check are his alone who sent it."""
    import_check: ImportCheck
    award_form: AwardForm
    quota: Quota
    council: Council
    round: AwardRound
    session: CouncilSession
    nomination: Nomination
    draft: Nomination
    proof: NominationEvidence
    decision: Decision
    award: Award
    requirement: DossierRequirement
    dossier: Dossier
    part: DossierPart
    build: Build
    report: Report
    score_layer: ScoreLayer
    score_evidence: ScoreEvidence
    score_gate: ScoreGate
    bloc: Bloc
    pledge: Pledge
    pledge_paper: PledgePaper
    handover: HandOver
    clerk: User
    """An account of the unit below: what an administrator of accounts looks after."""


@dataclass
class World:
    ours: Side
    theirs: Side
    files: Path
    sessions: dict[str, str] = field(default_factory=dict)
    """Viewer → key of the session in which he is signed in."""


def build_side(name: str) -> Side:
    unit = UnitFactory(ref=name, name=f"Cơ quan {name}")
    below = UnitFactory(ref=f"{name}-duoi", name=f"Phòng thuộc {name}", parent=unit)
    clerk = user_with("clerk", below)
    blob = storage.keep_bytes(b"%PDF-1.7\n" + name.encode(), media_type=storage.PDF, now=NOW)
    campaign = CampaignFactory(ref=f"kh-{name}", issuer=unit, doc_number="1")
    phase = PhaseFactory(campaign=campaign)
    period = PeriodFactory(campaign=campaign, closes_on=timezone.localdate() + timedelta(days=30))
    group = GroupFactory(criteria_set=campaign.criteria_set)
    group.units.add(unit, below)
    indicator = IndicatorFactory(group=group, lead_unit=unit)
    TargetFactory(indicator=indicator)
    participation = ParticipationFactory(campaign=campaign, unit=unit)
    sheet = ResultSheetFactory(period=period, participation=participation)
    result = Result.objects.create(
        result_sheet=sheet,
        indicator=indicator,
        state=Result.State.REPORTED,
        numerator=9,
        denominator=10,
        version=1,
        saved_at=NOW,
        saved_by=clerk,
    )
    kept = {"blob": blob, "name": "tep.pdf", "uploaded_at": NOW, "uploaded_by": clerk}
    form = AwardForm.objects.create(
        ref=f"bk-{name}",
        name=f"Bằng khen {name}",
        short_name="Bằng khen",
        rank=3,
        authority="Chủ tịch",
    )
    quota = Quota.objects.create(
        campaign=campaign,
        phase=phase,
        ref="bk-tt",
        award_form=form,
        recipient_kind=RecipientKind.COLLECTIVE,
        basis=Quota.Basis.LATER,
        decider=unit,
    )
    council = Council.objects.create(
        ref=f"hd-{name}",
        name=f"Hội đồng {name}",
        unit=unit,
        decision="1/QĐ",
        valid_from=date(2020, 1, 1),
    )
    award_round = AwardRound.objects.create(
        campaign=campaign,
        phase=phase,
        ref=f"dot-{name}",
        name="Đợt tổng kết",
        council=council,
        opens_on=date(2024, 1, 1),
    )
    session = CouncilSession.objects.create(
        council=council, award_round=award_round, held_on=date(2024, 11, 20), recorded_by=clerk
    )
    nomination = Nomination.objects.create(
        award_round=award_round,
        quota=quota,
        proposing_unit=unit,
        unit=unit,
        created_by=clerk,
        created_at=NOW,
        state=Nomination.State.PROPOSED,
        proposed_at=NOW,
        proposed_by=clerk,
    )
    decision = Decision.objects.create(
        number="9",
        symbol="QĐ-UBND",
        issued_on=date(2023, 12, 28),
        unit=unit,
        signer_title="Chủ tịch",
        signer_name="Nguyễn Thị Mẫu",
        subject_line="Khen thưởng",
        recorded_by=clerk,
        recorded_at=NOW,
    )
    award = Award.objects.create(
        decision=decision,
        campaign=campaign,
        phase=phase,
        award_form=form,
        recipient_kind=RecipientKind.COLLECTIVE,
        recipient_name=f"Phòng thuộc {name}",
        unit=below,
    )
    requirement = DossierRequirement.objects.create(
        campaign=campaign, ref="minh-chung", part=DossierRequirement.Part.PROOF, title="Minh chứng"
    )
    dossier = Dossier.objects.create(
        award_round=award_round,
        proposing_unit=unit,
        award_form=form,
        created_at=NOW,
        created_by=clerk,
    )
    score_layer, gate = build_scores(group, period, participation, below)
    bloc = Bloc.objects.create(ref=f"khoi-{name}", name=f"Khối {name}", organiser=unit)
    for year in (BLOC_YEAR, timezone.localdate().year):
        for member, role in ((unit, "head"), (below, "member")):
            BlocMembership.objects.create(bloc=bloc, unit=member, year=year, role=role)
    pledges = PledgeRound.objects.create(
        bloc=bloc, year=BLOC_YEAR, due_on=date(2024, 3, 15), opened_at=NOW
    )
    done = {"requested_at": NOW, "finished_at": NOW, "state": "done", "pages": 2, "pdf": blob}
    return Side(
        unit=unit,
        below=below,
        campaign=campaign,
        period=period,
        participation=participation,
        indicator=indicator,
        sheet=sheet,
        evidence=Evidence.objects.create(result=result, **kept),
        import_check=ImportCheck.objects.create(
            period=period, blob=blob, name="x", requested_at=NOW
        ),
        gathered=ResultImport.objects.create(
            period=period, plan_revision=campaign.revision, **kept
        ),
        imported=ResultImport.objects.create(
            period=period, unit=unit, plan_revision=campaign.revision, **kept
        ),
        award_form=form,
        quota=quota,
        council=council,
        round=award_round,
        session=session,
        nomination=nomination,
        draft=Nomination.objects.create(
            award_round=award_round,
            quota=quota,
            proposing_unit=unit,
            unit=below,
            created_by=clerk,
            created_at=NOW,
        ),
        proof=NominationEvidence.objects.create(nomination=nomination, **kept),
        decision=decision,
        award=award,
        requirement=requirement,
        dossier=dossier,
        part=DossierPart.objects.create(dossier=dossier, requirement=requirement, **kept),
        build=Build.objects.create(dossier=dossier, version=1, **done),
        report=Report.objects.create(
            campaign=campaign,
            period=period,
            scope=unit,
            version=1,
            xlsx=blob,
            rows=1,
            snapshot=NOTHING_TO_REPORT,
            **done,
        ),
        score_layer=score_layer,
        score_evidence=ScoreEvidence.objects.create(
            score_layer=score_layer, item=gate.table.items.get(), **kept
        ),
        score_gate=gate,
        bloc=bloc,
        handover=HandOver.objects.create(
            bloc=bloc,
            year=BLOC_YEAR - 1,
            giver=below,
            taker=unit,
            held_on=date(2023, 12, 30),
            document="Biên bản",
            sent_at=NOW,
            sent_by=clerk,
        ),
        pledge=Pledge.objects.create(round=pledges, unit=unit, drafted_at=NOW),
        pledge_paper=PledgePaper.objects.create(
            round=pledges,
            version=1,
            stamp="x",
            snapshot={},
            frozen_at=NOW,
            requested_at=NOW,
            finished_at=NOW,
            state="done",
            pdf=blob,
        ),
        clerk=clerk,
    )


def build_scores(
    group: Group, period: Period, participation: Participation, other: Unit
) -> tuple[ScoreLayer, ScoreGate]:
    """A table of one item with a gate, and a sheet whose first layer the unit scores itself."""
    table = ScoreTable.objects.create(
        criteria_set=group.criteria_set,
        group=group,
        ref="bang",
        name="Bảng chấm điểm",
        from_year=2020,
        max_points=100,
        state=ScoreTable.State.ACTIVE,
    )
    for order, layer in enumerate((Layer.SELF, Layer.PEER, Layer.STANDING), 1):
        TableLayer.objects.create(table=table, order=order, layer=layer, days=order)
    ScoreItem.objects.create(table=table, ref="muc", code="I", name="Mục", max_points=100)
    sheet = ScoreSheet.objects.create(
        participation=participation, period=period, table=table, opened_at=NOW
    )
    for layer in (Layer.PEER, Layer.STANDING):
        ScoreLayer.objects.create(score_sheet=sheet, layer=layer, scorer=other)
    own = ScoreLayer.objects.create(score_sheet=sheet, layer=Layer.SELF, scorer=participation.unit)
    return own, ScoreGate.objects.create(table=table, ref="ky-luat", name="Có kỷ luật")


def seat(user: User, council: Council, role: str) -> None:
    person = PersonFactory(full_name=user.full_name, user=user)
    CouncilSeat.objects.create(
        council=council, person=person, role=SEATS[role], valid_from=council.valid_from
    )


def people(world: World) -> dict[str, User]:
    """One account a role on our side, one with all of them, and a stranger with all elsewhere."""
    found = {}
    for role in ROLES:
        found[role] = user_with(role, world.ours.unit, and_below=role == "account_admin")
        if role in SEATS:
            seat(found[role], world.ours.council, role)
    ResultImport.objects.filter(pk=world.ours.gathered.pk).update(uploaded_by=found["clerk"])
    ImportCheck.objects.filter(pk=world.ours.import_check.pk).update(requested_by=found["clerk"])
    everywhere = {
        EVERYTHING: all_roles(world.ours, "council_secretary"),
        STRANGER: all_roles(world.theirs, "council_chair"),
    }
    return found | everywhere | {NOBODY: UserFactory()}


def all_roles(side: Side, role_in_council: str) -> User:
    user = UserFactory()
    for role in ROLES:
        give_role(user=user, unit=side.unit, role=role, and_below=True, actor=None, now=NOW)
    seat(user, side.council, role_in_council)
    return user


def sign_in(user: User) -> str:
    client = Client()
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[-1])
    return client.cookies[settings.SESSION_COOKIE_NAME].value


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: Any) -> Iterator[World]:
    """Built once a module inside a transaction that is rolled back at its end."""
    files = tmp_path_factory.mktemp("files")
    with django_db_blocker.unblock(), transaction.atomic(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "FILES_DIR", files)
        world = World(build_side("ta"), build_side("ban"), files)
        world.sessions = {viewer: sign_in(user) for viewer, user in people(world).items()}
        yield world
        transaction.set_rollback(True)
