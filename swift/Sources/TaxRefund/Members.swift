/// Reading and writing members by their wire names: what the generated models stand on.
extension [String: JSONValue] {
    func text(_ name: String) -> String? { self[name]?.text }

    func integer(_ name: String) -> Int? { self[name]?.integer }

    func flag(_ name: String) -> Bool? { self[name]?.flag }

    func object(_ name: String) -> [String: JSONValue]? { self[name]?.object }

    func amount(_ name: String) -> Amount? { object(name).flatMap(Amount.init(members:)) }

    func model<Part: AnsweredModel>(_ name: String) -> Part? { object(name).map(Part.init(members:)) }

    func texts(_ name: String) -> [String]? { items(name) { $0.text } }

    func objects(_ name: String) -> [[String: JSONValue]]? { items(name) { $0.object } }

    func models<Part: AnsweredModel>(_ name: String) -> [Part]? { items(name) { $0.object.map(Part.init(members:)) } }

    /// The rest.
    func without(_ names: Set<String>) -> [String: JSONValue] {
        isEmpty ? self : filter { !names.contains($0.key) }
    }

    /// A list all of whose items have their shape.
    private func items<Item>(_ name: String, _ read: (JSONValue) -> Item?) -> [Item]? {
        guard let items = self[name]?.array else { return nil }
        let found = items.compactMap(read)
        return found.count == items.count ? found : nil
    }
}

extension JSONValue {
    init?(_ text: String?) {
        guard let text else { return nil }
        self = .string(text)
    }

    init?(_ whole: Int?) {
        guard let whole else { return nil }
        self = .number(.init(whole))
    }

    init?(_ flag: Bool?) {
        guard let flag else { return nil }
        self = .bool(flag)
    }

    init?(_ amount: Amount?) {
        guard let amount else { return nil }
        self = .object(["currency": .string(amount.currency), "value": .string(amount.value)])
    }

    init?(_ members: [String: JSONValue]?) {
        guard let members else { return nil }
        self = .object(members)
    }

    init?(_ part: (some AnsweredModel)?) {
        guard let part else { return nil }
        self = .object(part.members)
    }

    init?(_ items: [[String: JSONValue]]?) {
        guard let items else { return nil }
        self = .array(items.map(JSONValue.object))
    }

    init?(_ parts: [some AnsweredModel]?) {
        guard let parts else { return nil }
        self = .array(parts.map { .object($0.members) })
    }
}

extension KeyedDecodingContainer {
    /// Money that stands in two members.
    func money(_ amount: Key, in currency: Key) throws -> Money {
        let (text, currency) = (try decode(String.self, forKey: amount), try decode(String.self, forKey: currency))
        return try Money.decoded(text, currency, at: codingPath + [amount])
    }

    func moneyIfPresent(_ amount: Key, in currency: Key) throws -> Money? {
        try contains(amount) && !decodeNil(forKey: amount) ? money(amount, in: currency) : nil
    }
}
