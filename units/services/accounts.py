"""Accounts and the roles they are given. Who may call is settled by units.policies."""

from datetime import datetime

from django.db import transaction

from units import policies
from units.models import RoleAssignment, Unit, User
from units.rules import ROLES, DomainError, nfc
from units.workflow import locked, record


@transaction.atomic
def create_user(
    *,
    username: str,
    full_name: str,
    email: str,
    password: str | None,
    actor: User | None,
    now: datetime,
    must_change_password: bool = True,
) -> User:
    """Make an account without any right. `password` None: only the reset mail opens it.

    Raises DomainError when the name is taken.
    """
    username = nfc(username).strip().lower()
    if User.objects.filter(username=username).exists():
        raise DomainError(f"Tên đăng nhập “{username}” đã có người dùng. Chọn tên khác.")
    user = User.objects.create_user(
        username,
        password,
        full_name=full_name,
        email=email,
        must_change_password=must_change_password,
    )
    record("user.created", user, actor=actor, now=now)
    return user


@transaction.atomic
def update_user(
    user: User, *, full_name: str, email: str, actor: User | None, now: datetime
) -> User:
    user = locked(user)
    before = {"full_name": user.full_name, "email": user.email}
    user.full_name, user.email = full_name, email
    user.save(update_fields=["full_name", "email"])
    record("user.updated", user, actor=actor, now=now, data={"before": before})
    return user


@transaction.atomic
def give_role(
    *,
    user: User,
    unit: Unit,
    role: str,
    and_below: bool,
    actor: User | None,
    now: datetime,
) -> RoleAssignment:
    """Give `user` a role on `unit`. Raises DomainError for an unknown role or one already held."""
    if role not in ROLES:
        raise DomainError(f"Không có vai trò “{role}”. Chọn một trong: {', '.join(sorted(ROLES))}.")
    user = locked(user)
    if RoleAssignment.objects.filter(user=user, unit=unit, role=role).exists():
        raise DomainError(
            f"“{user}” đã có vai trò “{ROLES[role].name}” tại “{unit}”. "
            "Thu vai trò cũ trước khi giao lại."
        )
    assignment = RoleAssignment.objects.create(
        user=user, unit=unit, role=role, and_below=and_below, granted_by=actor, granted_at=now
    )
    policies.set_grants(user, unit, RoleAssignment.objects.filter(user=user, unit=unit))
    reach = " và đơn vị cấp dưới" if and_below else ""
    record(
        "user.role_given",
        user,
        actor=actor,
        now=now,
        unit=unit,
        note=f"Giao vai trò {ROLES[role].name} tại {unit}{reach}.",
    )
    return assignment


@transaction.atomic
def take_role(assignment: RoleAssignment, *, actor: User | None, now: datetime) -> None:
    """Take a role away; what remains of the person's rights on the unit follows from the rest."""
    user, unit = locked(assignment.user), assignment.unit
    name = assignment.get_role_display()
    RoleAssignment.objects.filter(pk=assignment.pk).delete()
    policies.set_grants(user, unit, RoleAssignment.objects.filter(user=user, unit=unit))
    record(
        "user.role_taken",
        user,
        actor=actor,
        now=now,
        unit=unit,
        note=f"Thu vai trò {name} tại {unit}.",
    )


@transaction.atomic
def deactivate_user(user: User, *, actor: User | None, now: datetime) -> User:
    """Close an account: it cannot sign in, and its open sessions end. Nothing it did goes away."""
    user = locked(user)
    user.is_active = False
    user.session_generation += 1
    user.save(update_fields=["is_active", "session_generation"])
    record("user.deactivated", user, actor=actor, now=now)
    return user


@transaction.atomic
def reactivate_user(user: User, *, actor: User | None, now: datetime) -> User:
    user = locked(user)
    user.is_active = True
    user.save(update_fields=["is_active"])
    record("user.reactivated", user, actor=actor, now=now)
    return user


@transaction.atomic
def change_password(user: User, *, password: str, actor: User | None, now: datetime) -> User:
    """Set a password that was already checked against the validators; other sessions end."""
    user = locked(user)
    user.set_password(password)
    user.must_change_password = False
    user.save(update_fields=["password", "must_change_password"])
    record("user.password_changed", user, actor=actor, now=now)
    return user


@transaction.atomic
def end_sessions(user: User, *, now: datetime) -> User:
    """Sign out everywhere: the session hash changes, so every open session is void."""
    user = locked(user)
    user.session_generation += 1
    user.save(update_fields=["session_generation"])
    record("user.signed_out", user, actor=user, now=now)
    return user
