"""One cell: what it is asked, what it holds, and what two people who wrote it would each mean."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from campaigns.models import Result, ResultHistory
from campaigns.rules import (
    CHOICES,
    REPORTED,
    Judgement,
    Level,
    Question,
    Reading,
    cell_words,
    judgement,
    measured_of,
    typed_of,
)
from criteria.models import Indicator
from criteria.queries import source_kind
from criteria.rules import PERCENT, Measured, Rule, suffix, takes_whole

FIGURES = ("numerator", "denominator", "value", "yes", "text", "level")
YES_NO_WORDS = {"yes": "có", "no": "không"}
EMPTY = dict.fromkeys((*FIGURES, "choice", "reason"), "")


def question_of(
    indicator: Indicator, asked: Mapping[int, Indicator], results: Mapping[int, Result]
) -> Question:
    """`asked` are the sheet's indicators by key: a part follows its whole if both are asked."""
    whole = asked.get(indicator.of_which_id or 0)
    held = results.get(whole.pk) if whole else None
    return Question(
        kind=indicator.kind,
        numerator_label=indicator.numerator_label or "Đạt",
        denominator_label=(
            f"{whole.numerator_label or 'Đạt'} ({whole.code})"
            if whole
            else indicator.denominator_label or "Tổng số"
        ),
        part_of=whole.code if whole else "",
        whole=held.numerator if held and held.state == REPORTED else None,
        counts=counts_whole(indicator, whole),
        levels=levels_of(indicator),
    )


def levels_of(indicator: Indicator) -> tuple[Level, ...]:
    """Its rubric; one SQL query for each indicator judged so, unless `levels` are prefetched."""
    if indicator.kind != Indicator.Kind.QUALITATIVE:
        return ()
    return tuple(Level(level.pk, level.name) for level in indicator.levels.all())


def level_name(indicator: Indicator, values: Result | ResultHistory | Reading) -> str:
    """The name of the claimed level, "" where none is claimed. A line of history needs `level`
    selected, anything else the levels of `indicator` prefetched."""
    if values.level_id is None:
        return ""
    if isinstance(values, ResultHistory):
        return str(values.level)
    return next((one.name for one in levels_of(indicator) if one.key == values.level_id), "")


def counts_whole(indicator: Indicator, whole: Indicator | None = None) -> bool:
    """Whether its numbers count whole things; a part (“trong đó”) counts what its whole counts."""
    if whole and not indicator.numbers:
        return counts_whole(whole)
    return takes_whole(
        indicator.kind,
        said=indicator.numbers,
        measure_unit=indicator.measure_unit,
        names=(indicator.numerator_label, indicator.denominator_label),
    )


def judgement_of(
    indicator: Indicator,
    rule: Rule | None,
    values: Result | ResultHistory | Reading,
    before: Measured | None = None,
) -> Judgement:
    """`before` is the figure of the same period a year ago, for a target on the change."""
    measured = measured_of(values.numerator, values.denominator, values.value, values.yes)
    return judgement(
        values.state, measured, rule, kind=indicator.kind, before=before, **names_of(indicator)
    )


def names_of(indicator: Indicator) -> dict[str, str]:
    """The suffix of its numbers and the noun of what is counted."""
    after = suffix(
        indicator.kind,
        indicator.measure_unit,
        derivation=indicator.derivation,
        source=source_kind(indicator),
    )
    noun = "" if indicator.measure_unit == PERCENT else indicator.measure_unit
    return {"suffix": after, "noun": noun}


def words_of(indicator: Indicator, values: Result | ResultHistory | Reading) -> str:
    if values.problem:
        return _typed_words(values.typed)
    measured = measured_of(values.numerator, values.denominator, values.value, values.yes)
    return cell_words(
        values.state,
        measured,
        kind=indicator.kind,
        text=values.text,
        level=level_name(indicator, values),
    )


def _typed_words(typed: Mapping[str, str]) -> str:
    """What could not be read: figures as they were typed, what was chosen in its own words."""
    figures = [
        YES_NO_WORDS.get(w, w) if n == "yes" else w for n, w in typed.items() if n in FIGURES
    ]
    choice, reason = typed.get("choice", ""), typed.get("reason", "")
    chosen = f"“{CHOICES.get(choice, choice)}”"
    if choice and not figures and not reason:
        return f"{chosen}, chưa ghi lý do"
    parts = [f"“{' / '.join(figures)}”"] * bool(figures) + [chosen] * bool(choice)
    return " và ".join(parts or [f"lý do “{reason}”"]) + " (chưa hợp lệ)"


def as_typed(indicator: Indicator, values: Result | None) -> dict[str, str]:
    """What the fields of a cell show: the words that could not be read, else the values."""
    if values is None:
        return {}
    if values.problem:
        return dict(values.typed)
    measured = measured_of(values.numerator, values.denominator, values.value, values.yes)
    return typed_of(
        values.state,
        measured,
        kind=indicator.kind,
        text=values.text,
        level=level_name(indicator, values),
        reason=values.reason,
    )


# --- two people, one cell -------------------------------------------------------------------------
@dataclass(frozen=True)
class Clash:
    """What a refused write brings along: the stored result, what was read and typed here, and
    the version its page was drawn with (kept, so that the cell stays refused until one chooses)."""

    theirs: Result
    mine: Reading
    typed: Mapping[str, str]
    version: int


@dataclass(frozen=True)
class Conflict:
    """Two people wrote one cell: what is stored, what was typed here, and what each would mean."""

    who: str
    at: datetime
    theirs: str
    mine: str
    theirs_means: str
    mine_means: str
    version: int


def conflict_of(
    indicator: Indicator, rule: Rule | None, clash: Clash, before: Measured | None = None
) -> Conflict:
    def means(values: Result | Reading) -> str:
        held = judgement_of(indicator, rule, values, before)
        return f"{held.shown}, {held.verdict.label.lower()}"

    return Conflict(
        who=str(clash.theirs.saved_by or "Người quản trị máy chủ"),
        at=clash.theirs.saved_at,
        theirs=words_of(indicator, clash.theirs),
        mine=words_of(indicator, clash.mine),
        theirs_means=means(clash.theirs),
        mine_means=means(clash.mine),
        version=clash.theirs.version,
    )
