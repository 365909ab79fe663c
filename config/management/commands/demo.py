"""Loads the sample province and runs the main job on it, from the plan files to the papers."""

import time
from argparse import ArgumentParser
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import CommandError, call_command
from django.core.management.base import BaseCommand
from django.db.models import QuerySet
from django.utils import timezone

import dossiers.services
import reports.services
from campaigns.models import Campaign, Period
from campaigns.queries import candidates
from campaigns.services import close_due_periods, move_closing_day
from config.demo import accounts, awards, blocs, files, results, scores, stories
from config.demo.stages import is_done, once
from dossiers.models import Build, Dossier
from reports.models import Report
from units.models import Job

SAMPLE = settings.BASE_DIR / "config" / "sample"
REPORT_YEAR = "2024"
PATIENCE = timedelta(minutes=10)


class Command(BaseCommand):
    help = "Nạp số liệu mẫu cho năm kế hoạch và lập báo cáo, hồ sơ qua tiến trình nền."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--data-only", action="store_true", help="chỉ nạp, không lập tệp")

    def handle(self, *, data_only: bool, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError(
                "Lệnh này nạp người và số liệu mẫu, chỉ chạy với DEMO=1 trên cơ sở dữ liệu riêng."
            )
        self.load()
        if data_only:
            return
        self.stage("hồ sơ và quyết định", self.bind_dossiers, atomic=False)
        papers = [*self.compile_reports(), *self.copy_dossiers()]
        files.write_manifest(papers)
        accounts.write_passwords(files.demo_dir() / "accounts.json", now=timezone.now())
        self.say(f"{len(papers)} tệp, danh mục và tài khoản nằm ở {files.demo_dir()}")

    def say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()

    def stage(self, name: str, work: Callable[[], object], *, atomic: bool = True) -> None:
        """One stage, once. Work that waits for a worker cannot be one transaction; its steps can
        be repeated instead.
        """
        if is_done(name):
            return
        begun = time.monotonic()
        if not atomic:
            work()
            work = list
        once(name, work, now=timezone.now())
        self.say(f"  {name}: {time.monotonic() - begun:.1f} giây")

    # --- data ------------------------------------------------------------------------------------
    def load(self) -> None:
        quiet = {"stdout": StringIO()}  # what they count is of no use here
        units = sorted(map(str, (SAMPLE / "units").glob("*.yaml")))
        plans = sorted(map(str, (SAMPLE / "plans").glob("*.yaml")))

        def first() -> None:
            call_command("import_units", *units, **quiet)
            call_command("load_registries", **quiet)
            call_command("load_plan", *plans, "--sample", **quiet)
            self.keep_periods_open()

        # The first stage needs a unit to hang its mark on, which it makes itself.
        self.stage("đơn vị, danh mục và năm kế hoạch", first)
        # a sample of an older version has not what the registries hold since
        call_command("load_registries", **quiet)
        self.stage("tài khoản", lambda: accounts.make_accounts(now=timezone.now()))
        for campaign in real_plans().order_by("pk"):
            self.stage(f"đơn vị tham gia {campaign.ref}", lambda c=campaign: self.enrol(c))
            for period in campaign.periods.filter(kind=Period.Kind.YEAR).order_by("period_from"):
                if period.period_from.year in results.YEARS:
                    self.stage(
                        f"kết quả {period.ref} {campaign.ref}",
                        lambda c=campaign, p=period: results.report_year(c, p),
                    )
        self.stage("khóa các kỳ đã qua", self.close_past_periods)
        for campaign, period in self.current_periods():
            self.stage(
                f"kết quả đang nhập {campaign.ref}",
                lambda c=campaign, p=period: results.begin_current_year(c, p),
            )
        for story in stories.STORIES:
            self.stage(
                f"đề nghị khen thưởng {story.plan}", lambda s=story: awards.nominate_everyone(s)
            )
        self.stage("đợt xét đang mở", awards.begin_open_round)
        self.stage("chấm điểm, xếp hạng của Khối", scores.run)
        self.stage("giao ước, bàn giao của Khối", blocs.run_years)

    def keep_periods_open(self) -> None:
        """While the sample is typed in, no period may close under it; the past ones close after."""
        for period in Period.objects.all():
            move_closing_day(
                period,
                closes_on=results.current_close(timezone.localdate()),
                reason="Nạp số liệu mẫu.",
                actor=None,
                now=timezone.now(),
            )

    def close_past_periods(self) -> None:
        for period in Period.objects.filter(period_to__year__lt=results.CURRENT):
            closes_on = period.period_to + timedelta(days=31)
            move_closing_day(
                period,
                closes_on=closes_on,
                reason="Trả lại ngày khóa sau khi nạp số liệu mẫu.",
                actor=None,
                now=timezone.now(),
            )
        close_due_periods(now=timezone.now())

    def current_periods(self) -> list[tuple[Campaign, Period]]:
        """The year still being entered, where the members still exist."""
        return [
            (period.campaign, period)
            for period in Period.objects.filter(
                kind=Period.Kind.YEAR, period_from__year=results.CURRENT
            ).select_related("campaign")
            if period.campaign.level_id in {"province", "department", "bloc"}
            and period.campaign.ref != scores.PLAN
            and period.campaign.ref.startswith(("dong-thap", "lam-dong"))
        ]

    def enrol(self, campaign: Campaign) -> None:
        units = [candidate.unit for candidate in candidates(campaign, campaign.period_from)]
        results.enrol_everyone(campaign, units, now=timezone.now())

    # --- papers ----------------------------------------------------------------------------------
    def compile_reports(self) -> list[files.Paper]:
        made = []
        for campaign in real_plans().order_by("ref").select_related("issuer"):
            period = campaign.periods.get(ref=REPORT_YEAR)
            wanted = Report.objects.filter(campaign=campaign, period=period, scope=campaign.issuer)
            report = wanted.filter(state=Job.State.DONE).order_by("version").first()
            if report is None:
                report = reports.services.request_report(
                    campaign,
                    period=period,
                    scope=campaign.issuer,
                    actor=accounts.hand("verifier"),
                    now=timezone.now(),
                )
                report = self.wait_for(report)
            folder = files.demo_dir() / campaign.ref
            name = f"bao-cao-{period.ref}"
            for kind, blob in (("pdf", report.pdf), ("xlsx", report.xlsx)):
                target = folder / f"{name}.{kind}"
                files.put(blob, target)
                made.append(
                    files.Paper(
                        plan=campaign.ref,
                        kind=f"report-{kind}",
                        path=relative(target),
                        pages=report.pages if kind == "pdf" else None,
                        rows=report.rows if kind == "xlsx" else None,
                        seconds=seconds_of(report),
                    )
                )
        return made

    def bind_dossiers(self) -> None:
        for story in stories.STORIES:
            for dossier in awards.open_dossiers(story):
                if dossier.state == Dossier.State.SENT:
                    continue
                self.bind(dossier)
                dossiers.services.send_dossier(
                    dossier, actor=accounts.hand("head"), now=stories.at(story.letter_on, 6)
                )
            if not awards.round_of(story).nominations.filter(state="awarded").exists():
                awards.decide(story)

    def bind(self, dossier: Dossier) -> None:
        """What is sent is a bound copy, so it comes first; one from before is taken as it is."""
        newest = dossier.builds.order_by("-version").first()
        if newest is None or newest.state != Job.State.DONE:
            self.wait_for(
                dossiers.services.request_build(
                    dossier, actor=accounts.hand("head"), now=timezone.now()
                )
            )

    def copy_dossiers(self) -> list[files.Paper]:
        made = []
        for build in Build.objects.filter(state=Job.State.DONE).select_related(
            "pdf", "dossier__award_round__campaign", "dossier__proposing_unit"
        ):
            plan = build.dossier.award_round.campaign.ref
            unit = build.dossier.proposing_unit.ref.rpartition(".")[2]
            target = files.demo_dir() / plan / f"ho-so-{unit}-v{build.version}.pdf"
            files.put(build.pdf, target)
            made.append(
                files.Paper(
                    plan=plan,
                    kind="dossier-pdf",
                    path=relative(target),
                    pages=build.pages,
                    rows=None,
                    seconds=seconds_of(build),
                )
            )
        return made

    def wait_for(self, job: Any) -> Any:
        """Until the worker is done. CommandError when it fails or never comes to an end."""
        end = timezone.now() + PATIENCE
        while timezone.now() < end:
            job.refresh_from_db()
            if job.state == Job.State.DONE:
                self.say(f"  {job}: {seconds_of(job):.1f} giây")
                return job
            if job.state == Job.State.FAILED:
                raise CommandError(f"{job}: {job.error}")
            time.sleep(0.2)
        raise CommandError(
            f"{job}: chờ quá {PATIENCE.seconds // 60} phút. Xem nhật ký của tiến trình nền."
        )


def real_plans() -> QuerySet[Campaign]:
    """The five plans as issued; the one that scores is made up and told by its own stage."""
    return Campaign.objects.exclude(ref=scores.PLAN)


def relative(target: Path) -> str:
    return str(target.relative_to(files.demo_dir()))


def seconds_of(job: Job) -> float:
    """From the moment a worker took it to the stored file."""
    if job.finished_at is None or job.started_at is None:
        return 0.0
    return round((job.finished_at - job.started_at).total_seconds(), 2)
