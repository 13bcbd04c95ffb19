/// A value that shows only what logs may have, however it is printed.
///
/// `print`, string interpolation, `debugPrint`, `dump` and a debugger's summary of such a value hold nothing about the
/// traveller, no key and no token.
public protocol Redacted: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// What may be shown.
    var redaction: Redaction { get }
}

extension Redacted {
    /// What may be shown of it.
    public var description: String { redaction.text }

    /// The same as `description`.
    public var debugDescription: String { redaction.text }

    /// The same as `description`, member by member.
    public var customMirror: Mirror {
        let children = redaction.members.map { (label: String?.some($0.name), value: $0.text as Any) }
        return Mirror(self, children: children, displayStyle: .struct)
    }
}

/// What may be shown of a value: names of everything, contents of what is not personal.
public struct Redaction: Sendable {
    let type: String
    private(set) var members: [(name: String, text: String)] = []

    /// Nothing but the type's name.
    public init(_ type: String) {
        self.type = type
    }

    /// Adds a member as it is; one that is absent is left out.
    public func shown(_ name: String, _ value: (some Any)?) -> Redaction {
        adding(name, value.map { "\($0)" })
    }

    /// Adds a member whose content nobody may see.
    public func hidden(_ name: String, _ value: (some Any)?) -> Redaction {
        adding(name, value.map { _ in "•••" })
    }

    /// Adds a member of which the names inside may be seen.
    public func names(_ name: String, _ value: [String: JSONValue]?) -> Redaction {
        guard let value, !value.isEmpty else { return self }
        return adding(name, "«" + value.keys.sorted().joined(separator: ", ") + "»")
    }

    /// Adds a list of which the length may be seen.
    public func counted(_ name: String, _ value: [some Any]?) -> Redaction {
        adding(name, value.map { "«\($0.count)»" })
    }

    var text: String {
        type + "(" + members.map { "\($0.name): \($0.text)" }.joined(separator: ", ") + ")"
    }

    private func adding(_ name: String, _ text: String?) -> Redaction {
        guard let text else { return self }
        var more = self
        more.members.append((name, text))
        return more
    }
}
