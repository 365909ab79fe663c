"""Results from a workbook: checked and kept first, stored only when somebody accepts them.

A workbook is checked by writing it on desks in memory (campaigns.services.cells) and storing
nothing; accepting it does the same again on locked sheets and stores what was written.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from hashlib import sha256
from typing import IO

from django.db import transaction
from django.db.models import Model, QuerySet
from django.utils import timezone

from campaigns import policies, queries
from campaigns.documents import upload as reading
from campaigns.documents.layout import Stamp
from campaigns.documents.upload import Said, address
from campaigns.documents.workbook import Overlay, unit_workbook, units_workbook
from campaigns.models import (
    Participation,
    Period,
    Result,
    ResultHistory,
    ResultImport,
    ResultSheet,
)
from campaigns.rules import FIELDS, Reading
from campaigns.services.cells import BLANK, Desk, Pen, StaleCell, same, store
from campaigns.services.sheets import refuse_closed, refuse_idle, refuse_sent
from criteria.models import Indicator
from criteria.rules import parse_number
from units import storage
from units.models import AuditEntry, Unit, User
from units.rules import DomainError, day_text, decimal_text
from units.workflow import advance, entry, locked, record, record_all

Key = tuple[int, int]  # the keys of a unit and of an indicator
State = ResultImport.State
NEW, CHANGED, CLEARED, WRONG, STALE = "new", "changed", "cleared", "wrong", "stale"


class ChangedMeanwhile(DomainError):
    """Cells that the workbook changes were written by others since they were looked at."""


@dataclass(frozen=True)
class Difference:
    """One indicator of one unit that the workbook would change. `at` is the cell to look at; of a
    `stale` one the portal holds what somebody wrote after the workbook was made (`version`)."""

    unit: Unit
    indicator: Indicator
    at: str
    kind: str
    old: str
    new: str
    problem: str = ""
    field: str = ""
    conflict: queries.Conflict | None = None
    version: int = 0

    @property
    def key(self) -> str:
        return f"{self.unit.pk}-{self.indicator.pk}"


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
    _refuse_now(period, now=now)
    book = reading.open_workbook(source, clean)
    reading.refuse_other(book, period, unit)
    lines = queries.member_lines(period, _members(period, unit))
    if unit is None:
        found = reading.read_units(book, lines)
    else:
        found = reading.read_unit(book, _only(lines, period, unit, actor))
    source.seek(0)
    blob, clean = storage.keep_upload(source, name=name, size=size, now=now)  # type: ignore[arg-type]
    pending = ResultImport(
        period=period,
        unit=unit,
        blob=blob,
        name=clean,
        plan_revision=period.campaign.revision,
        notes=found.notes,
        read=len(found.said),
        uploaded_at=now,
        uploaded_by=actor,
    )
    desks = _desks(lines, period, Pen(actor, now, ResultHistory.Source.FILE))
    pending.cells = [_packed(said) for said in _unlike(found.said, desks)]
    pending.save()
    record(
        "resultimport.uploaded",
        pending,
        actor=actor,
        now=now,
        unit=unit,
        note=f"tệp “{clean}”, {decimal_text(pending.read)} ô kết quả",
        data={"sha256": blob.pk},
    )
    return pending


def find_target(source: IO[bytes], name: str) -> tuple[Period, Unit | None]:
    """The period and the unit that a workbook was made for, by its stamp."""
    book = reading.open_workbook(source, name)
    stamp: Stamp = book.stamp
    period = (
        Period.objects.filter(campaign__ref=stamp.plan, ref=stamp.period)
        .select_related("campaign")
        .first()
    )
    unit = Unit.objects.filter(ref=stamp.unit).first()
    if period is None or (stamp.unit and unit is None):
        raise DomainError(
            f"Tệp “{name}”, ô A1: cổng không có kế hoạch “{stamp.plan}”, kỳ “{stamp.period}” hoặc "
            f"đơn vị “{stamp.unit}” mà tệp nêu. Tải bảng tính từ chính cổng này."
        )
    source.seek(0)
    return period, unit


def _members(period: Period, unit: Unit | None) -> QuerySet[Participation]:
    parts = Participation.objects.filter(campaign=period.campaign_id)
    return parts if unit is None else parts.filter(unit=unit)


def _refuse_now(period: Period, *, now: datetime) -> None:
    refuse_idle(period.campaign)
    refuse_closed(period, now=now)
    if timezone.localdate(now) < period.period_from:
        raise DomainError(
            f"Kỳ “{period}” bắt đầu từ {day_text(period.period_from)}. Nhập kết quả từ ngày đó."
        )


def _packed(said: Said) -> list[object]:
    """Also read by `_unpacked`: the two say what ResultImport.cells holds."""
    return [
        said.unit, said.indicator, said.typed, said.version, said.row, said.column,
        said.problem, said.field,
    ]  # fmt: skip


def _unpacked(pending: ResultImport) -> list[Said]:
    return [Said(*cell) for cell in pending.cells]


# --- on the desks ---------------------------------------------------------------------------------
def _desks(lines: Iterable[queries.Line], period: Period, pen: Pen) -> dict[int, Desk]:
    """A desk a unit, by its key; of a unit that has not begun, with a sheet not yet stored."""
    found = {}
    for line in lines:
        sheet = line.sheet or ResultSheet(participation=line.participation, period=period)
        found[line.participation.unit_id] = Desk(sheet, line.asked, line.results, pen)
    return found


def _in_order(said: Sequence[Said], desks: Mapping[int, Desk]) -> Iterator[tuple[Desk, Said]]:
    """Wholes before their parts; what the plan asks no more is left out."""
    by_depth: dict[int, list[tuple[Desk, Said]]] = {}
    for one in said:
        desk = desks.get(one.unit)
        if desk is not None and one.indicator in desk.asked:
            by_depth.setdefault(desk.depth(one.indicator), []).append((desk, one))
    for depth in sorted(by_depth):
        yield from by_depth[depth]


def _unlike(said: Sequence[Said], desks: Mapping[int, Desk]) -> list[Said]:
    """What a file says otherwise than the portal, or says so that it cannot be read."""
    found = []
    for desk, one in _in_order(said, desks):
        if one.problem or not same(_read(desk, one), desk.results.get(one.indicator) or BLANK):
            found.append(one)
    return found


def _read(desk: Desk, said: Said) -> Reading:
    return desk.read(desk.asked[said.indicator], said.typed)


@dataclass
class _Weighing:
    """Writes what a workbook says on desks and tells the differences."""

    desks: Mapping[int, Desk]
    refusals: Mapping[int, str]
    many: bool
    mine: Mapping[Key, int] = field(default_factory=dict)
    clashes: list[tuple[int, int, int]] = field(default_factory=list)

    def weigh(self, said: Sequence[Said]) -> Iterator[Difference]:
        ordered = list(_in_order(said, self.desks))
        self._recall(ordered)
        for desk, one in ordered:
            if (difference := self._weigh(desk, one)) is not None:
                yield difference

    def _recall(self, ordered: Sequence[tuple[Desk, Said]]) -> None:
        """Read beforehand what cells were when the workbook was made, where they changed since."""
        wanted: dict[int, tuple[Desk, int]] = {}
        for desk, one in ordered:
            held = desk.results.get(one.indicator)
            if held is not None and held.version != one.version and one.version:
                wanted[held.pk] = (desk, one.version)
        if wanted:
            for line in ResultHistory.objects.filter(result__in=list(wanted)):
                desk, version = wanted[line.result_id]
                if line.version == version:
                    desk.past[line.result_id, version] = line

    def _weigh(self, desk: Desk, said: Said) -> Difference | None:
        indicator = desk.asked[said.indicator]
        held = desk.results.get(said.indicator)
        value = Reading(typed=said.typed, problem=said.problem)
        if not said.problem:
            value = _read(desk, said)
            if same(value, held or BLANK):
                return None
        if value.problem:
            return self._wrong(desk, said, value, value.problem)
        if refusal := self.refusals.get(said.unit):
            return self._wrong(desk, said, value, refusal)
        old, version = _words(indicator, held or BLANK), held.version if held else 0
        was_blank = held is None or same(BLANK, held)
        key = (said.unit, said.indicator)
        tell = partial(
            Difference, _unit(desk), indicator, at=self._at(said, ""), old=old, version=version
        )
        try:
            result = desk.put(indicator, value, said.typed, said.version)
        except StaleCell as stale:
            self.clashes.append((*key, version))
            if self.mine.get(key) != version:
                conflict = queries.conflict_of(indicator, None, stale.clash)
                return tell(kind=STALE, new=_words(indicator, value), conflict=conflict)
            result = desk.put(indicator, value, said.typed, version)
        if result.version == version:
            return None  # not touched in the file, written elsewhere since
        kind = NEW if was_blank else CLEARED if same(value, BLANK) else CHANGED
        return tell(kind=kind, new=_words(indicator, value))

    @property
    def digest(self) -> str:
        """Stands for the cells that others wrote meanwhile and what they hold now."""
        return sha256(repr(sorted(self.clashes)).encode()).hexdigest()

    def _wrong(self, desk: Desk, said: Said, value: Reading, problem: str) -> Difference:
        indicator = desk.asked[said.indicator]
        field = said.field or _wrong_field(desk, indicator, said)
        at = self._at(said, field)
        return Difference(
            unit=_unit(desk),
            indicator=indicator,
            at=at,
            kind=WRONG,
            old=_words(indicator, desk.results.get(said.indicator) or BLANK),
            new=_words(indicator, value),
            problem=f"Ô {at}: {problem}",
            field=field,
        )

    def _at(self, said: Said, field: str) -> str:
        """The cell of a box; in a workbook of many units an excuse stands in the first."""
        steps = {"denominator": 1} if self.many else {"denominator": 1, "choice": 2, "reason": 3}
        return address(said.row, said.column + steps.get(field, 0))


def _unit(desk: Desk) -> Unit:
    return desk.sheet.participation.unit


def _words(indicator: Indicator, values: Result | Reading) -> str:
    words = queries.words_of(indicator, values)
    return f"{words} ({values.reason})" if values.reason and not values.problem else words


def _wrong_field(desk: Desk, indicator: Indicator, said: Said) -> str:
    """Which box is to blame for what read_cell refused: the first that is no number or missing."""
    if indicator.kind == "ratio" and not said.typed.get("choice"):
        fields = queries.question_of(indicator, desk.asked, desk.results).fields
        for name in fields:
            if name not in said.typed:
                return name
            try:
                parse_number(said.typed[name])
            except DomainError:
                return name
    if said.typed.get("choice") and not said.typed.get("reason"):
        return "reason"
    return FIELDS[indicator.kind][0]


# --- whom it concerns ----------------------------------------------------------------------------
def _lines_of(pending: ResultImport, said: Sequence[Said]) -> list[queries.Line]:
    units = {one.unit for one in said}
    parts = Participation.objects.filter(campaign=pending.period.campaign_id, unit__in=units)
    return queries.member_lines(pending.period, parts)


def _only(lines: Sequence[queries.Line], period: Period, unit: Unit, actor: User) -> queries.Line:
    """The line of the one unit. Raises DomainError when nothing of it may be written."""
    if not lines or lines[0].sheet is None:
        raise DomainError(
            f"{unit} chưa có phiếu kết quả kỳ “{period}” của “{period.campaign}”. Mở phiếu trên "
            "cổng rồi tải tệp lên."
        )
    for refusal in _refusals(lines, actor).values():
        raise DomainError(refusal)
    return lines[0]


def _refusals(lines: Sequence[queries.Line], actor: User) -> dict[int, str]:
    """Why the sheets of some units may not be written, by the key of the unit."""
    parts = [line.participation.pk for line in lines]
    allowed = policies.enterable_participations(actor).filter(pk__in=parts)
    mine = set(allowed.values_list("pk", flat=True))
    found = {}
    for line in lines:
        unit = line.participation.unit
        if line.participation.pk not in mine:
            found[unit.pk] = (
                f"bạn không được giao nhập kết quả của {unit}. Đề nghị đơn vị tự nhập, hoặc đề "
                "nghị người quản trị tài khoản giao việc này."
            )
        elif line.sheet is not None:
            try:
                refuse_sent(line.sheet)
            except DomainError as refusal:
                found[unit.pk] = str(refusal)
    return found


def _lock_members(period: Period, units: Iterable[int]) -> None:
    """Members first, then their sheets, each in the order of their keys: as everybody does."""
    parts = Participation.objects.filter(campaign=period.campaign_id, unit__in=units)
    held = parts.order_by("pk").select_for_update(no_key=True).values_list("pk", flat=True)
    sheets = ResultSheet.objects.filter(period=period, participation__in=list(held))
    list(sheets.order_by("pk").select_for_update(no_key=True).values_list("pk", flat=True))


def _locked(pending: ResultImport) -> ResultImport:
    locked(pending)
    return ResultImport.objects.select_related("period__campaign", "unit").get(pk=pending.pk)


def _decide(
    pending: ResultImport, to: State, actor: User, now: datetime, note: str = ""
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
    )


def _line(
    action: str, sheet: ResultSheet, actor: User, now: datetime, note: str = ""
) -> AuditEntry:
    return entry(action, sheet, actor=actor, now=now, unit=sheet.participation.unit, note=note)


def _kept_words(one: Difference) -> str:
    conflict = one.conflict
    assert conflict is not None
    return (
        f"Ô {one.at}: {conflict.who} đã ghi {conflict.theirs} lúc "
        f"{timezone.localtime(conflict.at):%H:%M %d/%m/%Y}, sau khi tải bảng tính; số trong tệp "
        f"({conflict.mine}) không ghi đè."
    )


# --- preview, accept, discard ---------------------------------------------------------------------
def preview_import(pending: ResultImport, *, actor: User, now: datetime) -> Preview:
    """What accepting would do now; reads only."""
    said = _unpacked(pending)
    lines = _lines_of(pending, said)
    pen = Pen(actor, now, ResultHistory.Source.FILE, pending)
    desks = _desks(lines, pending.period, pen)
    weighing = _Weighing(desks, _refusals(lines, actor), pending.unit_id is None)
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
    pending = _locked(pending)
    period = pending.period
    _refuse_now(period, now=now)
    if pending.plan_revision != period.campaign.revision:
        raise DomainError(
            f"Kế hoạch đã có bản sửa {period.campaign.revision} sau khi tải tệp lên (tệp theo bản "
            f"sửa {pending.plan_revision}). Tải bảng tính mới rồi chép số sang."
        )
    said = _unpacked(pending)
    _lock_members(period, {one.unit for one in said})
    lines = _lines_of(pending, said)
    pen = Pen(actor, now, ResultHistory.Source.FILE, pending)
    desks = _desks(lines, period, pen)
    weighing = _Weighing(desks, _refusals(lines, actor), pending.unit_id is None, mine or {})
    left = [one for one in weighing.weigh(said) if one.kind in (WRONG, STALE)]
    if seen is not None and seen != weighing.digest:
        raise ChangedMeanwhile(
            "Chưa ghi gì: vừa có người khác ghi trên cổng những ô mà tệp cũng sửa. Xem số của hai "
            "bên dưới đây, chọn số đúng rồi ghi lại."
        )
    touched = [desk for desk in desks.values() if desk.lines]
    opened = [desk.sheet for desk in touched if desk.sheet.pk is None]
    ResultSheet.objects.bulk_create(opened)
    store(touched)
    pending.written = sum(len(desk.written) for desk in touched)
    pending.left = [
        [one.unit.name, one.indicator.code, one.at, one.problem or _kept_words(one)] for one in left
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
    return _decide(pending, State.ACCEPTED, actor, now, f"{decimal_text(pending.written)} ô đã ghi")


@transaction.atomic
def discard_import(pending: ResultImport, *, actor: User, now: datetime) -> ResultImport:
    """Nothing of the workbook is stored; the file stays."""
    return _decide(_locked(pending), State.DISCARDED, actor, now)


def annotated_workbook(pending: ResultImport, *, actor: User, now: datetime) -> bytes:
    """The workbook as it was sent, with a note at every cell that cannot be written."""
    preview = preview_import(pending, actor=actor, now=now)
    said = _unpacked(pending)
    wrong = {
        (one.unit.pk, one.indicator.pk): (one.field, one.problem or _kept_words(one))
        for one in preview.of(WRONG, STALE)
    }
    overlay = Overlay(
        typed={(one.unit, one.indicator): one.typed for one in said},
        versions={(one.unit, one.indicator): one.version for one in said},
        wrong=wrong,
    )
    return workbook(pending.period, pending.unit, actor=actor, now=now, overlay=overlay)


@transaction.atomic
def download_workbook(period: Period, unit: Unit | None, *, actor: User, now: datetime) -> bytes:
    """The workbook to be filled in; who took it is put on record."""
    content = workbook(period, unit, actor=actor, now=now)
    if unit is None:
        subject: Model = period.campaign
    else:
        subject = ResultSheet.objects.get(participation__unit=unit, period=period)
    action = f"{subject._meta.model_name}.workbook_downloaded"
    note = f"tải bảng tính Excel kỳ “{period}”" if unit is None else ""
    record(action, subject, actor=actor, now=now, unit=unit, note=note)
    return content


def workbook(
    period: Period,
    unit: Unit | None,
    *,
    actor: User,
    now: datetime,
    overlay: Overlay | None = None,
) -> bytes:
    """The workbook of one unit, which has begun its sheet, or of every member `actor` may see."""
    overlay = overlay or Overlay()
    if unit is not None:
        sheet = ResultSheet.objects.select_related(*queries.SHEET_RELATED).get(
            participation__unit=unit, period=period
        )
        return unit_workbook(sheet, now=now, overlay=overlay)
    year = period.period_to.year
    parts = policies.viewable_participations(actor, year).filter(campaign=period.campaign_id)
    lines = queries.member_lines(period, parts)
    refusals = _refusals(lines, actor)
    open_units = frozenset(line.participation.unit_id for line in lines) - refusals.keys()
    return units_workbook(period, lines, open_units, now=now, overlay=overlay)
