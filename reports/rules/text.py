"""The text of a chapter: paragraphs and lists in which figures are fields.

A field is a name in square brackets, [CT1] or [CT1: Chi cục Thủy lợi]; it prints what was frozen,
so that the words cannot disagree with the figures. A name that no fact answers to is refused.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from typing import Any

from reports.rules.changes import STATE_WORDS
from units.rules import decimal_text, fold, nfc

Facts = Mapping[str, Any]

TOKEN = re.compile(r"\[([^\[\]\n]*)\]")
ITEM = re.compile(r"[-+•*]\s+")
# A number that speaks of a result: a share, a number of units, anything behind the comma.
TYPED = re.compile(
    r"(?<![\w/.,-])(\d{1,3}(?:\.\d{3})+|\d+)(,\d+)?(?![\d/])\s*(%|phần trăm\b|đơn vị\b)?"
)
NUMBER = re.compile(r"\d{1,3}(?:\.\d{3})+(?:,\d+)?|\d+(?:,\d+)?")
NO_FIGURE = "chưa có số liệu"
TOLD_PARTS = (("đạt", "met"), ("chưa đạt", "not_met"), ("chưa xét", "waiting"))
NEAR = 3  # how many names a refusal suggests
REFUSED = 5  # how many refusals are told one by one; to look for near names takes time
Typed = tuple[str, Decimal]


@dataclass(frozen=True)
class Field:
    """`name` as it is typed between the brackets, `shown` as it prints, `about` for the list."""

    name: str
    shown: str
    about: str
    general: bool = True  # speaks of the whole, not of one unit

    @property
    def token(self) -> str:
        return f"[{self.name}]"


@dataclass(frozen=True)
class Block:
    """A paragraph, or one line of a list."""

    text: str
    is_item: bool


Fields = Mapping[str, Field]


# --- what can be named ---------------------------------------------------------------------------
def fields_of(facts: Facts) -> dict[str, Field]:
    """Every field of these facts under its key (see `key_of`), the general ones first."""
    groups = [group for group in facts["groups"] if not group["plan"]]
    criteria = [row for row in facts.get("told", []) if not row["plan"]]
    codes = Counter(row["code"] for group in groups for row in group["indicators"])
    codes.update(row["code"] for row in criteria)
    found = [*_counts(facts)]
    labels = {
        (place, row["code"]): row["code"]
        if codes[row["code"]] == 1
        else f"{row['code']}, {group['name']}"
        for place, group in enumerate(groups)
        for row in group["indicators"]
    }
    for place, group in enumerate(groups):
        for row in group["indicators"]:
            found += _of_indicator(labels[place, row["code"]], row)
    for row in criteria:
        label = row["code"] if codes[row["code"]] == 1 else f"{row['code']}, {row['group']}"
        for part, key in TOLD_PARTS:
            name = _clean(f"{label}.{part}")
            found.append(Field(name, decimal_text(row[key]), f"{row['name']}: {part}"))
    for place, group in enumerate(groups):
        names = Counter(line["unit"] for line in group["units"])
        for line in group["units"]:
            name = line["unit"]
            if names[name] > 1:  # two communes of one name are told apart by their keys
                name = f"{name} ({line.get('ref', '')})"
            for cell in line["cells"]:
                if cell["state"]:
                    label = labels[place, cell["code"]]
                    told = cell.get("shown") or STATE_WORDS.get(cell["state"], NO_FIGURE)
                    found.append(Field(_clean(f"{label}: {name}"), told, name, general=False))
    return {key_of(field.name): field for field in found}


def _counts(facts: Facts) -> Iterator[Field]:
    there = facts["participation"]
    for name, count in (
        ("số đơn vị tham gia", there["invited"]),
        ("số đơn vị đã báo cáo", there["reported"]),
        ("số đơn vị chưa báo cáo", there["not_reported"]),
        ("số được khen", len(facts["granted"])),
        ("số kế hoạch cấp dưới", len(facts["child_plans"])),
    ):
        yield Field(name, decimal_text(count), name[:1].upper() + name[1:])
    yield Field("kỳ báo cáo", facts["period"]["name"].lower(), "Tên kỳ báo cáo")


def _of_indicator(label: str, row: Facts) -> Iterator[Field]:
    yield Field(_clean(label), row["result"] or NO_FIGURE, row["name"])
    parts: list[tuple[str, str | None]] = [
        ("mục tiêu", row["target"] or None),
        ("tử số", _decimal(row["numerator"])),
        ("mẫu số", _decimal(row["denominator"])),
        ("đạt", decimal_text(row["met"])),
        ("chưa đạt", decimal_text(row["not_met"])),
        ("đã nhập", decimal_text(row["reported"])),
        ("không phát sinh", decimal_text(row["nothing"])),
        ("không áp dụng", decimal_text(row["not_applicable"])),
        ("chưa có số liệu", decimal_text(row["missing"])),
    ]
    for part, shown in parts:
        if shown is not None:
            yield Field(_clean(f"{label}.{part}"), shown, f"{row['name']}: {part}")


def _decimal(text: str | None) -> str | None:
    return None if text is None else decimal_text(Decimal(text))


def _clean(name: str) -> str:
    """A name fit to stand between brackets."""
    return nfc(name).replace("[", "(").replace("]", ")")


def key_of(name: str) -> str:
    """Names that are typed alike are the same field: case and spaces do not matter."""
    return re.sub(r"\s*([:.,])\s*", r"\1", " ".join(nfc(name).casefold().split()))


# --- the text ------------------------------------------------------------------------------------
def filled(text: str, fields: Fields) -> str:
    """`text` with its fields printed. KeyError for a field that `unknown_fields` would name."""
    return TOKEN.sub(lambda token: fields[key_of(token[1])].shown, nfc(text))


def unknown_fields(text: str, fields: Fields) -> list[str]:
    """A sentence for each name that no fact answers to, with names that are near; of a pasted text
    full of brackets the first few."""
    names = dict.fromkeys(token[1] for token in TOKEN.finditer(nfc(text)))
    unknown = [name for name in names if key_of(name) not in fields]
    if not unknown:
        return []
    plain = {fold(key): field for key, field in reversed(list(fields.items()))}
    told = [_refusal(name, plain) for name in unknown[:REFUSED]]
    if (left := len(unknown) - REFUSED) > 0:
        told.append(f"Còn {left} trường khác cũng không có.")
    return told


def _refusal(name: str, plain: Fields) -> str:
    """`plain` are the fields by their names without marks."""
    asked = fold(key_of(name))
    near = get_close_matches(asked, list(plain), n=NEAR, cutoff=0.5)
    tokens = ", ".join(plain[key].token for key in near)
    way_out = f"Gần giống: {tokens}." if near else "Chọn trong danh sách trường bên cạnh."
    return f"Không có trường [{name.strip()}]. {way_out} Nếu là chú thích, dùng ngoặc tròn."


def blocks(text: str) -> list[Block]:
    """The paragraphs and list lines of typed text, one a line; nothing else is markup."""
    lines = (line.strip() for line in text.splitlines())
    return [
        Block(ITEM.sub("", line, count=1), True) if ITEM.match(line) else Block(line, False)
        for line in lines
        if line
    ]


def typed_numbers(text: str, fields: Fields) -> list[str]:
    """A note for each number typed by hand that looks like a result and equals no fact."""
    known = {number for field in fields.values() for number in _numbers(field.shown)}
    general = [field for field in fields.values() if field.general]
    notes = []
    for shown, value in dict.fromkeys(_typed(TOKEN.sub(" ", nfc(text)))):
        if value not in known:
            notes.append(_note(shown, value, general))
    return notes


def _typed(text: str) -> Iterator[Typed]:
    for found in TYPED.finditer(text):
        whole, fraction, unit = found.groups()
        if fraction or unit:
            yield found[0].strip(), _value(whole + (fraction or ""))


def _numbers(shown: str) -> Iterator[Decimal]:
    return (_value(found[0]) for found in NUMBER.finditer(shown))


def _value(text: str) -> Decimal:
    return Decimal(text.replace(".", "").replace(",", "."))


def _note(shown: str, value: Decimal, general: Sequence[Field]) -> str:
    percent = shown.endswith(("%", "phần trăm"))
    near = [
        (abs(number - value), place, field)
        for place, field in enumerate(general)
        if field.shown.endswith("%") == percent
        for number in _numbers(field.shown)
    ]
    said = f"“{shown}” không khớp số liệu nào đã chốt."
    if not near:
        return said
    field = min(near, key=lambda one: one[:2])[2]
    return f"{said} Gần nhất: {field.token} là {field.shown}."


# --- what units told -----------------------------------------------------------------------------
def taken_in(answers: Sequence[Facts]) -> str:
    """Answers of units as lines of a list, each with its source, to be written on from."""
    return "\n".join(
        f"- {_clean(' '.join(answer['text'].split()))} (theo phiếu kết quả của "
        f"{_clean(answer['unit'])})"
        for answer in answers
    )
