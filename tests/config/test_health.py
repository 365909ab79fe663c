"""Whether the portal lives, and what it says when it does not."""

import gc
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.db import DatabaseError
from django.test import Client
from django.utils import timezone

from config import queries, tasks, views
from config.apps import proxies_are_counted
from tests.factories import UserFactory
from units import jobs
from units.models import Beat
from units.services import note_worker

pytestmark = pytest.mark.django_db


def ask() -> tuple[int, dict[str, bool]]:
    answer = Client().get("/healthz")
    assert answer.headers["Cache-Control"] == "private, no-store"
    return answer.status_code, answer.json()


def test_garbage_is_looked_for_less_often_than_by_default() -> None:
    assert gc.isenabled()
    assert gc.get_threshold()[0] == 10_000


def test_all_is_well_when_a_worker_showed_itself_just_now() -> None:
    tasks.worker_seen()
    assert ask() == (200, {"ok": True, "database": True, "redis": True, "worker": True})


def test_a_worker_that_never_ran_is_told() -> None:
    assert ask() == (503, {"ok": False, "database": True, "redis": True, "worker": False})


@pytest.mark.parametrize(("age", "alive"), [(59, True), (60, False), (3600, False)])
def test_a_worker_is_silent_after_a_minute(age: int, alive: bool) -> None:
    now = timezone.now()
    note_worker(now=now - timedelta(seconds=age))
    assert queries.health(now)["worker"] is alive


def test_a_worker_has_one_row_however_often_it_shows_itself() -> None:
    now = timezone.now()
    note_worker(now=now - timedelta(hours=1))
    note_worker(now=now)
    assert Beat.objects.get().seen_at == now


def test_a_redis_that_is_down_is_told(settings: Any, tmp_path: Path) -> None:
    tasks.worker_seen()
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": f"unix://{tmp_path}/none.sock",
        }
    }
    assert ask() == (503, {"ok": False, "database": True, "redis": False, "worker": True})


def test_a_database_that_is_down_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*args: Any, **kwargs: Any) -> None:
        raise DatabaseError("connection refused: password=secret")

    monkeypatch.setattr("django.db.models.query.QuerySet.first", down)
    status, said = ask()
    assert (status, said["database"], said["worker"]) == (503, False, False)


def test_the_check_leaves_nothing_behind() -> None:
    ask()
    assert cache.get("healthz") is None


# --- the functions of the workers ----------------------------------------------------------------
def test_every_entry_of_the_schedule_is_a_function_that_exists(settings: Any) -> None:
    named = {
        task.name
        for task in vars(tasks).values()
        if hasattr(task, "delay") and hasattr(task, "name")
    }
    assert {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()} <= named
    assert {jobs.TASK, jobs.RESET_LINKS} <= named


def test_every_kind_of_job_has_a_maker() -> None:
    kinds = {model._meta.label_lower for model in jobs.Job.__subclasses__()}
    assert set(tasks.MAKERS) == kinds
    assert {model._meta.label_lower for model, _maker in tasks.MAKERS.values()} == kinds


def test_a_message_of_a_newer_release_is_read_by_an_older_worker() -> None:
    kind = next(iter(tasks.MAKERS))
    tasks.run(kind, 0, priority="later")  # no such row: nothing is claimed, nothing is made


def test_the_sweeps_run_on_an_empty_portal() -> None:
    tasks.sweep()
    tasks.sweep_files()
    tasks.close_periods()


def test_a_proxy_that_is_not_counted_is_warned_of(settings: Any) -> None:
    settings.HTTPS, settings.TRUSTED_PROXIES = True, 0
    assert [warning.id for warning in proxies_are_counted()] == ["config.W001"]
    settings.TRUSTED_PROXIES = 1
    assert proxies_are_counted() == []


# --- error pages ---------------------------------------------------------------------------------
def test_an_accident_is_told_without_details(
    client_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: Any) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(views.queries, "home", broken)
    client = client_of(UserFactory())
    client.raise_request_exception = False
    answer = client.get("/")
    page = answer.content.decode()
    assert answer.status_code == 500
    assert "Cổng gặp sự cố khi làm việc này" in page
    assert "secret detail" not in page


def test_a_page_that_is_not_there_is_told_in_words(client: Client) -> None:
    answer = client.get("/khong-co/")
    assert answer.status_code == 404
    assert "Không tìm thấy trang này" in answer.content.decode()


# --- the page of components ----------------------------------------------------------------------
def test_the_page_of_components_is_for_those_who_build(client_of: Any, settings: Any) -> None:
    client = client_of(UserFactory())
    assert client.get("/ui/").status_code == 404
    settings.DEBUG = True
    page = client.get("/ui/").content.decode()
    assert "Thành phần giao diện" in page
    assert "68 đơn vị" in page
    assert "Chưa lưu được, cần sửa" in client.post("/ui/", {"name": ""}).content.decode()
