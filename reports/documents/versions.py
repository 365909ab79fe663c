"""What ties a version to those before it: its words, its members, what changed since."""

from dataclasses import asdict
from typing import Any

from campaigns.models import ResultSheet
from campaigns.queries import Figures
from reports.documents.values import Plain, iso, moment, name
from reports.models import Report, Sending
from reports.queries import sending_before, written_chapters
from reports.rules import changes_between, fields_of, unknown_fields
from units.rules import DomainError


def chapters_of(report: Report, facts: Plain) -> list[Plain]:
    """The words as they stand, their fields unprinted.

    Raises DomainError for a field that these facts do not answer: such a paper is not made.
    """
    fields = fields_of(facts)
    chapters = list(written_chapters(report))
    for chapter in chapters:
        if wrong := unknown_fields(chapter.text, fields):
            raise DomainError(
                f"Chương “{chapter.get_kind_display()}”: {' '.join(wrong)} Sửa lời văn rồi lập lại."
            )
    return [{"kind": chapter.kind, "text": chapter.text} for chapter in chapters]


def changes_since(report: Report, facts: Plain) -> Plain | None:
    """What the addressee of the version sent last must know; None where none was sent."""
    sending = sending_before(report)
    if sending is None:
        return None
    changes = changes_between(sending.report.snapshot or {}, facts)
    return {"since": sending_line(sending), **plain(asdict(changes))}


def sending_line(sending: Sending) -> Plain:
    return {
        "version": sending.report.version,
        "sent_to": sending.sent_to,
        "number": sending.letter_number,
        "letter_on": iso(sending.letter_on),
    }


def plain(found: Any) -> Any:
    """Dataclasses as a snapshot keeps them."""
    return {key: list(rows) for key, rows in found.items()}


def members_of(figures: Figures, plan: str = "") -> list[Plain]:
    """Who takes part, whether his figures are counted, and through whose hands his sheet went."""
    held = [unit.sheet_pk for unit in figures.units if unit.sheet_pk]
    sheets = {
        sheet.pk: sheet
        for sheet in ResultSheet.objects.filter(pk__in=held).select_related(
            "verified_by", "returned_by"
        )
    }
    rows = []
    for unit in figures.units:
        sheet = sheets.get(unit.sheet_pk or 0)
        stamps = {
            "verified_by": name(sheet.verified_by) if sheet else "",
            "verified_at": moment(sheet.verified_at) if sheet else "",
            "returned_by": name(sheet.returned_by) if sheet else "",
            "returned_at": moment(sheet.returned_at) if sheet else "",
            "return_reason": sheet.return_reason if sheet else "",
        }
        rows.append(
            {
                "plan": plan,
                "plan_ref": figures.campaign.ref if plan else "",
                "ref": unit.ref,
                "unit": unit.name,
                "accepted": unit.accepted,
                **stamps,
            }
        )
    return rows
