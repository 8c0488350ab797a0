"""A working folder: 设置, 收件, 结果, 模板, 备份 and the register; made once, found from anywhere inside it."""

from __future__ import annotations

import os
import shutil
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from xlpolicy.faults import PolicyError, system_reason
from xlpolicy.register.database import VERSION, Register, RegisterError, operator, sqlite_url
from xlpolicy.register.deadlines import HEAD, KEYS
from xlpolicy.register.migrations import bring_up_to_date
from xlpolicy.settle.claims_book import write_facts
from xlpolicy.sheets import template as templates
from xlpolicy.survey.settings_file import VARIABLE, activate

#: what marks a working folder and says where its register is
MARK = "登记库.toml"
FILE = "登记库.sqlite"
#: the year's facts that a settlement needs beside the claims
FACTS, SETTINGS = "核算事实.xlsx", "设置.xlsx"
#: the bureau's holidays
CALENDAR = "节假日.csv"
FORM_TEMPLATE = "申请表.xlsx"
INBOX, OUT, FORMS, BACKUPS = "收件", "结果", "模板", "备份"
#: the working folder whose register the worksheet functions and the buttons use: told in the environment
IN_USE = "XLPOLICY_FOLDER"
#: file systems that other computers serve, on which SQLite's locks cannot be relied on
_SERVED = ("nfs", "cifs", "smb", "9p", "afs", "ncp", "webdav", "davfs", "sshfs")


class FolderError(PolicyError):
    """The folder named is no working folder, or cannot become one."""

    code = "working_folder"


@dataclass(frozen=True, slots=True)
class Folder:
    """A working folder, the address of its register, who works here, whether one person may review and pay, and how
    many working days each step has (`correct`, `review`, `publish`, `pay`; without, no term is told)."""

    path: Path
    url: str = ""
    operator: str = ""
    same_person: bool = False
    days: Mapping[str, int] = field(default_factory=dict)

    @property
    def inbox(self) -> Path:
        """Where forms are put that came in."""
        return self.path / INBOX

    @property
    def out(self) -> Path:
        """Where ledgers, notices and papers are written."""
        return self.path / OUT

    @property
    def backups(self) -> Path:
        """Where backups are kept."""
        return self.path / BACKUPS

    @property
    def facts(self) -> Path:
        """The year, the funds, what was paid elsewhere (核算事实.xlsx)."""
        return self.path / FACTS

    @property
    def settings(self) -> Path:
        """The bureau's readings, where it chose any (`xlpolicy settings -o 设置.xlsx`)."""
        return self.path / SETTINGS

    @property
    def calendar(self) -> Path:
        """Holidays and working weekends (节假日.csv)."""
        return self.path / CALENDAR

    @property
    def file(self) -> Path:
        """The SQLite file, where the register is one."""
        return self.path / FILE

    @property
    def form_template(self) -> Path | None:
        """The bureau's own look of application forms, where 模板/ has it."""
        own = self.path / FORMS / FORM_TEMPLATE
        return own if own.is_file() else None

    def register(self) -> Register:
        """The register, not looked into. Raises RegisterError for an address that is none."""
        return Register(self.url or sqlite_url(self.file))

    def who(self, named: str = "") -> str:
        """Who does something here: as named, else 操作人 of the folder, else the system's user."""
        return operator(named or self.operator)

    def open(self) -> Register:
        """The register, of this program's version: an older one is brought up to date, with a backup first.

        The folder's own 设置 become those of the process, unless the command names others. Raises RegisterError,
        SettingsError, FolderError where the file is gone.
        """
        if self.settings.is_file() and not os.environ.get(VARIABLE):
            activate(self.settings)
        register = self._there()
        bring_up_to_date(register, self.backups)
        return register

    def look(self) -> Register:
        """The register to be read only: nothing is brought up to date. Raises RegisterError, FolderError."""
        register = self._there()
        found = register.version()
        if found != VERSION:
            raise RegisterError(
                f"登记库是第 {found or 0} 版，本程序读第 {VERSION} 版", where=register.where, expected="同一版的登记库",
                remedy="在工作文件夹里运行一次 xlpolicy status（会先备份再升级）；登记库较新的，升级 xlpolicy",
            )  # fmt: skip
        return register

    def _there(self) -> Register:
        if not self.url and not self.file.is_file():
            raise FolderError(
                f"工作文件夹里没有 {FILE}", where=str(self.path), expected="登记库",
                remedy=f"用备份恢复：xlpolicy backup --restore {BACKUPS}/登记库-….sqlite",
            )  # fmt: skip
        return self.register()


def find(start: Path | None = None) -> Folder | None:
    """The working folder that `start` (the current folder) is, or lies in; None for none. Raises FolderError."""
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if (folder / MARK).is_file():
            return _read(folder)
    return None


def needed(start: Path | None = None) -> Folder:
    """As `find`. Raises FolderError where there is none."""
    found = find(start)
    if found is None:
        raise FolderError(
            "这里不是工作文件夹", where=str(start or Path.cwd()), expected=f"有 {MARK} 的文件夹",
            remedy="先进入工作文件夹再运行，或加 --folder 工作文件夹；还没有的，用 xlpolicy new 新建",
        )  # fmt: skip
    return found


def settings_told() -> str:
    """The settings file of the working folder in use; "" where it has none, or there is no folder."""
    path = Path(os.environ.get(IN_USE, "")) / SETTINGS
    return str(path) if os.environ.get(IN_USE) and path.is_file() else ""


def in_use() -> Folder:
    """The working folder that `excel install --folder` was given. Raises FolderError where there is none."""
    told = os.environ.get(IN_USE, "")
    found = find(Path(told)) if told else None
    if found is None:
        raise FolderError(
            f"{told} 不是工作文件夹" if told else "还没有指定工作文件夹，这里没有登记库", where="登记库", expected=f"有 {MARK} 的文件夹",
            remedy="运行 xlpolicy excel install --folder 工作文件夹，关闭 Excel 后重新打开；还没有的，先用 xlpolicy new 新建",
        )  # fmt: skip
    return found


def _read(folder: Path) -> Folder:
    try:
        data = tomllib.loads((folder / MARK).read_text(encoding="utf-8-sig"))
        url, who, alone = data.get("register", ""), data.get("operator", ""), data.get("same_person", False)
        days = data.get("days", {})
        if not (isinstance(url, str) and isinstance(who, str) and isinstance(alone, bool) and _terms(days)):
            raise ValueError
    except OSError as error:
        raise FolderError(f"读不出来（{system_reason(error)}）", where=str(folder / MARK), remedy="检查权限") from None
    except ValueError:
        raise FolderError(
            "看不懂",
            where=str(folder / MARK),
            expected='register = "postgresql://…"（SQLite 的不写）；[days] 下 correct、review、publish、pay 写工作日数',
            remedy="改正这个文件",
        ) from None
    return Folder(folder, url, who, alone, days)


def _terms(days: object) -> bool:
    return isinstance(days, dict) and all(
        name in KEYS.values() and type(count) is int and count > 0 for name, count in days.items()
    )


def make(path: Path, url: str = "", *, who: str = "") -> tuple[Folder, bool]:
    """A new working folder; whether its register is new too (another clerk's is joined).

    A call that was killed is completed by the next. Raises FolderError for a folder with something else in it,
    RegisterError, OSError.
    """
    path = path.resolve()
    own = {INBOX, OUT, FORMS, BACKUPS, FACTS, CALENDAR, SETTINGS, FILE, f"{FILE}-wal", f"{FILE}-shm", f"{FILE}-journal"}
    if path.exists() and (not path.is_dir() or {child.name for child in path.iterdir()} - own):
        raise FolderError(
            "已经存在，里面有别的文件，没有写入", where=str(path), expected="新的或空的文件夹", remedy="换一个文件夹名"
        )
    for name in (INBOX, OUT, FORMS, BACKUPS):
        (path / name).mkdir(parents=True, exist_ok=True)
    for source in templates.every():
        if not (path / FORMS / source.name).exists():  # a bureau's own is never touched
            shutil.copyfile(source, path / FORMS / source.name)
    if not (path / CALENDAR).exists():
        (path / CALENDAR).write_text(f"{HEAD}\n", encoding="utf-8-sig", newline="\r\n")
    if not (path / FACTS).exists():
        write_facts(path / FACTS)
    folder = Folder(path, url)
    register = folder.register()
    made = register.version() is None
    if made:
        register.create(operator(who))
    else:
        bring_up_to_date(register, folder.backups)
    lines = ["# xlpolicy 的工作文件夹：这个文件说明登记库在哪里，不要删除"]
    lines += [f"register = {_quoted(url)}"] if url else []
    lines += ["# 操作人（记在日志里），不写为本机用户", f"operator = {_quoted(who)}"]
    lines += ["# 同一个人能否既审定又确认拨付，一般不能", "same_person = false"]
    lines += [
        "# 期限（工作日，按本单位规定填，去掉前面的 #）：退回后企业补正、收件后审定、审定后公示、公示无异议后拨付；节假日写在 节假日.csv"
    ]
    lines += ["# [days]", "# correct = 工作日数", "# review = 工作日数", "# publish = 工作日数", "# pay = 工作日数"]
    (path / MARK).write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
    return folder, made


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def on_a_share(path: Path) -> bool:
    """Whether a path lies on a disk that another computer serves, as far as this one says so."""
    if sys.platform == "win32":
        import ctypes

        drive = os.path.splitdrive(path.resolve())[0]
        return drive.startswith("\\\\") or ctypes.windll.kernel32.GetDriveTypeW(f"{drive}\\") == 4
    try:
        mounts = [
            line.split() for line in Path("/proc/mounts").read_text(encoding="utf-8", errors="replace").splitlines()
        ]
    except OSError:
        return False
    return served(path.resolve(), [(mount[1].replace("\\040", " "), mount[2]) for mount in mounts if len(mount) > 2])


def served(path: Path, mounts: list[tuple[str, str]]) -> bool:
    """Whether the file system that holds `path`, of (mount point, kind), is served over a network."""
    holders = [(len(Path(point).parts), kind) for point, kind in mounts if path.is_relative_to(point)]
    kind = max(holders, default=(0, ""))[1].lower()
    return any(word in kind for word in _SERVED)


def opened(start: Path | None) -> tuple[Folder, Register]:
    """The working folder and its register. Raises FolderError, RegisterError."""
    folder = needed(start)
    return folder, folder.open()
