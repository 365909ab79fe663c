"""Results from a workbook: checked and kept first, stored only when somebody accepts them.

A workbook is checked by writing it on desks in memory (campaigns.services.cells) and storing
nothing; accepting it does the same again on locked sheets and stores what was written.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import IO, Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from campaigns import policies, queries
from campaigns.documents import book as files
from campaigns.documents import upload as reading
from campaigns.documents.upload import Said
from campaigns.models import (
    ImportCheck,
    Participation,
    Period,
    ResultHistory,
    ResultImport,
    ResultSheet,
)
from campaigns.services.cells import Pen, store
from campaigns.services.sheets import refuse_closed, refuse_idle, refuse_sent
from campaigns.services.weighing import (
    CHANGED,
    CLEARED,
    NEW,
    STALE,
    WRONG,
    Difference,
    Key,
    Weighing,
    desks_of,
    kept_words,
    unlike,
)
from units import storage
from units.models import AuditEntry, Unit, User
from units.rules import DomainError, day_text, decimal_text
from units.workflow import advance, entry, locked, record, record_all

State = ResultImport.State


class ChangedMeanwhile(DomainError):
    """Cells that the workbook changes were written by others since they were looked at."""


@dataclass
class Preview:
    """What accepting a workbook would do; `seen` stands for the stale cells as they are now."""

    pending: ResultImport
    differences: list[Difference]
    units: int
    seen: str

    def of(self, *kinds: str) -> list[Difference]:
        return [one for one in self.differences if one.kind in kinds]

    @property
    def good(self) -> list[Difference]:
        return self.of(NEW, CHANGED, CLEARED)

    @property
    def wrong(self) -> list[Difference]:
        return self.of(WRONG)

    @property
    def stale(self) -> list[Difference]:
        return self.of(STALE)


# --- upload and check -----------------------------------------------------------------------------
@transaction.atomic
def check_upload(
    source: IO[bytes],
    *,
    name: str,
    size: int,
    period: Period,
    unit: Unit | None,
    actor: User,
    now: datetime,
) -> ResultImport:
    """Read a workbook and keep it until it is accepted; no result changes.

    `unit` is None for a workbook of many units. Raises DomainError for a file that cannot be read
    or was made for another plan, version, period or unit.
    """
    clean = storage.clean_name(name)
    refuse_now(period, unit.pk if unit else None, now=now)
    found, lines = _read(source, clean, period=period, unit=unit, actor=actor, now=now)
    source.seek(0)
    blob, clean = storage.keep_upload(source, name=name, size=size, now=now)  # type: ignore[arg-type]
    pending = ResultImport(period=period, unit=unit, blob=blob, name=clean)
    return _keep(pending, found, lines, actor=actor, now=now)


@transaction.atomic
def check_stored(check: ImportCheck, *, actor: User, now: datetime) -> ResultImport:
    """The same of a file of many units that is kept already: who comes second finds what came of
    it."""
    check = locked(check)
    if check.imported is not None:
        return check.imported
    period = check.period
    refuse_now(period, None, now=now)
    assert check.blob is not None  # kept as long as the check is under way
    source = BytesIO(storage.read_bytes(check.blob))
    found, lines = _read(source, check.name, period=period, unit=None, actor=actor, now=now)
    pending = ResultImport(period=period, blob=check.blob, name=check.name)
    check.imported = _keep(pending, found, lines, actor=actor, now=now)
    check.save(update_fields=["imported"])
    return check.imported


def _read(
    source: IO[bytes], clean: str, *, period: Period, unit: Unit | None, actor: User, now: datetime
) -> tuple[reading.Upload, list[queries.Line]]:
    book = files.open_workbook(source, clean, of_one=unit is not None)
    files.refuse_other(book, period, unit)
    lines = queries.member_lines(period, members_read(period, unit, actor))
    if unit is None:
        return reading.read_units(book, lines), lines
    return reading.read_unit(book, _only(lines, period, unit, actor, now)), lines


def _keep(
    pending: ResultImport,
    found: reading.Upload,
    lines: Sequence[queries.Line],
    *,
    actor: User,
    now: datetime,
) -> ResultImport:
    """Keep what differs, until it is accepted."""
    pending.plan_revision = pending.period.campaign.revision
    pending.notes, pending.read = found.notes, len(found.said)
    pending.uploaded_at, pending.uploaded_by = now, actor
    desks = desks_of(lines, pending.period, Pen(actor, now, ResultHistory.Source.FILE))
    pending.cells = [_packed(said) for said in unlike(found.said, desks)]
    pending.save()
    record(
        "resultimport.uploaded",
        pending,
        actor=actor,
        now=now,
        unit=pending.unit,
        note=f"tệp “{pending.name}”, {decimal_text(pending.read)} ô kết quả",
        data={"sha256": pending.blob_id},
    )
    return pending


def members_read(period: Period, unit: Unit | None, actor: User) -> QuerySet[Participation]:
    """Only members whose figures `actor` may read: the check shows old values beside new ones."""
    parts = policies.comparable_participations(actor, period.period_from.year)
    parts = parts.filter(campaign=period.campaign_id)
    return parts if unit is None else parts.filter(unit=unit)


def refuse_now(period: Period, unit: int | None, *, now: datetime) -> None:
    """`unit` is None for a workbook of many, which is taken while one of them has time left; whose
    own time is over is told unit by unit (`refusals_of`)."""
    refuse_idle(period.campaign)
    if unit:
        refuse_closed(period, until=queries.extended_day(unit, period), now=now)
    elif not period.is_open(timezone.localdate(now), queries.longest_time(period)):
        refuse_closed(period, now=now)
    if timezone.localdate(now) < period.period_from:
        raise DomainError(
            f"Kỳ “{period}” bắt đầu từ {day_text(period.period_from)}. Nhập kết quả từ ngày đó."
        )


def refuse_amended(pending: ResultImport) -> None:
    """Raises DomainError for a workbook of a plan that was amended since."""
    revision = pending.period.campaign.revision
    if pending.plan_revision != revision:
        raise DomainError(
            f"Kế hoạch đã có bản sửa {revision} sau khi tải tệp lên (tệp theo bản sửa "
            f"{pending.plan_revision}). Tải bảng tính mới rồi chép số sang."
        )


def _packed(said: Said) -> list[object]:
    """Also read by `unpacked`: the two say what ResultImport.cells holds."""
    return [
        said.unit, said.indicator, said.typed, said.version, said.row, said.column,
        said.problem, said.field,
    ]  # fmt: skip


def unpacked(pending: ResultImport) -> list[Said]:
    return [Said(*cell) for cell in pending.cells]


# --- whom it concerns ----------------------------------------------------------------------------
def _lines_of(
    said: Sequence[Said], period: Period, actor: User
) -> tuple[list[Said], list[queries.Line]]:
    """What the file says of units that `actor` may still read, and those units."""
    parts = members_read(period, None, actor).filter(unit__in={one.unit for one in said})
    lines = queries.member_lines(period, parts)
    units = {line.participation.unit_id for line in lines}
    return [one for one in said if one.unit in units], lines


def _only(
    lines: Sequence[queries.Line], period: Period, unit: Unit, actor: User, now: datetime
) -> queries.Line:
    """The line of the one unit. Raises DomainError when nothing of it may be written."""
    if not lines or lines[0].sheet is None:
        raise DomainError(
            f"{unit} chưa có phiếu kết quả kỳ “{period}” của “{period.campaign}”. Mở phiếu trên "
            "cổng rồi tải tệp lên."
        )
    for refusal in refusals_of(lines, period, actor, now).values():
        raise DomainError(refusal)
    return lines[0]


def refusals_of(
    lines: Sequence[queries.Line], period: Period, actor: User, now: datetime
) -> dict[int, str]:
    """Why the sheets of some units may not be written, by the key of the unit."""
    parts, given = [line.participation.pk for line in lines], queries.extended_units(period)
    allowed = policies.enterable_participations(actor).filter(pk__in=parts)
    mine = set(allowed.values_list("pk", flat=True))
    found = {}
    for line in lines:
        unit = line.participation.unit
        if line.participation.pk not in mine:
            found[unit.pk] = (
                f"tài khoản này không được giao nhập kết quả của {unit}. Đề nghị đơn vị tự nhập, "
                "hoặc đề nghị người quản trị tài khoản giao việc này."
            )
            continue
        try:
            if line.sheet is not None:
                refuse_sent(line.sheet)
            refuse_closed(period, until=given.get(unit.pk), now=now)
        except DomainError as refusal:
            found[unit.pk] = str(refusal)
    return found


def _lock_members(period: Period, units: Iterable[int]) -> None:
    """Members first, then their sheets, each in the order of their keys: as everybody does."""
    parts = Participation.objects.filter(campaign=period.campaign_id, unit__in=units)
    held = parts.order_by("pk").select_for_update(no_key=True).values_list("pk", flat=True)
    sheets = ResultSheet.objects.filter(period=period, participation__in=list(held))
    list(sheets.order_by("pk").select_for_update(no_key=True).values_list("pk", flat=True))


def undecided(pending: ResultImport, *, whole: bool = False) -> ResultImport:
    """The row, locked, without what is heavy unless `whole`. Raises DomainError when somebody has
    decided meanwhile: what he did, and when."""
    rows = ResultImport.objects.select_for_update(of=("self",), no_key=True)
    rows = rows.select_related("period__campaign", "unit")
    pending = (rows if whole else rows.defer(*ResultImport.HEAVY)).get(pk=pending.pk)
    if pending.state == State.CHECKED:
        return pending
    at = timezone.localtime(pending.decided_at)
    who = f"{pending.decided_by} {{}} tệp “{pending}” lúc {at:%H:%M ngày %d/%m/%Y}"
    if pending.state == State.DISCARDED:
        raise DomainError(
            f"{who.format('đã bỏ')} nên không ghi được nữa; không ô nào của tệp được ghi. Nếu cần "
            "ghi, tải tệp lên lại."
        )
    raise DomainError(
        f"{who.format('đã ghi')}, {decimal_text(pending.written)} ô; không ghi lần hai, không bỏ "
        "được nữa. Nếu số sai, sửa trên phiếu hoặc tải tệp khác."
    )


def _decide(
    pending: ResultImport,
    to: State,
    actor: User,
    now: datetime,
    note: str = "",
    told: Any = None,
) -> ResultImport:
    return advance(
        pending,
        to,
        actor=actor,
        now=now,
        unit=pending.unit,
        note=note,
        decided_at=now,
        decided_by=actor,
        told=told,
    )


def _line(
    action: str, sheet: ResultSheet, actor: User, now: datetime, note: str = ""
) -> AuditEntry:
    return entry(action, sheet, actor=actor, now=now, unit=sheet.participation.unit, note=note)


# --- preview, accept, discard ---------------------------------------------------------------------
def preview_import(pending: ResultImport, *, actor: User, now: datetime) -> Preview:
    """What accepting would do now; reads only."""
    said, lines = _lines_of(unpacked(pending), pending.period, actor)
    pen = Pen(actor, now, ResultHistory.Source.FILE, pending)
    desks = desks_of(lines, pending.period, pen)
    refusals = refusals_of(lines, pending.period, actor, now)
    weighing = Weighing(desks, refusals, pending.unit_id is None)
    order = {line.participation.unit_id: number for number, line in enumerate(lines)}
    found = list(weighing.weigh(said))
    found.sort(key=lambda one: (order[one.unit.pk], one.indicator.group_id, one.indicator.order))
    return Preview(pending, found, len({one.unit.pk for one in found}), weighing.digest)


@transaction.atomic
def accept_import(
    pending: ResultImport,
    *,
    actor: User,
    now: datetime,
    seen: str | None = None,
    mine: Mapping[Key, int] | None = None,
) -> ResultImport:
    """Store what a workbook says, one history line a cell. Wrong cells are left out and told.

    A cell that somebody else wrote since the workbook was made stays as it is, or is overwritten
    if its version is in `mine`. `seen` is that of the preview which was looked at (None: nobody
    looks): raises ChangedMeanwhile when such cells differ from those, and DomainError when the
    plan, the period or the file may no longer be written; then nothing is stored.
    """
    pending = undecided(pending, whole=True)
    period = pending.period
    refuse_now(period, pending.unit_id, now=now)
    refuse_amended(pending)
    said = unpacked(pending)
    _lock_members(period, {one.unit for one in said})
    said, lines = _lines_of(said, period, actor)
    pen = Pen(actor, now, ResultHistory.Source.FILE, pending)
    desks = desks_of(lines, period, pen)
    refusals = refusals_of(lines, period, actor, now)
    weighing = Weighing(desks, refusals, pending.unit_id is None, brief=True, mine=mine or {})
    left = [one for one in weighing.weigh(said) if one.kind in (WRONG, STALE)]
    if seen is not None and seen != weighing.digest:
        raise ChangedMeanwhile(
            "Chưa ghi gì: vừa có người khác ghi trên cổng những ô mà tệp cũng sửa. Xem số của hai "
            "bên dưới đây, chọn số đúng rồi ghi lại."
        )
    touched = [desk for desk in desks.values() if desk.written]
    opened = [desk.sheet for desk in touched if desk.sheet.pk is None]
    for sheet in opened:
        sheet.revision = 1  # as it begins; storing its cells raises it
    ResultSheet.objects.bulk_create(opened)
    store(touched)
    pending.written = sum(len(desk.written) for desk in touched)
    pending.left = [
        [one.unit.name, one.indicator.code, one.at, one.problem or kept_words(one)] for one in left
    ]
    pending.save(update_fields=["written", "left"])
    record_all(
        [_line("resultsheet.opened", sheet, actor, now) for sheet in opened]
        + [
            _line(
                "resultsheet.imported",
                desk.sheet,
                actor,
                now,
                note=f"tệp “{pending.name}”, {len(desk.written)} ô",
            )
            for desk in touched
        ]
    )
    told = pending.told  # the workbook that marks what was left out is made of it
    if told:
        told = {**told, "rows": [row for row in told["rows"] if row[3] in (WRONG, STALE)]}
    note = f"{decimal_text(pending.written)} ô đã ghi"
    return _decide(pending, State.ACCEPTED, actor, now, note, told)


@transaction.atomic
def discard_import(pending: ResultImport, *, actor: User, now: datetime) -> ResultImport:
    """Nothing of the workbook is stored; the file stays."""
    return _decide(undecided(pending), State.DISCARDED, actor, now)
