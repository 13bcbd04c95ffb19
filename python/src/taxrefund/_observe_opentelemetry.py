"""Events as OpenTelemetry spans and metrics."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from .errors import ConfigurationError
from .observe import Began, Ended, Event, Heard, Raised, Waiting

if TYPE_CHECKING:
    from .observe import Observer

_NAME = "taxrefund"


def observer(tracer_provider: Any, meter_provider: Any) -> Observer:
    """An observer that makes spans and metrics."""
    try:
        from opentelemetry import metrics, trace
    except ImportError:
        raise ConfigurationError(
            "observer: OpenTelemetry is not installed: pip install 'taxrefund[opentelemetry]'",
            field="observer",
        ) from None
    from . import _native

    version = _native.version()
    tracer = trace.get_tracer(_NAME, version, tracer_provider)
    meter = metrics.get_meter(_NAME, version, meter_provider)
    return _Bridge(trace, tracer, meter)


class _Bridge:
    def __init__(self, trace: Any, tracer: Any, meter: Any) -> None:
        self._trace = trace
        self._tracer = tracer
        self._open: dict[int, tuple[Any, int]] = {}
        self._lock = threading.Lock()
        self._outcomes = meter.create_counter(
            "taxrefund.outcomes", unit="{refund}", description="Calls, by how they ended"
        )
        self._calls = meter.create_histogram(
            "taxrefund.call.duration", unit="s", description="Whole calls, waits included"
        )
        self._exchanges = meter.create_histogram(
            "taxrefund.exchange.duration", unit="s", description="Single exchanges"
        )

    def __call__(self, event: Event) -> None:
        if isinstance(event, Began):
            self._begin(event)
        elif isinstance(event, Heard):
            self._heard(event)
        elif isinstance(event, Ended):
            self._end(event)
        elif isinstance(event, Raised):
            self._raised(event)
        elif isinstance(event, Waiting):
            span = self._span(event)
            if span is not None:
                span.add_event("wait", {"taxrefund.wait.seconds": event.seconds}, _ns(event.at_ms))

    def _begin(self, event: Began) -> None:
        span = self._tracer.start_span(
            event.operation,
            attributes={"taxrefund.key": event.key, "taxrefund.resumed": event.resumed},
            start_time=_ns(event.at_ms),
        )
        with self._lock:
            self._open[event.call] = (span, event.at_ms)

    def _heard(self, event: Heard) -> None:
        about = {"taxrefund.operation": event.operation, "taxrefund.interface": event.interface}
        heard: dict[str, Any] = {}
        if event.fault is not None:
            heard["error.type"] = event.fault
        if event.status is not None:
            heard["http.response.status_code"] = event.status
        self._exchanges.record(event.took_ms / 1000, {**about, **heard})
        parent = self._span(event)
        if parent is None:
            return
        span = self._tracer.start_span(
            event.interface,
            context=self._trace.set_span_in_context(parent),
            kind=self._trace.SpanKind.CLIENT,
            attributes={**about, **heard},
            start_time=_ns(event.sent_at_ms),
        )
        if event.fault is not None:
            span.set_status(self._trace.Status(self._trace.StatusCode.ERROR, event.fault))
        span.end(_ns(event.sent_at_ms + event.took_ms))

    def _end(self, event: Ended) -> None:
        about: dict[str, Any] = {
            "taxrefund.operation": event.operation,
            "taxrefund.outcome": event.outcome,
            "taxrefund.next_step": event.next_step,
        }
        if event.reason is not None:
            about["taxrefund.code"] = event.reason.sub_code or event.reason.code
        self._outcomes.add(1, about)
        with self._lock:
            span, began = self._open.pop(event.call, (None, event.at_ms))
        if span is None:
            return
        self._calls.record(
            max(0, event.at_ms - began) / 1000,
            {name: about[name] for name in ("taxrefund.operation", "taxrefund.outcome")},
        )
        span.set_attributes({**about, "taxrefund.attempts": event.attempts})
        if event.outcome != "succeeded":
            words = str(event.reason) if event.reason is not None else event.outcome
            span.set_status(self._trace.Status(self._trace.StatusCode.ERROR, words))
        span.end(_ns(event.at_ms))

    def _raised(self, event: Raised) -> None:
        with self._lock:
            span, _ = self._open.pop(event.call, (None, 0))
        if span is not None:
            span.set_attribute("error.type", event.code)
            span.set_status(self._trace.Status(self._trace.StatusCode.ERROR, event.code))
            span.end(_ns(event.at_ms))

    def _span(self, event: Event) -> Any:
        with self._lock:
            return self._open.get(event.call, (None, 0))[0]


def _ns(ms: int) -> int:
    return ms * 1_000_000
