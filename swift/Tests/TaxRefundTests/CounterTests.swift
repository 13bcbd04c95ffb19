import Foundation
import TaxRefund
import Testing

/// What a refund counter needs.
@Suite struct AtTheCounter {
    let sandbox: Sandbox

    init() throws { sandbox = try Sandbox() }

    @Test func a_scanned_code_is_read_and_shown_masked() throws {
        let code = try ScannedCode(parsing: " 281234567890123456\n")
        #expect(code.accountType == "barcode" && code.accountNumber == "281234567890123456")
        #expect(!printed(code).contains(code.accountNumber) && printed(code).contains(code.masked))
    }

    @Test(arguments: ["", "https://example.com/pay", "2812", "E12345678"])
    func a_text_that_is_no_code_says_what_it_is(text: String) async throws {
        let error = try await thrown(TaxRefundError.self) { try ScannedCode(parsing: text) }
        #expect(error.kind == .scannedCode && error.code.rawValue.hasPrefix("scan_"))
        #expect(error.description(in: .english) != error.description(in: .chinese))
        #expect(text.isEmpty || !printed(error).contains(text))
    }

    @Test func the_account_is_confirmed_masked_and_revealed_on_purpose() throws {
        let response = Alipay.QueryUserInfoResponse(
            userId: "2088000000000001", userName: "张三", logonId: "13800001234", eligible: true)
        let confirmation = try Confirmation(of: response)
        #expect(confirmation.name == "张*" && confirmation.login != "13800001234")
        let revealed = try confirmation.revealed()
        #expect(revealed.name == "张三" && revealed.login == "13800001234")
        #expect(!printed(revealed).contains("张三") && !printed(confirmation).contains("张三"))
    }

    @Test func eligibility_is_one_of_three_and_told_in_both_languages() async throws {
        func asked(_ account: String) async throws -> Outcome<Alipay.QueryUserInfoResponse> {
            try await sandbox.client().queryUserInfo(
                Alipay.QueryUserInfoRequest(identifyAccountType: "barcode", identifyAccountNo: account))
        }
        #expect(try await Eligibility(of: asked("281234567890123456")).verdict == .eligible)
        let uncertified = try await Eligibility(of: asked("281234567890990002"), in: .chinese)
        #expect(uncertified.verdict == .notEligible && uncertified.code == "REAL_NAME_UNCERTIFIED")
        #expect(!uncertified.traveller.isEmpty && !uncertified.clerk.isEmpty)
        let lost = ClientOptions(
            transport: ScriptedTransport { _ in throw TransportFault(.dns) }, clock: VirtualClock())
        let unknown = try await sandbox.client(lost).queryUserInfo(
            Alipay.QueryUserInfoRequest(identifyAccountType: "barcode", identifyAccountNo: "281234567890123456"))
        #expect(try Eligibility(of: unknown).verdict == .undetermined)
    }

    @Test func only_a_verified_failure_may_be_started_anew() async throws {
        let failed = try await sandbox.client().payTaxRefund(refund("ADVISEDXFAILED"))
        #expect(try Advice(for: failed, in: .english).mayStartNew)
        let paid = try await sandbox.client().payTaxRefund(refund("ADVISED"))
        let advice = try Advice(for: paid, in: .chinese)
        #expect(!advice.mayStartNew && advice.nextStep == .nothing)
        #expect(try advice.title != Advice(for: paid, in: .english).title)
        let lost = ClientOptions(
            transport: ScriptedTransport { _ in throw TransportFault(.dns) }, clock: VirtualClock())
        let open = try await sandbox.client(lost).payTaxRefund(refund("ADVISED2"))
        #expect(try !Advice(for: open).mayStartNew)
    }
}
