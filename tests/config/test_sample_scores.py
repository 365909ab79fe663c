"""The made-up plan that scores: a right file, and a bloc with scores in every layer."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.db.models import F

from campaigns.models import Campaign, CellMark, Period, Ranking, Remark, ScoreLayer
from campaigns.queries import figures, ranking_of
from config.demo import accounts, scores
from config.planfile import load_plans, plan_data, read_plan
from tests.config.planfiles import SAMPLE
from tests.factories import NOW
from units.services import import_units, read_unit_files


@pytest.fixture
def bloc(db):
    trees = [SAMPLE / "units" / name for name in ("00-levels-kinds.yaml", "lam-dong.yaml")]
    import_units(read_unit_files(trees), actor=None, now=NOW)
    call_command("load_registries", stdout=StringIO())


def test_its_file_is_right_and_says_that_it_is_made_up(bloc):
    file = read_plan(scores.FILE)
    assert list(map(str, file.problems)) == []
    load_plans([file], actor=None, now=NOW)
    campaign = Campaign.objects.get(ref=scores.PLAN)
    assert plan_data(campaign) == file.plan
    assert "mẫu của cổng" in campaign.title
    assert "không phải văn bản ban hành" in Remark.objects.get(campaign=campaign).text


def test_a_half_year_is_published_and_the_year_under_way(bloc, monkeypatch, settings):
    settings.DEMO = True
    units = {one.unit for one in accounts.ACCOUNTS if one.unit.startswith("lam-dong")}
    mine = tuple(one for one in accounts.ACCOUNTS if one.unit in units)
    monkeypatch.setattr(accounts, "ACCOUNTS", mine)
    accounts.make_accounts(now=NOW)
    scores.run()
    ranking = Ranking.objects.get()
    assert len(ranking.snapshot["rows"]) == 8
    campaign = Campaign.objects.get(ref=scores.PLAN)
    told = {
        period.ref: next(one for one in figures(campaign, period).indicators if one.told).told
        for period in campaign.periods.all()
    }
    assert not told[scores.HALF].waiting
    assert told[scores.YEAR].met
    assert told[scores.YEAR].not_met
    assert told[scores.YEAR].waiting
    assert CellMark.objects.filter(result__version__gt=F("version")).exists()  # changed since
    assert len(ranking.snapshot["disqualified"]) == 1
    periods = Period.objects.filter(campaign__ref=scores.PLAN).select_related("campaign")
    (half,), (year,) = (ranking_of(periods.get(ref=ref)) for ref in (scores.HALF, scores.YEAR))
    assert not half.stale
    assert year.ranked
    assert year.missing
    own = ScoreLayer.objects.get(
        layer="self",
        scorer__ref__endswith=scores.OPEN,
        score_sheet__period__ref=scores.YEAR,
    )
    assert own.state == "draft"
