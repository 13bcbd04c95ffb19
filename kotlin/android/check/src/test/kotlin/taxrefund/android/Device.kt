package taxrefund.android

import android.content.Context
import android.content.ContextWrapper
import java.io.File
import java.nio.file.Files

/** An app's storage on a device; gone when it is closed. */
class Device : AutoCloseable {
    private val root: File = Files.createTempDirectory("taxrefund-device").toFile()

    val noBackup = File(root, "no_backup").apply { mkdirs() }

    val context: Context = object : ContextWrapper(null) {
        override fun getNoBackupFilesDir(): File = noBackup
    }

    override fun close() {
        root.deleteRecursively()
    }
}
