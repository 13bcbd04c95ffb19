import Foundation

/// What a journal's call has asked of the app: an exchange, a signature. Cancelling the call ends it.
///
/// The core asks on the thread that runs the call, so that is where a call is known by.
final class UnderWay: @unchecked Sendable {
    private static let place = "taxrefund.under-way"

    private let lock = NSLock()
    private var isStopped = false
    private var stops: [UInt64: @Sendable () -> Void] = [:]
    private var count: UInt64 = 0

    /// The call of the current thread.
    static var current: UnderWay? { Thread.current.threadDictionary[place] as? UnderWay }

    /// Makes this the current thread's, while the work goes on.
    func during<Value>(_ work: () throws -> Value) rethrows -> Value {
        Thread.current.threadDictionary[UnderWay.place] = self
        defer { Thread.current.threadDictionary.removeObject(forKey: UnderWay.place) }
        return try work()
    }

    /// Something begins; gives what ends the need to stop it. Where the call is cancelled already it is stopped at once.
    func began(_ stop: @escaping @Sendable () -> Void) -> @Sendable () -> Void {
        let number = lock.withLock { () -> UInt64? in
            guard !isStopped else { return nil }
            count += 1
            stops[count] = stop
            return count
        }
        guard let number else {
            stop()
            return {}
        }
        return { [weak self] in
            self?.lock.withLock { _ = self?.stops.removeValue(forKey: number) }
        }
    }

    /// Ends everything.
    func stop() {
        let stops = lock.withLock {
            isStopped = true
            defer { self.stops = [:] }
            return self.stops.values
        }
        stops.forEach { $0() }
    }
}
