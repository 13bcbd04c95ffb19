// Prepares requests, as often as it is asked to: from typed values to the frozen bytes, or on to the bytes that are to be signed.
//
// `cargo xtask bench` speaks with it in lines of JSON: the set-up first, which is answered with {}, then {"requests": N, "begun": false},
// which is answered with the processor time of one, {"prepare_us": …}. It reaches below the public face, where preparing and sending are two things.

import Foundation

func answer(_ value: some Encodable) throws {
    try FileHandle.standardOutput.write(contentsOf: JSONEncoder().encode(value) + Data("\n".utf8))
}

struct Setup: Decodable {
    let merchantPublicKey, platformPublicKey: String
}

struct Turn: Decodable {
    let requests: Int
    let begun: Bool
}

let decoder = JSONDecoder()
decoder.keyDecodingStrategy = .convertFromSnakeCase
let setup = try decoder.decode(Setup.self, from: Data((readLine() ?? "").utf8))
let preparing = try Preparing(merchantKey: setup.merchantPublicKey, platformKey: setup.platformPublicKey)
try answer([String: Double]())
while let line = readLine() {
    let turn = try decoder.decode(Turn.self, from: Data(line.utf8))
    try answer(["prepare_us": try preparing.microseconds(requests: turn.requests, begun: turn.begun)])
}
