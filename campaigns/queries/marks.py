"""The last words of other offices on each cell, and who is still to speak."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    When,
    prefetch_related_objects,
)
from django.db.models.functions import Coalesce

from campaigns import policies
from campaigns.models import CellMark, Evidence, Result, ResultHistory, ResultSheet
from campaigns.rules import REPORTED, Found, found_of
from criteria.models import Indicator, RubricLevel
from units.models import Prepared, User

WAITING, CHANGED = "waiting", "changed"  # beside the verdicts of a mark
MARKABLE = (ResultSheet.State.SUBMITTED, ResultSheet.State.VERIFIED)
OWN_LEAD = Q(indicator__lead_unit=F("result_sheet__participation__unit"))  # speaks of its own


@dataclass(frozen=True)
class Marks:
    """The last word of each office on one cell."""

    lead: CellMark | None = None
    agency: CellMark | None = None

    @property
    def assessments(self) -> list[CellMark]:
        """Whoever verifies the sheet answers for it as a whole, and so goes before the lead."""
        return [mark for mark in (self.agency, self.lead) if mark and mark.assesses]


NO_MARKS = Marks()


def holds(mark: CellMark, result: Result) -> bool:
    """Whether it speaks of the cell as it is: of this version, with these files. Needs a mark that
    was read here."""
    return mark.version == result.version and not mark.refiled  # type: ignore[attr-defined]


def is_open(sheet: ResultSheet, assesses: bool) -> bool:
    """Whether anybody may speak of its cells. An answer in words is assessed when the sheet is
    locked, too: a sheet that is accepted late is locked at once."""
    return sheet.state in (ResultSheet.SENT if assesses else MARKABLE)


def is_found(marks: Marks, result: Result) -> bool:
    """Whether somebody has assessed it as it is."""
    return any(holds(one, result) for one in marks.assessments)


def standing_of(mark: CellMark | None, result: Result | None) -> str:
    """What the lead's word on a cell is worth now: a verdict, or `waiting`, or `changed` when the
    cell or its files are others since."""
    if mark is None or result is None:
        return WAITING
    return mark.verdict if holds(mark, result) else CHANGED


def last_marks(results: Collection[int] | QuerySet[Result]) -> dict[int, Marks]:
    """The last words on each of these results, as far as there are any; one SQL query."""
    return _by_result(_last(CellMark.objects.filter(result__in=results)))


def marks_on(sheet: ResultSheet) -> dict[int, Marks]:
    """The same of one sheet."""
    return _by_result(ON_A_SHEET(sheet.pk))


def _last(rows: QuerySet[CellMark]) -> QuerySet[CellMark]:
    last = rows.order_by("result_id", "office", "-pk").distinct("result_id", "office")
    return last.annotate(refiled=REFILED).select_related("by", "level", "claimed")


REFILED = Exists(
    Evidence.objects.filter(
        Q(uploaded_at__gt=OuterRef("at")) | Q(removed_at__gt=OuterRef("at")),
        result=OuterRef("result"),
    )
)


def not_found(answers: QuerySet[Result]) -> QuerySet[Result]:
    """Those of these answers in words that nobody has assessed as they are: what `is_found` tells
    of one, where they lie."""
    newer = CellMark.objects.filter(
        result=OuterRef("result"), office=OuterRef("office"), pk__gt=OuterRef("pk")
    )
    counts = CellMark.objects.filter(
        Q(level__isnull=False) | Q(met__isnull=False),
        ~Exists(newer),
        ~REFILED,
        result=OuterRef("pk"),
        version=OuterRef("version"),
    )
    return answers.filter(~Exists(counts))


ON_A_SHEET = Prepared(lambda sheet: _last(CellMark.objects.filter(result__result_sheet=sheet)))


def _by_result(rows: Iterable[CellMark]) -> dict[int, Marks]:
    found: dict[int, Marks] = {}
    for mark in rows:
        said = {mark.office: mark}
        found[mark.result_id] = replace(found.get(mark.result_id, NO_MARKS), **said)
    return found


def for_marking(results: QuerySet[Result], user: User) -> QuerySet[Result]:
    """Each with what must be known before `user` may speak of it.

    `stamp` is a number that rises with every write of the cell and with every file that comes or
    goes, so that it tells what somebody has seen. `wrote`: he wrote it once; `own`: he enters or
    signs for its unit; `own_lead`: the unit leads the indicator itself.
    """
    unit = "result_sheet__participation__unit"
    files = Evidence.objects.filter(result=OuterRef("pk")).order_by().values("result")
    moves = files.annotate(moves=Count("pk") + Count("removed_at")).values("moves")
    wrote = ResultHistory.objects.filter(result=OuterRef("pk"), by=user)
    return results.annotate(
        stamp=F("version") + Coalesce(Subquery(moves), 0),
        wrote=Exists(wrote),
        own=Exists(policies.own_units(user).filter(pk=OuterRef(unit))),
        own_lead=Case(When(OWN_LEAD, then=True), default=False),
    )


@dataclass(frozen=True)
class Assessment:
    """How an answer in words stands: what the unit claims (None without a rubric), the assessment
    that counts, and the last one that was given before the answer changed (`lapsed`)."""

    claim: RubricLevel | None
    mark: CellMark | None = None
    lapsed: CellMark | None = None

    @property
    def found(self) -> Found:
        return found_of(self.mark.is_met if self.mark else None)

    @property
    def is_met(self) -> bool | None:
        """By the level that counts; None where nothing is claimed or found."""
        if self.mark:
            return self.mark.is_met
        return self.claim.is_met if self.claim else None

    @property
    def level(self) -> RubricLevel | None:
        """The level that counts: the assessed one, else what the unit claims."""
        return self.mark.level if self.mark else self.claim


def assessment_of(indicator: Indicator, result: Result | None, marks: Marks) -> Assessment | None:
    """None of what is not assessed: a number, or no answer. Needs `levels` prefetched."""
    if result is None or not is_assessed(indicator, result.state):
        return None
    claim = next((one for one in indicator.levels.all() if one.pk == result.level_id), None)
    said = marks.assessments
    mark = next((one for one in said if holds(one, result)), None)
    return Assessment(claim, mark, None if mark else next(iter(said), None))


def assessments_of(
    indicators: Mapping[int, Indicator], results: Sequence[Result]
) -> dict[int, Assessment]:
    """How answers to these criteria in words stand, by the key of the result; no SQL query where
    there are none, two where there are."""
    if not results:
        return {}
    prefetch_related_objects(list(indicators.values()), "levels")
    marks, found = last_marks([row.pk for row in results]), {}
    for row in results:
        one = assessment_of(indicators[row.indicator_id], row, marks.get(row.pk, NO_MARKS))
        if one is not None:
            found[row.pk] = one
    return found


def is_assessed(indicator: Indicator, state: str) -> bool:
    """Whether somebody has to say if the criterion is met: an answer in words has no figure."""
    return indicator.kind == Indicator.Kind.QUALITATIVE and state == REPORTED


@dataclass
class Missing:
    """A lead whose confirmation of a sheet is not whole: codes it has not looked at (again), codes
    it questions."""

    lead: str
    waiting: list[str] = field(default_factory=list)
    questioned: list[str] = field(default_factory=list)

    @property
    def words(self) -> str:
        parts = []
        if self.waiting:
            parts.append(f"chưa xác nhận {', '.join(self.waiting)}")
        if self.questioned:
            parts.append(f"có ý kiến về {', '.join(self.questioned)}")
        return f"{self.lead} {'; '.join(parts)}"


def missing_leads(
    sheets: Iterable[ResultSheet], asked: Collection[int] | None = None
) -> dict[int, list[Missing]]:
    """By sheet; two SQL queries. What the standing agency leads itself it answers for by accepting
    the sheet, and so for what a unit reports of its own indicators. `asked` narrows it to these
    indicators. Sheets need their campaign selected.
    """
    agency = {s.pk: s.participation.campaign.standing_agency_id for s in sheets}
    results = Result.objects.filter(result_sheet__in=agency, indicator__lead_unit__isnull=False)
    results = results.exclude(OWN_LEAD)
    if asked is not None:
        results = results.filter(indicator__in=asked)
    rows = list(
        results.select_related("indicator__lead_unit").order_by("indicator__order", "indicator")
    )
    marks = last_marks([row.pk for row in rows])
    found: dict[int, dict[int, Missing]] = defaultdict(dict)
    for row in rows:
        lead = row.indicator.lead_unit
        assert lead is not None
        standing = standing_of(marks.get(row.pk, NO_MARKS).lead, row)
        if lead.pk == agency[row.result_sheet_id] or standing == CellMark.Verdict.CONFIRMED:
            continue
        missing = found[row.result_sheet_id].setdefault(
            lead.pk, Missing(lead.short_name or lead.name)
        )
        questioned = standing == CellMark.Verdict.QUESTIONED
        (missing.questioned if questioned else missing.waiting).append(row.indicator.code)
    return {sheet: list(leads.values()) for sheet, leads in found.items()}


def waiting_counts(
    periods: Collection[int], indicators: Collection[int]
) -> dict[int, dict[int, int]]:
    """Period → indicator → cells of sheets that were sent and that the lead has not spoken of,
    or not since they changed; of locked ones the answers in words that nobody has assessed. Two
    SQL queries."""
    locked = ResultSheet.State.LOCKED
    words = Q(indicator__kind=Indicator.Kind.QUALITATIVE, state=REPORTED)
    rows = list(
        Result.objects.filter(
            Q(result_sheet__state__in=MARKABLE) | Q(words, result_sheet__state=locked),
            indicator__in=indicators,
            result_sheet__period__in=periods,
        )
        .exclude(OWN_LEAD)
        .select_related("result_sheet")
    )
    marks = last_marks([row.pk for row in rows])
    found: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for row in rows:
        said = marks.get(row.pk, NO_MARKS)
        if row.result_sheet.state == locked:
            waits = not is_found(said, row)
        else:
            waits = standing_of(said.lead, row) in (WAITING, CHANGED)
        if waits:
            found[row.result_sheet.period_id][row.indicator_id] += 1
    return found


def bar_of(result: Any, sheet: ResultSheet, user: User, office: CellMark.Office) -> str:
    """Why `user` may say nothing of a cell whatever its state, "" when he may: nobody speaks of
    what he entered or sent, for a unit that he enters or signs for, or, as the lead, of his own
    unit. Needs a result read by `for_marking`."""
    lead = office == CellMark.Office.LEAD
    act = "xác nhận" if lead else "xét"
    if result.wrote or user.pk in (result.saved_by_id, sheet.submitted_by_id):
        return f"Số liệu do chính người {act} nhập hoặc ký gửi; chuyển cho người khác {act}."
    if result.own:
        return f"Người {act} cũng nhập hoặc ký số liệu cho đơn vị này; chuyển cho người khác {act}."
    if lead and result.own_lead:
        return "Đơn vị chủ trì không tự xác nhận số liệu của mình; cơ quan thẩm định xét."
    return ""


def barred(sheet: ResultSheet, user: User) -> set[int]:
    """The keys of the indicators whose answers on a sheet `user` may not assess, though he
    verifies; one SQL query."""
    rows = for_marking(Result.objects.filter(result_sheet=sheet), user)
    agency = CellMark.Office.AGENCY
    return {row.indicator_id for row in rows if bar_of(row, sheet, user, agency)}
