"""The workbooks that are handed out: to be filled in, or back with what is wrong in them."""

from datetime import datetime

from django.db import transaction
from django.db.models import Model

from campaigns import policies, queries
from campaigns.documents.workbook import Overlay, unit_workbook, units_workbook
from campaigns.models import Period, ResultImport, ResultSheet
from campaigns.services.checking import preview_of
from campaigns.services.imports import refusals_of, unpacked
from campaigns.services.weighing import STALE, WRONG, kept_words
from units.models import Unit, User
from units.workflow import record


def annotated_workbook(pending: ResultImport, *, actor: User, now: datetime) -> bytes:
    """The workbook as it was sent, with a note at every cell that cannot be written."""
    preview = preview_of(pending, actor=actor, now=now)
    said = unpacked(pending)
    wrong = {
        (one.unit.pk, one.indicator.pk): (one.field, one.problem or kept_words(one))
        for one in preview.of(WRONG, STALE)
    }
    overlay = Overlay(
        typed={(one.unit, one.indicator): one.typed for one in said},
        versions={(one.unit, one.indicator): one.version for one in said},
        wrong=wrong,
    )
    return workbook(pending.period, pending.unit, actor=actor, now=now, overlay=overlay)


@transaction.atomic
def download_workbook(period: Period, unit: Unit | None, *, actor: User, now: datetime) -> bytes:
    """The workbook to be filled in; who took it is put on record."""
    content = workbook(period, unit, actor=actor, now=now)
    if unit is None:
        subject: Model = period.campaign
    else:
        subject = ResultSheet.objects.get(participation__unit=unit, period=period)
    action = f"{subject._meta.model_name}.workbook_downloaded"
    note = f"tải bảng tính Excel kỳ “{period}”" if unit is None else ""
    record(action, subject, actor=actor, now=now, unit=unit, note=note)
    return content


def workbook(
    period: Period,
    unit: Unit | None,
    *,
    actor: User,
    now: datetime,
    overlay: Overlay | None = None,
) -> bytes:
    """The workbook of one unit, which has begun its sheet, or of every member whose figures `actor`
    may read."""
    overlay = overlay or Overlay()
    if unit is not None:
        sheet = ResultSheet.objects.select_related(*queries.SHEET_RELATED).get(
            participation__unit=unit, period=period
        )
        return unit_workbook(sheet, now=now, overlay=overlay)
    year = period.period_from.year  # as the check of it reads them
    parts = policies.comparable_participations(actor, year).filter(campaign=period.campaign_id)
    lines = queries.member_lines(period, parts)
    refusals, given = refusals_of(lines, period, actor, now), queries.extended_units(period)
    open_units = frozenset(line.participation.unit_id for line in lines) - refusals.keys()
    told = queries.told_on(lines)
    return units_workbook(period, lines, open_units, given, told, now=now, overlay=overlay)
