"""A digest a day leaves the database, so that a register changed by its owner is found."""

import smtplib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from threading import Barrier
from typing import Any

import psycopg2
import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.core.management import CommandError, call_command
from django.db import connection
from psycopg2 import errors

from config.tasks import seal_audit as beat_task
from tests.conftest import owner_cursor
from tests.factories import UserFactory
from units import queries
from units.models import AuditDigest, AuditEntry
from units.services import seal_audit
from units.workflow import record

pytestmark = pytest.mark.django_db(transaction=True)

# 20/11/2024, 23:30 in Việt Nam is 16:30 UTC.
FIRST = datetime(2024, 11, 20, 16, 30, tzinfo=UTC)
SEALED_AT = datetime(2024, 11, 23, 2, 0, tzinfo=UTC)
DAYS = [date(2024, 11, day) for day in (20, 21, 22)]


@pytest.fixture
def entries() -> list[AuditEntry]:
    """Two on the 20th, none on the 21st, two on the 22nd; the second crosses midnight in UTC."""
    user = UserFactory()
    moments = [FIRST, FIRST + timedelta(minutes=29), *(FIRST + timedelta(days=1, hours=1),) * 2]
    return [
        record("user.updated", user, actor=user, now=at, note=f"Lần {n}.\nĐổi tên", data={"n": n})
        for n, at in enumerate(moments)
    ]


@pytest.fixture
def owner() -> Iterator[Any]:
    with owner_cursor(connection.settings_dict["NAME"]) as cursor:
        yield cursor


def check(*digests: str) -> str:
    """What the command says when all is well. CommandError otherwise, faults before its end."""
    out, err = StringIO(), StringIO()
    given = [f"--digest={digest}" for digest in digests]
    try:
        call_command("check_audit", *given, stdout=out, stderr=err)
    except CommandError as error:
        raise CommandError(f"{err.getvalue()}{error}", returncode=error.returncode) from error
    return out.getvalue()


def test_each_day_that_is_over_has_one_row(entries: list[AuditEntry]) -> None:
    assert seal_audit(now=SEALED_AT)
    rows = AuditDigest.objects.values_list("day", "entries", "first_id", "last_id")
    keys = [entry.pk for entry in entries]
    assert list(rows) == [
        (DAYS[0], 2, keys[0], keys[1]),
        (DAYS[1], 0, None, None),
        (DAYS[2], 2, keys[2], keys[3]),
    ]
    assert len({row.digest for row in AuditDigest.objects.all()}) == 3
    assert "đến hết ngày 22/11/2024" in check()


def test_a_day_is_left_to_settle_and_sealed_once(entries: list[AuditEntry]) -> None:
    midnight = datetime(2024, 11, 22, 17, 0, tzinfo=UTC)
    assert [one.day for one in seal_audit(now=midnight + timedelta(minutes=59))] == DAYS[:2]
    assert [one.day for one in seal_audit(now=midnight + timedelta(minutes=60))] == DAYS[2:]
    assert seal_audit(now=midnight + timedelta(hours=5)) == []


def test_a_register_without_entries_has_no_chain() -> None:
    assert seal_audit(now=SEALED_AT) == []
    assert "Chưa có ngày nào" in check()
    with pytest.raises(CommandError, match="không còn ngày 20/11/2024"):
        check(f"2024-11-20:{'a' * 64}")


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE units_auditentry SET note = 'khác' WHERE id = {0}", "Ngày 20/11/2024, từ dòng số"),
        ("UPDATE units_auditentry SET data = '{{}}' WHERE id = {2}", "nội dung hoặc mã kiểm đã bị"),
        ("UPDATE units_auditentry SET actor_id = NULL WHERE id = {3}", "Ngày 22/11/2024, từ dòng"),
        ("DELETE FROM units_auditentry WHERE id = {1}", "có 2 dòng (số {0} đến {1}), nay có 1"),
        ("DELETE FROM units_auditentry WHERE id >= {2}", "nay không có dòng nào"),
        (
            "INSERT INTO units_auditentry (at, actor_id, action, subject_type, subject_id,"
            " subject_name, before, after, note, data) SELECT at + interval '1 day', actor_id,"
            " action, subject_type, subject_id, subject_name, '', '', '', '{{}}'"
            " FROM units_auditentry WHERE id = {1}",
            "Ngày 21/11/2024, từ dòng số",
        ),
        (
            "UPDATE units_auditentry SET at = at - interval '2 days' WHERE id = {3}",
            "Ngày 20/11/2024, từ dòng số",
        ),
        (
            "UPDATE units_auditentry SET at = at - interval '9 days' WHERE id = {3}",
            "Từ dòng số {3}: ghi thời điểm trước ngày 20/11/2024",
        ),
        ("UPDATE units_auditdigest SET digest = repeat('a', 64) WHERE entries = 0", "21/11/2024:"),
        ("DELETE FROM units_auditdigest WHERE entries = 0", "thiếu các ngày trước 22/11/2024"),
        ("DELETE FROM units_auditdigest WHERE day = '2024-11-20'", "Ngày 21/11/2024: "),
    ],
)
def test_what_the_owner_changed_is_found(
    entries: list[AuditEntry], owner: Any, statement: str, told: str
) -> None:
    seal_audit(now=SEALED_AT)
    keys = [entry.pk for entry in entries]
    owner.execute(statement.format(*keys))
    with pytest.raises(CommandError) as refusal:
        check()
    assert told.format(*keys) in str(refusal.value)
    assert refusal.value.returncode == 1


def test_one_changed_day_does_not_accuse_the_next(entries: list[AuditEntry], owner: Any) -> None:
    seal_audit(now=SEALED_AT)
    owner.execute("UPDATE units_auditentry SET note = 'khác' WHERE id = %s", [entries[0].pk])
    with pytest.raises(CommandError, match=r"ở 1 chỗ\."):
        check()


def test_a_chain_that_was_computed_anew_differs_from_the_mail(
    entries: list[AuditEntry], owner: Any
) -> None:
    seal_audit(now=SEALED_AT)
    told = str(queries.newest_audit_digest())
    owner.execute("UPDATE units_auditentry SET note = 'khác'; DELETE FROM units_auditdigest")
    seal_audit(now=SEALED_AT)
    assert "đúng với mã kiểm" in check()
    with pytest.raises(CommandError, match="chuỗi đã được tính lại"):
        check(told)


def test_a_digest_may_be_shortened_but_not_to_nothing(entries: list[AuditEntry]) -> None:
    seal_audit(now=SEALED_AT)
    told = str(queries.newest_audit_digest())
    assert check(told, told[:23].upper())
    for wrong in (told[:22], told[:10], "22/11/2024:abc", "2024-11-22:không"):
        with pytest.raises(CommandError):
            check(wrong)


# --- the mail ------------------------------------------------------------------------------------
def test_each_addressee_gets_the_day_the_count_and_the_digest(
    entries: list[AuditEntry], settings: Any
) -> None:
    settings.AUDIT_DIGEST_TO = ["luu-tru@example.test", "thanh-tra@example.test"]
    seal_audit(now=SEALED_AT)
    seal_audit(now=SEALED_AT)  # nothing new, no mail
    assert [one.to for one in mail.outbox] == [[a] for a in settings.AUDIT_DIGEST_TO]
    text = mail.outbox[0].body
    newest = queries.newest_audit_digest()
    assert "ngày 22/11/2024" in mail.outbox[0].subject
    assert f"Ngày 22/11/2024, 2 dòng:\n{newest}\n" in text
    assert f"check_audit --digest {newest}\n" in text
    assert text.index("Ngày 22/11/2024") < text.index("Ngày 21/11/2024, 0 dòng")


class FirstRefused(EmailBackend):
    def send_messages(self, messages: Any) -> int:
        if messages[0].to == ["luu-tru@example.test"]:
            raise smtplib.SMTPRecipientsRefused({})
        return super().send_messages(messages)


def test_an_address_that_fails_stops_neither_the_next_nor_the_seal(
    entries: list[AuditEntry], settings: Any, caplog: Any
) -> None:
    settings.EMAIL_BACKEND = f"{__name__}.FirstRefused"
    settings.AUDIT_DIGEST_TO = ["luu-tru@example.test", "thanh-tra@example.test"]
    assert len(seal_audit(now=SEALED_AT)) == 3
    assert [one.to for one in mail.outbox] == [["thanh-tra@example.test"]]
    assert "luu-tru@example.test" in caplog.text


def test_a_lost_mail_is_made_good_by_the_next(entries: list[AuditEntry], settings: Any) -> None:
    seal_audit(now=SEALED_AT)
    settings.AUDIT_DIGEST_TO = ["luu-tru@example.test"]
    seal_audit(now=SEALED_AT + timedelta(days=8))
    days = [line for line in mail.outbox[0].body.splitlines() if line.startswith("Ngày ")]
    assert len(days) == 7
    assert days[0].startswith("Ngày 30/11/2024")


# --- who may, and two at once --------------------------------------------------------------------
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE units_auditdigest SET digest = repeat('a', 64)",
        "DELETE FROM units_auditdigest",
        "TRUNCATE units_auditdigest",
        "DROP TABLE units_auditdigest",
    ],
)
def test_the_role_of_the_portal_cannot_rewrite_the_chain(
    entries: list[AuditEntry], statement: str
) -> None:
    seal_audit(now=SEALED_AT)
    link = psycopg2.connect(**connection.get_connection_params())
    try:
        with link.cursor() as cursor, pytest.raises(errors.InsufficientPrivilege):
            cursor.execute(statement)
    finally:
        link.close()


@pytest.mark.race
def test_two_workers_at_once_make_one_row_a_day(entries: list[AuditEntry]) -> None:
    def race(start: Barrier) -> int:
        try:
            start.wait(timeout=30)
            return len(seal_audit(now=SEALED_AT + timedelta(days=300)))
        finally:
            connection.close()

    start = Barrier(4)
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(race, [start] * 4))
    assert sorted(made) == [0, 0, 0, AuditDigest.objects.count()]
    assert AuditDigest.objects.count() > 300
    assert "đúng với mã kiểm" in check()


def test_beat_seals(entries: list[AuditEntry], settings: Any) -> None:
    assert "config.tasks.seal_audit" in {
        one["task"] for one in settings.CELERY_BEAT_SCHEDULE.values()
    }
    beat_task()
    assert AuditDigest.objects.filter(day__in=DAYS).count() == 3
