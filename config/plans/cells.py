"""One field of a plan as it is typed on a page: from its value, and back with what is wrong."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from config.planfile.counting import counts_whole
from config.planfile.schema import item_schema
from config.plans.names import unit_ref, unit_words
from criteria.rules import parse_number, parse_whole
from units.models import Unit
from units.rules import PAPER, DomainError, decimal_text, nfc, slug

Choice = tuple[str, str]
REF_LENGTH = 40
MET_WORDS = {True: "đạt", False: "chưa đạt"}
SELECT = 12  # more choices than this are typed and suggested, not rolled through


@dataclass
class Options:
    """What fields that name something else may choose from."""

    units: Mapping[str, Unit]
    lists: dict[str, list[Choice]]
    suggested: list[str]
    parent: str = ""


@dataclass
class Cell:
    """A field on the page: `typed` is what stands in it, `errors` what is wrong with that."""

    name: str
    key: str
    label: str
    kind: str
    typed: Any
    choices: list[Choice] = field(default_factory=list)
    optional: bool = True
    help: str = ""
    listed: str = ""  # the list of suggestions
    was: str = ""  # of one that names a row of the page: the ref of that row and what it showed
    whole: bool = False  # a number of whole things
    errors: list[str] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """Lines of a box that shows what stands in it, within reason."""
        lines = sum(1 + len(line) // 90 for line in str(self.typed).split("\n"))
        return min(max(lines, 5 if self.kind in {"lines", "levels", "points"} else 2), 24)

    @property
    def offered(self) -> list[Choice]:
        """The choices, with what was chosen even where it is offered no more."""
        known = {value for value, _ in self.choices}
        chosen = self.typed if isinstance(self.typed, list) else [self.typed]
        return [*self.choices, *((value, value) for value in chosen if value not in known | {""})]

    @property
    def is_blank(self) -> bool:
        """Nothing typed or chosen; a tick and a choice made beforehand say nothing."""
        return self.kind in {"check", "preset"} or not self.typed


def cell_of(
    name: str, key: str, schema: Mapping[str, Any], pick: str, options: Options, required: bool
) -> Cell:
    """An empty field of the kind that the schema asks for."""
    title = schema.get("title", key)
    label = title[:1].upper() + title[1:]
    kind, choices = _kind(schema, pick), options.lists.get(pick, [])
    if "enum" in schema:
        choices = enum_choices(schema)
    elif kind == "pick" and len(choices) > SELECT:
        kind = "named"
    cell = Cell(name, key, label, kind, "", choices, optional=not required)
    if kind in {"unit", "named", "open", "here"}:
        cell.listed = pick
    if kind == "check":
        cell.typed = bool(schema.get("default"))
    elif kind == "preset":
        cell.typed = schema["default"]
    elif kind == "picks":
        cell.typed = []
    if kind in {"units", "lines"}:
        cell.help = "Mỗi dòng một mục."
    elif kind == "levels":
        cell.help = "Mỗi dòng một mức, từ cao xuống thấp: tên | đạt hoặc chưa đạt | mô tả."
    elif kind == "points":
        cell.help = "Mỗi dòng một mức của tiêu chí: tên mức | điểm."
    return cell


def yes_no_cell(name: str) -> Cell:
    """What a target says of a criterion by yes or no: no operator, no number."""
    return Cell(name, "value", "Mục tiêu", "yes_no", "", [("1", "có"), ("0", "không")])


def _kind(schema: Mapping[str, Any], pick: str) -> str:
    if pick in {"unit", "units"}:
        return pick
    if pick.endswith("_or_named"):
        return "open"
    if pick.endswith("_here"):
        return "here"
    if pick:
        return "picks" if schema.get("type") == "array" else "pick"
    if "enum" in schema:
        return "preset" if "default" in schema else "pick"
    if schema.get("format") == "date":
        return "day"
    inside = item_schema(schema).get("properties", ())
    if "met" in inside:
        return "levels"
    if "level" in inside:
        return "points"
    plain = {"boolean": "check", "integer": "whole", "number": "amount", "array": "lines"}
    words = "area" if schema.get("maxLength", PAPER) == PAPER else "line"
    return plain.get(str(schema.get("type")), words)


def enum_choices(schema: Mapping[str, Any]) -> list[Choice]:
    """The words of each value, as the schema tells them in `x-allowed`."""
    said = schema["x-allowed"]
    found = []
    for value in schema["enum"]:
        words = re.search(rf'(?:^|[ "]){re.escape(value)}"? \(([^)]*)\)', said)
        label = words[1] if words else value
        found.append((value, label[:1].upper() + label[1:]))
    return found


# --- from a value --------------------------------------------------------------------------------
def fill(cell: Cell, value: Any, options: Options) -> None:
    """Write a stored value into the field as one would type it."""
    if value is None or value == "":
        cell.typed = [] if cell.kind == "picks" else "" if cell.kind != "check" else False
    elif cell.kind == "unit":
        cell.typed = _words(value, options)
    elif cell.kind in {"named", "open"}:
        words = dict(cell.choices).get(value)
        cell.typed = f"{words} ({value})" if words else value
    elif cell.kind == "here":
        cell.typed = dict(cell.choices).get(value, value)
        cell.was = f"{value} {cell.typed}"
    elif cell.kind == "units":
        cell.typed = "\n".join(_words(ref, options) for ref in value)
    elif cell.kind == "lines":
        cell.typed = "\n".join(value)
    elif cell.kind == "points":
        said = (f"{one['level']} | {decimal_text(one['points'])}" for one in value)
        cell.typed = "\n".join(said)
    elif cell.kind == "levels":
        cell.typed = "\n".join(_level_words(level) for level in value)
    elif isinstance(value, date):
        cell.typed = value.isoformat()
    elif cell.kind in {"amount", "yes_no"}:
        cell.typed = decimal_text(value)
    else:
        cell.typed = value if isinstance(value, bool | list) else str(value)


def _words(ref: str, options: Options) -> str:
    unit = options.units.get(ref)
    return unit_words(unit) if unit else ref


def _level_words(level: Mapping[str, Any]) -> str:
    """A level of a rubric on one line; a line break of its description would begin another."""
    words = [level["name"], MET_WORDS[level["met"]], " ".join(level["text"].split())]
    return " | ".join(word for word in words if word)


def mark_whole(cells: Iterable[Cell], plan: dict[str, Any], indicator: dict[str, Any]) -> None:
    """Read the numbers of a target as the results that will be held against it are read: where the
    indicator counts whole things, on the basis chosen beside them, no others are taken."""
    by_key = {cell.key: cell for cell in cells}
    whole = counts_whole(plan, indicator, {"basis": by_key["basis"].typed})
    by_key["value"].whole = by_key["value_to"].whole = whole


# --- and back ------------------------------------------------------------------------------------
def take(cell: Cell, data: Any) -> None:
    """What was typed, kept word for word. `data` is a posted form."""
    if cell.kind == "check":
        cell.typed = cell.name in data
    elif cell.kind == "picks":
        cell.typed = data.getlist(cell.name)
    else:
        cell.typed = nfc(data.get(cell.name, "")).replace("\r\n", "\n").strip()
        cell.was = nfc(data.get(f"{cell.name}-was", "")) if cell.typed else ""


def value_of(cell: Cell, options: Options) -> Any:
    """The value as a plan file would hold it; None for a blank. What cannot be read stays text, and
    the field says why.
    """
    typed = cell.typed
    if cell.kind == "check":
        return typed
    if not typed:
        return None
    reader = READERS.get(cell.kind)
    return reader(cell, options) if reader else typed


def _unit(cell: Cell, options: Options) -> str:
    return _ref(cell, cell.typed, options)


def _units(cell: Cell, options: Options) -> list[str]:
    return [_ref(cell, line, options) for line in _lines(cell, options)]


def _ref(cell: Cell, typed: str, options: Options) -> str:
    ref = unit_ref(typed, options.units)
    if ref is None:
        cell.errors.append(
            f"Không có đơn vị “{typed}” trên cổng. Gõ một phần tên rồi chọn trong danh sách gợi ý."
        )
    return ref or typed


def _named(cell: Cell, options: Options) -> str:
    """The value behind a suggestion, the value itself, or that of the only choice so called."""
    typed = cell.typed
    behind = typed[typed.rfind("(") + 1 :].removesuffix(")")
    so_called = [value for value, words in cell.choices if words == typed]
    for value in (behind, typed, so_called[0] if len(so_called) == 1 else ""):
        if value in dict(cell.choices):
            return value
    cell.errors.append(f"Không có “{typed}”. Gõ một phần tên rồi chọn trong danh sách gợi ý.")
    return typed


def _open(cell: Cell, options: Options) -> str:
    """The value behind a suggestion; anything else is a name that the portal does not know."""
    behind = cell.typed[cell.typed.rfind("(") + 1 :].removesuffix(")")
    return behind if behind in dict(cell.choices) else cell.typed


def _here(cell: Cell, options: Options) -> str:
    """The row of the same page that is called so; that of a field nobody touched stays the same
    one, whatever it is called by now."""
    rows = options.lists[cell.listed]
    held, _, shown = cell.was.partition(" ")
    if held and cell.typed == shown:
        if held not in dict(rows):
            cell.errors.append(
                f"Dòng “{shown}” mà ô này nêu đã bỏ. Ghi dòng khác; muốn ghi lại đúng tên này thì "
                "xóa trống ô, lưu rồi ghi."
            )
        return held
    asked = cell.typed.casefold()
    called = [ref for ref, words in rows if asked == words.casefold()]
    called += [ref for ref, _ in rows if asked == ref]  # made of what a row was called once
    if called:
        cell.was = f"{called[0]} {cell.typed}"
        return called[0]
    known = ", ".join(f"“{words}”" for _, words in rows) or "chưa có dòng nào"
    cell.errors.append(f"Không có “{cell.typed}” ở phần này; đang có: {known}.")
    return cell.typed


def _lines(cell: Cell, options: Options) -> list[str]:
    return [line.strip() for line in cell.typed.splitlines() if line.strip()]


def _levels(cell: Cell, options: Options) -> list[dict[str, Any]]:
    """The levels of a rubric, the ref of each made of its name."""
    found, met_of = [], {words: met for met, words in MET_WORDS.items()}
    for line in _lines(cell, options):
        name, met, said = ([part.strip() for part in line.split("|", 2)] + ["", ""])[:3]
        if met.casefold() not in met_of:
            cell.errors.append(
                f"“{line}”: sau tên mức ghi dấu | rồi “đạt” hoặc “chưa đạt”, ví dụ “Tốt | đạt”."
            )
        level = {"ref": slug(name)[:REF_LENGTH].strip("-"), "name": name}
        level["met"] = met_of.get(met.casefold(), False)
        found.append(level | ({"text": said} if said else {}))
    return found


def _points(cell: Cell, options: Options) -> list[dict[str, Any]]:
    """Points by the name of a level; what the level is called in the file, the row knows."""
    found = []
    for line in _lines(cell, options):
        name, mark, points = (part.strip() for part in line.partition("|"))
        try:
            if not (name and mark):
                raise DomainError("ghi tên mức, dấu | rồi số điểm, ví dụ “Tốt | 10”.")
            found.append({"level": name, "points": parse_number(points)})
        except DomainError as error:
            cell.errors.append(f"“{line}”: {error}")
    return found


def _amount(cell: Cell, options: Options) -> Decimal | str:
    try:
        return parse_whole(cell.typed) if cell.whole else parse_number(cell.typed)
    except DomainError as error:
        cell.errors.append(str(error))
        return cell.typed


def _yes_no(cell: Cell, options: Options) -> Decimal | str:
    if cell.typed in dict(cell.choices):
        return Decimal(cell.typed)
    cell.errors.append("Chọn “có”, “không” hoặc để trống.")
    return cell.typed


def _whole(cell: Cell, options: Options) -> int | str:
    if not cell.typed[0].isdigit():
        return cell.typed  # the schema says what is asked
    try:
        return int(parse_whole(cell.typed))
    except DomainError as error:
        cell.errors.append(str(error))
        return cell.typed


def _day(cell: Cell, options: Options) -> str:
    """2024-06-30 as the browser sends it, 30/06/2024 as people type it."""
    try:
        return datetime.strptime(cell.typed, "%d/%m/%Y").date().isoformat()  # noqa: DTZ007
    except ValueError:
        return cell.typed


READERS = {
    "unit": _unit,
    "named": _named,
    "open": _open,
    "here": _here,
    "units": _units,
    "lines": _lines,
    "levels": _levels,
    "points": _points,
    "amount": _amount,
    "yes_no": _yes_no,
    "whole": _whole,
    "day": _day,
}
