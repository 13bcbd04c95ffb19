import Foundation
import TaxRefund
import Testing

/// The three answers, and what they carry.
@Suite struct Outcomes {
    let sandbox: Sandbox

    init() throws { sandbox = try Sandbox() }

    @Test func a_paid_refund_has_its_reference() async throws {
        let outcome = try await sandbox.client().payTaxRefund(refund("PAID1"))
        guard case .succeeded(let paid) = outcome else { throw Unexpected(outcome) }
        #expect(paid.reference == paid.response.taxNo && paid.reference != nil)
        #expect(outcome.nextStep == .nothing && outcome.reason == nil)
        #expect(outcome.report.attempts.map(\.interface) == ["pay"])
        #expect(try outcome.get().taxNo == paid.reference)
        #expect(try await sandbox.paid("PAID1") == 1)
    }

    @Test func a_verified_failure_is_failed_and_says_what_to_do() async throws {
        let outcome = try await sandbox.client().payTaxRefund(refund("ORDER1XFAILED"))
        guard case .failed(let failed) = outcome else { throw Unexpected(outcome) }
        #expect(failed.reason.isVerified && failed.nextStep == .startNew)
        #expect(try await sandbox.paid("ORDER1XFAILED") == 0)
        let error = try await thrown(RefundFailed.self) { try outcome.get() }
        #expect(error.description(in: .english).contains("No money moved"))
        #expect(error.description(in: .chinese).contains("没有资金变动"))
    }

    @Test func lost_answers_pay_once() async throws {
        let outcome = try await sandbox.client().payTaxRefund(refund("ORDER1XLOSTANSWER2"))
        guard case .succeeded = outcome else { throw Unexpected(outcome) }
        #expect(outcome.report.attempts.count == 3)
        #expect(try await sandbox.paid("ORDER1XLOSTANSWER2") == 1)
    }

    @Test func what_is_not_known_is_unknown_and_is_taken_up_in_another_process() async throws {
        let key = "ORDER2"
        try await sandbox.provoke(key, "lost-request*every@any")
        let outcome = try await sandbox.client().payTaxRefund(refund(key))
        guard case .unknown(let unknown) = outcome else { throw Unexpected(outcome) }
        #expect(unknown.nextStep != .startNew)
        #expect(!unknown.reason.isVerified)
        let error = try await thrown(RefundUnknown.self) { try outcome.get() }
        #expect(error.localizedDescription.contains(key))

        try await sandbox.provoke(key, "none")
        // All that another process has is the text.
        let kept = try OpenRefund(unknown.open.text)
        guard case .succeeded(let paid) = try await sandbox.client().resume(kept) else { throw Unexpected(outcome) }
        #expect(paid.response.typed(as: Alipay.PayTaxRefundResponse.self).taxNo == paid.reference)
        #expect(try await sandbox.paid(key) == 1)
    }

    @Test func an_unsigned_success_is_believed_by_nobody() async throws {
        let key = "ORDER3"
        try await sandbox.provoke(key, "forged-success*every@any")
        let outcome = try await sandbox.client().payTaxRefund(refund(key))
        guard case .unknown = outcome else { throw Unexpected(outcome) }
        #expect(try await sandbox.paid(key) == 0)
    }

    @Test func all_three_protocols_answer() async throws {
        let antom = sandbox.credentials.antom
        let account = try Antom.Account(
            clientId: antom.client_id,
            merchantKey: .softwareKey(antom.partner_private_key_pem, iUnderstand: .aKeyInAnAppCanBeExtracted),
            platformKeys: [PlatformKey(antom.platform_public_key_pem)], endpoint: antom.base_url)
        let request = Antom.RefundRequest(
            refundRequestId: "R1", paymentId: "P1", refundAmount: try Money(parsing: "5.00", currency: "USD"))
        let outcome = try await Antom.Client(account: account, options: .quick).refund(request)
        guard case .succeeded(let done) = outcome else { throw Unexpected(outcome) }
        #expect(done.response.refundAmount?.description == "USD 5.00")

        let plus = sandbox.credentials.alipay_plus
        let forms = try AlipayPlus.Client(
            account: AlipayPlus.Account(
                clientId: plus.client_id,
                merchantKey: .softwareKey(plus.partner_private_key_pem, iUnderstand: .aKeyInAnAppCanBeExtracted),
                platformKeys: [PlatformKey(plus.platform_public_key_pem)], endpoint: plus.base_url),
            options: .quick)
        let recorded = try await forms.syncTaxRefundForm(
            AlipayPlus.SyncTaxRefundFormRequest(
                taxRefundFormNumber: "F1", formStatus: "STAMPED",
                formPrintDate: try OffsetTime(Date(timeIntervalSince1970: 1_795_000_000), offsetMinutes: 480),
                taxRefundAmount: try Money(parsing: "5.00", currency: "SGD"),
                merchants: [AlipayPlus.Merchant(referenceMerchantId: "M1", merchantName: "Shop", merchantMcc: "5411")],
                userId: "2088000000000001"))
        guard case .succeeded = recorded else { throw Unexpected(recorded) }
    }

    @Test func a_refund_of_another_account_or_operation_is_not_resumed() async throws {
        let open = try OpenRefund(
            #"{"operation": "alipay.pay_tax_refund", "account": "9999", "key": "ORDER1"}"#)
        await #expect(throws: TaxRefundError.self) { _ = try await sandbox.client().resume(open) }
        #expect(throws: TaxRefundError.self) { try OpenRefund("paid") }
        let other = try OpenRefund(
            #"{"operation": "alipay.pay_tax_refund", "account": "\#(sandbox.credentials.alipay.app_id)", "key": "A"}"#)
        let missing = try await thrown(TaxRefundError.self) { try await sandbox.client().resume(other) }
        #expect(missing.kind == .refundNotFound(key: "A"))
        await #expect(throws: TaxRefundError.self) {
            _ = try await sandbox.client().resume(other, of: Alipay.QueryTaxRefundRequest.self)
        }
    }

    @Test func an_observer_is_told_everything_but_who_it_is_about() async throws {
        let events = Gathered<RefundEvent>()
        let options = ClientOptions(policy: .quick) { events.add($0) }
        _ = try await sandbox.client(options).payTaxRefund(refund("WATCHEDXLOSTANSWER", passport: "E12345678"))
        let told = events.items.map { "\($0.kind)" }.joined(separator: "\n")
        #expect(events.items.allSatisfy { $0.key == "WATCHEDXLOSTANSWER" && $0.operation == "alipay.pay_tax_refund" })
        #expect(events.items.first?.kind == .began(resumed: false))
        #expect(events.items.contains { $0.kind == .sending(interface: "pay") })
        #expect(events.items.contains { if case .faulted = $0.kind { true } else { false } })
        #expect(events.items.contains { if case .waiting = $0.kind { true } else { false } })
        #expect(events.items.last?.kind == .ended(outcome: "succeeded", code: nil, nextStep: .nothing, attempts: 2))
        #expect(!told.contains("E12345678") && !told.contains("281234567890123456"))
    }
}
