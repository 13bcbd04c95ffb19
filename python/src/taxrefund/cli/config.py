"""Settings from a file, the environment and the command line; what comes later beats what came
earlier.

    journal = "refunds.db"

    [accounts.singapore]
    protocol = "alipay"
    app_id = "2014072300007148"
    merchant_private_key_file = "merchant.pem"     # beside this file
    alipay_public_key_file = "alipay.pem"

In the environment the same are `TAXREFUND_JOURNAL` and `TAXREFUND_SINGAPORE_APP_ID`; without a file
the accounts `alipay`, `alipay_plus` and `antom` can be made of variables alone
(`TAXREFUND_ALIPAY_APP_ID`, …).
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .ending import CommandError
from .layer import Given, Layer
from .settings import ACCOUNT, GENERAL, Setting, nearest, spellings
from .terminal import note

PREFIX = "TAXREFUND_"
_KINDS = ("toml", "json")


@dataclass(slots=True)
class Configuration:
    """What was found."""

    file: Path | None = None
    general: dict[str, Given] = field(default_factory=dict)
    accounts: dict[str, dict[str, Given]] = field(default_factory=dict)
    """By their names; `protocol` is among their settings."""
    warnings: list[str] = field(default_factory=list)

    def value(self, name: str, default: Any = None) -> Any:
        """A general setting."""
        given = self.general.get(name)
        return default if given is None else given.value

    def content(self, given: Given, secret: bool = False) -> Any:
        """A key as text or as the path of its file."""
        if not given.is_file:
            return given.value
        paths = given.value if isinstance(given.value, list) else [given.value]
        for path in paths:
            self._look_at(path, given.source, secret)
        return given.value

    def _look_at(self, path: Path, source: str, secret: bool) -> None:
        try:
            mode = path.stat().st_mode
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise CommandError(
                f"{source}: the file {path} cannot be read: {reason}. Nothing was sent."
            ) from None
        if secret and os.name == "posix" and mode & stat.S_IROTH:
            warning = (
                f"{path} holds a secret and everybody on this machine may read it: chmod 600 {path}"
            )
            if warning not in self.warnings:
                self.warnings.append(warning)

    def warn(self) -> None:
        """Say what was seen, once."""
        for warning in self.warnings:
            note(f"warning: {warning}")
        self.warnings.clear()


def load(file: Path | None, environment: Mapping[str, str], flags: Sequence[str]) -> Configuration:
    """Everything that is set. `flags` are `NAME=VALUE` or `ACCOUNT.NAME=VALUE` of the command
    line.
    """
    found = Configuration(file=_file(file, environment))
    if found.file is not None:
        _take_file(found, found.file)
    _take_environment(found, environment)
    for flag in flags:
        _take_flag(found, flag)
    for name, settings in found.accounts.items():
        if "protocol" not in settings:
            raise CommandError(
                f"the account {name} has no protocol: set accounts.{name}.protocol to one of "
                f"{', '.join(ACCOUNT)}"
            )
    return found


def _file(given: Path | None, environment: Mapping[str, str]) -> Path | None:
    named = given or (Path(text) if (text := environment.get("TAXREFUND_CONFIG")) else None)
    if named is not None:
        if not named.is_file():
            raise CommandError(f"there is no configuration file {named}")
        return named
    own = environment.get("APPDATA" if os.name == "nt" else "XDG_CONFIG_HOME")
    home = Path(own) if own else Path("~/.config").expanduser()
    places = [
        folder / f"taxrefund.{kind}" for folder in (Path(), home / "taxrefund") for kind in _KINDS
    ]
    return next((place for place in places if place.is_file()), None)


def _take_file(found: Configuration, path: Path) -> None:
    content = _parsed(path)
    accounts = content.pop("accounts", {})
    if not isinstance(accounts, dict) or not all(
        isinstance(one, dict) for one in accounts.values()
    ):
        raise CommandError(f"{path}: accounts must be tables, such as [accounts.singapore]")
    Layer(found.general, GENERAL, str(path), path.parent).take(content)
    for name, settings in accounts.items():
        _check_name(name, path)
        protocol = settings.pop("protocol", name if name in ACCOUNT else None)
        where = f"{path}: accounts.{name}"
        if protocol not in ACCOUNT:
            hint = "is missing" if protocol is None else f"is {protocol!r}"
            raise CommandError(f"{where}.protocol {hint}; it must be one of {', '.join(ACCOUNT)}")
        account = found.accounts.setdefault(name, {"protocol": Given(protocol, where)})
        layer = Layer(account, ACCOUNT[protocol], where, path.parent)
        layer.take(settings)
        if any(name in settings for name in _secrets(ACCOUNT[protocol])):
            found._look_at(path, str(path), secret=True)
    if any(name in content for name in _secrets(GENERAL)):
        found._look_at(path, str(path), secret=True)


def _secrets(settings: tuple[Setting, ...]) -> list[str]:
    return [setting.name for setting in settings if setting.secret]


def _check_name(name: str, path: Path) -> None:
    if not name.replace("_", "").isalnum() or not name.isascii() or name != name.lower():
        raise CommandError(
            f"{path}: the account name {name!r} may hold small letters, digits and underscores "
            "only, because it is part of variables' names"
        )


def _parsed(path: Path) -> dict[str, Any]:
    """What is wrong with the file is said without quoting it: it may hold private keys."""
    import json

    try:
        data = path.read_bytes()
        if path.suffix.lower() == ".json":
            content = json.loads(data)
        else:
            content = _toml().loads(data.decode("utf-8-sig"))
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}") from None
    except json.JSONDecodeError as error:
        raise CommandError(
            f"{path} is not JSON: see line {error.lineno}, column {error.colno}"
        ) from None
    except UnicodeDecodeError:
        raise CommandError(f"{path} is not UTF-8") from None
    except ValueError as error:
        where = str(error).rpartition("(")[2].rstrip(")")
        where = where if where.startswith(("at line", "at end")) else "somewhere"
        raise CommandError(f"{path} is not TOML: see {where}") from None
    if not isinstance(content, dict):
        raise CommandError(f"{path} must hold settings by their names")
    return content


def _toml() -> Any:
    from importlib import import_module

    for name in ("tomllib", "tomli"):
        try:
            return import_module(name)
        except ModuleNotFoundError:
            continue
    version = ".".join(map(str, sys.version_info[:2]))
    raise CommandError(
        f"a TOML configuration needs Python 3.11 or newer (this is {version}), or `pip install "
        "taxrefund[toml]`; the same settings as a .json file are read without either"
    )


def _take_environment(found: Configuration, environment: Mapping[str, str]) -> None:
    general = spellings(GENERAL)
    accounts = sorted({*found.accounts, *ACCOUNT}, key=len, reverse=True)
    for variable in sorted(environment):
        if not variable.startswith(PREFIX) or variable == "TAXREFUND_CONFIG":
            continue
        name, value = variable[len(PREFIX) :].lower(), environment[variable]
        if name in general:
            Layer(found.general, GENERAL, variable, Path()).take({name: value})
            continue
        account = next((one for one in accounts if name.startswith(f"{one}_")), None)
        if account is None:
            known = [f"{PREFIX}{one.upper()}" for one in general]
            known += [f"{PREFIX}{one.upper()}_…" for one in accounts]
            raise CommandError(f"{variable} is no setting; {nearest(variable, known)}")
        _take_account(found, account, variable, {name[len(account) + 1 :]: value})


def _take_account(found: Configuration, account: str, source: str, content: dict[str, Any]) -> None:
    settings = found.accounts.get(account)
    if settings is None:
        if account not in ACCOUNT:
            raise CommandError(
                f"{source}: there is no account {account!r}; "
                f"{nearest(account, [*found.accounts, *ACCOUNT])}"
            )
        settings = found.accounts[account] = {"protocol": Given(account, source)}
    Layer(settings, ACCOUNT[settings["protocol"].value], source, Path()).take(content)


def _take_flag(found: Configuration, flag: str) -> None:
    name, separator, value = flag.partition("=")
    account, dot, setting = name.rpartition(".")
    if not separator or not name:
        raise CommandError("--set takes NAME=VALUE, or ACCOUNT.NAME=VALUE")
    settings = GENERAL
    if dot and account in found.accounts:
        settings = ACCOUNT[found.accounts[account]["protocol"].value]
    elif dot and account in ACCOUNT:
        settings = ACCOUNT[account]
    known = spellings(settings).get(setting)
    if known is not None and known.secret and setting == known.name:
        instead = f"--set {name}_file=FILE" if known.file_name else "the configuration file"
        raise CommandError(
            f"--set {name}: a secret on the command line can be seen by everybody on this machine; "
            f"use {instead} or the environment"
        )
    if dot:
        _take_account(found, account, f"--set {name}", {setting: value})
    else:
        Layer(found.general, GENERAL, f"--set {name}", Path()).take({setting: value})
