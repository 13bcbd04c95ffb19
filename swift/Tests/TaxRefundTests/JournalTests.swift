import Foundation
import TaxRefund
import Testing

/// The durable record on the device.
@Suite(.timeLimit(.minutes(1))) struct JournalOnTheDevice {
    let sandbox: Sandbox
    let folder: Folder

    init() throws {
        sandbox = try Sandbox()
        folder = try Folder()
    }

    @Test func the_same_refund_again_gives_the_recorded_outcome() async throws {
        let journal = try await open()
        let client = try sandbox.client(.quick(journal))
        let first = try await client.payTaxRefund(refund("TWICE"))
        let second = try await client.payTaxRefund(refund("TWICE"))
        guard case .succeeded(let paid) = first, case .succeeded(let again) = second else { throw Unexpected(second) }
        #expect(paid.reference == again.reference)
        #expect(try await sandbox.seen("TWICE") == 1)
        let counts = try await journal.counts()
        #expect(counts.succeeded == 1 && counts.total == 1)
        #expect(try await journal.openRefunds().isEmpty)
    }

    @Test func a_double_tap_joins_the_refund_that_is_running() async throws {
        let over = HeldTransport()
        let client = try sandbox.client(.quick(try await open(), over: over))
        let request = try refund("TAPPED")
        let first = Task { try await client.payTaxRefund(request) }
        await over.sending.wait()
        let second = Task { try await client.payTaxRefund(request) }
        await over.release.give()
        guard case .succeeded(let paid) = try await first.value, case .succeeded(let joined) = try await second.value
        else { throw Unexpected("not paid") }
        #expect(paid.reference == joined.reference)
        #expect(try await sandbox.seen("TAPPED") == 1)
    }

    @Test func a_second_tap_that_is_cancelled_leaves_the_running_refund_alone() async throws {
        let over = HeldTransport()
        let client = try sandbox.client(.quick(try await open(), over: over))
        let request = try refund("LEFT")
        let first = Task { try await client.payTaxRefund(request) }
        await over.sending.wait()
        let second = Task { try await client.payTaxRefund(request) }
        second.cancel()
        guard case .unknown(let unknown) = try await second.value else { throw Unexpected("no unknown") }
        #expect(unknown.reason.code == "cancelled" && unknown.open.key == "LEFT")
        await over.release.give()
        guard case .succeeded = try await first.value else { throw Unexpected("not paid") }
        #expect(try await sandbox.seen("LEFT") == 1)
    }

    @Test func other_content_under_the_same_number_is_refused_and_named() async throws {
        let client = try sandbox.client(.quick(try await open()))
        _ = try await client.payTaxRefund(refund("REUSED"))
        let error = try await thrown(TaxRefundError.self) { try await client.payTaxRefund(refund("REUSED", amount: "99.00")) }
        #expect(error.code == .keyReused)
        guard case .keyReused(_, let key, let fields, let state) = error.kind else { throw Unexpected(error) }
        #expect(key == "REUSED" && fields == ["taxRefundAmount"] && state == "succeeded")
        #expect(error.description(in: .chinese) != error.description(in: .english))
    }

    @Test func a_second_number_for_a_form_is_refused() async throws {
        let client = try sandbox.client(.quick(try await open()))
        _ = try await client.payTaxRefund(refund("FORM1"), options: CallOptions(form: "F1"))
        let error = try await thrown(TaxRefundError.self) {
            try await client.payTaxRefund(refund("FORM2"), options: CallOptions(form: "F1"))
        }
        #expect(error.kind == .formTaken(form: "F1", key: "FORM1", state: "succeeded"))
        #expect(try await sandbox.paid("FORM2") == 0)
        let without = try await thrown(TaxRefundError.self) {
            try await sandbox.client().payTaxRefund(refund("FORM3"), options: CallOptions(form: "F1"))
        }
        #expect(without.kind == .configuration(field: "options.form"))
    }

    @Test func what_is_open_is_listed_and_resumed_after_the_app_was_started_anew() async throws {
        try await sandbox.provoke("OPEN", "http-502*every@any")
        let key = SealingKey.random()
        let before = try await Journal(path: folder.journal, sealingKey: key)
        let unknown = try await sandbox.client(.quick(before)).payTaxRefund(refund("OPEN"))
        guard case .unknown = unknown else { throw Unexpected(unknown) }
        try await before.close()

        try await sandbox.provoke("OPEN", "none")
        let journal = try await Journal(path: folder.journal, sealingKey: key)
        let client = try sandbox.client(.quick(journal))
        let open = try #require(try await journal.openRefunds().first)
        #expect(open.key == "OPEN" && open.hasBegun && open.amount?.description == "SGD 100.00")
        #expect(try await journal.outcome(of: open) == nil)
        guard case .succeeded(let paid) = try await client.resume(open) else { throw Unexpected("not paid") }
        #expect(try await sandbox.paid("OPEN") == 1)
        #expect(try await journal.openRefunds().isEmpty)
        let entry = try #require(try await journal.entry("OPEN", of: sandbox.alipay()))
        #expect(entry.state == .succeeded && entry.reference == paid.reference && entry.isFinal)
        guard case .succeeded = try await journal.outcome(of: entry) else { throw Unexpected("no outcome") }
        #expect(try await !journal.story(of: entry).isEmpty)
        guard case .whole(let entries, _, let head) = try await journal.verify() else { throw Unexpected("broken") }
        #expect(entries == 1)
        guard case .whole = try await journal.verify(expected: head) else { throw Unexpected("broken") }
    }

    @Test func a_second_journal_on_the_same_file_is_refused_while_the_first_works_even_when_that_was_closed() async throws {
        let over = HeldTransport()
        let first = try await open()
        let client = try sandbox.client(.quick(first, over: over))
        let request = try refund("WORKING")
        let paying = Task { try await client.payTaxRefund(request) }
        await over.sending.wait()
        for isClosed in [false, true] {
            if isClosed { try await first.close() }
            let error = try await thrown(TaxRefundError.self) { try await open() }
            #expect(error.code == .journalLocked && error.kind == .journal)
            #expect(error.description(in: .chinese).contains("正在使用中"))
        }
        await over.release.give()
        guard case .succeeded = try await paying.value else { throw Unexpected("not paid") }
        let again = try await open()
        #expect(try await again.counts().succeeded == 1)
        #expect(try await sandbox.seen("WORKING") == 1)
    }

    @Test func cancelled_through_the_journal_it_stays_there_and_is_paid_once() async throws {
        let sending = Signal()
        let over = ScriptedTransport { request in
            _ = try await URLSessionTransport().send(request)
            await sending.give()
            return await never()
        }
        let journal = try await open()
        let client = try sandbox.client(.quick(journal, over: over))
        let request = try refund("CUT")
        let task = Task { try await client.payTaxRefund(request) }
        await sending.wait()
        task.cancel()
        guard case .unknown(let unknown) = try await task.value else { throw Unexpected("no unknown") }
        #expect(unknown.reason.code == "cancelled")
        #expect(try await journal.openRefunds().map(\.key) == ["CUT"])
        let resumed = try await sandbox.client(.quick(journal)).resume(unknown.open)
        guard case .succeeded = resumed else { throw Unexpected(resumed) }
        #expect(try await sandbox.paid("CUT") == 1)
    }

    @Test func cancelled_before_the_start_it_is_recorded_and_not_sent() async throws {
        let journal = try await open()
        let client = try sandbox.client(.quick(journal))
        let (request, begun) = (try refund("EARLY"), Signal())
        let task = Task {
            await begun.wait()
            return try await client.payTaxRefund(request)
        }
        task.cancel()
        await begun.give()
        guard case .unknown(let unknown) = try await task.value else { throw Unexpected("no unknown") }
        #expect(unknown.reason.code == "cancelled")
        #expect(try await sandbox.requests().isEmpty)
        guard case .succeeded = try await client.resume(unknown.open) else { throw Unexpected("not paid") }
        #expect(try await sandbox.paid("EARLY") == 1)
    }

    @Test func nothing_is_paid_past_the_journal() async throws {
        let over = ScriptedTransport { _ in throw TransportFault(.dns) }
        let options = ClientOptions(transport: over, clock: VirtualClock())
        guard case .unknown(let unknown) = try await sandbox.client(options).payTaxRefund(refund("PAST"))
        else { throw Unexpected("no unknown") }
        let client = try sandbox.client(.quick(try await open()))
        let error = try await thrown(TaxRefundError.self) { try await client.resume(unknown.open) }
        #expect(error.kind == .refundNotFound(key: "PAST"))
        #expect(try await sandbox.requests().isEmpty)
    }

    @Test func a_sealed_journal_holds_no_passport_number_and_opens_with_its_key_only() async throws {
        let key = SealingKey.random()
        let journal = try await Journal(path: folder.journal, sealingKey: key)
        try await sandbox.provoke("SEALED", "http-502*every@any")
        _ = try await sandbox.client(.quick(journal)).payTaxRefund(refund("SEALED", passport: "E12345678"))
        try await journal.close()
        let files = try FileManager.default.contentsOfDirectory(at: folder.url, includingPropertiesForKeys: nil)
        #expect(!files.isEmpty)
        for file in files {
            let content = try Data(contentsOf: file)
            for secret in ["E12345678", "281234567890123456"] {
                #expect(content.range(of: Data(secret.utf8)) == nil, "\(file.lastPathComponent) holds \(secret)")
            }
        }
        let path = folder.journal
        let wrong = try await thrown(TaxRefundError.self) { try await Journal(path: path, sealingKey: .random()) }
        #expect(wrong.code == .journalSealing)
        #expect(!printed(key).contains("\(key.withBytes { $0.first! })"))
        let short = try await thrown(TaxRefundError.self) { try SealingKey(Data(count: 31)) }
        #expect(short.code == .journalSealing)
        let other = SealingKey.random()
        let again = try await Journal(path: path, sealingKey: key)
        try await again.rotateKey(from: key, to: other)
        try await again.close()
        _ = try await Journal(path: path, sealingKey: other)
    }

    private func open() async throws -> Journal {
        try await Journal(path: folder.journal, sealingKey: nil)
    }
}
