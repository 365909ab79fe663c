"""One table: every named URL × every role → status. A URL that is missing fails the last test.

Everybody but those a row names gets 404; who is not signed in is sent to the sign-in page. The
stranger holds every role in another office: each row is also asked with his ids by our roles, and
by him with ours.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.conftest import StrictClient
from tests.world import ANONYMOUS, BLOC_YEAR, EVERYTHING, STRANGER, VIEWERS, Side, World, world

__all__ = ["world"]

# Two thousand requests, made to see their status: which lines they reach is for the tests of those
# lines to prove, and to watch it would cost half their time again.
pytestmark = pytest.mark.no_cover

LOGIN = "/dang-nhap/"
Args = Callable[[Side], list[Any]]
SIGNED_IN = frozenset(VIEWERS) - {ANONYMOUS}
EVERYBODY = frozenset(VIEWERS)
SEES = frozenset(
    {
        "clerk",
        "head_of_unit",
        "standing_agency",
        "lead_department",
        "bloc_leader",
        "home_affairs",
        "decider",
    }
)
ENTERS = frozenset({"clerk", "head_of_unit"})
CLERK = frozenset({"clerk"})
ADMIN = frozenset({"account_admin"})
PLANS = frozenset({"standing_agency"})
VERIFIES = frozenset({"standing_agency", "bloc_leader"})
LEADS = frozenset({"lead_department"})
HEAD = frozenset({"head_of_unit"})  # signs, and proposes
CONSOLIDATES = frozenset({"standing_agency", "bloc_leader", "home_affairs"})
SITS = frozenset({"council_chair", "council_member", "council_secretary"})
RECORDS = frozenset({"council_secretary"})
DECIDES = frozenset({"decider"})


def none(side: Side) -> list[Any]:
    return []


def campaign(side: Side) -> list[Any]:
    return [side.campaign.ref]


def account(side: Side) -> list[Any]:
    return [side.clerk.pk]


def sheet(side: Side) -> list[Any]:
    return [side.sheet.pk]


def cell(side: Side) -> list[Any]:
    return [side.sheet.pk, side.indicator.pk]


def imported(side: Side) -> list[Any]:
    return [side.imported.pk]


def bloc_year(side: Side) -> list[Any]:
    return [side.bloc.ref, BLOC_YEAR]


def pledge(side: Side) -> list[Any]:
    return [side.pledge.pk]


def period(side: Side) -> list[Any]:
    return [side.campaign.ref, side.period.ref]


def layer(side: Side) -> list[Any]:
    return [side.score_layer.pk]


def item(side: Side) -> int:
    return side.score_gate.table.items.get().pk


def score_table(side: Side) -> dict[str, Any]:
    return {"table": side.score_gate.table_id}


def award_round(side: Side) -> list[Any]:
    return [side.round.ref]


def nomination(side: Side) -> list[Any]:
    return [side.nomination.pk]


def council(side: Side) -> list[Any]:
    return [side.council.ref]


def session(side: Side) -> list[Any]:
    return [side.session.pk]


def dossier(side: Side) -> list[Any]:
    return [side.dossier.pk]


def build(side: Side) -> list[Any]:
    return [side.build.pk]


def report(side: Side) -> list[Any]:
    return [side.report.pk]


@dataclass(frozen=True)
class Row:
    """One URL: how it is asked, who gets `status` from it, what is sent along."""

    name: str
    args: Args = none
    to: frozenset[str] = frozenset()
    status: int = 200
    method: str = "get"
    data: Callable[[Side], dict[str, Any]] = field(default=lambda side: {})
    others: int = 404

    def __str__(self) -> str:
        return f"{self.method} {self.name}"


def open_page(name: str, **more: Any) -> Row:
    return Row(name, to=EVERYBODY, **more)


def own_page(name: str, to: frozenset[str] = SIGNED_IN, **more: Any) -> Row:
    """A page without ids: each sees his own things on it, the stranger too."""
    return Row(name, to=to | {STRANGER}, **more)


def post(name: str, args: Args, to: frozenset[str], **more: Any) -> Row:
    return Row(name, args, to, method="post", **({"status": 302} | more))


ROWS = [
    # config
    own_page("home"),
    own_page("search"),
    open_page("healthz", status=503),  # no worker runs beside this test
    Row("ui"),
    # units: in and out
    Row("units:login", to=frozenset({ANONYMOUS}), others=302),
    Row("units:logout", to=EVERYBODY, status=405),
    post("units:logout", none, EVERYBODY),
    own_page("units:password_change"),
    own_page("units:reminders"),
    open_page("units:password_reset"),
    open_page("units:password_reset_done"),
    open_page("units:password_reset_complete"),
    open_page("units:password_reset_confirm", args=lambda side: ["MQ", "bad-token"]),
    # units: accounts
    own_page("units:account_list", ADMIN),
    own_page("units:account_new", ADMIN),
    Row("units:account_detail", account, ADMIN),
    post("units:role_give", account, ADMIN, data=lambda s: {"unit": s.unit.ref, "role": "clerk"}),
    post("units:role_take", lambda s: [s.clerk.roles.get().pk], ADMIN),
    post("units:account_close", account, ADMIN),
    post("units:account_open", account, ADMIN),
    post("units:account_unlock", account, ADMIN),
    post("units:account_mail", account, ADMIN),
    post("units:account_password", account, ADMIN, status=200),
    Row("units:unit_detail", lambda s: [s.unit.ref], SEES),
    # units: blocs
    own_page("units:bloc_list"),
    Row("units:bloc_detail", lambda s: [s.bloc.ref], SEES),
    Row("units:bloc_year", bloc_year, PLANS),
    # campaigns: plans
    own_page("campaigns:campaign_list"),
    own_page("campaigns:legal_act_list"),
    Row("campaigns:campaign_detail", campaign, SEES),
    Row("campaigns:campaign_indicators", campaign, SEES),
    Row("campaigns:campaign_units", campaign, SEES),
    Row("campaigns:board_table", campaign, SEES),
    Row("campaigns:board_unit", lambda s: [s.campaign.ref, s.unit.ref], SEES),
    Row("campaigns:board_deadline", campaign, SEES),
    Row("campaigns:board_indicator", lambda s: [s.campaign.ref, s.indicator.ref], SEES),
    Row("campaigns:lead_cells", campaign, LEADS),
    post("campaigns:lead_cells", campaign, LEADS, status=422),  # nothing was ticked
    post("campaigns:leads_first_set", campaign, PLANS),
    post("campaigns:participation_enrol", campaign, PLANS, data=lambda s: {"unit": s.below.ref}),
    post("campaigns:participation_leave", lambda s: [s.campaign.ref, s.participation.pk], PLANS),
    # config: plans written in the browser
    Row("plans:plan_start", to=PLANS | {STRANGER}),
    Row("plans:plan_upload", to=PLANS | {STRANGER}),
    Row("plans:plan_file", campaign, SEES),
    Row("plans:plan_edit", campaign, PLANS, status=302),
    Row("plans:part_edit", lambda s: [s.campaign.ref, "chung"], PLANS, status=302),  # issued
    Row("plans:indicators_edit", lambda s: [s.campaign.ref, "nhom"], PLANS, status=302),
    Row("plans:tables_edit", lambda s: [s.campaign.ref, "bang"], PLANS, status=302),
    Row("plans:plan_conformity", campaign, SEES),
    Row("plans:plan_issue", campaign, PLANS, status=302),
    Row("plans:plan_amend", campaign, PLANS),
    Row("plans:next_table_edit", lambda s: [s.campaign.ref, "nhom"], PLANS, status=302),  # none
    post("plans:next_table_start", lambda s: [s.campaign.ref, "nhom"], PLANS),
    post("plans:next_table_drop", lambda s: [s.campaign.ref, "nhom"], PLANS),
    Row("plans:plan_copy", campaign, PLANS),
    Row("plans:plan_carry_out", campaign, PLANS),
    Row(
        "campaigns:participation_extend",
        lambda s: [s.campaign.ref, s.participation.pk, s.period.ref],
        VERIFIES,
    ),
    # campaigns: the year of a bloc
    Row("campaigns:bloc_cycle", bloc_year, SEES),
    Row("campaigns:hand_over", bloc_year, SEES),
    post("campaigns:hand_over", bloc_year, VERIFIES, status=422),  # without a day
    post("campaigns:hand_over_confirm", lambda s: [s.handover.pk], HEAD),
    post("campaigns:hand_over_return", lambda s: [s.handover.pk], HEAD, status=422),
    Row("campaigns:pledge_round", bloc_year, SEES),
    post("campaigns:pledge_round_open", bloc_year, VERIFIES, status=422),  # without a day
    post("campaigns:pledge_round_close", bloc_year, VERIFIES),
    post("campaigns:pledge_round_reopen", bloc_year, VERIFIES, status=422),
    post("campaigns:pledge_start", bloc_year, ENTERS, data=lambda s: {"unit": s.unit.pk}),
    Row("campaigns:pledge_detail", pledge, SEES),
    post("campaigns:pledge_detail", pledge, ENTERS, status=422),  # of no known revision
    post("campaigns:pledge_sign", pledge, HEAD),
    post("campaigns:pledge_discard", pledge, ENTERS),
    post("campaigns:pledge_amend", pledge, ENTERS, status=422),
    # campaigns: results
    own_page("campaigns:result_sheet_list"),
    own_page("campaigns:answer_list"),
    post(
        "campaigns:result_sheet_open",
        campaign,
        ENTERS,
        data=lambda s: {"unit": s.unit.pk, "period": s.period.pk},
    ),
    Row("campaigns:result_sheet_detail", sheet, SEES),
    post("campaigns:result_sheet_save", sheet, ENTERS),
    Row("campaigns:result_sheet_changes", sheet, ENTERS, status=302),
    post("campaigns:result_save", cell, ENTERS),
    Row("campaigns:result_history", cell, SEES),
    post("campaigns:result_sheet_submit", sheet, HEAD),
    # a draft is nobody's to accept or to assess: refused in words, on the same page
    post("campaigns:result_sheet_verify", sheet, VERIFIES, status=422),
    post("campaigns:result_sheet_assess", sheet, VERIFIES, status=422),
    # a draft is nobody's to return: refused in words, on the same page
    post(
        "campaigns:result_sheet_return",
        sheet,
        VERIFIES,
        data=lambda s: {"reason": "thiếu"},
        status=422,
    ),
    # nothing was ticked: refused in words
    post("campaigns:result_sheets_verify", none, SIGNED_IN),
    post("campaigns:result_sheet_reopen", sheet, VERIFIES, status=422),  # it is not locked
    Row("campaigns:result_sheet_excel", sheet, SEES),
    # no file was sent along: refused in words, on the same page
    post("campaigns:result_sheet_excel", sheet, ENTERS, status=422),
    Row("campaigns:result_sheet_workbook", sheet, SEES),
    Row("campaigns:campaign_excel", campaign, SEES),
    post("campaigns:campaign_excel", campaign, ENTERS, status=422),
    Row("campaigns:campaign_workbook", campaign, SEES),
    Row("campaigns:import_detail", imported, ENTERS),
    # what it would change was not looked at
    post("campaigns:import_accept", imported, ENTERS, status=409),
    post("campaigns:import_discard", imported, ENTERS),
    Row("campaigns:import_file", imported, ENTERS),
    # of many units: his alone who sent it
    Row("campaigns:import_check", lambda s: [s.import_check.pk], CLERK),
    Row("campaigns:import_check_file", lambda s: [s.import_check.pk], CLERK),
    post("campaigns:import_recheck", lambda s: [s.gathered.pk], CLERK),
    Row("campaigns:import_progress", imported, ENTERS, status=302),
    Row("campaigns:import_workbook", imported, ENTERS),
    post("campaigns:evidence_add", cell, ENTERS),
    Row("campaigns:evidence_file", lambda s: [s.evidence.pk], SEES),
    post("campaigns:evidence_remove", lambda s: [s.evidence.pk], ENTERS),
    Row("campaigns:offer_list", lambda s: [s.sheet.pk], ENTERS),
    post("campaigns:offer_take", cell, ENTERS),
    # campaigns: scores
    Row("campaigns:campaign_scores", campaign, SEES),
    post("campaigns:score_open", period, VERIFIES),
    post("campaigns:score_peers", period, VERIFIES, data=score_table),
    Row("campaigns:score_sheet_detail", lambda s: [s.score_layer.score_sheet_id], SEES),
    Row("campaigns:score_history", lambda s: [s.score_layer.score_sheet_id, item(s)], SEES),
    post("campaigns:score_layer_save", layer, ENTERS),
    post("campaigns:score_save", lambda s: [s.score_layer.pk, item(s)], ENTERS),
    post("campaigns:score_evidence_add", lambda s: [s.score_layer.pk, item(s)], ENTERS),
    Row("campaigns:score_evidence_file", lambda s: [s.score_evidence.pk], ENTERS),
    post("campaigns:score_evidence_remove", lambda s: [s.score_evidence.pk], ENTERS),
    # nothing was scored: refused in words, on the same page
    post("campaigns:score_layer_send", layer, HEAD, status=422),
    post("campaigns:score_take_over", layer, ENTERS, status=422),  # the first layer
    post("campaigns:score_layer_reopen", layer, VERIFIES, status=422),
    post("campaigns:gate_declare", lambda s: [s.score_layer.pk, s.score_gate.pk], ENTERS),
    Row("campaigns:ranking_detail", period, SEES),
    post("campaigns:ranking_publish", period, VERIFIES, data=score_table, status=422),
    post("campaigns:ranking_reopen", period, VERIFIES, data=score_table, status=422),
    post("campaigns:ranking_settle", period, VERIFIES, data=score_table, status=422),
    # awards
    own_page("awards:award_home"),
    own_page("awards:award_register"),
    own_page("awards:council_list"),
    Row("awards:council_detail", council, SEES | SITS | ADMIN),
    post("awards:seat_add", council, ADMIN, status=422),
    post("awards:seat_end", lambda s: [s.council.seats.last().pk], ADMIN),
    Row("awards:campaign_awards", campaign, SEES),
    Row("awards:quota_allot", lambda s: [s.quota.pk], PLANS),
    Row("awards:round_new", campaign, PLANS),
    Row("awards:round_detail", award_round, SEES | SITS),
    post("awards:round_close", award_round, PLANS),
    post("awards:round_reopen", award_round, PLANS),
    Row("awards:nomination_new", award_round, HEAD),
    Row("awards:nomination_detail", nomination, SEES | SITS),
    Row("awards:nomination_edit", lambda s: [s.draft.pk], HEAD),
    post("awards:nomination_propose", lambda s: [s.draft.pk], HEAD),
    post("awards:nomination_return", nomination, VERIFIES | RECORDS, status=422),
    post("awards:nomination_withdraw", nomination, HEAD),
    post("awards:nomination_evidence_add", nomination, HEAD),
    Row("awards:nomination_evidence_file", lambda s: [s.proof.pk], SEES | SITS),
    post("awards:nomination_evidence_remove", lambda s: [s.proof.pk], HEAD),
    Row("awards:session_new", award_round, RECORDS),
    Row("awards:session_detail", session, SITS | VERIFIES | DECIDES | {"home_affairs"}),
    post("awards:session_attendance", session, RECORDS),
    # nobody was there and nothing was counted: refused in words, on the same page
    post("awards:tally_record", lambda s: [s.session.pk, s.nomination.pk], RECORDS, status=422),
    post("awards:session_close", session, RECORDS, status=422),
    Row("awards:decision_new", award_round, DECIDES),
    Row("awards:decision_detail", lambda s: [s.decision.pk], SEES),
    # dossiers
    Row("dossiers:plan_paper", campaign, SEES),
    Row("dossiers:pledges_paper", bloc_year, SEES),
    Row("dossiers:pledge_papers", bloc_year, SEES),
    Row("dossiers:pledge_paper_file", lambda s: [*bloc_year(s), 1], SEES),
    Row("dossiers:campaign_dossiers", campaign, SEES),
    post(
        "dossiers:dossier_open",
        award_round,
        HEAD,
        data=lambda s: {"unit": s.unit.ref, "form": s.award_form.ref},
    ),
    Row("dossiers:dossier_detail", dossier, SEES | SITS),
    Row("dossiers:dossier_edit", dossier, HEAD),
    post("dossiers:part_add", lambda s: [s.dossier.pk, s.requirement.pk], HEAD),
    Row("dossiers:part_file", lambda s: [s.part.pk], SEES | SITS),
    post("dossiers:part_remove", lambda s: [s.part.pk], HEAD),
    post("dossiers:dossier_send", dossier, HEAD),
    post("dossiers:build_request", dossier, SEES),
    post("dossiers:build_retry", build, SEES),
    Row("dossiers:build_progress", build, SEES | SITS, status=302),
    Row("dossiers:build_file", build, SEES | SITS),
    # reports
    own_page("reports:report_list"),
    Row("reports:campaign_reports", campaign, SEES),
    post(
        "reports:report_request",
        campaign,
        CONSOLIDATES,
        data=lambda s: {"period": s.period.ref, "scope": s.unit.ref},
    ),
    Row("reports:report_detail", report, CONSOLIDATES),
    Row("reports:report_progress", report, CONSOLIDATES, status=302),
    Row("reports:report_changes", report, CONSOLIDATES),
    Row("reports:report_sent", report, CONSOLIDATES),
    Row("reports:chapter_edit", lambda s: [s.report.pk, "chi-dao"], CONSOLIDATES),
    Row("reports:chapter_history", lambda s: [s.report.pk, "chi-dao"], CONSOLIDATES),
    post("reports:chapter_take", lambda s: [s.report.pk, "chi-dao"], CONSOLIDATES),
    post("reports:chapter_restore", lambda s: [s.report.pk, "chi-dao"], CONSOLIDATES),
    Row("reports:report_file", lambda s: [s.report.pk, "pdf"], CONSOLIDATES),
    post("reports:report_retry", report, CONSOLIDATES),
]


def answer_to(world: World, row: Row, viewer: str, side: Side, **more: Any) -> Any:
    """One request in a transaction of its own, which is rolled back."""
    client = StrictClient()
    if key := world.sessions.get(viewer):
        client.cookies[settings.SESSION_COOKIE_NAME] = key
    address = reverse(row.name, args=row.args(side))
    with transaction.atomic():
        answer = getattr(client, row.method)(address, row.data(side), **more)
        transaction.set_rollback(True)
    return answer


def ask(world: World, row: Row, viewer: str, side: Side) -> int:
    """The status; 401 stands for being sent to the sign-in page."""
    answer = answer_to(world, row, viewer, side)
    to_sign_in = answer.status_code == 302 and answer.url.startswith(f"{LOGIN}?next=")
    return 401 if to_sign_in else answer.status_code


@pytest.fixture
def portal(world: World, settings: Any) -> World:
    settings.FILES_DIR = world.files
    return world


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_who_gets_in(portal: World, row: Row) -> None:
    expected = dict.fromkeys(VIEWERS, row.others) | {ANONYMOUS: 401}
    expected |= dict.fromkeys(row.to, row.status)
    found = {viewer: ask(portal, row, viewer, portal.ours) for viewer in VIEWERS}
    assert found == expected


@pytest.mark.parametrize(
    "row", [row for row in ROWS if row.args is not none and row.to != EVERYBODY], ids=str
)
def test_another_offices_ids_are_not_found(portal: World, row: Row) -> None:
    """Their things, asked for with all our roles; ours, with all theirs."""
    assert ask(portal, row, EVERYTHING, portal.theirs) == 404
    assert ask(portal, row, STRANGER, portal.ours) == 404


def named(resolver: URLResolver, namespace: str = "") -> Iterator[str]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            inside = f"{entry.namespace}:" if entry.namespace else ""
            yield from named(entry, namespace + inside)
        elif isinstance(entry, URLPattern):
            yield f"{namespace}{entry.name}"


def test_every_named_url_stands_in_the_table() -> None:
    names = set(named(get_resolver()))
    assert names - {row.name for row in ROWS} == set(), "thiếu trong bảng ROWS"
    assert {row.name for row in ROWS} - names == set(), "không còn URL này"
