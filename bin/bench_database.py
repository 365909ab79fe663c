"""A database for one measure: migrated by the owner, dropped afterwards."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import psycopg2

Environment = dict[str, str]


def told(command: list[str], environment: Environment, given: str = "") -> Any:
    """What a process prints as JSON."""
    done = subprocess.run(
        command, env=environment, input=given, stdout=subprocess.PIPE, text=True, check=True
    )
    return json.loads(done.stdout)


def there(url: str, name: str) -> str:
    """The address of another database of the same server."""
    return urlsplit(url)._replace(path=f"/{name}").geturl()


@contextmanager
def own_database(name: str) -> Iterator[Environment]:
    """The environment in which the portal works there."""
    owner, web = os.environ["DATABASE_OWNER_URL"], os.environ["DATABASE_URL"]
    link = psycopg2.connect(owner)
    link.autocommit = True
    try:
        with link.cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {name}")
            cursor.execute(f"CREATE DATABASE {name}")
        role = urlsplit(web).username or ""
        migrating = os.environ | {"DATABASE_URL": there(owner, name), "DATABASE_APP_ROLE": role}
        for command in (["migrate", "--verbosity=0"], ["grant_database"]):
            subprocess.run([sys.executable, "manage.py", *command], env=migrating, check=True)
        yield os.environ | {
            "DATABASE_URL": there(web, name),
            "DATABASE_OWNER_URL": there(owner, name),
            "DJANGO_SETTINGS_MODULE": "bin.bench_settings",
            "ALLOWED_HOSTS": "127.0.0.1",
            "HTTPS": "",
        }
    finally:
        with link.cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {name}")
        link.close()
