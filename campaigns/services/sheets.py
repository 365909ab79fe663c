"""What a unit does with its sheet: open, fill, send.

Each begins by locking the sheet, so nothing moves under a check.
"""

from collections.abc import Mapping
from datetime import date, datetime

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
from campaigns.queries.presence import last_day
from campaigns.rules import is_away
from campaigns.services.cells import Desk, Pen, Saved, StaleCell, store
from criteria.models import Indicator
from units.models import User
from units.rules import DomainError, day_text
from units.workflow import advance, locked, record

State = ResultSheet.State


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
    refuse_idle(campaign)
    if participation.left_on and participation.left_on < period.period_from:
        raise DomainError(
            f"{participation.unit} thôi tham gia từ {participation.left_on:%d/%m/%Y}, trước kỳ "
            f"“{period}”. Đề nghị cơ quan thường trực ghi danh lại nếu đơn vị còn tham gia."
        )
    if queries.has_ended(participation, period):
        raise DomainError(
            f"{participation.unit} kết thúc hoạt động ngày {participation.unit.valid_to:%d/%m/%Y}, "
            f"trước kỳ “{period}”, nên không có phiếu của kỳ này. Đơn vị kế thừa báo cáo; đề nghị "
            "cơ quan thường trực ghi danh đơn vị đó nếu chưa tham gia."
        )
    if is_away(participation.away, period.period_from, last_day(period)):
        raise DomainError(
            f"{participation.unit} vắng mặt suốt kỳ “{period}” nên không có phiếu của kỳ này."
        )
    if timezone.localdate(now) < period.period_from:
        raise DomainError(
            f"Kỳ “{period}” bắt đầu từ {period.period_from:%d/%m/%Y}. Mở phiếu từ ngày đó."
        )
    until = queries.extended_day(participation.unit_id, period)
    refuse_closed(period, until=until, now=now)
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
    return write_cell(sheet, indicator.pk, typed, version, actor=actor, now=now, source=source)[0]


@transaction.atomic
def write_cell(
    sheet: ResultSheet,
    indicator: int,
    typed: Mapping[str, str],
    version: int,
    *,
    actor: User | None,
    now: datetime,
    source: str = ResultHistory.Source.PAGE,
) -> tuple[Result, queries.SheetFacts]:
    """What `record_result` does, together with all that the sheet holds now, for an answer that
    need not read it again. Of the sheet the key is enough. Raises NotAsked, too.
    """
    facts = queries.sheet_facts(editable(sheet, now=now))
    desk = _desk(facts, Pen(actor, now, source))
    result = desk.write(indicator, typed, version)
    store([desk])
    facts.results = desk.results
    return result, facts


@transaction.atomic
def record_results(
    sheet: ResultSheet,
    cells: Mapping[int, tuple[Mapping[str, str], int]],
    *,
    actor: User | None,
    now: datetime,
    source: str = ResultHistory.Source.PAGE,
    taken_from: str = "",
) -> Saved:
    """The whole form, (typed, version) by the key of the indicator; the wholes before the parts.

    Every cell that may be written is written; a stale one is handed back and stops nothing.
    """
    facts = queries.sheet_facts(editable(sheet, now=now))
    desk, saved = _desk(facts, Pen(actor, now, source, taken_from=taken_from)), Saved()
    for pk in sorted(cells, key=lambda pk: (desk.depth(pk), pk)):
        typed, version = cells[pk]
        try:
            saved.results.append(desk.write(pk, typed, version))
        except StaleCell as stale:
            saved.stale[pk] = stale.clash
    store([desk])
    filled = {
        pk
        for pk in desk.asked
        if pk in desk.results and desk.results[pk].version and not desk.frozen(pk)
    }
    if not saved.stale and not desk.left_alone and filled <= cells.keys():
        saved.seen = desk.sheet.revision
    return saved


def _desk(facts: queries.SheetFacts, pen: Pen) -> Desk:
    for pk, result in facts.results.items():
        if pk in facts.asked:
            result.indicator = facts.asked[pk]
    return Desk(facts.sheet, facts.asked, facts.results, pen, facts.scope)


def editable(sheet: ResultSheet, *, now: datetime) -> ResultSheet:
    """Lock the sheet for entry. Raises DomainError when it is sent or accepted, when the period
    is over or the plan no longer under way."""
    locked(sheet)
    sheet = queries.sheet_in_hand(sheet.pk)
    refuse_sent(sheet)
    refuse_idle(sheet.participation.campaign)
    refuse_closed(sheet.period, until=sheet.until, now=now)  # type: ignore[attr-defined]
    return sheet


def takes(sheet: ResultSheet, now: datetime) -> bool:
    """Whether the unit may still mend its sheet."""
    return sheet.period.is_open(timezone.localdate(now), extended_day_of(sheet))


def extended_day_of(sheet: ResultSheet) -> date | None:
    return queries.extended_day(sheet.participation.unit_id, sheet.period)


def refuse_sent(sheet: ResultSheet) -> None:
    if sheet.state not in ResultSheet.EDITABLE:
        raise DomainError(
            f"{sheet} của {sheet.participation.unit} đang ở trạng thái "
            f"“{sheet.get_state_display()}” nên không sửa được. Nếu cần sửa, đề nghị cơ quan "
            "thường trực trả lại phiếu."
        )


def refuse_idle(campaign: Campaign) -> None:
    if campaign.state != Campaign.State.ISSUED:
        raise DomainError(
            f"Kế hoạch “{campaign}” đang ở trạng thái “{campaign.get_state_display()}” nên không "
            "nhập kết quả. Chỉ nhập kết quả khi kế hoạch đang thực hiện."
        )


def refuse_closed(period: Period, *, now: datetime, until: date | None = None) -> None:
    """The day decides: the job that stamps `closed_at` may come later, or not run at all.

    `until` is the last day of a unit whose time was extended.
    """
    if period.is_open(timezone.localdate(now), until):
        return
    if until is not None and until > period.closes_on:
        raise DomainError(
            f"Kỳ “{period}” đã khóa; đơn vị được gia hạn đến hết ngày {day_text(until)} nên không "
            "nhập, không ký gửi thêm. Đề nghị cơ quan thường trực gia hạn tiếp nếu cần bổ sung."
        )
    if period.closed_at is not None:
        raise DomainError(
            f"Kỳ “{period}” đã khóa lúc {timezone.localtime(period.closed_at):%H:%M ngày %d/%m/%Y} "
            "nên không nhập thêm. Đề nghị cơ quan thường trực gia hạn nếu cần bổ sung."
        )
    raise DomainError(
        f"Kỳ “{period}” chỉ nhận số liệu đến hết ngày {day_text(period.closes_on)} nên không "
        "nhập, không ký gửi thêm. Liên hệ cơ quan thường trực nếu cần bổ sung."
    )


def refuse_changed(sheet: ResultSheet, revision: int | None, what: str) -> None:
    """Nobody answers for figures that he has not seen. None: the caller read no page."""
    if revision is not None and revision != sheet.revision:
        raise DomainError(
            f"Phiếu đã đổi từ khi mở trang (nay là lần sửa {sheet.revision}), xem lại rồi {what}."
        )


# --- send -----------------------------------------------------------------------------------------
@transaction.atomic
def submit_sheet(
    sheet: ResultSheet, *, actor: User, now: datetime, revision: int | None = None
) -> ResultSheet:
    """The unit's head signs and sends the sheet; from here only the verifier may return it.

    `revision` is the one he has seen. Raises DomainError when the sheet has changed since, and
    with the list of what is still to be done.
    """
    sheet = editable(sheet, now=now)
    refuse_changed(sheet, revision, "ký gửi")
    rows = queries.sheet_rows(sheet)
    if not rows:
        raise DomainError(
            f"{sheet} không có tiêu chí nào dành cho {sheet.participation.unit}, nên không có gì "
            "để gửi. Đề nghị cơ quan thường trực xem lại đối tượng của kế hoạch."
        )
    if left := queries.remaining(rows):
        listed = ", ".join(f"{one.why} {one.indicator.code}" for one in left)
        raise DomainError(f"Còn {len(left)} việc trước khi gửi: {listed}.")
    return step(
        sheet,
        State.SUBMITTED,
        actor=actor,
        now=now,
        submitted_at=now,
        submitted_by=actor,
        verified_at=None,
        verified_by=None,
    )


def step(
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


def with_related(sheet: ResultSheet) -> ResultSheet:
    return ResultSheet.objects.select_related(*queries.SHEET_RELATED).get(pk=sheet.pk)
