"""The board: the units of a plan × the indicators of one group, in one period.

The sums are worked out in SQL and the cells of one page are read; both by the frame and the rules
that a report is made by, so that the board and the report count alike. The number of SQL queries is
fixed whatever the number of units and indicators.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from campaigns import policies
from campaigns.models import Campaign, Participation, Period, ResultSheet
from campaigns.queries.figured import Cell, Figure, UnitRow
from campaigns.queries.figures import read
from campaigns.queries.frame import Frame, frame_of, measured_members
from campaigns.queries.promises import Promise, promises
from campaigns.queries.rollup import Rollup, rollup
from campaigns.rules import Found
from criteria.models import Indicator
from criteria.rules import Verdict
from units.models import BlocMembership, Unit, User

PROVISIONAL = "tam-tinh"  # count the sheets that were sent and are not verified yet as well
SENT = (ResultSheet.State.SUBMITTED, *ResultSheet.ACCEPTED)
STATES = {
    "dat": Verdict.MET,
    "chua-dat": Verdict.NOT_MET,
    "chua-xet": Found.WAITING,
    "chua-co": Verdict.NO_DATA,
    "khong-phat-sinh": Verdict.NOTHING,
    "khong-ap-dung": Verdict.NOT_APPLICABLE,
}
WORST_FIRST = "chua-dat-truoc"
DERIVED = Indicator.Kind.DERIVED


@dataclass(frozen=True)
class Wanted:
    """What the address asks for; what it names and the plan does not have is passed over."""

    group: str = ""
    indicator: str = ""
    state: str = ""
    within: str = ""
    bloc: str = ""
    figures: str = ""
    sort: str = ""


# --- over which units ----------------------------------------------------------------------------
@dataclass(frozen=True)
class Choice:
    """A part of the units: a branch of the tree, or a Khối or Cụm."""

    ref: str
    name: str
    members: int
    fits: Q  # the condition on a unit


@dataclass(frozen=True)
class Scope:
    """The units one may compare, and the parts of them that one may look at alone.

    `within` is a part of the tree, `bloc` a Khối or Cụm of that year; both may be chosen together.
    """

    chosen: QuerySet[Unit]
    seen: int
    members: int
    trees: list[Choice]
    blocs: list[Choice]
    within: Choice | None
    bloc: Choice | None
    counted: Collection[str]

    @property
    def whole(self) -> bool:
        """Whether the sums are those of the plan as a whole."""
        return self.seen == self.members and not self.within and not self.bloc

    @property
    def units(self) -> QuerySet[Unit] | None:
        """None where it is every member, so that nobody has to be looked for."""
        return None if self.whole else self.chosen

    @property
    def name(self) -> str:
        """Of whom the sums are."""
        parts = [choice.name for choice in (self.within, self.bloc) if choice]
        if parts:
            return ", ".join(parts)
        return "Toàn kế hoạch" if self.whole else "Các đơn vị được xem"


def counted_states(wanted: Wanted) -> Collection[str]:
    """The states of the sheets whose figures count."""
    return SENT if wanted.figures == PROVISIONAL else ResultSheet.ACCEPTED


def scope_of(campaign: Campaign, period: Period, user: User, wanted: Wanted) -> Scope:
    """Four SQL queries, beside what `user` holds; no unit is read."""
    mine = comparable(campaign, period, user).order_by()
    under = dict(mine.values_list("unit__parent").annotate(Count("pk")))
    seen = sum(under.values())
    units = Unit.objects.filter(pk__in=mine.values("unit"))
    trees, blocs = _trees(mine, under, seen), _blocs(units, period.period_to.year)
    within = next((choice for choice in trees if choice.ref == wanted.within), None)
    bloc = next((choice for choice in blocs if choice.ref == wanted.bloc), None)
    for part in (within, bloc):
        if part is not None:
            units = units.filter(part.fits)
    return Scope(
        chosen=units,
        seen=seen,
        members=Participation.objects.filter(campaign=campaign).count(),
        trees=trees,
        blocs=blocs,
        within=within,
        bloc=bloc,
        counted=counted_states(wanted),
    )


def comparable(campaign: Campaign, period: Period, user: User) -> QuerySet[Participation]:
    """Members of a plan whose figures of a period `user` may read."""
    year = period.period_from.year
    return policies.comparable_participations(user, year).filter(campaign=campaign)


def comparable_periods(
    campaign: Campaign, periods: Iterable[Period], user: User, units: QuerySet[Unit]
) -> list[Period]:
    """Those of `periods` in which `user` may read the figures of all of `units`.

    Who reads a bloc's figures changes with its leader, so its plan costs one SQL query a period,
    and one more.
    """
    found = list(periods)
    if campaign.bloc_id is None:
        return found
    keys = list(units.values_list("pk", flat=True))
    return [
        period
        for period in found
        if comparable(campaign, period, user).filter(unit__in=keys).count() == len(keys)
    ]


def _trees(
    members: QuerySet[Participation], under: Mapping[int | None, int], seen: int
) -> list[Choice]:
    """The units above some of the members, but not above all of them. `under` tells how many stand
    right below a unit; a member that has others below it is one of its own part."""
    if seen in under.values():
        return []
    below: Counter[int] = Counter()
    for pk, path in Unit.objects.filter(pk__in=filter(None, under)).values_list("pk", "path"):
        for one in path.strip("/").split("/"):
            below[int(one)] += under[pk]
    units = Unit.objects.filter(pk__in=[pk for pk, held in below.items() if held < seen])
    found = []
    joins = Exists(members.filter(unit=OuterRef("pk")))
    for unit in units.annotate(joins=joins).order_by("path"):
        held = below[unit.pk] + unit.joins
        if 1 < held < seen:
            found.append(Choice(unit.ref, unit.name, held, Q(path__startswith=unit.path)))
    return found


def _blocs(units: QuerySet[Unit], year: int) -> list[Choice]:
    rows = BlocMembership.objects.filter(unit__in=units.values("pk"), year=year)
    named = rows.values_list("bloc", "bloc__ref", "bloc__name").annotate(Count("unit"))
    return [
        Choice(ref, name, members, Q(pk__in=rows.filter(bloc=pk).values("unit")))
        for pk, ref, name, members in named.order_by("bloc__name", "bloc")
    ]


# --- the table -----------------------------------------------------------------------------------
@dataclass(frozen=True)
class BoardRow:
    """A unit with its cells in the order of the columns: the key of the indicator, whether its
    target is not the same for all, the cell, what was pledged.
    """

    unit: UnitRow
    cells: list[tuple[int, bool, Cell, Promise | None]]


@dataclass(frozen=True)
class Rows:
    """The rows of the table, read as far as a page needs them. `order` are the keys of the members
    to show, None where all of them stand in their own order."""

    members: QuerySet[Participation]
    read: Callable[[Sequence[Participation]], list[BoardRow]]
    measured: int
    order: list[int] | None

    def __len__(self) -> int:
        return self.measured if self.order is None else len(self.order)

    def __getitem__(self, part: slice) -> list[BoardRow]:
        if self.order is None:
            return self.read(list(self.members[part]))
        place = {pk: n for n, pk in enumerate(self.order[part])}
        held = self.members.order_by().filter(pk__in=place)
        return self.read(sorted(held, key=lambda one: place[one.pk]))

    def __iter__(self) -> Iterator[BoardRow]:
        return iter(self[0 : len(self)])


@dataclass(frozen=True)
class Board:
    scope: Scope
    groups: list[tuple[str, str]]
    group: str
    group_name: str
    columns: list[Figure]
    column: Figure | None
    shown: list[Figure]
    derived: list[Figure]
    rows: Rows
    measured: int
    waiting: int

    @property
    def told(self) -> bool:
        """Whether a criterion shown is told in words and assessed."""
        return any(figure.told for figure in self.shown)


def board(campaign: Campaign, period: Period, user: User, wanted: Wanted) -> Board:
    """The group asked for, else the first that measures somebody here; fourteen SQL queries, one
    more for the pledges of a bloc and one for who stands where, if that is asked. The sums are
    worked out in SQL; rows are read by the page, in two queries more for criteria in words."""
    scope = scope_of(campaign, period, user, wanted)
    pledged = promises(campaign, [period], user)
    frame = frame_of(campaign, [period], by_change=pledged.by_change)
    summed = rollup(frame, scope.units, scope.counted)
    found = summed.figures(period)
    groups = {one.indicator.group_ref: one.indicator.group_name for one in found}
    group = _chosen_group(found, groups, wanted.group)
    mine = [one for one in found if one.indicator.group_ref == group]
    columns = [one for one in mine if one.indicator.kind != DERIVED]
    column = next((one for one in columns if one.indicator.ref == wanted.indicator), None)
    shown = [column] if column else columns
    members = _members(frame, period, scope, group)
    measured = columns[0].units if columns else 0

    def read_rows(parts: Sequence[Participation]) -> list[BoardRow]:
        (there,) = read(frame, parts, scope.counted)
        cells = {one.indicator.pk: one.cells for one in there.indicators}
        found = []
        for unit in there.units:
            held = [(one, one.indicator.pk, cells[one.indicator.pk][unit.pk]) for one in shown]
            row = [
                (pk, not one.target, cell, pledged.of(period, pk, cell)) for one, pk, cell in held
            ]
            found.append(BoardRow(unit, row))
        return found

    order = _arranged(members, summed, [one.indicator.pk for one in shown], wanted)
    sources = {one.indicator.ref for one in columns}
    return Board(
        scope=scope,
        groups=list(groups.items()),
        group=group,
        group_name=groups.get(group, ""),
        columns=columns,
        column=column,
        shown=shown,
        derived=[one for one in found if _derived_here(one, group, sources)],
        rows=Rows(members, read_rows, measured, order),
        measured=measured,
        waiting=ResultSheet.objects.filter(
            period=period, state=ResultSheet.State.SUBMITTED, participation__in=members.order_by()
        ).count(),
    )


def _members(frame: Frame, period: Period, scope: Scope, group: str) -> QuerySet[Participation]:
    """Those that a group measures, in the order of the table."""
    chosen = next((one.group for one in frame.indicators if one.group.ref == group), None)
    if chosen is None:
        return Participation.objects.none()
    return measured_members(frame, period, chosen, scope.units)


def _chosen_group(found: Sequence[Figure], groups: Collection[str], wanted: str) -> str:
    if wanted in groups:
        return wanted
    measuring = [
        one.indicator.group_ref for one in found if one.units and one.indicator.kind != DERIVED
    ]
    return next(iter([*measuring, *groups]), "")


def _derived_here(figure: Figure, group: str, sources: Collection[str]) -> bool:
    """Computed from what the table shows, or asked of the same group."""
    facts = figure.indicator
    if facts.kind != DERIVED:
        return False
    return facts.group_ref == group or facts.source_ref in sources


def _arranged(
    members: QuerySet[Participation], summed: Rollup, shown: Collection[int], wanted: Wanted
) -> list[int] | None:
    """The keys of the members that have the state asked for, in the order asked for; None where
    neither is."""
    state = STATES.get(wanted.state)
    if not shown or (state is None and wanted.sort != WORST_FIRST):
        return None
    states = summed.states(shown)
    silent: Counter[str] = Counter({Verdict.NO_DATA: len(shown)})
    kept = [
        pk
        for pk in members.values_list("pk", flat=True)
        if state is None or states.get(pk, silent)[state]
    ]
    if wanted.sort == WORST_FIRST:
        kept.sort(key=lambda pk: -states.get(pk, silent)[Verdict.NOT_MET])
    return kept
