"""What the README and the guide show can be copied: the code names what exists, the commands are
commands, the settings are settings.
"""

from __future__ import annotations

import argparse
import ast
import importlib
import inspect
import os
import re
import shlex
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

import taxrefund
from taxrefund import errors
from taxrefund._generated import alipay, alipay_plus, antom
from taxrefund.cli import config, main
from taxrefund.options import CallOptions

ROOT = Path(__file__).parent.parent.parent
README = ROOT / "python" / "README.md"
DOCUMENTS = (README, ROOT / "docs" / "guides" / "python.md")
OPERATIONS = {
    one.name.partition(".")[2]: one
    for module in (alipay, alipay_plus, antom)
    for one in module.OPERATIONS
}


def blocks(document: Path, language: str) -> list[tuple[int, str]]:
    """Line number and content of every block of this language."""
    found, content, start = [], [""], 0
    for number, line in enumerate(document.read_text("utf-8").splitlines(), 1):
        if line.startswith("```") and start:
            if content[0] == language:
                found.append((start, "\n".join(content[1:]) + "\n"))
            start = 0
        elif line.startswith("```"):
            start, content = number, [line[3:].strip()]
        elif start:
            content.append(line)
    return found


def every(language: str) -> pytest.MarkDecorator:
    """A test for each block."""
    found = [
        pytest.param(text, id=f"{document.name}:{number}")
        for document in DOCUMENTS
        for number, text in blocks(document, language)
    ]
    assert found
    return pytest.mark.parametrize("text", found)


@every("python")
def test_code_names_only_what_exists(text: str) -> None:
    tree = ast.parse(text)
    compile(text, "block", "exec")
    known = imported(tree)
    assert known, "it imports nothing of the package"
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            resolved(node, known)
        elif isinstance(node, ast.Call):
            check_keywords(node, known)


def imported(tree: ast.AST) -> dict[str, Any]:
    """What a block imports from the package, by the names that it has there."""
    known: dict[str, Any] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "taxrefund":
            module = importlib.import_module(node.module or "")
            for alias in node.names:
                assert hasattr(module, alias.name), f"{node.module} has no {alias.name}"
                known[alias.asname or alias.name] = getattr(module, alias.name)
    return known


def resolved(node: ast.expr, known: dict[str, Any]) -> Any:
    """The object that `alipay.Client` or `State.FAILED` names; `None` for what only a run tells."""
    if isinstance(node, ast.Name):
        return known.get(node.id)
    if not isinstance(node, ast.Attribute):
        return None
    owner = resolved(node.value, known)
    if owner is None:
        return None
    assert hasattr(owner, node.attr), f"line {node.lineno}: {owner} has no {node.attr}"
    return getattr(owner, node.attr)


def check_keywords(call: ast.Call, known: dict[str, Any]) -> None:
    given = {keyword.arg for keyword in call.keywords if keyword.arg is not None}
    called = resolved(call.func, known)
    if called is not None:
        names = set(inspect.signature(called).parameters)
    elif isinstance(call.func, ast.Attribute) and call.func.attr in OPERATIONS:
        operation = OPERATIONS[call.func.attr]
        names = {field.name for field in operation.request._fields_} | {"options"}
    elif isinstance(call.func, ast.Attribute):
        names = keywords_of_methods().get(call.func.attr, given)
    else:
        return
    assert given <= names, f"line {call.lineno}: no keyword {sorted(given - names)}"


def keywords_of_methods() -> dict[str, set[str]]:
    """Of every public method of the package: a block's `journal.notify(…)` is one of these."""
    found: dict[str, set[str]] = {}
    for name in taxrefund.__all__:
        kind = getattr(taxrefund, name)
        if not inspect.isclass(kind):
            continue
        for method, function in inspect.getmembers(kind, inspect.isfunction):
            if not method.startswith("_"):
                found.setdefault(method, set()).update(inspect.signature(function).parameters)
    return found


def commands() -> Iterator[Any]:
    """Every command line of the program, in blocks and in running text."""
    for document in DOCUMENTS:
        text = document.read_text("utf-8")
        for match in re.finditer(r"(?<![\w/-])taxrefund (?=[a-z-]+)[^`\n]*", text):
            words = shell_words(match[0])
            if words and (words[0] in COMMANDS or words[0].startswith("-")):
                number = text.count("\n", 0, match.start()) + 1
                yield pytest.param(words, id=f"{document.name}:{number}:{words[0]}")


def shell_words(line: str) -> list[str]:
    """The arguments up to whatever the shell keeps for itself."""
    try:
        lexer = shlex.shlex(line, posix=True, punctuation_chars="|&;<>()")
        lexer.whitespace_split = True
        lexer.commenters = ""
        words = list(lexer)
    except ValueError:
        return []
    stops = [at for at, word in enumerate(words) if set(word) <= set("|&;<>()")]
    return words[1 : stops[0] if stops else None]


COMMANDS = (
    "doctor",
    "explain",
    "pay",
    "resume",
    "results",
    "rotate-key",
    "sandbox",
    "settle",
    "show",
    "status",
    "verify-journal",
)


@pytest.mark.parametrize("words", list(commands()))
def test_every_command_line_is_accepted(
    words: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    ran: list[str] = []

    def noted(arguments: argparse.Namespace, configuration: object) -> int:
        ran.append(arguments.command)
        return 0

    for name in COMMANDS:
        module = importlib.import_module(f"taxrefund.cli.{name.replace('-', '_')}")
        monkeypatch.setattr(module, "run", noted)
    for variable in [name for name in os.environ if name.startswith("TAXREFUND_")]:
        monkeypatch.delenv(variable)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    for option, file in pairwise(words):
        if option == "--config":
            Path(file).touch()
    code = main(words)
    assert code == 0, capsys.readouterr().err
    # `--help` ends well too, and runs nothing.
    assert ran == [word for word in words if word in COMMANDS][:1]


def test_every_command_is_shown() -> None:
    for document in DOCUMENTS:
        text = document.read_text("utf-8")
        left_out = [name for name in COMMANDS if f"taxrefund {name}" not in text]
        assert left_out in ([], ["rotate-key"]), document.name
    assert "taxrefund rotate-key" in README.read_text("utf-8")


@every("toml")
def test_every_setting_is_one(text: str, tmp_path: Path) -> None:
    pytest.importorskip("tomllib" if sys.version_info >= (3, 11) else "tomli")
    file = tmp_path / "taxrefund.toml"
    file.write_text(text, "utf-8")
    found = config.load(file, {}, ())
    assert found.accounts
    assert "journal" in found.general


@every("csv")
def test_every_column_is_a_field_of_the_request(text: str) -> None:
    columns = text.splitlines()[0].split(",")
    fields = {field.wire for field in alipay.PayTaxRefundRequest._fields_}
    assert set(columns) <= fields


def test_every_link_into_the_repository_leads_somewhere() -> None:
    for document in DOCUMENTS:
        text = document.read_text("utf-8")
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text):
            assert (document.parent / target).exists(), f"{document.name}: {target}"
        for target in re.findall(r"github\.com/taxrefund/taxrefund/(?:blob|tree)/main/(\S+)", text):
            assert (ROOT / target).exists(), f"{document.name}: {target}"
        for name in re.findall(r"\]\[([^\]]+)\]", text):
            assert f"\n[{name}]: " in text, f"{document.name}: {name}"


def test_the_readme_names_every_exception_class() -> None:
    text = README.read_text("utf-8")
    classes = [
        name
        for name, kind in vars(errors).items()
        if inspect.isclass(kind) and issubclass(kind, BaseException) and not name.startswith("_")
    ]
    assert "InvalidRequest" in classes
    assert [name for name in classes if f"`{name}`" not in text] == []


def test_the_readme_names_nothing_in_its_tables_that_does_not_exist() -> None:
    for row in re.findall(r"^\| (`[A-Z].*?) \|", README.read_text("utf-8"), re.MULTILINE):
        for name in re.findall(r"`(\w+)`", row):
            assert hasattr(taxrefund, name), name


def test_the_readme_names_every_operation() -> None:
    text = README.read_text("utf-8")
    for module in (alipay, alipay_plus, antom):
        for one in module.OPERATIONS:
            name = one.name.partition(".")[2]
            assert f"`{name}`" in text or f"`{name.split('_')[0]}_`" in text, name


def test_the_options_of_a_call_that_the_readme_names_exist() -> None:
    named = re.search(r"options=CallOptions\(([^)]*)\)`", README.read_text("utf-8"))
    assert named is not None
    for name in re.findall(r"(\w+)=", named[1]):
        assert name in inspect.signature(CallOptions).parameters
