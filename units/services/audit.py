"""The register leaves the database: a digest a day, each holding the one before, sent by mail."""

import logging
import smtplib
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import send_mail
from django.db import connection, transaction
from django.template.loader import render_to_string
from django.utils import timezone

from units import queries
from units.models import AuditDigest, AuditEntry
from units.rules import day_text

log = logging.getLogger(__name__)

SEALING = 0x5EA1  # key of the lock under which one worker at a time seals
TOLD = 7  # days in a mail, so that the next one makes good a mail that was lost


def seal_audit(*, now: datetime) -> list[AuditDigest]:
    """Seal every day that is over and not sealed yet, and mail the digests.

    The addressees are those of AUDIT_DIGEST_TO. An address that fails stops no other; its digest
    is among those of the next day's mail.
    """
    made = _seal(now)
    if made:
        _mail_digests()
    return made


@transaction.atomic
def _seal(now: datetime) -> list[AuditDigest]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [SEALING])
    if last := queries.newest_audit_digest():
        previous, day = last.digest, last.day + timedelta(days=1)
    elif first := AuditEntry.objects.order_by("at").first():
        previous, day = "", timezone.localdate(first.at)
    else:
        return []
    made = []
    while day <= queries.settled_day(now):
        found = queries.audit_day(day, previous)
        made.append(
            AuditDigest(
                day=day,
                entries=found.entries,
                first_id=found.first_id,
                last_id=found.last_id,
                digest=found.digest,
                sealed_at=now,
            )
        )
        previous, day = found.digest, day + timedelta(days=1)
    return AuditDigest.objects.bulk_create(made)


def _mail_digests() -> None:
    digests = list(AuditDigest.objects.order_by("-day")[:TOLD])
    words = {"digests": digests, "newest": digests[0], "portal": settings.PORTAL_NAME}
    subject = f"Mã kiểm nhật ký ngày {day_text(digests[0].day)} – {settings.PORTAL_NAME}"
    text = render_to_string("units/audit_digest_email.txt", words)
    for address in settings.AUDIT_DIGEST_TO:
        try:
            send_mail(subject, text, None, [address])
        except (smtplib.SMTPException, OSError) as error:
            log.error("thư mã kiểm nhật ký gửi %s: %s", address, error)
