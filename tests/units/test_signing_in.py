"""Signing in and out, and the lock after failures."""

from datetime import timedelta
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.test import Client
from django.utils import timezone

from tests.factories import NOW
from tests.units.accounts import LOGIN, PASSWORD, actions, admin, axes, person, sign_in, tree
from units import services
from units.models import Unit, User

__all__ = ["admin", "axes", "person", "tree"]

pytestmark = pytest.mark.django_db


# --- in and out ----------------------------------------------------------------------------------
def test_who_signs_in_goes_on_to_the_page_he_asked_for(client: Client, person: User) -> None:
    asked = client.get("/mat-khau/")
    assert asked.url == f"{LOGIN}?next=/mat-khau/"
    answer = client.post(asked.url, {"username": person.username, "password": PASSWORD})
    assert (answer.status_code, answer.url) == (302, "/mat-khau/")


def test_a_foreign_next_is_not_followed(client: Client, person: User) -> None:
    answer = client.post(
        f"{LOGIN}?next=https://evil.example/", {"username": person.username, "password": PASSWORD}
    )
    assert answer.url == "/"


def test_who_is_signed_in_is_sent_past_the_sign_in_page(client_of: Any, person: User) -> None:
    assert client_of(person).get(LOGIN).url == "/"


@pytest.mark.parametrize(
    ("username", "password"),
    [("nguyen.van.an", "sai"), ("khong-co", PASSWORD)],
    ids=["wrong password", "no such account"],
)
def test_the_refusal_does_not_say_whether_the_account_exists(
    client: Client, person: User, username: str, password: str
) -> None:
    page = sign_in(client, username, password)
    assert page.status_code == 200
    assert "Tên đăng nhập hoặc mật khẩu không đúng" in page.content.decode()


def test_a_closed_account_cannot_sign_in(client: Client, person: User) -> None:
    services.deactivate_user(person, actor=None, now=NOW)
    assert sign_in(client).status_code == 200
    assert client.get("/").url.startswith(LOGIN)


def test_closing_an_account_ends_its_sessions(client: Client, person: User) -> None:
    sign_in(client)
    services.deactivate_user(person, actor=None, now=NOW)
    assert client.get("/mat-khau/").status_code == 302


def test_signing_out_ends_every_session_of_the_person(client: Client, person: User) -> None:
    office, home = Client(), Client()
    for browser in (office, home):
        sign_in(browser)
        assert browser.get("/mat-khau/").status_code == 200
    assert office.post("/dang-xuat/").url == LOGIN
    assert home.get("/mat-khau/").url.startswith(LOGIN)
    assert "user.signed_out" in actions(person)


def test_signing_out_takes_a_post_and_no_session(client: Client) -> None:
    assert client.get("/dang-xuat/").status_code == 405
    assert client.post("/dang-xuat/").url == LOGIN


def test_sessions_expire(client: Client, person: User, settings: Any) -> None:
    settings.SESSION_COOKIE_AGE = -1
    sign_in(client)
    assert client.get("/mat-khau/").url.startswith(LOGIN)


# --- lock-out ------------------------------------------------------------------------------------
@pytest.mark.usefixtures("axes")
def test_repeated_failures_lock_the_account_out_whatever_the_spelling(
    client: Client, person: User
) -> None:
    for spelling in ("nguyen.van.an", "Nguyen.Van.An"):
        assert sign_in(client, spelling, "sai").status_code == 200
    assert sign_in(client, "NGUYEN.VAN.AN ", "sai").status_code == 429
    refused = sign_in(client)
    assert refused.status_code == 429
    assert "Tạm khóa đăng nhập trong 15 phút" in refused.content.decode()
    assert client.get("/mat-khau/").status_code == 302


@pytest.mark.usefixtures("axes")
def test_a_right_password_forgets_earlier_failures(client: Client, person: User) -> None:
    for _ in range(3):
        sign_in(client, password="sai")
        assert sign_in(client).status_code == 302


@pytest.mark.usefixtures("axes")
def test_an_administrator_unlocks(
    client: Client, client_of: Any, tree: dict[str, Unit], admin: User, person: User
) -> None:
    services.give_role(
        user=person, unit=tree["so"], role="clerk", and_below=False, actor=None, now=NOW
    )
    for _ in range(3):
        sign_in(client, password="sai")
    assert sign_in(client).status_code == 429
    client_of(admin).post(f"/tai-khoan/{person.pk}/mo-khoa/")
    assert sign_in(client).status_code == 302
    assert "user.unlocked" in actions(person)


@pytest.mark.usefixtures("axes")
def test_one_password_is_not_tried_on_every_account(
    client: Client, person: User, settings: Any
) -> None:
    settings.LOGIN_FAILURES_ADDRESS = 4
    for number in range(3):
        assert sign_in(client, f"nguoi-{number}", "sai").status_code == 200
    locked = sign_in(client, "nguoi-4", "sai")
    assert locked.status_code == 429
    assert "từ mạng này có quá nhiều lần nhập sai" in locked.content.decode()
    assert sign_in(client).status_code == 429
    elsewhere = Client(REMOTE_ADDR="192.0.2.9")
    assert sign_in(elsewhere).status_code == 302


@pytest.mark.usefixtures("axes")
def test_the_lock_of_an_address_ends_though_people_keep_trying(
    client: Client, person: User, settings: Any
) -> None:
    settings.LOGIN_FAILURES_ADDRESS = 2
    for number in range(4):
        sign_in(client, f"nguoi-{number}", "sai")
    assert AccessAttempt.objects.count() == 2
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=16))
    assert sign_in(client).status_code == 302


def tries_from(forwarded: str) -> Any:
    """A wrong password for an account of its own, handed on by a proxy at 127.0.0.1."""
    client = Client(HTTP_X_FORWARDED_FOR=forwarded)
    return sign_in(client, f"nguoi-{AccessAttempt.objects.count()}", "sai")


@pytest.mark.usefixtures("axes")
@pytest.mark.parametrize(
    ("proxies", "forwarded", "counted"),
    [
        (0, "192.0.2.9", "127.0.0.1"),
        (1, "192.0.2.9", "192.0.2.9"),
        (1, "203.0.113.5, 192.0.2.9", "192.0.2.9"),  # the first was typed by the visitor
        (2, "203.0.113.5, 192.0.2.9, 10.0.0.1", "192.0.2.9"),
        (2, "192.0.2.9", "127.0.0.1"),  # came past one of the two
        (1, "2001:DB8::1", "2001:db8::1"),
        (1, "nghịch", "127.0.0.1"),
        (1, "", "127.0.0.1"),
    ],
)
def test_a_forwarded_address_is_believed_as_far_as_our_own_proxies_go(
    settings: Any, proxies: int, forwarded: str, counted: str
) -> None:
    settings.TRUSTED_PROXIES = proxies
    tries_from(forwarded)
    assert AccessAttempt.objects.get().ip_address == counted


@pytest.mark.usefixtures("axes")
@pytest.mark.parametrize("proxies", [0, 1])
def test_who_makes_up_addresses_is_locked_out_all_the_same(settings: Any, proxies: int) -> None:
    settings.TRUSTED_PROXIES = proxies
    settings.LOGIN_FAILURES_ADDRESS = 2
    for made_up in ("203.0.113.1", "203.0.113.2"):
        last = tries_from(f"{made_up}, 192.0.2.9")
    assert last.status_code == 429
