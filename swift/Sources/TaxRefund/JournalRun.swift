import Foundation
internal import TaxRefundBridge

/// One call through the journal: on a thread of its own, which the core drives and which asks the app's transport and signer.
struct JournalRun: Sendable {
    let calls: Calls
    let journal: Journal
    let options: CallOptions

    /// How it ended. Never hangs: cancelling the task ends what is under way, and the refund stays in the journal.
    func outcome<Response: ResponseModel>(
        operation: String, key: String, resumed: Bool = false,
        _ work: @escaping @Sendable (NativeJournal, NativeClient, NativeCancel) throws -> String
    ) async throws(TaxRefundError) -> Outcome<Response> {
        let teller = Teller(calls.options.observer, calls.options.clock, operation: operation, key: key)
        teller.tell(.began(resumed: resumed))
        do throws(TaxRefundError) {
            let outcome = try Outcome<Response>(json: try await told(teller, work), account: calls.account.facts.name)
            let ended = Task.isCancelled ? outcome.endedByCancelling : outcome
            teller.ended(ended)
            return ended
        } catch {
            if Task.isCancelled, case .refundBusy = error.kind {
                // It waited for whoever is at work on the refund, who goes on with it.
                let account = calls.account.facts.name
                let left = Outcome<Response>.cancelled(OpenRefund(operation: operation, account: account, key: key))
                teller.ended(left)
                return left
            }
            teller.tell(.raised(code: error.code))
            throw error
        }
    }

    private func told(
        _ teller: Teller, _ work: @escaping @Sendable (NativeJournal, NativeClient, NativeCancel) throws -> String
    ) async throws(TaxRefundError) -> String {
        let policy = (options.policy ?? calls.options.policy).json
        let (account, journal, seed) = (calls.account.native, journal, options.seed)
        let bridge = TransportBridge(transport: calls.options.transport, teller: teller)
        let (client, cancel) = try calling {
            (try NativeClient(account: account, transport: bridge, policyJson: policy, seed: seed), try NativeCancel())
        }
        let (underWay, ended) = (UnderWay(), First<Result<String, TaxRefundError>>())
        let stop: @Sendable () -> Void = {
            try? cancel.cancel()
            underWay.stop()
        }
        return try await withTaskCancellationHandler {
            BackgroundThread.start {
                ended.settle(
                    Result { () throws(TaxRefundError) in
                        try calling { try underWay.during { try journal.during { try work(journal.native, client, cancel) } } }
                    })
            }
            return await ended.value
        } onCancel: {
            stop()
        }.get()
    }
}

extension Outcome {
    /// What was cut off by cancelling says so, whatever the cut looked like from inside.
    fileprivate var endedByCancelling: Outcome {
        guard case .unknown(let unknown) = self, unknown.reason.code != Fault.cancelled.rawValue else { return self }
        return .unknown(
            Unknown(reason: .cancelled, nextStep: unknown.nextStep, open: unknown.open, report: unknown.report))
    }

    /// A refund for which nobody waits any more.
    fileprivate static func cancelled(_ open: OpenRefund) -> Outcome {
        let report = Report(members: ["operation": .string(open.operation), "key": .string(open.key)])
        return .unknown(Unknown(reason: .cancelled, nextStep: .resumeLater, open: open, report: report))
    }
}

extension Reason {
    fileprivate static var cancelled: Reason {
        Reason(code: Fault.cancelled.rawValue, subCode: nil, message: nil, isVerified: false)
    }
}
