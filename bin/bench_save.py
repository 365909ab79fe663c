"""`cell_save_200_users`: how long 200 people at once wait for a cell to be saved ÷ a bare write.

In a database of its own, migrated by the owner and dropped afterwards. Two web processes serve the
portal and the bare view (bin/bench_urls.py) behind the same middleware; the people are a third
process (bin/bench_load.py).
"""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import psycopg2

NAME = "thidua_do"
PATIENCE = 60  # seconds for the server to answer
Environment = dict[str, str]


def cell_save_200_users() -> float:
    with own_database() as environment:
        people = told([sys.executable, "-m", "bin.bench_people"], environment)
        with serving(environment) as port:
            asked = json.dumps({"port": port, "people": people})
            return told([sys.executable, "-m", "bin.bench_load"], environment, asked)


def told(command: list[str], environment: Environment, given: str = ""):
    """What a process prints as JSON."""
    done = subprocess.run(
        command, env=environment, input=given, stdout=subprocess.PIPE, text=True, check=True
    )
    return json.loads(done.stdout)


def there(url: str) -> str:
    return urlsplit(url)._replace(path=f"/{NAME}").geturl()


@contextmanager
def own_database() -> Iterator[Environment]:
    owner, web = os.environ["DATABASE_OWNER_URL"], os.environ["DATABASE_URL"]
    link = psycopg2.connect(owner)
    link.autocommit = True
    try:
        with link.cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")
            cursor.execute(f"CREATE DATABASE {NAME}")
        role = urlsplit(web).username or ""
        migrating = os.environ | {"DATABASE_URL": there(owner), "DATABASE_APP_ROLE": role}
        for command in (["migrate", "--verbosity=0"], ["grant_database"]):
            subprocess.run([sys.executable, "manage.py", *command], env=migrating, check=True)
        yield os.environ | {
            "DATABASE_URL": there(web),
            "DJANGO_SETTINGS_MODULE": "bin.bench_settings",
            "ALLOWED_HOSTS": "127.0.0.1",
            "HTTPS": "",
        }
    finally:
        with link.cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")
        link.close()


@contextmanager
def serving(environment: Environment) -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = ["--bind", f"127.0.0.1:{port}", "--workers", "2", "--threads", "4"]
    options += ["--keep-alive", "60", "--log-level", "warning", "--no-control-socket"]
    options += ["--graceful-timeout", "5"]
    server = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", *options, "config.wsgi:application"], env=environment
    )
    try:
        deadline = time.monotonic() + PATIENCE
        while not answers(port):
            if server.poll() is not None or time.monotonic() > deadline:
                raise SystemExit("Máy chủ để đo không chạy được.")
            time.sleep(0.1)
        yield port
    finally:
        server.terminate()
        server.wait(timeout=30)


def answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
