"""A sign of life of the workers."""

from datetime import datetime

from units.models import Beat

WORKER = "worker"


def note_worker(*, now: datetime) -> None:
    """A worker ran just now; `/healthz` reads it."""
    Beat.objects.update_or_create(name=WORKER, defaults={"seen_at": now})
