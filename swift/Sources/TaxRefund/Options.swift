/// How a procedure repeats: within the documented bounds, which cannot be exceeded.
public struct Policy: Hashable, Sendable {
    /// Sends of one interface within one phase, 3 to 10.
    public var attempts: Int
    /// One exchange, from connecting to the last byte of the answer.
    public var attemptTimeout: Duration
    /// The whole call, waits included; at most a day. When it ends the outcome is *unknown*.
    public var deadline: Duration
    /// Sandbox only: waits are this many thousandths of the documented ones.
    public var sandboxWaitPermille: Int

    /// The usual one, or with other numbers. Bounds are checked where it is used.
    public init(
        attempts: Int = 5, attemptTimeout: Duration = .seconds(15), deadline: Duration = .seconds(300),
        sandboxWaitPermille: Int = 1000
    ) {
        self.attempts = attempts
        self.attemptTimeout = attemptTimeout
        self.deadline = deadline
        self.sandboxWaitPermille = sandboxWaitPermille
    }

    var json: String {
        jsonText([
            "attempts": UInt64(clamping: attempts),
            "attempt_timeout_ms": attemptTimeout.wholeMs,
            "deadline_ms": deadline.wholeMs,
            "sandbox_wait_permille": UInt64(clamping: sandboxWaitPermille),
        ])
    }
}

/// How one call is made.
public struct CallOptions: Hashable, Sendable {
    /// How it repeats; `nil` is as the client does.
    public var policy: Policy?
    /// The tax refund form's number for the journal, where the request itself does not carry it.
    public var form: String?
    /// Why a second refund is really meant for a form; the journal keeps it for ever.
    public var secondRefundForForm: String?
    /// Draws the waits inside their documented windows; for tests.
    public var seed: UInt64?

    /// As the client does, or otherwise.
    public init(
        policy: Policy? = nil, form: String? = nil, secondRefundForForm: String? = nil, seed: UInt64? = nil
    ) {
        self.policy = policy
        self.form = form
        self.secondRefundForForm = secondRefundForForm
        self.seed = seed
    }
}

/// How a client works.
public struct ClientOptions: Sendable {
    /// What keeps refunds. With one, operations that move money or record something go through it, and none past it.
    public var journal: Journal?
    /// How requests reach the outside.
    public var transport: any Transport
    /// How calls repeat.
    public var policy: Policy
    /// Is told what calls do, in the middle of them; on any thread.
    public var observer: (@Sendable (RefundEvent) -> Void)?
    /// The time. What a journal drives goes by the device's own.
    public var clock: any RefundClock

    /// The usual one, or otherwise.
    public init(
        journal: Journal? = nil,
        transport: any Transport = URLSessionTransport(),
        policy: Policy = Policy(),
        clock: any RefundClock = SystemClock(),
        observer: (@Sendable (RefundEvent) -> Void)? = nil
    ) {
        self.journal = journal
        self.transport = transport
        self.policy = policy
        self.observer = observer
        self.clock = clock
    }
}
