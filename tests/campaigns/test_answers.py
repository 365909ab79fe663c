"""Answers in words of accepted sheets that nobody has assessed: who finds them, and where."""

from collections.abc import Callable
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from campaigns import policies, queries, services
from campaigns.models import (
    Campaign,
    CellMark,
    Participation,
    Period,
    Result,
    ResultHistory,
    ResultSheet,
)
from campaigns.queries.marks import NO_MARKS, is_assessed, is_found, last_marks, not_found
from campaigns.queries.presence import takes_part
from campaigns.rules import CLAIMED
from criteria.models import Indicator
from tests.campaigns.test_board import text, url
from tests.campaigns.test_evidence import add
from tests.campaigns.test_rollup import Made, undone
from tests.campaigns.world import World
from tests.factories import (
    NOW,
    CampaignFactory,
    GroupFactory,
    KindFactory,
    ParticipationFactory,
    PeriodFactory,
    RubricLevelFactory,
    UnitFactory,
    user_with,
)
from units.models import Bloc, BlocMembership, Unit, User
from units.services import give_role

ClientOf = Callable[[User], Any]
LATER = NOW + timedelta(hours=1)


class Answering:
    """One answer on a rubric that a department leads, one that nobody leads, of two units."""

    def __init__(self, world: World) -> None:
        self.world = world
        Period.objects.update(closes_on=timezone.localdate() + timedelta(days=30))
        world.period.refresh_from_db()
        self.department: Unit = UnitFactory(name="Sở Thông tin", short_name="Sở TT")
        self.lead = user_with("lead_department", self.department, full_name="Đỗ Văn Chủ")
        self.rubric = world.indicator(
            None, kind="qualitative", code="A1", ref="a1", lead_unit=self.department
        )
        self.good = RubricLevelFactory(indicator=self.rubric, name="Tốt", is_met=True)
        self.words = world.indicator(None, kind="qualitative", code="A2", ref="a2")
        self.sheets = [self.accept(), self.accept(name="Chi cục A")]

    def accept(self, **unit: Any) -> ResultSheet:
        world = self.world
        part = world.member(**unit) if unit else world.part
        level = {"text": "Đã làm", "level": "Tốt"}
        return world.accepted(part, {self.rubric: level, self.words: {"text": "Đã họp"}})

    def found(self, user: User) -> list[tuple[int, str]]:
        """(sheet, code) of what `user` finds, in the order of the list."""
        rows = queries.answers(user)[0:100]
        return [(one.sheet.pk, one.result.indicator.code) for one in rows]

    def assess(self, sheet: ResultSheet, one: Indicator, chosen: str, **more: Any) -> None:
        how = {"actor": self.world.verifier, "now": LATER} | more
        services.assess_cells(ResultSheet.objects.get(pk=sheet.pk), {one.pk: (chosen, "")}, **how)


@pytest.fixture
def answering(world: World) -> Answering:
    return Answering(world)


# --- who finds them -------------------------------------------------------------------------------
def test_whoever_verifies_finds_all_and_the_lead_what_it_leads(answering: Answering) -> None:
    first, second = (sheet.pk for sheet in answering.sheets)
    assert answering.found(answering.world.verifier) == [
        (second, "A1"),
        (second, "A2"),
        (first, "A1"),
        (first, "A2"),
    ]
    assert answering.found(answering.lead) == [(second, "A1"), (first, "A1")]
    for nobody in (answering.world.clerk, answering.world.head, user_with("clerk", UnitFactory())):
        assert answering.found(nobody) == []
    helper = user_with("lead_department", UnitFactory())
    assert answering.found(helper) == []


def test_a_sheet_that_is_not_accepted_waits_elsewhere(answering: Answering) -> None:
    first, second = answering.sheets
    ResultSheet.objects.filter(pk=first.pk).update(state="locked", locked_at=NOW)
    ResultSheet.objects.filter(pk=second.pk).update(state="submitted", verified_by=None)
    assert {pk for pk, _code in answering.found(answering.world.verifier)} == {first.pk}


def test_only_answers_in_words_that_were_given(answering: Answering) -> None:
    number = answering.world.indicator(code="A3")
    part = answering.world.member()
    held = {"numerator": "1", "denominator": "2"}
    nil = {"choice": "nothing", "reason": "Không có"}
    sheet = answering.world.accepted(
        part, {number: held, answering.words: nil, answering.rubric: nil}
    )
    assert sheet.pk not in {pk for pk, _code in answering.found(answering.world.verifier)}


def test_nobody_finds_what_he_told_himself(answering: Answering) -> None:
    """By each thing that bars him, as the service refuses it."""
    world, (first, second) = answering.world, answering.sheets
    results = Result.objects.filter(result_sheet=first)
    everything = [(second.pk, "A1"), (second.pk, "A2")]

    results.update(saved_by=world.verifier)
    assert answering.found(world.verifier) == everything
    results.update(saved_by=world.clerk)

    other = user_with("standing_agency", world.office)
    ResultSheet.objects.filter(pk=first.pk).update(submitted_by=world.verifier, verified_by=other)
    assert answering.found(world.verifier) == everything
    ResultSheet.objects.filter(pk=first.pk).update(
        submitted_by=world.head, verified_by=world.verifier
    )
    assert len(answering.found(world.verifier)) == 4

    for role in ("clerk", "head_of_unit"):
        both = user_with("standing_agency", world.office)
        give_role(user=both, unit=world.branch, role=role, and_below=False, actor=None, now=NOW)
        assert answering.found(both) == everything

    for result in results:  # the last: what was once written stays written
        ResultHistory.objects.create(result=result, version=0, by=world.verifier, at=NOW)
    assert answering.found(world.verifier) == everything


def test_a_lead_does_not_find_its_own_units_answer(answering: Answering) -> None:
    sheet = answering.sheets[0]
    Indicator.objects.filter(pk=answering.rubric.pk).update(lead_unit=answering.world.branch)
    lead = user_with("lead_department", answering.world.branch)
    assert sheet.pk not in {pk for pk, _code in answering.found(lead)}
    assert len(answering.found(lead)) == 1


def test_what_is_listed_is_what_the_service_takes(answering: Answering) -> None:
    """And once it was taken, it is gone."""
    world, (first, second) = answering.world, answering.sheets
    answering.assess(first, answering.words, "met")
    answering.assess(second, answering.rubric, str(answering.good.pk))
    assert answering.found(world.verifier) == [(second.pk, "A2"), (first.pk, "A1")]
    result = Result.objects.get(result_sheet=first, indicator=answering.rubric)
    services.mark_cells(
        answering.rubric,
        {result.pk: result.version},
        CellMark.Verdict.CONFIRMED,
        actor=answering.lead,
        now=LATER,
        found=CLAIMED,
        reason="",
    )
    assert answering.found(answering.lead) == []
    assert answering.found(world.verifier) == [(second.pk, "A2")]


# --- what is asked no more ------------------------------------------------------------------------
def test_an_answer_that_the_unit_is_asked_no_more_is_gone(answering: Answering) -> None:
    """And is there again with the question."""
    world, (first, second) = answering.world, answering.sheets
    others = [(second.pk, "A1"), (second.pk, "A2")]
    kind = world.branch.kind
    Unit.objects.filter(pk=world.branch.pk).update(kind=KindFactory(code="so", name="Sở"))
    assert (answering.found(world.verifier), len(queries.answers(world.verifier))) == (others, 2)
    assert answering.found(answering.lead) == others[:1]
    world.group.units.add(world.branch)
    assert len(answering.found(world.verifier)) == 4
    Unit.objects.filter(pk=world.branch.pk).update(kind=kind)
    world.group.units.clear()
    world.group.unit_kinds.clear()  # a group that names nobody measures everybody
    assert len(answering.found(world.verifier)) == 4
    GroupFactory(criteria_set=CampaignFactory().criteria_set)  # of another plan
    answering.words.group = GroupFactory(criteria_set=world.campaign.criteria_set)
    answering.words.group.units.add(world.office)
    answering.words.save()
    assert answering.found(world.verifier) == [(second.pk, "A1"), (first.pk, "A1")]


def test_what_is_answered_once_is_asked_of_who_stands_over_the_plan(answering: Answering) -> None:
    world, (first, second) = answering.world, answering.sheets
    world.group.measured = "once"
    world.group.save()
    assert answering.found(world.verifier) == []
    Campaign.objects.filter(pk=world.campaign.pk).update(standing_agency=world.branch)
    assert answering.found(answering.lead) == [(first.pk, "A1")]
    bloc = Bloc.objects.create(ref="khoi", name="Khối 1", organiser=world.office)
    Campaign.objects.filter(pk=world.campaign.pk).update(standing_agency=world.office, bloc=bloc)
    assert answering.found(world.verifier) == []
    seat = BlocMembership.objects.create(
        bloc=bloc, unit=second.participation.unit, year=2024, role="head"
    )
    assert answering.found(world.verifier) == [(second.pk, "A1"), (second.pk, "A2")]
    for changed in ({"year": 2025}, {"year": 2024, "role": "deputy"}):
        BlocMembership.objects.filter(pk=seat.pk).update(**changed)
        assert answering.found(world.verifier) == []


@pytest.mark.parametrize(
    ("left_on", "away", "stays"),
    [
        (date(2023, 12, 31), [], False),
        (date(2024, 1, 1), [], True),
        (None, [date(2023, 12, 31), date(2101, 1, 1)], False),
        (None, [date(2024, 1, 1), date(2101, 1, 1)], True),
        (None, [date(2023, 12, 31), date(2024, 12, 31)], True),
        (None, [date(2022, 1, 1), date(2023, 1, 1)], True),
    ],
)
def test_who_was_gone_before_the_period_answers_nothing(
    answering: Answering, left_on: date | None, away: list[date], stays: bool
) -> None:
    world, first = answering.world, answering.sheets[0]
    Participation.objects.filter(pk=world.part.pk).update(
        registered_on=date(2022, 1, 1), left_on=left_on, away=away
    )
    world.part.refresh_from_db()
    assert takes_part(world.part, world.period) == stays
    assert (first.pk in {pk for pk, _code in answering.found(world.verifier)}) == stays


def test_a_verifier_is_not_told_of_answers_that_are_asked_no_more(answering: Answering) -> None:
    world, first = answering.world, answering.sheets[0]
    assert queries.unassessed([first]) == {first.pk: 2}
    ResultSheet.objects.filter(pk=first.pk).update(state="submitted", verified_by=None)
    assert [one.to_assess for one in queries.sheets_to_verify(world.verifier)] == [2]
    Unit.objects.filter(pk=world.branch.pk).update(kind=KindFactory(code="so", name="Sở"))
    assert queries.unassessed([first]) == {}
    assert [one.to_assess for one in queries.sheets_to_verify(world.verifier)] == [0]


@pytest.mark.django_db
@settings(
    max_examples=25,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(seed=st.integers(0, 2**32))
def test_sql_tells_what_is_told_one_by_one(seed: int) -> None:
    with undone():
        Made(Random(seed))
        rows = list(Result.objects.select_related("indicator"))
        marks = last_marks([row.pk for row in rows])
        words = [row for row in rows if is_assessed(row.indicator, row.state)]
        waits = {row.pk for row in words if not is_found(marks.get(row.pk, NO_MARKS), row)}
        asked = Result.objects.filter(pk__in=[row.pk for row in words])
        assert set(not_found(asked).values_list("pk", flat=True)) == waits


# --- on the pages ---------------------------------------------------------------------------------
def test_the_page_leads_to_each_sheet_at_its_answer(
    answering: Answering, client_of: ClientOf
) -> None:
    page = client_of(answering.world.verifier).get(url("answer_list"))
    words, html = text(page), page.content.decode()
    assert "4 câu trả lời" in words
    assert "Tự nhận: Tốt" in words
    assert "Đã thẩm định" in words
    for sheet in answering.sheets:
        for one in (answering.rubric, answering.words):
            assert html.count(f'href="/phieu/{sheet.pk}/#r{one.pk}"') == 2  # name and button
    sheet = client_of(answering.world.verifier).get(f"/phieu/{answering.sheets[0].pk}/")
    assert f'id="r{answering.rubric.pk}"' in sheet.content.decode()


def test_the_lead_assesses_on_its_own_page(answering: Answering, client_of: ClientOf) -> None:
    client = client_of(answering.lead)
    html = client.get(url("answer_list")).content.decode()
    part, campaign = answering.world.part, answering.world.campaign
    where = reverse("campaigns:lead_cells", args=[campaign.ref])
    link = f"{where}?ky={answering.world.period.ref}&amp;tieu-chi=a1#d{part.pk}"
    assert f'href="{link}"' in html
    assert "/phieu/" not in html.split("<main")[1].split("</main")[0].replace(
        url("result_sheet_list") + '"', ""
    )  # it may not open the sheets of the units
    page = client.get(link.replace("&amp;", "&").split("#")[0])
    assert f'<tr id="d{part.pk}">' in page.content.decode()


def test_what_was_found_before_the_answer_changed_is_told(
    answering: Answering, client_of: ClientOf
) -> None:
    world, sheet = answering.world, answering.sheets[0]
    answering.assess(sheet, answering.rubric, str(answering.good.pk))
    assert (sheet.pk, "A1") not in answering.found(world.verifier)
    back = services.return_sheet(
        ResultSheet.objects.get(pk=sheet.pk), reason="Thiếu", actor=world.verifier, now=LATER
    )
    add(world, back, answering.rubric, now=LATER + timedelta(hours=1))
    sent = services.submit_sheet(back, actor=world.head, now=LATER + timedelta(hours=2))
    services.verify_sheet(sent, actor=world.verifier, now=LATER + timedelta(hours=3))
    assert (sheet.pk, "A1") in answering.found(world.verifier)
    words = text(client_of(world.verifier).get(url("answer_list")))
    assert "Đã đổi sau khi Trần Thị Mẫu xét mức “Tốt”" in words


def other_plan(answering: Answering) -> World:
    """A second plan of the same office, with one answer that waits."""
    world = answering.world
    campaign = CampaignFactory(issuer=world.office, short_title="Kế hoạch khác")
    group = GroupFactory(criteria_set=campaign.criteria_set)
    here = World(
        campaign,
        PeriodFactory(campaign=campaign, closes_on=date(2099, 1, 1)),
        group,
        world.office,
        world.branch,
        ParticipationFactory(campaign=campaign, unit=world.branch),
        world.clerk,
        world.head,
        world.verifier,
    )
    words = here.indicator(None, kind="qualitative", code="B1")
    here.accepted(here.part, {words: {"text": "Đã xong"}})
    return here


def test_one_plan_may_be_looked_at_alone(answering: Answering, client_of: ClientOf) -> None:
    other = other_plan(answering)
    found = queries.answers(answering.world.verifier)
    assert [plan.count for plan in found.plans] == [4, 1]
    assert (len(found), found.total) == (5, 5)
    client = client_of(answering.world.verifier)
    words = text(client.get(url("answer_list"), {"ke-hoach": other.campaign.ref}))
    assert "1 câu trả lời, Kế hoạch khác" in words
    assert "B1" in words
    assert "A1" not in words
    first = {"ke-hoach": answering.world.campaign.ref}
    words = text(client.get(url("answer_list"), first))
    assert "A1" in words
    assert "B1" not in words
    assert "Mọi kế hoạch (5)" in words
    assert "5 câu trả lời" in text(client.get(url("answer_list"), {"ke-hoach": "không có"}))


def test_they_are_counted_on_the_first_page_the_list_of_sheets_and_the_plan(
    answering: Answering, client_of: ClientOf
) -> None:
    other_plan(answering)
    campaign = answering.world.campaign
    client = client_of(answering.world.verifier)
    link = f"{url('answer_list')}?ke-hoach={campaign.ref}"
    for where, count in (
        (reverse("home"), "4 câu trả lời chưa xét trong phiếu đã thẩm định"),
        (url("result_sheet_list"), "4 câu trả lời trong phiếu đã thẩm định"),
        (url("campaign_detail", campaign.ref), "4 câu trả lời chưa xét trong phiếu đã thẩm định"),
    ):
        page = client.get(where)
        assert count in text(page), where
        assert f'href="{link}"' in page.content.decode(), where
    page = client_of(answering.world.clerk).get(url("campaign_detail", campaign.ref))
    assert "chưa xét" not in text(page)


def test_an_empty_list_says_so(world: World, client_of: ClientOf) -> None:
    words = text(client_of(world.verifier).get(url("answer_list")))
    assert "Không còn câu trả lời nào chờ xét" in words


@pytest.mark.parametrize("more", [0, 30])
def test_the_page_costs_the_same_for_few_and_for_many(
    answering: Answering,
    client_of: ClientOf,
    more: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for _ in range(more):
        answering.accept(name="Chi cục B")
    client = client_of(answering.world.verifier)
    # session, user, accounts in the frame, counts, rows, marks, sheets that may be opened
    with django_assert_num_queries(7):
        page = client.get(url("answer_list"))
    assert page.content.decode().count('<th scope="row">') == min(50, 4 + 2 * more)
    if more:
        assert "1–50 trên 64 câu trả lời" in text(page)
        second = client.get(url("answer_list"), {"page": "2"})
        assert second.content.decode().count('<th scope="row">') == 14


def test_a_permission_is_a_list(answering: Answering) -> None:
    """Assessed or not: what may be assessed again is in it, too."""
    answering.assess(answering.sheets[0], answering.words, "met")
    assert policies.assessable_results(answering.world.verifier).count() == 4
    mine = policies.assessable_results(answering.lead)
    assert [row.verifies for row in mine] == [False, False]  # type: ignore[attr-defined]
    told = policies.assessable_results(answering.world.verifier)
    assert {row.verifies for row in told} == {True}  # type: ignore[attr-defined]
