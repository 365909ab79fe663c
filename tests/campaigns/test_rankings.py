"""The ranking: from the last layer, inside its group; published whole, frozen, stale when it is."""

from datetime import date
from decimal import Decimal

import pytest

from campaigns import services
from campaigns.models import Ranking, ResultSheet, ScoreSheet
from campaigns.queries.scores import gates_hit
from criteria.models import ScoreTable
from tests.campaigns.scoring import Scored, make_scored
from tests.factories import NOW, PeriodFactory, amend
from units.models import AuditEntry
from units.rules import DomainError

pytestmark = pytest.mark.django_db
TWO = ("self", "standing")


@pytest.fixture
def scored() -> Scored:
    """Everything sent by all but the last member."""
    made = make_scored(TWO)
    made.table.bands.filter(ref="tot").update(admits=True)
    made.accept(0, done=80)
    made.accept(1, done=64, times=1)
    made.accept(2, done=80)
    made.open()
    made.send_all(0, "30")
    made.send_all(1, "40")
    return made


def publish(scored: Scored, reason: str = "") -> Ranking:
    seen = scored.ranking().digest
    return services.publish_ranking(
        scored.world.period, scored.table, seen=seen, actor=scored.officer, now=NOW, reason=reason
    )


def refused(scored: Scored, sentence: str, reason: str = "") -> None:
    with pytest.raises(DomainError, match=sentence):
        publish(scored, reason)


def test_units_with_all_layers_in_are_ranked_and_the_others_listed(scored: Scored) -> None:
    now = scored.ranking()
    assert [(line.unit.name, line.shown, line.band) for line in now.ranked] == [
        ("Chi cục Phát triển nông thôn", "90", "Tốt"),  # 60 + 30
        ("Trung tâm B", "87", "Khá"),  # 48 + 40 - 1, the gate of missed records bars it from Tốt
    ]
    assert now.ranked[1].gates == [("Hồ sơ kém", "không đạt HS: từ 80% trở lên")]
    assert [(unit.name, layers) for unit, layers in now.missing] == [
        ("Trung tâm C", ["tự chấm (Trung tâm C)", "cơ quan thường trực thẩm định (Sở Nội vụ)"])
    ]


def test_nothing_is_published_while_a_layer_is_missing(scored: Scored) -> None:
    refused(scored, "Chưa công bố được, còn thiếu điểm. Trung tâm C: tự chấm")
    ScoreSheet.objects.filter(participation=scored.parts[2]).delete()
    refused(scored, "Trung tâm C: chưa mở phiếu")
    assert not Ranking.objects.exists()


def test_what_is_published_is_frozen_and_known_to_be_stale(scored: Scored) -> None:
    scored.send_all(2, "31")
    ranking = publish(scored)
    rows = ranking.snapshot["rows"]
    assert [(row["unit"], row["place"], row["total"]) for row in rows] == [
        ("Trung tâm C", 1, "91"),
        ("Chi cục Phát triển nông thôn", 2, "90"),
        ("Trung tâm B", 3, "87"),
    ]
    assert not scored.ranking().stale
    refused(scored, "không cần công bố lại")
    layer = scored.layer(2, "standing")
    services.reopen_layer(layer, reason="cộng nhầm", actor=scored.officer, now=NOW)
    assert scored.ranking().stale
    refused(scored, "còn thiếu điểm")
    scored.score(layer, "hand", version=1, points="29", reason="cộng nhầm")
    services.send_layer(layer, actor=scored.officer, now=NOW)
    refused(scored, "Công bố lại xếp hạng thì ghi lý do")
    again = publish(scored, "cộng nhầm mục M3")
    assert (again.version, again.snapshot["rows"][0]["unit"]) == (2, "Chi cục Phát triển nông thôn")
    ranking.refresh_from_db()
    assert ranking.snapshot["rows"] == rows
    assert not scored.ranking().stale


@pytest.mark.parametrize("what", ["score", "result", "order", "target", ""])
def test_only_what_was_seen_is_published(scored: Scored, what: str) -> None:
    ScoreTable.objects.update(tie_end="decided")
    scored.send_all(2, "30")
    a, c = scored.sheet(0).pk, scored.sheet(2).pk
    settle(scored, {a: 1, c: 2})
    seen = scored.ranking().digest
    if what == "score":
        layer = scored.layer(1, "standing")
        services.reopen_layer(layer, reason="cộng nhầm", actor=scored.officer, now=NOW)
        scored.score(layer, "hand", version=1, points="39", reason="cộng nhầm")
        services.send_layer(layer, actor=scored.officer, now=NOW)
    if what == "result":
        ResultSheet.objects.filter(participation=scored.parts[0]).update(revision=99)
    if what == "order":
        settle(scored, {a: 2, c: 1}, reason="Ghi nhầm")
    if what == "target":
        amend(scored.times, 3, date(2024, 6, 1))  # points by times do not ask for it
    for given in ("", seen)[: 2 if what else 1]:
        with pytest.raises(DomainError, match="đến lúc này; xem lại rồi công bố"):
            services.publish_ranking(
                scored.world.period, scored.table, seen=given, actor=scored.officer, now=NOW
            )
    assert not Ranking.objects.exists()
    assert publish(scored).version == 1


def test_a_target_amended_within_the_period_makes_it_stale(scored: Scored) -> None:
    scored.send_all(2, "31")
    ranking = publish(scored)
    amend(scored.ratio, 40, date(2025, 1, 1))  # after the period
    amend(scored.world.indicator(ref="khac"), 40, date(2024, 2, 1))  # the table does not read it
    assert not scored.ranking().stale
    amend(scored.times, 3, date(2024, 6, 1))
    now = scored.ranking()
    assert (now.stale, now.changed) == (True, False)
    assert now.amended == (
        "Mục tiêu đã điều chỉnh từ ngày 01/06/2024 theo “QĐ 9”, sau lần công bố này."
    )
    refused(scored, "Công bố lại xếp hạng thì ghi lý do")
    publish(scored, "mục tiêu đã điều chỉnh")
    assert not scored.ranking().stale
    Ranking.objects.filter(version=2).delete()
    del ranking.snapshot["targets"]  # as published before stamps were kept
    ranking.save()
    assert not scored.ranking().stale


def test_points_of_one_ranking_have_as_many_decimals_as_any_of_them_needs(scored: Scored) -> None:
    scored.send_all(2, "31.5")
    rows = publish(scored).snapshot["rows"]
    assert [row["total"] for row in rows] == ["91,5", "90,0", "87,0"]


def test_who_is_shut_out_is_listed_with_the_gate(scored: Scored) -> None:
    own, last = scored.layer(2, "self"), scored.layer(2, "standing")
    gate = scored.table.gates.get(ref="ky-luat")
    services.declare_gate(own, gate, reason="lớp đầu nói", actor=scored.heads[2], now=NOW)
    scored.send(own)
    assert len(scored.ranking().disqualified) == 0
    services.declare_gate(last, gate, reason="QĐ kỷ luật số 5", actor=scored.officer, now=NOW)
    assert gates_hit(scored.read(2)) == {}  # not before it is sent
    scored.send(last)
    now = scored.ranking()
    assert [line.unit.name for line in now.ranked] == [
        "Chi cục Phát triển nông thôn",
        "Trung tâm B",
    ]
    (line,) = now.disqualified
    assert (line.band, line.admits) == ("", False)
    assert line.gates == [("Có người bị kỷ luật", "QĐ kỷ luật số 5")]
    snapshot = publish(scored).snapshot
    assert snapshot["disqualified"][0]["gates"] == ["Có người bị kỷ luật: QĐ kỷ luật số 5"]


def test_results_that_are_opened_again_are_waited_for(scored: Scored) -> None:
    """A unit is not let in because the results that shut it out are being mended."""
    scored.table.gates.filter(ref="ho-so").update(effect="disqualify", band=None)
    scored.send_all(2, "31")
    publish(scored)
    assert [line.unit.name for line in scored.ranking().disqualified] == ["Trung tâm B"]
    results = ResultSheet.objects.get(participation=scored.parts[1])
    services.return_sheet(results, reason="sai", actor=scored.officer, now=NOW)
    now = scored.ranking()
    assert now.stale
    assert "Trung tâm B" not in [line.unit.name for line in now.ranked]
    refused(scored, "Trung tâm B: kết quả chưa được thẩm định", "kết quả đã sửa")
    services.submit_sheet(results, actor=scored.heads[1], now=NOW)
    services.verify_sheet(results, actor=scored.officer, now=NOW)
    assert publish(scored, "kết quả đã sửa").version == 2


@pytest.mark.parametrize("reads", ["item", "gate", "tie", ""])
def test_only_a_table_that_reads_results_waits_for_them(scored: Scored, reads: str) -> None:
    items, gates = scored.table.items, scored.table.gates
    if reads != "item":
        items.filter(ref__in=["ratio", "late"]).update(method="manual", indicator=None)
    if reads != "gate":
        gates.filter(ref="ho-so").delete()
    if reads == "tie":
        scored.table.ties.update(by="indicator", item=None, indicator=scored.ratio)
    assert scored.read(0).reads_results == bool(reads)
    ResultSheet.objects.update(state=ResultSheet.State.DRAFT)
    assert ("kết quả chưa được thẩm định" in scored.read(0).missing) == bool(reads)


def test_a_tie_is_decided_as_the_table_says(scored: Scored) -> None:
    """90 each: 60 + 30 and 50 + 40; the heading of the results decides."""
    last = scored.layer(2, "self")
    scored.score(last, "ratio", points="50", reason="x")
    scored.send(last, "40")
    standing = scored.layer(2, "standing")
    scored.score(standing, "ratio", points="50", reason="x")
    scored.send(standing, "40")
    first = scored.ranking().ranked[0]
    assert first.place is not None
    assert first.unit == scored.parts[0].unit
    assert first.place.why == "hơn Trung tâm C về điểm mục M1: 60 so với 50"


def settle(scored: Scored, order: dict[int, int], reason: str = "Biên bản họp Khối") -> None:
    services.settle_tie(
        scored.world.period, scored.table, order=order, reason=reason, actor=scored.officer, now=NOW
    )


def test_where_no_rank_is_shared_the_meeting_decides(scored: Scored) -> None:
    ScoreTable.objects.update(tie_end="decided")
    scored.send_all(2, "30")
    a, b, c = (scored.sheet(at).pk for at in range(3))
    assert len(scored.ranking().waiting) == 2
    refused(scored, "bằng nhau mà bảng chấm điểm không xếp đồng hạng")
    for order, sentence in (
        ({}, "mà hội nghị phải quyết định"),
        ({b: 1}, "mà hội nghị phải quyết định"),
        ({a: 1, b: 2}, "mà hội nghị phải quyết định"),
        ({a: 1}, "đủ các đơn vị bằng nhau"),
        ({a: 1, c: 3}, "các số từ 1 đến 2"),
    ):
        with pytest.raises(DomainError, match=sentence):
            settle(scored, order)
    with pytest.raises(DomainError, match="Ghi căn cứ"):
        settle(scored, {a: 2, c: 1}, reason="")
    settle(scored, {a: 2, c: 1})
    now = scored.ranking()
    assert [line.sheet.pk for line in now.ranked] == [c, a, b]
    assert publish(scored).snapshot["rows"][0]["why"] == "thứ tự do hội nghị quyết định"
    # an order given to other scores is no order
    services.reopen_layer(scored.layer(2, "standing"), reason="x", actor=scored.officer, now=NOW)
    assert ScoreSheet.objects.get(pk=c).tie_place is None


def test_a_wrong_order_is_given_again_and_published_again_with_a_reason(scored: Scored) -> None:
    ScoreTable.objects.update(tie_end="decided")
    scored.send_all(2, "30")
    a, c = scored.sheet(0).pk, scored.sheet(2).pk
    settle(scored, {a: 2, c: 1})
    with pytest.raises(DomainError, match="Thứ tự này đã ghi"):
        settle(scored, {a: 2, c: 1}, reason="Biên bản khác")
    (group,) = scored.ranking().equals
    assert (group.settled, [line.sheet.pk for line in group.lines]) == (True, [c, a])
    settle(scored, {a: 1, c: 2}, reason="Ghi nhầm, theo biên bản 12")
    assert [line.sheet.pk for line in scored.ranking().ranked][:2] == [a, c]
    lines = AuditEntry.objects.filter(action="scoresheet.tie_settled", subject_id=a)
    assert [(one.before, one.after) for one in lines.order_by("pk")] == [
        ("", "thứ 2"),
        ("thứ 2", "thứ 1"),
    ]
    first = publish(scored)
    settle(scored, {a: 2, c: 1}, reason="Hội nghị họp lại")
    assert scored.ranking().stale
    refused(scored, "Công bố lại xếp hạng thì ghi lý do")
    again = publish(scored, "Hội nghị họp lại")
    tops = [one.snapshot["rows"][0]["unit"] for one in (first, again)]
    assert tops == ["Chi cục Phát triển nông thôn", "Trung tâm C"]


def test_who_left_is_not_waited_for(scored: Scored) -> None:
    services.leave_campaign(scored.parts[2], actor=None, now=NOW, on=scored.world.period.period_to)
    assert publish(scored).snapshot["rows"][0]["total"] == "90"
    for part in scored.parts[:2]:
        services.leave_campaign(part, actor=None, now=NOW, on=scored.world.period.period_to)
    refused(scored, "Chưa có đơn vị nào được chấm điểm")


def test_a_period_or_a_table_without_ranking(scored: Scored) -> None:
    other = ScoreTable.objects.create(
        criteria_set=scored.table.criteria_set,
        group=scored.table.group,
        ref="khac",
        name="Bảng khác",
        from_year=2030,
        max_points=1,
    )
    with pytest.raises(DomainError, match="không xếp hạng theo “Bảng khác”"):
        services.publish_ranking(scored.world.period, other, seen="", actor=scored.officer, now=NOW)
    with pytest.raises(DomainError, match="không xếp hạng theo"):
        services.publish_ranking(
            PeriodFactory(), scored.table, seen="", actor=scored.officer, now=NOW
        )
    assert Decimal(scored.ranking().ranked[0].shown) == 90
