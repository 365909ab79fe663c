"""Loading plan files: several at once, parents first, all of it or nothing."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from awards.models import NominationAnswer
from awards.services.plans import amend_quotas, write_awards
from campaigns.models import Campaign, Result
from campaigns.queries import begun_sheets, replaced_sheets, scored_by
from campaigns.services import withdraw_blank_sheets
from campaigns.services.plans import (
    add_amendment,
    drop_phases,
    issue_campaign,
    note_loaded,
    write_campaign,
)
from config.planfile.amending import Amending, amending
from config.planfile.counting import counting_errors
from config.planfile.dumping import plan_data
from config.planfile.names import Known, outer_errors
from config.planfile.problems import PlanFileError, Problem
from config.planfile.reading import PlanFile
from config.planfile.walking import text
from criteria.models import CriteriaSet, Indicator
from criteria.services import activate_tables, add_tables, add_targets, write_criteria
from dossiers.services.plans import write_requirements
from units.models import User
from units.rules import DomainError
from units.services.rows import Changes


@dataclass(frozen=True)
class Outcome:
    """What loading did to one plan."""

    ref: str
    file: str
    done: str
    changes: str = ""

    def __str__(self) -> str:
        return f"{self.ref}: {self.done}" + (f" ({self.changes})" if self.changes else "")


@transaction.atomic
def load_plans(
    files: Sequence[PlanFile],
    *,
    actor: User | None,
    now: datetime,
    sample: bool = False,
    check: bool = False,
    before: Mapping[str, Any] | None = None,
) -> list[Outcome]:
    """Load plans in one transaction; with `check` everything is tried and nothing kept. `before` is
    the one plan as it stands, where the caller has read it under lock.

    Raises PlanFileError with every error of every file, DomainError for an act refused; then
    nothing has been written.
    """
    known = Known.read()
    ordered = _checked(files, known)
    outcomes = [_load(file, known, before, actor=actor, now=now, sample=sample) for file in ordered]
    if check:
        transaction.set_rollback(True)
    return outcomes


def _checked(files: Sequence[PlanFile], known: Known) -> list[PlanFile]:
    """The files in the order of loading. Raises PlanFileError with all that is wrong."""
    problems: list[Problem] = [problem for file in files for problem in file.problems]
    by_ref: dict[str, PlanFile] = {}
    for file in files:
        ref = text(file.data, "ref")
        if ref and ref in by_ref:
            problems.append(
                file.problem(
                    ("ref",), f"kế hoạch “{ref}” đã có ở tệp {by_ref[ref].name}; bỏ bớt một tệp."
                )
            )
        elif ref:
            by_ref[ref] = file
            known.add(file.data)
    for file in files:
        if isinstance(file.data, dict):
            problems += [file.problem(*error) for error in outer_errors(file.data, known)]
            if file.lines:  # the fields of a page read what is typed in them
                problems += [file.problem(*error) for error in counting_errors(file.data)]
    ordered: list[PlanFile] = []
    waiting = list(by_ref.values())
    while waiting:
        below = {text(file.data, "ref") for file in waiting}
        ready = [file for file in waiting if text(file.data, "parent") not in below]
        if not ready:
            message = "các kế hoạch làm cấp trên của nhau thành vòng; sửa khóa parent."
            problems += [file.problem(("parent",), message) for file in waiting]
            break
        ordered += ready
        waiting = [file for file in waiting if file not in ready]
    if problems:
        raise PlanFileError(problems)
    return ordered


def _load(
    file: PlanFile,
    known: Known,
    before: Mapping[str, Any] | None,
    *,
    actor: User | None,
    now: datetime,
    sample: bool,
) -> Outcome:
    campaign = Campaign.objects.select_for_update(no_key=True).filter(ref=file.ref).first()
    before = before or (plan_data(campaign) if campaign else None)
    if before and before["state"] == Campaign.State.ISSUED:
        before = {**before, "leads_first": file.plan["leads_first"]}  # now the page's to say
    if before == file.plan:
        return Outcome(file.ref, file.name, "không đổi")
    if campaign and before and campaign.state != Campaign.State.DRAFT:
        return _amend(file, campaign, before, known, actor=actor, now=now)
    if campaign:
        _require_same_kinds(campaign, file)
    changes = _write(file, known, before or {}, actor=actor, now=now, sample=sample)
    return Outcome(file.ref, file.name, "đã cập nhật" if campaign else "đã tạo", str(changes))


def _write(
    file: PlanFile,
    known: Known,
    before: Mapping[str, Any],
    *,
    actor: User | None,
    now: datetime,
    sample: bool,
) -> Changes:
    """Write a draft, bottom up; then issue it when the file says so. What is as `before` is left
    alone, so that saving one field does not go through the whole plan."""
    plan = file.plan

    def same(*keys: str) -> bool:
        return all(key in before and before[key] == plan[key] for key in keys)

    parts: list[Changes] = []
    if same("groups", "scoring", "short_title"):
        criteria_set = CriteriaSet.objects.get(ref=plan["ref"])
    else:
        criteria_set, ruler = write_criteria(
            ref=plan["ref"],
            name=f"Tiêu chí: {plan['short_title']}"[:300],
            groups=plan["groups"],
            units=known.units,
            scoring=plan["scoring"],
            actor=actor,
            now=now,
        )
        parts.append(ruler)
    campaign, body = write_campaign(
        plan=plan,
        criteria_set=criteria_set,
        parent=Campaign.objects.get(ref=plan["parent"]) if plan["parent"] else None,
        units=known.units,
        blocs=known.blocs,
        is_sample=sample,
        actor=actor,
        now=now,
    )
    parts.append(body)
    if not same("awards", "phases", "parent"):
        parts.append(
            write_awards(campaign, awards=plan["awards"], units=known.units, actor=actor, now=now)
        )
        keep = [row["ref"] for row in plan["phases"]]
        parts.append(drop_phases(campaign, keep=keep, actor=actor, now=now))
    if not same("dossier"):
        parts.append(
            write_requirements(campaign, requirements=plan["dossier"], actor=actor, now=now)
        )
    changes = Changes()
    for part in parts:
        changes.created += part.created
        changes.updated += part.updated
        changes.removed += part.removed
    note_loaded(campaign, file=file.name, changes=changes, actor=actor, now=now)
    if plan["state"] == Campaign.State.ISSUED:
        campaign = issue_campaign(campaign, actor=actor, now=now)
        activate_tables(criteria_set, actor=actor, now=now)
        revised = Amending.of_new_plan(plan)
        for amendment in plan["amendments"]:
            changed = revised.changes_of(amendment, last=False)
            add_amendment(campaign, **amendment, changes=changed, actor=actor, now=now)
    return changes


def _amend(
    file: PlanFile,
    campaign: Campaign,
    before: Mapping[str, Any],
    known: Known,
    *,
    actor: User | None,
    now: datetime,
) -> Outcome:
    """Apply what is exactly a dated amendment of an issued plan."""
    found = amending(before, file)
    if problems := list(_scored_already(campaign, file, found)):
        raise PlanFileError(problems)
    last = len(found.amendments) - 1
    for index, amendment in enumerate(found.amendments):
        changes = found.changes_of(amendment, last=index == last)
        add_amendment(campaign, **amendment, changes=changes, actor=actor, now=now)
    added = 0
    if found.targets:
        added = add_targets(
            campaign.criteria_set,
            targets=found.targets,
            units=known.units,
            actor=actor,
            now=now,
        )
    if found.tables:
        for table in found.tables:
            withdraw_blank_sheets(
                campaign,
                table["group"],
                from_year=table["from_year"],
                since=table["from"],
                actor=actor,
                now=now,
            )
        add_tables(campaign.criteria_set, tables=found.tables, actor=actor, now=now)
    amended = amend_quotas(campaign, rows=found.quotas, actor=actor, now=now)
    words = f"{added} chỉ tiêu mới, {amended} số lượng khen thưởng"
    return Outcome(file.ref, file.name, "đã điều chỉnh", words)


def _scored_already(campaign: Campaign, file: PlanFile, found: Amending) -> Iterator[Problem]:
    """New tables for periods that were scored by the old ones."""
    for index, row in enumerate(file.plan["scoring"]):
        if row in found.tables:
            sheets = replaced_sheets(campaign, row["group"], row["from_year"], row["from"])
            if begun := begun_sheets(sheets).first():
                key = "from" if row["from"] else "from_year"
                yield file.problem(("scoring", index, key), scored_by(begun))


def _require_same_kinds(campaign: Campaign, file: PlanFile) -> None:
    """A criterion with results keeps its kind: figures of a ratio mean nothing to a count."""
    kinds = {
        row["ref"]: row["kind"] for group in file.plan["groups"] for row in group["indicators"]
    }
    for row in Indicator.objects.filter(criteria_set=campaign.criteria_set_id):
        if kinds.get(row.ref, row.kind) == row.kind:
            continue
        used = (
            Result.objects.filter(indicator=row).exists()
            or NominationAnswer.objects.filter(indicator=row).exists()
        )
        if used:
            raise DomainError(
                f"{file.name}: tiêu chí “{row}” ({row.ref}) đã có kết quả nên không đổi loại được. "
                "Giữ loại cũ, hoặc thêm một tiêu chí mới."
            )
