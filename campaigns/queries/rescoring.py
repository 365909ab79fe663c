"""What results and targets give by now where a layer that was sent keeps the points of its day."""

from dataclasses import dataclass

from campaigns.models import ScoreEntry, ScoreLayer
from campaigns.queries.score_facts import given_for
from campaigns.queries.scores import Scoring, Value, by_machine
from criteria.models import Layer
from criteria.rules import Item
from units.models import Unit


@dataclass(frozen=True)
class Moved:
    """An item of a layer that was sent: what it was given, and what the results give now."""

    item: Item
    sent: Value
    now: Value

    def __str__(self) -> str:
        now = self.now.words if not self.now.applies else f"tính được {self.now.words}"
        return f"{self.item.code} đã gửi {self.sent.words}, nay {now}"


@dataclass(frozen=True)
class Behind:
    """A layer that counts and was sent when results or targets gave other points."""

    unit: Unit
    layer: ScoreLayer
    items: list[Moved]


def layers_behind(scoring: Scoring) -> list[Behind]:
    """Of the last layer, by which the unit is ranked: those before stay as they were sent, beside
    it. Asks no SQL query."""
    unit = scoring.sheet.participation.unit
    sent = [
        one
        for one in scoring.of(scoring.table.layers[-1])
        if one.state == ScoreLayer.State.SENT
        and (one.layer == Layer.SELF or scoring.facts.accepted)
    ]
    found = [Behind(unit, one, _moved(scoring, one)) for one in sent]
    return [one for one in found if one.items]


def _moved(scoring: Scoring, layer: ScoreLayer) -> list[Moved]:
    results, asked = scoring.facts.sheet, scoring.facts.yardstick.stamp
    revision = results.revision if results else None
    same = layer.result_revision == revision and layer.targets_read in ("", asked)
    found = []
    for item in scoring.table.leaves:
        entry = scoring.entries[layer.pk].get(item.ref)
        if entry is None or not item.computed:
            continue
        now = _given_now(scoring, item)
        if now is not None and _differs(entry, now, weighed=same):
            found.append(Moved(item, scoring.values[layer.pk][item.ref], now))
    return found


def _given_now(scoring: Scoring, item: Item) -> Value | None:
    given = given_for(item, scoring.facts, scoring.table.rounding)
    if not given.applies:
        return Value(applies=False)
    return Value(given.computed.points) if given.computed else None


def _differs(entry: ScoreEntry, now: Value, *, weighed: bool) -> bool:
    """Points by the results are held against those of now. Whoever gave others than the results did
    has weighed what they were when he sent (`weighed`)."""
    if by_machine(entry):
        return not now.same(Value(entry.points, entry.applies))
    return not weighed and entry.computed != now.points
