package taxrefund.android

import android.security.keystore.KeyGenParameterSpec
import android.security.keystore.KeyProperties
import javax.crypto.Cipher
import javax.crypto.KeyGenerator
import javax.crypto.SecretKey
import javax.crypto.spec.GCMParameterSpec

// The file: one byte for its version, 12 bytes that the keystore chose, the ciphertext with its tag.
private const val VERSION: Byte = 1
private const val NONCE = 12
private const val TAG = 16
private const val KEY = 32
private const val TRANSFORMATION = "AES/GCM/NoPadding"

/** A new wrapping key in the keystore; one of the same name is replaced. */
internal fun wrappingKey(alias: String): SecretKey {
    val generator = KeyGenerator.getInstance(KeyProperties.KEY_ALGORITHM_AES, ANDROID_KEYSTORE)
    generator.init(
        KeyGenParameterSpec.Builder(alias, KeyProperties.PURPOSE_ENCRYPT or KeyProperties.PURPOSE_DECRYPT)
            .setKeySize(KEY * Byte.SIZE_BITS)
            .setBlockModes(KeyProperties.BLOCK_MODE_GCM)
            .setEncryptionPaddings(KeyProperties.ENCRYPTION_PADDING_NONE)
            .build(),
    )
    return generator.generateKey()
}

/** The file's content for a key. */
internal fun wrapped(key: ByteArray, wrapping: SecretKey, alias: String): ByteArray {
    val cipher = Cipher.getInstance(TRANSFORMATION)
    cipher.init(Cipher.ENCRYPT_MODE, wrapping)
    cipher.updateAAD(context(alias))
    return byteArrayOf(VERSION) + cipher.iv + cipher.doFinal(key)
}

/**
 * The key that the file holds; `null` for a file that is none. One that does not fit the wrapping key is an
 * [AEADBadTagException][javax.crypto.AEADBadTagException].
 */
internal fun unwrapped(file: ByteArray, wrapping: SecretKey, alias: String): ByteArray? {
    if (file.size != 1 + NONCE + KEY + TAG || file[0] != VERSION) return null
    val cipher = Cipher.getInstance(TRANSFORMATION)
    cipher.init(Cipher.DECRYPT_MODE, wrapping, GCMParameterSpec(TAG * Byte.SIZE_BITS, file, 1, NONCE))
    cipher.updateAAD(context(alias))
    return cipher.doFinal(file, 1 + NONCE, KEY + TAG)
}

/** What the file is for; a file of another use or version does not open. */
private fun context(alias: String): ByteArray = "taxrefund sealing key $VERSION $alias".toByteArray()
