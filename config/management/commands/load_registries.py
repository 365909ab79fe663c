"""Loads the registries of award forms and paper forms from YAML files."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from awards.services import save_award_forms
from config.registries import read_registries
from dossiers.services import save_paper_forms
from units.rules import DomainError

SAMPLE = Path(__file__).resolve().parents[2] / "sample"


class Command(BaseCommand):
    help = "Nạp danh mục hình thức khen thưởng và sổ mẫu văn bản; nạp lại thì cập nhật theo mã."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "files",
            nargs="*",
            type=Path,
            metavar="TỆP",
            default=[SAMPLE / "award_forms.yaml", SAMPLE / "paper_forms.yaml"],
        )
        parser.add_argument(
            "--check", action="store_true", help="chỉ kiểm tra, không ghi vào cơ sở dữ liệu"
        )

    def handle(self, *, files: list[Path], check: bool, **options: Any) -> None:
        now = timezone.now()
        try:
            found = read_registries(files)
            with transaction.atomic():
                awards = save_award_forms(found.award_forms, actor=None, now=now)
                papers = save_paper_forms(found.paper_forms, actor=None, now=now)
                transaction.set_rollback(check)
        except DomainError as error:
            raise CommandError(f"{error}\nChưa ghi gì vào cơ sở dữ liệu.") from error
        self.stdout.write(f"hình thức khen thưởng: {awards}")
        self.stdout.write(f"mẫu văn bản: {papers}")
        if check:
            self.stdout.write("Chỉ kiểm tra, chưa ghi gì vào cơ sở dữ liệu.")
