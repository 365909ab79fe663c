"""What a report of the sample prints, computed once more by hand: plain SQL and fractions, none of
the portal's code between the stored answers and the figures expected.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pdfplumber
import pytest
from django.utils import timezone

import reports.services
from campaigns.models import Campaign
from config.demo import files
from config.management.commands import demo
from config.management.commands.demo import Command
from reports.documents import compile_report
from reports.models import Report
from tests.conftest import owner_cursor
from tests.journeys.world import BLOC, COUNTRYSIDE, DEPARTMENT, PROVINCE
from units import jobs, storage
from units.models import Job

pytestmark = pytest.mark.worker

PLANS = (PROVINCE, DEPARTMENT, BLOC, COUNTRYSIDE)
COUNTS = ("Đã nhập", "Không phát sinh", "Không áp dụng", "Chưa có số liệu")

# One line an answer that counts: accepted sheets of the year, units that the indicator measures.
ANSWERS = """
SELECT i.id, i.code, i.kind, i.of_which_id, r.state, r.numerator, r.denominator, r.value, r.yes,
       r.result_sheet_id
FROM campaigns_result r
JOIN criteria_indicator i ON i.id = r.indicator_id
JOIN campaigns_resultsheet s ON s.id = r.result_sheet_id
JOIN campaigns_period d ON d.id = s.period_id
JOIN campaigns_campaign c ON c.id = d.campaign_id
WHERE c.ref = %s AND d.ref = '2024' AND s.state IN ('verified', 'locked')
"""
# How many participants each indicator asks: those of its group's kinds; for a group measured once,
# the standing agency alone.
ASKED = """
SELECT i.code, i.kind, i.derivation, COALESCE((
        SELECT q.id FROM criteria_indicator q
        WHERE q.criteria_set_id = i.criteria_set_id AND q.quotes_id = i.derived_from_id
    ), i.derived_from_id), i.id, g.measured, g.name, (
    SELECT count(*) FROM campaigns_participation p JOIN units_unit u ON u.id = p.unit_id
    WHERE p.campaign_id = c.id AND p.left_on IS NULL AND (
        u.kind_id IN (SELECT k.unitkind_id FROM criteria_group_unit_kinds k WHERE k.group_id = g.id)
        OR u.id IN (SELECT n.unit_id FROM criteria_group_units n WHERE n.group_id = g.id)))
FROM criteria_indicator i
JOIN criteria_group g ON g.id = i.group_id
JOIN campaigns_campaign c ON c.criteria_set_id = i.criteria_set_id
WHERE c.ref = %s AND g.measured <> 'nominee' AND i.kind NOT IN ('narrative', 'qualitative')
"""


@dataclass
class Figure:
    """One line of the summary, by hand."""

    group: str
    code: str
    numerator: Decimal | None
    denominator: Decimal | None
    value: Decimal | None
    counts: tuple[int, int, int, int]  # reported, nothing to report, not applicable, missing

    @property
    def percent(self) -> Decimal | None:
        if not self.denominator or self.numerator is None:
            return None
        share = self.numerator / self.denominator * 100
        return share.quantize(Decimal("0.1"), ROUND_HALF_UP)


def by_hand(database: str, plan: str) -> dict[str, Figure]:
    with owner_cursor(database) as cursor:
        cursor.execute(ANSWERS, [plan])
        answers = cursor.fetchall()
        cursor.execute(ASKED, [plan])
        asked = cursor.fetchall()
    numerators = {(row[9], row[0]): row[5] for row in answers}  # (sheet, indicator)
    found: dict[int, Figure] = {}
    for code, kind, _, source, pk, measured, group, members in asked:
        if source is not None:
            continue
        mine = [row for row in answers if row[0] == pk]
        told = [row for row in mine if row[4] == "reported"]
        states = [row[4] for row in mine]
        units = 1 if measured == "once" else members
        counts = tuple(map(states.count, ("reported", "nothing", "not_applicable")))
        figure = Figure(group, code, None, None, None, (*counts, units - sum(counts)))
        if kind == "ratio" and told:
            figure.numerator = sum(row[5] for row in told)
            whole = [row[6] if row[3] is None else numerators[row[9], row[3]] for row in told]
            figure.denominator = sum(whole)
        elif kind == "yes_no":
            figure.value = Decimal(sum(row[8] for row in told))
        elif told:
            figure.value = sum(row[7] for row in told)
        found[pk] = figure
    for code, _, derivation, source, pk, _, group, _ in asked:
        if source is None:
            continue
        below = found[source]
        figure = Figure(group, code, below.numerator, below.denominator, None, below.counts)
        if derivation == "share":  # of all who take part, those who have not reported included
            figure.numerator, figure.denominator = below.value, Decimal(sum(below.counts))
        found[pk] = figure
    return {figure.code: figure for figure in found.values()}


def compiled(plan: str) -> Report:
    """The report of 2024 as a worker makes it, in this process, without a page for each unit."""
    campaign = Campaign.objects.get(ref=plan)
    report = reports.services.request_report(
        campaign,
        period=campaign.periods.get(ref="2024"),
        scope=campaign.issuer,
        actor=None,
        now=timezone.now(),
        by_unit=False,
    )
    jobs.perform(Report, compile_report, report.pk)
    report.refresh_from_db()
    assert (report.state, report.error) == (Job.State.DONE, "")
    return report


def book_of(report: Report) -> Any:
    return openpyxl.load_workbook(BytesIO(storage.read_bytes(report.xlsx)))


def summary_of(book: Any) -> Iterator[dict[str, Any]]:
    """The lines below the headings of the first sheet, by heading."""
    rows = list(book["Tổng hợp"].iter_rows(values_only=True))
    start = next(index for index, row in enumerate(rows) if row[1] == "Mã")
    for row in rows[start + 1 :]:
        yield dict(zip(rows[start], row, strict=True))


def exact(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def shown(number: Decimal) -> str:
    """1234.5 → “1.234,5”."""
    return f"{number.normalize():,f}".translate(str.maketrans(",.", ".,"))


@pytest.mark.parametrize("plan", PLANS)
def test_the_workbook_and_the_paper_print_what_a_hand_calculation_gives(
    province: str, redis_socket: Path, plan: str
) -> None:
    expected = by_hand(province, plan)
    report = compiled(plan)
    lines = list(summary_of(book_of(report)))
    own = [line for line in lines if line["Mã"] in expected]
    assert {line["Mã"] for line in own} == set(expected)
    for line in own:
        check_line(line, expected[line["Mã"]])

    campaign = Campaign.objects.get(ref=plan)
    parts = campaign.participations.filter(left_on=None).select_related("unit")
    names = [campaign.number_text, campaign.issuer_name, *(part.unit.name for part in parts)]
    rows = read_paper(report, codes=set(expected), names=set(map(squeeze, names)))
    for code, figure in expected.items():
        numerator, denominator, result, *_ = rows[code]
        if figure.denominator is not None:
            assert numerator == shown(figure.numerator)
            assert denominator == shown(figure.denominator)
            assert result == f"{shown_percent(figure.percent)}%"
        elif figure.value is not None:
            assert result.split()[0] == shown(figure.value)


def shown_percent(percent: Decimal | None) -> str:
    return str(percent).replace(".", ",")


def check_line(line: dict[str, Any], figure: Figure) -> None:
    counts = tuple(int(line[key]) for key in COUNTS)
    told = (exact(line["Tử số"]), exact(line["Mẫu số"]), counts)
    assert told == (figure.numerator, figure.denominator, figure.counts), figure.code
    if figure.denominator:
        share = figure.numerator / figure.denominator
        assert abs(exact(line["Kết quả"]) - share) < Decimal("1e-12"), figure.code
    elif figure.value is not None:
        assert exact(line["Kết quả"]) == figure.value, figure.code


def test_the_plan_of_the_province_includes_the_figures_of_the_plan_below_it(
    province: str, redis_socket: Path
) -> None:
    expected = by_hand(province, DEPARTMENT)
    report = compiled(PROVINCE)
    lines = {line["Mã"]: line for line in summary_of(book_of(report))}
    assert expected
    for code, figure in expected.items():
        check_line(lines[code], figure)


def read_paper(report: Report, *, codes: set[str], names: set[str]) -> dict[str, list[str]]:
    """Numerator, denominator, result and verdict by code. Read page by page until each of `codes`
    has its line and each of `names` (without spaces) has been printed: appendices are long.
    """
    rows: dict[str, list[str]] = {}
    with pdfplumber.open(BytesIO(storage.read_bytes(report.pdf))) as paper:
        for page in paper.pages:
            texts = [page.extract_text()]
            for cells in (row for table in page.extract_tables() for row in table):
                told = [" ".join((cell or "").split()) for cell in cells]
                texts += told
                if len(told) == 8 and told[0].isdigit():
                    rows.setdefault(told[1], told[4:])
            printed = "\n".join(map(squeeze, texts))
            names = {name for name in names if name not in printed}
            if not names and codes <= rows.keys():
                return rows
    raise AssertionError(f"không in: {sorted(names)}, {sorted(codes - rows.keys())}")


def squeeze(text: str) -> str:
    """Without spaces: a line break may fall inside a name."""
    return "".join(text.split())


def test_the_manifest_names_files_that_open_and_counts_them_rightly(
    province: str, redis_socket: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEMO_DIR", str(tmp_path / "demo"))
    fewer = Campaign.objects.filter(ref__in=PLANS)  # each takes its minute
    monkeypatch.setattr(demo, "real_plans", lambda: fewer)
    for plan in PLANS:
        compiled(plan)
    files.write_manifest(Command().compile_reports())
    manifest = json.loads((tmp_path / "demo" / "manifest.json").read_text())
    kinds = {(line["plan"], line["kind"]) for line in manifest}
    assert kinds == {(plan, kind) for plan in PLANS for kind in ("report-pdf", "report-xlsx")}
    for line in manifest:
        assert set(line) == {"plan", "kind", "path", "pages", "rows", "seconds"}
        assert line["seconds"] > 0
        file = tmp_path / "demo" / line["path"]
        if line["kind"] == "report-pdf":
            with pdfplumber.open(file) as paper:
                assert len(paper.pages) == line["pages"]
        else:
            book = openpyxl.load_workbook(file)
            filtered = [page.auto_filter.ref.split(":") for page in book.worksheets]
            rows = sum(int(end.strip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")) for _, end in filtered)
            heads = sum(int(start.strip("A")) for start, _ in filtered)
            assert rows - heads == line["rows"]
