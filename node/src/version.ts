/** The version of this package, which its native module has too. */

// eslint-disable-next-line @typescript-eslint/no-require-imports
export const { version } = require("../package.json") as { readonly version: string };
