/// What came of one exchange.
enum Exchanged: Sendable {
    case answer(TransportResponse)
    case fault(TransportFault)
    case cancelled
}

/// Sends a request once. It is over when the request's time is up or the task is cancelled, whatever the transport does.
func exchanged(
    _ request: TransportRequest, over transport: any Transport, on clock: any RefundClock, _ teller: Teller
) async -> Exchanged {
    guard !Task.isCancelled else { return .cancelled }
    teller.tell(.sending(interface: request.interface))
    let began = clock.monotonicMs
    let settled = await within(request.timeoutMs, on: clock) { try await transport.send(request) }
    let tookMs = clock.monotonicMs &- began
    let exchanged = Exchanged(settled)
    switch exchanged {
    case .answer(let answer): teller.tell(.heard(interface: request.interface, status: answer.status, tookMs: tookMs))
    case .fault(let fault):
        teller.tell(.faulted(interface: request.interface, fault: Fault(rawValue: fault.kind.rawValue), tookMs: tookMs))
    case .cancelled: break
    }
    return exchanged
}

extension Exchanged {
    fileprivate init(_ settled: Settled<TransportResponse>) {
        switch settled {
        case .value(let answer): self = Exchanged(answer)
        case .error(let fault as TransportFault): self = .fault(fault)
        // Whether something was sent is not known, and what was thrown may hold anything.
        case .error: self = .fault(TransportFault(.reset))
        case .late: self = .fault(TransportFault(.timeout))
        case .cancelled: self = .cancelled
        }
    }

    private init(_ answer: TransportResponse) {
        let headerBytes = answer.headers.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count + 4 }
        if answer.body.count > TransportResponse.maxBodyBytes || headerBytes > TransportResponse.maxHeaderBytes {
            self = .fault(TransportFault(.tooLarge))
        } else if !(100...999).contains(answer.status) {
            self = .fault(TransportFault(.malformed, detail: "a status that is none"))
        } else {
            self = .answer(answer)
        }
    }
}
