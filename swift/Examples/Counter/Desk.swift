import Foundation
import TaxRefund

/// A counter: one account, one journal, one clerk.
struct Desk {
    private let client: Alipay.Client
    private let journal: Journal

    init(account file: String, journal path: String) async throws {
        let settings = try JSONDecoder().decode(Settings.self, from: Data(contentsOf: URL(fileURLWithPath: file)))
        // On a phone: sealingKey: .inKeychain()
        journal = try await Journal(path: path, sealingKey: settings.sealingKey())
        let account = try Alipay.Account(
            appId: settings.appId,
            merchantKey: .signer(RemoteSigner(address: settings.signer), publicKey: settings.publicKey),
            platform: .publicKey(settings.platformKey), environment: .sandbox, endpoint: settings.gateway)
        let policy = Policy(sandboxWaitPermille: settings.waitPermille ?? 1000)
        client = try Alipay.Client(account: account, options: ClientOptions(journal: journal, policy: policy))
    }

    /// The first thing after a start: what was under way when the app ended.
    func takeUpWhatIsOpen() async throws {
        for open in try await journal.openRefunds() {
            print("open: \(open.key), \(open.amount?.description ?? "")")
            try show(try await client.resume(open))
        }
    }

    /// One traveller.
    func refund(_ text: String) async throws {
        do {
            let code = try ScannedCode(parsing: text)
            guard try await isConfirmed(code), let order = ask("order number"), let amount = ask("amount in SGD") else { return }
            let request = Alipay.PayTaxRefundRequest(
                outOrderNo: order, identifyAccountType: code.accountType, identifyAccountNo: code.accountNumber,
                taxRefundAmount: try Money(parsing: amount, currency: "SGD"))
            try show(try await client.payTaxRefund(request))
        } catch let error as TaxRefundError {
            // Nothing was sent: the clerk corrects it, and asks again.
            print(error.localizedDescription)
        }
    }

    private func isConfirmed(_ code: ScannedCode) async throws -> Bool {
        let asked = Alipay.QueryUserInfoRequest(
            identifyAccountType: code.accountType, identifyAccountNo: code.accountNumber)
        let outcome = try await client.queryUserInfo(asked)
        let eligibility = try Eligibility(of: outcome)
        print("\(code.masked): \(eligibility.title)")
        guard eligibility.verdict == .eligible, case .succeeded(let known) = outcome else {
            print(eligibility.traveller)
            return false
        }
        let account = try Confirmation(of: known.response)
        print("account: \(account.name ?? "?"), \(account.login ?? "?")")
        return ask("is it theirs (y)") == "y"
    }

    private func show<Response>(_ outcome: Outcome<Response>) throws {
        let advice = try Advice(for: outcome)
        print("\(advice.title)\n  to the traveller: \(advice.traveller)\n  you: \(advice.clerk)")
        switch outcome {
        case .succeeded(let paid): print("paid: \(paid.report.key) \(paid.reference ?? "")")
        case .failed(let failed): print("failed: \(failed.report.key) \(failed.reason)")
        case .unknown(let unknown): print("unknown: \(unknown.report.key) \(unknown.reason)")
        }
    }
}

/// What the counter is told about its account.
private struct Settings: Decodable {
    let appId, gateway, publicKey, platformKey: String
    let signer: URL
    /// Base64; on a phone it is in the keychain.
    let sealing: String?
    let waitPermille: Int?

    func sealingKey() throws -> SealingKey? {
        try sealing.map { try SealingKey(Data(base64Encoded: $0) ?? Data()) }
    }
}

/// A line from the clerk; `nil` at the end.
func ask(_ what: String) -> String? {
    try? FileHandle.standardOutput.write(contentsOf: Data("\(what): ".utf8))
    return readLine()
}
