"""What the tests of the parts of a draft share: its planner, his browser, a page and its errors."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from campaigns.models import Campaign
from config.plans.editing import PartForm
from config.plans.parts import INDICATORS
from tests.config.planfiles import PLAN, load, world
from tests.factories import user_with
from units.models import Unit

__all__ = ["world"]

REF = "a.2024.so"


@pytest.fixture
def planner(world):
    return user_with("standing_agency", Unit.objects.get(ref="a.b"))


@pytest.fixture
def draft(world) -> Campaign:
    load(PLAN)
    return Campaign.objects.get(ref=REF)


@pytest.fixture
def browser(planner, client_of):
    return client_of(planner)


def address(slug: str, group: str = "") -> str:
    if group:
        name = "indicators_edit" if slug == INDICATORS.slug else "tables_edit"
        return reverse(f"plans:{name}", args=[REF, group])
    return reverse("plans:part_edit", args=[REF, slug])


def sent(form: PartForm) -> dict[str, Any]:
    """What a browser would send of the page as it stands."""
    data: dict[str, Any] = {"stamp": form.stamp}
    for cell in form.cells.values():
        if cell.kind == "check":
            data |= {cell.name: "1"} if cell.typed else {}
        elif cell.typed or cell.kind != "picks":
            data[cell.name] = cell.typed
        if cell.kind == "here":
            data[f"{cell.name}-was"] = cell.was
    for row in form._all_rows():
        data[f"{row.name}-at"] = row.at
        if row.has_ref:
            data[f"{row.name}-ref"] = row.ref
    for table in form.tables:
        if table.default:
            data[f"{table.name}-default"] = "1"
    return data


class Page:
    """One part on the screen of one person."""

    def __init__(self, browser: Client, slug: str, group: str = "", at: str = "") -> None:
        self.browser, self.address = browser, at or address(slug, group)
        answer = browser.get(self.address)
        assert answer.status_code == 200
        self.data = sent(answer.context["form"])

    def save(self, **typed: Any) -> Any:
        data = {key: value for key, value in (self.data | typed).items() if value is not None}
        return self.browser.post(self.address, data)


def errors(answer: Any) -> dict[str, str]:
    return dict(answer.context["form"].wrong)
