"""One sheet as its page shows it: a row per indicator, what is left to do, what happened."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property

from django.db.models import BooleanField, ExpressionWrapper, F, Q, QuerySet
from django.utils import timezone

from campaigns.models import (
    CellFlag,
    Evidence,
    Extension,
    LeadMark,
    Participation,
    Period,
    ReportingDuty,
    Result,
    ResultHistory,
    ResultSheet,
)
from campaigns.queries.cells import (
    EMPTY,
    FIGURES,
    Clash,
    Conflict,
    as_typed,
    conflict_of,
    judgement_of,
    question_of,
    words_of,
)
from campaigns.queries.extensions import extended_day, extensions_of
from campaigns.queries.marks import Missing, last_marks, missing_leads, standing_of
from campaigns.queries.members import groups_measuring
from campaigns.queries.pledges import pledged_words
from campaigns.queries.reviews import Since, is_frozen, open_flags, scope_of, since_reviews
from campaigns.queries.totals import sum_doubts, sums_over_units
from campaigns.rules import (
    MISSING,
    REPORTED,
    Doubt,
    DutyDay,
    Judgement,
    Question,
    Reading,
    doubts,
    duty_day,
    extended,
    measured_of,
)
from criteria.models import Group, Indicator
from criteria.queries import facts_of, rules_of, text_of
from criteria.rules import Measured, Rule, resolve_target
from units.models import Unit
from units.queries import SERVER, Happening, history

# What a page of a sheet needs beside the sheet itself.
SHEET_RELATED = (
    "participation__unit__kind__level",
    "participation__campaign__standing_agency",
    "period",
    "submitted_by",
    "verified_by",
    "returned_by",
)
VERBS = {
    "resultsheet.opened": "mở phiếu",
    "resultsheet.submitted": "ký và gửi phiếu",
    "resultsheet.verified": "thẩm định phiếu",
    "resultsheet.returned": "trả lại phiếu",
    "resultsheet.locked": "khóa phiếu",
    "resultsheet.evidence_added": "tải lên minh chứng",
    "resultsheet.evidence_removed": "gỡ minh chứng",
    "resultsheet.imported": "nhập từ Excel",
    "resultsheet.workbook_downloaded": "tải bảng tính Excel",
    "resultsheet.lead_confirmed": "xác nhận số liệu chủ trì",
    "resultsheet.lead_questioned": "có ý kiến về số liệu chủ trì",
}
# the fields of a row, by the end of their names
SENT = [*EMPTY, "version", "shape", "known", "keep"]
TOLD = [  # of a write, what a sentence about it says
    *("at", "state", "numerator", "denominator", "value", "yes", "text", "typed", "problem"),
    *("by__full_name", "result__indicator__code", "result__indicator__kind", "imported__name"),
]
Drawn = tuple[Mapping[str, str], int]  # a cell as sent: its words, the version it was drawn with
RHYTHMS = {
    Period.Kind.YEAR: ReportingDuty.Rhythm.YEARLY,
    Period.Kind.HALF: ReportingDuty.Rhythm.HALF_YEARLY,
    Period.Kind.INTERIM: ReportingDuty.Rhythm.INTERIM,
    Period.Kind.FINAL: ReportingDuty.Rhythm.FINAL,
}


def applicable_indicators(sheet: ResultSheet) -> QuerySet[Indicator]:
    """What this unit is asked: the indicators of the groups that measure it, in the plan's order.

    Derived ones are computed and never asked.
    """
    part, year = sheet.participation, sheet.period.period_to.year
    groups = groups_measuring(part.campaign, part.unit, year)
    return (
        Indicator.objects.filter(group__in=groups)
        .exclude(kind=Indicator.Kind.DERIVED)
        .select_related("group", "lead_unit")
        .order_by("group__order", "order", "pk")  # all of one set
    )


@dataclass(frozen=True)
class Row:
    """One indicator of a sheet. `typed` is what its fields show, by every name in EMPTY.

    On a returned sheet `flag` says that the cell is to be mended; where any is, the others are
    `frozen`.
    """

    indicator: Indicator
    question: Question
    result: Result | None
    typed: Mapping[str, str]
    version: int
    target: str
    why: str
    judgement: Judgement
    last: Judgement | None
    evidence: list[Evidence]
    conflict: Conflict | None = None
    unsaved: bool = False
    doubts: list[Doubt] = field(default_factory=list)
    flag: CellFlag | None = None
    frozen: bool = False
    marked: str | None = None
    mark: LeadMark | None = None
    pledged: str = ""
    """What the unit has pledged to its bloc for the year, in words."""

    @property
    def standing(self) -> str:
        """What the word of the office that leads the indicator is worth now."""
        return standing_of(self.mark, self.result)

    @property
    def key(self) -> str:
        """What the names and ids of its fields begin with; campaigns.forms reads them back."""
        return f"r{self.indicator.pk}"

    @property
    def sent(self) -> str:
        """The names of its fields: what is sent along when the row saves itself."""
        return ",".join([f"{self.key}-{name}" for name in SENT])

    @property
    def open_here(self) -> bool:
        """Whether its fields are drawn for who enters; what was refused is shown with them."""
        return not self.frozen or self.unsaved

    @property
    def takes_files(self) -> bool:
        owes_file = self.indicator.evidence_required and not self.evidence
        return not self.frozen or owes_file

    @property
    def problem(self) -> str:
        return self.result.problem if self.result else ""

    @property
    def state(self) -> str:
        return self.result.state if self.result else MISSING

    @property
    def without_figure(self) -> bool:
        """Whether the cell says why it has no figure, so that its number boxes are folded away."""
        return bool(self.typed["choice"]) and not any(self.typed[name] for name in FIGURES)

    @property
    def shape(self) -> str:
        """How its fields are drawn; a page that shows another shape needs them anew."""
        return "folded" if self.without_figure else "open"

    @property
    def lacks_reason(self) -> bool:
        """Whether nothing but the reason is wrong; the boxes of the numbers are not to blame."""
        typed = self.result.typed if self.result and self.problem else {}
        return list(typed) == ["choice"]

    @property
    def open_because(self) -> str:
        """What is still to be done here, "" when nothing."""
        if self.conflict:
            return "chọn số cho"
        if self.problem:
            return "sửa"
        if self.state == MISSING:
            return "nhập"
        if self.state == REPORTED and self.indicator.evidence_required and not self.evidence:
            return "đính kèm minh chứng cho"
        if any(doubt.blocks for doubt in self.doubts) and not self.frozen:
            return "sửa cho khớp"
        return "giải trình" if self.unexplained and not self.frozen else ""

    @property
    def unexplained(self) -> bool:
        """Whether the figure raises a question that nobody has answered beside it."""
        said = self.result.reason if self.result else ""
        return not said and any(doubt.asks for doubt in self.doubts)


def sheet_rows(
    sheet: ResultSheet,
    *,
    clashes: Mapping[int, Clash] | None = None,
    refused: Mapping[int, Drawn] | None = None,
    marked: Mapping[int, str] | None = None,
) -> list[Row]:
    """Every row of a sheet in six SQL queries (one more of a returned one, one more in a bloc),
    however many indicators.

    `refused` is a whole form that could not be saved: its words are shown again, with the versions
    it was drawn with, so that a later save still finds what others wrote meanwhile; `marked` are
    cells that a verifier whose form was refused wants mended. Needs SHEET_RELATED selected.
    """
    unit, period = sheet.participation.unit, sheet.period
    asked = {indicator.pk: indicator for indicator in applicable_indicators(sheet)}
    rules = rules_of(asked.values())
    results, last, year_ago = _results(sheet)
    evidence: dict[int, list[Evidence]] = defaultdict(list)
    beside = [result.pk for result in results.values()]
    files = Evidence.objects.filter(result__in=beside, removed_at__isnull=True)
    for item in files.select_related("blob").order_by("uploaded_at", "pk"):
        evidence[item.result_id].append(item)
    flags = open_flags([sheet]).get(sheet.pk, {})
    marks = last_marks(beside)
    scope = scope_of(flags, asked)
    facts, rows = facts_of(unit), []
    pledged = pledged_words(unit, sheet.participation.campaign.bloc_id, period.period_to.year)
    then, twice = last_name(period), _used_twice(asked, results, evidence)
    sums = sum_doubts(asked, results, sums_over_units(asked, period))
    for indicator in asked.values():
        rule, why = target_for(indicator, rules[indicator.pk], period, facts)
        result = results.get(indicator.pk)
        clash = (clashes or {}).get(indicator.pk)
        held = result or Reading()
        stored, version = as_typed(indicator, result), result.version if result else 0
        typed, drawn = (refused or {}).get(indicator.pk, (stored, version))
        judged = None if indicator.group.measured == Group.Measured.SUM else rule
        before, old = last.get(indicator.pk), year_ago.get(indicator.pk)
        then_was = _measured(old) if old else None
        rows.append(
            Row(
                indicator=indicator,
                question=question_of(indicator, asked, results),
                result=result,
                typed=EMPTY | stored | dict(clash.typed if clash else typed),
                version=clash.version if clash else min(drawn, version),
                target=text_of(indicator, rule),
                why=why,
                judgement=judgement_of(indicator, judged, clash.mine if clash else held, then_was),
                last=judgement_of(indicator, None, before) if before else None,
                evidence=evidence[result.pk] if result else [],
                conflict=conflict_of(indicator, judged, clash, then_was) if clash else None,
                unsaved=any(
                    word.replace("\r\n", "\n") != stored.get(name, "")
                    for name, word in typed.items()
                ),
                doubts=[
                    *sums.get(indicator.pk, []),
                    *doubts_of(indicator, result, before, then),
                    *twice.get(indicator.pk, []),
                ],
                flag=flags.get(indicator.pk),
                frozen=is_frozen(indicator.pk, result, sheet, scope),
                marked=(marked or {}).get(indicator.pk),
                mark=marks.get(result.pk) if result else None,
                pledged=pledged.get(indicator.pk, ""),
            )
        )
    return rows


def doubts_of(
    indicator: Indicator, result: Result | None, before: Result | None, then: str
) -> list[Doubt]:
    """What the figure raises beside the one of the period before, `then`."""
    if result is None or before is None or result.state != REPORTED:
        return []
    return doubts(
        _measured(result),
        _measured(before),
        kind=indicator.kind,
        then=then[:1].lower() + then[1:],
        cumulative=indicator.cumulative,
    )


def _measured(result: Result) -> Measured:
    return measured_of(result.numerator, result.denominator, result.value, result.yes)


def _used_twice(
    asked: Mapping[int, Indicator],
    results: Mapping[int, Result],
    evidence: Mapping[int, list[Evidence]],
) -> dict[int, list[Doubt]]:
    """The same file beside several indicators of a sheet, by content and not by name."""
    held = {pk: evidence.get(results[pk].pk, []) for pk in asked if pk in results}
    users: dict[str, set[str]] = defaultdict(set)  # by the key of the content
    for pk, files in held.items():
        for item in files:
            users[item.blob_id].add(asked[pk].code)
    found: dict[int, list[Doubt]] = defaultdict(list)
    for pk, files in held.items():
        for item in files:
            if others := sorted(users[item.blob_id] - {asked[pk].code}):
                told = f"Tệp “{item}” cũng là minh chứng của {', '.join(others)}."
                found[pk].append(Doubt(told, asks=False))
    return found


def target_for(
    indicator: Indicator, rules: Iterable[Rule], period: Period, facts: object
) -> tuple[Rule | None, str]:
    """The target of one unit; of a plan-wide indicator the plan's own, whoever enters it."""
    year = period.period_to.year
    measured = indicator.group.measured
    if measured == Group.Measured.EACH:
        return resolve_target(rules, facts, year, period.period_to)  # type: ignore[arg-type]
    rule, why = resolve_target(rules, None, year, period.period_to)
    if rule is None:
        return rule, why
    if measured == Group.Measured.SUM:
        return rule, "Tính chung toàn kế hoạch, cộng từ các đơn vị"
    return rule, "Tính chung toàn kế hoạch"


def a_year_before(period: Period) -> QuerySet[Period]:
    """The same period of the year before, against which a target on the change is held."""
    return Period.objects.filter(
        campaign=period.campaign_id,
        kind=period.kind,
        period_from__year=period.period_from.year - 1,
        period_from__month=period.period_from.month,
    )


Held = dict[int, Result]  # by the key of the indicator


def _results(sheet: ResultSheet) -> tuple[Held, Held, Held]:
    """This sheet's results, those of the same unit in the period before, and those of a year
    before (of yearly periods the same) once they are accepted, in one query."""
    before = (
        Period.objects.filter(
            campaign=sheet.period.campaign_id,
            kind=sheet.period.kind,
            period_to__lt=sheet.period.period_from,
        )
        .order_by("-period_to")
        .values("pk")[:1]
    )
    just_before = Q(result_sheet__period__in=before)
    a_year_ago = Q(result_sheet__period__in=a_year_before(sheet.period).values("pk"))
    earlier = Q(result_sheet__participation=sheet.participation_id, state=Result.State.REPORTED) & (
        just_before | a_year_ago
    )
    rows = (
        Result.objects.filter(Q(result_sheet=sheet) | earlier)
        .annotate(
            just_before=ExpressionWrapper(just_before, output_field=BooleanField()),
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
        if row.just_before:
            last[row.indicator_id] = row
        same_time = (row.since.year, row.since.month) == (this_year.year - 1, this_year.month)
        if same_time and row.sheet_state in ResultSheet.ACCEPTED:
            year_ago[row.indicator_id] = row
    return now, last, year_ago


# --- what is left ---------------------------------------------------------------------------------
@dataclass(frozen=True)
class Open:
    """One thing to do before the sheet may be sent: `why` is the verb, "sửa", "nhập"…; `key` is
    the row's."""

    indicator: Indicator
    why: str
    key: str


def remaining(rows: Iterable[Row]) -> list[Open]:
    return [Open(row.indicator, why, row.key) for row in rows if (why := row.open_because)]


def unanswered(sheet: ResultSheet) -> list[Open]:
    """What the sheet still lacks; empty when it may be sent."""
    return remaining(sheet_rows(sheet))


# --- the whole page -------------------------------------------------------------------------------
@dataclass(frozen=True)
class SheetPage:
    """A sheet as its page shows it. `steps` are (words, "done" | "now" | "").

    What the answer to a saved cell does not show is read when it is asked for.
    """

    sheet: ResultSheet
    rows: list[Row]
    left: list[Open]
    last_name: str
    saved_at: datetime | None

    @cached_property
    def given(self) -> list[Extension]:
        """The time that the unit was given, the latest day first."""
        longer = getattr(self.sheet, "until", self.sheet)  # none: known from the sheet's rights
        sheet = self.sheet
        return extensions_of(sheet.participation_id, sheet.period_id) if longer else []

    @cached_property
    def due(self) -> DutyDay | None:
        until = self.given[0].until if self.given else None
        return extended(plan_due(self.sheet.participation.unit, self.sheet.period), until)

    @cached_property
    def happened(self) -> list[Happening]:
        return sheet_history(self.sheet, self.given)

    @property
    def steps(self) -> list[tuple[str, str]]:
        return _steps(self.sheet, complete=bool(self.rows) and not self.left)

    @cached_property
    def since(self) -> list[Since]:
        return since_reviews(self.sheet, {row.indicator.pk: row.indicator for row in self.rows})

    @cached_property
    def missing(self) -> list[Missing]:
        if self.sheet.state != ResultSheet.State.SUBMITTED:
            return []
        asked = [row.indicator.pk for row in self.rows]
        return missing_leads([self.sheet], asked).get(self.sheet.pk, [])

    @property
    def opened(self) -> list[Row]:
        """The cells that may be mended; empty when all of them may."""
        opened = [row for row in self.rows if not row.frozen]
        return opened if len(opened) < len(self.rows) else []

    @property
    def title(self) -> str:
        return sheet_title(self.sheet.period)

    @property
    def days_late(self) -> int:
        """How many days after the due day the sheet was sent; 0 while it is not sent."""
        sent, due = self.sheet.submitted_at, self.due.due_on if self.due else None
        if sent is None or due is None or self.sheet.state in ResultSheet.EDITABLE:
            return 0
        return max(0, (timezone.localdate(sent) - due).days)

    @property
    def groups(self) -> int:
        return len({row.indicator.group_id for row in self.rows})

    def rows_after(self, pk: int) -> list[Row]:
        """The row just written, the parts (“trong đó”) that may have changed with it, and the
        totals that may be right now."""
        wholes = {row.indicator.of_which_id for row in self.rows}
        return [
            row
            for row in self.rows
            if row.indicator.pk in {pk, *wholes}
            or row.indicator.of_which_id
            or row.indicator.sum_of
        ]


def sheet_page(
    sheet: ResultSheet,
    *,
    clashes: Mapping[int, Clash] | None = None,
    refused: Mapping[int, Drawn] | None = None,
    marked: Mapping[int, str] | None = None,
) -> SheetPage:
    """Thirteen SQL queries, at the most six more once it was looked at, however many indicators.

    Needs SHEET_RELATED selected.
    """
    rows = sheet_rows(sheet, clashes=clashes, refused=refused, marked=marked)
    saved = [row.result.saved_at for row in rows if row.result and row.version]
    return SheetPage(
        sheet=sheet,
        rows=rows,
        left=remaining(rows),
        last_name=last_name(sheet.period),
        saved_at=max(saved, default=None),
    )


def _steps(sheet: ResultSheet, *, complete: bool) -> list[tuple[str, str]]:
    campaign = sheet.participation.campaign
    agency = campaign.standing_agency or "Trưởng Khối, Cụm"
    words = ["Nhập số liệu", "Thủ trưởng ký gửi", f"{agency} thẩm định", "Khóa kỳ"]
    done = {
        ResultSheet.State.DRAFT: int(complete),
        ResultSheet.State.RETURNED: int(complete),
        ResultSheet.State.SUBMITTED: 2,
        ResultSheet.State.VERIFIED: 3,
        ResultSheet.State.LOCKED: 4,
    }[ResultSheet.State(sheet.state)]
    return [
        (word, "done" if i < done else "now" if i == done else "") for i, word in enumerate(words)
    ]


def sheet_title(period: Period) -> str:
    return f"Phiếu kết quả {period.in_a_sentence}"


def last_name(period: Period) -> str:
    if period.kind == Period.Kind.YEAR:
        return f"Năm {period.period_from.year - 1}"
    return "Kỳ trước"


# --- when and what happened -----------------------------------------------------------------------
def duty_due(duty: ReportingDuty, year: int) -> DutyDay:
    return duty_day(
        duty.relation,
        month=duty.month,
        day=duty.day,
        on=duty.on,
        year=year,
        text=duty.due_text,
    )


def plan_due(unit: Unit, period: Period) -> DutyDay | None:
    """When a unit owes its sheet, by the plan's duty of that rhythm; None where the plan has
    none."""
    mine = Q(groups__isnull=True) | Q(groups__unit_kinds=unit.kind_id) | Q(groups__units=unit.pk)
    duty = (
        ReportingDuty.objects.filter(
            mine,
            campaign=period.campaign_id,
            what=ReportingDuty.What.REPORT,
            owed_by=ReportingDuty.Owner.MEMBERS,
            rhythm=RHYTHMS[Period.Kind(period.kind)],
        )
        .order_by("order", "pk")
        .first()
    )
    return duty_due(duty, period.period_to.year) if duty else None


def unit_due(participation: Participation, period: Period) -> DutyDay | None:
    """The same, with the time that this unit was given."""
    until = extended_day(participation.unit_id, period)
    return extended(plan_due(participation.unit, period), until)


def owed_on(participation: Participation, period: Period) -> date:
    """The last day a unit has: where the plan names none, the day after which the period closes."""
    due = unit_due(participation, period)
    return due.due_on if due and due.due_on else period.closes_on


def sheet_history(
    sheet: ResultSheet, given: Sequence[Extension] = (), limit: int = 20
) -> list[Happening]:
    """The acts on a sheet, the time it was `given` and the last writes of its cells, newest first;
    two SQL queries."""
    acts = history(sheet, verbs=VERBS, limit=limit)
    writes = (
        ResultHistory.objects.filter(result__result_sheet=sheet)
        .select_related("by", "result__indicator", "imported")
        .only(*TOLD)
        .order_by("-at", "-pk")[:limit]
    )
    both = acts + [Happening(write.at, write_sentence(write)) for write in writes]
    both += [Happening(one.granted_at, extension_sentence(one)) for one in given]
    return sorted(both, key=lambda one: one.at, reverse=True)[:limit]


def extension_sentence(extension: Extension) -> str:
    """Needs `granted_by` selected."""
    who = extension.granted_by or SERVER
    return f"{who} gia hạn đến hết ngày {extension.until:%d/%m/%Y}: {extension.reason}"


def write_sentence(write: ResultHistory) -> str:
    """Needs `by`, `result__indicator` and `imported` selected."""
    who = write.by or "Người quản trị máy chủ"
    indicator = write.result.indicator
    origin = f", nhập từ Excel (tệp “{write.imported}”)" if write.imported else ""
    return f"{who} ghi {indicator.code}: {words_of(indicator, write)}{origin}."
