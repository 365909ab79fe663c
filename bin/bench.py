"""`make bench`: how far the portal is from the least that the same result could cost.

Run as `python -m bin.bench` with the environment of the demo, on its data. Each ratio is the median
of pairs in which A (the portal) and B (the bare tool) run one after the other, so that a busy
machine slows both. One line a measure, `name value unit`, and the same in var/bench.json.
"""

import html
import json
import os
import re
import statistics
import sys
import time
from collections.abc import Callable
from io import BytesIO
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402
from django.http import HttpRequest, HttpResponse  # noqa: E402
from django.middleware.csrf import get_token  # noqa: E402
from django.template import Context, Engine  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext, override_settings  # noqa: E402
from django.urls import path, reverse  # noqa: E402
from django.utils import timezone  # noqa: E402
from django.views.decorators.http import require_GET  # noqa: E402
from openpyxl import Workbook  # noqa: E402
from weasyprint import HTML  # noqa: E402
from weasyprint.text.fonts import FontConfiguration  # noqa: E402

import config.urls  # noqa: E402
from bin.bench_board import board_400_units_queries  # noqa: E402
from bin.bench_import import import_measures  # noqa: E402
from bin.bench_report import report_recompile_after_one_fix  # noqa: E402
from bin.bench_rollup import rollup_1m_results_vs_sql  # noqa: E402
from bin.bench_save import cell_save_200_users  # noqa: E402
from campaigns.models import ResultSheet  # noqa: E402
from campaigns.policies import enterable_result_sheets  # noqa: E402
from campaigns.queries import applicable_indicators  # noqa: E402
from dossiers import pdf  # noqa: E402
from reports.documents import BOOK, compile_report  # noqa: E402
from reports.documents.binding import chapters_of  # noqa: E402
from reports.documents.workbook import sheets_of  # noqa: E402
from reports.models import PrintedChapter, Report  # noqa: E402
from units import jobs, xlsx  # noqa: E402
from units.models import Job, User  # noqa: E402
from units.xlsx import Typed  # noqa: E402

GOALS = {
    "report_pdf_vs_weasyprint": 1.15,
    "grid_page_vs_bare_view": 2,
    "xlsx_vs_openpyxl": 1.5,
    "grid_queries": 12,
    "board_400_units_queries": 20,
    "import_20k_cells_vs_openpyxl_parse": 12,
    "import_vs_django_import_export": 5,
    "report_recompile_after_one_fix": 0.1,
    "cell_save_200_users": 3,
    "rollup_1m_results_vs_sql": 2,
}
AT_LEAST = {"import_vs_django_import_export"}  # the others: at most
Seconds = float


def timed(work: Callable[[], object]) -> Seconds:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def ratio(a: Callable[[], Seconds], b: Callable[[], Seconds], *, pairs: int) -> float:
    """The median of A ÷ B over `pairs`, after one pair that warms both up."""
    a(), b()
    return statistics.median(a() / b() for _ in range(pairs))


# --- the report: from the claim to the stored PDF ------------------------------------------------
class Watch(jobs.Progress):
    """Progress as a worker tells it, with the moment at which the workbook begins."""

    def __call__(self, step: str, done: int = 0, total: int = 0) -> None:
        MOMENTS[step] = time.perf_counter()
        super().__call__(step, done, total)


MOMENTS: dict[str, float] = {}  # by step; the workbook begins when the PDF lies in the store


def largest_report() -> Report:
    found = Report.objects.filter(state=Job.State.DONE).order_by("-pages", "pk").first()
    if found is None:
        sys.exit("Chưa có báo cáo mẫu nào. Chạy “make demo ONCE=1” trước rồi đo lại.")
    return found


def job_to_stored_pdf(report: Report) -> Seconds:
    """Another version of the same report, facts read anew and every chapter printed anew. Its row
    goes again; its files are swept as any that nothing refers to.
    """
    PrintedChapter.objects.all().delete()
    job = Report.objects.create(
        campaign=report.campaign,
        period=report.period,
        scope=report.scope,
        version=1_000_000,
        requested_at=timezone.now(),
    )
    try:
        began = time.perf_counter()
        claimed = jobs.claim(Report, job.pk, now=timezone.now())
        assert claimed
        compile_report(claimed, Watch(claimed))
        return MOMENTS[BOOK] - began
    finally:
        job.delete()


def report_pdf_vs_weasyprint() -> float:
    report = largest_report()
    snapshot = report.snapshot
    assert snapshot
    main, appendices = chapters_of(snapshot)
    sheets = [main, *(sheet for one in appendices for sheet in one.sheets)]
    chapters = [pdf.markup(sheet.template, sheet.paper, title="Báo cáo") for sheet in sheets]
    fonts = FontConfiguration()  # kept between runs, as the portal keeps its own

    def weasyprint_alone() -> Seconds:
        return timed(
            lambda: [
                HTML(string=one).write_pdf(font_config=fonts, pdf_tags=True) for one in chapters
            ]
        )

    return ratio(lambda: job_to_stored_pdf(report), weasyprint_alone, pairs=3)


# --- the workbook --------------------------------------------------------------------------------
def xlsx_vs_openpyxl() -> float:
    """Typed, styled, set up for print ÷ the bare values of the same cells."""
    snapshot = largest_report().snapshot
    assert snapshot

    def ours() -> Seconds:
        return timed(lambda: xlsx.write(BytesIO(), sheets_of(snapshot)))

    sheets = sheets_of(snapshot)
    titles = xlsx.sheet_titles([sheet.title for sheet in sheets])
    cells = [(title, bare_values(sheet)) for title, sheet in zip(titles, sheets, strict=True)]

    def bare() -> Seconds:
        return timed(lambda: write_bare(cells))

    return ratio(ours, bare, pairs=15)


def bare_values(sheet: xlsx.Sheet) -> list[list[Any]]:
    return [
        *([line] for line in sheet.heading_lines),
        [column.heading for column in sheet.columns],
        *([v.value if isinstance(v, Typed) else v for v in row] for row in sheet.rows),
    ]


def write_bare(sheets: list[tuple[str, list[list[Any]]]]) -> None:
    book = Workbook(write_only=True)
    for title, rows in sheets:
        page = book.create_sheet(title)
        for row in rows:
            page.append(row)
    book.save(BytesIO())


# --- the entry grid ------------------------------------------------------------------------------
# What the sheet holds, in one statement: a line an indicator that has a result.
BARE_SQL = """
SELECT i.id, i.code, i.name, r.numerator, r.denominator, r.value, r.yes, r.text, r.reason,
       r.version, r.saved_at, b.full_name
FROM campaigns_resultsheet s
JOIN campaigns_result r ON r.result_sheet_id = s.id
JOIN criteria_indicator i ON i.id = r.indicator_id
LEFT JOIN units_user b ON b.id = r.saved_by_id
WHERE s.id = %s
ORDER BY i."order", i.id
"""
GRID_ROW = re.compile(r'<tbody id="r\d+".*?</tbody>', re.S)
TOKEN = re.compile(r'(>\s*|=")([^<>"\s][^<>"]*?)(\s*<|")')
CSRF = re.compile(r'(name="csrfmiddlewaretoken" value="|"X-CSRFToken": ")[^"]*')


def largest_grid() -> tuple[User, ResultSheet]:
    """A sheet open for entry with the most indicators, and somebody who may enter it."""
    best: tuple[int, User, ResultSheet] | None = None
    for user in User.objects.filter(is_active=True, roles__role="clerk").distinct():
        open_sheets = enterable_result_sheets(user).filter(
            state__in=ResultSheet.EDITABLE, period__closed_at=None
        )
        for sheet in open_sheets.select_related("participation__unit", "participation__campaign"):
            size = applicable_indicators(sheet).count()
            if best is None or size > best[0]:
                best = (size, user, sheet)
    if best is None:
        sys.exit("Chưa có phiếu mẫu nào đang nhập. Chạy “make demo ONCE=1” trước rồi đo lại.")
    return best[1], best[2]


def as_bare_template(page: str, rows: list[dict[str, Any]]) -> tuple[str, list[list[str]]]:
    """The page as a plain template: in every row of the grid each text and each attribute is a
    variable, a column of the statement where it holds the same, else one of the second value
    (texts that the portal works out). What stands around the grid is fixed.
    """
    for brace in ("{{", "{%", "{#"):
        assert brace not in page, f"trang chứa {brace}"
    others: list[list[str]] = []

    def row_of(found: re.Match[str]) -> str:
        number = len(others)
        others.append([])
        row = next((row for row in rows if found[0].startswith(f'<tbody id="r{row["id"]}"')), {})

        def variable(token: re.Match[str]) -> str:
            text = html.unescape(token[2])
            for column, value in row.items():
                if value is not None and text == str(value):
                    return f"{token[1]}{{{{ rows.{rows.index(row)}.{column} }}}}{token[3]}"
            others[number].append(text)
            return f"{token[1]}{{{{ others.{number}.{len(others[number]) - 1} }}}}{token[3]}"

        return TOKEN.sub(variable, found[0])

    page = GRID_ROW.sub(row_of, page)
    assert others, "trang không có dòng nào của phiếu"
    return CSRF.sub(r"\1{{ csrf_token }}", page), others


def bare_rows(pk: int) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(BARE_SQL, [pk])
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def normal(page: str) -> str:
    """Without what differs each time (tokens), and without the ways to write the same."""
    return " ".join(html.unescape(CSRF.sub(r"\1", page)).split())


class BareUrls:
    """The portal's addresses and, beside them, the bare view."""

    urlpatterns: list[Any] = list(config.urls.urlpatterns)
    handler400 = config.urls.handler400


def grid_measures() -> tuple[float, int]:
    user, sheet = largest_grid()
    address = reverse("campaigns:result_sheet_detail", args=[sheet.pk])
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[-1])
    real = client.get(address).content.decode()
    source, others = as_bare_template(real, bare_rows(sheet.pk))
    template = Engine(autoescape=True).from_string(source)

    @require_GET
    def bare(request: HttpRequest) -> HttpResponse:
        values = {"rows": bare_rows(sheet.pk), "others": others, "csrf_token": get_token(request)}
        return HttpResponse(template.render(Context(values)))

    BareUrls.urlpatterns.append(path("trang-tran/", bare))
    with override_settings(ROOT_URLCONF=BareUrls):
        same = client.get("/trang-tran/").content.decode()
        assert normal(same) == normal(real), "trang trần không cho cùng HTML"
        with CaptureQueriesContext(connection) as captured:
            client.get(address)
            queries = len(captured)
        value = ratio(
            lambda: timed(lambda: client.get(address)),
            lambda: timed(lambda: client.get("/trang-tran/")),
            pairs=25,
        )
    return value, queries


def main() -> None:
    grid, queries = grid_measures()
    against_parse, against_library = import_measures(ratio)
    measures = {
        "report_pdf_vs_weasyprint": (round(report_pdf_vs_weasyprint(), 3), "lần"),
        "grid_page_vs_bare_view": (round(grid, 3), "lần"),
        "xlsx_vs_openpyxl": (round(xlsx_vs_openpyxl(), 3), "lần"),
        "grid_queries": (queries, "câu"),
        "board_400_units_queries": (board_400_units_queries(), "câu"),
        "import_20k_cells_vs_openpyxl_parse": (round(against_parse, 3), "lần"),
        "import_vs_django_import_export": (round(against_library, 3), "lần"),
        "report_recompile_after_one_fix": (round(report_recompile_after_one_fix(), 3), "lần"),
        "cell_save_200_users": (round(cell_save_200_users(), 3), "lần"),
        "rollup_1m_results_vs_sql": (round(rollup_1m_results_vs_sql(), 3), "lần"),
    }
    for name, (value, unit) in measures.items():
        short = value < GOALS[name] if name in AT_LEAST else value > GOALS[name]
        late = f"  (mục tiêu {GOALS[name]} {unit})" if short else ""
        print(f"{name} {value} {unit}{late}")
    target = settings.VAR_DIR / "bench.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    told = {name: {"value": value, "unit": unit} for name, (value, unit) in measures.items()}
    target.write_text(json.dumps(told, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
