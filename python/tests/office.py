"""A back office of its own: a folder, a simulator, and the command, in this process or as one."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from refunds import BARCODE

import taxrefund
from taxrefund.cli import main
from taxrefund.cli.sandbox import write_configuration
from taxrefund.testing import Sandbox

HEADER = (
    "out_order_no,identify_account_type,identify_account_no,tax_refund_currency,"
    "tax_refund_amount,doc_id"
)


def csv_of(*keys: str) -> str:
    return "\n".join([HEADER, *(f"{key},barcode,{BARCODE},SGD,10000,DOC{key}" for key in keys), ""])


@dataclass
class Said:
    code: int
    out: str
    err: str


class Office:
    def __init__(
        self,
        folder: Path,
        sandbox: Sandbox,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        self.folder = folder
        self.sandbox = sandbox
        self._capsys = capsys
        for name in [name for name in os.environ if name.startswith("TAXREFUND_")]:
            monkeypatch.delenv(name)
        monkeypatch.setenv("XDG_CONFIG_HOME", str(folder / "nobody"))
        monkeypatch.chdir(folder)
        write_configuration(folder / "taxrefund.json", sandbox.credentials)

    @property
    def journal(self) -> Path:
        return self.folder / "sandbox-refunds.db"

    def file(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
        return path

    def refunds(self, *keys: str, name: str = "refunds.csv") -> Path:
        return self.file(name, csv_of(*keys))

    def run(self, *arguments: object) -> Said:
        code = main([str(argument) for argument in arguments])
        said = self._capsys.readouterr()
        return Said(code, said.out, said.err)

    def start(self, *arguments: object, **options: Any) -> subprocess.Popen[str]:
        source = str(Path(taxrefund.__file__).parent.parent)
        command = [sys.executable, "-m", "taxrefund", *map(str, arguments)]
        return subprocess.Popen(
            command,
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": source, "PYTHONDONTWRITEBYTECODE": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **options,
        )

    def assert_each_paid_once(self, *keys: str) -> None:
        entries = {entry["key"]: entry["paid_times"] for entry in self.sandbox.ledger()["entries"]}
        assert entries == {key: 1 for key in keys}
        assert self.sandbox.ledger()["double_paid"] == []


def finished(process: subprocess.Popen[str]) -> Said:
    out, err = process.communicate(timeout=60)
    return Said(process.returncode, out, err)


def states(results: Path) -> list[str]:
    with results.open(newline="", encoding="utf-8") as file:
        return [row["state"] for row in csv.DictReader(file)]
