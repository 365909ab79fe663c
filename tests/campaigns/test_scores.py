"""Score sheets: opened, scored layer by layer, sent, opened again; who may not score whom."""

from datetime import date
from decimal import Decimal

import pytest

from campaigns import queries, services
from campaigns.models import (
    Campaign,
    GateHit,
    ResultSheet,
    ScoreEntry,
    ScoreHistory,
    ScoreLayer,
    ScoreSheet,
)
from campaigns.queries.scores import scored as scored_values
from criteria.models import Group, ScoreItem, ScoreTable
from criteria.rules import total_of
from tests.campaigns.scoring import Scored, make_scored
from tests.factories import NOW, PeriodFactory
from units.models import AuditEntry, BlocMembership
from units.rules import DomainError

pytestmark = pytest.mark.django_db


@pytest.fixture
def scored() -> Scored:
    made = make_scored()
    made.accept(0)
    made.open()
    return made


def acts(sheet: ScoreSheet) -> list[str]:
    rows = AuditEntry.objects.filter(subject_type="campaigns.scoresheet", subject_id=sheet.pk)
    return list(rows.order_by("pk").values_list("action", flat=True))


def d(text: str) -> Decimal:
    return Decimal(text)


# --- open -----------------------------------------------------------------------------------------
def test_every_member_gets_a_sheet_and_nobody_scores_himself(
    scored: Scored,
) -> None:
    assert ScoreSheet.objects.count() == 3
    names = {
        (at, row.layer, row.scorer.name)
        for at in range(3)
        for row in scored.sheet(at).layers.select_related("scorer")
    }
    a, b, c = (part.unit.name for part in scored.parts)
    assert names == {
        *((at, "self", name) for at, name in enumerate((a, b, c))),
        (0, "peer", b), (0, "peer", c), (1, "peer", a),
        (1, "peer", c), (2, "peer", a), (2, "peer", b),
        (0, "bloc", b), (1, "bloc", a), (2, "bloc", a),  # the leader is scored by his deputy
        *((at, "standing", "Sở Nội vụ") for at in range(3)),
    }  # fmt: skip
    assert scored.open() == []  # begun ones stay
    assert acts(scored.sheet(0))[0] == "scoresheet.opened"


def test_the_latest_table_in_force_is_taken(scored: Scored) -> None:
    ScoreSheet.objects.all().delete()
    for year, state in ((2024, "active"), (2025, "active"), (2022, "active")):
        ScoreTable.objects.create(
            criteria_set=scored.table.criteria_set, group=scored.table.group, ref=f"n{year}",
            name="x", from_year=year, max_points=1, state=state,
        )  # fmt: skip
    services.open_scoring(scored.world.period, actor=None, now=NOW)
    assert {sheet.table.ref for sheet in ScoreSheet.objects.all()} == {"n2024"}


def refused(sentence: str, period: object) -> None:
    with pytest.raises(DomainError, match=sentence):
        services.open_scoring(period, actor=None, now=NOW)  # type: ignore[arg-type]


def test_opening_is_refused_with_the_reason(scored: Scored) -> None:
    period = scored.world.period
    later = PeriodFactory(
        campaign=scored.world.campaign,
        ref="2025",
        period_from=date(2025, 1, 1),
        period_to=date(2025, 12, 31),
        closes_on=date(2026, 1, 31),
    )
    refused("bắt đầu từ 01/01/2025", later)
    ScoreSheet.objects.all().delete()
    BlocMembership.objects.filter(role="deputy").update(role="member")
    refused("Chưa có đơn vị nào Khối, Cụm thẩm định điểm của Chi cục Phát triển nông thôn", period)
    ScoreTable.objects.update(state="draft")
    refused("không có bảng chấm điểm nào áp dụng", period)
    Campaign.objects.update(state=Campaign.State.CLOSED)
    period.campaign.refresh_from_db()
    refused("đã tổng kết", period)


def test_who_is_of_no_scored_group_or_left_is_not_scored(scored: Scored) -> None:
    ScoreSheet.objects.all().delete()
    Group.objects.get(pk=scored.table.group_id).unit_kinds.clear()
    scored.table.group.units.add(scored.parts[0].unit, scored.parts[1].unit)
    services.leave_campaign(scored.parts[1], actor=None, now=NOW, on=date(2024, 6, 1))
    (sheet,) = services.open_scoring(scored.world.period, actor=None, now=NOW)
    assert sheet.participation == scored.parts[0]


def test_the_agency_is_scored_by_the_issuer() -> None:
    scored = make_scored(("self", "standing"))
    Campaign.objects.update(standing_agency=scored.parts[0].unit)
    scored.world.period.campaign.refresh_from_db()
    scored.open()
    assert scored.layer(0, "standing").scorer == scored.world.office
    assert scored.layer(1, "standing").scorer == scored.parts[0].unit


# --- who scores whom ------------------------------------------------------------------------------
def test_pairs_of_ones_own_and_what_was_sent_stays(scored: Scored) -> None:
    a, b, c = scored.parts
    for at in range(3):
        if at:
            scored.accept(at)
        scored.send(scored.layer(at, "self"))
    scored.send(scored.layer(0, "peer", 1))
    pairs = [(c.pk, a.pk), (a.pk, b.pk)]
    period, table = scored.world.period, scored.table
    count = services.assign_peers(period, table, actor=None, now=NOW, pairs=pairs)
    assert count == 3  # the two, and what B has sent of A
    rows = ScoreLayer.objects.filter(layer="peer")
    assert {(r.scorer_id, r.score_sheet.participation_id) for r in rows} == {
        (b.unit_id, a.pk), (c.unit_id, a.pk), (a.unit_id, b.pk)
    }  # fmt: skip


def test_what_a_member_has_begun_is_not_thrown_away(scored: Scored) -> None:
    a, b, c = scored.parts
    scored.send(scored.layer(0, "self"))
    scored.score(scored.layer(0, "peer", 2), "hand", points="20", reason="thiếu minh chứng")
    pairs, untouched = [(b.pk, a.pk), (a.pk, b.pk)], scored.sheet(2).revision
    services.assign_peers(
        scored.world.period, scored.table, actor=None, now=NOW, pairs=[*pairs, (a.pk, c.pk)]
    )
    assert ScoreEntry.objects.get(score_layer__layer="peer").reason == "thiếu minh chứng"
    assert not ScoreLayer.objects.filter(score_sheet__participation=b, scorer=c.unit).exists()
    assert scored.sheet(2).revision == untouched + 1  # B scores it no more
    services.assign_peers(
        scored.world.period, scored.table, actor=None, now=NOW, pairs=[*pairs, (a.pk, c.pk)]
    )
    assert scored.sheet(2).revision == untouched + 1


def test_nobody_is_assigned_below_a_layer_that_was_sent(scored: Scored) -> None:
    a, b, _c = scored.parts
    period, table = scored.world.period, scored.table
    services.assign_peers(period, table, actor=None, now=NOW, pairs=[(b.pk, a.pk)])
    for layer in ("self", "peer", "bloc"):
        scored.send(scored.layer(0, layer))
    services.assign_peers(period, table, actor=None, now=NOW, pairs=[(b.pk, a.pk), (a.pk, b.pk)])
    with pytest.raises(DomainError, match=f"Lớp sau đã gửi điểm của {a.unit} trên cơ sở"):
        services.assign_peers(period, table, actor=None, now=NOW)
    assert scored.layer(0, "peer").scorer == b.unit


def test_assigning_is_refused_with_the_reason(scored: Scored) -> None:
    period, table, a = scored.world.period, scored.table, scored.parts[0]

    def assign(sentence: str, **more: object) -> None:
        with pytest.raises(DomainError, match=sentence):
            services.assign_peers(period, table, actor=None, now=NOW, **more)  # type: ignore[arg-type]

    assign("hai đơn vị khác nhau", pairs=[(a.pk, a.pk)])
    assign("hai đơn vị khác nhau", pairs=[(a.pk, 0)])
    ScoreSheet.objects.exclude(participation=a).delete()
    assign("ít nhất hai đơn vị có phiếu")
    table.layers.filter(layer="peer").delete()
    assign("không có lớp chấm chéo")


def test_nobody_scores_his_own_unit(scored: Scored) -> None:
    scored.send(scored.layer(0, "self"))
    layer = scored.layer(0, "peer", 1)
    with pytest.raises(DomainError, match="không chấm điểm của đơn vị mình ở lớp “chấm chéo”"):
        services.record_scores(layer, {}, actor=scored.clerks[0], now=NOW)
    with pytest.raises(DomainError, match="không chấm điểm của đơn vị mình"):
        services.send_layer(layer, actor=scored.heads[0], now=NOW)


# --- one cell -------------------------------------------------------------------------------------
def test_an_item_is_written_with_its_history(scored: Scored) -> None:
    layer = scored.layer(0, "self")
    (entry,) = scored.score(layer, "hand", points="31,5").entries
    assert (entry.points, entry.version) == (d("31.5"), 1)
    before = scored.sheet(0).revision
    assert scored.score(layer, "hand", version=0, points="31,50").entries == []  # as it is
    assert scored.sheet(0).revision == before
    scored.score(layer, "hand", version=1, points="32", reason="tính lại")
    assert scored.sheet(0).revision == before + 1
    lines = ScoreHistory.objects.filter(entry=entry).values_list("version", "points", "by")
    assert list(lines) == [(2, d("32"), scored.heads[0].pk), (1, d("31.5"), scored.heads[0].pk)]


def test_what_cannot_be_read_is_kept(scored: Scored) -> None:
    layer = scored.layer(0, "self")
    scored.score(layer, "hand", points="41")
    entry = ScoreEntry.objects.get()
    assert (entry.points, entry.typed) == (None, {"points": "41"})
    assert entry.problem == "Mục này cho từ 0 đến 40 điểm."
    assert [one.why for one in queries.left_to_score(scored.read(0), layer)] == ["sửa"]


def test_a_stale_cell_is_handed_back_and_stops_nothing(scored: Scored) -> None:
    layer = scored.layer(0, "self")
    scored.score(layer, "hand", points="31")
    cells = scored.typed("hand", 0, points="35") | scored.typed("late", 0, points="2", reason="x")
    saved = services.record_scores(layer, cells, actor=scored.clerks[0], now=NOW)
    assert [entry.item.ref for entry in saved.entries] == ["late"]
    assert saved.stale == {scored.item("hand").pk: ({"points": "35"}, 1)}
    assert ScoreEntry.objects.get(item__ref="hand").points == 31


def test_headings_and_other_tables_take_no_points(scored: Scored) -> None:
    layer = scored.layer(0, "self")
    for pk in (scored.item("whole").pk, 0):
        with pytest.raises(DomainError, match="không có mục này"):
            services.record_scores(layer, {pk: ({}, 0)}, actor=scored.clerks[0], now=NOW)


# --- computed from results ------------------------------------------------------------------------
def test_points_follow_from_the_results_and_whoever_differs_says_why(scored: Scored) -> None:
    layer = scored.layer(0, "self")
    value = scored.read(0).values[layer.pk]["ratio"]
    assert (value.points, value.by_hand) == (60, False)
    assert value.how == "Đạt 112,5% chỉ tiêu: đủ 60 điểm"
    assert [one.item.ref for one in queries.left_to_score(scored.read(0), layer)] == ["hand"]
    scored.score(layer, "ratio", points="55")
    told = [(one.item.ref, one.why) for one in queries.left_to_score(scored.read(0), layer)]
    assert told == [("ratio", "ghi lý do cho"), ("hand", "chấm")]
    scored.score(layer, "ratio", version=1, points="55", reason="còn hồ sơ chưa đạt chất lượng")
    assert [one.item.ref for one in queries.left_to_score(scored.read(0), layer)] == ["hand"]


def test_the_unit_reads_what_it_entered_and_the_others_what_was_accepted(scored: Scored) -> None:
    sheet = services.open_sheet(scored.parts[1], scored.world.period, actor=None, now=NOW)
    cells = {
        scored.ratio.pk: ({"numerator": "4", "denominator": "10"}, 0),
        scored.times.pk: ({"value": "2"}, 0),
    }
    services.record_results(sheet, cells, actor=scored.clerks[1], now=NOW)
    own = scored.layer(1, "self")
    assert scored.read(1).values[own.pk]["ratio"].points == 30
    assert scored.read(1).values[own.pk]["late"].points == 2
    scored.send(own)
    peer = scored.layer(1, "peer", 0)
    assert not scored.read(1).values[peer.pk]["ratio"].given
    with pytest.raises(DomainError, match="chưa được thẩm định nên chưa gửi điểm được"):
        scored.send(peer)
    services.submit_sheet(sheet, actor=scored.heads[1], now=NOW)
    services.verify_sheet(sheet, actor=scored.officer, now=NOW)
    assert scored.read(1).values[peer.pk]["ratio"].points == 30
    services.send_layer(peer, actor=scored.by(peer), now=NOW)


def test_what_did_not_arise_is_not_scored(scored: Scored) -> None:
    sheet = services.open_sheet(scored.parts[1], scored.world.period, actor=None, now=NOW)
    none = {"choice": "not_applicable", "reason": "không có hồ sơ"}
    cells = {scored.ratio.pk: (none, 0), scored.times.pk: ({"value": "0"}, 0)}
    services.record_results(sheet, cells, actor=scored.clerks[1], now=NOW)
    layer = scored.layer(1, "self")
    value = scored.read(1).values[layer.pk]["ratio"]
    assert (value.applies, value.reason) == (False, "Không áp dụng: không có hồ sơ")
    scored.send(layer)
    read = scored.read(1)
    given = read.values[layer.pk]
    assert all(value.given for value in given.values())
    assert total_of(read.table, scored_values(given)).total == 75  # 30 of 40, scaled to 100
    services.reopen_layer(layer, reason="xem lại", actor=scored.officer, now=NOW)
    assert scored.read(1).values[layer.pk]["ratio"].applies is False
    entry = ScoreEntry.objects.get(score_layer=layer, item__ref="ratio")
    assert queries.by_machine(entry)
    scored.score(layer, "ratio", version=entry.version, points="20")
    left = queries.left_to_score(scored.read(1), layer)
    assert [(one.item.ref, one.why) for one in left] == [("ratio", "ghi lý do cho")]


def test_a_layer_opened_again_reads_the_results_anew(scored: Scored) -> None:
    layer = scored.layer(0, "self")
    scored.send(layer)
    services.reopen_layer(layer, reason="kết quả sửa", actor=scored.officer, now=NOW)
    results = ResultSheet.objects.get(participation=scored.parts[0])
    services.return_sheet(results, reason="sai", actor=scored.officer, now=NOW)
    cells = {scored.ratio.pk: ({"numerator": "40", "denominator": "100"}, 1)}
    services.record_results(results, cells, actor=scored.clerks[0], now=NOW)
    assert scored.read(0).values[layer.pk]["ratio"].points == 30


# --- layers one after the other -------------------------------------------------------------------
def test_a_layer_waits_for_the_one_before_and_freezes_when_sent(scored: Scored) -> None:
    own, peers = scored.layer(0, "self"), [scored.layer(0, "peer", at) for at in (1, 2)]
    bloc = scored.layer(0, "bloc")
    with pytest.raises(DomainError, match="Lớp “tự chấm” chưa gửi đủ"):
        scored.score(peers[0], "hand", points="20")
    with pytest.raises(DomainError, match="Còn 1 việc trước khi gửi: chấm M3"):
        services.send_layer(own, actor=scored.heads[0], now=NOW)
    scored.send(own)
    own.refresh_from_db()
    assert (own.state, own.sent_by) == ("sent", scored.heads[0])
    with pytest.raises(DomainError, match="đã gửi nên không sửa được"):
        scored.score(own, "hand", version=1, points="40")
    scored.send(peers[0])
    with pytest.raises(DomainError, match="Lớp “chấm chéo” chưa gửi đủ"):
        scored.score(bloc, "hand", points="20")
    with pytest.raises(DomainError, match="ghi lý do cho M3"):
        scored.send(peers[1], hand="27,5")
    scored.score(peers[1], "hand", version=1, points="27,5", reason="thiếu minh chứng")
    services.send_layer(peers[1], actor=scored.by(peers[1]), now=NOW)
    assert scored.read(0).together("peer")["hand"].points == d("28.75")
    with pytest.raises(DomainError, match="ghi lý do cho M3"):
        scored.send(bloc, hand="30")
    services.record_scores(
        bloc, scored.typed("hand", 1, points="28,75"), actor=scored.deputy, now=NOW
    )
    services.send_layer(bloc, actor=scored.deputy, now=NOW)
    assert scored.read(0).missing == ["cơ quan thường trực thẩm định (Sở Nội vụ)"]


def test_peers_for_whom_it_does_not_apply_do_not_count(scored: Scored) -> None:
    scored.send(scored.layer(0, "self"))
    for at, typed in ((1, {"na": "1", "reason": "không có"}), (2, {"points": "20", "reason": "x"})):
        layer = scored.layer(0, "peer", at)
        scored.score(layer, "hand", **typed)
        services.send_layer(layer, actor=scored.by(layer), now=NOW)
    value = scored.read(0).together("peer")["hand"]
    assert (value.points, value.applies, value.reason) == (20, True, "không có; x")


def test_the_layer_before_is_taken_over_where_nothing_is_scored_yet(scored: Scored) -> None:
    own = scored.layer(0, "self")
    with pytest.raises(DomainError, match="đầu tiên"):
        services.take_over(own, actor=scored.clerks[0], now=NOW)
    scored.send(own, "33")
    layer = scored.layer(0, "peer", 1)
    assert services.take_over(layer, actor=scored.clerks[1], now=NOW) == 1
    assert scored.read(0).values[layer.pk]["hand"].points == 33
    assert services.take_over(layer, actor=scored.clerks[1], now=NOW) == 0
    assert queries.left_to_score(scored.read(0), layer) == []


def test_what_cannot_be_read_is_not_taken_over(scored: Scored) -> None:
    scored.send(scored.layer(0, "self"), "33")
    layer = scored.layer(0, "peer", 1)
    scored.score(layer, "hand", points="?")
    assert services.take_over(layer, actor=scored.clerks[1], now=NOW) == 0
    scored.score(layer, "hand", version=1, points="")
    assert services.take_over(layer, actor=scored.clerks[1], now=NOW) == 1


def test_what_proves_a_bonus_is_named(scored: Scored) -> None:
    ScoreItem.objects.filter(ref="hand").update(evidence_required=True)
    layer = scored.layer(0, "self")
    scored.score(layer, "hand", points="30")
    left = queries.left_to_score(scored.read(0), layer)
    assert [(one.item.ref, one.why) for one in left] == [("hand", "nêu minh chứng cho")]
    scored.score(layer, "hand", version=1, points="30", reason="QĐ 12/QĐ-SNN")
    assert queries.left_to_score(scored.read(0), layer) == []


def test_opening_again_needs_a_reason_and_no_later_layer(scored: Scored) -> None:
    own = scored.layer(0, "self")
    scored.send(own)
    scored.send(scored.layer(0, "peer", 1))
    with pytest.raises(DomainError, match="Ghi lý do mở lại"):
        services.reopen_layer(own, reason=" ", actor=scored.officer, now=NOW)
    with pytest.raises(DomainError, match="Lớp sau đã gửi"):
        services.reopen_layer(own, reason="sai", actor=scored.officer, now=NOW)
    services.reopen_layer(scored.layer(0, "peer", 1), reason="sai", actor=scored.officer, now=NOW)
    layer = services.reopen_layer(own, reason="sai", actor=scored.officer, now=NOW)
    assert (layer.state, layer.reopen_reason) == ("reopened", "sai")
    assert "scoresheet.reopened" in acts(scored.sheet(0))
    scored.score(own, "hand", version=1, points="29")


# --- gates ----------------------------------------------------------------------------------------
def test_a_gate_is_declared_with_a_reason_and_withdrawn(scored: Scored) -> None:
    layer = scored.layer(0, "self")
    gate, by_result = scored.table.gates.get(ref="ky-luat"), scored.table.gates.get(ref="ho-so")

    def declare(reason: str, what: object = gate) -> object:
        return services.declare_gate(
            layer,
            what,
            reason=reason,
            actor=scored.clerks[0],
            now=NOW,  # type: ignore[arg-type]
        )

    declare("một cảnh cáo")
    declare("một cảnh cáo, QĐ 5")
    assert GateHit.objects.get().reason == "một cảnh cáo, QĐ 5"
    assert declare("") is None
    assert declare(" ") is None
    assert not GateHit.objects.exists()
    assert acts(scored.sheet(0))[-3:] == [
        "scoresheet.gate_declared", "scoresheet.gate_declared", "scoresheet.gate_withdrawn"
    ]  # fmt: skip
    with pytest.raises(DomainError, match="do kết quả quyết định"):
        declare("x", by_result)
