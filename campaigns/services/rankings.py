"""Publishing a ranking: only when every layer is in, frozen, again only with a reason."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from campaigns import queries
from campaigns.models import Period, Ranking, ScoreSheet
from campaigns.queries import RankStandings
from criteria.models import ScoreTable
from units.models import User
from units.rules import DomainError
from units.workflow import locked, record


@transaction.atomic
def publish_ranking(
    period: Period, table: ScoreTable, *, actor: User, now: datetime, reason: str = ""
) -> Ranking:
    """Freeze the ranking of a table in a period as it stands now.

    Raises DomainError with who is missing, with equals whose order a meeting must give, when
    nothing changed since the last one, and without a reason for another one.
    """
    standings = _locked(period, table)
    if standings.missing:
        listed = "; ".join(f"{unit}: {', '.join(layers)}" for unit, layers in standings.missing)
        raise DomainError(f"Chưa công bố được, còn thiếu điểm. {listed}.")
    if not standings.ranked and not standings.disqualified:
        raise DomainError("Chưa có đơn vị nào được chấm điểm nên không có gì để công bố.")
    if standings.waiting:
        names = ", ".join(line.unit.name for line in standings.waiting)
        raise DomainError(
            f"Chưa công bố được: {names} bằng nhau mà bảng chấm điểm không xếp đồng hạng. Ghi thứ "
            "tự theo kết luận của hội nghị."
        )
    latest, reason = standings.latest, reason.strip()
    if latest is not None and not standings.stale:
        raise DomainError("Xếp hạng đã công bố và từ đó điểm không đổi; không cần công bố lại.")
    if latest is not None and not reason:
        raise DomainError("Công bố lại xếp hạng thì ghi lý do: điểm nào đã đổi, vì sao.")
    ranking = Ranking.objects.create(
        period=period,
        table=table,
        version=latest.version + 1 if latest else 1,
        snapshot=standings.snapshot(),
        reason=reason if latest else "",
        published_at=now,
        published_by=actor,
    )
    record("ranking.published", ranking, actor=actor, now=now, note=reason)
    return ranking


@transaction.atomic
def settle_tie(
    period: Period,
    table: ScoreTable,
    *,
    order: Mapping[int, int],
    reason: str,
    actor: User,
    now: datetime,
) -> None:
    """Write down the order that a meeting gave to equals: place among them by the key of the sheet.

    Raises DomainError without a reason, for sheets that do not wait, and for an order with gaps.
    """
    standings, reason = _locked(period, table), reason.strip()
    if not reason:
        raise DomainError("Ghi căn cứ của thứ tự: biên bản, ngày họp, kết quả biểu quyết.")
    waiting = {line.sheet.pk: line for line in standings.waiting}
    if not order or not order.keys() <= waiting.keys():
        raise DomainError("Chỉ ghi thứ tự cho các đơn vị đang chờ hội nghị quyết định.")
    places = {line.place.place for pk, line in waiting.items() if pk in order and line.place}
    group = {pk for pk, line in waiting.items() if line.place and line.place.place in places}
    if len(places) != 1 or group != order.keys():
        raise DomainError("Ghi thứ tự của đủ các đơn vị bằng nhau trong một lần.")
    if sorted(order.values()) != list(range(1, len(order) + 1)):
        raise DomainError(f"Thứ tự phải là các số từ 1 đến {len(order)}, mỗi số một lần.")
    for sheet in ScoreSheet.objects.filter(pk__in=order).select_related(
        "participation__unit", "period"
    ):
        sheet.tie_place, sheet.tie_reason = order[sheet.pk], reason
        sheet.revision += 1
        sheet.save(update_fields=["tie_place", "tie_reason", "revision"])
        unit = sheet.participation.unit
        note = f"thứ {order[sheet.pk]}: {reason}"
        record("scoresheet.tie_settled", sheet, actor=actor, now=now, unit=unit, note=note)


def _locked(period: Period, table: ScoreTable) -> RankStandings:
    """The standings, with every sheet of the period locked against a score that comes in."""
    locked(period)
    list(ScoreSheet.objects.select_for_update(of=("self",), no_key=True).filter(period=period))
    whole = Period.objects.select_related("campaign").get(pk=period.pk)
    found = next((one for one in queries.ranking_of(whole) if one.table.pk == table.pk), None)
    if found is None:
        raise DomainError(f"Kỳ “{period}” không xếp hạng theo “{table}”.")
    return found
