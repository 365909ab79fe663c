"""`make test` and `make lint`: every check in turn, each under a heading, all of them each time."""

import os
import subprocess
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bin.place import CHECKOUT, heading, say
from bin.services import Services, end, run

APPS = ["units", "criteria", "campaigns", "awards", "dossiers", "reports", "config"]
SLOW = "worker or race or browser"
MODULES = ("rules", "policies", "services", "documents", "jobs", "workflow")  # all of it tested


class Checks:
    """Runs commands and counts what passed and failed."""

    def __init__(self, services: Services, python: Path) -> None:
        self.python = str(python)
        self.bin = python.parent
        self.cache = services.dir / "cache"
        self.environment = services.owner_environment(
            RUFF_CACHE_DIR=str(self.cache / "ruff"),
            MYPY_CACHE_DIR=str(self.cache / "mypy"),
            HYPOTHESIS_STORAGE_DIRECTORY=str(self.cache / "hypothesis"),
            COVERAGE_FILE=str(self.cache / "coverage"),
            CHROMIUM=os.environ.get("CHROMIUM", "/usr/bin/chromium"),
        )
        self.passed, self.failed = 0, 0
        self.broken: list[str] = []

    def step(self, title: str, *command: str, **extra: str) -> None:
        heading(title)
        began = time.monotonic()
        code = run(list(command), env=self.environment | extra)
        self.count(title, code, f"đạt ({time.monotonic() - began:.1f} giây)")

    def count(self, title: str, code: int, word: str) -> None:
        if code:
            self.failed += 1
            self.broken.append(title)
        else:
            self.passed += 1
            say(word)

    @contextmanager
    def types_beside(self) -> Iterator[None]:
        """The longest check that one core does alone runs beside those of the block."""
        title, log = "Kiểu dữ liệu", self.cache / "types.log"
        with log.open("wb") as file:
            process = subprocess.Popen(
                self.module("mypy", *APPS),
                cwd=CHECKOUT,
                env=self.environment,
                stdout=file,
                stderr=file,
                start_new_session=True,
            )
        try:
            yield
            code = process.wait()
        except BaseException:
            end(process.pid, "mypy", gone=lambda: process.poll() is not None)
            raise
        heading(title)
        say(log.read_text(errors="replace").rstrip())
        self.count(title, code, "đạt")

    def tool(self, name: str, *arguments: str) -> tuple[str, ...]:
        """By path through our Python: a script's first line may name a venv that has moved."""
        return (self.python, str(self.bin / name), *arguments)

    def module(self, name: str, *arguments: str) -> tuple[str, ...]:
        return (self.python, "-m", name, *arguments)

    def static(self) -> None:
        manage = (self.python, "manage.py")
        self.step("Định dạng", *self.module("ruff", "format", "--check", "."))
        self.step("Lỗi thường gặp", *self.module("ruff", "check", "."))
        importlinter = ("lint-imports", "--cache-dir", str(self.cache / "importlinter"))
        self.step("Thứ tự nhập mô-đun", *self.tool(*importlinter))
        self.step(
            "Cấu hình an toàn",
            *manage,
            "check",
            "--deploy",
            "--fail-level=WARNING",
            HTTPS="1",
            TRUSTED_PROXIES="1",
        )
        self.step(
            "Mẫu trang", str(self.bin / "djade"), *("--check", "--target-version=5.2", *templates())
        )

    def tests(self, title: str, which: str, *options: str) -> None:
        heading(title)
        report = self.cache / "tests.xml"
        report.unlink(missing_ok=True)
        command = self.module("pytest", "-q", "-n", "2", "-m", which, "--durations=5", *options)
        command += ("--cov", "--cov-branch", "--cov-report=", f"--junitxml={report}")
        command += ("-o", f"cache_dir={self.cache / 'pytest'}")
        code = run(list(command), env=self.environment)
        total, bad = tally(report)
        self.passed += total - bad
        self.failed += bad or (1 if code else 0)
        if code or bad:
            self.broken.append(title)

    def end(self) -> int:
        say("")
        for title in self.broken:
            say(f"hỏng: {title}")
        say(f"{self.passed} passed, {self.failed} failed")
        return 1 if self.failed else 0


def templates() -> list[str]:
    return sorted(
        str(path.relative_to(CHECKOUT))
        for folder in ("templates", *APPS)
        for path in (CHECKOUT / folder).rglob("*.html")
    )


def tally(report: Path) -> tuple[int, int]:
    """All tests and the bad ones of a JUnit report; a skipped test is a bad one."""
    if not report.exists():
        return 0, 0
    suites = list(ElementTree.parse(report).iter("testsuite"))  # noqa: S314 written by pytest
    total = sum(int(suite.get("tests", 0)) for suite in suites)
    kinds = ("failures", "errors", "skipped")
    return total, sum(int(suite.get(kind, 0)) for suite in suites for kind in kinds)


def static_only(services: Services, python: Path) -> int:
    checks = Checks(services, python)
    with checks.types_beside():
        checks.static()
    return checks.end()


def everything(services: Services, python: Path) -> int:
    checks = Checks(services, python)
    manage = (checks.python, "manage.py")
    with checks.types_beside():
        checks.static()
        checks.step("Thiếu migration", *manage, "makemigrations", "--check", "--dry-run")
        for old in checks.cache.glob("coverage*"):
            old.unlink()
        checks.tests("Phép thử", f"not ({SLOW})", "--dist=worksteal")
        checks.tests(
            "Phép thử với worker, tranh chấp, trình duyệt", SLOW, "--dist=loadfile", "--cov-append"
        )
    patterns = [f"*/{name}{tail}" for name in MODULES for tail in (".py", "/*.py")]
    options = ["--fail-under=100", "--show-missing", "--skip-covered"]
    gate = checks.module("coverage", "report", f"--include={','.join(patterns)}", *options)
    checks.step("Độ phủ 100 % của " + ", ".join(MODULES), *gate)
    return checks.end()
