"""Loads units, blocs and changes of the map from YAML files (format: units.services.unit_file)."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from units.services.files import FileError
from units.services.imports import import_units
from units.services.unit_file import read_unit_files


class Command(BaseCommand):
    help = "Nạp danh mục đơn vị, Khối, Cụm thi đua từ tệp YAML; nạp lại thì cập nhật theo mã."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="TỆP")
        parser.add_argument(
            "--check", action="store_true", help="chỉ kiểm tra, không ghi vào cơ sở dữ liệu"
        )

    def handle(self, *, files: list[Path], check: bool, **options: Any) -> None:
        try:
            with transaction.atomic():
                done = import_units(read_unit_files(files), actor=None, now=timezone.now())
                transaction.set_rollback(check)
        except FileError as error:
            raise CommandError(
                f"{error}\nCó {len(error.problems)} lỗi; chưa ghi gì vào cơ sở dữ liệu."
            ) from error
        for thing, count in done.counts.items():
            self.stdout.write(f"{thing}: {count}")
        if check:
            self.stdout.write("Chỉ kiểm tra, chưa ghi gì vào cơ sở dữ liệu.")
