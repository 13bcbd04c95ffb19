import Foundation
import TaxRefundBridge
import Testing

@testable import TaxRefund

/// What the driver does when the library itself fails.
@Suite(.timeLimit(.minutes(1))) struct DriverOfFlows {
    @Test func a_fault_of_the_library_in_the_middle_of_a_refund_is_unknown_and_no_error() async throws {
        let sandbox = try Sandbox()
        let calls = try sandbox.client().calls
        let native = calls.account.native
        let flow = try native.begin(
            prepared: try calls.prepare(refund("FAULTY")), policyJson: Policy.quick.json, seed: 1)
        // It has handed out what to send: to be told to start again is what no driver does.
        guard case .send = try flow.advance(event: .start, monotonicMs: 0, epochMs: 1_795_395_723_123) else {
            throw Unexpected("nothing to send")
        }
        let teller = Teller(nil, calls.options.clock, operation: "alipay.pay_tax_refund", key: "FAULTY")
        let driver = Driver(
            flow: flow, transport: calls.options.transport, signer: nil, signerPatienceMs: 0, clock: calls.options.clock,
            teller: teller)
        let outcome = try Outcome<Alipay.PayTaxRefundResponse>(
            json: try await driver.outcome(), account: calls.account.facts.name)
        guard case .unknown(let unknown) = outcome else { throw Unexpected(outcome) }
        #expect(unknown.open.key == "FAULTY" && unknown.open.isWhole)
        #expect(try await sandbox.paid("FAULTY") == 0)
    }
}
