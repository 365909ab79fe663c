"""Reads of the ground floor: accounts, units, what happened, and the shape of a thing to do."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from django.apps import apps
from django.db.models import Case, IntegerField, Model, Prefetch, Q, QuerySet, Value, When
from django.db.models.functions import Length, Replace

from units import policies
from units.models import (
    AuditEntry,
    Bloc,
    BlocMembership,
    BlocYear,
    RoleAssignment,
    Unit,
    UnitName,
    UnitPlacement,
    UnitSuccession,
    User,
)
from units.queries.register import (
    SHORTEST_DIGEST,
    AuditDay,
    audit_day,
    audit_faults,
    day_begin,
    newest_audit_digest,
    settled_day,
)
from units.rules import (
    ACCOUNTS,
    NEVER,
    fold,
    nfc,
    on_a_day,
    reminder_due,
)

__all__ = [
    "SERVER",
    "SHORTEST_DIGEST",
    "VERBS",
    "AuditDay",
    "BlocCard",
    "Happening",
    "Todo",
    "TodoKind",
    "UnitCard",
    "accounts",
    "audit_day",
    "audit_faults",
    "bloc_candidates",
    "bloc_cards",
    "bloc_stamp",
    "day_begin",
    "found_units",
    "history",
    "newest_audit_digest",
    "reaches_below",
    "remindable_users",
    "resettable_users",
    "sentence",
    "settled_day",
    "takeable_roles",
    "unit_card",
]


# --- things to do: every app offers `queries.todo(user, now) -> list[Todo]` ----------------------
class TodoKind(StrEnum):
    """The four questions of the first page, in their order, and what is behind."""

    RETURNED = "returned"  # came back to me, and why
    OWED = "owed"  # I must send, by when
    WAITING = "waiting"  # waits for my approval
    OWING = "owing"  # others owe me
    LED = "led"  # how what I lead stands
    DONE = "done"  # just happened


@dataclass(frozen=True)
class Todo:
    """One line of Việc cần làm. `due_text` is the plan's own words where it names no day; `count`
    is how many things the title counts.
    """

    kind: TodoKind
    title: str
    url: str
    due_on: date | None = None
    due_text: str = ""
    why: str = ""
    label: str = ""
    subject: str = ""
    count: int = 1


# --- what happened -------------------------------------------------------------------------------
@dataclass(frozen=True)
class Happening:
    """One line of a history: `sentence` is ready to be read."""

    at: datetime
    sentence: str


SERVER = "Người quản trị máy chủ"
VERBS = {
    "user.created": "lập tài khoản",
    "user.updated": "sửa họ tên, thư điện tử",
    "user.deactivated": "đóng tài khoản",
    "user.reactivated": "mở lại tài khoản",
    "user.unlocked": "mở khóa đăng nhập",
    "user.reset_mailed": "gửi thư đặt lại mật khẩu",
    "user.password_issued": "cấp mật khẩu tạm",
    "user.password_changed": "đổi mật khẩu",
    "user.signed_out": "đăng xuất khỏi mọi thiết bị",
    "user.reminders_chosen": "chọn nhịp thư nhắc việc",
    "bloc.year_set": "ghi danh sách",
}


def history(
    *subjects: Model,
    verbs: Mapping[str, str] | None = None,
    limit: int = 50,
    without: Q | None = None,
) -> list[Happening]:
    """The latest acts on these rows, newest first, but for those `without`; one SQL query.

    `verbs` says in words what an action was; a step of the workflow needs none, its state has a
    name already.
    """
    about = Q(pk__in=[])
    for subject in subjects:
        about |= Q(subject_type=subject._meta.label_lower, subject_id=subject.pk)
    words = VERBS | dict(verbs or {})
    seen = AuditEntry.objects.filter(about & ~without if without else about)
    rows = seen.select_related("actor")[:limit]
    return [Happening(row.at, sentence(row, words)) for row in rows]


def sentence(entry: AuditEntry, verbs: Mapping[str, str] = VERBS) -> str:
    """One act in words. Needs `actor` selected."""
    who = str(entry.actor) if entry.actor else SERVER
    verb = verbs.get(entry.action, "")
    if not verb and entry.after:
        states = getattr(apps.get_model(entry.subject_type), "State", None)
        labels = dict(states.choices) if states else {}
        verb = f"chuyển sang “{labels.get(entry.after, entry.after)}”"
    if verb and entry.note:
        return f"{who} {verb}: {entry.note}"
    if verb:
        return f"{who} {verb}."
    return f"{who}: {entry.note or entry.action}"


# --- accounts ------------------------------------------------------------------------------------
ACCOUNT_SORTS = {
    "name": ("full_name", "pk"),
    "-name": ("-full_name", "-pk"),
    "username": ("username",),
    "-username": ("-username",),
    "seen": ("last_login", "pk"),
    "-seen": ("-last_login", "-pk"),
}


def accounts(
    manager: User,
    *,
    text: str = "",
    role: str = "",
    unit: str = "",
    state: str = "",
    sort: str = "",
) -> QuerySet[User]:
    """Accounts that `manager` looks after, with their roles and units.

    `text` is looked for without marks in name, username and mail, exact-accent hits first. The
    accounts of one office and those below it are few, so they are folded here and not in SQL.
    """
    rows = policies.manageable_users(manager)
    if role:
        rows = rows.filter(roles__role=role)
    if unit:
        rows = rows.filter(roles__unit__ref=unit)
    if state:
        rows = rows.filter(is_active=state == "open")
    order = ACCOUNT_SORTS.get(sort, ACCOUNT_SORTS["name"])
    if wanted := fold(text):
        exact, near = [], []
        for pk, *words in rows.values_list("pk", "full_name", "username", "email"):
            if nfc(text).strip().lower() in " ".join(words).lower():
                exact.append(pk)
            elif wanted in fold(" ".join(words)):
                near.append(pk)
        rows = rows.filter(pk__in=[*exact, *near])
        if not sort:
            rank = Case(
                When(pk__in=exact, then=Value(0)), default=Value(1), output_field=IntegerField()
            )
            return _with_roles(rows.distinct().annotate(rank=rank).order_by("rank", *order))
    return _with_roles(rows.distinct().order_by(*order))


def _with_roles(rows: QuerySet[User]) -> QuerySet[User]:
    roles = RoleAssignment.objects.select_related("unit").order_by("unit__name", "role")
    return rows.prefetch_related(Prefetch("roles", queryset=roles))


def reaches_below(manager: User, unit: Unit) -> bool:
    """Whether `manager` looks after `unit` *and below*, and so may give roles that reach below."""
    return policies.units_with_below(manager, ACCOUNTS).filter(pk=unit.pk).exists()


def takeable_roles(manager: User) -> QuerySet[RoleAssignment]:
    """Roles of the accounts that `manager` looks after."""
    return RoleAssignment.objects.filter(user__in=policies.manageable_users(manager))


def resettable_users(email: str) -> list[User]:
    """Open accounts with this address; an account that never had a password is among them."""
    return list(User.objects.filter(email__iexact=email, is_active=True)) if email else []


def remindable_users(today: date) -> list[User]:
    """Whose rhythm lets them be reminded today, and who has an address."""
    rows = User.objects.filter(is_active=True).exclude(email="").exclude(reminders=NEVER)
    return [u for u in rows.order_by("pk") if reminder_due(u.reminders, u.reminded_on, today)]


# --- a unit --------------------------------------------------------------------------------------
@dataclass(frozen=True)
class UnitCard:
    """One unit as of a day. Parent and children carry `seen`: whether the reader may open them."""

    unit: Unit
    alive: bool
    parent: Unit | None
    parent_seen: bool
    children: list[Unit]
    names: list[UnitName]
    placements: list[UnitPlacement]
    memberships: list[BlocMembership]
    blocs: list[Bloc]
    successors: list[UnitSuccession]
    origins: list[UnitSuccession]
    roles: list[RoleAssignment]


def unit_card(unit: Unit, user: User, today: date) -> UnitCard:
    """Everything the page of a unit shows, in a fixed number of queries."""
    parent = unit.parent
    children = unit.children.select_related("kind").order_by("name", "pk")
    roles = unit.roles.filter(user__is_active=True).select_related("user")
    moves = UnitSuccession.objects.select_related("event", "predecessor", "successor")
    return UnitCard(
        unit=unit,
        alive=on_a_day(today, unit.valid_from, unit.valid_to),
        parent=parent,
        parent_seen=parent is not None
        and policies.viewable_units(user).filter(pk=parent.pk).exists(),
        children=[c for c in children if on_a_day(today, c.valid_from, c.valid_to)],
        names=list(unit.names.select_related("kind")),
        placements=list(unit.placements.select_related("parent")),
        memberships=list(
            unit.bloc_memberships.select_related("bloc").order_by("-year", "bloc__name")
        ),
        blocs=list(unit.blocs.all()),
        successors=list(moves.filter(predecessor=unit)),
        origins=list(moves.filter(successor=unit)),
        roles=list(roles.order_by("user__full_name", "role")),
    )


# --- blocs and clusters --------------------------------------------------------------------------
@dataclass(frozen=True)
class BlocCard:
    """One bloc in one year: the leader first, then deputies, then the others by name."""

    bloc: Bloc
    year: int
    members: list[BlocMembership]
    years: list[int]
    decision: BlocYear | None

    @property
    def head(self) -> BlocMembership | None:
        return next((m for m in self.members if m.role == BlocMembership.Role.HEAD), None)


def bloc_cards(blocs: Iterable[Bloc], today: date, year: int | None = None) -> list[BlocCard]:
    """Each bloc in `year`, by default the latest that has begun; two SQL queries."""
    rows, found = list(blocs), []
    order = {role: place for place, role in enumerate(BlocMembership.Role)}
    memberships: dict[int, list[BlocMembership]] = {bloc.pk: [] for bloc in rows}
    for one in BlocMembership.objects.filter(bloc__in=memberships).select_related("unit__kind"):
        memberships[one.bloc_id].append(one)
    decisions = BlocYear.objects.filter(bloc__in=memberships).select_related("set_by")
    decided = {(one.bloc_id, one.year): one for one in decisions}
    for bloc in rows:
        years = sorted({one.year for one in memberships[bloc.pk]}, reverse=True)
        begun = [one for one in years if one <= today.year]
        shown = year or next(iter(begun or years[-1:]), today.year)
        lines = [one for one in memberships[bloc.pk] if one.year == shown]
        lines.sort(key=lambda one: (order[BlocMembership.Role(one.role)], fold(one.unit.name)))
        found.append(BlocCard(bloc, shown, lines, years, decided.get((bloc.pk, shown))))
    return found


def bloc_stamp(bloc: Bloc, year: int) -> str:
    """Stands for the list of a year as it is now, whoever wrote it; one SQL query."""
    rows = bloc.memberships.filter(year=year).order_by("unit").values_list("unit", "role")
    return "-".join(f"{unit}{role[0]}" for unit, role in rows)


def bloc_candidates(bloc: Bloc, year: int, user: User, text: str = "") -> list[tuple[Unit, str]]:
    """(unit, its role) for the list of `year`: those of the latest list up to it (an office of an
    earlier year is not handed on, nor is the place of a unit that has ended), the organiser's
    other units, and those that `text` finds."""
    rows = bloc.memberships.filter(year__lte=year).select_related("unit").order_by("-year", "unit")
    begin, known = date(year, 1, 1), {}
    for one in rows:
        if one.year == rows[0].year:
            held = one.role if one.year == year else BlocMembership.Role.MEMBER
            known[one.unit] = "" if one.unit.valid_to and one.unit.valid_to < begin else held
    alive = Q(valid_to__isnull=True) | Q(valid_to__gte=begin)
    below = bloc.organiser.children.filter(alive).order_by("name", "pk")
    others = [*below, *(found_units(user, text) if fold(text) else [])]
    return [*known.items(), *((unit, "") for unit in dict.fromkeys(others) if unit not in known)]


# --- search --------------------------------------------------------------------------------------
def found_units(user: User, text: str, limit: int = 20) -> list[Unit]:
    """Units `user` may see whose name, short name or ref holds `text` (not blank).

    Exact-accent hits first, then names that end with it; of those the higher in the tree, the
    shorter: the committee of a province before its departments, which all bear its name.
    """
    wanted, raw = fold(text), nfc(text).strip()
    exact = Q(name__icontains=raw) | Q(short_name__icontains=raw)
    rows = policies.viewable_units(user).filter(
        exact | Q(folded__contains=wanted) | Q(ref__icontains=wanted)
    )
    rank = Case(When(exact, then=Value(0)), default=Value(1), output_field=IntegerField())
    ends = Q(name__iendswith=raw) | Q(short_name__iexact=raw) | Q(folded__endswith=wanted)
    last = Case(When(ends, then=Value(0)), default=Value(1), output_field=IntegerField())
    depth = Length("path") - Length(Replace("path", Value("/"), Value("")))
    found = (
        rows.annotate(rank=rank, last=last, depth=depth)
        .select_related("kind")
        .prefetch_related("successions__successor")
        .order_by("rank", "last", "depth", Length("name"), "name", "pk")
    )
    return list(found[:limit])
