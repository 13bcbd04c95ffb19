import Foundation
internal import TaxRefundBridge

/// A durable record of every refund that was ever asked for: a file on the device.
///
/// A refund is on disk before its first byte is sent, each answer before anything is done with it, the outcome before anybody
/// hears it. Whatever kills the app, ``openRefunds()`` of the next run has what is open, and resuming begins by asking what became
/// of it. One number is one refund for ever: the same request again joins the refund that is running, or gives the recorded
/// outcome; other content under the same number is refused.
///
/// ```swift
/// let journal = try await Journal(path: file.path, sealingKey: .inKeychain())
/// let client = try Alipay.Client(account: account, options: ClientOptions(journal: journal))
/// for refund in try await journal.openRefunds() { show(try await client.resume(refund)) }
/// ```
///
/// One process at a time, and one journal per file in it: a second one is refused. Nothing here blocks the caller's thread. Keep the file
/// in the app's own container: iOS ends an app that is suspended while it has a file of a shared one locked.
public final class Journal: Sendable {
    let native: NativeJournal
    private let claim: FileClaim?

    /// Opens a journal, or makes it.
    ///
    /// - Parameters:
    ///   - path: the file; three more stand beside it. On Apple's platforms it is left out of backups: a journal that
    ///     comes back from one has forgotten the refunds since, and would let them be paid anew.
    ///   - sealingKey: seals what is personal, on disk. A journal that was made with one opens only with it.
    ///   - isReadOnly: nothing can be recorded, so nothing can be paid.
    ///   - acceptsClock: opens although the device's clock stands before the latest record.
    /// - Throws: ``TaxRefundError`` of the kind `journal` whose code says what is the matter with the file.
    public init(
        path: String, sealingKey: SealingKey?, isReadOnly: Bool = false, acceptsClock: Bool = false
    ) async throws(TaxRefundError) {
        // One process has the file: what an earlier one of the same name left is taken up at once.
        let options = jsonText(
            [
                "owner": "app", "restarted": .bool(true), "read_only": .bool(isReadOnly),
                "accept_clock": .bool(acceptsClock),
            ] as JSONValue.Members)
        let key = sealingKey?.bytes
        claim = isReadOnly ? nil : try FileClaim(journal: path)
        native = try await BackgroundThread.run {
            let native = try NativeJournal(path: path, optionsJson: options, sealingKey: key)
            if !isReadOnly { leaveOutOfBackups(path) }
            return native
        }
    }

    /// Refunds that have neither succeeded nor failed, oldest first: show them, and give each to a client's `resume`.
    public func openRefunds() async throws(TaxRefundError) -> [JournalEntry] {
        try await entries().filter { !$0.isFinal }
    }

    /// All of them, or those in one state; oldest first.
    public func entries(in state: JournalEntry.State? = nil) async throws(TaxRefundError) -> [JournalEntry] {
        let filter = jsonText(["state": state?.rawValue].compactMapValues { $0 })
        return try await ask { native in
            var found: [JournalEntry] = []
            while true {
                let page = try native.page(filterJson: filter, after: found.last?.id ?? 0).map(JournalEntry.init)
                guard !page.isEmpty else { return found }
                found += page
            }
        }
    }

    /// The refund with this key of an account; `nil` where there is none.
    public func entry(_ key: String, of account: some Account) async throws(TaxRefundError) -> JournalEntry? {
        guard let handle = try await handle(try core(of: account), key) else { return nil }
        return try JournalEntry(reading: handle)
    }

    /// How a refund ended, from what is recorded; `nil` for one that is not final.
    public func outcome(of entry: JournalEntry) async throws(TaxRefundError) -> Outcome<AnyResponse>? {
        let recorded = try await ask { try $0.outcome(entry: entry.handle) }
        guard let recorded else { return nil }
        return try Outcome(json: recorded, account: entry.account)
    }

    /// How many refunds stand where.
    public func counts() async throws(TaxRefundError) -> Counts {
        Counts(members: JSONValue(json: try await ask { try $0.counts() })?.object ?? [:])
    }

    /// Proves that nothing in it was changed or removed, or says what was.
    ///
    /// - Parameter expected: an earlier proof's `head`, which must still be in it.
    public func verify(expected: String? = nil) async throws(TaxRefundError) -> Verification {
        Verification(members: JSONValue(json: try await ask { try $0.verify(expected: expected) })?.object ?? [:])
    }

    /// Everything that is recorded about a refund, oldest first. The evidence (answers as they came) is left out unless asked for:
    /// it may hold personal data.
    public func story(of entry: JournalEntry, withEvidence: Bool = false) async throws(TaxRefundError) -> [JournalRecord] {
        let story = try await ask { try $0.story(entry: entry.handle, evidence: withEvidence) }
        return (JSONValue(json: story)?.array ?? []).compactMap(\.object).map(JournalRecord.init)
    }

    /// Seals everything anew, with another key.
    public func rotateKey(from old: SealingKey, to new: SealingKey) async throws(TaxRefundError) {
        try await ask { try $0.rotateKey(old: old.bytes, new: new.bytes) }
    }

    /// Verifies a notification, records it, and settles the refund it is about; then send its reply.
    ///
    /// - Throws: ``TaxRefundError`` of the kind `notificationRefused` with the reply to give; on any other error send no reply.
    public func notify(
        _ account: some Account, path: String, headers: [Header], body: Data
    ) async throws(TaxRefundError) -> Settlement {
        let core = try core(of: account)
        let nowMs = SystemClock().epochMs
        let headers = headers.map(NativeHeader.init)
        let told = try await ask {
            try $0.notify(account: core.native, path: path, headers: headers, body: body, nowMs: nowMs)
        }
        return Settlement(members: JSONValue(json: told)?.object ?? [:])
    }

    /// Lets the file go. Calls under way go on to their end.
    public func close() async throws(TaxRefundError) {
        try await ask { try $0.release() }
        claim?.letGo()
    }

    /// Something that pays: the file is this journal's until it is over.
    func during<Value>(_ work: () throws -> Value) rethrows -> Value {
        guard let claim else { return try work() }
        return try claim.during(work)
    }

    private func core(of account: some Account) throws(TaxRefundError) -> AccountCore {
        if let account = account as? any CoreAccount { return account.core }
        throw TaxRefundError(.configuration(field: "account"), code: .configuration, .foreignAccount)
    }

    func handle(_ account: AccountCore, _ key: String) async throws(TaxRefundError) -> NativeEntry? {
        try await ask { try $0.find(account: account.native, key: key) }
    }

    private func ask<Value: Sendable>(
        _ question: @escaping @Sendable (NativeJournal) throws -> Value
    ) async throws(TaxRefundError) -> Value {
        let native = native
        return try await BackgroundThread.run { try question(native) }
    }
}

/// What is only in the log beside it is worth nothing without the file.
private func leaveOutOfBackups(_ path: String) {
    #if canImport(Darwin)
    var file = URL(fileURLWithPath: path)
    var values = URLResourceValues()
    values.isExcludedFromBackup = true
    // A place without backups cannot be left out of them.
    try? file.setResourceValues(values)
    #endif
}
