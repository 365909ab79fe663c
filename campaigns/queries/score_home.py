"""Scoring of a plan on one page: its tables, how far its sheets are; and what is to be scored."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet
from django.urls import reverse

from campaigns import policies
from campaigns.models import Campaign, Period, ScoreLayer, ScoreSheet
from campaigns.queries.scores import layer_due
from criteria.models import Layer, ScoreItem, ScoreTable
from criteria.queries import score_table, score_tables
from criteria.rules import BY_LEVEL, Band, Item, Table
from units.models import Unit, User
from units.queries import Todo, TodoKind
from units.rules import decimal_text


# --- the table in words ---------------------------------------------------------------------------
@dataclass(frozen=True)
class TableLine:
    """One item of a table: how deep it stands, and how it is scored in words."""

    row: ScoreItem
    depth: int
    how: str


@dataclass(frozen=True)
class TableView:
    table: ScoreTable
    lines: list[TableLine]
    sentences: list[str]

    @property
    def with_peers(self) -> bool:
        return any(line.layer == Layer.PEER for line in self.table.layers.all())


def tables_in(campaign: Campaign) -> QuerySet[ScoreTable]:
    return ScoreTable.objects.filter(criteria_set=campaign.criteria_set_id)


def peer_tables(campaign: Campaign) -> QuerySet[ScoreTable]:
    """The tables with a layer in which members score each other."""
    return tables_in(campaign).filter(layers__layer=Layer.PEER)


def layer_for(user: User, sheet: ScoreSheet) -> tuple[ScoreLayer | None, bool, bool]:
    """The layer of a sheet that is the viewer's to fill or send now, and which of both he may."""
    rows = ScoreLayer.objects.filter(score_sheet=sheet).exclude(state=ScoreLayer.State.SENT)
    scores = set(policies.scorable_layers(user).filter(pk__in=rows).values_list("pk", flat=True))
    sends = set(policies.sendable_layers(user).filter(pk__in=rows).values_list("pk", flat=True))
    running = sheet.participation.campaign.state == Campaign.State.ISSUED
    layer = next((row for row in rows if row.pk in scores | sends), None) if running else None
    if layer is None:
        return None, False, False
    return layer, layer.pk in scores, layer.pk in sends


def sent_layers(user: User, sheet: ScoreSheet) -> list[ScoreLayer]:
    """Layers that the viewer may open again."""
    rows = policies.reopenable_layers(user).filter(score_sheet=sheet, state=ScoreLayer.State.SENT)
    return list(rows.select_related("scorer", "sent_by"))


def table_views(campaign: Campaign) -> list[TableView]:
    """Every table of a plan as its page shows it; a fixed number of SQL queries."""
    return [_view(table) for table in score_tables(campaign.criteria_set_id)]


def _view(table: ScoreTable) -> TableView:
    plain = score_table(table)
    rows = {row.ref: row for row in table.items.all()}
    depths: dict[str, int] = {}
    lines = []
    for item in plain.items:
        depths[item.ref] = depths.get(item.parent, -1) + 1
        lines.append(
            TableLine(rows[item.ref], depths[item.ref], method_words(item, rows[item.ref]))
        )
    return TableView(table, lines, [*_sums(table), *_outcomes(table), _ties(table, plain)])


def _sums(table: ScoreTable) -> Iterator[str]:
    """Since when, who scores by when, and how the parts are put together."""
    if table.in_force_from:
        since = f"{table.in_force_from:%d/%m/%Y}"
        yield f"Áp dụng cho kỳ kết thúc từ ngày {since}, theo {table.decision}"
    told = []
    for line in table.layers.all():
        days = f" trong {line.days} ngày sau khi khóa kỳ" if line.days is not None else ""
        told.append(f"{line.get_layer_display()}{days}")
    yield f"Các lớp chấm: {'; '.join(told)}"
    yield f"Mục không áp dụng: {table.get_not_applicable_display()}"
    if table.bonus_ceiling is not None:
        yield f"Tổng điểm thưởng không quá {decimal_text(table.bonus_ceiling)}"
    if table.penalty_ceiling is not None:
        yield f"Tổng điểm trừ không quá {decimal_text(table.penalty_ceiling)}"
    most = decimal_text(table.max_points)
    yield f"Tổng điểm được vượt {most}" if table.may_exceed else f"Tổng điểm không quá {most}"
    yield f"Điểm lấy {table.digits} chữ số thập phân, làm tròn {table.get_rounding_display()}"


def _outcomes(table: ScoreTable) -> Iterator[str]:
    for band in table.bands.all():
        after = ", chỉ được đưa ra bình xét" if band.admits else ""
        yield f"Xếp loại {band.name}: tổng điểm {Band(band.lower, band.upper).words}{after}"
    for gate in table.gates.all():
        code = f" ({gate.indicator.code})" if gate.indicator else ""
        shut = f" ({gate.band})" if gate.band else ""
        yield f"Điều kiện loại: {gate.name}{code}, {gate.get_effect_display()}{shut}"


def _ties(table: ScoreTable, plain: Table) -> str:
    places = f" ở {table.decided_places} hạng đầu" if table.decided_places else ""
    steps = [tie.label for tie in plain.ties]
    told = "; ".join([*steps, f"{table.get_tie_end_display()}{places}"])
    return f"Bằng điểm thì xét lần lượt: {told}"


def method_words(item: Item, row: ScoreItem) -> str:
    """ "Kết quả ÷ chỉ tiêu HS × điểm tối đa"."""
    code = row.indicator.code if row.indicator else ""
    floor = f", thấp nhất {decimal_text(item.floor)}" if item.floor is not None else ""
    if item.method == "steps":
        on = f"% đạt chỉ tiêu {code}" if item.basis == "target" else f"Kết quả {code}"
        steps = "; ".join(f"{s.words}: {decimal_text(s.points)} điểm" for s in item.steps)
        return f"{on}: {steps}"
    if item.method == "proportional":
        return f"Kết quả ÷ chỉ tiêu {code} × điểm tối đa{floor}"
    if item.method == "yes_no":
        return f"Đạt {code}".rstrip() + f" thì đủ điểm, không thì {decimal_text(item.least)}"
    if item.method == "count":
        after = f", số lần lấy từ {code}" if code else ""
        return f"{decimal_text(item.each or 0)} điểm mỗi lần{after}"
    if item.method == BY_LEVEL:
        levels = (f"{one.name or one.level} {decimal_text(one.points)} điểm" for one in item.levels)
        return f"Mức đánh giá {code}: {'; '.join(levels)}"
    return f"Chấm điểm{floor}" if item.method == "manual" else ""


# --- how far the sheets are -----------------------------------------------------------------------
@dataclass(frozen=True)
class LayerState:
    label: str
    done: bool
    words: str


@dataclass(frozen=True)
class ScoreLine:
    """One sheet of the list; `mine` are the layers that the viewer may fill now."""

    sheet: ScoreSheet
    states: list[LayerState]
    mine: bool


def score_lines(user: User, period: Period) -> list[ScoreLine]:
    """The sheets of a period that `user` may see; six SQL queries."""
    sheets = list(
        policies.viewable_score_sheets(user)
        .filter(period=period)
        .select_related("participation__unit", "table")
        .prefetch_related("layers__scorer", "table__layers")
        .order_by("table", "participation__unit__name", "pk")
    )
    mine = set(policies.scorable_layers(user).values_list("pk", flat=True))
    made = []
    for sheet in sheets:
        layers: dict[str, list[ScoreLayer]] = defaultdict(list)
        for layer in sheet.layers.all():
            layers[layer.layer].append(layer)
        order = [line.layer for line in sheet.table.layers.all()]
        ready = _ready(layers, order)
        made.append(
            ScoreLine(
                sheet,
                [_state(name, layers[name]) for name in order],
                any(one.pk in mine for name in ready for one in layers[name] if not _sent(one)),
            )
        )
    return made


def _sent(layer: ScoreLayer) -> bool:
    return bool(layer.state == ScoreLayer.State.SENT)


def _ready(layers: dict[str, list[ScoreLayer]], order: Sequence[str]) -> list[str]:
    """The layers whose turn it is: those sent, and the first that is not."""
    ready = []
    for name in order:
        ready.append(name)
        if not layers[name] or not all(map(_sent, layers[name])):
            break
    return ready


def _state(name: str, rows: list[ScoreLayer]) -> LayerState:
    label = Layer(name).label
    label = label[:1].upper() + label[1:]
    sent = sum(map(_sent, rows))
    if not rows:
        return LayerState(label, False, "chưa phân công")
    if sent == len(rows):
        return LayerState(label, True, "đã gửi")
    words = f"{sent} trên {len(rows)} đã gửi" if len(rows) > 1 else rows[0].get_state_display()
    return LayerState(label, False, words)


# --- Việc cần làm ---------------------------------------------------------------------------------
def score_todo(user: User, today: date) -> list[Todo]:
    """What `user` has to score or send, by layer, scorer and period; five SQL queries."""
    acts = policies.scorable_layers(user) | policies.sendable_layers(user)
    rows = list(
        acts.exclude(state=ScoreLayer.State.SENT)
        .filter(
            score_sheet__participation__campaign__state=Campaign.State.ISSUED,
            score_sheet__period__period_from__lte=today,
        )
        .distinct()
        .select_related(
            "scorer",
            "score_sheet__table",
            "score_sheet__period",
            "score_sheet__participation__unit",
            "score_sheet__participation__campaign",
        )
        .prefetch_related("score_sheet__layers", "score_sheet__table__layers")
        .order_by("score_sheet__participation__unit__name", "pk")
    )
    turns: dict[tuple[str, int, int], list[ScoreLayer]] = defaultdict(list)
    for row in rows:
        sheet = row.score_sheet
        layers: dict[str, list[ScoreLayer]] = defaultdict(list)
        for one in sheet.layers.all():
            layers[one.layer].append(one)
        if row.layer in _ready(layers, [line.layer for line in sheet.table.layers.all()]):
            turns[row.layer, row.scorer_id, sheet.period_id].append(row)
    return [_todo(layers) for layers in turns.values()]


def _todo(layers: list[ScoreLayer]) -> Todo:
    first = layers[0]
    sheet, count = first.score_sheet, len(layers)
    period, campaign = sheet.period, sheet.participation.campaign
    due = layer_due(sheet.table, first.layer, period)
    names = _names(one.score_sheet.participation.unit for one in layers)
    title = {
        Layer.SELF: f"Tự chấm điểm {period.in_a_sentence}",
        Layer.PEER: f"Chấm chéo {period.in_a_sentence}: {names}",
    }.get(Layer(first.layer), f"Thẩm định điểm {period.in_a_sentence}: {names}")
    if count == 1:
        url = reverse("campaigns:score_sheet_detail", args=[sheet.pk])
    else:
        url = f"{reverse('campaigns:campaign_scores', args=[campaign.ref])}?ky={period.ref}"
    own = first.layer in policies.BY_MEMBERS
    return Todo(
        kind=TodoKind.OWED if own else TodoKind.WAITING,
        title=title,
        url=url,
        due_on=due,
        due_text=f"đến hết ngày {due:%d/%m/%Y}" if due else "Bảng chấm điểm không ghi hạn",
        why=f"Mở lại: {first.reopen_reason}" if first.reopen_reason else "",
        label="Chấm điểm",
        subject=f"{first.scorer}, {campaign}",
        count=count,
    )


def _names(units: Iterable[Unit]) -> str:
    """Two by name, more by number."""
    listed = list(units)
    if len(listed) > 2:
        return f"{len(listed)} đơn vị"
    return " và ".join(str(unit) for unit in listed)
