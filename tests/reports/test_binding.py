"""A whole report bound from its chapters, read back: contents, numbers, what is printed anew."""

import io
from copy import deepcopy
from datetime import timedelta
from typing import Any

import pdfplumber
import pikepdf
import pytest
from django.utils import timezone

from dossiers.binder import Entry, Part
from reports.documents import binding, compile_report
from reports.documents.facts import freeze
from reports.models import PrintedChapter, Report
from reports.services import forget_prints
from tests.reports.plan import Plan, made, text_of
from tests.reports.test_changes import corrected, send
from units import jobs, storage

pytestmark = pytest.mark.django_db(transaction=True)

POINTS_A_MM = 72 / 25.4


def pages_of(report: Report) -> list[Any]:
    with pdfplumber.open(io.BytesIO(storage.read_bytes(report.pdf))) as paper:
        return [
            (page.extract_text(), page.extract_words(extra_attrs=["size"])) for page in paper.pages
        ]


def test_the_contents_tell_the_page_of_each_part_and_the_bookmarks_lead_there(plan: Plan) -> None:
    report = made(plan.report())
    texts = [text for text, _words in pages_of(report)]
    (contents,) = [text for text in texts if "MỤC LỤC" in text]
    with pikepdf.open(io.BytesIO(storage.read_bytes(report.pdf))) as book:
        numbers = {page.objgen: number for number, page in enumerate(book.pages, 1)}
        with book.open_outline() as outline:
            roots = [(item.title, numbers[item.destination[0].objgen]) for item in outline.root]
            children = [item.title for root in outline.root for item in root.children]
    assert [title for title, _page in roots] == [
        "Báo cáo",
        "Mục lục",
        "Phụ lục I. Tổng hợp kết quả của các đơn vị",
        "Phụ lục II. Kết quả theo từng chỉ tiêu",
        "Phụ lục III. Kết quả của từng đơn vị",
        "Phụ lục IV. Nội dung đơn vị báo cáo",
        "Phụ lục V. Danh sách đơn vị chưa báo cáo",
    ]
    for title, page in roots[2:]:
        assert f"{title} {page}" in contents
        assert title.split(". ")[1].upper() in texts[page - 1].replace("\n", " ")
    assert "CT01. Hồ sơ trên mạng" in children
    assert "Chi cục Thủy lợi" in children
    assert "I. Công tác chỉ đạo, tổ chức thực hiện" in children


def test_appendices_that_nobody_ticked_stay_out_of_the_paper(plan: Plan) -> None:
    report = plan.report()
    Report.objects.filter(pk=report.pk).update(by_indicator=False, by_unit=False)
    book = storage.read_bytes(made(report).pdf)
    with pikepdf.open(io.BytesIO(book)) as paper, paper.open_outline() as outline:
        titles = [item.title for item in outline.root]
    assert titles[2:] == [
        "Phụ lục I. Tổng hợp kết quả của các đơn vị",
        "Phụ lục II. Nội dung đơn vị báo cáo",
        "Phụ lục III. Danh sách đơn vị chưa báo cáo",
    ]


def test_readers_of_the_screen_find_every_page_in_the_structure(plan: Plan) -> None:
    """Both ways: from each marked piece of a page to its element, and from there back."""
    report = made(plan.report())
    with pikepdf.open(io.BytesIO(storage.read_bytes(report.pdf))) as book:
        root = book.Root.StructTreeRoot
        pairs = list(root.ParentTree.Nums)
        parents = {int(key): value for key, value in zip(pairs[::2], pairs[1::2], strict=True)}
        assert (bool(book.Root.MarkInfo.Marked), str(book.Root.Lang)) == (True, "vi")
        assert sorted(parents) == list(parents)
        assert len(parents) == len(pairs) // 2
        for page in book.pages:
            held = parents[int(page.obj.StructParents)]
            for mark in marks_of(page):
                element = held[mark]
                assert element.Pg.objgen == page.obj.objgen
                assert mark in [int(kid) for kid in element.K if isinstance(kid, int)] or any(
                    int(kid.MCID) == mark for kid in element.K if not isinstance(kid, int)
                )
                assert top_of(element).objgen == root.objgen
            for strip in page.resources.XObject.values():  # numbers of pages are read to nobody
                first, *_rest, last = pikepdf.parse_content_stream(strip)
                assert (str(first.operator), first.operands[0]) == ("BDC", "/Artifact")
                assert (str(last.operator), marks_of(strip)) == ("EMC", [])
            for link in page.obj.get("/Annots", ()):
                assert top_of(parents[int(link.StructParent)]).objgen == root.objgen
        heads = [str(kind) for kind in kinds_of(root) if str(kind) in ("/Document", "/H1", "/H2")]
        assert heads.count("/Document") == len(root.K) > 5
        assert heads[:2] == ["/Document", "/H1"]


def marks_of(page: pikepdf.Page | pikepdf.Object) -> list[int]:
    """The marked pieces of its content, those that are decoration left out."""
    found = []
    for operands, operator in pikepdf.parse_content_stream(page):
        if str(operator) == "BDC" and "/MCID" in (about := operands[1]):
            found.append(int(about["/MCID"]))
    return found


def top_of(element: Any) -> Any:
    while "/P" in element:
        element = element.P
    return element


def kinds_of(element: Any) -> list[Any]:
    found = [element.S] if "/S" in element else []
    for kid in element.get("/K", ()):
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            found += kinds_of(kid)
    return found


def test_a_chapter_that_goes_on_has_no_line_of_its_own_in_the_contents() -> None:
    parts = [
        Part("Phụ lục I. Kết quả", kind="own"),
        Part("", kind="own", bookmarks=[("Chi cục B", 2, 1)]),
    ]
    entries = [Entry("", 1, "own", 3, 2), Entry("", 1, "own", 5, 2)]
    content = binding._contents(parts, False, entries, 6)
    with pdfplumber.open(io.BytesIO(content)) as paper:
        lines = paper.pages[0].extract_text().splitlines()
    assert lines[1:3] == ["Phụ lục I. Kết quả 3", "Chi cục B 6"]


@pytest.mark.parametrize("count", [30, 60, 100])
def test_the_length_of_the_contents_is_known_before_they_are_printed(count: int) -> None:
    marks = [(f"Chi cục số {number}", number, 1) for number in range(1, count)]
    parts = [Part("Phụ lục I. Kết quả", kind="own", bookmarks=marks)]
    content = binding._contents(parts, False, [Entry("", 1, "own", 3, count)], count)
    with pikepdf.open(io.BytesIO(content)) as paper:
        assert len(paper.pages) == binding._contents_pages(parts)


def test_every_page_carries_its_number_in_the_whole_within_the_lower_margin(plan: Plan) -> None:
    report = made(plan.report())
    pages = pages_of(report)
    for number, (text, words) in enumerate(pages, 1):
        assert f"trang {number}/{len(pages)}" in text
        (foot,) = [word for word in words if word["text"] == f"{number}/{len(pages)}"]
        assert foot["size"] == pytest.approx(9, abs=0.2)
    assert "phiên bản 1 – trang 1/" in pages[0][0]
    assert "Phụ lục V – trang" in pages[-1][0]


def test_nothing_runs_over_a_border(plan: Plan) -> None:
    """Every word of a table lies between the lines to its left and its right."""
    with pdfplumber.open(io.BytesIO(storage.read_bytes(made(plan.report()).pdf))) as paper:
        for page in paper.pages:
            for table in page.find_tables():
                for box in filter(None, table.cells):
                    inside = page.within_bbox(box, strict=False).extract_words()
                    across = page.crop(box, strict=False).extract_words()
                    assert len(inside) == len(across), (page.page_number, box, across)


def test_a_chart_stands_above_its_table(plan: Plan) -> None:
    report = made(plan.report())
    with pdfplumber.open(io.BytesIO(storage.read_bytes(report.pdf))) as paper:
        (page,) = [p for p in paper.pages if "CT01. Hồ sơ trên mạng" in p.extract_text()][1:]
        green = [
            rect["bottom"]
            for rect in page.rects
            if rect["non_stroking_color"] == pytest.approx((23 / 255, 96 / 255, 58 / 255), abs=1e-3)
        ]
        heads = [word["top"] for word in page.extract_words() if word["text"] == "TT"]
    assert 0 < max(green) < max(heads)


def test_a_correction_prints_only_the_chapters_that_it_touches(plan: Plan) -> None:
    made(plan.report())
    before = set(PrintedChapter.objects.values_list("pk", flat=True))
    corrected(plan, "Chi cục Thủy lợi", "801")
    made(plan.report(version=2))
    anew = PrintedChapter.objects.exclude(pk__in=before)
    # the text, the table of all, the indicator, the unit, the line at the foot (another version)
    assert anew.count() == 5
    assert PrintedChapter.objects.filter(
        pk__in=before, used_at__gte=timezone.now() - timedelta(minutes=5)
    ).exists()


def test_a_print_that_no_version_uses_any_more_is_forgotten_and_its_file_swept(plan: Plan) -> None:
    report = made(plan.report())
    now = timezone.now()
    PrintedChapter.objects.update(used_at=now - timedelta(days=61))
    kept = PrintedChapter.objects.first()
    assert kept is not None
    PrintedChapter.objects.filter(pk=kept.pk).update(used_at=now - timedelta(days=59))
    forget_prints(now=now)
    assert list(PrintedChapter.objects.all()) == [kept]
    storage.sweep(now=now + timedelta(days=2))
    assert storage.read_bytes(kept.blob)
    assert storage.read_bytes(report.pdf)


def test_the_appendix_of_changes_tells_every_kind(plan: Plan) -> None:
    first = made(plan.report())
    send(first)
    corrected(plan, "Chi cục Thủy lợi", "801")
    text = text_of(made(plan.report(version=2))).replace("\n", " ")
    assert "THAY ĐỔI SO VỚI BẢN ĐÃ GỬI" in text
    assert "So với phiên bản 1, gửi theo văn bản 215/BC-SNN" in text
    for words in ("79,3%", "80,1%", "Phạm Mở Lại", "Trần Duyệt"):
        assert words in text


def aged(facts: dict[str, Any]) -> dict[str, Any]:
    """As facts were frozen before keys, words and changes were kept."""
    old = deepcopy(facts)
    for key in ("members", "chapters", "changes", "audit_digest"):
        del old[key]
    del old["period"]["kind"]
    for group in old["groups"]:
        for key in ("plan_ref", "ref", "columns"):
            del group[key]
        for line in [*group["indicators"], *group["units"]]:
            del line["ref"]
    return old


def test_facts_frozen_before_keys_and_words_were_kept_still_print(plan: Plan) -> None:
    report = plan.report()
    claimed = jobs.claim(Report, report.pk, now=timezone.now())
    assert claimed is not None
    Report.objects.filter(pk=report.pk).update(
        snapshot=aged(freeze(claimed)), lease_until=None, token=None
    )
    jobs.perform(Report, compile_report, report.pk)
    report.refresh_from_db()
    assert report.state == Report.State.DONE, report.error
    assert "80,3%" in text_of(report)
