"""The service directory, who owns it, and how trees cross the border to it and back."""

import ast
import contextlib
import hashlib
import os
import pwd
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path, PurePosixPath

from bin import place
from bin.place import CHECKOUT, OUTPUTS, VAR, Trouble
from bin.system import ROOT, USER, make_user, quiet

OUR_PLACE = re.compile(r".*/\.?thidua-[0-9a-f]{12}")
LEFT_OUT = {".git", ".venv", "var", "__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache"}


class Ground:
    """The service directory and the user who owns it."""

    def __init__(self) -> None:
        self.user: str | None = None
        if ROOT:
            self.user = USER
            make_user()
        self.dir = self.settle()
        self.app = self.dir / "app" if ROOT else CHECKOUT

    def settle(self) -> Path:
        """`var/` where that will do; otherwise a short name, the same each time."""
        digest = hashlib.sha256(os.fsencode(CHECKOUT)).hexdigest()[:12]
        system, home = Path(f"/var/lib/thidua-{digest}"), Path.home() / f".thidua-{digest}"
        where = VAR / "where"
        recorded = Path(where.read_text().strip()) if where.exists() else None
        if recorded and OUR_PLACE.fullmatch(str(recorded)) and self.is_ours(recorded):
            chosen = recorded
        elif ROOT:
            chosen = system
        elif place.fits_sockets(VAR):
            chosen = VAR
        else:
            chosen = self.short(system, home)
        self.make(chosen)
        where.write_text(f"{chosen}\n")
        return chosen

    def is_ours(self, directory: Path) -> bool:
        """Made for this checkout, or for one that has since been moved here."""
        owner = self.run(["cat", directory / "checkout"], capture_output=True, text=True)
        return owner.returncode == 0 and (
            Path(owner.stdout.strip()) == CHECKOUT or not Path(owner.stdout.strip()).exists()
        )

    def short(self, system: Path, home: Path) -> Path:
        """For somebody who is not root in a path too long for sockets."""
        if not system.exists():
            options = ["-d", "-m", "700", "-o", str(os.getuid()), "-g", str(os.getgid())]
            quiet(["sudo", "-n", "install", *options, str(system)])
        if system.exists() and os.access(system, os.W_OK | os.X_OK):
            return system
        if place.fits_sockets(home):
            return home
        raise Trouble(
            f"Đường dẫn {CHECKOUT} quá dài hoặc có ký tự lạ, không đặt được socket của PostgreSQL. "
            "Chuyển mã nguồn tới đường dẫn ngắn hơn, chỉ gồm chữ không dấu và số."
        )

    def make(self, directory: Path) -> None:
        directory.mkdir(mode=0o700, exist_ok=True)
        if ROOT and directory.stat().st_uid != self.account.pw_uid:
            os.chown(directory, self.account.pw_uid, self.account.pw_gid, follow_symlinks=False)
        script = 'chmod 700 . && mkdir -p home run log cache && printf "%s\\n" "$1" > checkout'
        made = self.run(["sh", "-c", script, "sh", CHECKOUT], cwd=directory)
        if made.returncode:
            raise Trouble(f"Không ghi được vào {directory}. Kiểm tra quyền và chỗ trống trên đĩa.")

    @property
    def account(self) -> pwd.struct_passwd:
        return pwd.getpwnam(self.user) if self.user else pwd.getpwuid(os.getuid())

    def as_user(self, **options) -> dict:
        """Options for subprocess that make a child run as the service user."""
        options.setdefault("cwd", "/")
        options.setdefault("umask", 0o077)
        if self.user:
            options |= {
                "user": self.account.pw_uid,
                "group": self.account.pw_gid,
                "extra_groups": [],
            }
        return options

    def run(self, command: list, **options) -> subprocess.CompletedProcess:
        if options.get("capture_output") is None:
            options.setdefault("stderr", subprocess.DEVNULL)
        return subprocess.run([str(word) for word in command], **self.as_user(**options))

    # --- trees across the border -----------------------------------------------------------------
    def bring_tree(self) -> list[str]:
        """A fresh copy of the checkout for the service user; what vanished here vanishes there.

        Returns the names brought over.
        """
        names = tree()
        if self.app == CHECKOUT:
            return names
        script = (
            "rm -rf app.new && mkdir app.new && tar -x -C app.new && rm -rf app && mv app.new app"
        )
        receiver = subprocess.Popen(
            ["sh", "-c", script], stdin=subprocess.PIPE, **self.as_user(cwd=self.dir)
        )
        with (
            contextlib.suppress(BrokenPipeError),
            receiver,
            tarfile.open(fileobj=receiver.stdin, mode="w|") as stream,
        ):
            for name in names:
                stream.add(CHECKOUT / name, arcname=name, recursive=False)
        if receiver.returncode:
            raise Trouble(f"Không chép được mã nguồn sang {self.dir}. Kiểm tra chỗ trống trên đĩa.")
        return names

    def bring_back(self, names: list[str], brought_at: float) -> list[str]:
        """What the tools rewrote over there, into the same files of the checkout.

        The other side may send anything: only plain files that `names` lists and that nobody has
        edited since are written. bin/ is what root runs: its files must still parse to the same
        program; returns those that do not.
        """
        if self.app == CHECKOUT:
            return []
        names = [name for name in names if (CHECKOUT / name).is_file()]
        incoming, refused = VAR / "incoming", []
        shutil.rmtree(incoming, ignore_errors=True)
        incoming.mkdir(mode=0o700)
        for name in names:
            (incoming / name).parent.mkdir(parents=True, exist_ok=True)
        with subprocess.Popen(
            ["tar", "-c", "--", *names],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            **self.as_user(cwd=self.app),
        ) as sender:
            unpack(sender.stdout, incoming)
        for name in names:
            old, new = CHECKOUT / name, incoming / name
            linked = old.resolve() != old  # a link may lead out of the checkout
            if linked or not new.is_file() or old.stat().st_mtime > brought_at:
                continue
            before, after = old.read_bytes(), new.read_bytes()
            if before == after:
                continue
            if name.startswith("bin/") and not same_program(before, after):
                refused.append(name)
            else:
                old.write_bytes(after)  # in place: owner and mode stay
        shutil.rmtree(incoming)
        return refused

    def fetch_outputs(self) -> None:
        """Brings what people want to see into the checkout's `var/`, readable by its owner."""
        if self.dir == VAR:
            return
        script = 'for f; do [ -e "$f" ] && set -- "$@" "$f"; shift; done; [ $# = 0 ] || tar -c "$@"'
        incoming = VAR / "incoming"
        shutil.rmtree(incoming, ignore_errors=True)
        incoming.mkdir(mode=0o700)
        with subprocess.Popen(
            ["sh", "-c", script, "sh", *OUTPUTS],
            stdout=subprocess.PIPE,
            **self.as_user(cwd=self.dir),
        ) as sender:
            unpack(sender.stdout, incoming)
        for entry in incoming.iterdir():
            target = VAR / entry.name
            if entry.name == "backups":
                target.mkdir(exist_ok=True)
                for file in entry.iterdir():
                    file.replace(target / file.name)
                continue
            if target.is_dir() and not target.is_symlink():
                shutil.rmtree(target)
            entry.replace(target)
        shutil.rmtree(incoming)
        self.run(["rm", "-rf", self.dir / "backups"])

    # --- the inner part --------------------------------------------------------------------------
    def inner(
        self, command: str, *arguments: str, joined: bool = False, stdin=None, lock=None
    ) -> int:
        """Runs bin/inner.py; it tells through a pipe when outputs are ready or when it serves."""
        listen, tell = os.pipe()
        environment = self.environment() | {"TELL": str(tell), "JOINED": "1" if joined else ""}
        process = subprocess.Popen(
            [self.python(), "-m", "bin.inner", command, *arguments],
            env=environment,
            pass_fds=[tell],
            stdin=stdin,
            **self.as_user(cwd=self.app),
        )
        os.close(tell)
        place.on_signals(lambda *_: process.terminate())
        with os.fdopen(listen) as lines:
            for line in lines:
                if line.strip() == "outputs":
                    self.fetch_outputs()
                elif line.strip() == "serving" and lock:
                    lock.write_text(f"{command} {os.getpid()} serving")
        code = process.wait()
        place.on_signals(place.stop_once)
        return code if code >= 0 else 128 - code

    def python(self) -> str:
        """One that the service user may execute and that is new enough."""
        test = "import sys; sys.exit(sys.version_info < (3, 11))"
        for candidate in ("/usr/bin/python3", sys.executable, shutil.which("python3.11")):
            with contextlib.suppress(OSError):
                if candidate and self.run([candidate, "-c", test]).returncode == 0:
                    return candidate
        raise Trouble(
            f"Người dùng “{self.account.pw_name}” không chạy được Python từ 3.11 trở lên nào. "
            "Trên Debian 12: apt-get install python3 python3-venv"
        )

    def environment(self) -> dict[str, str]:
        """Only what the portal, pip and the terminal need goes to the other side."""
        known = set(read_names(CHECKOUT / ".env.example"))
        plain = {"TERM", "COLUMNS", "CI", "ONCE", "FORCE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"}
        kept = {
            name: value
            for name, value in os.environ.items()
            if name in known | plain
            or name.startswith(("PIP_", "SSL_", "UV_"))
            or name.lower().endswith("_proxy")
        }
        standard = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        return (
            place.read_env(CHECKOUT / ".env")
            | kept
            | {
                "PATH": standard if ROOT else f"{os.environ.get('PATH', '')}:{standard}",
                "HOME": str(self.dir / "home"),
                "USER": self.account.pw_name,
                "LC_ALL": "C.UTF-8",
                "PYTHONUTF8": "1",
                "PYTHONPYCACHEPREFIX": str(self.dir / "cache" / "python"),
                "GROUND": str(self.dir),
            }
        )


def read_names(path: Path) -> list[str]:
    """Every variable the example file lists, set or commented out."""
    return re.findall(r"^#? ?([A-Z][A-Z0-9_]*)=", path.read_text(), re.MULTILINE)


def tree() -> list[str]:
    """The working tree without what is ignored; without git, everything but caches and `var/`."""
    listing = (
        subprocess.run(
            ["git", "-c", f"safe.directory={CHECKOUT}", "ls-files", "-coz", "--exclude-standard"],
            cwd=CHECKOUT,
            capture_output=True,
        )
        if (CHECKOUT / ".git").exists() and shutil.which("git")
        else None
    )
    if listing and listing.returncode == 0:
        names = [os.fsdecode(name) for name in listing.stdout.split(b"\0") if name]
        return [name for name in names if os.path.lexists(CHECKOUT / name)]
    names = []
    for folder, folders, files in os.walk(CHECKOUT):
        folders[:] = [name for name in folders if name not in LEFT_OUT]
        names += [str((Path(folder) / name).relative_to(CHECKOUT)) for name in files]
    return [name for name in names if name != ".venv"]


def same_program(before: bytes, after: bytes) -> bool:
    try:
        return ast.dump(ast.parse(before)) == ast.dump(ast.parse(after))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False


def unpack(stream, target: Path) -> None:
    """Plain files and folders only, whatever the other side sends."""
    owner = CHECKOUT.stat()
    with contextlib.suppress(tarfile.ReadError), tarfile.open(fileobj=stream, mode="r|") as archive:
        for member in archive:
            name = PurePosixPath(member.name)
            if name.is_absolute() or ".." in name.parts:
                continue
            path = target / name
            if member.isdir():
                path.mkdir(mode=0o755, parents=True, exist_ok=True)
            elif member.isfile():
                secret = path.name == "accounts.json" or name.parts[0] == "backups"
                mode = 0o600 if secret else 0o644
                with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT, mode), "wb") as file:
                    shutil.copyfileobj(archive.extractfile(member), file)
            if ROOT and path.exists():
                os.chown(path, owner.st_uid, owner.st_gid)
