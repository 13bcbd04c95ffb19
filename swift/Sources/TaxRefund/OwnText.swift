/// The texts of what this package finds out by itself; the core has all others.
enum OwnText: Sendable {
    case versionMismatch(package: String, native: String)
    case unexpected
    case notAnAmount
    case dateOutOfRange
    case notAnOpenRefund
    case neededAnotherOperation(String, needed: String)
    case closed
    case needsJournal(option: String)
    case notInTheJournal(key: String)
    case onlyItsJournal(key: String)
    case otherAccount(String, this: String)
    case sealingKeyLength(Int)
    case keychain(Int32)
    case journalTaken(String)
    case journalBeside(String)
    case signerFailed
    case foreignAccount

    func text(in language: Language) -> String {
        switch language {
        case .english: english
        case .chinese: chinese
        }
    }

    private var english: String {
        switch self {
        case .versionMismatch(let package, let native):
            "The Swift package is version \(package) and its native library \(native): take both from one release."
        case .unexpected: "The library has failed in a way that it does not know. What was asked for may have been sent."
        case .notAnAmount: "value: is not a whole number of the smallest unit"
        case .dateOutOfRange: "time: lies before 1970 or after the year 9999"
        case .notAnOpenRefund: "open refund: cannot be read: give its text exactly as it was kept"
        case .neededAnotherOperation(let operation, let needed): "the open refund is of \(operation), not of \(needed)"
        case .closed: "client: was closed"
        case .needsJournal(let option): "options.\(option): needs a journal, which remembers the refunds of each form"
        case .notInTheJournal(let key):
            "The journal has no refund \(key), and none is paid past it: make the same call again, or resume it with a client "
                + "without a journal if it was begun by one."
        case .onlyItsJournal(let key): "Only its journal can resume the refund \(key)."
        case .otherAccount(let account, let this): "open refund: belongs to the account \(account), this one is \(this)"
        case .sealingKeyLength(let bytes): "sealing key: must be 32 bytes, has \(bytes)"
        case .keychain(let status): "sealing key: the keychain refuses it (status \(status))"
        case .journalTaken(let path): "journal: somebody has it open: \(path)"
        case .journalBeside(let path): "journal: the file beside it cannot be written: \(path).lock"
        case .signerFailed: "signer: gave no usable signature"
        case .foreignAccount: "account: is none that this package makes"
        }
    }

    private var chinese: String {
        switch self {
        case .versionMismatch(let package, let native):
            "Swift 包的版本是 \(package)，本地库的版本是 \(native)：请使用同一发布版本的两者。"
        case .unexpected: "程序库发生了未知错误。所请求的操作可能已经发出。"
        case .notAnAmount: "value：不是以最小货币单位计的整数"
        case .dateOutOfRange: "时间：早于 1970 年或晚于 9999 年"
        case .notAnOpenRefund: "未决退款：无法读取，请原样提供保存的文本"
        case .neededAnotherOperation(let operation, let needed): "该未决退款属于 \(operation)，而不是 \(needed)"
        case .closed: "客户端：已关闭"
        case .needsJournal(let option): "options.\(option)：需要日志，由日志记住每张单据的退款"
        case .notInTheJournal(let key):
            "日志中没有退款 \(key)，绕过日志不会支付任何款项：请再次发起同一调用；如果它由没有日志的客户端发起，请用那样的客户端恢复。"
        case .onlyItsJournal(let key): "只有记录退款 \(key) 的日志才能恢复它。"
        case .otherAccount(let account, let this): "未决退款：属于账户 \(account)，当前账户是 \(this)"
        case .sealingKeyLength(let bytes): "密封密钥：必须是 32 字节，实际为 \(bytes) 字节"
        case .keychain(let status): "密封密钥：钥匙串拒绝访问（状态 \(status)）"
        case .journalTaken(let path): "日志：已被打开，正在使用中：\(path)"
        case .journalBeside(let path): "日志：无法写入其旁边的文件：\(path).lock"
        case .signerFailed: "签名方：没有给出可用的签名"
        case .foreignAccount: "账户：不是由本包创建的账户"
        }
    }
}
