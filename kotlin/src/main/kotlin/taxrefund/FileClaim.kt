package taxrefund

import java.io.File
import java.io.IOException
import java.io.RandomAccessFile
import java.nio.channels.FileLock
import java.nio.channels.OverlappingFileLockException

/** That a journal is this process's alone, for as long as it is open; the system gives it up when the process is killed. */
internal class FileClaim private constructor(private val file: RandomAccessFile, private val lock: FileLock) : AutoCloseable {
    override fun close() {
        try {
            lock.release()
            file.close()
        } catch (_: IOException) {
            // It is given up with the process.
        }
    }

    companion object {
        /** Throws [JournalException] with the code `journal_locked` when somebody has it. */
        fun of(path: String): FileClaim {
            val file = try {
                RandomAccessFile(File("$path.lock"), "rw")
            } catch (_: IOException) {
                throw JournalException(ErrorCode.JOURNAL_STORE, "journal: the file beside it cannot be written: $path.lock")
            }
            val lock = try {
                file.channel.tryLock()
            } catch (_: OverlappingFileLockException) {
                null
            } catch (_: IOException) {
                null
            }
            if (lock != null) return FileClaim(file, lock)
            file.close()
            throw JournalException(ErrorCode.JOURNAL_LOCKED, "journal: somebody has it open: $path")
        }
    }
}
