import Foundation
internal import TaxRefundBridge

/// What crosses the boundary, both ways.
extension NativeResponse {
    init(_ response: TransportResponse) {
        self.init(
            status: UInt16(clamping: response.status), headers: response.headers.map(NativeHeader.init),
            body: response.body)
    }
}

extension NativeHeader {
    init(_ header: Header) {
        self.init(name: header.name, value: header.value)
    }
}

extension TransportRequest {
    init(_ request: NativeRequest) {
        self.init(
            method: request.method, url: request.url, headers: request.headers.map { Header($0.name, $0.value) },
            body: request.body, timeoutMs: request.timeoutMs, interface: request.interface)
    }
}
