"""Opening, filling, checking and sending a dossier; who may do what."""

from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pikepdf
import pytest
import weasyprint.images  # noqa: F401 makes Pillow patient with torn pictures

from awards.models import AwardForm, AwardRound, CompositionRule, CouncilSeat, Nomination
from dossiers import policies, queries, services
from dossiers.models import Build, Dossier, DossierPart, DossierRequirement
from tests.dossiers.stage import LETTER_ON, NOW, Part, Stage, pdf_file, picture, upload
from tests.factories import CampaignFactory, UnitFactory, UserFactory, user_with
from units.models import AuditEntry, Person
from units.rules import DomainError

pytestmark = pytest.mark.django_db


@pytest.fixture
def stage() -> Stage:
    return Stage()


def letter(stage: Stage, dossier: Dossier, **values: Any) -> Dossier:
    return services.edit_dossier(
        dossier,
        **{
            "letter_number": "12",
            "letter_on": LETTER_ON,
            "signing_capacity": "",
            "signer_title": "Chi cục trưởng",
            "signer_name": "Lê Quốc Điền",
            **values,
        },
        actor=stage.head,
        now=NOW,
    )


def put(stage: Stage, dossier: Dossier, part: str, **more: Any) -> DossierPart:
    file = more.pop("file", None) or pdf_file("A paper")
    return services.add_part(
        dossier,
        requirement=stage.papers[part],
        **upload(file, more.pop("name", "ky.pdf")),
        actor=stage.head,
        now=NOW,
        **more,
    )


def complete(stage: Stage) -> Dossier:
    """A dossier that may be sent."""
    stage.results()
    stage.meet(stage.team(), stage.person("Nguyễn Văn Ưởng"))
    dossier = letter(stage, stage.open())
    put(stage, dossier, Part.LAUNCH_PLAN)
    return dossier


def send(stage: Stage, dossier: Dossier) -> Dossier:
    return services.send_dossier(dossier, actor=stage.head, now=NOW)


def checklist(dossier: Dossier) -> dict[str, tuple[str, str]]:
    dossier = queries.with_names(Dossier.objects.filter(pk=dossier.pk)).get()
    return {
        line.requirement.part: (line.state, line.text) for line in queries.contents(dossier).lines
    }


# --- open, edit ----------------------------------------------------------------------------------
def test_a_unit_has_one_dossier_for_a_form_in_a_round(stage: Stage) -> None:
    dossier = stage.open()
    assert stage.open() == dossier
    assert Dossier.objects.count() == 1
    assert AuditEntry.objects.filter(action="dossier.opened").count() == 1


def test_no_dossier_for_a_form_the_round_does_not_hold(stage: Stage) -> None:
    other = AwardForm.objects.create(ref="khac", name="Bằng khen", short_name="BK", rank=3)
    with pytest.raises(DomainError, match="không xét Bằng khen"):
        services.open_dossier(
            stage.award_round, proposing_unit=stage.branch, award_form=other, actor=stage.head,
            now=NOW,
        )  # fmt: skip


def test_a_round_that_has_ended_takes_no_new_dossier(stage: Stage) -> None:
    dossier = stage.open()
    AwardRound.objects.update(state=AwardRound.State.CLOSED)
    assert stage.open() == dossier  # the one there is stays open to its unit
    Dossier.objects.all().delete()
    with pytest.raises(DomainError, match="đã kết thúc"):
        stage.open()


def test_editing_the_letter_raises_the_revision_once(stage: Stage) -> None:
    dossier = letter(stage, stage.open())
    assert (dossier.revision, dossier.letter_number) == (2, "12")
    assert letter(stage, dossier).revision == 2  # nothing changed
    entry = AuditEntry.objects.get(action="dossier.edited")
    assert entry.data["letter_on"] == "2024-12-10"


# --- papers --------------------------------------------------------------------------------------
def test_the_checklist_says_what_is_there_and_what_is_not(stage: Stage) -> None:
    dossier = stage.open()
    assert checklist(dossier) == {
        Part.LETTER: ("missing", "chưa có đề nghị nào"),
        Part.MINUTES: ("missing", "chưa có đề nghị nào"),
        Part.ACHIEVEMENT_REPORT: ("missing", "chưa có đề nghị nào"),
        Part.SUMMARY: ("missing", "chưa có đề nghị nào"),
        Part.CAMPAIGN_REPORT: (
            "missing",
            "chưa có phiếu kết quả nào của đơn vị được thẩm định",
        ),
        Part.LAUNCH_PLAN: ("missing", "chưa có"),
    }
    stage.results()
    person = stage.person("Nguyễn Văn Ưởng")
    assert checklist(dossier)[Part.MINUTES] == (
        "missing",
        "chưa có phiên họp hội đồng nào kết thúc",
    )
    stage.meet(person)
    put(stage, dossier, Part.LETTER)
    put(stage, dossier, Part.LAUNCH_PLAN, file=picture(), name="ke-hoach.png")
    put(stage, dossier, Part.ACHIEVEMENT_REPORT, nomination=person)
    assert checklist(dossier) == {
        Part.LETTER: ("uploaded", "Đã tải lên 1 tệp, thay bản do cổng lập"),
        Part.MINUTES: ("generated", "Cổng lập từ phiên họp 05/12/2024"),
        Part.ACHIEVEMENT_REPORT: ("generated", "Cổng lập 0 báo cáo, 1 báo cáo tải lên thay"),
        Part.SUMMARY: ("generated", "Cổng lập từ 1 đề nghị"),
        Part.CAMPAIGN_REPORT: ("generated", "Cổng lập từ 1 phiếu kết quả đã thẩm định"),
        Part.LAUNCH_PLAN: ("uploaded", "Đã tải lên 1 tệp"),
    }


def test_a_round_without_a_council_asks_for_signed_minutes(stage: Stage) -> None:
    stage.person("Nguyễn Văn Ưởng")
    AwardRound.objects.update(council=None)
    stage.award_round.refresh_from_db()
    dossier = stage.open()
    assert checklist(dossier)[Part.MINUTES] == ("missing", "đợt xét không có hội đồng trên cổng")
    with pytest.raises(DomainError, match="Đợt xét chưa có hội đồng nên 1 đề nghị"):
        send(stage, dossier)


def test_proofs_count_those_of_the_nominations(stage: Stage) -> None:
    stage.papers[Part.PROOF] = DossierRequirement.objects.create(
        campaign=stage.campaign, ref="chung-minh", order=9, part=Part.PROOF, title="Minh chứng"
    )
    dossier = stage.open()
    assert checklist(dossier)[Part.PROOF] == ("missing", "chưa có")
    nomination = stage.person("Nguyễn Văn Ưởng")
    stage.proof(nomination, pdf_file("x"), "sang-kien.pdf")
    put(stage, dossier, Part.PROOF, nomination=nomination)
    assert checklist(dossier)[Part.PROOF] == ("uploaded", "2 tệp, trong đó 1 tệp ở các đề nghị")


def test_a_dossier_holds_what_its_unit_proposed_for_its_form(stage: Stage) -> None:
    person = stage.person("Nguyễn Văn Ưởng")
    stage.person("Đã rút")
    Nomination.objects.exclude(pk=person.pk).update(state=Nomination.State.WITHDRAWN)
    dossier = stage.open()
    stage.people.award_form = AwardForm.objects.create(
        ref="khac", name="Bằng khen", short_name="BK", rank=3
    )
    held = queries.contents(queries.with_names(Dossier.objects.all()).get(pk=dossier.pk))
    assert held.nominations == [person]
    stage.people.save()
    held = queries.contents(queries.with_names(Dossier.objects.all()).get(pk=dossier.pk))
    assert held.nominations == []
    assert not queries.loose_nominations(queries.key_of(dossier)).exists()


def test_the_checklist_of_many_dossiers_costs_what_one_costs(
    stage: Stage, django_assert_num_queries: Any
) -> None:
    stage.results()
    first = complete_enough(stage)
    other = UnitFactory(parent=stage.department)
    second = Dossier.objects.create(
        award_round=stage.award_round, proposing_unit=other, award_form=stage.form,
        created_at=NOW, created_by=stage.head,
    )  # fmt: skip
    for rows in ([first], [first, second]):
        dossiers = list(queries.with_names(Dossier.objects.filter(pk__in=[r.pk for r in rows])))
        with django_assert_num_queries(9):
            held = queries.contents_of(dossiers)
    assert len(held[first.pk].nominations) == 1
    assert held[second.pk].nominations == []


def complete_enough(stage: Stage) -> Dossier:
    stage.meet(stage.person("Nguyễn Văn Ưởng"))
    return stage.open()


def test_what_may_not_be_put_into_a_dossier(stage: Stage) -> None:
    person = stage.person("Nguyễn Văn Ưởng")
    dossier = stage.open()
    with pytest.raises(DomainError, match="giấy tờ chung của hồ sơ"):
        put(stage, dossier, Part.LETTER, nomination=person)
    Nomination.objects.filter(pk=person.pk).update(state=Nomination.State.WITHDRAWN)
    with pytest.raises(DomainError, match="không nằm trong hồ sơ này"):
        put(stage, dossier, Part.ACHIEVEMENT_REPORT, nomination=person)
    with pytest.raises(DomainError, match="phải là bản quét có chữ ký"):
        put(stage, dossier, Part.LETTER, file=word(), name="to-trinh.docx")
    assert put(stage, dossier, Part.LAUNCH_PLAN, file=word(), name="ke-hoach.docx").pk
    with pytest.raises(DomainError, match="không thuộc loại được nhận"):
        put(stage, dossier, Part.LAUNCH_PLAN, file=BytesIO(b"MZ virus"), name="ke-hoach.pdf")
    stage.papers[Part.LETTER].campaign = CampaignFactory()
    with pytest.raises(DomainError, match="thuộc kế hoạch khác"):
        put(stage, dossier, Part.LETTER)


def word() -> BytesIO:
    file = BytesIO()
    with ZipFile(file, "w") as archive:
        archive.writestr("word/document.xml", "<w:document/>")
    file.seek(0)
    return file


def test_a_paper_taken_out_stays_on_record(stage: Stage) -> None:
    dossier = stage.open()
    part = put(stage, dossier, Part.LAUNCH_PLAN)
    services.remove_part(part, actor=stage.head, now=NOW)
    part.refresh_from_db()
    assert part.removed_at == NOW
    assert checklist(dossier)[Part.LAUNCH_PLAN][0] == "missing"
    dossier.refresh_from_db()
    assert dossier.revision == 3
    with pytest.raises(DomainError, match="đã được gỡ trước đó"):
        services.remove_part(part, actor=stage.head, now=NOW)


# --- send ----------------------------------------------------------------------------------------
def test_sending_takes_the_nominations_with_it(stage: Stage) -> None:
    dossier = complete(stage)
    bind(stage, dossier)
    dossier = send(stage, dossier)
    assert (dossier.state, dossier.sent_by) == (Dossier.State.SENT, stage.head)
    assert {(n.state, n.forwarded_on) for n in Nomination.objects.all()} == {
        (Nomination.State.FORWARDED, LETTER_ON)
    }
    assert set(dossier.nominations.all()) == set(Nomination.objects.all())
    for act in (
        lambda: letter(stage, dossier, letter_number="13"),
        lambda: put(stage, dossier, Part.LETTER),
        lambda: services.remove_part(DossierPart.objects.get(), actor=stage.head, now=NOW),
        lambda: send(stage, dossier),
    ):
        with pytest.raises(DomainError, match="đã trình nên không sửa được nữa"):
            act()


def test_a_version_bound_from_these_papers_is_sent_as_it_is(stage: Stage) -> None:
    dossier = complete(stage)
    bind(stage, dossier)
    send(stage, dossier)
    assert Build.objects.count() == 1


def test_what_has_no_true_bound_copy_is_not_sent(stage: Stage) -> None:
    dossier = complete(stage)
    with pytest.raises(DomainError, match="Chưa lập bản đóng tập nào"):
        send(stage, dossier)
    build = services.request_build(dossier, actor=stage.head, now=NOW)
    with pytest.raises(DomainError, match="Bản 1 đang được lập"):
        send(stage, dossier)
    Build.objects.filter(pk=build.pk).update(
        state=Build.State.FAILED, error="“ky.pdf” bị hỏng.", finished_at=NOW
    )
    with pytest.raises(DomainError, match="Bản 1 lập không thành: “ky"):
        send(stage, dossier)
    bind(stage, dossier)
    put(stage, dossier, Part.LETTER)
    with pytest.raises(DomainError, match="Bản 2 đã cũ, từ khi lập đã thay đổi: giấy tờ"):
        send(stage, dossier)
    dossier.refresh_from_db()
    assert dossier.state == Dossier.State.DRAFT
    assert Build.objects.count() == 2  # refusing asks for nothing by itself
    bind(stage, dossier)
    assert send(stage, dossier).state == Dossier.State.SENT


def test_what_passes_after_the_sending_takes_a_dossier_of_its_own(stage: Stage) -> None:
    dossier = complete(stage)
    bind(stage, dossier)
    send(stage, dossier)
    assert stage.open() == dossier  # nothing is left to send
    late = stage.person("Trần Thị Ngữ")
    stage.meet(late)
    assert late not in held_by(dossier)
    (opening,) = queries.openings(stage.head, stage.campaign)
    assert opening == (stage.award_round, stage.branch, stage.form, 1)
    more = letter(stage, stage.open(), letter_number="13")
    assert more != dossier
    assert str(dossier) == f"Hồ sơ HS-2024-{dossier.pk:03}, Giấy khen, Chi cục Thủy lợi"
    assert str(more) == f"Hồ sơ HS-2024-{more.pk:03}, Giấy khen, Chi cục Thủy lợi"
    assert held_by(more) == [late]
    assert stage.open() == more
    assert queries.openings(stage.head, stage.campaign) == []
    put(stage, more, Part.LAUNCH_PLAN)
    bind(stage, more)
    send(stage, more)
    late.refresh_from_db()
    assert late.state == Nomination.State.FORWARDED
    assert (len(held_by(dossier)), held_by(more)) == (2, [late])
    assert stage.open() == more


def held_by(dossier: Dossier) -> list[Nomination]:
    dossier = queries.with_names(Dossier.objects.filter(pk=dossier.pk)).get()
    return queries.contents(dossier).nominations


def test_receivers_keep_a_dossier_whose_nominations_are_all_refused(stage: Stage) -> None:
    dossier = complete(stage)
    bind(stage, dossier)
    office = user_with("council_secretary", stage.department)
    secretary = stage.secretary
    send(stage, dossier)
    Nomination.objects.update(state=Nomination.State.REFUSED)
    for user in (office, secretary):
        assert list(policies.viewable_dossiers(user)) == [dossier]
    assert len(held_by(dossier)) == 2
    stage.person("Trần Thị Ngữ")
    more = stage.open()
    assert set(policies.viewable_dossiers(office)) == {dossier, more}
    Nomination.objects.filter(state=Nomination.State.PROPOSED).update(
        state=Nomination.State.WITHDRAWN
    )
    assert list(policies.viewable_dossiers(office)) == [dossier]  # an empty draft is its unit's
    assert not policies.viewable_dossiers(user_with("decider", UnitFactory())).exists()


def test_what_was_sent_is_not_bound_a_second_time(stage: Stage) -> None:
    dossier = complete(stage)
    failed = services.request_build(dossier, actor=stage.head, now=NOW)
    Build.objects.update(state=Build.State.FAILED, error="x", finished_at=NOW)
    bind(stage, dossier)
    send(stage, dossier)
    for act in (
        lambda: services.request_build(dossier, actor=stage.head, now=NOW),
        lambda: services.retry_build(failed, actor=stage.head, now=NOW),
    ):
        with pytest.raises(DomainError, match="đã trình kèm bản đóng tập nên không lập bản khác"):
            act()
    assert Build.objects.count() == 2
    Build.objects.filter(state=Build.State.DONE).delete()  # sent without: it must be possible
    again = services.retry_build(failed, actor=stage.head, now=NOW)
    assert again.state == Build.State.QUEUED
    assert services.request_build(dossier, actor=stage.head, now=NOW) == again


def bind(stage: Stage, dossier: Dossier) -> Build:
    """A finished version as a worker would leave it, without the printing."""
    build = services.request_build(dossier, actor=stage.head, now=NOW)
    dossier = queries.with_names(Dossier.objects.filter(pk=dossier.pk)).get()
    blob = DossierPart.objects.all()[0].blob
    build.snapshot = {"revisions": queries.revisions_of(dossier, queries.contents(dossier)).plain()}
    build.state, build.finished_at, build.pdf, build.pages = Build.State.DONE, NOW, blob, 1
    build.save()
    return build


def torn() -> BytesIO:
    return BytesIO(pdf_file("x", pages=3).getvalue()[:-200])


def torn_picture() -> BytesIO:
    return BytesIO(picture().getvalue()[:60])


def locked_file() -> BytesIO:
    file = BytesIO()
    with pikepdf.open(pdf_file("x")) as pdf:
        pdf.save(file, encryption=pikepdf.Encryption(owner="o", user="u"))
    return BytesIO(file.getvalue())


@pytest.mark.parametrize(
    ("file", "name", "told"),
    [
        (torn, "ke-hoach.pdf", "“ke-hoach.pdf” không phải PDF hoặc bị hỏng"),
        (locked_file, "ke-hoach.pdf", "“ke-hoach.pdf” có mật khẩu"),
        (torn_picture, "anh.png", "“anh.png” không phải ảnh PNG, JPEG hoặc bị hỏng"),
    ],
)
def test_a_paper_that_cannot_be_bound_is_refused_at_once(
    stage: Stage, file: Any, name: str, told: str
) -> None:
    dossier = stage.open()
    with pytest.raises(DomainError, match=told):
        put(stage, dossier, Part.LAUNCH_PLAN, file=file(), name=name)
    assert not DossierPart.objects.exists()


REASONS = {
    "Chưa có số tờ trình": {"letter_number": ""},
    "Chưa có ngày tờ trình": {"letter_on": None},
    "Ngày tờ trình 17/12/2024 còn ở phía trước": {"letter_on": date(2024, 12, 17)},
    "trước ngày hội đồng họp": {"letter_on": date(2024, 12, 4)},
}


@pytest.mark.parametrize("reason", REASONS)
def test_sending_is_refused_for_the_letter(stage: Stage, reason: str) -> None:
    dossier = letter(stage, complete(stage), **REASONS[reason])
    bind(stage, dossier)
    with pytest.raises(DomainError, match=reason):
        send(stage, dossier)
    dossier.refresh_from_db()
    assert dossier.state == Dossier.State.DRAFT


def test_sending_names_every_missing_paper_and_whom_the_council_has_not_passed(
    stage: Stage,
) -> None:
    for number in range(6):
        stage.person(f"Nguyễn Văn {number}")
    optional = stage.papers[Part.MINUTES]
    optional.required = False
    optional.save()
    with pytest.raises(DomainError) as refused:
        send(stage, letter(stage, stage.open()))
    told = str(refused.value)
    assert "Thiếu “Kế hoạch phát động của đơn vị” (chưa có). Tải lên kế hoạch" in told
    assert "Thiếu “Báo cáo kết quả phong trào”" in told
    assert "Biên bản" not in told
    assert "6 đề nghị chưa được hội đồng thông qua: Nguyễn Văn 0, " in told
    assert "Nguyễn Văn 4…." in told


def test_sending_an_empty_dossier_is_refused(stage: Stage) -> None:
    with pytest.raises(DomainError, match="Hồ sơ chưa có đề nghị nào"):
        send(stage, stage.open())


def test_sending_is_refused_while_the_list_is_not_made_up_as_the_plan_asks(stage: Stage) -> None:
    CompositionRule.objects.create(
        campaign=stage.campaign, ref="truc-tiep", counts="direct", operator=">=",
        percent=Decimal(70), base="individuals", rounding="up",
    )  # fmt: skip
    stage.results()
    stage.meet(stage.person("Nguyễn Văn Ưởng"), stage.person("Đỗ Hùng", direct=False))
    dossier = letter(stage, stage.open())
    put(stage, dossier, Part.LAUNCH_PLAN)
    with pytest.raises(DomainError, match="Cơ cấu danh sách của đợt xét chưa đạt"):
        send(stage, dossier)


# --- builds --------------------------------------------------------------------------------------
def test_the_same_request_twice_makes_one_job(stage: Stage) -> None:
    dossier = stage.open()
    first = services.request_build(dossier, actor=stage.head, now=NOW)
    assert services.request_build(dossier, actor=stage.head, now=NOW) == first
    Build.objects.update(state=Build.State.FAILED, error="x", finished_at=NOW)
    assert services.request_build(dossier, actor=stage.head, now=NOW).version == 2
    assert AuditEntry.objects.filter(action="build.requested").count() == 2


def test_only_a_failed_version_is_tried_again_and_only_alone(stage: Stage) -> None:
    dossier = stage.open()
    build = services.request_build(dossier, actor=stage.head, now=NOW)
    with pytest.raises(DomainError, match="Bản 1 đang chờ nên không lập lại"):
        services.retry_build(build, actor=stage.head, now=NOW)
    Build.objects.update(state=Build.State.FAILED, error="x", finished_at=NOW, attempts=3)
    services.request_build(dossier, actor=stage.head, now=NOW)
    with pytest.raises(DomainError, match="Một bản khác của hồ sơ này đang được lập"):
        services.retry_build(build, actor=stage.head, now=NOW)
    Build.objects.filter(version=2).delete()
    again = services.retry_build(build, actor=stage.head, now=NOW)
    assert (again.state, again.attempts, again.error) == (Build.State.QUEUED, 0, "")


def test_who_took_which_version_is_told(stage: Stage) -> None:
    dossier = complete(stage)
    first = bind(stage, dossier)
    services.record_build_download(first, actor=stage.verifier, now=NOW)
    bind(stage, dossier)
    (told,) = queries.downloads_of(queries.versions_of(dossier))
    assert (told.who, told.version, told.is_old) == ("Võ Thành Nữa", 1, True)


# --- policies: exactly these objects -------------------------------------------------------------
def test_who_sees_which_dossier(stage: Stage) -> None:
    dossier, empty = complete(stage), other_dossier(stage)
    both, one, none = {dossier, empty}, {dossier}, set[Dossier]()
    chair = user_with("council_chair", stage.department)
    Person.objects.filter(pk__in=CouncilSeat.objects.filter(role="chair").values("person")).update(
        user=chair
    )
    stranger = UnitFactory()
    expected = [
        (user_with("clerk", stage.branch), one),
        (user_with("head_of_unit", stage.branch), one),
        (user_with("clerk", stage.department), both),  # seeing flows down
        (user_with("standing_agency", stage.department), both),
        (user_with("council_secretary", stage.department), one),
        (chair, one),
        (user_with("decider", stage.department), both),
        (user_with("home_affairs", stage.department), both),
        (user_with("clerk", stranger), none),
        (user_with("head_of_unit", stranger), none),
        (user_with("decider", stranger), none),
        (user_with("account_admin", stage.branch), none),
        (UserFactory(is_superuser=True), none),
        (user_with("clerk", stage.branch, is_active=False), none),
    ]
    for user, seen in expected:
        assert set(policies.viewable_dossiers(user)) == seen, user.roles.all()
    part = DossierPart.objects.get()
    build = bind(stage, dossier)
    assert list(policies.viewable_parts(chair)) == [part]
    assert list(policies.viewable_builds(chair)) == [build]
    assert not policies.viewable_parts(expected[8][0]).exists()
    assert not policies.viewable_builds(expected[8][0]).exists()


def other_dossier(stage: Stage) -> Dossier:
    """Of another branch, with nothing proposed yet."""
    return Dossier.objects.create(
        award_round=stage.award_round, award_form=stage.form,
        proposing_unit=UnitFactory(parent=stage.department), created_at=NOW,
        created_by=stage.verifier,
    )  # fmt: skip


def test_who_writes_sends_and_binds(stage: Stage) -> None:
    dossier = complete(stage)
    part = DossierPart.objects.get()
    build = bind(stage, dossier)
    clerk = user_with("clerk", stage.branch)
    office = user_with("council_secretary", stage.department)

    def may(user: Any) -> list[int]:
        return [
            policy(user).count()
            for policy in (
                policies.editable_dossiers, policies.sendable_dossiers, policies.removable_parts,
                policies.buildable_dossiers, policies.retryable_builds,
            )
        ]  # fmt: skip

    assert may(stage.head) == [1, 1, 1, 1, 1]
    assert may(clerk) == [0, 0, 0, 1, 1]
    assert may(office) == [0, 0, 0, 0, 0]
    send(stage, dossier)
    assert may(stage.head) == [0, 0, 0, 1, 1]
    assert list(policies.viewable_parts(stage.head)) == [part]
    services.record_part_download(part, actor=office, now=NOW)
    assert list(policies.retryable_builds(clerk)) == [build]


# --- lists ---------------------------------------------------------------------------------------
def test_nominations_without_a_dossier_are_offered_one(stage: Stage) -> None:
    stage.team(), stage.person("Nguyễn Văn Ưởng")
    (opening,) = queries.openings(stage.head, stage.campaign)
    assert opening == (stage.award_round, stage.branch, stage.form, 2)
    assert queries.openings(stage.verifier, stage.campaign) == []
    stage.open()
    assert queries.openings(stage.head, stage.campaign) == []


def test_what_is_to_do(stage: Stage) -> None:
    dossier = stage.open()
    (owed,) = queries.todo(stage.head, NOW)
    assert (owed.kind, owed.due_on) == ("owed", stage.award_round.closes_on)
    assert owed.why == (
        "Hồ sơ còn thiếu: Tờ trình đề nghị khen thưởng, Biên bản họp xét, Báo cáo thành tích và "
        "5 mục khác."
    )
    assert queries.todo(user_with("clerk", stage.branch), NOW) == []

    build = services.request_build(dossier, actor=stage.head, now=NOW)
    assert [(todo.kind, todo.label) for todo in queries.todo(stage.head, NOW)[1:]] == [
        ("waiting", "Xem tiến độ")
    ]
    Build.objects.update(state=Build.State.FAILED, error="Tệp hỏng.", finished_at=NOW)
    returned = queries.todo(stage.head, NOW)[1]
    assert (returned.kind, returned.why) == ("returned", "Tệp hỏng.")
    services.request_build(dossier, actor=stage.head, now=NOW)
    assert len(queries.todo(stage.head, NOW)) == 2  # the failed one has a younger sister
    DossierRequirement.objects.filter(campaign=stage.campaign).delete()
    Build.objects.filter(pk=build.pk).delete()
    owed, waiting = queries.todo(stage.head, NOW)
    assert owed.why == "Hồ sơ còn thiếu: số tờ trình, ngày tờ trình."
    assert waiting.kind == "waiting"
