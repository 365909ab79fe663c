"""The rows of a sheet: each indicator that a unit is asked, with all that is shown beside it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import QuerySet

from campaigns.models import CellFlag, CellMark, Evidence, Period, Result, ResultSheet
from campaigns.queries.cells import (
    EMPTY,
    FIGURES,
    Clash,
    Conflict,
    as_typed,
    conflict_of,
    judgement_of,
    question_of,
)
from campaigns.queries.marks import (
    NO_MARKS,
    Assessment,
    Marks,
    assessment_of,
    last_marks,
    standing_of,
)
from campaigns.queries.members import groups_measuring
from campaigns.queries.pledges import pledged_words
from campaigns.queries.results import last_name, results_of
from campaigns.queries.reviews import is_frozen, open_flags, scope_of
from campaigns.queries.totals import sum_doubts, sums_over_units
from campaigns.rules import (
    MISSING,
    REPORTED,
    Doubt,
    Judgement,
    Question,
    Reading,
    doubts,
    found_of,
    measured_of,
    to_come,
)
from criteria.models import Group, Indicator
from criteria.queries import facts_of, rules_of, text_of
from criteria.rules import Measured, Rule, resolve_target

# the fields of a row, by the end of their names
SENT = [*EMPTY, "version", "shape", "known", "keep"]
Drawn = tuple[Mapping[str, str], int]  # a cell as sent: its words, the version it was drawn with


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
        .prefetch_related("levels")
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
    marks: Marks = NO_MARKS
    said: tuple[str, str] | None = None
    pledged: str = ""
    """What the unit has pledged to its bloc for the year, in words."""

    @property
    def mark(self) -> CellMark | None:
        """What the office that leads the indicator says of the cell."""
        return self.marks.lead

    @property
    def assessment(self) -> Assessment | None:
        """How an answer in words stands, None of anything else."""
        return assessment_of(self.indicator, self.result, self.marks)

    @property
    def found_typed(self) -> str:
        """What the verifier's field shows: what was refused, else what his office found."""
        return self.said[0] if self.said else self._agency[0]

    @property
    def why_typed(self) -> str:
        return self.said[1] if self.said else self._agency[1]

    @property
    def _agency(self) -> tuple[str, str]:
        mark = self.marks.agency
        if mark is None or mark.version != self.version:
            return "", ""
        return str(mark.level_id or found_of(mark.met)), mark.reason

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
    def half(self) -> bool:
        """Whether what was typed may stand and the rest is to come: the other number of a ratio,
        the level beside the words."""
        return bool(to_come(self.question, self.problem))

    def worked_on_since(self, when: datetime) -> bool:
        written = self.result is not None and self.result.saved_at > when
        return written or any(file.uploaded_at > when for file in self.evidence)

    @property
    def open_because(self) -> str:
        """What is still to be done here, "" when nothing."""
        if self.conflict:
            return "chọn số cho"
        if self.problem:
            return to_come(self.question, self.problem) or "sửa"
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
    said: Mapping[int, tuple[str, str]] | None = None,
) -> list[Row]:
    """Every row of a sheet in seven SQL queries (one more of a returned one, one more in a bloc),
    however many indicators.

    `refused` is a whole form that could not be saved: its words are shown again, with the versions
    it was drawn with, so that a later save still finds what others wrote meanwhile; `marked` are
    cells that a verifier whose form was refused wants mended, `said` what he found. Needs
    SHEET_RELATED selected.
    """
    unit, period = sheet.participation.unit, sheet.period
    asked = {indicator.pk: indicator for indicator in applicable_indicators(sheet)}
    rules = rules_of(asked.values())
    results, last, year_ago = results_of(sheet)
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
                marks=marks.get(result.pk, NO_MARKS) if result else NO_MARKS,
                said=(said or {}).get(indicator.pk),
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
