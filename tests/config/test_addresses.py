"""Addresses that somebody typed: a number too large for any row is nobody's page, not a fault."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.converters import IntConverter

from tests.factories import NOW, UnitFactory, user_with
from units.rules import ROLES
from units.services import give_role

pytestmark = pytest.mark.django_db
BEYOND = 2**63  # the first number that PostgreSQL's bigint cannot hold


def numbered(resolver: URLResolver, before: str = "") -> Iterator[str]:
    """Every address that takes a number: numbers beyond all rows, words a lone letter."""
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from numbered(entry, before + str(entry.pattern))
            continue
        assert isinstance(entry, URLPattern)
        path = before + str(entry.pattern)
        kinds = entry.pattern.converters
        if any(isinstance(kind, IntConverter) for kind in kinds.values()):
            for name, kind in kinds.items():
                word = str(BEYOND) if isinstance(kind, IntConverter) else "x"
                start, end = path.index("<"), path.index(">")
                assert name in path[start:end]
                path = path[:start] + word + path[end + 1 :]
            yield f"/{path}"


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_number_beyond_all_rows_is_not_found(
    method: str, client_of: Callable[[Any], Client]
) -> None:
    unit = UnitFactory()
    everything, *rest = sorted(ROLES)
    user = user_with(everything, unit, and_below=True)
    for role in rest:
        give_role(user=user, unit=unit, role=role, and_below=True, actor=None, now=NOW)
    client = client_of(user)
    paths = list(numbered(get_resolver()))
    assert len(paths) > 60
    told = {path: getattr(client, method)(path).status_code for path in paths}
    assert {path: code for path, code in told.items() if code not in {302, 403, 404, 405}} == {}
