/** The configured accounts. */
import { alipay, alipayPlus, antom, ConfigurationError, type BaseAccount } from "../index.js";
import { camelCase } from "../paths.js";
import { protocolOf, type Configuration } from "./config.js";
import { CommandError } from "./ending.js";

/** The names of the accounts that are meant: those given, or all. */
export function namesOf(configuration: Configuration, given: readonly string[]): readonly string[] {
  if (configuration.accounts.size === 0) {
    throw new CommandError(
      `there is no account (${configuration.file ?? "no configuration file was found"}). Set one in taxrefund.toml ` +
        "([accounts.NAME]) or by variables such as TAXREFUND_ALIPAY_APP_ID; `taxrefund sandbox --write-config " +
        "taxrefund.toml` makes one to try",
    );
  }
  const known = [...configuration.accounts.keys()];
  for (const name of given) {
    if (configuration.accounts.has(name)) continue;
    throw new CommandError(`--account ${name}: there is no such account; there are: ${known.join(", ")}`);
  }
  return given.length > 0 ? given : known;
}

/** An account of the configuration. */
export function accountOf(configuration: Configuration, name: string): BaseAccount {
  const settings = configuration.accounts.get(name) ?? new Map<string, never>();
  const protocol = protocolOf(settings);
  const content = configuration.material(name);
  const needed = protocol === "alipay" ? ["app_id"] : ["client_id", "platform_public_key"];
  for (const one of needed) {
    if (!(one in content)) throw new CommandError(`the account ${name} lacks ${one}. Nothing was sent.`);
  }
  const given = Object.fromEntries(
    Object.entries(content).map(([setting, value]) => [camelCase(setting), value]),
  );
  try {
    if (protocol === "alipay") return new alipay.Account(given as unknown as alipay.AccountSettings);
    if (protocol === "antom") return new antom.Account(given as unknown as antom.AccountSettings);
    return new alipayPlus.Account(given as unknown as alipayPlus.AccountSettings);
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    const source = [...settings].find(([setting]) => camelCase(setting) === camelCase(error.field))?.[1]
      .source;
    throw new CommandError(
      `the account ${name}: ${error.message}${source === undefined ? "" : ` (${source})`}. Nothing was sent.`,
    );
  }
}
