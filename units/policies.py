"""Who may do what where. A permission is a queryset; the only door to guardian's grants.

Default deny: an account without a grant sees nothing, a superuser included.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace

from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db.models import Exists, OuterRef, Q, QuerySet

from units.models import (
    Bloc,
    BlocMembership,
    Prepared,
    RoleAssignment,
    Unit,
    UnitGroupPermission,
    UnitUserPermission,
    User,
)
from units.rules import ACCOUNTS, FLOWS_DOWN, PLAN, VIEW, role_permissions


@dataclass(frozen=True)
class Grant:
    """A permission on one unit: `path` and `name` are the unit's, `and_below` whether all below it
    count.
    """

    permission: str
    unit: int
    path: str
    name: str
    and_below: bool


COLUMNS = (
    "permission__codename",
    "content_object_id",
    "content_object__path",
    "content_object__name",
    "and_below",
)
GRANTS = Prepared(
    lambda user, member: (
        UnitUserPermission.objects.filter(user=user)
        .values_list(*COLUMNS)
        .union(UnitGroupPermission.objects.filter(group__user=member).values_list(*COLUMNS))
    )
)

_kept: ContextVar[dict[int, list[Grant]] | None] = ContextVar("grants", default=None)


@contextmanager
def grants_read_once() -> Iterator[None]:
    """While one page is made: a page asks for a dozen permissions, the grants are read once."""
    token = _kept.set({})
    try:
        yield
    finally:
        _kept.reset(token)


def _grants(user: User) -> list[Grant]:
    kept = _kept.get()
    if kept is not None and user.pk in kept:
        return kept[user.pk]
    grants = [Grant(*row) for row in GRANTS(user.pk, user.pk)]
    if kept is not None:
        kept[user.pk] = grants
    return grants


def _units(grants: Iterable[Grant]) -> QuerySet[Unit]:
    return Unit.objects.filter(_reached(grants))


def _reached(grants: Iterable[Grant], unit: str = "") -> Q:
    """The condition that a unit is one of `grants`, or below it where it says so. `unit` is the
    lookup path to the unit."""
    to = f"{unit}__" if unit else ""
    named: set[int] = set()
    paths: set[str] = set()
    for grant in grants:
        if grant.and_below:
            paths.add(grant.path)
        else:
            named.add(grant.unit)
    reached = Q(**{f"{to}pk__in": named})
    for path in sorted(paths):
        if not any(path.startswith(other) for other in paths - {path}):
            reached |= Q(**{f"{to}path__startswith": path})
    return reached


def granted_units(user: User, permission: str) -> QuerySet[Unit]:
    """Units for which `user` holds `permission`: the named ones, and those below where the grant
    says so or where the permission flows down by itself. The grants are read at once, so that the
    queryset, which is woven into almost every other one, is short.
    """
    held = _held(user, permission)
    return _units(held) if held else Unit.objects.none()


def granted_on(user: User, permission: str, unit: str) -> Q:
    """The condition that `user` holds `permission` on the unit at the lookup path `unit`: as
    `granted_units`, for a query that joins that unit anyway."""
    return _reached(_held(user, permission), unit)


def holds(user: User, permission: str, unit: int, path: str) -> bool:
    """Whether the unit with that key and path is one of `granted_units`: the same grants, asked
    about a unit that is at hand."""
    return any(
        path.startswith(grant.path) if grant.and_below else unit == grant.unit
        for grant in _held(user, permission)
    )


def holds_nowhere(user: User, permission: str) -> bool:
    """Whether `granted_units` is empty."""
    return not _held(user, permission)


def _held(user: User, permission: str) -> list[Grant]:
    if not user.is_active:
        return []
    held = [grant for grant in _grants(user) if grant.permission == permission]
    if permission in FLOWS_DOWN:
        return [replace(grant, and_below=True) for grant in held]
    return held


def units_with_below(user: User, permission: str) -> QuerySet[Unit]:
    """Units on which `user` holds `permission` together with everything below them."""
    return _units(g for g in _grants(user) if g.permission == permission and g.and_below)


def offices(user: User) -> list[str]:
    """The units for which `user` acts, the highest first. A seat on a council is a role without a
    grant.
    """
    held = {grant.path: grant.name for grant in _grants(user)}
    if not held:
        seats = RoleAssignment.objects.filter(user=user)
        held = dict(seats.values_list("unit__path", "unit__name"))
    return [held[path] for path in sorted(held, key=lambda path: (path.count("/"), held[path]))]


def viewable_units(user: User) -> QuerySet[Unit]:
    return granted_units(user, VIEW)


def viewable_blocs(user: User, *years: int) -> QuerySet[Bloc]:
    """Blocs whose organiser, or one of whose members (of `years`, or of any), `user` may see."""
    seen = viewable_units(user)
    sits = BlocMembership.objects.filter(bloc=OuterRef("pk"), unit__in=seen)
    if years:
        sits = sits.filter(year__in=years)
    return Bloc.objects.filter(Q(organiser__in=seen) | Exists(sits))


def keepable_blocs(user: User) -> QuerySet[Bloc]:
    """Blocs whose members and roles `user` sets, for the unit that organises them."""
    return Bloc.objects.filter(organiser__in=granted_units(user, PLAN))


def manageable_units(user: User) -> QuerySet[Unit]:
    """Units whose accounts `user` looks after."""
    return granted_units(user, ACCOUNTS)


def manageable_users(user: User) -> QuerySet[User]:
    """Accounts whose every role lies within the units that `user` looks after.

    Somebody with a role elsewhere, or `user` himself, is another administrator's business. So is
    whoever reaches further down than the administrator does: taking over his account would.
    """
    mine = manageable_units(user)
    deep = mine.filter(pk__in=units_with_below(user, ACCOUNTS).values("pk"))
    inside = RoleAssignment.objects.filter(user=OuterRef("pk"), unit__in=mine)
    outside = RoleAssignment.objects.filter(user=OuterRef("pk")).exclude(
        Q(unit__in=deep) | Q(unit__in=mine, and_below=False)
    )
    return User.objects.filter(Exists(inside), ~Exists(outside)).exclude(pk=user.pk)


def set_grants(user: User, unit: Unit, roles: Iterable[RoleAssignment]) -> None:
    """Make the grants of `user` on `unit` say exactly what these roles say.

    Called by services only, inside their transaction.
    """
    assignments = list(roles)
    deep = role_permissions({a.role for a in assignments if a.and_below})
    wanted = {name: name in deep for name in role_permissions({a.role for a in assignments})}
    rows = UnitUserPermission.objects.filter(user=user, content_object=unit)
    held = dict(rows.values_list("permission__codename", "and_below"))
    wrong = [name for name, below in held.items() if wanted.get(name) is not below]
    missing = [name for name, below in wanted.items() if held.get(name) is not below]
    if wrong:
        rows.filter(permission__codename__in=wrong).delete()
    if missing:
        unit_type = ContentType.objects.get_for_model(Unit)
        permissions = {
            one.codename: one for one in Permission.objects.filter(content_type=unit_type)
        }
        UnitUserPermission.objects.bulk_create(
            UnitUserPermission(
                user=user,
                content_object=unit,
                permission=permissions[name],
                and_below=wanted[name],
            )
            for name in missing
        )
    if (kept := _kept.get()) is not None:
        kept.pop(user.pk, None)
