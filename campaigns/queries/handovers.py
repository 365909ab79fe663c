"""The lead of a bloc as it passes on: who gives, who takes, and what is to be done about it."""

from datetime import datetime

from django.urls import reverse
from django.utils import timezone

from campaigns import policies
from campaigns.models import HandOver
from units.models import Bloc, BlocMembership, Unit, User
from units.queries import Todo, TodoKind

HAND_OVER_VERBS = {
    "handover.submitted": "bàn giao",
    "handover.returned": "trả lại để bổ sung",
    "handover.confirmed": "nhận bàn giao",
}
MONTH = 12  # from this month of its year a leader is reminded to hand over


def hand_over_of(bloc: Bloc, year: int) -> HandOver | None:
    related = ("bloc__organiser", "giver", "taker", "sent_by", "confirmed_by")
    return HandOver.objects.filter(bloc=bloc, year=year).select_related(*related).first()


def leader_of(bloc: Bloc, year: int) -> Unit | None:
    rows = BlocMembership.objects.filter(bloc=bloc, year=year, role=BlocMembership.Role.HEAD)
    found = rows.select_related("unit").first()
    return found.unit if found else None


def lead_history(bloc: Bloc) -> list[tuple[BlocMembership, HandOver | None]]:
    """Every leader of the bloc, newest first, with the hand-over at the end of his year; two SQL
    queries."""
    held = {one.year: one for one in HandOver.objects.filter(bloc=bloc).select_related("taker")}
    heads = BlocMembership.objects.filter(bloc=bloc, role=BlocMembership.Role.HEAD)
    return [(m, held.get(m.year)) for m in heads.select_related("unit").order_by("-year")]


def hand_over_todo(user: User, now: datetime) -> list[Todo]:
    """To confirm, to mend, and, when the year ends, to hand over; a fixed number of SQL queries."""
    today = timezone.localdate(now)
    mine = policies.confirmable_hand_overs(user).filter(state=HandOver.State.SENT)
    found = [
        _todo(
            one.bloc,
            one.year,
            TodoKind.WAITING,
            title=f"Xác nhận nhận bàn giao vai trò Trưởng từ {one.giver}",
            due_text=f"giao ngày {one.held_on:%d/%m/%Y}",
            label="Xem và xác nhận",
        )
        for one in mine.select_related("bloc", "giver")
    ]
    year = today.year if today.month >= MONTH else today.year - 1
    heads = BlocMembership.objects.filter(
        role=BlocMembership.Role.HEAD, unit__in=policies.leading_units(user), year=year
    )
    led = {one.bloc_id: one for one in heads.select_related("bloc")}
    after = BlocMembership.objects.filter(
        role=BlocMembership.Role.HEAD, bloc__in=led, year=year + 1
    )
    next_heads = dict(after.values_list("bloc", "unit"))
    made = {one.bloc_id: one for one in HandOver.objects.filter(bloc__in=led, year=year)}
    for pk, head in led.items():
        given = made.get(pk)
        if given is not None and given.state == HandOver.State.RETURNED:
            found.append(
                _todo(
                    head.bloc,
                    year,
                    TodoKind.RETURNED,
                    title=f"Bàn giao vai trò Trưởng năm {year}",
                    why=f"Bên nhận trả lại: “{given.return_reason}”",
                    label="Bổ sung bàn giao",
                )
            )
        elif given is None and next_heads.get(pk, head.unit_id) != head.unit_id:
            found.append(
                _todo(
                    head.bloc,
                    year,
                    TodoKind.OWED,
                    title=f"Bàn giao vai trò Trưởng năm {year}",
                    due_text="khi tổng kết năm",
                    label="Lập bàn giao",
                )
            )
    return found


def _todo(
    bloc: Bloc,
    year: int,
    kind: TodoKind,
    *,
    title: str,
    label: str,
    due_text: str = "",
    why: str = "",
) -> Todo:
    url = reverse("campaigns:hand_over", args=[bloc.ref, year])
    return Todo(
        kind=kind,
        title=title,
        url=url,
        due_text=due_text,
        why=why,
        label=label,
        subject=bloc.name,
    )
