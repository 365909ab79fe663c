"""The pages: the main way through the browser's eyes, what lists cost, what strangers get."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from awards import services
from awards.models import (
    Attendance,
    Award,
    AwardRound,
    CompositionRule,
    CouncilSession,
    Decision,
    Nomination,
    NominationEvidence,
    Quota,
    QuotaPosting,
)
from tests.awards.factories import LATER_ON, NOW, QuotaFactory, SeatFactory, World
from tests.awards.factories import world as make_world
from tests.dossiers.stage import pdf_file
from tests.factories import (
    GroupFactory,
    IndicatorFactory,
    ParticipationFactory,
    PersonFactory,
    PostingFactory,
    UnitFactory,
    user_with,
)
from units import storage
from units.models import AuditEntry

pytestmark = pytest.mark.django_db
ClientOf = Callable[[Any], Client]
PDF = pdf_file("Giấy xác nhận").getvalue()


def url(name: str, *args: Any) -> str:
    return reverse(f"awards:{name}", args=args)


def text_of(response: Any) -> str:
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def said(response: Any) -> str:
    return " ".join(str(message) for message in response.context["messages"])


# --- the whole way -------------------------------------------------------------------------------
def test_from_a_nomination_to_the_register(client_of: ClientOf) -> None:
    """A person of the unit: named, written, returned, proposed, voted on, decided, found."""
    world = make_world(recipient_kind="individual")
    CompositionRule.objects.create(
        campaign=world.campaign,
        ref="bay-ba",
        counts="direct",
        operator=">=",
        percent=70,
        base="individuals",
        rounding="up",
    )
    criterion = IndicatorFactory(
        group=GroupFactory(
            criteria_set=world.campaign.criteria_set,
            measured="nominee",
            subject_kind="individual",
        ),
        kind="qualitative",
    )
    head = client_of(world.head)
    start = url("nomination_new", world.round.ref)
    assert "còn 2 chỗ" in text_of(head.get(start))
    chosen = f"{start}?quota={world.quota.pk}&unit={world.unit.pk}"
    assert "Người này chưa có trong danh sách" in text_of(head.get(chosen))
    answer = head.post(
        chosen, {"full_name": "Lê Thị Mới", "title": "Chuyên viên", "role": "leader"}
    )
    nomination = Nomination.objects.get()
    assert answer.url == url("nomination_edit", nomination.pk)
    assert nomination.is_leader

    form = head.get(answer.url)
    assert criterion.name in text_of(form)
    content = {
        "version": 1,
        "post": nomination.post,
        "role": "direct",
        "achievement": "Hướng dẫn 14 thôn nhập số liệu.",
        "summary": "Hướng dẫn 14 thôn.",
        "achievement_from": "2022-01-01",
        "achievement_to": "2024-12-31",
        f"meets_{criterion.pk}": "yes",
        f"text_{criterion.pk}": "Sáng kiến được công nhận.",
    }
    answer = head.post(form.request["PATH_INFO"], content)
    assert answer.url == url("nomination_detail", nomination.pk)
    page = text_of(head.get(answer.url))
    assert "Gửi hội đồng" in page
    assert "Sáng kiến được công nhận." in page
    answer = head.post(url("nomination_propose", nomination.pk), follow=True)
    assert said(answer) == "Đã gửi đề nghị đến hội đồng."
    assert "Đạt: cần ít nhất 1 trên 1" in text_of(answer)

    secretary = client_of(world.secretary)
    answer = secretary.post(url("nomination_return", nomination.pk), {"reason": "Bổ sung số liệu"})
    assert answer.url == url("round_detail", world.round.ref)
    assert "Bổ sung số liệu" in text_of(head.get(url("nomination_edit", nomination.pk)))
    head.post(url("nomination_propose", nomination.pk))

    today = timezone.localdate()
    answer = secretary.post(url("session_new", world.round.ref), {"held_on": today.isoformat()})
    session = CouncilSession.objects.get()
    assert answer.url == url("session_detail", session.pk)
    states = {f"seat_{seat.pk}": "present" for seat in world.council.seats.all()}
    answer = secretary.post(url("session_attendance", session.pk), states, follow=True)
    assert "Đã lưu điểm danh." in said(answer)
    tally = url("tally_record", session.pk, nomination.pk)
    counts = {"yes": 4, "no": 0, "abstained": 0, "absent": 0, "recused": 0}
    refused = secretary.post(tally, counts)
    assert refused.status_code == 422
    assert "cộng lại được 4, phải đúng bằng 5" in refused.content.decode()
    assert 'value="4"' in refused.content.decode()  # what was typed stays
    answer = secretary.post(tally, counts | {"recused": 1}, follow=True)
    assert "4/5 (80%)" in text_of(answer)
    fragment = secretary.post(tally, counts | {"abstained": 1}, headers={"HX-Request": "true"})
    assert "Thông qua" in text_of(fragment)
    assert "<html" not in fragment.content.decode()
    wrong = secretary.post(tally, counts, headers={"HX-Request": "true"})
    assert wrong.status_code == 422
    answer = secretary.post(
        url("session_close", session.pk),
        {
            "checked": "on",
            "minutes_number": "05",
            "ended_at": "10:30",
            "conclusion": "Thống nhất đề nghị.",
        },
        follow=True,
    )
    assert "Thống nhất đề nghị." in text_of(answer)
    assert "Biên bản số 05" in text_of(answer)

    nomination.refresh_from_db()
    services.forward_nominations([nomination], on=today, actor=world.head, now=timezone.now())
    decider = client_of(world.decider)
    assert "Ghi quyết định" in text_of(decider.get(url("round_detail", world.round.ref)))
    paper = {
        "unit": world.department.pk,
        "number": "1234",
        "symbol": "QĐ-SNN",
        "issued_on": today.isoformat(),
        "signer_title": "Giám đốc",
        "signer_name": "Nguyễn Văn A",
        "subject_line": "Về việc tặng Giấy khen",
        f"n_{nomination.pk}": "granted",
    }
    new = url("decision_new", world.round.ref)
    early = decider.post(new, paper | {"issued_on": (today - timedelta(days=1)).isoformat()})
    assert "trước ngày trình hồ sơ" in text_of(early)
    answer = decider.post(new, paper, follow=True)
    assert "Lê Thị Mới" in text_of(answer)
    assert Decision.objects.get().number == "1234"
    found = text_of(head.get(url("award_register"), {"q": "le thi moi"}))
    assert "1234/QĐ-SNN" in found
    assert "Không có dòng nào phù hợp" in text_of(head.get(url("award_register"), {"q": "khác"}))


def test_a_vote_that_fails_is_shown_with_its_reason(client_of: ClientOf, world: World) -> None:
    nomination = world.propose()
    session = world.session()
    world.tally(session, nomination, yes=3, no=1, absent=1)
    page = text_of(client_of(world.secretary).get(url("session_detail", session.pk)))
    assert "Không thông qua" in page
    assert "Đồng ý 3 trên 5, bằng 60% tổng số thành viên hội đồng: chưa đạt" in page
    page = text_of(client_of(world.head).get(url("nomination_detail", nomination.pk)))
    assert "3/5 (60%)" in page


def test_places_are_allotted_on_their_page(client_of: ClientOf) -> None:
    world = make_world(basis=Quota.Basis.LATER)
    world.nominate()
    standing = client_of(world.standing)
    tab = url("campaign_awards", world.campaign.ref)
    assert "phân bổ sau" in text_of(standing.get(tab))
    new = f"{url('nomination_new', world.round.ref)}?quota={world.quota.pk}&unit={world.unit.pk}"
    assert "phân bổ sau" in text_of(client_of(world.head).get(new))
    page = url("quota_allot", world.quota.pk)
    assert "Chưa có" in text_of(standing.get(page))
    paper = {"kind": "allot", "places": 3, "document": "12/TB", "document_on": "2024-11-24"}
    assert standing.post(page, paper).url == tab
    assert "12/TB ngày 24/11/2024" in text_of(standing.get(tab))
    too_many = standing.post(page, paper | {"kind": "withdraw", "places": 4})
    assert "chỉ còn 3 chỗ" in text_of(too_many)
    assert QuotaPosting.objects.count() == 1


def test_rounds_are_opened_and_ended_on_their_pages(client_of: ClientOf, world: World) -> None:
    standing = client_of(world.standing)
    page = url("round_new", world.campaign.ref)
    assert str(world.council) in text_of(standing.get(page))
    fields = {
        "name": "Đợt 2",
        "phase": world.phase.pk,
        "council": world.council.pk,
        "opens_on": "2024-11-01",
        "closes_on": "2024-10-01",
    }
    assert "trước ngày đầu" in text_of(standing.post(page, fields))
    answer = standing.post(page, fields | {"closes_on": "2030-01-01"}, follow=True)
    assert "Đợt 2" in text_of(answer)
    award_round = AwardRound.objects.get(name="Đợt 2")
    closed = standing.post(url("round_close", award_round.ref), follow=True)
    assert said(closed) == "Đã kết thúc đợt xét."
    again = standing.post(url("round_close", award_round.ref), follow=True)
    assert "Không thể chuyển" in said(again)
    reopen = url("round_reopen", award_round.ref)
    assert "trước ngày đầu" in said(standing.post(reopen, {"closes_on": "2020-01-01"}, follow=True))
    opened = standing.post(reopen, {"closes_on": "không rõ"}, follow=True)
    assert said(opened) == "Đã mở lại đợt xét."
    award_round.refresh_from_db()
    assert award_round.closes_on == date(2030, 1, 1)


def test_a_draft_that_lacks_something_says_what(client_of: ClientOf, world: World) -> None:
    nomination = world.nominate(achievement="")
    head = client_of(world.head)
    page = text_of(head.get(url("nomination_detail", nomination.pk)))
    assert page.index("Không đạt: có nội dung thành tích") < page.index("Đạt: đơn vị đã đăng ký")
    answer = head.post(url("nomination_propose", nomination.pk), follow=True)
    assert "còn thiếu: nội dung thành tích" in said(answer)
    edit = url("nomination_edit", nomination.pk)
    typed = {"version": 7, "achievement": "Gõ ở đây.", "summary": ""}
    stale = text_of(head.post(edit, typed))
    assert "vừa được người khác sửa" in stale
    assert "Gõ ở đây." in stale
    backwards = {"version": 1, "achievement_from": "2024-01-01", "achievement_to": "2023-01-01"}
    assert "Ngày kết thúc phải" in text_of(head.post(edit, backwards))


def test_withdrawing_and_sending_back_say_when_they_cannot(
    client_of: ClientOf, world: World
) -> None:
    nomination = world.propose()
    head, standing = client_of(world.head), client_of(world.standing)
    back = url("nomination_return", nomination.pk)
    answer = standing.post(back, {"reason": " "})
    assert (answer.status_code, "phải ghi lý do" in answer.content.decode()) == (422, True)
    answer = head.post(url("nomination_withdraw", nomination.pk), follow=True)
    assert said(answer) == "Đã rút đề nghị."
    answer = standing.post(back, {"reason": "Thiếu bản sao"})  # too late: the words come back
    assert answer.status_code == 422
    assert "autofocus>Thiếu bản sao</textarea>" in answer.content.decode()
    answer = head.post(url("nomination_withdraw", nomination.pk), follow=True)
    assert "Không thể chuyển" in said(answer)


def test_files_go_up_come_down_and_go_away(client_of: ClientOf, world: World) -> None:
    nomination = world.nominate()
    head = client_of(world.head)
    add = url("nomination_evidence_add", nomination.pk)
    assert "Chọn một tệp" in said(head.post(add, follow=True))
    wrong = SimpleUploadedFile("a.pdf", b"MZ not a paper")
    assert "không thuộc loại được nhận" in said(head.post(add, {"file": wrong}, follow=True))
    right = SimpleUploadedFile("Sáng kiến.pdf", PDF)
    assert said(head.post(add, {"file": right}, follow=True)) == "Đã tải tài liệu lên."
    file = NominationEvidence.objects.get()
    got = head.get(url("nomination_evidence_file", file.pk))
    assert got.content == PDF
    assert got["Content-Disposition"].startswith("attachment")
    assert got["X-Content-Type-Options"] == "nosniff"
    storage.path_of(file.blob_id).unlink()  # a restore that went wrong
    taken = AuditEntry.objects.filter(action="nomination.evidence_taken")
    answer = head.get(url("nomination_evidence_file", file.pk), follow=True)
    assert answer.redirect_chain == [(url("nomination_detail", nomination.pk), 302)]
    assert "Không thấy nội dung tệp" in said(answer)
    assert taken.count() == 1  # only what was handed over
    gone = url("nomination_evidence_remove", file.pk)
    assert said(head.post(gone, follow=True)) == "Đã gỡ tài liệu."
    assert head.get(url("nomination_evidence_file", file.pk)).status_code == 404
    assert head.post(gone).status_code == 404
    second = SimpleUploadedFile("b.pdf", PDF)
    head.post(add, {"file": second})
    services.propose_nomination(nomination, actor=world.head, now=NOW)
    file = NominationEvidence.objects.get(removed_at=None)
    answer = head.post(url("nomination_evidence_remove", file.pk), follow=True)
    assert "chỉ bản đang soạn" in said(answer)


def test_nominees_are_chosen_or_named_but_not_both(client_of: ClientOf) -> None:
    world = make_world(recipient_kind="individual")
    person = PostingFactory(unit=world.unit).person
    away = PostingFactory(unit=UnitFactory()).person
    head = client_of(world.head)
    page = f"{url('nomination_new', world.round.ref)}?quota={world.quota.pk}&unit={world.unit.pk}"
    both = {"nominee": person.pk, "full_name": "Ai Đó", "title": "CV", "role": "direct"}
    assert "không làm cả hai" in text_of(head.post(page, both))
    assert "ghi đủ họ tên và chức vụ" in text_of(head.post(page, {"role": "direct"}))
    assert not Nomination.objects.exists()
    assert head.post(page, {"nominee": away.pk, "role": "direct"}).status_code == 200
    assert head.post(page, {"nominee": person.pk, "role": "direct"}).status_code == 302
    answer = head.post(page, {"nominee": person.pk, "role": "direct"})
    assert "đã được" in text_of(answer)  # a second time is refused with a sentence


def test_households_and_collectives_have_pages_of_their_own(client_of: ClientOf) -> None:
    world = make_world(recipient_kind="household")
    sub = UnitFactory(parent=world.unit)
    collective = QuotaFactory(campaign=world.campaign, phase=world.phase)
    head = client_of(world.head)
    new = url("nomination_new", world.round.ref)
    page = f"{new}?quota={world.quota.pk}&unit={world.unit.pk}"
    answer = head.post(page, {"head_name": "Trần Văn Năm", "address": "Ấp 2"}, follow=True)
    assert "Hộ Trần Văn Năm" in text_of(answer)
    nomination = Nomination.objects.get()
    assert "Hộ Trần Văn Năm" in text_of(head.get(url("nomination_detail", nomination.pk)))
    answer = head.post(
        f"{new}?quota={collective.pk}&unit={world.unit.pk}", {"nominee": sub.pk}, follow=True
    )
    assert sub.name in text_of(answer)


def test_sessions_say_what_is_wrong(client_of: ClientOf, world: World) -> None:
    secretary = client_of(world.secretary)
    new = url("session_new", world.round.ref)
    assert "Ngày họp" in text_of(secretary.get(new))
    refused = secretary.post(new, {"held_on": "2020-01-01"})
    assert "không có thành viên nào có quyền biểu quyết" in text_of(refused)
    nomination = world.propose()
    session = world.session()
    attend = url("session_attendance", session.pk)
    assert "chọn có mặt hay vắng" in said(secretary.post(attend, {}, follow=True))
    close = secretary.post(
        url("session_close", session.pk), {"checked": "on", "conclusion": "Gõ ở đây."}
    )
    assert close.status_code == 422
    assert "Chưa điểm danh 6 thành viên" in close.content.decode()
    assert "Gõ ở đây." in close.content.decode()
    tally = url("tally_record", session.pk, nomination.pk)
    assert secretary.post(tally, {"yes": "x"}).status_code == 422
    counts = {"yes": 5, "no": 0, "abstained": 0, "absent": 0, "recused": 0}
    early = secretary.post(tally, counts)
    assert early.status_code == 422
    assert "Chưa điểm danh 5 thành viên có quyền biểu quyết" in early.content.decode()
    other = make_world().propose()
    assert secretary.post(url("tally_record", session.pk, other.pk)).status_code == 404
    world.tally(session, nomination)
    states = {f"seat_{seat.pk}": "present" for seat in world.council.seats.all()}
    voter = world.council.seats.filter(votes=True).last()
    mended = secretary.post(attend, states | {f"seat_{voter.pk}": "excused"}, follow=True)
    assert "1 kết quả kiểm phiếu đã ghi khác điểm danh" in said(mended)
    world.close(session)
    assert "không sửa được nữa" in said(secretary.post(attend, states, follow=True))


def test_where_the_chair_must_agree_the_page_asks(client_of: ClientOf, world: World) -> None:
    world.quota.award_form.chair_must_agree = True
    world.quota.award_form.save()
    nomination = world.propose()
    session = world.session()
    secretary = client_of(world.secretary)
    world.attend(session)
    tally = url("tally_record", session.pk, nomination.pk)
    counts = {"yes": 5, "no": 0, "abstained": 0, "absent": 0, "recused": 0}
    assert secretary.post(tally, counts).status_code == 422
    secretary.post(tally, counts | {"chair_agreed": "no"})
    nomination.refresh_from_db()
    assert nomination.state == "not_passed"
    assert "không đồng ý" in text_of(secretary.get(url("session_detail", session.pk)))


def test_without_a_plan_for_awards_the_page_says_so(client_of: ClientOf, world: World) -> None:
    Quota.objects.all().delete()
    head = client_of(world.head)
    page = text_of(head.get(url("campaign_awards", world.campaign.ref)))
    assert "Kế hoạch không đặt khen thưởng" in page
    assert "không đặt hình thức" in text_of(head.get(url("nomination_new", world.round.ref)))


def test_an_amendment_that_cuts_the_number_shows_how_many_are_too_many(
    client_of: ClientOf, world: World
) -> None:
    world.propose()
    world.propose()
    Quota.objects.update(number=1)
    page = text_of(client_of(world.standing).get(url("campaign_awards", world.campaign.ref)))
    assert "vượt 1" in page


# --- who gets in ---------------------------------------------------------------------------------
def test_a_stranger_gets_404_everywhere(client_of: ClientOf, world: World) -> None:
    nomination = world.passed()
    session = CouncilSession.objects.get()
    services.forward_nominations(
        [nomination], on=LATER_ON, actor=world.head, now=NOW + timedelta(days=1)
    )
    decision = world.decide([nomination])
    stranger = client_of(user_with("head_of_unit", UnitFactory()))
    for page in (
        url("campaign_awards", world.campaign.ref),
        url("quota_allot", world.quota.pk),
        url("round_new", world.campaign.ref),
        url("round_detail", world.round.ref),
        url("nomination_new", world.round.ref),
        url("nomination_detail", nomination.pk),
        url("nomination_edit", nomination.pk),
        url("session_new", world.round.ref),
        url("session_detail", session.pk),
        url("decision_new", world.round.ref),
        url("decision_detail", decision.pk),
    ):
        assert stranger.get(page).status_code == 404, page
    for act in (
        url("round_close", world.round.ref),
        url("round_reopen", world.round.ref),
        url("nomination_propose", nomination.pk),
        url("nomination_return", nomination.pk),
        url("nomination_withdraw", nomination.pk),
        url("nomination_evidence_add", nomination.pk),
        url("session_attendance", session.pk),
        url("tally_record", session.pk, nomination.pk),
        url("session_close", session.pk),
    ):
        assert stranger.post(act).status_code == 404, act
    assert "trong phạm vi được xem" in text_of(stranger.get(url("award_register")))


def test_a_member_reads_what_is_asked_and_writes_nothing(client_of: ClientOf, world: World) -> None:
    user = user_with("council_member", world.department)
    SeatFactory(council=world.council, person=PersonFactory(user=user))
    nomination = world.propose()
    session = world.session()
    member = client_of(user)
    assert nomination.nominee_name in text_of(member.get(url("round_detail", world.round.ref)))
    assert text_of(member.get(url("nomination_detail", nomination.pk)))
    page = text_of(member.get(url("session_detail", session.pk)))
    assert "Cần ít nhất 4 trên 6 đồng ý" not in page  # 80 % of six is 4,8: five
    assert "Cần ít nhất 5 trên 6 đồng ý" in page
    assert "Lưu điểm danh" not in page
    for act in (
        url("session_attendance", session.pk),
        url("tally_record", session.pk, nomination.pk),
        url("session_close", session.pk),
        url("nomination_propose", nomination.pk),
        url("nomination_return", nomination.pk),
    ):
        assert member.post(act).status_code == 404, act
    assert Attendance.objects.count() == 0


def test_the_way_up_is_a_link_only_to_what_opens(client_of: ClientOf, world: World) -> None:
    """A council's secretary need not see the plan; its name is there, its address is not."""
    page, plan = url("round_detail", world.round.ref), url("campaign_awards", world.campaign.ref)
    assert f'<a href="{plan}">' in text_of(client_of(world.standing).get(page))
    secretary = client_of(world.secretary)
    text = text_of(secretary.get(page))
    assert "<strong>Việc tiếp theo:</strong> Đơn vị tham gia lập và gửi đề nghị." in text
    assert (f'<a href="{plan}">' in text) == (secretary.get(plan).status_code == 200)
    assert world.campaign.short_title in text


# --- what lists cost -----------------------------------------------------------------------------
def cost(client: Client, page: str) -> int:
    client.get(page)  # whatever is asked once for all
    with CaptureQueriesContext(connection) as queries:
        text_of(client.get(page))
    return len(queries)


def test_pages_cost_the_same_for_one_row_and_for_three(client_of: ClientOf, world: World) -> None:
    Quota.objects.update(number=9)
    world.quota.refresh_from_db()
    session: CouncilSession | None = None
    costs: list[dict[str, int]] = []
    for more in (1, 2):
        new = [world.propose() for _ in range(more)]
        session = session or world.session()
        pages = {
            "home": (world.head, url("award_home")),
            "plan": (world.standing, url("campaign_awards", world.campaign.ref)),
            "round": (world.secretary, url("round_detail", world.round.ref)),
            "session": (world.secretary, url("session_detail", session.pk)),
        }
        for one in new:
            world.tally(session, one)
        costs.append({name: cost(client_of(who), page) for name, (who, page) in pages.items()})
    assert costs[0] == costs[1]


def test_the_register_costs_the_same_for_one_row_and_for_three(
    client_of: ClientOf, world: World
) -> None:
    Quota.objects.update(number=9)
    world.quota.refresh_from_db()
    head = client_of(world.head)
    costs = []
    for number in range(3):
        world.decide([world.forwarded()], number=str(number))
        costs.append(cost(head, url("award_register")))
    assert Award.objects.count() == 3
    assert costs[0] == costs[2]


def test_the_register_is_filtered_and_sorted_in_the_address(
    client_of: ClientOf, world: World
) -> None:
    first = world.forwarded(unit=UnitFactory(parent=world.unit, name="Phòng Ánh Sáng"))
    world.decide([first], number="1")
    second = world.forwarded(unit=UnitFactory(parent=world.unit, name="Phòng Bình Minh"))
    world.decide([second], number="2")
    ParticipationFactory(campaign=world.campaign, unit=UnitFactory())
    head = client_of(world.head)

    def names(**query: str) -> list[str]:
        page = head.get(url("award_register"), query).context["page"]
        return [award.recipient_name for award in page.object_list]

    assert names(sort="name") == ["Phòng Ánh Sáng", "Phòng Bình Minh"]
    assert names(sort="-name") == ["Phòng Bình Minh", "Phòng Ánh Sáng"]
    assert names(q="anh sang") == ["Phòng Ánh Sáng"]
    assert names(q="2/QĐ-SNN") == ["Phòng Bình Minh"]
    assert names(year="2023") == []
    assert len(names(year="2024", kind="collective", campaign=world.campaign.ref)) == 2
    assert len(names(form=world.quota.award_form.ref, sort="date")) == 2
    assert names(year="năm") == names()
