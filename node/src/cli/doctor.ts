/** `taxrefund doctor`: looks at keys, clock and network before the first refund. */
import { diagnose, type Examined } from "../doctor.js";
import { TaxRefundError } from "../errors.js";
import { accountOf, namesOf } from "./accounts.js";
import { protocolOf, type Configuration } from "./config.js";
import { CommandError, FINE, NEEDS_SOMEBODY } from "./ending.js";
import type { Command, Values } from "./program.js";
import { lookAt, type Look } from "./reach.js";
import { note, out, table } from "./terminal.js";

export const doctor: Command = {
  name: "doctor",
  help: "check keys against each other, the clock, and whether the providers can be reached",
  usage: "taxrefund doctor [--account NAME] [--offline] [settings]",
  description: `Sends no refund and signs nothing: one plain GET to each account's address. Exit code 2 when
something is wrong. Whether the provider knows your key only a signed call can tell: pay one
refund of your own first.`,
  details: `options:
  --offline         keys only, nothing is connected to

examples:
  taxrefund doctor
  taxrefund doctor --account alipay --offline`,
  options: { offline: { type: "boolean" } },
  isConfigured: true,
  run: examine,
};

async function examine(
  values: Values,
  _words: readonly string[],
  configuration: Configuration,
): Promise<number> {
  const looks: Look[] = [];
  for (const name of namesOf(configuration, (values["account"] as string[] | undefined) ?? [])) {
    const keys = looksAtKeys(configuration, name);
    looks.push(...keys);
    try {
      const account = accountOf(configuration, name);
      const environment = account.environment === "sandbox" ? "SANDBOX, no real money" : "production";
      looks.push({
        account: name,
        what: "account",
        isFine: true,
        found: `${account.name}, ${environment}, ${account.endpoint}`,
      });
      if (values["offline"] !== true) looks.push(...(await lookAt(name, account.endpoint, configuration)));
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      // A wrong key was told above, in the same words.
      const isTold = keys.some((look) => !look.isFine);
      looks.push({
        account: name,
        what: "account",
        isFine: false,
        found: isTold ? "cannot be used" : error.message,
      });
    }
  }
  for (const found of configuration.warnings)
    looks.push({ account: "", what: "files", isFine: false, found });
  configuration.warnings.clear();
  const rows = looks.map(({ account, what, isFine, found }) => [
    account,
    what,
    isFine ? "ok" : "WRONG",
    found,
  ]);
  out(table(["account", "what", "", "found"], rows));
  const wrong = looks.filter((look) => !look.isFine).length;
  if (wrong === 0) return FINE;
  note(`${wrong} of ${looks.length} looks found something wrong; put it right before anything is paid`);
  return NEEDS_SOMEBODY;
}

function looksAtKeys(configuration: Configuration, name: string): Look[] {
  const protocol = protocolOf(configuration.accounts.get(name) ?? new Map<string, never>());
  try {
    const given = configuration.material(name);
    const { alipay_certificates: certificates } = given;
    const { findings } = diagnose({
      environment: given["environment"],
      merchantPrivateKey: given["merchant_private_key"],
      platformPublicKey: given[protocol === "alipay" ? "alipay_public_key" : "platform_public_key"],
      appCertificate: given["app_certificate"],
      platformCertificate: Array.isArray(certificates) ? (certificates[0] as unknown) : certificates,
      rootBundle: given["alipay_root_certificates"],
    } as Examined);
    return findings.map(({ subject, whatItIs, problem, advice }) => {
      const found = shortened(whatItIs);
      const isFine = problem === undefined;
      return {
        account: name,
        what: subject,
        isFine,
        found: isFine ? found : `${found}: ${advice || problem}`,
      };
    });
  } catch (error) {
    if (!(error instanceof TaxRefundError || error instanceof CommandError)) throw error;
    return [{ account: name, what: "keys", isFine: false, found: error.message }];
  }
}

/** 16 digits of a fingerprint tell two keys apart. */
function shortened(text: string): string {
  return text.replace(/\b([0-9a-f]{16})[0-9a-f]{48}\b/g, "$1…");
}
