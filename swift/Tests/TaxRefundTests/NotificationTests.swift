import Foundation
import TaxRefund
import Testing

/// Inbound messages: believed only when they are the provider's.
@Suite struct Notifications {
    let sandbox: Sandbox
    let folder: Folder

    init() throws {
        sandbox = try Sandbox()
        folder = try Folder()
    }

    @Test func a_genuine_one_is_read_and_shows_nothing_personal() async throws {
        let body = try message("ORDER1", signedBy: sandbox.credentials.alipay.platform_private_key_pem)
        let notification = try await sandbox.client().notification(path: "/notify", headers: [], body: body)
        #expect(notification.key == "ORDER1" && notification.verdict == .succeeded)
        #expect(notification.reply.status == 200 && notification.reply.body == "success")
        #expect(notification.fields["buyer"]?.text == "E12345678" && !printed(notification).contains("E12345678"))
    }

    @Test func a_forged_one_is_refused_with_the_reply_to_give() async throws {
        let body = try message("ORDER1", signedBy: sandbox.credentials.alipay.partner_private_key_pem)
        let error = try await thrown(TaxRefundError.self) {
            try await sandbox.client().notification(path: "/notify", headers: [], body: body)
        }
        guard case .notificationRefused(let fault, let reply) = error.kind else { throw Unexpected(error) }
        #expect(fault == .badSignature && reply.body != "success")
    }

    @Test func it_settles_the_open_refund_in_the_journal() async throws {
        try await sandbox.provoke("ORDER2", "lost-answer*every@any")
        let journal = try await Journal(path: folder.journal, sealingKey: .random())
        let account = try sandbox.alipay()
        let outcome = try await Alipay.Client(account: account, options: .quick(journal)).payTaxRefund(refund("ORDER2"))
        guard case .unknown = outcome else { throw Unexpected(outcome) }
        let body = try message("ORDER2", signedBy: sandbox.credentials.alipay.platform_private_key_pem)
        let settled = try await journal.notify(account, path: "/notify", headers: [], body: body)
        #expect(settled.key == "ORDER2" && settled.notification.reply.body == "success")
        let entry = try #require(try await journal.entry("ORDER2", of: account))
        #expect(entry.state == .succeeded)
        #expect(try await journal.openRefunds().isEmpty)
    }

    /// As the gateway sends them: a form, signed over its members in the order of their names.
    private func message(_ key: String, signedBy privateKey: String) throws -> Data {
        let members = [
            "app_id": sandbox.credentials.alipay.app_id, "charset": "utf-8", "notify_id": "N1",
            "notify_time": try GatewayTime(Date()).text, "notify_type": "tax_refund_status_sync", "out_order_no": key,
            "status": "S", "tax_no": "2026112300000000000000000001", "version": "1.0", "buyer": "E12345678",
        ]
        let names = members.keys.sorted()
        let toSign = names.map { "\($0)=\(members[$0]!)" }.joined(separator: "&")
        let signature = try Signing.sign(Data(toSign.utf8), privateKey: privateKey).base64EncodedString()
        let pairs = names.map { ($0, members[$0]!) } + [("sign_type", "RSA2"), ("sign", signature)]
        let form = pairs.map { name, value in
            "\(name)=\(value.addingPercentEncoding(withAllowedCharacters: .alphanumerics)!)"
        }
        return Data(form.joined(separator: "&").utf8)
    }
}
