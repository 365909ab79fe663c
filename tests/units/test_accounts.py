"""Signing in and out, passwords, and what an administrator of accounts may do."""

import json
import re
import smtplib
from datetime import timedelta
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.module_loading import import_string

from tests.factories import NOW, UnitFactory, UserFactory, user_with
from units import jobs, queries, services
from units.models import AuditEntry, RoleAssignment, Unit, User
from units.policies import granted_units
from units.rules import ENTER, ROLES, DomainError

pytestmark = pytest.mark.django_db
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


def sign_in(client: Client, username: str = "nguyen.van.an", password: str = PASSWORD) -> Any:
    return client.post(LOGIN, {"username": username, "password": password})


def actions(user: User) -> list[str]:
    rows = AuditEntry.objects.filter(subject_type="units.user", subject_id=user.pk)
    return list(rows.order_by("pk").values_list("action", flat=True))


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
@pytest.fixture
def axes(settings: Any) -> None:
    settings.AXES_ENABLED = True
    settings.AXES_FAILURE_LIMIT = 3


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
