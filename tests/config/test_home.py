"""Việc cần làm and the search: what is shown, in which order, and to whom."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.template import Context
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from awards.models import Award
from config import queries
from config.templatetags.portal import viewer_unit
from tests.factories import NOW, CampaignFactory, KindFactory, UnitFactory, UserFactory, user_with
from tests.world import build_side
from units.models import UnitEvent, UnitSuccession, User
from units.queries import Todo, TodoKind
from units.rules import ROLES, fold
from units.services import give_role, place_unit

pytestmark = pytest.mark.django_db
TODAY = date(2025, 11, 24)
Offer = Callable[..., User]


@pytest.fixture
def offered(monkeypatch: pytest.MonkeyPatch) -> Offer:
    """Somebody to whom two apps offer these things to do."""

    def offer(*todos: Todo) -> User:
        sources = (lambda user, now: list(todos[::2]), lambda user, now: list(todos[1::2]))
        monkeypatch.setattr(queries, "SOURCES", sources)
        return UserFactory()

    return offer


def todo(kind: TodoKind, title: str, due_on: date | None = None, **more: Any) -> Todo:
    return Todo(kind=kind, title=title, url=f"/{title}/", due_on=due_on, **more)


def test_the_four_questions_come_in_order_and_by_days_left(offered: Offer) -> None:
    user = offered(
        todo(TodoKind.OWING, "nợ"),
        todo(TodoKind.OWED, "chưa định", due_text="tháng 12/2025"),
        todo(TodoKind.OWED, "sau", date(2025, 12, 10)),
        todo(TodoKind.WAITING, "duyệt", date(2025, 11, 28)),
        todo(TodoKind.RETURNED, "trả", date(2025, 11, 30)),
        todo(TodoKind.OWED, "trước", date(2025, 11, 26)),
    )
    home = queries.home(user, timezone.now())
    assert [(s.anchor, [t.title for t in s.first]) for s in home.sections] == [
        ("returned", ["trả"]),
        ("owed", ["trước", "sau", "chưa định"]),
        ("waiting", ["duyệt"]),
        ("owing", ["nợ"]),
    ]
    assert home.nearest == date(2025, 11, 26)
    assert home.rest is None


def test_the_nearest_day_is_mine_and_not_that_of_who_owes_me(offered: Offer) -> None:
    user = offered(
        todo(TodoKind.OWING, "nợ", date(2025, 1, 1)), todo(TodoKind.OWED, "gửi", date(2025, 6, 1))
    )
    assert queries.home(user, timezone.now()).nearest == date(2025, 6, 1)


def test_the_page_says_days_left_why_and_what_to_do(client_of: Any, offered: Offer) -> None:
    today = timezone.localdate()
    user = offered(
        todo(
            TodoKind.RETURNED,
            "phieu",
            today + timedelta(days=2),
            why="CT05: cần cập nhật.",
            label="Sửa phiếu",
        ),
        todo(TodoKind.OWED, "bao-cao", due_text="tháng 12", subject="Gửi Sở Nội vụ"),
    )
    page = client_of(user).get("/").content.decode()
    for said in (
        'href="#returned">Trả lại cho tôi <b>1</b>',
        'href="#owed">Tôi phải gửi <b>1</b>',
        "<b>2 ngày</b>",
        "CT05: cần cập nhật.",
        '<a class="btn btn--primary" href="/phieu/">Sửa phiếu</a>',
        "Hạn: <span>tháng 12</span>",
        "Gửi Sở Nội vụ",
        f"{today + timedelta(days=2):%d/%m/%Y}",
    ):
        assert said in page
    assert page.count("btn--primary") == 1


def test_only_what_i_owe_is_called_a_deadline(client_of: Any, offered: Offer) -> None:
    user = offered(
        todo(TodoKind.WAITING, "duyet", due_text="gửi ngày 01/02/2025"),
        todo(TodoKind.WAITING, "cho"),
        todo(TodoKind.DONE, "xong", due_text="đã gửi"),
    )
    page = client_of(user).get("/").content.decode()
    assert "Hạn:" not in page
    assert "gửi ngày 01/02/2025" in page


def test_a_long_list_is_folded_away_and_not_cut(client_of: Any, offered: Offer) -> None:
    user = offered(*(todo(TodoKind.OWING, f"viec-{n:02d}") for n in range(15)))
    page = client_of(user).get("/").content.decode()
    assert "Xem thêm 3 dòng" in page
    assert page.count('class="due"') == 15


def test_a_tab_counts_things_and_not_lines(client_of: Any, offered: Offer) -> None:
    user = offered(
        todo(TodoKind.WAITING, "mười hai", count=12),
        todo(TodoKind.WAITING, "một"),
        todo(TodoKind.OWING, "nợ", count=41),
    )
    page = client_of(user).get("/").content.decode()
    assert 'href="#waiting">Chờ tôi duyệt <b>13</b>' in page
    assert 'href="#owing">Đơn vị chưa gửi cho tôi <b>41</b>' in page


@pytest.mark.parametrize("role", sorted(ROLES))
def test_who_has_nothing_to_do_is_told_how_to_go_on(client_of: Any, role: str) -> None:
    user = user_with(role, UnitFactory())
    page = client_of(user).get("/").content.decode()
    rest = queries.home(user, timezone.now()).rest
    assert rest is not None
    assert rest is not queries.NOBODY
    assert rest.text in page
    assert rest.link in page


def test_who_has_no_role_is_told_whom_to_ask(client_of: Any) -> None:
    page = client_of(UserFactory()).get("/").content.decode()
    assert "Đề nghị người quản trị tài khoản của đơn vị giao vai trò" in page


def test_home_costs_the_same_whatever_the_size() -> None:
    root = UnitFactory(ref="goc")
    user = user_with("home_affairs", root)
    costs = []
    for number in range(3):
        side = build_side(f"ben{number}")
        side.unit.parent = root
        place_unit(side.unit)
        side.unit.save()
        with CaptureQueriesContext(connection) as caught:
            queries.home(user, timezone.now())
        costs.append(len(caught))
    assert costs[0] == costs[2], costs


# --- the frame -----------------------------------------------------------------------------------
@pytest.mark.parametrize("role", ["clerk", "council_member", "account_admin"])
def test_every_page_says_for_which_unit_one_works(client_of: Any, role: str) -> None:
    user = user_with(role, UnitFactory(name="Chi cục Đê điều"))
    page = client_of(user).get("/tim-kiem/").content.decode()
    assert "<span>Chi cục Đê điều</span>" in page
    assert "Đang làm việc cho: Chi cục Đê điều<" in page


def test_of_several_units_the_highest_is_named() -> None:
    root = UnitFactory(name="Tỉnh")
    below = UnitFactory(name="Sở", parent=root)
    user = user_with("clerk", UnitFactory(name="Phòng", parent=below))
    for unit in (below, root):
        give_role(user=user, unit=unit, role="clerk", and_below=False, actor=None, now=NOW)
    context = Context({"user": user})
    assert viewer_unit(context) == "Tỉnh và 2 đơn vị khác"
    context["viewer_unit"] = below
    assert viewer_unit(context) == "Sở"


def test_the_foot_names_the_office_that_runs_the_portal(client_of: Any, settings: Any) -> None:
    settings.PORTAL_NAME, settings.PORTAL_PLACE = "Thi đua", "tỉnh Đồng Tháp"
    settings.PORTAL_OFFICE, settings.DEMO = "Sở Nội vụ", False
    page = client_of(UserFactory()).get("/tim-kiem/").content.decode()
    assert "<p>Thi đua, tỉnh Đồng Tháp. Cơ quan vận hành: Sở Nội vụ.</p>" in page
    assert "Đang làm việc cho" not in page
    settings.PORTAL_OFFICE, settings.DEMO = "", True
    page = Client().get("/dang-nhap/").content.decode()
    assert "tỉnh Đồng Tháp. Bản trình diễn: họ tên và số liệu không có thật.</p>" in page


# --- search --------------------------------------------------------------------------------------
@pytest.fixture
def office() -> Any:
    root = UnitFactory(ref="tinh", name="Ủy ban nhân dân tỉnh")
    for name in ("Đăk Song", "Đắk Song", "Dak Song", "Đức Lập"):
        UnitFactory(parent=root, name=name)
    return root


def titles(user: User, text: str) -> dict[str, list[str]]:
    found = queries.search(user, text, TODAY)
    return {hits.heading: [hit.title for hit in hits.rows] for hits in found}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Đắk Song", ["Đắk Song", "Dak Song", "Đăk Song"]),
        ("dak song", ["Dak Song", "Đăk Song", "Đắk Song"]),
        ("  ĐỨC ", ["Đức Lập"]),
        ("Đu\u031b\u0301c", ["Đức Lập"]),
        ("Đắk Nông", None),
        ("", None),
        ("   ", None),
        ("%", None),
    ],
)
def test_units_are_found_folded_exact_accents_first(
    office: Any, text: str, found: list[str] | None
) -> None:
    user = user_with("clerk", office)
    expected = {"Đơn vị": found} if found else {}
    assert titles(user, text) == expected


def test_the_unit_that_bears_the_name_stands_before_those_below_it(office: Any) -> None:
    whole = UnitFactory(parent=office, name="Ủy ban nhân dân tỉnh Đồng Tháp")
    for name in ("Sở Y tế tỉnh Đồng Tháp", "Ban Dân tộc Đồng Tháp Mười"):
        UnitFactory(parent=whole, name=name)
    found = titles(user_with("clerk", office), "dong thap")["Đơn vị"]
    assert found == [whole.name, "Sở Y tế tỉnh Đồng Tháp", "Ban Dân tộc Đồng Tháp Mười"]


@pytest.mark.parametrize(
    ("valid_to", "heirs", "note"),
    [
        (None, [], "Xã"),
        (TODAY, [], "Xã"),  # its last day
        (date(2025, 6, 30), [], "Xã, đã kết thúc ngày 30/06/2025"),
        (
            date(2025, 6, 30),
            ["Xã A", "Xã B"],
            "Xã, đã kết thúc ngày 30/06/2025, nay thuộc Xã A, Xã B",
        ),
    ],
)
def test_a_unit_that_has_ended_says_since_when_and_who_stands_in_its_place(
    office: Any, valid_to: date | None, heirs: list[str], note: str
) -> None:
    old = UnitFactory(
        parent=office, name="Xã Cũ", kind=KindFactory(code="xa", name="Xã"), valid_to=valid_to
    )
    event = UnitEvent.objects.create(ref="sap-xep", kind=UnitEvent.Kind.SPLIT, on=date(2025, 7, 1))
    for name in heirs:
        heir = UnitFactory(name=name)
        UnitSuccession.objects.create(event=event, predecessor=old, successor=heir, how="split")
    (hits,) = queries.search(user_with("clerk", office), "xã cũ", TODAY)
    assert [hit.note for hit in hits.rows] == [note]


def test_plans_are_found_by_name_and_by_number(office: Any) -> None:
    user = user_with("clerk", office)
    plan = CampaignFactory(
        issuer=office,
        short_title="Chuyển đổi số",
        folded=fold("Chuyển đổi số"),
        doc_number="207",
        doc_symbol="KH-UBND",
    )
    CampaignFactory(issuer=office, short_title="Khác", folded="khac", doc_number="2070")
    for text in ("chuyen doi", "Chuyển đổi", "207", "207/KH-UBND", "207/kh"):
        assert titles(user, text) == {"Phong trào": [plan.short_title]}, text
    assert titles(user, "207/QĐ") == {}


def test_awards_are_found_by_recipient() -> None:
    side = build_side("ben")
    Award.objects.filter(pk=side.award.pk).update(
        recipient_name="Nguyễn Thị Định", folded=fold("Nguyễn Thị Định")
    )
    user = user_with("home_affairs", side.unit)
    (hits,) = queries.search(user, "dinh", TODAY)
    assert (hits.heading, hits.rows[0].title) == ("Khen thưởng", "Nguyễn Thị Định")
    assert hits.rows[0].note == "Bằng khen, 9/QĐ-UBND"


def test_what_one_may_not_see_is_not_found(office: Any) -> None:
    build_side("kin")
    stranger = user_with("clerk", office)
    assert titles(stranger, "kin") == {}
    assert titles(UserFactory(), "Song") == {}


def test_the_page_of_the_search(client_of: Any, office: Any) -> None:
    client = client_of(user_with("clerk", office))
    page = client.get("/tim-kiem/", {"q": 'dak "><i id=x>'}).content.decode()
    assert "Không tìm thấy gì" in page
    assert "<i id=x" not in page
    assert 'href="/don-vi/' in client.get("/tim-kiem/?q=Dak").content.decode()
    assert "Gõ có dấu hay không dấu" in client.get("/tim-kiem/").content.decode()
    assert client.get("/tim-kiem/", {"q": "a\x00b" * 500}).status_code == 200
