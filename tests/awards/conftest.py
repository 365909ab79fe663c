import pytest

from tests.awards.factories import World
from tests.awards.factories import world as make_world


@pytest.fixture
def world(db: None) -> World:
    return make_world()
