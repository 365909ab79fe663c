"""Passwords: changed, lost and set anew by mail."""

import json
import re
import smtplib
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils.module_loading import import_string

from tests.factories import NOW
from tests.units.accounts import PASSWORD, actions, admin, axes, person, sign_in, tree
from units import jobs, queries, services
from units.models import User
from units.rules import DomainError

__all__ = ["admin", "axes", "person", "tree"]

pytestmark = pytest.mark.django_db


# --- passwords -----------------------------------------------------------------------------------
def change(client: Client, new: str, again: str = "", old: str = PASSWORD) -> Any:
    return client.post(
        "/mat-khau/",
        {"old_password": old, "new_password1": new, "new_password2": again or new},
    )


def test_changing_the_password_keeps_this_session_and_ends_the_others(
    client: Client, person: User
) -> None:
    other = Client()
    sign_in(client)
    sign_in(other)
    assert change(client, "một câu dài dễ nhớ").url == "/"
    assert client.get("/mat-khau/").status_code == 200
    assert other.get("/mat-khau/").status_code == 302
    person.refresh_from_db()
    assert person.check_password("một câu dài dễ nhớ")


@pytest.mark.parametrize(
    ("new", "again", "old", "said"),
    [
        ("ngắn quá", "", PASSWORD, "Mật khẩu quá ngắn. Dùng ít nhất 12 ký tự."),
        ("password1234", "", PASSWORD, "nhiều người dùng nên dễ đoán"),
        ("938475610293", "", PASSWORD, "Mật khẩu chỉ có số"),
        ("nguyen.van.an1", "", PASSWORD, "quá giống tên"),
        (PASSWORD, "", PASSWORD, "trùng mật khẩu đang dùng"),
        ("một câu dài dễ nhớ", "một câu khác hẳn", PASSWORD, "Hai lần nhập không giống nhau"),
        ("một câu dài dễ nhớ", "", "sai", "Mật khẩu đang dùng không đúng"),
    ],
)
def test_a_refused_password_says_why(
    client: Client, person: User, new: str, again: str, old: str, said: str
) -> None:
    sign_in(client)
    page = change(client, new, again, old)
    assert page.status_code == 200
    assert said in page.content.decode()
    person.refresh_from_db()
    assert person.check_password(PASSWORD)


def test_a_password_set_by_another_opens_only_the_page_to_change_it(
    client: Client, person: User
) -> None:
    User.objects.filter(pk=person.pk).update(must_change_password=True)
    sign_in(client)
    for address in ("/", "/tim-kiem/", "/tai-khoan/"):
        assert client.get(address).url == "/mat-khau/"
    assert client.get("/healthz").status_code in {200, 503}
    change(client, "một câu dài dễ nhớ")
    assert client.get("/tim-kiem/").status_code == 200


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What was given to the broker; `work` is the worker."""
    messages: list[Any] = []

    def send(task: str, *args: Any) -> None:
        messages.append(json.loads(json.dumps([task, *args])))

    monkeypatch.setattr(jobs, "send", send)
    return messages


def work(messages: list[Any]) -> None:
    while messages:
        task, *args = messages.pop(0)
        import_string(task)(*args)


def ask_for_link(client: Client, email: str) -> Any:
    return client.post("/quen-mat-khau/", {"email": email}, follow=True)


def without_tokens(page: bytes) -> str:
    return re.sub(r"[A-Za-z0-9]{64}", "", page.decode())


def link_in(message: Any) -> str:
    return re.search(r"http://testserver(\S+)", message.body).group(1)  # type: ignore[union-attr]


@pytest.mark.usefixtures("axes")
def test_a_lost_password_is_set_anew_by_mail_and_opens_the_lock(
    client: Client, person: User, sent: list[Any]
) -> None:
    for _ in range(3):
        sign_in(client, password="sai")
    ask_for_link(client, "AN@example.test")
    work(sent)
    assert mail.outbox[0].to == ["an@example.test"]
    address = link_in(mail.outbox[0])
    page = client.get(address, follow=True)
    assert "Đặt mật khẩu mới" in page.content.decode()
    new = {"new_password1": "một câu dài dễ nhớ", "new_password2": "một câu dài dễ nhớ"}
    form = page.redirect_chain[-1][0]
    assert client.post(form, new).url == "/quen-mat-khau/xong/"
    assert sign_in(client, password="một câu dài dễ nhớ").status_code == 302
    assert actions(person)[-2:] == ["user.reset_mailed", "user.password_changed"]
    again = Client().get(address, follow=True)
    assert "không còn dùng được" in again.content.decode()


def test_neither_the_answer_nor_its_work_says_whether_an_address_has_an_account(
    client: Client, person: User, sent: list[Any], django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(0):
        known = ask_for_link(client, "an@example.test").content
        unknown = ask_for_link(client, "la@example.test").content
    assert without_tokens(unknown) == without_tokens(known)
    assert mail.outbox == []
    assert sent == [
        ["config.tasks.mail_reset_links", "an@example.test", "http://testserver"],
        ["config.tasks.mail_reset_links", "la@example.test", "http://testserver"],
    ]
    work(sent)
    assert [message.to for message in mail.outbox] == [["an@example.test"]]


def test_an_address_is_written_to_a_few_times_an_hour(
    client: Client, person: User, sent: list[Any], caplog: pytest.LogCaptureFixture
) -> None:
    first = ask_for_link(client, "an@example.test").content
    for spelling in ["AN@example.test", "an@Example.test"] * 3:
        last = ask_for_link(client, spelling).content
    assert without_tokens(last) == without_tokens(first)
    assert len(sent) == services.access.RESET_MAILS_AN_HOUR
    assert "quá 5 yêu cầu đặt lại mật khẩu trong một giờ" in caplog.text
    ask_for_link(client, "la@example.test")
    assert sent[-1][1] == "la@example.test"


@pytest.mark.parametrize("email", ["an@example.test", "la@example.test"])
def test_a_request_that_redis_does_not_take_is_told_whatever_the_address(
    client: Client,
    person: User,
    settings: Any,
    tmp_path: Any,
    email: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    gone = f"unix://{tmp_path}/none.sock"
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": gone}}
    page = ask_for_link(client, email).content.decode()
    assert "Cổng chưa nhận được yêu cầu nên chưa gửi thư. Chờ vài phút rồi gửi lại" in page
    assert f'value="{email}"' in page
    assert "không nhận được yêu cầu đặt lại mật khẩu" in caplog.text
    assert email not in caplog.text


def test_a_closed_account_gets_no_link(client: Client, person: User, sent: list[Any]) -> None:
    services.deactivate_user(person, actor=None, now=NOW)
    ask_for_link(client, "an@example.test")
    work(sent)
    assert mail.outbox == []


def test_an_account_that_never_had_a_password_gets_a_link(client: Client, sent: list[Any]) -> None:
    services.create_user(
        username="moi",
        full_name="Người Mới",
        email="moi@example.test",
        password=None,
        actor=None,
        now=NOW,
    )
    ask_for_link(client, "moi@example.test")
    work(sent)
    assert len(mail.outbox) == 1


def test_a_mail_server_that_is_down_is_put_in_the_log(
    client: Client,
    person: User,
    sent: list[Any],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def refuse(*args: Any, **kwargs: Any) -> None:
        raise smtplib.SMTPServerDisconnected("down")

    monkeypatch.setattr("units.services.access.send_mail", refuse)
    ask_for_link(client, "an@example.test")
    work(sent)
    assert "thư đặt lại mật khẩu của nguyen.van.an: Máy chủ thư chưa nhận thư" in caplog.text
    assert actions(person) == []


def test_only_an_account_with_an_address_is_mailed(person: User) -> None:
    User.objects.filter(pk=person.pk).update(email="")
    with pytest.raises(DomainError, match="chưa có thư điện tử"):
        services.mail_reset_link(person, origin="http://testserver", actor=person, now=NOW)
    assert queries.resettable_users("") == []
