// swift-tools-version: 6.0

import PackageDescription

let package = Package(
    name: "prepare-cost",
    platforms: [.macOS(.v13)],
    dependencies: [.package(path: "../../../../swift")],
    targets: [
        .executableTarget(
            name: "prepare-cost", dependencies: [.product(name: "TaxRefund", package: "swift")], path: "Sources")
    ],
    swiftLanguageModes: [.v6]
)
