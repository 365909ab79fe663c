"""`cell_save_200_users`: how long 200 people at once wait for a cell to be saved ÷ a bare write.

In a database of its own, migrated by the owner and dropped afterwards. Two web processes serve the
portal and the bare view (bin/bench_urls.py) behind the same middleware; the people are a third
process (bin/bench_load.py).
"""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from bin.bench_database import Environment, own_database, told

NAME = "thidua_do"
PATIENCE = 60  # seconds for the server to answer


def cell_save_200_users() -> float:
    with own_database(NAME) as environment:
        people = told([sys.executable, "-m", "bin.bench_people"], environment)
        with serving(environment) as port:
            asked = json.dumps({"port": port, "people": people})
            return told([sys.executable, "-m", "bin.bench_load"], environment, asked)


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
