import Foundation
import Testing

/// The packaging script, with stand-ins for Apple's tools, which are not everywhere: which commands it runs, and what it lays out.
@Suite struct Packaging {
    @Test func the_script_packs_every_platform_with_headers_and_module_map() throws {
        let folder = try Folder()
        let (bin, out) = (folder.url.appendingPathComponent("bin"), folder.url.appendingPathComponent("out"))
        let log = folder.url.appendingPathComponent("log")
        try FileManager.default.createDirectory(at: bin, withIntermediateDirectories: true)
        for (tool, does) in Packaging.standIns {
            let file = bin.appendingPathComponent(tool)
            try "#!/bin/sh\nset -eu\necho \"\(tool) $*\" >> '\(log.path)'\n\(does)\n".write(
                to: file, atomically: true, encoding: .utf8)
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file.path)
        }
        let script = Process()
        script.executableURL = URL(fileURLWithPath: "/bin/sh")
        script.arguments = [package.appendingPathComponent("scripts/make-xcframework.sh").path, out.path]
        script.environment = [
            "PATH": "\(bin.path):/usr/bin:/bin", "CARGO_TARGET_DIR": folder.url.appendingPathComponent("target").path,
        ]
        script.standardOutput = Pipe()
        try script.run()
        script.waitUntilExit()
        #expect(script.terminationStatus == 0)

        let commands = try String(contentsOf: log, encoding: .utf8).split(separator: "\n")
        let builds = commands.filter { $0.hasPrefix("cargo ") }
        for triple in Packaging.triples {
            #expect(builds.contains { $0.contains("--target \(triple) ") && $0.contains("--profile phone") }, "\(triple)")
        }
        #expect(builds.count == 5 && builds.allSatisfy { $0.contains("staticlib") && $0.contains("--locked") })
        #expect(commands.filter { $0.hasPrefix("lipo -create") }.count == 2)
        #expect(commands.contains { $0.hasPrefix("xcodebuild -create-xcframework") })

        let framework = out.appendingPathComponent("TaxRefundNative.xcframework")
        func content(_ path: String) throws -> String {
            try String(contentsOf: framework.appendingPathComponent(path), encoding: .utf8)
        }
        // The stand-in numbers the slices in the order in which it is given them.
        #expect(try content("1/libtaxrefund_native.a") == "aarch64-apple-ios\n")
        #expect(try content("2/libtaxrefund_native.a") == "aarch64-apple-ios-sim\nx86_64-apple-ios\n")
        #expect(try content("3/libtaxrefund_native.a") == "aarch64-apple-darwin\nx86_64-apple-darwin\n")
        for slice in 1...3 {
            #expect(try content("\(slice)/Headers/TaxRefundNative/module.modulemap").contains("module TaxRefundNative"))
            let header = package.appendingPathComponent("Sources/TaxRefundNative/TaxRefundNative.h")
            #expect(
                try content("\(slice)/Headers/TaxRefundNative/TaxRefundNative.h") == String(contentsOf: header, encoding: .utf8))
        }
        let names = try FileManager.default.contentsOfDirectory(atPath: out.path).sorted()
        #expect(names == ["", ".zip", ".zip.checksum"].map { "TaxRefundNative.xcframework" + $0 })
    }

    private static let triples = [
        "aarch64-apple-ios", "aarch64-apple-ios-sim", "x86_64-apple-ios", "aarch64-apple-darwin", "x86_64-apple-darwin",
    ]

    private static let standIns = [
        "rustup": "",
        "cargo": #"""
        while [ "$1" != --target ]; do shift; done
        mkdir -p "$CARGO_TARGET_DIR/$2/phone"
        echo "$2" > "$CARGO_TARGET_DIR/$2/phone/libtaxrefund_native.a"
        """#,
        "lipo": #"[ "$1 $2" = "-create -output" ]; out=$3; shift 3; cat "$@" > "$out""#,
        "xcodebuild": #"""
        shift; slice=0
        for word in "$@"; do last=$word; done
        while [ "$1" != -output ]; do
            slice=$((slice + 1)); mkdir -p "$last/$slice"
            [ "$1 $3" = "-library -headers" ]; cp "$2" "$last/$slice/"; cp -R "$4" "$last/$slice/Headers"; shift 4
        done
        """#,
        "ditto": #"[ -d "$4" ]; echo zip > "$5""#,
        "swift": #"echo 0123456789abcdef"#,
    ]
}

/// This package's folder.
let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
