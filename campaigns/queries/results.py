"""The results that a sheet is held against: its own, the period before and the year before."""

from django.db.models import BooleanField, ExpressionWrapper, F, Q, QuerySet

from campaigns.models import Period, Result, ResultSheet

Held = dict[int, Result]  # by the key of the indicator


def just_before(period: Period) -> QuerySet[Period]:
    """The newest period of the same kind that was over before, if there is one."""
    over = Period.objects.filter(
        campaign=period.campaign_id, kind=period.kind, period_to__lt=period.period_from
    )
    return over.order_by("-period_to")[:1]


def a_year_before(period: Period) -> QuerySet[Period]:
    """The same period of the year before, against which a target on the change is held."""
    return Period.objects.filter(
        campaign=period.campaign_id,
        kind=period.kind,
        period_from__year=period.period_from.year - 1,
        period_from__month=period.period_from.month,
    )


def results_of(sheet: ResultSheet) -> tuple[Held, Held, Held]:
    """This sheet's results, those of the same unit in the period before, and those of a year
    before (of yearly periods the same) once they are accepted, in one query."""
    the_last = Q(result_sheet__period__in=just_before(sheet.period).values("pk"))
    a_year_ago = Q(result_sheet__period__in=a_year_before(sheet.period).values("pk"))
    earlier = Q(result_sheet__participation=sheet.participation_id, state=Result.State.REPORTED) & (
        the_last | a_year_ago
    )
    rows = (
        Result.objects.filter(Q(result_sheet=sheet) | earlier)
        .annotate(
            is_last=ExpressionWrapper(the_last, output_field=BooleanField()),
            since=F("result_sheet__period__period_from"),
            sheet_state=F("result_sheet__state"),
        )
        .select_related("saved_by")
        .order_by("pk")
    )
    this_year = sheet.period.period_from
    now: Held = {}
    last: Held = {}
    year_ago: Held = {}
    for row in rows:
        if row.result_sheet_id == sheet.pk:
            now[row.indicator_id] = row
            continue
        if row.is_last:
            last[row.indicator_id] = row
        same_time = (row.since.year, row.since.month) == (this_year.year - 1, this_year.month)
        if same_time and row.sheet_state in ResultSheet.ACCEPTED:
            year_ago[row.indicator_id] = row
    return now, last, year_ago


def last_name(period: Period) -> str:
    if period.kind == Period.Kind.YEAR:
        return f"Năm {period.period_from.year - 1}"
    return "Kỳ trước"
