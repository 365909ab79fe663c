"""The appendices of a report, cut into small chapters, so that one correction touches few of them.

Pure: frozen facts in, plain values for the print templates out. Units keep their place whatever
their figures are, so that a correction moves nobody into another chapter.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from decimal import Decimal
from fractions import Fraction
from typing import Any

from campaigns.queries import charts
from criteria.rules import Verdict
from reports.documents.appendix import Appendices, Facts, Plain, Section

COLUMNS = 12  # what a landscape page holds
LINES = 50  # of two landscape pages
MATRIX_LETTERS, LEGEND_LETTERS = 33, 130
ROWS = 82  # lines of a table that lists units or indicators: two pages
WORDS = 9000  # letters of answers in one chapter
LINE, HEADING = 60, 200  # letters that a line begun, or a heading, takes the room of
HEAD = 7  # lines that the head of a section is as tall as
UNIT_LETTERS = {True: 34, False: 56}  # in a line of the column, beside numerators or without
NAME_LETTERS = 42
CHART = 8  # lines that a chart of columns is as tall as
FEW = 30  # as many bars as a page holds

STATE_WORDS = {
    "nothing": "Không phát sinh",
    "not_applicable": "Không áp dụng",
    "missing": "Chưa có số liệu",
    "": "Không áp dụng",
}


YEARS = "Kết quả qua các năm"
MATRIX = "Tổng hợp kết quả của các đơn vị"
INDICATORS = "Kết quả theo từng chỉ tiêu"
UNITS = "Kết quả của từng đơn vị"
TOLD = "Nội dung đơn vị báo cáo"
SILENT = "Danh sách đơn vị chưa báo cáo"
CHANGED = "Thay đổi so với bản đã gửi"


def appendices(
    snapshot: Facts, head: Plain, *, by_indicator: bool = True, by_unit: bool = True
) -> Appendices:
    """`head`: what the title of an appendix says of the report it belongs to. The two detailed ones
    may be left out; the workbook holds their figures all the same."""
    found = Appendices(head)
    found.add(YEARS, "print/report_years.html", _packed(_years(snapshot)))
    found.add(MATRIX, "print/report_matrix.html", _packed(_matrix(snapshot), LINES))
    if by_indicator:
        found.add(INDICATORS, "print/report_indicators.html", _packed(_indicators(snapshot)))
    if by_unit:
        found.add(UNITS, "print/report_units.html", _packed(_units(snapshot)))
    found.add(TOLD, "print/report_told.html", _packed(_told(snapshot), WORDS))
    found.add(SILENT, "print/report_silent.html", _silent(snapshot))
    found.add(CHANGED, "print/report_changed.html", _changed(snapshot))
    return found


# --- the years of a review -----------------------------------------------------------------------
def _years(snapshot: Facts) -> Iterator[Section]:
    """One indicator over the years: a chart where two years or more have a figure, its table."""
    years = snapshot.get("years") or {"names": [], "groups": []}
    for group in years["groups"]:
        for row in group["rows"]:
            chart = _chart(years["names"], row["years"])
            rows = [
                {"name": name, **{key: one[key] for key in ("shown", "target", "verdict_label")}}
                | {key: _number(one[key]) for key in ("numerator", "denominator")}
                for name, one in zip(years["names"], row["years"], strict=True)
            ]
            values = {
                "title": f"{row['code']}. {row['name']}",
                "group": group["name"],
                "chart": chart,
                "rows": rows,
            }
            yield Section(values, len(rows) + 4 + (CHART if chart else 0))


def _chart(names: Sequence[str], years: Sequence[Facts]) -> Plain | None:
    points = [
        charts.Point(
            label=name,
            shown=one["shown"],
            value=Fraction(one["value"]) if one["shown"] and one["value"] else None,
            target=_number(one["mark"]),
            verdict=Verdict(one["verdict"]),
        )
        for name, one in zip(names, years, strict=True)
    ]
    drawn = charts.columns(points, percent=all(one["is_percent"] for one in years if one["value"]))
    if drawn is None:
        return None
    columns = [
        asdict(one)
        | {"middle": one.middle, "above": one.above, "left": one.left, "right": one.right}
        | {"verdict": str(one.verdict)}
        for one in drawn.columns
    ]
    return {
        "columns": columns,
        "words": drawn.words,
        "width": drawn.width,
        "height": drawn.height,
        "base": drawn.base,
    }


# --- units × indicators --------------------------------------------------------------------------
def _matrix(snapshot: Facts) -> Iterator[Section]:
    """A unit is one line in each of the tables side by side that its columns fill."""
    for group in snapshot["groups"]:
        tables = -(-len(_first_cells(group)) // COLUMNS)
        legend = _legend(group) if group["units"] else []
        told = sum(len(row["name"]) + 8 for row in legend) // LEGEND_LETTERS + 3
        start = 0
        for lines, tall in _cut(group["units"], told, MATRIX_LETTERS, LINES, tables):
            if lines:
                values = {
                    "title": group["name"],
                    "start": start,
                    "legend": legend if start == 0 else [],
                    "parts": list(_parts(lines)),
                }
                yield Section(values, tall + 2 * tables)
            start += len(lines)


def _legend(group: Facts) -> list[Plain]:
    asked = {cell["code"] for cell in group["units"][0]["cells"]}
    return [
        {"code": row["code"], "name": row["name"]}
        for row in group["indicators"]
        if row["code"] in asked
    ]


def _parts(lines: Sequence[Facts]) -> Iterator[Plain]:
    """As many columns a table as a page holds."""
    codes = [cell["code"] for cell in lines[0]["cells"]]
    for first in range(0, len(codes), COLUMNS):
        span = slice(first, first + COLUMNS)
        yield {
            "codes": codes[span],
            "rows": [
                {"unit": line["unit"], "cells": _cells(line["cells"][span])} for line in lines
            ],
        }


def _cells(cells: Sequence[Facts]) -> list[Plain]:
    """A cell of an indicator that does not measure the unit reads “not applicable”."""
    return [
        {
            "value": cell.get("shown", ""),
            "state": cell["state"] or "not_applicable",
            "met": cell.get("met"),
        }
        for cell in cells
    ]


# --- one indicator over all units ----------------------------------------------------------------
def _indicators(snapshot: Facts) -> Iterator[Section]:
    for group in snapshot["groups"]:
        places = {cell["code"]: at for at, cell in enumerate(_first_cells(group))}
        for row in group["indicators"]:
            at = places.get(row["code"])
            lines = [] if at is None else [_unit_row(line, at) for line in group["units"]]
            rows = [line for line in lines if line["asked"]]
            bars = _bars(rows) if len(rows) <= FEW else []
            parted = any(line["denominator"] is not None for line in rows)
            width = UNIT_LETTERS[parted]
            start = 0
            for part, tall in _cut(rows, HEAD + len(bars), width):
                first = start == 0
                values = {
                    "title": f"{row['code']}. {row['name']}" if first else "",
                    "code": row["code"],
                    "start": start,
                    "parted": parted,
                    "facts": _of_indicator(group, row) if first else None,
                    "bars": bars if first else [],
                    "rows": part,
                }
                yield Section(values, tall)
                start += len(part)


def _cut(
    rows: Sequence[Facts], head: int, width: int, room: int = ROWS, tables: int = 1
) -> Iterator[tuple[list[Facts], int]]:
    """Rows in runs of two pages, each with how many lines it takes; the first has a head."""
    part: list[Facts] = []
    tall = head
    for row in rows:
        lines = _lines(row["unit"], width) * tables
        if part and tall + lines > room:
            yield part, tall
            part, tall = [], 0
        part.append(row)
        tall += lines
    yield part, tall


def _lines(text: str, width: int) -> int:
    return -(-len(text) // width) or 1


def _first_cells(group: Facts) -> Sequence[Facts]:
    return group["units"][0]["cells"] if group["units"] else []


def _unit_row(line: Facts, at: int) -> Plain:
    cell = line["cells"][at]
    return {"unit": line["unit"], "asked": bool(cell["state"]), **_row(cell)}


def _row(cell: Facts) -> Plain:
    """One figure as its table prints it; a blank cell says why it is blank."""
    reported = cell["state"] == "reported"
    percent = cell.get("percent")
    return {
        "numerator": _number(cell.get("numerator")),
        "denominator": _number(cell.get("denominator")),
        "shown": cell["shown"] if reported else STATE_WORDS[cell["state"]],
        "reported": reported,
        "percent": Decimal(percent) if percent else None,
        "target": cell.get("target", ""),
        "verdict": cell["verdict"] if reported and cell.get("met") is not None else "",
        "met": cell.get("met"),
        "reason": cell.get("reason", ""),
    }


def _of_indicator(group: Facts, row: Facts) -> Plain:
    not_judged = row["reported"] - row["met"] - row["not_met"]
    parts = [
        ("met", "Đạt", row["met"]),
        ("not_met", "Chưa đạt", row["not_met"]),
        ("not_judged", "Có số liệu, không so mục tiêu", not_judged),
        ("nothing", "Không phát sinh", row["nothing"]),
        ("not_applicable", "Không áp dụng", row["not_applicable"]),
        ("no_data", "Chưa có số liệu", row["missing"]),
    ]
    return {
        "group": group["name"],
        "target": row["target"],
        "result": row["result"],
        "verdict": row["verdict"],
        "numerator": _number(row["numerator"]),
        "denominator": _number(row["denominator"]),
        "slices": [asdict(one) | {"paint": one.paint} for one in charts.slices(parts)],
    }


def _bars(rows: Sequence[Plain]) -> list[Plain]:
    """The shares of few units, highest first; of nothing else does a common scale make sense."""
    known = [row for row in rows if row["percent"] is not None]
    if len(known) < 2:
        return []
    known.sort(key=lambda row: (-row["percent"], row["unit"]))
    widths = charts.reaches([_part(row) for row in known], [None] * len(known), percent=True)
    return [
        {
            "unit": row["unit"],
            "shown": row["shown"],
            "met": row["met"],
            "width": reach.width,
        }
        for row, reach in zip(known, widths, strict=True)
    ]


def _part(row: Plain) -> Any:
    return Fraction(row["percent"])


# --- one unit over all indicators ----------------------------------------------------------------
def _units(snapshot: Facts) -> Iterator[Section]:
    """A unit that several groups measure has one section; its figures stand together."""
    tables: dict[tuple[str, str], list[Plain]] = {}
    for group in snapshot["groups"]:
        names = {row["code"]: row["name"] for row in group["indicators"]}
        for line in group["units"]:
            key = (group["plan"], line["unit"] if "ref" not in line else line["ref"])
            rows = [
                {"code": cell["code"], "name": names[cell["code"]], **_row(cell)}
                for cell in line["cells"]
                if cell["state"]
            ]
            known = tables.setdefault(key, [])
            missing = sum(cell["state"] == "missing" for cell in line["cells"])
            known.append({"unit": line["unit"], "rows": rows, "missing": missing})
    before = ""
    for (plan, _unit), parts in tables.items():
        rows = [row for part in parts for row in part["rows"]]
        told, before = ("" if plan == before else plan), plan
        tall = sum(_lines(row["name"], NAME_LETTERS) for row in rows) + 3
        silent = sum(part["missing"] for part in parts) == len(rows) > 0
        values = {"title": parts[0]["unit"], "plan": told, "rows": rows, "silent": silent}
        yield Section(values, tall)


def _packed(sections: Iterator[Section], room: int = ROWS) -> list[Plain]:
    """Short sections share a chapter, so that pages are filled; a long one has its own."""
    chapters: list[Plain] = []
    tall = room + 1
    for section in sections:
        if tall + section.rows > room:
            chapters.append({"sections": []})
            tall = 0
        chapters[-1]["sections"].append(section.values)
        tall += section.rows
    return chapters


# --- words, lists, changes -----------------------------------------------------------------------
def _told(snapshot: Facts) -> Iterator[Section]:
    """Answers in words, question by question; a long one goes on in the next chapter."""
    for narrative in snapshot["narratives"]:
        answers: list[Facts] = []
        size, head = HEADING, {key: narrative.get(key, "") for key in ("question", "counts")}
        for answer in narrative["answers"]:
            long = len(answer["text"]) + len(answer.get("found", ""))
            if answers and size + long > WORDS:
                yield Section({**head, "answers": answers}, size)
                answers, size, head = [], 0, dict.fromkeys(head, "")
            answers.append({key: answer.get(key, "") for key in ("unit", "text", "found")})
            size += long + LINE
        if answers:
            yield Section({**head, "answers": answers}, size)


def _silent(snapshot: Facts) -> list[Plain]:
    rows = [
        {key: row[key] for key in ("name", "due_on", "state", "note")}
        for row in snapshot["unreported"]
    ]
    return [{"rows": rows}] if rows else []


def _changed(snapshot: Facts) -> list[Plain]:
    changes = snapshot.get("changes")
    return [dict(changes)] if changes else []


def _number(value: str | None) -> Decimal | None:
    return None if value is None else Decimal(value)
