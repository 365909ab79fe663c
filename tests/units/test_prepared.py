"""A question put into SQL once gives what its queryset gives."""

from contextlib import suppress
from threading import Thread
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import Value

from tests.factories import UnitFactory
from units.models import Prepared, Unit

pytestmark = pytest.mark.django_db


def test_it_gives_what_its_queryset_gives_for_other_values_each_time() -> None:
    units = [UnitFactory(ref=f"so-{n}", tags=["bien-gioi"] * (n > 0)) for n in range(3)]

    def build(pk: int, ref: str) -> Any:
        rows = Unit.objects.filter(pk=pk) | Unit.objects.filter(ref=ref)
        return rows.select_related("kind__level").annotate(mark=Value("x")).order_by("-pk")

    ask = Prepared(build)
    for unit, ref in ((units[0], "so-2"), (units[1], "so-1"), (units[2], "không có")):
        found, wanted = ask(unit.pk, ref), list(build(unit.pk, ref))
        assert found == wanted
        assert [one.tags for one in found] == [one.tags for one in wanted]
        assert [one.kind.level.name for one in found] == [one.kind.level.name for one in wanted]
        assert {one.mark for one in found} == {"x"}
        assert ask.first(unit.pk, ref) == wanted[0]
    assert ask.first(0, "") is None


def test_rows_of_values_are_tuples() -> None:
    unit = UnitFactory(ref="so")
    rows = Prepared(lambda pk: Unit.objects.filter(pk=pk).values_list("ref", "pk"))
    assert rows(unit.pk) == [("so", unit.pk)]


def test_a_number_that_no_column_holds_finds_nothing() -> None:
    unit = UnitFactory()
    ask = Prepared(lambda pk: Unit.objects.filter(pk=pk))
    assert ask(2**63 - 1) == ask(2**63) == ask(-(2**63) - 1) == []
    assert ask(unit.pk) == [unit]


def test_building_once_costs_one_query_each_time(django_assert_num_queries: Any) -> None:
    unit, built = UnitFactory(), []

    def build(pk: int) -> Any:
        built.append(pk)
        return Unit.objects.filter(pk=pk).select_related("kind")

    ask = Prepared(build)
    with django_assert_num_queries(2):
        assert [ask.first(unit.pk).kind, ask.first(unit.pk).kind] == [unit.kind] * 2
    assert len(built) == 1


def test_a_value_that_the_sql_does_not_hold_is_a_mistake() -> None:
    ask = Prepared(lambda pk, other: Unit.objects.filter(pk=pk))
    with pytest.raises(AssertionError, match="does not hold"):
        ask(1, 2)


def test_each_thread_asks_on_its_own_connection() -> None:
    ask = Prepared(lambda pk: Unit.objects.filter(pk=pk))
    ask(1)
    seen: list[Any] = []

    def other() -> None:
        seen.append(ask._made and connection.connection)
        ask(1)
        seen.append(connection.connection)
        connection.close()

    thread = Thread(target=other)
    thread.start()
    thread.join()
    assert seen[0] is None
    assert seen[1] is not None


def test_the_database_plans_it_once_for_each_connection() -> None:
    unit = UnitFactory()
    ask = Prepared(lambda pk: Unit.objects.filter(pk=pk).order_by())
    assert [ask.first(unit.pk) for _ in range(8)] == [unit] * 8
    name = ask._made[2].name
    with connection.cursor() as cursor:
        plans = "SELECT generic_plans, custom_plans FROM pg_prepared_statements WHERE name = %s"
        cursor.execute(plans, [name])
        generic, custom = cursor.fetchone()
    assert (generic + custom, generic > 0) == (8, True)


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_was_closed_learns_it_anew() -> None:
    unit = UnitFactory()
    ask = Prepared(lambda pk: Unit.objects.filter(pk=pk))
    assert ask.first(unit.pk) == unit
    connection.close()
    assert ask.first(unit.pk) == unit


def test_a_statement_outlives_the_transaction_that_prepared_it() -> None:
    unit = UnitFactory()
    ask = Prepared(lambda pk: Unit.objects.filter(pk=pk))
    with transaction.atomic():
        assert ask.first(unit.pk) == unit
        transaction.set_rollback(True)
    assert ask.first(unit.pk) == unit


def test_in_a_broken_transaction_it_says_so_as_django_does() -> None:
    ask = Prepared(lambda pk: Unit.objects.filter(pk=pk))
    with transaction.atomic():
        with connection.cursor() as cursor, suppress(DatabaseError):
            cursor.execute("SELECT 1 / 0")
        with pytest.raises(DatabaseError):
            ask(1)
        transaction.set_rollback(True)
    assert ask(0) == []
