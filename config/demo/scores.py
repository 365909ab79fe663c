"""A bloc that scores: a half year ranked and published, the year under way in every layer.

The plan is made up, and says so; the five real ones do not score.
"""

from datetime import datetime, timedelta
from io import StringIO

from django.conf import settings
from django.core.management import call_command
from django.utils import timezone

from campaigns import services
from campaigns.models import Campaign, Participation, Period, ScoreLayer
from campaigns.queries import candidates, ranking_of, scoring_of
from config.demo import assessed
from config.demo.accounts import hand
from config.demo.results import chance, current_close, enrol_everyone, fill, members
from criteria.models import Layer
from criteria.rules import Item, score_field
from units.models import User
from units.rules import decimal_text

FILE = settings.BASE_DIR / "config" / "sample" / "scoring" / "khoi-snn-2025.yaml"
PLAN = "lam-dong.khoi-snn.2025.thuong-xuyen"
HALF, YEAR = "6-thang-2025", "2025"
OPEN = "chi-cuc-kiem-lam"  # scores itself when somebody signs in
PROOF = "có quyết định, văn bản kèm theo"
CHECKED = "đối chiếu minh chứng, giảm 0,5 điểm"


def run() -> None:
    call_command("load_plan", str(FILE), "--sample", stdout=StringIO())
    campaign, now = Campaign.objects.get(ref=PLAN), timezone.now()
    fitting = [one.unit for one in candidates(campaign, campaign.period_from)]
    enrol_everyone(campaign, fitting, now=now)
    half, year = (campaign.periods.get(ref=ref) for ref in (HALF, YEAR))
    closes_on = half.closes_on
    for period in (half, year):
        move(period, current_close(timezone.localdate()), "Nạp số liệu mẫu.")
    parts = members(campaign)
    for order, part in enumerate(parts):
        accept(part, half, assessed.AS_CLAIMED, at=now - timedelta(days=30))
        if part != parts[-1]:
            accept(part, year, order % 4, at=now - timedelta(days=6))
    move(half, closes_on, "Trả lại ngày khóa sau khi nạp số liệu mẫu.")
    services.close_due_periods(now=now)
    score_half(campaign, half, now=now - timedelta(days=20))
    begin_year(campaign, year, now=now - timedelta(days=2))


def move(period: Period, closes_on: object, reason: str) -> None:
    now = timezone.now()
    services.move_closing_day(period, closes_on=closes_on, reason=reason, actor=None, now=now)
    period.refresh_from_db()


def accept(part: Participation, period: Period, state: int, *, at: datetime) -> None:
    sheet = fill(part, period, at=at)
    sheet = services.submit_sheet(sheet, actor=hand("head"), now=at + timedelta(hours=1))
    assessed.verified(sheet, state, at=at + timedelta(hours=2))


def score_half(campaign: Campaign, period: Period, *, now: datetime) -> None:
    """Every layer in, one unit shut out, the ranking published."""
    sheets = begin(campaign, period, now=now)
    for order, sheet in enumerate(sheets):
        for layer in layers_of(sheet):
            if order == len(sheets) - 1 and layer.layer == Layer.BLOC:
                gate = sheet.table.gates.get(ref="ky-luat")
                services.declare_gate(
                    layer,
                    gate,
                    reason="Phó Giám đốc bị khiển trách (số liệu mẫu)",
                    actor=hand("verifier"),
                    now=now,
                )
            score(layer, actor=actor_of(layer), now=now)
    table = sheets[0].table
    (seen,) = (one.digest for one in ranking_of(period) if one.table == table)
    services.publish_ranking(period, table, seen=seen, actor=hand("verifier"), now=now)


def begin_year(campaign: Campaign, period: Period, *, now: datetime) -> None:
    """Some in every layer, some in none: the ranking is under way."""
    far = 0
    for sheet in begin(campaign, period, now=now):
        name = sheet.participation.unit.ref.rpartition(".")[2]
        if name == OPEN or not sheet.participation.result_sheets.filter(period=period).exists():
            continue
        wanted = ((), (Layer.SELF,), (Layer.SELF, Layer.PEER), tuple(Layer))[(far := far + 1) % 4]
        for layer in layers_of(sheet):
            mine = layer.scorer.ref.endswith(OPEN)
            if layer.layer in wanted and not (mine and layer.layer == Layer.PEER):
                if layer.layer == Layer.BLOC and any(
                    one.state != ScoreLayer.State.SENT for one in sheet.layers.filter(layer="peer")
                ):
                    continue
                score(layer, actor=actor_of(layer), now=now)


def begin(campaign: Campaign, period: Period, *, now: datetime) -> list:
    sheets = services.open_scoring(period, actor=hand("verifier"), now=now)
    table = sheets[0].table
    services.assign_peers(period, table, actor=hand("verifier"), now=now)
    return sheets


def layers_of(sheet) -> list[ScoreLayer]:
    order = [line.layer for line in sheet.table.layers.all()]
    rows = sheet.layers.select_related("scorer", "score_sheet__participation__unit")
    return sorted(rows, key=lambda row: (order.index(row.layer), row.pk))


def actor_of(layer: ScoreLayer) -> User:
    return hand("verifier" if layer.layer == Layer.BLOC else "head")


def score(layer: ScoreLayer, *, actor: User, now: datetime) -> None:
    """Give every item points, and send: the unit itself generously, the others mostly agree."""
    sheet = layer.score_sheet
    scoring = scoring_of(sheet)
    before = scoring.before(layer.layer)
    cells = {}
    for item in scoring.table.leaves:
        if item.computed:
            continue
        typed = (
            own_points(item, sheet.participation.unit.ref, sheet.period.ref)
            if not before
            else checked_points(item, scoring.together(before)[item.ref].points, layer)
        )
        cells[scoring.rows[item.ref].pk] = (typed, 0)
    services.record_scores(layer, cells, actor=actor, now=now)
    services.send_layer(layer, actor=actor, now=now)


def own_points(item: Item, unit: str, period: str) -> dict[str, str]:
    draw = chance("điểm", item.ref, unit, period)
    name = score_field(item)
    if name == "yes":
        return {"yes": "yes" if draw.random() < 0.9 else "no"}
    if name == "count":
        return {"count": str(draw.choice((0, 0, 1, 2))), "reason": PROOF}
    lost = draw.choice((0, 0.5, 1)) if item.kind == "item" else float(item.max_points)
    return {"points": decimal_text(item.max_points - type(item.max_points)(lost)), "reason": PROOF}


def checked_points(item: Item, points, layer: ScoreLayer) -> dict[str, str]:
    draw = chance("thẩm định", item.ref, layer.scorer.ref, layer.score_sheet_id)
    if item.kind == "item" and points >= 1 and draw.random() < 0.15:
        return {"points": decimal_text(points - type(points)("0.5")), "reason": CHECKED}
    return {"points": decimal_text(points)}
