"""Every write of a cell is kept for good: the portal's role cannot change it, and what the owner
of the database changes is found."""

from collections.abc import Iterator
from datetime import date, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connection, transaction

from campaigns.models import Result, ResultHistory, ScoreEntry
from campaigns.services import record_result, seal_history
from config.tasks import seal_audit as beat_task
from tests.campaigns.scoring import make_scored
from tests.campaigns.world import World
from tests.conftest import owner_cursor
from tests.factories import NOW
from units.models import AuditDigest, AuditEntry

TOMORROW, NEXT = NOW + timedelta(days=1), NOW + timedelta(days=2)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def owner() -> Iterator[Any]:
    with owner_cursor(connection.settings_dict["NAME"]) as cursor:
        yield cursor


@pytest.fixture
def written(world: World) -> ResultHistory:
    world.fill(world.sheet(), world.indicator(ref="ct01"), numerator="1", denominator="2")
    return ResultHistory.objects.get()


def faults() -> str:
    err = StringIO()
    try:
        call_command("check_audit", stdout=StringIO(), stderr=err)
    except CommandError:
        return err.getvalue()
    return ""


@pytest.mark.parametrize("table", ["resulthistory", "scorehistory"])
@pytest.mark.parametrize(
    "statement", ["UPDATE {} SET version = 9", "DELETE FROM {}", "TRUNCATE {}"]
)
def test_the_portal_only_adds_and_reads(db: None, table: str, statement: str) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        connection.cursor().execute(statement.format(f"campaigns_{table}"))


def test_nothing_is_sealed_before_something_was_written(db: None) -> None:
    assert seal_history(now=NOW) is None
    assert faults() == ""


def test_each_night_is_one_line_of_the_register(written: ResultHistory) -> None:
    first = seal_history(now=TOMORROW)
    assert first is not None
    today = date.fromisoformat(first.data["to"])
    assert (first.data["from"], first.data["tables"]["campaigns.resulthistory"]["lines"]) == (
        None,
        1,
    )
    assert "1 lần ghi kết quả, 0 lần ghi điểm" in first.note
    assert seal_history(now=TOMORROW) is None
    quiet = seal_history(now=NEXT)
    assert quiet is not None
    assert quiet.data["from"] == quiet.data["to"] == (today + timedelta(days=1)).isoformat()
    assert faults() == ""


def test_what_is_written_later_changes_nothing(world: World, written: ResultHistory) -> None:
    seal_history(now=TOMORROW)
    sheet, indicator = written.result.result_sheet, written.result.indicator
    again = {"numerator": "2", "denominator": "2"}
    record_result(sheet, indicator, again, 1, actor=world.clerk, now=NEXT)
    assert ResultHistory.objects.count() == 2
    assert faults() == ""


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE campaigns_resulthistory SET numerator = 2", "vẫn đủ 1 lần, nhưng nội dung đã bị"),
        ("UPDATE campaigns_resulthistory SET by_id = NULL", "vẫn đủ 1 lần, nhưng nội dung đã bị"),
        ("DELETE FROM campaigns_resulthistory", "khi lập mã kiểm có 1, nay có 0"),
        ("UPDATE campaigns_resulthistory SET at = at - interval '9 days'", "nội dung đã bị sửa"),
        ("UPDATE campaigns_resulthistory SET at = at + interval '1 day'", "nay có 1"),
    ],
)
def test_what_the_owner_changed_is_found(
    written: ResultHistory, owner: Any, statement: str, told: str
) -> None:
    seal_history(now=TOMORROW)
    seal_history(now=NEXT)
    owner.execute(statement)
    assert told in faults()


def test_the_worker_seals_the_history_with_the_register(written: ResultHistory) -> None:
    beat_task()
    assert AuditEntry.objects.filter(action="history.sealed").count() == 1
    assert AuditDigest.objects.exists()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE campaigns_result SET numerator = 2",
        "UPDATE campaigns_result SET state = 'nothing', numerator = NULL, denominator = NULL, "
        "reason = 'Không có'",
        "UPDATE campaigns_result SET version = version + 1",
        "UPDATE campaigns_result SET version = 0",
    ],
)
def test_a_figure_that_is_not_the_last_write_is_found(
    written: ResultHistory, statement: str
) -> None:
    seal_history(now=TOMORROW)
    connection.cursor().execute(statement)  # the portal's own role writes this table
    unit = written.result.result_sheet.participation.unit
    code = written.result.indicator.code
    assert f"{unit}, tiêu chí {code}: đang ghi khác lần ghi cuối trong lịch sử." in faults()


def test_a_figure_put_back_to_an_older_write_is_found(world: World, written: ResultHistory) -> None:
    again = {"numerator": "2", "denominator": "2"}
    sheet, indicator = written.result.result_sheet, written.result.indicator
    record_result(sheet, indicator, again, 1, actor=world.clerk, now=NOW)
    assert faults() == ""
    Result.objects.update(numerator=1, version=1)
    assert "đang ghi khác" in faults()


def test_a_cell_that_only_holds_files_was_never_written(world: World, written: Any) -> None:
    other = world.indicator(ref="ct02", code="CT02")
    Result.objects.create(result_sheet=world.sheet(), indicator=other, saved_at=NOW)
    assert faults() == ""
    Result.objects.filter(indicator=other).update(state="nothing", reason="Không có")
    assert "tiêu chí CT02" in faults()


def test_points_that_are_not_the_last_write_are_found(db: None) -> None:
    scored = make_scored()
    scored.accept(0)
    scored.open()
    scored.score(scored.layer(0, "self"), "hand", points="30")
    assert faults() == ""
    ScoreEntry.objects.update(points=31)
    assert f"{scored.parts[0].unit}, mục " in faults()
