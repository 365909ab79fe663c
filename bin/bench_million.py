"""A million results for `bin.bench_rollup`: 40,000 verified sheets of 25 indicators each.

The page is the board of the plan: the figure of every indicator, how many units are measured,
answered how and meet the target, and the first units with their cells. The bare statement reads the
same results and answers the same of every indicator, for the one target that each has here. Both
in one process, in turn; writes the ratio as JSON. Run in the database of that measure.
"""

import json
import os
import statistics
import time
from collections.abc import Callable
from typing import Any

import django

django.setup()

import psycopg2  # noqa: E402
from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.urls import reverse  # noqa: E402

from bin.bench_board import plan  # noqa: E402
from campaigns.models import Period  # noqa: E402
from campaigns.queries import board  # noqa: E402
from units.models import Level, UnitKind, User  # noqa: E402

UNITS, INDICATORS, PAIRS = 40_000, 25, 9

FILL = """
CREATE TEMPORARY TABLE made AS
SELECT n, nextval('units_unit_id_seq') AS unit, nextval('campaigns_participation_id_seq') AS part,
       nextval('campaigns_resultsheet_id_seq') AS sheet
FROM generate_series(1, %(units)s) n;

INSERT INTO units_unit (id, ref, name, short_name, kind_id, parent_id, path, symbol, place,
                        area_code, tags, is_sample, note, folded)
SELECT unit, 'do-tong-' || n, 'Đơn vị ' || n, '', o.kind_id, o.id, o.path || unit || '/', '', '',
       '', '{}', false, '', 'don vi ' || n
FROM made, units_unit o WHERE o.id = %(office)s;

INSERT INTO campaigns_participation (id, campaign_id, unit_id, registered_on)
SELECT part, %(campaign)s, unit, %(began)s FROM made;

INSERT INTO campaigns_resultsheet (id, participation_id, period_id, state, revision, submitted_at,
                                   submitted_by_id, verified_at, verified_by_id, return_reason)
SELECT sheet, part, %(period)s, 'verified', 1, now(), %(sender)s, now(), %(verifier)s, ''
FROM made;

INSERT INTO campaigns_result (result_sheet_id, indicator_id, state, numerator, denominator, text,
                              reason, version, typed, problem, saved_at)
SELECT sheet, i.id, 'reported', 70 + (n + i.id) %% 31, 100, '', '', 1, '{}', '', now()
FROM made, criteria_indicator i WHERE i.criteria_set_id = %(set)s
"""
BARE = """
SELECT r.indicator_id,
       count(*) FILTER (WHERE r.state = 'reported'),
       count(*) FILTER (WHERE r.state = 'nothing'),
       count(*) FILTER (WHERE r.state = 'not_applicable'),
       sum(r.numerator) FILTER (WHERE r.state = 'reported'),
       sum(r.denominator) FILTER (WHERE r.state = 'reported'),
       sum(r.value) FILTER (WHERE r.state = 'reported'),
       count(*) FILTER (WHERE r.state = 'reported'
                        AND r.numerator * 100 >= t.value * r.denominator)
FROM campaigns_result r
JOIN campaigns_resultsheet s ON s.id = r.result_sheet_id
JOIN criteria_target t ON t.indicator_id = r.indicator_id
WHERE s.period_id = %s AND s.state IN ('verified', 'locked')
GROUP BY r.indicator_id ORDER BY r.indicator_id
"""


def fill(units: int) -> tuple[User, Period]:
    level = Level.objects.create(code="xa", name="Cấp xã", rank=3)
    UnitKind.objects.create(code="xa", name="Xã", level=level)
    verifier, period, _asked = plan(INDICATORS)
    campaign = period.campaign
    values = {
        "units": units,
        "office": campaign.issuer_id,
        "campaign": campaign.pk,
        "set": campaign.criteria_set_id,
        "period": period.pk,
        "began": period.period_from,
        "sender": User.objects.create(username="nguoi-gui", full_name="Người gửi").pk,
        "verifier": verifier.pk,
    }
    with connection.cursor() as cursor:
        cursor.execute(FILL, values)
    owner = psycopg2.connect(os.environ["DATABASE_OWNER_URL"])
    owner.autocommit = True
    with owner.cursor() as cursor:
        for table in ("result", "resultsheet", "participation"):
            cursor.execute(f"VACUUM ANALYZE campaigns_{table}")
        cursor.execute("VACUUM ANALYZE units_unit")
    owner.close()
    return verifier, period


def bare(period: Period) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(BARE, [period.pk])
        return cursor.fetchall()


def shown(period: Period, user: User) -> list[tuple[Any, ...]]:
    """The same as the page has it."""
    found = board.board(period.campaign, period, user, board.Wanted())
    names = ("reported", "nothing", "not_applicable", "numerator", "denominator", "value", "met")
    return [(one.indicator.pk, *(getattr(one, name) for name in names)) for one in found.columns]


def timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def main(units: int = UNITS) -> float:
    user, period = fill(units)
    assert shown(period, user) == bare(period), "trang và câu SQL trần không cho cùng số"
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[-1])
    address = reverse("campaigns:board_table", args=[period.campaign.ref])
    assert client.get(address).status_code == 200
    return statistics.median(
        timed(lambda: client.get(address)) / timed(lambda: bare(period)) for _ in range(PAIRS)
    )


if __name__ == "__main__":
    print(json.dumps(main()))
