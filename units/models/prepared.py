"""Questions that are asked many times a second: put into SQL once, planned once by the database."""

import re
from collections.abc import Callable
from copy import copy
from functools import cached_property
from inspect import signature
from itertools import count
from types import SimpleNamespace
from typing import Any
from weakref import WeakKeyDictionary

from django.db import connections
from django.db.models import QuerySet
from psycopg2.extensions import AsIs

NUMBERS = count(1)
BIGINT = range(-(2**63), 2**63)
# the names of the statements that each open connection knows
_known: WeakKeyDictionary[Any, set[str]] = WeakKeyDictionary()


class Statement:
    """SQL with $1, $2… in the place of its values, prepared on a connection when it first asks.

    `types` are those of the values, where the SQL alone does not tell them.
    """

    def __init__(self, text: str, types: str = "") -> None:
        verb = re.search("[a-z]+", text.lower())
        self.text, self.name = text, f"portal_{verb[0] if verb else ''}_{next(NUMBERS)}"
        self.types = f" ({types})" if types else ""

    def call(self, on: Any, values: int) -> str:
        """What a cursor of the connection `on` executes, with so many values."""
        on.close_if_health_check_failed()
        on.ensure_connection()
        known = _known.setdefault(on.connection, set())
        if self.name not in known:
            with on.wrap_database_errors, on.connection.cursor() as cursor:
                cursor.execute(f"PREPARE {self.name}{self.types} AS {self.text}")
            known.add(self.name)
        return f"EXECUTE {self.name}({', '.join(['%s'] * values)})"


class Prepared:
    """A queryset whose SQL is written once: to say a small question costs the ORM, and to plan it
    the database, several times what it costs to answer it.

    `build` is called once, with a mark in the place of each value (a text where it says `str`, a
    number elsewhere), so that the rule stays where it is written, in the queryset. A value is a
    parameter and nothing else: what changes the question itself belongs to another `Prepared`.
    Where `build` takes any number of values, `count` says how many. Mind the order: a model's own
    joins other tables.
    """

    def __init__(self, build: Callable[..., QuerySet[Any]], count: int = 0) -> None:
        self.build, self.count = build, count

    def __call__(self, *values: Any) -> list[Any]:
        """The rows that the queryset would give for these values: none for a number that no column
        can hold, as of an address that somebody typed."""
        if any(isinstance(value, int) and value not in BIGINT for value in values):
            return []
        queryset, made, statement = self._made
        compiler = copy(made)
        compiler.connection = connections[queryset.db]
        sql = statement.call(compiler.connection, len(values))
        compiler.as_sql = lambda *_, **__: (sql, values)
        stand_in = SimpleNamespace(
            db=queryset.db,
            query=SimpleNamespace(get_compiler=lambda *_, **__: compiler),
            model=queryset.model,
            _fields=queryset._fields,
            _known_related_objects={},
        )
        return list(queryset._iterable_class(stand_in))

    def first(self, *values: Any) -> Any:
        """The first of them, None where there is none."""
        return next(iter(self(*values)), None)

    @cached_property
    def _made(self) -> tuple[Any, Any, Statement]:
        kinds = [p.annotation for p in signature(self.build).parameters.values()]
        kinds = [int] * self.count or kinds
        marks = [f"\ue000{n}" if kind is str else 31_000 + n for n, kind in enumerate(kinds)]
        queryset: Any = self.build(*marks)
        compiler = queryset.query.get_compiler(queryset.db)
        sql, params = compiler.as_sql()
        places = [AsIs(f"${marks.index(one) + 1}") if one in marks else one for one in params]
        lost = set(marks) - set(params)
        assert not lost, f"values that the SQL does not hold: {lost}"
        with connections[queryset.db].cursor() as cursor:
            text = cursor.mogrify(sql, places).decode()
        # the same columns each time: how they are converted is found out once
        columns = [one[0] for one in compiler.select[: compiler.col_count]]
        converters = compiler.get_converters(columns)
        compiler.get_converters = lambda _columns: converters
        compiler.has_composite_fields = lambda _columns: False
        return queryset, compiler, Statement(text)
