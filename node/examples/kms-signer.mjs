// The private key stays in a key management service: it signs, this process never sees the key.
//
// Every signature is checked with the public key before anything is sent. A service that is down, or signs with the wrong
// key, means that nothing was sent.
//
// Run it: `node examples/kms-signer.mjs`

import assert from "node:assert/strict";

import { alipay, Money, RefundUnknown, signing, SigningFailed } from "taxrefund";
import { startSandbox } from "taxrefund/testing";

/**
 * Stands for your service. With AWS, for one, `sign` would be
 *
 *     const digest = createHash("sha256").update(message).digest();
 *     const answer = await kms.send(
 *       new SignCommand({ KeyId, Message: digest, MessageType: "DIGEST", SigningAlgorithm: "RSASSA_PKCS1_V1_5_SHA_256" }),
 *     );
 *     return answer.Signature;
 *
 * The message is the request with the traveller's data: send the digest where you can.
 */
class Kms {
  isUp = true;
  signatures = 0;
  #privateKey;

  constructor(privateKey) {
    this.#privateKey = privateKey;
  }

  /** RSASSA-PKCS1-v1_5 over SHA-256. */
  async sign(message) {
    // The text of a `SigningFailed` goes into the outcome's reason; of any other error only its type's name does.
    if (!this.isUp) throw new SigningFailed("the service does not answer");
    this.signatures += 1;
    return signing.sign(this.#privateKey, message);
  }
}

function refund(outOrderNo) {
  return {
    outOrderNo,
    identifyAccountType: "barcode",
    identifyAccountNo: "281234567890123456",
    taxRefundAmount: Money.parse("100.00", "SGD"),
  };
}

const sandbox = await startSandbox();
try {
  const { appId, partnerPrivateKeyPem, partnerPublicKeyPem, platformPublicKeyPem, gatewayUrl } =
    sandbox.credentials.alipay;
  const kms = new Kms(partnerPrivateKeyPem);
  const client = new alipay.Client({
    account: {
      appId,
      // In place of `merchantPrivateKey`.
      signer: { publicKey: partnerPublicKeyPem, sign: (message) => kms.sign(message) },
      alipayPublicKey: platformPublicKeyPem,
      endpoint: gatewayUrl,
      environment: "sandbox",
    },
  });
  console.log(`TRK1 paid under ${(await client.payTaxRefund(refund("TRK1"))).taxNo}`);

  kms.isUp = false;
  try {
    await client.payTaxRefund(refund("TRK2"));
  } catch (error) {
    if (!(error instanceof RefundUnknown)) throw error;
    console.log(
      `service down: TRK2 is not known (${error.reason}: ${error.reason.message}); resume it later`,
    );
    kms.isUp = true;
    console.log(`service back: TRK2 paid under ${(await error.resume()).taxNo}`);
  }

  console.log(`the service made ${kms.signatures} signatures`);
  for (const key of ["TRK1", "TRK2"]) {
    console.log(`in the simulator's ledger: ${key} ${await sandbox.paidTimes(key)}x`);
    assert.equal(await sandbox.paidTimes(key), 1);
  }
} finally {
  await sandbox.stop();
}
