"""Every setting there is: its name, what it holds, and whether it may be shown."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

Kind = Literal["text", "number", "seconds", "flag", "spans", "key", "keys"]


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting. A `key` may also be given as `<name>_file`, several `keys` as `<name>_files`."""

    name: str
    kind: Kind = "text"
    secret: bool = False
    """Never shown, not taken from the command line, and its file should be its owner's alone."""

    @property
    def file_name(self) -> str | None:
        """The setting that names its file, where it may stand in one."""
        return {"key": f"{self.name}_file", "keys": f"{self.name}_files"}.get(self.kind)


GENERAL: tuple[Setting, ...] = (
    Setting("journal"),
    Setting("sealing_key", "key", secret=True),
    Setting("owner"),
    Setting("exchanges", "number"),
    Setting("attempts", "number"),
    Setting("timeout", "seconds"),
    Setting("deadline", "seconds"),
    Setting("sandbox_wait_permille", "number"),
    Setting("take_up_again_after", "spans"),
    Setting("lease", "seconds"),
    Setting("proxy", secret=True),
    Setting("no_proxy", "flag"),
    Setting("connect_timeout", "seconds"),
    Setting("extra_authorities", "key"),
    Setting("client_certificate", "key", secret=True),
)

_ALIPAY = (
    Setting("app_id"),
    Setting("merchant_private_key", "key", secret=True),
    Setting("alipay_public_key", "key"),
    Setting("app_certificate", "key"),
    Setting("alipay_certificates", "keys"),
    Setting("alipay_root_certificates", "key"),
    Setting("environment"),
    Setting("endpoint"),
    Setting("charset"),
    Setting("sign_type"),
    Setting("app_auth_token", secret=True),
    Setting("notify_url"),
)
_CALLER = (
    Setting("client_id"),
    Setting("merchant_private_key", "key", secret=True),
    Setting("platform_public_key", "key"),
    Setting("endpoint"),
    Setting("key_version", "number"),
    Setting("agent_token", secret=True),
    Setting("sandbox_path", "flag"),
)
ACCOUNT: dict[str, tuple[Setting, ...]] = {
    "alipay": _ALIPAY,
    "alipay_plus": _CALLER,
    "antom": _CALLER,
}
"""The settings of an account, by its protocol."""


def spellings(settings: tuple[Setting, ...]) -> dict[str, Setting]:
    """Every name under which these settings can be given."""
    known = {setting.name: setting for setting in settings}
    known.update(
        {setting.file_name: setting for setting in settings if setting.file_name is not None}
    )
    return known


def nearest(name: str, known: list[str]) -> str:
    """`; did you mean …?`, or all that there is."""
    close = get_close_matches(name, known, n=1, cutoff=0.6)
    if close:
        return f"did you mean {close[0]}?"
    return f"there are: {', '.join(sorted(known))}"
