"""What the standing agency does with a sheet that was sent: accept it, or send it back."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from campaigns import queries
from campaigns.models import CellFlag, ResultSheet, Review
from campaigns.services.assessing import Said, assess
from campaigns.services.sheets import (
    refuse_changed,
    refuse_idle,
    step,
    takes,
    with_related,
)
from units.models import User
from units.rules import DomainError, day_text
from units.workflow import advance, locked

State = ResultSheet.State


@transaction.atomic
def verify_sheet(
    sheet: ResultSheet,
    *,
    actor: User,
    now: datetime,
    revision: int | None = None,
    said: Said | None = None,
) -> ResultSheet:
    """The standing agency accepts the figures; they count in every report from here.

    After the period has closed an accepted sheet is locked at once, unless the unit still has
    extended time. `revision` is the one he has seen, `said` how far he finds criteria in words
    met. Raises DomainError when the sheet has changed
    since, `actor` sent it himself, or the plan wants every lead to confirm first.
    """
    sheet = with_related(locked(sheet))
    refuse_changed(sheet, revision, "thẩm định")
    if sheet.submitted_by_id == actor.pk:
        raise DomainError(
            f"{sheet} do chính {actor} ký gửi. Người gửi không tự thẩm định; chuyển cho người "
            "khác của cơ quan thường trực."
        )
    _refuse_missing_leads(sheet)
    assess(sheet, said or {}, actor=actor, now=now)
    sheet = step(sheet, State.VERIFIED, actor=actor, now=now, verified_at=now, verified_by=actor)
    _keep(sheet, Review.Decision.VERIFIED, actor, now)
    if sheet.period.closed_at is None or takes(sheet, now):
        return sheet
    return lock_sheet(sheet, now=now)


def _refuse_missing_leads(sheet: ResultSheet) -> None:
    if not sheet.participation.campaign.leads_first:
        return
    asked = queries.applicable_indicators(sheet).values_list("pk", flat=True)
    if missing := queries.missing_leads([sheet], list(asked)).get(sheet.pk):
        raise DomainError(
            "Kế hoạch yêu cầu các đơn vị chủ trì xác nhận trước khi thẩm định. Còn "
            f"{'; '.join(one.words for one in missing)}."
        )


@dataclass
class Verified:
    """What accepting many sheets came to: those accepted, and why each of the others was not."""

    sheets: list[ResultSheet] = field(default_factory=list)
    refused: list[tuple[ResultSheet, str]] = field(default_factory=list)


def verify_sheets(
    chosen: Iterable[tuple[ResultSheet, int]], *, actor: User, now: datetime
) -> Verified:
    """Accept many sheets, each with the revision that was seen and in a transaction of its own.

    One that is refused stops none of the others. Sheets need their unit selected.
    """
    done = Verified()
    for sheet, revision in chosen:
        try:
            done.sheets.append(verify_sheet(sheet, actor=actor, now=now, revision=revision))
        except DomainError as refusal:
            done.refused.append((sheet, str(refusal)))
    return done


@transaction.atomic
def return_sheet(
    sheet: ResultSheet,
    *,
    reason: str,
    actor: User,
    now: datetime,
    revision: int | None = None,
    cells: Mapping[int, str] | None = None,
) -> ResultSheet:
    """Send the sheet back with a reason; the unit mends it and sends it again.

    `cells` are the indicators to be mended, by key, each with what is wrong there: only they are
    open then. Without any the whole sheet is. What is said of the cells stands for a reason that
    was left empty. Raises DomainError without a reason, when the sheet has changed since
    `revision`, does not ask one of `cells`, or when the unit could not mend it: the period is
    over, the plan no longer under way.
    """
    sheet, reason = with_related(locked(sheet)), reason.strip()
    refuse_changed(sheet, revision, "trả lại")
    flagged = flagged_of(sheet, cells or {})
    reason = reason or said_of(flagged)
    if not reason:
        raise DomainError("Ghi lý do trả lại: đơn vị cần biết phải sửa tiêu chí nào, vì sao.")
    refuse_idle(sheet.participation.campaign)
    if not takes(sheet, now):
        raise DomainError(
            f"Kỳ “{sheet.period}” khóa sau ngày {day_text(sheet.period.closes_on)} nên đơn vị "
            "không sửa được nữa, vì vậy không trả lại. Nếu số liệu sai, gia hạn cho đơn vị rồi trả "
            "lại, hoặc ghi ý kiến trong báo cáo tổng hợp."
        )
    return send_back(sheet, reason, flagged, actor=actor, now=now)


Flagged = Mapping[int, tuple[str, str]]  # indicator → its code, what is wrong there


def send_back(
    sheet: ResultSheet,
    reason: str,
    flagged: Flagged,
    *,
    actor: User,
    now: datetime,
    **stamps: object,
) -> ResultSheet:
    """What returning and re-opening have in common; the caller has locked and checked."""
    codes = ", ".join(code for code, _note in flagged.values())
    sheet = step(
        sheet,
        State.RETURNED,
        actor=actor,
        now=now,
        note=f"{reason} (chỉ mở {codes})" if codes else reason,
        returned_at=now,
        returned_by=actor,
        return_reason=reason,
        verified_at=None,
        verified_by=None,
        **stamps,
    )
    review = _keep(sheet, Review.Decision.RETURNED, actor, now)
    CellFlag.objects.bulk_create(
        CellFlag(review=review, indicator_id=pk, note=note) for pk, (_code, note) in flagged.items()
    )
    return sheet


def said_of(flagged: Flagged) -> str:
    """What is said of the cells, for a reason that was left empty."""
    return "; ".join(f"{code}: {note}" for code, note in flagged.values() if note)


def flagged_of(sheet: ResultSheet, cells: Mapping[int, str]) -> dict[int, tuple[str, str]]:
    """Code and note of each cell to be mended, in the plan's order."""
    if not cells:
        return {}
    asked = {one.pk: one for one in queries.applicable_indicators(sheet)}
    if cells.keys() - asked.keys():
        raise DomainError(
            f"{sheet} không hỏi một tiêu chí đã đánh dấu. Tải lại trang rồi đánh dấu lại."
        )
    return {pk: (asked[pk].code, cells[pk].strip()) for pk in asked if pk in cells}


def _keep(sheet: ResultSheet, decision: Review.Decision, actor: User, now: datetime) -> Review:
    return Review.objects.create(
        result_sheet=sheet,
        decision=decision,
        revision=sheet.revision,
        versions=queries.versions_of(sheet),
        at=now,
        by=actor,
    )


def lock_sheet(sheet: ResultSheet, *, now: datetime) -> ResultSheet:
    """An accepted sheet whose period has closed. No new revision: no figure changes by it."""
    unit = sheet.participation.unit
    return advance(sheet, State.LOCKED, actor=None, now=now, unit=unit, locked_at=now)
