"""Scores typed for a layer that an amendment took back, before they were sent or in that moment."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from campaigns import services
from campaigns.models import ScoreLayer, ScoreSheet
from campaigns.views import scores
from tests.campaigns.scoring import Scored, make_scored
from tests.factories import NOW, UnitFactory, user_with
from units.models import User

pytestmark = pytest.mark.django_db
Browser = Callable[[User], Any]


@pytest.fixture
def scored() -> Scored:
    made = make_scored(("self", "peer"))
    made.open()
    return made


def withdraw(scored: Scored) -> None:
    """A table of next year is put in force for the period, as an amendment does."""
    services.withdraw_blank_sheets(
        scored.world.campaign,
        scored.table.group.ref,
        from_year=scored.table.from_year + 1,
        since=scored.world.period.period_to,
        actor=None,
        now=NOW,
    )
    assert not ScoreSheet.objects.exists()


def sent(scored: Scored) -> dict[str, str]:
    hand, per, gate = (scored.item(ref).pk for ref in ("hand", "ratio", "late"))
    return {
        f"s{hand}-points": "31,5", f"s{hand}-reason": "Có báo cáo", f"s{hand}-version": "0",
        f"s{per}-points": "", f"s{per}-na": "1", f"s{per}-version": "0",
        f"s{gate}-count": "2", f"s{gate}-version": "0",
    }  # fmt: skip


TYPED = ["không áp dụng", "điểm: 31,5; lý do: Có báo cáo", "số lần: 2"]


@pytest.mark.parametrize("name", ["score_layer_save", "score_take_over", "score_layer_send"])
@pytest.mark.parametrize("moment", [False, True])
def test_what_was_typed_comes_back(
    scored: Scored, client_of: Browser, monkeypatch: Any, name: str, moment: bool
) -> None:
    """A page that stood open, and an amendment between the look at the layer and its lock."""
    layer, data = scored.layer(0, "self"), sent(scored)
    client = client_of(scored.heads[0])
    if moment:
        read = scores._layer

        def then_gone(layers: Any, pk: int) -> ScoreLayer:
            found = read(layers, pk)
            withdraw(scored)
            return found

        monkeypatch.setattr(scores, "_layer", then_gone)
    else:
        withdraw(scored)
    answer = client.post(reverse(f"campaigns:{name}", args=[layer.pk]), data)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "kế hoạch đã chuyển sang bảng chấm điểm mới" in page
    assert reverse("campaigns:campaign_scores", args=[scored.world.campaign.ref]) in page
    lines = answer.context["typed"].split("\n")
    assert [line.partition(": ")[2] or line for line in lines] == TYPED


def test_one_row_is_told_beside_its_fields(scored: Scored, client_of: Browser) -> None:
    layer, item, data = scored.layer(0, "self"), scored.item("hand"), sent(scored)
    withdraw(scored)
    client = client_of(scored.heads[0])
    at = reverse("campaigns:score_save", args=[layer.pk, item.pk])
    answer = client.post(at, data, HTTP_HX_REQUEST="true")
    assert answer.status_code == 422
    assert f'<div id="s{item.pk}-note" hx-swap-oob="true">' in answer.content.decode()
    assert "31,5; lý do: Có báo cáo" in client.post(at, data).context["typed"]


def test_the_reason_of_a_gate_and_the_name_of_a_file(scored: Scored, client_of: Browser) -> None:
    layer, item = scored.layer(0, "self"), scored.item("hand")
    gate = scored.table.gates.get(ref="ky-luat")
    withdraw(scored)
    client = client_of(scored.heads[0])
    at = reverse("campaigns:gate_declare", args=[layer.pk, gate.pk])
    assert client.post(at, {"reason": "QĐ số 5"}).context["typed"] == f"{gate.name}: QĐ số 5"
    file = SimpleUploadedFile("anh.pdf", b"%PDF-1.4")
    at = reverse("campaigns:score_evidence_add", args=[layer.pk, item.pk])
    assert client.post(at, {f"file-{item.pk}": file}).context["typed"] == "tệp: anh.pdf"


def test_members_told_to_score_others_meanwhile(scored: Scored, client_of: Browser) -> None:
    """The sheet is there, the layer of this member is not: no fault, and nothing is lost."""
    layer, data = scored.layer(0, "peer", scorer=1), sent(scored)
    ScoreLayer.objects.filter(pk=layer.pk).delete()
    client = client_of(scored.heads[1])
    answer = client.post(reverse("campaigns:score_layer_save", args=[layer.pk]), data)
    assert answer.status_code == 422
    with pytest.raises(services.LayerGone):
        scored.score(layer, "hand", points="1")


def test_others_learn_nothing(scored: Scored, client_of: Browser) -> None:
    layer, data = scored.layer(0, "self"), sent(scored)
    at = reverse("campaigns:score_layer_save", args=[layer.pk])
    stranger = client_of(user_with("clerk", UnitFactory()))
    assert stranger.post(at, data).status_code == 404
    assert client_of(scored.heads[1]).post(at, data).status_code == 404  # it is there, not his
    withdraw(scored)
    assert stranger.post(at, data).status_code == 404
    assert client_of(scored.heads[0]).post(at, {}).status_code == 404  # nothing was typed
