@file:JvmName("DeviceJournal")

package taxrefund.android

import android.content.Context
import taxrefund.Journal

/**
 * Opens this device's journal in the app's own files, sealed with a key that the Android Keystore wraps. It is left out of
 * backups: a journal that came back from one would not know what was paid since.
 *
 * @param name of the file.
 */
public suspend fun openJournal(context: Context, name: String = "refunds.db"): Journal {
    val folder = context.noBackupFilesDir
    return Journal.open(folder.resolve(name).path, wrappedSealingKey(folder.resolve("$name.key"), "taxrefund.$name"))
}
