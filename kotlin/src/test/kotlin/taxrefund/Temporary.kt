package taxrefund

import java.nio.file.Files

/** The path of a file that does not exist yet. */
fun temporaryFile(): String {
    val folder = Files.createTempDirectory("taxrefund")
    folder.toFile().deleteOnExit()
    return folder.resolve("refunds.db").toString()
}
