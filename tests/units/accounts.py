"""What the tests of accounts share: a person, an administrator over a small tree, signing in."""

from typing import Any

import pytest
from django.test import Client

from tests.factories import UnitFactory, UserFactory, user_with
from units.models import AuditEntry, Unit, User

PASSWORD = "con bò gặm cỏ 42"
LOGIN = "/dang-nhap/"


@pytest.fixture
def person() -> User:
    user = UserFactory(username="nguyen.van.an", email="an@example.test")
    user.set_password(PASSWORD)
    user.save()
    return user


@pytest.fixture
def tree() -> dict[str, Unit]:
    root = UnitFactory(ref="tinh", name="Tỉnh")
    office = UnitFactory(ref="so", name="Sở Đất đai", parent=root)
    return {
        "tinh": root,
        "so": office,
        "chi-cuc": UnitFactory(ref="chi-cuc", name="Chi cục Đê điều", parent=office),
        "so-khac": UnitFactory(ref="so-khac", name="Sở khác", parent=root),
    }


@pytest.fixture
def admin(tree: dict[str, Unit]) -> User:
    return user_with("account_admin", tree["so"], and_below=True, username="quan-tri")


@pytest.fixture
def axes(settings: Any) -> None:
    settings.AXES_ENABLED = True
    settings.AXES_FAILURE_LIMIT = 3


def sign_in(client: Client, username: str = "nguyen.van.an", password: str = PASSWORD) -> Any:
    return client.post(LOGIN, {"username": username, "password": password})


def actions(user: User) -> list[str]:
    rows = AuditEntry.objects.filter(subject_type="units.user", subject_id=user.pk)
    return list(rows.order_by("pk").values_list("action", flat=True))
