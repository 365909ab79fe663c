"""Every form that takes words: what is too long comes back whole, what nobody sees is left out.

The rows say where words are typed; a refusal may have another reason than their length, and then
they come back just the same.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from campaigns.models import Campaign, Result, ResultSheet
from config.planfile import parse_plan
from config.plans import drafts
from criteria.models import Indicator
from dossiers import pdf
from tests.config.test_access import (
    ROWS,
    Args,
    Row,
    answer_to,
    award_round,
    bloc_year,
    campaign,
    cell,
    council,
    item,
    layer,
    none,
    period,
    pledge,
    report,
    score_table,
    session,
    sheet,
)
from tests.world import EVERYTHING, Side, World, world
from units.models import AuditEntry, Level, NormalLine
from units.rules import UNSEEN, DomainError, nfc, one_line, within

__all__ = ["world"]

LONG = "Đã gõ " + "dài " * 16_000
Data = Callable[[Side], dict[str, Any]]


@dataclass(frozen=True)
class Typed:
    """Words for the field `name` of an address; `told`: their length is what is refused."""

    url: str
    args: Args
    name: str | Callable[[Side], str] = "reason"
    rest: Data = field(default=lambda side: {})
    told: bool = True

    def __str__(self) -> str:
        return self.url

    def asked(self, words: str) -> Row:
        def data(side: Side) -> dict[str, Any]:
            name = self.name if isinstance(self.name, str) else self.name(side)
            return self.rest(side) | {name: words}

        return Row(self.url, self.args, method="post", data=data)


def day(days: int = 0) -> str:
    return f"{timezone.localdate() + timedelta(days=days):%Y-%m-%d}"


def result(side: Side) -> dict[str, Any]:
    return {f"r{side.indicator.pk}-version": 1, f"r{side.indicator.pk}-choice": "nothing"}


def why(side: Side) -> str:
    return f"r{side.indicator.pk}-reason"


def score(side: Side) -> dict[str, Any]:
    return {f"s{item(side)}-version": 0, f"s{item(side)}-points": "5"}


def because(side: Side) -> str:
    return f"s{item(side)}-reason"


def handed(side: Side) -> dict[str, Any]:
    return {"held_on": day(), "document": "5"}


def drawn(side: Side) -> dict[str, Any]:
    return {"version": 0}


def sent(side: Side) -> dict[str, Any]:
    return {"letter_number": "5/BC", "letter_on": day()}


def judged(side: Side) -> dict[str, Any]:
    """The sheet was sent, with an answer in words."""
    sent = {"state": "submitted", "submitted_at": timezone.now(), "submitted_by": side.clerk}
    ResultSheet.objects.filter(pk=side.sheet.pk).update(**sent)
    Indicator.objects.filter(pk=side.indicator.pk).update(kind="qualitative")
    Result.objects.update(state="reported", text="Đã làm", numerator=None, denominator=None)
    return {f"found-{side.indicator.pk}": "not_met"}


def found_because(side: Side) -> str:
    return f"why-{side.indicator.pk}"


def begun(side: Side) -> dict[str, Any]:
    unit = side.unit
    days = {"first": "2026-01-01", "last": "2026-12-31"}
    whose = {"body": f"issuer:{unit.ref}", "standing_agency": unit.name, "short_title": "Mới"}
    return days | whose | {"level": Level.objects.values_list("code", flat=True)[0]}


def part_of_draft(side: Side) -> dict[str, Any]:
    """The plan is a draft again."""
    Campaign.objects.filter(pk=side.campaign.pk).update(state="draft")
    draft = Campaign.objects.get(pk=side.campaign.pk)
    return {"stamp": drafts.part_form(draft, "chung", "", user=side.clerk).stamp}


def signed(side: Side) -> dict[str, Any]:
    return part_of_draft(side) | {"number": "5", "symbol": "KH", "issued_on": day()}


def part(slug: str) -> Args:
    return lambda side: [side.campaign.ref, slug]


TYPED = [
    Typed("plans:plan_start", none, "title", begun, told=False),
    Typed("plans:plan_copy", campaign, "title", begun, told=False),
    Typed("plans:plan_carry_out", campaign, "title", begun, told=False),
    Typed("plans:plan_upload", none, "text", told=False),
    Typed("plans:part_edit", part("chung"), "title", part_of_draft, told=False),
    Typed("plans:plan_issue", campaign, "signer_name", signed, told=False),
    Typed("plans:plan_amend", campaign, "amendment-reason", told=False),
    # issued meanwhile, or the group is gone: no form takes the words any more
    Typed("plans:part_edit", part("noi-dung"), "sections-0-text", told=False),
    Typed("plans:indicators_edit", part("nhom"), "indicators-0-name", told=False),
    Typed("plans:tables_edit", part("bang"), "items-0-name", told=False),
    Typed("plans:next_table_edit", part("nhom"), "items-0-name", told=False),
    Typed("campaigns:result_sheet_assess", sheet, found_because, judged, told=False),
    Typed("units:account_new", none, "full_name"),
    Typed("units:account_detail", lambda s: [s.clerk.pk], "full_name"),
    Typed("units:bloc_year", bloc_year, "decision"),
    Typed("campaigns:lead_cells", campaign, told=False),
    Typed(
        "campaigns:participation_extend",
        lambda s: [s.campaign.ref, s.participation.pk, s.period.ref],
        rest=lambda s: {"until": day(60)},
    ),
    Typed("campaigns:hand_over", bloc_year, "note", handed, told=False),
    Typed("campaigns:hand_over_return", lambda s: [s.handover.pk]),
    Typed("campaigns:pledge_round_reopen", bloc_year, rest=lambda s: {"due_on": day(1)}),
    Typed("campaigns:pledge_detail", pledge, "titles", lambda s: {"revision": 1}),
    Typed("campaigns:pledge_amend", pledge, told=False),
    Typed("campaigns:result_sheet_save", sheet, why, result),
    Typed("campaigns:result_save", cell, why, result),
    Typed("campaigns:result_sheet_submit", sheet, why, result),
    Typed("campaigns:result_sheet_return", sheet, told=False),
    Typed("campaigns:result_sheet_reopen", sheet, told=False),
    Typed("campaigns:score_layer_save", layer, because, score),
    Typed("campaigns:score_save", lambda s: [s.score_layer.pk, item(s)], because, score),
    Typed("campaigns:score_layer_send", layer, because, score),
    Typed("campaigns:score_take_over", layer, because, score),
    Typed("campaigns:score_layer_reopen", layer, told=False),
    Typed("campaigns:gate_declare", lambda s: [s.score_layer.pk, s.score_gate.pk]),
    Typed("campaigns:ranking_reopen", period, rest=score_table, told=False),
    Typed("campaigns:ranking_publish", period, rest=score_table, told=False),
    Typed("campaigns:ranking_settle", period, rest=score_table, told=False),
    Typed("awards:seat_add", council, "full_name"),
    Typed("awards:quota_allot", lambda s: [s.quota.pk], "document"),
    Typed("awards:round_new", campaign, "name"),
    Typed("awards:nomination_edit", lambda s: [s.draft.pk], "achievement", drawn),
    Typed("awards:nomination_return", lambda s: [s.nomination.pk]),
    Typed("awards:session_new", award_round, "place"),
    Typed("awards:session_close", session, "conclusion"),
    Typed("dossiers:dossier_edit", lambda s: [s.dossier.pk], "signer_name"),
    Typed("reports:report_sent", report, "sent_to", sent, told=False),
    Typed("reports:chapter_edit", lambda s: [s.report.pk, "chi-dao"], "text", drawn),
]
NO_WORDS = {
    "plans:next_table_start",
    "plans:next_table_drop",
    "units:logout",
    "units:role_give",
    "units:role_take",
    "units:account_close",
    "units:account_open",
    "units:account_unlock",
    "units:account_mail",
    "units:account_password",
    "campaigns:leads_first_set",
    "campaigns:participation_enrol",
    "campaigns:participation_leave",
    "campaigns:hand_over_confirm",
    "campaigns:pledge_round_open",
    "campaigns:pledge_round_close",
    "campaigns:pledge_start",
    "campaigns:pledge_sign",
    "campaigns:pledge_discard",
    "campaigns:result_sheet_open",
    "campaigns:result_sheet_verify",
    "campaigns:result_sheets_verify",
    "campaigns:result_sheet_excel",
    "campaigns:campaign_excel",
    "campaigns:import_accept",
    "campaigns:import_discard",
    "campaigns:evidence_add",
    "campaigns:evidence_remove",
    "campaigns:offer_take",
    "campaigns:import_recheck",
    "campaigns:score_evidence_add",
    "campaigns:score_evidence_remove",
    "campaigns:score_open",
    "campaigns:score_peers",
    "awards:seat_end",
    "awards:round_close",
    "awards:round_reopen",
    "awards:nomination_propose",
    "awards:nomination_withdraw",
    "awards:nomination_evidence_add",
    "awards:nomination_evidence_remove",
    "awards:session_attendance",
    "awards:tally_record",
    "dossiers:dossier_open",
    "dossiers:part_add",
    "dossiers:part_remove",
    "dossiers:dossier_send",
    "dossiers:build_request",
    "dossiers:build_retry",
    "reports:report_request",
    "reports:chapter_take",
    "reports:chapter_restore",
    "reports:report_retry",
}


@pytest.fixture
def portal(world: World, settings: Any) -> World:
    settings.FILES_DIR = world.files
    return world


@pytest.mark.parametrize("typed", TYPED, ids=str)
def test_words_that_are_too_long_come_back_with_their_length(portal: World, typed: Typed) -> None:
    answer = answer_to(portal, typed.asked(LONG), EVERYTHING, portal.ours)
    page = answer.content.decode()
    assert answer.status_code in {200, 409, 422}, "mất chữ đã gõ"
    assert LONG.strip() in page
    if typed.told:
        assert "ký tự, nhiều nhất" in page


@pytest.mark.parametrize("typed", TYPED, ids=str)
def test_what_nobody_sees_is_left_out_and_nothing_breaks(portal: World, typed: Typed) -> None:
    answer = answer_to(portal, typed.asked("Đã\0 gõ\x1b\x7f"), EVERYTHING, portal.ours)
    assert answer.status_code in {200, 302, 409, 422}
    notes = AuditEntry.objects.values_list("note", flat=True)
    assert not [note for note in notes if "\x1b" in note]


@pytest.mark.parametrize(
    "row", [row for row in ROWS if row.method == "post"], ids=lambda row: row.name
)
def test_a_nul_in_any_field_is_no_fault_of_the_portal(portal: World, row: Row) -> None:
    usual = dict.fromkeys(("reason", "text", "name", "period", "unit", "form", "scope"), "")
    sent = {name: f"{text}\0" for name, text in (usual | row.data(portal.ours)).items()}
    broken = Row(row.name, row.args, method="post", data=lambda side: sent | {"a\0b": "\x1b"})
    assert answer_to(portal, broken, EVERYTHING, portal.ours).status_code < 500


def test_every_form_is_known_to_take_words_or_not() -> None:
    posts = {row.name for row in ROWS if row.method == "post"}
    words = {typed.url for typed in TYPED}
    assert posts - words - NO_WORDS == set(), "thiếu trong bảng TYPED"
    assert NO_WORDS - posts == set()
    assert NO_WORDS & words == set()


def test_the_sentence_names_the_field_the_length_and_the_limit() -> None:
    assert within("lý do", "đủ", 2) == "đủ"
    told = r"“Lý do” dài 2\.001 ký tự, nhiều nhất 2\.000\. Viết gọn lại\."
    with pytest.raises(DomainError, match=told):
        within("lý do", "x" * 2001, 2000)


def test_words_keep_their_lines_and_lose_what_nobody_sees() -> None:
    assert nfc("a\0b\x1bc\x7fd\ue000\tx\r\ny") == "abcd\ue000\tx\r\ny"
    # breaks of word processors and pages part words still, here by a line
    assert nfc("a\x0bb\x0cc\x85d\u2028e\u2029f") == "a\nb\nc\nd\ne\nf"
    # nothing turns the direction of what follows
    assert nfc("QĐ \u202e5/1\u202c và \u2066x\u2069") == "QĐ 5/1 và x"
    assert one_line("Số 5\x0bQĐ \r\n UBND") == "Số 5 QĐ UBND"
    assert nfc("Thi đua – Khen thưởng\u00a0★") == "Thi đua – Khen thưởng\u00a0★"


def test_a_line_is_stored_as_one_line() -> None:
    assert NormalLine(max_length=9).get_prep_value("a\u2028b\nc") == "a b c"


def test_one_pattern_says_what_nobody_sees() -> None:
    """On pages, in plan files and on paper."""
    for mark in "\0\x0b\x1f\x7f\x85\x9f\u2028\u202e\u2066\uffff":
        assert UNSEEN.search(mark), ascii(mark)
        assert pdf.plain(f"a{mark}b") == nfc(f"a{mark}b") in ("ab", "a\nb")
        file = parse_plan(f'title: "a{json.dumps(mark)[1:-1]}b"'.encode(), "ke-hoach.yaml")
        assert "ký tự điều khiển" in str(file.problems[0])
    assert not UNSEEN.search("Thi đua\t\r\n– “Khen thưởng” ★\u00a0")


def test_who_saves_a_cell_is_told_in_the_answer(portal: World) -> None:
    """The page stays; the next full one would tell too late."""
    row = Typed("campaigns:result_save", cell, why, result).asked("Không có\x0bhồ sơ")
    told = answer_to(portal, row, EVERYTHING, portal.ours, headers={"HX-Request": "true"})
    page = told.content.decode()
    assert 'id="messages" role="status" hx-swap-oob="true"' in page
    assert "ký tự điều khiển không hiện được" in page
    quiet = Typed("campaigns:result_save", cell, why, result).asked("Không có hồ sơ")
    told = answer_to(portal, quiet, EVERYTHING, portal.ours, headers={"HX-Request": "true"})
    assert 'id="messages"' not in told.content.decode()
