import Foundation

/// A value that is settled once, by whoever comes first, and awaited by one.
final class First<Value: Sendable>: @unchecked Sendable {
    private enum State {
        case open
        case awaited(CheckedContinuation<Value, Never>)
        case settled(Value)
        case taken
    }

    // Guards `state`, which is all there is to share.
    private let lock = NSLock()
    private var state = State.open

    /// Whoever comes later changes nothing.
    func settle(_ value: Value) {
        let waiting = lock.withLock { () -> CheckedContinuation<Value, Never>? in
            switch state {
            case .open:
                state = .settled(value)
                return nil
            case .awaited(let continuation):
                state = .taken
                return continuation
            case .settled, .taken:
                return nil
            }
        }
        waiting?.resume(returning: value)
    }

    /// The value, once there is one. To be awaited once.
    var value: Value {
        get async {
            await withCheckedContinuation { continuation in
                let settled = lock.withLock { () -> Value? in
                    if case .settled(let value) = state {
                        state = .taken
                        return value
                    }
                    state = .awaited(continuation)
                    return nil
                }
                if let settled { continuation.resume(returning: settled) }
            }
        }
    }
}

/// What came of work that was waited for.
enum Settled<Value: Sendable>: Sendable {
    case value(Value)
    case error(any Error)
    case late
    case cancelled
}

/// Waits for work of the app's own, but not longer than this, and not once the task is cancelled. Whatever the work does later is
/// heard by nobody: it may return late, or never, and answer from any thread.
func within<Value: Sendable>(
    _ patienceMs: UInt64?, on clock: any RefundClock, _ work: @escaping @Sendable () async throws -> Value
) async -> Settled<Value> {
    let first = First<Settled<Value>>()
    if Task.isCancelled { return .cancelled }
    let worker = Task {
        do {
            first.settle(.value(try await work()))
        } catch {
            first.settle(.error(error))
        }
    }
    let timer = patienceMs.map { patienceMs in
        Task {
            // A clock that cannot sleep must not let anybody wait for ever; one that was cancelled is heard by nobody.
            try? await clock.sleep(ms: patienceMs)
            first.settle(.late)
        }
    }
    defer {
        worker.cancel()
        timer?.cancel()
    }
    return await withTaskCancellationHandler {
        await first.value
    } onCancel: {
        first.settle(.cancelled)
    }
}
