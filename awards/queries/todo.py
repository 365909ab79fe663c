"""Việc cần làm of commendations: what came back, what to send, what waits for whom."""

from datetime import date, datetime

from django.db.models import Count, Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils import timezone

from awards import policies
from awards.models import AwardRound, CouncilSession, Nomination, Quota, QuotaPosting
from awards.queries.staleness import LIVE, stale_nominations
from campaigns.models import Participation
from units.models import User
from units.queries import Todo, TodoKind

State = Nomination.State


def todo(user: User, now: datetime) -> list[Todo]:
    """One line a thing to do, in a fixed number of SQL queries."""
    today = timezone.localdate(now)
    return [
        *_drafts(user),
        *_stale(user),
        *_rounds_to_answer(user, today),
        *_sessions_to_record(user),
        *_rounds_to_hold(user),
        *_sessions_to_read(user, today),
        *_rounds_to_decide(user),
        *_quotas_to_allot(user),
    ]


def _drafts(user: User) -> list[Todo]:
    """Returned ones with the reason; drafts by the day the round closes."""
    rows = (
        policies.proposable_nominations(user)
        .filter(award_round__state=AwardRound.State.OPEN)
        .select_related("unit", "person", "household", "quota__award_form", "award_round")
        .order_by("award_round__closes_on", "pk")
    )
    return [
        Todo(
            kind=TodoKind.RETURNED if row.return_reason else TodoKind.OWED,
            title=f"Đề nghị {row.quota.award_form.short_name} cho {row.nominee_name}",
            url=reverse("awards:nomination_detail", args=[row.pk]),
            due_on=row.award_round.closes_on,
            due_text="" if row.award_round.closes_on else "chưa định ngày cuối",
            why=row.return_reason,
            label="Sửa và gửi lại" if row.return_reason else "Hoàn thiện và gửi",
            subject=row.award_round.name,
        )
        for row in rows
    ]


def _stale(user: User) -> list[Todo]:
    """Nominations whose results or targets changed since they were sent: for who proposed them,
    and for the secretary, who may return them before the vote. Two SQL queries at the most."""
    mine = Q(proposing_unit__in=policies.nominatable_units(user))
    kept = Q(award_round__in=policies.recordable_rounds(user).values("pk"), state=State.PROPOSED)
    rows = list(
        Nomination.objects.filter(mine | kept, state__in=LIVE)
        .exclude(sheets_read={})
        .select_related("unit", "person", "household", "quota__award_form", "award_round")
        .order_by("award_round", "pk")
    )
    said = stale_nominations(rows)
    return [
        Todo(
            kind=TodoKind.WAITING,
            title=f"{said[row.pk].title}: đề nghị {row.quota.award_form.short_name} cho "
            f"{row.nominee_name}",
            url=reverse("awards:nomination_detail", args=[row.pk]),
            why=said[row.pk].why,
            label="Xem lại đề nghị",
            subject=row.award_round.name,
        )
        for row in rows
        if row.pk in said
    ]


def _rounds_to_answer(user: User, today: date) -> list[Todo]:
    """Open rounds of plans in which a unit of `user` takes part and has proposed nobody yet."""
    mine = policies.nominatable_units(user)
    joined = Participation.objects.filter(
        Q(left_on=None) | Q(left_on__gte=today), campaign=OuterRef("campaign"), unit__in=mine
    )
    own = Nomination.objects.filter(award_round=OuterRef("pk"), proposing_unit__in=mine)
    rows = (
        AwardRound.objects.filter(
            Q(closes_on=None) | Q(closes_on__gte=today),
            Exists(joined),
            ~Exists(own),
            state=AwardRound.State.OPEN,
            opens_on__lte=today,
        )
        .select_related("campaign")
        .order_by("closes_on", "pk")
    )
    return [
        Todo(
            kind=TodoKind.OWED,
            title=f"Đề nghị khen thưởng: {row.name}",
            url=reverse("awards:round_detail", args=[row.ref]),
            due_on=row.closes_on,
            due_text="" if row.closes_on else "chưa định ngày cuối",
            label="Lập đề nghị",
            subject=row.campaign.short_title,
        )
        for row in rows
    ]


def _sessions_to_record(user: User) -> list[Todo]:
    rows = (
        policies.recordable_sessions(user)
        .filter(state=CouncilSession.State.OPEN)
        .select_related("award_round", "council")
        .order_by("held_on", "pk")
    )
    return [
        Todo(
            kind=TodoKind.WAITING,
            title=f"Phiên họp ngày {row.held_on:%d/%m/%Y}: ghi kết quả",
            url=reverse("awards:session_detail", args=[row.pk]),
            due_on=row.held_on,
            label="Ghi kiểm phiếu",
            subject=row.award_round.name,
        )
        for row in rows
    ]


def _rounds_to_hold(user: User) -> list[Todo]:
    """Rounds with nominations for which no session is open."""
    running = CouncilSession.objects.filter(
        award_round=OuterRef("pk"), state=CouncilSession.State.OPEN
    )
    rows = (
        policies.recordable_rounds(user)
        .filter(~Exists(running))
        .annotate(count=Count("nominations", filter=Q(nominations__state=State.PROPOSED)))
        .filter(count__gt=0)
        .order_by(F("closes_on").asc(nulls_last=True), "pk")
    )
    return [
        Todo(
            kind=TodoKind.WAITING,
            title=f"{row.count} đề nghị chờ hội đồng xét",
            count=row.count,
            url=reverse("awards:round_detail", args=[row.ref]),
            label="Mở phiên họp",
            subject=row.name,
        )
        for row in rows
    ]


def _sessions_to_read(user: User, today: date) -> list[Todo]:
    """Open sessions at which `user` sits without keeping the record."""
    if policies.sits_nowhere(user):
        return []
    mine = policies.recordable_sessions(user)
    rows = (
        policies.reviewable_sessions(user)
        .filter(state=CouncilSession.State.OPEN)
        .exclude(pk__in=mine.values("pk"))
        .select_related("award_round")
        .annotate(
            waiting=Count(
                "award_round__nominations",
                filter=Q(award_round__nominations__state=State.PROPOSED),
            )
        )
        .order_by("held_on", "pk")
    )
    return [
        Todo(
            kind=TodoKind.WAITING,
            title=f"Phiên họp ngày {row.held_on:%d/%m/%Y}: {row.waiting} đề nghị chờ xét",
            count=max(1, row.waiting),
            url=reverse("awards:session_detail", args=[row.pk]),
            due_on=row.held_on if row.held_on >= today else None,
            label="Xem đề nghị",
            subject=row.award_round.name,
        )
        for row in rows
    ]


def _rounds_to_decide(user: User) -> list[Todo]:
    mine = policies.decidable_nominations(user).filter(state=State.FORWARDED)
    rows = (
        AwardRound.objects.filter(nominations__in=mine.values("pk"))
        .annotate(count=Count("nominations", distinct=True))
        .order_by("opens_on", "pk")
    )
    return [
        Todo(
            kind=TodoKind.WAITING,
            title=f"{row.count} đề nghị chờ quyết định khen thưởng",
            count=row.count,
            url=reverse("awards:decision_new", args=[row.ref]),
            label="Ghi quyết định",
            subject=row.name,
        )
        for row in rows
    ]


def _quotas_to_allot(user: User) -> list[Todo]:
    """Places "to be allotted later" for which somebody already writes a nomination."""
    allotted = QuotaPosting.objects.filter(quota=OuterRef("pk"), kind=QuotaPosting.Kind.ALLOT)
    drafted = Nomination.objects.filter(quota=OuterRef("pk"), state=State.DRAFT)
    rows = (
        policies.allottable_quotas(user)
        .filter(Exists(drafted), ~Exists(allotted), basis=Quota.Basis.LATER)
        .select_related("award_form", "campaign")
        .order_by("campaign", "order", "pk")
    )
    return [
        Todo(
            kind=TodoKind.WAITING,
            title=f"Phân bổ số lượng {row.award_form.short_name} "
            f"({row.get_recipient_kind_display()})",
            url=reverse("awards:quota_allot", args=[row.pk]),
            label="Phân bổ",
            subject=row.campaign.short_title,
        )
        for row in rows
    ]
