"""Who may be nominated, and the answers and files of a nomination."""

from datetime import date, timedelta
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from django.db import IntegrityError, transaction

from awards import services
from awards.models import Nomination, NominationAnswer
from awards.services.quotas import left_of
from campaigns.models import Participation
from tests.awards.factories import LATER, NOW, TODAY, QuotaFactory, World, saying
from tests.awards.factories import world as make_world
from tests.dossiers.stage import pdf_file, picture
from tests.factories import (
    GroupFactory,
    IndicatorFactory,
    ParticipationFactory,
    PersonFactory,
    PostingFactory,
    UnitFactory,
)
from units.models import AuditEntry, Bloc, BlocMembership, Posting

pytestmark = pytest.mark.django_db
PDF = pdf_file("Giấy xác nhận").getvalue()


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
