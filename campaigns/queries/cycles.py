"""The year of a bloc in steps: pledge, half-year, self-scoring, cross-scoring, appraisal, rank,
hand-over of the lead. What each step waits for is counted from the rows, nothing is kept twice."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from django.urls import reverse

from campaigns import policies
from campaigns.models import (
    Campaign,
    HandOver,
    Participation,
    Period,
    ResultSheet,
    ScoreLayer,
)
from campaigns.queries.cycle_facts import YearFacts, year_facts
from campaigns.queries.pledges import member_pledges, pledge_round
from campaigns.queries.scores import layer_due
from criteria.models import Layer
from units.models import Bloc, Unit, User

PLEDGE, HALF, SELF, PEER, BLOC, RANK, LEAD = (
    "pledge", "half", "self", "peer", "bloc", "rank", "lead",
)  # fmt: skip
SENT = (ResultSheet.State.SUBMITTED, *ResultSheet.ACCEPTED)
NO_SCORES = "Không kế hoạch nào của năm chấm điểm."
NO_HALF = "Không kế hoạch nào của năm có kỳ 6 tháng."


@dataclass(frozen=True)
class Line:
    """One thing a step waits for: how many of `total` are done, who is missing, who must act.

    `waits_for` are keys of units; `led` tells that the leader acts, as who verifies.
    """

    what: str
    url: str
    total: int
    missing: list[str]
    waits_for: frozenset[int]
    led: bool = False
    due_on: date | None = None
    label: str = ""
    campaign: Campaign | None = None
    settled: bool = False
    """Nobody waits any more for who is missing."""

    @property
    def done(self) -> int:
        return self.total - len(self.missing)


@dataclass(frozen=True)
class Step:
    key: str
    title: str
    lines: list[Line]
    note: str = ""
    """Why there is nothing in it."""
    state: str = ""  # done, now, or "" for what is to come

    @property
    def is_done(self) -> bool:
        return bool(self.lines) and not any(one.missing and not one.settled for one in self.lines)


@dataclass(frozen=True)
class Cycle:
    bloc: Bloc
    year: int
    leader: Unit | None
    steps: list[Step]
    campaigns: list[Campaign]

    @property
    def open_matters(self) -> list[str]:
        """What the leader of the year leaves undone, one sentence a thing; the hand-over itself
        is none."""
        return [
            f"{_heading(line)}: còn {len(line.missing)} trên {line.total}, gồm "
            f"{', '.join(line.missing)}."
            for step in self.steps
            for line in step.lines
            if step.key != LEAD and line.missing
        ]

    def first_for(self, acting: set[int], leading: set[int]) -> Line | None:
        """The one thing that somebody may do now who acts for the units of `acting` and verifies
        for those of `leading`: the first line that waits for him."""
        for step in self.steps:
            for line in step.lines:
                if line.missing and line.waits_for & (leading if line.led else acting):
                    return line
        return None


def _heading(line: Line) -> str:
    return f"{line.what} ({line.campaign})" if line.campaign else line.what


def bloc_cycle(bloc: Bloc, year: int) -> Cycle:
    """Everything the page of a bloc's year shows, whoever looks; a fixed number of SQL queries."""
    facts = year_facts(bloc, year)
    halves = [p for p in facts.periods if p.kind == Period.Kind.HALF]
    years = [p for p in facts.periods if p.kind == Period.Kind.YEAR]
    scored = any(facts.scored(p) for p in years)
    half = [line for p in halves for line in [_results(facts, p), *_layers(facts, p)]]
    above = (Layer.BLOC, Layer.STANDING)
    appraised = [x for p in years for x in [_verified(facts, p), *_layers(facts, p, *above)]]
    none = "" if scored else NO_SCORES
    steps = [
        Step(PLEDGE, "Ký giao ước thi đua", _pledges(facts), "Chưa mở đợt ký giao ước."),
        Step(HALF, "Sơ kết 6 tháng", half, NO_HALF),
        Step(
            SELF,
            "Tự chấm cuối năm",
            [line for p in years for line in [_results(facts, p), *_layers(facts, p, Layer.SELF)]],
            "Chưa có kỳ báo cáo năm.",
        ),
        Step(PEER, "Chấm chéo", [x for p in years for x in _layers(facts, p, Layer.PEER)], none),
        Step(BLOC, f"{bloc.short_kind} thẩm định", appraised),
        Step(RANK, "Xếp hạng", [line for p in years for line in _rankings(facts, p)], none),
        Step(LEAD, "Bàn giao vai trò Trưởng", _hand_over(facts)),
    ]
    return Cycle(bloc, year, facts.leader, _with_states(steps), facts.campaigns)


def _with_states(steps: list[Step]) -> list[Step]:
    """Done, the first that is not and is not empty, and what is to come."""
    found, reached = [], False
    for step in steps:
        state = "done" if step.is_done else ""
        if step.lines and not step.is_done and not reached:
            state, reached = "now", True
        found.append(Step(step.key, step.title, step.lines, step.note, state))
    return found


# --- what each step waits for ---------------------------------------------------------------------
def _pledges(facts: YearFacts) -> list[Line]:
    round_ = pledge_round(facts.bloc, facts.year)
    if round_ is None:
        return []
    url = reverse("campaigns:pledge_round", args=[facts.bloc.ref, facts.year])
    rows = member_pledges(facts.bloc, facts.year)
    left = [row.membership.unit for row in rows if row.signed is None]
    line = _line("Ký giao ước", url, len(rows), left, due_on=round_.due_on, label="Soạn và ký")
    if round_.state == round_.State.CLOSED:
        return [replace(line, waits_for=frozenset(), due_on=None, settled=True)]
    undone = ["đơn vị Trưởng chưa chốt"]
    close = Line("Chốt giao ước", url, 1, undone, facts.leading, led=True, label="Chốt giao ước")
    return [line, close]


def _line(
    what: str,
    url: str,
    total: int,
    left: list[Unit],
    *,
    due_on: date | None,
    label: str,
    campaign: Campaign | None = None,
) -> Line:
    """A line of which every member has to do his part himself."""
    return Line(
        what=what,
        url=url,
        total=total,
        missing=[unit.name for unit in left],
        waits_for=frozenset(unit.pk for unit in left),
        due_on=due_on,
        label=label,
        campaign=campaign,
    )


def _units_url(period: Period) -> str:
    return reverse("campaigns:campaign_units", args=[period.campaign.ref]) + f"?ky={period.ref}"


def _scores_url(period: Period) -> str:
    return reverse("campaigns:campaign_scores", args=[period.campaign.ref]) + f"?ky={period.ref}"


def _state(facts: YearFacts, part: Participation, period: Period) -> str:
    sheet = facts.sheets.get((part.pk, period.pk))
    return sheet.state if sheet else ""


def _results(facts: YearFacts, period: Period) -> Line:
    parts = facts.members_in(period)
    return _line(
        f"Gửi phiếu kết quả {period.in_a_sentence}",
        reverse("campaigns:result_sheet_list"),
        len(parts),
        [part.unit for part in parts if _state(facts, part, period) not in SENT],
        due_on=period.closes_on,
        label="Nhập và gửi phiếu",
        campaign=period.campaign,
    )


def _verified(facts: YearFacts, period: Period) -> Line:
    parts = facts.members_in(period)
    left = [p for p in parts if _state(facts, p, period) not in ResultSheet.ACCEPTED]
    return Line(
        what=f"Thẩm định phiếu kết quả {period.in_a_sentence}",
        url=_units_url(period),
        total=len(parts),
        missing=[part.unit.name for part in left],
        waits_for=facts.leading,
        led=True,
        label="Thẩm định phiếu kết quả",
        campaign=period.campaign,
    )


def _layers(facts: YearFacts, period: Period, *wanted: Layer) -> Iterator[Line]:
    """What the tables of the period wait for in these layers; in all where none is named."""
    for table, parts in facts.scored(period).items():
        if not wanted or Layer.SELF in wanted:
            yield _opened(facts, period, parts)
        for used in table.layers.all():
            layer = Layer(used.layer)
            if not wanted or layer in wanted:
                if layer == Layer.PEER:
                    yield _assigned(facts, period, parts)
                yield _layer(facts, period, parts, layer, layer_due(table, layer, period))


def _held(facts: YearFacts, part: Participation, period: Period, layer: Layer) -> list[ScoreLayer]:
    sheet = facts.scores.get((part.pk, period.pk))
    return [one for one in sheet.layers.all() if one.layer == layer] if sheet else []


def _led(
    facts: YearFacts, period: Period, what: str, parts: list[Participation], left: list[str]
) -> Line:
    """A line of which the leader has to do all."""
    return Line(
        what=f"{what} {period.in_a_sentence}",
        url=_scores_url(period),
        total=len(parts),
        missing=left,
        waits_for=facts.leading,
        led=True,
        label=what,
        campaign=period.campaign,
    )


def _opened(facts: YearFacts, period: Period, parts: list[Participation]) -> Line:
    left = [part.unit.name for part in parts if (part.pk, period.pk) not in facts.scores]
    return _led(facts, period, "Mở chấm điểm", parts, left)


def _assigned(facts: YearFacts, period: Period, parts: list[Participation]) -> Line:
    left = [part.unit.name for part in parts if not _held(facts, part, period, Layer.PEER)]
    return _led(facts, period, "Phân công chấm chéo", parts, left)


def _layer(
    facts: YearFacts, period: Period, parts: list[Participation], layer: Layer, due_on: date | None
) -> Line:
    """Who scores is written on the layer itself: for the leader of a bloc it is a deputy."""
    name = f"{facts.bloc.short_kind} thẩm định điểm" if layer == Layer.BLOC else layer.label
    missing: list[str] = []
    waits: set[int] = set()
    total = 0
    for part in parts:
        held = _held(facts, part, period, layer)
        total += max(1, len(held))
        late = [one for one in held if one.state != ScoreLayer.State.SENT]
        waits |= {one.scorer_id for one in late}
        if layer == Layer.PEER:
            missing += [f"{one.scorer} chấm {part.unit}" for one in late]
        elif late:
            missing.append(part.unit.name)
        if not held:
            missing.append(part.unit.name)
    return Line(
        what=f"{name[:1].upper()}{name[1:]} {period.in_a_sentence}",
        url=_scores_url(period),
        total=total,
        missing=missing,
        waits_for=frozenset(waits),
        led=layer in (Layer.BLOC, Layer.STANDING),
        due_on=due_on,
        label="Chấm điểm",
        campaign=period.campaign,
    )


def _rankings(facts: YearFacts, period: Period) -> Iterator[Line]:
    for table in facts.scored(period):
        out = (period.pk, table.pk) in facts.published
        yield Line(
            what=f"Công bố xếp hạng {period.in_a_sentence}",
            url=reverse("campaigns:ranking_detail", args=[period.campaign.ref, period.ref]),
            total=1,
            missing=[] if out else [table.name],
            waits_for=facts.leading,
            led=True,
            label="Xếp hạng",
            campaign=period.campaign,
        )


def _hand_over(facts: YearFacts) -> list[Line]:
    """Once the leader has handed over, the next one confirms."""
    url = reverse("campaigns:hand_over", args=[facts.bloc.ref, facts.year])
    held = HandOver.objects.filter(bloc=facts.bloc, year=facts.year).select_related("taker").first()
    state = held.state if held else ""
    given = held is not None and state != HandOver.State.RETURNED
    lines = [
        Line(
            "Lập bàn giao",
            url,
            1,
            [] if given or not facts.leader else [facts.leader.name],
            facts.leading,
            led=True,
            label="Lập bàn giao",
        )
    ]
    if held and given:
        done = state == HandOver.State.CONFIRMED
        left = [] if done else [held.taker]
        lines.append(_line("Xác nhận bàn giao", url, 1, left, due_on=None, label="Xác nhận"))
    return lines


def first_thing(found: Cycle, user: User) -> Line | None:
    """The one thing that `user` may do now in this year of the bloc; three SQL queries."""
    acts = policies.enterable_units(user) | policies.signable_units(user)
    acting = set(acts.values_list("pk", flat=True))
    return found.first_for(acting, set(policies.leading_units(user).values_list("pk", flat=True)))
