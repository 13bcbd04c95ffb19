import Foundation
import TaxRefund
import Testing

/// A server of one's own that signs: HTTP on loopback, one request per connection.
final class SigningServer: @unchecked Sendable {
    let address: String
    private let listening: Int32
    private let privateKey: String

    init(privateKey: String) throws {
        self.privateKey = privateKey
        let listening = socket(AF_INET, streamType, 0)
        var place = sockaddr_in()
        place.sin_family = sa_family_t(AF_INET)
        place.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isReady = withUnsafeMutablePointer(to: &place) { place in
            place.withMemoryRebound(to: sockaddr.self, capacity: 1) { place in
                bind(listening, place, length) == 0 && listen(listening, 16) == 0
                    && getsockname(listening, place, &length) == 0
            }
        }
        guard isReady else { throw Unexpected("no socket") }
        self.listening = listening
        address = "http://127.0.0.1:\(UInt16(bigEndian: place.sin_port))/sign"
        Thread.detachNewThread { [self] in serve() }
    }

    /// Nobody is answered any more.
    func stop() {
        shutdown(listening, Int32(SHUT_RDWR))
        close(listening)
    }

    private func serve() {
        while case let connection = accept(listening, nil, nil), connection >= 0 {
            let answer = message(from: connection).flatMap { try? Signing.sign($0, privateKey: privateKey) } ?? Data()
            let head = "HTTP/1.1 \(answer.isEmpty ? 400 : 200) X\r\nContent-Length: \(answer.count)\r\nConnection: close\r\n\r\n"
            let bytes = [UInt8](Data(head.utf8) + answer)
            _ = send(connection, bytes, bytes.count, noSignal)
            close(connection)
        }
    }

    private func message(from connection: Int32) -> Data? {
        var received = Data()
        var part = [UInt8](repeating: 0, count: 65_536)
        while true {
            if let end = received.range(of: Data("\r\n\r\n".utf8)) {
                let head = String(decoding: received[..<end.lowerBound], as: UTF8.self).lowercased()
                let length =
                    head.split(separator: "\r\n").first { $0.hasPrefix("content-length:") }
                    .flatMap { Int($0.dropFirst(15).trimmingCharacters(in: .whitespaces)) } ?? 0
                if received.count - end.upperBound >= length { return received[end.upperBound...] }
            }
            let count = recv(connection, &part, part.count, 0)
            guard count > 0 else { return nil }
            received += part[..<count]
        }
    }
}

#if canImport(Glibc)
private let streamType = Int32(SOCK_STREAM.rawValue)
private let noSignal = Int32(MSG_NOSIGNAL)
#else
private let streamType = SOCK_STREAM
private let noSignal: Int32 = 0
#endif
