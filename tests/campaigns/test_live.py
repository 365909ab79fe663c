"""A sheet that stands open on a page: the row takes the right shape, others' figures arrive."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from campaigns import queries, services
from campaigns.models import ResultSheet
from criteria.models import Indicator
from tests.campaigns.world import World
from tests.factories import user_with
from units.models import User

ClientOf = Callable[[User], Any]
HTMX = {"HX-Request": "true"}
GIVEN = {"numerator": "3", "denominator": "4"}


@pytest.fixture
def world(world: World) -> World:
    world.period.closes_on = timezone.localdate() + timedelta(days=30)
    world.period.save()
    return world


def save(client: Any, sheet: ResultSheet, indicator: Indicator, **typed: str) -> str:
    """One row as the page sends it; the answer."""
    sent = {f"r{indicator.pk}-{name}": word for name, word in typed.items()}
    address = reverse("campaigns:result_save", args=[sheet.pk, indicator.pk])
    return client.post(address, sent, headers=HTMX).content.decode()


def fields(body: str, indicator: Indicator) -> bool:
    """Whether the answer brings the fields of a row anew."""
    return f'<div id="r{indicator.pk}-fields" hx-swap-oob="true">' in body


# --- the shape of a row ---------------------------------------------------------------------------
def test_a_row_takes_another_shape_once_its_kind_of_answer_changes(
    world: World, client_of: ClientOf
) -> None:
    indicator, sheet, client = world.indicator(), world.sheet(), client_of(world.clerk)
    excuse = {"choice": "nothing", "reason": "Không có hồ sơ"}
    body = save(client, sheet, indicator, version="0", shape="open", **excuse)
    assert fields(body, indicator)
    assert "Sửa lý do hoặc nhập số liệu" in body
    # a guard on the page may leave the fields as they are, so the version comes alone as well
    assert len(re.findall(rf'id="r{indicator.pk}-version"', body)) == 2
    assert f'name="r{indicator.pk}-shape" value="folded"' in body

    # the page has that shape now: typing on in the same fields is not disturbed
    more = {"choice": "nothing", "reason": "Không có hồ sơ nào"}
    assert not fields(
        save(client, sheet, indicator, version="1", shape="folded", **more), indicator
    )

    back = save(client, sheet, indicator, version="2", shape="folded", choice="", **GIVEN)
    assert fields(back, indicator)
    assert "Không có số liệu để nhập?" in back
    assert not fields(save(client, sheet, indicator, version="3", shape="open", **GIVEN), indicator)


def test_a_refused_row_keeps_its_fields(world: World, client_of: ClientOf) -> None:
    indicator, sheet = world.indicator(), world.sheet()
    world.fill(sheet, indicator, **GIVEN)
    excuse = {"choice": "nothing", "reason": "Không có hồ sơ"}
    clashing = save(client_of(world.head), sheet, indicator, version="0", shape="open", **excuse)
    assert "đã ghi 3 trên 4" in clashing
    assert not fields(clashing, indicator)
    services.submit_sheet(sheet, actor=world.head, now=timezone.now())
    refused = save(client_of(world.head), sheet, indicator, version="1", shape="open", **excuse)
    assert not fields(refused, indicator)


# --- what others write ----------------------------------------------------------------------------
def ask(client: Any, sheet: ResultSheet, since: str, **own: int) -> Any:
    """`own` are the cells that this page wrote since it asked last."""
    address = reverse("campaigns:result_sheet_changes", args=[sheet.pk])
    known = {f"{key}-version": version for key, version in own.items()}
    return client.get(address, {"since": since} | known, headers=HTMX)


def now_at(sheet: ResultSheet) -> str:
    return queries.since(ResultSheet.objects.annotate(newest=queries.NEWEST).get(pk=sheet.pk))


OWN = re.compile(r'name="(r\d+-version)" value="(\d+)"[^>]* data-own>')


def asked_by(html: str, own: str = "") -> str:
    """The address that a page asks, with what goes along of the cells drawn as its own."""
    address = re.search(r'id="live"[^>]* hx-get="([^"]+)"', html)
    assert address
    assert 'hx-include="#live, [data-own]"' in html  # never without a match, which is an error
    return "&".join([address[1], *(f"{name}={version}" for name, version in OWN.findall(own))])


def test_nothing_new_costs_next_to_nothing(
    world: World, client_of: ClientOf, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    world.indicator()
    sheet, client = world.sheet(), client_of(world.clerk)
    ask(client, sheet, since="1.0")
    with django_assert_num_queries(4):  # session, user, what he enters, the revision
        answer = ask(client, sheet, since="1.0")
    assert (answer.status_code, answer.content) == (204, b"")


def test_what_another_wrote_arrives_with_his_name_and_the_hour(
    world: World, client_of: ClientOf
) -> None:
    mine, theirs = world.indicator(code="CT01"), world.indicator(code="CT02")
    part = world.indicator(code="CT03", of_which=theirs)
    sheet, client = world.sheet(), client_of(world.clerk)
    world.fill(sheet, mine, **GIVEN)
    seen = now_at(sheet)
    other = user_with("clerk", world.branch, full_name="Nguyễn Văn A")
    at = timezone.now()
    services.record_result(sheet, theirs, GIVEN, 0, actor=other, now=at)

    page = ask(client, sheet, since=seen)
    body = page.content.decode()
    assert page.status_code == 200
    assert [fields(body, one) for one in (mine, theirs, part)] == [False, True, False]
    assert f"Vừa được Nguyễn Văn A ghi lúc {timezone.localtime(at):%H:%M}" in body
    assert f'name="r{theirs.pk}-version" value="1"' in body
    assert f'id="r{part.pk}-denominator" value="3" readonly' in body  # the whole of a part
    assert f'since={now_at(sheet)}"' in body  # from here it asks on
    assert "every 15s" in body
    assert f'id="r{mine.pk}-' not in body  # a row that nobody changed is not touched


def test_a_sheet_sent_meanwhile_says_so_and_asks_no_more(world: World, client_of: ClientOf) -> None:
    indicator, sheet = world.indicator(), world.sheet()
    world.fill(sheet, indicator, **GIVEN)
    services.submit_sheet(sheet, actor=world.head, now=timezone.now())
    page = ask(client_of(world.clerk), sheet, since="2.0")
    assert page.status_code == 286  # htmx stops
    assert "Phiếu không còn mở để nhập." in page.content.decode()
    assert "every 15s" not in page.content.decode()
    assert not fields(page.content.decode(), indicator)


def test_the_page_asks_only_where_one_may_enter(world: World, client_of: ClientOf) -> None:
    world.indicator()
    sheet = world.sheet()
    address = reverse("campaigns:result_sheet_detail", args=[sheet.pk])
    assert "every 15s" in client_of(world.clerk).get(address).content.decode()
    assert "every 15s" not in client_of(world.verifier).get(address).content.decode()
    assert ask(client_of(world.verifier), sheet, since="1.0").status_code == 404


def test_a_page_of_200_cells_asks_with_a_short_address(world: World, client_of: ClientOf) -> None:
    cells = [world.indicator(target=None) for _ in range(200)]
    sheet, client = world.sheet(), client_of(world.clerk)
    whole = {cell.pk: (GIVEN, 0) for cell in cells}
    services.record_results(sheet, whole, actor=world.clerk, now=timezone.now())
    page = reverse("campaigns:result_sheet_detail", args=[sheet.pk])
    html = client.get(page).content.decode()
    assert len(OWN.findall(html)) == 0
    assert len(asked_by(html)) < 100
    # what is written here goes along until the page has asked once
    own = "".join(
        save(client, sheet, cell, version="1", shape="open", numerator="2", denominator="4")
        for cell in cells[:10]
    )
    address = asked_by(html, own)
    assert address.count("-version=2") == 10
    assert len(address) < 500
    answer = client.get(address, headers=HTMX).content.decode()
    assert not any(fields(answer, cell) for cell in cells)
    assert len(OWN.findall(answer)) == 0
    assert [f'id="r{cell.pk}-version"' in answer for cell in cells].count(True) == 10
    assert client.get(asked_by(answer), headers=HTMX).status_code == 204


def test_another_window_of_the_same_account_is_another(world: World, client_of: ClientOf) -> None:
    indicator, sheet, client = world.indicator(), world.sheet(), client_of(world.clerk)
    page = reverse("campaigns:result_sheet_detail", args=[sheet.pk])
    html = client.get(page).content.decode()
    save(client, sheet, indicator, version="0", shape="open", **GIVEN)  # in the other one
    assert fields(client.get(asked_by(html), headers=HTMX).content.decode(), indicator)


def test_the_way_to_see_what_others_wrote_is_there_once_they_did(
    world: World, client_of: ClientOf
) -> None:
    one, sheet, client = world.indicator(), world.sheet(), client_of(world.clerk)
    page = reverse("campaigns:result_sheet_detail", args=[sheet.pk])
    world.fill(sheet, one, **GIVEN)
    html = client.get(page).content.decode()
    assert "Xem số người khác vừa ghi" not in html
    other = {"numerator": "1", "denominator": "4"}
    services.record_result(sheet, one, other, 1, actor=world.head, now=timezone.now())
    told = client.get(asked_by(html), headers=HTMX).content.decode()
    assert "Xem số người khác vừa ghi" in told
    assert "Xem số người khác vừa ghi" in client.get(page).content.decode()
