"""The pledge of a bloc on paper: what holds, who signed, who did not."""

import hashlib
import io
import re
from datetime import date, timedelta

import pdfplumber
import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from campaigns import policies, services
from campaigns.models import Campaign, PledgeLine, PledgeRound
from dossiers import pdf
from dossiers.documents import pledge_paper, print_pledge_paper, print_pledges
from dossiers.models import PledgePaper, PledgePaperFault
from dossiers.queries import pledge_paper_fault
from dossiers.services import freeze_due_pledge_papers, freeze_pledge_paper, pledges
from tests.campaigns.blocs import DUE, YEAR, BlocWorld, make_bloc_world
from tests.factories import NOW, UnitFactory, user_with
from units import jobs, storage
from units.models import AuditEntry, Unit
from units.rules import DomainError

TODAY = date(2024, 11, 24)


@pytest.fixture
def world(db: None) -> BlocWorld:
    return make_bloc_world()


@pytest.fixture
def round_(world: BlocWorld) -> PledgeRound:
    """Two of three sign; the second has changed its pledge since, the third drafts."""
    world.indicator(80, ref="a", code="CT01", name="Hồ sơ trực tuyến")
    world.indicator(None, ref="b", code="CT02", name="Mô hình mới", kind="qualitative")
    world.indicator(50, ref="c", code="CT03", name="Họp trực tuyến")
    found = world.open()
    first = world.write(world.start(found, 0), titles="Cờ thi đua\nBằng khen", a="85", c="50")
    world.sign(first, 0)
    second = world.sign(world.write(world.start(found, 1), a="80", b="Hai mô hình", c="50"), 1)
    world.start(found, 2)
    again = services.amend_pledge(second, reason="Thêm việc", actor=None, now=NOW)
    world.sign(world.write(again, a="90", b="Ba mô hình", c="50"), 1)
    return found


def test_the_paper_holds_what_is_in_force(world, round_):
    paper = pledge_paper(round_, today=TODAY)
    assert (paper["kind"], paper["subject"]) == ("Bản giao ước thi đua", "Năm 2024")
    assert (paper["agency"], paper["symbol"]) == ("Khối các đơn vị thuộc Sở", "GUTĐ")
    assert paper["members"] == ["Chi cục A", "Chi cục B"]
    levels = {
        row["code"]: [(one["words"], one["units"]) for one in row["levels"]]
        for row in paper["targets"]
    }
    assert levels == {
        "CT01": [("từ 85% trở lên", "Chi cục A"), ("từ 90% trở lên", "Chi cục B")],
        "CT02": [("Ba mô hình", "Chi cục B")],
        "CT03": [("từ 50% trở lên", "tất cả đơn vị")],
    }
    assert [row["targets"] for row in paper["targets"]] == [
        ["từ 80% trở lên"],
        [],
        ["từ 50% trở lên"],
    ]
    assert paper["titles"] == [
        {"unit": "Chi cục A", "titles": ["Cờ thi đua", "Bằng khen"]},
        {"unit": "Chi cục B", "titles": []},
    ]
    assert [signer["name"] for signer in paper["signers"]] == [
        world.heads[0].full_name,
        world.heads[1].full_name,
    ]
    assert paper["signers"][0]["hint"] == "(Ký trên cổng ngày 24/11/2024)"


def test_open_it_is_a_draft_closed_it_has_its_day_and_names_who_is_missing(world, round_):
    paper = pledge_paper(round_, today=TODAY)
    assert (paper["is_draft"], paper["signed_on"], paper["missing"]) == (True, None, "")
    closed = services.close_pledge_round(round_, anyway=True, actor=None, now=NOW)
    paper = pledge_paper(closed, today=date(2025, 6, 1))
    assert (paper["is_draft"], paper["signed_on"]) == (False, "2024-11-24")
    assert paper["missing"] == "Chi cục C"


def test_the_plan_is_a_basis_and_names_its_issuer_once(world, round_):
    Campaign.objects.update(
        title="Phong trào của khối các đơn vị thuộc Sở", doc_number="5", issued_on=date(2024, 1, 9)
    )
    world.bloc.symbol = "KTĐ"
    round_.bloc.symbol = "KTĐ"
    paper = pledge_paper(round_, today=TODAY)
    assert paper["symbol"] == "GUTĐ-KTĐ"
    assert paper["legal_bases"][-1] == (
        "Căn cứ Kế hoạch số 5/KH-UBND ngày 09 tháng 01 năm 2024 phong trào của khối các đơn vị "
        "thuộc Sở"
    )
    Campaign.objects.update(title="Kế hoạch chuyển đổi số", doc_number="")
    assert pledge_paper(round_, today=TODAY)["legal_bases"][-1] == (
        "Căn cứ Kế hoạch của Khối các đơn vị thuộc Sở chuyển đổi số"
    )


def test_the_page_is_printed_with_a_place_for_each_signature(world, round_):
    printed = print_pledges(round_, now=NOW)
    with pdfplumber.open(io.BytesIO(printed.content)) as paper:
        text = "\n".join(page.extract_text() for page in paper.pages)
    for words in (
        "Dự thảo",
        "BẢN GIAO ƯỚC THI ĐUA",
        "2 đơn vị thành viên Khối các đơn vị thuộc Sở cùng ký giao ước",
        "Hồ sơ trực tuyến",
        "không đăng ký",
        "THỦ TRƯỞNG ĐƠN VỊ",
        world.heads[1].full_name,
    ):
        assert words in text


def test_many_signatures_follow_the_text_without_leaving_a_page_empty(world, round_):
    paper = pledge_paper(round_, today=TODAY)
    paper["targets"] = []  # leaves room on the first page
    paper["signers"] = paper["signers"][:1] * 24
    made = pdf.render("print/pledges.html", paper, title="Giao ước")
    with pdfplumber.open(io.BytesIO(made.content)) as found:
        texts = [page.extract_text() for page in found.pages]
    hint = paper["signers"][0]["hint"]
    assert sum(text.count(hint) for text in texts) == 24
    assert all(hint in text for text in texts)


def test_members_of_the_year_read_it_and_nobody_else(client_of, world, round_):
    address = reverse("dossiers:pledges_paper", args=[world.bloc.ref, YEAR])
    answer = client_of(world.clerks[2]).get(address)
    assert answer.headers["Content-Type"] == "application/pdf"
    stranger = user_with("clerk", UnitFactory())
    assert client_of(stranger).get(address).status_code == 404
    late = reverse("dossiers:pledges_paper", args=[world.bloc.ref, 10**12])
    assert client_of(world.clerks[2]).get(late).status_code == 404
    assert list(policies.viewable_pledge_rounds(world.clerks[2])) == [round_]
    assert list(policies.viewable_pledge_rounds(user_with("clerk", world.bloc.organiser))) == [
        round_
    ]


# --- kept as it was signed ------------------------------------------------------------------------
LATER = NOW + timedelta(hours=2)
LAST = timedelta(hours=6)


def closed(world, round_, now=NOW):
    return services.close_pledge_round(round_, anyway=True, actor=world.leaders[0], now=now)


def printed(paper):
    """As a worker does it."""
    jobs.perform(PledgePaper, print_pledge_paper, paper.pk)
    paper.refresh_from_db()
    assert paper.state == PledgePaper.State.DONE, paper.error
    return paper


def digest(answer) -> str:
    return hashlib.sha256(answer.content).hexdigest()


def test_what_was_signed_is_printed_once_and_served_from_there(client_of, world, round_):
    address = reverse("dossiers:pledges_paper", args=[world.bloc.ref, YEAR])
    browser = client_of(world.clerks[2])
    assert "du-thao" in browser.get(address).headers["Content-Disposition"]
    closed(world, round_)
    told = browser.get(address, follow=True).content.decode()
    assert "Bản in đang được lập" in told
    assert not PledgePaper.objects.exists()  # who reads makes nothing
    assert freeze_due_pledge_papers(now=NOW) == 1
    assert "Đang in" in browser.get(address, follow=True).content.decode()
    Unit.objects.update(name="Đã đổi tên")
    Campaign.objects.update(title="Kế hoạch đã đổi tên")
    paper = printed(PledgePaper.objects.get())
    first = browser.get(address)
    assert "ban-1.pdf" in first.headers["Content-Disposition"]
    assert digest(first) == digest(browser.get(address)) == paper.pdf_id
    with pdfplumber.open(io.BytesIO(first.content)) as found:
        text = "".join(page.extract_text() for page in found.pages)
    assert "Chi cục A" in text
    assert "đổi tên" not in text
    line = AuditEntry.objects.get(action="pledgepaper.kept")
    assert (line.subject_id, line.note, line.actor) == (round_.pk, "bản in 1", None)


def test_a_pledge_that_changes_makes_a_new_version_and_the_old_one_stays(client_of, world, round_):
    closed(world, round_)
    first = freeze_pledge_paper(round_, now=NOW)
    assert freeze_pledge_paper(round_, now=NOW) == first
    printed(first)
    held = round_.pledges.get(unit=world.units[0])
    fresh = services.amend_pledge(held, reason="Thêm việc", actor=world.clerks[0], now=NOW)
    assert freeze_pledge_paper(round_, now=NOW) == first  # not signed yet
    services.sign_pledge(fresh, revision=1, actor=world.heads[0], now=LATER)
    assert freeze_due_pledge_papers(now=LATER) == 1
    assert freeze_due_pledge_papers(now=LATER) == 0
    second = printed(PledgePaper.objects.first())
    assert (second.version, str(second)) == (2, "Bản giao ước thi đua năm 2024, bản in 2")
    browser, args = client_of(world.clerks[2]), [world.bloc.ref, YEAR]
    page = browser.get(reverse("dossiers:pledge_papers", args=args)).content.decode()
    assert [paper.pdf_id[:16] in page for paper in (first, second)] == [True, True]
    assert re.search(r'aria-current="true">Phong trào<', page)
    assert not re.search(r'aria-current="true">Khen thưởng<', page)
    at = reverse("dossiers:pledge_paper_file", args=[*args, 1])
    assert digest(browser.get(at)) == first.pdf_id
    assert browser.get(at.replace("1.pdf", "3.pdf")).status_code == 404
    storage.path_of(first.pdf_id).unlink()
    assert "Không thấy nội dung tệp" in browser.get(at, follow=True).content.decode()


@pytest.mark.parametrize(
    "change", [{"snapshot": {}}, {"stamp": "x"}, {"version": 9}, {"pdf": None}, {"round": None}]
)
def test_the_database_lets_nobody_change_a_kept_version(world, round_, change):
    closed(world, round_)
    paper = printed(freeze_pledge_paper(round_, now=NOW))
    with pytest.raises(IntegrityError), transaction.atomic():
        PledgePaper.objects.filter(pk=paper.pk).update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        paper.delete()


def test_one_bad_round_stops_no_other(world, round_, caplog):
    closed(world, round_)
    other = make_bloc_world()
    good = other.open()
    other.signed(good)
    closed(other, good)
    lines = PledgeLine.objects.filter(pledge__round=round_, value__isnull=False)
    lines.update(operator="??")  # no sentence says it
    assert freeze_due_pledge_papers(now=NOW) == 1
    assert PledgePaper.objects.get().round == good
    assert f"chưa giữ được bản giao ước của đợt {round_.pk}" in caplog.text


def spoil(round_):
    """No sentence says it."""
    PledgeLine.objects.filter(pledge__round=round_, value__isnull=False).update(operator="??")


def mend(round_):
    PledgeLine.objects.filter(pledge__round=round_, operator="??").update(operator=">=")


def test_a_round_that_cannot_be_kept_is_told_once_and_tried_more_and_more_seldom(
    client_of, world, round_, caplog
):
    closed(world, round_)
    spoil(round_)
    tried = []
    for beat in range(130):
        now = NOW + timedelta(seconds=30 * beat)
        assert freeze_due_pledge_papers(now=now) == 0
        if PledgePaperFault.objects.get().tried_at == now:
            tried.append(beat // 2)
    assert tried == [0, 1, 3, 7, 15, 31, 63]
    assert caplog.text.count("chưa giữ được bản giao ước") == 1
    assert "Traceback" in caplog.text
    line = AuditEntry.objects.get(action="pledgepaper.not_kept")
    assert (line.subject_id, line.unit) == (round_.pk, world.bloc.organiser)
    listing = reverse("dossiers:pledge_papers", args=[world.bloc.ref, YEAR])
    page = client_of(world.clerks[2]).get(listing).content.decode()
    assert f"kèm mã giao-uoc-{round_.pk}." in page
    assert "Cổng đã thử 7 lần" in page
    assert "Bản in đang được lập" not in page


def test_a_round_waits_no_longer_than_a_quarter_of_a_day(world, round_):
    closed(world, round_)
    spoil(round_)
    freeze_due_pledge_papers(now=NOW)
    for tries in (12, 10**9):
        PledgePaperFault.objects.update(tries=tries, again_at=NOW)
        freeze_due_pledge_papers(now=LATER)
        fault = PledgePaperFault.objects.get()
        assert (fault.tries, fault.again_at) == (tries + 1, LATER + timedelta(hours=6))


def test_what_is_signed_anew_is_tried_at_once_and_kept_without_a_word_left(
    client_of, world, round_
):
    closed(world, round_)
    spoil(round_)
    freeze_due_pledge_papers(now=NOW + timedelta(minutes=1))
    mend(round_)
    assert freeze_due_pledge_papers(now=NOW + timedelta(seconds=90)) == 0  # its time has not come
    held = round_.pledges.get(unit=world.units[0])
    fresh = services.amend_pledge(held, reason="Thêm việc", actor=world.clerks[0], now=NOW)
    at = NOW + timedelta(seconds=100)
    services.sign_pledge(fresh, revision=1, actor=world.heads[0], now=at)
    assert freeze_due_pledge_papers(now=at) == 1
    assert not PledgePaperFault.objects.exists()
    listing = reverse("dossiers:pledge_papers", args=[world.bloc.ref, YEAR])
    assert "Chưa giữ được" not in client_of(world.clerks[2]).get(listing).content.decode()


def test_another_reason_is_told_as_well(world, round_, caplog):
    closed(world, round_)
    PledgePaperFault.objects.create(
        round=round_, reason="Khác", tries=5, tried_at=NOW - LAST, again_at=NOW
    )
    spoil(round_)
    freeze_due_pledge_papers(now=NOW)
    fault = PledgePaperFault.objects.get()
    assert (fault.tries, str(fault)) == (1, "Giao ước thi đua năm 2024, chưa giữ được bản in")
    assert caplog.text.count("chưa giữ được bản giao ước") == 1


def test_what_has_a_sentence_of_its_own_is_told_with_it_and_only_while_closed(world, round_):
    closed(world, round_)
    pledges._note_fault(round_, DomainError("Thiếu tên đơn vị."), now=NOW)
    assert PledgePaperFault.objects.get().reason == "Thiếu tên đơn vị."
    services.reopen_pledge_round(round_, due_on=DUE, reason="x", actor=None, now=LATER)
    assert pledge_paper_fault(PledgeRound.objects.get(pk=round_.pk)) is None


def test_a_print_that_failed_is_told_and_tried_again_after_a_while(client_of, world, round_):
    closed(world, round_)
    paper = PledgePaper.objects.create(
        round=round_, version=1, stamp="x", snapshot={}, frozen_at=LATER, requested_at=NOW
    )
    jobs.perform(PledgePaper, print_pledge_paper, paper.pk)
    listing = reverse("dossiers:pledge_papers", args=[world.bloc.ref, YEAR])
    assert "In không thành" in client_of(world.clerks[2]).get(listing).content.decode()
    for hours, state in ((0, PledgePaper.State.FAILED), (2, PledgePaper.State.QUEUED)):
        freeze_due_pledge_papers(now=timezone.now() + timedelta(hours=hours))
        paper.refresh_from_db()
        assert paper.state == state
    assert paper.attempts == 0


def test_nothing_is_kept_of_an_open_round(world, round_):
    assert freeze_due_pledge_papers(now=NOW) == 0
    with pytest.raises(DomainError, match="chưa chốt nên chưa có bản in"):
        freeze_pledge_paper(round_, now=NOW)
    closed(world, round_)
    assert freeze_due_pledge_papers(now=NOW) == 1
    services.reopen_pledge_round(round_, due_on=DUE, reason="x", actor=None, now=LATER)
    assert freeze_due_pledge_papers(now=LATER) == 0
    closed(world, round_, LATER)
    assert freeze_due_pledge_papers(now=LATER) == 1
    assert PledgePaper.objects.count() == 2
