"""What `bin.bench` measures of workbooks of results, in transactions that are rolled back.

The one compared with is the least that reading the file costs; the other is what the usual library
takes for the same rows, the way its own pages go: a dry run to look at, then the import.
"""

import datetime
import time
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from django.db import transaction
from django.utils import timezone
from import_export import resources
from openpyxl import Workbook, load_workbook
from tablib import Dataset

from campaigns import services
from campaigns.documents import layout
from campaigns.models import (
    Campaign,
    Participation,
    Period,
    Result,
    ResultHistory,
    ResultSheet,
)
from campaigns.rules import FIELDS, Question, read_cell
from criteria.models import CriteriaSet, Group, Indicator
from units.models import Level, Unit, UnitKind, User
from units.services import give_role

KINDS = ("count", "quantity", "count", "quantity", "yes_no")  # one box each
DONE = {"count": "12", "quantity": "1.234,5", "yes_no": "có"}


UNITS, INDICATORS = 500, 40
FEW_UNITS = 50  # the library takes minutes for all of them
Ratio = Callable[..., float]


@dataclass(frozen=True)
class Stage:
    campaign: Campaign
    period: Period
    actor: User


def stage(units: int, indicators: int) -> Stage:
    """A plan with so many members, none of which has begun its sheet, and who enters for all."""
    today = timezone.localdate()
    level, _ = Level.objects.get_or_create(code="do", defaults={"name": "Cấp đo", "rank": 9})
    kind = UnitKind.objects.create(code="don-vi-do", name="Đơn vị đo", level=level)
    head = Unit.objects.create(ref="do", name="Cơ quan đo", kind=kind)
    head.path = f"{head.pk}/"
    head.save(update_fields=["path"])
    below = Unit.objects.bulk_create(
        Unit(ref=f"do.{n}", name=f"Đơn vị đo số {n:04}", kind=kind, parent=head)
        for n in range(units)
    )
    for unit in below:
        unit.path = f"{head.path}{unit.pk}/"
    Unit.objects.bulk_update(below, ["path"], batch_size=500)
    ruler = CriteriaSet.objects.create(ref="do", name="Bộ tiêu chí đo")
    group = Group.objects.create(criteria_set=ruler, ref="do", name="Đơn vị đo")
    Indicator.objects.bulk_create(
        Indicator(
            criteria_set=ruler,
            group=group,
            ref=f"ct{n:02}",
            code=f"CT{n:02}",
            order=n,
            name=f"Tiêu chí đo số {n}",
            kind=KINDS[n % len(KINDS)],
        )
        for n in range(indicators)
    )
    campaign = Campaign.objects.create(
        ref="do",
        title="Kế hoạch đo",
        short_title="Kế hoạch đo",
        level=level,
        issuer=head,
        standing_agency=head,
        period_from=today.replace(month=1, day=1),
        period_to=today + datetime.timedelta(days=30),
        criteria_set=ruler,
        state=Campaign.State.ISSUED,
    )
    period = Period.objects.create(
        campaign=campaign,
        ref="nam",
        name="Năm đo",
        period_from=campaign.period_from,
        period_to=campaign.period_to,
        closes_on=campaign.period_to,
    )
    Participation.objects.bulk_create(
        Participation(campaign=campaign, unit=unit, registered_on=campaign.period_from)
        for unit in below
    )
    actor = User.objects.create(username="do", full_name="Người đo")
    give_role(user=actor, unit=head, role="clerk", and_below=True, actor=None, now=timezone.now())
    return Stage(campaign, period, actor)


def fill(content: bytes) -> bytes:
    """Answer every box, as somebody who saves the workbook in Excel would."""
    book = load_workbook(BytesIO(content))
    page = book.worksheets[0]
    for row in page.iter_rows(min_row=layout.UNITS_HEAD + 1, min_col=layout.FIRST_COLUMN):
        for number, cell in enumerate(row):
            cell.value = DONE[KINDS[number % len(KINDS)]]
    target = BytesIO()
    book.save(target)
    return target.getvalue()


def parse(data: bytes) -> int:
    """The least that reading the same file costs."""
    book = load_workbook(BytesIO(data), read_only=True)
    rows = (row for page in book.worksheets for row in page.iter_rows(values_only=True))
    return sum(value is not None for row in rows for value in row)


def rolled_back(work: Callable[[], object]) -> float:
    """The seconds that `work` takes; what it stored is gone afterwards."""
    with transaction.atomic():
        began = time.perf_counter()
        work()
        took = time.perf_counter() - began
        transaction.set_rollback(True)
    return took


def take(stage: Stage, data: bytes) -> None:
    """Check, store, one history line a cell."""
    pending = services.check_upload(
        BytesIO(data),
        name="do.xlsx",
        size=len(data),
        period=stage.period,
        unit=None,
        actor=stage.actor,
        now=timezone.now(),
    )
    done = services.accept_import(pending, actor=stage.actor, now=timezone.now())
    assert done.written == done.read, "tệp đo có ô không ghi được"


def filled(stage: Stage) -> bytes:
    return fill(
        services.download_workbook(stage.period, None, actor=stage.actor, now=timezone.now())
    )


# --- the usual library ---------------------------------------------------------------------------
class Rows(resources.ModelResource):
    """One row a cell, with its history line: what the library offers a hook for."""

    class Meta:
        model = Result
        fields = ("result_sheet", "indicator", "state", "value", "yes", "version", "saved_at")
        import_id_fields = ("result_sheet", "indicator")

    def before_import_row(self, row: Any, **kwargs: Any) -> None:
        kind = row["kind"]
        reading = read_cell(Question(kind), {FIELDS[kind][0]: WORDS.get(row["text"], row["text"])})
        row |= {"state": reading.state, "value": reading.value, "yes": reading.yes}
        row |= {"version": 1, "saved_at": timezone.now()}

    def after_save_instance(self, instance: Any, row: Any, **kwargs: Any) -> None:
        ResultHistory.objects.create(
            result=instance,
            version=instance.version,
            at=instance.saved_at,
            source=ResultHistory.Source.FILE,
            state=instance.state,
            value=instance.value,
            yes=instance.yes,
        )

    def after_import(self, *args: Any, **kwargs: Any) -> None:
        """The library sets sequences here, which the portal's role may not do."""


WORDS = {"có": "yes", "không": "no"}


def long_table(stage: Stage) -> bytes:
    """The same answers, one row each, as the library wants them; the sheets are begun."""
    book = Workbook(write_only=True)
    page = book.create_sheet()
    page.append(["result_sheet", "indicator", "kind", "text"])
    parts = Participation.objects.filter(campaign=stage.campaign)
    sheets = ResultSheet.objects.bulk_create(
        ResultSheet(participation=part, period=stage.period) for part in parts
    )
    asked = list(Indicator.objects.filter(criteria_set=stage.campaign.criteria_set_id))
    for sheet in sheets:
        for one in asked:
            page.append([sheet.pk, one.pk, one.kind, DONE[one.kind]])
    target = BytesIO()
    book.save(target)
    return target.getvalue()


def take_by_library(data: bytes) -> None:
    for dry in (True, False):
        found = Rows().import_data(Dataset().load(data, format="xlsx"), dry_run=dry)
        assert not found.has_errors(), "thư viện báo lỗi"


# --- the measures --------------------------------------------------------------------------------
def import_measures(ratio: Ratio) -> tuple[float, float]:
    """Ours ÷ a bare parse of the same file; the library ÷ ours on the same rows."""
    with transaction.atomic():
        large = stage(UNITS, INDICATORS)
        data = filled(large)
        against_parse = ratio(
            lambda: rolled_back(lambda: take(large, data)),
            lambda: rolled_back(lambda: parse(data)),
            pairs=5,
        )
        transaction.set_rollback(True)
    with transaction.atomic():
        small = stage(FEW_UNITS, INDICATORS)
        table, data = long_table(small), filled(small)
        against_library = ratio(
            lambda: rolled_back(lambda: take_by_library(table)),
            lambda: rolled_back(lambda: take(small, data)),
            pairs=1,
        )
        transaction.set_rollback(True)
    return against_parse, against_library
