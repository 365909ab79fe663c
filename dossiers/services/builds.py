"""Asking for a bound dossier, trying again, and putting downloads on record."""

from datetime import datetime

from django.db import transaction
from django.db.models import Max

from dossiers.models import Build, Dossier, DossierPart
from units import jobs
from units.models import User
from units.rules import DomainError
from units.workflow import locked, record


@transaction.atomic
def request_build(dossier: Dossier, *, actor: User | None, now: datetime) -> Build:
    """Ask a worker for a new version. While one is under way the same request gives that one.

    Missing papers do not stop it: the cover of such a version says what is missing.
    Raises DomainError for a dossier that was sent with its bound copy.
    """
    dossier = locked(dossier)  # two clicks at once queue behind each other here
    _check_not_final(dossier)
    versions = Build.objects.filter(dossier=dossier)
    under_way = versions.filter(state=Build.State.QUEUED).first()
    if under_way:
        return under_way
    last = versions.aggregate(last=Max("version"))["last"] or 0
    build = Build.objects.create(
        dossier=dossier, version=last + 1, requested_by=actor, requested_at=now
    )
    record(
        "build.requested",
        dossier,
        actor=actor,
        now=now,
        unit=dossier.proposing_unit,
        note=f"bản {build.version}",
        data={"build": build.pk},
    )
    jobs.submit(build)
    return build


@transaction.atomic
def retry_build(build: Build, *, actor: User, now: datetime) -> Build:
    """Put a failed version back in the queue. Facts frozen before are printed again; a version
    that failed over a damaged paper is asked for anew instead, since it holds that paper.

    Raises DomainError unless it failed, when a newer version is already under way, and for a
    dossier that was sent with its bound copy.
    """
    _check_not_final(locked(build.dossier))
    build = locked(build)
    if build.state != Build.State.FAILED:
        raise DomainError(
            f"Bản {build.version} {build.get_state_display()} nên không lập lại. "
            "Yêu cầu một bản mới."
        )
    if Build.objects.filter(dossier=build.dossier_id, state=Build.State.QUEUED).exists():
        raise DomainError("Một bản khác của hồ sơ này đang được lập. Chờ bản đó xong.")
    build.state = Build.State.QUEUED
    build.attempts = 0
    build.error = ""
    build.finished_at = None
    build.save(update_fields=["state", "attempts", "error", "finished_at"])
    record(
        "build.retried",
        build.dossier,
        actor=actor,
        now=now,
        unit=build.dossier.proposing_unit,
        note=f"bản {build.version}",
        data={"build": build.pk},
    )
    jobs.submit(build)
    return build


@transaction.atomic
def record_build_download(build: Build, *, actor: User, now: datetime) -> None:
    """Who took which version when: shown on the page, so that holders of old ones are known."""
    record(
        "build.downloaded",
        build,
        actor=actor,
        now=now,
        unit=build.dossier.proposing_unit,
        note=f"Tải {build}.",
        data={"version": build.version},
    )


@transaction.atomic
def record_part_download(part: DossierPart, *, actor: User, now: datetime) -> None:
    record(
        "dossierpart.downloaded",
        part,
        actor=actor,
        now=now,
        unit=part.dossier.proposing_unit,
        note=f"Tải tệp “{part}”.",
        data={"sha256": part.blob_id},
    )


def _check_not_final(dossier: Dossier) -> None:
    """What the receivers hold is the copy that was sent; no other may appear beside it."""
    done = Build.objects.filter(dossier=dossier, state=Build.State.DONE)
    if dossier.state == Dossier.State.SENT and done.exists():
        raise DomainError(
            f"{dossier} đã trình kèm bản đóng tập nên không lập bản khác. Tải bản đã trình ở mục "
            "Bản đóng tập; đề nghị thông qua sau thì mở hồ sơ bổ sung."
        )
