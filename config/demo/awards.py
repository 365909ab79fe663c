"""Sample nominations of four plans, from the allotment letter to the signed decision."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
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
from config.demo.accounts import ACCOUNTS, hand
from config.demo.results import OPEN_DAYS, chance
from dossiers import pdf
from dossiers import services as papers
from dossiers.models import Dossier, DossierRequirement
from units.models import Person, Unit, User

SURNAMES = ("Nguyễn", "Trần", "Lê", "Phạm", "Huỳnh", "Phan", "Võ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô")
MIDDLES = ("Văn", "Thị", "Minh", "Ngọc", "Thanh", "Quốc", "Thu", "Hữu")
GIVEN = ("An", "Bình", "Cường", "Dung", "Giang", "Hà", "Khánh", "Lam", "Mai", "Nam", "Oanh", "Phúc")
WORK = (
    "chủ trì số hóa kết quả giải quyết thủ tục hành chính, rút ngắn thời gian tra cứu hồ sơ",
    "hướng dẫn nông dân đưa sản phẩm lên sàn thương mại điện tử và ghi nhật ký sản xuất điện tử",
    "xây dựng kho dữ liệu dùng chung, nối với hệ thống báo cáo của tỉnh",
    "tổ chức tập huấn kỹ năng số cho công chức, viên chức theo từng nhóm việc",
)


@dataclass(frozen=True)
class Ask:
    """What one unit proposes: how many collectives, direct implementers and leaders."""

    unit: str
    collectives: Sequence[str]
    direct: int
    leaders: int


@dataclass(frozen=True)
class Story:
    """One round of one plan as the sample tells it, with the days on which things happened."""

    plan: str
    phase: Phase.Kind
    form: str
    council: str
    council_symbol: str
    asks: Sequence[Ask]
    opens_on: date
    proposed_on: date
    held_on: date
    letter_on: date
    decided_on: date
    decider: str
    symbol: str
    signer_title: str
    signer_name: str
    allotted: dict[RecipientKind, int] = field(default_factory=dict)


SNN = "dong-thap.so-nnptnt"
DAK_SONG = "dak-nong.dak-song"
KHOI = "lam-dong.so-nnptnt"
STORIES = (
    Story(
        plan="dong-thap.snn.2022.chuyen-doi-so",
        phase=Phase.Kind.FINAL,
        form="giay-khen-giam-doc-so",
        council=SNN,
        council_symbol="BB-HĐTĐKT",
        asks=(
            Ask(f"{SNN}.chi-cuc-ptnt", (f"{SNN}.chi-cuc-ptnt",), 2, 1),
            Ask(f"{SNN}.trung-tam-nuoc-sach", (f"{SNN}.trung-tam-nuoc-sach",), 1, 0),
        ),
        opens_on=date(2025, 11, 3),
        proposed_on=date(2025, 11, 20),
        held_on=date(2025, 12, 2),
        letter_on=date(2025, 12, 4),
        decided_on=date(2025, 12, 15),
        decider=SNN,
        symbol="QĐ-SNN",
        signer_title="GIÁM ĐỐC",
        signer_name="Võ Văn Quyết",
        allotted={RecipientKind.COLLECTIVE: 4, RecipientKind.INDIVIDUAL: 8},
    ),
    Story(
        plan="dong-thap.2022.chuyen-doi-so",
        phase=Phase.Kind.INTERIM,
        form="bang-khen-tinh",
        council="dong-thap",
        council_symbol="BB-HĐTĐKT",
        asks=(
            Ask(SNN, (SNN,), 2, 1),
            Ask("dong-thap.so-y-te", ("dong-thap.so-y-te",), 1, 1),
            Ask("dong-thap.so-gddt", (), 2, 0),
        ),
        opens_on=date(2023, 11, 1),
        proposed_on=date(2023, 11, 22),
        held_on=date(2023, 12, 5),
        letter_on=date(2023, 12, 8),
        decided_on=date(2023, 12, 20),
        decider="dong-thap",
        symbol="QĐ-UBND",
        signer_title="CHỦ TỊCH",
        signer_name="Phạm Văn Định",
    ),
    Story(
        plan="lam-dong.khoi-snn.2023.chuyen-doi-so",
        phase=Phase.Kind.FINAL,
        form="giay-khen-giam-doc-so",
        council=KHOI,
        council_symbol="BB-HĐTĐKT",
        asks=(
            Ask(f"{KHOI}.chi-cuc-kiem-lam", (f"{KHOI}.chi-cuc-kiem-lam",), 2, 0),
            Ask(f"{KHOI}.chi-cuc-thuy-loi", (f"{KHOI}.chi-cuc-thuy-loi",), 1, 1),
        ),
        opens_on=date(2025, 11, 3),
        proposed_on=date(2025, 11, 18),
        held_on=date(2025, 12, 3),
        letter_on=date(2025, 12, 5),
        decided_on=date(2025, 12, 18),
        decider=KHOI,
        symbol="QĐ-SNN",
        signer_title="GIÁM ĐỐC",
        signer_name="Trịnh Văn Mẫu",
    ),
    Story(
        plan="dak-song.2023.chuyen-doi-so",
        phase=Phase.Kind.INTERIM,
        form="giay-khen-chu-tich-huyen",
        council=DAK_SONG,
        council_symbol="BB-HĐTĐKT",
        asks=(
            Ask(f"{DAK_SONG}.phong-vhtt", (f"{DAK_SONG}.phong-vhtt",), 3, 1),
            Ask(f"{DAK_SONG}.dak-mol", (f"{DAK_SONG}.dak-mol",), 2, 1),
            Ask(f"{DAK_SONG}.phong-tckh", (f"{DAK_SONG}.phong-tckh",), 2, 1),
        ),
        opens_on=date(2023, 11, 6),
        proposed_on=date(2023, 11, 24),
        held_on=date(2023, 12, 7),
        letter_on=date(2023, 12, 11),
        decided_on=date(2023, 12, 25),
        decider=DAK_SONG,
        symbol="QĐ-UBND",
        signer_title="CHỦ TỊCH",
        signer_name="Hà Văn Định",
    ),
)


def at(day: date, hour: int = 2) -> datetime:
    """A working hour of that day (09:00 in Việt Nam)."""
    return datetime.combine(day, time(hour), tzinfo=UTC)


def unit_of(ref: str) -> Unit:
    return Unit.objects.get(ref=ref)


# --- people and councils -------------------------------------------------------------------------
def name_for(*parts: object) -> tuple[str, str]:
    """(full name, gender) made up from a hash; no real person is meant."""
    draw = chance("người", *parts)
    middle = draw.choice(MIDDLES)
    gender = Person.Gender.FEMALE if middle in {"Thị", "Thu", "Ngọc"} else Person.Gender.MALE
    return f"{draw.choice(SURNAMES)} {middle} {draw.choice(GIVEN)}", gender


def make_person(unit: Unit, number: int, title: str, *, is_leader: bool, now: datetime) -> Person:
    full_name, gender = name_for(unit.ref, number, title)
    return services.add_person(
        full_name=full_name,
        gender=gender,
        born_on=date(1972 + chance("sinh", unit.ref, number).randint(0, 24), 3, 1 + number % 27),
        unit=unit,
        title=title,
        is_leader=is_leader,
        is_sample=True,
        actor=hand("head"),
        now=now,
    )


def make_council(story: Story) -> Council:
    """Nine voting members and a secretary without a vote; those with an account can sign in."""
    unit, now = unit_of(story.council), at(date(2022, 1, 5))
    council = services.create_council(
        ref=f"{unit.ref}.hdtdkt",
        unit=unit,
        name=f"Hội đồng Thi đua - Khen thưởng {unit.short_name or unit.name}",
        decision="Quyết định thành lập (số liệu mẫu)",
        valid_from=date(2022, 1, 1),
        symbol=story.council_symbol,
        is_sample=True,
        actor=hand("head"),
        now=now,
    )
    roles = CouncilSeat.Role
    plan = [
        (roles.CHAIR, "council_chair", "Thủ trưởng đơn vị"),
        (roles.STANDING_VICE, "", "Phó thủ trưởng đơn vị"),
        (roles.MEMBER, "council_member", "Trưởng bộ phận tổ chức"),
        *((roles.MEMBER, "", f"Ủy viên thứ {number}") for number in range(4, 10)),
        (roles.SECRETARY, "council_secretary", "Chuyên viên thi đua, khen thưởng"),
    ]
    for number, (role, account, post) in enumerate(plan, start=1):
        person = make_person(unit, 900 + number, post, is_leader=number < 4, now=now)
        user = account_for(account, unit)
        if user:
            male = " Văn " in user.full_name
            Person.objects.filter(pk=person.pk).update(
                user=user,
                full_name=user.full_name,
                gender=Person.Gender.MALE if male else Person.Gender.FEMALE,
            )
        services.add_seat(
            council,
            person=person,
            role=role,
            votes=role != roles.SECRETARY,
            post=post,
            valid_from=date(2022, 1, 1),
            actor=hand("head"),
            now=now,
        )
    return council


def account_for(role: str, unit: Unit) -> User | None:
    names = [a.username for a in ACCOUNTS if a.role == role and a.unit == unit.ref]
    return User.objects.filter(username__in=names, person__isnull=True).first()


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


def launch_plan(campaign: Campaign, unit: Unit) -> bytes:
    return sample_paper(
        campaign,
        unit,
        kind="Kế hoạch",
        subject=f"Phát động phong trào thi đua “{campaign.short_title}”",
        intro=f"Thực hiện kế hoạch của {campaign.issuer_name}, {unit.name} phát động phong trào "
        "thi đua trong toàn đơn vị với các nội dung sau:",
        body="Phổ biến tiêu chí đến từng bộ phận; phân công đầu mối theo dõi; kiểm tra, đánh giá "
        "hằng quý; gửi báo cáo năm đúng hạn.",
        closing=f"Trên đây là kế hoạch phát động của {unit.name}",
    )


def proof(campaign: Campaign, unit: Unit) -> bytes:
    return sample_paper(
        campaign,
        unit,
        kind="Giấy xác nhận",
        subject="Sáng kiến, giải pháp đã áp dụng tại đơn vị",
        intro=f"{unit.name} xác nhận sáng kiến, giải pháp nêu trong báo cáo thành tích đã được áp "
        "dụng tại đơn vị.",
        body="Đơn vị đã kiểm tra hiệu quả và phổ biến cho các bộ phận cùng thực hiện.",
        closing=f"Trên đây là xác nhận của {unit.name}",
    )


def sample_paper(
    campaign: Campaign, unit: Unit, *, kind: str, subject: str, intro: str, body: str, closing: str
) -> bytes:
    """A paper that the unit itself would bring, marked as a sample on every page."""
    paper = {
        "is_sample": True,
        "parent_agency": unit.parent.name if unit.parent else "",
        "agency": unit.name,
        "agency_name": unit.name,
        "number": None,
        "symbol": f"{unit.symbol or 'ĐV'}",
        "place": unit.place,
        "signed_on": None,
        "year": campaign.period_from.year,
        "kind": kind,
        "subject": subject,
        "addressed_to": [],
        "legal_bases": [],
        "recipients": [campaign.issuer_name],
        "archive": "VT",
        "signature": {"capacity": ["Thủ trưởng đơn vị"], "post": "", "name": ""},
        "intro": intro,
        "direction": body,
        "periods": [],
        "strengths": "",
        "limits": "",
        "tasks": "",
        "closing": closing,
    }
    return pdf.render(
        "print/campaign_report.html", paper, title=f"{kind} (mẫu)", author=unit.name
    ).content


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
