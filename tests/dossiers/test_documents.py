"""A dossier from facts to one bound PDF, read back."""

import json
from datetime import timedelta
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pdfplumber
import pikepdf
import pytest
from django.db import connection

from awards.models import Nomination
from campaigns.models import ResultSheet
from campaigns.services import assess_cells
from criteria.models import Indicator
from dossiers import documents, queries, services
from dossiers.documents import compiling, freezing
from dossiers.models import Build, Dossier, DossierPart, DossierRequirement, PaperForm
from dossiers.pdf import plain
from tests.dossiers.stage import LETTER_ON, NOW, Part, Stage, pdf_file, picture, upload
from tests.factories import IndicatorFactory, amend
from units import jobs, storage
from units.models import Blob, Household, UnitName

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def stage() -> Stage:
    return Stage()


def requested(dossier: Dossier, stage: Stage) -> Build:
    return services.request_build(dossier, actor=stage.head, now=NOW)


def built(dossier: Dossier, stage: Stage) -> Build:
    build = requested(dossier, stage)
    jobs.perform(Build, documents.compile_dossier, build.pk)
    build.refresh_from_db()
    assert build.state == Build.State.DONE, build.error
    return build


def frozen(dossier: Dossier, stage: Stage) -> dict[str, Any]:
    """The facts of a build, without printing them."""
    build = requested(dossier, stage)
    claimed = jobs.claim(Build, build.pk, now=NOW)
    assert claimed
    return documents.freeze(claimed)


def content(build: Build) -> bytes:
    assert build.pdf
    return storage.read_bytes(build.pdf)


def pages_of(build: Build) -> list[str]:
    with pdfplumber.open(BytesIO(content(build))) as pdf:
        return [" ".join((page.extract_text() or "").split()) for page in pdf.pages]


def put(stage: Stage, dossier: Dossier, part: str, file: BytesIO, name: str, **more: Any) -> None:
    services.add_part(
        dossier,
        requirement=stage.papers[part],
        **upload(file, name),
        actor=stage.head,
        now=NOW,
        **more,
    )


def signed(stage: Stage, dossier: Dossier) -> Dossier:
    return services.edit_dossier(
        dossier,
        letter_number="12",
        letter_on=LETTER_ON,
        signing_capacity="TM. TẬP THỂ; KT. CHI CỤC TRƯỞNG",
        signer_title="PHÓ CHI CỤC TRƯỞNG",
        signer_name="Lê Quốc Điền",
        actor=stage.head,
        now=NOW,
    )


def whole(stage: Stage) -> Dossier:
    """Everything there: verified results, a session, a letter, the launch plan."""
    stage.results()
    team, person = stage.team(), stage.person("Nguyễn Văn Ưởng")
    stage.meet(team, person)
    dossier = signed(stage, stage.open())
    launch = pdf_file("Launch plan", pages=2)
    put(stage, dossier, Part.LAUNCH_PLAN, launch, "Kế hoạch phát động.pdf")
    return dossier


def papers_of(snapshot: dict[str, Any], template: str) -> list[dict[str, Any]]:
    wanted = f"print/{template}.html"
    return [sheet["paper"] for sheet in snapshot["papers"] if sheet["template"] == wanted]


# --- the bound PDF -------------------------------------------------------------------------------
def test_contents_bookmarks_and_text_of_a_whole_dossier(stage: Stage) -> None:
    dossier = whole(stage)
    build = built(dossier, stage)
    pages = pages_of(build)
    assert build.pages == len(pages)

    # where each paper really begins, and what the contents and the bookmarks say of it
    begins = {
        "Tờ trình đề nghị khen thưởng": "TỜ TRÌNH Về việc đề nghị tặng",
        "Biên bản họp xét": "BIÊN BẢN Họp xét khen thưởng",
        "Báo cáo thành tích: Chi cục Thủy lợi": "Tên tập thể đề nghị: Chi cục Thủy lợi",
        "Báo cáo thành tích: Ông Nguyễn Văn Ưởng": "Họ và tên cá nhân đề nghị: Nguyễn Văn Ưởng",
        "Bản tóm tắt thành tích": "BẢN TÓM TẮT THÀNH TÍCH",
        "Báo cáo kết quả phong trào": "BÁO CÁO Kết quả thực hiện",
        "Kế hoạch phát động của đơn vị": "Launch plan page 1",
    }
    truth = {
        title: next(number for number, text in enumerate(pages, start=1) if mark in text)
        for title, mark in begins.items()
    }
    with pikepdf.open(BytesIO(content(build))) as pdf, pdf.open_outline() as outline:
        order = {page.objgen: number for number, page in enumerate(pdf.pages, start=1)}

        def marks(items: Any) -> dict[str, int]:
            found: dict[str, int] = {}
            for item in items:
                found[item.title] = order[item.destination[0].objgen]
                found |= marks(item.children)
            return found

        told = marks(outline.root)
        assert {title: told[title] for title in truth} == truth
        assert told["I. Nội dung cuộc họp"] == truth["Biên bản họp xét"]
        assert str(pdf.docinfo["/Title"]).startswith("Hồ sơ đề nghị tặng Giấy khen")
    with pdfplumber.open(BytesIO(content(build))) as pdf:
        table = pdf.pages[1].extract_tables()[1]
    listed = {" ".join((row[3] or "").split()): row[5] for row in table[1:]}
    assert {title: int(listed[title] or 0) for title in truth} == truth
    assert listed["Báo cáo thành tích"] == listed["Báo cáo thành tích: Chi cục Thủy lợi"]

    text = " ".join(pages)
    for words in (
        "Chi cục Thủy lợi", "Nguyễn Văn Ưởng", "12/TTr-CCTL", "ngày 10 tháng 12 năm 2024",
        "KT. CHI CỤC TRƯỞNG", "Kế hoạch số 207/KH-SNN ngày 07/06/2022", "3/3 (100%)",
        "Tỷ lệ văn bản được ký", "95,0%", "trên 90%", "Đạt", "Tổ thủy nông ấp Đông Thạnh",
        "Sáng kiến đo mực nước tự động", "Bà Đỗ Vũ Hùng, Lãnh đạo Sở, Chủ tịch hội đồng",
        "Hội đồng thống nhất trình Giám đốc Sở khen thưởng", "Launch plan page 2",
        f"Tổng số trang: {len(pages)}", f"trang 3/{len(pages)}", "01 tập thể, 01 cá nhân",
    ):  # fmt: skip
        assert words in text, words
    assert "BẢN THẢO" not in text
    assert "Còn thiếu" not in text


def test_a_draft_names_what_is_missing_on_its_cover(stage: Stage) -> None:
    stage.person("Nguyễn Văn Ưởng")
    dossier = stage.open()
    optional = stage.papers[Part.LAUNCH_PLAN]
    optional.required = False
    optional.save()
    pages = pages_of(built(dossier, stage))
    assert (
        "BẢN THẢO, còn thiếu: Biên bản họp xét; Báo cáo kết quả phong trào; số tờ trình; "
        "ngày tờ trình; kết quả xét của hội đồng về 1 đề nghị." in pages[1]
    )
    assert pages[1].count("Còn thiếu") == 3  # the launch plan is missing too, though not required
    assert "năm 2024" in pages[0] or "năm 20" in pages[0]


def test_an_empty_dossier_is_bound_too(stage: Stage) -> None:
    snapshot_pages = pages_of(built(stage.open(), stage))
    assert len(snapshot_pages) == 2
    assert "0 tập thể, 0 cá nhân, 0 hộ gia đình" in snapshot_pages[0]


def test_uploads_stand_where_the_portal_would_have_written(stage: Stage) -> None:
    DossierRequirement.objects.filter(campaign=stage.campaign).exclude(
        part__in=[Part.LETTER, Part.ACHIEVEMENT_REPORT]
    ).delete()
    proof = stage.papers[Part.PROOF] = DossierRequirement.objects.create(
        campaign=stage.campaign, ref="chung-minh", order=9, part=Part.PROOF, title="Minh chứng",
        required=False,
    )  # fmt: skip
    first, second = stage.person("Nguyễn Văn Ưởng"), stage.person("Trần Thị Ngữ")
    dossier = stage.open()
    put(stage, dossier, Part.LETTER, pdf_file("Signed letter"), "to-trinh-ky.pdf")
    put(stage, dossier, Part.LETTER, picture(), "to-trinh-trang-2.png")
    put(stage, dossier, Part.ACHIEVEMENT_REPORT, pdf_file("Signed report"), "bao-cao.pdf",
        nomination=second)  # fmt: skip
    put(stage, dossier, Part.PROOF, office_file(), "Số liệu gốc.docx")
    pages = pages_of(built(dossier, stage))
    text = " ".join(pages)
    assert "TỜ TRÌNH Về việc" not in text
    assert "Signed letter page 1" in text
    assert text.count("Họ và tên cá nhân đề nghị") == 1
    assert f"Họ và tên cá nhân đề nghị: {first.nominee_name}" in text
    assert "Signed report page 1" in text
    for words in ("Nộp kèm", "Số liệu", "gốc.docx"):  # a narrow column, broken anywhere
        assert words in pages[1]
    assert proof.title in pages[1]

    put(stage, dossier, Part.ACHIEVEMENT_REPORT, pdf_file("All reports"), "tat-ca.pdf")
    sheets = frozen(dossier, stage)["papers"]
    titles = [sheet["title"] for sheet in sheets if sheet["label"] == "Thành phần 2"]
    assert titles == ["Báo cáo thành tích", "tat-ca.pdf", "bao-cao.pdf (Trần Thị Ngữ)"]


def office_file() -> BytesIO:
    """The least that is recognised as a Word file."""
    file = BytesIO()
    with ZipFile(file, "w") as archive:
        archive.writestr("word/document.xml", "<w:document/>")
    file.seek(0)
    return file


def test_a_damaged_upload_fails_the_build_by_name(stage: Stage) -> None:
    dossier = stage.open()
    put(stage, dossier, Part.LAUNCH_PLAN, pdf_file("x"), "hong.pdf")
    torn = storage.keep_bytes(pdf_file("y").getvalue()[:300], media_type=storage.PDF, now=NOW)
    DossierPart.objects.update(blob=torn)  # a paper from before uploads were opened
    build = requested(dossier, stage)
    jobs.perform(Build, documents.compile_dossier, build.pk)
    build.refresh_from_db()
    assert build.state == Build.State.FAILED
    assert "“Kế hoạch phát động của đơn vị”" in build.error


# --- facts ---------------------------------------------------------------------------------------
def test_a_snapshot_holds_plain_values_only(stage: Stage) -> None:
    snapshot = frozen(whole(stage), stage)
    assert json.loads(json.dumps(snapshot)) == snapshot
    plain(snapshot)  # no float among them
    assert snapshot["revisions"]["dossier"] == 3
    assert len(snapshot["revisions"]["nominations"]) == 2
    assert len(snapshot["revisions"]["sheets"]) == 1
    assert len(snapshot["revisions"]["sessions"]) == 1


def test_a_retry_prints_the_same_facts(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    dossier = whole(stage)
    build = requested(dossier, stage)

    def broken(*_args: Any, **_more: Any) -> None:
        raise OSError("hết chỗ")

    with monkeypatch.context() as patch:
        patch.setattr(compiling.storage, "keep_bytes", broken)
        jobs.perform(Build, documents.compile_dossier, build.pk)
    build.refresh_from_db()
    assert build.state == Build.State.FAILED
    before = build.snapshot
    assert before

    stage.branch.name = "Chi cục Thủy lợi và Phòng chống thiên tai"
    stage.branch.save()
    Nomination.objects.update(summary="Khác hẳn.")
    services.retry_build(build, actor=stage.head, now=NOW)
    jobs.perform(Build, documents.compile_dossier, build.pk)
    build.refresh_from_db()
    assert build.state == Build.State.DONE, build.error
    assert build.snapshot == before
    text = " ".join(pages_of(build))
    assert "Phòng chống thiên tai" not in text
    assert "Khác hẳn" not in text


def test_a_lost_lease_stores_nothing(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    build = requested(whole(stage), stage)
    real = compiling.binder.bind
    files = Blob.objects.count()

    def slow(*args: Any, **more: Any) -> Any:
        bound = real(*args, **more)
        Build.objects.filter(pk=build.pk).update(token=None)  # the sweep gave it to another
        return bound

    monkeypatch.setattr(compiling.binder, "bind", slow)
    jobs.perform(Build, documents.compile_dossier, build.pk)
    build.refresh_from_db()
    assert build.state == Build.State.QUEUED
    assert build.pdf is None
    assert Blob.objects.count() == files


def test_facts_are_not_committed_on_a_build_that_is_no_longer_ours(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    build = requested(stage.open(), stage)
    claimed = jobs.claim(Build, build.pk, now=NOW)
    assert claimed
    Build.objects.filter(pk=build.pk).update(token=None)
    with pytest.raises(jobs.LeaseLost):
        documents.freeze(claimed)
    build.refresh_from_db()
    assert build.snapshot is None


def test_facts_are_read_in_one_repeatable_read_transaction(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    levels = []
    real = freezing.assemble

    def asked(facts: Any) -> Any:
        with connection.cursor() as cursor:
            cursor.execute("SHOW transaction_isolation")
            levels.append(cursor.fetchone()[0])
            cursor.execute("SHOW transaction_read_only")
            levels.append(cursor.fetchone()[0])
        return real(facts)

    monkeypatch.setattr(freezing, "assemble", asked)
    frozen(stage.open(), stage)
    assert levels == ["repeatable read", "on"]


def test_progress_says_what_is_written_and_how_far(stage: Stage) -> None:
    stage.person("Nguyễn Văn Ưởng")
    stage.person("Trần Thị Ngữ")
    build = requested(stage.open(), stage)
    claimed = jobs.claim(Build, build.pk, now=NOW)
    steps: list[tuple[str, int, int]] = []

    def told(step: str, done: int = 0, total: int = 0) -> None:
        steps.append((step, done, total))

    documents.compile_dossier(claimed, told)  # type: ignore[arg-type]
    assert steps == [
        ("Chốt số liệu", 0, 0),
        ("Lập tờ trình", 1, 7),
        ("Lập báo cáo thành tích 1 trên 2", 3, 7),
        ("Lập báo cáo thành tích 2 trên 2", 4, 7),
        ("Lập bản tóm tắt thành tích", 5, 7),
        ("Đóng tập, đánh số trang", 6, 7),
        ("Lưu tệp", 7, 7),
    ]


# --- what the papers say -------------------------------------------------------------------------
def test_names_are_those_of_the_day_of_the_letter(stage: Stage) -> None:
    stage.person("Nguyễn Văn Ưởng")
    dossier = signed(stage, stage.open())
    UnitName.objects.create(
        unit=stage.branch, name="Chi cục Thủy lợi (cũ)", kind=stage.branch.kind,
        valid_to=LETTER_ON,
    )  # fmt: skip
    UnitName.objects.create(
        unit=stage.branch, name="Chi cục mới", kind=stage.branch.kind,
        valid_from=LETTER_ON.replace(day=11),
    )  # fmt: skip
    (letter,) = papers_of(frozen(dossier, stage), "letter")
    assert letter["agency"] == "Chi cục Thủy lợi (cũ)"
    assert letter["parent_agency"] == "Sở NN&PTNT"
    assert letter["place"] == "Đồng Tháp"


def test_the_letter_without_number_day_and_signer_leaves_room(stage: Stage) -> None:
    stage.person("Nguyễn Văn Ưởng")
    stage.branch.symbol = ""
    stage.branch.save()
    (letter,) = papers_of(frozen(stage.open(), stage), "letter")
    assert (letter["number"], letter["signed_on"], letter["symbol"]) == (None, None, "TTr")
    assert letter["signature"] == {"capacity": ["Thủ trưởng đơn vị"], "post": "", "name": ""}
    assert letter["addressed_to"] == [
        stage.form.authority,
        "Sở Nông nghiệp và Phát triển nông thôn",
    ]


def test_an_office_that_runs_the_plan_writes_to_who_decides_alone(stage: Stage) -> None:
    stage.campaign.standing_agency = stage.branch
    stage.campaign.doc_symbol = ""
    stage.campaign.issued_on = None
    stage.campaign.save()
    stage.results_by_department()
    stage.person("Nguyễn Văn Ưởng")
    snapshot = frozen(stage.open(), stage)
    (letter,) = papers_of(snapshot, "letter")
    assert letter["addressed_to"] == [stage.form.authority]
    (report,) = papers_of(snapshot, "campaign_report")
    assert report["addressed_to"] == [stage.form.authority]
    assert report["intro"].startswith(
        "Thực hiện Kế hoạch của Sở Nông nghiệp và Phát triển nông thôn về tổ chức phong trào"
    )


def test_a_dead_form_says_what_is_in_force(stage: Stage) -> None:
    now = PaperForm.objects.create(ref="moi", code="Mẫu số 02", name="Mới", basis="Nghị định mới")
    between = PaperForm.objects.create(
        ref="giua", code="Mẫu số 03", name="Giữa", basis="Nghị định giữa",
        valid_to=LETTER_ON.replace(month=6), replaced_by=now,
    )  # fmt: skip
    old = PaperForm.objects.create(
        ref="cu", code="07", name="Cũ", basis="Nghị định cũ",
        valid_to=LETTER_ON.replace(year=2023), replaced_by=between,
    )  # fmt: skip
    paper = stage.papers[Part.ACHIEVEMENT_REPORT]
    paper.form, paper.confirmation = old, "cấp trình khen"
    paper.save()
    stage.person("Nguyễn Văn Ưởng")
    dossier = signed(stage, stage.open())
    (report,) = papers_of(frozen(dossier, stage), "achievement_report")
    assert report["form"] == (
        "Theo Mẫu số 07 ban hành kèm theo Nghị định cũ; mẫu hết hiệu lực sau ngày 10/12/2023, "
        "thay bằng Mẫu số 02 ban hành kèm theo Nghị định mới"
    )
    assert [signer["capacity"][1] for signer in report["confirmers"]] == [
        "thủ trưởng đơn vị",
        "cấp trình khen",
    ]


def test_reports_of_each_kind_of_nominee(stage: Stage) -> None:
    stage.results()
    household = Household.objects.create(
        ref="ho-1", head_name="Võ Văn Đực", address="Ấp Đông Thạnh", unit=stage.branch
    )
    stage.team(), stage.person("Nguyễn Văn Ưởng"), stage.household(household)
    reports = papers_of(frozen(stage.open(), stage), "achievement_report")
    team, person, home = reports
    assert [report["nominee_label"] for report in reports] == [
        "Tên tập thể đề nghị", "Họ và tên cá nhân đề nghị", "Tên hộ gia đình đề nghị",
    ]  # fmt: skip
    assert [row["result"] for row in team["results"]] == ["95,0%"]
    assert team["results"][0]["name"].endswith("(năm 2024)")
    assert person["results"] == home["results"] == []
    assert [report["signer"] for report in reports] == [
        {"capacity": ["Thủ trưởng đơn vị"], "post": "", "name": ""},
        {"capacity": ["Người báo cáo"], "post": "", "name": "Nguyễn Văn Ưởng"},
        {"capacity": ["Chủ hộ"], "post": "", "name": "Võ Văn Đực"},
    ]
    assert home["profile"] == [
        {"label": "Địa chỉ", "value": "Ấp Đông Thạnh"},
        {"label": "Địa bàn", "value": "Chi cục Thủy lợi"},
    ]
    assert person["role"] == "Chuyên viên, Chi cục Thủy lợi"


def test_criteria_in_words_stand_beside_the_figures(stage: Stage) -> None:
    stage.team()
    words: Indicator = IndicatorFactory(
        group=stage.ratio.group, code="CT03", name="Chất lượng", kind="qualitative", order=3
    )
    sheet = stage.results_with(words, "Đã làm")
    assess_cells(sheet, {words.pk: ("not_met", "Thiếu tệp")}, actor=stage.verifier, now=NOW)
    snapshot = frozen(stage.open(), stage)
    (team,) = papers_of(snapshot, "achievement_report")
    assert [row["code"] for row in team["results"]] == ["CT01"]
    assert team["told"] == [
        {"code": "CT03", "name": "Chất lượng (năm 2024)", "found": "Chưa đạt: Thiếu tệp"}
    ]
    (report,) = papers_of(snapshot, "campaign_report")
    found = {row["question"]: row["found"] for row in report["periods"][0]["narratives"]}
    assert found == {"Điển hình tiên tiến": "", "Chất lượng": "Chưa đạt: Thiếu tệp"}


def test_results_outside_the_time_of_the_achievement_are_left_out(stage: Stage) -> None:
    stage.results()
    team = stage.team()
    for span in ({"achievement_to": "2023-12-31"}, {"achievement_from": "2025-01-01"}):
        Nomination.objects.filter(pk=team.pk).update(
            **{"achievement_from": None, "achievement_to": None} | span
        )
        dossier = stage.open()
        (report,) = papers_of(frozen(dossier, stage), "achievement_report")
        assert report["results"] == []
        Build.objects.all().delete()


def test_a_collective_without_accepted_results_or_enrolment(stage: Stage) -> None:
    team = stage.team()
    stage.results()
    Nomination.objects.filter(pk=team.pk).update(unit=stage.department)
    (report,) = papers_of(frozen(stage.open(), stage), "achievement_report")
    assert report["results"] == []
    assert report["agency"] == stage.department.name
    assert {"label": "Đăng ký tham gia phong trào", "value": "……………………"} in report["profile"]


def test_cells_without_a_figure_say_why(stage: Stage) -> None:
    stage.results(choice="not_applicable")
    stage.team()
    (report,) = papers_of(frozen(stage.open(), stage), "campaign_report")
    (row,) = report["periods"][0]["results"]
    assert (row["result"], row["verdict"]) == ("–", "Không áp dụng")
    assert (row["numerator"], row["denominator"]) == ("", "")
    assert report["direction"] == "Chi cục Thủy lợi đăng ký tham gia phong trào ngày 30/06/2022."


def test_minutes_without_particulars_leave_room(stage: Stage) -> None:
    first, second = stage.person("Nguyễn Văn Ưởng"), stage.person("Trần Thị Ngữ")
    council = stage.award_round.council
    assert council
    council.symbol = council.decision = ""
    council.save()
    session = stage.meet(first, passed=False)
    session.place = session.minutes_number = session.conclusion = ""
    session.opened_at = session.ended_at = None
    session.save()
    # the first failed, so the dossier holds the second alone, and he has no session yet
    dossier = stage.open()
    assert papers_of(frozen(dossier, stage), "minutes") == []
    Build.objects.all().delete()
    Nomination.objects.filter(pk=first.pk).update(state=Nomination.State.PROPOSED)
    snapshot = frozen(dossier, stage)
    (minutes,) = papers_of(snapshot, "minutes")
    assert minutes["starts"] == "… giờ …, ngày 05 tháng 12 năm 2024"
    assert minutes["ends"] == "… giờ … cùng ngày"
    assert minutes["symbol"] == "BB-HĐTĐKT"
    assert minutes["location"] == "……………………"
    assert minutes["conclusion"] == "Hội đồng thông qua 0 trên 1 đề nghị."
    assert minutes["votes"][0]["percent"] == "33,33"
    assert second.nominee_name in minutes["agenda"]
    (letter,) = papers_of(snapshot, "letter")
    assert "(Biên bản BB-HĐTĐKT ngày 05/12/2024)" in letter["opening"]


def test_proofs_of_nominations_are_bound_even_where_the_plan_asks_for_none(stage: Stage) -> None:
    nomination = stage.person("Nguyễn Văn Ưởng")
    stage.proof(nomination, pdf_file("Initiative"), "sang-kien.pdf")
    sheets = frozen(stage.open(), stage)["papers"]
    assert [(sheet["title"], sheet["kind"]) for sheet in sheets[-2:]] == [
        ("Tài liệu kèm đề nghị", "group"),
        ("sang-kien.pdf (Ông Nguyễn Văn Ưởng)", "pdf"),
    ]


# --- staleness -----------------------------------------------------------------------------------
def test_a_version_grows_old_with_whatever_it_read(stage: Stage) -> None:
    dossier = whole(stage)
    build = requested(dossier, stage)
    assert not stale(build, dossier)  # nothing frozen, nothing old
    claimed = jobs.claim(Build, build.pk, now=NOW)
    assert claimed
    documents.freeze(claimed)
    build.refresh_from_db()
    assert not stale(build, dossier)

    put(stage, dossier, Part.LETTER, pdf_file("Signed"), "ky.pdf")
    Nomination.objects.filter(unit=None).update(revision=9)
    stage.meet_again()
    assert stale(build, dossier) == (
        "giấy tờ, thông tin tờ trình",
        "đề nghị khen thưởng",
        "kết quả phiên họp hội đồng",
        "kết quả thực hiện chỉ tiêu",
    )
    Dossier.objects.filter(pk=dossier.pk).update(
        state=Dossier.State.SENT, sent_at=NOW, sent_by=stage.head
    )
    assert stale(build, dossier) == ("kết quả thực hiện chỉ tiêu",)


def test_a_target_amended_within_a_period_it_prints_makes_it_old(stage: Stage) -> None:
    dossier = whole(stage)
    built_on = documents_of(dossier, stage)
    indicator = Indicator.objects.filter(kind="ratio").first()
    last = ResultSheet.objects.latest("period__period_to").period.period_to
    amend(indicator, 20, last + timedelta(days=1))
    assert not stale(built_on, dossier)
    amend(indicator, 20, last)
    said = f"mục tiêu (điều chỉnh từ ngày {last:%d/%m/%Y} theo “QĐ 9”, sau bản này)"
    assert stale(built_on, dossier) == (said,)
    Dossier.objects.filter(pk=dossier.pk).update(
        state=Dossier.State.SENT, sent_at=NOW, sent_by=stage.head
    )
    assert stale(built_on, dossier) == (said,)
    del built_on.snapshot["revisions"]["targets"]  # as frozen before stamps were kept
    assert not stale(built_on, dossier)


def documents_of(dossier: Dossier, stage: Stage) -> Build:
    """A version whose facts are frozen."""
    frozen(dossier, stage)
    return Build.objects.get(dossier=dossier)


def stale(build: Build, dossier: Dossier) -> tuple[str, ...]:
    dossier = queries.with_names(Dossier.objects.filter(pk=dossier.pk)).get()
    return queries.staleness(build, dossier, queries.contents(dossier)).changes
