import Foundation
internal import TaxRefundBridge

/// One refund as the journal has it. It holds nothing about the traveller.
public struct JournalEntry: Sendable, Identifiable {
    /// Where a refund stands.
    public enum State: String, CaseIterable, Sendable, Codable {
        /// To be sent, or being sent.
        case open
        /// Not known yet; to be asked about when it is due.
        case waiting
        /// Final: verified success.
        case succeeded
        /// Final: verified, no money moved.
        case failed
        /// Not known: its next step says what somebody must do.
        case unknown
    }

    /// The journal's own number of it, in order of arrival.
    public let id: Int64
    /// `alipay`, `alipay_plus` or `antom`.
    public let `protocol`: String
    /// The app id or client id.
    public let account: String
    /// Such as `alipay.pay_tax_refund`.
    public let operation: String
    /// The idempotency key: taken for ever, per protocol and account.
    public let key: String
    /// The number of the tax refund form, where one is known.
    public let form: String?
    /// How much, where the request says it.
    public let amount: Money?
    /// Of the business parameters: equal for equal requests, and only for them.
    public let fingerprint: String
    /// Where it stands.
    public let state: State
    /// The latest code or fault.
    public let code: String?
    /// The gateway's sub code.
    public let subCode: String?
    /// What to do now; `nil` while it is open or has succeeded.
    public let nextStep: NextStep?
    /// The provider's own number.
    public let reference: String?
    /// Sends so far, of every interface.
    public let attempts: Int
    /// Something may have been sent.
    public let hasBegun: Bool
    /// A verified message contradicts what is recorded: a person must look.
    public let isConflict: Bool
    /// Why it was accepted although its form was not free.
    public let overridden: String?
    /// When it was recorded.
    public let createdAt: Date
    /// When something was last recorded about it.
    public let updatedAt: Date

    let handle: NativeEntry

    /// Whether it never changes again.
    public var isFinal: Bool { state == .succeeded || state == .failed }

    /// What a client resumes; its text is a reference into the journal.
    public var open: OpenRefund { OpenRefund(operation: operation, account: account, key: key) }

    init(_ handle: NativeEntry) throws {
        guard let members = JSONValue(json: try handle.json())?.object else { throw TaxRefundError.unexpected }
        self.handle = handle
        id = Int64(members.integer("id") ?? 0)
        self.protocol = members.text("protocol") ?? ""
        account = members.text("account") ?? ""
        operation = members.text("operation") ?? ""
        key = members.text("key") ?? ""
        form = members.text("form")
        amount = try? members.amount("amount")?.money
        fingerprint = members.text("fingerprint") ?? ""
        // A state of another version is none of ours, and certainly not final.
        state = members.text("state").flatMap(State.init) ?? .unknown
        code = members.text("code")
        subCode = members.text("sub_code")
        nextStep = members.text("next_step").map { NextStep(rawValue: $0) ?? .contactSupport }
        reference = members.text("reference")
        attempts = members.integer("attempts") ?? 0
        hasBegun = members.flag("begun") ?? true
        isConflict = members.flag("conflict") ?? false
        overridden = members.text("overridden")
        createdAt = Date(epochMs: members.integer("created_ms") ?? 0)
        updatedAt = Date(epochMs: members.integer("updated_ms") ?? 0)
    }

    init(reading handle: NativeEntry) throws(TaxRefundError) {
        self = try calling { try JournalEntry(handle) }
    }
}

extension JournalEntry: Redacted {
    /// What a list of refunds shows.
    public var redaction: Redaction {
        Redaction("JournalEntry").shown("operation", operation).shown("key", key).shown("state", state.rawValue)
            .shown("amount", amount).shown("code", code).shown("nextStep", nextStep?.rawValue)
            .shown("reference", reference)
    }
}

/// How many refunds are in each state.
public struct Counts: Hashable, Sendable, CustomStringConvertible {
    /// To be sent, or being sent.
    public let open: Int
    /// Not known yet; to be asked about when due.
    public let waiting: Int
    /// Final.
    public let succeeded: Int
    /// Final, no money moved.
    public let failed: Int
    /// Waiting for somebody.
    public let unknown: Int

    /// All of them.
    public var total: Int { open + waiting + succeeded + failed + unknown }

    /// One line for a person.
    public var description: String {
        "\(succeeded) succeeded, \(failed) failed, \(unknown) unknown, \(waiting) waiting, \(open) open"
    }

    init(members: [String: JSONValue]) {
        open = members.integer("open") ?? 0
        waiting = members.integer("waiting") ?? 0
        succeeded = members.integer("succeeded") ?? 0
        failed = members.integer("failed") ?? 0
        unknown = members.integer("unknown") ?? 0
    }
}

/// Whether a journal is as it was written.
public enum Verification: Hashable, Sendable {
    /// Nothing was changed. Keep `head` elsewhere: a later proof that expects it shows that nothing was cut off either.
    case whole(entries: Int, records: Int, head: String)
    /// The first thing that is not as it was written.
    case broken(record: Int?, key: String?, problem: String)

    init(members: [String: JSONValue]) {
        if let proof = members.object("proof") {
            self = .whole(
                entries: proof.integer("entries") ?? 0, records: proof.integer("records") ?? 0,
                head: proof.text("head") ?? "")
        } else {
            let broken = members.object("broken") ?? [:]
            self = .broken(
                record: broken.integer("seq"), key: broken.text("key"), problem: broken.text("problem") ?? "")
        }
    }
}

/// One thing that was recorded about a refund.
public struct JournalRecord: Sendable, Hashable {
    /// Its place in the journal.
    public let sequence: Int
    /// `submitted`, `attempt`, `outcome`, …
    public let kind: String
    /// When.
    public let at: Date
    /// What.
    public let content: [String: JSONValue]
    /// The answer as it came, where it was asked for. It may hold personal data.
    public let evidence: JSONValue?

    init(members: [String: JSONValue]) {
        sequence = members.integer("seq") ?? 0
        kind = members.text("kind") ?? ""
        at = Date(epochMs: members.integer("at_ms") ?? 0)
        content = members.object("content") ?? [:]
        evidence = members["evidence"].flatMap { $0 == .null ? nil : $0 }
    }
}

extension JournalRecord: Redacted {
    /// Names of what it holds.
    public var redaction: Redaction {
        Redaction("JournalRecord").shown("sequence", sequence).shown("kind", kind).shown("at", at)
            .names("content", content)
    }
}
