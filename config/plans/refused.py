"""What was typed for a plan that takes no more of it is shown again, to be copied."""

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from campaigns.models import Campaign
from config.plans.cells import Cell
from units.rules import DomainError, day_text, nfc

PAGE = "plans/plan_refused.html"
HIDDEN = re.compile(r"csrfmiddlewaretoken|stamp|seen|next|to|rows|.+-(?:at|ref|was|drop|default)")
CHOSEN = {"picks", "pick", "preset", "check"}


def refused(
    request: HttpRequest, campaign: Campaign, why: DomainError, drawn: Callable[[], Any]
) -> HttpResponse:
    """`drawn` gives the form as it would stand now, where it still does."""
    stored: Mapping[str, Cell] = {}
    with suppress(DomainError):
        stored = drawn().cells
    context = {
        "campaign": campaign,
        "why": str(why),
        "typed": typed_words(request.POST, stored),
    }
    only = "#saved" if request.htmx else ""  # type: ignore[attr-defined]
    return render(request, PAGE + only, context, status=422)


def typed_words(sent: Mapping[str, str], stored: Mapping[str, Cell]) -> str:
    """A line for each field with words of which the plan says something else."""
    lines = []
    for name, text in sent.items():
        cell, words = stored.get(name), nfc(text).replace("\r\n", "\n").strip()
        if not words or (cell is None and HIDDEN.fullmatch(name)):
            continue
        if cell is None:
            lines.append(words)
        elif cell.kind not in CHOSEN and words != str(cell.typed).replace("\r\n", "\n").strip():
            lines.append(f"{cell.label}: {_shown(cell, words)}")
    return "\n".join(lines)


def _shown(cell: Cell, words: str) -> str:
    """A day as people write it, whatever the browser sends."""
    if cell.kind == "day":
        with suppress(ValueError):
            return day_text(date.fromisoformat(words))
    return words
