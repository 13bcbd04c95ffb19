#if canImport(Security)
import Foundation
import Security

extension SealingKey {
    /// The key in the device's keychain, made on first use. It never leaves this device, and can be read once the device was
    /// unlocked after it was started: a refund may have to be resumed in the background.
    ///
    /// - Parameters:
    ///   - service: under which name it is kept.
    ///   - accessGroup: shared with the app's extensions; the app alone without one.
    /// - Throws: ``TaxRefundError`` of the kind `configuration` when the keychain refuses it.
    public static func inKeychain(
        service: String = "taxrefund.journal", accessGroup: String? = nil
    ) throws(TaxRefundError) -> SealingKey {
        var item: [CFString: Any] = [
            kSecClass: kSecClassGenericPassword,
            kSecAttrService: service,
            kSecAttrAccount: "sealing-key",
            kSecUseDataProtectionKeychain: true,
        ]
        if let accessGroup { item[kSecAttrAccessGroup] = accessGroup }
        if let known = try read(item) { return known }
        let made = SealingKey.random()
        var new = item
        new[kSecAttrAccessible] = kSecAttrAccessibleAfterFirstUnlockThisDeviceOnly
        new[kSecValueData] = made.bytes
        switch SecItemAdd(new as CFDictionary, nil) {
        case errSecSuccess: return made
        // Somebody else was first: there is one key, and it is that one.
        case errSecDuplicateItem:
            if let known = try read(item) { return known }
            throw refused(errSecDuplicateItem)
        case let status: throw refused(status)
        }
    }

    private static func read(_ item: [CFString: Any]) throws(TaxRefundError) -> SealingKey? {
        var query = item
        query[kSecReturnData] = true
        query[kSecMatchLimit] = kSecMatchLimitOne
        var found: CFTypeRef?
        switch SecItemCopyMatching(query as CFDictionary, &found) {
        case errSecSuccess: return try SealingKey(found as? Data ?? Data())
        case errSecItemNotFound: return nil
        case let status: throw refused(status)
        }
    }

    private static func refused(_ status: OSStatus) -> TaxRefundError {
        TaxRefundError(.configuration(field: "sealingKey"), code: .journalSealing, .keychain(status))
    }
}
#endif
