"""A person at a browser: signs in, looks at each page, complains about what should not be there."""

import os
import re
from pathlib import Path
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from playwright.sync_api import (
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    Request,
    expect,
)

SCREENS = Path(os.environ.get("VAR_DIR") or settings.BASE_DIR / "var") / "test-screens"
WIDER_THAN_SCREEN = "() => document.documentElement.scrollWidth - innerWidth"
axe = Axe()


class Visitor:
    """One window. `look()` after each page: accessible, no wider than the screen, no complaint."""

    def __init__(self, context: BrowserContext, name: str, *, script: bool, audit: bool) -> None:
        self.context, self.name, self.script, self.audit = context, name, script, audit
        self.page: Page = context.new_page()
        self.page.set_default_timeout(20_000)
        self.complaints: list[str] = []
        self.pages = 0
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.complaints.append(f"lỗi kịch bản: {error}"))
        self.page.on("request", self._request)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.complaints.append(f"bảng điều khiển: {message.text}")

    def _request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in {"data", "blob"} and parts.hostname != "127.0.0.1":
            self.complaints.append(f"đi ra ngoài: {request.url}")

    # --- going about -----------------------------------------------------------------------------
    def sign_in(self, username: str, password: str) -> None:
        self.go("/dang-nhap/")
        self.page.get_by_label("Tên đăng nhập").fill(username)
        self.page.get_by_label("Mật khẩu", exact=True).fill(password)
        self.page.get_by_role("button", name="Đăng nhập").click()
        expect(self.page.get_by_role("heading", level=1)).to_contain_text("Việc cần làm")
        self.look()

    def go(self, path: str) -> None:
        answer = self.page.goto(path)
        assert answer, path
        assert answer.ok, f"{path}: {answer.status}"
        self.look()

    def follow(self, target: Locator) -> None:
        """Click what leads to another page, and look at it."""
        with self.page.expect_navigation():
            target.click()
        self.look()

    def press_until(self, key: str, target: Locator, *, at_most: int = 200) -> None:
        """Walk with one key until the focus is on `target`."""
        for _ in range(at_most):
            if target.evaluate("element => element === document.activeElement"):
                return
            self.page.keyboard.press(key)
        raise AssertionError(f"bấm {key} {at_most} lần không tới được {target}")

    def download(self, target: Locator) -> bytes:
        with self.page.expect_download() as waiting:
            target.click()
        return Path(waiting.value.path()).read_bytes()

    # --- looking ---------------------------------------------------------------------------------
    def look(self) -> None:
        """Raises AssertionError with everything that is wrong with the page as it stands."""
        self.page.wait_for_load_state("load")
        self.pages += 1
        if os.environ.get("SCREENS"):
            self.shoot(f"{self.name}-{self.pages:02}")
        where = urlsplit(self.page.url).path
        wider = self.page.evaluate(WIDER_THAN_SCREEN)
        assert wider <= 0, f"{where}: rộng hơn màn hình {wider} px"
        assert not self.complaints, f"{where}: {self.complaints}"
        if self.audit:
            found = axe.run(self.page)
            assert not found.violations_count, f"{where}:\n{_told(found.response['violations'])}"

    def forgive(self, words: str) -> None:
        """A complaint that the test provoked (the browser logs every answer of 4xx)."""
        assert any(words in line for line in self.complaints), f"không có: {words}"
        self.complaints = [line for line in self.complaints if words not in line]

    def shoot(self, name: str) -> Path:
        SCREENS.mkdir(parents=True, exist_ok=True)
        target = SCREENS / f"{re.sub(r'[^a-z0-9.-]+', '-', name.lower()).strip('-')}.png"
        # hiding the caret would need an inline style, which the page refuses and complains of
        self.page.screenshot(path=target, full_page=True, caret="initial")
        return target


def _told(violations: list[dict]) -> str:
    lines = []
    for violation in violations:
        lines.append(f"{violation['id']}: {violation['help']}")
        lines += [f"   {node['html'][:200]}" for node in violation["nodes"][:5]]
    return "\n".join(lines)
