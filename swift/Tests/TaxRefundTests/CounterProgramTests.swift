import Foundation
import TaxRefund
import Testing

/// The example, as a program of its own: killed in the middle and started again, every traveller is paid once.
@Suite(.timeLimit(.minutes(2))) struct CounterProgram {
    let sandbox: Sandbox
    let server: SigningServer
    let folder: Folder
    private let account: String

    init() throws {
        sandbox = try Sandbox()
        folder = try Folder()
        let own = sandbox.credentials.alipay
        server = try SigningServer(privateKey: own.partner_private_key_pem)
        account = folder.url.appendingPathComponent("account.json").path
        let settings: [String: JSONValue] = [
            "appId": .string(own.app_id), "gateway": .string(own.gateway_url),
            "publicKey": .string(own.partner_public_key_pem), "platformKey": .string(own.platform_public_key_pem),
            "signer": .string(server.address), "waitPermille": .number(1),
            "sealing": .string(SealingKey.random().withBytes { $0.base64EncodedString() }),
        ]
        try JSONEncoder().encode(settings).write(to: URL(fileURLWithPath: account))
    }

    @Test func a_refund_from_scan_to_payment() async throws {
        let told = try run(["281234567890123456", "y", "DESK1", "12.63"])
        #expect(told.contains("paid: DESK1"))
        #expect(!told.contains("281234567890123456"))
        #expect(try await sandbox.paid("DESK1") == 1)
        server.stop()
    }

    @Test func a_code_that_is_none_and_an_account_that_cannot_receive_are_told_and_nothing_is_paid() async throws {
        let told = try run(["https://example.com", "281234567890990002"])
        #expect(!told.contains("paid:") && told.contains("to the traveller") == false)
        #expect(try await sandbox.page("ledger")["entries"] == .array([]))
        server.stop()
    }

    @Test(arguments: ["delay", "drip"])
    func killed_while_it_pays_and_started_again_it_pays_once(fault: String) async throws {
        try await sandbox.provoke("KILLED", fault)
        let first = try start(["281234567890123456", "y", "KILLED", "12.63"])
        while try await sandbox.seen("KILLED") == 0 { await Task.yield() }
        kill(first.processIdentifier, SIGKILL)
        first.waitUntilExit()
        #expect(first.terminationReason == .uncaughtSignal)

        // Its answer was on the way for ever; the next one is asked what became of it.
        try await sandbox.provoke("KILLED", "none")
        let told = try run([])
        #expect(told.contains("open: KILLED") && told.contains("paid: KILLED"))
        #expect(try await sandbox.paid("KILLED") == 1)
        #expect(try !run([]).contains("open:"))
        server.stop()
    }

    @Test func killed_at_any_moment_it_pays_once() async throws {
        var moments = SystemRandomNumberGenerator()
        for round in 0..<10 {
            let key = "ROUND\(round)"
            let child = try start(["281234567890123456", "y", key, "12.63"])
            // A moment of its own each time: so many questions to the simulator, of about a millisecond.
            for _ in 0..<Int.random(in: 0...150, using: &moments) { _ = try await sandbox.seen(key) }
            kill(child.processIdentifier, SIGKILL)
            child.waitUntilExit()
            let open = try run([])
            let paid = try await sandbox.paid(key)
            #expect(paid <= 1)
            // Recorded, it is paid now; else nothing was ever sent.
            #expect(!open.contains("open: \(key)") || paid == 1)
        }
        server.stop()
    }

    /// Runs it to the end of what the clerk types; gives what it printed.
    private func run(_ typed: [String]) throws -> String {
        let output = Pipe()
        let program = try start(typed, output)
        let told = output.fileHandleForReading.readDataToEndOfFile()
        program.waitUntilExit()
        let text = String(decoding: told, as: UTF8.self)
        #expect(program.terminationStatus == 0, "\(text)")
        return text
    }

    private func start(_ typed: [String], _ output: Pipe = Pipe()) throws -> Process {
        guard let path = ProcessInfo.processInfo.environment["TAXREFUND_COUNTER"] else {
            throw Unexpected("TAXREFUND_COUNTER names no program: run `cargo xtask test --lang swift`")
        }
        let (program, input) = (Process(), Pipe())
        program.executableURL = URL(fileURLWithPath: path)
        program.arguments = [account, folder.journal]
        program.standardInput = input
        program.standardOutput = output
        try program.run()
        input.fileHandleForWriting.write(Data(typed.map { $0 + "\n" }.joined().utf8))
        try input.fileHandleForWriting.close()
        return program
    }
}
