/**
 * The native module: finding it, and its types. Texts are JSON where their names say so, times are milliseconds, headers are
 * flat (`[name, value, name, value, …]`). What goes wrong is an `Error` whose message is a problem as JSON text: call it
 * through `problem.ts`.
 *
 * @internal
 */

import { createRequire } from "node:module";
import { join } from "node:path";

import { version } from "./version.js";

/** Name, value, name, value, … */
export type FlatHeaders = string[];

/** What a flow wants done next. */
export type Step =
  | { readonly kind: "sign"; readonly message: Buffer }
  | ({ readonly kind: "send" } & NativeRequest)
  | { readonly kind: "wait"; readonly waitMs: number }
  | { readonly kind: "done"; readonly outcome: string };

/** A request to be sent once, as it is. */
export interface NativeRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: FlatHeaders;
  readonly body: Buffer;
  readonly timeoutMs: number;
  readonly interface: string;
}

/** A request that native threads ask for; answer it once, in any time up to its timeout. */
export interface Exchange extends NativeRequest {
  answered(status: number, headers: FlatHeaders, body: Uint8Array): void;
  faulted(fault: string, detail: string): void;
}

/** Bytes that native threads want signed; answer once. */
export interface SignatureRequest {
  readonly message: Buffer;
  signed(signature: Uint8Array): void;
  failed(): void;
}

export interface Account {
  readonly protocol: string;
  readonly name: string;
  readonly environment: string;
  readonly endpoint: string;
  readonly externalSigner: boolean;
  prepare(operation: string, requestJson: string): Prepared;
  begin(prepared: Prepared, policyJson: string, seed?: bigint): Flow;
  resume(stateJson: string, policyJson: string, seed?: bigint): Flow;
  notification(path: string, headers: FlatHeaders, body: Uint8Array, nowMs: number): Promise<string>;
  replyToSign(path: string, replyJson: string, nowMs: number): Buffer | null;
  signedReply(path: string, replyJson: string, nowMs: number, signature: Uint8Array): string;
  verifyAnswer(wire: string, status: number, headers: FlatHeaders, body: Uint8Array): Promise<string>;
}

export interface Prepared {
  readonly operation: string;
  readonly key: string;
  readonly fingerprint: string;
  readonly form: string | null;
  /** JSON. */
  readonly warnings: string;
  business(interfaceName: string): string;
}

/** Where steps that have ended wait for the event loop. */
export interface Steps {
  take(): readonly {
    readonly id: number;
    readonly step?: Step;
    /** A problem as JSON text. */
    readonly problem?: string;
  }[];
}

/** A procedure in progress; one call at a time. What to do next is a step that ends under the given number. */
export interface Flow {
  readonly operation: string;
  readonly key: string;
  start(steps: Steps, id: number, monotonicMs: number, epochMs: number): void;
  signed(steps: Steps, id: number, signature: Uint8Array, monotonicMs: number, epochMs: number): void;
  signingFailed(steps: Steps, id: number, text: string, monotonicMs: number, epochMs: number): void;
  answered(
    steps: Steps,
    id: number,
    status: number,
    headers: FlatHeaders,
    body: Uint8Array,
    monotonicMs: number,
    epochMs: number,
  ): void;
  faulted(
    steps: Steps,
    id: number,
    fault: string,
    detail: string,
    monotonicMs: number,
    epochMs: number,
  ): void;
  woke(steps: Steps, id: number, monotonicMs: number, epochMs: number): void;
  /** The outcome; of a flow that is over, again. */
  cancel(monotonicMs: number, epochMs: number): string;
}

export interface Cancel {
  readonly isCancelled: boolean;
  cancel(): void;
}

/** Opaque: for journal and worker. */
export interface HttpTransport {
  readonly __httpTransport?: never;
}

/** Opaque: for journal and worker. */
export interface HostTransport {
  readonly __hostTransport?: never;
}

/** Opaque: for journal and worker. */
export interface Client {
  readonly __client?: never;
}

export interface Entry {
  readonly id: number;
  readonly key: string;
  readonly state: string;
  /** The whole entry. */
  readonly json: string;
}

export interface Submitted {
  readonly isNew: boolean;
  readonly entry: Entry;
}

/** Every promise is kept by threads of the module's own. A `source` or `list` is a path, or the content itself. */
export interface Journal {
  readonly owner: string;
  run(client: Client, prepared: Prepared, extrasJson: string, cancel?: Cancel): Promise<string>;
  resume(client: Client, entry: Entry, cancel?: Cancel): Promise<string>;
  submit(account: Account, prepared: Prepared, extrasJson: string): Promise<Submitted>;
  outcome(entry: Entry): Promise<string | null>;
  find(account: Account, key: string): Promise<Entry | null>;
  /** Ends with an empty one; go on after the last one's `id`. */
  page(filterJson: string, after: number): Promise<Entry[]>;
  request(entry: Entry): Promise<string>;
  story(entry: Entry, evidence: boolean): Promise<string>;
  counts(): Promise<string>;
  head(): Promise<string>;
  reopen(filterJson: string, why: string): Promise<number>;
  verify(expected?: string): Promise<string>;
  import(
    operation: string,
    account: Account,
    optionsJson: string,
    source: string | Uint8Array,
  ): Promise<string>;
  writeResults(
    operation: string,
    account: Account,
    optionsJson: string,
    source: string | Uint8Array,
    sinkPath: string,
  ): Promise<string>;
  settlement(
    list: string | Uint8Array,
    optionsJson: string,
    scopeJson: string,
    csvPath?: string,
  ): Promise<string>;
  notify(
    account: Account,
    path: string,
    headers: FlatHeaders,
    body: Uint8Array,
    nowMs: number,
  ): Promise<string>;
  rotateKey(oldKey: Uint8Array, newKey: Uint8Array): Promise<void>;
  /** Calls under way are finished first; then the file is given back, unless a worker still has it. */
  close(): Promise<void>;
}

/** Works on a thread of its own, and does not keep the process alive. */
export interface Worker {
  start(): void;
  /** What is in the air is finished and recorded first. */
  stop(): void;
}

export interface Sandbox {
  readonly baseUrl: string;
  /** JSON. */
  readonly credentials: string;
  readonly isRunning: boolean;
  ledger(): Promise<string>;
  requests(): Promise<string>;
  notifications(): Promise<string>;
  provoke(key: string, rules: string): Promise<void>;
  addPayment(paymentJson: string): Promise<void>;
  reset(): Promise<void>;
  stop(): Promise<void>;
}

interface NativeModule {
  readonly version: () => string;
  readonly operations: () => string;
  readonly tables: () => string;
  /** `language`: `english` or `chinese`. */
  readonly explain: (code: string, language: string) => string;
  readonly explainStep: (step: string, language: string) => string | null;
  readonly moneyMinor: (text: string, currency: string) => bigint;
  readonly moneyMajor: (minor: bigint, currency: string) => string;
  readonly minorUnits: (currency: string) => number;
  readonly gatewayTime: (epochMs: number) => string;
  readonly offsetTime: (epochMs: number, offsetMinutes: number) => string;
  readonly parseTime: (text: string) => number;
  readonly doctor: (inputJson: string, nowEpochS: number) => string;
  readonly formStringToSign: (parametersJson: string, charset: string) => Buffer;
  readonly formStringToVerify: (body: Uint8Array, rule: string) => string;
  readonly headerStringToSign: (path: string, clientId: string, time: string, body: Uint8Array) => Buffer;
  readonly writeSignatureHeader: (signature: Uint8Array, keyVersion: number) => string;
  readonly readSignatureHeader: (text: string) => { signature: Buffer; keyVersion?: string };
  readonly sign: (privateKey: Uint8Array, message: Uint8Array, signType: string) => Promise<Buffer>;
  readonly verify: (
    publicKey: Uint8Array,
    message: Uint8Array,
    signature: Uint8Array,
    signType: string,
  ) => Promise<boolean>;
  readonly cutOut: (method: string, body: Uint8Array, charset: string) => string;
  readonly certificateSerial: (certificate: Uint8Array) => string;
  readonly rootSerial: (bundle: Uint8Array) => string;
  /** `ready` must not throw; it does not keep the process alive. */
  readonly Steps: new (ready: () => void) => Steps;
  readonly Account: new (configJson: string, signer?: (request: SignatureRequest) => void) => Account;
  readonly HttpTransport: new (configJson: string) => HttpTransport;
  /** `exchange` must not throw. */
  readonly HostTransport: new (exchange: (exchange: Exchange) => void) => HostTransport;
  readonly Client: new (
    account: Account,
    transport: HttpTransport | HostTransport | null,
    policyJson: string,
    seed?: bigint,
  ) => Client;
  readonly Cancel: new () => Cancel;
  readonly Journal: {
    open(place: string, optionsJson: string, sealingKey?: Uint8Array): Promise<Journal>;
  };
  /** `observer` must not throw; the last thing it hears is `stopped`, with a `summary` or a `problem`. */
  readonly Worker: new (
    journal: Journal,
    clients: Client[],
    optionsJson: string,
    observer: (eventJson: string) => void,
  ) => Worker;
  readonly Sandbox: { start(optionsJson: string): Promise<Sandbox> };
}

let loaded: NativeModule | undefined;

/** The native module of this platform, loaded when it is first used. */
export const native: NativeModule = new Proxy({} as NativeModule, {
  get: (_, name) => (loaded ??= load())[name as keyof NativeModule],
});

function load(): NativeModule {
  const near = createRequire(__filename);
  const places = [join(__dirname, "..", "native", "taxrefund.node"), ...packages()];
  const failures: unknown[] = [];
  for (const place of places) {
    try {
      return fitting(near(place) as NativeModule);
    } catch (error) {
      // One that is there and cannot be loaded says more than those that are not there.
      if (isThere(error)) failures.unshift(error);
      else failures.push(error);
    }
  }
  const here = `${process.platform}-${process.arch}`;
  const said = failures.find(isThere);
  throw new Error(
    said instanceof Error
      ? `taxrefund: the native module for ${here} cannot be loaded: ${said.message}`
      : `taxrefund: there is no native module for ${here}; install ${packages().join(" or ") || "taxrefund on a platform that it supports"} ` +
          "(npm leaves it out with --omit=optional, and where a lock file was written on another platform)",
    { cause: failures[0] },
  );
}

/** The two come in packages of their own, and an install may have left one of them behind. */
function fitting(found: NativeModule): NativeModule {
  const theirs = found.version();
  if (theirs === version) return found;
  throw new Error(`it is of version ${theirs}, the package of ${version}; install both anew`);
}

function isThere(error: unknown): boolean {
  return (error as { code?: unknown } | null)?.code !== "MODULE_NOT_FOUND";
}

/** The platform's packages; which libc a Linux has is known by which of them npm installed. */
function packages(): string[] {
  const { platform, arch } = process;
  if (arch !== "x64" && arch !== "arm64") return [];
  if (platform === "linux") return [`taxrefund-linux-${arch}-gnu`, `taxrefund-linux-${arch}-musl`];
  if (platform === "darwin") return [`taxrefund-darwin-${arch}`];
  if (platform === "win32" && arch === "x64") return ["taxrefund-win32-x64-msvc"];
  return [];
}
