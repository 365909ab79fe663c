"""The tree of units stays a tree."""

import pytest

from tests.factories import UnitFactory
from units.models import Unit
from units.rules import DomainError
from units.services import place_unit

pytestmark = pytest.mark.django_db


@pytest.fixture
def branch() -> list[Unit]:
    """A province, its department, and what stands below that."""
    root = UnitFactory(name="Tỉnh")
    office = UnitFactory(name="Sở", parent=root)
    return [root, office, UnitFactory(name="Chi cục", parent=office)]


def test_what_stands_below_moves_along(branch: list[Unit]) -> None:
    _root, office, below = branch
    office.parent = UnitFactory(name="Tỉnh mới")
    office.save()
    place_unit(office)
    below.refresh_from_db()
    assert below.path == f"{office.parent.pk}/{office.pk}/{below.pk}/"


@pytest.mark.parametrize("over", [1, 2], ids=["itself", "what stands below it"])
def test_a_unit_is_not_placed_under_itself(branch: list[Unit], over: int) -> None:
    office = branch[1]
    before = office.path
    office.parent = branch[over]
    with pytest.raises(DomainError, match=f"“Sở” không thể đặt dưới “{branch[over]}”"):
        place_unit(office)
    assert Unit.objects.get(pk=office.pk).path == before
