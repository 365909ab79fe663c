"""PostgreSQL, Redis, worker, beat and web server: started as our own children, ended in order."""

import contextlib
import ctypes
import glob
import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from bin.place import CHECKOUT, Trouble, read_env, write_secret

SECRETS = ("SECRET_KEY", "POSTGRES_PASSWORD", "OWNER_PASSWORD", "APP_PASSWORD")
PATIENCE = {"worker": 20, "postgres": 60}  # seconds to end by itself; others get 10


class Services:
    """The running parts of one portal. `dir` is the service directory."""

    def __init__(self, directory: Path) -> None:
        self.dir = directory
        self.run_dir = directory / "run"
        self.running: dict[str, subprocess.Popen] = {}
        self.private_database = "DATABASE_URL" not in os.environ
        self.private_redis = "REDIS_URL" not in os.environ
        if not self.private_database and not os.environ.get("DATABASE_OWNER_URL"):
            raise Trouble(
                "Đã đặt DATABASE_URL thì phải đặt cả DATABASE_OWNER_URL (vai trò tạo bảng), "
                "khác với vai trò của web. Xem docs/operating.md."
            )
        self.secrets = self.keep_secrets()

    def keep_secrets(self) -> dict[str, str]:
        file = self.dir / "env"
        kept = read_env(file)
        if missing := [name for name in SECRETS if name not in kept]:
            if (self.dir / "pg" / "PG_VERSION").exists():
                raise Trouble(
                    f"{file} mất {', '.join(missing)} trong khi dữ liệu vẫn còn. "
                    "Khôi phục tệp này, hoặc xoá hết để làm lại: make reset"
                )
            kept = {name: secrets.token_hex(32) for name in SECRETS} | kept
            write_secret(file, "".join(f"{name}={value}\n" for name, value in kept.items()))
        return kept

    # --- environment -----------------------------------------------------------------------------
    def environment(self, **extra: str) -> dict[str, str]:
        """For everything that runs the portal's code, as the role that cannot migrate."""
        values = dict(os.environ)
        for name in ("TELL", "JOINED", "GROUND", "DATABASE_OWNER_URL"):
            values.pop(name, None)
        values.setdefault("SECRET_KEY", self.secrets["SECRET_KEY"])
        if self.private_database:
            values["DATABASE_URL"] = self.database_url("app")
        if self.private_redis:
            values["REDIS_URL"] = f"unix://{self.run_dir}/redis.sock"
        values |= {"VAR_DIR": str(self.dir), "DEMO_DIR": str(self.dir / "demo")}
        values.setdefault("FILES_DIR", str(self.dir / "files"))
        values.setdefault("STATIC_ROOT", str(self.dir / "static"))
        return values | extra

    def owner_environment(self, **extra: str) -> dict[str, str]:
        """The same with DATABASE_OWNER_URL beside it, for tests and the shell."""
        return self.environment(DATABASE_OWNER_URL=self.owner_url, **extra)

    @property
    def owner_url(self) -> str:
        if self.private_database:
            return self.database_url("owner")
        return os.environ["DATABASE_OWNER_URL"]

    @property
    def app_role(self) -> str:
        return libpq(self.environment()["DATABASE_URL"])["PGUSER"]

    def database_url(self, role: str) -> str:
        password = self.secrets[f"{role.upper()}_PASSWORD"]
        return f"postgresql://thidua_{role}:{password}@/thidua?host={self.run_dir}&port=5432"

    # --- start -----------------------------------------------------------------------------------
    def start(self, name: str, command: list, *, console: bool = False, **options) -> None:
        """Output goes to log/<name>.log, the one before is kept as .1; or to the console."""
        log = self.log(name)
        if log.exists():
            log.replace(log.with_suffix(".log.1"))
        with log.open("wb") as file:
            output = {} if console else {"stdout": file, "stderr": file}
            process = subprocess.Popen(
                [str(word) for word in command],
                cwd=CHECKOUT,
                stdin=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C reaches us alone; we end them in order
                **output,
                **options,
            )
            self.running[name] = process
            mark = f"{process.pid} {born(process.pid)}\n"
            (self.run_dir / f"{name}.pid").write_text(mark)

    def log(self, name: str) -> Path:
        return self.dir / "log" / f"{name}.log"

    def start_stores(self) -> None:
        self.end_leftovers()
        if self.private_redis:
            self.start_redis()
        if self.private_database:
            self.start_postgres()

    def start_redis(self) -> None:
        (self.dir / "redis").mkdir(mode=0o700, exist_ok=True)
        path = self.run_dir / "redis.sock"
        options = ["--port", 0, "--unixsocket", path, "--unixsocketperm", 700, "--save", ""]
        options += ["--appendonly", "no", "--daemonize", "no", "--dir", self.dir / "redis"]
        self.start("redis", ["redis-server", *options])
        self.wait("redis", lambda: pong(path))

    def start_postgres(self) -> None:
        programs, data = self.postgres_programs(), self.dir / "pg"
        if not (data / "PG_VERSION").exists():
            self.make_cluster(programs, data)
        options = {
            "listen_addresses": "",
            "unix_socket_directories": self.run_dir,
            "unix_socket_permissions": "0700",
            "port": 5432,
            "max_connections": 100,
        }
        settings = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        self.start("postgres", [programs / "postgres", "-D", data, *settings])
        ready = [programs / "pg_isready", "-q", "-h", self.run_dir]
        self.wait("postgres", lambda: subprocess.run(ready).returncode == 0)
        self.make_roles()

    def postgres_programs(self) -> Path:
        """The version that made the data, or the newest."""
        found = {
            int(path.split("/")[-3]): Path(path).parent
            for path in glob.glob("/usr/lib/postgresql/[0-9]*/bin/postgres")
        }
        if not found and (there := shutil.which("postgres")):
            return Path(there).parent
        version_file = self.dir / "pg" / "PG_VERSION"
        version = int(version_file.read_text()) if version_file.exists() else max(found, default=0)
        if version not in found or version < 15:
            raise Trouble(
                f"Cần PostgreSQL {max(version, 15)}, máy chỉ có {sorted(found) or 'bản khác'}. "
                f"Cài postgresql-{max(version, 15)} rồi chạy lại."
            )
        return found[version]

    def make_cluster(self, programs: Path, data: Path) -> None:
        """Under another name first, so that an initdb cut short is never taken for a cluster."""
        part, password = self.dir / "pg.part", self.dir / "password.part"
        shutil.rmtree(part, ignore_errors=True)
        shutil.rmtree(data, ignore_errors=True)
        write_secret(password, self.secrets["POSTGRES_PASSWORD"])
        options = ["--username=postgres", "--auth=scram-sha-256", f"--pwfile={password}"]
        options += ["--encoding=UTF8", "--locale=C.UTF-8", "--no-instructions"]
        made = subprocess.run(
            [programs / "initdb", *options, "-D", part], capture_output=True, text=True
        )
        password.unlink()
        if made.returncode:
            raise Trouble(f"{made.stderr.strip()}\nKhông tạo được cơ sở dữ liệu trong {self.dir}.")
        part.rename(data)

    def make_roles(self) -> None:
        """The owner makes the tables and test databases; the web's role gets its rights later."""
        self.as_superuser(
            "\\getenv owner OWNER_PASSWORD\n"
            "\\getenv app APP_PASSWORD\n"
            "SELECT 'CREATE ROLE ' || n FROM (VALUES ('thidua_owner'), ('thidua_app')) AS v (n) "
            "WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = n) \\gexec\n"
            "ALTER ROLE thidua_owner LOGIN CREATEDB NOCREATEROLE NOSUPERUSER PASSWORD :'owner';\n"
            "ALTER ROLE thidua_app LOGIN NOCREATEDB NOCREATEROLE NOSUPERUSER PASSWORD :'app';\n"
            "SELECT 'CREATE DATABASE thidua OWNER thidua_owner' "
            "WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'thidua') \\gexec\n"
        )

    def as_superuser(self, sql: str) -> str:
        environment = os.environ | {
            **self.secrets,
            "PGHOST": str(self.run_dir),
            "PGPORT": "5432",
            "PGUSER": "postgres",
            "PGDATABASE": "postgres",
            "PGPASSWORD": self.secrets["POSTGRES_PASSWORD"],
        }
        return psql(sql, environment)

    def wait(self, name: str, ready: Callable[[], bool], seconds: int = 60) -> None:
        deadline = time.monotonic() + seconds
        while not ready():
            if self.running[name].poll() is not None or time.monotonic() > deadline:
                raise Trouble(self.fallen(name))
            time.sleep(0.05)

    def watch(self) -> None:
        """Refuses to go on when a part has ended by itself."""
        for name, process in self.running.items():
            if process.poll() is not None:
                raise Trouble(self.fallen(name))

    def fallen(self, name: str) -> str:
        last = "\n".join(self.log(name).read_text(errors="replace").splitlines()[-8:])
        if name == "postgres" and ("postmaster.pid" in last or "shared memory block" in last):
            return f"{last}\n{self.data_in_use()}"
        return f"{last}\nDịch vụ “{name}” không chạy được. Nhật ký: {self.log(name)}"

    def data_in_use(self) -> str:
        return (
            f"Một PostgreSQL khác có thể còn dùng dữ liệu trong {self.dir / 'pg'}. Dừng tiến trình "
            "ấy rồi chạy lại; không xoá postmaster.pid khi nó còn chạy."
        )

    # --- end -------------------------------------------------------------------------------------
    def stop(self) -> None:
        """In the opposite order of starting, then whatever our children left behind."""
        for name, process in reversed(list(self.running.items())):
            end(process.pid, name, gone=lambda process=process: process.poll() is not None)
            (self.run_dir / f"{name}.pid").unlink(missing_ok=True)
        self.running.clear()
        for pid in list(descendants(os.getpid())):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)

    def end_leftovers(self) -> None:
        """Ends what an earlier run that was killed left running, and its sockets."""
        marks = sorted(self.run_dir.glob("*.pid"), key=lambda p: p.stem in ("postgres", "redis"))
        for mark in marks:
            pid, _, birth = mark.read_text().strip().partition(" ")
            if pid.isdigit() and birth and born(int(pid)) == birth:
                end(int(pid), mark.stem, gone=lambda: born(int(pid)) != birth)  # noqa: B023
            mark.unlink()
        self.free_data()
        for stale in self.run_dir.iterdir():
            stale.unlink(missing_ok=True)

    def free_data(self) -> None:
        """Nobody works in the data directory any more, or Trouble: two servers would destroy it.

        A server that was killed leaves backends that end by themselves, and a lock file that the
        next one clears; but not where another program bears the old number by now, so that we do.
        """
        data = (self.dir / "pg").resolve()
        lock = data / "postmaster.pid"
        if not lock.exists():
            return
        number = lock.read_text().split("\n")[0].strip().lstrip("-")
        pid = int(number) if number.isdigit() else 0
        if pid in working_in(data):  # a server whose mark was lost
            end(pid, "postgres", gone=lambda: pid not in working_in(data))
        deadline = time.monotonic() + PATIENCE["postgres"]
        while working_in(data):
            if time.monotonic() > deadline:
                raise Trouble(self.data_in_use())
            time.sleep(0.05)
        if pid and born(pid) and program(pid) != "postgres":
            lock.unlink(missing_ok=True)


def run(command: list, sentence: str = "", services: Services | None = None, **options) -> int:
    """A child in a process group of its own: ends with us, and early if a service falls."""
    process = subprocess.Popen(
        [str(word) for word in command], cwd=CHECKOUT, start_new_session=True, **options
    )
    try:
        while True:
            try:
                code = process.wait(timeout=1)
                break
            except subprocess.TimeoutExpired:
                if services:
                    services.watch()
    except BaseException:
        end(process.pid, "command", gone=lambda: process.poll() is not None)
        raise
    if code and sentence:
        raise Trouble(sentence)
    return code


def end(pid: int, name: str, *, gone: Callable[[], bool]) -> None:
    """Asks, asks louder, then kills the whole process group."""
    polite = signal.SIGINT if name == "postgres" else signal.SIGTERM  # SIGINT: fast shutdown
    for number, send in ((polite, os.kill), (signal.SIGQUIT, os.kill), (signal.SIGKILL, os.killpg)):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            send(pid, number)
        deadline = time.monotonic() + PATIENCE.get(name, 10)
        while time.monotonic() < deadline:
            if gone():
                return
            time.sleep(0.02)


def born(pid: int) -> str:
    """When a process started, in ticks since boot: with the pid, it names a process for good."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] in "ZX" else fields[19]


def program(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""


def working_in(directory: Path) -> set[int]:
    """PostgreSQL's processes, each of which has its data directory as working directory."""
    found = set()
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # ended meanwhile, or another user's
            pid = int(entry.name)
            if os.readlink(entry / "cwd") == str(directory) and program(pid) == "postgres":
                found.add(pid)
    return found


def adopt_orphans() -> None:
    """What our children leave behind becomes ours, so that it can be found and ended (Linux)."""
    pr_set_child_subreaper = 36
    ctypes.CDLL(None).prctl(pr_set_child_subreaper, 1, 0, 0, 0)


def descendants(ancestor: int) -> Iterator[int]:
    parents = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(entry.parent.name)] = int(entry.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
    below = {ancestor}
    while more := {pid for pid, parent in parents.items() if parent in below} - below:
        below |= more
    yield from below - {ancestor}


def pong(path: Path) -> bool:
    try:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(2)
            client.connect(str(path))
            client.sendall(b"PING\r\n")
            return client.recv(16).startswith(b"+PONG")
    except OSError:
        return False


def libpq(url: str) -> dict[str, str]:
    """A database URL as the variables psql and pg_dump read; argv would show the password."""
    parts = urlsplit(url)
    query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    names = {
        "PGHOST": (parts.hostname and unquote(parts.hostname)) or query.get("host"),
        "PGPORT": str(parts.port) if parts.port else query.get("port"),
        "PGUSER": parts.username and unquote(parts.username),
        "PGPASSWORD": parts.password and unquote(parts.password),
        "PGDATABASE": unquote(parts.path.lstrip("/")),
        "PGSSLMODE": query.get("sslmode"),
        "PGSSLROOTCERT": query.get("sslrootcert"),
    }
    return os.environ | {name: value for name, value in names.items() if value}


def psql(sql: str, environment: Mapping[str, str]) -> str:
    command = ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"]
    done = subprocess.run(command, input=sql, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise Trouble(f"Cơ sở dữ liệu từ chối: {done.stderr.strip()}")
    return done.stdout.strip()


def tables(url: str) -> int:
    """How many tables a database holds; 0 means nothing would be lost."""
    return int(
        psql(
            "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE c.relkind IN ('r', 'p') AND n.nspname !~ '^pg_|^information_schema$'",
            libpq(url),
        )
    )
