import assert from "node:assert/strict";
import test from "node:test";

import fc from "fast-check";
import { DateError, dates } from "taxrefund";

const AT = new Date("2026-03-02T09:15:30.250Z");

test("the open gateway's time is the wall clock of UTC+8 wherever the machine is", () => {
  assert.equal(dates.gatewayTime(AT), "2026-03-02 17:15:30");
});

test("a time with an offset is written in UTC unless another is asked for", () => {
  assert.match(dates.offsetTime(AT), /^2026-03-02T09:15:30(\.250)?(Z|\+00:00)$/);
  assert.match(dates.offsetTime(AT, 480), /^2026-03-02T17:15:30(\.250)?\+08:00$/);
});

test("either shape is read", () => {
  assert.equal(dates.parseTime("2026-03-02 17:15:30").toISOString(), "2026-03-02T09:15:30.000Z");
  assert.equal(dates.parseTime("2026-03-02T17:15:30+08:00").toISOString(), "2026-03-02T09:15:30.000Z");
});

test("what is no valid Date of these centuries is refused", () => {
  const wrong: unknown[] = [
    new Date(NaN),
    new Date(-1),
    new Date(8.64e15),
    "2026-03-02",
    5,
    null,
    undefined,
    {},
  ];
  for (const at of wrong) {
    assert.throws(() => dates.gatewayTime(at as Date), DateError);
    assert.throws(() => dates.offsetTime(at as Date), DateError);
    assert.throws(() => dates.epochMs(at as Date), DateError);
  }
  for (const offset of [0.5, NaN, 100_000, "480", 24 * 60]) {
    assert.throws(() => dates.offsetTime(AT, offset as number), DateError);
  }
});

test("a Date's own time counts, whatever its getTime says", () => {
  const at = new Date(AT);
  at.getTime = () => 0;
  assert.equal(dates.epochMs(at), AT.getTime());
});

test("text of neither shape is refused", () => {
  for (const text of ["", "tomorrow", "2026-13-01 00:00:00", "2026-03-02", "\ud800T", 5]) {
    assert.throws(() => dates.parseTime(text as string), DateError, String(text));
  }
});

test("every second of these centuries reads back", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 253_402_207_200 }), (seconds) => {
      const at = new Date(seconds * 1000);
      assert.equal(dates.parseTime(dates.gatewayTime(at)).getTime(), at.getTime());
      assert.equal(dates.parseTime(dates.offsetTime(at, 330)).getTime(), at.getTime());
    }),
    { seed: 1 },
  );
});
