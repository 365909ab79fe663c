"""Getting in: first passwords, lost passwords, lock-outs. Who may call is settled by policies."""

import hashlib
import logging
import secrets
import smtplib
from datetime import datetime

from axes.utils import reset
from django.contrib.auth.tokens import default_token_generator
from django.core.cache import cache
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from units import jobs, queries
from units.models import RoleAssignment, Unit, User
from units.rules import DomainError
from units.services.accounts import change_password, create_user, give_role, take_role
from units.workflow import locked, record

log = logging.getLogger(__name__)

# No letter that is taken for another one when it is read aloud or copied by hand.
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
RESET_MAILS_AN_HOUR = 5


def random_password() -> str:
    """Four groups of four, 79 bits: long enough to guard, short enough to dictate."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(4))


@transaction.atomic
def open_account(
    *,
    username: str,
    full_name: str,
    email: str,
    unit: Unit,
    role: str,
    and_below: bool,
    actor: User,
    now: datetime,
) -> tuple[User, str]:
    """A new account with its first role. Returns it with the password, which is stored nowhere.

    Raises DomainError when the username is taken.
    """
    password = random_password()
    user = create_user(
        username=username,
        full_name=full_name,
        email=email,
        password=password,
        actor=actor,
        now=now,
    )
    give_role(user=user, unit=unit, role=role, and_below=and_below, actor=actor, now=now)
    return user, password


@transaction.atomic
def withdraw_role(assignment: RoleAssignment, *, actor: User, now: datetime) -> None:
    """Take a role away, but never the last: an account without one is in nobody's list.

    Raises DomainError for the last role.
    """
    user = locked(assignment.user)
    if RoleAssignment.objects.filter(user=user).count() < 2:
        raise DomainError(
            f"“{assignment.get_role_display()}” là vai trò cuối cùng của “{user}” nên không thu "
            "được. Giao vai trò khác trước, hoặc đóng tài khoản."
        )
    take_role(assignment, actor=actor, now=now)


@transaction.atomic
def issue_password(user: User, *, actor: User, now: datetime) -> str:
    """A new temporary password, for who has no mail. Open sessions end; it must be changed."""
    user = locked(user)
    password = random_password()
    user.set_password(password)
    user.must_change_password = True
    user.save(update_fields=["password", "must_change_password"])
    reset(username=user.username)
    record("user.password_issued", user, actor=actor, now=now)
    return password


@transaction.atomic
def reset_password(user: User, *, password: str, now: datetime) -> User:
    """The person came by the link of the mail and set a password that was checked already."""
    user = change_password(user, password=password, actor=user, now=now)
    reset(username=user.username)
    return user


@transaction.atomic
def unlock_user(user: User, *, actor: User, now: datetime) -> None:
    """Forget the failed sign-ins, so that the person need not wait."""
    user = locked(user)
    reset(username=user.username)
    record("user.unlocked", user, actor=actor, now=now)


def request_reset_links(email: str, *, origin: str) -> None:
    """Somebody who is not signed in gave this address: a worker looks who has it and writes.

    Nothing is looked up here, so that neither the answer nor its time tells whether the address
    has an account. An address is written to a few times an hour at the most.
    Raises DomainError, for whatever address, when Redis does not take the message.
    """
    key = f"reset-mail:{hashlib.sha256(email.strip().lower().encode()).hexdigest()}"
    try:
        cache.add(key, 0, timeout=3600)
        if cache.incr(key) > RESET_MAILS_AN_HOUR:
            log.warning("quá %s yêu cầu đặt lại mật khẩu trong một giờ", RESET_MAILS_AN_HOUR)
        else:
            jobs.send(jobs.RESET_LINKS, email, origin)
    except Exception as error:
        # Whatever the clients of cache and broker raise: nobody will write, so who asked is told.
        log.error("không nhận được yêu cầu đặt lại mật khẩu: %s", error)
        raise DomainError(
            "Cổng chưa nhận được yêu cầu nên chưa gửi thư. Chờ vài phút rồi gửi lại, hoặc đề nghị "
            "người quản trị tài khoản của đơn vị đặt lại mật khẩu."
        ) from error


def mail_reset_links(email: str, *, origin: str, now: datetime) -> None:
    """The worker's half. The register names no actor: nobody knows who asked."""
    for user in queries.resettable_users(email):
        try:
            mail_reset_link(user, origin=origin, actor=None, now=now)
        except DomainError as error:
            log.warning("thư đặt lại mật khẩu của %s: %s", user.username, error)


@transaction.atomic
def mail_reset_link(user: User, *, origin: str, actor: User | None, now: datetime) -> None:
    """Send the link with which the person sets a new password.

    `origin` is where the portal answers ("https://host"). Raises DomainError when the account has
    no address or the mail server does not take the mail.
    """
    user = locked(user)
    if not user.email:
        raise DomainError(
            f"Tài khoản “{user.username}” chưa có thư điện tử. Ghi địa chỉ rồi gửi lại."
        )
    protocol, domain = origin.split("://", 1)
    words = {
        "user": user,
        "protocol": protocol,
        "domain": domain,
        "uid": urlsafe_base64_encode(force_bytes(user.pk)),
        "token": default_token_generator.make_token(user),
    }
    record("user.reset_mailed", user, actor=actor, now=now)
    try:
        send_mail(
            render_to_string("units/password_reset_subject.txt", words).strip(),
            render_to_string("units/password_reset_email.txt", words),
            None,
            [user.email],
        )
    except (smtplib.SMTPException, OSError) as error:
        raise DomainError(
            f"Máy chủ thư chưa nhận thư gửi “{user.email}”. Kiểm tra địa chỉ, chờ vài phút rồi gửi "
            "lại."
        ) from error
