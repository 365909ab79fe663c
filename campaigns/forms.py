"""What people send: forms, and the entry grid with fields named r<key of the indicator>-<field>."""

import re
from datetime import date, datetime

from django import forms
from django.http import QueryDict

from units.rules import field_sentences

FIELDS = ("numerator", "denominator", "value", "yes", "text", "level", "choice", "reason")
FLAG = re.compile(r"flag-\d{1,18}")
NAME = re.compile(r"r(\d{1,18})-version")


def cell(post: QueryDict, pk: int) -> tuple[dict[str, str], int]:
    """What was typed in one cell, and the version its page was drawn with.

    Who keeps his own value after a conflict has seen the other: `known` is its version.
    """
    typed = {name: post[key] for name in FIELDS if (key := f"r{pk}-{name}") in post}
    name = "known" if post.get(f"r{pk}-keep") == "mine" else "version"
    version = post.get(f"r{pk}-{name}", "")
    return typed, int(version) if version.isascii() and version.isdigit() and len(
        version
    ) <= 9 else 0


def cells(post: QueryDict) -> dict[int, tuple[dict[str, str], int]]:
    """Every cell of the form by the key of its indicator."""
    keys = [int(found[1]) for name in post if (found := NAME.fullmatch(name))]
    return {pk: cell(post, pk) for pk in keys}


def versions(sent: QueryDict) -> dict[int, int]:
    """The version that a page has of each cell it sends along, by the key of the indicator."""
    named = [int(found[1]) for name in sent if (found := NAME.fullmatch(name))]
    return {pk: cell(sent, pk)[1] for pk in named}


def since(sent: QueryDict) -> tuple[int, int]:
    """The revision and the newest write that a page shows; noughts for what no page sends."""
    parts = keys(sent.get("since", "").split("."))
    return (parts[0], parts[1]) if len(parts) == 2 else (0, 0)


SCORE_FIELDS = ("points", "count", "yes", "na", "reason")
SCORE_NAME = re.compile(r"s(\d{1,18})-version")


def score(post: QueryDict, pk: int) -> tuple[dict[str, str], int]:
    """What was typed for one item of a score sheet, and the version its page was drawn with."""
    typed = {name: post[field] for name in SCORE_FIELDS if (field := f"s{pk}-{name}") in post}
    return typed, key(post, f"s{pk}-version")


def scores(post: QueryDict) -> dict[int, tuple[dict[str, str], int]]:
    """Every item of the form by its key."""
    found = [int(match[1]) for name in post if (match := SCORE_NAME.fullmatch(name))]
    return {pk: score(post, pk) for pk in found}


def places(post: QueryDict) -> dict[int, int]:
    """The order that a meeting gave: place by the key of the score sheet; empty ones left out."""
    found = {}
    for name in post:
        pk = name.removeprefix("place-")
        if name != pk and keys([pk]) and keys([post[name]]):
            found[int(pk)] = int(post[name])
    return found


def typed_places(post: QueryDict) -> dict[int, str]:
    """The same as it was typed, for a form that comes back."""
    names = {name: name.removeprefix("place-") for name in post}
    return {int(pk): post[name] for name, pk in names.items() if name != pk and keys([pk])}


def chosen(post: QueryDict) -> dict[tuple[int, int], int]:
    """Cells of a workbook whose own value is to be kept: unit-indicator-version, each ticked."""
    found = {}
    for text in post.getlist("mine"):
        parts = keys(text.split("-"))
        if len(parts) == 3:
            found[parts[0], parts[1]] = parts[2]
    return found


def flags(post: QueryDict) -> dict[int, str]:
    """Cells of a sheet to be mended, by the key of the indicator: ticked, or spoken of."""
    notes = {int(name[5:]): text for name, text in post.items() if FLAG.fullmatch(name)}
    ticked = dict.fromkeys(keys(post.getlist("flag")), "")
    return ticked | {pk: text for pk, text in notes.items() if text.strip() or pk in ticked}


ASSESSED = re.compile(r"found-(\d{1,18})")


def assessed(post: QueryDict) -> dict[int, tuple[str, str]]:
    """What a verifier found of answers in words, by the key of the indicator: what was chosen, why.
    Where neither was given nothing is said."""
    pks = [match[1] for name in post if (match := ASSESSED.fullmatch(name))]
    said = {int(pk): (post[f"found-{pk}"], post.get(f"why-{pk}", "")) for pk in pks}
    return {pk: pair for pk, pair in said.items() if any(text.strip() for text in pair)}


def ticked(post: QueryDict, name: str) -> dict[int, int]:
    """Ticked rows, each with the revision or the version that the page showed: key-version."""
    pairs = [keys(text.split("-")) for text in post.getlist(name)]
    return {pair[0]: pair[1] for pair in pairs if len(pair) == 2}


def day(text: str) -> date | None:
    """A day as a browser or a person writes it, None for anything else."""
    for shape in ("%Y-%m-%d", "%d/%m/%Y"):
        try:
            return datetime.strptime(text.strip(), shape).date()  # noqa: DTZ007 - a day, no moment
        except ValueError:
            continue
    return None


def number(text: str) -> int | None:
    """A year from the address, None for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 4 else None


def keys(values: list[str]) -> list[int]:
    """Ticked rows."""
    return [int(v) for v in values if v.isascii() and v.isdigit() and len(v) <= 18]


def revision(post: QueryDict) -> int | None:
    """The revision that the page showed; None where the form carries none."""
    return key(post, "revision") if "revision" in post else None


def key(post: QueryDict, name: str) -> int:
    """The one row meant by a hidden field; 0, which no row has, for anything else."""
    return [*keys([post.get(name, "")]), 0][0]


def taken(post: QueryDict) -> tuple[int, int]:
    """The result that is taken over and the version of the cell that it fills; 0 for anything
    else, which no result has."""
    source, _, version = post.get("taken", "").partition("-")
    return [*keys([source]), 0][0], [*keys([version]), 0][0]


PLEDGED = re.compile(r"t(\d{1,18})")


def pledged(post: QueryDict) -> dict[int, str]:
    """What was typed in a pledge by the key of the indicator: fields named t<key>."""
    return {int(found[1]): post[name] for name in post if (found := PLEDGED.fullmatch(name))}


def day_field(label: str, help_text: str = "") -> forms.DateField:
    return forms.DateField(
        label=label,
        help_text=help_text,
        input_formats=["%Y-%m-%d", "%d/%m/%Y"],
        widget=forms.DateInput(attrs={"type": "date", "class": "input--date"}, format="%Y-%m-%d"),
        error_messages=field_sentences(label, "day"),
    )


class RoundForm(forms.Form):
    due_on = day_field("Ký xong trong ngày", "Đơn vị thấy hạn này ở Việc cần làm.")


class ReopenForm(RoundForm):
    reason = forms.CharField(
        label="Lý do mở lại",
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages=field_sentences("Lý do mở lại", "text"),
    )


class HandOverForm(forms.Form):
    held_on = day_field("Ngày bàn giao")
    document = forms.CharField(
        label="Biên bản, văn bản",
        max_length=300,
        help_text="Ví dụ: Biên bản hội nghị tổng kết Khối số 05/BB-KTĐ.",
        error_messages=field_sentences("Biên bản, văn bản", "text"),
    )
    note = forms.CharField(
        label="Nội dung bàn giao thêm",
        required=False,
        help_text="Việc cổng không biết: hồ sơ giấy, con dấu, quỹ, việc đã hứa.",
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages=field_sentences("Nội dung bàn giao thêm", "text"),
    )


class ExtensionForm(forms.Form):
    until = day_field("Gia hạn đến hết ngày")
    reason = forms.CharField(
        label="Lý do",
        help_text="Đơn vị đọc được. Ghi số, ngày văn bản đề nghị nếu có.",
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages=field_sentences("Lý do", "text"),
    )
