"""A question that is asked many times a second, put into SQL once."""

from collections.abc import Callable
from copy import copy
from functools import cached_property
from inspect import signature
from types import SimpleNamespace
from typing import Any

from django.db import connections
from django.db.models import QuerySet


class Prepared:
    """A queryset whose SQL is written once: to say a small question costs the ORM several times
    what it costs the database to answer it.

    `build` is called once, with a mark in the place of each value (a text where it says `str`, a
    number elsewhere), so that the rule stays where it is written, in the queryset. A value is a
    parameter and nothing else: what changes the question itself belongs to another `Prepared`.
    Where `build` takes any number of values, `count` says how many.
    """

    def __init__(self, build: Callable[..., QuerySet[Any]], count: int = 0) -> None:
        self.build, self.count = build, count

    def __call__(self, *values: Any) -> list[Any]:
        """The rows that the queryset would give for these values."""
        queryset, made, sql, places = self._made
        params = tuple(values[at] if at is not None else fixed for at, fixed in places)
        compiler = copy(made)
        compiler.connection = connections[queryset.db]
        compiler.as_sql = lambda *_, **__: (sql, params)
        said = SimpleNamespace(get_compiler=lambda *_, **__: compiler)
        stand_in = SimpleNamespace(
            db=queryset.db,
            query=said,
            model=queryset.model,
            _fields=queryset._fields,
            _known_related_objects={},
        )
        return list(queryset._iterable_class(stand_in))

    def first(self, *values: Any) -> Any:
        """The first of them, None where there is none."""
        return next(iter(self(*values)), None)

    @cached_property
    def _made(self) -> tuple[Any, Any, str, list[tuple[int | None, Any]]]:
        kinds = [p.annotation for p in signature(self.build).parameters.values()]
        kinds = [int] * self.count or kinds
        marks = [f"\ue000{n}" if kind is str else 31_000 + n for n, kind in enumerate(kinds)]
        queryset: Any = self.build(*marks)
        compiler = queryset.query.get_compiler(queryset.db)
        sql, params = compiler.as_sql()
        places = [(marks.index(one) if one in marks else None, one) for one in params]
        lost = set(range(len(marks))) - {at for at, _fixed in places}
        assert not lost, f"values that the SQL does not hold: {sorted(lost)}"
        return queryset, compiler, sql, places
