"""Reading the registries of award forms and of paper forms from YAML files."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from awards.models import AwardForm
from units.services.files import Field, Problems, Where, named, once, read_yaml, take

NAME = Field(required=True)
REF = Field("ref", required=True, longest=80)
TOP = {"award_forms": Field("list"), "paper_forms": Field("list")}
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


@dataclass
class Registries:
    award_forms: list[dict[str, Any]] = field(default_factory=list)
    paper_forms: list[dict[str, Any]] = field(default_factory=list)


def read_registries(paths: list[Path]) -> Registries:
    """The files as one. Raises FileError with every fault: file, line, thing, what is allowed."""
    problems, found = Problems(), Registries()
    places: dict[str, list[tuple[str, Where]]] = {"award": [], "paper": []}
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
                first, last = row["valid_from"], row["valid_to"]
                if first and last and last < first:
                    problems.add(
                        entry.at, f"{label}: “valid_to” {last} trước “valid_from” {first}."
                    )
    once(places["award"], "hình thức khen thưởng", problems)
    once(places["paper"], "mẫu văn bản", problems)
    problems.stop()
    return found


def check_percent(value: Any, name: str, label: str, at: Where, problems: Problems) -> None:
    """From 0 to 100, at most two decimals: what the column holds."""
    if value is not None and (not 0 <= value <= 100 or value != round(value, 2)):
        problems.add(
            at, f"{label}: “{name}” là {value}; phải từ 0 đến 100, nhiều nhất hai chữ số lẻ."
        )
