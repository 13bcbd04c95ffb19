package taxrefund.android

import java.io.File
import java.io.FileOutputStream
import java.io.IOException
import java.io.RandomAccessFile
import java.nio.channels.FileChannel
import java.nio.file.Files
import java.nio.file.StandardCopyOption
import java.nio.file.StandardOpenOption

/** Writes a small file so that it is there whole, or as it was before, also after the power failed. */
internal fun writeWhole(file: File, bytes: ByteArray) {
    val beside = File(file.path + ".new")
    FileOutputStream(beside).use {
        it.write(bytes)
        it.fd.sync()
    }
    Files.move(beside.toPath(), file.toPath(), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING)
    try {
        FileChannel.open(file.absoluteFile.parentFile.toPath(), StandardOpenOption.READ).use { it.force(true) }
    } catch (_: IOException) {
        // Some systems do not let a folder be opened; then the next file that is synced in it takes this one along.
    }
}

/** Work that one process at a time does; the others wait. */
internal fun <T> alone(file: File, work: () -> T): T {
    file.absoluteFile.parentFile.mkdirs()
    return RandomAccessFile(file.path + ".lock", "rw").use { beside -> beside.channel.lock().use { work() } }
}
