"""A span for each call and each exchange, counters of outcomes and histograms of durations. Metrics
hold no keys; nothing holds anything about the traveller.

Run it: `python examples/observe_opentelemetry.py` (needs
`pip install taxrefund[opentelemetry] opentelemetry-sdk`)
"""

from __future__ import annotations

from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from taxrefund import Money, alipay
from taxrefund.observe import to_opentelemetry
from taxrefund.testing import Sandbox


def main() -> None:
    # In production these two export to your collector, and are set once for the whole program:
    # then `to_opentelemetry()` finds them by itself.
    spans = InMemorySpanExporter()
    tracers = TracerProvider()
    tracers.add_span_processor(SimpleSpanProcessor(spans))
    reader = InMemoryMetricReader()
    meters = MeterProvider([reader])

    observer = to_opentelemetry(tracer_provider=tracers, meter_provider=meters)
    with Sandbox() as sandbox:
        client = sandbox.alipay_client(observer=observer)
        for order, faults in (("TRO1", "lost-answer"), ("TRO2", "failed")):
            sandbox.provoke(order, faults)
            pay(client, order)

    for span in spans.get_finished_spans():
        attributes = span.attributes or {}
        told = {name: value for name, value in attributes.items() if not name.endswith(".key")}
        print(f"span {span.name}: {told}")
    metrics = reader.get_metrics_data()
    assert metrics is not None
    for resource in metrics.resource_metrics:
        for scope in resource.scope_metrics:
            for metric in scope.metrics:
                print(f"metric {metric.name}: {len(metric.data.data_points)} series")


def pay(client: alipay.Client, order: str) -> None:
    client.outcome.pay_tax_refund(
        out_order_no=order,
        identify_account_type="barcode",
        identify_account_no="281234567890123456",
        tax_refund_amount=Money.parse("100.00", "SGD"),
    )


if __name__ == "__main__":
    main()
