"""A result in words: held against its target, as a sentence, as one would type it again."""

from dataclasses import dataclass, field, replace
from decimal import Decimal

from campaigns.rules.typed import CHOICES, MISSING, NOT_APPLICABLE, NOTHING, REPORTED
from criteria.rules import (
    LEVEL,
    Measured,
    Rule,
    Verdict,
    change_words,
    judge,
    mark_of,
    ratio,
    rounded,
    shortfall,
    shown_digits,
)
from units.rules import decimal_text

STATE_VERDICTS = {
    MISSING: Verdict.NO_DATA,
    NOTHING: Verdict.NOTHING,
    NOT_APPLICABLE: Verdict.NOT_APPLICABLE,
}


@dataclass(frozen=True)
class Judgement:
    """A result as a page or a paper shows it: verdict, exact per cent, how it is written.

    `shortfall` tells what is missing and, for a target on the change, how far the figure moved.
    `mark` is the level that it was held against, None where it was not; of a change it is the level
    that the change amounts to.
    """

    verdict: Verdict
    percent: Decimal | None = None
    digits: int = 1
    shown: str = "–"
    shortfall: str = ""
    mark: Decimal | None = None


def judgement(
    state: str,
    measured: Measured,
    rule: Rule | None,
    *,
    kind: str,
    suffix: str = "",
    noun: str = "",
    before: Measured | None = None,
) -> Judgement:
    """Hold one result against its target. `suffix` follows a number, `noun` is what is counted;
    `before` is the figure a year ago, which a target on the change needs."""
    if state != REPORTED:
        return Judgement(STATE_VERDICTS[state])
    exact = measured.exact
    if exact is None:
        return Judgement(judge(measured, rule), shown="Đã trả lời")
    verdict, notes, mark = judge(measured, rule, before), [], mark_of(rule, before)
    if rule and kind != "yes_no":
        if rule.basis != LEVEL:
            notes.append(change_words(exact, rule, before, suffix))
        if missing := shortfall(measured, rule, before, whole=kind in ("count", "derived")):
            notes.append(missing.sentence(noun))
    sentence = ", ".join(notes)
    if measured.numerator is None or not measured.denominator:
        value = measured.value or Decimal(0)
        shown = f"{decimal_text(value)}{suffix}"
        if kind == "yes_no":
            shown = "Có" if value else "Không"
        return Judgement(verdict, shown=shown, shortfall=sentence, mark=mark)
    digits = shown_digits(measured, rule, before)
    return Judgement(
        verdict,
        percent=ratio(measured.numerator, measured.denominator),
        digits=digits,
        shown=f"{decimal_text(rounded(exact, digits), digits)}%",
        shortfall=sentence,
        mark=mark,
    )


@dataclass(frozen=True)
class Compared:
    """Like with like: what the units that reported in this period and in the same one a year
    before come to in each. Who had nothing to report has reported."""

    units: int = 0
    now: Measured = field(default_factory=Measured)
    then: Measured = field(default_factory=Measured)


def judgement_of_sum(
    measured: Measured,
    rule: Rule | None,
    both: Compared,
    *,
    answered: int,
    answered_then: int,
    kind: str,
    suffix: str = "",
    noun: str = "",
) -> Judgement:
    """Hold what many units come to against a target on the change: only those that reported in
    both years are compared, which is said where they are not all. No level follows from the change
    where the figure is of more units than these."""

    def judged(figure: Measured, before: Measured | None = None) -> Judgement:
        return judgement(REPORTED, figure, rule, kind=kind, suffix=suffix, noun=noun, before=before)

    alone = judged(measured)
    if both.now.exact is None or both.then.exact is None:
        return alone
    held = judged(both.now, both.then)
    if both.units == answered == answered_then:
        return held
    told = f"{held.shortfall}, so trên {both.units} đơn vị có báo cáo cả hai năm"
    if both.units == answered:
        return replace(held, shortfall=told)
    return replace(alone, verdict=held.verdict, shortfall=told)


def cell_words(
    state: str, measured: Measured, *, kind: str, text: str = "", level: str = ""
) -> str:
    """What a cell holds, for a sentence: "44 trên 53", "12,5", "có", "không phát sinh"."""
    if state == MISSING:
        return "trống"
    if state in CHOICES:
        return f"“{CHOICES[state]}”"
    if measured.numerator is not None and measured.denominator is not None:
        return f"{decimal_text(measured.numerator)} trên {decimal_text(measured.denominator)}"
    if kind == "yes_no":
        return "“có”" if measured.value else "“không”"
    if measured.value is not None:
        return decimal_text(measured.value)
    said = f"“{text[:60]}…”" if len(text) > 60 else f"“{text}”"
    return f"mức “{level}”, {said}" if level else said


def typed_of(
    state: str,
    measured: Measured,
    *,
    kind: str,
    text: str = "",
    level: str = "",
    reason: str = "",
) -> dict[str, str]:
    """A stored result as one would type it again: what the fields of a cell show."""
    typed = {"choice": state if state in CHOICES else "", "reason": reason, "text": text}
    typed["level"] = level
    for name in ("numerator", "denominator", "value"):
        number = getattr(measured, name)
        typed[name] = "" if number is None else decimal_text(number)
    if kind == "yes_no" and measured.value is not None:
        typed["yes"] = "yes" if measured.value else "no"
    return typed
