"""Signatures that are made elsewhere: by a KMS, an HSM, a signing service. The private key never
comes near this process.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

Sign = Callable[[bytes], bytes] | Callable[[bytes], Awaitable[bytes]]


class HostSigner:
    """Signs in the host's own way, sync or async.

    `sign` is given the exact bytes and returns their signature: RSASSA-PKCS1-v1_5 over SHA-256
    (SHA-1 for an old account with `sign_type="RSA"`). Every signature is checked with `public_key`
    before anything is sent, so a wrong one never leaves this process. When it raises, nothing is
    sent, and the outcome is *unknown* with the reason `signer_failed`; of the exception only the
    type's name is kept.

    The bytes are the request: they hold the traveller's data.

        def sign(message: bytes) -> bytes:
            digest = hashlib.sha256(message).digest()
            return kms.sign(KeyId=key, Message=digest, MessageType="DIGEST",
                            SigningAlgorithm="RSASSA_PKCS1_V1_5_SHA_256")["Signature"]

        signer = HostSigner(public_key=Path("merchant_public.pem"), sign=sign)
        account = alipay.Account(..., signer=signer)
    """

    __slots__ = ("is_async", "public_key", "sign")

    def __init__(self, *, public_key: str | bytes | Path, sign: Sign) -> None:
        """`public_key`: the merchant's own, as text, bytes or a `Path` to it."""
        if not callable(sign):
            raise TypeError(f"sign: must be callable, not {type(sign).__name__}")
        self.public_key = public_key
        self.sign = sign
        self.is_async = is_async(sign)

    def __repr__(self) -> str:
        return f"<HostSigner {'async' if self.is_async else 'sync'}>"


class SigningFailed(Exception):
    """No usable signature; its text goes into the outcome's reason."""


def is_async(function: Any) -> bool:
    """Whether a call of it is to be awaited."""
    from functools import partial
    from inspect import iscoroutinefunction

    while isinstance(function, partial):
        function = function.func
    called = getattr(type(function), "__call__", None)  # noqa: B004
    return iscoroutinefunction(function) or iscoroutinefunction(called)


def signature_of(made: object) -> bytes:
    """What a signer returned, if it is a signature; `SigningFailed` else."""
    if isinstance(made, bytes | bytearray | memoryview):
        return bytes(made)
    close = getattr(made, "close", None)
    if close is not None and hasattr(made, "__await__"):
        close()
        raise SigningFailed("the signer is async; use AsyncClient")
    raise SigningFailed(f"the signer returned {type(made).__name__}, not bytes")
