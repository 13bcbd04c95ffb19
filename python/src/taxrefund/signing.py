"""The strings that are signed, and signatures over bytes: for interfaces that this library does
not know, and for tests.

Nothing here is needed to pay refunds: clients sign and verify by themselves.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from . import _native
from ._text import printable
from .account import key_text
from .dates import epoch_ms

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Literal

    from .account import KeyMaterial

    SignType = Literal["RSA2", "RSA"]


def form_string_to_sign(params: Mapping[str, str], charset: str = "utf-8") -> bytes:
    """What Alipay's open gateway signs: parameters by name, without `sign` and empty ones."""
    for name, value in params.items():
        if not isinstance(name, str) or not isinstance(value, str):
            raise TypeError(f"params: must hold str only, not {type(value).__name__}")
    return _native.form_string_to_sign(json.dumps(dict(params)), printable(charset))


def header_string_to_sign(path: str, client_id: str, time: str, body: bytes) -> bytes:
    """What Alipay+ and Antom sign: the path, the client id, the time header's text and the body."""
    return _native.header_string_to_sign(
        printable(path), printable(client_id), printable(time), body
    )


def form_string_to_verify(body: bytes, rule: Literal["V1", "V2"]) -> tuple[str, dict[str, str]]:
    """What an open gateway notification signs under either rule, and its parameters."""
    plain = json.loads(_native.form_string_to_verify(body, printable(rule)))
    return plain["to_verify"], plain["parameters"]


def write_signature_header(signature: bytes, key_version: int = 1) -> str:
    """The `Signature` header of Alipay+ and Antom."""
    return _native.write_signature_header(signature, key_version)


def read_signature_header(text: str) -> tuple[bytes, str | None]:
    """The signature and the key version of a `Signature` header."""
    return _native.read_signature_header(printable(text))


def sign(private_key: KeyMaterial, message: bytes, sign_type: SignType = "RSA2") -> bytes:
    """A signature: `RSA2` is SHA-256, `RSA` is SHA-1 for old accounts."""
    return _native.sign(
        key_text("private_key", private_key).encode(), message, printable(sign_type)
    )


def verify(
    public_key: KeyMaterial, message: bytes, signature: bytes, sign_type: SignType = "RSA2"
) -> bool:
    """Whether the signature is this key's over exactly these bytes."""
    key = key_text("public_key", public_key).encode()
    return _native.verify(key, message, signature, printable(sign_type))


@dataclass(frozen=True, slots=True)
class CutOut:
    """Where the signed bytes of a gateway answer are."""

    root: str
    start: int
    end: int
    signature: str
    alipay_cert_sn: str | None


def cut_out(method: str, body: bytes, charset: str = "utf-8") -> CutOut:
    """Finds the exact bytes of a gateway answer that its signature covers: `body[start:end]`."""
    plain = json.loads(_native.cut_out(printable(method), body, printable(charset)))
    return CutOut(
        plain["root"], plain["start"], plain["end"], plain["signature"], plain.get("alipay_cert_sn")
    )


def certificate_serial(certificate: KeyMaterial) -> str:
    """`app_cert_sn` of an application certificate, `alipay_cert_sn` of the platform's."""
    return _native.certificate_serial(key_text("certificate", certificate).encode())


def root_serial(bundle: KeyMaterial) -> str:
    """`alipay_root_cert_sn` of a root bundle."""
    return _native.root_serial(key_text("bundle", bundle).encode())


def request_time(at: datetime) -> str:
    """Antom's `request-time` header: milliseconds since 1970."""
    return str(epoch_ms(at))
