import Foundation
import TaxRefund

/// A transport that does what a test says.
struct ScriptedTransport: Transport {
    let answer: @Sendable (TransportRequest) async throws -> TransportResponse

    init(_ answer: @escaping @Sendable (TransportRequest) async throws -> TransportResponse) {
        self.answer = answer
    }

    func send(_ request: TransportRequest) async throws -> TransportResponse { try await answer(request) }
}

/// A transport that holds every request back until a test lets it go.
struct HeldTransport: Transport {
    let sending = Signal()
    let release = Signal()

    func send(_ request: TransportRequest) async throws -> TransportResponse {
        await sending.give()
        await release.wait()
        return try await URLSessionTransport().send(request)
    }
}

/// A signer that does what a test says.
struct ScriptedSigner: Signer {
    let answer: @Sendable (Data) async throws -> Data

    init(_ answer: @escaping @Sendable (Data) async throws -> Data) {
        self.answer = answer
    }

    func sign(_ message: Data) async throws -> Data { try await answer(message) }
}

/// What an app's code may throw: its text must be seen nowhere.
struct Secret: Error, CustomStringConvertible, LocalizedError {
    static let text = "E12345678 in a stack trace"
    var description: String { Secret.text }
    var errorDescription: String? { Secret.text }
}

/// A time that passes only by sleeping, and then at once. Nobody runs out of patience, unless that is what is tested.
final class VirtualClock: RefundClock, @unchecked Sendable {
    /// Waits between sends are shorter, patience with exchanges and signers is longer.
    private static let longestWaitMs: UInt64 = 10_000

    private let lock = NSLock()
    private let losesPatience: Bool
    private var passedMs: UInt64 = 0

    init(losesPatience: Bool = false) { self.losesPatience = losesPatience }

    var monotonicMs: UInt64 { lock.withLock { passedMs } }
    var epochMs: UInt64 { 1_795_395_723_123 + monotonicMs }

    func sleep(ms: UInt64) async throws {
        if ms > VirtualClock.longestWaitMs, !losesPatience { try await Task.sleep(for: .seconds(86_400)) }
        lock.withLock { passedMs += ms }
    }
}

/// A time that stands still: whoever sleeps does so until cancelled.
struct FrozenClock: RefundClock {
    var monotonicMs: UInt64 { 0 }
    var epochMs: UInt64 { 1_795_395_723_123 }

    func sleep(ms: UInt64) async throws { try await Task.sleep(for: .seconds(86_400)) }
}

/// Told once that something has come to pass.
actor Signal {
    private var isGiven = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    func give() {
        isGiven = true
        waiting.forEach { $0.resume() }
        waiting = []
    }

    func wait() async {
        guard !isGiven else { return }
        await withCheckedContinuation { waiting.append($0) }
    }
}

/// Gathers what is told.
final class Gathered<Item: Sendable>: @unchecked Sendable {
    private let lock = NSLock()
    private var gathered: [Item] = []

    func add(_ item: Item) { lock.withLock { gathered.append(item) } }
    var items: [Item] { lock.withLock { gathered } }
}

/// Never returns, whatever anybody says.
func never<Value>() async -> Value {
    await withUnsafeContinuation { (_: UnsafeContinuation<Value, Never>) in }
}

/// A folder for a test's journal, gone with the value.
final class Folder: Sendable {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appendingPathComponent("taxrefund-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    var journal: String { url.appendingPathComponent("refunds.db").path }
}

/// Everything that anything could print of a value.
func printed(_ value: Any) -> String {
    var dumped = ""
    dump(value, to: &dumped)
    return "\(value)" + String(reflecting: value) + dumped
}
