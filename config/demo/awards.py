"""Sample nominations of four plans, from the allotment letter to the signed decision."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, time, timedelta
from io import BytesIO

from django.utils import timezone

from awards import services
from awards.models import (
    Attendance,
    AwardForm,
    AwardRound,
    Council,
    CouncilSeat,
    Nomination,
    Quota,
    RecipientKind,
)
from awards.queries import criteria_for
from campaigns.models import Campaign, Phase
from config.demo.accounts import hand
from config.demo.councils import make_council, make_person, name_for
from config.demo.papers import launch_plan, proof
from config.demo.results import OPEN_DAYS, chance
from config.demo.stories import SNN, STORIES, Ask, Story, at, unit_of
from dossiers import services as papers
from dossiers.models import Dossier, DossierRequirement
from units.models import Person, Unit

WORK = (
    "chủ trì số hóa kết quả giải quyết thủ tục hành chính, rút ngắn thời gian tra cứu hồ sơ",
    "hướng dẫn nông dân đưa sản phẩm lên sàn thương mại điện tử và ghi nhật ký sản xuất điện tử",
    "xây dựng kho dữ liệu dùng chung, nối với hệ thống báo cáo của tỉnh",
    "tổ chức tập huấn kỹ năng số cho công chức, viên chức theo từng nhóm việc",
)


# --- from the round to the council's word --------------------------------------------------------
def nominate_everyone(story: Story) -> None:
    """Open the round, allot what the plan left open, propose, meet, count."""
    campaign = Campaign.objects.get(ref=story.plan)
    phase = campaign.phases.filter(kind=story.phase).earliest("order")
    award_round = services.open_round(
        campaign,
        phase=phase,
        ref=f"{campaign.ref}.{phase.ref}.dot-1",
        name=f"Đợt xét {phase.name.lower()}",
        council=make_council(story),
        opens_on=story.opens_on,
        closes_on=story.held_on,
        is_sample=True,
        actor=hand("verifier"),
        now=at(story.opens_on),
    )
    allot(story, phase)
    for ask in story.asks:
        for nomination in nominations_of(story, award_round, phase, ask):
            services.propose_nomination(
                nomination, actor=hand("head"), now=at(story.proposed_on, 4)
            )
    meet(story, award_round)


def quota_of(story: Story, phase: Phase, kind: RecipientKind) -> Quota:
    return Quota.objects.get(phase=phase, award_form__ref=story.form, recipient_kind=kind)


def allot(story: Story, phase: Phase) -> None:
    for kind, places in story.allotted.items():
        services.allot_quota(
            quota_of(story, phase, kind),
            places=places,
            document="Công văn phân bổ số lượng khen thưởng (mẫu)",
            document_on=story.opens_on,
            is_sample=True,
            actor=hand("verifier"),
            now=at(story.opens_on, 3),
        )


def nominations_of(
    story: Story, award_round: AwardRound, phase: Phase, ask: Ask
) -> Iterable[Nomination]:
    unit = unit_of(ask.unit)
    for ref in ask.collectives:
        yield draft(story, award_round, phase, unit, collective=unit_of(ref))
    people = [(False, "Chuyên viên")] * ask.direct + [(True, "Phó thủ trưởng")] * ask.leaders
    for number, (leads, title) in enumerate(people, start=1):
        person = make_person(unit, number, title, is_leader=leads, now=at(story.opens_on))
        yield draft(story, award_round, phase, unit, person=person, leads=leads)


def draft(
    story: Story,
    award_round: AwardRound,
    phase: Phase,
    unit: Unit,
    *,
    collective: Unit | None = None,
    person: Person | None = None,
    leads: bool = False,
) -> Nomination:
    kind = RecipientKind.COLLECTIVE if collective else RecipientKind.INDIVIDUAL
    nominee = collective or person
    done = chance("thành tích", nominee).choice(WORK)
    subject = "Tập thể" if collective else "Cá nhân"
    criteria = criteria_for(award_round.campaign, kind, collective or unit)
    nomination = services.nominate(
        award_round,
        quota=quota_of(story, phase, kind),
        proposing_unit=unit,
        unit=collective,
        person=person,
        is_direct_worker=None if collective else not leads,
        is_leader=None if collective else leads,
        achievement=f"{subject} đã {done}.\nKết quả được đơn vị kiểm tra, xác nhận; cách làm đã "
        "được phổ biến cho các bộ phận khác áp dụng.",
        summary=f"Đã {done}.",
        achievement_from=phase.period_from or award_round.campaign.period_from,
        achievement_to=min(phase.period_to or story.proposed_on, story.proposed_on),
        answers={
            criterion.pk: (
                True,
                "Đơn vị đã rà soát, xác nhận theo kết quả thực hiện.",
            )
            for criterion in criteria
        },
        is_sample=True,
        actor=hand("head"),
        now=at(story.proposed_on, 3),
    )
    if any(criterion.evidence_required for criterion in criteria):
        content = proof(award_round.campaign, unit)
        services.add_evidence(
            nomination,
            upload=BytesIO(content),
            name="Giấy xác nhận sáng kiến, giải pháp.pdf",
            size=len(content),
            actor=hand("head"),
            now=at(story.proposed_on, 3),
        )
    return nomination


def meet(story: Story, award_round: AwardRound) -> None:
    secretary = CouncilSeat.objects.get(council=award_round.council, role="secretary").person
    actor = secretary.user or hand("verifier")
    now = at(story.held_on, 7)
    session = services.open_session(
        award_round,
        held_on=story.held_on,
        opened_at=time(8, 0),
        place="Phòng họp cơ quan",
        is_sample=True,
        actor=actor,
        now=now,
    )
    seats = list(CouncilSeat.objects.filter(council=award_round.council).order_by("pk"))
    away = seats[-2]
    services.record_attendance(
        session,
        states={
            seat.pk: Attendance.State.EXCUSED if seat == away else Attendance.State.PRESENT
            for seat in seats
        },
        actor=actor,
        now=now,
    )
    nominations = Nomination.objects.filter(award_round=award_round, state="proposed")
    for number, nomination in enumerate(nominations.order_by("pk")):
        no = 1 if number % 3 == 2 else 0
        services.record_tally(
            session,
            nomination=nomination,
            yes=8 - no,
            no=no,
            abstained=0,
            absent=1,
            recused=0,
            chair_agreed=True,
            actor=actor,
            now=now,
        )
    services.close_session(
        session,
        conclusion="Hội đồng thống nhất đề nghị khen thưởng các đối tượng đạt tỷ lệ quy định.",
        minutes_number="01",
        ended_at=time(10, 30),
        actor=actor,
        now=now,
    )


# --- from the dossier to the decision ------------------------------------------------------------
def round_of(story: Story) -> AwardRound:
    return AwardRound.objects.get(ref__startswith=f"{story.plan}.", ref__endswith=".dot-1")


def open_dossiers(story: Story) -> list[Dossier]:
    """One dossier a proposing unit, with the launch plans it must upload."""
    award_round = round_of(story)
    form = AwardForm.objects.get(ref=story.form)
    opened = []
    for number, ask in enumerate(story.asks, start=11):
        unit, now = unit_of(ask.unit), at(story.letter_on)
        dossier = papers.open_dossier(
            award_round,
            proposing_unit=unit,
            award_form=form,
            is_sample=True,
            actor=hand("head"),
            now=now,
        )
        opened.append(dossier)
        if dossier.state == Dossier.State.SENT:
            continue
        papers.edit_dossier(
            dossier,
            letter_number=str(number),
            letter_on=story.letter_on,
            signing_capacity="",
            signer_title="THỦ TRƯỞNG ĐƠN VỊ",
            signer_name=name_for(unit.ref, "thủ trưởng")[0],
            actor=hand("head"),
            now=now,
        )
        upload_launch_plan(dossier, award_round.campaign, unit, now)
    return opened


def upload_launch_plan(dossier: Dossier, campaign: Campaign, unit: Unit, now: datetime) -> None:
    """The paper the portal cannot write for a unit: its own plan, here a marked sample."""
    wanted = DossierRequirement.objects.filter(
        campaign=campaign, part=DossierRequirement.Part.LAUNCH_PLAN
    )
    there = dossier.parts.filter(removed_at=None).values("requirement")
    for requirement in wanted.exclude(pk__in=there):
        content = launch_plan(campaign, unit)
        papers.add_part(
            dossier,
            requirement=requirement,
            upload=BytesIO(content),
            name="Kế hoạch phát động phong trào.pdf",
            size=len(content),
            actor=hand("head"),
            now=now,
        )


def decide(story: Story) -> None:
    award_round = round_of(story)
    forwarded = Nomination.objects.filter(award_round=award_round, state="forwarded")
    services.record_decision(
        award_round,
        unit=unit_of(story.decider),
        number=str(100 + story.decided_on.day),
        symbol=story.symbol,
        issued_on=story.decided_on,
        signer_title=story.signer_title,
        signer_name=story.signer_name,
        subject_line="Khen thưởng tập thể, cá nhân có thành tích trong phong trào thi đua "
        f"“{award_round.campaign.short_title}”",
        granted=list(forwarded),
        is_sample=True,
        actor=hand("verifier"),
        now=at(story.decided_on, 8),
    )
    services.close_round(award_round, actor=hand("verifier"), now=at(story.decided_on, 9))


# --- a round that waits for the council ----------------------------------------------------------
def begin_open_round() -> None:
    """Beside what is finished, something to do: proposals of plan 000 that no council has seen."""
    now = timezone.now()
    today = timezone.localdate(now)
    first = STORIES[0]
    story = replace(
        first,
        asks=(
            Ask(f"{SNN}.chi-cuc-trong-trot-bvtv", (f"{SNN}.chi-cuc-trong-trot-bvtv",), 1, 0),
            Ask(f"{SNN}.trung-tam-dich-vu-nong-nghiep", (), 1, 1),
        ),
        opens_on=today - timedelta(days=10),
        proposed_on=today - timedelta(days=3),
    )
    campaign = Campaign.objects.get(ref=story.plan)
    phase = campaign.phases.filter(kind=story.phase).earliest("order")
    award_round = services.open_round(
        campaign,
        phase=phase,
        ref=f"{campaign.ref}.{phase.ref}.dot-2",
        name="Đợt xét bổ sung",
        council=Council.objects.get(unit__ref=story.council),
        opens_on=story.opens_on,
        closes_on=today + timedelta(days=OPEN_DAYS),
        is_sample=True,
        actor=hand("verifier"),
        now=at(story.opens_on),
    )
    for ask in story.asks:
        for nomination in nominations_of(story, award_round, phase, ask):
            services.propose_nomination(
                nomination, actor=hand("head"), now=at(story.proposed_on, 4)
            )
