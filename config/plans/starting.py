"""The first draft of a plan, as values: blank, copied from another, or carrying a parent out."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

Plan = dict[str, Any]
YEAR = re.compile(r"(?<![0-9])(?:19|20)[0-9]{2}(?![0-9])")
GRACE = timedelta(days=31)  # a year's results are taken until the end of January
UNAMENDED = {"from": None, "decision": "", "reason": ""}


@dataclass(frozen=True)
class Head:
    """What is asked before a draft can be kept; `body` names the issuer or the bloc."""

    ref: str
    title: str
    short_title: str
    level: str
    body: Mapping[str, str]
    standing_agency: str
    first: date
    last: date

    def named(self, ref: str) -> "Head":
        return replace(self, ref=ref)

    @property
    def values(self) -> Plan:
        return {
            "format": "thidua-plan/1",
            "ref": self.ref,
            "state": "draft",
            "title": self.title,
            "short_title": self.short_title,
            "level": self.level,
            "issuer": None,
            "bloc": None,
            **self.body,
            "standing_agency": self.standing_agency or None,
            "period": {"from": self.first, "to": self.last, "outlook": None},
            "periods": year_periods(self.first, self.last),
        }


def blank_plan(head: Head) -> Plan:
    return {"document": {}, **head.values}


def copied_plan(source: Plan, head: Head) -> Plan:
    """The same plan for another time: days and years move along, what was amended is the start.

    Number, day, remarks on the old text and ties to the quotas above stay behind.
    """
    years = head.first.year - source["period"]["from"].year
    within = source["period"]["from"] <= head.first and head.last <= source["period"]["to"]
    moved = [_moved(row, years, head) for row in source["periods"] if row["kind"] != "year"]
    return {
        **source,
        **head.values,
        "parent": source["parent"] if within else None,
        "document": _unsigned(source),
        "remarks": [],
        "phases": [_moved(row, years, head) for row in source["phases"]],
        "periods": [
            *head.values["periods"],
            *(row for row in moved if head.first <= row["from"] and row["to"] <= head.last),
        ],
        "duties": [_moved(row, years, head) for row in source["duties"]],
        "amendments": [],
        "parent_indicators": source["parent_indicators"] if within else [],
        "groups": _groups(source, lambda row: row | {"year": row["year"] and row["year"] + years}),
        "scoring": _tables(source, years),
        "awards": {
            **source["awards"],
            "quotas": [
                row | {"parent": None, "phase": _shifted(row["phase"], years)}
                for row in source["awards"]["quotas"]
            ],
        },
    }


def child_plan(parent: Plan, head: Head, *, issuer_name: str) -> Plan:
    """A plan that carries `parent` out: its indicators and words to start from.

    Who takes part, who does what, quotas, deadlines and recipients are the child's own, so they are
    left to be written.
    """
    document = parent["document"]
    title = parent["title"].removeprefix(document["type"]).strip()
    number = f"{document['number']}/{document['symbol']}" if document["number"] else ""
    kept = {"purpose", "content", "measures"}
    return {
        **head.values,
        "theme": parent["theme"],
        "method": parent["method"],
        "parent": parent["ref"],
        "document": {},
        "legal_bases": [
            {
                "code": number,
                "issued_on": document["issued_on"],
                "text": f"{document['type']} của {issuer_name} {title[:1].lower()}{title[1:]}",
            }
        ],
        "sections": [row for row in parent["sections"] if row["kind"] in kept],
        "groups": [
            group | {"unit_kinds": [], "units": []} for group in _groups(parent, lambda row: row)
        ],
        "phases": [_moved(row, 0, head) for row in parent["phases"]],
        "dossier": parent["dossier"],
    }


def year_periods(first: date, last: date) -> list[Plan]:
    """One period a year from the first day to the last."""
    return [
        {
            "ref": str(year),
            "kind": "year",
            "name": f"Năm {year}",
            "from": max(first, date(year, 1, 1)),
            "to": min(last, date(year, 12, 31)),
            "closes_on": min(last, date(year, 12, 31)) + GRACE,
        }
        for year in range(first.year, last.year + 1)
    ]


def _unsigned(source: Plan) -> Plan:
    return source["document"] | {"number": "", "issued_on": None, "issued_text": ""}


def _groups(source: Plan, moved: Callable[[Plan], Plan]) -> list[Plan]:
    """The groups with the targets in force at last, as if they had been so from the start."""
    return [
        group
        | {
            "indicators": [
                row | {"source": "", "targets": [moved(t) | UNAMENDED for t in in_force(row)]}
                for row in group["indicators"]
            ]
        }
        for group in source["groups"]
    ]


def _tables(source: Plan, years: int) -> list[Plan]:
    """Of the scoring tables of the same group and year, the one amended last."""
    latest: dict[tuple[str, int], Plan] = {}
    for row in sorted(source["scoring"], key=lambda row: row["from"] or date.min):
        latest[row["group"], row["from_year"]] = row
    return [
        row | UNAMENDED | {"from_year": row["from_year"] + years}
        for row in source["scoring"]
        if row in latest.values()
    ]


def in_force(indicator: Plan) -> list[Plan]:
    """Of the targets for the same units and year, the one amended last."""
    latest: dict[tuple[Any, ...], Plan] = {}
    for row in sorted(indicator["targets"], key=lambda row: row["from"] or date.min):
        latest[target_key(row)] = row
    return list(latest.values())


def target_key(target: Plan) -> tuple[Any, ...]:
    """For whom and when a target is meant."""
    return tuple(target[key] for key in ("level", "unit_kind", "unit", "region", "year"))


def _moved(row: Plan, years: int, head: Head) -> Plan:
    """A row of the calendar `years` later; spans of phases are cut to the new period."""
    found = dict(row)
    for key, value in row.items():
        if isinstance(value, date):
            found[key] = _later(value, years)
        elif isinstance(value, str):
            found[key] = _shifted(value, years)
    if "held_on" in row:
        for key in ("from", "to"):
            if found[key]:
                found[key] = min(max(found[key], head.first), head.last)
    return found


def _later(day: date, years: int) -> date:
    """29 February becomes 28 where the year has none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def _shifted(text: str, years: int) -> str:
    return YEAR.sub(lambda found: str(int(found[0]) + years), text)
