import Foundation
#if canImport(FoundationNetworking)
import FoundationNetworking
#endif
import TaxRefund

/// The gateway simulator, as a program: it ends with the value that started it.
final class Sandbox: @unchecked Sendable {
    let url: String
    let credentials: Credentials
    private let process = Process()
    private let input = Pipe()

    /// Keys and identities, all of them public TEST ones.
    struct Credentials: Decodable, Sendable {
        struct Gateway: Decodable, Sendable {
            let gateway_url, app_id, partner_private_key_pem, partner_public_key_pem, platform_public_key_pem: String
            let platform_private_key_pem: String
        }
        struct Caller: Decodable, Sendable {
            let base_url, client_id, partner_private_key_pem, partner_public_key_pem, platform_public_key_pem: String
        }
        let alipay: Gateway
        let alipay_plus: Caller
        let antom: Caller
    }

    init(_ more: [String] = []) throws {
        guard let program = ProcessInfo.processInfo.environment["TAXREFUND_SANDBOX"] else {
            throw Missing(description: "TAXREFUND_SANDBOX names no program: run `cargo xtask test --lang swift`")
        }
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = ["--print-credentials", "--exit-with-stdin"] + more
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        var told = Data()
        // The URL's line, then an object whose closing brace stands alone.
        while !told.ends(with: Data("\n}\n".utf8)) {
            let more = output.fileHandleForReading.availableData
            guard !more.isEmpty else { throw Missing(description: "the simulator ended at once") }
            told += more
        }
        let lines = told.split(separator: UInt8(ascii: "\n"), maxSplits: 1)
        url = String(decoding: lines[0], as: UTF8.self)
        credentials = try JSONDecoder().decode(Credentials.self, from: lines[1])
    }

    deinit {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
    }

    /// How often a key was paid.
    func paid(_ key: String) async throws -> Int {
        try await entries(key).reduce(0) { $0 + ($1["paid_times"]?.integer ?? 0) }
    }

    /// How many requests came for a key, of every interface.
    func seen(_ key: String) async throws -> Int {
        try await entries(key).reduce(0) { sum, entry in
            sum + (entry["requests"]?.object ?? [:]).values.reduce(0) { $0 + ($1.integer ?? 0) }
        }
    }

    /// The newest authenticated requests.
    func requests() async throws -> [JSONValue] {
        guard case .array(let requests) = try await get("requests") else { return [] }
        return requests
    }

    func provoke(_ key: String, _ faults: String) async throws {
        var request = URLRequest(url: URL(string: "\(url)/sandbox/provoke")!)
        request.httpMethod = "POST"
        request.httpBody = try JSONEncoder().encode(["key": key, "faults": faults])
        _ = try await URLSession.shared.data(for: request)
    }

    func page(_ name: String) async throws -> [String: JSONValue] { try await get(name).object ?? [:] }

    private func entries(_ key: String) async throws -> [[String: JSONValue]] {
        let entries = try await page("ledger")["entries"]?.array ?? []
        return entries.compactMap(\.object).filter { $0["key"]?.text == key }
    }

    private func get(_ name: String) async throws -> JSONValue {
        let (data, _) = try await URLSession.shared.data(from: URL(string: "\(url)/sandbox/\(name)")!)
        return try JSONDecoder().decode(JSONValue.self, from: data)
    }

    struct Missing: Error, CustomStringConvertible {
        let description: String
    }
}

extension Data {
    fileprivate func ends(with tail: Data) -> Bool { count >= tail.count && suffix(tail.count) == tail }
}

extension Sandbox {
    /// An account with a key in the program.
    func alipay(
        _ key: MerchantKey? = nil
    ) throws -> Alipay.Account {
        let own = credentials.alipay
        return try Alipay.Account(
            appId: own.app_id,
            merchantKey: key ?? .softwareKey(own.partner_private_key_pem, iUnderstand: .aKeyInAnAppCanBeExtracted),
            platform: .publicKey(own.platform_public_key_pem), environment: .sandbox, endpoint: own.gateway_url)
    }

    /// A key that a signer has.
    func signer(_ signer: any Signer, patience: Duration = .seconds(30)) -> MerchantKey {
        .signer(signer, publicKey: credentials.alipay.partner_public_key_pem, patience: patience)
    }

    func client(_ options: ClientOptions = .quick) throws -> Alipay.Client {
        try Alipay.Client(account: alipay(), options: options)
    }
}

extension Policy {
    /// Waits of a thousandth: the sandbox allows it.
    static let quick = Policy(sandboxWaitPermille: 1)
}

extension ClientOptions {
    static var quick: ClientOptions { ClientOptions(policy: .quick) }

    static func quick(_ journal: Journal?, over transport: any Transport = URLSessionTransport()) -> ClientOptions {
        ClientOptions(journal: journal, transport: transport, policy: .quick)
    }
}

/// A refund to pay.
func refund(_ key: String, amount: String = "100.00", passport: String? = nil) throws -> Alipay.PayTaxRefundRequest {
    Alipay.PayTaxRefundRequest(
        outOrderNo: key, identifyAccountType: "barcode", identifyAccountNo: "281234567890123456",
        taxRefundAmount: try Money(parsing: amount, currency: "SGD"), passportNo: passport)
}
