"""Reading the registries from YAML files: award forms, paper forms, criteria sets of others."""

from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from awards.models import AwardForm
from criteria.rules import EQ, GE, GT, LE, LT
from units.services.files import Field, Problems, Where, named, once, read_yaml, take

NAME = Field(required=True)
REF = Field("ref", required=True, longest=80)
TOP = {
    "award_forms": Field("list"),
    "paper_forms": Field("list"),
    "criteria_sets": Field("list"),
    "legal_acts": Field("list"),
}
AWARD_FORM = {
    "ref": REF,
    "name": NAME,
    "short_name": Field(required=True, longest=120),
    "category": Field(choices=tuple(AwardForm.Category.values), default="form"),
    "rank": Field("number", required=True),
    "authority": NAME,
    "threshold": Field("decimal", required=True),
    "threshold_operator": Field(choices=tuple(AwardForm.Operator.values), default=">="),
    "threshold_base": Field(choices=tuple(AwardForm.Base.values), default="members"),
    "quorum": Field("decimal", required=True),
    "chair_must_agree": Field("flag"),
    "voting": Field(choices=tuple(AwardForm.Voting.values), default="show"),
    "rule_source": NAME,
}
PAPER_FORM = {
    "ref": REF,
    "code": Field(required=True, longest=60),
    "name": NAME,
    "basis": Field(),
    "valid_from": Field("day"),
    "valid_to": Field("day"),
    "replaced_by": Field("ref", longest=80),
    "note": Field("text"),
}
LEGAL_ACT = {
    "code": Field(required=True, longest=60),
    "title": Field("text", required=True),
    "issued_on": Field("day"),
    "valid_from": Field("day"),
    "valid_to": Field("day"),
    "replaced_by": Field(longest=60),
    "note": Field("text"),
}
CRITERIA_SET = {
    "ref": REF,
    "name": NAME,
    "note": Field("text"),
    "indicators": Field("list", required=True),
}
KINDS = ("yes_no", "ratio", "quantity", "count")
QUOTED = {
    "code": Field("ref", required=True, longest=20),
    "name": Field("text", required=True),
    "kind": Field(choices=KINDS, default="yes_no"),
    "op": Field(choices=(GE, GT, LE, LT, EQ)),
    "value": Field("decimal"),
}


@dataclass
class Registries:
    award_forms: list[dict[str, Any]] = field(default_factory=list)
    paper_forms: list[dict[str, Any]] = field(default_factory=list)
    criteria_sets: list[dict[str, Any]] = field(default_factory=list)
    legal_acts: list[dict[str, Any]] = field(default_factory=list)


def read_registries(paths: list[Path]) -> Registries:
    """The files as one. Raises FileError with every fault: file, line, thing, what is allowed."""
    problems, found = Problems(), Registries()
    places: dict[str, list[tuple[str, Where]]] = {"award": [], "paper": [], "set": [], "act": []}
    for path in paths:
        top = read_yaml(path, problems)
        given = take(top, TOP, "tệp", Where(str(path), 1), problems) if top else None
        if not top or not given:
            continue
        for entry in given["award_forms"]:
            label = named("hình thức khen thưởng", entry, "ref")
            if row := take(entry, AWARD_FORM, label, top.at, problems):
                places["award"].append((row["ref"], entry.at))
                found.award_forms.append(row)
                for name in ("threshold", "quorum"):
                    check_percent(row[name], name, label, entry.at, problems)
        for entry in given["paper_forms"]:
            label = named("mẫu văn bản", entry, "ref")
            if row := take(entry, PAPER_FORM, label, top.at, problems):
                places["paper"].append((row["ref"], entry.at))
                found.paper_forms.append(row)
                check_life(row, label, entry.at, problems)
        for entry in given["criteria_sets"]:
            label = named("bộ tiêu chí", entry, "ref")
            if row := take(entry, CRITERIA_SET, label, top.at, problems):
                places["set"].append((row["ref"], entry.at))
                row["indicators"] = _quoted_rows(row["indicators"], label, entry.at, problems)
                found.criteria_sets.append(row)
        for entry in given["legal_acts"]:
            label = named("văn bản", entry, "code")
            if row := take(entry, LEGAL_ACT, label, top.at, problems):
                places["act"].append((row["code"], entry.at))
                found.legal_acts.append(row)
                check_life(row, label, entry.at, problems)
    once(places["act"], "văn bản", problems)
    once(places["award"], "hình thức khen thưởng", problems)
    once(places["paper"], "mẫu văn bản", problems)
    once(places["set"], "bộ tiêu chí", problems)
    problems.stop()
    return found


def _quoted_rows(
    given: list[Any], label: str, at: Where, problems: Problems
) -> list[dict[str, Any]]:
    """The indicators of one set; of a yes-or-no question the target is “có” unless it has none."""
    found: list[dict[str, Any]] = []
    places: list[tuple[str, Where]] = []
    for entry in given:
        thing = f"{label}, {named('chỉ tiêu', entry, 'code')}"
        if row := take(entry, QUOTED, thing, at, problems):
            places.append((row["code"], entry.at))
            found.append(row)
            if row["kind"] == "yes_no" and not row["op"]:
                row |= {"op": EQ, "value": Decimal(1)}
            if bool(row["op"]) != (row["value"] is not None):
                problems.add(entry.at, f"{thing}: “op” và “value” phải ghi cùng nhau.")
    once(places, f"{label}, chỉ tiêu", problems)
    return found


def check_life(row: dict[str, Any], label: str, at: Where, problems: Problems) -> None:
    first, last = row["valid_from"], row["valid_to"]
    if first and last and last < first:
        problems.add(at, f"{label}: “valid_to” {last} trước “valid_from” {first}.")


def check_percent(value: Any, name: str, label: str, at: Where, problems: Problems) -> None:
    """From 0 to 100, at most two decimals: what the column holds."""
    if value is not None and (not 0 <= value <= 100 or value != round(value, 2)):
        problems.add(
            at, f"{label}: “{name}” là {value}; phải từ 0 đến 100, nhiều nhất hai chữ số lẻ."
        )
