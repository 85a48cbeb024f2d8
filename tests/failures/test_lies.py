"""Lies told to the project, a file each: `KIND/NAME.toml`. Each must be caught, with just the message that its file has.

    [[edit]]            what is changed, one after the other
    file                a path in the project, `*` for what varies in it; with nothing else, the file is removed
    old, new            the first `old` in it becomes `new`
    pattern, new        the same, with a regular expression, whose `.` matches the end of a line, too
    new                 its whole content becomes `new`; it may be a new file
    like                it becomes a copy of the file of that path
    link                it becomes a link to it
    digest              true: it is evidence, and gets the digest of its new contents, as from one who knows how it is made
    recorded            in place of a file, a claim: its evidence gets the digest of its function as it then stands, as from one
                        who has recorded it again
    confirmed           in place of a file, a name: the register says that it was read as it then stands, as from one who did
                        not see what is wrong with it

    [refusal]
    job                 what is run: one of JOBS, and its options
    message             all that this says beyond what it says without the lie

In a message, the number of a line is replaced by the text of that line, in brackets, so that none can point to a wrong one;
what differs from run to run is replaced by a word in capitals.

Most jobs are run in a fork of a process that has imported what they need and has read the project without the lie; some of each
kind, and all with `--apart`, in a process of their own.

To add a lie, write its file without a message, run `./nox -s tests -- tests/failures --bless -k NAME`, and read what came.
"""

import difflib
import functools
import json
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from projects import Workplace

from verify.judging import evidence

HERE = Path(__file__).parent
KINDS = {"claim", "configuration", "engine", "evidence", "mask", "page", "rooms", "words"}
REPLAY = ["-m", "pytest", "-c", "verify/pytest.ini", "verify/claims", "--tb=short", "-q", "-rN"]
JOBS = {
    "site": ["-m", "nox", "-s", "site"],
    "replay": REPLAY,
    "live": [*REPLAY, "--live", "-p", "tests.patched_engine"],
    "checks": [
        "-c",
        "from verify.publishing import checks; raise SystemExit('\\n\\n'.join(checks.problems() or checks.unread()) or 0)",
    ],
    "unread": ["-c", "from verify.publishing import checks; raise SystemExit('\\n\\n'.join(checks.unread()) or 0)"],
    "build": ["-m", "mkdocs", "build", "--strict"],
    "receipt": ["-I", "verify/judging/receipt.py"],
    "mutants": ["-m", "verify.trials.mutants"],
    "arrows": ["-c", "from importlinter import cli; cli.lint_imports_command()", "--no-cache", "--no-logo"],
    "tests": ["-m", "pytest", "-q", "-rN", "--tb=short"],
}
APART = {"site", "live", "receipt"}
"""Jobs that are never forked: they start processes of their own, or a Python that reads no environment."""
ASKED_AGAIN = {"checks", "unread", "build"}
"""Jobs that read pages and evidence again whenever they are asked, as `mkdocs serve` asks them."""
READ_AGAIN = re.compile(r"docs/(ja|en)/|verify/evidence/.*\.json")
"""Files that such jobs read again; after a change of others, modules are read anew as well."""
PLACE = re.compile(r'(([\w./-]+\.\w+)"?(?::|, line ))(\d+)\b')
VOLATILE = {
    r"\b[0-9a-f]{64}\b": "SHA256",
    r"-[0-9a-f]{8}(?=\.(?:pcap|png)\b)": "-DIGEST",
    r"\b\d+\.\d+ ?s(?:econds)?\b": "SECONDS",
    r"\bline \d+ column \d+ \(char \d+\)": "POSITION",
    r"\b0x[0-9a-f]+\b": "ADDRESS",
    r"(?<=available fixtures: ).*": "FIXTURES",
    r"^Traceback .*\n(?: .*\n)+": "TRACEBACK\n",
    r"^[.FEsxX]+ +\[ *\d+%\]$|^[.FEsxX]+$": "PROGRESS",
    r"\b\d+ (?=deselected|passed\b|xfailed\b)": "COUNT ",
    r"^ *\d+ (?=[a-z]+$|hidden by)": "COUNT ",
    r"\b\d+ (?=more of this or another kind)": "COUNT ",
    r"\b\d+ files, \d+ dependencies\b": "COUNT files, COUNT dependencies",
    r"(?<=\(l\.)\d+(?=\))": "LINE",
    r": \d+, and \d+ in (?=mutants\.json)": ": COUNT, and COUNT in ",
}


def lies(*, live: bool) -> list:
    """The files of the lies that are told to a real engine, or of those that are not."""
    files = sorted(HERE.glob("*/*.toml"))
    return [
        pytest.param(file, id=f"{file.parent.name}/{file.stem}")
        for file in files
        if live == tomllib.loads(file.read_text(encoding="utf-8"))["refusal"]["job"].startswith("live")
    ]


@pytest.fixture(scope="session")
def honest(once, workplace, request):
    """What a job says without a lie; it must end well."""

    def said(job: str) -> list[str]:
        if job == "site":
            return plain(workplace, request.getfixturevalue("site")["said"])
        lines, status = run(workplace, job)
        workplace.put_back()
        assert status == 0, "\n".join(lines)
        return lines

    return lambda job: once(f"honest {job}", functools.partial(said, job))


@pytest.mark.parametrize("file", lies(live=False))
def test_lie_is_caught(file, project, honest, request):
    lie = tomllib.loads(file.read_text(encoding="utf-8"))
    apart = request.config.option.apart or sorted(file.parent.glob("*.toml")).index(file) % 20 == 0
    hold_against(file, message(project, honest, lie["edit"], lie["refusal"]["job"], apart), request)


@pytest.mark.engine
@pytest.mark.parametrize("file", lies(live=True))
def test_lie_of_an_engine_is_caught(file, project, honest, request):
    test_lie_is_caught(file, project, honest, request)


def test_lies_are_of_every_kind_and_not_few():
    told = lies(live=False) + lies(live=True)
    assert {param.id.split("/")[0] for param in told} == KINDS
    assert len(told) >= 40


@pytest.mark.parametrize(
    ("edit", "failure"),
    [
        ({"old": "output never typed", "new": ""}, "has no 'output never typed'"),
        ({"old": "binary", "new": "binary"}, "is as it was"),
        ({"old": "binary", "new": "text"}, "nobody minds"),
    ],
)
def test_lie_that_does_nothing_is_found_out(edit, failure, project, honest):
    with pytest.raises(AssertionError, match=failure):
        message(project, honest, [{"file": ".gitattributes", **edit}], "checks")


def message(project: Workplace, honest, edit: list[dict], job: str, apart: bool = False) -> str:
    """What is said of a lie, in a process of its own if it is to be run apart."""
    usual = honest(job)
    for each in edit:
        if "recorded" in each:
            project.recorded(each["recorded"])
        elif "confirmed" in each:
            project.confirmed(each["confirmed"])
        else:
            tell(project.root, **each)
    known = all(READ_AGAIN.match(each.get("file", "")) for each in edit)
    said, status = run(project, job, apart, anew=not known)
    changes = difflib.SequenceMatcher(None, usual, said, autojunk=False).get_opcodes()
    new = [line for tag, _, _, start, end in changes if tag != "equal" for line in said[start:end]]
    assert status != 0, "nobody minds:\n" + "\n".join(new)
    return "\n".join(["", *new, f"[exit status {status}]", ""])


def tell(root: Path, file: str, digest: bool = False, **change: str) -> None:
    """Makes one edit, which must change something."""
    path = find(root, file)
    before = path.read_bytes() if path.exists() else b""
    match change:
        case {"old": old, "new": new}:
            assert old in before.decode(), f"{file} has no {old!r}"
            path.write_text(before.decode().replace(old, new, 1), encoding="utf-8")
        case {"pattern": pattern, "new": new}:
            after, count = re.subn(pattern, new, before.decode(), count=1, flags=re.DOTALL)
            assert count, f"{file} has no {pattern!r}"
            path.write_text(after, encoding="utf-8")
        case {"like": other}:
            path.parent.mkdir(exist_ok=True)
            shutil.copyfile(find(root, other), path)
        case {"link": other}:
            path.unlink(missing_ok=True)
            path.symlink_to(find(root, other))
            return
        case {"new": new}:
            path.parent.mkdir(exist_ok=True)
            path.write_text(new, encoding="utf-8")
        case _:
            path.unlink()
    if digest:
        document = json.loads(path.read_text(encoding="utf-8"))
        document["digest"] = evidence._digest(document)
        path.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    assert not path.exists() or path.read_bytes() != before, f"{file} is as it was"


def find(root: Path, file: str) -> Path:
    """The first file that a path with stars fits, or the place of a new one."""
    return next(iter(sorted(root.glob(file))), root / file)


def run(project: Workplace, job: str, apart: bool = False, anew: bool = True) -> tuple[list[str], int]:
    """What a job says, line by line, and its exit status."""
    name, *options = shlex.split(job)
    if apart or name in APART:
        result = project.run(sys.executable, *JOBS[name], *options, stderr=subprocess.STDOUT)
    else:
        result = project.fork(*JOBS[name], *options, anew=anew or name not in ASKED_AGAIN)
    return plain(project, result.stdout), result.returncode


def plain(project: Workplace, said: str) -> list[str]:
    """The lines of what a job said, what varies replaced."""
    said = PLACE.sub(lambda place: place[1] + line_at(project.root / place[2], int(place[3])), project.relative(said))
    for pattern, name in VOLATILE.items():
        said = re.sub(pattern, name, said, flags=re.MULTILINE)
    return [line.rstrip() for line in said.splitlines()]


def line_at(file: Path, number: int) -> str:
    """A line of a project's file in brackets; its number, where there is none."""
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines() if file.is_file() else []
    return f"[{lines[number - 1].strip()}]" if 0 < number <= len(lines) else str(number)


def hold_against(file: Path, said: str, request: pytest.FixtureRequest) -> None:
    """Compares what was said with a lie's file; with `--bless`, writes it there."""
    text = file.read_text(encoding="utf-8")
    if request.config.option.bless:
        head = text.partition("\nmessage = '''")[0].rstrip("\n")
        file.write_text(f"{head}\nmessage = '''{said}'''\n", encoding="utf-8")
        return
    assert said == f"\n{tomllib.loads(text)['refusal'].get('message', '')}"
