"""Permissions are exactly these units, never one more."""

from typing import Any

import pytest

from tests.factories import NOW, UnitFactory, UserFactory, user_with
from units.models import RoleAssignment, Unit, UnitUserPermission
from units.policies import (
    granted_units,
    grants_read_once,
    holds,
    holds_nowhere,
    manageable_users,
    viewable_units,
)
from units.rules import CONSOLIDATE, ENTER, SIGN, VERIFY, VIEW
from units.services import give_role, take_role

pytestmark = pytest.mark.django_db


def refs(units: object) -> set[str]:
    return {unit.ref for unit in units}  # type: ignore[attr-defined]


@pytest.fixture
def tree() -> dict[str, Unit]:
    root = UnitFactory(ref="tinh")
    office = UnitFactory(ref="so", parent=root)
    branch = UnitFactory(ref="chi-cuc", parent=office)
    sibling = UnitFactory(ref="so-khac", parent=root)
    return {"tinh": root, "so": office, "chi-cuc": branch, "so-khac": sibling}


def test_an_account_without_a_grant_sees_nothing(tree: dict[str, Unit]) -> None:
    stranger = UserFactory(is_superuser=True)
    assert not granted_units(stranger, VIEW).exists()


def test_what_acts_holds_for_the_named_unit_alone(tree: dict[str, Unit]) -> None:
    clerk = user_with("clerk", tree["so"])
    assert refs(granted_units(clerk, ENTER)) == {"so"}
    assert refs(granted_units(clerk, SIGN)) == set()


def test_what_acts_reaches_below_where_the_grant_says_so(tree: dict[str, Unit]) -> None:
    clerk = user_with("clerk", tree["so"], and_below=True)
    assert refs(granted_units(clerk, ENTER)) == {"so", "chi-cuc"}


def test_seeing_flows_down_by_itself(tree: dict[str, Unit]) -> None:
    clerk = user_with("clerk", tree["so"])
    assert refs(viewable_units(clerk)) == {"so", "chi-cuc"}


def test_two_grants_one_below_the_other_reach_every_unit_once(tree: dict[str, Unit]) -> None:
    clerk = user_with("clerk", tree["so"], and_below=True)
    give_role(user=clerk, unit=tree["chi-cuc"], role="clerk", and_below=True, actor=None, now=NOW)
    assert sorted(u.ref for u in granted_units(clerk, ENTER)) == ["chi-cuc", "so"]


@pytest.mark.parametrize("place", ["tinh", "so", "chi-cuc", "so-khac"])
@pytest.mark.parametrize("role", ["clerk", "head_of_unit", "standing_agency", "decider"])
@pytest.mark.parametrize("and_below", [False, True])
@pytest.mark.parametrize("active", [True, False])
def test_asked_about_one_unit_the_grants_say_the_same(
    tree: dict[str, Unit], place: str, role: str, and_below: bool, active: bool
) -> None:
    user = user_with(role, tree[place], and_below=and_below)
    give_role(
        user=user, unit=tree["chi-cuc"], role="bloc_leader", and_below=False, actor=None, now=NOW
    )
    user.is_active = active
    for permission in (VIEW, ENTER, SIGN, VERIFY, CONSOLIDATE):
        held = {one.ref for one in tree.values() if holds(user, permission, one.pk, one.path)}
        assert held == refs(granted_units(user, permission)), permission
        assert holds_nowhere(user, permission) == (not granted_units(user, permission).exists())


def test_one_page_reads_the_grants_once(
    tree: dict[str, Unit], django_assert_num_queries: Any
) -> None:
    clerk, other = user_with("clerk", tree["so"]), user_with("clerk", tree["so-khac"])
    with grants_read_once(), django_assert_num_queries(2):
        for _ in range(3):
            granted_units(clerk, ENTER), granted_units(clerk, VIEW), granted_units(other, VIEW)
    with django_assert_num_queries(2):
        granted_units(clerk, ENTER), granted_units(clerk, ENTER)


def test_a_grant_made_while_the_page_is_made_counts_at_once(tree: dict[str, Unit]) -> None:
    user = user_with("clerk", tree["so"])
    with grants_read_once():
        assert not granted_units(user, SIGN).exists()
        give_role(
            user=user, unit=tree["so"], role="head_of_unit", and_below=False, actor=None, now=NOW
        )
        assert refs(granted_units(user, SIGN)) == {"so"}


def test_a_path_is_not_swallowed_by_a_longer_number() -> None:
    first = UnitFactory(ref="mot")
    Unit.objects.filter(pk=first.pk).update(path="1/2/")
    other = UnitFactory(ref="hai")
    Unit.objects.filter(pk=other.pk).update(path="1/22/")
    first.refresh_from_db()
    viewer = user_with("home_affairs", first)
    assert refs(granted_units(viewer, CONSOLIDATE)) == {"mot"}


def test_taking_one_role_leaves_what_the_other_gives(tree: dict[str, Unit]) -> None:
    user = user_with("clerk", tree["so"])
    give_role(user=user, unit=tree["so"], role="head_of_unit", and_below=False, actor=None, now=NOW)
    take_role(RoleAssignment.objects.get(user=user, role="clerk"), actor=None, now=NOW)
    assert refs(granted_units(user, SIGN)) == {"so"}
    assert refs(granted_units(user, ENTER)) == {"so"}
    take_role(RoleAssignment.objects.get(user=user), actor=None, now=NOW)
    assert not UnitUserPermission.objects.filter(user=user).exists()


def test_an_inactive_account_has_no_right(tree: dict[str, Unit]) -> None:
    clerk = user_with("clerk", tree["so"], is_active=False)
    assert not granted_units(clerk, ENTER).exists()


def test_an_administrator_manages_those_wholly_within_his_reach(tree: dict[str, Unit]) -> None:
    admin = user_with("account_admin", tree["so"], and_below=True)
    inside = user_with("clerk", tree["chi-cuc"])
    elsewhere = user_with("clerk", tree["so-khac"])
    both = user_with("clerk", tree["chi-cuc"])
    give_role(user=both, unit=tree["so-khac"], role="clerk", and_below=False, actor=None, now=NOW)
    assert set(manageable_users(admin)) == {inside}
    assert elsewhere not in manageable_users(admin)


def test_an_administrator_of_one_unit_leaves_alone_who_reaches_below_it(
    tree: dict[str, Unit],
) -> None:
    narrow = user_with("account_admin", tree["so"])
    wide = user_with("account_admin", tree["so"], and_below=True)
    shallow = user_with("clerk", tree["so"])
    deep = user_with("clerk", tree["so"], and_below=True)
    assert set(manageable_users(narrow)) == {shallow}
    assert set(manageable_users(wide)) == {shallow, deep, narrow}
