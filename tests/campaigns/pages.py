"""What the tests of pages share: a plan whose period is open today, and reading what comes back."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from criteria.models import Indicator
from tests.campaigns.world import World
from units.models import User

ClientOf = Callable[[User], Any]
HTMX = {"HX-Request": "true"}


@pytest.fixture
def world(world: World) -> World:
    """The pages read the clock, so the period is one that is open today."""
    world.period.closes_on = timezone.localdate() + timedelta(days=30)
    world.period.save()
    return world


def url(name: str, *args: object) -> str:
    return reverse(f"campaigns:{name}", args=args)


def text(response: Any) -> str:
    """What a reader sees: tags gone, blanks folded."""
    page = re.sub(r"<[^>]+>", " ", response.content.decode())
    return re.sub(r"\s+", " ", page)


def cell(indicator: Indicator, version: int = 0, **typed: str) -> dict[str, str]:
    return {
        f"r{indicator.pk}-version": str(version),
        **{f"r{indicator.pk}-{name}": value for name, value in typed.items()},
    }
