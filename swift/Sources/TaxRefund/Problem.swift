/// What the core reports, read.
struct Problem {
    let kind: TaxRefundError.Kind
    let code: ErrorCode
    let message: String

    init?(json: String) {
        guard let problem = JSONValue(json: json)?.object, let kind = problem.text("kind") else { return nil }
        self.kind = Problem.kind(kind, of: problem)
        code = ErrorCode(rawValue: problem.text("code") ?? kind)
        if case .invalidRequest(let operation, let violations) = self.kind, !violations.isEmpty {
            message = Problem.listed(violations, of: operation)
        } else {
            message = problem.text("message") ?? kind
        }
    }

    private static func kind(_ name: String, of problem: [String: JSONValue]) -> TaxRefundError.Kind {
        func text(_ name: String) -> String { problem.text(name) ?? "" }
        return switch name {
        case "invalid_request":
            .invalidRequest(operation: text("operation"), violations: (problem.objects("violations") ?? []).map(Violation.init))
        case "configuration": .configuration(field: text("field"))
        case "misuse": .misuse
        case "key_reused":
            .keyReused(
                operation: text("operation"), key: text("key"), fields: (problem.texts("fields") ?? []).map(swiftPath),
                state: text("state"))
        case "form_taken": .formTaken(form: text("form"), key: text("key"), state: text("state"))
        case "busy": .refundBusy(key: text("key"), owner: text("owner"))
        case "taken_over": .takenOver(key: text("key"))
        case "not_found": .refundNotFound(key: text("key"))
        case "journal", "only_reads": .journal
        case "money": .money
        case "date": .date
        case "scanned_code": .scannedCode
        case "notification_refused":
            .notificationRefused(
                fault: Fault(rawValue: text("fault")), reply: Reply(members: problem.object("reply") ?? [:]))
        case "answer_refused": .answerRefused(fault: Fault(rawValue: text("fault")))
        default: .other(name)
        }
    }

    private static func listed(_ violations: [Violation], of operation: String) -> String {
        let count = "\(violations.count) problem\(violations.count == 1 ? "" : "s")"
        let lines = violations.map { "\n  \($0.path.isEmpty ? "the whole" : $0.path): \($0.message) (given: \($0.given))" }
        return "\(operation): nothing was sent; \(count)" + lines.joined()
    }
}

extension Violation {
    init(members: [String: JSONValue]) {
        path = swiftPath(members.text("path") ?? "")
        rule = members.text("rule") ?? ""
        message = members.text("message") ?? ""
        given = members.text("given") ?? ""
    }
}

/// A path as Swift writes it: `merchants.0.merchantMCC` is `merchants[0].merchantMcc`. Names inside a free object stay.
func swiftPath(_ path: String) -> String {
    var written = ""
    var isFree = false
    for step in path.split(separator: ".").map(String.init) {
        if Int(step) != nil {
            written += "[\(step)]"
            continue
        }
        let name = isFree ? step : memberNames[step] ?? step
        written += written.isEmpty ? name : ".\(name)"
        isFree = isFree || freeMembers.contains(step)
    }
    return written
}
