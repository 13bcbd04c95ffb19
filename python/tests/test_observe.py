from __future__ import annotations

import asyncio
import logging

import pytest
from refunds import BARCODE, alipay_request

from taxrefund import CallOptions, Cancel, HttpResponse, TransportFault, alipay, observe
from taxrefund.observe import Began, Ended, Event, Heard, Sending, Waiting
from taxrefund.testing import FrozenClock, Infallible, Replay


def eventful(observer: observe.Observer) -> None:
    """A refund whose first answer is lost, one that is cancelled, one that is paid at once."""
    provider = Infallible()
    script = Replay([TransportFault("reset"), provider.exchange, provider.exchange])
    client = alipay.Client(
        provider.alipay_account(), transport=script, clock=FrozenClock(), observer=observer
    )
    client.pay_tax_refund(alipay_request("ORDER1"))
    cancel = Cancel()
    cancel.cancel()
    client.outcome.pay_tax_refund(alipay_request("ORDER2"), options=CallOptions(cancel=cancel))
    client.pay_tax_refund(alipay_request("ORDER3"))


def test_a_call_tells_everything_in_order_and_nothing_personal() -> None:
    seen: list[Event] = []
    eventful(seen.append)
    first = [one for one in seen if one.key == "ORDER1"]
    assert [type(one) for one in first] == [
        Began,
        Sending,
        Heard,
        Waiting,
        Sending,
        Heard,
        Ended,
    ]
    assert (first[2].fault, first[5].status) == ("reset", 200)  # type: ignore[attr-defined]
    assert len({one.call for one in seen}) == 3
    ended = {one.key: one.outcome for one in seen if isinstance(one, Ended)}
    assert ended == {"ORDER1": "succeeded", "ORDER2": "unknown", "ORDER3": "succeeded"}
    assert BARCODE not in repr(seen)


def test_an_async_client_tells_the_same() -> None:
    seen: list[Event] = []

    async def pay() -> None:
        provider = Infallible()
        script = Replay([TransportFault("reset"), provider.exchange])
        client = alipay.AsyncClient(
            provider.alipay_account(), transport=script, clock=FrozenClock(), observer=seen.append
        )
        await client.pay_tax_refund(alipay_request("ORDER1"))
        await client.aclose()

    asyncio.run(pay())
    assert [type(one) for one in seen] == [Began, Sending, Heard, Waiting, Sending, Heard, Ended]


def test_the_log_has_a_line_for_each_with_its_level(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, "taxrefund"):
        eventful(observe.to_logging())
    levels = {(one.levelname, one.getMessage()) for one in caplog.records}
    assert ("INFO", "alipay.pay_tax_refund ORDER3: succeeded (1 sent)") in levels
    assert any(level == "ERROR" and "unknown: cancelled" in text for level, text in levels)
    assert any("pay gave reset" in text for level, text in levels if level == "DEBUG")
    assert isinstance(caplog.records[0].taxrefund, Began)  # type: ignore[attr-defined]
    assert BARCODE not in caplog.text


def test_several_observers_are_told_though_one_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[object] = []
    monkeypatch.setattr("sys.unraisablehook", lambda told: shown.append(told.exc_value))
    seen: list[Event] = []

    def failing(event: Event) -> None:
        raise ValueError

    eventful(observe.several(failing, seen.append))
    assert len(seen) == len(shown) > 5


def test_spans_and_metrics_are_made() -> None:
    metrics = pytest.importorskip("opentelemetry.sdk.metrics")
    export = pytest.importorskip("opentelemetry.sdk.metrics.export")
    trace = pytest.importorskip("opentelemetry.sdk.trace")
    spans_export = pytest.importorskip("opentelemetry.sdk.trace.export")
    memory = pytest.importorskip("opentelemetry.sdk.trace.export.in_memory_span_exporter")
    exporter, reader = memory.InMemorySpanExporter(), export.InMemoryMetricReader()
    tracers = trace.TracerProvider()
    tracers.add_span_processor(spans_export.SimpleSpanProcessor(exporter))
    meters = metrics.MeterProvider([reader])
    eventful(observe.to_opentelemetry(tracer_provider=tracers, meter_provider=meters))
    spans = exporter.get_finished_spans()
    calls = [one for one in spans if one.name == "alipay.pay_tax_refund"]
    pays = [one for one in spans if one.name == "pay"]
    assert (len(calls), len(pays)) == (3, 3)
    assert pays[0].parent.span_id in {one.context.span_id for one in calls}
    assert [one.attributes["taxrefund.outcome"] for one in calls] == [
        "succeeded",
        "unknown",
        "succeeded",
    ]
    data = reader.get_metrics_data().resource_metrics[0].scope_metrics[0].metrics
    counted = next(one for one in data if one.name == "taxrefund.outcomes").data.data_points
    assert sum(point.value for point in counted) == 3
    assert "ORDER1" not in str(data) and BARCODE not in str(data) + str(spans)
    tracers.shutdown()
    meters.shutdown()


def test_an_answer_is_told_by_its_status() -> None:
    seen: list[Event] = []
    script = Replay([HttpResponse(502, [], b"<html>")])
    client = alipay.Client(
        Infallible().alipay_account(),
        transport=script,
        clock=FrozenClock(),
        observer=seen.append,
    )
    client.outcome.pay_tax_refund(alipay_request("ORDER1"))
    heard = [one for one in seen if isinstance(one, Heard)]
    assert (heard[0].status, heard[1].fault) == (502, "connect_failed")
