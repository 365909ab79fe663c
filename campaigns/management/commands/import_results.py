"""Checks and stores a workbook of results from the server's console; its page is /nhap-excel/."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from campaigns import services
from units.models import User
from units.rules import DomainError


class Command(BaseCommand):
    help = "Nhập kết quả từ bảng tính Excel do cổng lập; ô không đọc được thì nêu rõ và bỏ qua."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="TỆP", help="bảng tính .xlsx đã ghi số")
        parser.add_argument("--user", required=True, help="tên đăng nhập của người nhập")
        parser.add_argument(
            "--check", action="store_true", help="chỉ kiểm tra, không ghi vào cơ sở dữ liệu"
        )

    def handle(self, *, file: Path, user: str, check: bool, **options: Any) -> None:
        actor = User.objects.filter(username=user.lower(), is_active=True).first()
        if actor is None:
            raise CommandError(f"Không có tài khoản “{user}” đang mở. Nêu tên đăng nhập khác.")
        try:
            with file.open("rb") as source, transaction.atomic():
                self.import_file(source, file, actor, check=check)
                transaction.set_rollback(check)
        except OSError as error:
            raise CommandError(f"Không đọc được {file}: {error.strerror}.") from error
        except DomainError as error:
            raise CommandError(f"{error} Chưa ghi gì vào cơ sở dữ liệu.") from error

    def import_file(self, source: Any, file: Path, actor: User, *, check: bool) -> None:
        now = timezone.now()
        period, unit = services.find_target(source, file.name)
        pending = services.check_upload(
            source,
            name=file.name,
            size=file.stat().st_size,
            period=period,
            unit=unit,
            actor=actor,
            now=now,
        )
        preview = services.preview_import(pending, actor=actor, now=now)
        for note in pending.notes:
            self.stdout.write(note)
        for one in preview.good:
            where = f"{one.unit}, {one.indicator.code}"
            self.stdout.write(f"Ô {one.at} ({where}): {one.old} → {one.new}")
        for one in preview.stale:
            self.stderr.write(services.kept_words(one))
        for one in preview.wrong:
            self.stderr.write(one.problem)
        left = len(preview.stale) + len(preview.wrong)
        if check:
            self.stdout.write(f"Sẽ ghi {len(preview.good)} ô, không ghi {left} ô. Chưa ghi gì.")
            return
        done = services.accept_import(pending, actor=actor, now=now)
        self.stdout.write(f"Đã ghi {done.written} ô, không ghi {left} ô.")
