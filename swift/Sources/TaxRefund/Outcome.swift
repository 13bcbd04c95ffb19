/// How an operation ended. There are three answers, and they are never mixed up.
///
/// ```swift
/// switch try await client.payTaxRefund(request) {
/// case .succeeded(let paid): keep(paid.reference)
/// case .failed(let failed):  show(failed.nextStep)      // verified: no money moved
/// case .unknown(let open):   keep(open.open)            // money may have moved: resume it, never start it anew
/// }
/// ```
public enum Outcome<Response: ResponseModel>: Hashable, Sendable {
    /// Verified: it was done.
    case succeeded(Succeeded<Response>)
    /// Verified: it was not done, and no money moved.
    case failed(Failed)
    /// It may have been done. There is always a stated next step, and it is never a new order number.
    case unknown(Unknown)
}

/// Verified: it was done.
public struct Succeeded<Response: ResponseModel>: Hashable, Sendable {
    /// The verified answer.
    public let response: Response
    /// The provider's own number of the refund; keep it.
    public let reference: String?
    /// What was sent and heard.
    public let report: Report
}

/// Verified: it was not done, and no money moved.
public struct Failed: Hashable, Sendable {
    /// What the provider said.
    public let reason: Reason
    /// What to do now.
    public let nextStep: NextStep
    /// What was sent and heard.
    public let report: Report
}

/// It may have been done.
public struct Unknown: Hashable, Sendable {
    /// The latest thing that was heard, or why nothing was.
    public let reason: Reason
    /// What to do now.
    public let nextStep: NextStep
    /// What resuming starts from: keep it until the refund has succeeded or failed, unless a journal does.
    public let open: OpenRefund
    /// What was sent and heard.
    public let report: Report
}

extension Outcome {
    /// The response of a success, for those who want everything else thrown.
    ///
    /// - Throws: ``RefundFailed``, ``RefundUnknown``.
    public func get() throws -> Response {
        switch self {
        case .succeeded(let succeeded): return succeeded.response
        case .failed(let failed): throw RefundFailed(failed)
        case .unknown(let unknown): throw RefundUnknown(unknown)
        }
    }

    /// What was sent and heard.
    public var report: Report {
        switch self {
        case .succeeded(let succeeded): succeeded.report
        case .failed(let failed): failed.report
        case .unknown(let unknown): unknown.report
        }
    }

    /// What to do now; nothing after a success.
    public var nextStep: NextStep {
        switch self {
        case .succeeded: .nothing
        case .failed(let failed): failed.nextStep
        case .unknown(let unknown): unknown.nextStep
        }
    }

    /// Why it did not succeed; `nil` when it did.
    public var reason: Reason? {
        switch self {
        case .succeeded: nil
        case .failed(let failed): failed.reason
        case .unknown(let unknown): unknown.reason
        }
    }
}

extension Outcome: Redacted {
    /// Without anything personal.
    public var redaction: Redaction {
        switch self {
        case .succeeded(let succeeded): succeeded.redaction
        case .failed(let failed): failed.redaction
        case .unknown(let unknown): unknown.redaction
        }
    }
}

extension Succeeded: Redacted {
    /// Without anything personal.
    public var redaction: Redaction {
        Redaction("Succeeded").shown("response", response).shown("reference", reference).shown("report", report)
    }
}

extension Failed: Redacted {
    /// Without anything personal.
    public var redaction: Redaction {
        Redaction("Failed").shown("reason", reason).shown("nextStep", nextStep.rawValue).shown("report", report)
    }
}

extension Unknown: Redacted {
    /// Without anything personal.
    public var redaction: Redaction {
        Redaction("Unknown").shown("reason", reason).shown("nextStep", nextStep.rawValue).shown("open", open)
            .shown("report", report)
    }
}
