package taxrefund.android

import android.security.keystore.KeyPermanentlyInvalidatedException
import android.security.keystore.UserNotAuthenticatedException
import java.io.IOException
import java.security.GeneralSecurityException
import java.security.Key
import java.security.KeyStore
import java.security.ProviderException
import java.security.UnrecoverableKeyException

/** The provider's name, and the key store's. */
internal const val ANDROID_KEYSTORE: String = "AndroidKeyStore"

/** The app's keys in the Android Keystore. */
internal fun androidKeystore(): KeyStore = KeyStore.getInstance(ANDROID_KEYSTORE).apply { load(null) }

/** The key of this name; `null` when there is none. */
internal fun KeyStore.keyOf(alias: String): Key? = try {
    getKey(alias, null)
} catch (unrecoverable: UnrecoverableKeyException) {
    // A key that was given up for ever is told apart from a keystore that cannot answer just now.
    throw unrecoverable.cause as? KeyPermanentlyInvalidatedException ?: unrecoverable
}

/**
 * Work with the keystore; whatever it throws becomes an exception of this package. Only [invalidated] means that the key is gone for
 * ever: whatever else happens may pass.
 */
internal inline fun <T> withKeystore(alias: String, invalidated: () -> KeystoreException, work: () -> T): T {
    try {
        return work()
    } catch (_: KeyPermanentlyInvalidatedException) {
        throw invalidated()
    } catch (_: UserNotAuthenticatedException) {
        throw DeviceLockedException(alias)
    } catch (failed: GeneralSecurityException) {
        throw KeystoreFailedException(alias, failed.javaClass.simpleName)
    } catch (failed: ProviderException) {
        throw KeystoreFailedException(alias, failed.javaClass.simpleName)
    } catch (failed: IOException) {
        throw KeystoreFailedException(alias, failed.javaClass.simpleName)
    }
}
