"""What stands on the scoring table that a new one replaces."""

from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet

from campaigns.models import Campaign, ScoreLayer, ScoreSheet
from campaigns.queries.members import rulers
from criteria.queries import tables_of_groups


def replaced_sheets(
    campaign: Campaign, group: str, from_year: int, since: date | None
) -> QuerySet[ScoreSheet]:
    """Sheets begun by an older table in periods that a new one of the group, in force from a year
    and a day, would be for: older ones of the group, and of a group behind it whose units it would
    score from then on."""
    same_year = Q(table__from_year=from_year, table__in_force_from=None)
    older = Q(table__from_year__lt=from_year)
    if since:
        older |= same_year | Q(table__from_year=from_year, table__in_force_from__lt=since)
    rows = ScoreSheet.objects.filter(
        period__campaign=campaign, period__period_to__gte=since or date(from_year, 1, 1)
    ).select_related("period", "table")
    taken = _taken_over(campaign, group, rows.exclude(table__group__ref=group))
    rows = rows.filter(older & Q(table__group__ref=group) | Q(pk__in=taken))
    return rows.order_by("period__period_from", "pk")


def _taken_over(campaign: Campaign, group: str, others: QuerySet[ScoreSheet]) -> list[int]:
    """Those of `others`, all of other groups, that the group would score had it a table: where it
    has none yet and is the first that measures the unit (`tables_of_members`)."""
    sheets = list(others.select_related("participation__unit"))
    if not sheets:
        return []
    tables = tables_of_groups([campaign.criteria_set_id])
    rules = rulers(campaign, {sheet.period.period_to.year for sheet in sheets})
    found = []
    for sheet in sheets:
        last, unit = sheet.period.period_to, sheet.participation.unit
        rule = rules[last.year]
        scoring = {
            one.ref
            for one in rule.groups
            if any(table.holds_on(last) for table in tables.get(one.pk, ()))
        }
        asked = [one.ref for one in rule.groups if rule.measures(one, unit)]
        first = next((ref for ref in asked if ref == group or ref in scoring), "")
        if first == group and group not in scoring:
            found.append(sheet.pk)
    return found


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
