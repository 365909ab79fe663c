"""Versions of a bound dossier: who took which, and what has changed since."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from criteria.rules import amended_words, changed_title, stamps_of
from dossiers.models import Build, Dossier
from dossiers.queries.contents import Contents
from units.models import AuditEntry


@dataclass(frozen=True)
class Download:
    at: datetime
    who: str
    version: int
    is_old: bool


def versions_of(dossier: Dossier) -> list[Build]:
    """Every version, newest first; the frozen facts stay in the database."""
    return list(
        Build.objects.filter(dossier=dossier)
        .select_related("pdf", "requested_by")
        .defer("snapshot")
        .order_by("-version")
    )


def newest_version(dossier: Dossier) -> Build | None:
    """The newest version that is bound or being bound, with its frozen facts."""
    rows = Build.objects.filter(dossier=dossier).exclude(state=Build.State.FAILED)
    return rows.order_by("-version").first()


def downloads_of(versions: Iterable[Build]) -> list[Download]:
    """Who downloaded which version, newest first; a holder of an old version is marked."""
    numbers = {build.pk: build.version for build in versions}
    newest = max((b.version for b in versions if b.state == Build.State.DONE), default=0)
    entries = AuditEntry.objects.filter(
        subject_type=Build._meta.label_lower, subject_id__in=numbers, action="build.downloaded"
    ).select_related("actor")
    return [
        Download(
            at=entry.at,
            who=str(entry.actor),
            version=numbers[entry.subject_id],
            is_old=numbers[entry.subject_id] < newest,
        )
        for entry in entries
    ]


@dataclass(frozen=True)
class Staleness:
    """What has changed since the facts of a build were frozen; nothing is false. `figures` and
    `targets` say whether these are among it."""

    changes: tuple[str, ...]
    figures: bool = False
    targets: bool = False

    def __bool__(self) -> bool:
        return bool(self.changes)

    @property
    def heading(self) -> str:
        """Over a dossier that was sent, of which nothing else can change."""
        title = changed_title(figures=self.figures, targets=self.targets)
        return f"{title} sau khi lập bản đã trình"


class Revisions(NamedTuple):
    """The revision of every row that a build reads, by key; keys are text as JSON keeps them."""

    dossier: int
    nominations: dict[str, int]
    sheets: dict[str, int]
    sessions: list[int]
    targets: dict[str, str]  # period → stamp of what is asked in it

    def plain(self) -> dict[str, object]:
        return self._asdict()


def revisions_of(dossier: Dossier, held: Contents) -> Revisions:
    return Revisions(
        dossier.revision,
        {str(item.pk): item.revision for item in held.nominations},
        {str(pk): revision for pk, revision in held.sheets.items()},
        [session.pk for session in held.sessions],
        stamps_of(held.targets),
    )


def staleness(build: Build, dossier: Dossier, held: Contents) -> Staleness:
    """Compare the revisions and the targets that the frozen facts read with those of now.

    Derived, never stored: nothing below knows that a build exists. A dossier that was sent changes
    no more, so only the results beside it and what was asked of them are. Facts not frozen yet
    cannot be old.
    """
    if not build.snapshot:
        return Staleness(())
    read = build.snapshot["revisions"]
    now = revisions_of(dossier, held)
    changes = []
    if dossier.state == Dossier.State.DRAFT:
        if read["dossier"] != now.dossier:
            changes.append("giấy tờ, thông tin tờ trình")
        if read["nominations"] != now.nominations:
            changes.append("đề nghị khen thưởng")
        if read["sessions"] != now.sessions:
            changes.append("kết quả phiên họp hội đồng")
    if figures := read["sheets"] != now.sheets:
        changes.append("kết quả thực hiện chỉ tiêu")
    if words := amended_words(held.targets, read.get("targets", {})):
        changes.append(f"mục tiêu ({words}, sau bản này)")
    return Staleness(tuple(changes), figures, bool(words))


def not_bound(dossier: Dossier, held: Contents) -> str:
    """Why there is no true bound copy to send, with the way out; "" when the newest version is one.

    Only a finished version proves that every paper can be bound.
    """
    return why_unbound(newest_attempts([dossier]).get(dossier.pk), dossier, held)


def newest_attempts(dossiers: Iterable[Dossier]) -> dict[int, Build]:
    """The newest version of each dossier, come of it what may; one SQL query."""
    rows = Build.objects.filter(dossier__in=[dossier.pk for dossier in dossiers])
    newest = rows.order_by("dossier_id", "-version").distinct("dossier_id")
    return {build.dossier_id: build for build in newest}


def why_unbound(newest: Build | None, dossier: Dossier, held: Contents) -> str:
    """`not_bound` of a dossier whose newest version is known; asks no SQL query."""
    if newest is None:
        return "Chưa lập bản đóng tập nào. Lập hồ sơ, chờ lập xong rồi trình."
    name = f"Bản {newest.version}"
    if newest.state == Build.State.QUEUED:
        return f"{name} đang được lập. Chờ bản đó xong rồi trình."
    if newest.state == Build.State.FAILED:
        return f"{name} lập không thành: {newest.error} Lập được bản mới rồi mới trình."
    if changes := staleness(newest, dossier, held).changes:
        return (
            f"{name} đã cũ, từ khi lập đã thay đổi: {'; '.join(changes)}. Lập bản mới, chờ lập "
            "xong rồi trình."
        )
    return ""
