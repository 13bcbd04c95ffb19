import Foundation
import TaxRefund
import Testing

/// A cancelled call ends at once as *unknown*, and its refund goes on later: paid once.
@Suite(.timeLimit(.minutes(1))) struct Cancellation {
    let sandbox: Sandbox

    init() throws { sandbox = try Sandbox() }

    @Test func cancelled_before_the_start_nothing_is_sent() async throws {
        let (sandbox, request) = (sandbox, try refund("BEFORE"))
        let client = try sandbox.client()
        let begun = Signal()
        let task = Task {
            await begun.wait()
            return try await client.payTaxRefund(request)
        }
        task.cancel()
        await begun.give()
        try await cancelled(try await task.value, resumedBy: client)
    }

    @Test func cancelled_while_sending() async throws {
        let reached = Signal()
        let over = ScriptedTransport { _ in
            await reached.give()
            return await never()
        }
        let client = try sandbox.client(.quick(nil, over: over))
        let request = try refund("SENDING")
        let task = Task { try await client.payTaxRefund(request) }
        await reached.wait()
        task.cancel()
        try await cancelled(try await task.value, resumedBy: try sandbox.client())
    }

    @Test func cancelled_after_it_was_sent_it_is_paid_once() async throws {
        let reached = Signal()
        let over = ScriptedTransport { request in
            // It arrives, and its answer does not.
            _ = try await URLSessionTransport().send(request)
            await reached.give()
            return await never()
        }
        let client = try sandbox.client(.quick(nil, over: over))
        let request = try refund("SENT")
        let task = Task { try await client.payTaxRefund(request) }
        await reached.wait()
        task.cancel()
        try await cancelled(try await task.value, resumedBy: try sandbox.client())
    }

    @Test func cancelled_while_waiting() async throws {
        let waits = Signal()
        let options = ClientOptions(
            transport: ScriptedTransport { _ in throw TransportFault(.connectFailed) }, clock: FrozenClock()
        ) { event in
            if case .waiting = event.kind { Task { await waits.give() } }
        }
        let client = try sandbox.client(options)
        let request = try refund("WAITING")
        let task = Task { try await client.payTaxRefund(request) }
        await waits.wait()
        task.cancel()
        try await cancelled(try await task.value, resumedBy: try sandbox.client())
    }

    @Test func cancelled_while_signing() async throws {
        let reached = Signal()
        let signer = ScriptedSigner { _ in
            await reached.give()
            return await never()
        }
        let client = try Alipay.Client(account: sandbox.alipay(sandbox.signer(signer)), options: .quick)
        let request = try refund("SIGNING")
        let task = Task { try await client.payTaxRefund(request) }
        await reached.wait()
        task.cancel()
        let outcome = try await task.value
        #expect(try await sandbox.requests().isEmpty)
        try await cancelled(outcome, resumedBy: try sandbox.client())
    }

    @Test func a_success_is_not_thrown_away_because_its_task_was_cancelled() async throws {
        let reached = Signal()
        let over = ScriptedTransport { request in
            let answer = try await URLSessionTransport().send(request)
            await reached.give()
            return answer
        }
        let client = try sandbox.client(.quick(nil, over: over))
        let request = try refund("LATE")
        let task = Task { try await client.payTaxRefund(request) }
        let outcome = try await task.value
        task.cancel()
        guard case .succeeded = outcome else { throw Unexpected(outcome) }
    }

    /// The call ended as cancelled, and resumed it pays once.
    private func cancelled(
        _ outcome: Outcome<Alipay.PayTaxRefundResponse>, resumedBy client: Alipay.Client
    ) async throws {
        guard case .unknown(let unknown) = outcome else { throw Unexpected(outcome) }
        #expect(unknown.reason.code == Fault.cancelled.rawValue && unknown.nextStep == .resumeLater)
        let resumed = try await client.resume(unknown.open, of: Alipay.PayTaxRefundRequest.self)
        guard case .succeeded = resumed else { throw Unexpected(resumed) }
        #expect(try await sandbox.paid(unknown.open.key) == 1)
    }
}
