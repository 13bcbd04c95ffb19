// The programs of the README, as they stand there.

import Foundation
import TaxRefund

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

func pay(_ scanned: String, _ client: Alipay.Client) async throws {
    let code = try ScannedCode(parsing: scanned)  // "this is a passport", "half a code", …: in the clerk's language
    let refund = Alipay.PayTaxRefundRequest(
        outOrderNo: "TR20261123A1",  // yours: one per refund, never used again
        identifyAccountType: code.accountType,
        identifyAccountNo: code.accountNumber,
        taxRefundAmount: try Money(parsing: "100.00", currency: "SGD"))
    let outcome = try await client.payTaxRefund(refund)
    let advice = try Advice(for: outcome)  // what traveller and clerk are told, in English or Chinese
    switch outcome {
    case .succeeded(let paid): print("paid under \(paid.reference ?? "")")
    case .failed(let failed): print("not paid: \(failed.reason); \(advice.clerk)")
    case .unknown(let unknown): print("not known: \(unknown.reason); \(advice.clerk)")
    }
}

struct CounterServer: Signer {
    let address: URL

    func sign(_ message: Data) async throws -> Data {
        var request = URLRequest(url: address)
        request.httpMethod = "POST"
        request.httpBody = message
        let (signature, _) = try await URLSession.shared.data(for: request)
        return signature
    }
}

func account(publicKey: String, alipaysKey: String, server: URL) throws -> Alipay.Account {
    try Alipay.Account(
        appId: "2014072300007148",
        merchantKey: .signer(CounterServer(address: server), publicKey: publicKey),
        platform: .publicKey(alipaysKey))
}

func start(_ account: Alipay.Account, file: String, key: SealingKey) async throws -> Alipay.Client {
    let journal = try await Journal(path: file, sealingKey: key)  // on a device: try .inKeychain()
    let client = try Alipay.Client(account: account, options: ClientOptions(journal: journal))
    for open in try await journal.openRefunds() {
        print(open.key, try await client.resume(open))
    }
    return client
}

func confirm(_ code: ScannedCode, _ client: Alipay.Client) async throws -> Bool {
    let asked = Alipay.QueryUserInfoRequest(
        identifyAccountType: code.accountType, identifyAccountNo: code.accountNumber)
    let outcome = try await client.queryUserInfo(asked)
    let eligibility = try Eligibility(of: outcome, in: .chinese)
    print(eligibility.title, eligibility.traveller)
    guard eligibility.verdict == .eligible, case .succeeded(let known) = outcome else { return false }
    let account = try Confirmation(of: known.response)  // masked; account.revealed() on purpose
    print(account.name ?? "", account.login ?? "")
    return true
}
