"""One mail a person: what he has to do soon, and who has not sent to his office."""

import logging
from datetime import date, datetime, timedelta

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

import campaigns.queries
import config.queries
import units.queries
from campaigns.queries import UNSENT, Collecting
from units.models import User
from units.policies import grants_read_once
from units.queries import Todo, TodoKind
from units.services import claim_reminder, release_reminder

log = logging.getLogger(__name__)

HOURS = range(7, 12)  # when mails go out, so that who reads them can still act that day
NEAR = timedelta(days=7)
NAMES = 30  # in one list; the page has them all
MINE = (TodoKind.RETURNED, TodoKind.OWED, TodoKind.WAITING)


def mail_reminders(*, now: datetime) -> int:
    """Remind whoever wants it and has something due within a week or late; returns how many.

    Nobody twice for one day. What fails for one person stops no other and is tried again by the
    next run of the morning.
    """
    today = timezone.localdate(now)
    if timezone.localtime(now).hour not in HOURS:
        return 0
    return sum(_remind(user, now, today) for user in units.queries.remindable_users(today))


def _remind(user: User, now: datetime, today: date) -> bool:
    claimed = False
    try:
        with grants_read_once():
            todos, collected = _soon(user, now), _collected(user, today)
        if not todos and not collected:
            return False
        claimed = claim_reminder(user, today=today)
        if claimed:
            _send(user, todos, collected, today)
    except Exception as error:
        # Whatever one person's data or the mail server's client raises: the others wait.
        log.error("thư nhắc việc của %s: %s", user.username, error, exc_info=True)
        if claimed:
            release_reminder(user)
        return False
    return claimed


def _soon(user: User, now: datetime) -> list[Todo]:
    last = timezone.localdate(now) + NEAR
    found = [todo for source in config.queries.SOURCES for todo in source(user, now)]
    soon = [(todo.due_on, todo) for todo in found if todo.kind in MINE and todo.due_on]
    soon = [(day, todo) for day, todo in soon if day <= last]
    return [todo for _day, todo in sorted(soon, key=lambda one: (one[0], one[1].title))]


def _collected(user: User, today: date) -> list[Collecting]:
    def near(day: date | None) -> bool:
        return day is not None and day <= today + NEAR

    found = campaigns.queries.collecting(user, today)
    return [one for one in found if one.late or near(one.owing.due.due_on)]


def _send(user: User, todos: list[Todo], collected: list[Collecting], today: date) -> None:
    count = len(todos) + len(collected)
    words = {
        "user": user,
        "origin": settings.PORTAL_URL,
        "portal": settings.PORTAL_NAME,
        "today": today,
        "todos": todos,
        "collected": [_paragraph(one, today) for one in collected],
        "rhythm": user.get_reminders_display(),
    }
    subject = f"{count} việc sắp đến hạn hoặc quá hạn – {settings.PORTAL_NAME}"
    text = render_to_string("reminder_email.txt", words)
    send_mail(subject, text, None, [user.email])


def _paragraph(one: Collecting, today: date) -> dict[str, object]:
    period = one.owing.period
    page = reverse("campaigns:campaign_units", args=[period.campaign.ref])
    return {
        "title": f"{period.campaign}, {period.in_a_sentence}",
        "sentence": one.sentence(today),
        "due": one.owing.due.words,
        "unsent": one.unsent,
        "idle": _listed(one.idle),
        "late": _listed(one.late),
        "url": f"{page}?ky={period.ref}&state={UNSENT}",
    }


def _listed(names: list[str]) -> str:
    more = len(names) - NAMES
    return "; ".join([*names[:NAMES], *([f"và {more} đơn vị khác"] if more > 0 else [])])
