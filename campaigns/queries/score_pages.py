"""The page of one score sheet: columns, rows, gates, what happened."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import Q

from campaigns.models import (
    GateHit,
    ScoreEntry,
    ScoreEvidence,
    ScoreHistory,
    ScoreLayer,
    ScoreSheet,
)
from campaigns.queries.cell_history import standing
from campaigns.queries.score_facts import Given, given_for
from campaigns.queries.scores import (
    Scoring,
    ToScore,
    Value,
    by_machine,
    files_beside,
    gates_hit,
    layer_due,
    left_to_score,
    open_because,
    scored,
    scoring_of,
)
from campaigns.queries.yardsticks import layers_amended
from criteria.models import Layer, ScoreGate, ScoreItem
from criteria.rules import (
    Item,
    Scored,
    Total,
    rounded,
    score_field,
    telling_digits,
    total_of,
)
from units.queries import SERVER, Happening, history
from units.rules import decimal_text

VERBS = {
    "scoresheet.opened": "mở phiếu chấm điểm",
    "scoresheet.peers_assigned": "phân công chấm chéo",
    "scoresheet.sent": "gửi điểm",
    "scoresheet.reopened": "mở lại",
    "scoresheet.taken_over": "lấy điểm của lớp trước",
    "scoresheet.gate_declared": "ghi điều kiện loại",
    "scoresheet.gate_withdrawn": "bỏ điều kiện loại",
    "scoresheet.evidence_added": "tải lên minh chứng",
    "scoresheet.evidence_removed": "gỡ minh chứng",
    "scoresheet.tie_settled": "ghi thứ tự khi bằng điểm",
}
OWN_ACTS = (
    "scoresheet.gate_declared",
    "scoresheet.gate_withdrawn",
    "scoresheet.evidence_added",
    "scoresheet.evidence_removed",
)
METHODS = {
    "steps": "theo bậc",
    "proportional": "theo tỷ lệ đạt",
    "yes_no": "đạt hoặc không",
    "count": "theo số lần",
    "level": "theo mức đánh giá",
}


@dataclass(frozen=True)
class Column:
    """A layer as a column. `shown` is its total once everything is scored and sent."""

    label: str
    state: str
    shown: str
    values: Mapping[str, Value] = field(default_factory=dict)
    total: Total | None = None

    def cell(self, item: Item) -> str:
        if item.method == "sum":
            found = self.total.parts.get(item.ref) if self.total else None
            return "–" if found is None else decimal_text(rounded(found, 4))
        return self.values[item.ref].words if item.ref in self.values else "–"


@dataclass(frozen=True)
class Line:
    """One item. `name_of_field` is what a person fills; `typed` what the fields show."""

    item: Item
    row: ScoreItem
    depth: int
    given: Given
    cells: list[tuple[str, str]]  # the layer, what it gives
    told: list[tuple[str, str]]
    files: list[tuple[ScoreLayer, ScoreEvidence, str]]  # and which other items it proves
    name_of_field: str = ""
    typed: Mapping[str, str] = field(default_factory=dict)
    version: int = 0
    problem: str = ""
    why: str = ""
    how: str = ""
    stands: str = ""
    entry: ScoreEntry | None = None
    clash: str = ""

    @property
    def key(self) -> str:
        return f"s{self.row.pk}"

    @property
    def is_heading(self) -> bool:
        return self.item.method == "sum"

    @property
    def method_words(self) -> str:
        return METHODS.get(self.item.method, "")


@dataclass(frozen=True)
class GateLine:
    """A gate and, where it holds against the unit, why; `mine` is what the layer being filled
    declares, `waits` the code of a criterion in words that nobody has assessed."""

    gate: ScoreGate
    why: str = ""
    mine: GateHit | None = None
    waits: str = ""


@dataclass(frozen=True)
class ScorePage:
    scoring: Scoring
    layer: ScoreLayer | None
    columns: list[Column]
    lines: list[Line]
    gates: list[GateLine]
    left: list[ToScore]
    due: date | None
    happened: list[Happening]
    waits_for: str
    running: str
    saved_at: datetime | None
    stale: bool
    amended: str  # which amendment came after a layer was sent, in a sentence

    @property
    def sheet(self) -> ScoreSheet:
        return self.scoring.sheet

    @property
    def title(self) -> str:
        return f"Phiếu chấm điểm {self.sheet.period.in_a_sentence}"

    def line(self, item_pk: int) -> list[Line]:
        return [line for line in self.lines if line.row.pk == item_pk]


def score_page(
    sheet: ScoreSheet,
    layer: ScoreLayer | None = None,
    *,
    refused: Mapping[int, tuple[Mapping[str, str], int]] | None = None,
) -> ScorePage:
    """A sheet as its page shows it; `layer` is the one that the viewer fills.

    `refused` are cells that were not saved, by the key of the item: their words are shown again. A
    fixed number of SQL queries. Needs SCORE_RELATED selected.
    """
    scoring = scoring_of(sheet)
    mine = next((one for one in scoring.layers if layer and one.pk == layer.pk), None)
    columns = _columns(scoring, mine)
    depths: dict[str, int] = {}
    lines = []
    for item in scoring.table.items:
        depths[item.ref] = depths.get(item.parent, -1) + 1
        lines.append(_line(scoring, mine, item, depths[item.ref], columns, refused or {}))
    hit = gates_hit(scoring)
    declared = {h.gate_id: h for h in mine.gate_hits.all()} if mine else {}
    gates = [
        GateLine(gate, hit.get(gate.ref, ""), declared.get(gate.pk), _waits(scoring, gate))
        for gate in scoring.score_table.gates.all()
    ]
    saved = [e.saved_at for e in scoring.entries[mine.pk].values()] if mine else []
    return ScorePage(
        scoring=scoring,
        layer=mine,
        columns=columns,
        lines=lines,
        gates=gates,
        left=left_to_score(scoring, mine) if mine else [],
        due=layer_due(scoring.score_table, mine.layer, sheet.period) if mine else None,
        happened=score_history(sheet, open_layers(scoring, mine)),
        waits_for=waits_for(scoring, mine) if mine else "",
        running=_running(scoring, mine) if mine else "",
        saved_at=max(saved, default=None),
        stale=_stale(scoring),
        amended=layers_amended(scoring),
    )


def _waits(scoring: Scoring, gate: ScoreGate) -> str:
    indicator = gate.indicator
    return indicator.code if indicator and scoring.facts.is_waiting(indicator.ref) else ""


def waits_for(scoring: Scoring, layer: ScoreLayer) -> str:
    """The layer before, while it is not in: until then there is nothing to hold scores against."""
    before = scoring.before(layer.layer)
    return Layer(before).label if before and not scoring.complete(before) else ""


def _stale(scoring: Scoring) -> bool:
    """Whether results changed since a layer that read them was sent."""
    now = scoring.facts.sheet.revision if scoring.facts.sheet else None
    sent = [one for one in scoring.layers if one.state == ScoreLayer.State.SENT]
    return any(one.result_revision not in (None, now) for one in sent if one.layer != Layer.SELF)


def _columns(scoring: Scoring, mine: ScoreLayer | None) -> list[Column]:
    """A column a layer, but for the one that is being filled: that is the entry itself."""
    made = []
    totals = {}
    for name in scoring.table.layers:
        if scoring.complete(name):
            values = scoring.together(name)
            totals[name] = (values, total_of(scoring.table, scored(values)))
    digits = telling_digits(
        [total.total for _, total in totals.values()], scoring.table.rounding.digits
    )
    for name in scoring.table.layers:
        label, rows = Layer(name).label, scoring.of(name)
        label = label[:1].upper() + label[1:]
        if name in totals:
            values, total = totals[name]
            shown = decimal_text(rounded(total.total, digits))
            made.append(Column(label, "đã gửi", shown, values, total))
        elif mine is None or name != mine.layer:
            sent = sum(one.state == ScoreLayer.State.SENT for one in rows)
            state = f"{sent} trên {len(rows)} đã gửi" if len(rows) > 1 else "đang chấm"
            made.append(Column(label, state if rows else "chưa phân công", ""))
    return made


def _running(scoring: Scoring, layer: ScoreLayer) -> str:
    """The total so far, of what is scored."""
    values = {ref: one for ref, one in scoring.values[layer.pk].items() if one.given}
    if not values:
        return ""
    whole = {ref: Scored() for ref in scoring.values[layer.pk]} | scored(values)
    total = total_of(scoring.table, whole).total
    return decimal_text(rounded(total, scoring.table.rounding.digits))


def _line(
    scoring: Scoring,
    layer: ScoreLayer | None,
    item: Item,
    depth: int,
    columns: list[Column],
    refused: Mapping[int, tuple[Mapping[str, str], int]],
) -> Line:
    row = scoring.rows[item.ref]
    given = given_for(item, scoring.facts, scoring.table.rounding)
    told = [
        (column.label, value.reason)
        for column in columns
        if (value := column.values.get(item.ref)) and value.reason
    ]
    cells = [(column.label, column.cell(item)) for column in columns]
    files = _files(scoring, layer, item)
    if layer is None or item.method == "sum":
        return Line(item, row, depth, given, cells, told, files)
    entry = scoring.entries[layer.pk].get(item.ref)
    value = scoring.values[layer.pk][item.ref]
    first = not scoring.before(layer.layer)
    stored = typed_of(item, entry, first=first)
    typed, clash = stored, ""
    if row.pk in refused:
        typed = stored | dict(refused[row.pk][0])
        who = entry.saved_by if entry else None
        clash = f"{who or SERVER} vừa ghi {value.words}. Chưa lưu số vừa nhập; lưu lại để thay."
    return Line(
        item,
        row,
        depth,
        given,
        cells,
        told,
        files,
        name_of_field=score_field(item, first=first),
        typed=typed,
        version=entry.version if entry else 0,
        problem=entry.problem if entry else "",
        why=open_because(scoring, layer, item),
        how=value.how,
        stands=value.words,
        entry=entry,
        clash=clash,
    )


def _files(
    scoring: Scoring, mine: ScoreLayer | None, item: Item
) -> list[tuple[ScoreLayer, ScoreEvidence, str]]:
    """The files of the layers that may be read, each with the items that it proves as well, told by
    content and not by name."""
    found = []
    for layer in open_layers(scoring, mine):
        held = [one for one in layer.evidence.all() if one.removed_at is None]
        for file in files_beside(layer, scoring, item):
            same = {one.item_id for one in held if one.blob_id == file.blob_id} - {file.item_id}
            rows = sorted(row.code for row in scoring.rows.values() if row.pk in same)
            found.append((layer, file, ", ".join(rows)))
    return found


def typed_of(item: Item, entry: ScoreEntry | None, *, first: bool) -> dict[str, str]:
    """What the fields of an item show; what could not be read stands as it was typed."""
    empty = {"points": "", "count": "", "yes": "", "na": "", "reason": ""}
    if entry is None or by_machine(entry):
        return empty
    if entry.problem:
        return empty | entry.typed
    shown = empty | {"reason": entry.reason, "na": "" if entry.applies else "1"}
    name = score_field(item, first=first)
    if name == "count":
        return shown | {"count": "" if entry.count is None else str(entry.count)}
    if entry.points is None:
        return shown
    if name == "yes":
        return shown | {"yes": "yes" if entry.points == item.max_points else "no"}
    return shown | {"points": decimal_text(entry.points)}


def open_layers(scoring: Scoring, mine: ScoreLayer | None) -> list[ScoreLayer]:
    """The layers whose writes may be read: those that are in, and what the viewer fills himself.

    Members who score each other do it without a look at what the others give.
    """
    return [one for one in scoring.layers if scoring.complete(one.layer) or one == mine]


def score_history(
    sheet: ScoreSheet, layers: Iterable[ScoreLayer], limit: int = 20
) -> list[Happening]:
    """The acts on a sheet and the last writes in `layers`, newest first; two SQL queries.

    What a gate is declared for is as much the layer's own as its points are: it is read by those
    who may read these.
    """
    layers = list(layers)
    read = Q(data__layer__in=[one.pk for one in layers])
    acts = history(sheet, verbs=VERBS, limit=limit, without=Q(action__in=OWN_ACTS) & ~read)
    writes = (
        ScoreHistory.objects.filter(entry__score_layer__in=layers)
        .select_related("by", "entry__item", "entry__score_layer__scorer")
        .order_by("-at", "-pk")[:limit]
    )
    both = acts + [
        Happening(write.at, write_sentence(write)) for write in standing(writes, "entry_id")
    ]
    return sorted(both, key=lambda one: one.at, reverse=True)[:limit]


def write_sentence(write: ScoreHistory) -> str:
    """Needs `by`, `entry__item` and `entry__score_layer__scorer` selected."""
    who, layer = write.by or SERVER, write.entry.score_layer
    if write.problem:
        words = f"“{', '.join(write.typed.values())}” chưa hợp lệ"
    elif not write.applies:
        words = "không áp dụng"
    else:
        words = "để trống" if write.points is None else f"{decimal_text(write.points)} điểm"
    reason = f" ({write.reason})" if write.reason else ""
    return f"{who} ghi mục {write.entry.item.code}, {layer}: {words}{reason}."


def item_writes(sheet: ScoreSheet, item: ScoreItem, mine: ScoreLayer | None) -> list[Happening]:
    """Every write of one item that may be read, newest first; `mine` is what the viewer fills."""
    writes = ScoreHistory.objects.filter(
        entry__score_layer__in=open_layers(scoring_of(sheet), mine), entry__item=item
    ).select_related("by", "entry__item", "entry__score_layer__scorer")
    return [Happening(write.at, write_sentence(write)) for write in writes.order_by("-at", "-pk")]
