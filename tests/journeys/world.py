"""The sample as the journeys need it: four of the shipped plans, through the real services."""

import json
from datetime import date
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.utils import timezone

from campaigns.models import Campaign, Period
from campaigns.queries import candidates
from campaigns.services import close_due_periods, move_closing_day
from config.demo import accounts, awards, results, stories

SAMPLE = settings.BASE_DIR / "config" / "sample"
PROVINCE = "dong-thap.2022.chuyen-doi-so"
DEPARTMENT = "dong-thap.snn.2022.chuyen-doi-so"
BLOC = "lam-dong.khoi-snn.2023.chuyen-doi-so"
COUNTRYSIDE = "tien-giang.2022.ntm-thong-minh"
STORIES = {story.plan: story for story in stories.STORIES}


def load(passwords: Path) -> None:
    """Units, four plans (Đồng Tháp, its department of agriculture, the Lâm Đồng bloc, Tiền Giang),
    accounts, the results of 2024, a year being entered, nominations that wait for the department's
    council, and a round of the province whose council has met. `passwords`: the file to write.
    """
    now = timezone.now()
    call_command("import_units", *map(str, sorted((SAMPLE / "units").glob("*.yaml"))), verbosity=0)
    call_command("load_registries", verbosity=0)
    plans = [path for path in sorted((SAMPLE / "plans").glob("*.yaml")) if path.name[:3] < "004"]
    call_command("load_plan", *map(str, plans), "--sample", verbosity=0)
    accounts.make_accounts(now=now)
    current = keep_open(Period.objects.get(campaign__ref=DEPARTMENT, ref=str(results.CURRENT)))
    for ref in (PROVINCE, DEPARTMENT, BLOC, COUNTRYSIDE):
        campaign = Campaign.objects.get(ref=ref)
        enrol(campaign)
        year = keep_open(campaign.periods.get(ref="2024"))
        results.report_year(campaign, year)
        move_closing_day(year, closes_on=date(2025, 1, 31), reason="Mẫu.", actor=None, now=now)
    close_due_periods(now=now)
    results.begin_current_year(Campaign.objects.get(ref=DEPARTMENT), current)
    propose_without_council(STORIES[DEPARTMENT])
    awards.nominate_everyone(STORIES[PROVINCE])
    accounts.write_passwords(passwords, now=now)


def enrol(campaign: Campaign) -> None:
    """All whom the plan invites; of the many communes of Tiền Giang those of one district."""
    units = [found.unit for found in candidates(campaign, campaign.period_from)]
    few = [unit for unit in units if unit.ref.count(".") < 2 or ".cai-be." in unit.ref]
    chosen = few if campaign.ref == COUNTRYSIDE else units
    results.enrol_everyone(campaign, chosen, now=timezone.now())


def keep_open(period: Period) -> Period:
    now, closes_on = timezone.now(), results.current_close(timezone.localdate())
    return move_closing_day(period, closes_on=closes_on, reason="Mẫu.", actor=None, now=now)


def propose_without_council(story: stories.Story) -> None:
    """As the sample tells it, but for the session, which the journey holds."""
    meet = awards.meet
    awards.meet = lambda *_: None
    try:
        awards.nominate_everyone(story)
    finally:
        awards.meet = meet


def read_passwords(file: Path) -> dict[str, str]:
    return {row["username"]: row["password"] for row in json.loads(file.read_text())}
