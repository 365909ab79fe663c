"""Plain rules of a campaign: how a typed cell is read, and when a duty is due."""

import calendar
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from criteria.rules import (
    LEVEL,
    Measured,
    Rule,
    Verdict,
    change_words,
    judge,
    mark_of,
    parse_number,
    parse_whole,
    ratio,
    rounded,
    shortfall,
    shown_digits,
)
from units.rules import DomainError, decimal_text, nfc

# State of a result, by the values stored in campaigns.models.ResultValues.
MISSING, REPORTED, NOTHING, NOT_APPLICABLE = "missing", "reported", "nothing", "not_applicable"
CHOICES = {NOTHING: "không phát sinh", NOT_APPLICABLE: "không áp dụng"}
YES_NO = {"yes": True, "no": False}

# The fields a person fills for each kind of indicator; `choice` and `reason` go with every kind.
FIELDS = {
    "ratio": ("numerator", "denominator"),
    "quantity": ("value",),
    "count": ("value",),
    "yes_no": ("yes",),
    "qualitative": ("text",),
    "narrative": ("text",),
}


@dataclass(frozen=True)
class Level:
    """A level of a rubric as it is chosen: by its name; `key` is what is stored."""

    key: int
    name: str


@dataclass(frozen=True)
class Question:
    """What a cell asks: the kind of its indicator and the names of its numbers.

    `counts` says that its numbers count whole things. `part_of` is set for a part (“trong đó”):
    its denominator is `whole`, the numerator of the indicator with that code, None while that one
    has no figure. `levels` is its rubric: the unit claims one of them beside its words.
    """

    kind: str
    numerator_label: str = "tử số"
    denominator_label: str = "mẫu số"
    part_of: str = ""
    whole: Decimal | None = None
    counts: bool = False
    levels: tuple[Level, ...] = ()

    @property
    def fields(self) -> tuple[str, ...]:
        if self.levels:
            return ("text", "level")
        return ("numerator",) if self.part_of else FIELDS[self.kind]


@dataclass(frozen=True)
class Reading:
    """A cell as read. With a `problem` it counts as missing and `typed` keeps every word."""

    state: str = MISSING
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    value: Decimal | None = None
    yes: bool | None = None
    text: str = ""
    level_id: int | None = None
    reason: str = ""
    typed: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""

    @property
    def measured(self) -> Measured:
        return measured_of(self.numerator, self.denominator, self.value, self.yes)


def measured_of(
    numerator: Decimal | None, denominator: Decimal | None, value: Decimal | None, yes: bool | None
) -> Measured:
    """The stored columns of a result as one measured thing; yes counts 1, no counts 0."""
    if yes is not None:
        value = Decimal(int(yes))
    return Measured(numerator, denominator, value)


def read_cell(question: Question, typed: Mapping[str, str]) -> Reading:
    """Read what was typed. Never refuses: what cannot be read keeps its words and a sentence."""
    kept = {
        name: text
        for name in (*question.fields, "choice", "reason")
        if (text := nfc(typed.get(name) or "").replace("\r\n", "\n").strip())
    }
    try:
        return _read(question, kept)
    except DomainError as error:
        return Reading(typed=kept, problem=str(error))


def _read(question: Question, kept: Mapping[str, str]) -> Reading:
    choice, reason = kept.get("choice", ""), kept.get("reason", "")
    filled = [name for name in question.fields if name in kept]
    if choice:
        return _without_figure(choice, reason, filled)
    if not filled:
        if reason:
            raise DomainError(
                "Đã ghi lý do nhưng chưa chọn. Chọn “Không phát sinh” hoặc “Không áp dụng”, "
                "hoặc nhập số liệu."
            )
        return Reading()
    if question.kind == "ratio":
        numerator, denominator = _read_ratio(question, kept)
        return Reading(REPORTED, numerator, denominator, reason=reason)
    if question.kind == "yes_no":
        if kept["yes"] not in YES_NO:
            raise DomainError("Chọn “Có” hoặc “Không”.")
        return Reading(REPORTED, yes=YES_NO[kept["yes"]], reason=reason)
    if question.levels:
        return _read_claim(question.levels, kept, reason)
    if question.kind in ("qualitative", "narrative"):
        return Reading(REPORTED, text=kept["text"], reason=reason)
    number = read_number(question, kept["value"])
    if question.kind == "count" and number < 0:
        raise DomainError(f"“{kept['value']}” không phải số đếm. Nhập số nguyên từ 0 trở lên.")
    return Reading(REPORTED, value=number, reason=reason)


def _read_claim(levels: tuple[Level, ...], kept: Mapping[str, str], reason: str) -> Reading:
    """What was done, and the level that the unit claims for it."""
    names = ", ".join(f"“{level.name}”" for level in levels)
    if "level" not in kept:
        raise DomainError(f"Còn thiếu mức tự nhận. Chọn một trong các mức: {names}.")
    said = kept["level"].casefold()
    chosen = next((level for level in levels if level.name.casefold() == said), None)
    if chosen is None:
        raise DomainError(f"Không có mức “{kept['level']}”. Chọn một trong các mức: {names}.")
    if "text" not in kept:
        raise DomainError(
            f"Đã chọn mức “{chosen.name}” nhưng còn thiếu nội dung thực hiện. Ghi đã làm được gì."
        )
    return Reading(REPORTED, text=kept["text"], level_id=chosen.key, reason=reason)


def read_number(question: Question, text: str) -> Decimal:
    """Raises DomainError, with what this cell allows, for anything else."""
    whole = question.counts or question.kind == "count"
    return parse_whole(text) if whole else parse_number(text)


def _without_figure(choice: str, reason: str, filled: list[str]) -> Reading:
    if choice not in CHOICES:
        raise DomainError("Chọn “Không phát sinh” hoặc “Không áp dụng”, hoặc nhập số liệu.")
    if filled:
        raise DomainError(
            f"Đã chọn “{CHOICES[choice]}” nhưng ô vẫn còn nội dung. Xóa nội dung trong ô, "
            "hoặc chọn lại “Nhập số liệu”."
        )
    if not reason:
        raise DomainError(f"Ghi lý do của “{CHOICES[choice]}”.")
    return Reading(choice, reason=reason)


def half_sentence(name: str) -> str:
    """One of the two numbers of a ratio may stand, the other is still to come."""
    return f"Còn thiếu “{name}”. Nhập cả hai số."


def _read_ratio(question: Question, kept: Mapping[str, str]) -> tuple[Decimal, Decimal]:
    """Both numbers, the first a part of the second."""
    names = {"numerator": question.numerator_label, "denominator": question.denominator_label}
    read: dict[str, Decimal] = {}
    for name in question.fields:
        if name not in kept:
            raise DomainError(half_sentence(names[name]))
        try:
            read[name] = read_number(question, kept[name])
        except DomainError as error:
            raise DomainError(f"{names[name]}: {error}") from error
        if read[name] < 0:
            raise DomainError(f"“{names[name]}” không được âm. Nhập số từ 0 trở lên.")
    if question.part_of:
        read["denominator"] = _whole_of(question)
    numerator, denominator = read["numerator"], read["denominator"]
    if not denominator:
        raise DomainError(
            f"“{names['denominator']}” bằng 0 nên không có tỷ lệ. Xóa hai số, chọn “Không phát "
            "sinh” và ghi lý do."
        )
    if numerator > denominator:
        way_out = (
            f"hoặc sửa {question.part_of}"
            if question.part_of
            else f"hoặc sửa “{names['denominator']}”"
        )
        raise DomainError(
            f"“{names['numerator']}” ({decimal_text(numerator)}) lớn hơn "
            f"“{names['denominator']}” ({decimal_text(denominator)}). "
            f"Nhập số từ 0 đến {decimal_text(denominator)}, {way_out}."
        )
    return numerator, denominator


def _whole_of(question: Question) -> Decimal:
    if question.whole is None:
        raise DomainError(
            f"Mẫu số là tử số của {question.part_of}, chưa có số liệu. Nhập {question.part_of} "
            "trước; số vừa gõ ở đây được giữ."
        )
    if not question.whole:
        raise DomainError(
            f"Tử số của {question.part_of} bằng 0 nên phần “trong đó” không có tỷ lệ. Xóa số, "
            "chọn “Không phát sinh” và ghi lý do."
        )
    return question.whole


# --- a result in words ----------------------------------------------------------------------------
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


# --- what may be wrong though it can be read ------------------------------------------------------
JUMP_POINTS = 25  # percentage points between two periods that somebody has to explain
JUMP_FACTOR = 2  # likewise for a number: doubled or halved,
JUMP_AT_LEAST = 5  # and changed by at least this much, so that 1 → 3 does not count


@dataclass(frozen=True)
class Doubt:
    """What a reader of the figure would ask about. `asks` wants a reason before the sheet is sent,
    `blocks` another figure; otherwise it is only told."""

    sentence: str
    asks: bool = True
    blocks: bool = False


def doubts(
    measured: Measured, before: Measured | None, *, kind: str, then: str, cumulative: bool = False
) -> list[Doubt]:
    """A reported figure beside that of the period before, called `then` in a sentence."""
    if before is None or kind == "yes_no":
        return []
    now_exact, then_exact = measured.exact, before.exact
    if now_exact is None or then_exact is None:
        return []
    if measured == before:
        return _unchanged(measured, then)
    if cumulative and now_exact < then_exact:
        return [Doubt(f"Số lũy kế thấp hơn {then}.")]
    change = now_exact - then_exact
    if measured.denominator:
        if abs(change) < JUMP_POINTS:
            return []
        points = decimal_text(rounded(abs(change), 1), 1)
        way = "Tăng" if change > 0 else "Giảm"
        return [Doubt(f"{way} {points} điểm phần trăm so với {then}.")]
    low, high = sorted((abs(now_exact), abs(then_exact)))
    if abs(change) < JUMP_AT_LEAST or high < JUMP_FACTOR * low:
        return []
    told = decimal_text(before.value or Decimal(0))
    return [Doubt(f"{'Tăng' if change > 0 else 'Giảm'} nhiều so với {then} ({told}).")]


def _unchanged(measured: Measured, then: str) -> list[Doubt]:
    """The same to the last digit: copied, or true. All of all, and none, are often true."""
    if not measured.exact or measured.numerator == measured.denominator is not None:
        return []
    return [Doubt(f"Giống hệt số {then}.", asks=measured.denominator is not None)]


# --- when a duty is due ---------------------------------------------------------------------------
@dataclass(frozen=True)
class DutyDay:
    """`due_on` is the last day that is in time; `words` say the day as the plan does."""

    due_on: date | None
    words: str


def duty_day(
    relation: str, *, month: int | None, day: int | None, on: date | None, year: int, text: str = ""
) -> DutyDay:
    """When a duty falls due in `year`. “Trước ngày 30/11” is kept on 29/11 and late on the day.

    A day that the month does not have (31/11) is its last day; a plan that names no day gives its
    own words, or says that it names none.
    """
    named = on
    if named is None and month and day:
        named = date(year, month, min(day, calendar.monthrange(year, month)[1]))
    if named is None:
        return DutyDay(None, text or "Kế hoạch không ghi ngày")
    if relation == "before":
        last = named - timedelta(days=1)
        return DutyDay(last, f"trước ngày {named:%d/%m/%Y}, tức chậm nhất {last:%d/%m/%Y}")
    if relation == "within":
        return DutyDay(named, text or f"chậm nhất ngày {named:%d/%m/%Y}")
    return DutyDay(named, f"ngày {named:%d/%m/%Y}")


def extended(due: DutyDay | None, until: date | None) -> DutyDay | None:
    """What a unit owes by when, once its time was extended to `until`."""
    if until is None:
        return due
    return DutyDay(until, f"được gia hạn đến hết ngày {until:%d/%m/%Y}")
