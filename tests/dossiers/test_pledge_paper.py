"""The pledge of a bloc on paper: what holds, who signed, who did not."""

import io
from datetime import date

import pdfplumber
import pytest
from django.urls import reverse

from campaigns import policies, services
from campaigns.models import Campaign, PledgeRound
from dossiers import pdf
from dossiers.documents import pledge_paper, print_pledges
from tests.campaigns.blocs import YEAR, BlocWorld, make_bloc_world
from tests.factories import NOW, UnitFactory, user_with

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
    assert (paper["is_draft"], paper["signed_on"]) == (False, TODAY)
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
