"""Somebody else says how far a criterion in words is met: whoever verifies, or the lead."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from campaigns import queries, services
from campaigns.models import CellMark, Evidence, Period, ResultHistory, ResultSheet
from campaigns.rules import CLAIMED, Assessed, Found, Level, Tally, read_assessed, tally
from criteria.models import Indicator, RubricLevel
from tests.campaigns.excel import send, take
from tests.campaigns.test_evidence import add
from tests.campaigns.test_imports import preview
from tests.campaigns.world import World
from tests.conftest import StrictClient
from tests.factories import NOW, UnitFactory, user_with
from units.models import AuditEntry, User
from units.rules import DomainError
from units.services import give_role

LATER = NOW + timedelta(hours=1)
LEVELS = (Level(1, "Tốt"), Level(2, "Khá"))


@dataclass
class Judged:
    """A sheet that was sent with two answers in words, one of them on a rubric, and a number."""

    world: World
    sheet: ResultSheet
    rubric: Indicator
    words: Indicator
    levels: dict[str, RubricLevel]
    lead: User

    def key(self, name: str) -> str:
        return str(self.levels[name].pk)

    def row(self, indicator: Indicator | None = None) -> queries.Row:
        rows = self.page().rows
        return next(row for row in rows if row.indicator == (indicator or self.rubric))

    def page(self) -> queries.SheetPage:
        held = ResultSheet.objects.select_related(*queries.SHEET_RELATED)
        return queries.sheet_page(held.get(pk=self.sheet.pk))

    def assess(self, said: dict[Indicator, tuple[str, str]], **more) -> list[CellMark]:
        more = {"actor": self.world.verifier, "now": NOW} | more
        return services.assess_cells(
            self.sheet, {one.pk: what for one, what in said.items()}, **more
        )

    def by_lead(self, found: str, reason: str = "", indicator: Indicator | None = None):
        indicator = indicator or self.rubric
        result = self.sheet.results.get(indicator=indicator)
        return services.mark_cells(
            indicator,
            {result.pk: result.version},
            CellMark.Verdict.CONFIRMED,
            actor=self.lead,
            now=NOW,
            found=found,
            reason=reason,
        )

    def write_again(self) -> None:
        world = self.world
        back = services.return_sheet(self.sheet, reason="x", actor=world.verifier, now=NOW)
        typed = {"text": "Làm thêm", "level": "Tốt"}
        services.record_result(back, self.rubric, typed, 1, actor=world.clerk, now=LATER)
        services.submit_sheet(back, actor=world.head, now=LATER)


@pytest.fixture
def judged(world: World) -> Judged:
    Period.objects.update(closes_on=timezone.localdate() + timedelta(days=30))
    world.period.refresh_from_db()
    department = UnitFactory(name="Sở Thông tin", short_name="Sở TT")
    lead = user_with("lead_department", department, full_name="Đỗ Văn Chủ")
    rubric = world.indicator(None, kind="qualitative", code="A1", lead_unit=department)
    levels = {
        name: RubricLevel.objects.create(
            indicator=rubric, ref=f"m{order}", name=name, order=order, is_met=met
        )
        for order, (name, met) in enumerate((("Tốt", True), ("Khá", True), ("Kém", False)))
    }
    RubricLevel.objects.filter(name="Tốt").update(text="Có nơi khác làm theo")
    words = world.indicator(None, kind="qualitative", code="A2", lead_unit=department)
    number = world.indicator(code="A3")
    sheet = world.sheet()
    world.fill(sheet, rubric, text="Đã làm", level="Tốt")
    world.fill(sheet, words, text="Đã họp")
    world.fill(sheet, number, numerator="9", denominator="10")
    sheet = services.submit_sheet(sheet, actor=world.head, now=NOW)
    return Judged(world, sheet, rubric, words, levels, lead)


# --- reading --------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("levels", "claimed", "chosen", "reason", "found"),
    [
        (LEVELS, 1, CLAIMED, "", Assessed(level=1)),
        (LEVELS, 1, "1", "", Assessed(level=1)),
        (LEVELS, 1, "2", "Thiếu tệp", Assessed(level=2)),
        (LEVELS, None, "2", "Chưa tự nhận", Assessed(level=2)),
        ((), None, "met", "", Assessed(met=True)),
        ((), None, "not_met", "Thiếu", Assessed(met=False)),
    ],
)
def test_what_is_chosen_is_a_level_or_met_or_not(levels, claimed, chosen, reason, found):
    assert read_assessed(levels, claimed, chosen, reason) == found


@pytest.mark.parametrize(
    ("levels", "claimed", "chosen", "sentence"),
    [
        (LEVELS, 1, "2", "Xét mức “Khá” khác mức tự nhận thì ghi lý do"),
        (LEVELS, 1, "9", "^Chọn một trong các mức: “Tốt”, “Khá”"),
        (LEVELS, 1, "met", "^Chọn một trong các mức"),
        (LEVELS, None, CLAIMED, "không tự nhận mức nào. Chọn một trong các mức"),
        ((), None, "not_met", "Xét chưa đạt thì ghi lý do"),
        ((), None, CLAIMED, "Chọn “Đạt” hoặc “Chưa đạt”"),
    ],
)
def test_what_cannot_stand_is_refused_with_the_way_out(levels, claimed, chosen, sentence):
    with pytest.raises(DomainError, match=sentence):
        read_assessed(levels, claimed, chosen, "")


def test_the_counts_stand_side_by_side():
    found = tally([Found.MET, Found.WAITING, Found.NOT_MET, Found.MET])
    assert (found, found.words) == (Tally(2, 1, 1), "2 đạt, 1 chưa đạt, 1 chưa xét")
    assert bool(found)
    assert not tally([])


# --- whoever verifies -----------------------------------------------------------------------------
def test_what_the_verifier_finds_counts_and_both_are_told(judged: Judged) -> None:
    before = judged.row().assessment
    assert (before.found, str(before.level)) == (Found.WAITING, "Tốt")
    revision = judged.page().sheet.revision
    judged.assess({judged.rubric: (judged.key("Kém"), "Thiếu minh chứng")})
    held = judged.row().assessment
    assert (held.found, str(held.level), str(held.claim)) == (Found.NOT_MET, "Kém", "Tốt")
    assert held.mark.words == "mức “Kém” (tự nhận “Tốt”)"
    assert judged.page().sheet.revision == revision + 1  # what was printed of it is told
    assert judged.page().tally == Tally(0, 1, 1)
    line = AuditEntry.objects.get(action="resultsheet.assessed")
    assert line.note == "A1, mức “Kém” (tự nhận “Tốt”), Thiếu minh chứng"
    told = [one.sentence for one in queries.sheet_history(judged.sheet)]
    assert any("xét tiêu chí định tính: A1, mức “Kém”" in one for one in told)


def test_a_claim_is_confirmed_without_a_reason(judged: Judged) -> None:
    judged.assess({judged.rubric: (judged.key("Tốt"), ""), judged.words: ("met", "")})
    assert judged.row().assessment.mark.words == "mức “Tốt”"
    assert judged.row(judged.words).assessment.mark.words == "đạt"
    assert judged.page().tally == Tally(2, 0, 0)
    assert judged.page().to_assess == []


def test_without_a_rubric_not_met_needs_a_reason(judged: Judged) -> None:
    with pytest.raises(DomainError, match=r"A2: Xét chưa đạt thì ghi lý do"):
        judged.assess({judged.rubric: (judged.key("Tốt"), ""), judged.words: ("not_met", " ")})
    assert not CellMark.objects.exists()  # all of them or none
    judged.assess({judged.words: ("not_met", "Chưa có biên bản")})
    assert judged.row(judged.words).assessment.found == Found.NOT_MET


def test_an_assessment_holds_until_the_answer_changes(judged: Judged) -> None:
    judged.assess({judged.rubric: (judged.key("Khá"), "Thiếu tệp")})
    judged.write_again()
    held = judged.row().assessment
    assert (held.found, held.mark, str(held.level)) == (Found.WAITING, None, "Tốt")
    assert held.lapsed.words == "mức “Khá” (tự nhận “Tốt”)"
    judged.assess({judged.rubric: (judged.key("Tốt"), "")})
    assert (judged.row().assessment.found, judged.row().assessment.lapsed) == (Found.MET, None)


def test_an_assessment_holds_until_a_file_comes_or_goes(judged: Judged) -> None:
    world, said = judged.world, {judged.rubric: (judged.key("Tốt"), "")}

    def sent_again(hours: int, file: Evidence | None = None) -> Evidence:
        now = NOW + timedelta(hours=hours)
        back = services.return_sheet(judged.sheet, reason="x", actor=world.verifier, now=now)
        if file is None:
            file = add(world, back, judged.rubric, now=now)
        else:
            services.remove_evidence(file, actor=world.clerk, now=now)
        services.submit_sheet(back, actor=world.head, now=now)
        held = judged.row()
        assert (held.assessment.found, held.found_typed) == (Found.WAITING, "")
        assert held.assessment.lapsed.words == "mức “Tốt”"
        (line,) = queries.sheets_to_verify(world.verifier)
        assert line.to_assess == 2
        return file

    judged.assess(said)
    file = sent_again(1)
    judged.assess(said, now=NOW + timedelta(hours=2))  # the same, of other files
    assert judged.row().assessment.found == Found.MET
    sent_again(3, file)


def test_nobody_assesses_what_he_entered_or_signed(judged: Judged) -> None:
    world, said = judged.world, {judged.rubric: (judged.key("Tốt"), "")}
    judged.sheet.results.update(saved_by=world.verifier)
    with pytest.raises(DomainError, match="A1: Số liệu do chính người xét nhập hoặc ký gửi"):
        judged.assess(said)
    judged.sheet.results.update(saved_by=world.clerk)
    ResultSheet.objects.update(submitted_by=world.verifier)
    with pytest.raises(DomainError, match="chuyển cho người khác xét"):
        judged.assess(said)


def test_nobody_assesses_what_he_once_wrote(judged: Judged) -> None:
    world, said = judged.world, {judged.rubric: (judged.key("Tốt"), "")}
    result = judged.sheet.results.get(indicator=judged.rubric)
    ResultHistory.objects.create(result=result, version=0, by=world.verifier, at=NOW)
    judged.write_again()  # somebody else has mended it since
    with pytest.raises(DomainError, match="A1: Số liệu do chính người xét nhập"):
        judged.assess(said)
    assert queries.barred(judged.sheet, world.verifier) == {judged.rubric.pk}


def test_nobody_assesses_a_unit_that_he_enters_for(judged: Judged) -> None:
    world, said = judged.world, {judged.rubric: (judged.key("Tốt"), "")}
    give_role(
        user=world.verifier, unit=world.branch, role="clerk", and_below=False, actor=None, now=NOW
    )
    with pytest.raises(DomainError, match="A1: Người xét cũng nhập hoặc ký số liệu cho đơn vị"):
        judged.assess(said)
    assert judged.row().assessment.mark is None


def test_only_what_is_sent_and_was_seen_is_assessed(judged: Judged) -> None:
    world, said = judged.world, {judged.rubric: (judged.key("Tốt"), "")}
    with pytest.raises(DomainError, match="đã đổi từ khi mở trang"):
        judged.assess(said, revision=1)
    services.return_sheet(judged.sheet, reason="x", actor=world.verifier, now=NOW)
    with pytest.raises(DomainError, match="“trả lại để sửa” nên chưa xét được"):
        judged.assess(said)
    number = Indicator.objects.get(code="A3")
    with pytest.raises(DomainError, match="không còn nội dung vừa xét"):
        judged.assess({number: ("met", "")})


def test_what_was_said_is_not_said_again(judged: Judged) -> None:
    said = {judged.rubric: (judged.key("Tốt"), "")}
    with pytest.raises(DomainError, match="Chưa xét thêm tiêu chí nào"):
        judged.assess({})
    judged.assess(said)
    with pytest.raises(DomainError, match="Chưa xét thêm tiêu chí nào"):
        judged.assess(said)
    judged.assess({judged.rubric: (judged.key("Kém"), "Thiếu")})
    assert CellMark.objects.count() == 2


def test_the_tables_refuse_what_the_service_does(judged: Judged) -> None:
    result = judged.sheet.results.get(indicator=judged.rubric)
    good, low = judged.levels["Tốt"], judged.levels["Kém"]

    def mark(**fields) -> CellMark:
        own = {"result": result, "version": 1, "verdict": "confirmed", "at": NOW}
        return CellMark(**own | {"by": judged.lead} | fields)

    wrong = {
        "Xét mức khác mức tự nhận thì phải ghi lý do": mark(claimed=good, level=low),
        "Xét chưa đạt thì phải ghi lý do": mark(met=False),
        "Có thang mức thì xét theo mức": mark(claimed=good, level=good, met=True),
        "Ô còn ý kiến thì chưa xét": mark(verdict="questioned", reason="x", met=True),
        "thì phải xét mức": mark(office="agency"),
    }
    for sentence, one in wrong.items():
        with pytest.raises(ValidationError, match=sentence):
            one.validate_constraints()
        with pytest.raises(IntegrityError), transaction.atomic():
            one.save()
    unclaimed = mark(level=low)
    with pytest.raises(IntegrityError), transaction.atomic():
        unclaimed.save()


def test_a_workbook_tells_what_was_found_and_never_brings_it_back(judged: Judged) -> None:
    world = judged.world
    judged.assess({judged.rubric: (judged.key("Kém"), "Thiếu tệp")})
    services.return_sheet(judged.sheet, reason="x", actor=world.verifier, now=NOW)
    book = take(world, world.branch)
    cells = [str(cell.value) for row in book.page.iter_rows() for cell in row]
    told, *others = [text for text in cells if "Kết quả xét" in text]
    assert "Kết quả xét: Chưa đạt, mức “Kém” (tự nhận “Tốt”): Thiếu tệp." in told
    assert ["Kết quả xét: Chưa xét." in text for text in others] == [True]
    assert preview(world, send(world, book, world.branch)).differences == []
    assert CellMark.objects.count() == 1


# --- the lead -------------------------------------------------------------------------------------
def test_the_lead_confirms_the_claim_or_finds_another_level(judged: Judged) -> None:
    judged.by_lead(CLAIMED)
    assert (judged.row().assessment.found, judged.row().standing) == (Found.MET, "confirmed")
    with pytest.raises(DomainError, match=f"{judged.world.branch}: Xét mức “Kém” khác"):
        judged.by_lead(judged.key("Kém"))
    judged.by_lead(judged.key("Kém"), "Thiếu tệp")
    assert judged.row().assessment.found == Found.NOT_MET
    judged.by_lead("met", indicator=judged.words)
    assert judged.page().tally == Tally(1, 1, 0)
    assert queries.missing_leads([judged.page().sheet]) == {}


def test_whoever_verifies_goes_before_the_lead(judged: Judged) -> None:
    judged.assess({judged.rubric: (judged.key("Khá"), "Chưa đủ")})
    judged.by_lead(CLAIMED)
    assert str(judged.row().assessment.level) == "Khá"
    assert judged.row().mark.words == "mức “Tốt”"
    judged.write_again()
    judged.by_lead(CLAIMED)
    assert str(judged.row().assessment.level) == "Tốt"  # of this version only the lead has spoken


def test_a_question_of_the_lead_takes_its_assessment_back(judged: Judged) -> None:
    judged.by_lead(CLAIMED)
    result = judged.sheet.results.get(indicator=judged.rubric)
    services.mark_cells(
        judged.rubric,
        {result.pk: 1},
        CellMark.Verdict.QUESTIONED,
        actor=judged.lead,
        now=NOW,
        reason="Xem lại",
    )
    assert judged.row().assessment.found == Found.WAITING


def test_only_a_question_that_takes_an_assessment_back_raises_the_revision(judged: Judged) -> None:
    def risen_by(verdict: str) -> int:
        before = judged.page().sheet.revision
        result = judged.sheet.results.get(indicator=judged.rubric)
        services.mark_cells(
            judged.rubric,
            {result.pk: result.version},
            CellMark.Verdict(verdict),
            actor=judged.lead,
            now=NOW,
            reason="Xem lại",
        )
        return judged.page().sheet.revision - before

    assert risen_by("questioned") == 0
    assert risen_by("confirmed") == 1
    assert risen_by("questioned") == 1  # what was counted as met is not assessed any more
    assert risen_by("questioned") == 0
    risen_by("confirmed")
    judged.write_again()
    assert risen_by("questioned") == 0  # the answer has changed: it counted no longer


def test_what_has_no_answer_is_not_assessed(judged: Judged) -> None:
    world = judged.world
    back = services.return_sheet(judged.sheet, reason="x", actor=world.verifier, now=NOW)
    typed = {"choice": "nothing", "reason": "Không có"}
    services.record_result(back, judged.rubric, typed, 1, actor=world.clerk, now=LATER)
    services.submit_sheet(back, actor=world.head, now=LATER)
    judged.by_lead(CLAIMED)
    assert judged.row().assessment is None
    assert judged.row().standing == "confirmed"


def test_a_sheet_that_was_accepted_late_is_locked_and_still_assessed(
    judged: Judged, client: StrictClient
) -> None:
    world = judged.world
    Period.objects.update(closed_at=NOW, closes_on=NOW.date() - timedelta(days=1))
    client.force_login(world.verifier)
    ticked = {"sheet": f"{judged.sheet.pk}-{judged.sheet.revision}"}
    text = client.post("/phieu/tham-dinh/", ticked, follow=True).content.decode()
    assert f"Còn tiêu chí định tính chưa xét: {world.branch} (2). Mở phiếu để xét" in text
    judged.sheet.refresh_from_db()
    assert judged.sheet.state == "locked"
    indicators = queries.attended(world.campaign, judged.lead)
    page = queries.lead_page(world.period, indicators, judged.rubric, judged.lead)
    assert (page.markable, [count for _, count in page.counts]) == (1, [1, 1])
    assert judged.by_lead(CLAIMED).results  # the lead
    revision = judged.page().sheet.revision
    text = client.get(f"/phieu/{judged.sheet.pk}/").content.decode()
    assert "Phiếu đã khóa: còn xét được tiêu chí định tính" in text
    form = {f"found-{judged.words.pk}": "met", f"why-{judged.words.pk}": "", "revision": revision}
    client.post(f"/phieu/{judged.sheet.pk}/xet/", form)  # whoever verifies
    assert judged.page().tally == Tally(2, 0, 0)
    assert judged.page().sheet.revision == revision + 1  # reports of it are told to be old
    page = queries.lead_page(world.period, indicators, judged.rubric, judged.lead)
    assert [count for _, count in page.counts] == [0, 0]
    result = judged.sheet.results.get(indicator=judged.rubric)
    done = services.mark_cells(  # nothing can be mended there any more
        judged.rubric,
        {result.pk: result.version},
        CellMark.Verdict.QUESTIONED,
        actor=judged.lead,
        now=NOW,
        reason="x",
    )
    assert "“đã khóa”" in done.refused[0][1]


# --- on the pages ---------------------------------------------------------------------------------
def test_the_verifier_assesses_on_the_sheet(judged: Judged, client: StrictClient) -> None:
    client.force_login(judged.world.verifier)
    page, pk = f"/phieu/{judged.sheet.pk}/", judged.rubric.pk
    text = client.get(page).content.decode()
    assert '<span class="muted">Chờ Sở Thông tin xét</span>' in text
    assert "Còn 2 tiêu chí định tính chưa xét" in text
    assert "Tốt (đạt, mức tự nhận)" in text
    form = {f"found-{pk}": judged.key("Kém"), f"why-{pk}": "", "revision": judged.sheet.revision}
    answer = client.post(f"{page}xet/", form)
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "A1: Xét mức “Kém” khác mức tự nhận thì ghi lý do" in text
    assert f'<option value="{judged.key("Kém")}" selected>' in text
    form[f"why-{pk}"] = "Thiếu tệp"
    text = client.post(f"{page}xet/", form, follow=True).content.decode()
    assert "Đã ghi kết quả xét 1 tiêu chí định tính." in text
    assert "Mức được xét: <b>Kém</b>, tự nhận: Tốt" in text
    assert "xét ngày" in text
    assert "“Thiếu tệp”" in text
    assert "Định tính: 0 đạt, 1 chưa đạt, 1 chưa xét" in text
    assert f'<option value="{judged.key("Kém")}" selected>' in text
    judged.write_again()
    text = client.get(page).content.decode()
    assert "Đã đổi sau khi Trần Thị Mẫu xét mức “Kém” (tự nhận “Tốt”)" in text
    url = reverse("campaigns:result_history", args=[judged.sheet.pk, pk])
    told = client.get(url).content.decode()
    assert "xét mức “Kém” (tự nhận “Tốt”), cơ quan thẩm định: Thiếu tệp" in told


def test_accepting_takes_along_what_was_found(judged: Judged, client: StrictClient) -> None:
    client.force_login(judged.world.verifier)
    page, pk = f"/phieu/{judged.sheet.pk}/", judged.words.pk
    form = {f"found-{pk}": "not_met", f"why-{pk}": "", "revision": judged.sheet.revision}
    answer = client.post(f"{page}tham-dinh/", form)
    assert answer.status_code == 422
    judged.sheet.refresh_from_db()
    assert judged.sheet.state == "submitted"
    form[f"why-{pk}"] = "Thiếu biên bản"
    text = client.post(f"{page}tham-dinh/", form, follow=True).content.decode()
    judged.sheet.refresh_from_db()
    assert judged.sheet.state == "verified"
    assert "Thiếu biên bản" in text
    assert "Ghi kết quả xét" in text  # until the period closes the rest may be assessed


def test_the_list_says_how_many_answers_nobody_has_assessed(
    judged: Judged, client: StrictClient
) -> None:
    def waiting() -> int:
        (line,) = queries.sheets_to_verify(judged.world.verifier)
        return line.to_assess

    assert waiting() == 2
    client.force_login(judged.world.verifier)
    assert "2 định tính chưa xét" in client.get("/phieu/").content.decode()
    judged.by_lead(CLAIMED)
    assert waiting() == 1
    judged.assess({judged.rubric: (judged.key("Tốt"), ""), judged.words: ("met", "")})
    assert waiting() == 0
    assert "định tính chưa xét" not in client.get("/phieu/").content.decode()
    judged.write_again()
    assert waiting() == 1


def test_who_entered_an_answer_is_not_offered_to_assess_it(
    judged: Judged, client: StrictClient
) -> None:
    judged.sheet.results.filter(indicator=judged.rubric).update(saved_by=judged.world.verifier)
    client.force_login(judged.world.verifier)
    text = client.get(f"/phieu/{judged.sheet.pk}/").content.decode()
    assert "Người đã nhập, người nhập hoặc ký cho đơn vị không tự xét" in text
    assert f'name="found-{judged.rubric.pk}"' not in text
    assert f'name="found-{judged.words.pk}"' in text
    client.force_login(judged.world.clerk)
    assert "Ghi kết quả xét" not in client.get(f"/phieu/{judged.sheet.pk}/").content.decode()


def test_the_lead_assesses_over_all_units(judged: Judged, client: StrictClient) -> None:
    client.force_login(judged.lead)
    where = f"/phong-trao/{judged.world.campaign.ref}/chu-tri/?tieu-chi="
    rubric, words = f"{where}{judged.rubric.ref}", f"{where}{judged.words.ref}"
    text = client.get(rubric).content.decode()
    assert "Theo mức từng đơn vị tự nhận" in text
    assert "<li>Tốt: Có nơi khác làm theo</li>" in text
    assert "<p>Đã làm</p>" in text
    assert "Chọn tất cả 1 đơn vị xét được" in text
    assert "Định tính: 0 đạt, 0 chưa đạt, 1 chưa xét" in text
    cell = judged.sheet.results.get(indicator=judged.rubric)
    form = {"cell": f"{cell.pk}-1", "verdict": "confirmed", "found": judged.key("Kém")}
    form |= {"tieu-chi": judged.rubric.ref, "reason": ""}
    answer = client.post(rubric, form)
    assert answer.status_code == 422
    assert f'<option value="{judged.key("Kém")}" selected>' in answer.content.decode()
    text = client.post(rubric, form | {"reason": "Thiếu"}, follow=True).content.decode()
    assert "Đã xét nội dung A1 của 1 đơn vị." in text
    assert "Đã xét mức “Kém” (tự nhận “Tốt”)" in text
    text = client.get(words).content.decode()
    assert "Chưa chọn" in text
    cell = judged.sheet.results.get(indicator=judged.words)
    form = {"cell": f"{cell.pk}-1", "verdict": "confirmed", "found": "met"}
    text = client.post(words, form | {"tieu-chi": judged.words.ref}, follow=True).content.decode()
    assert "Đã xét đạt" in text
    client.force_login(judged.world.verifier)
    text = client.get(f"/phieu/{judged.sheet.pk}/").content.decode()
    assert "Đỗ Văn Chủ xét mức “Kém” (tự nhận “Tốt”) ngày" in text
    url = reverse("campaigns:result_history", args=[judged.sheet.pk, judged.rubric.pk])
    assert "đơn vị chủ trì: Thiếu" in client.get(url).content.decode()


def test_a_lead_that_also_verifies_speaks_as_both(judged: Judged) -> None:
    give_role(
        user=judged.lead,
        unit=judged.world.office,
        role="standing_agency",
        and_below=False,
        actor=None,
        now=NOW,
    )
    judged.by_lead(CLAIMED)
    judged.assess({judged.rubric: (judged.key("Khá"), "Thiếu")}, actor=judged.lead)
    assert {mark.office for mark in CellMark.objects.all()} == {"lead", "agency"}
