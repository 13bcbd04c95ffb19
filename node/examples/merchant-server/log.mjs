/** One line of JSON for each thing that happened. Keys are the shop's own; nothing of a traveller, no key, no body. */
export function log(event, about = {}) {
  process.stdout.write(`${JSON.stringify({ at: new Date().toISOString(), event, ...about })}\n`);
}

/** What may be said of an error: its class, its code, and its text, which this package keeps free of personal data. */
export function told(error) {
  if (!(error instanceof Error)) return { problem: "something that is no error was thrown" };
  const { code } = error;
  return { problem: error.name, code, message: error.message };
}
