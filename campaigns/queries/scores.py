"""One score sheet as its page shows it: a row an item, a column a layer, what is left to do."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from campaigns.models import (
    Participation,
    Period,
    ScoreEntry,
    ScoreEvidence,
    ScoreLayer,
    ScoreSheet,
)
from campaigns.queries.figured import told_of
from campaigns.queries.members import ruler
from campaigns.queries.presence import stays_to_the_end
from campaigns.queries.score_facts import Facts, Given, facts_for, given_for
from campaigns.rules import Found
from criteria.models import Layer, ScoreItem, ScoreTable, TieStep
from criteria.queries import TABLE_PARTS, score_table, tables_of_groups, text_of
from criteria.rules import BY_LEVEL, Item, Scored, Table, Verdict, average, judge
from units.rules import decimal_text

SCORE_RELATED = (
    "participation__unit__kind",
    "participation__campaign__standing_agency",
    "participation__campaign__bloc",
    "period",
    "table__group",
)


# --- which table ----------------------------------------------------------------------------------
def tables_of_members(period: Period, members: Sequence[Participation]) -> dict[int, ScoreTable]:
    """The table that scores each member in a period, by the key of the participation; who is not
    scored is not there. Needs `unit` selected."""
    last = period.period_to
    tables = {
        group: table
        for group, rows in tables_of_groups([period.campaign.criteria_set_id]).items()
        for table in rows
        if table.holds_on(last)  # the one that replaces the others stays
    }
    if not tables:
        return {}
    rule, found = ruler(period.campaign, last.year), {}
    for part in members:
        mine = [group for group in rule.groups if group.pk in tables]
        group = next((group for group in mine if rule.measures(group, part.unit)), None)
        if group is not None:
            found[part.pk] = tables[group.pk]
    return found


def members_in(period: Period) -> list[Participation]:
    """Who takes part in the period to its end, by name."""
    parts = Participation.objects.filter(campaign=period.campaign_id).select_related("unit__kind")
    return [part for part in parts.order_by("unit__name", "pk") if stays_to_the_end(part, period)]


def layer_due(table: ScoreTable, layer: str, period: Period) -> date | None:
    """The day by which a layer is due: so many days after the period closes."""
    line = next((line for line in table.layers.all() if line.layer == layer), None)
    days = line.days if line else None
    return None if days is None else period.closes_on + timedelta(days=days)


# --- what a layer says ----------------------------------------------------------------------------
@dataclass(frozen=True)
class Value:
    """What one layer gives one item; no points while it is not scored."""

    points: Decimal | None = None
    applies: bool = True
    reason: str = ""
    how: str = ""
    computed: Decimal | None = None
    by_hand: bool = False

    @property
    def given(self) -> bool:
        return self.points is not None or not self.applies

    def same(self, other: "Value") -> bool:
        return (self.applies, self.points) == (other.applies, other.points)

    @property
    def words(self) -> str:
        if not self.applies:
            return "không áp dụng"
        return "–" if self.points is None else decimal_text(self.points)


def values_of(
    layer: ScoreLayer,
    entries: Mapping[str, ScoreEntry],
    table: Table,
    facts: Facts,
) -> dict[str, Value]:
    """What a layer gives every item: what was typed; else, while it is not sent, what the results
    give. Only the unit itself scores by results that are not accepted yet."""
    found = {}
    reads = layer.layer == Layer.SELF or facts.accepted
    for item in table.leaves:
        entry = entries.get(item.ref)
        if entry is not None and _typed(entry, layer):
            found[item.ref] = Value(
                entry.points, entry.applies, entry.reason, entry.how, entry.computed, True
            )
            continue
        said = entry.reason if entry else ""
        if layer.state == ScoreLayer.State.SENT or not item.computed or not reads:
            found[item.ref] = Value(reason=said)
            continue
        given = given_for(item, facts, table.rounding)
        if not given.applies:
            found[item.ref] = Value(applies=False, reason=given.reason, how=BY_RESULT)
        elif given.computed:
            points = given.computed.points
            found[item.ref] = Value(points, True, said, given.computed.how, points)
        else:
            found[item.ref] = Value(reason=said)
    return found


BY_RESULT = "theo phiếu kết quả"
NOT_ASSESSED = "chờ xét tiêu chí của"


def by_machine(entry: ScoreEntry) -> bool:
    """Whether the entry only keeps what the results gave when the layer was sent."""
    return entry.how == BY_RESULT or (
        entry.computed is not None and entry.points == entry.computed and not entry.reason
    )


def _typed(entry: ScoreEntry, layer: ScoreLayer) -> bool:
    """Whether the entry says what the item has; in a layer opened again the results are read
    anew."""
    if entry.problem or (entry.points is None and entry.applies):
        return False
    return layer.state == ScoreLayer.State.SENT or not by_machine(entry)


def averaged(peers: Iterable[Mapping[str, Value]], table: Table) -> dict[str, Value]:
    """What the members that score give together: the average of those for whom it applies, rounded
    as the table states."""
    rows = list(peers)
    found = {}
    for item in table.leaves:
        given = [row[item.ref] for row in rows]
        points = [one.points for one in given if one.points is not None]
        none_applies = bool(given) and not any(one.applies for one in given)
        told = "; ".join(one.reason for one in given if one.reason)
        found[item.ref] = Value(average(points, table.rounding), not none_applies, told)
    return found


def scored(values: Mapping[str, Value]) -> dict[str, Scored]:
    return {ref: Scored(one.points or Decimal(0), one.applies) for ref, one in values.items()}


@dataclass(frozen=True)
class Scoring:
    """A sheet with all its layers read: the table, the results, the values of each layer row."""

    sheet: ScoreSheet
    score_table: ScoreTable
    table: Table
    rows: Mapping[str, ScoreItem]
    facts: Facts
    layers: list[ScoreLayer]
    entries: Mapping[int, Mapping[str, ScoreEntry]]
    values: Mapping[int, Mapping[str, Value]]

    def of(self, layer: str) -> list[ScoreLayer]:
        return [one for one in self.layers if one.layer == layer]

    def table_item(self, ref: str) -> Item:
        return next(item for item in self.table.items if item.ref == ref)

    def complete(self, layer: str) -> bool:
        rows = self.of(layer)
        return bool(rows) and all(one.state == ScoreLayer.State.SENT for one in rows)

    def together(self, layer: str) -> Mapping[str, Value]:
        """What the layer says as a whole; of several members the average."""
        rows = self.of(layer)
        if layer == Layer.PEER:
            return averaged([self.values[one.pk] for one in rows], self.table)
        return self.values[rows[0].pk]

    def before(self, layer: str) -> str:
        """The layer before, "" for the first."""
        place = self.table.layers.index(layer)
        return self.table.layers[place - 1] if place else ""

    @property
    def reads_results(self) -> bool:
        """Whether points, a gate or a tie follow from the results of the unit."""
        table = self.table
        return (
            any(item.computed for item in table.items)
            or any(gate.indicator for gate in table.gates)
            or any(tie.by == TieStep.By.INDICATOR for tie in table.ties)
        )

    @property
    def unassessed(self) -> list[str]:
        """The codes of criteria in words that decide something here and that nobody has assessed:
        what the unit claims is no finding."""
        table = self.table
        refs = dict.fromkeys(
            [
                *(item.indicator for item in table.items if item.method == BY_LEVEL),
                *(gate.indicator for gate in table.gates),
                *(tie.ref for tie in table.ties if tie.by == TieStep.By.INDICATOR),
            ]
        )
        return [self.facts.indicators[ref].code for ref in refs if self.facts.is_waiting(ref)]

    @property
    def missing(self) -> list[str]:
        """What is not in, in words: layers, results that are read and are not accepted, criteria
        that are not assessed."""
        waits = self.reads_results and not self.facts.accepted
        told = ["kết quả chưa được thẩm định"] if waits else []
        if not waits and self.unassessed:
            told.append(f"chưa xét tiêu chí {', '.join(self.unassessed)}")
        for layer in self.table.layers:
            label = Layer(layer).label
            rows = self.of(layer)
            if not rows:
                told.append(f"{label} (chưa phân công)")
            waiting = [one for one in rows if one.state != ScoreLayer.State.SENT]
            if waiting:
                told.append(f"{label} ({', '.join(str(one.scorer) for one in waiting)})")
        return told


def scorings(sheets: Sequence[ScoreSheet]) -> dict[int, Scoring]:
    """Every sheet read whole, by its key; all of one period and one table. A fixed number of SQL
    queries. Needs SCORE_RELATED selected."""
    if not sheets:
        return {}
    whole = ScoreTable.objects.prefetch_related(*TABLE_PARTS).get(pk=sheets[0].table_id)
    table, items = score_table(whole), {item.ref: item for item in whole.items.all()}
    refs = {item.pk: ref for ref, item in items.items()}
    facts = facts_for(sheets, table)
    layers: dict[int, list[ScoreLayer]] = defaultdict(list)
    rows = ScoreLayer.objects.filter(score_sheet__in=sheets).select_related("scorer", "sent_by")
    for row in rows.prefetch_related("entries__saved_by", "gate_hits__gate", "evidence__blob"):
        layers[row.score_sheet_id].append(row)
    found = {}
    for sheet in sheets:
        mine = layers[sheet.pk]
        entries = {one.pk: {refs[e.item_id]: e for e in one.entries.all()} for one in mine}
        values = {one.pk: values_of(one, entries[one.pk], table, facts[sheet.pk]) for one in mine}
        found[sheet.pk] = Scoring(
            sheet, whole, table, items, facts[sheet.pk], mine, entries, values
        )
    return found


def scoring_of(sheet: ScoreSheet) -> Scoring:
    return scorings([sheet])[sheet.pk]


# --- what is left ---------------------------------------------------------------------------------
@dataclass(frozen=True)
class ToScore:
    """One thing to do before the layer may be sent: `why` is the verb."""

    item: Item
    why: str


def left_to_score(scoring: Scoring, layer: ScoreLayer) -> list[ToScore]:
    found = []
    for item in scoring.table.leaves:
        if why := open_because(scoring, layer, item):
            found.append(ToScore(item, why))
    return found


def open_because(scoring: Scoring, layer: ScoreLayer, item: Item) -> str:
    """What is still to be done for an item, "" when nothing.

    Whoever differs from what the result gives, or from the layer before, says why.
    """
    entry = scoring.entries[layer.pk].get(item.ref)
    value = scoring.values[layer.pk][item.ref]
    if entry is not None and entry.problem:
        return "sửa"
    if layer.layer != Layer.SELF and waits_to_be_assessed(scoring, item):
        return NOT_ASSESSED
    if not value.given:
        return "chấm"
    if differs(scoring, layer, item) and not value.reason:
        return "ghi lý do cho"
    evidence = scoring.rows[item.ref].evidence_required
    proves = evidence and layer.layer == Layer.SELF and not item.computed
    if proves and value.points and not value.reason and not files_beside(layer, scoring, item):
        return "nêu minh chứng cho"
    return ""


def waits_to_be_assessed(scoring: Scoring, item: Item) -> bool:
    """Whether the item goes by a level that nobody has found yet. Only the unit itself may score
    before, as what it claims."""
    return item.method == BY_LEVEL and scoring.facts.is_waiting(item.indicator)


def files_beside(layer: ScoreLayer, scoring: Scoring, item: Item) -> list[ScoreEvidence]:
    """The files that prove the item in one of the sheet's layers, as read with it."""
    row = scoring.rows[item.ref].pk
    read = next(one for one in scoring.layers if one.pk == layer.pk)
    return [one for one in read.evidence.all() if one.item_id == row and one.removed_at is None]


def differs(scoring: Scoring, layer: ScoreLayer, item: Item) -> bool:
    """Whether the value differs from what it is held against: the result, else the layer before."""
    value = scoring.values[layer.pk][item.ref]
    if not value.given:
        return False
    reads = layer.layer == Layer.SELF or scoring.facts.accepted
    given = given_for(item, scoring.facts, scoring.table.rounding) if reads else Given()
    if item.computed and given.computed:
        return value.points != given.computed.points
    if not given.applies:
        return value.applies
    before = scoring.before(layer.layer)
    if not before or not scoring.complete(before) or not value.by_hand:
        return False
    return not value.same(scoring.together(before)[item.ref])


def gates_hit(scoring: Scoring) -> dict[str, str]:
    """The gates that hold against the unit and why: by the verdict of an accepted result, or as the
    last layer declared when it was sent."""
    found = {}
    facts = scoring.facts
    for gate in scoring.table.gates:
        if gate.indicator and facts.accepted:
            indicator, rule = facts.indicators[gate.indicator], facts.rules[gate.indicator]
            told = facts.told.get(gate.indicator)
            if told and told.found == Found.NOT_MET:
                found[gate.ref] = f"không đạt {indicator.code}: {told_of(told).sentence}"
            elif not told and judge(facts.measured(gate.indicator), rule) == Verdict.NOT_MET:
                found[gate.ref] = f"không đạt {indicator.code}: {text_of(indicator, rule)}"
    for layer in scoring.of(scoring.table.layers[-1]):
        for hit in layer.gate_hits.all() if layer.state == ScoreLayer.State.SENT else ():
            found[hit.gate.ref] = hit.reason
    return found
