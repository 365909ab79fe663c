import pytest

from tests.campaigns.world import World, make_world


@pytest.fixture
def world(db: None) -> World:
    return make_world()
