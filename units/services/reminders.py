"""How often a person is reminded by mail, and that it is done once."""

from datetime import date, datetime

from django.db import transaction
from django.db.models import Q

from units.models import User
from units.rules import REMINDERS, DomainError
from units.workflow import locked, record


@transaction.atomic
def choose_reminders(user: User, *, rhythm: str, actor: User, now: datetime) -> User:
    """Raises DomainError for a rhythm that is none of REMINDERS."""
    if rhythm not in REMINDERS:
        raise DomainError(f"Không có nhịp nhắc việc “{rhythm}”. Chọn một trong các nhịp đã nêu.")
    user = locked(user)
    user.reminders = rhythm
    user.save(update_fields=["reminders"])
    record("user.reminders_chosen", user, actor=actor, now=now, note=REMINDERS[rhythm])
    return user


def claim_reminder(user: User, *, today: date) -> bool:
    """Take it upon oneself to remind `user` today; False when another worker has done so."""
    free = Q(reminded_on=None) | Q(reminded_on__lt=today)
    return bool(User.objects.filter(free, pk=user.pk).update(reminded_on=today))


def release_reminder(user: User) -> None:
    """The mail did not go: the day is as it was when `user` was read, so that it is tried again."""
    User.objects.filter(pk=user.pk).update(reminded_on=user.reminded_on)
