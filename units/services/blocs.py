"""Who sits in a bloc in a year, and who leads it: set by a decision, never for a year gone by."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from units import queries
from units.models import Bloc, BlocMembership, BlocYear, Unit, User
from units.rules import BlocSeat, DomainError, bloc_faults, day_text
from units.workflow import record


@transaction.atomic
def set_bloc_year(
    bloc: Bloc,
    year: int,
    *,
    members: Iterable[tuple[Unit, str]],
    decision: str,
    decided_on: date,
    actor: User | None,
    now: datetime,
    seen: str | None = None,
) -> BlocYear:
    """Write the whole list of a year, the running one or one to come; (unit, role) a line.

    `seen` is the stamp of the list that the page showed (None: nobody looked). Raises DomainError
    with every fault of the list, for a year that is over, without the decision that names it, or
    when somebody wrote another list meanwhile. All blocs of the organiser are locked, as a unit
    sits in one of them.
    """
    today, lines = timezone.localdate(now), list(members)
    near = Bloc.objects.select_for_update(no_key=True).filter(organiser=bloc.organiser_id)
    bloc = next(one for one in near.order_by("pk") if one.pk == bloc.pk)
    if year < today.year:
        raise DomainError(
            f"Năm {year} đã qua nên danh sách của {bloc} không đổi nữa: ai thẩm định, ai xếp hạng "
            f"năm đó đã rõ. Chọn năm {today.year} trở đi."
        )
    if year > today.year + 1:
        raise DomainError(
            f"Danh sách lập trước nhiều nhất một năm. Chọn năm {today.year} hoặc {today.year + 1}."
        )
    if seen is not None and seen != queries.bloc_stamp(bloc, year):
        there = bloc.memberships.filter(year=year).select_related("unit").order_by("unit__name")
        listed = ", ".join(f"{row.unit} ({row.get_role_display()})" for row in there)
        raise DomainError(
            f"Danh sách năm {year} vừa được ghi lại trong khi đang sửa ở đây, nay là: "
            f"{listed or 'không đơn vị nào'}. Xem lại rồi ghi lần nữa nếu vẫn thay."
        )
    if not decision.strip():
        raise DomainError(f"Ghi số, ký hiệu văn bản quyết định danh sách năm {year}.")
    if decided_on > today:
        raise DomainError(
            f"Ngày văn bản {day_text(decided_on)} chưa đến. Ghi danh sách sau khi văn bản đã ký."
        )
    if faults := bloc_faults(_seats(bloc, year, lines), year):
        raise DomainError(" ".join(faults))
    before = _written(bloc.memberships.filter(year=year).select_related("unit"))
    bloc.memberships.filter(year=year).delete()
    rows = [BlocMembership(bloc=bloc, unit=unit, year=year, role=role) for unit, role in lines]
    BlocMembership.objects.bulk_create(rows)
    said = {"decision": decision.strip(), "decided_on": decided_on, "set_at": now, "set_by": actor}
    held, _made = BlocYear.objects.update_or_create(bloc=bloc, year=year, defaults=said)
    record(
        "bloc.year_set",
        bloc,
        actor=actor,
        now=now,
        unit=bloc.organiser,
        note=f"năm {year}, {len(rows)} đơn vị, theo {held.decision} ngày {day_text(decided_on)}",
        data={"year": year, "before": before, "after": _written(rows)},
    )
    return held


def _seats(bloc: Bloc, year: int, lines: list[tuple[Unit, str]]) -> list[BlocSeat]:
    others = BlocMembership.objects.filter(bloc__organiser=bloc.organiser_id, year=year)
    others = others.exclude(bloc=bloc).select_related("bloc")
    elsewhere = {row.unit_id: row.bloc.name for row in others}
    return [
        BlocSeat(unit.name, role, unit.valid_from, unit.valid_to, elsewhere.get(unit.pk, ""))
        for unit, role in lines
    ]


def _written(rows: Iterable[BlocMembership]) -> dict[str, str]:
    return {row.unit.ref: str(row.role) for row in rows}
