import Foundation
internal import TaxRefundBridge

/// Does what a flow says, and tells it what came of it. It decides nothing about money.
struct Driver: Sendable {
    let flow: NativeFlow
    let transport: any Transport
    let signer: (any Signer)?
    let signerPatienceMs: UInt64
    let clock: any RefundClock
    let teller: Teller

    /// The outcome, as the core writes it. Never hangs: a cancelled task ends it at once, as *unknown*. So does a fault of the
    /// library's own: something may have been sent, and an error would say that nothing was.
    func outcome() async throws(TaxRefundError) -> String {
        do throws(TaxRefundError) {
            return try await steps()
        } catch {
            guard case .done(let outcome)? = try? advance(.cancel) else { throw error }
            return outcome
        }
    }

    private func steps() async throws(TaxRefundError) -> String {
        var event = Task.isCancelled ? NativeEvent.cancel : .start
        while true {
            switch try advance(event) {
            case .sign(let message): event = await sign(message)
            case .send(let request): event = await send(request)
            case .wait(let waitMs): event = await wait(waitMs)
            case .done(let outcome): return outcome
            }
        }
    }

    private func advance(_ event: NativeEvent) throws(TaxRefundError) -> NativeStep {
        let (monotonicMs, epochMs) = (clock.monotonicMs, clock.epochMs)
        return try calling { try flow.advance(event: event, monotonicMs: monotonicMs, epochMs: epochMs) }
    }

    private func send(_ request: NativeRequest) async -> NativeEvent {
        switch await exchanged(TransportRequest(request), over: transport, on: clock, teller) {
        case .answer(let answer): .answered(response: NativeResponse(answer))
        case .fault(let fault): .faulted(fault: fault.kind.rawValue, detail: String(fault.detail.prefix(200)))
        case .cancelled: .cancel
        }
    }

    private func sign(_ message: Data) async -> NativeEvent {
        guard let signer else { return .signingFailed(why: "there is no signer") }
        return switch await within(signerPatienceMs, on: clock, { try await signer.sign(message) }) {
        case .value(let signature): .signed(signature: signature)
        case .error: .signingFailed(why: "the signer failed")
        case .late: .signingFailed(why: "no signature in time")
        case .cancelled: .cancel
        }
    }

    private func wait(_ waitMs: UInt64) async -> NativeEvent {
        teller.tell(.waiting(ms: waitMs))
        let clock = clock
        return switch await within(nil, on: clock, { try await clock.sleep(ms: waitMs) }) {
        case .value: .woke
        // Without a clock there is no waiting: the refund stays open.
        case .error, .late, .cancelled: .cancel
        }
    }
}
