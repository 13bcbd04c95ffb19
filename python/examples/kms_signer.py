"""The private key stays in a key management service: it signs, this process never sees the key.

Every signature is checked with the public key before anything is sent. A service that is down, or
signs with the wrong key, means that nothing was sent.

Run it: `python examples/kms_signer.py`
"""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from taxrefund import HostSigner, Money, Unknown, alipay, signing
from taxrefund.testing import Sandbox


class Kms:
    """Stands for your service. With AWS, for one, `sign` would be

        digest = hashlib.sha256(message).digest()
        answer = kms.sign(KeyId=key_id, Message=digest, MessageType="DIGEST",
                          SigningAlgorithm="RSASSA_PKCS1_V1_5_SHA_256")
        return answer["Signature"]

    The message is the request with the traveller's data: send the digest where you can.
    """

    def __init__(self, private_key: str) -> None:
        self._private_key = private_key
        self.is_up = True
        self.signatures = 0

    def sign(self, message: bytes) -> bytes:
        """RSASSA-PKCS1-v1_5 over SHA-256."""
        if not self.is_up:
            raise ConnectionError("the service does not answer")
        self.signatures += 1
        return signing.sign(self._private_key, message)

    async def sign_async(self, message: bytes) -> bytes:
        """The same, awaited."""
        await asyncio.sleep(0)  # the round trip to the service
        return self.sign(message)


def pay(client: alipay.Client, order: str) -> str | None:
    paid = client.pay_tax_refund(
        out_order_no=order,
        identify_account_type="barcode",
        identify_account_no="281234567890123456",
        tax_refund_amount=Money.parse("100.00", "SGD"),
    )
    return paid.tax_no


async def pay_async(account: alipay.Account, order: str) -> str | None:
    async with alipay.AsyncClient(account) as client:
        paid = await client.pay_tax_refund(
            out_order_no=order,
            identify_account_type="barcode",
            identify_account_no="281234567890123456",
            tax_refund_amount=Money.parse("100.00", "SGD"),
        )
    return paid.tax_no


def main() -> None:
    with Sandbox() as sandbox, tempfile.TemporaryDirectory() as folder:
        keys = sandbox.credentials["alipay"]
        kms = Kms(keys["partner_private_key_pem"])
        public_key = keys["partner_public_key_pem"]

        signer = HostSigner(public_key=public_key, sign=kms.sign)
        account = sandbox.alipay_account(signer=signer)
        print(f"blocking: TRK1 paid under {pay(alipay.Client(account), 'TRK1')}")
        with alipay.Client(account, journal=Path(folder) / "refunds.db") as client:
            print(f"journal: TRK2 paid under {pay(client, 'TRK2')}")

        async_signer = HostSigner(public_key=public_key, sign=kms.sign_async)
        async_account = sandbox.alipay_account(signer=async_signer)
        number = asyncio.run(pay_async(async_account, "TRK3"))
        print(f"asyncio: TRK3 paid under {number}")

        kms.is_up = False
        try:
            pay(alipay.Client(account), "TRK4")
        except Unknown as unknown:
            print(f"service down: TRK4 is not known ({unknown.reason}); resume it later")
            kms.is_up = True
            print(f"service back: TRK4 paid under {unknown.resume().tax_no}")
        print(f"the service made {kms.signatures} signatures")
        for order in ("TRK1", "TRK2", "TRK3", "TRK4"):
            print(f"in the simulator's ledger: {order} {sandbox.paid_times(order)}x")


if __name__ == "__main__":
    main()
