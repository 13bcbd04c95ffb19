import Foundation
@testable import TaxRefund
import TaxRefundBridge

/// The same request by two accounts.
struct Cost {
    private let unsigned: Calls
    private let signing: Calls

    init() throws {
        let repository = ProcessInfo.processInfo.environment["TAXREFUND_REPOSITORY"] ?? "."
        func key(_ name: String) throws -> String {
            let file = URL(fileURLWithPath: repository).appendingPathComponent("sandbox/keys/\(name)")
            return try String(contentsOf: file, encoding: .utf8)
        }
        let (own, open, platform) = (
            try key("alipay_partner_private.pem"), try key("alipay_partner_public.pem"), try key("alipay_platform_public.pem")
        )
        func calls(_ merchantKey: MerchantKey) throws -> Calls {
            let account = try Alipay.Account(
                appId: "2014072300007148", merchantKey: merchantKey, platform: .publicKey(platform), environment: .sandbox)
            return try Alipay.Client(account: account).calls
        }
        unsigned = try calls(.signer(Nobody(), publicKey: open))
        signing = try calls(.softwareKey(own, iUnderstand: .aKeyInAnAppCanBeExtracted))
    }

    /// Microseconds of this thread for one request, whoever else uses the processor.
    func round(_ round: Int, signs: Bool) throws -> Double {
        let calls = signs ? signing : unsigned
        let policy = Policy()
        let began = threadMicroseconds()
        for number in 0..<requestsPerRound {
            let request = Alipay.PayTaxRefundRequest(
                outOrderNo: "ORDER\(round)X\(number)", identifyAccountType: "barcode",
                identifyAccountNo: "281234567890123456", taxRefundAmount: try Money(minor: 10_000, currency: "SGD"),
                docId: "SG26112300001", nationality: "CN", passportNo: "E12345678", passportName: "ZHANG SAN")
            let prepared = try calls.prepare(request)
            let native = calls.account.native
            let flow = try native.begin(prepared: prepared, policyJson: policy.json, seed: 1)
            let step = try flow.advance(event: .start, monotonicMs: 0, epochMs: 1_795_395_723_123)
            switch (step, signs) {
            case (.sign, false), (.send, true): continue
            default: throw Unexpected()
            }
        }
        return (threadMicroseconds() - began) / Double(requestsPerRound)
    }

    private struct Nobody: Signer {
        func sign(_ message: Data) async throws -> Data { Data() }
    }

    private struct Unexpected: Error {}
}

private func threadMicroseconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) * 1e6 + Double(time.tv_nsec) / 1e3
}
