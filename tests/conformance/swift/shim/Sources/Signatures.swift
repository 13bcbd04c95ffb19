import Foundation
import TaxRefund

func signForm(_ asked: Members) throws -> Members {
    let parameters = (asked["params"]?.object ?? [:]).compactMapValues(\.text)
    let toSign = try Signing.formStringToSign(parameters, charset: try asked.needed("charset"))
    let signature = try Signing.sign(
        toSign, privateKey: try asked.needed("private_key"), signType: try asked.needed("sign_type"))
    return ["to_sign_hex": .string(toSign.hex), "signature": .string(signature.base64EncodedString())]
}

func signHeader(_ asked: Members) throws -> Members {
    let toSign = try Signing.headerStringToSign(
        path: try asked.needed("path"), clientId: try asked.needed("client_id"), time: try asked.needed("time"),
        body: try asked.bytes("body_hex"))
    let signature = try Signing.sign(toSign, privateKey: try asked.needed("private_key"))
    let header = try Signing.signatureHeader(signature, keyVersion: UInt32(try asked.needed("key_version")) ?? 1)
    let text = signature.base64EncodedString()
    let unreserved = CharacterSet.alphanumerics
    return [
        "to_sign_hex": .string(toSign.hex),
        "signature": .string(text),
        "encoded": .string(text.addingPercentEncoding(withAllowedCharacters: unreserved) ?? ""),
        "header": .string(header),
    ]
}

func verifyFormAnswer(_ asked: Members) throws -> Members {
    let (method, body) = (try asked.needed("method"), try asked.bytes("body_hex"))
    let cut: Signing.CutOut
    do {
        cut = try Signing.cutOut(method: method, body: body, charset: try asked.needed("charset"))
    } catch {
        return try refused(error)
    }
    let signed = body.subdata(in: cut.range)
    let place: Members = ["root": .string(cut.root), "signed_hex": .string(signed.hex)]
    let client = try Alipay.Client(account: gateway(asked, appId: "2014072300007148"))
    do {
        _ = try client.verifiedAnswer(to: method, TransportResponse(status: 200, headers: [], body: body))
        return place.merging(["verdict": "verified"]) { $1 }
    } catch {
        let verdict = try refused(error)
        if verdict.optional("reason") == "unsigned", isRefusal(signed) {
            return place.merging(["verdict": "unsigned"]) { $1 }
        }
        return place.merging(verdict) { $1 }
    }
}

func verifyFormNotification(_ asked: Members) async throws -> Members {
    let text = try asked.needed("body")
    let (body, fields) = (Data(text.utf8), form(text))
    let client = try Alipay.Client(account: gateway(asked, appId: fields["app_id"] ?? ""))
    let notification: RefundNotification
    do {
        notification = try await client.notification(path: "/", headers: [], body: body)
    } catch {
        return try refused(error)
    }
    let signature = Data(base64Encoded: fields["sign"] ?? "") ?? Data()
    for rule in ["V1", "V2"] {
        let (toVerify, parameters) = try Signing.formStringToVerify(body, rule: rule)
        let covered = try encoded(toVerify, parameters["charset"] ?? "utf-8")
        let fits = try Signing.verify(
            signature, over: covered, publicKey: try asked.needed("public_key"),
            signType: try asked.needed("sign_type"))
        if fits {
            return [
                "verdict": "verified", "rule": .string(rule.lowercased()), "to_verify_hex": .string(covered.hex),
                "reply": .string(notification.reply.body),
            ]
        }
    }
    throw Trouble(description: "accepted, though neither rule fits")
}

func verifyHeaderAnswer(_ asked: Members) throws -> Members {
    let answer = TransportResponse(
        status: asked["status"]?.integer ?? 200, headers: try asked.headers(), body: try asked.bytes("body_hex"))
    do {
        _ = try AlipayPlus.Client(account: caller(asked)).verifiedAnswer(to: try asked.needed("path"), answer)
        return ["verdict": "verified"]
    } catch {
        return try refused(error)
    }
}

func verifyHeaderNotification(_ asked: Members) async throws -> Members {
    do {
        _ = try await AlipayPlus.Client(account: caller(asked)).notification(
            path: try asked.needed("path"), headers: try asked.headers(), body: try asked.bytes("body_hex"))
        return ["verdict": "verified"]
    } catch {
        return try refused(error)
    }
}

func certificateSerials(_ asked: Members) throws -> Members {
    [
        "app": .string(try Signing.certificateSerial(try asked.needed("app_cert"))),
        "alipay": .string(try Signing.certificateSerial(try asked.needed("alipay_cert"))),
        "root": .string(try Signing.rootSerial(try asked.needed("root_bundle"))),
    ]
}

/// Of an error that says why a message is not believed; another one is the shim's own trouble.
private func refused(_ error: any Error) throws -> Members {
    switch (error as? TaxRefundError)?.kind {
    case .answerRefused, .notificationRefused:
        return ["verdict": "refused", "reason": .string((error as? TaxRefundError)?.code.rawValue ?? "")]
    default: throw error
    }
}

/// A failure's code, in an answer that carries no signature.
private func isRefusal(_ content: Data) -> Bool {
    let members = try? JSONDecoder().decode(Members.self, from: content)
    guard case .string(let code) = members?["code"] else { return false }
    return code != "10000"
}

/// Foundation knows GBK as a part of GB 18030.
private func encoded(_ text: String, _ charset: String) throws -> Data {
    guard ["gbk", "gb2312", "gb18030"].contains(charset.lowercased()) else { return Data(text.utf8) }
    // 0x80000632: GB 18030 2000, which has no name on all platforms.
    guard let bytes = text.data(using: String.Encoding(rawValue: 0x8000_0632)) else {
        throw Trouble(description: "the text has no form in \(charset)")
    }
    return bytes
}
