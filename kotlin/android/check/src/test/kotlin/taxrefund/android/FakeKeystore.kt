package taxrefund.android

import android.security.keystore.KeyGenParameterSpec
import android.security.keystore.KeyPermanentlyInvalidatedException
import android.security.keystore.KeyProtection
import android.security.keystore.StrongBoxUnavailableException
import android.security.keystore.UserNotAuthenticatedException
import java.io.InputStream
import java.io.OutputStream
import java.math.BigInteger
import java.security.AlgorithmParameters
import java.security.Key
import java.security.KeyPair
import java.security.KeyPairGenerator
import java.security.KeyPairGeneratorSpi
import java.security.KeyStore
import java.security.KeyStoreSpi
import java.security.Principal
import java.security.PrivateKey
import java.security.Provider
import java.security.ProviderException
import java.security.PublicKey
import java.security.SecureRandom
import java.security.Security
import java.security.Signature
import java.security.SignatureSpi
import java.security.cert.Certificate
import java.security.cert.X509Certificate
import java.security.spec.AlgorithmParameterSpec
import java.util.Collections
import java.util.Date
import java.util.Enumeration
import javax.crypto.Cipher
import javax.crypto.CipherSpi
import javax.crypto.KeyGeneratorSpi
import javax.crypto.SecretKey
import javax.crypto.spec.SecretKeySpec

/** What a device's keystore does, as far as the package uses it: keys have names, and nobody sees their bytes. */
object FakeKeystore {
    /** A key and what was asked for when it was made. */
    class Entry(val key: Key, val chain: List<Certificate>, val spec: KeyGenParameterSpec?, val protection: KeyProtection?)

    val entries = mutableMapOf<String, Entry>()
    private val secrets = mutableMapOf<String, Key>()

    var isLocked = false
    var hasStrongBox = false
    val invalidated = mutableSetOf<String>()

    /** Thrown once by whatever comes next. */
    var failure: RuntimeException? = null

    fun reset() {
        if (Security.getProvider(ANDROID_KEYSTORE) == null) Security.addProvider(FakeProvider)
        entries.clear()
        secrets.clear()
        invalidated.clear()
        isLocked = false
        hasStrongBox = false
        failure = null
    }

    fun put(alias: String, secret: Key, handle: Key, chain: List<Certificate>, spec: KeyGenParameterSpec?, protection: KeyProtection? = null) {
        entries[alias] = Entry(handle, chain, spec, protection)
        secrets[alias] = secret
        invalidated -= alias
    }

    fun delete(alias: String) {
        entries.remove(alias)
        secrets.remove(alias)
    }

    /** The key itself, for an operation that the device does now. */
    fun used(handle: Handle): Key {
        failed()
        if (handle.alias in invalidated) throw KeyPermanentlyInvalidatedException("secret words")
        if (isLocked) throw UserNotAuthenticatedException("secret words")
        return secrets[handle.alias] ?: throw KeyPermanentlyInvalidatedException()
    }

    fun failed() = failure?.let {
        failure = null
        throw it
    }
}

/** What a program has of a key: its name. */
interface Handle : Key {
    val alias: String
}

private class PrivateHandle(override val alias: String) : Handle, PrivateKey {
    override fun getAlgorithm() = "RSA"
    override fun getFormat() = null
    override fun getEncoded() = null
}

private class SecretHandle(override val alias: String) : Handle, SecretKey {
    override fun getAlgorithm() = "AES"
    override fun getFormat() = null
    override fun getEncoded() = null
}

private object FakeProvider : Provider(ANDROID_KEYSTORE, "1", "a device's keystore, played") {
    init {
        put("KeyStore.AndroidKeyStore", FakeStore::class.java.name)
        put("KeyPairGenerator.RSA", FakePairs::class.java.name)
        put("KeyGenerator.AES", FakeSecrets::class.java.name)
        put("Signature.SHA256withRSA", FakeSignature::class.java.name)
        put("Cipher.AES/GCM/NoPadding", FakeCipher::class.java.name)
    }

    private fun readResolve(): Any = FakeProvider
}

class FakePairs : KeyPairGeneratorSpi() {
    private lateinit var spec: KeyGenParameterSpec

    override fun initialize(keysize: Int, random: SecureRandom?) = throw ProviderException("a spec is expected")

    override fun initialize(params: AlgorithmParameterSpec?, random: SecureRandom?) {
        spec = params as KeyGenParameterSpec
    }

    override fun generateKeyPair(): KeyPair {
        FakeKeystore.failed()
        if (spec.isStrongBoxBacked && !FakeKeystore.hasStrongBox) throw StrongBoxUnavailableException("none here")
        val pair = KeyPairGenerator.getInstance("RSA", "SunRsaSign").apply { initialize(spec.algorithmParameterSpec) }.generateKeyPair()
        val handle = PrivateHandle(spec.keystoreAlias)
        FakeKeystore.put(spec.keystoreAlias, pair.private, handle, listOf(PlayedCertificate(pair.public)), spec)
        return KeyPair(pair.public, handle)
    }
}

class FakeSecrets : KeyGeneratorSpi() {
    private lateinit var spec: KeyGenParameterSpec

    override fun engineInit(random: SecureRandom?) = Unit

    override fun engineInit(keysize: Int, random: SecureRandom?) = Unit

    override fun engineInit(params: AlgorithmParameterSpec?, random: SecureRandom?) {
        spec = params as KeyGenParameterSpec
    }

    override fun engineGenerateKey(): SecretKey {
        FakeKeystore.failed()
        val bytes = ByteArray(spec.keySize / 8).also(SecureRandom()::nextBytes)
        val handle = SecretHandle(spec.keystoreAlias)
        FakeKeystore.put(spec.keystoreAlias, SecretKeySpec(bytes, "AES"), handle, emptyList(), spec)
        return handle
    }
}

class FakeSignature : SignatureSpi() {
    private lateinit var real: Signature

    override fun engineInitVerify(publicKey: PublicKey?) = throw java.security.InvalidKeyException()

    override fun engineInitSign(privateKey: PrivateKey?) {
        val handle = privateKey as? PrivateHandle ?: throw java.security.InvalidKeyException()
        real = Signature.getInstance("SHA256withRSA", "SunRsaSign")
        real.initSign(FakeKeystore.used(handle) as PrivateKey)
    }

    override fun engineUpdate(b: Byte) = real.update(b)

    override fun engineUpdate(b: ByteArray, off: Int, len: Int) = real.update(b, off, len)

    override fun engineSign(): ByteArray = real.sign()

    override fun engineVerify(sigBytes: ByteArray) = false

    @Deprecated("as its parent")
    override fun engineSetParameter(param: String?, value: Any?) = Unit

    @Deprecated("as its parent")
    override fun engineGetParameter(param: String?): Any? = null
}

class FakeCipher : CipherSpi() {
    private val real = Cipher.getInstance("AES/GCM/NoPadding", "SunJCE")

    override fun engineInit(mode: Int, key: Key?, random: SecureRandom?) {
        real.init(mode, FakeKeystore.used(key as? SecretHandle ?: throw java.security.InvalidKeyException()))
    }

    override fun engineInit(mode: Int, key: Key?, params: AlgorithmParameterSpec?, random: SecureRandom?) {
        // A device chooses the nonce when it seals.
        if (mode == Cipher.ENCRYPT_MODE) throw java.security.InvalidAlgorithmParameterException()
        real.init(mode, FakeKeystore.used(key as? SecretHandle ?: throw java.security.InvalidKeyException()), params)
    }

    override fun engineInit(mode: Int, key: Key?, params: AlgorithmParameters?, random: SecureRandom?) =
        throw java.security.InvalidAlgorithmParameterException()

    override fun engineSetMode(mode: String?) = Unit
    override fun engineSetPadding(padding: String?) = Unit
    override fun engineGetBlockSize() = real.blockSize
    override fun engineGetOutputSize(inputLen: Int) = real.getOutputSize(inputLen)
    override fun engineGetIV(): ByteArray = real.iv
    override fun engineGetParameters(): AlgorithmParameters? = real.parameters
    override fun engineUpdateAAD(src: ByteArray, offset: Int, len: Int) = real.updateAAD(src, offset, len)
    override fun engineUpdate(input: ByteArray, offset: Int, len: Int): ByteArray? = real.update(input, offset, len)
    override fun engineUpdate(input: ByteArray, offset: Int, len: Int, out: ByteArray, outOffset: Int) =
        real.update(input, offset, len, out, outOffset)
    override fun engineDoFinal(input: ByteArray?, offset: Int, len: Int): ByteArray =
        if (input == null) real.doFinal() else real.doFinal(input, offset, len)
    override fun engineDoFinal(input: ByteArray, offset: Int, len: Int, out: ByteArray, outOffset: Int) =
        real.doFinal(input, offset, len, out, outOffset)
}

class FakeStore : KeyStoreSpi() {
    override fun engineGetKey(alias: String, password: CharArray?): Key? {
        FakeKeystore.failed()
        return FakeKeystore.entries[alias]?.key
    }

    override fun engineSetEntry(alias: String, entry: KeyStore.Entry, protParam: KeyStore.ProtectionParameter?) {
        FakeKeystore.failed()
        val given = entry as KeyStore.PrivateKeyEntry
        FakeKeystore.put(
            alias, given.privateKey, PrivateHandle(alias), given.certificateChain.toList(), null, protParam as KeyProtection,
        )
    }

    override fun engineGetCertificateChain(alias: String): Array<Certificate>? =
        FakeKeystore.entries[alias]?.chain?.takeIf { it.isNotEmpty() }?.toTypedArray()

    override fun engineGetCertificate(alias: String): Certificate? = FakeKeystore.entries[alias]?.chain?.firstOrNull()
    override fun engineGetCreationDate(alias: String): Date? = null
    override fun engineDeleteEntry(alias: String) = FakeKeystore.delete(alias)
    override fun engineAliases(): Enumeration<String> = Collections.enumeration(FakeKeystore.entries.keys)
    override fun engineContainsAlias(alias: String) = alias in FakeKeystore.entries
    override fun engineSize() = FakeKeystore.entries.size
    override fun engineIsKeyEntry(alias: String) = engineContainsAlias(alias)
    override fun engineIsCertificateEntry(alias: String) = false
    override fun engineGetCertificateAlias(cert: Certificate?): String? = null
    override fun engineStore(stream: OutputStream?, password: CharArray?) = Unit
    override fun engineLoad(stream: InputStream?, password: CharArray?) = FakeKeystore.failed() ?: Unit
    override fun engineLoad(param: KeyStore.LoadStoreParameter?) = FakeKeystore.failed() ?: Unit
    override fun engineSetKeyEntry(alias: String?, key: Key?, password: CharArray?, chain: Array<out Certificate>?) =
        throw UnsupportedOperationException()
    override fun engineSetKeyEntry(alias: String?, key: ByteArray?, chain: Array<out Certificate>?) =
        throw UnsupportedOperationException()
    override fun engineSetCertificateEntry(alias: String?, cert: Certificate?) = throw UnsupportedOperationException()
}

/** A certificate of which only the key matters. */
private class PlayedCertificate(private val key: PublicKey) : X509Certificate() {
    override fun getPublicKey() = key
    override fun getEncoded() = key.encoded
    override fun toString() = "PlayedCertificate"
    override fun verify(key: PublicKey?) = Unit
    override fun verify(key: PublicKey?, sigProvider: String?) = Unit
    override fun checkValidity() = Unit
    override fun checkValidity(date: Date?) = Unit
    override fun getVersion() = 3
    override fun getSerialNumber(): BigInteger = BigInteger.ONE
    @Deprecated("as its parent")
    override fun getIssuerDN(): Principal = Principal { "played" }
    @Deprecated("as its parent")
    override fun getSubjectDN(): Principal = Principal { "played" }
    override fun getNotBefore() = Date(0)
    override fun getNotAfter() = Date(Long.MAX_VALUE)
    override fun getTBSCertificate(): ByteArray = key.encoded
    override fun getSignature() = ByteArray(0)
    override fun getSigAlgName() = "none"
    override fun getSigAlgOID() = "0.0"
    override fun getSigAlgParams(): ByteArray? = null
    override fun getIssuerUniqueID(): BooleanArray? = null
    override fun getSubjectUniqueID(): BooleanArray? = null
    override fun getKeyUsage(): BooleanArray? = null
    override fun getBasicConstraints() = -1
    override fun hasUnsupportedCriticalExtension() = false
    override fun getCriticalExtensionOIDs(): Set<String> = emptySet()
    override fun getNonCriticalExtensionOIDs(): Set<String> = emptySet()
    override fun getExtensionValue(oid: String?): ByteArray? = null
}
