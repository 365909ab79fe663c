"""A bloc of three whose plan scores: a table in every layer, results accepted, sheets opened."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from campaigns import services
from campaigns.models import Participation, ScoreLayer, ScoreSheet
from campaigns.queries import SCORE_RELATED, RankStandings, Scoring, ranking_of, scoring_of
from criteria.models import (
    Indicator,
    Layer,
    ScoreBand,
    ScoreGate,
    ScoreItem,
    ScoreTable,
    TableLayer,
    TieStep,
)
from tests.campaigns.world import World, make_world
from tests.factories import NOW, UnitFactory, user_with
from units.models import Bloc, BlocMembership, User

ALL = ("self", "peer", "bloc", "standing")


@dataclass
class Scored:
    world: World
    table: ScoreTable
    ratio: Indicator
    times: Indicator
    parts: list[Participation]
    agency: Any  # the unit that stands over the plan
    leader: User  # of the first member, head of the bloc
    deputy: User  # of the second
    officer: User  # of the agency
    clerks: list[User]
    heads: list[User]

    def item(self, ref: str) -> ScoreItem:
        return ScoreItem.objects.get(table=self.table, ref=ref)

    def accept(self, at: int, done: int = 90, of: int = 100, times: int = 0) -> None:
        """The results of a member, verified."""
        answers = {
            self.ratio: {"numerator": str(done), "denominator": str(of)},
            self.times: {"value": str(times)},
        }
        sheet = services.open_sheet(self.parts[at], self.world.period, actor=None, now=NOW)
        cells = {indicator.pk: (typed, 0) for indicator, typed in answers.items()}
        services.record_results(sheet, cells, actor=self.clerks[at], now=NOW)
        services.submit_sheet(sheet, actor=self.heads[at], now=NOW)
        services.verify_sheet(sheet, actor=self.officer, now=NOW)

    def open(self) -> list[ScoreSheet]:
        opened = services.open_scoring(self.world.period, actor=self.officer, now=NOW)
        if "peer" in self.layers:
            services.assign_peers(
                self.world.period, self.table, actor=self.officer, now=NOW, each=2
            )
        return opened

    @property
    def layers(self) -> list[str]:
        return list(self.table.layers.values_list("layer", flat=True))

    def sheet(self, at: int) -> ScoreSheet:
        rows = ScoreSheet.objects.select_related(*SCORE_RELATED)
        return rows.get(participation=self.parts[at])

    def layer(self, at: int, layer: str, scorer: int | None = None) -> ScoreLayer:
        rows = ScoreLayer.objects.filter(score_sheet__participation=self.parts[at], layer=layer)
        if scorer is not None:
            rows = rows.filter(scorer=self.parts[scorer].unit)
        return rows.get()

    def read(self, at: int) -> Scoring:
        return scoring_of(self.sheet(at))

    def typed(self, ref: str, version: int = 0, **typed: str) -> dict[int, Any]:
        return {self.item(ref).pk: (typed, version)}

    def by(self, layer: ScoreLayer) -> User:
        """Somebody who may score the layer."""
        if layer.layer == Layer.STANDING:
            return self.officer
        units = [part.unit_id for part in self.parts]
        at = units.index(layer.scorer_id)
        if layer.layer == Layer.BLOC:
            return (self.leader, self.deputy)[at]
        return self.heads[at]

    def score(self, layer: ScoreLayer, ref: str, version: int = 0, **typed: str) -> Any:
        cells = self.typed(ref, version, **typed)
        return services.record_scores(layer, cells, actor=self.by(layer), now=NOW)

    def send(self, layer: ScoreLayer, hand: str = "30", **reasons: str) -> None:
        """Score the one item that is scored by hand, and send."""
        self.score(layer, "hand", points=hand, **reasons)
        services.send_layer(layer, actor=self.by(layer), now=NOW)

    def send_all(self, at: int, hand: str = "30") -> None:
        for layer in sorted(self.sheet(at).layers.all(), key=lambda one: ALL.index(one.layer)):
            self.send(layer, hand)

    def ranking(self) -> RankStandings:
        (found,) = ranking_of(self.world.period)
        return found


def make_scored(layers: tuple[str, ...] = ALL) -> Scored:
    """Three members; proportional 60, by hand 40, a penalty by times, a gate, two bands."""
    world = make_world()
    bloc = Bloc.objects.create(ref="khoi", name="Khối 1", organiser=world.office)
    agency = UnitFactory(name="Sở Nội vụ")
    campaign = world.campaign
    campaign.bloc, campaign.standing_agency = bloc, agency
    campaign.save()
    parts = [world.part, world.member(name="Trung tâm B"), world.member(name="Trung tâm C")]
    for part, role in zip(parts, ("head", "deputy", "member"), strict=True):
        BlocMembership.objects.create(bloc=bloc, unit=part.unit, year=2024, role=role)
    ratio = world.indicator(ref="ho-so", code="HS", name="Hồ sơ trên mạng")
    times = world.indicator(target=None, ref="tre", code="TR", name="Lần gửi trễ", kind="count")
    table = ScoreTable.objects.create(
        criteria_set=campaign.criteria_set,
        group=world.group,
        ref="bang",
        name="Bảng chấm điểm Khối",
        from_year=2023,
        max_points=100,
        state="active",
    )
    for order, layer in enumerate(layers, 1):
        TableLayer.objects.create(table=table, order=order, layer=layer, days=order * 5)

    def item(ref: str, order: int, **fields: Any) -> ScoreItem:
        return ScoreItem.objects.create(
            table=table, ref=ref, code=f"M{order}", name=f"Mục {ref}", order=order, **fields
        )

    whole = item("whole", 1, method="sum", max_points=60)
    item("ratio", 2, parent=whole, method="proportional", indicator=ratio, max_points=60)
    item("hand", 3, max_points=40)
    item("late", 4, kind="penalty", method="count", indicator=times, each=Decimal(1), max_points=5)
    good = ScoreBand.objects.create(table=table, ref="tot", name="Tốt", order=1, lower=80)
    ScoreBand.objects.create(table=table, ref="kha", name="Khá", order=2, upper=80)
    ScoreGate.objects.create(table=table, ref="ky-luat", name="Có người bị kỷ luật", order=1)
    ScoreGate.objects.create(
        table=table,
        ref="ho-so",
        name="Hồ sơ kém",
        order=2,
        indicator=ratio,
        effect="bar",
        band=good,
    )
    TieStep.objects.create(table=table, order=1, by="item", item=whole)
    heads, clerks = [], []
    for part in parts:
        heads.append(user_with("head_of_unit", part.unit))
        clerks.append(user_with("clerk", part.unit))
    return Scored(
        world=world,
        table=table,
        ratio=ratio,
        times=times,
        parts=parts,
        agency=agency,
        leader=user_with("bloc_leader", parts[0].unit),
        deputy=user_with("bloc_leader", parts[1].unit),
        officer=user_with("standing_agency", agency),
        clerks=clerks,
        heads=heads,
    )
