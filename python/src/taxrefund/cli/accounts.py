"""The configured accounts as clients, and which of them a command is about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..errors import ConfigurationError
from .config import Configuration
from .ending import CommandError
from .settings import ACCOUNT

if TYPE_CHECKING:
    from .._client import BlockingClient


@dataclass(frozen=True, slots=True)
class NamedClient:
    """An account under the name that the configuration gives it."""

    name: str
    client: BlockingClient

    @property
    def protocol(self) -> str:
        """`alipay`, `alipay_plus` or `antom`."""
        return self.client.account.protocol

    @property
    def is_sandbox(self) -> bool:
        """Whether no real money moves."""
        return self.client.account.environment == "sandbox"

    def __str__(self) -> str:
        """One line for a person."""
        account = self.client.account
        about = (account.protocol, account.name, account.environment, account.endpoint)
        return f"{self.name} ({', '.join(about)})"


def clients(configuration: Configuration, names: Sequence[str] | None = None) -> list[NamedClient]:
    """The accounts of these names, or all of them."""
    if not configuration.accounts:
        where = configuration.file or "no configuration file was found"
        raise CommandError(
            f"there is no account ({where}). Set one in taxrefund.toml ([accounts.NAME]) or by "
            "variables such as TAXREFUND_ALIPAY_APP_ID; `taxrefund sandbox --write-config "
            "taxrefund.toml` makes one to try"
        )
    wanted = list(names or configuration.accounts)
    for name in wanted:
        if name not in configuration.accounts:
            known = ", ".join(configuration.accounts)
            raise CommandError(f"--account {name}: there is no such account; there are: {known}")
    transport = _transport(configuration)
    options = _options(configuration)
    return [NamedClient(name, _client(configuration, name, transport, options)) for name in wanted]


def material(configuration: Configuration, name: str) -> dict[str, Any]:
    """An account's settings as its class takes them."""
    settings = configuration.accounts[name]
    content: dict[str, Any] = {}
    for setting in ACCOUNT[settings["protocol"].value]:
        given = settings.get(setting.name)
        if given is not None:
            content[setting.name] = configuration.content(given, setting.secret)
    return content


def _client(
    configuration: Configuration, name: str, transport: Any, options: Any
) -> BlockingClient:
    from importlib import import_module

    protocol = configuration.accounts[name]["protocol"].value
    module = import_module(f"taxrefund.{protocol}")
    content = material(configuration, name)
    for needed in ("app_id",) if protocol == "alipay" else ("client_id", "platform_public_key"):
        if needed not in content:
            raise CommandError(f"the account {name} lacks {needed}. Nothing was sent.")
    try:
        account = module.Account(**content)
        local = account.endpoint.startswith("http://")
        # Plain HTTP is for a simulator on this machine, and no proxy leads there.
        client: BlockingClient = module.Client(
            account, transport=_without_proxy() if local else transport, options=options
        )
    except ConfigurationError as error:
        given = configuration.accounts[name].get(error.field)
        source = "" if given is None else f" ({given.source})"
        raise CommandError(f"the account {name}: {error}{source}. Nothing was sent.") from None
    return client


def _transport(configuration: Configuration) -> Any:
    from ..transport import HttpTransport

    given: dict[str, Any] = {
        name: configuration.value(name)
        for name in ("proxy", "no_proxy", "connect_timeout")
        if name in configuration.general
    }
    for name in ("extra_authorities", "client_certificate"):
        if name in configuration.general:
            secret = name == "client_certificate"
            given[name] = configuration.content(configuration.general[name], secret)
    return HttpTransport(**given)


def _without_proxy() -> Any:
    from ..transport import HttpTransport

    return HttpTransport(no_proxy=True)


def _options(configuration: Configuration) -> Any:
    from ..options import CallOptions

    names = ("attempts", "timeout", "deadline", "sandbox_wait_permille")
    given = {name: configuration.value(name) for name in names if name in configuration.general}
    try:
        return CallOptions(**given)
    except (TypeError, ValueError) as error:
        raise CommandError(f"the configuration: {error}") from None
