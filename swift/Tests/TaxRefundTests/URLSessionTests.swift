import Foundation
import TaxRefund
import Testing

/// The default transport over loopback: one exchange per send, whatever the other side does.
@Suite(.timeLimit(.minutes(1))) struct URLSessionExchanges {
    let sandbox: Sandbox

    init() throws { sandbox = try Sandbox() }

    @Test func a_redirect_is_not_followed() async throws {
        let report = try await paid("REDIRECTED", "redirect")
        #expect(report.attempts.first?.reason?.code == "redirect")
    }

    @Test(arguments: ["lost-answer", "lost-request", "reset", "half-answer"])
    func a_lost_answer_is_not_asked_for_again_by_itself(fault: String) async throws {
        let report = try await paid("LOST", fault)
        #expect(report.attempts.first?.reason?.code == "reset")
        #expect(report.attempts.count == 2)
    }

    @Test func an_answer_that_is_too_large_is_not_read_to_its_end() async throws {
        let report = try await paid("LARGE", "oversized-body")
        #expect(report.attempts.first?.reason?.code == "too_large")
    }

    @Test func headers_that_are_too_large_are_no_answer() async throws {
        let report = try await paid("HEADERS", "oversized-headers")
        #expect(report.attempts.first?.reason?.isVerified == false)
    }

    @Test func an_encoded_answer_is_not_believed() async throws {
        let report = try await paid("ENCODED", "gzip")
        #expect(report.attempts.first?.reason?.code == "malformed")
    }

    @Test func an_answer_in_small_parts_is_put_together() async throws {
        let sandbox = try Sandbox(["--drip-ms", "1"])
        try await sandbox.provoke("DRIP", "drip")
        let outcome = try await sandbox.client().payTaxRefund(refund("DRIP"))
        guard case .succeeded = outcome else { throw Unexpected(outcome) }
        #expect(outcome.report.attempts.count == 1)
    }

    @Test func an_answer_that_takes_too_long_is_a_timeout() async throws {
        try await sandbox.provoke("SLOW", "delay*every@any")
        let policy = Policy(attempts: 3, attemptTimeout: .milliseconds(100), sandboxWaitPermille: 1)
        let outcome = try await sandbox.client(ClientOptions(policy: policy)).payTaxRefund(refund("SLOW"))
        guard case .unknown(let unknown) = outcome else { throw Unexpected(outcome) }
        #expect(unknown.reason.code == "timeout")
    }

    @Test func a_cancelled_exchange_lets_go() async throws {
        try await sandbox.provoke("CUT", "delay*every@any")
        let sending = Signal()
        let options = ClientOptions(policy: .quick) { event in
            if case .sending = event.kind { Task { await sending.give() } }
        }
        let (client, request) = (try sandbox.client(options), try refund("CUT"))
        let task = Task { try await client.payTaxRefund(request) }
        await sending.wait()
        task.cancel()
        guard case .unknown(let unknown) = try await task.value else { throw Unexpected("no unknown") }
        #expect(unknown.reason.code == "cancelled")
    }

    @Test(arguments: ["http://example.com/", "ftp://127.0.0.1/", "not an address", "http://127.0.0.1.example.com/", ""])
    func plain_http_goes_to_this_device_only(url: String) async throws {
        let request = TransportRequest(url: url, headers: [], body: Data(), timeoutMs: 1_000, interface: "pay")
        let fault = try await thrown(TransportFault.self) { try await URLSessionTransport().send(request) }
        #expect(fault.kind == .connectFailed)
    }

    @Test func nobody_listening_is_a_fault() async throws {
        let request = TransportRequest(
            url: "http://127.0.0.1:1/", headers: [], body: Data("x".utf8), timeoutMs: 5_000, interface: "pay")
        let fault = try await thrown(TransportFault.self) { try await URLSessionTransport().send(request) }
        #expect(fault.kind == .connectFailed)
    }

    /// Paid once in the end; the simulator saw exactly what the report says was sent.
    private func paid(_ key: String, _ fault: String) async throws -> Report {
        try await sandbox.provoke(key, fault)
        let outcome = try await sandbox.client().payTaxRefund(refund(key))
        guard case .succeeded = outcome else { throw Unexpected(outcome) }
        #expect(try await sandbox.paid(key) == 1)
        #expect(try await sandbox.seen(key) == outcome.report.attempts.count)
        return outcome.report
    }
}
