"""How a typed cell is read: the states of a result, what a cell asks, what was typed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from criteria.rules import Measured, parse_number, parse_whole
from units.rules import REASON, WORDS, DomainError, decimal_text, nfc, within

# State of a result, by the values stored in campaigns.models.ResultValues.
MISSING, REPORTED, NOTHING, NOT_APPLICABLE = "missing", "reported", "nothing", "not_applicable"
CHOICES = {NOTHING: "không phát sinh", NOT_APPLICABLE: "không áp dụng"}
NO_LEVEL = "Chưa chọn mức tự nhận."
NO_WORDS = "Chưa ghi nội dung thực hiện của mức đã chọn."
YES_NO = {"yes": True, "no": False}
# The most that each field of a cell takes, and what it is called when it is too much.
LIMITS = {"text": ("nội dung", WORDS), "reason": ("lý do", REASON)}
FIGURE = ("số liệu", 200)

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
    """Read what was typed: what cannot be read keeps its words and a sentence. Raises DomainError
    for more than a field takes, which is not even kept."""
    kept = {
        name: text
        for name in (*question.fields, "choice", "reason")
        if (text := nfc(typed.get(name) or "").replace("\r\n", "\n").strip())
    }
    refuse_long(kept)
    try:
        return _read(question, kept)
    except DomainError as error:
        return Reading(typed=kept, problem=str(error))


def refuse_long(typed: Mapping[str, str]) -> None:
    """Raises DomainError for the first field that says more than it takes."""
    for name, text in typed.items():
        label, limit = LIMITS.get(name, FIGURE)
        within(label, text, limit)


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
        raise DomainError(NO_LEVEL)
    said = kept["level"].casefold()
    chosen = next((level for level in levels if level.name.casefold() == said), None)
    if chosen is None:
        raise DomainError(f"Không có mức “{kept['level']}”. Chọn một trong các mức: {names}.")
    if "text" not in kept:
        raise DomainError(NO_WORDS)
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


def to_come(question: Question, problem: str) -> str:
    """What is still to be done where half an answer stands and is no mistake, "" anywhere else."""
    if question.levels:
        return {NO_LEVEL: "chọn mức của", NO_WORDS: "ghi nội dung của"}.get(problem, "")
    names = (question.numerator_label, question.denominator_label)
    return "nhập đủ hai số của" if problem in map(half_sentence, names) else ""


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
