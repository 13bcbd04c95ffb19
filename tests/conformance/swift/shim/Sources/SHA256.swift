import Foundation

/// Foundation has no hash on Linux; the runner compares this one.
func sha256(_ message: Data) -> String {
    var state: [UInt32] = primes(8).map { fraction(of: Double($0).squareRoot()) }
    let constants = primes(64).map { fraction(of: cbrt(Double($0))) }
    var bytes = [UInt8](message) + [0x80]
    bytes += [UInt8](repeating: 0, count: (120 - bytes.count % 64) % 64)
    bytes += withUnsafeBytes(of: UInt64(message.count * 8).bigEndian, Array.init)
    for block in stride(from: 0, to: bytes.count, by: 64) {
        var words = (0..<16).map { word in
            bytes[block + word * 4..<block + word * 4 + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        }
        for at in 16..<64 {
            let (early, late) = (words[at - 15], words[at - 2])
            let mixed = (early.turned(7) ^ early.turned(18) ^ early >> 3) &+ (late.turned(17) ^ late.turned(19) ^ late >> 10)
            words.append(words[at - 16] &+ words[at - 7] &+ mixed)
        }
        var turning = state
        for at in 0..<64 {
            let (a, e) = (turning[0], turning[4])
            let chosen = e & turning[5] ^ ~e & turning[6]
            let first = turning[7] &+ (e.turned(6) ^ e.turned(11) ^ e.turned(25)) &+ chosen &+ constants[at] &+ words[at]
            let majority = a & turning[1] ^ a & turning[2] ^ turning[1] & turning[2]
            let second = (a.turned(2) ^ a.turned(13) ^ a.turned(22)) &+ majority
            turning = [first &+ second] + turning[0...6]
            turning[4] = turning[4] &+ first
        }
        state = zip(state, turning).map { $0 &+ $1 }
    }
    return state.map { String(format: "%08x", $0) }.joined()
}

private func primes(_ count: Int) -> [Int] {
    var found: [Int] = []
    var next = 2
    while found.count < count {
        if found.allSatisfy({ !next.isMultiple(of: $0) }) { found.append(next) }
        next += 1
    }
    return found
}

private func fraction(of number: Double) -> UInt32 { UInt32((number - number.rounded(.down)) * 4_294_967_296) }

extension UInt32 {
    fileprivate func turned(_ bits: UInt32) -> UInt32 { self >> bits | self << (32 - bits) }
}
