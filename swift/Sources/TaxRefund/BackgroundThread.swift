import Foundation

/// Threads for native calls that block: never the cooperative pool's, and not the ones that the app's transport and signer need.
enum BackgroundThread {
    /// As much as the native library's own threads have.
    private static let stackBytes = 2 * 1_048_576

    /// Runs it on a thread of its own.
    static func start(_ work: @escaping @Sendable () -> Void) {
        let thread = Thread(block: work)
        thread.name = "taxrefund"
        thread.stackSize = stackBytes
        thread.start()
    }

    /// Runs it on a thread of its own, and waits without holding another.
    static func run<Value: Sendable>(
        _ work: @escaping @Sendable () throws -> Value
    ) async throws(TaxRefundError) -> Value {
        let ended = First<Result<Value, TaxRefundError>>()
        start { ended.settle(Result { () throws(TaxRefundError) in try calling(work) }) }
        return try await ended.value.get()
    }
}
