"""Live parts for journeys: Redis and Celery of this process, a portal a test, a real browser."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.core.management import call_command
from django.db import connections
from django.test import Client
from playwright.sync_api import Browser, sync_playwright
from psycopg2 import sql

from config.celery import app
from tests.conftest import OWNER, drop_database, flush_as_owner, owner_cursor, quick
from tests.journeys.visitor import SCREENS, Visitor
from tests.journeys.world import load, read_passwords
from tests.live import Portal, running
from units.models import User

Visit = Callable[..., Visitor]
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    """A failure shows what the processes wrote and where the screenshots lie."""
    report = yield
    if report.when == "call" and report.failed:
        found = getattr(item, "funcargs", {})
        if portal := found.get("portal") or found.get("sample"):
            report.sections.append(("cổng đang chạy", portal.output()))
        if guests := found.get("visitor"):
            shots = [str(guest.shoot(f"hong-{item.name}")) for guest in guests.all]
            report.sections.append(("ảnh màn hình", "\n".join(shots)))
    return report


@pytest.fixture(scope="session")
def redis_socket() -> Iterator[Path]:
    """Where the Redis of this process's tests will listen; Celery here speaks to no other."""
    folder = Path(tempfile.mkdtemp(prefix="td-"))  # short: a socket name has at most 107 bytes
    path = folder / "redis.sock"
    app.conf.broker_url = f"redis+socket://{path}"
    app._after_fork()  # forgets the pools that know the other address
    yield path
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def portal(
    transactional_db: None,
    settings: Any,
    tmp_path: Path,
    redis_socket: Path,
    request: pytest.FixtureRequest,
) -> Iterator[Portal]:
    """A portal whose jobs are free again some seconds (the parameter, or 3) after a worker died."""
    yield from running(Portal(tmp_path, redis_socket, lease=getattr(request, "param", 3)))


# --- the sample province -------------------------------------------------------------------------
@dataclass(frozen=True)
class World:
    """The sample, loaded once: a database, the files its rows name, passwords by user name."""

    database: str
    files: Path
    passwords: dict[str, str]


@pytest.fixture(scope="session")
def world(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    target = connections.settings["default"]
    folder, copy = tmp_path_factory.mktemp("mau"), f"{target['NAME']}_mau"
    (folder / "files").mkdir()
    patch = pytest.MonkeyPatch()
    patch.setattr(django_settings, "FILES_DIR", folder / "files")
    patch.setattr(Argon2PasswordHasher, "memory_cost", 64)  # most of them sign in nowhere
    with django_db_blocker.unblock():
        load(folder / "accounts.json")
        copy_database(target["NAME"], copy)
        flush_as_owner(None)
    patch.undo()
    yield World(copy, folder / "files", read_passwords(folder / "accounts.json"))
    drop_database(copy)


@pytest.fixture
def province(transactional_db: None, settings: Any, world: World) -> Iterator[str]:
    """A copy of the sample that is this test's alone, behind Django's connection; its name."""
    target = connections.settings["default"]
    kept, copy = target["NAME"], f"{target['NAME']}_ban"
    copy_database(world.database, copy)
    shutil.copytree(world.files, settings.FILES_DIR, dirs_exist_ok=True)
    target["NAME"] = copy
    try:
        yield copy
    finally:
        connections.close_all()
        target["NAME"] = kept
        drop_database(copy)


@pytest.fixture
def sample(
    province: str, settings: Any, tmp_path: Path, redis_socket: Path, static_root: Path
) -> Iterator[Portal]:
    """A portal with web, worker and Redis on the sample."""
    portal = Portal(tmp_path, redis_socket)
    portal.env["STATIC_ROOT"] = str(static_root)
    try:
        portal.redis()
        portal.worker()
        portal.web()
        yield portal
    finally:
        portal.stop()


def copy_database(source: str, copy: str) -> None:
    connections.close_all()
    drop_database(copy)
    with owner_cursor(OWNER["NAME"]) as cursor:
        names = [sql.Identifier(copy), sql.Identifier(source)]
        cursor.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*names))
        quick(cursor, copy)


# --- a browser -----------------------------------------------------------------------------------
@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium with a profile of this session alone.

    Playwright keeps an event loop alive in this thread, so Django would refuse every query of the
    test itself as “async”; nothing here runs concurrently, so it is told not to.
    """
    patch = pytest.MonkeyPatch()
    patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, headless=True, args=FLAGS, timeout=60_000
        )
        yield browser
        browser.close()
    patch.undo()


@pytest.fixture(scope="session")
def static_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The static files as an installation serves them."""
    root = tmp_path_factory.mktemp("static")
    patch = pytest.MonkeyPatch()
    patch.setattr(django_settings, "STATIC_ROOT", root)
    call_command("collectstatic", verbosity=0, interactive=False)
    patch.undo()
    return root


class Visitors:
    """Opens windows: each person has cookies of his own."""

    def __init__(
        self, browser: Browser, portal: Portal, passwords: dict[str, str], name: str
    ) -> None:
        self.browser, self.portal, self.name = browser, portal, name
        self.passwords = passwords
        self.all: list[Visitor] = []

    def __call__(
        self, username: str, *, width: int = 1280, script: bool = True, audit: bool = True
    ) -> Visitor:
        context = self.browser.new_context(
            base_url=self.portal.url,
            viewport={"width": width, "height": 900 if width > 600 else 844},
            java_script_enabled=script,
            locale="vi-VN",
            timezone_id="Asia/Ho_Chi_Minh",
        )
        # axe waits on timers, which a page without script has not
        name = f"{self.name}-{len(self.all) + 1}"
        guest = Visitor(context, name, script=script, audit=audit and script)
        self.all.append(guest)
        guest.sign_in(username, self.passwords[username])
        return guest


@pytest.fixture
def visitor(
    browser: Browser,
    sample: Portal,
    world: World,
    request: pytest.FixtureRequest,
) -> Iterator[Visitors]:
    """`visitor("nhaplieu.ptnt", width=390, script=False)`: a window in which he has signed in."""
    SCREENS.mkdir(parents=True, exist_ok=True)
    guests = Visitors(browser, sample, world.passwords, request.node.name)
    yield guests
    for guest in guests.all:
        guest.context.close()


@pytest.fixture
def visit(
    browser: Browser,
    transactional_db: None,
    portal: Portal,
    static_root: Path,
    request: pytest.FixtureRequest,
) -> Iterator[Visit]:
    """`visit(user, width)`: a window in which that user of this test's own world is signed in."""
    portal.env["STATIC_ROOT"] = str(static_root)
    portal.redis()
    portal.web()
    opened = []

    def window(user: User, width: int = 1280) -> Visitor:
        client = Client()
        client.force_login(user, backend=django_settings.AUTHENTICATION_BACKENDS[-1])
        cookie = client.cookies[django_settings.SESSION_COOKIE_NAME].value
        size = {"width": width, "height": 900 if width > 600 else 844}
        context = browser.new_context(base_url=portal.url, viewport=size, locale="vi-VN")
        context.add_cookies(
            [{"name": django_settings.SESSION_COOKIE_NAME, "value": cookie, "url": portal.url}]
        )
        opened.append(context)
        return Visitor(context, request.node.name, script=True, audit=True)

    yield window
    for context in opened:
        context.close()
