"""Collecting the facts of a report, once, as plain values.

Everything is read in one REPEATABLE READ transaction, so that no sum disagrees with its parts; the
revision of every sheet read is kept with a stamp of the targets, so that staleness can be derived
later.
"""

from collections.abc import Sequence
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

import awards.queries
import campaigns.queries
from campaigns.models import Campaign, Period
from campaigns.queries import Figure, Figures, UnitRow
from criteria.models import Group, Indicator
from criteria.rules import stamps_of
from reports.documents.told import narratives_of, told_of
from reports.documents.values import TOLD_IN_WORDS, Plain, iso, text
from reports.documents.versions import changes_since, chapters_of, members_of
from reports.documents.years import years_of
from reports.models import Report
from reports.queries import awarded_until, below, periods_read
from reports.rules import subject_of
from units.jobs import LeaseLost
from units.models import Unit
from units.queries import newest_audit_digest

ARCHIVE = "Lưu:"  # the last line of Nơi nhận


def freeze(report: Report) -> Plain:
    """Read the facts and commit them on the row, while the job is still ours.

    Raises LeaseLost when another worker has taken it.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        now = timezone.now()
        snapshot = collect(report) | {"taken_at": now.isoformat()}
        ours = Report.objects.filter(pk=report.pk, token=report.token, state=Report.State.QUEUED)
        if not ours.update(snapshot=snapshot, frozen_at=now):
            raise LeaseLost
    return snapshot


def collect(report: Report) -> Plain:
    """The facts of one report: numbers as exact text, days as ISO text, nothing else but text."""
    campaign, period, scope = report.campaign, report.period, report.scope
    whole = scope.pk == campaign.issuer_id
    units = None if whole else Unit.objects.filter(path__startswith=scope.path)
    figures = campaigns.queries.figures(campaign, period, units)
    due_on, due_note = due_of(campaign, period)
    children = [child_facts(child, same, period, units) for child, same in below(campaign, period)]
    granted = awards.queries.awards_of(
        campaign, date_from=period.period_from, date_to=awarded_until(period), units=units
    )
    extended = campaigns.queries.extended_units(period)
    sealed = newest_audit_digest()
    years = years_of(campaign, period, units)
    facts = {
        "document": letterhead(campaign, period, scope, whole),
        "campaign": {
            "ref": campaign.ref,
            "title": campaign.title,
            "short_title": campaign.short_title,
            "number": campaign.number_text,
            "document_type": campaign.document_type,
            "issued_on": iso(campaign.issued_on),
            "issuer": campaign.issuer_name,
            "is_sample": campaign.is_sample,
        },
        "period": {
            "ref": period.ref,
            "name": period.name,
            "kind": period.kind,
            "first_year": period.period_from.year,
            "year": period.period_to.year,
        },
        "scope": {"ref": scope.ref, "name": scope.name, "whole": whole},
        "participation": {
            "invited": len(figures.units),
            "reported": len(figures.reported_units),
            "not_reported": len(figures.silent_units),
        },
        "members": members_of(figures) + [row for child in children for row in child["members"]],
        "groups": groups_of(figures) + [group for child in children for group in child["groups"]],
        "told": told_of(figures) + [row for child in children for row in child["told"]],
        "narratives": narratives_of(figures),
        "awards": [
            {
                "form": row.form,
                "recipient": row.recipient,
                "quota": row.quota_text,
                "nominated": row.nominated,
                "granted": row.granted,
            }
            for row in awards.queries.award_counts(
                campaign,
                date_from=period.period_from,
                date_to=awarded_until(period),
                units=units,
            )
        ],
        "granted": [award_line(row) for row in granted]
        + [line for child in children for line in child["granted"]],
        "unreported": [
            {
                "name": unit.name,
                "kind": unit.kind_name,
                "due_on": iso(extended.get(unit.pk, due_on)),
                "state": unit.state_label or "chưa mở phiếu",
                "note": silent_note(unit, period, unit.pk in extended, due_note),
            }
            for unit in figures.silent_units
        ],
        "child_plans": [child["plan"] for child in children],
        "years": years,
        "audit_digest": str(sealed or ""),
        "revisions": {str(pk): revision for pk, revision in figures.revisions.items()}
        | {pk: revision for child in children for pk, revision in child["revisions"].items()}
        | (years["revisions"] if years else {}),
        "targets": stamps_of(campaigns.queries.yardsticks(periods_read(campaign, period))),
    }
    return facts | {"chapters": chapters_of(report, facts), "changes": changes_since(report, facts)}


# --- the head of the paper -----------------------------------------------------------------------
def letterhead(campaign: Campaign, period: Period, scope: Unit, whole: bool) -> Plain:
    """Who reports to whom: the issuer for the whole plan, or the unit that looks at its part."""
    agency = campaign.issuer_name if whole else scope.name
    parent = scope.parent
    capacity = [line for line in campaign.signing_capacity.split("\n") if line] if whole else []
    of_bloc = campaign.bloc.symbol if campaign.bloc and whole else ""
    symbol = of_bloc or (campaign.doc_symbol if whole else "").rpartition("-")[2] or scope.symbol
    recipients = [line.text.strip() for line in campaign.recipient_lines.all()] if whole else []
    kept = next((line for line in recipients if line.startswith(ARCHIVE)), "")
    return {
        "parent_agency": parent.name if parent and not campaign.bloc else "",
        "agency": agency,
        "agency_name": agency,
        "symbol": f"BC-{symbol}" if symbol else "BC",
        "place": (campaign.place if whole else "") or scope.place,
        "subject": subject_of(
            period.kind,
            campaign.short_title,
            period.name,
            period.period_from.year,
            period.period_to.year,
        ),
        "capacity": capacity,
        "signer_title": campaign.signer_title if whole else "",
        "recipients": [line.rstrip(";.") for line in recipients if line != kept],
        "archive": kept.removeprefix(ARCHIVE).strip(" .") or "VT",
    }


def due_of(campaign: Campaign, period: Period) -> tuple[Any, str]:
    """The day by which participants owed the report of this period, with a note where the plan
    names none."""
    owed = list(campaigns.queries.owed_by_members().filter(campaign=campaign))
    named = campaigns.queries.period_due(owed, period)
    due = campaigns.queries.sheet_due(owed, period)
    return due.due_on, "" if named and named.due_on else "ngày khóa kỳ"


def silent_note(unit: UnitRow, period: Period, has_time: bool, due_note: str) -> str:
    """What is to be known beside the day of a unit that has not reported."""
    said = ["được gia hạn" if has_time else due_note]
    if unit.left_on and unit.left_on <= awarded_until(period):
        said.append(f"thôi tham gia từ ngày {unit.left_on:%d/%m/%Y}")
    return "; ".join(word for word in said if word)


# --- figures -------------------------------------------------------------------------------------
def groups_of(figures: Figures, plan: str = "") -> list[Plain]:
    """Indicators by group: the rolled-up figure, the counts, and the figure of each unit."""
    found: dict[str, Plain] = {}
    for figure in figures.indicators:
        facts = figure.indicator
        if facts.kind in TOLD_IN_WORDS:
            continue
        group = found.setdefault(
            facts.group_ref,
            {
                "plan": plan,
                "plan_ref": figures.campaign.ref if plan else "",
                "ref": facts.group_ref,
                "name": f"{plan}: {facts.group_name}" if plan else facts.group_name,
                "measured": facts.measured,
                "indicators": [],
                "columns": [],
                "units": [],
            },
        )
        group["indicators"].append(figure_line(figure))
    for ref, group in found.items():
        members = [f for f in figures.indicators if f.indicator.group_ref == ref]
        counted = [figure for figure in members if is_counted(figure)]
        group["columns"] = [figure.indicator.ref for figure in counted]
        group["units"] = unit_lines(figures, counted)
    return list(found.values())


def is_counted(figure: Figure) -> bool:
    """Has a figure of its own in each unit (a derived one has not)."""
    facts = figure.indicator
    return facts.kind not in (*TOLD_IN_WORDS, Indicator.Kind.DERIVED)


def figure_line(figure: Figure) -> Plain:
    facts = figure.indicator
    judged_each = facts.measured == Group.Measured.EACH
    met = f"{figure.met} đạt, {figure.not_met} chưa đạt" if judged_each else ""
    return {
        "ref": facts.ref,
        "code": facts.code,
        "name": facts.name,
        "kind": facts.kind,
        "measure_unit": facts.measure_unit,
        "target": figure.target,
        "numerator": text(figure.numerator),
        "denominator": text(figure.denominator),
        "value": text(figure.value),
        "percent": text(figure.percent),
        "result": figure.shown,
        "verdict": met if judged_each and figure.met + figure.not_met else figure.verdict.label,
        "reported": figure.reported,
        "nothing": figure.nothing,
        "not_applicable": figure.not_applicable,
        "missing": figure.missing,
        "met": figure.met,
        "not_met": figure.not_met,
    }


def unit_lines(figures: Figures, members: Sequence[Figure]) -> list[Plain]:
    """One line a unit that any of these indicators measures, one cell an indicator."""
    lines = []
    for unit in figures.units:
        cells = [cell_of(figure, unit.pk) for figure in members]
        if any(cell["state"] for cell in cells):
            lines.append(
                {"ref": unit.ref, "unit": unit.name, "kind": unit.kind_name, "cells": cells}
            )
    return lines


def cell_of(figure: Figure, unit: int) -> Plain:
    cell = figure.cells.get(unit)
    if cell is None:  # this indicator does not measure this unit
        return {"code": figure.indicator.code, "state": ""}
    verdict = str(cell.verdict)
    return {
        "code": figure.indicator.code,
        "state": str(cell.state),
        "numerator": text(cell.numerator),
        "denominator": text(cell.denominator),
        "value": text(cell.value),
        "percent": text(cell.percent),
        "shown": cell.shown,
        "target": cell.target,
        "verdict": cell.verdict.label,
        "met": {"met": True, "not_met": False}.get(verdict),
        "reason": cell.reason,
    }


# --- plans below ---------------------------------------------------------------------------------
def child_facts(
    child: Campaign, same: Period | None, period: Period, units: QuerySet[Unit] | None
) -> Plain:
    """A plan that carries this one out: its figures of the same time, and its awards."""
    granted = awards.queries.awards_of(
        child, date_from=period.period_from, date_to=awarded_until(period), units=units
    )
    figures = campaigns.queries.figures(child, same, units) if same else None
    return {
        "plan": {
            "number": child.number_text,
            "issuer": child.issuer_name,
            "title": child.short_title,
            "issued_on": iso(child.issued_on),
            "units": len(figures.units) if figures else 0,
            "reported": len(figures.reported_units) if figures else 0,
            "awards": len(granted),
        },
        "members": members_of(figures, plan=child.short_title) if figures else [],
        "groups": groups_of(figures, plan=child.short_title) if figures else [],
        "told": told_of(figures, plan=child.short_title) if figures else [],
        "granted": [award_line(row) for row in granted],
        "revisions": {str(pk): rev for pk, rev in figures.revisions.items()} if figures else {},
    }


def award_line(row: Any) -> Plain:
    return {
        "name": row.name,
        "unit": row.unit,
        "kind": row.kind,
        "form": row.form,
        "decision": row.decision,
        "decided_on": iso(row.decided_on),
        "achievement": row.achievement,
    }
