package taxrefund.android

import android.security.keystore.KeyInfo
import java.security.KeyFactory
import java.security.Signature
import java.security.cert.X509Certificate
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext
import taxrefund.ExternalKey
import taxrefund.Signer

/**
 * Signs with an RSA key of the Android Keystore: the key is used on this device and never leaves it, not even for this app.
 *
 * ```kotlin
 * val signer = KeystoreSigner.open("refunds")      // once, on the device's first day: KeystoreSigner.generate("refunds", KeyWish())
 * val account = AlipayAccount(appId, signer.merchantKey(), AlipayPlatform.PublicKey(alipayPublicKey))
 * ```
 *
 * A platform's account has one merchant key, or a few: one device, or one merchant server, can have it. For a counter of many
 * devices a server of your own signs instead (a [Signer] that calls it), and the Keystore's key proves to that server which
 * device asks. The signature is RSASSA-PKCS1-v1_5 over SHA-256 (`RSA2`); the old sign type `RSA` is not to be had here.
 *
 * @property alias the key's name in the keystore.
 * @property attestation the key's certificate chain, the key's own first. For a key that was generated with a challenge it is
 * the attestation, which a server checks up to Google's root; for an imported key it is the chain that came with it.
 */
public class KeystoreSigner internal constructor(
    public val alias: String,
    public val attestation: List<X509Certificate>,
) : Signer {
    /** The public key as PEM (`BEGIN PUBLIC KEY`): what the platform's account is given, and what [merchantKey] checks with. */
    public val publicKey: String = pem(attestation.first())

    /** The key for an account. One signature is waited for [patienceMs] milliseconds: a StrongBox can take a second or two. */
    @JvmOverloads
    public fun merchantKey(patienceMs: Long = 15_000): ExternalKey = ExternalKey(publicKey, this, patienceMs)

    /**
     * The signature of exactly these bytes, made on a thread that may block.
     *
     * Whatever it throws, the account's client sends nothing and tells `signer_failed`.
     *
     * @throws DeviceLockedException when the device must be unlocked first.
     * @throws SigningKeyLostException when the key will never sign again.
     * @throws KeystoreFailedException when the keystore failed.
     */
    override suspend fun sign(message: ByteArray): ByteArray = keystored(alias) {
        val signature = Signature.getInstance("SHA256withRSA")
        signature.initSign(signingKey(alias))
        signature.update(message)
        signature.sign()
    }

    /** Where the keystore keeps the key. What it says of itself; the [attestation] proves it. */
    public suspend fun home(): KeyHome = keystored(alias) {
        val key = signingKey(alias)
        homeOf(KeyFactory.getInstance(key.algorithm, ANDROID_KEYSTORE).getKeySpec(key, KeyInfo::class.java))
    }

    /** The key's name. */
    override fun toString(): String = "KeystoreSigner($alias)"

    public companion object {
        /**
         * The key with this name.
         *
         * @throws SigningKeyLostException when there is none.
         * @throws KeystoreFailedException when the keystore failed.
         */
        public suspend fun open(alias: String): KeystoreSigner = keystored(alias) { opened(alias) }

        /**
         * Makes a key of which no copy exists anywhere. Give its [publicKey] to the platform's account afterwards.
         *
         * @throws SigningKeyExistsException when there is a key with this name.
         * @throws DeviceLockedException when the device must be unlocked first.
         * @throws KeystoreFailedException when the keystore failed.
         */
        public suspend fun generate(alias: String, wish: KeyWish = KeyWish()): KeystoreSigner = keystored(alias) {
            if (androidKeystore().containsAlias(alias)) throw SigningKeyExistsException(alias)
            generateKey(alias, wish)
            opened(alias)
        }

        /**
         * Takes a key over that was made elsewhere; from then on it cannot be exported again. Other copies of it are as
         * dangerous as before: a generated key is better wherever the platform allows a new one.
         *
         * @param pkcs12 a PKCS #12 file with one RSA key of 2048 bits or more, and its certificate.
         * @param password the file's.
         * @throws IllegalArgumentException for a file that is none, has another password, or holds no such key.
         * @throws SigningKeyExistsException when there is a key with this name.
         * @throws KeystoreFailedException when the keystore failed.
         */
        public suspend fun importKey(alias: String, pkcs12: ByteArray, password: CharArray): KeystoreSigner {
            val delivered = withContext(Dispatchers.IO) { deliveredKey(pkcs12, password) }
            return keystored(alias) {
                val keystore = androidKeystore()
                if (keystore.containsAlias(alias)) throw SigningKeyExistsException(alias)
                keystore.setEntry(alias, delivered, protection())
                opened(alias)
            }
        }

        /** Deletes the key, if there is one. The platform's account should forget its public key before. */
        public suspend fun delete(alias: String): Unit = keystored(alias) { androidKeystore().deleteEntry(alias) }
    }
}

private suspend fun <T> keystored(alias: String, work: () -> T): T = withContext(Dispatchers.IO) {
    withKeystore(alias, { SigningKeyLostException(alias, "was invalidated by the keystore") }, work)
}

private fun opened(alias: String): KeystoreSigner {
    signingKey(alias)
    val chain = androidKeystore().getCertificateChain(alias).orEmpty().filterIsInstance<X509Certificate>()
    if (chain.isEmpty()) throw SigningKeyLostException(alias, "has no certificate")
    return KeystoreSigner(alias, chain)
}
