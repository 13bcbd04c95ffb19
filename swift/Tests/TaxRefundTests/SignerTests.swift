import Foundation
import TaxRefund
import Testing

/// Whatever a signer does, nothing unsigned is sent, and nobody waits for ever: for flows and through a journal.
@Suite(.timeLimit(.minutes(1))) struct MisbehavingSigners {
    let sandbox: Sandbox
    let folder: Folder

    init() throws {
        sandbox = try Sandbox()
        folder = try Folder()
    }

    @Test(arguments: [false, true])
    func one_that_answers_late_and_from_another_thread_pays(journaled: Bool) async throws {
        let key = sandbox.credentials.alipay.partner_private_key_pem
        let signer = ScriptedSigner { message in
            try await withCheckedThrowingContinuation { continuation in
                Thread.detachNewThread { continuation.resume(with: Result { try Signing.sign(message, privateKey: key) }) }
            }
        }
        let outcome = try await outcome(by: signer, journaled)
        guard case .succeeded = outcome else { throw Unexpected(outcome) }
        #expect(try await sandbox.paid("SIGNED") == 1)
    }

    @Test(arguments: [false, true])
    func one_that_throws_anything_sends_nothing_and_its_text_is_seen_nowhere(journaled: Bool) async throws {
        try await nothingSent(by: ScriptedSigner { _ in throw Secret() }, journaled)
    }

    @Test(arguments: [false, true])
    func one_that_signs_wrongly_sends_nothing(journaled: Bool) async throws {
        let other = sandbox.credentials.antom.partner_private_key_pem
        let strange = sandbox.credentials.alipay_plus.partner_private_key_pem
        let stranger = other == sandbox.credentials.alipay.partner_private_key_pem ? strange : other
        for wrong in [Data(), Data(repeating: 0, count: 256), Data("signature".utf8)] {
            try await nothingSent(by: ScriptedSigner { _ in wrong }, journaled, key: "WRONG\(wrong.count)")
        }
        let signer = ScriptedSigner { try Signing.sign($0 + Data([0]), privateKey: stranger) }
        try await nothingSent(by: signer, journaled, key: "STRANGER")
    }

    @Test(arguments: [false, true])
    func one_that_never_answers_sends_nothing(journaled: Bool) async throws {
        try await nothingSent(by: ScriptedSigner { _ in await never() }, journaled, patience: .milliseconds(50))
    }

    @Test(arguments: [false, true])
    func one_that_answers_when_nobody_listens_any_more_sends_nothing(journaled: Bool) async throws {
        let (release, key) = (Signal(), sandbox.credentials.alipay.partner_private_key_pem)
        let signer = ScriptedSigner { message in
            await release.wait()
            return try Signing.sign(message, privateKey: key)
        }
        try await nothingSent(by: signer, journaled, patience: .milliseconds(50))
        await release.give()
        #expect(try await sandbox.requests().isEmpty)
    }

    @Test func cancelled_while_signing_through_the_journal() async throws {
        let reached = Signal()
        let signer = ScriptedSigner { _ in
            await reached.give()
            return await never()
        }
        let journal = try await Journal(path: folder.journal, sealingKey: nil)
        let client = try Alipay.Client(
            account: sandbox.alipay(sandbox.signer(signer)), options: .quick(journal))
        let request = try refund("CUT")
        let task = Task { try await client.payTaxRefund(request) }
        await reached.wait()
        task.cancel()
        guard case .unknown(let unknown) = try await task.value else { throw Unexpected("no unknown") }
        #expect(unknown.reason.code == "cancelled")
        #expect(try await sandbox.requests().isEmpty)
        let other = try sandbox.client(.quick(journal))
        guard case .succeeded = try await other.resume(unknown.open) else { throw Unexpected("not paid") }
        #expect(try await sandbox.paid("CUT") == 1)
    }

    @Test func an_account_shows_no_key_and_a_wrong_key_is_named() async throws {
        let pem = sandbox.credentials.alipay.partner_private_key_pem
        let key = MerchantKey.softwareKey(pem, iUnderstand: .aKeyInAnAppCanBeExtracted)
        #expect(!printed(key).contains("BEGIN"))
        #expect(!printed(try sandbox.alipay(key)).contains("BEGIN"))
        let swapped = try await thrown(TaxRefundError.self) {
            try sandbox.alipay(
                .softwareKey(sandbox.credentials.alipay.partner_public_key_pem, iUnderstand: .aKeyInAnAppCanBeExtracted))
        }
        #expect(swapped.code == .keyPublicGivenAsPrivate && swapped.kind == .configuration(field: "merchant_private_key"))
        #expect(!printed(swapped).contains("BEGIN"))
    }

    private func outcome(
        by signer: any Signer, _ journaled: Bool, key: String = "SIGNED", patience: Duration = .seconds(30)
    ) async throws -> Outcome<Alipay.PayTaxRefundResponse> {
        let journal = journaled ? try await Journal(path: folder.journal, sealingKey: nil) : nil
        let account = try sandbox.alipay(sandbox.signer(signer, patience: patience))
        let client = try Alipay.Client(account: account, options: .quick(journal))
        let outcome = try await client.payTaxRefund(refund(key))
        try await journal?.close()
        return outcome
    }

    private func nothingSent(
        by signer: any Signer, _ journaled: Bool, key: String = "UNSIGNED", patience: Duration = .seconds(30)
    ) async throws {
        let outcome = try await outcome(by: signer, journaled, key: key, patience: patience)
        guard case .unknown(let unknown) = outcome else { throw Unexpected(outcome) }
        #expect(unknown.reason.code == "signer_failed" && !unknown.reason.isVerified)
        #expect(!printed(outcome).contains("E12345678"))
        #expect(unknown.reason.message?.contains("E12345678") != true)
        #expect(try await sandbox.requests().isEmpty)
    }
}
