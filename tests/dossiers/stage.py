"""A department whose branch has a dossier on the way: real rows made by the real services."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from io import BytesIO
from typing import Any

import pikepdf
from django.db.models import F
from PIL import Image

from awards.models import (
    Attendance,
    AwardForm,
    AwardRound,
    CouncilSession,
    Nomination,
    NominationEvidence,
    Quota,
)
from awards.services import (
    add_person,
    add_seat,
    close_session,
    create_council,
    nominate,
    open_round,
    open_session,
    propose_nomination,
    record_attendance,
    record_tally,
)
from campaigns.models import Campaign, Participation, Period, ResultSheet
from campaigns.services import (
    enrol_units,
    open_sheet,
    record_result,
    submit_sheet,
    verify_sheet,
)
from criteria.models import Group, Indicator
from dossiers.models import Dossier, DossierRequirement
from dossiers.services import open_dossier
from tests.factories import (
    CampaignFactory,
    CriteriaSetFactory,
    GroupFactory,
    IndicatorFactory,
    PeriodFactory,
    PersonFactory,
    PhaseFactory,
    TargetFactory,
    UnitFactory,
    user_with,
)
from units import storage
from units.models import Household, Unit, User

NOW = datetime(2024, 12, 16, 3, 0, tzinfo=UTC)
PROPOSED = datetime(2024, 12, 2, 3, 0, tzinfo=UTC)
HELD_ON = date(2024, 12, 5)
LETTER_ON = date(2024, 12, 10)
Part = DossierRequirement.Part
PARTS = {
    Part.LETTER: "Tờ trình đề nghị khen thưởng",
    Part.MINUTES: "Biên bản họp xét",
    Part.ACHIEVEMENT_REPORT: "Báo cáo thành tích",
    Part.SUMMARY: "Bản tóm tắt thành tích",
    Part.CAMPAIGN_REPORT: "Báo cáo kết quả phong trào",
    Part.LAUNCH_PLAN: "Kế hoạch phát động của đơn vị",
}


def pdf_file(*lines: str, pages: int = 1) -> BytesIO:
    """A small real PDF whose pages carry `lines` as text."""
    pdf = pikepdf.new()
    for number in range(1, pages + 1):
        page = pdf.add_blank_page(page_size=(595, 842))
        font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1,
                                  BaseFont=pikepdf.Name.Helvetica)  # fmt: skip
        page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
        text = " ".join([*lines, f"page {number}"])
        page.Contents = pdf.make_stream(f"BT /F1 14 Tf 72 700 Td ({text}) Tj ET".encode())
    file = BytesIO()
    pdf.save(file)
    file.seek(0)
    return file


def picture() -> BytesIO:
    file = BytesIO()
    Image.new("RGB", (120, 160), "white").save(file, "PNG")
    file.seek(0)
    return file


def upload(content: BytesIO, name: str) -> dict[str, Any]:
    """The keyword arguments of `add_part` for a file."""
    return {"upload": content, "name": name, "size": len(content.getvalue())}


@dataclass
class Stage:
    """The department issues the plan and runs it; its branch takes part and proposes."""

    department: Unit = field(init=False)
    branch: Unit = field(init=False)
    campaign: Campaign = field(init=False)
    period: Period = field(init=False)
    ratio: Indicator = field(init=False)
    story: Indicator = field(init=False)
    question: Indicator = field(init=False)
    form: AwardForm = field(init=False)
    people: Quota = field(init=False)
    teams: Quota = field(init=False)
    award_round: AwardRound = field(init=False)
    head: User = field(init=False)
    secretary: User = field(init=False)
    verifier: User = field(init=False)
    papers: dict[str, DossierRequirement] = field(default_factory=dict)

    def __post_init__(self) -> None:
        province = UnitFactory(
            ref="tinh",
            name="Ủy ban nhân dân tỉnh Đồng Tháp",
            short_name="UBND tỉnh Đồng Tháp",
            place="Đồng Tháp",
        )
        self.department = UnitFactory(
            ref="so", name="Sở Nông nghiệp và Phát triển nông thôn", short_name="Sở NN&PTNT",
            symbol="SNN", parent=province,
        )  # fmt: skip
        self.branch = UnitFactory(
            ref="so.chi-cuc", name="Chi cục Thủy lợi", symbol="CCTL", parent=self.department
        )
        self.head = user_with("head_of_unit", self.branch, full_name="Lê Quốc Điền")
        self.verifier = user_with("standing_agency", self.department, full_name="Võ Thành Nữa")
        self.secretary = user_with("council_secretary", self.department)
        self._plan()
        self._awards()

    def _plan(self) -> None:
        criteria = CriteriaSetFactory()
        self.campaign = CampaignFactory(
            ref="ke-hoach",
            issuer=self.department,
            title="Kế hoạch tổ chức phong trào thi đua chuyển đổi số ngành nông nghiệp",
            short_title="Chuyển đổi số ngành nông nghiệp",
            doc_number="207",
            doc_symbol="KH-SNN",
            issued_on=date(2022, 6, 7),
            criteria_set=criteria,
        )
        self.period = PeriodFactory(campaign=self.campaign)
        group = GroupFactory(criteria_set=criteria, name="Tập thể")
        self.ratio = IndicatorFactory(
            group=group, code="CT01", name="Tỷ lệ văn bản được ký số", order=1
        )
        TargetFactory(indicator=self.ratio, operator=">", value=90)
        self.story = IndicatorFactory(
            group=group, code="CT02", name="Điển hình tiên tiến", kind="narrative", order=2,
            numerator_label="", denominator_label="",
        )  # fmt: skip
        nominees = GroupFactory(
            criteria_set=criteria,
            name="Cá nhân",
            subject_kind=Group.SubjectKind.INDIVIDUAL,
            measured=Group.Measured.NOMINEE,
        )
        self.question = IndicatorFactory(
            group=nominees, code="TC1", name="Có sáng kiến được công nhận", kind="qualitative",
            numerator_label="", denominator_label="",
        )  # fmt: skip
        enrol_units(
            self.campaign, [self.branch], actor=self.verifier, now=NOW, on=date(2022, 6, 30)
        )

    def _awards(self) -> None:
        phase = PhaseFactory(campaign=self.campaign, ref="tong-ket", name="Tổng kết")
        self.form = AwardForm.objects.create(
            ref="giay-khen",
            name="Giấy khen của Giám đốc Sở",
            short_name="Giấy khen",
            rank=4,
            authority="Giám đốc Sở Nông nghiệp và Phát triển nông thôn",
        )
        common = {"campaign": self.campaign, "phase": phase, "award_form": self.form}
        self.teams = Quota.objects.create(
            ref="tap-the", recipient_kind="collective", basis="fixed", number=5, order=1, **common
        )
        self.people = Quota.objects.create(
            ref="ca-nhan", recipient_kind="individual", basis="fixed", number=10, order=2, **common
        )
        council = create_council(
            ref="hoi-dong",
            unit=self.department,
            name="Hội đồng Thi đua - Khen thưởng Sở",
            decision="Quyết định số 15/QĐ-SNN ngày 10/01/2022",
            symbol="BB-HĐTĐKT",
            valid_from=date(2022, 1, 10),
            actor=None,
            now=NOW,
        )
        for name, role in (("Đỗ Vũ Hùng", "chair"), ("Phạm Thị Mỹ Dung", "secretary"),
                           ("Nguyễn Thị Đặng Ngữ", "member")):  # fmt: skip
            add_seat(
                council,
                person=PersonFactory(full_name=name),
                role=role,
                post="Lãnh đạo Sở",
                valid_from=date(2022, 1, 10),
                actor=None,
                now=NOW,
            )
        self.award_round = open_round(
            self.campaign,
            phase=phase,
            ref="dot-1",
            name="Tổng kết năm 2024",
            council=council,
            opens_on=date(2024, 12, 1),
            closes_on=date(2024, 12, 31),
            actor=None,
            now=NOW,
        )
        for order, (part, title) in enumerate(PARTS.items(), start=1):
            self.papers[part] = DossierRequirement.objects.create(
                campaign=self.campaign, ref=part.value.replace("_", "-"), order=order, part=part,
                title=title,
            )  # fmt: skip

    # --- acts ------------------------------------------------------------------------------------
    def open(self) -> Dossier:
        return open_dossier(
            self.award_round,
            proposing_unit=self.branch,
            award_form=self.form,
            actor=self.head,
            now=NOW,
        )

    def results_with(self, indicator: Indicator, text: str) -> ResultSheet:
        """The same with an answer in words to one more indicator."""
        return self.results(more=((indicator, {"text": text}),))

    def results(
        self,
        verifier: User | None = None,
        choice: str = "",
        more: Sequence[tuple[Indicator, dict[str, str]]] = (),
    ) -> ResultSheet:
        """The branch's sheet of 2024, verified."""
        sheet = open_sheet(
            Participation.objects.get(campaign=self.campaign, unit=self.branch),
            self.period,
            actor=self.head,
            now=NOW,
        )
        for indicator, typed in (
            (
                self.ratio,
                {"choice": choice, "reason": "Không có văn bản"}
                if choice
                else {"numerator": "95", "denominator": "100"},
            ),
            (self.story, {"text": "Tổ thủy nông ấp Đông Thạnh"}),
            *more,
        ):
            record_result(sheet, indicator, typed, 0, actor=self.head, now=NOW)
        submit_sheet(sheet, actor=self.head, now=NOW)
        return verify_sheet(sheet, actor=verifier or self.verifier, now=NOW)

    def results_by_department(self) -> ResultSheet:
        """Verified where the branch itself stands over the plan."""
        return self.results(user_with("standing_agency", self.branch))

    def person(self, name: str, *, direct: bool = True) -> Nomination:
        """An individual of the branch, proposed."""
        person = add_person(
            full_name=name,
            unit=self.branch,
            title="Chuyên viên",
            gender="male",
            born_on=date(1985, 3, 12),
            home_town="Cao Lãnh, Đồng Tháp",
            actor=self.head,
            now=PROPOSED,
        )
        return self._proposed(
            quota=self.people,
            person=person,
            is_direct_worker=direct,
            is_leader=not direct,
            answers={self.question.pk: (True, "Sáng kiến đo mực nước tự động")},
        )

    def team(self) -> Nomination:
        """The branch itself, proposed."""
        return self._proposed(quota=self.teams, unit=self.branch, answers={
            self.story.pk: (True, "Số hóa 12.340 hồ sơ"),
        })  # fmt: skip

    def household(self, household: Household) -> Nomination:
        quota = Quota.objects.create(
            campaign=self.campaign, phase=self.award_round.phase, award_form=self.form,
            ref="ho", recipient_kind="household", basis="unlimited", order=3,
        )  # fmt: skip
        return self._proposed(quota=quota, household=household)

    def proof(self, nomination: Nomination, file: BytesIO, name: str) -> None:
        """A file beside a nomination, as if it had been put there before it was proposed."""
        blob, clean = storage.keep_upload(file, name=name, size=len(file.getvalue()), now=NOW)
        NominationEvidence.objects.create(
            nomination=nomination, blob=blob, name=clean, uploaded_at=NOW, uploaded_by=self.head
        )

    def meet_again(self) -> None:
        """A second session on the same list, and a verified sheet that was sent back and redone."""
        first = CouncilSession.objects.get()
        again = CouncilSession.objects.create(
            council=first.council, award_round=first.award_round, held_on=HELD_ON,
            recorded_by=self.secretary, state=CouncilSession.State.CLOSED, closed_at=NOW,
        )  # fmt: skip
        tally = first.tallies.all()[0]
        tally.pk, tally.session, tally._state.adding = None, again, True
        tally.save()
        ResultSheet.objects.update(revision=F("revision") + 1)

    def _proposed(self, **nominee: Any) -> Nomination:
        nomination = nominate(
            self.award_round,
            proposing_unit=self.branch,
            achievement="Xuất sắc trong phong trào chuyển đổi số.\nÁp dụng tại 14 trạm bơm.",
            summary="Sáng kiến đo mực nước tự động.",
            achievement_from=date(2022, 1, 1),
            achievement_to=date(2024, 12, 31),
            actor=self.head,
            now=PROPOSED,
            **nominee,
        )
        return propose_nomination(nomination, actor=self.head, now=PROPOSED)

    def meet(self, *nominations: Nomination, passed: bool = True) -> CouncilSession:
        """A session that votes on these and ends."""
        session = open_session(
            self.award_round,
            held_on=HELD_ON,
            opened_at=time(8, 0),
            place="Phòng họp số 1",
            actor=self.secretary,
            now=NOW,
        )
        seats = session.council.seats.values_list("pk", flat=True)
        record_attendance(
            session,
            states=dict.fromkeys(seats, Attendance.State.PRESENT),
            actor=self.secretary,
            now=NOW,
        )
        for nomination in nominations:
            record_tally(
                session,
                nomination=nomination,
                yes=3 if passed else 1,
                no=0 if passed else 2,
                abstained=0,
                absent=0,
                recused=0,
                actor=self.secretary,
                now=NOW,
            )
        waiting = self.award_round.nominations.filter(state=Nomination.State.PROPOSED)
        return close_session(
            session,
            conclusion="Hội đồng thống nhất trình Giám đốc Sở khen thưởng.",
            minutes_number="03",
            ended_at=time(10, 30),
            left_out=list(waiting.values_list("pk", flat=True)),
            actor=self.secretary,
            now=NOW,
        )
