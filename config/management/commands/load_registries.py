"""Loads the registries from YAML files: award forms, paper forms, criteria sets of others."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from awards.services import save_award_forms
from campaigns.services import save_legal_acts
from config.registries import read_registries
from criteria.services import save_quoted_sets
from dossiers.services import save_paper_forms
from units.rules import DomainError

SAMPLE = Path(__file__).resolve().parents[2] / "sample"
REGISTRIES = ("award_forms.yaml", "paper_forms.yaml", "criteria_sets.yaml", "legal_acts.yaml")


class Command(BaseCommand):
    help = (
        "Nạp các danh mục (hình thức khen thưởng, mẫu văn bản, bộ tiêu chí được dẫn, văn bản căn "
        "cứ); nạp lại thì cập nhật theo mã."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "files",
            nargs="*",
            type=Path,
            metavar="TỆP",
            default=[SAMPLE / name for name in REGISTRIES],
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
                sets = save_quoted_sets(found.criteria_sets, actor=None, now=now)
                acts = save_legal_acts(found.legal_acts, actor=None, now=now)
                transaction.set_rollback(check)
        except DomainError as error:
            raise CommandError(f"{error}\nChưa ghi gì vào cơ sở dữ liệu.") from error
        self.stdout.write(f"hình thức khen thưởng: {awards}")
        self.stdout.write(f"mẫu văn bản: {papers}")
        self.stdout.write(f"bộ tiêu chí được dẫn: {sets}")
        self.stdout.write(f"văn bản căn cứ: {acts}")
        if check:
            self.stdout.write("Chỉ kiểm tra, chưa ghi gì vào cơ sở dữ liệu.")
