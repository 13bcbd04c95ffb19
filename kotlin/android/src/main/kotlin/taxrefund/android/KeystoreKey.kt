package taxrefund.android

import android.os.Build
import android.security.keystore.KeyGenParameterSpec
import android.security.keystore.KeyProperties
import android.security.keystore.StrongBoxUnavailableException
import java.security.KeyPairGenerator
import java.security.KeyStore
import java.security.PrivateKey
import java.security.Signature
import java.util.Base64
import taxrefund.ExternalKey
import taxrefund.Signer

/**
 * A merchant key that lives in the Android Keystore: it is made there, and nothing reads it out, not the app, not a copy of its
 * storage, not this package.
 *
 * It is of one device. Register each device's [publicKey] with the provider, or rather: let the devices sign towards a server of
 * your own, which holds the one key that the provider knows. RSA 2048, PKCS#1 v1.5 over SHA-256.
 */
public object KeystoreKey {
    private const val STORE = "AndroidKeyStore"
    private const val BITS = 2048

    /**
     * The key of this name, made when there is none yet. Takes seconds the first time: not on the main thread.
     *
     * @param alias its name in the Android Keystore.
     */
    public fun open(alias: String): ExternalKey {
        val store = KeyStore.getInstance(STORE).apply { load(null) }
        if (!store.containsAlias(alias)) make(alias)
        return ExternalKey(publicKey(alias), Signer.blocking { message -> sign(alias, message) })
    }

    /** What the provider registers for this device, Base64. The key must exist. */
    public fun publicKey(alias: String): String {
        val store = KeyStore.getInstance(STORE).apply { load(null) }
        return Base64.getEncoder().encodeToString(store.getCertificate(alias).publicKey.encoded)
    }

    private fun sign(alias: String, message: ByteArray): ByteArray {
        val store = KeyStore.getInstance(STORE).apply { load(null) }
        val key = store.getKey(alias, null) as PrivateKey
        return Signature.getInstance("SHA256withRSA").run {
            initSign(key)
            update(message)
            sign()
        }
    }

    private fun make(alias: String) {
        try {
            generate(alias, inStrongBox = Build.VERSION.SDK_INT >= Build.VERSION_CODES.P)
        } catch (_: StrongBoxUnavailableException) {
            generate(alias, inStrongBox = false)
        }
    }

    private fun generate(alias: String, inStrongBox: Boolean) {
        val spec = KeyGenParameterSpec.Builder(alias, KeyProperties.PURPOSE_SIGN)
            .setKeySize(BITS)
            .setDigests(KeyProperties.DIGEST_SHA256)
            .setSignaturePaddings(KeyProperties.SIGNATURE_PADDING_RSA_PKCS1)
        if (inStrongBox && Build.VERSION.SDK_INT >= Build.VERSION_CODES.P) spec.setIsStrongBoxBacked(true)
        KeyPairGenerator.getInstance(KeyProperties.KEY_ALGORITHM_RSA, STORE).run {
            initialize(spec.build())
            generateKeyPair()
        }
    }
}
