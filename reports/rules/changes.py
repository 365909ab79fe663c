"""What changed between two versions of one report, told from their frozen facts alone.

Units and indicators are known by their permanent keys, so that a new name is no change. Facts
frozen before those keys were kept are compared by name and code.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any

from reports.rules.reworded import questions, side_by_side
from units.rules import decimal_text

Facts = Mapping[str, Any]
Key = tuple[str, str]

STATE_WORDS = {
    "": "không đo đơn vị này",
    "nothing": "không phát sinh",
    "not_applicable": "không áp dụng",
    "missing": "chưa có số liệu",
}
NUMBERS = ("numerator", "denominator", "value")


@dataclass(frozen=True)
class UnitChange:
    """A unit whose figures are counted now, are counted no more, or that joined or left.

    `by` and `why` are who verified the sheet, or who re-opened it and for what reason.
    """

    unit: str
    plan: str
    by: str = ""
    at: str = ""
    why: str = ""


@dataclass(frozen=True)
class FigureChange:
    """One figure, or one answer in words, of one unit, old and new, and through whose hands it went
    in between."""

    plan: str
    group: str
    unit: str
    code: str
    name: str
    before: str
    after: str
    reopened_by: str
    reopened_at: str
    why: str
    verified_by: str
    verified_at: str


@dataclass(frozen=True)
class TotalChange:
    """One indicator over all units. A figure that is new or gone has "" on the other side."""

    group: str
    code: str
    name: str
    before: str
    after: str


@dataclass(frozen=True)
class AwardChange:
    name: str
    unit: str
    form: str
    decision: str


@dataclass(frozen=True)
class Changes:
    came_in: tuple[UnitChange, ...]
    withdrawn: tuple[UnitChange, ...]
    joined: tuple[UnitChange, ...]
    left: tuple[UnitChange, ...]
    figures: tuple[FigureChange, ...]
    answers: tuple[FigureChange, ...]
    totals: tuple[TotalChange, ...]
    awarded: tuple[AwardChange, ...]
    revoked: tuple[AwardChange, ...]

    def __bool__(self) -> bool:
        return any(getattr(self, field.name) for field in fields(self))


@dataclass(frozen=True)
class Member:
    name: str
    plan: str
    accepted: bool
    sheet: Facts


def changes_between(old: Facts, new: Facts) -> Changes:
    """What a reader of `old` must know to go on with `new`."""
    by_name = not (has_keys(old) and has_keys(new))
    before, after = _members(old, by_name), _members(new, by_name)
    counted = {key for key, member in before.items() if member.accepted}
    counts = {key for key, member in after.items() if member.accepted}
    was, now = _awards(old), _awards(new)
    return Changes(
        came_in=tuple(_verified(after[key]) for key in after if key in counts - counted),
        withdrawn=tuple(
            _reopened(after.get(key, before[key])) for key in before if key in counted - counts
        ),
        joined=tuple(_bare(after[key]) for key in after if key not in before),
        left=tuple(_bare(before[key]) for key in before if key not in after),
        figures=(
            *_figures(old, new, after, counted & counts, by_name),
            *_assessed(old, new, after, counted & counts),
        ),
        answers=tuple(_reworded(old, new, before, after, counted & counts)),
        totals=(*_totals(old, new, by_name), *_counted(old, new)),
        awarded=tuple(now[key] for key in now if key not in was),
        revoked=tuple(was[key] for key in was if key not in now),
    )


def has_keys(facts: Facts) -> bool:
    """Whether these facts name units by their permanent keys, and tell of each sheet."""
    return "members" in facts


# --- units ---------------------------------------------------------------------------------------
def _members(facts: Facts, by_name: bool) -> dict[Key, Member]:
    if has_keys(facts):
        return {
            (row["plan"] if by_name else row["plan_ref"], row["unit" if by_name else "ref"]): (
                Member(row["unit"], row["plan"], row["accepted"], row)
            )
            for row in facts["members"]
        }
    silent = {row["name"] for row in facts.get("unreported", [])}
    found = {}
    for group in facts.get("groups", []):
        for line in group["units"]:
            plan, name = group["plan"], line["unit"]
            reported = name not in silent if not plan else _has_figure(line)
            found[plan, name] = Member(name, plan, reported, {})
    return found | {("", name): Member(name, "", False, {}) for name in sorted(silent)}


def _has_figure(line: Facts) -> bool:
    return any(cell["state"] not in ("", "missing") for cell in line["cells"])


def _bare(member: Member) -> UnitChange:
    return UnitChange(member.name, member.plan)


def _verified(member: Member) -> UnitChange:
    sheet = member.sheet
    return UnitChange(
        member.name, member.plan, sheet.get("verified_by", ""), sheet.get("verified_at", "")
    )


def _reopened(member: Member) -> UnitChange:
    sheet = member.sheet
    return UnitChange(
        member.name,
        member.plan,
        sheet.get("returned_by", ""),
        sheet.get("returned_at", ""),
        sheet.get("return_reason", ""),
    )


# --- figures -------------------------------------------------------------------------------------
def _figures(
    old: Facts, new: Facts, members: Mapping[Key, Member], both: set[Key], by_name: bool
) -> Iterator[FigureChange]:
    """Of units that are counted in both; what a unit brought along is not listed cell by cell."""
    known = dict(_cells(old, by_name))
    for key, cell in _cells(new, by_name):
        unit = key[:2]
        was = known.get(key)
        if unit not in both or was is None or _exact(was["cell"]) == _exact(cell["cell"]):
            continue
        before, after = _told(was["cell"]), _told(cell["cell"])
        if before == after:
            before, after = _judged(was["cell"], before), _judged(cell["cell"], after)
        yield FigureChange(
            plan=cell["plan"],
            group=cell["group"],
            unit=members[unit].name,
            code=cell["cell"]["code"],
            name=cell["name"],
            before=before,
            after=after,
            **_hands(members[unit].sheet),
        )


def _hands(sheet: Facts) -> dict[str, str]:
    """Who re-opened the sheet and why, and who verified it again."""
    return {
        "reopened_by": sheet.get("returned_by", ""),
        "reopened_at": sheet.get("returned_at", ""),
        "why": sheet.get("return_reason", ""),
        "verified_by": sheet.get("verified_by", ""),
        "verified_at": sheet.get("verified_at", ""),
    }


def _assessed(
    old: Facts, new: Facts, members: Mapping[Key, Member], both: set[Key]
) -> Iterator[FigureChange]:
    """Answers in words of which something else is found now, or another level is claimed. Facts of
    before they were assessed tell nothing of them."""
    known = {(*key, one["ref"]): one for key, row in _criteria(old).items() for one in row["units"]}
    for key, row in _criteria(new).items():
        for one in row["units"]:
            unit, was = (key[0], one["ref"]), known.get((*key, one["ref"]))
            if unit not in both or was is None or _found(was) == _found(one):
                continue
            sheet = members[unit].sheet
            yield FigureChange(
                plan=row["plan"],
                group=row["group"],
                unit=one["unit"],
                code=row["code"],
                name=row["name"],
                before=_found(was),
                after=_found(one),
                reopened_by=sheet.get("returned_by", ""),
                reopened_at=sheet.get("returned_at", ""),
                why=", ".join(filter(None, (one["why"], one["by"])))
                or sheet.get("return_reason", ""),
                verified_by=sheet.get("verified_by", ""),
                verified_at=sheet.get("verified_at", ""),
            )


def _reworded(
    old: Facts,
    new: Facts,
    was: Mapping[Key, Member],
    members: Mapping[Key, Member],
    both: set[Key],
) -> Iterator[FigureChange]:
    """What units tell otherwise now, question by question; a question that is new is not told."""
    known = {key: _answers(row, was) for key, row in questions(old, new).items()}
    for key, row in questions(new, old).items():
        if key not in known:
            continue
        texts = _answers(row, members)
        for unit in [*texts, *(unit for unit in known[key] if unit not in texts)]:
            before, after = known[key].get(unit, ""), texts.get(unit, "")
            if unit not in both or before == after:
                continue
            shown = side_by_side(before, after)
            yield FigureChange(
                plan="",
                group="",
                unit=members[unit].name,
                code=row.get("code", ""),
                name=row["question"],
                before=shown[0] or "không có câu trả lời",
                after=shown[1] or "không còn câu trả lời",
                **_hands(members[unit].sheet),
            )


def _answers(row: Facts, members: Mapping[Key, Member]) -> dict[Key, str]:
    """Texts under the members who gave them; how lines are broken is no change."""
    refs = {member.name: key for key, member in members.items() if not member.plan}
    return {
        refs[one["unit"]]: " ".join(one["text"].split())
        for one in row["answers"]
        if one["unit"] in refs
    }


def _counted(old: Facts, new: Facts) -> Iterator[TotalChange]:
    was = _criteria(old)
    for key, row in _criteria(new).items():
        if key in was and (before := _counts(was[key])) != (after := _counts(row)):
            yield TotalChange(row["group"], row["code"], row["name"], before, after)


def _criteria(facts: Facts) -> dict[tuple[str, str, str], Facts]:
    """Criteria in words under (plan, group, indicator)."""
    return {(row["plan_ref"], row["group_ref"], row["ref"]): row for row in facts.get("told", [])}


def _found(one: Facts) -> str:
    return ", ".join(filter(None, (one["word"].lower(), one["words"])))


def _counts(row: Facts) -> str:
    return f"{row['met']} đạt, {row['not_met']} chưa đạt, {row['waiting']} chưa xét"


def _cells(facts: Facts, by_name: bool) -> Iterator[tuple[tuple[str, str, str, str], Facts]]:
    """Every cell under (plan, unit, group, indicator)."""
    for group in facts.get("groups", []):
        plan = group["plan"] if by_name else group["plan_ref"]
        names = {row["code"]: row["name"] for row in group["indicators"]}
        for line in group["units"]:
            unit = line["unit"] if by_name else line["ref"]
            for place, cell in enumerate(line["cells"]):
                column = cell["code"] if by_name else group["columns"][place]
                yield (
                    (plan, unit, group["name" if by_name else "ref"], column),
                    {
                        "plan": group["plan"],
                        "group": group["name"],
                        "name": names.get(cell["code"], ""),
                        "cell": cell,
                    },
                )


def _totals(old: Facts, new: Facts, by_name: bool) -> Iterator[TotalChange]:
    was, now = dict(_rows(old, by_name)), dict(_rows(new, by_name))
    for key, (group, row) in now.items():
        before = was[key][1] if key in was else None
        if before is None:
            yield TotalChange(group, row["code"], row["name"], "", _summed(row))
        elif _exact(before) != _exact(row) or _target(before) != _target(row):
            told = _summed(before), _summed(row)
            if told[0] == told[1]:
                told = (f"{told[0]}, {_target(before)}", f"{told[1]}, {_target(row)}")
            yield TotalChange(group, row["code"], row["name"], *told)
    for key, (group, row) in was.items():
        if key not in now:
            yield TotalChange(group, row["code"], row["name"], _summed(row), "")


def _rows(facts: Facts, by_name: bool) -> Iterator[tuple[tuple[str, ...], tuple[str, Facts]]]:
    for group in facts.get("groups", []):
        for row in group["indicators"]:
            key = (
                (group["plan"], group["name"], row["code"])
                if by_name
                else (group["plan_ref"], group["ref"], row["ref"])
            )
            yield key, (group["name"], row)


def _exact(row: Facts) -> tuple[object, ...]:
    """What makes two figures the same: numbers by value, whatever noughts stand behind them."""
    numbers = [row.get(name) for name in NUMBERS]
    return (
        row.get("state"),
        *(None if text is None else Decimal(text) for text in numbers),
        row.get("shown", row.get("result")),
        row.get("verdict"),
    )


def _target(row: Facts) -> str:
    return f"mục tiêu {row['target']}" if row.get("target") else "không có mục tiêu"


def _told(cell: Facts) -> str:
    """ "79,3% (793/1.000)", or the word for why there is no figure."""
    if cell["state"] != "reported":
        return STATE_WORDS[cell["state"]]
    return _with_parts(str(cell["shown"]), cell)


def _judged(cell: Facts, told: str) -> str:
    return f"{told}, {cell.get('verdict', '').lower()}, {_target(cell)}"


def _summed(row: Facts) -> str:
    told = _with_parts(row["result"], row) if row["result"] else "chưa có số liệu"
    return f"{told}; {row['verdict'].lower()}" if row["verdict"] else told


def _with_parts(shown: str, row: Facts) -> str:
    if row["numerator"] is None or row["denominator"] is None:
        return shown
    parts = (decimal_text(Decimal(row[name])) for name in ("numerator", "denominator"))
    return f"{shown} ({'/'.join(parts)})"


# --- awards --------------------------------------------------------------------------------------
def _awards(facts: Facts) -> dict[tuple[str, ...], AwardChange]:
    return {
        (row["name"], row["unit"], row["form"], row["decision"]): AwardChange(
            row["name"], row["unit"], row["form"], row["decision"]
        )
        for row in facts.get("granted", [])
    }
