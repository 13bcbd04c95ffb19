import Foundation
internal import TaxRefundBridge

/// What went wrong before or beside a refund. How a refund ended is an ``Outcome`` and no error.
///
/// Nothing was sent by a call that threw one, unless its text says so. It holds no personal data, no key, and nothing of what
/// an app's own transport or signer threw.
///
/// ```swift
/// do {
///     outcome = try await client.payTaxRefund(request)
/// } catch {
///     if case .invalidRequest(_, let violations) = error.kind { mark(violations) }
///     show(error.localizedDescription)   // in the user's language
/// }
/// ```
public struct TaxRefundError: Error, Sendable {
    /// What kind of trouble it is, with what programs need of it.
    public enum Kind: Hashable, Sendable {
        /// A request that breaks rules. All of them are named; nothing was signed, recorded or sent.
        case invalidRequest(operation: String, violations: [Violation])
        /// A setting that cannot be used: a key, an address, an option.
        case configuration(field: String)
        /// A call that makes no sense here: a fault of the program.
        case misuse
        /// The idempotency key was used before for a request with other content; `fields` differ.
        case keyReused(operation: String, key: String, fields: [String], state: String)
        /// The tax refund form has another refund, `key`, that did not fail.
        case formTaken(form: String, key: String, state: String)
        /// Another program is at work on this refund; its outcome will be in the journal.
        case refundBusy(key: String, owner: String)
        /// The refund was taken over, or settled by a notification: look at its entry.
        case takenOver(key: String)
        /// The journal has no such refund.
        case refundNotFound(key: String)
        /// Trouble with the journal; `code` says which.
        case journal
        /// An amount or a currency that does not exist.
        case money
        /// A moment that cannot be written or read.
        case date
        /// A scanned text that is no wallet's code; `code` says what it is.
        case scannedCode
        /// A message that could not be verified. It changes nothing; send the reply, which acknowledges nothing.
        case notificationRefused(fault: Fault, reply: Reply)
        /// An answer of which nothing may be believed.
        case answerRefused(fault: Fault)
        /// The package and the native library are of two versions. Nothing works until they are of one.
        case versionMismatch(package: String, native: String)
        /// A fault of this library.
        case unexpected
        /// Of a kind that this version of the package does not know.
        case other(String)
    }

    /// What kind of trouble it is.
    public let kind: Kind
    /// Stable, the same in every language; texts may change.
    public let code: ErrorCode
    /// The whole of it in English.
    public let message: String

    private let texts: Texts

    init(_ kind: Kind, code: ErrorCode, _ own: OwnText) {
        (self.kind, self.code, message, texts) = (kind, code, own.text(in: .english), .own(own))
    }

    /// What a native call threw. Only what the core says of itself is read; of anything else nothing is shown.
    init(thrown: any Error) {
        switch thrown {
        case let known as TaxRefundError: self = known
        case NativeError.Problem(let problem): self.init(problem: problem)
        default: self = .unexpected
        }
    }

    init(problem json: String) {
        guard let problem = Problem(json: json) else {
            self = .unexpected
            return
        }
        (kind, code, message) = (problem.kind, problem.code, problem.message)
        texts = .core(json)
    }

    static var unexpected: TaxRefundError { TaxRefundError(.unexpected, code: .unexpected, .unexpected) }

    private enum Texts: Sendable {
        /// The core's problem, as JSON.
        case core(String)
        case own(OwnText)
    }
}

extension TaxRefundError: LocalizedError, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The whole of it for people: what is wrong, which fields, which rules, what was given (personal data masked).
    public func description(in language: Language) -> String {
        switch texts {
        case .own(let text): text.text(in: language)
        case .core(let problem):
            (try? calling { try nativeProblemText(problemJson: problem, language: language.rawValue) }) ?? message
        }
    }

    /// In the user's language.
    public var errorDescription: String? { description(in: .preferred) }

    /// In English, with the code.
    public var description: String { "\(code): \(message)" }

    /// In English, with the code.
    public var debugDescription: String { description }

    /// Code and message.
    public var customMirror: Mirror { Mirror(self, children: ["code": code.rawValue, "message": message]) }
}

extension ErrorCode: ExpressibleByStringLiteral {
    /// A code by its name.
    public init(stringLiteral name: String) { self.init(rawValue: name) }

    /// The package and the native library are of two versions.
    public static let versionMismatch: ErrorCode = "version_mismatch"

    /// A fault of this library.
    public static let unexpected: ErrorCode = "internal"
}

/// One thing that is wrong with a request.
public struct Violation: Hashable, Sendable {
    /// Where, in Swift's names: `merchants[0].merchantAddress.region`; empty for the whole.
    public let path: String
    /// The rule's stable name: `required`, `length`, `alphabet`, `currency`, …
    public let rule: String
    /// The rule in words, with its numbers; in English.
    public let message: String
    /// What was given; personal data is masked, long texts are shortened.
    public let given: String
}
