"""Publishing a ranking: only when every layer is in, frozen, again only with a reason."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from campaigns import policies, queries
from campaigns.models import Period, Ranking, ScoreLayer, ScoreSheet
from campaigns.queries import RankStandings
from campaigns.services.scores import reopen_layer
from criteria.models import ScoreTable
from units.models import User
from units.rules import DomainError
from units.workflow import locked, record


@transaction.atomic
def publish_ranking(
    period: Period, table: ScoreTable, *, seen: str, actor: User, now: datetime, reason: str = ""
) -> Ranking:
    """Freeze the ranking of a table in a period as it stands now, which is as it was `seen`: the
    digest of the standings that the page showed.

    Points that were sent are never written anew by the portal: who gave them looks at them again.
    Raises DomainError with who is missing, with whose points results or targets of now would give
    otherwise, with equals whose order a meeting must give, when
    nothing changed since the last one, when it is not what was seen, and without a reason for
    another one.
    """
    standings = _locked(period, table)
    if standings.missing:
        listed = "; ".join(f"{unit}: {', '.join(layers)}" for unit, layers in standings.missing)
        raise DomainError(f"Chưa công bố được, còn thiếu điểm. {listed}.")
    if not standings.ranked and not standings.disqualified:
        raise DomainError("Chưa có đơn vị nào được chấm điểm nên không có gì để công bố.")
    if standings.behind:
        names = ", ".join(dict.fromkeys(one.unit.name for one in standings.behind))
        raise DomainError(
            f"Chưa công bố được: điểm đã gửi của {names} theo mục tiêu, kết quả cũ. Mở lại lớp "
            "chấm cuối, xem lại rồi gửi."
        )
    if standings.waiting:
        names = ", ".join(line.unit.name for line in standings.waiting)
        raise DomainError(
            f"Chưa công bố được: {names} bằng nhau mà bảng chấm điểm không xếp đồng hạng. Ghi thứ "
            "tự theo kết luận của hội nghị."
        )
    latest, reason = standings.latest, reason.strip()
    if latest is not None and not standings.stale:
        raise DomainError("Xếp hạng đã công bố và từ đó điểm không đổi; không cần công bố lại.")
    if standings.digest != seen:
        raise DomainError(
            "Điểm, kết quả hoặc mục tiêu đã đổi từ khi mở trang nên chưa công bố. Thứ tự dưới đây "
            "theo điểm đến lúc này; xem lại rồi công bố."
        )
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
def reopen_behind(
    period: Period, table: ScoreTable, *, reason: str, actor: User, now: datetime
) -> list[ScoreLayer]:
    """Open again every layer that counts and that results or targets of now would give other
    points, as far as the actor may; which they are.

    Raises DomainError where there is none, where they are all another office's to open, and without
    a reason.
    """
    behind = [one.layer for one in _locked(period, table).behind]
    if not behind:
        raise DomainError("Không có lớp chấm nào phải mở lại. Tải lại trang.")
    mine = policies.reopenable_layers(actor).filter(pk__in=[one.pk for one in behind])
    able = set(mine.values_list("pk", flat=True))
    if not able:
        names = ", ".join(dict.fromkeys(str(one.scorer) for one in behind))
        raise DomainError(f"Các lớp chấm này do {names} chấm và mở lại. Đề nghị đơn vị đó mở lại.")
    return [
        reopen_layer(one, reason=reason, actor=actor, now=now) for one in behind if one.pk in able
    ]


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

    A wrong order is given again the same way; a ranking published on the old one is stale from
    there. Raises DomainError without a reason, for sheets that no meeting is asked about, for an
    order with gaps, and for the order that stands already.
    """
    standings, reason = _locked(period, table), reason.strip()
    if not reason:
        raise DomainError("Ghi căn cứ của thứ tự: biên bản, ngày họp, kết quả biểu quyết.")
    groups = [{line.sheet.pk: line.sheet for line in one.lines} for one in standings.equals]
    group = next((sheets for sheets in groups if order.keys() & sheets.keys()), None)
    if group is None or not order.keys() <= set().union(*groups):
        raise DomainError("Chỉ ghi thứ tự cho các đơn vị bằng nhau mà hội nghị phải quyết định.")
    if group.keys() != order.keys():
        raise DomainError("Ghi thứ tự của đủ các đơn vị bằng nhau trong một lần.")
    if sorted(order.values()) != list(range(1, len(order) + 1)):
        raise DomainError(f"Thứ tự phải là các số từ 1 đến {len(order)}, mỗi số một lần.")
    if all(order[pk] == sheet.tie_place for pk, sheet in group.items()):
        raise DomainError("Thứ tự này đã ghi. Đổi thứ tự rồi ghi lại, kèm căn cứ của lần sửa.")
    for sheet in ScoreSheet.objects.filter(pk__in=order).select_related(
        "participation__unit", "period"
    ):
        before = f"thứ {sheet.tie_place}" if sheet.tie_place else ""
        sheet.tie_place, sheet.tie_reason = order[sheet.pk], reason
        sheet.revision += 1
        sheet.save(update_fields=["tie_place", "tie_reason", "revision"])
        unit = sheet.participation.unit
        note = f"thứ {order[sheet.pk]}: {reason}"
        said = {"before": before, "after": f"thứ {order[sheet.pk]}", "note": note}
        record("scoresheet.tie_settled", sheet, actor=actor, now=now, unit=unit, **said)


def _locked(period: Period, table: ScoreTable) -> RankStandings:
    """The standings, with every sheet of the period locked against a score that comes in."""
    locked(period)
    list(ScoreSheet.objects.select_for_update(of=("self",), no_key=True).filter(period=period))
    whole = Period.objects.select_related("campaign").get(pk=period.pk)
    found = next((one for one in queries.ranking_of(whole) if one.table.pk == table.pk), None)
    if found is None:
        raise DomainError(f"Kỳ “{period}” không xếp hạng theo “{table}”.")
    return found
