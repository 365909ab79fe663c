"""What was typed for an act that is refused comes back in its form, with the sentence beside it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse

from campaigns import services
from campaigns.models import ScoreEntry
from criteria.models import ScoreTable
from tests.campaigns.scoring import Scored, make_scored
from tests.factories import NOW
from units.models import User

pytestmark = pytest.mark.django_db
Browser = Callable[[User], Any]


@pytest.fixture
def scored() -> Scored:
    made = make_scored(("self", "standing"))
    for at in range(3):
        made.accept(at, done=80)
    made.open()
    return made


def refused(client: Any, name: str, *args: Any, **typed: Any) -> str:
    answer = client.post(reverse(f"campaigns:{name}", args=args), typed)
    assert answer.status_code == 422
    return str(answer.content.decode())


def test_the_reason_to_open_a_layer_again(scored: Scored, client_of: Browser) -> None:
    scored.send_all(0)
    own, officer = scored.layer(0, "self"), client_of(scored.officer)
    html = refused(officer, "score_layer_reopen", own.pk, reason="Xem lại mục M3")
    assert "autofocus>Xem lại mục M3</textarea>" in html
    assert "Mở lại lớp sau trước" in html
    last = scored.layer(0, "standing")
    services.reopen_layer(last, reason="x", actor=scored.officer, now=NOW)
    html = refused(officer, "score_layer_reopen", last.pk, reason="Cộng nhầm")  # somebody did
    assert "autofocus>Cộng nhầm</textarea>" in html


def test_the_reason_of_a_gate(scored: Scored, client_of: Browser) -> None:
    own, gate = scored.layer(0, "self"), scored.table.gates.get(ref="ky-luat")
    clerk = client_of(scored.clerks[0])
    scored.send(own)
    html = refused(clerk, "gate_declare", own.pk, gate.pk, reason="QĐ kỷ luật số 5")
    assert 'value="QĐ kỷ luật số 5"' in html
    assert "đã gửi nên không sửa được" in html


def test_the_reason_to_publish_and_the_order_of_a_meeting(
    scored: Scored, client_of: Browser
) -> None:
    ScoreTable.objects.update(tie_end="decided")
    at, officer = (scored.world.campaign.ref, "2024"), client_of(scored.officer)
    for part in range(3):
        scored.send_all(part)
    places = {f"place-{scored.sheet(part).pk}": str(part + 4) for part in range(3)}
    typed = {"table": scored.table.pk, "reason": "Biên bản số 12"}
    html = refused(officer, "ranking_settle", *at, **typed, **places)
    assert "các số từ 1 đến 3" in html
    assert 'value="Biên bản số 12"' in html
    assert [f'value="{place}"' in html for place in (4, 5, 6)] == [True] * 3
    html = refused(officer, "ranking_publish", *at, **typed)  # equals wait: the form is not there
    assert "Nội dung vừa gõ: “Biên bản số 12”" in html


def test_a_cell_that_is_saved_without_scripts(scored: Scored, client_of: Browser) -> None:
    own, clerk, item = scored.layer(0, "self"), client_of(scored.clerks[0]), scored.item("hand")
    scored.score(own, "hand", points="20")
    typed = {f"s{item.pk}-version": 0, f"s{item.pk}-points": "31", f"s{item.pk}-reason": "Của tôi"}
    address = reverse("campaigns:score_save", args=[own.pk, item.pk])
    answer = clerk.post(address, typed)
    assert answer.status_code == 409
    assert 'value="Của tôi"' in answer.content.decode()


def test_taking_over_keeps_what_stands_on_the_form(scored: Scored, client_of: Browser) -> None:
    scored.send(scored.layer(0, "self"))
    last, item = scored.layer(0, "standing"), scored.item("hand")
    typed = {f"s{item.pk}-version": 0, f"s{item.pk}-points": "31", f"s{item.pk}-reason": "Thêm 1"}
    take = reverse("campaigns:score_take_over", args=[last.pk])
    officer = client_of(scored.officer)
    assert officer.post(take, typed).status_code == 302
    entry = ScoreEntry.objects.get(score_layer=last, item=item)
    assert (entry.points, entry.reason) == (31, "Thêm 1")
    again = officer.post(take, typed | {f"s{item.pk}-points": "32"})
    assert again.status_code == 409
    assert 'value="32"' in again.content.decode()
