"""Loads plans from YAML files (format: config/sample/plan.schema.json)."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from config.planfile import load_plans, read_plan
from units.rules import DomainError


class Command(BaseCommand):
    help = (
        "Nạp kế hoạch phong trào thi đua từ tệp YAML, cả loạt hoặc không gì cả. Dự thảo được cập "
        "nhật theo mã; kế hoạch đã ban hành chỉ nhận lần điều chỉnh có ngày."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="TỆP")
        parser.add_argument(
            "--check", action="store_true", help="chỉ kiểm tra, không ghi vào cơ sở dữ liệu"
        )
        parser.add_argument("--sample", action="store_true", help="đánh dấu là số liệu mẫu")

    def handle(self, *, files: list[Path], check: bool, sample: bool, **options: Any) -> None:
        try:
            outcomes = load_plans(
                [read_plan(path) for path in files],
                actor=None,
                now=timezone.now(),
                sample=sample,
                check=check,
            )
        except DomainError as error:
            raise CommandError(f"{error}\nChưa ghi gì vào cơ sở dữ liệu.") from error
        for outcome in outcomes:
            self.stdout.write(str(outcome))
        if check:
            self.stdout.write("Chỉ kiểm tra, chưa ghi gì vào cơ sở dữ liệu.")
