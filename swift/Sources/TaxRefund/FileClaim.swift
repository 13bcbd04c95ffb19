import Foundation
#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// That a journal's file is one handle's alone. The system gives it up when the process is killed.
///
/// What an earlier process left behind is free at once when a journal is opened, which is right only while nobody else is at work.
final class FileClaim: @unchecked Sendable {
    // Guards all that follows.
    private let lock = NSLock()
    private var file: Int32
    private var users = 0
    private var isLetGo = false

    /// Throws the code `journal_locked` when somebody has it, in this process or another.
    init(journal path: String) throws(TaxRefundError) {
        let file = open("\(path).lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw TaxRefundError(.journal, code: .journalStore, .journalBeside(path)) }
        guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
            close(file)
            throw TaxRefundError(.journal, code: .journalLocked, .journalTaken(path))
        }
        self.file = file
    }

    /// While the work goes on, letting go waits for it.
    func during<Value>(_ work: () throws -> Value) rethrows -> Value {
        lock.withLock { users += 1 }
        defer {
            lock.withLock {
                users -= 1
                closeIfUnused()
            }
        }
        return try work()
    }

    /// Gives it up, once nobody works any more.
    func letGo() {
        lock.withLock {
            isLetGo = true
            closeIfUnused()
        }
    }

    deinit {
        letGo()
    }

    private func closeIfUnused() {
        guard isLetGo, users == 0, file >= 0 else { return }
        close(file)
        file = -1
    }
}
