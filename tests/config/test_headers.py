"""What every answer carries, over every URL, and what is refused at the door."""

from typing import Any

import pytest
from django.conf import settings
from django.http import HttpRequest
from django.test import RequestFactory
from django.urls import reverse

from config import views
from config.middleware import PERMISSIONS_POLICY
from tests.config.test_access import ROWS, Row, answer_to
from tests.conftest import StrictClient
from tests.factories import UnitFactory, UserFactory, user_with
from tests.world import ANONYMOUS, EVERYTHING, World, world

__all__ = ["world"]

POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "font-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
}


@pytest.fixture
def portal(world: World, settings: Any) -> World:
    settings.FILES_DIR = world.files
    return world


def directives(policy: str) -> dict[str, str]:
    return dict(part.strip().split(" ", 1) for part in policy.split(";"))


def check(answer: Any) -> None:
    headers = answer.headers
    assert directives(headers["Content-Security-Policy"]) == POLICY
    assert headers["Cache-Control"] == "private, no-store"
    assert headers["Permissions-Policy"] == PERMISSIONS_POLICY
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    for cookie in (cookie for cookie in answer.cookies.values() if cookie.value):
        assert cookie["httponly"], cookie.key
        assert cookie["samesite"] == "Lax", cookie.key


@pytest.mark.no_cover  # as in the table itself
@pytest.mark.parametrize("viewer", [ANONYMOUS, EVERYTHING])
@pytest.mark.parametrize("row", ROWS, ids=str)
def test_every_answer_is_safe(portal: World, row: Row, viewer: str) -> None:
    check(answer_to(portal, row, viewer, portal.ours))


@pytest.mark.parametrize("viewer", [ANONYMOUS, EVERYTHING])
def test_an_address_that_does_not_exist_is_safe_too(portal: World, viewer: str) -> None:
    client = StrictClient()
    if viewer in portal.sessions:
        client.cookies[settings.SESSION_COOKIE_NAME] = portal.sessions[viewer]
    answer = client.get("/khong-co/")
    assert answer.status_code == 404
    check(answer)


@pytest.mark.django_db
def test_the_cookies_of_a_session_are_out_of_reach_of_scripts_and_other_sites() -> None:
    user = UserFactory()
    user.set_password("con bò gặm cỏ 42")
    user.save()
    client = StrictClient()
    page = client.get(reverse("units:login"))
    answer = client.post(
        reverse("units:login"), {"username": user.username, "password": "con bò gặm cỏ 42"}
    )
    check(page)
    check(answer)
    assert {settings.CSRF_COOKIE_NAME, settings.SESSION_COOKIE_NAME} <= set(client.cookies)
    assert int(answer.cookies[settings.SESSION_COOKIE_NAME]["max-age"]) == 36000


def test_behind_tls_cookies_travel_by_tls_alone() -> None:
    assert settings.SESSION_COOKIE_SECURE is settings.HTTPS
    assert settings.CSRF_COOKIE_SECURE is settings.HTTPS
    assert settings.SECURE_SSL_REDIRECT is settings.HTTPS
    assert bool(settings.SECURE_HSTS_SECONDS) is settings.HTTPS


# --- the door ------------------------------------------------------------------------------------
@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "a b", "localhost:x"])
@pytest.mark.parametrize("address", ["/", "/healthz", "/dang-nhap/", "/khong-co/"])
def test_a_foreign_host_is_refused_whatever_is_asked(host: str, address: str) -> None:
    answer = StrictClient(HTTP_HOST=host).get(address)
    assert answer.status_code == 400
    assert "Tên máy chủ trong yêu cầu không hợp lệ" in answer.content.decode()


@pytest.mark.django_db
def test_a_form_from_another_site_is_refused() -> None:
    client = StrictClient(enforce_csrf_checks=True)
    answer = client.post("/dang-nhap/", {"username": "a", "password": "b"})
    assert answer.status_code == 403
    assert "Trang này đã mở quá lâu" in answer.content.decode()
    check(answer)


@pytest.mark.django_db
def test_a_body_that_no_form_sends_is_refused_before_it_is_read(settings: Any) -> None:
    settings.UPLOAD_MAX_BYTES, settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100, 50
    client = StrictClient()
    address = reverse("units:login")
    read = client.post(address, b"x" * 150, content_type="application/octet-stream")
    assert read.status_code == 200
    for length in ("151", "-1", "abc"):
        answer = client.generic("POST", address, b"x", CONTENT_LENGTH=length)
        assert answer.status_code == 413, length
        assert "Tệp hoặc biểu mẫu gửi lên quá lớn" in answer.content.decode()
        check(answer)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("limit", "value"),
    [("DATA_UPLOAD_MAX_NUMBER_FIELDS", 3), ("DATA_UPLOAD_MAX_MEMORY_SIZE", 20)],
)
def test_too_many_fields_and_too_much_text_are_told_in_words(
    settings: Any, limit: str, value: int
) -> None:
    setattr(settings, limit, value)
    client = StrictClient(raise_request_exception=False)
    answer = client.post(
        "/dang-nhap/",
        "&".join(f"o{n}=1" for n in range(5)),
        content_type="application/x-www-form-urlencoded",
    )
    assert answer.status_code == 413
    assert "Tệp hoặc biểu mẫu gửi lên quá lớn" in answer.content.decode()


def test_a_request_that_cannot_be_read_is_told_in_words() -> None:
    request: HttpRequest = RequestFactory().get("/")
    answer = views.bad_request(request, ValueError("x"))
    assert answer.status_code == 400
    assert "Yêu cầu này không đọc được" in answer.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/phong-trao/%00/", "/don-vi/%00/"])
def test_a_nul_in_the_address_is_refused(client_of: Any, address: str) -> None:
    answer = client_of(user_with("clerk", UnitFactory())).get(address)
    assert answer.status_code == 400
    assert "Yêu cầu này không đọc được" in answer.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["q=%00a", "form=%00", "campaign=%00x", "kind=%00"])
def test_a_nul_in_a_filter_is_left_out(client_of: Any, query: str) -> None:
    answer = client_of(user_with("clerk", UnitFactory())).get(f"/khen-thuong/so/?{query}")
    assert answer.status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("year", ["0", "99999999999", "٢٠٢٤", "2024"])
def test_any_year_may_be_asked_of_the_register(client_of: Any, year: str) -> None:
    answer = client_of(user_with("clerk", UnitFactory())).get("/khen-thuong/so/", {"year": year})
    assert answer.status_code == 200
