"""What happened cannot be rewritten: PostgreSQL refuses it to the role of web and workers."""

from collections.abc import Iterator
from typing import Any

import psycopg2
import pytest
from django.db import connection
from psycopg2 import errors

from tests.factories import NOW, UserFactory
from units.models import AuditEntry
from units.workflow import record

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def entry() -> AuditEntry:
    user = UserFactory()
    return record("user.created", user, actor=user, now=NOW, note="Lập tài khoản.")


@pytest.fixture
def app_cursor(entry: AuditEntry) -> Iterator[Any]:
    """A connection of our own, beside Django's, as the role that the portal runs as."""
    link = psycopg2.connect(**connection.get_connection_params())
    link.autocommit = True
    try:
        with link.cursor() as cursor:
            yield cursor
    finally:
        link.close()


def test_the_portal_is_not_the_owner(app_cursor: Any) -> None:
    app_cursor.execute(
        "SELECT current_user = tableowner, rolsuper,"
        " pg_has_role(current_user, tableowner, 'MEMBER')"
        " FROM pg_tables, pg_roles WHERE tablename = 'units_auditentry' AND rolname = current_user"
    )
    assert app_cursor.fetchone() == (False, False, False)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE units_auditentry SET note = 'khác'",
        "UPDATE units_auditentry SET actor_id = NULL",
        "DELETE FROM units_auditentry",
        "TRUNCATE units_auditentry",
        "ALTER TABLE units_auditentry DISABLE TRIGGER ALL",
        "ALTER TABLE units_auditentry OWNER TO CURRENT_USER",
        "ALTER TABLE units_auditentry ADD COLUMN x int",
        "DROP TABLE units_auditentry",
        "GRANT UPDATE ON units_auditentry TO PUBLIC",
        "CREATE TRIGGER t BEFORE INSERT ON units_auditentry EXECUTE FUNCTION f()",
        "CREATE RULE r AS ON INSERT TO units_auditentry DO INSTEAD NOTHING",
        "INSERT INTO units_auditentry SELECT * FROM units_auditentry "
        "ON CONFLICT (id) DO UPDATE SET note = 'khác'",
        "SELECT * FROM units_auditentry FOR UPDATE",
        "CREATE TABLE public.shadow (id int)",
    ],
)
def test_the_register_cannot_be_rewritten(
    app_cursor: Any, entry: AuditEntry, statement: str
) -> None:
    try:
        app_cursor.execute(statement)
    except errors.InsufficientPrivilege:
        pass
    else:
        granted = app_cursor.connection.notices
        assert any("no privileges were granted" in notice for notice in granted), statement
    assert AuditEntry.objects.get().note == "Lập tài khoản."
    assert AuditEntry.objects.get().actor == entry.actor


def test_the_register_is_added_to_and_read(app_cursor: Any, entry: AuditEntry) -> None:
    app_cursor.execute(
        "INSERT INTO units_auditentry (at, actor_id, action, subject_type, subject_id,"
        " subject_name, before, after, note, data)"
        " SELECT at, actor_id, 'user.updated', subject_type, subject_id, subject_name, '', '', '',"
        " '{}' FROM units_auditentry"
    )
    assert AuditEntry.objects.count() == 2


def test_a_person_in_the_register_cannot_be_deleted(app_cursor: Any, entry: AuditEntry) -> None:
    with pytest.raises(errors.ForeignKeyViolation):
        app_cursor.execute("DELETE FROM units_user")
