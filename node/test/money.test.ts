import assert from "node:assert/strict";
import test from "node:test";
import { inspect } from "node:util";

import fc from "fast-check";
import { Amount, Money, MoneyError } from "taxrefund";

test("major text is read exactly", () => {
  const read: [string, string, bigint][] = [
    ["100.00", "SGD", 10000n],
    ["100", "SGD", 10000n],
    ["0.5", "SGD", 50n],
    ["100", "JPY", 100n],
    ["1.234", "KWD", 1234n],
  ];
  for (const [text, currency, minor] of read) assert.equal(Money.parse(text, currency).minor, minor);
});

test("text that is no exact amount is refused", () => {
  for (const text of ["1.234", "-1", "+1", "1e2", " 1", "1,000", ".5", "1.", "", "٣", "\ud800"]) {
    assert.throws(() => Money.parse(text, "SGD"), MoneyError, text);
  }
});

test("a number with a fraction, or beyond what numbers hold exactly, is never money", () => {
  for (const minor of [0.1 + 0.2, 100.5, NaN, Infinity, -Infinity, 2 ** 53, -1, 1e300]) {
    assert.throws(() => new Money({ minor, currency: "SGD" }), MoneyError, String(minor));
  }
  assert.equal(new Money({ minor: 10000, currency: "SGD" }).minor, 10000n);
  assert.equal(Money.ofMinor(Number.MAX_SAFE_INTEGER, "SGD").minor, 9007199254740991n);
  assert.throws(() => Money.parse(100 as never, "SGD"), /A number is not exact: Money\.parse\("100\.00"/);
});

test("what is no amount at all is refused with its kind", () => {
  for (const minor of [true, "100", null, undefined, {}, [], Symbol("x"), () => 1]) {
    assert.throws(() => new Money({ minor: minor as never, currency: "SGD" }), MoneyError);
  }
  for (const given of [undefined, null, 5, "SGD 1"])
    assert.throws(() => new Money(given as never), MoneyError);
});

test("a currency that does not exist is refused", () => {
  for (const currency of ["XXZ", "sgd", "", "SG\ud800", 5, null]) {
    assert.throws(() => new Money({ minor: 1n, currency: currency as string }), MoneyError);
  }
});

test("an amount out of range is refused", () => {
  for (const minor of [-1n, 2n ** 64n, 10n ** 4000n]) {
    assert.throws(() => Money.ofMinor(minor, "SGD"), /minor: must be 0 to 18446744073709551615/);
  }
  assert.equal(Money.ofMinor(2n ** 64n - 1n, "SGD").major, "184467440737095516.15");
});

test("arithmetic and order stay within a currency", () => {
  const [one, two] = [Money.parse("1.00", "SGD"), Money.parse("2.00", "SGD")];
  assert.ok(one.plus(two).equals(Money.parse("3", "SGD")));
  assert.ok(two.minus(one).equals(one));
  assert.deepEqual([one.compare(two), two.compare(one), one.compare(one)], [-1, 1, 0]);
  const other = Money.ofMinor(100n, "USD");
  for (const act of [() => one.plus(other), () => one.minus(other), () => one.compare(other)]) {
    assert.throws(act, /SGD and USD: no rate is known here/);
  }
  assert.throws(() => one.minus(two), MoneyError);
  assert.equal(one.equals(other), false);
  assert.equal(one.equals({ minor: 100, currency: "SGD" }), true);
});

test("money never becomes a number by itself", () => {
  const [one, ten] = [Money.parse("9", "SGD"), Money.parse("10", "SGD")];
  assert.throws(() => one < ten, /use compare/);
  assert.throws(() => Number(one), MoneyError);
  assert.throws(() => (one as never) - (ten as never), MoneyError);
  assert.equal(String(one), "SGD 9.00");
});

test("it is shown in major units, and its JSON is exact", () => {
  const money = Money.ofMinor(10000n, "SGD");
  assert.deepEqual([String(money), money.major, money.minorUnits], ["SGD 100.00", "100.00", 2]);
  assert.equal(inspect({ money }), "{ money: Money(SGD 100.00) }");
  assert.equal(JSON.stringify({ money }), '{"money":{"minor":"10000","currency":"SGD"}}');
});

test("it is frozen, and a structured clone of it is taken as money again", () => {
  const money = Money.ofMinor(1n, "KWD");
  assert.throws(() => Object.assign(money, { minor: 2n }), TypeError);
  assert.ok(new Money(structuredClone(money)).equals(money));
});

test("an amount of the wire becomes money", () => {
  assert.ok(new Amount({ currency: "SGD", value: "12345" }).money.equals(Money.parse("123.45", "SGD")));
  assert.equal(String(new Amount({ currency: "SGD", value: "x" })), "SGD x (smallest unit)");
  for (const value of ["", "1.5", "-1", "٣", "9".repeat(30), "99999999999999999999"]) {
    assert.throws(() => new Amount({ currency: "SGD", value }).money, MoneyError);
  }
  assert.throws(
    () => new Amount({ currency: "SGD", value: 1.5 as never }),
    /value: must be text, not a number/,
  );
});

test("every amount reads back", () => {
  const amounts = fc.tuple(fc.bigInt(0n, 2n ** 64n - 1n), fc.constantFrom("SGD", "JPY", "KWD", "IDR"));
  fc.assert(
    fc.property(amounts, ([minor, currency]) => {
      const money = Money.ofMinor(minor, currency);
      assert.equal(Money.parse(money.major, currency).minor, minor);
    }),
    { seed: 1 },
  );
});
