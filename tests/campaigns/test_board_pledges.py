"""Pledges beside the figures: on the board, of one unit over the years, of one indicator."""

import re
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from campaigns import services
from campaigns.models import Participation, Period, PledgeLine, PledgeRound, ResultSheet
from campaigns.queries import board, comparison, tracks
from campaigns.queries.board import Wanted
from campaigns.queries.promises import Kept
from criteria.models import Group, Indicator
from criteria.rules import Verdict
from tests.campaigns.blocs import BlocWorld, make_bloc_world
from tests.factories import NOW, BlocMembershipFactory, ParticipationFactory, PeriodFactory

KEPT, BROKEN = Verdict.MET, Verdict.NOT_MET


@pytest.fixture
def world(db: None) -> BlocWorld:
    return make_bloc_world()


@pytest.fixture
def period(world: BlocWorld) -> Period:
    return PeriodFactory(campaign=world.campaign)


@pytest.fixture
def asked(world: BlocWorld) -> Indicator:
    return world.indicator(80, ref="a")


def report(
    world: BlocWorld, period: Period, place: int, met: str, *, state: str = "", text: str = ""
) -> None:
    """A sheet of one member, accepted unless told."""
    unit = world.units[place]
    held = Participation.objects.filter(campaign=world.campaign, unit=unit).first()
    part = held or ParticipationFactory(campaign=world.campaign, unit=unit)
    sheet = services.open_sheet(part, period, actor=world.clerks[place], now=NOW)
    typed = {"text": text} if text else {"numerator": met, "denominator": "100"}
    indicator = Indicator.objects.get(ref="a")
    services.record_result(sheet, indicator, typed, 0, actor=world.clerks[place], now=NOW)
    services.submit_sheet(sheet, actor=world.heads[place], now=NOW)
    if not state:
        sheet = ResultSheet.objects.get(pk=sheet.pk)
        services.verify_sheet(sheet, actor=world.leaders[0], now=NOW)


def pledge(world: BlocWorld, place: int, level: str) -> None:
    round_ = PledgeRound.objects.first() or world.open()
    world.sign(world.write(world.start(round_, place), a=level), place)


def shown(world: BlocWorld, period: Period, **wanted: str) -> list[tuple[str, Verdict] | None]:
    """What the board says of the pledge of each member."""
    found = board.board(world.campaign, period, world.leaders[0], Wanted(**wanted))
    promises = [row.cells[0][3] for row in found.rows]
    return [(held.words, held.verdict) if held else None for held in promises]


def test_the_pages_tell_who_kept_what_was_pledged(world, period, asked, client_of):
    for place, level in enumerate(("85", "95", "")):
        if level:
            pledge(world, place, level)
        report(world, period, place, "90")
    assert shown(world, period) == [("từ 85% trở lên", KEPT), ("từ 95% trở lên", BROKEN), None]

    def text(name: str, *args: str) -> str:
        page = reverse(f"campaigns:{name}", args=[world.campaign.ref, *args])
        return " ".join(client_of(world.leaders[0]).get(page).content.decode().split())

    page = text("board_table")
    assert "giao ước: từ 85% trở lên, đạt" in page
    assert "giao ước: từ 95% trở lên, chưa đạt" in page
    assert page.count("giao ước:") == 2
    page = text("board_indicator", "a")
    assert "2 đơn vị đã ký mức cho tiêu chí này; 1 trên 2 đơn vị có số liệu đạt mức đã ký" in page
    assert "giao ước: từ 95% trở lên, chưa đạt" in page
    assert "giao ước: từ 95% trở lên, chưa đạt" in text("board_unit", world.units[1].ref)


def test_the_newest_that_was_signed_holds(world, period, asked):
    first = world.sign(world.write(world.start(world.open()), a="85"))
    report(world, period, 0, "90")
    second = services.amend_pledge(first, reason="Thêm việc", actor=None, now=NOW)
    world.write(second, a="95")
    assert shown(world, period) == [("từ 85% trở lên", KEPT)]  # a draft binds nobody
    world.sign(second)
    assert shown(world, period) == [("từ 95% trở lên", BROKEN)]


def test_a_figure_that_is_not_verified_keeps_nothing(world, period, asked):
    pledge(world, 0, "85")
    report(world, period, 0, "90", state="submitted")
    assert shown(world, period) == [("từ 85% trở lên", Verdict.NO_DATA)]
    assert shown(world, period, figures=board.PROVISIONAL) == [("từ 85% trở lên", KEPT)]


def test_half_a_year_neither_keeps_nor_breaks_it(world, period, asked):
    pledge(world, 0, "85")
    Period.objects.update(kind="half")
    period.refresh_from_db()
    report(world, period, 0, "90")
    assert shown(world, period) == [("từ 85% trở lên", Verdict.NOT_JUDGED)]


def test_words_are_shown_and_not_judged(world, period, asked):
    pledge(world, 0, "85")
    report(world, period, 0, "90")
    PledgeLine.objects.update(operator="none", value=None, text="Làm tốt hơn")
    assert shown(world, period) == [("Làm tốt hơn", Verdict.NOT_JUDGED)]


def test_a_change_is_held_against_the_year_before(world, period, asked):
    days = {name: getattr(period, name).replace(year=2023) for name in ("period_from", "period_to")}
    last = PeriodFactory(campaign=world.campaign, ref="2023", **days)
    for place, unit in enumerate(world.units):
        role = "member" if place else "head"
        BlocMembershipFactory(bloc=world.bloc, unit=unit, year=2023, role=role)
    pledge(world, 0, "85")
    PledgeLine.objects.update(basis="rise", value=Decimal(5))
    report(world, last, 0, "80")
    report(world, period, 0, "90")
    periods, leader = [last, period], world.leaders[0]
    found = tracks.unit_tracks(
        world.campaign,
        periods,
        world.units[0].ref,
        leader,
        today=NOW.date(),
        counted=ResultSheet.ACCEPTED,
    )
    assert found
    assert [held and held.verdict for held in found.tracks[0].pledged] == [None, KEPT]
    compared = comparison.comparison(world.campaign, periods, period, asked, leader, Wanted())
    assert compared.pledged == Kept(units=1, told=1, kept=1, stricter=1)
    assert shown(world, period) == [("tăng ít nhất 5 điểm phần trăm so với năm trước", KEPT)]
    PledgeLine.objects.update(value=Decimal(11))
    assert shown(world, period)[0][1] == BROKEN


@pytest.mark.parametrize(
    ("level", "words"),
    [("80", ""), ("80,5", "giao ước: từ 80,5% trở lên, đạt")],
)
def test_what_repeats_the_target_is_left_out_and_counted(
    world, period, asked, client_of, level, words
):
    Group.objects.update(measured="each")
    pledge(world, 0, level)
    report(world, period, 0, "90")
    pages = {
        name: pledges_on(client_of(world.leaders[0]), world, name, *args)
        for name, args in (
            ("board_table", ()),
            ("board_indicator", ("a",)),
            ("board_unit", (world.units[0].ref,)),
        )
    }
    assert pages == dict.fromkeys(pages, [words] if words else [])
    where = reverse("campaigns:board_indicator", args=[world.campaign.ref, "a"])
    page = " ".join(client_of(world.leaders[0]).get(where).content.decode().split())
    assert "1 đơn vị đã ký mức cho tiêu chí này; 1 trên 1 đơn vị có số liệu đạt" in page
    assert ("1 đơn vị ký mức chặt hơn mục tiêu" in page) == bool(words)


def test_what_was_not_kept_is_told_where_no_unit_is_held_to_the_target(
    world, period, asked, client_of
):
    """The target is of the bloc as a whole, so that nothing else says that the unit missed it."""
    pledge(world, 0, "80")
    report(world, period, 0, "70")
    told = ["giao ước: từ 80% trở lên, chưa đạt"]
    client = client_of(world.leaders[0])
    assert pledges_on(client, world, "board_table") == told
    assert pledges_on(client, world, "board_indicator", "a") == told
    Group.objects.update(measured="each")
    assert pledges_on(client, world, "board_table") == []


def test_a_pledge_that_is_not_judged_has_an_icon_and_words_stand_beside_an_answer(
    world, period, client_of
):
    world.indicator(None, kind="narrative", ref="a")
    pledge(world, 0, "Làm trước hạn")
    report(world, period, 0, "", text="Đã làm")
    client = client_of(world.leaders[0])
    for name, args in (("board_table", ()), ("board_indicator", ("a",))):
        assert pledges_on(client, world, name, *args) == ["giao ước: Làm trước hạn"]
        where = reverse(f"campaigns:{name}", args=[world.campaign.ref, *args])
        assert re.search(r'#i-dot"></use></svg>\s*giao ước', client.get(where).content.decode())


def pledges_on(client, world: BlocWorld, name: str, *args: str) -> list[str]:
    """What a page says of pledges."""
    where = reverse(f"campaigns:{name}", args=[world.campaign.ref, *args])
    page = client.get(where).content.decode()
    return [" ".join(one.split()) for one in re.findall(r"</svg>\s*(giao ước:[^<]*)<", page)]


def test_pledges_cost_one_query_however_many_units(world, period, asked):
    counts = []
    for place in range(3):
        pledge(world, place, "85")
        report(world, period, place, "90")
        with CaptureQueriesContext(
            connection,
        ) as queries:
            shown(world, period)
        counts.append(len([one for one in queries if "campaigns_pledge" in one["sql"]]))
    assert counts == [1, 1, 1]
