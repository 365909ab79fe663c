"""The page of a council's session: what it asks before it ends, what it shows afterwards."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from awards import queries, services
from tests.awards.factories import LATER, World
from tests.factories import UnitFactory

pytestmark = pytest.mark.django_db
ClientOf = Callable[[Any], Client]
HTMX = {"HX-Request": "true"}
UNANIMOUS = {"yes": 5, "no": 0, "abstained": 0, "absent": 0, "recused": 0}


def url(name: str, *args: Any) -> str:
    return reverse(f"awards:{name}", args=args)


@pytest.mark.parametrize("typed", ["abc", "05/BB-HĐTĐKT", "-5", "1234567"])
def test_the_number_of_the_minutes_is_digits(client_of: ClientOf, world: World, typed: str) -> None:
    """The council's symbol is printed behind it."""
    session = world.session()
    world.attend(session)
    secretary = client_of(world.secretary)
    close = url("session_close", session.pk)
    refused = secretary.post(close, {"checked": "on", "minutes_number": typed})
    assert refused.status_code == 422
    assert "Số biên bản chỉ gồm chữ số, nhiều nhất 6, ví dụ 05." in refused.content.decode()
    assert f'value="{typed}"' in refused.content.decode()
    assert secretary.post(close, {"checked": "on", "minutes_number": "05"}).status_code == 302


def test_ending_a_session_is_confirmed(client_of: ClientOf, world: World) -> None:
    passed, failed, waiting = (world.nominate(unit=UnitFactory(parent=world.unit)) for _ in "123")
    world.quota.number = 3
    world.quota.save()
    for one in (passed, failed, waiting):
        services.propose_nomination(one, actor=world.head, now=one.created_at)
    session = world.session()
    world.tally(session, passed)
    world.tally(session, failed, yes=1, no=4)
    secretary = client_of(world.secretary)
    page = secretary.get(url("session_detail", session.pk)).content.decode()
    assert "kết quả của 2 trên 3 đề nghị: 1 thông qua, 1 không thông qua" in page
    assert "Còn 1 đề nghị chưa có kết quả" in page
    form = secretary.get(url("session_detail", session.pk)).context["close_form"]
    assert form.fields["left_out"].choices == [(waiting.pk, waiting.nominee_title)]
    close = url("session_close", session.pk)
    unchecked = secretary.post(close, {"left_out": [waiting.pk]})
    assert unchecked.status_code == 422
    assert "Đánh dấu ô này khi đã kiểm tra xong" in unchecked.content.decode()
    assert '<details class="confirm" open>' in unchecked.content.decode()
    assert unchecked.content.decode().count(" checked>") == 1  # what was chosen stays
    gone = secretary.post(close, {"left_out": [passed.pk, waiting.pk], "checked": "on"})
    assert "không còn chờ kiểm phiếu tại phiên họp này" in gone.content.decode()
    assert secretary.post(close, {"left_out": [waiting.pk], "checked": "on"}).status_code == 302


def test_a_closed_session_shows_what_it_left_for_later(client_of: ClientOf, world: World) -> None:
    voted, waiting = world.propose(), world.propose()
    session = world.session()
    world.tally(session, voted)
    world.close(session, left_out=[waiting.pk])
    secretary = client_of(world.secretary)
    link = f'href="{url("nomination_detail", waiting.pk)}"'
    page = secretary.get(url("session_detail", session.pk)).content.decode()
    assert page.count("Để lại phiên sau") == 1
    assert link in page
    services.return_nomination(waiting, reason="Bổ sung", actor=world.secretary, now=LATER)
    page = secretary.get(url("session_detail", session.pk)).content.decode()
    assert waiting.nominee_title in page  # it went home, and was before this session all the same
    assert link not in page


def test_a_saved_row_brings_along_what_it_changes_elsewhere(
    client_of: ClientOf, world: World
) -> None:
    voted, waiting = world.propose(), world.propose()
    session = world.session()
    world.attend(session)
    secretary = client_of(world.secretary)
    save = url("tally_record", session.pk, voted.pk)
    answer = secretary.post(save, UNANIMOUS | {"left_out": [waiting.pk]}, headers=HTMX)
    text = answer.content.decode()
    assert text.count('hx-swap-oob="true"') == 3
    assert f"Đã ghi kết quả kiểm phiếu của {voted}." in text
    assert f"{voted}: đồng ý 5, không đồng ý 0, không có ý kiến 0" in text  # the history
    assert "kết quả của 1 trên 2 đề nghị" in text
    offered = f'name="left_out" value="{waiting.pk}" id="id_left_out_0" checked'
    assert offered in text  # the tick is kept
    assert f'name="left_out" value="{voted.pk}"' not in text
    wrong = secretary.post(save, UNANIMOUS | {"yes": 3}, headers=HTMX)
    assert wrong.status_code == 422
    assert "Đã ghi kết quả kiểm phiếu của" not in wrong.content.decode()  # the old message goes
    assert 'id="messages"' in wrong.content.decode()


def test_the_history_of_a_session_tells_the_counts(client_of: ClientOf, world: World) -> None:
    nomination = world.propose()
    session = world.session()
    world.tally(session, nomination, yes=2, no=1, abstained=1, absent=1)
    world.tally(session, nomination, yes=4, absent=1)
    page = client_of(world.secretary).get(url("session_detail", session.pk))
    lines = [line.sentence for line in page.context["history"]]
    first, second, attended = lines[2], lines[0], lines[1]
    assert first.endswith(
        f"ghi kết quả kiểm phiếu: {nomination}: đồng ý 2, không đồng ý 1, không có ý kiến 1, "
        "vắng mặt 1, không tham gia do liên quan 0; không thông qua"
    )
    assert "sửa kết quả kiểm phiếu" in second
    assert second.endswith("không tham gia do liên quan 0; thông qua")
    # the same words as in the head of the attendance
    assert attended.endswith("4 trên 5 thành viên có quyền biểu quyết có mặt")
    assert "4 trên 5 thành viên có quyền biểu quyết có mặt" in page.content.decode()


def test_the_card_of_a_closed_session(world: World) -> None:
    voted, waiting = world.propose(), world.propose()
    session = world.session()
    world.tally(session, voted)
    world.close(session, left_out=[waiting.pk])
    session.refresh_from_db()
    card = queries.session_card(session, world.secretary)
    assert [(vote.nomination, bool(vote.tally)) for vote in card.votes] == [
        (voted, True),
        (waiting, False),
    ]
    assert (card.tallied, card.passed, card.rejected) == (1, 1, 0)
