"""The running portal for tests: web server, worker, beat and Redis as processes of their own.

Everything is started by us and ended by its pid; output goes to a file that a failure shows; every
wait polls with a deadline.
"""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote, urlencode

from django.conf import settings
from django.db import connections

from tests.conftest import connect_as_owner

PATIENCE = 60.0  # seconds: two cores may be busy with the other half of the tests
POLL = 0.05


def until(ready: Callable[[], Any], what: str, *, seconds: float = PATIENCE) -> Any:
    """Wait until `ready()` is true and give its value. AssertionError says what never came."""
    deadline = time.monotonic() + seconds
    while not (value := ready()):
        assert time.monotonic() < deadline, f"sau {seconds:.0f} giây vẫn chưa thấy: {what}"
        time.sleep(POLL)
    return value


@contextmanager
def files_locked() -> Iterator[None]:
    """Nobody can store a file while this lasts; reading goes on."""
    with table_locked("units_blob"):
        yield


@contextmanager
def table_locked(table: str) -> Iterator[None]:
    """Nobody can write into `table` while this lasts; reading goes on."""
    link = connect_as_owner(connections.settings["default"]["NAME"])
    link.autocommit = False
    try:
        with link.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {table} IN SHARE MODE")
            yield
    finally:
        link.close()


class Process:
    """One process, known by its pid, with its output in a file."""

    def __init__(self, name: str, command: list[str], *, folder: Path, env: dict[str, str]) -> None:
        self.name, self.command, self.env = name, command, env
        self.log = folder / f"{name}.log"
        self.running: subprocess.Popen[bytes] | None = None

    def start(self, ready: Callable[["Process"], Any]) -> Self:
        with self.log.open("ab") as out:
            self.running = subprocess.Popen(
                self.command,
                cwd=settings.BASE_DIR,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
                preexec_fn=end_with_parent,
            )
        until(lambda: self.is_up(ready), f"{self.name} chạy")
        return self

    def is_up(self, ready: Callable[["Process"], Any]) -> bool:
        assert self.running
        assert self.running.poll() is None, f"{self.name} tự dừng:\n{self.output()}"
        return bool(ready(self))

    @property
    def pid(self) -> int:
        assert self.running, f"{self.name} chưa chạy"
        return self.running.pid

    def children(self) -> list[int]:
        """Pids of the direct children (the prefork processes of a worker)."""
        text = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text()
        return [int(pid) for pid in text.split()]

    def kill_children(self) -> None:
        """As the kernel does when memory runs out: the one at work is gone, its parent lives."""
        for pid in self.children():
            os.kill(pid, signal.SIGKILL)

    def kill(self) -> None:
        """As when the machine loses power: parent first, so that it cannot hand the work back."""
        children = self.children()
        os.kill(self.pid, signal.SIGKILL)
        for pid in children:
            os.kill(pid, signal.SIGKILL)
        self.wait()

    def stop(self) -> None:
        if self.running is None or self.running.poll() is not None:
            return
        self.running.send_signal(signal.SIGTERM)
        try:
            self.running.wait(timeout=20)
        except subprocess.TimeoutExpired:
            os.killpg(self.running.pid, signal.SIGKILL)
            self.wait()

    def wait(self) -> None:
        assert self.running
        self.running.wait(timeout=20)

    def output(self) -> str:
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        return f"--- {self.name} ({self.log})\n{text[-6000:]}"


def end_with_parent() -> None:
    """Asks Linux to end this child when the tests are killed and clean up nothing."""
    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM)


class Portal:
    """The parts of one portal on the database of this test; start only what the test needs."""

    def __init__(self, folder: Path, redis_socket: Path, *, lease: int = 60) -> None:
        self.folder = folder
        self.redis_socket = redis_socket
        self.port = free_port()
        self.processes: list[Process] = []
        self.env = {
            **os.environ,
            "DATABASE_URL": database_url(),
            "DATABASE_OWNER_URL": "",
            "REDIS_URL": f"unix://{redis_socket}",
            "REDIS_PREFIX": settings.REDIS_PREFIX,
            "FILES_DIR": str(settings.FILES_DIR),
            "JOB_LEASE_SECONDS": str(lease),
            "ALLOWED_HOSTS": "127.0.0.1",
            "PORTAL_PLACE": "Bản thử",
            "LOG_LEVEL": "INFO",
            "STATIC_MANIFEST": "",
            "DEBUG": "",
            "DEMO": "1",
            "HTTPS": "",
            "CONN_MAX_AGE": "0",
            "PYTHONUNBUFFERED": "1",
            "PYTHONWARNINGS": "ignore:You're running the worker",
        }

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def run(self, name: str, command: list[str], ready: Callable[[Process], Any]) -> Process:
        number = sum(process.name.startswith(name) for process in self.processes)
        process = Process(
            f"{name}-{number + 1}" if number else name, command, folder=self.folder, env=self.env
        )
        self.processes.append(process)
        return process.start(ready)

    def redis(self) -> Process:
        """Keeps nothing: what was in the queue is lost when it stops."""
        command = ["redis-server", "--port", "0", "--unixsocket", str(self.redis_socket)]
        command += ["--save", "", "--appendonly", "no", "--dir", str(self.folder)]
        return self.run("redis", command, lambda _: answers_ping(self.redis_socket))

    def web(self) -> Process:
        options = ["--bind", f"127.0.0.1:{self.port}", "--workers", "1", "--threads", "4"]
        options += ["--no-control-socket", "--log-level", "warning", "--graceful-timeout", "2"]
        command = [sys.executable, "-m", "gunicorn", *options, "config.wsgi:application"]
        return self.run("web", command, lambda _: answers_http(f"{self.url}/dang-nhap/"))

    def worker(self) -> Process:
        """Ready when it hears its queue."""
        options = ["worker", "-c", "1", "-P", "prefork", "-l", "info"]
        options += ["--without-gossip", "--without-mingle", "-n", f"thu-{len(self.processes)}@%h"]
        command = [sys.executable, "-m", "celery", "-A", "config", *options]
        return self.run("worker", command, lambda process: " ready." in process.output())

    def beat(self) -> Process:
        command = [sys.executable, "-m", "celery", "-A", "config", "beat", "-l", "info"]
        command += ["-s", str(self.folder / "beat-schedule"), "--pidfile="]
        return self.run("beat", command, lambda process: "beat: Starting" in process.output())

    def stop(self) -> None:
        for process in reversed(self.processes):
            process.stop()

    def output(self) -> str:
        return "\n".join(process.output() for process in self.processes)


def database_url() -> str:
    """Where the tests of this process read and write, for the role they do it as."""
    target = connections.settings["default"]
    user, password = quote(target["USER"] or ""), quote(target["PASSWORD"] or "")
    host = target["HOST"] or ""
    options = {k: str(v) for k, v in target["OPTIONS"].items() if k in {"host", "port"}}
    if host.startswith("/"):
        options.setdefault("host", host)
        host = ""
    if target["PORT"]:
        options.setdefault("port", str(target["PORT"]))
    name = f"{user}:{password}" if password else user
    return f"postgresql://{name}@{host}/{target['NAME']}?{urlencode(options)}"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers_ping(path: Path) -> bool:
    try:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(2)
            client.connect(str(path))
            client.sendall(b"PING\r\n")
            return client.recv(16).startswith(b"+PONG")
    except OSError:
        return False


def answers_http(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 our own port
            return bool(answer.status == 200)
    except OSError:
        return False


def running(portal: Portal) -> Iterator[Portal]:
    """The body of a fixture: the portal, then its end, whatever happened between."""
    try:
        yield portal
    finally:
        portal.stop()
