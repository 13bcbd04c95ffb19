package taxrefund.android

import android.security.keystore.KeyPermanentlyInvalidatedException
import java.io.File
import java.security.SecureRandom
import javax.crypto.AEADBadTagException
import javax.crypto.SecretKey
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.withLock
import kotlinx.coroutines.withContext
import taxrefund.SealingKey
import taxrefund.android.SealingKeyLostException.Why

/**
 * The key of one journal: 32 random bytes, kept in a file beside the journal, wrapped (AES-256-GCM) by a key of the Android
 * Keystore that never leaves it. The file is worth nothing on another device, in a backup, or after the app was removed.
 *
 * Most apps want [openJournal], which does all of it.
 *
 * @property journal the journal's file. It must have a folder of its own: that is what is moved away when a key is lost.
 * @property alias the wrapping key's name in the keystore.
 */
public class KeystoreSealingKey(public val journal: File, public val alias: String) {
    private val wrapped = File(journal.path + ".key")

    /**
     * The key; it is made when it is first asked for. There is never a new key while there is a journal that the old one sealed.
     *
     * @throws SealingKeyLostException when the journal's key cannot be had again: it says what to do.
     * @throws DeviceLockedException when the device must be unlocked first.
     * @throws KeystoreFailedException when the keystore or the storage failed; nothing is lost, try again.
     */
    public suspend fun open(): SealingKey = withContext(Dispatchers.IO) {
        // One coroutine of this process, and one process: two that both made the first key would lose one of them.
        turn.withLock { withKeystore(alias, { lost(Why.INVALIDATED) }) { alone(wrapped, ::opened) } }
    }

    /** The journal's file; nothing of the key. */
    override fun toString(): String = "KeystoreSealingKey($journal)"

    private fun opened(): SealingKey {
        val found = try {
            unwrapped()
        } catch (lost: SealingKeyLostException) {
            if (isUsed()) throw lost
            null
        }
        return found ?: made()
    }

    /** From the file; `null` when neither it nor a journal is there. */
    private fun unwrapped(): SealingKey? {
        if (!wrapped.exists()) {
            if (isUsed()) throw lost(Why.FILE_MISSING)
            return null
        }
        val bytes = try {
            val key = androidKeystore().keyOf(alias) as? SecretKey ?: throw lost(Why.NOT_IN_THE_KEYSTORE)
            unwrapped(wrapped.readBytes(), key, alias)
        } catch (_: KeyPermanentlyInvalidatedException) {
            throw lost(Why.INVALIDATED)
        } catch (_: AEADBadTagException) {
            null
        }
        return sealing(bytes ?: throw lost(Why.FILE_DAMAGED))
    }

    private fun made(): SealingKey {
        val bytes = ByteArray(LENGTH).also(SecureRandom()::nextBytes)
        writeWhole(wrapped, wrapped(bytes, wrappingKey(alias), alias))
        bytes.fill(0)
        // What cannot be read back now, would be missed when it had sealed a journal.
        return unwrapped() ?: throw lost(Why.FILE_MISSING)
    }

    private fun sealing(bytes: ByteArray): SealingKey = try {
        SealingKey.of(bytes)
    } finally {
        bytes.fill(0)
    }

    private fun isUsed(): Boolean = journal.exists() || File(journal.path + "-wal").exists()

    private fun lost(why: Why) = SealingKeyLostException(journal.absoluteFile.parentFile ?: journal, why)

    private companion object {
        private const val LENGTH = 32
        private val turn = Mutex()
    }
}
