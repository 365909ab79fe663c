"""The strict house of every test: the portal's own database role, reads that cannot write."""

import hashlib
import inspect
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import uuid4

import dj_database_url
import psycopg2
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections
from django.db.migrations.loader import MigrationLoader
from django.test import Client, TransactionTestCase
from django.urls import resolve
from psycopg2 import sql

OWNER = dj_database_url.parse(os.environ["DATABASE_OWNER_URL"])
TEMPLATES = "test_thidua_template_"
TEMPLATE_LOCK = 7041956  # any number that nobody else locks
KEPT_TEMPLATES = 12
KEPT_WHEN_FLUSHED = {"django_migrations", "django_content_type", "auth_permission"}


def connect_as_owner(name: str) -> Any:
    """Outside Django: the owner makes, flushes and drops; the portal's role never does."""
    options = {k: v for k, v in OWNER["OPTIONS"].items() if k in {"host", "port"}}
    link = psycopg2.connect(
        dbname=name,
        user=OWNER["USER"],
        password=OWNER["PASSWORD"] or None,
        host=OWNER["HOST"] or options.get("host"),
        port=OWNER["PORT"] or options.get("port"),
    )
    link.autocommit = True
    return link


@contextmanager
def owner_cursor(name: str) -> Iterator[Any]:
    link = connect_as_owner(name)
    try:
        with link.cursor() as cursor:
            yield cursor
    finally:
        link.close()


def drop_database(name: str) -> None:
    """The server waits five seconds for sessions to end, a stopped process's may take longer.

    Not by force: the owner may end no session of the portal's role, not even one that is going.
    """
    command = sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name))
    for tries_left in reversed(range(6)):
        try:
            with owner_cursor(OWNER["NAME"]) as cursor:
                return cursor.execute(command)
        except psycopg2.errors.ObjectInUse:
            if not tries_left:
                raise


def quick(cursor: Any, name: str) -> None:
    """Commits need not wait for the disk: a test's database does not outlive a crash."""
    command = sql.SQL("ALTER DATABASE {} SET synchronous_commit = off")
    cursor.execute(command.format(sql.Identifier(name)))


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_blocker: Any) -> Iterator[None]:
    """A database of this process alone, a copy of the migrated one, used by the portal's role."""
    name = f"test_thidua_{os.environ.get('PYTEST_XDIST_WORKER', 'one')}_{os.getpid()}"
    with owner_cursor(OWNER["NAME"]) as cursor, django_db_blocker.unblock():
        cursor.execute("SELECT pg_advisory_lock(%s)", [TEMPLATE_LOCK])
        template = migrated_template(cursor)
        cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))
        copy = "CREATE DATABASE {} TEMPLATE {}"
        cursor.execute(sql.SQL(copy).format(*map(sql.Identifier, (name, template))))
        quick(cursor, name)
    connections.close_all()
    connections.settings["default"]["NAME"] = name
    yield
    with django_db_blocker.unblock():
        connections.close_all()
    drop_database(name)


def migrated_template(cursor: Any) -> str:
    """The database that every process copies: migrated from nothing, by the owner, once for each
    state of the migrations. The caller holds TEMPLATE_LOCK."""
    name = f"{TEMPLATES}{migrations_hash()}"
    cursor.execute("SELECT datname FROM pg_database ORDER BY oid")
    there = [row[0] for row in cursor.fetchall() if row[0].startswith(TEMPLATES)]
    if name in there:
        return name
    for old in there[:-KEPT_TEMPLATES]:
        cursor.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(old)))
    made = f"making_{name}"  # one cut short is never taken for a whole one
    cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(made)))
    cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(made)))
    quick(cursor, made)
    target = connections.settings["default"]
    role = {key: target[key] for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT", "OPTIONS")}
    connections.close_all()
    target.update({key: OWNER[key] for key in role}, NAME=made)
    call_command("migrate", verbosity=0, interactive=False)
    call_command("grant_database")
    connections.close_all()
    target.update(role)
    rename = "ALTER DATABASE {} RENAME TO {}"
    cursor.execute(sql.SQL(rename).format(*map(sql.Identifier, (made, name))))
    return name


def migrations_hash() -> str:
    """Of everything that the migrated database is made by, and for whom."""
    digest = hashlib.sha256(connections.settings["default"]["USER"].encode())
    modules = [type(one).__module__ for one in MigrationLoader(None).disk_migrations.values()]
    for module in [*sorted(modules), "units.rules", "config.management.commands.grant_database"]:
        digest.update(Path(inspect.getfile(import_module(module))).read_bytes())
    return digest.hexdigest()[:16]


def flush_as_owner(self: TransactionTestCase) -> None:
    """After a test that committed: empty every table of data, as the owner."""
    connections.close_all()
    with owner_cursor(connections.settings["default"]["NAME"]) as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        tables = [row[0] for row in cursor.fetchall() if row[0] not in KEPT_WHEN_FLUSHED]
        cursor.execute(
            sql.SQL("TRUNCATE {} RESTART IDENTITY CASCADE").format(
                sql.SQL(", ").join(map(sql.Identifier, tables))
            )
        )


@pytest.fixture(autouse=True, scope="session")
def _flush_is_the_owners() -> Iterator[None]:
    patch = pytest.MonkeyPatch()
    patch.setattr(TransactionTestCase, "_fixture_teardown", flush_as_owner)
    yield
    patch.undo()


@pytest.fixture(autouse=True)
def _own_files(settings: Any, tmp_path: Any) -> None:
    settings.FILES_DIR = tmp_path / "files"
    settings.CACHES = {"default": {**settings.CACHES["default"], "KEY_PREFIX": uuid4().hex}}
    settings.STATIC_ROOT = tmp_path / "collected"
    settings.STATIC_ROOT.mkdir()
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.AXES_ENABLED = False


WRITES = re.compile(
    r"^\s*(INSERT|UPDATE|DELETE|TRUNCATE|EXECUTE portal_(with|insert|update|delete)_\d+)\b"
    r"(?!.*django_session)",
    re.I | re.S,
)
INLINE = re.compile(rb"<script(?![^>]*\bsrc=)[^>]*>|\sstyle=|\son[a-z]+=", re.I)

POSTED = re.compile(rb"<form\b[^>]*\bmethod=.post[^>]*>(?:(?!</form>).)*", re.I | re.S)


class StrictClient(Client):
    """GET may not write, no page may carry inline script, style or an unrendered tag, and a form
    that is sent carries its token (a part included with "only" does not get it by itself).

    A view that must write on GET (a download is put on record) says so: `view.writes_on_get`.
    """

    def request(self, **request: Any) -> Any:
        reading = request.get("REQUEST_METHOD") in {"GET", "HEAD"}
        if reading and not self.may_write(request.get("PATH_INFO", "/")):
            with connection.execute_wrapper(self.refuse_writes):
                response = super().request(**request)
        else:
            response = super().request(**request)
        if response.headers.get("Content-Type", "").startswith("text/html"):
            page = b"" if response.streaming else response.content
            found = INLINE.search(page)
            assert not found, f"nội tuyến trong trang: {found.group(0)!r}" if found else ""
            assert b"{{" not in page, "thẻ mẫu chưa dựng"
            assert b"{%" not in page, "thẻ mẫu chưa dựng"
            for form in POSTED.findall(page):
                assert b"csrfmiddlewaretoken" in form, f"biểu mẫu thiếu mã: {form[:200]!r}"
        return response

    @staticmethod
    def may_write(path: str) -> bool:
        try:
            return getattr(resolve(path).func, "writes_on_get", False)
        except Exception:
            return False

    @staticmethod
    def refuse_writes(execute: Callable[..., Any], query: str, *rest: Any) -> Any:
        assert not WRITES.match(query), f"trang đọc mà ghi dữ liệu: {query[:200]}"
        return execute(query, *rest)


@pytest.fixture
def client() -> StrictClient:
    return StrictClient()


@pytest.fixture
def client_of() -> Callable[[Any], StrictClient]:
    """`client_of(user)` is a browser in which that user has signed in."""

    def signed_in(user: Any) -> StrictClient:
        client = StrictClient()
        client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[-1])
        return client

    return signed_in
