// Events as OpenTelemetry spans and metrics. Copy this file: the package itself has no dependencies.

import { context, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";

const CODE = SpanStatusCode.ERROR;

/**
 * An observer for `new Client({ observer })`: a span for each call and each exchange, a counter of outcomes, histograms of
 * durations. Metrics hold no keys, and nothing holds anything about the traveller.
 */
export function toOpenTelemetry({ tracer, meter }) {
  const outcomes = meter.createCounter("taxrefund.outcomes", {
    unit: "{refund}",
    description: "Calls, by how they ended",
  });
  const calls = meter.createHistogram("taxrefund.call.duration", {
    unit: "s",
    description: "Whole calls, waits included",
  });
  const exchanges = meter.createHistogram("taxrefund.exchange.duration", {
    unit: "s",
    description: "Single exchanges",
  });
  const open = new Map();

  const tell = {
    began({ call, operation, key, resumed, atMs }) {
      const attributes = { "taxrefund.key": key, "taxrefund.resumed": resumed };
      // Under the span that is active where the client was called, such as the request's.
      const span = tracer.startSpan(operation, { attributes, startTime: atMs });
      open.set(call, { span, atMs });
    },

    waiting({ call, waitMs, atMs }) {
      open.get(call)?.span.addEvent("wait", { "taxrefund.wait.ms": waitMs }, atMs);
    },

    heard({ call, operation, interface: name, sentAtMs, tookMs, status, fault }) {
      const attributes = { "taxrefund.operation": operation, "taxrefund.interface": name };
      if (status !== undefined) attributes["http.response.status_code"] = status;
      if (fault !== undefined) attributes["error.type"] = fault;
      exchanges.record(tookMs / 1000, attributes);
      const parent = open.get(call);
      if (parent === undefined) return;
      const under = trace.setSpan(context.active(), parent.span);
      const span = tracer.startSpan(name, { attributes, kind: SpanKind.CLIENT, startTime: sentAtMs }, under);
      if (fault !== undefined) span.setStatus({ code: CODE, message: fault });
      span.end(sentAtMs + tookMs);
    },

    ended({ call, operation, outcome, reason, nextStep, attempts, atMs }) {
      const about = { "taxrefund.operation": operation, "taxrefund.outcome": outcome };
      const why = reason && { "taxrefund.code": reason.subCode ?? reason.code };
      outcomes.add(1, { ...about, ...why, "taxrefund.next_step": nextStep });
      const ended = open.get(call);
      if (ended === undefined) return;
      open.delete(call);
      calls.record(Math.max(0, atMs - ended.atMs) / 1000, about);
      ended.span.setAttributes({ ...about, ...why, "taxrefund.attempts": attempts });
      if (reason) ended.span.setStatus({ code: CODE, message: reason.subCode ?? reason.code });
      ended.span.end(atMs);
    },

    raised({ call, code, atMs }) {
      const { span } = open.get(call) ?? {};
      open.delete(call);
      span?.setAttribute("error.type", code);
      span?.setStatus({ code: CODE, message: code });
      span?.end(atMs);
    },
  };
  return (event) => tell[event.event]?.(event);
}
