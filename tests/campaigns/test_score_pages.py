"""The pages of scoring, from opening it to the published ranking; who sees and does what there."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from campaigns import policies, queries, services
from campaigns.models import Campaign, GateHit, Ranking, ScoreEntry, ScoreLayer, ScoreSheet
from criteria.models import ScoreTable
from tests.campaigns.scoring import Scored, make_scored
from tests.factories import NOW, CriteriaSetFactory, UserFactory, amend
from units.models import User
from units.queries import TodoKind
from units.services import give_role

pytestmark = pytest.mark.django_db
Browser = Callable[[User], Any]


@pytest.fixture
def scored() -> Scored:
    made = make_scored()
    made.accept(0)
    made.open()
    return made


def url(name: str, *args: object) -> str:
    return reverse(f"campaigns:{name}", args=args)


def sheet_url(scored: Scored, at: int = 0) -> str:
    return url("score_sheet_detail", scored.sheet(at).pk)


def page(client: Any, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def cell(scored: Scored, ref: str, version: int = 0, **typed: str) -> dict[str, Any]:
    pk = scored.item(ref).pk
    return {f"s{pk}-version": version} | {f"s{pk}-{name}": word for name, word in typed.items()}


# --- who may what ---------------------------------------------------------------------------------
def names(layers: Any) -> set[tuple[str, str]]:
    rows = layers.select_related("score_sheet__participation__unit")
    return {(row.layer, row.score_sheet.participation.unit.name) for row in rows}


def test_layers_are_filled_by_those_whose_unit_scores(scored: Scored) -> None:
    a, b, c = (part.unit.name for part in scored.parts)
    assert names(policies.scorable_layers(scored.clerks[0])) == {
        ("self", a),
        ("peer", b),
        ("peer", c),
    }
    assert names(policies.sendable_layers(scored.clerks[0])) == set()
    assert names(policies.sendable_layers(scored.heads[0])) == {
        ("self", a),
        ("peer", b),
        ("peer", c),
    }
    assert names(policies.scorable_layers(scored.leader)) == {("bloc", b), ("bloc", c)}
    assert names(policies.sendable_layers(scored.deputy)) == {("bloc", a)}
    assert names(policies.scorable_layers(scored.officer)) == {
        ("standing", name) for name in (a, b, c)
    }
    assert not policies.scorable_layers(UserFactory()).exists()
    # who acts for both scores neither but as itself
    both, unit = scored.clerks[0], scored.parts[1].unit
    give_role(user=both, unit=unit, role="clerk", and_below=False, actor=None, now=NOW)
    assert names(policies.scorable_layers(both)) == {("self", a), ("self", b), ("peer", c)}


def layers_of(layers: QuerySet[ScoreLayer]) -> set[str]:
    return set(layers.values_list("layer", flat=True))


def test_sheets_are_seen_by_the_unit_those_who_score_it_and_those_who_run_the_plan(
    scored: Scored,
) -> None:
    assert policies.viewable_score_sheets(scored.clerks[0]).count() == 3  # its own, and two peers
    ScoreLayer.objects.filter(layer="peer").delete()
    seen = policies.viewable_score_sheets(scored.clerks[0])
    assert [sheet.participation for sheet in seen] == [scored.parts[0]]
    assert policies.viewable_score_sheets(scored.officer).count() == 3
    assert policies.viewable_score_sheets(scored.leader).count() == 3
    assert policies.viewable_score_sheets(UserFactory()).count() == 0
    assert policies.reopenable_layers(scored.leader).exists()
    # what another office scored is its own to open
    assert "standing" not in layers_of(policies.reopenable_layers(scored.leader))
    assert "standing" in layers_of(policies.reopenable_layers(scored.officer))
    assert not policies.reopenable_layers(scored.deputy).exists()


# --- what there is to do --------------------------------------------------------------------------
def to_do(user: User) -> list[tuple[str, str]]:
    return [(one.kind, one.title) for one in queries.score_todo(user, NOW.date())]


def test_who_must_score_what_by_when_comes_with_its_turn(scored: Scored) -> None:
    (own,) = queries.score_todo(scored.clerks[0], NOW.date())
    assert (own.kind, own.title) == (TodoKind.OWED, "Tự chấm điểm năm 2024")
    assert (own.due_text, own.url) == ("đến hết ngày 05/02/2025", sheet_url(scored))
    assert to_do(scored.heads[0]) == [(TodoKind.OWED, "Tự chấm điểm năm 2024")]
    assert to_do(scored.officer) == []
    scored.send(scored.layer(0, "self"))
    assert to_do(scored.clerks[0]) == []
    unit = scored.parts[0].unit.name
    assert (TodoKind.OWED, f"Chấm chéo năm 2024: {unit}") in to_do(scored.clerks[1])
    for at in (1, 2):
        scored.send(scored.layer(0, "peer", at))
    assert to_do(scored.deputy) == [(TodoKind.WAITING, f"Thẩm định điểm năm 2024: {unit}")]
    reopened = services.reopen_layer(
        scored.layer(0, "peer", 1), reason="xem lại M3", actor=scored.officer, now=NOW
    )
    assert reopened.reopen_reason == "xem lại M3"
    found = [one.why for one in queries.score_todo(scored.clerks[1], NOW.date())]
    assert "Mở lại: xem lại M3" in found
    Campaign.objects.update(state=Campaign.State.CLOSED)
    assert to_do(scored.clerks[1]) == []


def test_several_units_are_one_line(scored: Scored) -> None:
    for at in (1, 2):
        scored.accept(at)
    for at in range(3):
        scored.send(scored.layer(at, "self"))
    (two,) = queries.score_todo(scored.clerks[0], NOW.date())
    assert two.title == "Chấm chéo năm 2024: Trung tâm B và Trung tâm C"
    assert two.count == 2
    assert two.url.endswith("/cham-diem/?ky=2024")
    ScoreLayer.objects.filter(layer="peer").update(
        state="sent", sent_at=NOW, sent_by=scored.officer
    )
    ScoreLayer.objects.filter(layer="bloc").update(
        state="sent", sent_at=NOW, sent_by=scored.officer
    )
    scored.table.layers.update(days=None)
    (three,) = queries.score_todo(scored.officer, NOW.date())
    assert three.title == "Thẩm định điểm năm 2024: 3 đơn vị"
    assert three.due_text == "Bảng chấm điểm không ghi hạn"
    assert "Thẩm định điểm" in str([one.title for one in queries.todo(scored.officer, NOW)])


# --- the plan's page ------------------------------------------------------------------------------
def test_the_table_stands_on_the_plan_in_words(scored: Scored, client_of: Browser) -> None:
    html = page(client_of(scored.clerks[0]), url("campaign_scores", scored.world.campaign.ref))
    for words in (
        "Kết quả ÷ chỉ tiêu HS × điểm tối đa",
        "1 điểm mỗi lần, số lần lấy từ TR",
        "Bằng điểm thì xét lần lượt: điểm mục M1; xếp đồng hạng",
        "Xếp loại Tốt: tổng điểm từ 80 trở lên",
        "Điều kiện loại: Hồ sơ kém (HS), không xếp loại này trở lên (Tốt)",
        "tự chấm trong 5 ngày sau khi khóa kỳ",
        "Chấm chéo: 0 trên 2 đã gửi",
    ):
        assert words in html, words
    assert "Mở chấm điểm" not in html
    ScoreTable.objects.all().update(bonus_ceiling=3, penalty_ceiling=4, may_exceed=True)
    scored.table.layers.filter(layer="standing").update(days=None)
    again = page(client_of(scored.clerks[0]), url("campaign_scores", scored.world.campaign.ref))
    assert "Tổng điểm thưởng không quá 3." in again
    assert "Tổng điểm được vượt 100." in again


def test_who_runs_the_plan_opens_and_assigns(scored: Scored, client_of: Browser) -> None:
    ScoreSheet.objects.all().delete()
    client, ref = client_of(scored.officer), scored.world.campaign.ref
    home = url("campaign_scores", ref)
    assert "Chưa có phiếu chấm điểm nào" in page(client, home)
    answer = client.post(url("score_open", ref, "2024"), follow=True)
    assert "Đã mở 3 phiếu chấm điểm." in answer.content.decode()
    data = {"table": scored.table.pk, "each": "1"}
    answer = client.post(url("score_peers", ref, "2024"), data, follow=True)
    assert "Đã phân công 3 lượt chấm chéo." in answer.content.decode()
    ScoreTable.objects.update(state="draft")
    answer = client.post(url("score_open", ref, "2024"), follow=True)
    assert "không có bảng chấm điểm nào" in answer.content.decode()
    ScoreSheet.objects.filter(participation__in=scored.parts[1:]).delete()
    answer = client.post(url("score_peers", ref, "2024"), data, follow=True)
    assert "ít nhất hai đơn vị" in answer.content.decode()


def test_a_plan_that_does_not_score_says_so(scored: Scored, client_of: Browser) -> None:
    ScoreSheet.objects.all().delete()
    scored.table.ties.all().delete()
    ScoreTable.objects.all().delete()
    html = page(client_of(scored.clerks[0]), url("campaign_scores", scored.world.campaign.ref))
    assert "Kế hoạch này không chấm điểm" in html
    ranking = url("ranking_detail", scored.world.campaign.ref, "2024")
    assert "Kỳ này không xếp hạng" in page(client_of(scored.clerks[0]), ranking)


# --- one sheet ------------------------------------------------------------------------------------
def test_a_cell_saves_itself_and_says_what_is_left(scored: Scored, client_of: Browser) -> None:
    client, layer = client_of(scored.clerks[0]), scored.layer(0, "self")
    html = page(client, sheet_url(scored))
    assert 'placeholder="60"' in html
    assert "Còn 1 việc trước khi gửi:" in html
    address = url("score_save", layer.pk, scored.item("hand").pk)
    answer = client.post(address, cell(scored, "hand", points="41"), headers={"hx-request": "true"})
    assert "Mục này cho từ 0 đến 40 điểm." in answer.content.decode()
    assert ScoreEntry.objects.get().typed == {"points": "41"}
    data = cell(scored, "hand", version=1, points="31")
    answer = client.post(address, data, headers={"hx-request": "true"})
    html = answer.content.decode()
    assert "Đã đủ để gửi." in html
    assert "Tổng đến lúc này: <b>91</b>" in html
    stale = client.post(address, cell(scored, "hand", points="9"), headers={"hx-request": "true"})
    assert stale.status_code == 409
    assert "vừa ghi 31. Chưa lưu số vừa nhập" in stale.content.decode()
    assert client.post(address, data).status_code == 302
    history = page(client, url("score_history", scored.sheet(0).pk, scored.item("hand").pk))
    assert "tự chấm (Chi cục Phát triển nông thôn): 31 điểm" in history
    assert "“41” chưa hợp lệ" in history


def test_members_who_score_do_not_see_what_the_others_are_about_to_give(
    scored: Scored, client_of: Browser
) -> None:
    scored.send(scored.layer(0, "self"))
    peers = [scored.layer(0, "peer", at) for at in (1, 2)]
    scored.score(peers[0], "hand", points="17", reason="thiếu minh chứng")
    item = url("score_history", scored.sheet(0).pk, scored.item("hand").pk)
    told = "chấm chéo (Trung tâm B): 17 điểm"
    for address in (sheet_url(scored), item):
        assert told in page(client_of(scored.clerks[1]), address)  # his own
        assert told not in page(client_of(scored.clerks[0]), address)
        assert told not in page(client_of(scored.clerks[2]), address)
    for peer in peers:
        services.take_over(peer, actor=scored.by(peer), now=NOW)
        services.send_layer(peer, actor=scored.by(peer), now=NOW)
    assert told in page(client_of(scored.clerks[0]), item)


def test_the_whole_form_saves_and_sends_without_scripts(scored: Scored, client_of: Browser) -> None:
    layer, head = scored.layer(0, "self"), client_of(scored.heads[0])
    save, send = url("score_layer_save", layer.pk), url("score_layer_send", layer.pk)
    data = cell(scored, "hand", points="31") | cell(scored, "ratio") | cell(scored, "late")
    assert "Đã lưu cả phiếu" in head.post(save, data, follow=True).content.decode()
    stale = head.post(save, cell(scored, "hand", points="9"))
    assert stale.status_code == 409
    assert 'value="9"' in stale.content.decode()
    assert head.post(send, cell(scored, "hand", points="9")).status_code == 409
    refused = head.post(send, cell(scored, "hand", version=1, points=""))
    assert refused.status_code == 422
    assert "Còn 1 việc trước khi gửi: chấm M3" in refused.content.decode()
    sent = head.post(send, cell(scored, "hand", version=2, points="31,5"), follow=True)
    assert "Đã gửi điểm." in sent.content.decode()
    assert head.post(save, data).status_code == 422
    only_signs = client_of(scored.clerks[0])
    assert only_signs.post(send, data).status_code == 404
    html = page(only_signs, sheet_url(scored))
    assert "91,5" in html
    assert "Lưu cả phiếu" not in html
    late = only_signs.post(
        url("score_save", layer.pk, scored.item("hand").pk), cell(scored, "hand"), follow=True
    )
    assert "đã gửi nên không sửa được" in late.content.decode()


def test_later_layers_take_over_declare_and_are_opened_again(
    scored: Scored, client_of: Browser
) -> None:
    waits = page(client_of(scored.clerks[1]), sheet_url(scored))
    assert "Lớp “tự chấm” chưa gửi đủ" in waits
    scored.send(scored.layer(0, "self"), "31")
    layer, client = scored.layer(0, "peer", 1), client_of(scored.clerks[1])
    taken = client.post(url("score_take_over", layer.pk), follow=True).content.decode()
    assert "cho 1 mục chưa chấm" in taken
    gate = scored.table.gates.get(ref="ky-luat")
    address = url("gate_declare", layer.pk, gate.pk)
    told = client.post(address, {"reason": "QĐ 5"}, follow=True).content.decode()
    assert "Đã ghi điều kiện loại “Có người bị kỷ luật”." in told
    assert GateHit.objects.get().by == scored.clerks[1]
    client.post(address, {"reason": ""})
    assert not GateHit.objects.exists()
    by_result = scored.table.gates.get(ref="ho-so")
    wrong = client.post(url("gate_declare", layer.pk, by_result.pk), {"reason": "x"}, follow=True)
    assert "do kết quả quyết định" in wrong.content.decode()
    services.send_layer(layer, actor=scored.heads[1], now=NOW)
    wrong = client.post(url("score_take_over", layer.pk), follow=True).content.decode()
    assert "đã gửi nên không sửa được" in wrong
    officer, reopen = client_of(scored.officer), url("score_layer_reopen", layer.pk)
    assert "Mở lại chấm chéo (Trung tâm B)…" in page(officer, sheet_url(scored))
    assert "Ghi lý do mở lại" in officer.post(reopen, follow=True).content.decode()
    done = officer.post(reopen, {"reason": "xem lại M3"}, follow=True).content.decode()
    assert "kèm lý do" in done
    assert "“xem lại M3”" in page(client, sheet_url(scored))


def test_what_a_gate_is_declared_for_is_read_once_the_layer_is_in(
    scored: Scored, client_of: Browser
) -> None:
    scored.send(scored.layer(0, "self"))
    gate, mine = scored.table.gates.get(ref="ky-luat"), scored.layer(0, "peer", 1)
    for reason in ("QĐ kỷ luật số 5", ""):
        services.declare_gate(mine, gate, reason=reason, actor=scored.clerks[1], now=NOW)
    others = (scored.clerks[2], scored.clerks[0], scored.officer)

    def told(*users: User) -> list[int]:
        pages = [page(client_of(user), sheet_url(scored)) for user in users]
        return [html.count("điều kiện loại: Có người bị kỷ luật") for html in pages]

    assert told(scored.clerks[1]) == [2]
    assert told(*others) == [0, 0, 0]
    scored.send(mine)
    assert told(*others) == [0, 0, 0]  # the other member still scores
    scored.send(scored.layer(0, "peer", 2))
    assert told(*others) == [2, 2, 2]


def test_a_result_that_changed_since_is_said(scored: Scored, client_of: Browser) -> None:
    scored.send(scored.layer(0, "self"))
    scored.send(scored.layer(0, "peer", 1))
    html = page(client_of(scored.clerks[0]), sheet_url(scored))
    assert "Kết quả của đơn vị đã đổi" not in html
    results = scored.read(0).facts.sheet
    assert results is not None
    services.return_sheet(results, reason="sai", actor=scored.officer, now=NOW)
    html = page(client_of(scored.clerks[0]), sheet_url(scored))
    assert "Kết quả của đơn vị đã đổi" in html


def test_first_layers_count_and_say_yes_and_tell_what_does_not_apply(
    scored: Scored, client_of: Browser
) -> None:
    scored.table.items.filter(ref="hand").update(method="yes_no")
    scored.table.items.filter(ref="late").update(indicator=None)
    client, layer = client_of(scored.clerks[0]), scored.layer(0, "self")
    save = url("score_layer_save", layer.pk)
    client.post(save, cell(scored, "hand", yes="no") | cell(scored, "late", count="2"))
    html = page(client, sheet_url(scored))
    assert '<option value="no" selected>' in html
    assert "2 lần × 1 = 2 điểm" in html
    client.post(
        save,
        cell(scored, "hand", version=1, yes="yes")
        | cell(scored, "ratio", na="1", reason="không có hồ sơ"),
    )
    html = page(client, sheet_url(scored))
    assert '<option value="yes" selected>' in html
    assert "checked" in html
    assert "không áp dụng (không có hồ sơ)" in html
    signs = page(client_of(scored.leader), sheet_url(scored, 1))
    assert "chưa gửi đủ" in signs


@pytest.mark.parametrize("layers", [("self",), ("self", "standing")])
def test_a_sheet_tells_of_a_target_amended_since_a_layer_was_sent(
    client_of: Browser, layers: tuple[str, ...]
) -> None:
    scored = make_scored(layers)
    scored.accept(0, done=80)
    scored.open()
    client = client_of(scored.officer)
    told = "Mục tiêu đã điều chỉnh từ ngày 01/06/2024 theo “QĐ 9”, sau khi có lớp gửi điểm."
    scored.send(scored.layer(0, "self"))
    if len(layers) > 1:
        amend(scored.ratio, 60, date(2024, 5, 1))  # the unit's own points are held against it
        assert "Mục tiêu đã" not in page(client, sheet_url(scored))
        scored.score(scored.layer(0, "standing"), "ratio", points="60", reason="mức mới")
        scored.send(scored.layer(0, "standing"))
    amend(scored.ratio, 40, date(2025, 1, 1))
    assert "Mục tiêu đã" not in page(client, sheet_url(scored))
    amend(scored.ratio, 50, date(2024, 6, 1))
    assert told in page(client, sheet_url(scored))
    ScoreLayer.objects.update(targets_read="")  # sent before stamps were kept
    assert "Mục tiêu đã" not in page(client, sheet_url(scored))


def test_only_a_plan_that_scores_has_the_tab(scored: Scored, client_of: Browser) -> None:
    ref, client = scored.world.campaign.ref, client_of(scored.officer)
    tab = f'<a href="{url("campaign_scores", ref)}">Chấm điểm</a>'
    pages = (
        url("campaign_detail", ref),
        reverse("awards:campaign_awards", args=[ref]),
        reverse("dossiers:campaign_dossiers", args=[ref]),
        reverse("reports:campaign_reports", args=[ref]),
        reverse("plans:plan_conformity", args=[ref]),
    )
    assert [tab in page(client, address) for address in pages] == [True] * 5
    Campaign.objects.update(criteria_set=CriteriaSetFactory())
    assert [tab in page(client, address) for address in pages] == [False] * 5


# --- the ranking ----------------------------------------------------------------------------------
def test_members_read_what_is_published_and_who_runs_it_how_it_stands(client_of: Browser) -> None:
    scored = make_scored(("self", "standing"))
    for at in range(3):
        scored.accept(at, done=80)
    scored.open()
    ref = scored.world.campaign.ref
    address, publish = url("ranking_detail", ref, "2024"), url("ranking_publish", ref, "2024")
    member, officer = client_of(scored.clerks[0]), client_of(scored.officer)
    assert "Chưa công bố xếp hạng" in page(member, address)
    for at in (0, 1):
        scored.send_all(at, str(30 + at))
    html = page(officer, address)
    assert "Còn 1 đơn vị thiếu điểm nên chưa công bố được</h3>" in html
    assert "Trung tâm C: tự chấm (Trung tâm C)" in html
    data = {"table": scored.table.pk}
    refused = officer.post(publish, data)
    assert (refused.status_code, "còn thiếu điểm" in refused.content.decode()) == (422, True)
    last = scored.layer(2, "standing")
    scored.send(scored.layer(2, "self"), "29")
    gate = scored.table.gates.get(ref="ky-luat")
    services.declare_gate(last, gate, reason="QĐ 5", actor=scored.officer, now=NOW)
    scored.send(last, "29")
    assert "không xếp hạng: Có người bị kỷ luật (QĐ 5)" in page(officer, address)
    html = page(officer, address)
    (seen,) = re.findall(r'name="seen" value="(\w+)"', html)
    ScoreSheet.objects.filter(pk=last.score_sheet_id).update(revision=99)  # somebody scored again
    moved = officer.post(publish, data | {"seen": seen, "reason": "Xong"})
    assert (moved.status_code, Ranking.objects.count()) == (422, 0)
    html = moved.content.decode()
    assert "xem lại rồi công bố" in html
    assert "Nội dung vừa gõ: “Xong”" in html
    (seen,) = re.findall(r'name="seen" value="(\w+)"', html)
    done = officer.post(publish, data | {"seen": seen}, follow=True).content.decode()
    assert "Đã công bố xếp hạng" in done
    html = page(member, address)
    assert "Công bố lần 1" in html
    assert "không xếp hạng: Có người bị kỷ luật: QĐ 5" in html
    services.reopen_layer(last, reason="x", actor=scored.officer, now=NOW)
    assert "Có điểm hoặc kết quả đã đổi sau khi công bố" in page(member, address)
    assert "chưa công bố" in page(officer, address)
    assert Ranking.objects.count() == 1
    amend(scored.ratio, 50, date(2024, 6, 1))
    assert "theo “QĐ 9”, sau lần công bố này." in page(member, address)


def test_the_order_of_a_meeting_is_written_down(client_of: Browser) -> None:
    scored = make_scored(("self", "standing"))
    for at in range(3):
        scored.accept(at, done=80)
    scored.open()
    ScoreTable.objects.update(tie_end="decided")
    for at in range(3):
        scored.send_all(at, "30")
    ref, client = scored.world.campaign.ref, client_of(scored.officer)
    assert "Thứ tự theo kết luận của hội nghị" in page(client, url("ranking_detail", ref, "2024"))
    settle = url("ranking_settle", ref, "2024")
    places = {f"place-{scored.sheet(at).pk}": str(3 - at) for at in range(3)}
    data = {"table": scored.table.pk, "reason": "Biên bản 12", "place-x": "1", **places}
    assert "Đã ghi thứ tự" in client.post(settle, data, follow=True).content.decode()
    again = client.post(settle, data, follow=True).content.decode()
    assert "Thứ tự này đã ghi" in again
    assert [line.sheet.tie_place for line in scored.ranking().ranked] == [1, 2, 3]
    assert "Sửa thứ tự hội nghị đã quyết định" in again


# --- as many queries for one as for three ---------------------------------------------------------
@pytest.mark.parametrize("name", ["campaign_scores", "ranking_detail", "score_sheet_detail"])
def test_pages_cost_the_same_for_one_sheet_and_three(name: str, client_of: Browser) -> None:
    scored = make_scored(("self", "standing"))
    for at in range(3):
        scored.accept(at)
    scored.open()
    args = {
        "campaign_scores": (scored.world.campaign.ref,),
        "ranking_detail": (scored.world.campaign.ref, "2024"),
        "score_sheet_detail": (scored.sheet(0).pk,),
    }[name]

    def count() -> int:
        client = client_of(scored.officer)
        with CaptureQueriesContext(
            connection,
        ) as seen:
            page(client, url(name, *args))
        return len(seen)

    scored.send_all(0)
    three = count()
    ScoreSheet.objects.exclude(participation=scored.parts[0]).delete()
    assert count() == three
