"""Results count only once they are verified: every reader of figures, one table.

One member is verified with 9 of 10, another is not yet, with 1 of 10. Whoever adds up gets 9 of 10,
or says that the figure is provisional.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from awards.queries import nomination_card
from campaigns import queries, services
from campaigns.models import Participation, Result, ResultSheet
from campaigns.queries import board, comparison, tracks
from campaigns.queries.board import Wanted
from campaigns.queries.results import results_of
from campaigns.queries.totals import sums_over_units
from campaigns.rules import MISSING
from criteria.models import Indicator
from criteria.rules import Verdict
from reports.documents.facts import collect
from reports.documents.years import years_of
from reports.models import Report
from reports.queries import accepted_sheets
from tests.awards.factories import QuotaFactory, RoundFactory
from tests.campaigns.scoring import make_scored
from tests.campaigns.world import World, make_world
from tests.factories import (
    NOW,
    TODAY,
    GroupFactory,
    PeriodFactory,
    PhaseFactory,
    ResultSheetFactory,
    TargetFactory,
)

pytestmark = pytest.mark.django_db
Pair = tuple[Any, Any]
VERIFIED: Pair = (9, 10)


@dataclass
class Two:
    """A plan of two members; the sheet of the second stands in a state that does not count."""

    world: World
    ratio: Indicator
    share: Indicator
    total: Indicator
    other: Participation
    sheet: ResultSheet

    @property
    def figures(self) -> queries.Figures:
        return queries.figures(self.world.campaign, self.world.period)

    def figure(self, of: Indicator) -> queries.Figure:
        return next(one for one in self.figures.indicators if one.indicator.pk == of.pk)


@pytest.fixture(params=["draft", "submitted", "returned", "reopened"])
def two(request: pytest.FixtureRequest) -> Two:
    world = make_world()
    ratio = world.indicator(ref="ct01", code="CT01")
    kinds = Indicator.Kind
    share = world.indicator(
        80, ref="ct02", code="CT02", kind=kinds.DERIVED, derivation="share", derived_from=ratio
    )
    once = GroupFactory(criteria_set=ratio.criteria_set, measured="once", name="Toàn Sở")
    total = world.indicator(None, group=once, ref="ct03", code="CT03", sum_of=["ct01"])
    other = world.member(name="Chi cục Thủy lợi")
    world.accepted(world.part, {ratio: {"numerator": "9", "denominator": "10"}})
    sheet = world.sheet(other)
    world.fill(sheet, ratio, numerator="1", denominator="10")
    if request.param != "draft":
        sheet = services.submit_sheet(sheet, actor=world.head, now=NOW)
    if request.param == "returned":
        sheet = services.return_sheet(sheet, reason="Sai số", actor=world.verifier, now=NOW)
    if request.param == "reopened":
        services.verify_sheet(sheet, actor=world.verifier, now=NOW)
        ResultSheet.objects.filter(pk=sheet.pk).update(state="locked", locked_at=NOW)
        said = {"reason": "Sai số", "until": TODAY + timedelta(days=9)}
        sheet = services.reopen_sheet(sheet, actor=world.verifier, now=NOW, **said)
    assert ResultSheet.objects.get(pk=sheet.pk).state not in ("verified", "locked")
    return Two(world, ratio, share, total, other, sheet)


# --- whoever adds up: what it counts of the ratio ------------------------------------------------
def by_figures(two: Two) -> Pair:
    figure = two.figure(two.ratio)
    assert figure.cells[two.other.unit_id].verdict == Verdict.NO_DATA
    return figure.numerator, figure.denominator


def by_board(two: Two) -> Pair:
    world = two.world
    found = board.board(world.campaign, world.period, world.verifier, Wanted())
    assert {row.unit.accepted for row in found.rows} == {True, False}
    return found.columns[0].numerator, found.columns[0].denominator


def by_comparison(two: Two) -> Pair:
    world, periods = two.world, [two.world.period]
    found = comparison.comparison(
        world.campaign, periods, world.period, two.ratio, world.verifier, Wanted()
    )
    assert found.drawn.bars == 1
    return found.source.numerator, found.source.denominator


def by_unit(two: Two) -> Pair:
    """The unit whose sheet does not count has no figure on its own page either."""
    world, unit = two.world, two.other.unit
    cells = {}
    for ref in (unit.ref, world.branch.ref):
        found = tracks.unit_tracks(
            world.campaign,
            [world.period],
            ref,
            world.verifier,
            today=TODAY,
            counted=ResultSheet.ACCEPTED,
        )
        assert found is not None
        ((_period, cells[ref]),) = found.tracks[0].years
    assert cells[unit.ref].state == MISSING
    return cells[world.branch.ref].numerator, cells[world.branch.ref].denominator


def by_derived(two: Two) -> Pair:
    """One of two units is known to meet the condition: what is not verified has not shown it."""
    Result.objects.filter(result_sheet=two.sheet).update(numerator=10)
    figure = two.figure(two.share)
    assert (figure.numerator, figure.denominator) == (1, 2)
    return figure.numerator * 9, figure.denominator * 5


def by_total(two: Two) -> Pair:
    (part,) = sums_over_units({two.total.pk: two.total}, two.world.period).values()
    return part.sum, part.units * 10


def by_report(two: Two) -> Pair:
    world = two.world
    report = Report(campaign=world.campaign, period=world.period, scope=world.office, version=1)
    facts = collect(report)
    line = facts["groups"][0]["indicators"][0]
    counted = accepted_sheets(world.campaign, world.period, world.office)
    assert list(facts["revisions"]) == [str(sheet.pk) for sheet in counted]
    assert facts["participation"]["reported"] == 1
    return Decimal(line["numerator"]), Decimal(line["denominator"])


def by_review(two: Two) -> Pair:
    """The years that a final review looks back on."""
    world = two.world
    days = {"period_from": world.period.period_from, "period_to": world.period.period_to}
    review = PeriodFactory(campaign=world.campaign, ref="cuoi", kind="final", **days)
    found = years_of(world.campaign, review, None)
    assert found is not None
    year = found["groups"][0]["rows"][0]["years"][0]
    return Decimal(year["numerator"]), Decimal(year["denominator"])


def by_year_before(two: Two) -> Pair:
    """A target on the change is held against what was verified a year before."""
    world, last = two.world, two.world.period
    days = {
        name: getattr(last, name).replace(year=last.period_to.year + 1)
        for name in ("period_from", "period_to")
    }
    this = PeriodFactory(campaign=world.campaign, ref="sau", **days)
    two.ratio.targets.all().delete()
    TargetFactory(indicator=two.ratio, basis="points", value=1)
    before = {}
    for part in (world.part, two.other):
        sheet = ResultSheetFactory(period=this, participation=part)
        before[part] = results_of(sheet)[2]
    assert before[two.other] == {}
    held = before[world.part][two.ratio.pk]
    return held.numerator, held.denominator


def by_nomination(two: Two) -> Pair:
    """What stands beside a nomination of the unit is its verified results, or nothing."""
    world = two.world
    phase = PhaseFactory(
        campaign=world.campaign,
        period_from=world.period.period_from,
        period_to=world.period.period_to,
    )
    quota = QuotaFactory(campaign=world.campaign, phase=phase, recipient_kind="collective")
    held = RoundFactory(campaign=world.campaign, phase=phase)
    found = {}
    for unit in (two.other.unit, world.branch):
        nomination = held.nominations.create(
            quota=quota, unit=unit, proposing_unit=unit, created_at=NOW, created_by=world.head
        )
        found[unit] = nomination_card(nomination, world.verifier, TODAY).results
    assert found[two.other.unit] is None
    line = found[world.branch].lines[0]
    assert (line.code, line.shown) == ("CT01", "90,0%")
    return VERIFIED


@pytest.mark.parametrize(
    "reader",
    [
        by_figures, by_board, by_comparison, by_unit, by_derived, by_total, by_report, by_review,
        by_year_before, by_nomination,
    ],
    ids=lambda reader: reader.__name__,
)  # fmt: skip
def test_it_counts_what_is_verified(two: Two, reader: Callable[[Two], Pair]) -> None:
    assert reader(two) == VERIFIED


# --- whoever counts more says so -----------------------------------------------------------------
def test_a_board_with_sheets_that_were_only_sent_says_so(two: Two, client_of: Any) -> None:
    world = two.world
    where = reverse("campaigns:board_table", args=[world.campaign.ref])
    page = client_of(world.verifier).get(f"{where}?so-lieu={board.PROVISIONAL}").content.decode()
    assert "Tạm tính: cộng cả phiếu đã gửi, chưa thẩm định." in page
    found = board.board(
        world.campaign, world.period, world.verifier, Wanted(figures=board.PROVISIONAL)
    )
    sent = ResultSheet.objects.get(pk=two.sheet.pk).state == ResultSheet.State.SUBMITTED
    assert found.columns[0].denominator == (20 if sent else 10)


def test_a_rank_waits_for_results_that_are_verified() -> None:
    """A unit scores itself on what it entered, told as its own; nobody after it, and no rank, reads
    a figure that is not verified."""
    scored = make_scored(("self", "standing"))
    scored.accept(0, done=90)
    sheet = services.open_sheet(scored.parts[1], scored.world.period, actor=None, now=NOW)
    cells = {scored.ratio.pk: ({"numerator": "90", "denominator": "100"}, 0)}
    cells[scored.times.pk] = ({"value": "0"}, 0)
    services.record_results(sheet, cells, actor=scored.clerks[1], now=NOW)
    services.submit_sheet(sheet, actor=scored.heads[1], now=NOW)
    scored.open()
    facts = [scored.read(at).facts.accepted for at in (0, 1)]
    assert facts == [True, False]
    missing = scored.read(1).missing
    assert "kết quả chưa được thẩm định" in missing
    assert "kết quả chưa được thẩm định" not in scored.read(0).missing
