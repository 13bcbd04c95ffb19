/**
 * Signatures that are made elsewhere: by a KMS, an HSM, a signing service. The private key never comes near this process.
 */
import type { KeyMaterial } from "./account.js";
import type { SignatureRequest } from "./native.js";
import { unexpected } from "./unexpected.js";
import { isA, kindOf, printable } from "./text.js";

/**
 * Signs in the host's own way, at once or with a promise.
 *
 * Every signature is checked with `publicKey` before anything is sent, so a wrong one never leaves this process. When
 * `sign` throws, or has not answered before the call's deadline, nothing is sent, and the outcome is *unknown* with the
 * reason `signer_failed`; of what it threw only the type's name is kept.
 *
 * @example
 * ```ts
 * const signer = {
 *   publicKey: pathToFileURL("merchant_public.pem"),
 *   sign: async (message: Buffer) => {
 *     const digest = createHash("sha256").update(message).digest();
 *     return (await kms.send(signCommand(keyId, digest))).Signature;
 *   },
 * };
 * ```
 */
export interface Signer {
  /** The merchant's own public key: text, bytes, or a file's URL. */
  readonly publicKey: KeyMaterial;
  /**
   * Given the exact bytes, gives their signature: RSASSA-PKCS1-v1_5 over SHA-256 (SHA-1 for an old account with the
   * `signType` `RSA`). The bytes are the request: they hold the traveller's data.
   */
  sign(message: Buffer): Uint8Array | PromiseLike<Uint8Array>;
}

/** No usable signature. Thrown by a signer, its text goes into the outcome's reason: it must hold nothing secret. */
export class SigningFailed extends Error {
  static {
    this.prototype.name = "SigningFailed";
  }
}

/** What a signer gave, if it is bytes; `SigningFailed` else. Whether they are the signature is checked by the core. */
export function signatureOf(made: unknown): Uint8Array {
  if (isA(made, Uint8Array)) return made;
  throw new SigningFailed(`the signer gave ${kindOf(made)}, not bytes`);
}

/** What may be said of what a signer threw: its text may hold anything. */
export function signingProblem(error: unknown): string {
  if (isA(error, SigningFailed)) return printable(error.message);
  return unexpected("the signer", error);
}

/** Answers a native thread that asks for a signature: once, whatever the signer does. */
export function answerSigning(signer: Signer, request: SignatureRequest): void {
  const signing = async () => signatureOf(await signer.sign(request.message));
  signing().then(
    (signature) => {
      request.signed(signature);
    },
    (error: unknown) => {
      signingProblem(error);
      request.failed();
    },
  );
}
