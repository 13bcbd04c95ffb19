import Foundation
#if canImport(FoundationNetworking)
import FoundationNetworking
#endif
import TaxRefund

/// A signer that is a server of one's own: it knows the counter, looks at what it signs, and has the key.
///
/// A real one authenticates the counter (a client certificate, a token) and signs only refunds that it expects.
struct RemoteSigner: Signer {
    let address: URL

    func sign(_ message: Data) async throws -> Data {
        var request = URLRequest(url: address)
        request.httpMethod = "POST"
        request.httpBody = message
        let (signature, answer) = try await URLSession.shared.data(for: request)
        guard (answer as? HTTPURLResponse)?.statusCode == 200 else { throw URLError(.badServerResponse) }
        return signature
    }
}
