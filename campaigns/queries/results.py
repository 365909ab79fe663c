"""The results that a sheet is held against: its own, the period before and the year before."""

from datetime import date
from functools import lru_cache

from django.db.models import BooleanField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet

from campaigns.models import Evidence, Period, Result, ResultSheet
from units.models import Prepared

Held = dict[int, Result]  # by the key of the indicator


def just_before(period: Period) -> QuerySet[Period]:
    """The newest period of the same kind that was over before, if there is one."""
    over = Period.objects.filter(
        campaign=period.campaign_id, kind=period.kind, period_to__lt=period.period_from
    )
    return over.order_by("-period_to")[:1]


def grown_until(period: Period) -> QuerySet[Period]:
    """The newest period of another kind that ended before this one, or begins inside it: a figure
    that grows over the whole plan was no higher then."""
    inside = Q(period_to=period.period_to, period_from__gt=period.period_from)
    over = Period.objects.filter(
        Q(period_to__lt=period.period_to) | inside, campaign=period.campaign_id
    )
    return over.exclude(kind=period.kind).order_by("-period_to", "-period_from")[:1]


def a_year_before(period: Period) -> QuerySet[Period]:
    """The same period of the year before, against which a target on the change is held; in SQL what
    `campaigns.rules.is_a_year_before` says."""
    first, last = period.period_from, period.period_to
    same = Q(period_to__year=last.year - 1)
    if period.kind != Period.Kind.YEAR:
        same &= Q(period_to__month=last.month)
        same |= Q(period_from__year=first.year - 1, period_from__month=first.month)
    return Period.objects.filter(same, campaign=period.campaign_id, kind=period.kind)


@lru_cache(maxsize=200)
def _beside(campaign: int, kind: str, period_from: date, period_to: date) -> Prepared:
    """The statement that reads the results of a sheet of such a period, and those beside them."""
    period = Period(campaign_id=campaign, kind=kind, period_from=period_from, period_to=period_to)
    the_last = Q(result_sheet__period__in=just_before(period).values("pk"))
    a_year_ago = Q(result_sheet__period__in=a_year_before(period).values("pk"))
    grown = Q(result_sheet__period__in=grown_until(period).values("pk"), indicator__cumulative=True)
    files = Evidence.objects.filter(result=OuterRef("pk"), removed_at__isnull=True)

    def build(sheet: int, participation: int) -> QuerySet[Result]:
        earlier = Q(result_sheet__participation=participation, state=Result.State.REPORTED) & (
            the_last | a_year_ago | grown
        )
        return (
            Result.objects.filter(Q(result_sheet=sheet) | earlier)
            .annotate(
                is_last=ExpressionWrapper(the_last, output_field=BooleanField()),
                is_grown=ExpressionWrapper(grown, output_field=BooleanField()),
                then=F("result_sheet__period__name"),
                is_year_ago=ExpressionWrapper(a_year_ago, output_field=BooleanField()),
                sheet_state=F("result_sheet__state"),
                has_files=Exists(files),
            )
            .order_by("pk")
        )

    return Prepared(build)


def results_of(sheet: ResultSheet) -> tuple[Held, Held, Held, Held]:
    """This sheet's results, those of the same unit in the period before, those of a year before (of
    yearly periods the same) once they are accepted, and of what grows over the whole plan those of
    the newest period of another kind, in one query; each says whether it `has_files`, and `then`,
    of which period it is."""
    period = sheet.period
    ask = _beside(period.campaign_id, period.kind, period.period_from, period.period_to)
    rows = ask(sheet.pk, sheet.participation_id)
    now: Held = {}
    last: Held = {}
    year_ago: Held = {}
    grown: Held = {}
    for row in rows:
        if row.result_sheet_id == sheet.pk:
            now[row.indicator_id] = row
            continue
        if row.is_last:
            last[row.indicator_id] = row
        if row.is_grown:
            grown[row.indicator_id] = row
        if row.is_year_ago and row.sheet_state in ResultSheet.ACCEPTED:
            year_ago[row.indicator_id] = row
    return now, last, year_ago, grown


def last_name(period: Period) -> str:
    if period.kind == Period.Kind.YEAR:
        return f"Năm {period.period_from.year - 1}"
    return "Kỳ trước"
