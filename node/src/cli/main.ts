#!/usr/bin/env node
/** The command `taxrefund`. */

async function main(): Promise<number> {
  try {
    const { run } = await import("./program.js");
    return await run(process.argv.slice(2));
  } catch (error) {
    // Whoever runs this has no use for a stack: what is missing, and what to do, is in the text.
    process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}

void main().then((code) => {
  process.exitCode = code;
});
