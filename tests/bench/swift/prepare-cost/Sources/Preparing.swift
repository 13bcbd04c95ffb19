import Foundation
@testable import TaxRefund
import TaxRefundBridge

/// An account whose signatures are made elsewhere: its flows hand out the bytes to sign.
final class Preparing {
    private let calls: Calls
    private var number = 0

    init(merchantKey: String, platformKey: String) throws {
        let account = try Alipay.Account(
            appId: "2014072300007148", merchantKey: .signer(Nobody(), publicKey: merchantKey),
            platform: .publicKey(platformKey), environment: .sandbox)
        calls = try Alipay.Client(account: account).calls
    }

    /// Processor time of this thread for one request, whoever else uses the processor.
    func microseconds(requests: Int, begun: Bool) throws -> Double {
        let native = calls.account.native
        let policy = Policy()
        let began = threadMicroseconds()
        for _ in 0..<requests {
            number += 1
            let request = Alipay.PayTaxRefundRequest(
                outOrderNo: "ORDER\(number)", identifyAccountType: "barcode", identifyAccountNo: "281234567890123456",
                taxRefundAmount: try Money(minor: 10_000, currency: "SGD"), docId: "SG26112300001", nationality: "CN",
                passportNo: "E12345678", passportName: "ZHANG SAN")
            let prepared = try calls.prepare(request)
            guard begun else { continue }
            let flow = try native.begin(prepared: prepared, policyJson: policy.json, seed: 1)
            guard case .sign = try flow.advance(event: .start, monotonicMs: 0, epochMs: 1_795_395_723_123) else {
                throw NothingToSign()
            }
        }
        return (threadMicroseconds() - began) / Double(max(requests, 1))
    }

    private struct Nobody: Signer {
        func sign(_ message: Data) async throws -> Data { Data() }
    }

    private struct NothingToSign: Error {}
}

private func threadMicroseconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) * 1e6 + Double(time.tv_nsec) / 1e3
}
