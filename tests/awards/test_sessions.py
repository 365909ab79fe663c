"""A council in session: attendance, tallies, and what lets it end."""

from datetime import date, time, timedelta
from typing import Any

import pytest

from awards import services
from awards.models import Attendance, AwardRound, Nomination, Tally
from tests.awards.factories import (
    LATER,
    NOW,
    TODAY,
    AwardFormFactory,
    QuotaFactory,
    RoundFactory,
    SeatFactory,
    World,
    ledger,
    saying,
)
from tests.awards.factories import world as make_world
from units.models import AuditEntry

pytestmark = pytest.mark.django_db


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
