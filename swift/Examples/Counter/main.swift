// A refund counter on the command line: scan (type) a code, confirm the account, pay; start it again after it was killed, and what
// was open is taken up first.
//
//     counter ACCOUNT.json JOURNAL.db           resumes what is open, then asks for code, order number and amount
//
// ACCOUNT.json: {"appId", "gateway", "publicKey", "platformKey", "signer"}: all public. The merchant's private key is where the
// signer is (a server's address), never here.

import Foundation
import TaxRefund

guard CommandLine.arguments.count == 3 else {
    print("counter ACCOUNT.json JOURNAL.db")
    exit(64)
}
do {
    let desk = try await Desk(account: CommandLine.arguments[1], journal: CommandLine.arguments[2])
    try await desk.takeUpWhatIsOpen()
    while let code = ask("code") {
        try await desk.refund(code)
    }
} catch {
    print(error.localizedDescription)
    exit(1)
}
