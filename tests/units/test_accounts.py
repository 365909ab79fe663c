"""What an administrator of accounts may do, on the pages and at the console."""

import re
from typing import Any

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from tests.factories import NOW, user_with
from tests.units.accounts import LOGIN, PASSWORD, admin, person, sign_in, tree
from units import queries, services
from units.models import AuditEntry, RoleAssignment, Unit, User
from units.policies import granted_units
from units.rules import ENTER, ROLES

__all__ = ["admin", "person", "tree"]

pytestmark = pytest.mark.django_db


# --- the administrator of accounts ---------------------------------------------------------------
def new_account(**changed: Any) -> dict[str, Any]:
    return {
        "username": "tran.thi.binh",
        "full_name": "Trần  Thị Bình",
        "email": "binh@example.test",
        "unit": "so",
        "role": "clerk",
    } | changed


def test_a_new_account_shows_its_password_once_and_must_change_it(
    client: Client, client_of: Any, admin: User, tree: dict[str, Unit]
) -> None:
    page = client_of(admin).post("/tai-khoan/moi/", new_account()).content.decode()
    password = re.search(r"<code[^>]*>([a-z0-9-]{19})</code>", page).group(1)  # type: ignore[union-attr]
    user = User.objects.get(username="tran.thi.binh")
    assert (user.full_name, user.must_change_password) == ("Trần Thị Bình", True)
    assert list(granted_units(user, ENTER)) == [tree["so"]]
    assert sign_in(client, "tran.thi.binh", password).url == "/"
    assert client.get("/").url == "/mat-khau/"
    assert password not in str(AuditEntry.objects.values_list("note", "data"))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"unit": "so-khac"}, "không thuộc phạm vi quản trị"),
        ({"unit": "tinh"}, "không thuộc phạm vi quản trị"),
        ({"role": "vua"}, "Không có vai trò này"),
        ({"username": "Có Dấu"}, "chữ thường không dấu"),
        ({"username": "quan-tri"}, "đã có người dùng"),
        ({"email": "sai"}, "không đúng mẫu"),
        ({"full_name": ""}, "Nhập họ và tên"),
    ],
)
def test_a_wrong_account_is_refused_with_a_reason(
    client_of: Any, admin: User, changed: dict[str, Any], said: str
) -> None:
    page = client_of(admin).post("/tai-khoan/moi/", new_account(**changed))
    assert page.status_code == 200
    assert said in page.content.decode()
    assert User.objects.count() == 1


def test_roles_that_reach_below_take_an_administrator_who_does(
    client_of: Any, tree: dict[str, Unit]
) -> None:
    narrow = user_with("account_admin", tree["so"])
    asked = new_account(and_below="on")
    page = client_of(narrow).post("/tai-khoan/moi/", asked).content.decode()
    assert "chỉ quản trị tài khoản của riêng “Sở Đất đai”" in page
    assert not User.objects.filter(username="tran.thi.binh").exists()
    wide = user_with("account_admin", tree["tinh"], and_below=True)
    client_of(wide).post("/tai-khoan/moi/", asked)
    assert RoleAssignment.objects.get(user__username="tran.thi.binh").and_below


def test_a_role_is_given_and_taken_but_not_the_last(
    client_of: Any, admin: User, tree: dict[str, Unit]
) -> None:
    user, browser = user_with("clerk", tree["so"]), client_of(admin)
    give = {"unit": "chi-cuc", "role": "head_of_unit"}
    browser.post(f"/tai-khoan/{user.pk}/vai-tro/", give)
    assert user.roles.count() == 2
    page = browser.post(f"/tai-khoan/{user.pk}/vai-tro/", give).content.decode()
    assert "đã có vai trò “Thủ trưởng đơn vị” tại “Chi cục Đê điều”" in page
    for role in user.roles.order_by("pk"):
        page = browser.post(f"/tai-khoan/vai-tro/{role.pk}/thu/", follow=True).content.decode()
    assert "là vai trò cuối cùng" in page
    assert [role.role for role in user.roles.all()] == ["head_of_unit"]


def test_a_role_on_a_foreign_unit_is_refused(
    client_of: Any, admin: User, tree: dict[str, Unit]
) -> None:
    user = user_with("clerk", tree["so"])
    page = client_of(admin).post(
        f"/tai-khoan/{user.pk}/vai-tro/", {"unit": "so-khac", "role": "clerk"}
    )
    assert "không thuộc phạm vi quản trị" in page.content.decode()
    assert user.roles.count() == 1


POSTS = ["vai-tro/", "dong/", "mo/", "mo-khoa/", "gui-thu/", "mat-khau-tam/", ""]


@pytest.mark.parametrize("act", POSTS)
@pytest.mark.parametrize("whose", ["another unit's", "his own", "partly elsewhere"])
def test_an_account_out_of_reach_is_not_found(
    client_of: Any, admin: User, tree: dict[str, Unit], whose: str, act: str
) -> None:
    if whose == "his own":
        user = admin
    else:
        user = user_with("clerk", tree["so-khac"])
        if whose == "partly elsewhere":
            services.give_role(
                user=user, unit=tree["so"], role="clerk", and_below=False, actor=None, now=NOW
            )
    before = AuditEntry.objects.count()
    answer = client_of(admin).post(
        f"/tai-khoan/{user.pk}/{act}",
        {"unit": "so", "role": "decider", "full_name": "Kẻ Lạ", "email": "la@example.test"},
    )
    assert answer.status_code == 404
    assert AuditEntry.objects.count() == before


def test_a_role_out_of_reach_is_not_found(
    client_of: Any, admin: User, tree: dict[str, Unit]
) -> None:
    role = user_with("clerk", tree["so-khac"]).roles.get()
    own = admin.roles.get()
    for foreign in (role, own):
        assert client_of(admin).post(f"/tai-khoan/vai-tro/{foreign.pk}/thu/").status_code == 404
        assert RoleAssignment.objects.filter(pk=foreign.pk).exists()


def test_who_looks_after_no_unit_has_no_accounts_page(
    client_of: Any, tree: dict[str, Unit]
) -> None:
    clerk = client_of(user_with("clerk", tree["so"]))
    assert clerk.get("/tai-khoan/").status_code == 404
    assert clerk.get("/tai-khoan/moi/").status_code == 404


def test_details_are_edited_and_what_happened_stands_at_the_foot(
    client_of: Any, admin: User, tree: dict[str, Unit]
) -> None:
    user = user_with("clerk", tree["so"], full_name="Lê Cũ")
    browser = client_of(admin)
    address = reverse("units:account_detail", args=[user.pk])
    browser.post(address, {"full_name": "Lê Mới", "email": "moi@example.test"})
    browser.post(f"/tai-khoan/{user.pk}/dong/")
    browser.post(f"/tai-khoan/{user.pk}/mo/")
    browser.post(f"/tai-khoan/{user.pk}/gui-thu/")
    page = browser.get(address).content.decode()
    user.refresh_from_db()
    assert (user.full_name, user.email, user.is_active) == ("Lê Mới", "moi@example.test", True)
    assert mail.outbox[0].to == ["moi@example.test"]
    for said in (
        f"{admin.full_name} sửa họ tên, thư điện tử.",
        f"{admin.full_name} đóng tài khoản.",
        f"{admin.full_name} mở lại tài khoản.",
        f"{admin.full_name} gửi thư đặt lại mật khẩu.",
        "Người quản trị máy chủ: Giao vai trò Cán bộ nhập liệu tại Sở Đất đai.",
    ):
        assert said in page
    assert '<a href="/tai-khoan/" aria-current="true">Tài khoản</a>' in page
    wrong = browser.post(address, {"full_name": "", "email": ""})
    assert "Nhập họ và tên." in wrong.content.decode()


def test_a_mail_that_does_not_leave_is_told_to_the_administrator(
    client_of: Any, admin: User, tree: dict[str, Unit]
) -> None:
    user = user_with("clerk", tree["so"], email="")
    page = client_of(admin).post(f"/tai-khoan/{user.pk}/gui-thu/", follow=True)
    assert "chưa có thư điện tử. Ghi địa chỉ rồi gửi lại." in page.content.decode()


def test_a_temporary_password_voids_the_old_one(
    client: Client, client_of: Any, admin: User, tree: dict[str, Unit], person: User
) -> None:
    services.give_role(
        user=person, unit=tree["so"], role="clerk", and_below=False, actor=None, now=NOW
    )
    sign_in(client)
    page = client_of(admin).post(f"/tai-khoan/{person.pk}/mat-khau-tam/").content.decode()
    password = re.search(r"<code[^>]*>([a-z0-9-]{19})</code>", page).group(1)  # type: ignore[union-attr]
    assert client.get("/mat-khau/").url.startswith(LOGIN)
    assert sign_in(client).status_code == 200
    assert sign_in(client, password=password).status_code == 302
    assert client.get("/").url == "/mat-khau/"


# --- the list ------------------------------------------------------------------------------------
@pytest.fixture
def staff(tree: dict[str, Unit]) -> dict[str, User]:
    return {
        "dan": user_with("clerk", tree["so"], full_name="Dan Lạ", username="a1"),
        "dang": user_with("head_of_unit", tree["so"], full_name="Đặng Đào", username="a2"),
        "dang2": user_with("clerk", tree["chi-cuc"], full_name="Dang Dao", username="a3"),
        "an": user_with("clerk", tree["chi-cuc"], full_name="An Bình", username="a4"),
    }


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({}, ["An Bình", "Dan Lạ", "Dang Dao", "Đặng Đào"]),
        ({"sort": "-name"}, ["Đặng Đào", "Dang Dao", "Dan Lạ", "An Bình"]),
        ({"sort": "la"}, ["An Bình", "Dan Lạ", "Dang Dao", "Đặng Đào"]),
        ({"text": "dang dao"}, ["Dang Dao", "Đặng Đào"]),
        ({"text": "Đặng"}, ["Đặng Đào", "Dang Dao"]),
        ({"text": "đặng", "sort": "name"}, ["Dang Dao", "Đặng Đào"]),
        ({"role": "head_of_unit"}, ["Đặng Đào"]),
        ({"unit": "chi-cuc"}, ["An Bình", "Dang Dao"]),
        ({"state": "closed"}, []),
        ({"state": "open", "text": "a4"}, ["An Bình"]),
    ],
)
def test_the_list_is_found_folded_filtered_and_sorted(
    admin: User, staff: dict[str, User], query: dict[str, str], names: list[str]
) -> None:
    assert [user.full_name for user in queries.accounts(admin, **query)] == names


@pytest.mark.parametrize("rows", [1, 30])
def test_the_list_costs_the_same_for_one_row_and_thirty(
    client_of: Any,
    admin: User,
    tree: dict[str, Unit],
    rows: int,
    django_assert_num_queries: Any,
) -> None:
    for number in range(rows):
        user_with("clerk", tree["so"], full_name=f"Người {number:02d}")
    browser = client_of(admin)
    # session, user, his grants, may he?, units of the filter, count, rows, roles, navigation
    with django_assert_num_queries(9):
        page = browser.get("/tai-khoan/")
    assert page.content.decode().count('data-label="Tên đăng nhập"') == min(rows, 25)


def test_an_empty_list_says_what_to_do(client_of: Any, admin: User) -> None:
    browser = client_of(admin)
    assert "Chưa có tài khoản nào" in browser.get("/tai-khoan/").content.decode()
    filtered = browser.get("/tai-khoan/", {"q": "không ai"}).content.decode()
    assert "Không có tài khoản nào khớp bộ lọc" in filtered
    wrong = browser.get("/tai-khoan/", {"role": "vua", "page": "chín"})
    assert wrong.status_code == 200


# --- a unit --------------------------------------------------------------------------------------
def test_a_unit_shows_who_may_act_there_and_what_stands_below(
    client_of: Any, tree: dict[str, Unit]
) -> None:
    clerk = user_with("clerk", tree["so"], full_name="Lê Thị Nhập")
    page = client_of(clerk).get("/don-vi/so/").content.decode()
    for said in ("Lê Thị Nhập: Cán bộ nhập liệu", "Chi cục Đê điều", "1 đơn vị trực thuộc"):
        assert said in page
    assert 'href="/don-vi/tinh/"' not in page
    assert client_of(clerk).get("/don-vi/chi-cuc/").status_code == 200


@pytest.mark.parametrize("ref", ["tinh", "so-khac", "khong-co"])
def test_a_unit_out_of_sight_is_not_found(client_of: Any, tree: dict[str, Unit], ref: str) -> None:
    assert client_of(user_with("clerk", tree["so"])).get(f"/don-vi/{ref}/").status_code == 404


# --- the console ---------------------------------------------------------------------------------
def test_the_console_makes_an_account_and_gives_it_a_role(
    client: Client, tree: dict[str, Unit], capsys: Any
) -> None:
    call_command("create_user", "Le.Van.Cuong", full_name="Lê Văn Cường", email="c@example.test")
    password = capsys.readouterr().out.split()[-1]
    call_command("grant", "le.van.cuong", "clerk", "so", and_below=True)
    user = User.objects.get(username="le.van.cuong")
    assert user.must_change_password
    assert set(granted_units(user, ENTER)) == {tree["so"], tree["chi-cuc"]}
    assert sign_in(client, "le.van.cuong", password).status_code == 302


def test_the_console_takes_a_password_from_a_file(
    client: Client, tmp_path: Any, capsys: Any
) -> None:
    source = tmp_path / "mat-khau"
    source.write_text(f"{PASSWORD}\n")
    call_command("create_user", "cuong", full_name="Lê Văn Cường", password_file=source)
    assert PASSWORD not in capsys.readouterr().out
    assert sign_in(client, "cuong").status_code == 302
    assert client.get("/mat-khau/").status_code == 200


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"full_name": ""}, "Nhập họ và tên"),
        ({"full_name": "A", "email": "sai"}, "không đúng mẫu"),
        ({"full_name": "A", "password_file": "missing"}, "Không đọc được"),
        ({"full_name": "A", "password_file": "short"}, "Mật khẩu quá ngắn"),
    ],
)
def test_the_console_refuses_with_a_reason(tmp_path: Any, given: dict[str, Any], said: str) -> None:
    (tmp_path / "short").write_text("abc")
    if "password_file" in given:
        given = given | {"password_file": tmp_path / given["password_file"]}
    with pytest.raises(CommandError, match=said):
        call_command("create_user", "cuong", **given)
    assert not User.objects.exists()


def test_the_console_refuses_a_wrong_or_taken_username(person: User) -> None:
    with pytest.raises(CommandError, match="chữ thường không dấu"):
        call_command("create_user", "Có Dấu", full_name="A")
    with pytest.raises(CommandError, match="đã có người dùng"):
        call_command("create_user", person.username, full_name="A")


def test_the_console_grants_only_what_exists(person: User, tree: dict[str, Unit]) -> None:
    for given, said in (
        (("khong-co", "clerk", "so"), "Không có tài khoản"),
        ((person.username, "clerk", "khong-co"), "Không có đơn vị mã"),
        ((person.username, "vua", "so"), "Không có vai trò “vua”"),
    ):
        with pytest.raises(CommandError, match=said):
            call_command("grant", *given)
    assert not RoleAssignment.objects.exists()


def test_every_role_can_be_given(person: User, tree: dict[str, Unit]) -> None:
    for role in ROLES:
        call_command("grant", person.username, role, "so")
    assert {row.role for row in person.roles.all()} == set(ROLES)
