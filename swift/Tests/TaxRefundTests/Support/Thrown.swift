import Testing

/// What the work throws, which must be of this type.
func thrown<Failure: Error, Value>(
    _ type: Failure.Type = Failure.self, by work: () async throws -> Value,
    at location: SourceLocation = #_sourceLocation
) async throws -> Failure {
    do {
        let value = try await work()
        throw Unexpected("nothing was thrown: \(value)", at: location)
    } catch let failure as Failure {
        return failure
    }
}

/// What a test did not expect.
struct Unexpected: Error, CustomStringConvertible {
    let description: String

    init(_ what: some CustomStringConvertible, at location: SourceLocation = #_sourceLocation) {
        description = "unexpected at \(location): \(what)"
    }
}
