"""A part of a plan as a form: what stands in the plan, what was typed instead, what is wrong.

Every field has a name of its own on the page (`indicators-2-name`) and a path in the plan; an error
of the loader tells the path and so finds the field.
"""

import re
from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from config.planfile import Problem
from config.planfile.schema import Path
from config.plans.cells import REF_LENGTH, Cell, Options, cell_of, fill, mark_whole, take, value_of
from config.plans.parts import PICKS, TARGETS, Part, Plan, Table, stamp_of
from config.plans.paths import inner, path_of, put_at, schema_at, value_at
from units.rules import DomainError, slug

MISSING = re.compile(r"thiếu khóa “(\w+)” \((.+)\)\.$")
MORE = 10  # empty rows of a list that somebody asked for more of
SENT = re.compile(r"(.+)-([0-9]{1,4})-at")


@dataclass
class Row:
    """A row on the page: its fields, the rows inside it, its place and whether it goes."""

    name: str
    cells: list[Cell]
    more: list[Cell]
    lines: "Rows | None" = None
    has_ref: bool = False
    ref: str = ""
    at: str = ""
    drop: bool = False
    listing: str = ""
    errors: list[str] = field(default_factory=list)

    @property
    def fields(self) -> list[Cell]:
        return [*self.cells, *self.more]

    @property
    def is_blank(self) -> bool:
        within = self.lines.rows if self.lines else []
        return (
            not self.ref
            and all(cell.is_blank or cell.key == self.listing for cell in self.fields)
            and all(line.is_blank for line in within)
        )

    @property
    def opens(self) -> bool:
        """Whether what is folded away says something."""
        return any(cell.errors for cell in self.more)

    @property
    def says_more(self) -> bool:
        return any(not cell.is_blank for cell in self.more)


@dataclass
class Rows:
    """A list on the page, with rows to spare at its end."""

    table: Table
    name: str
    rows: list[Row]
    heads: list[str]
    default: bool | None = None

    @property
    def count(self) -> int:
        return sum(not row.is_blank for row in self.rows)

    @property
    def opens(self) -> bool:
        """Whether something in it is wrong."""
        return any(row.errors or any(cell.errors for cell in row.fields) for row in self.rows)


class PartForm:
    """One part of `plan`, as it stands or (with `data`) as somebody typed it; with more empty rows
    in the list `more`."""

    def __init__(
        self, part: Part, plan: Plan, options: Options, data: Any = None, more: str = ""
    ) -> None:
        self.part, self.plan, self.options, self.data = part, plan, options, data
        self.more = more
        self.stamp = stamp_of(plan, part)
        self.errors: list[str] = []
        self.raw: Plan = {}
        self.conflict = self.saved = False
        self.stands = plan  # what is stored, once it was saved
        self.places: dict[Path, str] = {}  # path in the plan to be → name on the page
        self.cells: dict[str, Cell] = {}
        for table in part.tables:
            if table.called:
                self._call(table, value_at(plan, table.path))
        self.fields = [self._field(key) for key in part.fields]
        self.tables = [self._table(table) for table in part.tables]

    @property
    def wrong(self) -> list[tuple[str, str]]:
        """Every error as (id of the field or "", sentence), for the head of the page."""
        found = [("", sentence) for sentence in self.errors]
        for row in self._all_rows():
            found += [(f"{row.name}-at", sentence) for sentence in row.errors]
        for cell in self.cells.values():
            found += [(cell.name, f"{cell.label}: {sentence}") for sentence in cell.errors]
        return found

    @property
    def datalists(self) -> list[tuple[str, list[str]]]:
        """The suggestions that fields of the page ask for."""
        listed = {cell.listed: cell for cell in self.cells.values() if cell.listed}
        found = []
        for name, cell in listed.items():
            words = [f"{label} ({value})" for value, label in cell.choices]
            if cell.kind == "here":
                words = [label for _, label in self.options.lists[name]]
            found.append((name, self.options.suggested if name == "unit" else words))
        return found

    def _all_rows(self) -> Iterable[Row]:
        for table in self.tables:
            for row in table.rows:
                yield row
                yield from row.lines.rows if row.lines else ()

    # --- what stands on the page -----------------------------------------------------------------
    def _field(self, key: str) -> Cell:
        path = path_of(key)
        schema = schema_at(path)
        required = key in {"title", "short_title", "level", "period.from", "period.to"}
        cell = self._cell("-".join(map(str, path)), key, schema, PICKS.get(key, ""), required)
        if self.data is None:
            fill(cell, value_at(self.plan, path), self.options)
        else:
            take(cell, self.data)
        return cell

    def _cell(
        self, name: str, key: str, schema: Mapping[str, Any], pick: str, required: bool
    ) -> Cell:
        cell = cell_of(name, key, schema, pick, self.options, required)
        self.cells[name] = cell
        return cell

    def _table(self, table: Table) -> Rows:
        name = table.kind
        stored = value_at(self.plan, table.path)
        default = None
        if table.default_words:
            default = stored == "default" if self.data is None else f"{name}-default" in self.data
        return self._rows(table, name, stored if isinstance(stored, list) else [], default)

    def _rows(
        self, table: Table, name: str, stored: list[Plan], default: bool | None = None
    ) -> Rows:
        if self.data is None:
            rows = [
                self._row(table, f"{name}-{index}", row, index) for index, row in enumerate(stored)
            ]
            spare = MORE if name == self.more else table.spare
            listed = self._listed(table, stored) if table.listing else [{}] * spare
            rows += [
                self._row(table, f"{name}-{index}", row, index, spare=True)
                for index, row in enumerate(listed, len(stored))
            ]
        else:
            rows = [
                self._row(table, f"{name}-{index}", None, index) for index in self._indexes(name)
            ]
        schema = table.schema()
        heads = [inner(schema, key).get("title", key) for key in table.columns]
        return Rows(table, name, rows, [head[:1].upper() + head[1:] for head in heads], default)

    def _listed(self, table: Table, stored: list[Plan]) -> list[Plan]:
        """A row to fill in for every choice that has none yet."""
        there = {row[table.listing] for row in stored}
        choices = self.options.lists[PICKS[f"{table.kind}.{table.listing}"]]
        return [{table.listing: value} for value, _ in choices if value not in there] or [{}]

    @cached_property
    def _sent(self) -> dict[str, list[int]]:
        """The rows that were sent, by the name of their list."""
        found: dict[str, list[int]] = {}
        for key in self.data:
            if match := SENT.fullmatch(key):
                found.setdefault(match[1], []).append(int(match[2]))
        return found

    def _indexes(self, name: str) -> list[int]:
        return sorted(self._sent.get(name, []))

    def _row(
        self, table: Table, name: str, stored: Plan | None, index: int, *, spare: bool = False
    ) -> Row:
        schema = table.schema()
        required = set(schema.get("required", ()))

        def cells(keys: Iterable[str]) -> list[Cell]:
            return [self._row_cell(table, name, key, schema, stored, required) for key in keys]

        row = Row(name, cells(table.columns), cells(table.more), has_ref="ref" in required)
        row.listing = table.listing
        if table.lines:
            inside = (stored or {}).get(table.lines.kind, [])
            row.lines = self._rows(table.lines, f"{name}-{table.lines.kind}", inside)
        if self.data is None:
            row.ref = (stored or {}).get("ref", "")
            row.at = "" if spare else str(index + 1)
        else:
            row.ref = self.data.get(f"{name}-ref", "").strip()
            row.at = self.data.get(f"{name}-at", "").strip()
            row.drop = f"{name}-drop" in self.data
        return row

    def _row_cell(
        self,
        table: Table,
        name: str,
        key: str,
        schema: dict[str, Any],
        stored: Plan | None,
        required: set[str],
    ) -> Cell:
        pick = PICKS.get(f"{table.kind}.{key}", "")
        full = f"{name}-{key.replace('.', '-')}"
        cell = self._cell(full, key, inner(schema, key), pick, key in required)
        if self.data is not None:
            take(cell, self.data)
            return cell
        value: Any = stored
        for step in key.split("."):
            value = (value or {}).get(step)
        if value is not None and cell.kind == "points":
            names = {ref: name for name, ref in self._levels_of(stored).items()}
            value = [one | {"level": names.get(one["level"], one["level"])} for one in value]
        if value is not None:
            fill(cell, value, self.options)
        return cell

    # --- what was typed, as the plan would hold it -----------------------------------------------
    def edited(self, raw: Plan) -> Plan:
        """A copy of `raw` (a plan without what it need not say) with this part as typed.

        Raises DomainError when what was sent is not the whole part: what lacks would be lost.
        """
        whole = all(rows.rows for rows in self.tables) and all(
            cell.kind in {"check", "picks"} or cell.name in self.data
            for cell in self.cells.values()
        )
        if not whole:
            raise DomainError(
                "Trang gửi lên thiếu một số ô nên chưa lưu gì. Tải lại trang rồi sửa lại."
            )
        plan, self.raw = deepcopy(raw), raw
        for cell in self.fields:
            path = path_of(cell.key)
            self.places[path] = cell.name
            put_at(plan, path, value_of(cell, self.options))
        for rows in self.tables:
            path = rows.table.path
            value: Any = "default" if rows.default else self._list(rows, path)
            may_lack = path[-1] not in schema_at(path[:-1]).get("required", ())
            put_at(plan, path, None if may_lack and not value else value)
        return plan

    def _list(self, rows: Rows, path: Path) -> list[Plan]:
        kept = [row for row in rows.rows if not row.drop and not row.is_blank]
        kept.sort(key=_place)
        taken = {row.ref for row in kept} | self._refs_elsewhere(rows.table)
        for index, row in enumerate(kept):
            self.places[*path, index] = row.name
            if row.has_ref and not row.ref:
                row.ref = _new_ref(row, rows.table, taken)
                taken.add(row.ref)
        if rows.table.called:
            said = [{cell.key: cell.typed for cell in row.fields} for row in kept]
            self._call(
                rows.table,
                [typed | {"ref": row.ref} for typed, row in zip(said, kept, strict=True)],
            )
        return [self._values(row, rows.table, (*path, at)) for at, row in enumerate(kept)]

    def _call(self, table: Table, rows: list[Plan]) -> None:
        """What other rows of the part may call the rows of `table`; each by words of its own."""
        words = [row[table.called] for row in rows]
        self.options.lists[f"{table.kind}_here"] = [
            (row["ref"], word if words.count(word) == 1 else f"{word} ({row['ref']})")
            for row, word in zip(rows, words, strict=True)
        ]

    def _values(self, row: Row, table: Table, at: Path) -> Plan:
        values: Plan = {"ref": row.ref} if row.has_ref else {}
        for cell in row.fields:
            path = tuple(cell.key.split("."))
            self.places[(*at, *path)] = cell.name
            value = value_of(cell, self.options)
            if value is not None:
                put_at(values, path, value)
        if table.kind == "quotas" and "parent" in values:
            values["parent"] = {"plan": self.options.parent, **values["parent"]}
        if "rubric" in values:
            values["rubric"] = self._with_refs(row.ref, values["rubric"])
        if table.kind == "items" and "levels" in values:
            refs = self._levels_of(values)
            values["levels"] = [
                one | {"level": refs.get(one["level"], slug(one["level"])[:REF_LENGTH].strip("-"))}
                for one in values["levels"]
            ]
        if row.lines:
            kind = row.lines.table.kind
            for line in row.lines.rows if kind == TARGETS.kind else ():
                mark_whole(line.cells, self.plan, values)
            values[kind] = self._list(row.lines, (*at, kind))
        if table.keep:
            values |= self._kept(row, table)
        return values

    def _kept(self, row: Row, table: Table) -> Plan:
        """What other parts write of the row; lists that a new one must have are empty."""
        stored = [one for one in self.raw.get(table.kind, []) if one["ref"] == row.ref]
        asked: dict[str, Any] = {key: [] for key in table.schema()["required"] if key in table.keep}
        return asked | {key: one[key] for one in stored for key in table.keep if key in one}

    def _with_refs(self, indicator: str, levels: list[Plan]) -> list[Plan]:
        """A level that keeps its name keeps its ref, whatever that was made of."""
        rows = [row for group in self.plan["groups"] for row in group["indicators"]]
        known = {
            level["name"]: level["ref"]
            for row in rows
            if row["ref"] == indicator
            for level in row["rubric"]
        }
        return [level | {"ref": known.get(level["name"], level["ref"])} for level in levels]

    def _levels_of(self, item: Any) -> dict[str, str]:
        """The levels of the criterion that an item is scored by: name → ref."""
        rows = [row for group in self.plan["groups"] for row in group["indicators"]]
        asked = item.get("indicator")
        return {
            level["name"]: level["ref"]
            for row in rows
            if row["ref"] == asked
            for level in row["rubric"]
        }

    def _refs_elsewhere(self, table: Table) -> set[str]:
        """Indicators have names of their own in the whole plan."""
        if table.kind != "indicators":
            return set()
        return {row["ref"] for group in self.plan["groups"] for row in group["indicators"]}

    # --- what is wrong with it -------------------------------------------------------------------
    def tell(self, problems: Iterable[Problem]) -> None:
        """Each problem at the field, the row or the part that it speaks of."""
        for problem in problems:
            path, sentence = problem.path, problem.sentence
            if missing := MISSING.search(problem.message):
                path, sentence = (*path, missing[1]), f"Còn thiếu {missing[2]}."
            self._tell(path, sentence, problem)

    def _tell(self, path: Path, sentence: str, problem: Problem) -> None:
        exact = True
        while path and path not in self.places:
            path, exact = path[:-1], False
        name = self.places.get(path, "")
        if cell := self.cells.get(name):
            if not cell.errors:  # a field that could not be read has said so already
                cell.errors.append(sentence)
        elif row := next((row for row in self._all_rows() if row.name == name), None):
            row.errors.append(sentence if exact else problem.told)
        else:
            self.errors.append(problem.told)


def _place(row: Row) -> tuple[int, int]:
    """By the number typed in front of it; rows without one stay last, in their order."""
    own = int(row.name.rpartition("-")[2])
    return (int(row.at) if row.at.isascii() and row.at.isdigit() else 10_000, own)


def _new_ref(row: Row, table: Table, taken: set[str]) -> str:
    """Made of the first name that has letters; of all its names where only together they tell."""
    words = {cell.key: slug(str(cell.typed)) for cell in row.fields}
    named = [words[key] for key in table.names if words[key]]
    said = "-".join(named) if table.kind in {"quotas", "composition"} else next(iter(named), "")
    base = said[:REF_LENGTH].strip("-") or slug(table.noun)
    numbered = (f"{base}-{number}" for number in range(2, len(taken) + 3))
    return next(ref for ref in (base, *numbered) if ref not in taken)
