/** The configuration that `taxrefund sandbox` writes. */
import { existsSync, readFileSync } from "node:fs";
import { chmod, writeFile } from "node:fs/promises";
import { extname } from "node:path";

import type { SandboxCredentials } from "../testing/sandbox-values.js";
import { CommandError } from "./ending.js";

const FIRST_LINE = "written by `taxrefund sandbox`";
const SAID = `${FIRST_LINE}: a simulator, TEST keys, no real money`;

type Settings = Readonly<Record<string, string | number>>;

/** A configuration that somebody wrote, perhaps with real keys, is never written over. */
export function mayWrite(path: string): void {
  if (!existsSync(path) || readFileSync(path, "utf8").slice(0, 200).includes(FIRST_LINE)) return;
  throw new CommandError(
    `--write-config: ${path} exists and was not written by this command; it may hold real accounts. Name another file`,
  );
}

/** All three accounts with their TEST keys, readable for their owner only. */
export async function writeConfiguration(path: string, credentials: SandboxCredentials): Promise<void> {
  const { alipay, alipayPlus, antom } = credentials;
  const caller = (protocol: string, given: SandboxCredentials["antom"]): Settings => ({
    protocol,
    endpoint: given.baseUrl,
    client_id: given.clientId,
    merchant_private_key: given.partnerPrivateKeyPem,
    platform_public_key: given.platformPublicKeyPem,
  });
  const accounts: Readonly<Record<string, Settings>> = {
    alipay: {
      protocol: "alipay",
      environment: "sandbox",
      endpoint: alipay.gatewayUrl,
      app_id: alipay.appId,
      merchant_private_key: alipay.partnerPrivateKeyPem,
      alipay_public_key: alipay.platformPublicKeyPem,
    },
    alipay_plus: caller("alipay_plus", alipayPlus),
    antom: caller("antom", antom),
  };
  // The documented seconds, shortened: 3-10 s become 60-200 ms.
  const general: Settings = { journal: "sandbox-refunds.db", sandbox_wait_permille: 20, timeout: 2 };
  const text = extname(path).toLowerCase() === ".json" ? json(general, accounts) : toml(general, accounts);
  await writeFile(path, text, { mode: 0o600 });
  if (process.platform !== "win32") await chmod(path, 0o600);
}

function json(general: Settings, accounts: Readonly<Record<string, Settings>>): string {
  return `${JSON.stringify({ "#": SAID, ...general, accounts }, null, 2)}\n`;
}

function toml(general: Settings, accounts: Readonly<Record<string, Settings>>): string {
  const pairs = (settings: Settings) =>
    Object.entries(settings).map(([name, value]) => `${name} = ${valueOf(value)}`);
  const lines = [`# ${SAID}`, ...pairs(general)];
  for (const [name, settings] of Object.entries(accounts))
    lines.push(`\n[accounts.${name}]`, ...pairs(settings));
  return `${lines.join("\n")}\n`;
}

function valueOf(value: string | number): string {
  if (typeof value === "number") return String(value);
  return value.includes("\n") ? `'''\n${value}'''` : JSON.stringify(value);
}
