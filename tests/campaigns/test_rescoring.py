"""No ranking is published of points that targets or results of now would give otherwise: who gave
them opens the layer, looks again and sends; the portal rewrites nothing that was sent."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db.models import F
from django.urls import reverse

from campaigns import services
from campaigns.models import Ranking, Result, ResultSheet, ScoreLayer
from criteria.models import TableLayer
from tests.campaigns.scoring import Scored, make_scored
from tests.factories import NOW, amend
from units.models import AuditEntry, User
from units.rules import DomainError

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], Any]
JUNE = date(2024, 6, 1)
REFUSED = "điểm đã gửi của Trung tâm B theo mục tiêu, kết quả cũ"


@pytest.fixture
def scored() -> Scored:
    """Everything sent: 80 of 100 twice, 64 of 100 by the second member, where 80 are asked."""
    return sent_by("self", "standing")


def sent_by(*layers: str) -> Scored:
    made = make_scored(layers)
    for at, done in enumerate((80, 64, 80)):
        made.accept(at, done=done)
    made.open()
    for at in range(3):
        made.send_all(at, "30")
    return made


def publish(scored: Scored, reason: str = "") -> Ranking:
    seen = scored.ranking().digest
    return services.publish_ranking(
        scored.world.period, scored.table, seen=seen, actor=scored.officer, now=NOW, reason=reason
    )


def behind(scored: Scored) -> list[tuple[str, str, list[str]]]:
    return [
        (one.unit.name, one.layer.layer, [str(item) for item in one.items])
        for one in scored.ranking().behind
    ]


def reopen(scored: Scored, actor: User | None = None, reason: str = "mục tiêu mới") -> Any:
    return services.reopen_behind(
        scored.world.period,
        scored.table,
        reason=reason,
        actor=actor or scored.officer,
        now=NOW,
    )


def send(scored: Scored, layer: ScoreLayer) -> None:
    services.send_layer(layer, actor=scored.by(layer), now=NOW)


def corrected(scored: Scored, at: int, done: str) -> None:
    """Another figure, verified anew."""
    part = scored.parts[at]
    Result.objects.filter(result_sheet__participation=part, indicator=scored.ratio).update(
        numerator=done
    )
    ResultSheet.objects.filter(participation=part).update(revision=F("revision") + 1)


def totals(ranking: Ranking) -> dict[str, str]:
    return {row["unit"]: row["total"] for row in ranking.snapshot["rows"]}


# --- what is behind -------------------------------------------------------------------------------
@pytest.mark.parametrize("first", [True, False])
def test_after_an_amendment_it_is_published_by_the_target_of_now(
    scored: Scored, first: bool
) -> None:
    """For the first time as much as again."""
    if not first:
        assert totals(publish(scored))["Trung tâm B"] == "78"
    assert behind(scored) == []
    amend(scored.ratio, 64, JUNE)  # the others had all points before and have them now
    assert behind(scored) == [("Trung tâm B", "standing", ["M2 đã gửi 48, nay tính được 60"])]
    with pytest.raises(DomainError, match=REFUSED):
        publish(scored, "mục tiêu mới")
    (layer,) = reopen(scored)
    assert (layer.state, layer.reopen_reason) == ("reopened", "mục tiêu mới")
    assert behind(scored) == []  # it is missing now
    with pytest.raises(DomainError, match="còn thiếu điểm"):
        publish(scored, "mục tiêu mới")
    send(scored, layer)
    ranking = publish(scored, "mục tiêu mới")
    assert totals(ranking)["Trung tâm B"] == "90"
    own = scored.layer(1, "self")
    kept = own.entries.get(item=scored.item("ratio"))
    assert (own.state, kept.points) == ("sent", 48)  # beside it, as it was sent
    note = AuditEntry.objects.filter(action="scoresheet.reopened").values_list("note", flat=True)
    assert [text.endswith(": mục tiêu mới") for text in note] == [True]


def test_a_target_that_gives_the_same_points_opens_nothing(scored: Scored) -> None:
    publish(scored)
    amend(scored.ratio, 80, JUNE)
    amend(scored.times, 3, JUNE)  # points by times do not ask for the target
    assert behind(scored) == []
    assert publish(scored, "mục tiêu mới").version == 2
    with pytest.raises(DomainError, match="Không có lớp chấm nào phải mở lại"):
        reopen(scored)


def test_a_corrected_result_counts_as_much(scored: Scored) -> None:
    publish(scored)
    corrected(scored, 1, "72")
    assert behind(scored) == [("Trung tâm B", "standing", ["M2 đã gửi 48, nay tính được 54"])]
    results = ResultSheet.objects.get(participation=scored.parts[1])
    services.return_sheet(results, reason="sai", actor=scored.officer, now=NOW)
    assert behind(scored) == []  # its results are missing


def test_what_does_not_apply_by_now(scored: Scored) -> None:
    Result.objects.filter(
        result_sheet__participation=scored.parts[1], indicator=scored.ratio
    ).update(state="not_applicable", reason="không có hồ sơ", numerator=None, denominator=None)
    told = behind(scored)
    assert told == [("Trung tâm B", "standing", ["M2 đã gửi 48, nay không áp dụng"])]
    (layer,) = reopen(scored)
    send(scored, layer)
    assert behind(scored) == []
    Result.objects.filter(
        result_sheet__participation=scored.parts[1], indicator=scored.ratio
    ).update(state="reported", reason="", numerator=40, denominator=100)
    told = behind(scored)
    assert told == [("Trung tâm B", "standing", ["M2 đã gửi không áp dụng, nay tính được 30"])]


def test_points_that_differ_with_a_reason_are_looked_at_again_and_may_stay(
    scored: Scored,
) -> None:
    layer = scored.layer(1, "standing")
    services.reopen_layer(layer, reason="xem lại", actor=scored.officer, now=NOW)
    scored.score(layer, "ratio", version=1, points="50", reason="hồ sơ khó")
    amend(scored.ratio, 72, date(2024, 5, 1))  # before it is sent: weighed with the rest
    send(scored, layer)
    assert behind(scored) == []
    assert totals(publish(scored))["Trung tâm B"] == "80"
    amend(scored.ratio, 64, JUNE)
    assert behind(scored) == [("Trung tâm B", "standing", ["M2 đã gửi 50, nay tính được 60"])]
    (layer,) = reopen(scored)
    send(scored, layer)
    assert behind(scored) == []
    assert totals(publish(scored, "hội đồng giữ điểm"))["Trung tâm B"] == "80"


def test_only_the_layer_that_counts_is_asked() -> None:
    scored = sent_by("self", "peer", "standing")
    amend(scored.ratio, 64, JUNE)
    assert [layer for _unit, layer, _items in behind(scored)] == ["standing"]


def test_members_that_score_each_other_each_look_again() -> None:
    scored = sent_by("self", "peer")
    amend(scored.ratio, 64, JUNE)
    assert [(unit, layer) for unit, layer, _items in behind(scored)] == [
        ("Trung tâm B", "peer"),
        ("Trung tâm B", "peer"),
    ]
    with pytest.raises(DomainError, match="điểm đã gửi của Trung tâm B theo"):
        publish(scored)
    assert len(reopen(scored)) == 2


def test_a_table_by_which_units_score_themselves_alone() -> None:
    scored = sent_by("self")
    amend(scored.ratio, 64, JUNE)
    assert [(unit, layer) for unit, layer, _items in behind(scored)] == [("Trung tâm B", "self")]


# --- who opens them -------------------------------------------------------------------------------
def test_a_reason_is_asked_for(scored: Scored) -> None:
    amend(scored.ratio, 64, JUNE)
    with pytest.raises(DomainError, match="Ghi lý do mở lại"):
        reopen(scored, reason=" ")
    assert scored.layer(1, "standing").state == "sent"


def test_what_another_office_scored_is_its_own_to_open() -> None:
    scored = sent_by("self", "bloc")
    amend(scored.ratio, 64, JUNE)
    with pytest.raises(DomainError, match="do Chi cục Phát triển nông thôn chấm và mở lại"):
        reopen(scored)
    leader = scored.leader
    assert [layer.scorer for layer in reopen(scored, actor=leader)] == [scored.parts[0].unit]
    assert TableLayer.objects.filter(layer="bloc").exists()


# --- on the page ----------------------------------------------------------------------------------
def test_the_page_names_them_and_opens_them_at_once(scored: Scored, client_of: ClientOf) -> None:
    args = [scored.world.campaign.ref, scored.world.period.ref]
    page, act = (reverse(f"campaigns:ranking_{name}", args=args) for name in ("detail", "reopen"))
    publish(scored)
    amend(scored.ratio, 64, JUNE)
    officer, member = client_of(scored.officer), client_of(scored.heads[2])
    rule = "chỉ công bố lại khi điểm ở lớp chấm cuối của mọi đơn vị đã theo mục tiêu và kết quả"
    html = officer.get(page).content.decode()
    assert rule in html
    assert "M2 đã gửi 48, nay tính được 60" in html
    assert "Còn 1 lớp chấm theo mục tiêu, kết quả cũ nên chưa công bố lại được</h3>" in html
    assert "Công bố xếp hạng</button>" not in html
    html = member.get(page).content.decode()
    assert rule in html
    assert "nay tính được" not in html
    assert member.post(act, {"table": scored.table.pk, "reason": "x"}).status_code == 404
    empty = officer.post(act, {"table": scored.table.pk, "reason": ""})
    assert (empty.status_code, "Ghi lý do mở lại" in empty.content.decode()) == (422, True)
    done = officer.post(act, {"table": scored.table.pk, "reason": "Mục tiêu mới"}, follow=True)
    html = done.content.decode()
    assert "Đã mở lại 1 lượt chấm kèm lý do." in html
    assert "nay tính được" not in html
    again = officer.post(act, {"table": scored.table.pk, "reason": "Gõ lại"})
    assert "Nội dung vừa gõ: “Gõ lại”" in again.content.decode()
