import Foundation
internal import TaxRefundBridge

/// How operations are called: what the three clients share.
final class Calls: Sendable {
    let account: AccountCore
    let options: ClientOptions

    init(account: AccountCore, _ options: ClientOptions) throws(TaxRefundError) {
        (self.account, self.options) = (account, options)
    }

    /// Begins an operation and sees it through.
    func outcome<Request: OperationRequest>(
        of request: Request, _ call: CallOptions
    ) async throws(TaxRefundError) -> Outcome<Request.Response> {
        let operation = Request.operation
        let prepared = try prepare(request)
        let account = account
        if let journal = options.journal, operation.effect != .reads {
            let extras = call.extras
            let run = JournalRun(calls: self, journal: journal, options: call)
            return try await run.outcome(operation: operation.name, key: try prepared.key) { native, client, cancel in
                try native.run(client: client, prepared: prepared, extrasJson: extras, cancel: cancel)
            }
        }
        try refuseForms(call)
        let policy = (call.policy ?? options.policy).json
        let flow = try calling { try account.native.begin(prepared: prepared, policyJson: policy, seed: call.seed) }
        return try await driven(flow, operation: operation.name, key: try prepared.key, resumed: false)
    }

    /// Takes an open refund up again.
    func resumed<Response: ResponseModel>(
        _ open: OpenRefund, _ call: CallOptions
    ) async throws(TaxRefundError) -> Outcome<Response> {
        guard open.account == account.facts.name else {
            let text = OwnText.otherAccount(open.account, this: account.facts.name)
            throw TaxRefundError(.configuration(field: "open.account"), code: .stateOtherAccount, text)
        }
        let (account, policy) = (account, (call.policy ?? options.policy).json)
        if let journal = options.journal, !open.isReading {
            guard let entry = try await journal.handle(account, open.key) else {
                throw TaxRefundError(.refundNotFound(key: open.key), code: .refundNotFound, .notInTheJournal(key: open.key))
            }
            let run = JournalRun(calls: self, journal: journal, options: call)
            return try await run.outcome(operation: open.operation, key: open.key, resumed: true) { native, client, cancel in
                try native.resume(client: client, entry: entry, cancel: cancel)
            }
        }
        guard open.isWhole else {
            throw TaxRefundError(.refundNotFound(key: open.key), code: .refundNotFound, .onlyItsJournal(key: open.key))
        }
        let state = open.text
        let flow = try calling { try account.native.resume(stateJson: state, policyJson: policy, seed: call.seed) }
        return try await driven(flow, operation: open.operation, key: open.key, resumed: true)
    }

    /// Checks and freezes a request.
    func prepare<Request: OperationRequest>(_ request: Request) throws(TaxRefundError) -> NativePrepared {
        let native = account.native
        return try calling {
            let json = try JSONEncoder().encode(request)
            return try native.prepare(operation: Request.operation.name, requestJson: String(decoding: json, as: UTF8.self))
        }
    }

    private func driven<Response: ResponseModel>(
        _ flow: NativeFlow, operation: String, key: String, resumed: Bool
    ) async throws(TaxRefundError) -> Outcome<Response> {
        let teller = Teller(options.observer, options.clock, operation: operation, key: key)
        teller.tell(.began(resumed: resumed))
        let driver = Driver(
            flow: flow, transport: options.transport, signer: account.signer, signerPatienceMs: account.signerPatienceMs,
            clock: options.clock, teller: teller)
        do throws(TaxRefundError) {
            let outcome = try Outcome<Response>(json: try await driver.outcome(), account: account.facts.name)
            teller.ended(outcome)
            return outcome
        } catch {
            teller.tell(.raised(code: error.code))
            throw error
        }
    }

    private func refuseForms(_ call: CallOptions) throws(TaxRefundError) {
        for (option, given) in [("form", call.form), ("secondRefundForForm", call.secondRefundForForm)] where given != nil {
            let text = OwnText.needsJournal(option: option)
            throw TaxRefundError(.configuration(field: "options.\(option)"), code: .configuration, text)
        }
    }
}

extension NativePrepared {
    var key: String {
        get throws(TaxRefundError) { try calling { try facts().key } }
    }
}

extension CallOptions {
    fileprivate var extras: String {
        jsonText(["form": form, "second_refund_for_form": secondRefundForForm].compactMapValues { $0 })
    }
}

extension OpenRefund {
    /// Nothing of what only reads is kept in a journal.
    fileprivate var isReading: Bool {
        readingOperations.contains(operation)
    }
}
