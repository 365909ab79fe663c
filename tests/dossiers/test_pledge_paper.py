"""The pledge of a bloc on paper: what holds, who signed, who did not."""

import hashlib
import io
from datetime import date, timedelta

import pdfplumber
import pytest
from django.urls import reverse

from campaigns import policies, services
from campaigns.models import Campaign, PledgeRound
from dossiers import pdf
from dossiers.documents import pledge_paper, print_pledges
from dossiers.models import PledgePaper
from dossiers.services import keep_due_pledge_papers, keep_pledge_paper
from tests.campaigns.blocs import DUE, YEAR, BlocWorld, make_bloc_world
from tests.factories import NOW, UnitFactory, user_with
from units import storage
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
def closed(world, round_):
    return services.close_pledge_round(round_, anyway=True, actor=world.leaders[0], now=NOW)


def test_what_was_signed_is_printed_once_and_served_from_there(client_of, world, round_):
    address = reverse("dossiers:pledges_paper", args=[world.bloc.ref, YEAR])
    browser = client_of(world.clerks[2])
    assert "du-thao" in browser.get(address).headers["Content-Disposition"]
    assert not PledgePaper.objects.exists()
    closed(world, round_)
    first = browser.get(address)
    assert "ban-1.pdf" in first.headers["Content-Disposition"]
    Unit.objects.update(name="Đã đổi tên")
    Campaign.objects.update(title="Kế hoạch đã đổi tên")
    assert browser.get(address).content == first.content
    paper = PledgePaper.objects.get()
    assert hashlib.sha256(first.content).hexdigest() == paper.pdf_id
    line = AuditEntry.objects.get(action="pledgepaper.kept")
    assert (line.subject_id, line.note) == (round_.pk, "bản in 1")


def test_a_pledge_that_changes_makes_a_new_version_and_the_old_one_stays(client_of, world, round_):
    closed(world, round_)
    first = keep_pledge_paper(round_, actor=None, now=NOW)
    assert keep_pledge_paper(round_, actor=None, now=NOW) == first
    held = round_.pledges.get(unit=world.units[0])
    fresh = services.amend_pledge(held, reason="Thêm việc", actor=world.clerks[0], now=NOW)
    assert keep_pledge_paper(round_, actor=None, now=NOW) == first  # not signed yet
    world.sign(fresh)
    second = keep_pledge_paper(round_, actor=None, now=NOW)
    assert (second.version, str(second)) == (2, "Bản giao ước thi đua năm 2024, bản in 2")
    listing = reverse("dossiers:pledge_papers", args=[world.bloc.ref, YEAR])
    browser = client_of(world.clerks[2])
    page = browser.get(listing).content.decode()
    assert [paper.pdf_id[:16] in page for paper in (first, second)] == [True, True]
    at = reverse("dossiers:pledge_paper_file", args=[world.bloc.ref, YEAR, 1])
    assert hashlib.sha256(browser.get(at).content).hexdigest() == first.pdf_id
    assert browser.get(at.replace("1.pdf", "3.pdf")).status_code == 404
    storage.path_of(first.pdf_id).unlink()
    assert "Không thấy nội dung tệp" in browser.get(at, follow=True).content.decode()


def test_a_version_cut_short_is_printed_later_from_what_was_frozen(world, round_, monkeypatch):
    closed(world, round_)
    with monkeypatch.context() as broken:
        broken.setattr(storage, "keep_bytes", None)  # the disk is full
        with pytest.raises(TypeError):
            keep_pledge_paper(round_, actor=None, now=NOW)
    frozen = PledgePaper.objects.get()
    assert frozen.pdf is None
    assert keep_due_pledge_papers(now=NOW) == 1
    assert keep_due_pledge_papers(now=NOW) == 0
    frozen.refresh_from_db()
    assert frozen.pdf is not None


def test_nothing_is_kept_of_an_open_round(world, round_):
    assert keep_due_pledge_papers(now=NOW) == 0
    with pytest.raises(DomainError, match="chưa chốt nên chưa có bản in"):
        keep_pledge_paper(round_, actor=None, now=NOW)
    closed(world, round_)
    assert keep_due_pledge_papers(now=NOW) == 1
    later = NOW + timedelta(hours=1)
    services.reopen_pledge_round(round_, due_on=DUE, reason="x", actor=None, now=later)
    assert keep_due_pledge_papers(now=later) == 0
    services.close_pledge_round(round_, anyway=True, actor=None, now=later)
    assert keep_due_pledge_papers(now=later) == 1
    assert PledgePaper.objects.count() == 2
