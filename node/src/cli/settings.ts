/** Every setting there is: its name, what it holds, and whether it may be shown. The file is that of the Python command too. */
import { nearest as nearestOf } from "../names.js";

/** What a setting holds. */
export type SettingKind = "text" | "number" | "seconds" | "flag" | "spans" | "key" | "keys";

/** One setting. A `key` may also be given as `<name>_file`, several `keys` as `<name>_files`. */
export interface Setting {
  readonly name: string;
  readonly kind: SettingKind;
  /** Never shown, not taken from the command line, and its file should be its owner's alone. */
  readonly secret: boolean;
}

function setting(name: string, kind: SettingKind = "text", secret = false): Setting {
  return { name, kind, secret };
}

/** The settings of the command itself. */
export const GENERAL: readonly Setting[] = [
  setting("journal"),
  setting("sealing_key", "key", true),
  setting("owner"),
  setting("exchanges", "number"),
  setting("attempts", "number"),
  setting("timeout", "seconds"),
  setting("deadline", "seconds"),
  setting("sandbox_wait_permille", "number"),
  setting("take_up_again_after", "spans"),
  setting("lease", "seconds"),
  setting("proxy", "text", true),
  setting("no_proxy", "flag"),
  setting("connect_timeout", "seconds"),
  setting("extra_authorities", "key"),
  setting("client_certificate", "key", true),
];

const GATEWAY: readonly Setting[] = [
  setting("app_id"),
  setting("merchant_private_key", "key", true),
  setting("alipay_public_key", "key"),
  setting("app_certificate", "key"),
  setting("alipay_certificates", "keys"),
  setting("alipay_root_certificates", "key"),
  setting("environment"),
  setting("endpoint"),
  setting("charset"),
  setting("sign_type"),
  setting("app_auth_token", "text", true),
  setting("notify_url"),
];

const CALLER: readonly Setting[] = [
  setting("client_id"),
  setting("merchant_private_key", "key", true),
  setting("platform_public_key", "key"),
  setting("endpoint"),
  setting("key_version", "number"),
  setting("agent_token", "text", true),
  setting("sandbox_path", "flag"),
];

/** The settings of an account, by its protocol. */
export const ACCOUNT: ReadonlyMap<string, readonly Setting[]> = new Map([
  ["alipay", GATEWAY],
  ["alipay_plus", CALLER],
  ["antom", CALLER],
]);

/** The setting that names its file, where it may stand in one. */
export function fileName({ name, kind }: Setting): string | undefined {
  if (kind === "key") return `${name}_file`;
  return kind === "keys" ? `${name}_files` : undefined;
}

/** Every name under which these settings can be given. */
export function spellings(settings: readonly Setting[]): ReadonlyMap<string, Setting> {
  const known = new Map(settings.map((one) => [one.name, one]));
  for (const one of settings) {
    const name = fileName(one);
    if (name !== undefined) known.set(name, one);
  }
  return known;
}

/** `did you mean …?`, or all that there is. */
export function nearest(name: string, known: readonly string[]): string {
  const close = nearestOf(name, known);
  return close === undefined ? `there are: ${[...known].sort().join(", ")}` : `did you mean ${close}?`;
}
