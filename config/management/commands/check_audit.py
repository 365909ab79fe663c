"""Holds the audit register against its digests, these against what mails and papers say, the
histories of cells and points against what the register says of them, and these against the figures
that pages and reports read."""

from argparse import ArgumentParser, ArgumentTypeError
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from campaigns.queries import history_faults, value_faults
from units import queries
from units.rules import day_text


def noted(text: str) -> tuple[date, str]:
    """ "2024-11-24:9fab…" as a mail or the foot of a report gives it."""
    day, _, digest = text.strip().lower().partition(":")
    try:
        found = date.fromisoformat(day)
        int(digest, 16)
    except ValueError as error:
        raise ArgumentTypeError(
            f"“{text}” không đọc được. Ghi NGÀY:MÃ như trong thư, ví dụ 2024-11-24:9fab…"
        ) from error
    if len(digest) < queries.SHORTEST_DIGEST:
        raise ArgumentTypeError(
            f"Mã “{digest}” quá ngắn. Ghi ít nhất {queries.SHORTEST_DIGEST} chữ số đầu."
        )
    return found, digest


class Command(BaseCommand):
    help = "Tính lại mã kiểm của nhật ký, lịch sử ô; nói chỗ nào khác; mã thoát 1 khi có chỗ khác."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--digest",
            action="append",
            default=[],
            type=noted,
            metavar="NGÀY:MÃ",
            help="mã kiểm trong thư hoặc ở cuối báo cáo; dùng được nhiều lần",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        faults = queries.audit_faults(options["digest"]) + history_faults() + value_faults()
        for fault in faults:
            self.stderr.write(fault)
        if faults:
            raise CommandError(f"Nhật ký khác mã kiểm ở {len(faults)} chỗ.")
        newest = queries.newest_audit_digest()
        if newest is None:
            self.stdout.write("Chưa có ngày nào được lập mã kiểm.")
        else:
            self.stdout.write(f"Nhật ký đúng với mã kiểm đến hết ngày {day_text(newest.day)}.")
