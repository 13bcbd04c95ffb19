/**
 * For the tests of programs that use this package: the gateway simulator, signed test notifications, scripted transports, a clock
 * that stands still.
 */
export { FrozenClock } from "./clock.js";
export { Infallible } from "./infallible.js";
export { type TestNotification, type TestNotificationOptions, testNotification } from "./notifications.js";
export {
  Sandbox,
  type Ends,
  type SandboxClientSettings,
  type SandboxOptions,
  type SandboxPayment,
  sandboxFor,
  startSandbox,
} from "./sandbox.js";
export type {
  CallerCredentials,
  DoublePaid,
  GatewayCredentials,
  Ledger,
  LedgerEntry,
  SandboxCredentials,
  SandboxNotification,
  SandboxRequest,
} from "./sandbox-values.js";
export { type FetchLine, type Fetched, type Line, Never, Replay, answer, scriptedFetch } from "./scripted.js";
