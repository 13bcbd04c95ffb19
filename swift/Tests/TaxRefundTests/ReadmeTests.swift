import Foundation
import Testing

/// The programs of the README are those of ReadmePrograms.swift, which compiles with the tests.
@Test func the_readmes_programs_are_compiled() throws {
    let readme = try String(contentsOf: package.appendingPathComponent("README.md"), encoding: .utf8)
    let compiled = try String(
        contentsOf: package.appendingPathComponent("Tests/TaxRefundTests/ReadmePrograms.swift"), encoding: .utf8)
    let blocks = readme.components(separatedBy: "```swift\n").dropFirst().map { $0.components(separatedBy: "```")[0] }
    #expect(blocks.count == 4)
    for block in blocks {
        let program = block.split(separator: "\n", omittingEmptySubsequences: false)
            .drop { $0.hasPrefix("import ") || $0.isEmpty }.joined(separator: "\n")
        #expect(compiled.contains(program), "\(program)")
    }
}
