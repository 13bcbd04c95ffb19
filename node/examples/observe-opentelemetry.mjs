// A span for each call and each exchange, counters of outcomes and histograms of durations, by the adapter in
// `opentelemetry/adapter.mjs`.
//
// Run it: `node examples/observe-opentelemetry.mjs` (needs @opentelemetry/api, sdk-trace-base and sdk-metrics)

import assert from "node:assert/strict";

import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import { Money } from "taxrefund";
import { startSandbox } from "taxrefund/testing";

import { toOpenTelemetry } from "./opentelemetry/adapter.mjs";

// In production these export to your collector, and are set up once for the whole program: then
// `trace.getTracer("taxrefund")` and `metrics.getMeter("taxrefund")` of @opentelemetry/api give the tracer and the meter.
const spans = new InMemorySpanExporter();
const tracers = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] });
const metrics = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
const reader = new PeriodicExportingMetricReader({ exporter: metrics });
const meters = new MeterProvider({ readers: [reader] });
const observer = toOpenTelemetry({
  tracer: tracers.getTracer("taxrefund"),
  meter: meters.getMeter("taxrefund"),
});

const sandbox = await startSandbox();
try {
  const client = sandbox.alipayClient({ observer });
  for (const [outOrderNo, faults] of [
    ["TRO1", "lost-answer"],
    ["TRO2", "failed"],
  ]) {
    await sandbox.provoke(outOrderNo, faults);
    await client.outcome.payTaxRefund({
      outOrderNo,
      identifyAccountType: "barcode",
      identifyAccountNo: "281234567890123456",
      taxRefundAmount: Money.parse("100.00", "SGD"),
    });
  }
} finally {
  await sandbox.stop();
}

await meters.forceFlush();
for (const { name, attributes, parentSpanContext } of spans.getFinishedSpans()) {
  console.log(`span ${parentSpanContext ? "  " : ""}${name}:`, attributes);
}
const finished = spans.getFinishedSpans();
const calls = finished.filter((span) => span.name === "alipay.pay_tax_refund");
const under = finished.filter((span) => span.parentSpanContext !== undefined);
const written = metrics
  .getMetrics()
  .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics));
for (const { descriptor, dataPoints } of written)
  console.log(`metric ${descriptor.name}: ${dataPoints.length} series`);
assert.deepEqual(
  calls.map((span) => span.attributes["taxrefund.outcome"]),
  ["succeeded", "failed"],
);
assert.equal(
  under.length,
  calls.reduce((sends, span) => sends + span.attributes["taxrefund.attempts"], 0),
);
assert.doesNotMatch(JSON.stringify(written), /TRO1/);
await tracers.shutdown();
await meters.shutdown();
