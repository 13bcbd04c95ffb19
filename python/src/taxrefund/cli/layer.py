"""The settings of one source: checked, and put over those of earlier ones."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .ending import CommandError
from .settings import Setting, nearest, spellings


@dataclass(frozen=True, slots=True)
class Given:
    """A setting's value, and who said so. Whatever is shown of it is where it stands, never what it
    is.
    """

    value: Any
    source: str
    is_file: bool = False


class Layer:
    """Settings of one source, put over those of earlier ones."""

    def __init__(
        self, target: dict[str, Given], settings: tuple[Setting, ...], source: str, folder: Path
    ) -> None:
        self._target = target
        self._known = spellings(settings)
        self._source = source
        self._folder = folder

    def take(self, content: Mapping[str, Any]) -> None:
        """Check and take them; a name that is none is an error."""
        taken: dict[str, str] = {}
        for name, value in content.items():
            if name.startswith("#"):  # how a JSON file is commented
                continue
            setting = self._known.get(name)
            if setting is None:
                raise CommandError(
                    f"{self._source}: {name} is no setting; {nearest(name, list(self._known))}"
                )
            if setting.name in taken:
                raise CommandError(
                    f"{self._source}: {taken[setting.name]} and {name} are both given; give one"
                )
            taken[setting.name] = name
            is_file = name != setting.name
            read = self._paths(name, value) if is_file else self._read(setting, value)
            self._target[setting.name] = Given(read, f"{self._source}: {name}", is_file)

    def _paths(self, name: str, value: Any) -> Any:
        many = name.endswith("_files")
        if isinstance(value, str) and many:
            value = [one for one in value.split(os.pathsep) if one]
        if many and isinstance(value, list) and all(isinstance(one, str) for one in value):
            return [self._folder / Path(one).expanduser() for one in value]
        if not many and isinstance(value, str):
            return self._folder / Path(value).expanduser()
        raise CommandError(f"{self._source}: {name} must be the name of a file")

    def _read(self, setting: Setting, value: Any) -> Any:
        """A value of the kind that the setting has; out of the environment all of them are
        texts.
        """
        wanted = setting.kind
        if wanted in ("text", "key") and isinstance(value, str):
            return self._place(value) if setting.name == "journal" else value
        if wanted == "keys" and isinstance(value, list | str):
            texts = [value] if isinstance(value, str) else value
            if all(isinstance(text, str) for text in texts):
                return texts
        if wanted == "flag":
            flag = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
            if isinstance(value, bool):
                return value
            if isinstance(value, str) and value.lower() in flag:
                return flag[value.lower()]
        number = _number(value)
        if wanted == "seconds" and number is not None:
            return number
        if wanted == "number" and isinstance(number, int):
            return number
        if wanted == "spans":
            given = value.split(",") if isinstance(value, str) else value
            spans = [_number(one) for one in given] if isinstance(given, list) else [None]
            if None not in spans:
                return spans
        kinds = {
            "spans": "numbers of seconds, such as 120,600",
            "number": "a whole number",
            "seconds": "a number of seconds",
            "flag": "true or false",
        }
        raise CommandError(f"{self._source}: {setting.name} must be {kinds.get(wanted, 'a text')}")

    def _place(self, text: str) -> str:
        return text if "://" in text else str(self._folder / Path(text).expanduser())


def _number(value: Any) -> int | float | None:
    text = "" if isinstance(value, bool) else str(value).strip()
    if not text.isascii() or not text.replace(".", "", 1).isdecimal():
        return None
    return float(text) if "." in text else int(text)
