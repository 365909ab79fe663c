"""The rows of a sheet: each indicator that a unit is asked, with all that is shown beside it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from campaigns.models import CellFlag, CellMark, Evidence, Result, ResultSheet
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
from campaigns.queries.facts import SheetFacts, measured_in, sheet_facts
from campaigns.queries.marks import (
    NO_MARKS,
    Assessment,
    Marks,
    assessment_of,
    holds,
    is_assessed,
    standing_of,
)
from campaigns.queries.reviews import is_frozen
from campaigns.rules import (
    MISSING,
    Doubt,
    Judgement,
    Question,
    Reading,
    found_of,
    left_to_do,
    to_come,
)
from criteria.models import Group, Indicator
from criteria.queries import text_of
from criteria.rules import Measured, Rule
from units.models import User

# the fields of a row, by the end of their names
SENT = [*EMPTY, "version", "shape", "known", "keep"]
Drawn = tuple[Mapping[str, str], int]  # a cell as sent: its words, the version it was drawn with


@dataclass(frozen=True)
class Row:
    """One indicator of a sheet, each thing about it worked out when it is first asked for.

    `refused` is what was typed in a whole form that could not be saved, `marked` what a verifier
    whose form was refused wants mended, `said` what he found.
    """

    indicator: Indicator
    facts: SheetFacts
    clash: Clash | None = None
    refused: Drawn | None = None
    marked: str | None = None
    said: tuple[str, str] | None = None

    @cached_property
    def result(self) -> Result | None:
        return self.facts.results.get(self.indicator.pk)

    @cached_property
    def question(self) -> Question:
        return question_of(self.indicator, self.facts.asked, self.facts.results)

    @cached_property
    def _stored(self) -> dict[str, str]:
        return as_typed(self.indicator, self.result)

    @cached_property
    def typed(self) -> Mapping[str, str]:
        """What its fields show, by every name in EMPTY."""
        sent = self.refused[0] if self.refused else {}
        return EMPTY | self._stored | dict(self.clash.typed if self.clash else sent)

    @property
    def version(self) -> int:
        """The one its fields are drawn with: of a refused form that of the page it came from, so
        that a later save still finds what others wrote meanwhile."""
        if self.clash:
            return self.clash.version
        held = self.result.version if self.result else 0
        return min(self.refused[1], held) if self.refused else held

    @cached_property
    def unsaved(self) -> bool:
        sent = self.refused[0] if self.refused else {}
        return any(
            word.replace("\r\n", "\n") != self._stored.get(name, "") for name, word in sent.items()
        )

    @cached_property
    def _rule(self) -> tuple[Rule | None, str]:
        return self.facts.target_for(self.indicator)

    @property
    def target(self) -> str:
        return text_of(self.indicator, self._rule[0])

    @property
    def why(self) -> str:
        return self._rule[1]

    @property
    def _judged_by(self) -> Rule | None:
        """What is judged as a whole is not judged unit by unit."""
        whole = self.indicator.group.measured == Group.Measured.SUM
        return None if whole else self._rule[0]

    @cached_property
    def _year_ago(self) -> Measured | None:
        old = self.facts.year_ago.get(self.indicator.pk)
        return measured_in(old) if old else None

    @cached_property
    def judgement(self) -> Judgement:
        held = self.clash.mine if self.clash else self.result or Reading()
        return judgement_of(self.indicator, self._judged_by, held, self._year_ago)

    @cached_property
    def last(self) -> Judgement | None:
        before = self.facts.last.get(self.indicator.pk)
        return judgement_of(self.indicator, None, before) if before else None

    @cached_property
    def conflict(self) -> Conflict | None:
        if self.clash is None:
            return None
        return conflict_of(self.indicator, self._judged_by, self.clash, self._year_ago)

    @property
    def evidence(self) -> list[Evidence]:
        return self.facts.files_of(self.result)

    @cached_property
    def doubts(self) -> list[Doubt]:
        return self.facts.doubts_of(self.indicator)

    @property
    def flag(self) -> CellFlag | None:
        """On a returned sheet: that the cell is to be mended; where any is, the others are
        `frozen`."""
        return self.facts.flags.get(self.indicator.pk)

    @cached_property
    def frozen(self) -> bool:
        return is_frozen(self.indicator.pk, self.result, self.facts.sheet, self.facts.scope)

    @property
    def marks(self) -> Marks:
        return self.facts.marks.get(self.result.pk, NO_MARKS) if self.result else NO_MARKS

    @property
    def mark(self) -> CellMark | None:
        """What the office that leads the indicator says of the cell."""
        return self.marks.lead

    @cached_property
    def assessment(self) -> Assessment | None:
        """How an answer in words stands, None of anything else."""
        if self.result is None or not is_assessed(self.indicator, self.result.state):
            return None
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
        if self.result is None or mark is None or not holds(mark, self.result):
            return "", ""
        return str(mark.level_id or found_of(mark.met)), mark.reason

    @property
    def pledged(self) -> str:
        """What the unit has pledged to its bloc for the year, in words."""
        return self.facts.pledged.get(self.indicator.pk, "")

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

    def written_by_another(self, user: User) -> bool:
        return self.result is not None and self.result.saved_by_id not in (None, user.pk)

    def worked_on_since(self, when: datetime) -> bool:
        written = self.result is not None and self.result.saved_at > when
        return written or any(file.uploaded_at > when for file in self.evidence)

    @property
    def open_because(self) -> str:
        """What is still to be done here, "" when nothing."""
        if self.conflict:
            return "chọn số cho"
        wrong = to_come(self.question, self.problem) or "sửa" if self.problem else ""
        return left_to_do(
            self.state,
            problem=wrong,
            proved=bool(self.evidence) or not self.indicator.evidence_required,
            doubts=self.doubts,
            reason=self.result.reason if self.result else "",
            frozen=self.frozen,
        )

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
    """Every row of a sheet; read to the end they take five SQL queries, one more each for rubrics,
    for what other offices said, of a returned sheet and in a bloc, however many indicators.

    `refused` is a whole form that could not be saved, `marked` are cells that a verifier whose form
    was refused wants mended, `said` what he found. Needs SHEET_RELATED selected.
    """
    facts = sheet_facts(sheet, leads=True)
    return rows_of(facts, clashes=clashes, refused=refused, marked=marked, said=said)


def rows_of(
    facts: SheetFacts,
    *,
    clashes: Mapping[int, Clash] | None = None,
    refused: Mapping[int, Drawn] | None = None,
    marked: Mapping[int, str] | None = None,
    said: Mapping[int, tuple[str, str]] | None = None,
) -> list[Row]:
    clashes, refused, marked, said = clashes or {}, refused or {}, marked or {}, said or {}
    return [
        Row(indicator, facts, clashes.get(pk), refused.get(pk), marked.get(pk), said.get(pk))
        for pk, indicator in facts.asked.items()
    ]
