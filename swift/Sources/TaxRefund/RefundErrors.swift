import Foundation

/// Verified: it was not done, and no money moved. Thrown by ``Outcome/get()``.
public struct RefundFailed: Error, Hashable, Sendable {
    /// The outcome itself.
    public let outcome: Failed

    /// Why.
    public var reason: Reason { outcome.reason }
    /// What to do now.
    public var nextStep: NextStep { outcome.nextStep }
    /// What was sent and heard.
    public var report: Report { outcome.report }

    init(_ outcome: Failed) {
        self.outcome = outcome
    }
}

/// It may have been done: never start it again under another number. Thrown by ``Outcome/get()``.
public struct RefundUnknown: Error, Hashable, Sendable {
    /// The outcome itself.
    public let outcome: Unknown

    /// The latest thing that was heard, or why nothing was.
    public var reason: Reason { outcome.reason }
    /// What to do now.
    public var nextStep: NextStep { outcome.nextStep }
    /// What resuming starts from.
    public var open: OpenRefund { outcome.open }
    /// What was sent and heard.
    public var report: Report { outcome.report }

    init(_ outcome: Unknown) {
        self.outcome = outcome
    }
}

extension RefundFailed: LocalizedError, Redacted {
    /// What it means and what the clerk does now.
    public func description(in language: Language) -> String {
        let verdict = language == .english ? "Not paid. No money moved." : "未付款，没有资金变动。"
        return told(verdict, reason, nextStep, report, in: language)
    }

    /// In the user's language.
    public var errorDescription: String? { description(in: .preferred) }

    /// Without anything personal.
    public var redaction: Redaction { outcome.redaction }
}

extension RefundUnknown: LocalizedError, Redacted {
    /// What it means and what the clerk does now.
    public func description(in language: Language) -> String {
        let verdict = language == .english ? "Not known whether it was paid. Money may have moved." : "尚不清楚是否已付款，资金可能已经转出。"
        return told(verdict, reason, nextStep, report, in: language)
    }

    /// In the user's language.
    public var errorDescription: String? { description(in: .preferred) }

    /// Without anything personal.
    public var redaction: Redaction { outcome.redaction }
}

private func told(
    _ verdict: String, _ reason: Reason, _ step: NextStep, _ report: Report, in language: Language
) -> String {
    let lines = [
        "\(report.key): \(verdict)",
        meaning(of: reason, operation: report.operation, in: language),
        (try? explain(step, in: language))?.clerk,
        "(\(reason))",
    ]
    return lines.compactMap { $0 }.joined(separator: "\n")
}
