// The Swift shim of the conformance runner: one case per line in, one answer per line out.
//
// What is asked, and how, says the runner: `cargo xtask conformance`. Everything goes through the package.

import Foundation

while let line = readLine(strippingNewline: true) {
    // Not through the buffer of `print`: the runner waits for the line.
    try FileHandle.standardOutput.write(contentsOf: Data((await answer(to: line) + "\n").utf8))
}
