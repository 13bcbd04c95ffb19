// swift-tools-version: 6.0

import PackageDescription

// Linux takes the native library from the linker's search path; Apple platforms take it from the XCFramework that
// scripts/make-xcframework.sh makes.
#if os(Linux)
let native: Target = .systemLibrary(name: "TaxRefundNative")
#else
let native: Target = .binaryTarget(name: "TaxRefundNative", path: "build/TaxRefundNative.xcframework")
#endif

let package = Package(
    name: "TaxRefund",
    platforms: [.iOS(.v16), .macOS(.v13)],
    products: [
        .library(name: "TaxRefund", targets: ["TaxRefund"]),
        .executable(name: "counter", targets: ["Counter"]),
    ],
    targets: [
        native,
        .target(name: "TaxRefundBridge", dependencies: ["TaxRefundNative"]),
        .target(name: "TaxRefund", dependencies: ["TaxRefundBridge"]),
        .executableTarget(name: "Counter", dependencies: ["TaxRefund"], path: "Examples/Counter"),
        .testTarget(name: "TaxRefundTests", dependencies: ["TaxRefund", "TaxRefundBridge", "Counter"]),
    ],
    swiftLanguageModes: [.v6]
)
