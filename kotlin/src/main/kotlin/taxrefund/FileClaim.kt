package taxrefund

import java.io.File
import java.io.IOException
import java.io.RandomAccessFile
import java.nio.channels.FileLock
import java.nio.channels.OverlappingFileLockException

/**
 * That a journal is one handle's alone, for as long as it is open or anything works with it; the system gives it up when the process is
 * killed. What an earlier process left behind is free at once when a journal is opened: right only while nobody else is at work.
 */
internal class FileClaim private constructor(private val file: RandomAccessFile, private val lock: FileLock) : AutoCloseable {
    private var users = 0
    private var isClosed = false

    /** While the work goes on, closing waits for it. */
    fun <T> during(work: () -> T): T {
        synchronized(this) { users++ }
        try {
            return work()
        } finally {
            synchronized(this) { users-- }
            releaseIfUnused()
        }
    }

    override fun close() {
        synchronized(this) { isClosed = true }
        releaseIfUnused()
    }

    @Synchronized
    private fun releaseIfUnused() {
        if (!isClosed || users > 0) return
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
