"""Opening score sheets and saying who scores whom."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from campaigns import policies, queries
from campaigns.models import Campaign, Period, ScoreLayer, ScoreSheet
from campaigns.services.scores import touch
from campaigns.services.sheets import refuse_idle
from criteria.models import Layer, ScoreTable
from criteria.rules import circle
from units.models import BlocMembership, Unit, User
from units.rules import DomainError
from units.workflow import locked, record

ROLES = BlocMembership.Role


@transaction.atomic
def open_scoring(period: Period, *, actor: User | None, now: datetime) -> list[ScoreSheet]:
    """Begin a score sheet for every member that a table in force scores; those begun stay.

    Raises DomainError when the plan scores nobody, the period has not begun, or nobody is there to
    score a unit in a layer.
    """
    campaign = locked(period.campaign)
    refuse_idle(campaign)
    if timezone.localdate(now) < period.period_from:
        raise DomainError(
            f"Kỳ “{period}” bắt đầu từ {period.period_from:%d/%m/%Y}. Mở chấm điểm từ ngày đó."
        )
    members = queries.members_in(period)
    tables = queries.tables_of_members(period, members)
    if not tables:
        raise DomainError(
            f"Kế hoạch “{campaign}” không có bảng chấm điểm nào áp dụng cho đơn vị tham gia ở kỳ "
            f"“{period}”. Kiểm tra bảng chấm điểm trong kế hoạch và danh sách đơn vị."
        )
    begun = set(ScoreSheet.objects.filter(period=period).values_list("participation", flat=True))
    layers = {table.pk: list(table.layers.all()) for table in tables.values()}
    opened = []
    for part in members:
        if part.pk in begun or part.pk not in tables:
            continue
        table = tables[part.pk]
        sheet = ScoreSheet.objects.create(
            participation=part, period=period, table=table, opened_at=now, opened_by=actor
        )
        for line in layers[table.pk]:
            if line.layer != Layer.PEER:
                scorer = scorer_of(line.layer, part.unit, campaign, period)
                ScoreLayer.objects.create(score_sheet=sheet, layer=line.layer, scorer=scorer)
        record("scoresheet.opened", sheet, actor=actor, now=now, unit=part.unit)
        opened.append(sheet)
    return opened


@transaction.atomic
def withdraw_blank_sheets(
    campaign: Campaign,
    group: str,
    *,
    from_year: int,
    since: date | None,
    actor: User | None,
    now: datetime,
) -> int:
    """Take back the score sheets in which nobody has written, of the periods that a new table of
    the group is for, so that they are opened anew by that one; how many.

    Raises DomainError where somebody has: what was scored stays with the table that it was scored
    by.
    """
    campaign = locked(campaign)
    sheets = queries.replaced_sheets(campaign, group, from_year, since)
    keys = list(sheets.values_list("pk", flat=True))
    list(ScoreSheet.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=keys))
    if begun := queries.begun_sheets(sheets).first():
        raise DomainError(queries.scored_by(begun))
    periods = ", ".join(dict.fromkeys(str(sheet.period) for sheet in sheets))
    ScoreSheet.objects.filter(pk__in=keys).delete()
    if keys:
        note = f"{len(keys)} phiếu chưa ai chấm, {periods}"
        record("campaign.scoring_withdrawn", campaign, actor=actor, now=now, note=note)
    return len(keys)


def scorer_of(layer: str, unit: Unit, campaign: Campaign, period: Period) -> Unit:
    """Who scores `unit` in a layer; never the unit itself but in its own.

    Of the bloc: its leader of the year, and for the leader a deputy. Of the standing agency: the
    agency, and for the agency itself the issuer. Raises DomainError when there is nobody.
    """
    if layer == Layer.SELF:
        return unit
    if layer == Layer.BLOC:
        rows = BlocMembership.objects.filter(
            bloc=campaign.bloc_id, year=period.period_to.year, role__in=[ROLES.HEAD, ROLES.DEPUTY]
        ).select_related("unit")
        found = sorted(rows, key=lambda row: (row.role != ROLES.HEAD, row.pk))
        able = [row.unit for row in found]
    else:
        able = [one for one in (campaign.standing_agency, campaign.issuer) if one]
    scorer = next((one for one in able if one.pk != unit.pk), None)
    if scorer is None:
        raise DomainError(
            f"Chưa có đơn vị nào {Layer(layer).label} điểm của {unit} năm "
            f"{period.period_to.year}: đơn vị không tự chấm mình ở lớp này. Ghi Trưởng, Phó của "
            "Khối, Cụm hoặc cơ quan thường trực khác rồi mở lại."
        )
    return scorer


@transaction.atomic
def assign_peers(
    period: Period,
    table: ScoreTable,
    *,
    actor: User | None,
    now: datetime,
    each: int = 2,
    pairs: Iterable[tuple[int, int]] | None = None,
) -> int:
    """Say who scores whom among the members of one table: `pairs` of participations (scorer,
    scored), or everyone the next `each` in the order of names. What was begun stays; how many
    scorings there are now.

    Raises DomainError when the table has no such layer, nothing is open, a pair makes no sense, or
    a later layer was sent on what the members gave.
    """
    if not table.layers.filter(layer=Layer.PEER).exists():
        raise DomainError(f"“{table}” không có lớp chấm chéo nên không phân công.")
    sheets = list(
        ScoreSheet.objects.select_for_update(of=("self",), no_key=True)
        .filter(period=period, table=table)
        .select_related("participation__unit")
        .order_by("participation__unit__name", "pk")
    )
    if len(sheets) < 2:
        raise DomainError(
            "Chấm chéo cần ít nhất hai đơn vị có phiếu chấm điểm. Mở chấm điểm trước."
        )
    by_part = {sheet.participation_id: sheet for sheet in sheets}
    wanted = list(circle(list(by_part), each) if pairs is None else pairs)
    for scorer, scored in wanted:
        if scorer == scored or scorer not in by_part or scored not in by_part:
            raise DomainError(
                "Phân công chấm chéo phải giữa hai đơn vị khác nhau của cùng bảng chấm điểm."
            )
    keep = {(by_part[b].pk, by_part[a].participation.unit_id) for a, b in wanted}
    held = ScoreLayer.objects.filter(score_sheet__in=sheets, layer=Layer.PEER)
    there = {(row.score_sheet_id, row.scorer_id): row for row in held}
    empty = held.filter(state=ScoreLayer.State.DRAFT, entries=None, gate_hits=None)
    dropped = {(row.score_sheet_id, row.scorer_id) for row in empty} - keep
    new = keep - there.keys()
    changing = [sheet for sheet in sheets if sheet.pk in {pk for pk, _unit in dropped | new}]
    _refuse_stood_on(changing)
    ScoreLayer.objects.filter(pk__in=[there[key].pk for key in dropped]).delete()
    ScoreLayer.objects.bulk_create(
        ScoreLayer(score_sheet_id=sheet, layer=Layer.PEER, scorer_id=unit)
        for sheet, unit in sorted(new)
    )
    for sheet in changing:
        touch(sheet)
        record(
            "scoresheet.peers_assigned", sheet, actor=actor, now=now, unit=sheet.participation.unit
        )
    return ScoreLayer.objects.filter(score_sheet__in=sheets, layer=Layer.PEER).count()


def _refuse_stood_on(sheets: list[ScoreSheet]) -> None:
    """Whose later layer was sent was scored on what these members gave."""
    sent = ScoreLayer.objects.filter(
        score_sheet__in=sheets, layer__in=policies.BY_OFFICES, state=ScoreLayer.State.SENT
    ).select_related("score_sheet__participation__unit")
    if names := dict.fromkeys(str(one.score_sheet.participation.unit) for one in sent):
        raise DomainError(
            f"Lớp sau đã gửi điểm của {', '.join(names)} trên cơ sở chấm chéo nên không phân công "
            "lại. Mở lại lớp sau trước."
        )
