"""`report_recompile_after_one_fix`: the next version of a large report, after one figure of a unit
was corrected, ÷ its first version; each from the claim of the job to both stored files.

300 units × 30 indicators in a plan of their own. All of it happens in a transaction that is rolled
back; the files are swept as any that nothing refers to.
"""

import time
from datetime import UTC, datetime

from django.db import connection, transaction
from django.utils import timezone

from bin.bench_board import add_members
from bin.bench_board import plan as board_plan
from campaigns.models import Period, ResultSheet
from campaigns.services import record_result, return_sheet, submit_sheet, verify_sheet
from criteria.models import Indicator
from reports.documents import compile_report
from reports.models import Report
from units import jobs
from units.models import User

UNITS, INDICATORS = 300, 30
THEN = datetime(2024, 12, 15, 2, tzinfo=UTC)  # while the period is open
NAME = "Tỷ lệ hồ sơ công việc được xử lý trên môi trường mạng, loại {}"


def report_recompile_after_one_fix() -> float:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")  # as freezing asks
        verifier, period, asked = board_plan(INDICATORS)
        for number, indicator in enumerate(asked, 1):
            indicator.name = NAME.format(number)
        Indicator.objects.bulk_update(asked, ["name"])
        add_members(period, asked, UNITS, verifier)
        first = seconds_of(period, 1)
        correct(period, asked[INDICATORS // 4], verifier)
        again = seconds_of(period, 2)
        transaction.set_rollback(True)
    return again / first


def seconds_of(period: Period, version: int) -> float:
    """One version compiled as a worker does it."""
    report = Report.objects.create(
        campaign=period.campaign,
        period=period,
        scope=period.campaign.issuer,
        version=version,
        requested_at=timezone.now(),
    )
    began = time.perf_counter()
    claimed = jobs.claim(Report, report.pk, now=timezone.now())
    assert claimed
    made = compile_report(claimed, jobs.Progress(claimed))
    jobs.finish(claimed, now=timezone.now(), **made)
    return time.perf_counter() - began


def correct(period: Period, indicator: Indicator, verifier: User) -> None:
    """The sheet in the middle is re-opened, mended by one figure, sent and verified again."""
    sheets = ResultSheet.objects.filter(period=period).order_by("participation__unit__name", "pk")
    sheet = sheets[UNITS // 2]
    clerk = sheet.submitted_by
    sheet = return_sheet(sheet, reason="Sai tử số.", actor=verifier, now=THEN)
    typed = {"numerator": "33", "denominator": "100"}
    record_result(sheet, indicator, typed, 0, actor=clerk, now=THEN)
    sheet = submit_sheet(sheet, actor=clerk, now=THEN)
    verify_sheet(sheet, actor=verifier, now=THEN)
