import Foundation
import TaxRefund

/// What is asked, and what is answered: members by their names.
typealias Members = [String: JSONValue]

/// The shim's own trouble.
struct Trouble: Error, CustomStringConvertible {
    let description: String
}

func answer(to line: String) async -> String {
    let answer: Members
    do {
        let asked = try JSONDecoder().decode(Members.self, from: Data(line.utf8))
        answer = try await answered(asked)
    } catch {
        answer = ["error": .string("\(error)")]
    }
    let json = try? JSONEncoder().encode(answer)
    return json.map { String(decoding: $0, as: UTF8.self) } ?? #"{"error": "the answer cannot be written"}"#
}

private func answered(_ asked: Members) async throws -> Members {
    switch asked.optional("op") {
    case "sign_form": try signForm(asked)
    case "verify_form_answer": try verifyFormAnswer(asked)
    case "verify_form_notification": try await verifyFormNotification(asked)
    case "sign_header": try signHeader(asked)
    case "verify_header_answer": try verifyHeaderAnswer(asked)
    case "verify_header_notification": try await verifyHeaderNotification(asked)
    case "certificate_serials": try certificateSerials(asked)
    case "flow": try flow(asked)
    default: throw Trouble(description: "an unknown question")
    }
}

extension Members {
    func optional(_ name: String) -> String? { self[name]?.text }

    func needed(_ name: String) throws -> String {
        guard let text = optional(name) else { throw Trouble(description: "\(name) is missing") }
        return text
    }

    func bytes(_ name: String) throws -> Data {
        guard let data = Data(hex: try needed(name)) else { throw Trouble(description: "\(name) is not hexadecimal") }
        return data
    }

    /// Names and values.
    func headers() throws -> [Header] {
        (self["headers"]?.object ?? [:]).compactMap { name, value in value.text.map { Header(name, $0) } }
    }
}

extension Data {
    init?(hex: String) {
        let digits = Array(hex.utf8)
        guard digits.count.isMultiple(of: 2) else { return nil }
        self.init()
        for at in stride(from: 0, to: digits.count, by: 2) {
            guard let byte = UInt8(String(decoding: digits[at...at + 1], as: UTF8.self), radix: 16) else { return nil }
            append(byte)
        }
    }

    var hex: String { map { String(format: "%02x", $0) }.joined() }
}
