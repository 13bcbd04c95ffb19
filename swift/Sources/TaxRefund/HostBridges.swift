import Foundation
internal import TaxRefundBridge

/// The app's transport, as the journal asks it: on a native thread, which waits.
final class TransportBridge: HostTransport, @unchecked Sendable {
    private let transport: any Transport
    private let teller: Teller

    init(transport: any Transport, teller: Teller) {
        (self.transport, self.teller) = (transport, teller)
    }

    func begin(exchange: Exchange) throws {
        let request = TransportRequest(try exchange.request())
        let (transport, teller) = (transport, teller)
        let task = Task<Void, Never> {
            switch await exchanged(request, over: transport, on: SystemClock(), teller) {
            case .answer(let answer): try? exchange.answered(response: NativeResponse(answer))
            case .fault(let fault):
                try? exchange.faulted(fault: fault.kind.rawValue, detail: String(fault.detail.prefix(200)))
            case .cancelled: try? exchange.faulted(fault: TransportFault.Kind.reset.rawValue, detail: "")
            }
        }
        track(task)
    }
}

/// The app's signer, as the journal asks it.
final class SignerBridge: HostSigner, @unchecked Sendable {
    let patienceMs: UInt64
    private let signer: any Signer

    init(signer: any Signer, patienceMs: UInt64) {
        (self.signer, self.patienceMs) = (signer, patienceMs)
    }

    func begin(request: SignatureRequest) throws {
        let message = try request.message()
        let (signer, patienceMs) = (signer, patienceMs)
        let task = Task<Void, Never> {
            if case .value(let signature) = await within(patienceMs, on: SystemClock(), { try await signer.sign(message) }) {
                try? request.signed(signature: signature)
            } else {
                try? request.failed()
            }
        }
        track(task)
    }
}

/// Ends the task when the call that it belongs to is cancelled.
private func track(_ task: Task<Void, Never>) {
    guard let call = UnderWay.current else { return }
    let ended = call.began { task.cancel() }
    Task {
        await task.value
        ended()
    }
}
