"""Puts the finished papers where a person finds them, and lists them in a manifest."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from django.conf import settings

from units.models import Blob
from units.storage import read_bytes


@dataclass(frozen=True)
class Paper:
    """One file of the manifest; `seconds` from when a worker took the job to the stored file."""

    plan: str
    kind: str
    path: str
    pages: int | None
    rows: int | None
    seconds: float


def demo_dir() -> Path:
    target = Path(os.environ.get("DEMO_DIR") or settings.VAR_DIR / "demo")
    target.mkdir(parents=True, exist_ok=True)
    return target


def put(blob: Blob, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_suffix(".tmp")
    temporary.write_bytes(read_bytes(blob))
    temporary.replace(target)


def write_manifest(papers: list[Paper]) -> None:
    text = json.dumps([asdict(paper) for paper in papers], ensure_ascii=False, indent=2)
    (demo_dir() / "manifest.json").write_text(text + "\n", encoding="utf-8")
