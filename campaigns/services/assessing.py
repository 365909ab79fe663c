"""Whoever verifies a sheet says how far the criteria that it answers in words are met."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import F

from campaigns import queries
from campaigns.models import CellMark, Result, ResultSheet
from campaigns.rules import read_assessed
from campaigns.services.sheets import refuse_changed, with_related
from units.models import User
from units.rules import DomainError
from units.workflow import entry, locked, record_all

Said = Mapping[int, tuple[str, str]]  # indicator → what was chosen, why


@transaction.atomic
def assess_cells(
    sheet: ResultSheet, said: Said, *, actor: User, now: datetime, revision: int | None = None
) -> list[CellMark]:
    """Assess answers of a sheet that was sent: all of them or none, the page shows them again.

    `revision` is the one that was seen. Raises DomainError when the sheet has changed since, is not
    sent, `actor` entered or signed an answer himself, nothing new is said, or what was
    found lacks the reason that it needs.
    """
    sheet = with_related(locked(sheet))
    refuse_changed(sheet, revision, "xét")
    marks = assess(sheet, said, actor=actor, now=now)
    if not marks:
        raise DomainError("Chưa xét thêm tiêu chí nào. Chọn kết quả xét ở từng tiêu chí rồi ghi.")
    return marks


def assess(sheet: ResultSheet, said: Said, *, actor: User, now: datetime) -> list[CellMark]:
    """The same for who has locked the sheet. What was said before is not said again."""
    rows = (
        queries.for_marking(Result.objects.filter(result_sheet=sheet, indicator__in=said), actor)
        .select_related("indicator")
        .prefetch_related("indicator__levels")
        .order_by("indicator__order", "indicator")
    )
    results = [row for row in rows if queries.is_assessed(row.indicator, row.state)]
    if len(results) < len(said):
        raise DomainError("Phiếu không còn nội dung vừa xét. Tải lại trang rồi xét lại.")
    before = queries.last_marks([row.pk for row in results])
    marks = []
    for result in results:
        chosen, reason = said[result.indicator_id]
        try:
            mark = assessment(result, chosen, reason.strip(), CellMark.Office.AGENCY, actor, now)
        except DomainError as error:
            raise DomainError(f"{result.indicator.code}: {error}") from error
        if _is_said(mark, result, before.get(result.pk, queries.NO_MARKS).agency):
            continue
        if refusal := refusal_of(result, sheet, actor, CellMark.Office.AGENCY, True):
            raise DomainError(f"{result.indicator.code}: {refusal}")
        marks.append(mark)
    keep_marks(marks)
    record_all(
        [
            entry(
                "resultsheet.assessed",
                sheet,
                actor=actor,
                now=now,
                unit=sheet.participation.unit,
                note=told_of(mark),
                data={"result": mark.result_id, "version": mark.version},
            )
            for mark in marks
        ]
    )
    return marks


def assessment(
    result: Result, chosen: str, reason: str, office: CellMark.Office, actor: User, now: datetime
) -> CellMark:
    """Needs the indicator's `levels` prefetched."""
    levels = {level.pk: level for level in result.indicator.levels.all()}
    found = read_assessed(queries.levels_of(result.indicator), result.level_id, chosen, reason)
    return CellMark(
        result=result,
        office=office,
        version=result.version,
        verdict=CellMark.Verdict.CONFIRMED,
        claimed=levels.get(result.level_id or 0),
        level=levels.get(found.level or 0),
        met=found.met,
        reason=reason,
        at=now,
        by=actor,
    )


def keep_marks(marks: Iterable[CellMark]) -> None:
    """By an assessment, and by a question that takes one back, something else counts: the revision
    of the sheet tells whoever printed it. What is merely confirmed or questioned counts as before.
    """
    marks = list(marks)
    before = queries.last_marks([mark.result_id for mark in marks])
    CellMark.objects.bulk_create(marks)
    sheets = {
        mark.result.result_sheet_id
        for mark in marks
        if mark.assesses or _takes_back(mark, before.get(mark.result_id, queries.NO_MARKS))
    }
    ResultSheet.objects.filter(pk__in=sheets).update(revision=F("revision") + 1)


def _takes_back(mark: CellMark, before: queries.Marks) -> bool:
    """Whether the last word of the same office on the cell as it is was an assessment."""
    return any(
        one.office == mark.office and queries.holds(one, mark.result) for one in before.assessments
    )


def refusal_of(
    result: Result, sheet: ResultSheet, actor: User, office: CellMark.Office, assesses: bool
) -> str:
    """Why `actor` may say nothing of a cell, or not assess it, "" when he may."""
    if not queries.is_open(sheet, assesses):
        act = "xét" if office == CellMark.Office.AGENCY else "xác nhận"
        return f"Phiếu đang ở trạng thái “{sheet.get_state_display()}” nên chưa {act} được."
    return queries.bar_of(result, sheet, actor, office)


def told_of(mark: CellMark) -> str:
    """A word on a cell, for the register."""
    return ", ".join(filter(None, (mark.result.indicator.code, mark.words, mark.reason)))


def _is_said(mark: CellMark, result: Result, before: CellMark | None) -> bool:
    """Whether the office has said just this of the cell as it is."""
    if before is None or not queries.holds(before, result):
        return False
    return (mark.level, mark.met, mark.reason) == (before.level, before.met, before.reason)
