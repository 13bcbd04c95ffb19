import assert from "node:assert/strict";
import test from "node:test";
import { inspect } from "node:util";

import { Amount, DateError, InvalidRequest, Money, alipay, alipayPlus, antom } from "taxrefund";

import { redacted } from "../src/answers.js";
import { type Model, type Operation, fromWire, model, requestJson, toWire } from "../src/model.js";
import { camelCase, jsPath } from "../src/paths.js";
import { BARCODE, alipayRequest, antomRequest, formRequest, merchant } from "./requests.js";

const PAY = alipay.operations.payTaxRefund;
const SYNC = alipayPlus.operations.syncTaxRefundForm;
const REFUND = antom.operations.refund;
const OPERATIONS: Operation[] = [alipay, alipayPlus, antom].flatMap((protocol) =>
  Object.values<Operation>(protocol.operations),
);

/** As it travels, in plain objects. */
function sent(operation: Operation, request: unknown): Record<string, unknown> {
  return JSON.parse(requestJson(operation, request)) as Record<string, unknown>;
}

/** What is wrong with a request, as path and rule. */
function wrong(operation: Operation, request: unknown): string[] {
  try {
    toWire(operation.request, request, operation.name);
  } catch (error) {
    assert.ok(error instanceof InvalidRequest, String(error));
    assert.equal(error.operation, operation.name);
    return error.violations.map((one) => `${one.path} ${one.rule}`);
  }
  return [];
}

function messageOf(operation: Operation, request: unknown): string {
  let message = "";
  assert.throws(
    () => toWire(operation.request, request, operation.name),
    (error: InvalidRequest) => Boolean((message = error.message)),
  );
  return message;
}

test("money fills its currency on the wire", () => {
  const wire = sent(PAY, alipayRequest("ORD1"));
  assert.deepEqual([wire["tax_refund_amount"], wire["tax_refund_currency"]], ["10000", "SGD"]);
});

test("money may be plain data, with a bigint or a whole number", () => {
  for (const minor of [10000n, 10000]) {
    const wire = sent(PAY, alipayRequest("ORD1", { taxRefundAmount: { minor, currency: "SGD" } }));
    assert.deepEqual([wire["tax_refund_amount"], wire["tax_refund_currency"]], ["10000", "SGD"]);
  }
});

test("a currency that contradicts the money is refused", () => {
  const changes = { taxRefundCurrency: "USD" };
  assert.deepEqual(wrong(PAY, alipayRequest("ORD1", changes)), ["taxRefundCurrency currency"]);
  assert.match(
    messageOf(PAY, alipayRequest("ORD1", changes)),
    /leave taxRefundCurrency out, or make them agree/,
  );
  const wire = sent(PAY, alipayRequest("ORD1", { taxRefundCurrency: "SGD" }));
  assert.equal(wire["tax_refund_currency"], "SGD");
});

test("what is null or undefined is left out", () => {
  const wire = sent(PAY, alipayRequest("ORD1", { confirmDate: null, salesDate: undefined }));
  assert.ok(!("confirm_date" in wire) && !("sales_date" in wire));
});

test("names on the wire are the protocol's", () => {
  const wire = sent(SYNC, formRequest("F1"));
  assert.deepEqual(wire, {
    taxRefundFormNumber: "F1",
    formStatus: "REFUNDED",
    taxRefundAmount: { currency: "EUR", value: "4000" },
    merchants: [
      {
        referenceMerchantId: "SHOP1",
        merchantName: "Shop",
        merchantMCC: "5411",
        merchantAddress: { region: "SG" },
      },
    ],
    userId: "210220990000000000001",
  });
});

test("an amount may be given as the wire has it, or as Money", () => {
  const given = [new Amount({ currency: "EUR", value: "4000" }), { currency: "EUR", value: "4000" }];
  for (const taxRefundAmount of given) {
    assert.deepEqual(sent(SYNC, formRequest("F1", { taxRefundAmount })), sent(SYNC, formRequest("F1")));
  }
});

test("a Date becomes the protocol's text, the same on every machine", () => {
  const at = new Date("2026-03-02T09:15:30Z");
  assert.equal(sent(PAY, alipayRequest("ORD1", { confirmDate: at }))["confirm_date"], "2026-03-02 17:15:30");
  const wire = sent(SYNC, formRequest("F1", { formPrintDate: at }));
  assert.match(String(wire["formPrintDate"]), /^2026-03-02T09:15:30(Z|\+00:00)$/);
});

test("a value of the wrong type is named by its field", () => {
  const cases: [object, string][] = [
    [{ taxRefundAmount: 100.5 }, "taxRefundAmount type"],
    [{ taxRefundAmount: 100 }, "taxRefundAmount type"],
    [{ taxRefundAmount: { minor: 0.5, currency: "SGD" } }, "taxRefundAmount money"],
    [{ taxRefundAmount: { minor: 1n, currency: "XXZ" } }, "taxRefundAmount currency_unknown"],
    [{ availableDay: true }, "availableDay type"],
    [{ availableDay: "15" }, "availableDay type"],
    [{ availableDay: NaN }, "availableDay integer"],
    [{ availableDay: 15.5 }, "availableDay integer"],
    [{ availableDay: 2n ** 64n }, "availableDay integer"],
    [{ outOrderNo: 5 }, "outOrderNo type"],
    [{ outOrderNo: null }, "outOrderNo required"],
    [{ passportNo: Buffer.from("E1") }, "passportNo type"],
    [{ passportNo: Symbol("E1") }, "passportNo type"],
    [{ passportNo: () => "E1" }, "passportNo type"],
    [{ confirmDate: 5 }, "confirmDate type"],
    [{ confirmDate: new Date(NaN) }, "confirmDate date"],
    [{ departurePoint: "x".repeat(1_000_001) }, "departurePoint length"],
    [{ [Symbol("x")]: 1 }, "Symbol(x) unknown_field"],
  ];
  for (const [changes, expected] of cases) {
    assert.deepEqual(wrong(PAY, alipayRequest("ORD1", changes)), [expected], inspect(changes));
  }
  assert.match(
    messageOf(PAY, alipayRequest("ORD1", { taxRefundAmount: 100 })),
    /write Money\.parse\("100\.00", "SGD"\)/,
  );
  assert.ok(DateError);
});

test("a wrong value inside is named by its path", () => {
  const cases: [object, string[]][] = [
    [{ merchants: merchant() }, ["merchants type"]],
    [{ merchants: "SHOP" }, ["merchants type"]],
    [{ merchants: [5, null] }, ["merchants[0] type", "merchants[1] type"]],
    // eslint-disable-next-line no-sparse-arrays
    [{ merchants: [, merchant()] }, ["merchants[0] type"]],
    [
      { merchants: [merchant({ merchantAddress: { regoin: "SG" } })] },
      ["merchants[0].merchantAddress.regoin unknown_field"],
    ],
    [{ merchants: new Array(10_001).fill(merchant()) }, ["merchants items"]],
    [{ taxRefundAmount: "40" }, ["taxRefundAmount type"]],
    [{ taxRefundAmount: { currency: "EUR", value: 40 } }, ["taxRefundAmount money"]],
  ];
  for (const [changes, expected] of cases) {
    const found = wrong(SYNC, formRequest("F1", changes)).filter((one) => !one.endsWith(" required"));
    assert.deepEqual(found, expected, inspect(changes));
  }
});

test("everything that is wrong is named at once", () => {
  const request = { outOrderNo: 5, identifyAccountNo: null, taxRefundAmount: 1.5, passport: "E1" };
  assert.deepEqual(wrong(PAY, request).sort(), [
    "identifyAccountNo required",
    "identifyAccountType required",
    "outOrderNo type",
    "passport unknown_field",
    "taxRefundAmount type",
  ]);
});

test("a member that does not exist is named, with the one that was meant", () => {
  assert.match(messageOf(PAY, alipayRequest("ORD1", { out_order_no: "x" })), /did you mean outOrderNo\?/);
  assert.match(messageOf(PAY, alipayRequest("ORD1", { pasportNo: "x" })), /did you mean passportNo\?/);
  assert.match(
    messageOf(PAY, alipayRequest("ORD1", { zzzz: "x" })),
    /it has outOrderNo, identifyAccountType/,
  );
});

test("what is no object is no request", () => {
  for (const given of [undefined, null, 5, "text", [], () => 1, Symbol("x"), 5n]) {
    assert.deepEqual(wrong(PAY, given), [" type"]);
  }
});

test("only own members count, whatever Object.prototype holds", () => {
  const polluted = Object.prototype as unknown as Record<string, unknown>;
  const names = [
    "passportNo",
    "required",
    "sensitive",
    "toJSON",
    "currency",
    "minor",
    "out_order_no",
    "extra",
  ];
  try {
    for (const name of names) {
      Object.defineProperty(polluted, name, { value: () => "polluted", configurable: true, writable: true });
    }
    const text = requestJson(PAY, alipayRequest("ORD1"));
    const answer = fromWire(PAY.response, {}) as Record<string, unknown>;
    assert.equal(answer["outOrderNo"], undefined);
    assert.ok(!text.includes("polluted") && !text.includes("passport"), text);
    assert.deepEqual(wrong(PAY, {}).length, 4);
  } finally {
    for (const name of names) Reflect.deleteProperty(polluted, name);
  }
});

test("an own __proto__ is an unknown member, and reaches no prototype", () => {
  const request = JSON.parse('{"__proto__": {"outOrderNo": "EVIL"}, "constructor": 1}') as object;
  const found = wrong(PAY, Object.assign(Object.create(null) as object, alipayRequest("ORD1")));
  assert.deepEqual(found, []);
  assert.ok(wrong(PAY, request).includes("__proto__ unknown_field"));
  assert.ok(wrong(PAY, request).includes("outOrderNo required"));
});

test("a getter is read once, and one that throws is named with its error kept", () => {
  let reads = 0;
  const request = {
    ...alipayRequest("ORD1"),
    get outOrderNo() {
      reads += 1;
      return reads === 1 ? "ORD1" : "ORD2";
    },
  };
  assert.equal(sent(PAY, request)["out_order_no"], "ORD1");
  assert.equal(reads, 1);
  const why = new Error("no");
  const throwing = {
    ...alipayRequest("ORD1"),
    get passportNo(): string {
      throw why;
    },
  };
  assert.throws(
    () => requestJson(PAY, throwing),
    (error: InvalidRequest) => error.cause === why && error.violations[0]?.path === "passportNo",
  );
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  assert.deepEqual(wrong(PAY, proxy), [" read"]);
});

test("free JSON holds whole numbers only, and nothing that JSON cannot hold", () => {
  const goods = [{ a: [1, null, true, "x", { b: 5n }] }];
  assert.deepEqual(sent(REFUND, antomRequest("R1", { goods }))["goods"], [
    { a: [1, null, true, "x", { b: 5 }] },
  ]);
  for (const price of [
    1.5,
    NaN,
    2n ** 64n,
    10n ** 100_000n,
    Symbol("x"),
    () => 1,
    new Map(),
    new Date(),
    Buffer.from("x"),
  ]) {
    assert.match(String(wrong(REFUND, antomRequest("R1", { goods: [{ price }] }))), /^goods\[0\]\.price/);
  }
  assert.deepEqual(wrong(REFUND, antomRequest("R1", { goods: [JSON.parse('{"__proto__": 1}')] })), [
    "goods[0].__proto__ unknown_field",
  ]);
});

test("what never ends is refused: circles, depth, and more values than any request has", () => {
  const circle: Record<string, unknown> = {};
  circle["again"] = circle;
  assert.deepEqual(wrong(REFUND, antomRequest("R1", { goods: [circle] })), ["goods[0].again depth"]);
  let deep: object = {};
  for (let level = 0; level < 40; level += 1) deep = { deep };
  assert.match(String(wrong(REFUND, antomRequest("R1", { goods: [deep] }))), / depth$/);
  let wide: object = {};
  for (let level = 0; level < 30; level += 1) wide = [wide, wide];
  assert.match(String(wrong(REFUND, antomRequest("R1", { goods: [{ wide }] }))), / items$/);
  const long = {
    goods: [Object.fromEntries(Array.from({ length: 20 }, (_, at) => [at, "x".repeat(100_000)]))],
  };
  assert.match(String(wrong(REFUND, antomRequest("R1", long))), / length/);
  const many = Object.fromEntries(Array.from({ length: 1000 }, (_, at) => [`x${at}`, 1]));
  assert.ok(wrong(PAY, many).length <= 101);
  assert.deepEqual(wrong(PAY, Buffer.alloc(1000)), [" type"]);
});

test("a request that is changed later changes nothing that was made of it", () => {
  const shops = [merchant()];
  const wire = toWire(SYNC.request, formRequest("F1", { merchants: shops }));
  shops.length = 0;
  assert.equal((wire["merchants"] as unknown[]).length, 1);
});

test("an error names no traveller", () => {
  const message = messageOf(
    PAY,
    alipayRequest("ORD1", { passportNo: 12345678, passportName: ["ADA LOVELACE"], x: BARCODE }),
  );
  assert.ok(!message.includes("12345678") && !message.includes("ADA") && !message.includes(BARCODE), message);
});

test("an answer is read leniently, and frozen", () => {
  const read = fromWire(REFUND.response, {
    refundId: 12345,
    refundAmount: { currency: "USD", value: 500 },
    refundTime: ["no", "text"],
    gotDelivered: { later: [1] },
    result: { resultStatus: "S" },
  }) as antom.RefundResponse;
  assert.equal(read.refundId, "12345");
  assert.ok(
    read.refundAmount instanceof Amount && read.refundAmount.money.equals(Money.parse("5.00", "USD")),
  );
  assert.equal(read.refundTime, undefined);
  assert.deepEqual(read.extra["gotDelivered"], { later: [1] });
  assert.ok(Object.isFrozen(read) && Object.isFrozen(read.extra["gotDelivered"]));
});

test("what an answer holds instead of an object reads as nothing", () => {
  const evaluate = alipayPlus.operations.evaluateOriginalCredit.response;
  for (const odd of [5, "x", [], [5], null, true, { value: [] }]) {
    const read = fromWire(evaluate, { payee: odd, payeeQuote: odd, payeeAmount: odd });
    assert.ok(inspect(read).startsWith(evaluate.name));
    assert.equal(typeof fromWire(evaluate, odd), "object");
  }
});

test("nothing personal of an answer is shown, but all of it is there", () => {
  const read = fromWire(alipay.operations.queryUserInfo.response, { user_id: "2088", secret: "Ada" });
  const shown = inspect(read);
  assert.ok(!shown.includes("Ada") && shown.includes("«secret»"), shown);
  const token = fromWire(alipay.operations.exchangeAuthCode.response, { access_token: "secret-token" });
  assert.ok(inspect(token).includes("«12 characters»") && !inspect(token).includes("secret-token"));
  assert.ok(!JSON.stringify(redacted(alipay.operations.queryUserInfo.response, read)).includes("Ada"));
  assert.equal((read as alipay.QueryUserInfoResponse).userId, "2088");
});

test("every field of every request is named in JavaScript as its path is", () => {
  const models: Model[] = OPERATIONS.map((operation) => operation.request);
  const seen = new Set<Model>();
  for (let next = models.pop(); next !== undefined; next = models.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    for (const field of next.fields) {
      assert.equal(camelCase(field.wire), field.name);
      if (typeof field.item === "object") models.push(field.item);
    }
  }
  assert.ok(seen.size > 15);
});

test("the core's paths are written in JavaScript's names", () => {
  assert.equal(
    jsPath("merchants.0.merchantAddress.region", SYNC.name),
    "merchants[0].merchantAddress.region",
  );
  assert.equal(jsPath("merchants.12.merchantMCC", SYNC.name), "merchants[12].merchantMcc");
  assert.equal(jsPath("tax_refund_amount.value", PAY.name), "taxRefundAmount.value");
  assert.equal(jsPath("goods.0.snake_name.1", REFUND.name), "goods[0].snake_name[1]");
  assert.equal(jsPath("stores.0.storeMCC", "of.no_model"), "stores[0].storeMcc");
  assert.equal(jsPath("", PAY.name), "");
});

test("an operation's method is its name in JavaScript", () => {
  for (const protocol of [alipay, alipayPlus, antom]) {
    for (const [method, operation] of Object.entries<Operation>(protocol.operations)) {
      assert.equal(operation.method, method);
      const names = new Set(operation.request.fields.map((field) => field.name));
      assert.ok(
        operation.idempotencyKey.every((field) => names.has(field)),
        operation.name,
      );
    }
  }
});

test("a model's table cannot be changed", () => {
  const part = model("Part", "part", [{ name: "one", wire: "one", kind: "text" }]);
  assert.throws(() => Object.assign(part, { name: "x" }), TypeError);
  assert.throws(() => (part.fields as unknown[]).push(1), TypeError);
});
