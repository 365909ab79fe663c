"""What stands on the scoring table that a new one replaces."""

from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet

from campaigns.models import Campaign, ScoreLayer, ScoreSheet


def replaced_sheets(
    campaign: Campaign, group: str, from_year: int, since: date | None
) -> QuerySet[ScoreSheet]:
    """Sheets begun by an older table in periods that a new one of the group, in force from a year
    and a day, would be for."""
    same_year = Q(table__from_year=from_year, table__in_force_from=None)
    older = Q(table__from_year__lt=from_year)
    if since:
        older |= same_year | Q(table__from_year=from_year, table__in_force_from__lt=since)
    rows = ScoreSheet.objects.filter(
        older,
        period__campaign=campaign,
        period__period_to__gte=since or date(from_year, 1, 1),
        table__group__ref=group,
    )
    return rows.select_related("period", "table").order_by("period__period_from", "pk")


def begun_sheets(sheets: QuerySet[ScoreSheet]) -> QuerySet[ScoreSheet]:
    """Those in which somebody has written something."""
    layers = ScoreLayer.objects.filter(score_sheet=OuterRef("pk"))
    layers = layers.exclude(
        state=ScoreLayer.State.DRAFT, entries=None, gate_hits=None, evidence=None
    )
    return sheets.filter(Exists(layers))


def scored_by(sheet: ScoreSheet) -> str:
    """Why no other table may be for the period of a sheet that was begun. Needs `period` and
    `table` selected."""
    last = sheet.period.period_to
    return (
        f"Kỳ “{sheet.period}” đã chấm theo “{sheet.table}”; điểm đã chấm giữ theo bảng đó. Ghi "
        f"ngày áp dụng của bảng mới sau ngày {last:%d/%m/%Y}."
    )
