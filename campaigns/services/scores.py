"""Every write of a score sheet: score, send, open again, declare a gate.

Each begins by locking the sheet, so that two layers of one sheet never move under each other's
check.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from campaigns import policies, queries
from campaigns.models import (
    GateHit,
    ScoreEntry,
    ScoreHistory,
    ScoreLayer,
    ScoreSheet,
)
from campaigns.queries import Scoring
from campaigns.services.sheets import refuse_idle
from criteria.models import Layer, ScoreGate
from criteria.rules import Computed, Item, ScoreReading, read_score
from units.models import User
from units.rules import DomainError
from units.workflow import advance, locked, record

Typed = tuple[Mapping[str, str], int]  # what was typed, the version its page was drawn with
VALUES = ("applies", "points", "count", "reason", "computed", "how", "typed", "problem")


class LayerGone(Exception):
    """The layer is no more: an amendment took the blank sheet back, or members were told to score
    others. No page of the sheet is left to tell it on, so it is no DomainError."""


# --- score ----------------------------------------------------------------------------------------
@dataclass
class SavedScores:
    """What a save came to: entries written, and cells refused because somebody wrote meanwhile."""

    entries: list[ScoreEntry] = field(default_factory=list)
    stale: dict[int, Typed] = field(default_factory=dict)


@transaction.atomic
def record_scores(
    layer: ScoreLayer, cells: Mapping[int, Typed], *, actor: User, now: datetime
) -> SavedScores:
    """Write items as typed, (typed, version) by the key of the item. What cannot be read is kept
    word for word and counts as not scored; writing again what is there changes nothing.

    A stale cell is handed back and stops nothing. Raises DomainError when the layer is sent, waits
    for the one before, or is not the actor's to fill.
    """
    layer, scoring = editable_layer(layer, actor)
    saved = SavedScores()
    items = {row.pk: scoring.table_item(row.ref) for row in scoring.rows.values()}
    first = not scoring.before(layer.layer)
    for pk, (typed, version) in cells.items():
        item = items.get(pk)
        if item is None or item.method == "sum":
            raise DomainError("Bảng chấm điểm không có mục này. Tải lại trang.")
        reading = read_score(item, scoring.table.rounding, typed, first=first)
        entry = scoring.entries[layer.pk].get(item.ref)
        if entry is None:
            entry = ScoreEntry(score_layer=layer, item_id=pk, version=0, saved_at=now)
        if _same(entry, reading):
            continue
        if entry.version != version:
            saved.stale[pk] = (typed, entry.version)
            continue
        _put(entry, reading, _computed(scoring, layer, item), actor, now)
        saved.entries.append(entry)
    if saved.entries:
        touch(scoring.sheet)
    return saved


def _computed(scoring: Scoring, layer: ScoreLayer, item: Item) -> Computed | None:
    if layer.layer != Layer.SELF and not scoring.facts.accepted:
        return None
    return queries.given_for(item, scoring.facts, scoring.table.rounding).computed


def _same(entry: ScoreEntry, reading: ScoreReading) -> bool:
    names = ("applies", "points", "count", "reason", "typed", "problem")
    held = [getattr(entry, name) for name in names]
    return held == [
        dict(reading.typed) if name == "typed" else getattr(reading, name) for name in names
    ]


def _put(
    entry: ScoreEntry, reading: ScoreReading, computed: Computed | None, actor: User, now: datetime
) -> None:
    entry.applies, entry.points, entry.count = reading.applies, reading.points, reading.count
    entry.reason, entry.problem = reading.reason, reading.problem
    entry.typed = dict(reading.typed)
    entry.computed = computed.points if computed else None
    entry.how = computed.how if computed and reading.how != queries.BY_RESULT else reading.how
    entry.version += 1
    entry.saved_at, entry.saved_by = now, actor
    entry.save()
    ScoreHistory.objects.create(
        entry=entry,
        version=entry.version,
        at=now,
        by=actor,
        **{name: getattr(entry, name) for name in VALUES},
    )


@transaction.atomic
def take_over(layer: ScoreLayer, *, actor: User, now: datetime) -> int:
    """Give every item not yet scored what the layer before gave; how many.

    Raises DomainError for the first layer, and as `record_scores` does.
    """
    layer, scoring = editable_layer(layer, actor)
    before = scoring.before(layer.layer)
    if not before:
        raise DomainError("Lớp chấm đầu tiên không có lớp trước để lấy điểm.")
    given, taken = scoring.together(before), 0
    for item in scoring.table.leaves:
        entry = scoring.entries[layer.pk].get(item.ref)
        value = scoring.values[layer.pk][item.ref]
        if value.given or (entry is not None and entry.problem):
            continue
        old = given[item.ref]
        reading = ScoreReading(old.applies, old.points, None, old.reason if not old.applies else "")
        if entry is None:
            row = scoring.rows[item.ref]
            entry = ScoreEntry(score_layer=layer, item=row, version=0, saved_at=now)
        _put(entry, reading, _computed(scoring, layer, item), actor, now)
        taken += 1
    if taken:
        touch(scoring.sheet)
        note_act("scoresheet.taken_over", layer, scoring.sheet, actor, now, f"{taken} mục")
    return taken


# --- send and open again --------------------------------------------------------------------------
@transaction.atomic
def send_layer(layer: ScoreLayer, *, actor: User, now: datetime) -> ScoreLayer:
    """Freeze what the layer gives, points computed from results included.

    Raises DomainError with the list of what is still to be done, and as `record_scores` does.
    """
    layer, scoring = editable_layer(layer, actor)
    if layer.layer != Layer.SELF and scoring.reads_results and not scoring.facts.accepted:
        unit = scoring.sheet.participation.unit
        raise DomainError(
            f"Phiếu kết quả của {unit} kỳ “{scoring.sheet.period}” chưa được thẩm định nên chưa "
            "gửi điểm được. Thẩm định phiếu kết quả trước."
        )
    if left := queries.left_to_score(scoring, layer):
        listed = ", ".join(f"{one.why} {one.item.code}" for one in left)
        raise DomainError(f"Còn {len(left)} việc trước khi gửi: {listed}.")
    for item in scoring.table.leaves:
        value = scoring.values[layer.pk][item.ref]
        if value.by_hand:
            continue
        entry = scoring.entries[layer.pk].get(item.ref)
        if entry is None:
            row = scoring.rows[item.ref]
            entry = ScoreEntry(score_layer=layer, item=row, version=0, saved_at=now)
        reading = ScoreReading(value.applies, value.points, None, value.reason, value.how)
        _put(entry, reading, _computed(scoring, layer, item), actor, now)
    results = scoring.facts.sheet
    layer = advance(
        layer,
        ScoreLayer.State.SENT,
        actor=actor,
        now=now,
        unit=layer.scorer,
        sent_at=now,
        sent_by=actor,
        result_revision=results.revision if results else None,
        targets_read=scoring.facts.yardstick.stamp,
    )
    touch(scoring.sheet)
    note_act("scoresheet.sent", layer, scoring.sheet, actor, now, str(layer))
    return layer


@transaction.atomic
def reopen_layer(layer: ScoreLayer, *, reason: str, actor: User, now: datetime) -> ScoreLayer:
    """Let a layer be scored again, with a reason; a ranking published on it is stale from here.

    Raises DomainError without a reason, and while a later layer stands on it.
    """
    scoring, reason = _scoring(layer), reason.strip()
    layer = _layer(scoring, layer.pk)
    if not reason:
        raise DomainError("Ghi lý do mở lại: người chấm cần biết phải xem lại mục nào, vì sao.")
    after = scoring.table.layers[scoring.table.layers.index(layer.layer) + 1 :]
    sent = [one for name in after for one in scoring.of(name) if one.state == ScoreLayer.State.SENT]
    if sent:
        names = ", ".join(str(one) for one in sent)
        raise DomainError(f"Lớp sau đã gửi trên cơ sở lớp này: {names}. Mở lại lớp sau trước.")
    layer = advance(
        layer,
        ScoreLayer.State.REOPENED,
        actor=actor,
        now=now,
        unit=layer.scorer,
        note=reason,
        reopen_reason=reason,
    )
    touch(scoring.sheet)
    note_act("scoresheet.reopened", layer, scoring.sheet, actor, now, f"{layer}: {reason}")
    return layer


# --- gates ----------------------------------------------------------------------------------------
@transaction.atomic
def declare_gate(
    layer: ScoreLayer, gate: ScoreGate, *, reason: str, actor: User, now: datetime
) -> GateHit | None:
    """Say that a gate holds against the unit, with a reason; without one it is withdrawn.

    Raises DomainError for a gate of another table or one that an indicator decides.
    """
    layer, scoring = editable_layer(layer, actor)
    reason = reason.strip()
    if gate.table_id != scoring.sheet.table_id or gate.indicator_id is not None:
        raise DomainError(
            f"“{gate}” không ghi tay ở phiếu này: điều kiện theo tiêu chí do kết quả quyết định."
        )
    held = GateHit.objects.filter(score_layer=layer, gate=gate)
    if not reason:
        if held.delete()[0]:
            touch(scoring.sheet)
            note_act("scoresheet.gate_withdrawn", layer, scoring.sheet, actor, now, str(gate))
        return None
    hit, _ = GateHit.objects.update_or_create(
        score_layer=layer, gate=gate, defaults={"reason": reason, "at": now, "by": actor}
    )
    touch(scoring.sheet)
    note_act("scoresheet.gate_declared", layer, scoring.sheet, actor, now, f"{gate}: {reason}")
    return hit


# --- shared ---------------------------------------------------------------------------------------
def _scoring(layer: ScoreLayer) -> Scoring:
    """The sheet of a layer, locked and read whole."""
    try:
        locked(layer.score_sheet)
    except ScoreSheet.DoesNotExist as error:
        raise LayerGone from error
    rows = ScoreSheet.objects.select_related(*queries.SCORE_RELATED)
    return queries.scoring_of(rows.get(pk=layer.score_sheet_id))


def _layer(scoring: Scoring, pk: int) -> ScoreLayer:
    found = next((one for one in scoring.layers if one.pk == pk), None)
    if found is None:
        raise LayerGone
    return found


def editable_layer(layer: ScoreLayer, actor: User) -> tuple[ScoreLayer, Scoring]:
    """A layer, locked with its sheet, that `actor` may fill now. Raises DomainError otherwise, and
    LayerGone for one that is no more."""
    scoring = _scoring(layer)
    layer = _layer(scoring, layer.pk)
    unit = scoring.sheet.participation.unit
    refuse_idle(scoring.sheet.participation.campaign)
    if layer.layer != Layer.SELF and policies.own_units(actor).filter(pk=unit.pk).exists():
        raise DomainError(
            f"{actor} thuộc {unit} nên không chấm điểm của đơn vị mình ở lớp "
            f"“{layer.get_layer_display()}”. Chuyển cho người khác."
        )
    if layer.state == ScoreLayer.State.SENT:
        raise DomainError(
            f"Lượt {layer} đã gửi nên không sửa được. Nếu cần sửa, đề nghị cơ quan chủ trì chấm "
            "điểm mở lại."
        )
    if waits := queries.waits_for(scoring, layer):
        raise DomainError(f"Lớp “{waits}” chưa gửi đủ nên chưa chấm được lớp này.")
    return layer, scoring


def touch(sheet: ScoreSheet) -> None:
    """A new revision; an order that a meeting gave among equals was given to other scores."""
    sheet.revision += 1
    sheet.tie_place, sheet.tie_reason = None, ""
    sheet.save(update_fields=["revision", "tie_place", "tie_reason"])


def note_act(
    action: str, layer: ScoreLayer, sheet: ScoreSheet, actor: User, now: datetime, note: str
) -> None:
    """`layer` goes on record, so that its words are read only by those who may see it."""
    said = {"unit": layer.scorer, "note": note, "data": {"layer": layer.pk}}
    record(action, sheet, actor=actor, now=now, **said)
