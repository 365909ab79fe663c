"""A dated amendment of an issued plan, as a form: old targets and scoring tables stay, what changes
is added."""

from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from campaigns.models import Campaign
from config.planfile import PlanFileError, Problem, plan_data, plan_of_values
from config.planfile.canonical import scoring_row, sparse
from config.planfile.schema import Path
from config.planfile.scoring import scoring_faults
from config.plans.cells import (
    Cell,
    Options,
    cell_of,
    fill,
    mark_whole,
    take,
    value_of,
    yes_no_cell,
)
from config.plans.drafts import load_draft, options_for
from config.plans.issuing import MEASURED
from config.plans.next_tables import drafts_of, plan_in_force
from config.plans.parts import Plan, mark_of
from config.plans.paths import inner, schema_at, source_kind
from config.plans.starting import in_force
from criteria.models import TableDraft
from criteria.rules import target_text
from criteria.services import drop_table
from units.models import User
from units.rules import DomainError

HEAD = ("document", "in_force_from", "reason")
TARGET = ("basis", "op", "value", "value_to")
QUOTA = ("basis", "number")
WHOM = ("level", "unit_kind", "unit", "region", "year")
NOMINEE = "nominee"
NO_TARGET: Plan = dict.fromkeys((*WHOM, *TARGET)) | {"op": "", "basis": "level"}


@dataclass
class Line:
    """One target or quota: what holds now, and what shall hold."""

    name: str
    label: str
    now: str
    stored: Plan
    cells: list[Cell]
    path: Path
    was: str  # the mark of what the page showed in it
    errors: list[str] = field(default_factory=list)

    @property
    def mark(self) -> str:
        return mark_of([cell.typed for cell in self.cells])

    def changes(self, options: Options) -> dict[str, Any] | None:
        """The new values where any of them differs."""
        typed = {cell.key: value_of(cell, options) for cell in self.cells}
        if self.cells[0].kind == "yes_no":
            none = "none" if self.stored["op"] else None
            typed["op"] = none if typed["value"] is None else "="
        stored = {key: None if self.stored[key] == "" else self.stored[key] for key in typed}
        return typed if typed != stored else None


@dataclass
class TableLine:
    """The scoring tables of one group: those in force, and the next one while it is written."""

    group: str
    name: str
    now: list[Plan]
    draft: TableDraft | None
    faults: list[str] = field(default_factory=list)
    cell: Cell | None = None  # whether this amendment brings the draft


class AmendmentForm:
    """What a dated decision changes in `plan`: targets, numbers of awards, scoring tables."""

    def __init__(
        self,
        plan: Plan,
        options: Options,
        data: Any = None,
        drafts: Mapping[str, TableDraft] | None = None,
    ) -> None:
        self.plan, self.options, self.data = plan, options, data
        self.drafts = drafts or {}
        self.stamp = mark_of([plan, {ref: draft.values for ref, draft in self.drafts.items()}])
        self.errors: list[str] = []
        self.conflict = self.saved = False
        self.head = [self._cell(f"amendment-{key}", key, ("amendments", 0)) for key in HEAD]
        self.targets = list(self._targets())
        self.quotas = list(self._quotas())
        self.tables = list(self._tables())
        self.places: dict[Path, str] = {}

    @property
    def cells(self) -> dict[str, Cell]:
        lines = [*self.targets, *self.quotas]
        found = [*self.head, *(cell for line in lines for cell in line.cells)]
        found += [line.cell for line in self.tables if line.cell]
        return {cell.name: cell for cell in found}

    @property
    def wrong(self) -> list[tuple[str, str]]:
        """Every error as (id of the field or "", sentence), with the line that the field is of."""
        lines = [*self.targets, *self.quotas]
        of = {cell.name: f"{line.label}, " for line in lines for cell in line.cells}
        return [
            *(("", sentence) for sentence in self.errors),
            *(
                (line.cells[0].name, f"{line.label}: {sentence}")
                for line in self.targets
                for sentence in line.errors
            ),
            *(
                (cell.name, f"{of.get(cell.name, '')}{cell.label}: {sentence}")
                for cell in self.cells.values()
                for sentence in cell.errors
            ),
        ]

    def _cell(self, name: str, key: str, path: Path, stored: Any = None, kind: str = "") -> Cell:
        schema = inner(schema_at(path), key)
        cell = cell_of(name, key, schema, "", self.options, key in HEAD)
        if kind == "yes_no":
            cell = yes_no_cell(name)
        if self.data is None:
            fill(cell, stored, self.options)
        else:
            take(cell, self.data)
        return cell

    def _line(
        self, name: str, label: str, now: str, stored: Plan, keys: Any, path: Path, kind: str = ""
    ) -> Line:
        cells = [self._cell(f"{name}-{key}", key, path, stored[key], kind) for key in keys]
        line = Line(name, label, now, stored, cells, path, "")
        line.was = line.mark if self.data is None else self.data.get(f"{name}-was", "")
        return line

    def _targets(self) -> Iterator[Line]:
        """Every target in force of what is measured; one to be set where there is none."""
        for group_at, group in enumerate(self.plan["groups"]):
            for at, row in enumerate(group["indicators"]):
                if row["kind"] not in MEASURED:
                    continue
                path: Path = ("groups", group_at, "indicators", at, "targets")
                for number, target in enumerate(in_force(row) or [NO_TARGET]):
                    whom = ", ".join(self._whom(target))
                    label = f"{row['code']} {row['short_name'] or row['name']}"
                    line = self._line(
                        f"{row['ref']}-{number}",
                        f"{label} ({whom})" if whom else label,
                        _words(self.plan, row, target),
                        target,
                        ("value",) if row["kind"] == "yes_no" else TARGET,
                        (*path, len(row["targets"])),
                        row["kind"],
                    )
                    if row["kind"] != "yes_no":
                        mark_whole(line.cells, self.plan, row)
                    yield line

    def _whom(self, target: Plan) -> Iterator[str]:
        """For whom a target is meant, in words."""
        for key, names in (("level", "levels"), ("unit_kind", "kinds")):
            if target[key]:
                yield dict(self.options.lists[names]).get(target[key], target[key])
        if target["unit"]:
            yield self.options.units[target["unit"]].name
        if target["region"]:
            yield f"vùng {target['region']}"
        if target["year"]:
            yield f"năm {target['year']}"

    def _quotas(self) -> Iterator[Line]:
        forms, phases = (dict(self.options.lists[name]) for name in ("award_forms", "phases"))
        kinds = {"collective": "tập thể", "individual": "cá nhân", "household": "hộ gia đình"}
        for at, row in enumerate(self.plan["awards"]["quotas"]):
            label = f"{forms[row['form']]}, {kinds[row['recipients']]} ({phases[row['phase']]})"
            now = str(row["number"]) if row["number"] is not None else ""
            yield self._line(
                f"quota-{row['ref']}", label, now, row, QUOTA, ("awards", "quotas", at)
            )

    def _tables(self) -> Iterator[TableLine]:
        """Every group that is scored or may be."""
        for group in self.plan["groups"]:
            ref = group["ref"]
            old = [row for row in self.plan["scoring"] if row["group"] == ref]
            draft = self.drafts.get(ref)
            if draft is None:
                if old or group["measured"] != NOMINEE:
                    yield TableLine(ref, group["name"], old, None)
                continue
            row = scoring_row(draft.values)
            told = [one for _, one in scoring_faults({**self.plan, "scoring": [row]})]
            cell = Cell(
                f"table-{ref}",
                "table",
                f"Áp dụng bảng mới “{draft}” từ ngày này",
                "check",
                typed=False,
            )
            if self.data is not None:
                take(cell, self.data)
            yield TableLine(ref, group["name"], old, draft, told, cell)

    def renew(self) -> None:
        """Somebody else came first: what was typed stays, lines that nobody touched show what is in
        force by now."""
        fresh = AmendmentForm(self.plan, self.options, drafts=self.drafts)
        for line, now in zip(
            [*self.targets, *self.quotas], [*fresh.targets, *fresh.quotas], strict=True
        ):
            if line.mark == line.was:
                line.cells = now.cells
            line.was = now.was

    # --- what was typed, as the plan would hold it -----------------------------------------------
    def edited(self, raw: Plan) -> Plan:
        """A copy of `raw` with the amendment and what it changes."""
        plan = deepcopy(raw)
        head = {cell.key: value_of(cell, self.options) for cell in self.head}
        amendments = plan.setdefault("amendments", [])
        for cell in self.head:
            self.places[("amendments", len(amendments), cell.key)] = cell.name
        self.places["amendments", len(amendments)] = self.head[0].name
        amendments.append({key: value for key, value in head.items() if value})
        added = {
            "from": head["in_force_from"],
            "decision": head["document"],
            "reason": head["reason"],
        }
        more: dict[Path, int] = {}
        for line in self.targets:
            if changed := line.changes(self.options):
                self._add_target(plan, line, changed | added, more)
        for line in self.quotas:
            if changed := line.changes(self.options):
                row = plan["awards"]["quotas"][line.path[2]]
                row |= changed
                if changed["number"] is None:
                    row.pop("number")
                for cell in line.cells:
                    self.places[(*line.path, cell.key)] = cell.name
        for line in self.brought:
            self._add_table(plan, line, added)
        return plan

    @property
    def brought(self) -> list[TableLine]:
        """The drafts that the amendment puts in force."""
        return [line for line in self.tables if line.cell and line.cell.typed]

    def _add_table(self, plan: Plan, line: TableLine, added: dict[str, Any]) -> None:
        """Behind the tables that there are, from the day of the amendment; they keep their refs."""
        assert line.draft
        assert line.cell
        tables = plan.setdefault("scoring", [])
        values = scoring_row(line.draft.values)
        (row,) = sparse({**self.plan, "scoring": [values]})["scoring"]
        taken = {one["ref"] for one in tables}
        numbered = (f"{row['ref']}-{number}" for number in range(2, len(taken) + 3))
        ref = next(ref for ref in (row["ref"], *numbered) if ref not in taken)
        day = str(added["from"])
        year = int(day[:4]) if day[:4].isdigit() else row["from_year"]
        self.places["scoring", len(tables)] = line.cell.name
        tables.append(row | added | {"ref": ref, "from_year": year})

    def _add_target(
        self, plan: Plan, line: Line, values: dict[str, Any], more: dict[Path, int]
    ) -> None:
        _, group_at, _, at, _, first = line.path
        row = plan["groups"][group_at]["indicators"][at]
        path = line.path[:-1]
        place = (*path, first + more.get(path, 0))
        more[path] = more.get(path, 0) + 1
        whom = {key: line.stored[key] for key in WHOM if line.stored[key]}
        new = whom | {key: value for key, value in values.items() if value is not None}
        row.setdefault("targets", []).append(new)
        self.places[place] = line.name
        for cell in line.cells:
            self.places[(*place, cell.key)] = cell.name

    # --- what is wrong with it -------------------------------------------------------------------
    def tell(self, problems: Iterable[Problem]) -> None:
        """Each problem at the field or the line that it speaks of."""
        lines = {line.name: line for line in self.targets}
        cells = self.cells
        for problem in problems:
            path = problem.path
            while path and path not in self.places:
                path = path[:-1]
            name = self.places.get(path, "")
            if name in cells:
                cell, several = cells[name], cells[name].kind == "check"
                if several or not cell.errors:
                    cell.errors.append(problem.sentence)
            elif name in lines:
                lines[name].errors.append(problem.sentence)
            else:
                self.errors.append(problem.told)


def _words(plan: Plan, row: Plan, target: Plan) -> str:
    if target["value"] is None:
        return ""
    return target_text(
        target["op"],
        target["value"],
        target["value_to"],
        kind=row["kind"],
        measure_unit=row["measure_unit"],
        derivation=(row["derive"] or {}).get("how", ""),
        source=source_kind(plan, row),
        basis=target["basis"],
    )


def amendment_form(campaign: Campaign, *, user: User, data: Any = None) -> AmendmentForm:
    plan = plan_data(campaign)
    return AmendmentForm(plan, options_for(plan, user), data, drafts_of(campaign))


@transaction.atomic
def amend_plan(campaign: Campaign, data: Any, *, user: User, now: datetime) -> AmendmentForm:
    """Put a dated amendment on record, by loading the plan with it; the form says whether. Nothing
    is written when the plan, or a table that is being written, was changed by somebody else since
    the page was opened (`conflict`).

    Raises DomainError for a plan that is not in force.
    """
    campaign = plan_in_force(campaign)
    form = amendment_form(campaign, user=user, data=data)
    form.conflict = data.get("stamp", "") != form.stamp
    if form.conflict:
        form.renew()
        return form
    lacking = [cell for cell in form.head if not cell.typed]
    for cell in lacking:
        cell.errors.append("Còn thiếu; ghi văn bản, ngày áp dụng và lý do.")
    if lacking:
        return form
    edited = form.edited(sparse(form.plan))
    start = edited["amendments"][-1]["in_force_from"]
    if campaign.issued_on and start < campaign.issued_on.isoformat():
        form.head[1].errors.append(
            f"Trước ngày ban hành kế hoạch ({campaign.issued_on:%d/%m/%Y}). Ghi lại ngày áp dụng."
        )
        return form
    try:
        with transaction.atomic():
            load_draft(plan_of_values(edited, "điều chỉnh"), user=user, now=now)
            for line in form.brought:
                drop_table(form.drafts[line.group], actor=user, now=now)
    except PlanFileError as error:
        form.tell(error.problems)
    except DomainError as error:
        form.errors.append(str(error))
    form.saved = not form.wrong
    return form
