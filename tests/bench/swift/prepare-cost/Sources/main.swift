// What the boundary costs: one request from typed values to the bytes that are to be signed, as a part of one signature.
//
// Two accounts do the same: one hands out the bytes to sign, the other has the key and signs them too. What they differ by is the
// signature. Rounds of both alternate, and the ratio is that of their medians; it is all that is printed.

import Foundation
@testable import TaxRefund
import TaxRefundBridge

let rounds = 60
let requestsPerRound = 50

let cost = try Cost()
// The first ones load, allocate and fill caches.
_ = try cost.round(0, signs: true)
_ = try cost.round(1, signs: false)
var (prepared, signed): ([Double], [Double]) = ([], [])
for round in 2..<rounds {
    prepared.append(try cost.round(round, signs: false))
    signed.append(try cost.round(round, signs: true))
}
let (preparing, whole) = (median(prepared), median(signed))
FileHandle.standardError.write(
    Data("prepared \(preparing) µs, with its signature \(whole) µs, the signature \(whole - preparing) µs\n".utf8))
print(preparing / (whole - preparing))

func median(_ values: [Double]) -> Double {
    values.sorted()[values.count / 2]
}
