internal import TaxRefundBridge

/// Calls the native library, once it is known to be of this version. Whatever it throws becomes an error of this package.
func calling<Result>(_ work: () throws -> Result) throws(TaxRefundError) -> Result {
    try handshake.get()
    do {
        return try work()
    } catch {
        throw TaxRefundError(thrown: error)
    }
}

/// Whether the package and the native library are of one version; found out once, before anything else is called.
private let handshake = Result<Void, TaxRefundError> { () throws(TaxRefundError) in
    guard let native = try? nativeVersion() else { throw .unexpected }
    try agree(package: packageVersion, native: native)
}

/// Throws an error that names both versions when they are two.
func agree(package: String, native: String) throws(TaxRefundError) {
    guard package != native else { return }
    let text = OwnText.versionMismatch(package: package, native: native)
    throw TaxRefundError(.versionMismatch(package: package, native: native), code: .versionMismatch, text)
}
