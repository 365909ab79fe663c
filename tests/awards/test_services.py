"""Every act with real rows: what it writes, and what it refuses in which words."""

from datetime import date, time, timedelta
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import Sum
from django.test.utils import CaptureQueriesContext

from awards import services
from awards.models import (
    Attendance,
    Award,
    AwardRound,
    CouncilSeat,
    Nomination,
    NominationAnswer,
    Quota,
    QuotaPosting,
    Tally,
)
from awards.services.plans import amend_quotas
from awards.services.quotas import left_of
from campaigns.models import Campaign, Participation
from tests.awards.factories import (
    LATER,
    LATER_ON,
    NOW,
    TODAY,
    AwardFormFactory,
    CouncilFactory,
    QuotaFactory,
    RoundFactory,
    SeatFactory,
    World,
)
from tests.awards.factories import world as make_world
from tests.dossiers.stage import pdf_file, picture
from tests.factories import (
    CampaignFactory,
    GroupFactory,
    IndicatorFactory,
    ParticipationFactory,
    PersonFactory,
    PhaseFactory,
    PostingFactory,
    UnitFactory,
)
from units.models import AuditEntry, Bloc, BlocMembership, Person, Posting
from units.rules import DomainError

pytestmark = pytest.mark.django_db
PDF = pdf_file("Giấy xác nhận").getvalue()


def ledger(nomination: Nomination) -> list[tuple[str, int]]:
    rows = nomination.postings.order_by("pk")
    return list(rows.values_list("kind", "places"))


def saying(words: str) -> Any:
    return pytest.raises(DomainError, match=words)


# --- councils and rounds -------------------------------------------------------------------------
def test_a_council_is_set_up_with_its_decision(world: World) -> None:
    council = services.create_council(
        ref="hd",
        unit=world.department,
        name="Hội đồng",
        decision="Quyết định 1/QĐ",
        valid_from=date(2024, 1, 1),
        actor=world.standing,
        now=NOW,
    )
    chair = services.add_seat(
        council,
        person=PersonFactory(),
        role=CouncilSeat.Role.CHAIR,
        valid_from=date(2024, 1, 1),
        actor=world.standing,
        now=NOW,
    )
    assert list(council.seats.all()) == [chair]
    entry = AuditEntry.objects.get(action="council.created")
    assert (entry.actor, entry.note) == (world.standing, "Quyết định 1/QĐ")


def test_seats_are_refused_outside_the_council_twice_and_for_a_second_chair(world: World) -> None:
    council = CouncilFactory(valid_from=date(2024, 1, 1))
    person = PersonFactory()

    def seat(**fields: Any) -> CouncilSeat:
        fields = {"person": person, "role": "member", "valid_from": date(2024, 1, 1)} | fields
        return services.add_seat(council, **fields, actor=None, now=NOW)

    with saying("hoạt động từ 01/01/2024 đến nay"):
        seat(valid_from=date(2023, 1, 1))
    seat()
    with saying("đã là thành viên"):
        seat()
    first = PersonFactory()
    seat(role="chair", person=first)
    with saying("đã có Chủ tịch đương nhiệm"):
        seat(role="chair", person=PersonFactory())
    former = seat(role="chair", person=PersonFactory(), valid_to=date(2024, 2, 1))
    assert former.valid_to


def test_a_round_is_opened_closed_and_opened_again(world: World) -> None:
    award_round = services.open_round(
        world.campaign,
        phase=world.phase,
        name="Đợt 2",
        council=world.council,
        opens_on=TODAY,
        actor=world.standing,
        now=NOW,
    )
    assert award_round.ref == f"{world.campaign.ref}-{world.phase.ref}"
    again = services.open_round(
        world.campaign, phase=world.phase, name="Đợt 3", opens_on=TODAY, actor=None, now=NOW
    )
    assert again.ref == f"{award_round.ref}-2"
    closed = services.close_round(award_round, actor=world.standing, now=NOW)
    assert closed.state == AwardRound.State.CLOSED
    until = TODAY + timedelta(days=9)
    opened = services.reopen_round(closed, closes_on=until, actor=world.standing, now=NOW)
    assert (opened.state, opened.closes_on) == (AwardRound.State.OPEN, until)


def test_a_round_is_refused_for_a_draft_a_strange_phase_wrong_days_and_a_taken_ref(
    world: World,
) -> None:
    def opening(**fields: Any) -> AwardRound:
        fields = {"phase": world.phase, "name": "Đợt", "opens_on": TODAY} | fields
        campaign = fields.pop("campaign", world.campaign)
        return services.open_round(campaign, **fields, actor=None, now=NOW)

    with saying("còn là dự thảo"):
        opening(campaign=CampaignFactory(state=Campaign.State.DRAFT))
    with saying("không thuộc kế hoạch"):
        opening(phase=PhaseFactory())
    with saying("trước ngày đầu"):
        opening(closes_on=TODAY - timedelta(days=1))
    with saying("đã dùng"):
        opening(ref=world.round.ref)


def test_a_round_is_not_closed_while_somebody_waits_for_the_vote(world: World) -> None:
    world.propose()
    with saying("còn 1 đề nghị chưa có kết quả"):
        services.close_round(world.round, actor=world.standing, now=NOW)


def test_a_closed_round_and_a_round_out_of_its_days_receive_nothing(world: World) -> None:
    services.close_round(world.round, actor=world.standing, now=NOW)
    with saying("đã kết thúc nên không nhận"):
        world.nominate()
    services.reopen_round(
        world.round, closes_on=TODAY - timedelta(days=1), actor=world.standing, now=NOW
    )
    with saying("nhận đề nghị từ 25/10/2024 đến 23/11/2024; hôm nay là 24/11/2024"):
        world.nominate()
    world.round = RoundFactory(
        campaign=world.campaign, phase=world.phase, opens_on=TODAY + timedelta(days=1)
    )
    with saying("đến khi kết thúc đợt"):
        world.nominate()


# --- places --------------------------------------------------------------------------------------
def test_proposing_takes_a_place_and_every_way_back_releases_it(world: World) -> None:
    quota = world.quota
    nomination = world.propose()
    assert ledger(nomination) == [("use", -1)]
    assert left_of(quota) == 1
    services.return_nomination(nomination, reason="Thiếu số liệu", actor=world.standing, now=NOW)
    assert left_of(quota) == 2
    services.propose_nomination(nomination, actor=world.head, now=NOW)
    services.withdraw_nomination(nomination, actor=world.head, now=NOW)
    assert ledger(nomination) == [("use", -1), ("release", 1), ("use", -1), ("release", 1)]
    assert left_of(quota) == 2
    services.withdraw_nomination(world.nominate(), actor=world.head, now=NOW)
    assert left_of(quota) == 2  # a draft held none


def test_the_last_place_is_the_last(world: World) -> None:
    world.propose()
    world.propose()
    third = world.nominate()
    with saying(r"đã hết chỗ \(2 chỗ đều đã có đề nghị\)"):
        services.propose_nomination(third, actor=world.head, now=NOW)
    third.refresh_from_db()
    assert third.state == Nomination.State.DRAFT
    assert left_of(world.quota) == 0


def test_what_is_allotted_later_waits_for_its_document() -> None:
    world = make_world(basis=Quota.Basis.LATER)
    nomination = world.nominate()  # a draft is legal
    with saying("ghi “phân bổ sau” và chưa có văn bản phân bổ"):
        services.propose_nomination(nomination, actor=world.head, now=NOW)
    posting = services.allot_quota(
        world.quota,
        places=1,
        document="5/TB-SNN",
        document_on=TODAY,
        is_sample=True,
        actor=world.standing,
        now=NOW,
    )
    assert posting.is_sample
    services.propose_nomination(nomination, actor=world.head, now=NOW)
    with saying(r"đã hết chỗ \(1 chỗ"):
        services.propose_nomination(world.nominate(), actor=world.head, now=NOW)


def test_allotting_is_refused_for_a_stated_number_without_paper_and_for_tomorrow() -> None:
    fixed = make_world()
    later = make_world(basis=Quota.Basis.LATER)

    def allot(quota: Quota, **fields: Any) -> QuotaPosting:
        fields = {"places": 3, "document": "5/TB", "document_on": TODAY} | fields
        return services.allot_quota(quota, **fields, actor=None, now=NOW)

    with saying("Điều chỉnh kế hoạch nếu số lượng thay đổi"):
        allot(fixed.quota)
    for wrong in ({"places": 0}, {"document": " "}):
        with saying("phải ghi số chỗ từ 1 trở lên"):
            allot(later.quota, **wrong)
    with saying("sau hôm nay"):
        allot(later.quota, document_on=TODAY + timedelta(days=1))


def test_only_places_nobody_uses_are_taken_back() -> None:
    world = make_world(basis=Quota.Basis.LATER)
    paper = {"document": "5/TB", "document_on": TODAY, "actor": world.standing, "now": NOW}
    services.allot_quota(world.quota, places=3, **paper)
    world.propose()
    with saying("chỉ còn 2 chỗ chưa dùng, không thu hồi được 3"):
        services.withdraw_places(world.quota, places=3, **paper)
    services.withdraw_places(world.quota, places=2, **paper)
    assert left_of(world.quota) == 0


@pytest.mark.parametrize("basis", ["unlimited", "guidance", "own"])
def test_what_has_no_number_is_not_limited(basis: str) -> None:
    world = make_world(basis=basis)
    nominations = [world.propose() for _ in range(3)]
    services.withdraw_nomination(nominations[0], actor=world.head, now=NOW)
    assert ledger(nominations[0]) == [("use", -1), ("release", 1)]
    assert [ledger(one) for one in nominations[1:]] == [[("use", -1)]] * 2


def test_an_amendment_that_sets_a_number_counts_what_was_proposed_without_one() -> None:
    world = make_world(basis=Quota.Basis.UNLIMITED)
    for _ in range(3):
        world.propose()

    def amend(number: int) -> int:
        row = {"ref": world.quota.ref, "basis": "fixed", "number": number, "note": ""}
        return amend_quotas(world.campaign, rows=[row], actor=None, now=NOW)

    with saying("điều chỉnh còn 2 thì thiếu 1 chỗ"):
        amend(2)
    assert amend(3) == 1
    world.quota.refresh_from_db()
    assert left_of(world.quota) == 0
    with saying("đã hết chỗ"):
        world.propose()


def test_a_child_plans_nominations_use_the_parents_places() -> None:
    world = make_world(basis=Quota.Basis.UNLIMITED)
    top = QuotaFactory(number=5)
    middle = QuotaFactory(number=1, parent=top)
    Quota.objects.filter(pk=world.quota.pk).update(parent=middle, upward=True)
    world.quota.refresh_from_db()
    nomination = world.propose()
    held = {posting.quota_id: posting.places for posting in nomination.postings.all()}
    assert held == {top.pk: -1, middle.pk: -1, world.quota.pk: -1}
    full = world.nominate()
    with saying(f"kế hoạch “{middle.campaign}” đã hết chỗ"):
        services.propose_nomination(full, actor=world.head, now=NOW)
    assert not full.postings.exists()  # all or nothing
    services.withdraw_nomination(nomination, actor=world.head, now=NOW)
    assert (left_of(top), left_of(middle)) == (5, 1)


def test_a_circle_of_quotas_does_not_hang(world: World) -> None:
    other = QuotaFactory(parent=world.quota, number=1)
    Quota.objects.filter(pk=world.quota.pk).update(parent=other)
    world.quota.refresh_from_db()
    world.propose()
    assert left_of(other) == 0


# --- who may be nominated ------------------------------------------------------------------------
def test_exactly_one_nominee_by_the_service_and_by_the_table(world: World) -> None:
    with saying("mỗi đề nghị chỉ cho đúng một tập thể"):
        world.nominate(unit=None)
    with saying("mỗi đề nghị chỉ cho đúng một tập thể"):
        world.nominate(person=PersonFactory())
    nomination = world.nominate()
    for wrong in ({"person": PersonFactory()}, {"unit": None}):
        with (
            pytest.raises(IntegrityError, match="nomination_has_one_nominee"),
            transaction.atomic(),
        ):
            Nomination.objects.filter(pk=nomination.pk).update(**wrong)


def test_a_quota_of_another_phase_is_refused(world: World) -> None:
    with saying("không thuộc giai đoạn của đợt xét"):
        world.nominate(quota=QuotaFactory(campaign=world.campaign))
    with saying("không thuộc giai đoạn của đợt xét"):
        world.nominate(quota=QuotaFactory(phase=world.phase))


def test_enrolment_is_the_precondition(world: World) -> None:
    stranger = UnitFactory(parent=world.department)
    with saying("chưa tham gia kế hoạch"):
        world.nominate(proposing_unit=stranger, unit=stranger)
    Participation.objects.update(left_on=TODAY - timedelta(days=1))
    with saying("chưa tham gia kế hoạch"):
        world.nominate()
    Participation.objects.update(left_on=TODAY)
    draft = world.nominate()
    Participation.objects.update(registered_on=TODAY + timedelta(days=1), left_on=None)
    with saying("chưa tham gia kế hoạch"):
        services.propose_nomination(draft, actor=world.head, now=NOW)


def test_a_unit_proposes_its_own_and_who_runs_the_plan_proposes_any_member(world: World) -> None:
    other = UnitFactory(parent=world.department)
    ParticipationFactory(campaign=world.campaign, unit=other)
    with saying("không thuộc"):
        world.nominate(unit=other)
    assert world.nominate(proposing_unit=world.department, unit=other)
    with saying("chưa tham gia kế hoạch"):
        world.nominate(proposing_unit=world.department, unit=UnitFactory())


def test_the_blocs_leader_of_the_year_proposes_for_its_members(world: World) -> None:
    leader, member = UnitFactory(), UnitFactory()
    ParticipationFactory(campaign=world.campaign, unit=member)
    bloc = Bloc.objects.create(ref="khoi", name="Khối", organiser=world.department)
    BlocMembership.objects.create(bloc=bloc, unit=leader, year=TODAY.year, role="head")
    world.campaign.bloc = bloc
    world.campaign.save()
    world.round.refresh_from_db()
    assert world.nominate(proposing_unit=leader, unit=member)


def test_a_body_that_has_ended_is_not_commended(world: World) -> None:
    ended = UnitFactory(parent=world.unit, valid_to=TODAY - timedelta(days=1))
    with saying("đã kết thúc hoạt động ngày 23/11/2024"):
        world.nominate(unit=ended)
    last_day = UnitFactory(parent=world.unit, valid_to=TODAY)
    assert world.nominate(unit=last_day)
    world.unit.valid_to = TODAY - timedelta(days=1)
    world.unit.save()
    with saying("Lập đề nghị cho đơn vị kế thừa"):
        world.nominate(unit=UnitFactory(parent=world.unit))


def test_one_live_nomination_a_nominee_and_award(world: World) -> None:
    first = world.propose()
    with saying(f"đã được “{world.unit}” đề nghị"):
        world.nominate(unit=first.unit)
    services.withdraw_nomination(first, actor=world.head, now=NOW)
    assert world.nominate(unit=first.unit)


def test_the_post_and_the_role_are_those_of_the_day() -> None:
    world = make_world(recipient_kind="individual")
    person = PersonFactory()
    PostingFactory(person=person, unit=UnitFactory(), title="Giám đốc", is_leader=True)
    PostingFactory(person=person, unit=world.unit, title="Phó trưởng phòng", is_leader=True)
    PostingFactory(
        person=person, unit=world.unit, title="Trưởng phòng", valid_from=TODAY + timedelta(days=1)
    )
    nomination = world.nominate(person=person, is_direct_worker=None)
    assert nomination.post == f"Phó trưởng phòng, {world.unit.name}"
    assert (nomination.is_leader, nomination.is_direct_worker) == (True, False)
    worker = PostingFactory(unit=world.unit, is_leader=True).person
    declared = world.nominate(person=worker, post="Tổ trưởng", is_direct_worker=True)
    assert (declared.post, declared.is_leader) == ("Tổ trưởng", False)
    plain = PostingFactory(unit=world.unit).person
    undeclared = world.nominate(person=plain, is_direct_worker=None)
    assert (undeclared.is_leader, undeclared.is_direct_worker) == (False, None)
    with saying("Một người được tính hoặc là"):
        world.nominate(
            person=PostingFactory(unit=world.unit).person, is_direct_worker=True, is_leader=True
        )


def test_a_person_without_a_post_on_the_day_is_refused() -> None:
    world = make_world(recipient_kind="individual")
    person = PostingFactory(unit=world.unit, valid_to=TODAY - timedelta(days=1)).person
    with saying("không giữ chức vụ nào trong ngày 24/11/2024"):
        world.nominate(person=person)


def test_somebody_who_left_meanwhile_is_proposed_under_the_post_as_copied() -> None:
    world = make_world(recipient_kind="individual")
    nomination = world.nominate()
    Posting.objects.update(valid_to=TODAY - timedelta(days=1))
    done = services.propose_nomination(nomination, actor=world.head, now=NOW)
    assert done.state == Nomination.State.PROPOSED


def test_a_household_of_the_area_is_nominated() -> None:
    world = make_world(recipient_kind="household")
    home = services.add_household(
        head_name="Nguyễn Văn Bé", address="Ấp 1", unit=world.unit, actor=world.head, now=NOW
    )
    nomination = world.propose(household=home)
    assert nomination.nominee_name == "Hộ Nguyễn Văn Bé"
    assert (nomination.is_direct_worker, nomination.post) == (None, "")


def test_people_and_households_are_named_while_nominating() -> None:
    world = make_world(recipient_kind="individual")
    common = {"proposing_unit": world.unit, "nominee": None, "actor": world.head, "now": NOW}
    nomination = services.nominate_by_name(
        world.round,
        quota=world.quota,
        new={"full_name": "Lê Thị Mới", "title": "Chuyên viên"},
        is_direct_worker=True,
        is_leader=False,
        **common,
    )
    assert nomination.person
    assert nomination.person.folded == "le thi moi"
    assert nomination.post == f"Chuyên viên, {world.unit.name}"
    homes = QuotaFactory(
        campaign=world.campaign, phase=world.phase, recipient_kind="household", number=1
    )
    new = {"head_name": "Trần Văn Năm", "address": "Ấp 2"}
    assert services.nominate_by_name(world.round, quota=homes, new=new, **common).household
    collectives = QuotaFactory(campaign=world.campaign, phase=world.phase)
    chosen = common | {"nominee": world.unit}
    assert services.nominate_by_name(world.round, quota=collectives, new={}, **chosen).unit
    with saying("Chọn một tập thể"):
        services.nominate_by_name(world.round, quota=collectives, new={}, **common)


def test_nobody_is_put_on_record_twice(world: World) -> None:
    fields: dict[str, Any] = {"title": "Chuyên viên", "unit": world.unit, "actor": None, "now": NOW}
    first = services.add_person(full_name="Lê Thị Mới", **fields)
    with saying("đã có trong danh sách"):
        services.add_person(full_name=" lê thị mới ", **fields)
    second = services.add_person(full_name="Lê Thị Mới", born_on=date(1990, 1, 1), **fields)
    assert (first.ref, second.ref) == ("le-thi-moi", "le-thi-moi-2")
    assert first.postings.get().valid_from == TODAY
    sample = services.add_person(full_name="***", is_sample=True, **fields)
    assert sample.ref == "khong-ten"
    assert sample.postings.get().valid_from is None


# --- answers and editing -------------------------------------------------------------------------
@pytest.fixture
def criteria(world: World) -> dict[str, Any]:
    """Criteria of nominees, of each unit, of others."""
    ruler = world.campaign.criteria_set
    named = GroupFactory(criteria_set=ruler, measured="nominee")
    each = GroupFactory(criteria_set=ruler, measured="each")
    people = GroupFactory(criteria_set=ruler, measured="nominee", subject_kind="individual")
    elsewhere = GroupFactory(criteria_set=ruler, measured="nominee")
    elsewhere.units.add(UnitFactory())
    return {
        "nominee": IndicatorFactory(group=named, kind="yes_no"),
        "quality": IndicatorFactory(group=each, kind="qualitative"),
        "ratio": IndicatorFactory(group=each, kind="ratio"),
        "person": IndicatorFactory(group=people, kind="qualitative"),
        "elsewhere": IndicatorFactory(group=elsewhere, kind="yes_no"),
    }


def edit(world: World, nomination: Nomination, **fields: Any) -> Nomination:
    fields = {
        "version": nomination.revision,
        "post": "",
        "is_direct_worker": None,
        "is_leader": None,
        "achievement": "Việc đã làm.",
        "summary": "",
        "achievement_from": None,
        "achievement_to": None,
        "answers": {},
    } | fields
    return services.edit_nomination(nomination, **fields, actor=world.head, now=NOW)


def test_the_plans_criteria_for_the_nominee_must_be_answered(
    world: World, criteria: dict[str, Any]
) -> None:
    nomination = world.nominate(answers={criteria["nominee"].pk: (True, "")})
    code = criteria["quality"].code
    with saying(f"còn thiếu: trả lời tiêu chuẩn {code}"):
        services.propose_nomination(nomination, actor=world.head, now=NOW)
    edit(world, nomination, answers={criteria["quality"].pk: (None, "Có mô hình.")})
    assert set(NominationAnswer.objects.values_list("meets", "text")) == {
        (True, ""),
        (None, "Có mô hình."),
    }
    services.propose_nomination(nomination, actor=world.head, now=NOW)
    for strange in ("ratio", "person", "elsewhere"):
        with saying("không áp dụng"):
            world.nominate(answers={criteria[strange].pk: (True, "")})


def test_a_criterion_that_asks_for_proof_is_not_proposed_without_a_file(
    world: World, criteria: dict[str, Any]
) -> None:
    asking = criteria["nominee"]
    asking.evidence_required = True
    asking.save()
    nomination = world.nominate(
        answers={asking.pk: (True, ""), criteria["quality"].pk: (None, "Có mô hình.")}
    )

    def propose() -> Nomination:
        return services.propose_nomination(nomination, actor=world.head, now=NOW)

    wanted = saying(f"còn thiếu: tài liệu kèm theo cho tiêu chuẩn {asking.code}. ")
    with wanted:
        propose()
    fields: dict[str, Any] = {"actor": world.head, "now": NOW}
    upload = {"upload": BytesIO(PDF), "name": "a.pdf", "size": len(PDF)}
    file = services.add_evidence(nomination, **upload, **fields)
    services.remove_evidence(file, **fields)
    with wanted:
        propose()
    upload["upload"] = BytesIO(PDF)
    services.add_evidence(nomination, **upload, **fields)
    assert propose().state == Nomination.State.PROPOSED


def test_a_draft_says_everything_that_is_missing() -> None:
    world = make_world(recipient_kind="individual")
    nomination = world.nominate(achievement=" ", is_direct_worker=None)
    with saying("nội dung thành tích; vai trò trong phong trào"):
        services.propose_nomination(nomination, actor=world.head, now=NOW)


def test_a_newer_version_is_not_overwritten(world: World) -> None:
    nomination = world.nominate()
    edit(world, nomination, achievement="Bản của người khác.")
    with saying(r"vừa được người khác sửa \(lần 2\)"):
        edit(world, nomination, version=1)
    nomination.refresh_from_db()
    assert nomination.achievement == "Bản của người khác."
    with saying("hoặc là người trực tiếp"):
        edit(world, nomination, is_direct_worker=True, is_leader=True)


def test_only_a_draft_is_changed(world: World) -> None:
    nomination = world.propose()
    with saying("chỉ bản đang soạn"):
        edit(world, nomination)
    with saying("chỉ bản đang soạn"):
        services.propose_nomination(nomination, actor=world.head, now=NOW)
    services.return_nomination(nomination, reason="Sửa", actor=world.standing, now=NOW)
    nomination.refresh_from_db()
    assert nomination.return_reason == "Sửa"
    edit(world, nomination)
    assert services.propose_nomination(nomination, actor=world.head, now=NOW).return_reason == ""


def test_sending_back_needs_a_reason_and_a_proposal(world: World) -> None:
    nomination = world.propose()
    with saying("phải ghi lý do"):
        services.return_nomination(nomination, reason=" ", actor=world.standing, now=NOW)
    services.return_nomination(nomination, reason="Sửa", actor=world.standing, now=NOW)
    with saying("không trả lại được"):
        services.return_nomination(nomination, reason="Sửa", actor=world.standing, now=NOW)


def test_what_was_forwarded_is_not_withdrawn(world: World) -> None:
    nomination = world.forwarded()
    with saying("Không thể chuyển"):
        services.withdraw_nomination(nomination, actor=world.head, now=LATER)
    assert left_of(world.quota) == 1


@pytest.mark.parametrize(
    ("data", "name", "told"),
    [
        (PDF[:-200], "sang-kien.pdf", "“sang-kien.pdf” không phải PDF hoặc bị hỏng"),
        (picture().getvalue()[:60], "anh.png", "“anh.png” không phải ảnh PNG, JPEG hoặc bị hỏng"),
    ],
)
def test_a_damaged_file_is_refused_when_it_is_put_beside_a_nomination(
    world: World, data: bytes, name: str, told: str
) -> None:
    nomination = world.nominate()
    upload = {"upload": BytesIO(data), "name": name, "size": len(data)}
    with saying(told):
        services.add_evidence(nomination, **upload, actor=world.head, now=NOW)
    assert not nomination.evidence.exists()


def test_files_of_word_have_no_pages_to_check_and_pictures_have(world: World) -> None:
    nomination, file = world.nominate(), BytesIO()
    with ZipFile(file, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    for data, name in ((file.getvalue(), "a.docx"), (picture().getvalue(), "a.png")):
        upload = {"upload": BytesIO(data), "name": name, "size": len(data)}
        services.add_evidence(nomination, **upload, actor=world.head, now=NOW)
    assert nomination.evidence.count() == 2


def test_files_stand_beside_a_draft_and_leave_a_trace(world: World) -> None:
    nomination = world.nominate()

    def add(data: bytes = PDF) -> Any:
        return services.add_evidence(
            nomination,
            upload=BytesIO(data),
            name="Sáng kiến.pdf",
            size=len(data),
            actor=world.head,
            now=NOW,
        )

    file = add()
    nomination.refresh_from_db()
    assert (file.name, nomination.revision) == ("Sáng kiến.pdf", 2)
    services.note_download(file, actor=world.head, now=NOW)
    services.remove_evidence(file, actor=world.head, now=NOW)
    services.remove_evidence(file, actor=world.head, now=NOW)  # twice is once
    nomination.refresh_from_db()
    assert nomination.revision == 3
    actions = AuditEntry.objects.filter(action__contains="evidence").order_by("pk")
    assert list(actions.values_list("action", flat=True)) == [
        "nomination.evidence_added",
        "nomination.evidence_taken",
        "nomination.evidence_removed",
    ]
    with saying("không thuộc loại được nhận"):
        add(b"MZ program")
    services.propose_nomination(nomination, actor=world.head, now=NOW)
    with saying("chỉ bản đang soạn"):
        add()
    with saying("chỉ bản đang soạn"):
        services.remove_evidence(file, actor=world.head, now=NOW)


# --- the council ---------------------------------------------------------------------------------
def test_a_session_needs_a_council_with_votes_and_runs_alone(world: World) -> None:
    def opening(award_round: AwardRound, held_on: date = TODAY) -> Any:
        return services.open_session(award_round, held_on=held_on, actor=world.secretary, now=NOW)

    with saying("chưa giao hội đồng"):
        opening(RoundFactory(campaign=world.campaign, phase=world.phase))
    with saying("không có thành viên nào có quyền biểu quyết"):
        opening(world.round, date(2021, 1, 1))
    opening(world.round)
    with saying("ngày 24/11/2024 của đợt xét này chưa kết thúc"):
        opening(world.round)
    closed = RoundFactory(
        campaign=world.campaign, phase=world.phase, council=world.council, state="closed"
    )
    with saying("Mở lại đợt xét"):
        opening(closed)


def test_attendance_is_of_the_seats_of_the_day(world: World) -> None:
    session = world.session()
    world.attend(session, absent=2)
    assert session.attendance.filter(state=Attendance.State.PRESENT).count() == 4
    world.attend(session)
    assert session.attendance.count() == 6  # said again, not twice
    former = SeatFactory(council=world.council, valid_to=TODAY)
    with saying("không là thành viên hội đồng trong ngày họp"):
        services.record_attendance(
            session, states={former.pk: "present"}, actor=world.secretary, now=LATER
        )


def test_a_tally_decides_by_the_forms_rule(world: World) -> None:
    nomination, other = world.propose(), world.propose()
    session = world.session()
    tally = world.tally(session, nomination, yes=4, absent=1)
    nomination.refresh_from_db()
    assert (tally.members, tally.passed, nomination.state) == (5, True, "passed")
    assert tally.rate == 80
    assert tally.rule["needed"] == 4
    failed = world.tally(session, other, yes=3, recused=1, absent=1)
    other.refresh_from_db()
    assert (failed.passed, other.state) == (False, "not_passed")
    assert ledger(other) == [("use", -1), ("release", 1)]


def test_five_counts_add_up_to_those_who_may_vote_on_the_day(world: World) -> None:
    nomination = world.propose()
    session = world.session()
    with saying("cộng lại được 6, phải đúng bằng 5 thành viên"):
        world.tally(session, nomination, yes=5, absent=1)
    with saying("không được âm"):
        world.tally(session, nomination, yes=6, no=-1)
    SeatFactory(council=world.council, valid_from=session.held_on)
    SeatFactory(council=world.council, valid_to=session.held_on - timedelta(days=1))
    assert world.tally(session, nomination, yes=6).members == 6


def counted(world: World, session: Any, nomination: Nomination, **counts: int) -> Tally:
    """A tally on the attendance as it stands."""
    counts = {"yes": 0, "no": 0, "abstained": 0, "absent": 0, "recused": 0} | counts
    return services.record_tally(
        session, nomination=nomination, **counts, actor=world.secretary, now=LATER
    )


def test_a_tally_waits_for_the_attendance_of_those_who_vote(world: World) -> None:
    nomination, session = world.propose(), world.session()
    with saying(r"Chưa điểm danh 5 thành viên có quyền biểu quyết \(.*\). Lưu điểm danh trước"):
        counted(world, session, nomination, yes=5)
    voters = world.council.seats.filter(votes=True)
    services.record_attendance(
        session,
        states=dict.fromkeys(voters.values_list("pk", flat=True), "present"),
        actor=world.secretary,
        now=LATER,
    )
    assert counted(world, session, nomination, yes=5).passed  # the secretary has no vote


def test_absent_is_who_was_not_there(world: World) -> None:
    nomination, session = world.propose(), world.session()
    world.attend(session, absent=2, secretary="absent")
    for absent in (0, 1, 3):
        with saying(f"ghi {absent} người vắng mặt, còn điểm danh có 2 trên 5 thành viên"):
            counted(world, session, nomination, yes=5 - absent, absent=absent)
    assert not Tally.objects.exists()
    tally = counted(world, session, nomination, yes=1, abstained=1, recused=1, absent=2)
    assert (tally.absent, tally.recused) == (2, 1)


def test_a_session_does_not_end_while_tallies_contradict_the_attendance(world: World) -> None:
    """A mistaken attendance may be mended, and then what was counted on it."""
    nomination, session = world.propose(), world.session()
    world.tally(session, nomination)
    assert not services.record_attendance(session, states={}, actor=world.secretary, now=LATER)
    voter = world.council.seats.filter(votes=True).last()
    stale = services.record_attendance(
        session, states={voter.pk: "absent"}, actor=world.secretary, now=LATER
    )
    assert [tally.nomination for tally in stale] == [nomination]

    def close() -> Any:
        return services.close_session(session, actor=world.secretary, now=LATER)

    with saying(
        r"Điểm danh có 1 trên 5 thành viên .* vắng mặt, nhưng 1 kết quả kiểm phiếu .*"
        f"{nomination}.* Sửa số vắng mặt"
    ):
        close()
    counted(world, session, nomination, yes=4, absent=1)
    assert close().state == "closed"


def test_a_session_does_not_end_while_tallies_miss_somebody_who_votes(world: World) -> None:
    nomination, session = world.propose(), world.session()
    world.tally(session, nomination)
    SeatFactory(council=world.council)
    world.attend(session)
    with saying("có 0 trên 6 thành viên"):
        services.close_session(session, actor=world.secretary, now=LATER)


def test_while_the_session_is_open_a_tally_is_corrected_and_the_place_follows(
    world: World,
) -> None:
    nomination = world.propose()
    session = world.session()
    world.tally(session, nomination, yes=3, no=2)
    world.tally(session, nomination, yes=4, no=1)
    nomination.refresh_from_db()
    assert nomination.state == "passed"
    assert ledger(nomination) == [("use", -1), ("release", 1), ("use", -1)]
    world.tally(session, nomination, yes=5)  # the same outcome
    world.tally(session, nomination, yes=1, no=4)
    nomination.refresh_from_db()
    assert nomination.state == "not_passed"
    assert Tally.objects.get().yes == 1
    corrections = AuditEntry.objects.filter(action="tally.corrected").order_by("pk")
    assert [entry.data["yes"] for entry in corrections] == [[3, 4], [4, 5], [5, 1]]


def test_a_corrected_tally_needs_a_place_and_nobody_proposed_anew(world: World) -> None:
    nomination = world.propose()
    session = world.session()
    world.tally(session, nomination, yes=0, no=5)
    anew = world.nominate(unit=nomination.unit)
    with saying("đã được đề nghị lại"):
        world.tally(session, nomination)
    services.withdraw_nomination(anew, actor=world.head, now=NOW)
    world.propose()
    world.propose()
    with saying("đã hết chỗ"):
        world.tally(session, nomination)
    nomination.refresh_from_db()
    assert nomination.state == "not_passed"


def test_a_tally_is_refused_for_what_is_not_before_the_session(world: World) -> None:
    session = world.session()
    with saying("không chờ phiên họp này biểu quyết"):
        world.tally(session, world.nominate())
    nomination = world.propose()
    with saying("chưa diễn ra"):
        world.tally(session, nomination, now=NOW)
    stranger = make_world().propose()
    with saying("không thuộc đợt xét"):
        world.tally(session, stranger)
    Nomination.objects.filter(pk=nomination.pk).update(proposed_at=LATER + timedelta(days=1))
    with saying("sau ngày họp 25/11/2024"):
        world.tally(session, nomination)


def test_one_session_does_not_correct_another(world: World) -> None:
    nomination = world.passed()
    second = world.session()
    with saying("không chờ phiên họp này biểu quyết"):
        world.tally(second, nomination)


def test_where_the_chair_must_agree_it_is_said(world: World) -> None:
    form = AwardFormFactory(chair_must_agree=True)
    quota = QuotaFactory(campaign=world.campaign, phase=world.phase, award_form=form)
    nomination, plain = world.propose(quota=quota), world.propose()
    session = world.session()
    with saying("ghi rõ chủ tịch đồng ý hay không"):
        world.tally(session, nomination)
    assert not world.tally(session, nomination, yes=4, no=1, chair_agreed=False).passed
    assert world.tally(session, nomination, chair_agreed=True).passed
    assert (
        world.tally(session, plain, chair_agreed=True).chair_agreed is None
    )  # not asked, not kept


def test_a_session_ends_when_everybody_is_marked_and_everything_is_voted_on(world: World) -> None:
    voted = world.propose()
    put_off = [world.propose()]
    session = world.session()

    def close(**fields: Any) -> Any:
        return services.close_session(session, **fields, actor=world.secretary, now=LATER)

    with saying(r"Chưa điểm danh 6 thành viên \(.* và 3 trường hợp khác\)"):
        close()
    world.tally(session, voted)
    with saying(r"Còn 1 đề nghị chưa có kết quả kiểm phiếu"):
        close()
    closed = close(
        left_out=[one.pk for one in put_off],
        minutes_number="05",
        ended_at=time(10, 30),
        conclusion="Thống nhất.",
    )
    assert (closed.state, closed.minutes_number) == ("closed", "05")
    entry = AuditEntry.objects.get(action="councilsession.left_out")
    assert entry.data == {"nominations": [put_off[0].pk]}
    for act in (
        lambda: world.tally(session, put_off[0]),
        lambda: world.attend(session),
        close,
    ):
        with saying("đã kết thúc nên không sửa được nữa"):
            act()
    second = world.session()
    world.tally(second, put_off[0])
    world.close(second)
    assert AuditEntry.objects.filter(action="councilsession.left_out").count() == 1


# --- forwarding and deciding ---------------------------------------------------------------------
def test_what_passed_is_forwarded_after_the_session_and_not_before(world: World) -> None:
    nomination = world.propose()
    session = world.session()
    world.tally(session, nomination)

    def forward(on: date = LATER_ON) -> list[Nomination]:
        return services.forward_nominations([nomination], on=on, actor=world.head, now=LATER)

    with saying("chưa kết thúc. Thư ký kết thúc phiên họp"):
        forward()
    world.close(session)
    with saying("trước ngày hội đồng họp"):
        forward(TODAY)
    with saying("sau hôm nay"):
        forward(LATER_ON + timedelta(days=1))
    [row] = forward()
    assert (row.state, row.forwarded_on) == ("forwarded", LATER_ON)
    draft = world.nominate()
    with saying("Không thể chuyển"):
        services.forward_nominations([draft], on=TODAY, actor=world.head, now=LATER)


def test_a_decision_fills_the_register_with_the_names_of_the_day() -> None:
    world = make_world(recipient_kind="individual")
    nomination = world.forwarded(summary="Số hóa 1.862 hồ sơ.")
    decision = world.decide([nomination])
    award = Award.objects.get()
    person = nomination.person
    assert person
    assert award.recipient_name == person.full_name
    assert award.recipient_post == f"Chuyên viên, {world.unit.name}"
    assert (award.person, award.unit, award.decision) == (person, world.unit, decision)
    assert award.achievement == "Số hóa 1.862 hồ sơ."
    assert "tran thi mau" in award.folded
    Person.objects.update(full_name="Tên Khác")
    award.refresh_from_db()
    assert award.recipient_name != "Tên Khác"
    nomination.refresh_from_db()
    assert nomination.state == "awarded"
    assert QuotaPosting.objects.aggregate(sum=Sum("places"))["sum"] == -1


def test_a_collective_stands_in_the_register_under_itself(world: World) -> None:
    nomination = world.forwarded()
    world.decide([nomination])
    award = Award.objects.get()
    assert award.unit == nomination.unit
    assert award.achievement == nomination.achievement


def test_what_is_refused_gives_its_place_back_and_the_rest_waits(world: World) -> None:
    Quota.objects.update(number=3)
    nominations = [world.propose() for _ in range(3)]
    session = world.session()
    for one in nominations:
        world.tally(session, one)
    world.close(session)
    services.forward_nominations(nominations, on=LATER_ON, actor=world.head, now=LATER)
    given, denied, waiting = nominations
    world.decide([given], refused=[denied])
    states = [Nomination.objects.get(pk=one.pk).state for one in (given, denied, waiting)]
    assert states == ["awarded", "refused", "forwarded"]
    world.quota.refresh_from_db()
    assert left_of(world.quota) == 1
    assert Award.objects.get().nomination == given


def test_places_that_a_decision_gives_back_are_locked_at_once_in_the_order_of_keys(
    world: World,
) -> None:
    """Two decisions that refuse crosswise would else wait for each other for ever."""
    second = QuotaFactory(campaign=world.campaign, phase=world.phase)
    crosswise = [world.propose(quota=second), world.propose(), world.propose()]
    Nomination.objects.update(state="forwarded", forwarded_on=LATER_ON)
    with CaptureQueriesContext(connection) as queries:
        world.decide(crosswise[2:], refused=crosswise[:2])
    locking = [
        query["sql"]
        for query in queries
        if 'FROM "awards_quota" ' in query["sql"] and "FOR NO KEY UPDATE" in query["sql"]
    ]
    assert f"IN ({world.quota.pk}, {second.pk})" in locking[0]
    assert 'ORDER BY "awards_quota"."id" ASC' in locking[0]


def test_a_decision_is_refused_before_its_papers_by_another_office_and_twice(
    world: World,
) -> None:
    Quota.objects.update(number=9)
    world.quota.refresh_from_db()
    nomination = world.forwarded()
    with saying("trước ngày trình hồ sơ"):
        world.decide([nomination], issued_on=TODAY)
    Nomination.objects.update(forwarded_on=TODAY)  # papers that were dated wrongly
    with saying("trước ngày hội đồng họp"):
        world.decide([nomination], issued_on=TODAY)
    with saying("sau hôm nay"):
        world.decide([nomination], issued_on=LATER_ON + timedelta(days=1))
    with saying(f"do “{world.department}” quyết định"):
        world.decide([nomination], unit=UnitFactory())
    with saying("ít nhất một đề nghị"):
        world.decide([])
    with saying("hoặc được tặng hoặc không"):
        world.decide([nomination], refused=[nomination])
    with saying("chỉ đề nghị đã trình"):
        world.decide([world.propose()])
    with saying("chỉ đề nghị đã trình của đợt xét"):
        world.round, kept = RoundFactory(), world.round
        world.decide([nomination])
    world.round = kept
    world.decide([nomination])
    again = world.forwarded()
    with saying("đã được ghi"):
        world.decide([again])


def test_who_decides_follows_the_quota_then_the_head_then_the_council_then_the_issuer(
    world: World,
) -> None:
    province = UnitFactory()
    named = world.forwarded()
    Quota.objects.update(decider=province)
    assert world.decide([named], unit=province).unit == province
    Quota.objects.update(decider=None, basis=Quota.Basis.OWN, number=None)
    world.quota.refresh_from_db()
    own = world.forwarded()
    assert world.decide([own], unit=world.unit, number="13").unit == world.unit
    Quota.objects.update(basis=Quota.Basis.UNLIMITED)
    world.quota.refresh_from_db()
    usual = world.forwarded()
    world.council.unit = UnitFactory()
    world.council.save()
    with saying("quyết định, không phải"):
        world.decide([usual], number="14")
    AwardRound.objects.update(council=None)
    assert world.decide([usual], number="14").unit == world.campaign.issuer


def test_a_nomination_forwarded_without_a_vote_is_decided_after_it_was_sent(world: World) -> None:
    """Older papers may come without a session in the portal."""
    nomination = world.propose()
    Nomination.objects.filter(pk=nomination.pk).update(state="forwarded", forwarded_on=LATER_ON)
    assert world.decide([nomination]).awards.count() == 1


def test_a_nomination_passed_without_a_session_is_forwarded(world: World) -> None:
    nomination = world.propose()
    Nomination.objects.filter(pk=nomination.pk).update(state="passed")
    [row] = services.forward_nominations([nomination], on=TODAY, actor=world.head, now=NOW)
    assert row.forwarded_on == TODAY


def test_every_act_is_on_record(world: World) -> None:
    nomination = world.forwarded()
    world.decide([nomination])
    steps = AuditEntry.objects.filter(subject_type="awards.nomination", subject_id=nomination.pk)
    assert list(steps.order_by("pk").values_list("after", flat=True)) == [
        "",
        "proposed",
        "passed",
        "forwarded",
        "awarded",
    ]
