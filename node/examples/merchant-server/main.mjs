/**
 * A merchant server: the counter hands in a refund and is answered at once; it is paid behind that, once, whatever happens.
 *
 *     POST /refunds         {"orderNumber", "code", "amount", "currency", "form"}   202: it is on disk and will be paid once
 *     GET  /refunds/NUMBER  where it stands: pending, succeeded, failed (no money moved), unknown (money may have moved)
 *     POST /notifications   what Alipay sends; verified on its raw bytes, answered when it is on disk
 *     GET  /healthz
 *
 * Settings are variables, see `settings.mjs`. Web and worker are one process, or two with `MERCHANT_ROLE=web` and `=worker`.
 * SIGTERM ends it gracefully; killed, it goes on where it was and asks first what became of what may have been sent.
 */
import { once } from "node:events";

import { Journal, alipay } from "taxrefund";

import { counter } from "./counter.mjs";
import { log, told } from "./log.mjs";
import { Sending } from "./sending.mjs";
import { settingsFrom } from "./settings.mjs";

async function serve(settings) {
  const { role, account, host, port } = settings;
  const stopping = Promise.race([once(process, "SIGTERM"), once(process, "SIGINT")]);
  const journal = await Journal.open(settings.journal, {
    owner: settings.owner,
    // Whoever starts this process makes sure that the one before it is dead.
    restarted: true,
    sealingKey: settings.sealingKey,
    takeUpAgainAfterMs: settings.takeUpAgainAfterMs,
  });
  const client = new alipay.Client({
    account,
    options: { sandboxWaitPermille: settings.sandboxWaitPermille },
  });
  const sending = role === "web" ? undefined : new Sending(journal, client);
  const server = counter({ journal, account, isWell: () => sending?.isWell ?? true });
  if (role !== "worker") {
    server.listen(port, host);
    await once(server, "listening");
    log("listening", { port: server.address().port, role });
  }
  await stopping;
  log("stopping");
  // No new refunds, then no new sends; what is under way is answered and recorded.
  if (server.listening) {
    server.close();
    server.closeIdleConnections();
    await once(server, "close");
  }
  await sending?.stop();
  await client.close();
  await journal.close();
  log("stopped");
}

try {
  await serve(settingsFrom(process.env));
} catch (error) {
  log("cannot_run", told(error));
  process.exitCode = 1;
}
