"""A nomination whose results or targets were changed since it was sent shows itself as stale."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse

import campaigns.services as campaign_services
from awards import queries, services
from awards.models import Nomination
from awards.queries.todo import todo
from campaigns.models import ResultSheet
from tests.awards.factories import World
from tests.conftest import StrictClient
from tests.factories import (
    NOW,
    GroupFactory,
    PeriodFactory,
    ResultSheetFactory,
    TargetFactory,
    UserFactory,
    amend,
)


@pytest.fixture
def sheet(world: World) -> ResultSheet:
    """Accepted, of the member under which the nominees stand, within the time of the phase."""
    period = PeriodFactory(
        campaign=world.campaign,
        period_from=date(2024, 1, 1),
        period_to=date(2024, 12, 31),
        closes_on=(NOW + timedelta(days=400)).date(),
    )
    return accepted(world, period)


def accepted(world: World, period) -> ResultSheet:
    part = world.campaign.participations.get(unit=world.unit)
    return ResultSheetFactory(
        participation=part,
        period=period,
        state="verified",
        submitted_at=NOW,
        submitted_by=world.head,
        verified_at=NOW,
        verified_by=UserFactory(),
    )


def reopened(world: World, sheet: ResultSheet) -> None:
    campaign_services.return_sheet(sheet, reason="Lệch", actor=world.standing, now=NOW)


def stale(*nominations: Nomination) -> list[str]:
    rows = Nomination.objects.filter(pk__in=[one.pk for one in nominations])
    return [one.why for one in queries.stale_nominations(rows).values()]


def test_what_it_stood_on_is_kept_when_it_is_sent(world: World, sheet: ResultSheet) -> None:
    old = PeriodFactory(
        campaign=world.campaign,
        ref="2020",
        period_from=date(2020, 1, 1),
        period_to=date(2020, 12, 31),
    )
    accepted(world, old)  # before the phase
    draft = world.nominate()
    assert draft.sheets_read == {}
    sent = services.propose_nomination(draft, actor=world.head, now=NOW)
    assert sent.sheets_read == {str(sheet.pk): sheet.revision}
    assert stale(sent) == []


def test_a_sheet_opened_again_or_verified_anew_makes_it_stale(
    world: World, sheet: ResultSheet
) -> None:
    sent, draft = world.propose(), world.nominate()
    reopened(world, sheet)
    (said,) = stale(sent, draft)
    assert said == f"{sheet} đã mở lại sau khi gửi đề nghị, nay trả lại để sửa."
    ResultSheet.objects.update(state="verified", verified_at=NOW, verified_by=UserFactory())
    assert stale(sent) == [f"{sheet} đã sửa và thẩm định lại sau khi gửi đề nghị."]


def test_returned_and_sent_again_it_stands_on_the_new_figures(
    world: World, sheet: ResultSheet
) -> None:
    sent = world.propose()
    ResultSheet.objects.update(revision=9)
    assert stale(sent)
    back = services.return_nomination(sent, reason="Số liệu", actor=world.secretary, now=NOW)
    assert stale(back) == []
    again = services.propose_nomination(back, actor=world.head, now=NOW)
    assert (again.sheets_read, stale(again)) == ({str(sheet.pk): 9}, [])


AMENDED = "Mục tiêu đã điều chỉnh từ ngày 01/06/2024 theo “QĐ 9”, sau khi gửi đề nghị."


def test_a_target_amended_within_the_time_makes_it_stale(world: World, sheet: ResultSheet) -> None:
    target = TargetFactory(indicator__criteria_set=world.campaign.criteria_set)
    other = TargetFactory()  # of another plan
    sent = world.propose()
    assert list(sent.targets_read) == [str(sheet.period_id)]
    amend(target.indicator, 20, sheet.period.period_to + timedelta(days=1))
    amend(other.indicator, 20, date(2024, 6, 1))
    assert stale(sent) == []
    amend(target.indicator, 20, date(2024, 6, 1))
    assert stale(sent) == [AMENDED]
    ResultSheet.objects.update(revision=9)
    assert stale(sent) == [f"{sheet} đã sửa và thẩm định lại sau khi gửi đề nghị. {AMENDED}"]
    back = services.return_nomination(sent, reason="Số liệu", actor=world.secretary, now=NOW)
    again = services.propose_nomination(back, actor=world.head, now=NOW)
    assert stale(again) == []


def test_one_sent_before_stamps_were_kept_is_not_compared(world: World, sheet: ResultSheet) -> None:
    target = TargetFactory(indicator__criteria_set=world.campaign.criteria_set)
    sent = world.propose()
    amend(target.indicator, 20, date(2024, 6, 1))
    Nomination.objects.update(targets_read={})
    assert stale(sent) == []


def test_what_is_stale_is_found_in_three_queries(
    world: World, sheet: ResultSheet, django_assert_num_queries: Any
) -> None:
    TargetFactory(indicator__criteria_set=world.campaign.criteria_set)
    rows = [world.propose(), world.propose()]
    for held in (rows[:1], rows):
        with django_assert_num_queries(3):
            queries.stale_nominations(held)


def test_what_is_decided_is_not_asked_again(world: World, sheet: ResultSheet) -> None:
    sent = world.propose()
    ResultSheet.objects.update(revision=9)
    services.withdraw_nomination(sent, actor=world.head, now=NOW)
    assert stale(sent) == []


@pytest.mark.parametrize(
    ("figures", "targets", "title"),
    [
        (True, False, "Số liệu đã đổi"),
        (False, True, "Mục tiêu đã đổi"),
        (True, True, "Số liệu và mục tiêu đã đổi"),
    ],
)
def test_the_words_say_whether_figures_or_targets_changed(
    world: World,
    sheet: ResultSheet,
    client: StrictClient,
    figures: bool,
    targets: bool,
    title: str,
) -> None:
    """In the list of things to do, in the round and on the page of the nomination alike."""
    group = GroupFactory(criteria_set=world.campaign.criteria_set)
    target = TargetFactory(indicator__group=group)
    sent = world.propose()
    if figures:
        reopened(world, sheet)
    if targets:
        amend(target.indicator, 20, date(2024, 6, 1))
    (line,) = [one for one in todo(world.head, NOW) if "đã đổi" in one.title]
    assert line.title.startswith(f"{title}: đề nghị ")
    client.force_login(world.head)
    for url, words in (
        (reverse("awards:nomination_detail", args=[sent.pk]), f"{title} sau khi gửi đề nghị"),
        (reverse("awards:round_detail", args=[world.round.ref]), f"{title}</span>"),
    ):
        page = client.get(url).content.decode()
        assert words in page
        assert page.count("đã đổi") == 1


def test_pages_and_things_to_do_tell_who_can_act(
    world: World, sheet: ResultSheet, client: StrictClient
) -> None:
    sent = world.propose()
    assert not [one for one in todo(world.head, NOW) if "Số liệu đã đổi" in one.title]
    reopened(world, sheet)
    said = stale(sent)[0]
    for user in (world.head, world.secretary):
        (line,) = [one for one in todo(user, NOW) if one.title.startswith("Số liệu đã đổi")]
        assert (line.why, line.label) == (said, "Xem lại đề nghị")
    assert not [one for one in todo(world.decider, NOW) if "Số liệu đã đổi" in one.title]
    client.force_login(world.head)
    for url in (
        reverse("awards:nomination_detail", args=[sent.pk]),
        reverse("awards:round_detail", args=[world.round.ref]),
    ):
        page = client.get(url).content.decode()
        assert said in page, url
        assert "Số liệu đã đổi" in page
