/** The HTTP side: takes refunds, says where they stand, takes notifications. */
import { createServer } from "node:http";

import {
  ConfigurationError,
  FormTaken,
  InvalidRequest,
  KeyReused,
  Money,
  MoneyError,
  NotificationRefused,
  explainStep,
  rawBodyOf,
} from "taxrefund";

import { log, told } from "./log.mjs";

/** So many may wait for the disk; whoever comes then is asked to come again. */
const MOST_WAITING = 2_000;
const MOST_BYTES = 64 * 1024;

/** Answers JSON, always. */
export function counter(shop) {
  let waiting = 0;
  return createServer((request, response) => {
    if (waiting >= MOST_WAITING) {
      answer(
        response,
        503,
        { error: "busy", message: "nothing was recorded; ask again" },
        { "retry-after": "1" },
      );
      return;
    }
    waiting += 1;
    route(shop, request, response)
      .catch((error) => refuse(response, error))
      .finally(() => (waiting -= 1));
  });
}

async function route(shop, request, response) {
  const { method, url = "/" } = request;
  const { pathname } = new URL(url, "http://counter");
  if (method === "POST" && pathname === "/refunds") return take(shop, request, response);
  if (method === "GET" && pathname.startsWith("/refunds/")) return status(shop, pathname.slice(9), response);
  if (method === "POST" && pathname === "/notifications") return notified(shop, request, response, url);
  if (method === "GET" && pathname === "/healthz") return health(shop, response);
  answer(response, 404, { error: "not_found", message: `${method ?? ""} ${pathname} is nothing here` });
}

/** 202 says: it is on disk, and will be paid once, whatever happens to this process. */
async function take(shop, request, response) {
  const asked = refundOf(JSON.parse((await rawBodyOf(request, MOST_BYTES)).toString("utf8")));
  const { isNew, entry } = await shop.journal.submit(shop.account, "payTaxRefund", asked);
  if (isNew) log("refund_taken", { key: entry.key });
  answer(response, 202, seen(entry), { location: `/refunds/${entry.key}` });
}

async function status(shop, key, response) {
  const entry = await shop.journal.find(shop.account, decodeURIComponent(key));
  if (entry === undefined) answer(response, 404, { error: "not_found", message: "no such refund was taken" });
  else answer(response, 200, seen(entry));
}

/** The raw bytes are verified; the reply is sent when what they say is on disk. */
async function notified(shop, request, response, path) {
  let reply;
  try {
    const rawBody = await rawBodyOf(request);
    const merged = await shop.journal.notify(shop.account, { headers: request.headers, rawBody, path });
    log("notified", { kind: merged.kind, key: merged.notification.key, needsSomebody: merged.needsSomebody });
    ({ reply } = merged.notification);
  } catch (error) {
    if (!(error instanceof NotificationRefused)) throw error;
    log("notification_refused", { fault: error.fault });
    ({ reply } = error);
  }
  response.writeHead(reply.status, reply.headers).end(reply.body);
}

async function health(shop, response) {
  const { open, waiting, succeeded, failed, unknown } = await shop.journal.counts();
  const isWell = shop.isWell();
  answer(response, isWell ? 200 : 503, { isWell, open, waiting, succeeded, failed, unknown });
}

/** What the counter sends us, as the provider's request. What is wrong in it is found by the package. */
function refundOf(given) {
  const { orderNumber, code, amount, currency, form } = given ?? {};
  return {
    outOrderNo: orderNumber,
    identifyAccountType: "barcode",
    identifyAccountNo: code,
    taxRefundAmount: Money.parse(amount, currency),
    docId: form,
  };
}

/** What the counter is told; nothing personal. */
function seen(entry) {
  const { key, state, amount, reference, code, nextStep, conflict, updatedAt } = entry;
  const isSettled = entry.isFinal || state === "unknown";
  return {
    key,
    status: isSettled ? state : "pending",
    amount: amount?.toString(),
    reference,
    code,
    nextStep,
    clerk: nextStep === undefined ? undefined : explainStep(nextStep).clerk,
    conflict,
    updatedAt,
  };
}

function refuse(response, error) {
  if (error instanceof InvalidRequest) {
    const { violations } = error;
    answer(response, 422, { error: error.code, message: "nothing was recorded", violations });
  } else if (error instanceof MoneyError) {
    answer(response, 422, { error: error.code, message: error.message });
  } else if (error instanceof KeyReused || error instanceof FormTaken) {
    answer(response, 409, { error: error.code, message: error.message, key: error.key, state: error.state });
  } else if (
    error instanceof SyntaxError ||
    error instanceof URIError ||
    error instanceof ConfigurationError
  ) {
    answer(response, 400, { error: "bad_request", message: "the body must be a refund as JSON" });
  } else {
    // The disk, the database: nobody knows here whether it was recorded. Asking again is safe, with the same number.
    log("trouble", told(error));
    answer(
      response,
      503,
      { error: "trouble", message: "ask again with the same number" },
      { "retry-after": "1" },
    );
  }
}

function answer(response, status, body, headers = {}) {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
}
