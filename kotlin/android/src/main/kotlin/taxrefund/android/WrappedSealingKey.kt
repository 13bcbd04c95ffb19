package taxrefund.android

import android.security.keystore.KeyGenParameterSpec
import android.security.keystore.KeyProperties
import java.io.File
import java.io.FileOutputStream
import java.security.KeyStore
import java.security.SecureRandom
import javax.crypto.Cipher
import javax.crypto.KeyGenerator
import javax.crypto.SecretKey
import javax.crypto.spec.GCMParameterSpec
import taxrefund.SealingKey

private const val STORE = "AndroidKeyStore"
private const val TRANSFORMATION = "AES/GCM/NoPadding"
private const val KEY_BYTES = 32
private const val KEY_BITS = 256
private const val NONCE_BYTES = 12
private const val TAG_BITS = 128

/**
 * The journal's sealing key: 32 random bytes, of which only what an AES key of the Android Keystore has encrypted is on disk.
 * Made on first use. A file that cannot be unwrapped is an exception, and never replaced: the journal would be lost with it.
 */
internal fun wrappedSealingKey(file: File, alias: String): SealingKey {
    if (!file.exists()) keep(file, alias, ByteArray(KEY_BYTES).also(SecureRandom()::nextBytes))
    val wrapped = file.readBytes()
    val cipher = Cipher.getInstance(TRANSFORMATION)
    cipher.init(Cipher.DECRYPT_MODE, wrappingKey(alias), GCMParameterSpec(TAG_BITS, wrapped, 0, NONCE_BYTES))
    return SealingKey.of(cipher.doFinal(wrapped, NONCE_BYTES, wrapped.size - NONCE_BYTES))
}

/** Whole or not at all: half of a key would be no key. */
private fun keep(file: File, alias: String, key: ByteArray) {
    val cipher = Cipher.getInstance(TRANSFORMATION)
    cipher.init(Cipher.ENCRYPT_MODE, wrappingKey(alias))
    val beside = File(file.path + ".new")
    FileOutputStream(beside).use {
        it.write(cipher.iv)
        it.write(cipher.doFinal(key))
        it.fd.sync()
    }
    check(beside.renameTo(file)) { "the sealing key cannot be kept" }
}

private fun wrappingKey(alias: String): SecretKey {
    val store = KeyStore.getInstance(STORE).apply { load(null) }
    (store.getKey(alias, null) as? SecretKey)?.let { return it }
    val spec = KeyGenParameterSpec.Builder(alias, KeyProperties.PURPOSE_ENCRYPT or KeyProperties.PURPOSE_DECRYPT)
        .setKeySize(KEY_BITS)
        .setBlockModes(KeyProperties.BLOCK_MODE_GCM)
        .setEncryptionPaddings(KeyProperties.ENCRYPTION_PADDING_NONE)
        .build()
    return KeyGenerator.getInstance(KeyProperties.KEY_ALGORITHM_AES, STORE).run {
        init(spec)
        generateKey()
    }
}
