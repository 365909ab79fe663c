"""The press: print templates to PDF, the only door to WeasyPrint.

A paper is plain values and nothing else, so that what is printed is exactly what was frozen in a
snapshot. The press reads no database, no disk and no network: a template may point at installed
static files (``static:NAME``) and at blobs it was given (``blob:NAME``); every other address fails
the whole paper, because a paper that silently lacks a picture must not be signed.

Print templates are compiled by an engine of their own: they are always escaped, and a value they
name but did not get is an error rather than a blank. Layout follows Decree 30/2020/NĐ-CP, Appendix
I; the measures are in ``templates/print/document.css``.
"""

import hashlib
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache, lru_cache
from mimetypes import guess_type
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import weasyprint
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.exceptions import SuspiciousOperation
from django.template import Context, Engine, Library, TemplateDoesNotExist
from django.utils import translation
from weasyprint import CSS, HTML
from weasyprint.css.counters import CounterStyle
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

import units.rules
from dossiers import rules
from dossiers.rules import day_words
from units.rules import day_text, decimal_text, nfc

register = Library()

# Styles that ask for nothing else; typed text is escaped, so these are the templates' own.
STYLE = re.compile(r"<style>((?:(?!</style>|url\(|@import|@font-face).)*)</style>", re.DOTALL)
NOWHERE = "nowhere:"  # no place: a relative address reaches the fetcher and is refused
ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


class PressError(Exception):
    """A template or its caller is wrong (missing value, refused address); never a user's fault."""


@dataclass(frozen=True)
class Bookmark:
    title: str
    page: int  # counted from 1
    level: int  # 1 is the outermost


@dataclass(frozen=True)
class Pdf:
    """A rendered paper."""

    content: bytes
    pages: int
    bookmarks: tuple[Bookmark, ...] = ()


def render(
    template: str,
    paper: Mapping[str, Any],
    *,
    title: str,
    author: str = "",
    subject: str = "",
    created_at: datetime | None = None,
    blobs: Mapping[str, bytes] | None = None,
) -> Pdf:
    """Print `paper` (plain values, see the head of each template) with ``templates/print`` files.

    `title`, `author`, `subject` and `created_at` become the document information of the PDF.
    TypeError for a value that is not plain; PressError for a value the template misses and for an
    address other than an installed static file or a given blob.
    """
    source = markup(
        template, paper, title=title, author=author, subject=subject, created_at=created_at
    )
    fetcher = _Fetcher(blobs or {})
    pdf = None
    with suppress(FatalURLFetchingError):  # the fetcher knows what it refused
        pdf = _pressed(source, fetcher)
    # Asked even when WeasyPrint came to an end: it swallows refusals inside SVG pictures.
    if fetcher.refused or pdf is None:
        raise PressError(
            f"{template}: địa chỉ không được phép trong bản in: {', '.join(fetcher.refused)}"
        )
    return pdf


def _pressed(source: str, fetcher: "_Fetcher") -> Pdf:
    sheet, counters = _styles("".join(STYLE.findall(source)))
    html = HTML(string=STYLE.sub("", source), base_url=NOWHERE, url_fetcher=fetcher)
    document = html.render(
        font_config=_fonts(), stylesheets=[sheet], counter_style=counters, pdf_tags=True
    )
    tree = document.make_bookmark_tree()
    content = document.write_pdf(pdf_tags=True)
    return Pdf(content, len(document.pages), tuple(_bookmarks(tree, level=1)))


@lru_cache(maxsize=64)
def _styles(text: str) -> tuple[CSS, CounterStyle]:
    """Styles parsed once, apart from the papers: most papers are short, their styles are not."""
    counters = CounterStyle()
    return CSS(string=text, counter_style=counters), counters


@cache
def edition() -> str:
    """What, beside its values, a print depends on: templates, styles, this press, the rules that
    write numbers and days, WeasyPrint.

    A print may be kept for as long as this and its values stay the same.
    """
    digest = hashlib.sha256(weasyprint.__version__.encode())
    dirs: list[Any] = [*settings.TEMPLATES[0]["DIRS"]]  # type: ignore[misc]
    folders = [Path(folder) for folder in dirs]
    printed = [path for folder in folders for path in folder.glob("print/*")]
    drawn = [path for folder in folders for path in folder.glob("campaigns/board_*.html")]
    code = [Path(__file__), *(Path(str(module.__file__)) for module in (rules, units.rules))]
    for path in sorted([*printed, *drawn, *code]):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def markup(
    template: str,
    paper: Mapping[str, Any],
    *,
    title: str,
    author: str = "",
    subject: str = "",
    created_at: datetime | None = None,
) -> str:
    """The HTML that `render` prints, styles included; complete in itself unless it uses blobs."""
    meta = {"title": title, "author": author, "subject": subject}
    context = {
        "paper": plain(paper),
        "meta": {
            **plain(meta),
            "created_at": created_at.isoformat(timespec="seconds") if created_at else "",
        },
    }
    with translation.override("vi"):
        try:
            return _engine().get_template(template).render(Context(context, autoescape=True))
        except TemplateDoesNotExist as error:
            raise PressError(f"Không có mẫu in {error}.") from error


def plain(value: Any, path: str = "paper") -> Any:
    """A copy of `value` fit to print: text in NFC, dates under ``*_on`` keys as dates.

    Allowed are text, whole numbers, Decimal, booleans, dates, None, mappings and sequences of
    these. Anything else is a TypeError that names the place: a model or a queryset would read the
    database while printing, a float is not exact, safe text would escape escaping.
    """
    if value is None or isinstance(value, bool | int | Decimal | date):
        return value
    if isinstance(value, str) and not hasattr(value, "__html__"):
        return nfc(str.__str__(value))
    if isinstance(value, Mapping):
        return {key: _plain_item(key, item, path) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item, f"{path}[{index}]") for index, item in enumerate(value)]
    raise TypeError(
        f"{path}: bản in chỉ nhận giá trị thuần (chữ, số nguyên, Decimal, ngày, danh sách), "
        f"không nhận {type(value).__name__}."
    )


def _plain_item(key: Any, value: Any, path: str) -> Any:
    if not isinstance(key, str):
        raise TypeError(f"{path}: khóa {key!r} không phải chữ.")
    place = f"{path}.{key}"
    if key.endswith("_on") and isinstance(value, str):
        # Snapshots are kept as JSON, which has no dates.
        if not ISO_DATE.fullmatch(value):
            raise TypeError(f"{place}: ngày phải là date hoặc YYYY-MM-DD, không phải {value!r}.")
        return date.fromisoformat(value)
    return plain(value, place)


# --- what the templates can say -----------------------------------------------------------------


@register.filter
def number(value: Any) -> str:
    """1234567.5 → “1.234.567,5”, unrounded; text stays as it is and None prints nothing."""
    if value is None:
        return ""
    return value if isinstance(value, str) else decimal_text(value)


@register.filter
def document_number(value: Any) -> str:
    """5 → “05”, 12 → “12”; none yet → room to write it in (Decree 30/2020, Appendix I, II.3)."""
    if value in (None, ""):
        return "\N{NO-BREAK SPACE}" * 7
    return str(value).zfill(2)


@register.filter
def day_in_words(value: date | None) -> str:
    """“ngày 07 tháng 6 năm 2022”: a zero before days below 10 and before months 1 and 2 only."""
    if value is None:
        return ""
    return f"ngày {day_words(value)}"


@register.filter
def day(value: date | None) -> str:
    """“07/06/2022”; nothing for None."""
    return day_text(value)


@register.filter
def paragraphs(value: str | None) -> list[str]:
    """The paragraphs of typed text: one a line, blank lines dropped."""
    return [line.strip() for line in (value or "").splitlines() if line.strip()]


@register.filter
def balanced(value: str, room: int) -> str:
    """Breaks a centred line of more than `room` characters into lines of like length.

    A line rather begins than ends with “và”, “của” or “thi đua”, and never lies next to a hyphen
    (Thi đua - Khen thưởng) or inside a word of two syllables. Breaks that were typed are kept.
    """
    words = value.split(" ")
    count = -(-len(value) // room)
    if "\n" in value or count < 2:
        return value
    starts, begun = {0}, 0  # indexes of the words that begin a line; where the last of them stands
    for line in range(1, count):
        wanted = line * len(value) / count
        at, distances, places = 0, {}, {}
        for index, word in enumerate(words[:-1]):
            at += len(word) + 1
            after = words[index + 1].lower()
            bonus = 5 * (after in OPENERS) - 5 * (word.lower() in OPENERS)
            torn = "-" in (word, after) or (word.lower(), after) in COMPOUNDS
            malus = len(value) * (torn + (at - 1 - begun > room))
            distances[index + 1] = abs(at - wanted) - bonus + malus
            places[index + 1] = at
        best = min(distances, key=distances.__getitem__)
        starts.add(best)
        begun = places[best]
    return "".join(
        ("\n" if index in starts else " ") + word for index, word in enumerate(words)
    ).strip()


OPENERS = {"và", "của", "về", "thi"}
COMPOUNDS = {("nông", "nghiệp"), ("nông", "thôn"), ("đơn", "vị"), ("phát", "triển"), ("thi", "đua")}


@register.filter
def roman(value: int) -> str:
    """1 → I … 39 → XXXIX, for numbered parts and appendices."""
    tens, ones = divmod(value, 10)
    return "X" * tens + ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX")[ones]


class _Strict(str):
    """Django asks this “string if invalid” for the text of a missing value; it refuses."""

    __slots__ = ()

    def __mod__(self, name: object) -> str:
        raise PressError(f"Bản in thiếu giá trị {name}.")


@cache
def _engine() -> Engine:
    folders: list[Any] = [*settings.TEMPLATES[0]["DIRS"]]  # type: ignore[misc]
    return Engine(
        dirs=folders,
        autoescape=True,
        string_if_invalid=_Strict("%s"),
        builtins=["dossiers.pdf"],
    )


# --- what WeasyPrint may read -------------------------------------------------------------------


class _Fetcher(URLFetcher):
    """Serves ``static:NAME`` and ``blob:NAME``; remembers and refuses everything else."""

    def __init__(self, blobs: Mapping[str, bytes]) -> None:
        super().__init__(allowed_protocols=(), allow_redirects=False, fail_on_errors=True)
        self._blobs = blobs
        self.refused: list[str] = []

    def fetch(self, url: str, headers: Any = None) -> URLFetcherResponse:
        scheme, _, rest = url.partition(":")
        name = unquote(rest)
        if scheme == "blob" and name in self._blobs:
            return self._answer(url, name, self._blobs[name])
        if scheme == "static" and (path := _static_file(name)):
            return self._answer(url, name, path.read_bytes())
        self.refused.append(url[:200])
        raise PressError(url[:200])

    def open(self, url: Any, data: Any = None, timeout: Any = None) -> URLFetcherResponse:
        return self.fetch(getattr(url, "full_url", url))

    @staticmethod
    def _answer(url: str, name: str, content: bytes) -> URLFetcherResponse:
        kind = guess_type(name)[0] or "application/octet-stream"
        return URLFetcherResponse(url, content, {"Content-Type": kind})


def _static_file(name: str) -> Path | None:
    try:
        found = finders.find(name)
    except SuspiciousOperation:  # “../” out of the static folders
        return None
    return Path(found) if found and Path(found).is_file() else None


_local = threading.local()


def _fonts() -> FontConfiguration:
    """One font map a thread: building it costs more than a short letter, Pango's is not shared."""
    if not hasattr(_local, "fonts"):
        _local.fonts = FontConfiguration()
    return _local.fonts


def _bookmarks(tree: Sequence[Any], level: int) -> Iterator[Bookmark]:
    for label, (page, _x, _y), children, _state in tree:
        yield Bookmark(label, page + 1, level)
        yield from _bookmarks(children, level + 1)
