// The Node shim of the conformance runner: one case per line in, one answer per line out.
//
// What is asked, and how, says the runner: `cargo xtask conformance`. Everything goes through the installed package, in
// whose project this file is put.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import process from "node:process";
import {
  AnswerRefused,
  NotificationRefused,
  alipay,
  alipayPlus,
  antom,
  signing,
  verifyNotification,
} from "taxrefund";

// Flows are scripted below the public face, which knows no virtual time beyond that of a whole call.
const { stepped } = createRequire(createRequire(import.meta.url).resolve("taxrefund"))("./steps.js");

const VECTORS = join(process.env.TAXREFUND_REPOSITORY, "tests", "vectors", "alipay-plus.json");
// Verification needs no merchant's key, but an account has one.
const STRANGER = JSON.parse(readFileSync(VECTORS, "utf8")).keys.stranger.private_pkcs8_pem;
const NOW_MS = 1_795_395_723_123;
const DAY_MS = 24 * 60 * 60 * 1000;

const OPERATIONS = {
  async sign_form({ params, charset, private_key, sign_type }) {
    const toSign = signing.formStringToSign(params, charset);
    const signature = await signing.sign(private_key, toSign, sign_type);
    return {
      to_sign_hex: toSign.toString("hex"),
      signature: signature.toString("base64"),
    };
  },

  async verify_form_answer(asked) {
    const { method, charset } = asked;
    const body = Buffer.from(asked.body_hex, "hex");
    let cut;
    try {
      cut = signing.cutOut(method, body, charset);
    } catch (refused) {
      return verdictOf(refused, AnswerRefused);
    }
    const signed = body.subarray(cut.start, cut.end);
    const where = { root: cut.root, signed_hex: signed.toString("hex") };
    const account = gateway(asked, "2014072300007148");
    try {
      await account.verifyAnswer(method, {
        status: 200,
        headers: [],
        rawBody: body,
      });
    } catch (refused) {
      const verdict = verdictOf(refused, AnswerRefused);
      if (verdict.reason === "unsigned" && isRefusal(signed)) return { verdict: "unsigned", ...where };
      return { ...verdict, ...where };
    }
    return { verdict: "verified", ...where };
  },

  async verify_form_notification(asked) {
    const body = Buffer.from(asked.body, "utf8");
    const fields = new URLSearchParams(asked.body);
    const account = gateway(asked, fields.get("app_id") ?? "");
    let notification;
    try {
      notification = await verifyNotification(account, {
        headers: [],
        rawBody: body,
      });
    } catch (refused) {
      return verdictOf(refused, NotificationRefused);
    }
    const signature = Buffer.from(fields.get("sign"), "base64");
    for (const rule of ["V1", "V2"]) {
      const { toVerify, parameters } = signing.formStringToVerify(body, rule);
      const covered = encoded(toVerify, parameters.charset ?? "utf-8");
      if (await signing.verify(asked.public_key, covered, signature, asked.sign_type)) {
        return {
          verdict: "verified",
          rule: rule.toLowerCase(),
          to_verify_hex: covered.toString("hex"),
          reply: notification.reply.body,
        };
      }
    }
    return { error: "accepted, though neither rule fits" };
  },

  async sign_header(asked) {
    const body = Buffer.from(asked.body_hex, "hex");
    const toSign = signing.headerStringToSign(asked.path, asked.client_id, asked.time, body);
    const signature = await signing.sign(asked.private_key, toSign);
    const text = signature.toString("base64");
    return {
      to_sign_hex: toSign.toString("hex"),
      signature: text,
      encoded: encodeURIComponent(text),
      header: signing.writeSignatureHeader(signature, Number(asked.key_version)),
    };
  },

  async verify_header_answer(asked) {
    const answer = {
      status: asked.status ?? 200,
      headers: Object.entries(asked.headers),
      rawBody: Buffer.from(asked.body_hex, "hex"),
    };
    try {
      await caller(asked).verifyAnswer(asked.path, answer);
    } catch (refused) {
      return verdictOf(refused, AnswerRefused);
    }
    return { verdict: "verified" };
  },

  async verify_header_notification(asked) {
    const inbound = {
      path: asked.path,
      headers: Object.entries(asked.headers),
      rawBody: Buffer.from(asked.body_hex, "hex"),
    };
    try {
      await verifyNotification(caller(asked), inbound);
    } catch (refused) {
      return verdictOf(refused, NotificationRefused);
    }
    return { verdict: "verified" };
  },

  async certificate_serials({ app_cert, alipay_cert, root_bundle }) {
    return {
      app: signing.certificateSerial(app_cert),
      alipay: signing.certificateSerial(alipay_cert),
      root: signing.rootSerial(root_bundle),
    };
  },

  /** A scripted provider, virtual time. */
  async flow(asked) {
    const account = profile(asked.profile).stepwise;
    const prepared = account.prepare(asked.operation, JSON.stringify(asked.request));
    // Scripts are about decisions: no deadline cuts them short.
    const policy = { attempts: asked.attempts ?? 5, deadline_ms: DAY_MS };
    const flow = account.begin(prepared, JSON.stringify(policy), BigInt(asked.seed ?? 0));
    const answers = asked.answers.values();
    const [sent, waits] = [[], []];
    let [waitedMs, passedMs] = [0, 0];
    let step = await stepped((...to) => flow.start(...to, 0, NOW_MS));
    while (step.kind !== "done") {
      if (step.kind === "wait") {
        passedMs += step.waitMs;
        waitedMs += step.waitMs;
        const now = [passedMs, NOW_MS + Math.floor(passedMs)];
        step = await stepped((...to) => flow.woke(...to, ...now));
        continue;
      }
      if (step.kind !== "send") throw new Error("asked for a signature though it has the key");
      if (sent.length > 0) waits.push(waitedMs / 1000);
      waitedMs = 0;
      const content = Buffer.from(prepared.business(step.interface), "utf8");
      if (!carries(step.body, content)) {
        return {
          error: `${step.interface}: the frozen content is not what is sent`,
        };
      }
      const digest = createHash("sha256").update(content).digest("hex");
      sent.push({ interface: step.interface, business_sha256: digest });
      const { value: answer } = answers.next();
      if (answer === undefined) return told(sent, waits, undefined);
      const now = [passedMs, NOW_MS + Math.floor(passedMs)];
      if (answer.fault !== undefined) {
        step = await stepped((...to) => flow.faulted(...to, answer.fault, "", ...now));
      } else {
        const headers = Object.entries(answer.headers ?? {}).flat();
        const body = Buffer.from(answer.body_hex, "hex");
        step = await stepped((...to) => flow.answered(...to, answer.status, headers, body, ...now));
      }
    }
    return told(sent, waits, JSON.parse(step.outcome));
  },
};

function told(sent, waits, outcome) {
  return {
    sent,
    waits_s: waits,
    outcome: outcome?.outcome ?? null,
    next_step: outcome === undefined ? null : (outcome.next_step ?? "none"),
    code: outcome?.reason?.code ?? null,
    reference: outcome?.reference ?? null,
    exhausted_answers: outcome === undefined,
  };
}

/** Of an error that says why a message is not believed; another one is the shim's own trouble. */
function verdictOf(error, Refused) {
  if (error instanceof Refused) return { verdict: "refused", reason: error.code };
  throw error;
}

/** Whether a request carries exactly this content: as its body, or within a form. */
function carries(body, content) {
  if (body.equals(content)) return true;
  const parameters = [...new URLSearchParams(body.toString("utf8"))];
  if (parameters.length === 1 && parameters[0][0] === "biz_content") {
    return Buffer.from(parameters[0][1], "utf8").equals(content);
  }
  const expected = Object.entries(JSON.parse(content.toString("utf8")));
  const given = new Map(parameters);
  return given.size === expected.length && expected.every(([name, value]) => given.get(name) === value);
}

/** A failure's code, in an answer that carries no signature. */
function isRefusal(content) {
  try {
    const { code } = JSON.parse(content.toString("utf8"));
    return typeof code === "string" && code !== "10000";
  } catch {
    return false;
  }
}

function gateway({ certificates, public_key, sign_type, charset }, appId) {
  const pem = certificates?.alipay_cert_pem;
  // Application certificate and root bundle name themselves in requests only.
  const platform = pem
    ? {
        appCertificate: pem,
        alipayCertificates: pem,
        alipayRootCertificates: pem,
      }
    : { alipayPublicKey: public_key };
  return new alipay.Account({
    appId,
    merchantPrivateKey: STRANGER,
    signType: sign_type,
    charset,
    ...platform,
  });
}

function caller({ client_id, public_key }) {
  return new alipayPlus.Account({
    clientId: client_id,
    merchantPrivateKey: STRANGER,
    platformPublicKey: public_key,
  });
}

function profile({ protocol, app_id, client_id, private_key, public_key }) {
  if (protocol.startsWith("alipay") && !client_id) {
    return new alipay.Account({
      appId: app_id,
      merchantPrivateKey: private_key,
      alipayPublicKey: public_key,
    });
  }
  const { Account } = protocol === "antom" ? antom : alipayPlus;
  return new Account({
    clientId: client_id,
    merchantPrivateKey: private_key,
    platformPublicKey: public_key,
  });
}

/** JavaScript writes UTF-8 alone; for GBK its decoder is turned round. */
function encoded(text, charset) {
  if (!/^(gbk|gb2312|gb18030)$/i.test(charset)) return Buffer.from(text, "utf8");
  const bytesOf = new Map();
  const decoder = new TextDecoder("gbk");
  for (let lead = 0x81; lead <= 0xfe; lead++) {
    for (let trail = 0x40; trail <= 0xfe; trail++) {
      const character = decoder.decode(Uint8Array.of(lead, trail));
      if (character.length === 1 && !bytesOf.has(character)) bytesOf.set(character, [lead, trail]);
    }
  }
  return Buffer.from(
    [...text].flatMap((one) => (one < "\x80" ? [one.charCodeAt(0)] : (bytesOf.get(one) ?? [0x3f]))),
  );
}

/** `node:readline` would also end lines at U+2028, which JSON may hold. */
async function* linesOf(input) {
  let rest = "";
  input.setEncoding("utf8");
  for await (const chunk of input) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop();
    yield* lines;
  }
}

for await (const line of linesOf(process.stdin)) {
  let answer;
  try {
    const asked = JSON.parse(line);
    answer = await OPERATIONS[asked.op](asked);
  } catch (error) {
    answer = { error: `${error?.name}: ${error?.message}` };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
