"""Who may do what where. A permission is a queryset; the only door to guardian's grants.

Default deny: an account without a grant sees nothing, a superuser included.
"""

from collections.abc import Iterable

from django.db.models import CharField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet
from guardian.shortcuts import assign_perm, remove_perm  # noqa: TID251

from units.models import (
    RoleAssignment,
    Unit,
    UnitGroupPermission,
    UnitUserPermission,
    User,
)
from units.rules import ACCOUNTS, FLOWS_DOWN, VIEW, role_permissions


def granted_units(user: User, permission: str) -> QuerySet[Unit]:
    """Units for which `user` holds `permission`: the named ones, and those below where the grant
    says so or where the permission flows down by itself. One SQL query however deep the tree is.
    """
    if not user.is_active:
        return Unit.objects.none()
    reaches = Q(content_object=OuterRef("pk"))
    below = Q(outer_path__startswith=F("content_object__path"))
    reaches |= below if permission in FLOWS_DOWN else below & Q(and_below=True)
    own = UnitUserPermission.objects.filter(user=user, permission__codename=permission)
    by_group = UnitGroupPermission.objects.filter(group__user=user, permission__codename=permission)
    path = ExpressionWrapper(OuterRef("path"), output_field=CharField())
    return Unit.objects.filter(
        Exists(own.annotate(outer_path=path).filter(reaches))
        | Exists(by_group.annotate(outer_path=path).filter(reaches))
    )


def units_with_below(user: User, permission: str) -> QuerySet[Unit]:
    """Units on which `user` holds `permission` together with everything below them."""
    below = Q(outer_path__startswith=F("content_object__path"), and_below=True)
    path = ExpressionWrapper(OuterRef("path"), output_field=CharField())
    own = UnitUserPermission.objects.filter(user=user, permission__codename=permission)
    return Unit.objects.filter(Exists(own.annotate(outer_path=path).filter(below)))


def viewable_units(user: User) -> QuerySet[Unit]:
    return granted_units(user, VIEW)


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
    wanted = role_permissions({assignment.role for assignment in assignments})
    deep = role_permissions({a.role for a in assignments if a.and_below})
    held = set(
        UnitUserPermission.objects.filter(user=user, content_object=unit).values_list(
            "permission__codename", flat=True
        )
    )
    for codename in held - wanted:
        remove_perm(codename, user, unit)
    for codename in wanted - held:
        assign_perm(codename, user, unit)
    rows = UnitUserPermission.objects.filter(user=user, content_object=unit)
    rows.filter(permission__codename__in=deep).update(and_below=True)
    rows.exclude(permission__codename__in=deep).update(and_below=False)
