"""Every write of a result sheet: open, fill, send, verify, return.

Each begins by locking the sheet, so nothing moves under a check.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from campaigns import queries
from campaigns.models import (
    Campaign,
    Participation,
    Period,
    Result,
    ResultHistory,
    ResultSheet,
)
from campaigns.rules import Reading, read_cell
from criteria.models import Indicator
from units.models import User
from units.rules import DomainError, day_text
from units.workflow import advance, locked, record

VALUES = (
    "state",
    "numerator",
    "denominator",
    "value",
    "yes",
    "text",
    "reason",
    "typed",
    "problem",
)
State = ResultSheet.State


class StaleCell(DomainError):
    """Somebody else wrote the cell meanwhile; both values travel along, nothing is overwritten."""

    def __init__(self, clash: queries.Clash, indicator: Indicator) -> None:
        self.clash, self.indicator = clash, indicator
        super().__init__(
            f"{indicator.code} vừa được {clash.theirs.saved_by or 'người khác'} ghi trong khi đang "
            "sửa ở đây. Số vừa nhập chưa ghi đè lên số đó; chọn một trong hai."
        )


@dataclass
class Saved:
    """What a whole-form save came to: cells written, and those refused because they are stale.

    `seen` is the revision that whoever sent the form has seen whole; 0, which no sheet has, when
    the sheet holds a value that his page did not show.
    """

    results: list[Result] = field(default_factory=list)
    stale: dict[int, queries.Clash] = field(default_factory=dict)
    seen: int = 0


# --- open -----------------------------------------------------------------------------------------
@transaction.atomic
def open_sheet(
    participation: Participation, period: Period, *, actor: User | None, now: datetime
) -> ResultSheet:
    """Get the unit's sheet of a period, or begin it. Raises DomainError when it may not begin."""
    participation = locked(participation)
    held = ResultSheet.objects.filter(participation=participation, period=period).first()
    if held is not None:
        return held
    campaign = participation.campaign
    if period.campaign_id != campaign.pk:
        raise DomainError(f"Kỳ “{period}” không thuộc kế hoạch “{campaign}”. Chọn kỳ khác.")
    _refuse_idle(campaign)
    if participation.left_on and participation.left_on < period.period_from:
        raise DomainError(
            f"{participation.unit} thôi tham gia từ {participation.left_on:%d/%m/%Y}, trước kỳ "
            f"“{period}”. Đề nghị cơ quan thường trực ghi danh lại nếu đơn vị còn tham gia."
        )
    if timezone.localdate(now) < period.period_from:
        raise DomainError(
            f"Kỳ “{period}” bắt đầu từ {period.period_from:%d/%m/%Y}. Mở phiếu từ ngày đó."
        )
    _refuse_closed(period, now=now)
    sheet = ResultSheet.objects.create(participation=participation, period=period)
    record("resultsheet.opened", sheet, actor=actor, now=now, unit=participation.unit)
    return sheet


# --- fill -----------------------------------------------------------------------------------------
@transaction.atomic
def record_result(
    sheet: ResultSheet,
    indicator: Indicator,
    typed: Mapping[str, str],
    version: int,
    *,
    actor: User | None,
    now: datetime,
    source: str = ResultHistory.Source.PAGE,
) -> Result:
    """Write one cell as typed. What cannot be read is kept word for word and counts as missing.

    `version` is the one the page was drawn with, 0 for a cell never written. Writing again what
    is there already changes nothing, and a cell that was not touched on a page grown old is left
    alone. Raises StaleCell when somebody wrote another value meanwhile; DomainError when the
    sheet is no longer open or does not ask this.
    """
    sheet = editable(sheet, now=now)
    return _write(_Desk(sheet, actor, now, source), indicator.pk, typed, version)


@transaction.atomic
def record_results(
    sheet: ResultSheet,
    cells: Mapping[int, tuple[Mapping[str, str], int]],
    *,
    actor: User | None,
    now: datetime,
    source: str = ResultHistory.Source.PAGE,
) -> Saved:
    """The whole form, (typed, version) by the key of the indicator; the wholes before the parts.

    Every cell that may be written is written; a stale one is handed back and stops nothing.
    """
    desk, saved = _Desk(editable(sheet, now=now), actor, now, source), Saved()
    for pk in sorted(cells, key=lambda pk: (desk.depth(pk), pk)):
        typed, version = cells[pk]
        try:
            saved.results.append(_write(desk, pk, typed, version))
        except StaleCell as stale:
            saved.stale[pk] = stale.clash
    filled = {pk for pk in desk.asked if pk in desk.results and desk.results[pk].version}
    if not saved.stale and not desk.left_alone and filled <= cells.keys():
        saved.seen = desk.sheet.revision
    return saved


class _Desk:
    """One locked sheet being written: what it asks and what it holds, read once."""

    def __init__(self, sheet: ResultSheet, actor: User | None, now: datetime, source: str) -> None:
        self.sheet, self.actor, self.now, self.source = sheet, actor, now, source
        self.asked = {i.pk: i for i in queries.applicable_indicators(sheet)}
        held = Result.objects.filter(result_sheet=sheet).select_related("saved_by", "indicator")
        self.results = {result.indicator_id: result for result in held}
        # what the page is compared with: parts are read anew when their whole is written
        self.versions = {pk: result.version for pk, result in self.results.items()}
        # cells that somebody else wrote meanwhile and the page does not show
        self.left_alone: set[int] = set()

    def depth(self, pk: int) -> int:
        """How many wholes stand above a part, so that wholes are written first."""
        indicator = self.asked.get(pk)
        whole = indicator.of_which_id if indicator else None
        return 0 if whole is None or whole not in self.asked else 1 + self.depth(whole)

    def read(self, indicator: Indicator, typed: Mapping[str, str]) -> Reading:
        return read_cell(queries.question_of(indicator, self.asked, self.results), typed)


def _write(desk: _Desk, pk: int, typed: Mapping[str, str], version: int) -> Result:
    indicator = desk.asked.get(pk)
    if indicator is None:
        raise DomainError(
            "Phiếu này không hỏi tiêu chí đó: tiêu chí dành cho nhóm đơn vị khác. "
            "Tải lại trang để xem các tiêu chí của đơn vị."
        )
    result = desk.results.get(pk)
    reading = desk.read(indicator, typed)
    if result is None:
        if _same(reading, Result()):
            return Result(result_sheet=desk.sheet, indicator=indicator)
        result = Result(result_sheet=desk.sheet, indicator=indicator)
    elif _same(reading, result):
        return result
    elif version != desk.versions[pk]:
        if _untouched(reading, result, version):
            desk.left_alone.add(pk)
            return result
        raise StaleCell(queries.Clash(result, reading, dict(typed), version), indicator)
    _put(desk, result, reading)
    return result


def _put(desk: _Desk, result: Result, reading: Reading) -> None:
    """Write a result, its history and the sheet's revision; then read its parts anew."""
    for name in VALUES:
        setattr(result, name, getattr(reading, name))
    result.version += 1
    result.saved_at, result.saved_by = desk.now, desk.actor
    result.save()
    ResultHistory.objects.create(
        result=result,
        version=result.version,
        at=desk.now,
        by=desk.actor,
        source=desk.source,
        **{name: getattr(reading, name) for name in VALUES},
    )
    desk.sheet.revision += 1
    desk.sheet.save(update_fields=["revision"])
    desk.results[result.indicator_id] = result
    for part in desk.asked.values():
        held = desk.results.get(part.pk)
        if part.of_which_id == result.indicator_id and held is not None:
            again = desk.read(part, queries.as_typed(part, held))
            if not _same(again, held):
                _put(desk, held, again)


def _same(reading: Reading, row: Result | ResultHistory) -> bool:
    return all(getattr(reading, name) == getattr(row, name) for name in VALUES)


def _untouched(reading: Reading, result: Result, version: int) -> bool:
    """Whether the page sends back what it was drawn with: nobody changed the cell there."""
    if version == 0:
        return _same(reading, Result())
    drawn = result.history.filter(version=version).first()
    return drawn is not None and _same(reading, drawn)


def editable(sheet: ResultSheet, *, now: datetime) -> ResultSheet:
    """Lock the sheet for entry. Raises DomainError when it is sent or accepted, when the period
    is over or the plan no longer under way."""
    locked(sheet)
    sheet = ResultSheet.objects.select_related(*queries.SHEET_RELATED).get(pk=sheet.pk)
    if sheet.state not in ResultSheet.EDITABLE:
        raise DomainError(
            f"{sheet} của {sheet.participation.unit} đang ở trạng thái "
            f"“{sheet.get_state_display()}” nên không sửa được. Nếu cần sửa, đề nghị cơ quan "
            "thường trực trả lại phiếu."
        )
    _refuse_idle(sheet.participation.campaign)
    _refuse_closed(sheet.period, now=now)
    return sheet


def _refuse_idle(campaign: Campaign) -> None:
    if campaign.state != Campaign.State.ISSUED:
        raise DomainError(
            f"Kế hoạch “{campaign}” đang ở trạng thái “{campaign.get_state_display()}” nên không "
            "nhập kết quả. Chỉ nhập kết quả khi kế hoạch đang thực hiện."
        )


def _refuse_closed(period: Period, *, now: datetime) -> None:
    """The day decides: the job that stamps `closed_at` may come later, or not run at all."""
    if period.closed_at is not None:
        raise DomainError(
            f"Kỳ “{period}” đã khóa lúc {timezone.localtime(period.closed_at):%H:%M ngày %d/%m/%Y} "
            "nên không nhập thêm. Liên hệ cơ quan thường trực nếu cần bổ sung."
        )
    if not period.is_open(timezone.localdate(now)):
        raise DomainError(
            f"Kỳ “{period}” chỉ nhận số liệu đến hết ngày {day_text(period.closes_on)} nên không "
            "nhập, không ký gửi thêm. Liên hệ cơ quan thường trực nếu cần bổ sung."
        )


def _refuse_changed(sheet: ResultSheet, revision: int | None, what: str) -> None:
    """Nobody answers for figures that he has not seen. None: the caller read no page."""
    if revision is not None and revision != sheet.revision:
        raise DomainError(
            f"Phiếu đã đổi từ khi bạn mở (nay là lần sửa {sheet.revision}), xem lại rồi {what}."
        )


# --- send, verify, return -------------------------------------------------------------------------
@transaction.atomic
def submit_sheet(
    sheet: ResultSheet, *, actor: User, now: datetime, revision: int | None = None
) -> ResultSheet:
    """The unit's head signs and sends the sheet; from here only the verifier may return it.

    `revision` is the one he has seen. Raises DomainError when the sheet has changed since, and
    with the list of what is still to be done.
    """
    sheet = editable(sheet, now=now)
    _refuse_changed(sheet, revision, "ký gửi")
    rows = queries.sheet_rows(sheet)
    if not rows:
        raise DomainError(
            f"{sheet} không có tiêu chí nào dành cho {sheet.participation.unit}, nên không có gì "
            "để gửi. Đề nghị cơ quan thường trực xem lại đối tượng của kế hoạch."
        )
    if left := queries.remaining(rows):
        listed = ", ".join(f"{one.why} {one.indicator.code}" for one in left)
        raise DomainError(f"Còn {len(left)} việc trước khi gửi: {listed}.")
    return _step(
        sheet,
        State.SUBMITTED,
        actor=actor,
        now=now,
        submitted_at=now,
        submitted_by=actor,
        verified_at=None,
        verified_by=None,
    )


@transaction.atomic
def verify_sheet(
    sheet: ResultSheet, *, actor: User, now: datetime, revision: int | None = None
) -> ResultSheet:
    """The standing agency accepts the figures; they count in every report from here.

    After the period has closed an accepted sheet is locked at once. `revision` is the one he has
    seen. Raises DomainError when the sheet has changed since, or `actor` sent it himself.
    """
    sheet = _with_related(locked(sheet))
    _refuse_changed(sheet, revision, "thẩm định")
    if sheet.submitted_by_id == actor.pk:
        raise DomainError(
            f"{sheet} do chính {actor} ký gửi. Người gửi không tự thẩm định; chuyển cho người "
            "khác của cơ quan thường trực."
        )
    sheet = _step(sheet, State.VERIFIED, actor=actor, now=now, verified_at=now, verified_by=actor)
    return lock_sheet(sheet, now=now) if sheet.period.closed_at else sheet


@transaction.atomic
def return_sheet(
    sheet: ResultSheet, *, reason: str, actor: User, now: datetime, revision: int | None = None
) -> ResultSheet:
    """Send the sheet back with a reason; the unit mends it and sends it again.

    Raises DomainError without a reason, when the sheet has changed since `revision`, or when the
    unit could not mend it: the period is over, the plan no longer under way.
    """
    sheet, reason = _with_related(locked(sheet)), reason.strip()
    _refuse_changed(sheet, revision, "trả lại")
    if not reason:
        raise DomainError("Ghi lý do trả lại: đơn vị cần biết phải sửa tiêu chí nào, vì sao.")
    _refuse_idle(sheet.participation.campaign)
    if not sheet.period.is_open(timezone.localdate(now)):
        raise DomainError(
            f"Kỳ “{sheet.period}” khóa sau ngày {day_text(sheet.period.closes_on)} nên đơn vị "
            "không sửa được nữa, vì vậy không trả lại. Nếu số liệu sai, ghi ý kiến trong báo cáo "
            "tổng hợp."
        )
    return _step(
        sheet,
        State.RETURNED,
        actor=actor,
        now=now,
        note=reason,
        returned_at=now,
        returned_by=actor,
        return_reason=reason,
        verified_at=None,
        verified_by=None,
    )


def lock_sheet(sheet: ResultSheet, *, now: datetime) -> ResultSheet:
    """An accepted sheet whose period has closed. No new revision: no figure changes by it."""
    unit = sheet.participation.unit
    return advance(sheet, State.LOCKED, actor=None, now=now, unit=unit, locked_at=now)


def _step(
    sheet: ResultSheet, to: State, *, actor: User, now: datetime, note: str = "", **stamps: object
) -> ResultSheet:
    return advance(
        sheet,
        to,
        actor=actor,
        now=now,
        unit=sheet.participation.unit,
        note=note,
        revision=sheet.revision + 1,
        **stamps,
    )


def _with_related(sheet: ResultSheet) -> ResultSheet:
    return ResultSheet.objects.select_related(*queries.SHEET_RELATED).get(pk=sheet.pk)
