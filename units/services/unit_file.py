"""The file format of units, blocs and changes of the map, read into plain rows.

```yaml
levels: [{code, name, rank, valid_from, valid_to}]
kinds:  [{code, name, level, enterprise}]
units:
  - ref: dong-thap                    # our own permanent name; never a code, never a name
    name: Ủy ban nhân dân tỉnh Đồng Tháp
    short_name, kind, parent, symbol, place, area_code, tags, valid_from, valid_to, sample, note
    names:      [{name, short_name, kind, valid_from, valid_to}]   # the last one is today's
    placements: [{parent, valid_from, valid_to}]                   # the last one is today's
    children: [...]                   # units below; `parent` follows, `place` and `valid_to` too
events:
  - {ref, kind, date, decision, note, successions: [{from, to, how}]}
blocs:
  - {ref, name, kind, organiser, symbol, sample, years: {2023: {head, deputies, members}}}
```

A unit without `names` has had one name all its life, without `placements` one parent.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from units.models import Bloc, UnitEvent, UnitSuccession
from units.services.files import Field, Problems, Where, named, once, read_yaml, take

LIFE = {"valid_from": Field("day"), "valid_to": Field("day")}
CODE = Field("ref", required=True, longest=40)
REF = Field("ref", required=True, longest=80)
NAME = Field(required=True)
TOP = {name: Field("list") for name in ("levels", "kinds", "units", "events", "blocs")}
LEVEL = {
    "code": Field("ref", required=True, longest=30),
    "name": NAME,
    "rank": Field("number", required=True),
    **LIFE,
}
KIND = {
    "code": CODE,
    "name": NAME,
    "level": Field("ref", longest=30),
    "enterprise": Field("flag"),
}
UNIT = {
    "ref": REF,
    "name": NAME,
    "short_name": Field(longest=120),
    "kind": CODE,
    "parent": Field("ref", longest=80),
    "symbol": Field(longest=40),
    "place": Field(longest=120),
    "area_code": Field(longest=20),
    "tags": Field("list"),
    **LIFE,
    "sample": Field("flag"),
    "note": Field("text"),
    "names": Field("list"),
    "placements": Field("list"),
    "children": Field("list"),
}
UNIT_NAME = {"name": NAME, "short_name": Field(longest=120), "kind": CODE, **LIFE}
PLACEMENT = {"parent": REF, **LIFE}
EVENT = {
    "ref": REF,
    "kind": Field(required=True, choices=tuple(UnitEvent.Kind.values)),
    "date": Field("day", required=True),
    "decision": Field(),
    "note": Field("text"),
    "successions": Field("list"),
}
SUCCESSION = {
    "from": REF,
    "to": REF,
    "how": Field(choices=tuple(UnitSuccession.How.values), default=UnitSuccession.How.WHOLE.value),
}
BLOC = {
    "ref": REF,
    "name": NAME,
    "kind": Field(choices=tuple(Bloc.Kind.values), default=Bloc.Kind.BLOC.value),
    "organiser": REF,
    "symbol": Field(longest=40),
    "sample": Field("flag"),
    "years": Field("entry", default=None),
}
BLOC_YEAR = {
    "head": Field("ref", longest=80),
    "deputies": Field("list"),
    "members": Field("list"),
}


class NameRow(NamedTuple):
    name: str
    short_name: str
    kind: str
    valid_from: date | None
    valid_to: date | None


class PlacementRow(NamedTuple):
    parent: str
    valid_from: date | None
    valid_to: date | None


@dataclass
class UnitRow:
    ref: str
    at: Where
    parent: str
    fields: dict[str, Any]
    kind: str
    names: list[NameRow]
    placements: list[PlacementRow]


class MembershipRow(NamedTuple):
    unit: str
    year: int
    role: str


@dataclass
class Described:
    """A level, kind, event or bloc: its key, where it stands in the file, and its fields."""

    key: str
    at: Where
    fields: dict[str, Any]
    memberships: list[MembershipRow] = field(default_factory=list)


@dataclass
class UnitFile:
    """Everything that the files of one import say, with what was found wrong so far."""

    levels: list[Described] = field(default_factory=list)
    kinds: list[Described] = field(default_factory=list)
    units: list[UnitRow] = field(default_factory=list)
    events: list[Described] = field(default_factory=list)
    blocs: list[Described] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    problems: Problems = field(default_factory=Problems)


def read_unit_files(paths: list[Path]) -> UnitFile:
    """Read the files as one: what one names, another may describe.

    Faults are gathered, not raised; `import_units` refuses a batch that has any.
    """
    batch = UnitFile()
    for path in paths:
        batch.names.append(path.name)
        entry = read_yaml(path, batch.problems)
        found = take(entry, TOP, "tệp", Where(str(path), 1), batch.problems) if entry else None
        if entry and found:
            read_file(found, entry.at, batch)
    once(((r.key, r.at) for r in batch.levels), "cấp", batch.problems)
    once(((r.key, r.at) for r in batch.kinds), "loại đơn vị", batch.problems)
    once(((r.ref, r.at) for r in batch.units), "đơn vị", batch.problems)
    once(((r.key, r.at) for r in batch.events), "lần sắp xếp", batch.problems)
    once(((r.key, r.at) for r in batch.blocs), "Khối, Cụm", batch.problems)
    return batch


def read_file(found: dict[str, list[Any]], at: Where, batch: UnitFile) -> None:
    problems = batch.problems
    for entry in found["levels"]:
        if row := described(entry, LEVEL, "cấp", "code", at, problems):
            batch.levels.append(row)
            lives(row.fields, row.at, f"cấp {row.key}", problems)
    for entry in found["kinds"]:
        if row := described(entry, KIND, "loại đơn vị", "code", at, problems):
            batch.kinds.append(row)
    for entry in found["units"]:
        read_unit(entry, None, at, batch)
    for entry in found["events"]:
        if row := described(entry, EVENT, "lần sắp xếp", "ref", at, problems):
            row.fields["successions"] = [
                given
                for line in row.fields["successions"]
                if (given := take(line, SUCCESSION, f"kế thừa của {row.key}", row.at, problems))
            ]
            batch.events.append(row)
    for entry in found["blocs"]:
        if row := described(entry, BLOC, "Khối, Cụm", "ref", at, problems):
            row.memberships = read_years(row, problems)
            batch.blocs.append(row)


def described(
    entry: Any, fields: dict[str, Field], thing: str, key: str, at: Where, problems: Problems
) -> Described | None:
    given = take(entry, fields, named(thing, entry, key), at, problems)
    if given is None or not given[key]:
        return None
    return Described(given.pop(key), entry.at, given)


def lives(given: dict[str, Any], at: Where, label: str, problems: Problems) -> None:
    first, last = given["valid_from"], given["valid_to"]
    if first and last and last < first:
        problems.add(at, f"{label}: “valid_to” {last} trước “valid_from” {first}; phải sau.")


def read_unit(entry: Any, above: dict[str, Any] | None, at: Where, batch: UnitFile) -> None:
    problems = batch.problems
    label = named("đơn vị", entry, "ref")
    given = take(entry, UNIT, label, at, problems)
    if given is None:
        return
    at = entry.at
    if above:
        if given["parent"]:
            problems.add(at, f"{label}: nằm trong “children” thì không ghi “parent”.")
        given["parent"] = above["ref"]
        given["place"] = given["place"] or above["place"]
        given["valid_to"] = given["valid_to"] or above["valid_to"]
    lives(given, at, label, problems)
    tags = [tag for tag in given["tags"] if isinstance(tag, str)]
    if len(tags) != len(given["tags"]):
        problems.add(at, f"{label}: “tags” phải là danh sách chữ.")
    names, placements = dated(given, at, label, problems)
    children = given.pop("children")
    if given["ref"]:
        batch.units.append(
            UnitRow(
                ref=given["ref"],
                at=at,
                parent=given["parent"],
                kind=given["kind"],
                names=names,
                placements=placements,
                fields={
                    "name": given["name"],
                    "short_name": given["short_name"],
                    "symbol": given["symbol"],
                    "place": given["place"],
                    "area_code": given["area_code"],
                    "tags": tags,
                    "valid_from": given["valid_from"],
                    "valid_to": given["valid_to"],
                    "is_sample": given["sample"],
                    "note": given["note"],
                },
            )
        )
    for child in children:
        read_unit(child, given, at, batch)


def dated(
    given: dict[str, Any], at: Where, label: str, problems: Problems
) -> tuple[list[NameRow], list[PlacementRow]]:
    """The unit's names and parents through its life; the last of each must be today's."""
    life = (given["valid_from"], given["valid_to"])
    names = [
        NameRow(**row)
        for line in given["names"]
        if (row := take(line, UNIT_NAME, f"{label}, tên", at, problems))
    ]
    placements = [
        PlacementRow(**row)
        for line in given["placements"]
        if (row := take(line, PLACEMENT, f"{label}, cấp trên", at, problems))
    ]
    if names and (names[-1].name, names[-1].kind) != (given["name"], given["kind"]):
        problems.add(at, f"{label}: dòng cuối của “names” phải là tên và loại hiện nay.")
    if placements and placements[-1].parent != given["parent"]:
        problems.add(at, f"{label}: dòng cuối của “placements” phải là cấp trên hiện nay.")
    for rows, field_name in ((names, "names"), (placements, "placements")):
        follows(rows, f"{label}: “{field_name}”", at, problems)
    if not names:
        names = [NameRow(given["name"], given["short_name"], given["kind"], *life)]
    if not placements and given["parent"]:
        placements = [PlacementRow(given["parent"], *life)]
    return names, placements


def follows(rows: Any, label: str, at: Where, problems: Problems) -> None:
    """Life spans of one unit come one after the other: the next begins after the last has ended."""
    for row in rows:
        lives({"valid_from": row.valid_from, "valid_to": row.valid_to}, at, label, problems)
    for before, after in pairwise(rows):
        if before.valid_to is None or after.valid_from is None:
            problems.add(at, f"{label}: giữa hai dòng phải có “valid_to” rồi “valid_from”.")
        elif after.valid_from <= before.valid_to:
            first = before.valid_to + timedelta(days=1)
            problems.add(at, f"{label}: dòng sau phải bắt đầu từ {first} trở đi.")


def read_years(row: Described, problems: Problems) -> list[MembershipRow]:
    """The members of a bloc, year by year: one head, some deputies, the others."""
    rows: list[MembershipRow] = []
    for year, entry in (row.fields.pop("years") or {}).items():
        label = f"Khối, Cụm {row.key}, năm {year}"
        if not (year.isdigit() and len(year) == 4):
            problems.add(row.at, f"{label}: năm phải gồm bốn chữ số.")
            continue
        given = take(entry, BLOC_YEAR, label, row.at, problems)
        if given is None:
            continue
        roles = [("head", [given["head"]] if given["head"] else [])]
        roles += [("deputy", given["deputies"]), ("member", given["members"])]
        for role, refs in roles:
            for ref in refs:
                if not isinstance(ref, str):
                    problems.add(entry.at, f"{label}: “{ref}” phải là mã tham chiếu của đơn vị.")
                elif any((r.unit, r.year) == (ref, int(year)) for r in rows):
                    problems.add(entry.at, f"{label}: {ref} ghi hai lần; mỗi đơn vị một vai trò.")
                else:
                    rows.append(MembershipRow(ref, int(year), role))
    return rows
