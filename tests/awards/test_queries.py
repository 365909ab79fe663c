"""What papers and the first page read: plain values, in a fixed number of SQL queries."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse

from awards import queries, services
from awards.models import CompositionRule, Nomination, Quota, QuotaPosting
from campaigns.models import CellMark, Result
from tests.awards.factories import LATER, LATER_ON, NOW, TODAY, QuotaFactory, World
from tests.awards.factories import world as make_world
from tests.factories import (
    GroupFactory,
    IndicatorFactory,
    ParticipationFactory,
    PeriodFactory,
    PersonFactory,
    PostingFactory,
    ResultSheetFactory,
    TargetFactory,
    UnitFactory,
    user_with,
)
from units.models import User
from units.policies import grants_read_once

pytestmark = pytest.mark.django_db


def composed(world: World, **fields: Any) -> CompositionRule:
    return CompositionRule.objects.create(
        **{
            "campaign": world.campaign,
            "ref": "bay-ba",
            "counts": "direct",
            "operator": ">=",
            "percent": 70,
            "base": "individuals",
            "rounding": "up",
        }
        | fields
    )


# --- places --------------------------------------------------------------------------------------
def test_places_in_three_queries_whatever_the_number(
    world: World, django_assert_num_queries: Any
) -> None:
    later = QuotaFactory(
        campaign=world.campaign, phase=world.phase, basis=Quota.Basis.LATER, order=1
    )
    own = QuotaFactory(campaign=world.campaign, phase=world.phase, basis=Quota.Basis.OWN, order=2)
    world.decide([world.forwarded()])
    world.propose()
    world.nominate()
    world.propose(quota=own)
    with django_assert_num_queries(3):
        first, second, third = queries.places(world.campaign)
    assert (first.limit, first.proposed, first.awarded, first.drafts, first.left) == (2, 1, 1, 1, 0)
    assert first.left_text == "hết chỗ"
    assert (second.quota, second.limit, second.limit_text) == (later, None, "phân bổ sau")
    assert second.waits_allotment
    assert (third.limit_text, third.proposed, third.left) == ("theo thẩm quyền", 1, None)
    services.allot_quota(
        later, places=4, document="5/TB", document_on=TODAY, actor=world.standing, now=NOW
    )
    row = queries.place_row(later)
    assert (row.limit, row.left_text, row.waits_allotment) == (4, "còn 4 chỗ", False)


def test_the_columns_of_places_add_up(world: World) -> None:
    """What was awarded is not counted again as proposed, whatever limits the quota."""
    free = QuotaFactory(campaign=world.campaign, phase=world.phase, basis=Quota.Basis.UNLIMITED)
    world.decide([world.forwarded(), world.forwarded(quota=free)])
    for row in queries.places(world.campaign):
        assert (row.proposed, row.awarded, row.held) == (0, 1, 1)
    world.propose(quota=free)
    row = queries.place_row(world.quota)
    assert row.limit == row.proposed + row.awarded + row.left
    row = queries.place_row(free)
    assert (row.proposed, row.awarded) == (1, 1)
    [shown] = queries.rounds_shown(world.standing)
    assert (shown.listed, shown.awarded) == (1, 2)


def test_a_promise_to_allot_later_goes_once_it_is_kept(world: World) -> None:
    fields = {"campaign": world.campaign, "phase": world.phase, "note": "Sẽ được phân bổ sau."}
    later = QuotaFactory(basis=Quota.Basis.LATER, **fields)
    fixed = QuotaFactory(**fields)
    assert queries.place_row(later).note == "Sẽ được phân bổ sau."
    services.allot_quota(
        later, places=4, document="5/TB", document_on=TODAY, actor=world.standing, now=NOW
    )
    assert queries.place_row(later).note == ""
    assert queries.place_row(fixed).note == "Sẽ được phân bổ sau."  # other notes stay


def test_a_parents_places_count_the_childs_nominations(world: World) -> None:
    child = make_world(basis=Quota.Basis.UNLIMITED)
    Quota.objects.filter(pk=child.quota.pk).update(parent=world.quota)
    child.quota.refresh_from_db()
    child.propose()
    row = queries.place_row(world.quota)
    assert (row.proposed, row.left) == (1, 1)
    row = queries.place_row(child.quota)  # written down all the same, and limited by nothing
    assert (row.proposed, row.limit, row.left, row.over) == (1, None, None, 0)


def test_the_ledger_is_newest_first(world: World) -> None:
    nomination = world.propose()
    services.withdraw_nomination(nomination, actor=world.head, now=LATER)
    assert [line.kind for line in queries.ledger(world.campaign)] == ["release", "use"]
    assert str(QuotaPosting.objects.first()) == "đề nghị -1"


# --- composition ---------------------------------------------------------------------------------
def test_the_list_is_measured_without_drafts() -> None:
    world = make_world(recipient_kind="individual", number=9)
    composed(world)
    composed(world, ref="lanh-dao", counts="leader", operator="<=", percent=30, base="all")
    floor, ceiling = queries.round_composition(world.round)
    assert (floor.base, floor.ok) == (0, True)
    world.propose(is_direct_worker=True)
    world.propose(is_direct_worker=False, is_leader=True)
    world.nominate(is_direct_worker=True)
    collectives = QuotaFactory(campaign=world.campaign, phase=world.phase)
    world.propose(quota=collectives)
    floor, ceiling = queries.round_composition(world.round)
    assert (floor.counted, floor.base, floor.required, floor.gap) == (1, 2, 2, 1)
    assert floor.ways_text == (
        "Thêm 2 người trực tiếp thực hiện hoặc bớt 1 người lãnh đạo, phối hợp, tuyên truyền."
    )
    assert (floor.share_text, floor.bar_counted, floor.bar_mark) == ("50%", 500, 700)
    assert (ceiling.counted, ceiling.base, ceiling.ok) == (1, 3, True)
    assert ceiling.ways_text == ""
    assert floor.label == "ít nhất 70% người trực tiếp thực hiện"


# --- facts ---------------------------------------------------------------------------------------
def test_facts_of_nominations_are_whole_and_cost_the_same(
    django_assert_num_queries: Any,
) -> None:
    world = make_world(recipient_kind="individual", number=9)
    criterion = IndicatorFactory(
        group=GroupFactory(
            criteria_set=world.campaign.criteria_set,
            measured="nominee",
            subject_kind="individual",
        ),
        kind="qualitative",
    )
    person = PersonFactory(full_name="Lê Thị Dự", born_on=date(1988, 5, 4), home_town="Cao Lãnh")
    PostingFactory(person=person, unit=world.unit)
    answers = {criterion.pk: (True, "Có sáng kiến.")}
    first = world.forwarded(person=person, answers=answers)
    world.decide([first])
    title = QuotaFactory(
        campaign=world.campaign,
        phase=world.phase,
        recipient_kind="individual",
        award_form__category="title",
    )
    again = world.propose(quota=title, person=person, answers=answers, summary="Một câu.")
    with django_assert_num_queries(4):
        facts, other = queries.nomination_facts([again, first])
    assert facts.pk == first.pk
    assert (facts.title, facts.birth_year, facts.gender) == ("Bà Lê Thị Dự", "1988", "Nữ")
    assert (facts.votes, facts.state) == ("5/5 (100%)", "awarded")
    assert facts.answers[0].text == "Có sáng kiến."
    assert facts.forms == ()  # its own award is not an earlier one
    assert other.summary == "Một câu."
    assert [award.decision for award in other.forms] == [
        f"12/QĐ-SNN ngày {LATER_ON:%d/%m/%Y} của {world.department}"
    ]
    assert (other.titles, other.tally, other.votes) == ((), None, "")
    with django_assert_num_queries(4):
        queries.nomination_facts([first])


def test_facts_of_a_household_and_of_a_collective(world: World) -> None:
    home = services.add_household(
        head_name="Trần Văn Năm", address="Ấp 2", unit=world.unit, actor=None, now=NOW
    )
    homes = QuotaFactory(campaign=world.campaign, phase=world.phase, recipient_kind="household")
    [facts] = queries.nomination_facts([world.propose(quota=homes, household=home)])
    assert (facts.name, facts.residence, facts.unit) == ("Hộ Trần Văn Năm", "Ấp 2", str(world.unit))
    collective = world.forwarded()
    world.decide([collective])
    second = QuotaFactory(campaign=world.campaign, phase=world.phase)
    [facts] = queries.nomination_facts([world.propose(quota=second, unit=collective.unit)])
    assert len(facts.forms) == 1
    assert facts.unit == str(collective.unit)


def test_facts_of_a_session_name_who_was_there(world: World) -> None:
    voted, waiting = world.propose(), world.propose()
    session = world.session(place="Phòng họp")
    world.tally(session, voted, yes=4, absent=1)
    world.attend(session, absent=1, secretary="excused")
    services.close_session(
        session, left_out=[waiting.pk], minutes_number="05", actor=world.secretary, now=LATER
    )
    session.refresh_from_db()
    facts = queries.session_facts(session)
    assert (facts.members, facts.attending, facts.closed) == (5, 4, True)
    assert len(facts.present) == 4
    assert facts.present[0].endswith("Chủ tịch hội đồng")
    assert len(facts.absent) == 2
    assert all("(vắng có lý do)" in line for line in facts.absent)
    assert facts.left_out == (str(waiting),)
    assert facts.method == "biểu quyết"
    [row] = facts.votes
    assert (row.yes, row.base, row.votes, row.passed) == (4, 5, "4/5 (80%)", True)
    assert facts.rules[0].startswith(str(voted.quota.award_form))
    assert facts.chair_name
    assert facts.secretary_name


def test_facts_of_a_session_that_has_just_begun(world: World) -> None:
    world.council.seats.exclude(role="member").delete()
    facts = queries.session_facts(world.session())
    assert (facts.chair, facts.secretary, facts.present, facts.votes) == ("", "", (), ())
    assert facts.left_out == ()


def test_awards_of_a_plan_by_day_phase_and_unit(world: World) -> None:
    nomination = world.forwarded()
    world.decide([nomination])
    [row] = queries.awards_of(world.campaign)
    assert (row.name, row.decision, row.decided_on) == (str(nomination), "12/QĐ-SNN", LATER_ON)
    assert queries.awards_of(
        world.campaign, date_from=LATER_ON, date_to=LATER_ON, phase=world.phase
    )
    assert not queries.awards_of(world.campaign, date_from=LATER_ON + timedelta(days=1))
    assert not queries.awards_of(world.campaign, date_to=TODAY)
    nobody = type(world.unit).objects.none()
    assert not queries.awards_of(world.campaign, units=nobody)
    [count] = queries.award_counts(world.campaign)
    assert (count.quota_text, count.nominated, count.granted) == ("2", 1, 1)
    [count] = queries.award_counts(world.campaign, date_to=TODAY)
    assert count.granted == 0


# --- one nomination ------------------------------------------------------------------------------
def card_of(nomination: Nomination, user: User) -> queries.NominationCard:
    return queries.nomination_card(nomination, user, TODAY)


def states(card: queries.NominationCard) -> dict[str, str]:
    return {check.title: check.state for check in card.checks}


def test_what_fails_comes_first_and_each_has_its_figure(world: World) -> None:
    nomination = world.nominate(
        achievement="", achievement_from=date(2021, 1, 1), achievement_to=TODAY
    )
    card = card_of(nomination, world.head)
    assert [check.state for check in card.checks] == ["bad", "miss", "ok", "ok", "ok"]
    assert card.tally_text == "3 đạt, 1 cần xem, 1 không đạt"
    texts = {check.title: check.text for check in card.checks}
    assert texts["số lượng khen thưởng"] == "Còn 2 chỗ: 0 đề nghị trên 2 chỗ."
    assert "nằm ngoài thời gian của giai đoạn" in texts["thời gian lập thành tích trong giai đoạn"]


def test_places_enrolment_and_role_are_checked() -> None:
    world = make_world(recipient_kind="individual", number=1)
    nomination = world.nominate(is_direct_worker=None)
    assert states(card_of(nomination, world.head))["vai trò trong phong trào"] == "wait"
    world.propose()
    assert states(card_of(nomination, world.head))["số lượng khen thưởng"] == "bad"
    world.campaign.participations.all().delete()
    found = states(card_of(nomination, world.head))
    assert found["đơn vị đã đăng ký thi đua"] == "bad"
    world.unit.valid_to = TODAY - timedelta(days=1)
    world.unit.save()
    assert states(card_of(nomination, world.head))["đơn vị còn hoạt động"] == "bad"


def test_the_plans_criteria_are_checked_one_by_one(world: World) -> None:
    group = GroupFactory(criteria_set=world.campaign.criteria_set, measured="nominee")
    made = [IndicatorFactory(group=group, kind="yes_no", short_name=f"tc{n}") for n in range(5)]
    made[4].evidence_required = True
    made[4].save()
    said = {
        made[0].pk: (True, ""),
        made[1].pk: (False, "1 trên 9 xã."),
        made[2].pk: (None, "Đang chờ."),
        made[4].pk: (True, "Có."),
    }
    card = card_of(world.nominate(answers=said), world.head)
    found = {check.title.split()[-1]: (check.state, check.text) for check in card.checks}
    assert found["tc0"] == ("ok", "Đơn vị tự đánh giá.")
    assert found["tc1"] == ("bad", "1 trên 9 xã.")
    assert found["tc2"] == ("wait", "Đang chờ.")
    assert found["tc3"] == ("wait", "Chưa trả lời.")
    assert found["tc4"] == ("miss", "Có. Chưa có tài liệu kèm theo.")


def test_the_same_person_from_two_sides_is_found_before_the_council() -> None:
    """Domain 11.1, test 5; each unit may have put the person on record by itself."""
    world = make_world(recipient_kind="individual", number=9)
    other = UnitFactory(parent=world.department)
    ParticipationFactory(campaign=world.campaign, unit=other)
    second = QuotaFactory(campaign=world.campaign, phase=world.phase, recipient_kind="individual")
    born = date(1988, 5, 4)
    person = PersonFactory(full_name="Lê Thị Dự", born_on=born)
    alike = PersonFactory(full_name="LÊ THỊ DỰ", born_on=born)
    namesake = PersonFactory(full_name="Lê Thị Dự", born_on=date(1990, 1, 1))
    for one in (person, alike, namesake):
        PostingFactory(person=one, unit=other)
    PostingFactory(person=person, unit=world.unit)
    mine = world.propose(person=person)
    world.propose(quota=second, proposing_unit=other, person=person)
    world.propose(proposing_unit=other, person=alike)
    world.propose(proposing_unit=other, person=namesake)
    card = card_of(mine, world.secretary)
    assert len(card.others) == 2
    assert card.others[1].text.endswith("(trùng họ tên, cần đối chiếu)")
    assert all(one.pk for one in card.others)
    assert [one.pk for one in card_of(mine, world.head).others] == [None, None]  # another unit's
    assert states(card)["không được đề nghị nhiều lần"] == "miss"


def test_an_award_for_the_same_time_is_warned_of_and_a_later_time_is_not() -> None:
    """Domain 11.1, test 6."""
    world = make_world(recipient_kind="individual", number=9)
    person = PostingFactory(unit=world.unit).person
    span = {"achievement_from": date(2022, 1, 1), "achievement_to": date(2023, 12, 31)}
    world.decide([world.forwarded(person=person, **span)])
    second = QuotaFactory(campaign=world.campaign, phase=world.phase, recipient_kind="individual")
    again = world.nominate(quota=second, person=person, **span)
    title = "chưa được khen cho cùng thành tích"
    assert states(card_of(again, world.head))[title] == "miss"
    Nomination.objects.filter(pk=again.pk).update(
        achievement_from=date(2024, 1, 1), achievement_to=TODAY
    )
    again.refresh_from_db()
    card = card_of(again, world.head)
    assert states(card)[title] == "ok"
    assert len(card.earlier) == 1


def test_the_units_accepted_results_stand_beside_what_is_written(world: World) -> None:
    indicator = IndicatorFactory(group=GroupFactory(criteria_set=world.campaign.criteria_set))
    TargetFactory(indicator=indicator, value=80)
    sheet = ResultSheetFactory(
        period=PeriodFactory(campaign=world.campaign),
        participation=world.campaign.participations.get(),
    )
    Result.objects.create(
        result_sheet=sheet,
        indicator=indicator,
        state="reported",
        numerator=793,
        denominator=1000,
        saved_at=NOW,
    )
    nomination = world.nominate()
    assert card_of(nomination, world.head).results is None  # nobody has verified it yet
    sheet.state, sheet.submitted_at, sheet.submitted_by = "verified", NOW, world.head
    sheet.verified_at, sheet.verified_by = NOW, world.standing
    sheet.save()
    results = card_of(nomination, world.head).results
    assert results
    assert (results.met, results.not_met, results.other) == (0, 1, 0)
    [line] = results.lines
    assert (line.shown, line.target, line.state) == ("79,3%", "từ 80% trở lên", "miss")
    title = f"kết quả của đơn vị, {sheet.period.name.lower()}"
    indicator.targets.update(value=70)
    assert states(card_of(nomination, world.head))[title] == "ok"
    words = IndicatorFactory(group=indicator.group, kind="qualitative")
    told = Result.objects.create(
        result_sheet=sheet, indicator=words, state="reported", text="Đã làm", saved_at=NOW
    )
    card = card_of(nomination, world.head)
    assert card.results
    [check] = [check for check in card.checks if check.title == title]
    assert check.text.endswith(
        "1 đạt, 0 chưa đạt, 0 không đánh giá; định tính: 0 đạt, 0 chưa đạt, 1 chưa xét."
    )
    assert (check.state, card.results.lines[1].word) == ("ok", "Chưa xét")
    CellMark.objects.create(
        result=told,
        office="agency",
        version=told.version,
        verdict="confirmed",
        met=False,
        reason="Thiếu",
        at=NOW,
        by=world.standing,
    )
    card = card_of(nomination, world.head)
    assert card.results
    assert states(card)[title] == "miss"
    assert (card.results.lines[1].state, card.results.met) == ("miss", 1)


# --- things to do --------------------------------------------------------------------------------
def todos(user: User) -> list[tuple[str, str, str]]:
    return [(todo.kind.value, todo.title, todo.url) for todo in queries.todo(user, NOW)]


def test_each_office_finds_what_waits_for_it(world: World) -> None:
    form = world.quota.award_form.short_name
    at_round = reverse("awards:round_detail", args=[world.round.ref])
    assert todos(world.head) == [("owed", f"Đề nghị khen thưởng: {world.round}", at_round)]
    nomination = world.nominate()
    page = reverse("awards:nomination_detail", args=[nomination.pk])
    assert todos(world.head) == [("owed", f"Đề nghị {form} cho {nomination}", page)]
    services.propose_nomination(nomination, actor=world.head, now=NOW)
    assert todos(world.head) == []
    assert todos(world.secretary) == [("waiting", "1 đề nghị chờ hội đồng xét", at_round)]
    services.return_nomination(nomination, reason="Thiếu số", actor=world.standing, now=NOW)
    [todo] = queries.todo(world.head, NOW)
    assert (todo.kind, todo.why, todo.label) == ("returned", "Thiếu số", "Sửa và gửi lại")
    services.propose_nomination(nomination, actor=world.head, now=NOW)
    session = world.session()
    at_session = reverse("awards:session_detail", args=[session.pk])
    member = user_with("council_member", world.department)
    world.council.seats.create(
        person=PersonFactory(user=member), role="member", valid_from=date(2022, 1, 1)
    )
    assert todos(world.secretary) == [
        ("waiting", f"Phiên họp ngày {LATER_ON:%d/%m/%Y}: ghi kết quả", at_session)
    ]
    assert todos(member) == [
        ("waiting", f"Phiên họp ngày {LATER_ON:%d/%m/%Y}: 1 đề nghị chờ xét", at_session)
    ]
    world.tally(session, nomination, yes=6)
    world.close(session)
    services.forward_nominations([nomination], on=LATER_ON, actor=world.head, now=LATER)
    at_decision = reverse("awards:decision_new", args=[world.round.ref])
    assert todos(world.decider) == [
        ("waiting", "1 đề nghị chờ quyết định khen thưởng", at_decision)
    ]
    assert todos(user_with("head_of_unit", UnitFactory())) == []


def test_places_somebody_waits_for_are_to_be_allotted() -> None:
    world = make_world(basis=Quota.Basis.LATER)
    assert todos(world.standing) == []
    world.nominate()
    page = reverse("awards:quota_allot", args=[world.quota.pk])
    assert [url for _kind, _title, url in todos(world.standing)] == [page]


def test_todo_costs_the_same_whatever_there_is(
    world: World, django_assert_max_num_queries: Any
) -> None:
    with grants_read_once(), django_assert_max_num_queries(7):
        queries.todo(world.head, NOW)
    for _ in range(3):
        world.nominate()
    with grants_read_once(), django_assert_max_num_queries(7):
        queries.todo(world.head, NOW)
