"""The period that an address asks for: one name on every page, and links kept from before."""

from datetime import date
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from campaigns import queries
from criteria.models import Indicator
from tests.campaigns.world import World
from tests.factories import NOW, PeriodFactory, UnitFactory, user_with
from units.services import give_role

PAGES = (
    "board_table",
    "board_deadline",
    "board_indicator",
    "board_unit",
    "campaign_units",
    "campaign_scores",
    "campaign_excel",
    "lead_cells",
)


@pytest.fixture
def indicator(world: World, client: Client) -> Indicator:
    """Of a plan with two years, the pages of which one person sees."""
    PeriodFactory(
        campaign=world.campaign,
        ref="2023",
        name="Năm 2023",
        period_from=date(2023, 1, 1),
        period_to=date(2023, 12, 31),
    )
    department = UnitFactory()
    user = user_with("standing_agency", world.office)
    give_role(
        user=user, unit=department, role="lead_department", and_below=False, actor=None, now=NOW
    )
    client.force_login(user)
    return world.indicator(code="CT01", ref="ct01", lead_unit=department)


@pytest.mark.parametrize("word", ["ky", "period"])
@pytest.mark.parametrize("name", PAGES)
def test_every_page_shows_the_period_that_is_asked(
    world: World, client: Client, indicator: Indicator, name: str, word: str
) -> None:
    more = {"board_indicator": [indicator.ref], "board_unit": [world.branch.ref]}
    where = reverse(f"campaigns:{name}", args=[world.campaign.ref, *more.get(name, [])])
    answer = client.get(where, {word: "2023"})
    assert answer.status_code == 200
    page = answer.content.decode()
    assert answer.context["period"].ref == "2023" if name != "board_unit" else "?ky=2023" in page
    assert 'name="period"' not in page


def test_the_name_of_today_goes_before_the_old_one(world: World, indicator: Indicator) -> None:
    query = {"ky": "2023", "period": "2024"}
    assert queries.chosen_period(world.campaign, query, NOW.date())[1].ref == "2023"


def test_no_link_says_the_old_name() -> None:
    root = Path(settings.BASE_DIR)
    apps = (
        "templates",
        "units",
        "criteria",
        "campaigns",
        "awards",
        "dossiers",
        "reports",
        "config",
    )
    files = [
        file for app in apps for kind in ("py", "html") for file in (root / app).rglob(f"*.{kind}")
    ]
    assert len(files) > 300
    said = [
        str(file) for file in files if any(f"{mark}period=" in file.read_text() for mark in "?&;")
    ]
    assert said == []
