"""Việc cần làm of dossiers: what to open, complete, bind and send, and what was received."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import Count, Exists, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils import timezone

from awards.models import AwardRound, Nomination
from awards.queries import CompositionRow, compositions
from dossiers import policies
from dossiers.models import Build, Dossier, SentNomination
from dossiers.queries.contents import Contents, contents_of, own_obstacles, uneven
from dossiers.queries.pages import counted_openings, with_names, without_dossier
from dossiers.queries.versions import newest_attempts, why_unbound
from units.models import AuditEntry, Prepared, User
from units.queries import Todo, TodoKind
from units.rules import day_text

NAMED = 3  # papers named in one line; the page of the dossier lists them all
RECENT_DAYS = 30
State = Nomination.State
# the newest versions asked for by one person that are not done
UNFINISHED = Prepared(
    lambda user: (
        Build.objects.filter(
            ~Exists(
                Build.objects.filter(dossier=OuterRef("dossier"), version__gt=OuterRef("version"))
            ),
            requested_by=user,
        )
        .exclude(state=Build.State.DONE)
        .order_by()
        .values_list("pk", flat=True)
    )
)


def todo(user: User, now: datetime) -> list[Todo]:
    """One line a thing to do, in a fixed number of SQL queries."""
    return [
        *_to_open(user),
        *_drafts(user, now),
        *_builds(user),
        *_received(user, now),
    ]


def _to_open(user: User) -> list[Todo]:
    """What the council passed and nobody has put into a dossier."""
    return [
        Todo(
            kind=TodoKind.OWED,
            title=f"Lập hồ sơ {form.short_name}, {award_round.name}",
            url=reverse("awards:round_detail", args=[award_round.ref]),
            due_on=award_round.closes_on,
            due_text="" if award_round.closes_on else "chưa định ngày cuối",
            why=f"{count} đề nghị hội đồng đã thông qua, chưa có hồ sơ."
            + (
                ""
                if award_round.state == AwardRound.State.OPEN
                else " Đợt xét đã kết thúc, đề nghị cơ quan thường trực mở lại."
            ),
            label="Lập hồ sơ",
            subject=unit.name,
        )
        for award_round, unit, form, count in counted_openings(
            without_dossier(user).filter(state=State.PASSED)
        )
    ]


def _drafts(user: User, now: datetime) -> list[Todo]:
    """The next step of each open dossier."""
    drafts = list(with_names(policies.editable_dossiers(user)).order_by("created_at")[:50])
    held = contents_of(drafts)
    newest = newest_attempts(drafts)
    lists = compositions({dossier.award_round for dossier in drafts})
    found = []
    for dossier in drafts:
        build = newest.get(dossier.pk)
        composition = lists[dossier.award_round_id]
        step = _next_step(dossier, held[dossier.pk], composition, build, user, now)
        if step:
            found.append(
                Todo(
                    kind=TodoKind.OWED,
                    title=f"{dossier.award_form.short_name}, {dossier.award_round.name}",
                    url=reverse("dossiers:dossier_detail", args=[dossier.pk]),
                    due_on=dossier.award_round.closes_on,
                    due_text="" if dossier.award_round.closes_on else "chưa định ngày cuối",
                    why=step[1],
                    label=step[0],
                    subject=dossier.proposing_unit.name,
                )
            )
    return found


def _next_step(
    dossier: Dossier,
    held: Contents,
    composition: list[CompositionRow],
    build: Build | None,
    user: User,
    now: datetime,
) -> tuple[str, str] | None:
    """(label, why); None where a version asked for by `user` has a line of its own."""
    lacking = [line.requirement.title for line in held.blocking]
    if not dossier.letter_number:
        lacking.append("số tờ trình")
    if dossier.letter_on is None:
        lacking.append("ngày tờ trình")
    if lacking:
        return "Bổ sung", f"Hồ sơ còn thiếu: {_shortened(lacking)}."
    if reasons := own_obstacles(dossier, held, timezone.localdate(now)) or uneven(composition):
        return "Xem hồ sơ", " ".join(reasons)
    if reason := why_unbound(build, dossier, held):
        if build is None or build.state == Build.State.DONE:
            return "Lập bản hồ sơ", reason
        if build.requested_by_id == user.pk:
            return None
        return ("Lập lại" if build.state == Build.State.FAILED else "Xem tiến độ"), reason
    assert build  # not bound otherwise
    return "Trình hồ sơ", f"Hồ sơ đủ giấy tờ, bản {build.version} đã lập xong."


def _shortened(names: Iterable[str]) -> str:
    named = list(names)
    more = len(named) - NAMED
    return ", ".join(named[:NAMED]) + (f" và {more} mục khác" if more > 0 else "")


def _builds(user: User) -> list[Todo]:
    """Versions that `user` asked for and that failed or are under way."""
    unfinished = UNFINISHED(user.pk)
    if not unfinished:
        return []  # as on most days: who may see what is not asked for nothing
    rows = (
        policies.viewable_builds(user)
        .filter(pk__in=unfinished)
        .select_related("dossier__award_form", "dossier__proposing_unit")
        .defer("snapshot")
        .order_by("-requested_at")
    )
    found = []
    for build in rows[:20]:
        failed = build.state == Build.State.FAILED
        found.append(
            Todo(
                kind=TodoKind.RETURNED if failed else TodoKind.WAITING,
                title=f"Bản hồ sơ {build.dossier.award_form.short_name}",
                url=reverse("dossiers:dossier_detail", args=[build.dossier_id]),
                why=build.error if failed else "Đang lập, có thể rời trang.",
                label="Lập lại" if failed else "Xem tiến độ",
                subject=build.dossier.proposing_unit.name,
            )
        )
    return found


def _received(user: User, now: datetime) -> list[Todo]:
    """Dossiers sent to the office of `user` in which something still waits for a decision, and
    those on which the last one fell lately."""
    if policies.receives_nothing(user):
        return []
    happened = _waiting_or_decided(now)
    if not happened:
        return []
    rows = list(with_names(policies.received_dossiers(user)).filter(pk__in=happened))
    waiting = [dossier for dossier in rows if happened[dossier.pk].waiting]
    decided = [dossier for dossier in rows if not happened[dossier.pk].waiting]
    waiting.sort(key=lambda dossier: (dossier.sent_at, dossier.pk))
    decided.sort(key=lambda dossier: dossier.pk)
    decided.sort(key=lambda dossier: happened[dossier.pk].decided_at, reverse=True)
    return [_waits(one, happened[one.pk].waiting) for one in waiting] + [
        _was_decided(one, happened[one.pk].decided_at) for one in decided[:10]
    ]


class _Happened(NamedTuple):
    waiting: int  # how many nominations wait for a decision
    decided_at: datetime


def _waiting_or_decided(now: datetime) -> dict[int, _Happened]:
    """Sent dossiers of all offices of which `_received` may have to tell: few, and found without
    asking who may see them; one SQL query. A refusal is only on the register.
    """
    inside = SentNomination.objects.filter(dossier=OuterRef(OuterRef("pk")))
    decided = AuditEntry.objects.filter(
        subject_type=Nomination._meta.label_lower,
        subject_id__in=inside.values("nomination"),
        after__in=(State.AWARDED, State.REFUSED),
    ).order_by("-at")
    rows = (
        Dossier.objects.filter(state=Dossier.State.SENT)
        .annotate(
            waiting=Count("nominations", filter=Q(nominations__state=State.FORWARDED)),
            decided_at=Subquery(decided.values("at")[:1]),
        )
        .filter(Q(waiting__gt=0) | Q(decided_at__gte=now - timedelta(days=RECENT_DAYS)))
    )
    return {pk: _Happened(*rest) for pk, *rest in rows.values_list("pk", "waiting", "decided_at")}


def _waits(dossier: Dossier, nominations: int) -> Todo:
    return Todo(
        kind=TodoKind.WAITING,
        title=f"Hồ sơ đã trình ngày {_sent_on(dossier)}: {dossier.award_form.short_name}, "
        f"{dossier.award_round.name}",
        url=reverse("dossiers:dossier_detail", args=[dossier.pk]),
        why=f"{nominations} đề nghị chờ quyết định khen thưởng.",
        label="Xem hồ sơ",
        subject=dossier.proposing_unit.name,
    )


def _was_decided(dossier: Dossier, decided_at: datetime) -> Todo:
    return Todo(
        kind=TodoKind.DONE,
        title=f"Hồ sơ đã có quyết định: {dossier.award_form.short_name}, "
        f"{dossier.award_round.name}",
        url=reverse("dossiers:dossier_detail", args=[dossier.pk]),
        why=f"Trình ngày {_sent_on(dossier)}, "
        f"ghi quyết định ngày {day_text(timezone.localdate(decided_at))}.",
        label="Xem hồ sơ",
        subject=dossier.proposing_unit.name,
    )


def _sent_on(dossier: Dossier) -> str:
    assert dossier.sent_at  # a constraint holds it for what was sent
    return day_text(timezone.localdate(dossier.sent_at))
