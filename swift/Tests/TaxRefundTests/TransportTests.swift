import Foundation
import TaxRefund
import Testing

/// Whatever a transport does, the refund is unknown at worst, and nobody waits for ever.
@Suite(.timeLimit(.minutes(1))) struct MisbehavingTransports {
    let sandbox: Sandbox

    init() throws { sandbox = try Sandbox() }

    @Test func one_that_throws_anything_is_a_broken_connection_whose_text_nobody_sees() async throws {
        let unknown = try await outcome(over: ScriptedTransport { _ in throw Secret() })
        #expect(unknown.reason.code == "reset")
        #expect(!printed(unknown).contains("E12345678") && !unknown.open.text.contains(Secret.text))
    }

    @Test(arguments: TransportFault.Kind.allCases)
    func one_that_knows_its_fault_is_believed(fault: TransportFault.Kind) async throws {
        let unknown = try await outcome(over: ScriptedTransport { _ in throw TransportFault(fault) })
        #expect(unknown.reason.code == fault.rawValue)
    }

    @Test func one_that_never_returns_is_a_timeout() async throws {
        let unknown = try await outcome(over: ScriptedTransport { _ in await never() }, losesPatience: true)
        #expect(unknown.reason.code == "timeout")
    }

    @Test func one_that_ignores_its_cancellation_and_answers_late_changes_nothing() async throws {
        let release = Signal()
        let over = ScriptedTransport { request in
            await release.wait()
            return try await URLSessionTransport().send(request)
        }
        let unknown = try await outcome(over: over, losesPatience: true)
        #expect(unknown.reason.code == "timeout")
        await release.give()
    }

    @Test func a_huge_answer_is_too_large() async throws {
        let body = Data(count: TransportResponse.maxBodyBytes + 1)
        let unknown = try await outcome(
            over: ScriptedTransport { _ in TransportResponse(status: 200, headers: [], body: body) })
        #expect(unknown.reason.code == "too_large")
        let header = Header("X", String(repeating: "y", count: TransportResponse.maxHeaderBytes))
        let headers = try await outcome(
            over: ScriptedTransport { _ in TransportResponse(status: 200, headers: [header], body: Data()) })
        #expect(headers.reason.code == "too_large")
    }

    @Test(arguments: [-1, 0, 99, 1_000, Int.max])
    func a_status_that_is_none_is_malformed(status: Int) async throws {
        let unknown = try await outcome(
            over: ScriptedTransport { _ in TransportResponse(status: status, headers: [], body: Data()) })
        #expect(unknown.reason.code == "malformed")
    }

    @Test func an_answer_of_somebody_else_is_not_believed() async throws {
        let page = Data("<html>Welcome to our hotel</html>".utf8)
        let unknown = try await outcome(
            over: ScriptedTransport { _ in TransportResponse(status: 200, headers: [], body: page) })
        #expect(unknown.reason.code == "not_json" && !unknown.reason.isVerified)
    }

    @Test func a_request_shows_nothing_of_the_traveller() async throws {
        let seen = Gathered<TransportRequest>()
        let over = ScriptedTransport { request in
            seen.add(request)
            throw TransportFault(.dns)
        }
        _ = try await outcome(over: over)
        let request = try #require(seen.items.first)
        #expect(request.method == "POST" && request.timeoutMs == 15_000 && request.interface == "pay")
        #expect(!printed(request).contains("281234567890123456") && !printed(request).contains("E12345678"))
    }

    private func outcome(over transport: any Transport, losesPatience: Bool = false) async throws -> Unknown {
        let options = ClientOptions(transport: transport, clock: VirtualClock(losesPatience: losesPatience))
        let outcome = try await sandbox.client(options).payTaxRefund(refund("ANY", passport: "E12345678"))
        guard case .unknown(let unknown) = outcome else { throw Unexpected(outcome) }
        #expect(try await sandbox.requests().isEmpty)
        return unknown
    }
}
