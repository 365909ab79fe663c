"""Reads that gather from every app: the things to do, the search, the health of the portal."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.core.cache import cache
from django.db import DatabaseError, InterfaceError
from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.urls import reverse
from django.utils import timezone

import awards.queries
import campaigns.queries
import dossiers.queries
import reports.queries
from awards.models import Award
from awards.policies import viewable_awards
from campaigns.models import Campaign
from campaigns.policies import viewable_campaigns
from units.models import Beat, RoleAssignment, Unit, User
from units.queries import Todo, TodoKind, found_units
from units.rules import day_text, fold, nfc
from units.services.health import WORKER

# --- Việc cần làm --------------------------------------------------------------------------------
SOURCES: tuple[Callable[[User, datetime], list[Todo]], ...] = (
    campaigns.queries.todo,
    campaigns.queries.pledge_todo,
    campaigns.queries.hand_over_todo,
    awards.queries.todo,
    dossiers.queries.todo,
    reports.queries.todo,
)
HEADINGS = {
    TodoKind.RETURNED: "Trả lại cho tôi",
    TodoKind.OWED: "Tôi phải gửi",
    TodoKind.WAITING: "Chờ tôi duyệt",
    TodoKind.OWING: "Đơn vị chưa gửi cho tôi",
    TodoKind.LED: "Tiêu chí đơn vị chủ trì",
    TodoKind.DONE: "Vừa xong",
}
SHOWN_AT_ONCE = 12


@dataclass(frozen=True)
class Section:
    """One of the questions of the first page; `more` is folded away until asked for. `count` is
    of things: a line may stand for many.
    """

    anchor: str
    heading: str
    first: list[Todo]
    more: list[Todo]

    @property
    def count(self) -> int:
        return sum(todo.count for todo in (*self.first, *self.more))


@dataclass(frozen=True)
class Rest:
    """What the page says to somebody with nothing to do, with the way on (a URL name)."""

    text: str
    help: str
    page: str = ""
    link: str = ""


PLANS = ("campaigns:campaign_list", "Xem các phong trào")
# The first line whose roles the person holds speaks to him.
RESTS = (
    (
        {"clerk", "head_of_unit"},
        Rest(
            "Không có việc nào phải làm",
            "Phiếu kết quả của kỳ đang nhập, phiếu bị trả lại và việc đề nghị khen thưởng của đơn "
            "vị sẽ hiện ở đây. Tiêu chí và mục tiêu có trong từng phong trào.",
            *PLANS,
        ),
    ),
    (
        {"standing_agency", "bloc_leader"},
        Rest(
            "Không có phiếu nào chờ thẩm định",
            "Phiếu do đơn vị gửi, đơn vị chưa gửi và báo cáo cần lập sẽ hiện ở đây khi đến kỳ. "
            "Đơn vị tham gia xem trong từng phong trào.",
            *PLANS,
        ),
    ),
    (
        {"council_member", "council_secretary", "council_chair"},
        Rest(
            "Không có đề nghị nào chờ hội đồng",
            "Đề nghị và phiên họp của hội đồng sẽ hiện ở đây khi đến lượt xét.",
            "awards:award_home",
            "Xem các đợt xét",
        ),
    ),
    (
        {"home_affairs", "decider"},
        Rest(
            "Không có việc nào chờ xử lý",
            "Hồ sơ và đề nghị chờ thẩm định, chờ quyết định sẽ hiện ở đây.",
            "awards:award_home",
            "Xem các đợt xét",
        ),
    ),
    (
        {"lead_department"},
        Rest(
            "Chưa có kỳ báo cáo nào của tiêu chí đơn vị chủ trì",
            "Khi kỳ bắt đầu, ở đây hiện bao nhiêu đơn vị đã gửi kết quả. Tiêu chí và mục tiêu có "
            "trong từng phong trào.",
            *PLANS,
        ),
    ),
    (
        {"account_admin"},
        Rest(
            "Không có việc nào chờ xử lý",
            "Lập tài khoản và giao vai trò cho cán bộ của đơn vị ở mục Tài khoản.",
            "units:account_list",
            "Đến mục Tài khoản",
        ),
    ),
)
NOBODY = Rest(
    "Tài khoản này chưa được giao vai trò nào",
    "Đề nghị người quản trị tài khoản của đơn vị giao vai trò; việc cần làm sẽ hiện ở đây.",
)


@dataclass(frozen=True)
class Home:
    today: date
    sections: list[Section]
    nearest: date | None
    rest: Rest | None


def home(user: User, now: datetime) -> Home:
    """Everything that waits for `user` or for which he waits, by days left."""
    found = [todo for source in SOURCES for todo in source(user, now)]
    sections = []
    for kind, heading in HEADINGS.items():
        rows = sorted((t for t in found if t.kind == kind), key=_by_days_left)
        if rows:
            first, more = rows[:SHOWN_AT_ONCE], rows[SHOWN_AT_ONCE:]
            sections.append(Section(kind.value, heading, first, more))
    mine = {TodoKind.RETURNED, TodoKind.OWED, TodoKind.WAITING}
    days = [todo.due_on for todo in found if todo.due_on and todo.kind in mine]
    return Home(
        today=timezone.localdate(now),
        sections=sections,
        nearest=min(days, default=None),
        rest=None if sections else _rest(user),
    )


def _by_days_left(todo: Todo) -> tuple[bool, date, str, str]:
    """A day that the plan leaves open comes after every day that it names."""
    return todo.due_on is None, todo.due_on or date.max, todo.subject, todo.title


def _rest(user: User) -> Rest:
    held = set(RoleAssignment.objects.filter(user=user).values_list("role", flat=True))
    return next((rest for roles, rest in RESTS if held & roles), NOBODY)


# --- search --------------------------------------------------------------------------------------
SEARCH_LIMIT = 20


@dataclass(frozen=True)
class Hit:
    title: str
    url: str
    note: str = ""


@dataclass(frozen=True)
class Hits:
    heading: str
    rows: list[Hit]


def search(user: User, text: str, today: date) -> list[Hits]:
    """Units, plans and awards that `user` may see; exact-accent hits first, then by name."""
    if not fold(text):
        return []
    groups = [
        Hits(
            "Đơn vị",
            [_unit_hit(unit, today) for unit in found_units(user, text, SEARCH_LIMIT)],
        ),
        Hits("Phong trào", [_campaign_hit(row) for row in _found_campaigns(user, text)]),
        Hits("Khen thưởng", [_award_hit(row) for row in _found_awards(user, text)]),
    ]
    return [group for group in groups if group.rows]


def _found_campaigns(user: User, text: str) -> QuerySet[Campaign]:
    """By title, theme and number ("207/KH-UBND", or "207" alone)."""
    raw, wanted = nfc(text).strip(), fold(text)
    exact = Q(title__icontains=raw) | Q(short_title__icontains=raw) | Q(theme__icontains=raw)
    number, _, symbol = raw.partition("/")
    numbered = Q(doc_number=number.strip())
    if symbol:
        numbered &= Q(doc_symbol__istartswith=symbol.strip())
    rows = viewable_campaigns(user).filter(exact | numbered | Q(folded__contains=wanted))
    return _exact_first(rows, exact | numbered).order_by("rank", "short_title", "pk")[:SEARCH_LIMIT]


def _found_awards(user: User, text: str) -> QuerySet[Award]:
    raw, wanted = nfc(text).strip(), fold(text)
    exact = Q(recipient_name__icontains=raw)
    rows = viewable_awards(user).filter(exact | Q(folded__contains=wanted))
    rows = rows.select_related("decision", "award_form")
    return _exact_first(rows, exact).order_by("rank", "recipient_name", "pk")[:SEARCH_LIMIT]


def _exact_first(rows: QuerySet, exact: Q) -> QuerySet:  # type: ignore[type-arg]
    rank = Case(When(exact, then=Value(0)), default=Value(1), output_field=IntegerField())
    return rows.annotate(rank=rank)


def _unit_hit(unit: Unit, today: date) -> Hit:
    """One that has ended says since when, and who stands in its place."""
    note = str(unit.kind)
    if unit.valid_to and unit.valid_to < today:
        note += f", đã kết thúc ngày {day_text(unit.valid_to)}"
        if heirs := dict.fromkeys(row.successor.name for row in unit.successions.all()):
            note += f", nay thuộc {', '.join(heirs)}"
    return Hit(unit.name, reverse("units:unit_detail", args=[unit.ref]), note)


def _campaign_hit(campaign: Campaign) -> Hit:
    url = reverse("campaigns:campaign_detail", args=[campaign.ref])
    return Hit(campaign.short_title, url, campaign.number_text)


def _award_hit(award: Award) -> Hit:
    url = reverse("awards:decision_detail", args=[award.decision_id])
    return Hit(award.recipient_name, url, f"{award.award_form.short_name}, {award.decision}")


# --- health --------------------------------------------------------------------------------------
WORKER_SILENT = timedelta(seconds=60)


def health(now: datetime) -> dict[str, bool]:
    """Which of the three parts answer. Says nothing else: the page is open to all."""
    seen, database = None, True
    try:
        seen = Beat.objects.filter(name=WORKER).values_list("seen_at", flat=True).first()
    except (DatabaseError, InterfaceError):
        database = False
    try:
        cache.get("healthz")
        broker = True
    except Exception:
        # Whatever the client of Redis raises (refused, timed out, loading): it does not answer.
        broker = False
    worker = seen is not None and now - seen < WORKER_SILENT
    return {"database": database, "redis": broker, "worker": worker}
