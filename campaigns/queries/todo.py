"""What this app has to say on the first page, Việc cần làm: a line a thing to do."""

from datetime import datetime, timedelta

from django.urls import reverse
from django.utils import timezone

from campaigns.models import ResultSheet
from campaigns.queries.assessing import answer_todo
from campaigns.queries.marks import Missing, missing_leads
from campaigns.queries.members import UNSENT
from campaigns.queries.score_home import score_todo
from campaigns.queries.sheets import sheet_title
from campaigns.queries.waiting import Waiting, sheets_to_verify
from campaigns.queries.work import (
    Led,
    Owing,
    SheetLine,
    led_indicators,
    left_on_sheets,
    mended_sheets,
    sheets_to_fill,
    who_owes,
)
from units.models import User
from units.queries import Todo, TodoKind

RECENT = timedelta(days=14)


def todo(user: User, now: datetime) -> list[Todo]:
    """Everything this app has to say on Việc cần làm; a fixed number of SQL queries."""
    today = timezone.localdate(now)
    lines = sheets_to_fill(user, today)
    owed = [line for line in lines if line.state in ("", ResultSheet.State.DRAFT)]
    returned = [line for line in lines if line.state == ResultSheet.State.RETURNED]
    left, mended = left_on_sheets(owed + returned), mended_sheets(returned)
    done = {pk for pk in mended if not left[pk]}
    return [
        *(_returned(line, bool(line.sheet and line.sheet.pk in done)) for line in returned),
        *(_owed(line, left[line.sheet.pk] if line.sheet else None) for line in owed),
        *(_waiting(one) for one in sheets_to_verify(user)),
        *answer_todo(user),
        *(_owing(one) for one in who_owes(user, today) if one.sent < one.members),
        *(_led(one) for one in led_indicators(user, today)),
        *score_todo(user, today),
        *_sent_lately([line for line in lines if _just_sent(line, now)]),
    ]


def _title(line: SheetLine) -> str:
    return sheet_title(line.period)


def _subject(line: SheetLine) -> str:
    return f"{line.participation.unit}, {line.participation.campaign}"


def _sheet_url(sheet: ResultSheet | None) -> str:
    if sheet is None:
        return reverse("campaigns:result_sheet_list")
    return reverse("campaigns:result_sheet_detail", args=[sheet.pk])


def _returned(line: SheetLine, mended: bool) -> Todo:
    """Once everything is mended it is the head's to sign, and who only enters has done his part."""
    sheet = line.sheet
    assert sheet is not None
    if mended and not line.may_sign:
        return Todo(
            kind=TodoKind.DONE,
            title=_title(line),
            url=_sheet_url(sheet),
            due_text="Đã sửa, chờ thủ trưởng ký",
            label="Xem phiếu",
            subject=_subject(line),
        )
    return Todo(
        kind=TodoKind.RETURNED,
        title=_title(line),
        url=_sheet_url(sheet),
        due_on=line.due.due_on,
        due_text=line.due.words,
        why=f"{sheet.returned_by} trả lại: “{sheet.return_reason}”",
        label="Ký và gửi" if mended else "Sửa phiếu",
        subject=_subject(line),
    )


def _owed(line: SheetLine, left: int | None) -> Todo:
    """`left` is how many indicators the sheet lacks, None for one not begun.

    Who enters but does not sign has done his part once nothing is left.
    """
    if left == 0 and not line.may_sign:
        return Todo(
            kind=TodoKind.DONE,
            title=_title(line),
            url=_sheet_url(line.sheet),
            due_text="Đã đủ, chờ thủ trưởng ký",
            label="Xem phiếu",
            subject=_subject(line),
        )
    label = "Mở phiếu" if left is None else "Ký và gửi"
    if left:
        label = "Xem phiếu" if line.may_sign else "Nhập tiếp"
    return Todo(
        kind=TodoKind.OWED,
        title=_title(line),
        url=_sheet_url(line.sheet),
        due_on=line.due.due_on,
        due_text=line.due.words,
        why=f"Còn {left} tiêu chí chưa xong" if left else "",
        label=label,
        subject=_subject(line),
    )


def _waiting(one: Waiting) -> Todo:
    sheet = one.sheet
    return Todo(
        kind=TodoKind.WAITING,
        title=f"Thẩm định phiếu kết quả của {sheet.participation.unit}",
        url=_sheet_url(sheet),
        due_on=None,
        due_text=f"gửi ngày {timezone.localdate(sheet.submitted_at):%d/%m/%Y}",
        why=". ".join(_look_at(one)),
        label="Thẩm định",
        subject=f"{sheet.period}, {sheet.participation.campaign}",
    )


def _look_at(one: Waiting) -> list[str]:
    """What to look at first on a sheet that waits."""
    said = [f"{one.changed} giá trị đã đổi từ lần thẩm định trước"] if one.before else []
    return said + [missing.words for missing in one.missing]


def _owing(one: Owing) -> Todo:
    url = reverse("campaigns:campaign_units", args=[one.period.campaign.ref])
    name = one.period.in_a_sentence
    return Todo(
        kind=TodoKind.OWING,
        title=f"{one.members - one.sent} trên {one.members} đơn vị chưa gửi phiếu {name}",
        url=f"{url}?ky={one.period.ref}&state={UNSENT}",
        due_on=one.due.due_on,
        due_text=one.due.words,
        label="Xem đơn vị chưa gửi",
        subject=f"{one.period.campaign}, kỳ khóa sau ngày {one.period.closes_on:%d/%m/%Y}",
        count=one.members - one.sent,
    )


def _led(one: Led) -> Todo:
    url = reverse("campaigns:lead_cells", args=[one.period.campaign.ref])
    return Todo(
        kind=TodoKind.LED,
        title=f"{one.indicators} tiêu chí {one.period.in_a_sentence}: {one.sent} trên "
        f"{one.members} đơn vị đã gửi kết quả",
        url=f"{url}?ky={one.period.ref}",
        due_on=one.due.due_on if one.sent < one.members else None,
        due_text=one.due.words if one.sent < one.members else "đã gửi đủ",
        why=f"{one.waiting} số liệu chờ xác nhận" if one.waiting else "",
        label="Xác nhận số liệu" if one.waiting else "Xem số liệu",
        subject=f"{one.period.campaign}, kỳ khóa sau ngày {one.period.closes_on:%d/%m/%Y}",
        count=one.indicators,
    )


def _just_sent(line: SheetLine, now: datetime) -> bool:
    sheet = line.sheet
    if sheet is None or sheet.state in ResultSheet.EDITABLE or sheet.submitted_at is None:
        return False
    return sheet.submitted_at >= now - RECENT


def _sent_lately(lines: list[SheetLine]) -> list[Todo]:
    """Two SQL queries at the most."""
    waiting = [line.sheet for line in lines if line.state == ResultSheet.State.SUBMITTED]
    missing = missing_leads([sheet for sheet in waiting if sheet]) if waiting else {}
    return [_sent(line, missing.get(line.sheet.pk, []) if line.sheet else []) for line in lines]


def _sent(line: SheetLine, missing: list[Missing]) -> Todo:
    sheet = line.sheet
    assert sheet is not None
    return Todo(
        kind=TodoKind.DONE,
        title=_title(line),
        url=_sheet_url(sheet),
        due_text=sheet.get_state_display(),
        why="Đang chờ: " + "; ".join(one.words for one in missing) if missing else "",
        label="Xem phiếu",
        subject=_subject(line),
    )
