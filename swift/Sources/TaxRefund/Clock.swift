import Foundation

/// The time, for deadlines, signatures and waits. Tests give one of their own.
public protocol RefundClock: Sendable {
    /// Milliseconds since any fixed moment; never goes back, and goes on while the device sleeps.
    var monotonicMs: UInt64 { get }

    /// Milliseconds since 1970.
    var epochMs: UInt64 { get }

    /// Sleeps so long; returns early, or throws, when the task is cancelled.
    func sleep(ms: UInt64) async throws
}

/// The device's own time.
public struct SystemClock: RefundClock {
    private static let began = ContinuousClock.now

    /// The device's own time.
    public init() {}

    /// Since it was first asked.
    public var monotonicMs: UInt64 {
        let (seconds, attoseconds) = (ContinuousClock.now - SystemClock.began).components
        return UInt64(max(seconds, 0)) * 1_000 + UInt64(max(attoseconds, 0)) / 1_000_000_000_000_000
    }

    /// Since 1970.
    public var epochMs: UInt64 { UInt64(max(Date().timeIntervalSince1970 * 1_000, 0)) }

    /// Sleeps so long.
    public func sleep(ms: UInt64) async throws {
        try await Task.sleep(for: .milliseconds(Int64(clamping: ms)), clock: .continuous)
    }
}
