"""The rooms of `verify/`: arrows between them point one way, and nothing in them is too large to be read at once."""

import ast
import subprocess
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parent.parent
FILES = sorted([ROOT / "noxfile.py", *ROOT.glob("verify/**/*.py"), *ROOT.glob("tests/**/*.py")])
IMPORTS = grimp.build_graph("verify", cache_dir=None)


def test_arrows_point_one_way():
    ran = subprocess.run(["lint-imports", "--no-cache"], cwd=ROOT, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout


@pytest.mark.parametrize("module", sorted(IMPORTS.modules))
def test_no_module_imports_nearly_all_others(module):
    assert len(IMPORTS.find_modules_directly_imported_by(module)) <= len(IMPORTS.modules) / 3


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_files_and_functions_can_be_read_at_once(file):
    text = file.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 350
    functions = (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef))
    assert [each.name for each in functions if each.end_lineno - each.lineno >= 40] == []
