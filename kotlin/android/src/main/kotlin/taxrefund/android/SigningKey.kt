package taxrefund.android

import android.os.Build
import android.security.keystore.KeyGenParameterSpec
import android.security.keystore.KeyProperties
import android.security.keystore.KeyProtection
import java.io.IOException
import java.security.KeyPairGenerator
import java.security.KeyStore
import java.security.PrivateKey
import java.security.ProviderException
import java.security.cert.Certificate
import java.security.interfaces.RSAPublicKey
import java.security.spec.RSAKeyGenParameterSpec
import java.util.Base64

/** The private key of this name, which stays in the keystore. */
internal fun signingKey(alias: String): PrivateKey =
    androidKeystore().keyOf(alias) as? PrivateKey ?: throw SigningKeyLostException(alias, "is not in the keystore")

/** Has the keystore make a key pair; without a StrongBox where none can be had. */
internal fun generateKey(alias: String, wish: KeyWish) {
    if (!wish.preferStrongBox || Build.VERSION.SDK_INT < Build.VERSION_CODES.P) return generateKey(specOf(alias, wish).build())
    try {
        generateKey(specOf(alias, wish).setIsStrongBoxBacked(true).build())
    } catch (failed: ProviderException) {
        // By its name: Android 8 does not have the class.
        if (failed.javaClass.simpleName != "StrongBoxUnavailableException") throw failed
        generateKey(specOf(alias, wish).build())
    }
}

/** What an imported key may be used for: the same as one that is made here. */
internal fun protection(): KeyProtection = KeyProtection.Builder(KeyProperties.PURPOSE_SIGN)
    .setDigests(KeyProperties.DIGEST_SHA256)
    .setSignaturePaddings(KeyProperties.SIGNATURE_PADDING_RSA_PKCS1)
    .build()

/** The RSA key of a PKCS #12 file. */
internal fun deliveredKey(pkcs12: ByteArray, password: CharArray): KeyStore.PrivateKeyEntry {
    val file = KeyStore.getInstance("PKCS12")
    try {
        file.load(pkcs12.inputStream(), password)
    } catch (_: IOException) {
        throw IllegalArgumentException("not a PKCS #12 file, or another password")
    }
    val alias = file.aliases().toList().singleOrNull(file::isKeyEntry)
        ?: throw IllegalArgumentException("a PKCS #12 file with exactly one key is expected")
    val entry = file.getEntry(alias, KeyStore.PasswordProtection(password)) as KeyStore.PrivateKeyEntry
    val bits = (entry.certificate.publicKey as? RSAPublicKey)?.modulus?.bitLength() ?: 0
    require(bits >= LEAST_BITS) { "an RSA key of $LEAST_BITS bits or more is expected" }
    return entry
}

/** The public key that a certificate is about. */
internal fun pem(certificate: Certificate): String {
    val lines = Base64.getMimeEncoder(PEM_LINE, byteArrayOf('\n'.code.toByte())).encodeToString(certificate.publicKey.encoded)
    return "-----BEGIN PUBLIC KEY-----\n$lines\n-----END PUBLIC KEY-----\n"
}

private fun generateKey(spec: KeyGenParameterSpec) {
    val generator = KeyPairGenerator.getInstance(KeyProperties.KEY_ALGORITHM_RSA, ANDROID_KEYSTORE)
    generator.initialize(spec)
    generator.generateKeyPair()
}

private fun specOf(alias: String, wish: KeyWish): KeyGenParameterSpec.Builder {
    val spec = KeyGenParameterSpec.Builder(alias, KeyProperties.PURPOSE_SIGN)
        .setAlgorithmParameterSpec(RSAKeyGenParameterSpec(wish.bits, RSAKeyGenParameterSpec.F4))
        .setDigests(KeyProperties.DIGEST_SHA256)
        .setSignaturePaddings(KeyProperties.SIGNATURE_PADDING_RSA_PKCS1)
        .setAttestationChallenge(wish.challenge)
    if (wish.onlyUnlocked && Build.VERSION.SDK_INT >= Build.VERSION_CODES.P) spec.setUnlockedDeviceRequired(true)
    return spec
}

private const val LEAST_BITS = 2048
private const val PEM_LINE = 64
