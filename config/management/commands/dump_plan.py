"""Writes a plan of the portal as a YAML file (format: config/sample/plan.schema.json)."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from campaigns.models import Campaign
from config.planfile import plan_text


class Command(BaseCommand):
    help = "Ghi một kế hoạch đang có trên cổng ra tệp YAML; nạp lại tệp đó thì không đổi gì."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("ref", metavar="MÃ", help="mã tham chiếu của kế hoạch")
        parser.add_argument("--out", type=Path, metavar="TỆP", help="không ghi thì in ra màn hình")

    def handle(self, *, ref: str, out: Path | None, **options: Any) -> None:
        campaign = Campaign.objects.filter(ref=ref).first()
        if campaign is None:
            known = ", ".join(Campaign.objects.order_by("ref").values_list("ref", flat=True))
            raise CommandError(f"Không có kế hoạch “{ref}”; đang có: {known or '(chưa có)'}.")
        text = plan_text(campaign)
        if out is None:
            self.stdout.write(text, ending="")
            return
        try:
            out.write_text(text, encoding="utf-8")
        except OSError as error:
            raise CommandError(f"Không ghi được tệp {out}: kiểm tra thư mục và quyền.") from error
        self.stdout.write(f"Đã ghi {out}.")
