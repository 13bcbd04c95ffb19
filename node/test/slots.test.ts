import assert from "node:assert/strict";
import { test } from "node:test";

import { whenAborted } from "../src/aborts.js";
import { turn } from "../src/pace.js";
import { Slots } from "../src/slots.js";

test("slots are handed on in order, those who have begun first", () => {
  const slots = new Slots(2);
  const order: string[] = [];
  const queue = (name: string, hasBegun = false) => slots.queue(hasBegun, () => order.push(name));
  assert.ok(slots.take() && slots.take() && !slots.take());
  queue("fresh 1");
  queue("fresh 2");
  queue("begun 1", true);
  queue("begun 2", true);
  for (let at = 0; at < 4; at += 1) slots.giveBack();
  assert.deepEqual(order, ["begun 1", "begun 2", "fresh 1", "fresh 2"]);
  assert.ok(!slots.take());
  slots.giveBack();
  slots.giveBack();
  assert.ok(slots.take() && slots.take() && !slots.take());
});

test("whoever leaves the queue is passed over, from wherever in it", () => {
  for (const leaving of [[0], [1], [2], [0, 1], [1, 2], [0, 2], [0, 1, 2], [2, 1, 0]]) {
    const slots = new Slots(1);
    const order: number[] = [];
    slots.take();
    const places = [0, 1, 2].map((at) => slots.queue(false, () => order.push(at)));
    for (const at of leaving) slots.leave(places[at]!);
    for (const at of leaving) slots.leave(places[at]!);
    for (let at = 0; at < 3; at += 1) slots.giveBack();
    assert.deepEqual(
      order,
      [0, 1, 2].filter((at) => !leaving.includes(at)),
    );
    places.forEach((place) => slots.leave(place));
    assert.ok(slots.take());
  }
});

test("a signal tells each who listens once, and none who stopped listening", () => {
  const stop = new AbortController();
  const told: string[] = [];
  whenAborted(stop.signal, () => told.push("one"));
  const forget = whenAborted(stop.signal, () => told.push("two"));
  whenAborted(stop.signal, () => told.push("three"));
  forget();
  forget();
  stop.abort();
  assert.deepEqual(told, ["one", "three"]);
});

test("a listener that goes while the others are told does no harm", () => {
  const stop = new AbortController();
  const told: string[] = [];
  const forgets: (() => void)[] = [];
  for (const name of ["one", "two"]) {
    forgets.push(
      whenAborted(stop.signal, () => {
        told.push(name);
        for (const forget of forgets) forget();
      }),
    );
  }
  stop.abort();
  assert.deepEqual(told, ["one", "two"]);
});

test("very many calls at once are spread over turns of the event loop, in order", async () => {
  const begun: number[] = [];
  const most = new Map<number, number>();
  let loop = 0;
  const count = () => {
    loop += 1;
    if (begun.length < 200) setImmediate(count);
  };
  count();
  await Promise.all(
    Array.from({ length: 200 }, async (_, at) => {
      await turn();
      begun.push(at);
      most.set(loop, (most.get(loop) ?? 0) + 1);
    }),
  );
  assert.deepEqual(begun, [...begun.keys()]);
  assert.ok(Math.max(...most.values()) <= 32, String([...most]));
});
