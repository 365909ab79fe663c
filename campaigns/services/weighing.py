"""What a workbook would change: it is written on desks in memory, and the differences are told."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256

from django.utils import timezone

from campaigns import queries
from campaigns.documents.upload import Said, address
from campaigns.models import Period, Result, ResultHistory, ResultSheet
from campaigns.rules import CHOICES, Question, Reading, read_number
from campaigns.services.cells import BLANK, Desk, Pen, StaleCell, same
from criteria.models import Indicator
from units.models import Unit
from units.rules import DomainError

Key = tuple[int, int]  # the keys of a unit and of an indicator
NEW, CHANGED, CLEARED, WRONG, STALE = "new", "changed", "cleared", "wrong", "stale"


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


def kept_words(one: Difference) -> str:
    conflict = one.conflict
    assert conflict is not None
    return (
        f"Ô {one.at}: {conflict.who} đã ghi {conflict.theirs} lúc "
        f"{timezone.localtime(conflict.at):%H:%M %d/%m/%Y}, sau khi tải bảng tính; số trong tệp "
        f"({conflict.mine}) không ghi đè."
    )


# --- on the desks -------------------------------------------------------------------------------
def desks_of(lines: Iterable[queries.Line], period: Period, pen: Pen) -> dict[int, Desk]:
    """A desk a unit, by its key; of a unit that has not begun, with a sheet not yet stored."""
    found = {}
    for line in lines:
        sheet = line.sheet or ResultSheet(participation=line.participation, period=period)
        found[line.participation.unit_id] = Desk(sheet, line.asked, line.results, pen, line.scope)
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


def unlike(said: Sequence[Said], desks: Mapping[int, Desk]) -> list[Said]:
    """What a file says otherwise than the portal, or says so that it cannot be read."""
    found = []
    for desk, one in _in_order(said, desks):
        if one.problem or not same(_read(desk, one), desk.results.get(one.indicator) or BLANK):
            found.append(one)
    return found


def _read(desk: Desk, said: Said) -> Reading:
    return desk.read(desk.asked[said.indicator], said.typed)


@dataclass
class Weighing:
    """Writes what a workbook says on desks and tells the differences."""

    desks: Mapping[int, Desk]
    refusals: Mapping[int, str]
    many: bool
    brief: bool = False  # only what is not written is told
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
        if refusal := self.refusals.get(said.unit) or desk.refusal(indicator):
            return self._wrong(desk, said, value, refusal)
        version = held.version if held else 0
        told = None if self.brief else self._difference(desk, said, value, _kind(held, value))
        try:
            result = desk.put(indicator, value, said.typed, said.version)
        except StaleCell as stale:
            self.clashes.append((said.unit, said.indicator, version))
            if self.mine.get((said.unit, said.indicator)) != version:
                conflict = queries.conflict_of(indicator, None, stale.clash)
                told = self._difference(desk, said, value, STALE)
                return replace(told, conflict=conflict, version=version)
            result = desk.put(indicator, value, said.typed, version)
        # else not touched in the file, written elsewhere since
        return told if result.version != version else None

    def _difference(self, desk: Desk, said: Said, value: Reading, kind: str) -> Difference:
        indicator = desk.asked[said.indicator]
        return Difference(
            unit=_unit(desk),
            indicator=indicator,
            at=self._at(said, said.field),
            kind=kind,
            old=_words(indicator, desk.results.get(said.indicator) or BLANK),
            new=_words(indicator, value),
        )

    @property
    def digest(self) -> str:
        """Stands for the cells that others wrote meanwhile and what they hold now."""
        return sha256(repr(sorted(self.clashes)).encode()).hexdigest()

    def _wrong(self, desk: Desk, said: Said, value: Reading, problem: str) -> Difference:
        field = said.field or _wrong_field(desk, desk.asked[said.indicator], said)
        at = self._at(said, field)
        told = self._difference(desk, said, value, WRONG)
        return replace(told, at=at, field=field, problem=f"Ô {at}: {problem}")

    def _at(self, said: Said, field: str) -> str:
        """The cell of a box; in a workbook of many units an excuse stands in the first."""
        steps = {"denominator": 1, "level": 1}
        if not self.many:
            steps |= {"choice": 2, "reason": 3}
        return address(said.row, said.column + steps.get(field, 0))


def _kind(held: Result | None, value: Reading) -> str:
    if held is None or same(BLANK, held):
        return NEW
    return CLEARED if same(value, BLANK) else CHANGED


def _unit(desk: Desk) -> Unit:
    return desk.sheet.participation.unit


def _words(indicator: Indicator, values: Result | Reading) -> str:
    words = queries.words_of(indicator, values)
    return f"{words} ({values.reason})" if values.reason and not values.problem else words


def _wrong_field(desk: Desk, indicator: Indicator, said: Said) -> str:
    """Which box is to blame for what read_cell refused, in the order in which it looks."""
    typed = said.typed
    question = queries.question_of(indicator, desk.asked, desk.results)
    fields = question.fields
    if choice := typed.get("choice"):
        filled = [name for name in fields if name in typed]
        return "choice" if choice not in CHOICES else [*filled, "reason"][0]
    if question.levels and "text" in typed:
        return "level"
    if indicator.kind == "ratio" and any(name in typed for name in fields):
        return _wrong_half(question, typed)
    return fields[0]


def _wrong_half(question: Question, typed: Mapping[str, str]) -> str:
    """Of the two numbers of a ratio."""
    for name in question.fields:
        try:
            number = read_number(question, typed.get(name, ""))
        except DomainError:
            return name
        if number < 0 or (name == "denominator" and not number):
            return name
    return question.fields[0]
