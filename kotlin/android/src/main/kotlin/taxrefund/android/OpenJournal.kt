package taxrefund.android

import android.content.Context
import java.io.File
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext
import taxrefund.Journal
import taxrefund.JournalOptions

/**
 * Opens the app's journal of refunds, or makes it: sealed with a [KeystoreSealingKey], in a folder of its own below
 * [Context.getNoBackupFilesDir].
 *
 * That folder is left out of every backup and of the move to a new device, and so it must be. A journal that comes back from a backup
 * is an old one: it has forgotten the refunds since, lets their forms be paid anew, and takes up again what has ended
 * long ago. And without the key, which stays in this device's keystore, nobody could read it.
 *
 * Open it once per process and keep it: in `Application.onCreate`'s coroutine, or in a singleton of your own. Call it after the
 * device was first unlocked: before that neither the folder nor the keystore is there.
 *
 * **Never [Journal.rotateKey] on it.** The key that is wrapped here would stay the old one, and the journal could not be opened again.
 *
 * @param name of the journal, for an app with several: 1 to 64 letters, digits, `_` and `-`.
 * @throws IllegalArgumentException for another name.
 * @throws SealingKeyLostException when the journal is there, and its key is lost: it says what to do.
 * @throws DeviceLockedException when the device must be unlocked first.
 * @throws KeystoreFailedException when the keystore or the storage failed: try again.
 * @throws taxrefund.JournalException see [Journal.open].
 */
public suspend fun openJournal(
    context: Context,
    name: String = "refunds",
    options: JournalOptions = JournalOptions(),
): Journal {
    require(NAME.matches(name)) { "a journal's name has 1 to 64 letters, digits, _ and -" }
    val file = withContext(Dispatchers.IO) { File(context.noBackupFilesDir, "taxrefund/$name/journal.db") }
    return Journal.open(file.path, KeystoreSealingKey(file, "taxrefund.journal.$name").open(), options)
}

private val NAME = Regex("[A-Za-z0-9_-]{1,64}")
