"""Runs commands of Python in forks of this process, which has imported what they need, and has read the project as it stands.

It is started in the project's folder, and says `ready`. Then it reads a line of JSON for each command: its `arguments`, as
python takes them; into which file it is to print, `said`; and whether modules of the project are to be read `anew`, since they
were changed. It answers with its exit status.
"""

import gc
import importlib
import json
import os
import runpy
import subprocess
import sys
from pathlib import Path

CLAIMS = (sys.executable, "-m", "pytest", "-c", "verify/pytest.ini", "verify/claims", "--collect-only", "-q")


def prepare() -> None:
    """Imports what commands need, and leaves what Python and pytest compile beside the sources."""
    from _pytest.config import default_plugins
    from mkdocs.config import load_config

    for name in default_plugins:
        importlib.import_module(f"_pytest.{name}")
    load_config("mkdocs.yml")
    checks = importlib.import_module("verify.publishing.checks")
    checks.problems()  # whatever they are: what matters is what has been read then
    checks.unread()
    checks.forget()
    subprocess.run(CLAIMS, stdout=subprocess.DEVNULL)
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    sys.dont_write_bytecode = True
    gc.freeze()


def become(arguments: list[str], said: str, anew: bool) -> None:
    """Does in this process what Python does with these arguments."""
    with open(said, "wb") as out, open(os.devnull, "rb") as nothing:
        for number, stream in enumerate((nothing, out, out)):
            os.dup2(stream.fileno(), number)
    for name in [name for name in sys.modules if anew and name.partition(".")[0] == "verify"]:
        del sys.modules[name]
    option, what, *others = arguments
    sys.argv = [option, *others]
    if option == "-m":
        runpy.run_module(what, run_name="__main__", alter_sys=True)
    else:
        exec(compile(what, "<string>", "exec"), {"__name__": "__main__"})


sys.path[0] = str(Path.cwd())
prepare()
answers = os.fdopen(os.dup(1), "w")
print("ready", file=answers, flush=True)
while line := sys.stdin.readline():
    if not (child := os.fork()):
        become(**json.loads(line))
        break
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), file=answers, flush=True)
