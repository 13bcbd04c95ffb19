import Testing
import TaxRefund

@Suite struct Outcomes {
    let sandbox: Sandbox

    init() throws { sandbox = try Sandbox() }

    @Test func a_paid_refund_has_its_reference() async throws {
        guard case .succeeded(let paid) = try await sandbox.client().payTaxRefund(refund("PAID1")) else {
            Issue.record("not paid")
            return
        }
        #expect(paid.reference == paid.response.taxNo && paid.reference != nil)
        #expect(try await sandbox.paid("PAID1") == 1)
    }
}
