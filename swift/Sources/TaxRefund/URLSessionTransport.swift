import Foundation
#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// The default transport: `URLSession`.
///
/// Each exchange has a connection of its own, in an ephemeral session without cookies, cache or credentials: a kept connection
/// that has died makes `URLSession` send a request again by itself, and a repeat is not its to decide. Redirects are not
/// followed. HTTPS, or plain HTTP to this device.
public struct URLSessionTransport: Transport {
    private let configuration: @Sendable () -> URLSessionConfiguration

    /// The usual one.
    ///
    /// - Parameter configuration: gives where sessions start from, for a proxy for instance; what this transport promises is set
    ///   on top of it.
    public init(configuration: @escaping @Sendable () -> URLSessionConfiguration = { .ephemeral }) {
        self.configuration = configuration
    }

    /// One exchange.
    public func send(_ request: TransportRequest) async throws -> TransportResponse {
        try Task.checkCancellation()
        let url = try address(request.url)
        var sent = URLRequest(url: url)
        sent.httpMethod = request.method
        sent.httpBody = request.body
        sent.timeoutInterval = Double(request.timeoutMs) / 1000
        sent.cachePolicy = .reloadIgnoringLocalCacheData
        sent.httpShouldHandleCookies = false
        // Only the bytes that were signed are of use.
        sent.setValue("identity", forHTTPHeaderField: "Accept-Encoding")
        for header in request.headers {
            sent.addValue(header.value, forHTTPHeaderField: header.name)
        }
        let exchange = URLSessionExchange()
        let session = URLSession(configuration: settings(sent.timeoutInterval), delegate: exchange, delegateQueue: nil)
        defer { session.invalidateAndCancel() }
        let task = session.dataTask(with: sent)
        return try await withTaskCancellationHandler {
            task.resume()
            return try await exchange.ended.value.get()
        } onCancel: {
            exchange.ended.settle(.failure(TransportFault(.reset, detail: "cancelled")))
            task.cancel()
        }
    }

    private func settings(_ timeout: TimeInterval) -> URLSessionConfiguration {
        let settings = configuration()
        settings.timeoutIntervalForRequest = timeout
        settings.timeoutIntervalForResource = timeout
        settings.requestCachePolicy = .reloadIgnoringLocalCacheData
        settings.urlCache = nil
        settings.urlCredentialStorage = nil
        settings.httpCookieStorage = nil
        settings.httpCookieAcceptPolicy = .never
        settings.httpShouldSetCookies = false
        settings.httpMaximumConnectionsPerHost = 1
        #if !canImport(FoundationNetworking)
        settings.waitsForConnectivity = false
        settings.tlsMinimumSupportedProtocolVersion = .TLSv12
        #endif
        return settings
    }

    private func address(_ text: String) throws(TransportFault) -> URL {
        guard let url = URL(string: text), let host = url.host?.lowercased(), !host.isEmpty else {
            throw TransportFault(.connectFailed, detail: "not an address")
        }
        let isLoopback = host == "localhost" || host == "::1" || host == "[::1]" || isLoopbackAddress(host)
        guard url.scheme == "https" || url.scheme == "http" && isLoopback else {
            throw TransportFault(.connectFailed, detail: "plain HTTP goes to this device only")
        }
        return url
    }

    private func isLoopbackAddress(_ host: String) -> Bool {
        let numbers = host.split(separator: ".", omittingEmptySubsequences: false)
        return numbers.count == 4 && numbers[0] == "127" && numbers.allSatisfy { UInt8($0) != nil }
    }
}

/// One exchange of a session of its own: gathers the answer, within its limits.
private final class URLSessionExchange: NSObject, URLSessionDataDelegate, @unchecked Sendable {
    let ended = First<Result<TransportResponse, TransportFault>>()
    // Only touched on the session's own serial queue.
    private var answer: HTTPURLResponse?
    private var body = Data()

    func urlSession(
        _ session: URLSession, task: URLSessionTask, willPerformHTTPRedirection response: HTTPURLResponse,
        newRequest request: URLRequest, completionHandler: @escaping (URLRequest?) -> Void
    ) {
        // A redirect is an answer like any other, and this one is told at once: some versions never end the task.
        completionHandler(nil)
        end(response, Data())
        task.cancel()
    }

    func urlSession(
        _ session: URLSession, dataTask: URLSessionDataTask, didReceive response: URLResponse,
        completionHandler: @escaping (URLSession.ResponseDisposition) -> Void
    ) {
        answer = response as? HTTPURLResponse
        guard response.expectedContentLength <= Int64(TransportResponse.maxBodyBytes) else {
            completionHandler(.cancel)
            return ended.settle(.failure(TransportFault(.tooLarge)))
        }
        completionHandler(.allow)
    }

    func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
        body.append(data)
        guard body.count <= TransportResponse.maxBodyBytes else {
            ended.settle(.failure(TransportFault(.tooLarge)))
            return dataTask.cancel()
        }
    }

    func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
        if let error {
            ended.settle(.failure(TransportFault(error)))
        } else if let answer = answer ?? task.response as? HTTPURLResponse {
            end(answer, body)
        } else {
            ended.settle(.failure(TransportFault(.malformed, detail: "no HTTP")))
        }
    }

    private func end(_ answer: HTTPURLResponse, _ body: Data) {
        let headers = answer.allHeaderFields.compactMap { name, value in
            (name as? String).map { Header($0, "\(value)") }
        }
        let encoding = headers.first { $0.name.lowercased() == "content-encoding" }?.value.lowercased()
        if let encoding, encoding != "identity", !encoding.isEmpty {
            return ended.settle(.failure(TransportFault(.malformed, detail: "an encoded body")))
        }
        // A body that was announced and did not come whole is no answer.
        if answer.expectedContentLength > Int64(body.count), !(300...399).contains(answer.statusCode) {
            return ended.settle(.failure(TransportFault(.reset, detail: "the answer ended too early")))
        }
        ended.settle(.success(TransportResponse(status: answer.statusCode, headers: headers, body: body)))
    }
}

extension TransportFault {
    /// What `URLSession` says; its own text may hold the address, and is left out.
    fileprivate init(_ error: any Error) {
        let kind: Kind =
            switch (error as? URLError)?.code {
            case .timedOut: .timeout
            case .cannotFindHost, .dnsLookupFailed: .dns
            case .cannotConnectToHost, .notConnectedToInternet, .dataNotAllowed, .internationalRoamingOff: .connectFailed
            case .secureConnectionFailed, .serverCertificateHasBadDate, .serverCertificateUntrusted,
                .serverCertificateHasUnknownRoot, .serverCertificateNotYetValid, .clientCertificateRejected,
                .clientCertificateRequired, .appTransportSecurityRequiresSecureConnection:
                .tls
            case .dataLengthExceedsMaximum: .tooLarge
            case .cannotParseResponse, .cannotDecodeRawData, .cannotDecodeContentData: .malformed
            default: .reset
            }
        self.init(kind)
    }
}
