"""A plan as its official paper: the five plans, read back, and what a plan may leave open."""

import io
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pdfplumber
import pytest
from django.core.management import call_command
from django.db import transaction
from django.urls import reverse

from awards.models import AwardForm, CompositionRule, Quota
from campaigns.models import (
    Assignment,
    Campaign,
    LegalBasis,
    Recipient,
    ReportingDuty,
    RouteStep,
    Section,
)
from campaigns.queries import plan_rows
from config.planfile import load_plans, read_plan
from criteria.models import ScoreItem, ScoreTable
from dossiers.documents import plan_paper, print_plan
from dossiers.models import DossierRequirement, PaperForm
from dossiers.rules import basis_line
from tests.factories import (
    NOW,
    TODAY,
    CampaignFactory,
    GroupFactory,
    IndicatorFactory,
    KindFactory,
    PhaseFactory,
    TargetFactory,
    UnitFactory,
    user_with,
)
from units.models import Bloc
from units.services import import_units, read_unit_files

SAMPLE = Path(__file__).parents[2] / "config" / "sample"
PROVINCE = "dong-thap.2022.chuyen-doi-so"
DEPARTMENT = "dong-thap.snn.2022.chuyen-doi-so"
BLOC = "lam-dong.khoi-snn.2023.chuyen-doi-so"
LEVELS = "tien-giang.2022.ntm-thong-minh"
DISTRICT = "dak-song.2023.chuyen-doi-so"


# --- căn cứ --------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "code", "issued_on", "printed"),
    [
        (
            "Quyết định của Thủ tướng Chính phủ phê duyệt Chương trình A.",
            "749/QĐ-TTg",
            date(2020, 6, 3),
            "Căn cứ Quyết định số 749/QĐ-TTg ngày 03 tháng 6 năm 2020 của Thủ tướng Chính phủ phê "
            "duyệt Chương trình A",
        ),
        (
            "Điều 5 Nghị định của Chính phủ về thi đua, khen thưởng",
            "91/2017/NĐ-CP",
            date(2017, 1, 31),
            "Căn cứ Điều 5 Nghị định số 91/2017/NĐ-CP ngày 31 tháng 01 năm 2017 của Chính phủ về "
            "thi đua, khen thưởng",
        ),
        ("Điều 16 Luật Thi đua, khen thưởng", "", None, "Căn cứ Điều 16 Luật Thi đua, khen thưởng"),
        (
            "Quyết định số 1/QĐ-UBND về B",
            "1/QĐ-UBND",
            date(2024, 5, 5),
            "Căn cứ Quyết định số 1/QĐ-UBND về B",
        ),
        ("Thư của Bộ", "12/BNV", date(2024, 5, 5),
         "Căn cứ Văn bản số 12/BNV ngày 05 tháng 5 năm 2024: Thư của Bộ"),
        ("Thực hiện Kế hoạch của tỉnh;", "", None, "Thực hiện Kế hoạch của tỉnh"),
    ],
)  # fmt: skip
def test_a_basis_names_kind_number_day_agency_subject(text, code, issued_on, printed):
    assert basis_line(text, code=code, issued_on=issued_on) == printed


# --- the five plans ------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def plans(django_db_setup, django_db_blocker):
    """The five plans by ref; the tests only read, and all is rolled back."""
    files = [read_plan(path) for path in (SAMPLE / "plans").glob("*.yaml")]
    trees = sorted((SAMPLE / "units").glob("*.yaml"))
    with django_db_blocker.unblock(), transaction.atomic():
        import_units(read_unit_files(trees), actor=None, now=NOW)
        call_command("load_registries", stdout=StringIO())
        load_plans(files, actor=None, now=NOW)
        rows = Campaign.objects.select_related("issuer", "bloc", "parent", "standing_agency")
        yield {campaign.ref: campaign for campaign in rows}
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def papers(plans, django_db_blocker):
    with django_db_blocker.unblock():
        return {ref: plan_paper(campaign, today=TODAY) for ref, campaign in plans.items()}


def titles(paper: dict[str, Any]) -> list[str]:
    return [part["title"] for part in paper["parts"]]


def clause(paper: dict[str, Any], title: str) -> dict[str, Any]:
    found = [c for part in paper["parts"] for c in part["clauses"] if c["title"] == title]
    assert found, title
    return found[0]


def test_heads_are_those_of_the_signed_papers(papers):
    heads = {
        ref: (p["parent_agency"], p["agency"], p["number"], p["symbol"], p["signed_on"], p["year"])
        for ref, p in papers.items()
    }
    issued = date(2022, 6, 7)
    assert heads == {
        PROVINCE: ("", "Ủy ban nhân dân tỉnh Đồng Tháp", "207", "KH-UBND", issued, 2021),
        DEPARTMENT: (
            "UBND tỉnh Đồng Tháp",
            "Sở Nông nghiệp và Phát triển nông thôn tỉnh Đồng Tháp",
            None,
            "KH-SNN",
            None,
            2022,
        ),
        BLOC: (
            "Sở NN&PTNT Lâm Đồng",
            "Khối Thi đua các đơn vị thuộc Sở Nông nghiệp và Phát triển nông thôn tỉnh Lâm Đồng",
            None,
            "KH-KTĐ",
            None,
            2023,
        ),
        LEVELS: ("", "Ủy ban nhân dân tỉnh Tiền Giang", None, "KH-UBND", None, 2022),
        DISTRICT: ("", "Ủy ban nhân dân huyện Đắk Song", None, "KH-UBND", None, 2023),
    }


def test_signatures_are_those_of_the_signed_papers(papers):
    assert {ref: tuple(p["signature"].values()) for ref, p in papers.items()} == {
        PROVINCE: (["TM. ỦY BAN NHÂN DÂN"], "", ""),
        DEPARTMENT: (["KT. GIÁM ĐỐC", "PHÓ GIÁM ĐỐC"], "", "Võ Thành Ngoan"),
        BLOC: (
            ["TM. KHỐI THI ĐUA", "KHỐI TRƯỞNG"],
            "Chi cục trưởng Chi cục Kiểm lâm",
            "Vũ Đình Cường",
        ),
        LEVELS: (["KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"], "", "Phạm Văn Trọng"),
        DISTRICT: (["CHỦ TỊCH"], "", "Ngô Đức Trọng"),
    }


def test_parts_stand_in_the_order_of_the_paper(papers):
    assert titles(papers[PROVINCE]) == [
        "Mục đích, yêu cầu",
        "Đối tượng thi đua",
        "Nội dung thi đua",
        "Lĩnh vực ưu tiên",
        "Tổ chức phong trào thi đua",
        "Khen thưởng",
        "Tổ chức thực hiện",
    ]
    assert titles(papers[BLOC]) == [
        "Mục đích, yêu cầu",
        "Phạm vi, thời gian, đối tượng",
        "Nội dung thi đua",
        "Chỉ tiêu, tiêu chí thi đua",
        "Biện pháp thực hiện",
        "Khen thưởng",
        "Kinh phí",
        "Tổ chức thực hiện",
    ]
    assert titles(papers[LEVELS])[1:4] == [
        "Chủ đề, thời gian thực hiện",
        "Nội dung kế hoạch",
        "Chỉ tiêu, tiêu chí thi đua",
    ]


def test_what_the_portal_added_is_not_printed(papers):
    """Default questions, remarks and notes are ours; the annex of 001 stays a gap."""
    assert "Chỉ tiêu, tiêu chí thi đua" not in titles(papers[PROVINCE])
    for ref, paper in papers.items():
        said = str(paper).lower()
        assert "cổng đọc" not in said, ref
        assert "văn bản không" not in said, ref
        assert "mặc định" not in said, ref


def test_targets_as_the_plan_says_them(papers):
    rows = clause(papers[LEVELS], "Sở, UBND cấp huyện và UBND xã")["indicators"]
    assert rows[0]["targets"] == [
        "Cấp tỉnh: từ 90% trở lên",
        "Cấp huyện: từ 80% trở lên",
        "Cấp xã: từ 60% trở lên",
    ]
    assert [row["heading"] for row in rows] == ["Phát triển chính quyền số", ""]
    assert rows[1]["leads"] == [
        "Sở TT&TT Tiền Giang",
        "phối hợp: Sở Nội vụ Tiền Giang, Sở NN&PTNT Tiền Giang",
    ]
    group = clause(papers[DEPARTMENT], "Tập thể")
    assert not group["with_leads"]
    assert [row["targets"] for row in group["indicators"]][:5] == [
        ["100%"],
        ["100%"],
        ["trên 90%"],
        ["100%"],
        ["từ 80% trở lên"],
    ]
    assert group["indicators"][1]["name"].endswith("(trừ văn bản mật theo quy định của pháp luật)")
    assert len(clause(papers[DEPARTMENT], "Cá nhân")["lines"]) == 1


def test_quotas_stand_by_phase_and_form(papers):
    found = clause(papers[PROVINCE], "Hình thức, số lượng khen thưởng")
    assert found["kinds"] == ["Tập thể", "Cá nhân"]
    assert [tuple(row.values()) for row in found["quotas"]] == [
        (
            "Sơ kết giai đoạn 2022 - 2023: tháng 12 năm 2023",
            "Bằng khen của Chủ tịch Ủy ban nhân dân tỉnh",
            ["không quá 10", "không quá 20"],
        ),
        (
            "Tổng kết giai đoạn 2022 - 2025: tháng 12 năm 2025",
            "Bằng khen của Chủ tịch Ủy ban nhân dân tỉnh",
            ["không quá 20", "không quá 30"],
        ),
        (
            "",
            "Giấy khen của Thủ trưởng cơ quan, đơn vị, doanh nghiệp",
            ["theo thẩm quyền", "theo thẩm quyền"],
        ),
        (
            "",
            "Khen thưởng cấp Nhà nước (đề nghị cấp trên)",
            ["theo hướng dẫn riêng", "theo hướng dẫn riêng"],
        ),
    ]
    assert "ít nhất 70%" in clause(papers[DISTRICT], "Hình thức, số lượng khen thưởng")["text"]
    assert "Khen thưởng" not in titles(papers[LEVELS])


def test_papers_of_the_dossier(papers):
    asked = clause(papers[DISTRICT], "Hồ sơ đề nghị khen thưởng")
    assert asked["text"] == "Số lượng 01 bộ (bản chính), gồm:"
    assert asked["lines"][2] == (
        "Báo cáo thành tích của tập thể, cá nhân (Mẫu số 07 ban hành kèm theo Nghị định số "
        "91/2017/NĐ-CP ngày 31/7/2017 của Chính phủ; có xác nhận của cấp trình khen)"
    )
    silent = clause(papers[BLOC], "Hồ sơ đề nghị khen thưởng")
    assert silent["text"] == "Theo quy định của pháp luật về thi đua, khen thưởng."


def test_duties_say_who_to_whom_and_when(papers):
    assert clause(papers[DISTRICT], "Chế độ báo cáo")["text"].splitlines() == [
        "Kế hoạch phát động phong trào của đơn vị: đơn vị tham gia (Phòng, ban, ngành, đoàn thể "
        "huyện) gửi Phòng Văn hóa và Thông tin; Phòng Nội vụ, một lần, trong quý II năm 2023.",
        "Báo cáo tình hình tổ chức thực hiện phong trào: đơn vị tham gia (Phòng, ban, ngành, đoàn "
        "thể huyện, Xã, thị trấn, Doanh nghiệp) gửi Phòng Văn hóa và Thông tin; Phòng Nội vụ, hằng "
        "năm, trước ngày 20 tháng 12.",
        "Báo cáo tổng hợp kết quả phong trào: cơ quan thường trực gửi Ủy ban nhân dân huyện Đắk "
        "Song, hằng năm, trước ngày 31 tháng 12.",
    ]


def test_recipients_and_archive(papers):
    assert papers[DEPARTMENT]["archive"] == "VT, VP_(H)"
    assert papers[DEPARTMENT]["recipients"][0] == "UBND Tỉnh (b/c)"
    assert len(papers[DEPARTMENT]["recipients"]) == 8
    assert (papers[PROVINCE]["recipients"], papers[PROVINCE]["archive"]) == ([], "VT")


def test_the_parent_plan_is_a_basis_once(papers):
    [line] = papers[DEPARTMENT]["legal_bases"]
    assert line.startswith("Căn cứ Kế hoạch số 207/KH-UBND ngày 07 tháng 6 năm 2022 của UBND tỉnh")


@pytest.mark.django_db
@pytest.mark.parametrize("ref", [PROVINCE, DEPARTMENT, BLOC, LEVELS, DISTRICT])
def test_every_plan_prints(plans, ref):
    printed = print_plan(plans[ref], now=NOW)
    with pdfplumber.open(io.BytesIO(printed.content)) as paper:
        first, last = paper.pages[0].extract_text(), paper.pages[-1].extract_text()
    assert "KẾ HOẠCH" in first
    assert "I. MỤC" in first
    assert "Dự thảo" not in first
    assert "Nơi nhận:" in last
    assert 4 <= printed.pages <= 8


# --- what a plan may leave open ------------------------------------------------------------------
@pytest.fixture
def draft(db):
    """A plan with a title and a period, and nothing else."""
    return CampaignFactory(
        ref="nhap",
        state=Campaign.State.DRAFT,
        title="Kế hoạch thi đua A",
        issuer=UnitFactory(name="Sở A", symbol="SA", place="Hà Tĩnh"),
        doc_symbol="",
    )


def test_an_empty_draft_is_a_paper_already(draft):
    paper = plan_paper(draft, today=TODAY)
    assert titles(paper) == ["Chủ đề, thời gian thực hiện"]
    assert paper["parts"][0]["text"] == (
        "Thời gian thực hiện: từ ngày 01 tháng 01 năm 2022 đến ngày 31 tháng 12 năm 2025."
    )
    assert (paper["symbol"], paper["place"], paper["year"]) == ("KH-SA", "Hà Tĩnh", TODAY.year)
    assert paper["intro"] == "Sở A ban hành Kế hoạch thi đua A với các nội dung như sau:"
    assert paper["signature"]["capacity"] == ["Thủ trưởng đơn vị"]
    assert paper["legal_bases"] == []


def test_a_plan_that_scores_prints_its_table(draft):
    group = GroupFactory(criteria_set=draft.criteria_set)
    table = ScoreTable.objects.create(
        criteria_set=draft.criteria_set, group=group, ref="bang", name="Bảng chấm điểm Khối",
        from_year=2024, max_points=100,
    )  # fmt: skip
    ScoreItem.objects.create(table=table, ref="i", code="I", name="Nhiệm vụ", max_points=100)
    part = plan_paper(draft, today=TODAY)["parts"][-1]
    (clause,) = part["clauses"]
    assert (part["title"], clause["title"]) == ("Chấm điểm, xếp hạng", "Bảng chấm điểm Khối")
    assert clause["scores"] == [
        {"code": "I", "name": "Nhiệm vụ", "points": "100", "how": "Chấm điểm", "heading": False}
    ]
    with pdfplumber.open(io.BytesIO(print_plan(draft, now=NOW).content)) as paper:
        text = " ".join(paper.pages[0].extract_text().split())
    assert "Nhiệm vụ 100 Chấm điểm" in text
    assert "Tổng điểm không quá 100;" in text


def test_a_draft_says_so_on_its_page(draft):
    with pdfplumber.open(io.BytesIO(print_plan(draft, now=NOW).content)) as paper:
        assert "Dự thảo" in paper.pages[0].extract_text()


def test_a_plan_of_another_kind_waits_for_its_symbol(draft):
    draft.document_type = "Hướng dẫn"
    assert plan_paper(draft, today=TODAY)["symbol"] == ""


def test_a_document_above_is_the_basis_where_no_other_is(draft):
    draft.parent_document = "Quyết định số 1/QĐ-TTg; Nghị quyết số 2/NQ-CP"
    assert plan_paper(draft, today=TODAY)["legal_bases"] == [
        "Căn cứ Quyết định số 1/QĐ-TTg",
        "Căn cứ Nghị quyết số 2/NQ-CP",
    ]


def test_a_plan_above_is_the_first_basis(draft):
    draft.parent = CampaignFactory(
        title="Phong trào B", doc_number="9", issued_on=date(2024, 1, 5), issuer__name="UBND B"
    )
    LegalBasis.objects.create(campaign=draft, text="Luật Thi đua, khen thưởng")
    assert plan_paper(draft, today=TODAY)["legal_bases"] == [
        "Căn cứ Kế hoạch số 9/KH-UBND ngày 05 tháng 01 năm 2024 của UBND B phong trào B",
        "Căn cứ Luật Thi đua, khen thưởng",
    ]


def test_a_bloc_without_a_symbol_and_without_a_standing_agency(draft):
    draft.bloc = Bloc.objects.create(ref="khoi", name="Khối 1", organiser=draft.issuer)
    draft.standing_agency = None
    paper = plan_paper(draft, today=TODAY)
    assert (paper["parent_agency"], paper["agency"], paper["symbol"]) == ("Sở A", "Khối 1", "KH")
    assert paper["closing"].endswith("phản ánh về Khối 1 xem xét, giải quyết")


def test_a_peoples_committee_stands_alone_at_the_head(draft):
    draft.issuer = UnitFactory(parent=UnitFactory(), kind=KindFactory(code="ubnd-xa"))
    assert plan_paper(draft, today=TODAY)["parent_agency"] == ""


def test_tables_come_without_a_section_of_their_own(draft):
    """Phases without quotas are the schedule; assignments are the organisation."""
    PhaseFactory(campaign=draft, ref="mot", name="Phát động", held_on=date(2024, 3, 9))
    PhaseFactory(campaign=draft, ref="hai", name="Sơ kết", held_text="Quý IV")
    final = PhaseFactory(campaign=draft, ref="ba", name="Tổng kết", held_text="")
    form = AwardForm.objects.create(
        ref="gk", name="Giấy khen", short_name="Giấy khen", rank=1, authority="Giám đốc"
    )
    for ref, kind, more in (
        ("tt", "collective", {"basis": "fixed", "number": 5}),
        ("ho", "household", {"basis": "later"}),
    ):
        Quota.objects.create(
            campaign=draft, phase=final, ref=ref, award_form=form, recipient_kind=kind, **more
        )
    CompositionRule.objects.create(
        campaign=draft, ref="cc", counts="direct", operator=">=", percent=70, base="all",
        rounding="up",
    )  # fmt: skip
    mau = PaperForm.objects.create(ref="m", code="Mẫu 1", name="Mẫu")
    DossierRequirement.objects.create(
        campaign=draft, ref="a", part="proof", title="Minh chứng", required=False, copies=2,
        original=False, form=mau,
    )  # fmt: skip
    DossierRequirement.objects.create(campaign=draft, ref="b", part="letter", title="Tờ trình")
    unit = UnitFactory(name="Phòng B")
    Assignment.objects.create(campaign=draft, unit=unit, text="Làm.")
    RouteStep.objects.create(campaign=draft, unit=unit, text="Tổng hợp")
    for ref, more in (
        ("mot", {"rhythm": "once", "on": date(2024, 2, 9), "owed_to": unit}),
        ("hai", {"rhythm": "yearly", "day": 5, "month": 1, "relation": "on"}),
        ("ba", {"rhythm": "yearly"}),
        ("bon", {"rhythm": "ad_hoc", "due_text": "khi có yêu cầu"}),
    ):
        ReportingDuty.objects.create(
            campaign=draft, ref=ref, what="report", name=f"Báo cáo {ref}", **more
        )
    Recipient.objects.create(campaign=draft, text="Như trên;")
    draft.theme, draft.outlook = "“Đổi mới”.", 2030
    paper = plan_paper(draft, today=TODAY)
    assert titles(paper) == [
        "Chủ đề, thời gian thực hiện",
        "Khen thưởng",
        "Tiến độ thực hiện",
        "Tổ chức thực hiện",
    ]
    assert paper["parts"][0]["text"].splitlines()[0] == "Chủ đề: “Đổi mới”."
    assert paper["parts"][0]["text"].endswith(", định hướng đến năm 2030.")
    assert paper["parts"][2]["text"] == "Phát động: ngày 09 tháng 3 năm 2024.\nSơ kết: quý IV."
    table = clause(paper, "Hình thức, số lượng khen thưởng")
    assert table["kinds"] == ["Tập thể", "Hộ gia đình"]
    assert [row["cells"] for row in table["quotas"]] == [["5", "phân bổ sau"]]
    assert [row["heading"] for row in table["quotas"]] == ["Tổng kết"]
    assert table["text"].startswith(
        "Cơ cấu danh sách đề nghị: người trực tiếp thực hiện ít nhất 70%"
    )
    asked = clause(paper, "Hồ sơ đề nghị khen thưởng")
    assert asked["text"] == "Số lượng 02 bộ, gồm:"
    assert asked["lines"] == ["Minh chứng (Mẫu 1; nếu có)", "Tờ trình"]
    assert clause(paper, "Chế độ báo cáo")["text"].splitlines() == [
        "Báo cáo mot: đơn vị tham gia gửi Phòng B, một lần, trước ngày 09 tháng 02 năm 2024.",
        "Báo cáo hai: đơn vị tham gia, hằng năm, vào ngày 05 tháng 01.",
        "Báo cáo ba: đơn vị tham gia, hằng năm.",
        "Báo cáo bon: đơn vị tham gia, khi có yêu cầu.",
    ]
    assert clause(paper, "Trình tự gửi báo cáo, hồ sơ")["lines"] == ["Phòng B: Tổng hợp"]
    assert paper["recipients"] == ["Như trên"]


def test_the_year_of_an_issued_plan_is_said_by_its_text_or_its_period(draft):
    draft.state = Campaign.State.ISSUED
    assert plan_paper(draft, today=TODAY)["year"] == 2022
    draft.issued_text = "ngày 1 tháng … năm 2023"
    assert plan_paper(draft, today=TODAY)["year"] == 2023


def test_a_schedule_of_its_own_is_not_said_twice(draft):
    PhaseFactory(campaign=draft, name="Phát động", held_text="Quý I")
    Section.objects.create(campaign=draft, kind="schedule", heading="Tiến độ", text="Như sau.")
    paper = plan_paper(draft, today=TODAY)
    assert [part["text"] for part in paper["parts"]][1:] == ["Như sau."]


def test_months_after_february_have_no_nought(draft):
    ReportingDuty.objects.create(
        campaign=draft, ref="nam", what="report", name="Báo cáo", rhythm="yearly", day=5, month=3
    )
    paper = plan_paper(draft, today=TODAY)
    assert "trước ngày 05 tháng 3." in clause(paper, "Chế độ báo cáo")["text"]


def test_a_group_of_words_is_a_list_and_leads_make_a_column(draft):
    group = GroupFactory(criteria_set=draft.criteria_set, name="Tập thể")
    IndicatorFactory(group=group, code="A", name="Có tiến bộ", kind="qualitative")
    paper = plan_paper(draft, today=TODAY)
    assert clause(paper, "Tập thể")["lines"] == ["Có tiến bộ"]
    TargetFactory(indicator=IndicatorFactory(group=group, lead_unit=draft.issuer))
    found = clause(plan_paper(draft, today=TODAY), "Tập thể")
    assert (found["lines"], found["with_leads"]) == ([], True)
    assert [row["leads"] for row in found["indicators"]] == [[], ["Sở A"]]


# --- the page ------------------------------------------------------------------------------------
def test_the_paper_is_shown_in_the_browser(draft, client_of):
    planner = user_with("standing_agency", draft.issuer)
    assert plan_rows(planner).count() == 1
    answer = client_of(planner).get(reverse("dossiers:plan_paper", args=[draft.ref]))
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"].startswith("inline; filename*=UTF-8''ke-hoach-")
    assert answer.content.startswith(b"%PDF")


def test_a_draft_is_for_those_who_write_it(draft, client_of):
    address = reverse("dossiers:plan_paper", args=[draft.ref])
    assert client_of(user_with("clerk", draft.issuer)).get(address).status_code == 404
