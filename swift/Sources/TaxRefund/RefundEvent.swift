import Foundation

/// Something about one call. Events hold nothing about the traveller.
public struct RefundEvent: Hashable, Sendable {
    /// What happened.
    public enum Kind: Hashable, Sendable {
        /// A call begins; nothing was sent yet.
        case began(resumed: Bool)
        /// A request goes out.
        case sending(interface: String)
        /// An answer came back.
        case heard(interface: String, status: Int, tookMs: UInt64)
        /// No complete answer came back.
        case faulted(interface: String, fault: Fault, tookMs: UInt64)
        /// A wait begins.
        case waiting(ms: UInt64)
        /// The call is over.
        case ended(outcome: String, code: String?, nextStep: NextStep, attempts: Int)
        /// The call ended without an outcome: by an error that concerns no exchange.
        case raised(code: ErrorCode)
    }

    /// Tells calls of this process apart.
    public let call: UInt64
    /// `alipay.pay_tax_refund`, …
    public let operation: String
    /// The idempotency key.
    public let key: String
    /// When, by the client's clock.
    public let at: Date
    /// What happened.
    public let kind: Kind
}

/// Tells one call's events.
struct Teller: Sendable {
    private let observer: (@Sendable (RefundEvent) -> Void)?
    private let clock: any RefundClock
    private let operation: String
    private let key: String
    private let call: UInt64

    init(_ observer: (@Sendable (RefundEvent) -> Void)?, _ clock: any RefundClock, operation: String, key: String) {
        (self.observer, self.clock, self.operation, self.key) = (observer, clock, operation, key)
        call = observer == nil ? 0 : callCounter.next()
    }

    func tell(_ kind: @autoclosure () -> RefundEvent.Kind) {
        guard let observer else { return }
        let at = Date(timeIntervalSince1970: Double(clock.epochMs) / 1000)
        observer(RefundEvent(call: call, operation: operation, key: key, at: at, kind: kind()))
    }

    func ended<Response>(_ outcome: Outcome<Response>) {
        tell(
            .ended(
                outcome: outcome.verdict, code: outcome.reason?.code, nextStep: outcome.nextStep,
                attempts: outcome.report.attempts.count))
    }
}

extension Outcome {
    var verdict: String {
        switch self {
        case .succeeded: "succeeded"
        case .failed: "failed"
        case .unknown: "unknown"
        }
    }
}

private let callCounter = Counter()

private final class Counter: @unchecked Sendable {
    private let lock = NSLock()
    private var count: UInt64 = 0

    func next() -> UInt64 {
        lock.withLock {
            count += 1
            return count
        }
    }
}
