package taxrefund.android

import java.io.File
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test
import taxrefund.VERSION

/** What is built by Gradle for devices is what Maven's build tested here. */
class VersionsTest {
    private val android = File(System.getProperty("taxrefund.android"))
    private val gradle = File(android, "build.gradle.kts").readText()

    @Test
    fun `all builds use the same versions`() {
        for (pom in listOf(File(android, "../pom.xml"), File(android, "check/pom.xml")).map { it.readText() }) {
            fun pinned(name: String) = Regex("<$name.version>(.*)</$name.version>").find(pom)?.groupValues?.get(1)
            assertEquals(pinned("kotlin"), inGradle("""kotlin\("android"\) version "(.*)""""))
            assertEquals(pinned("kotlin"), inGradle("""kotlin\("plugin.serialization"\) version "(.*)""""))
            assertEquals(pinned("coroutines"), inGradle("kotlinx-coroutines-android:([^\"]*)\""))
            assertEquals(pinned("serialization"), inGradle("kotlinx-serialization-json:([^\"]*)\""))
            assertEquals(pinned("jna"), inGradle("net.java.dev.jna:jna:([^@]*)@aar"))
        }
        assertEquals(VERSION, inGradle("\nversion = \"(.*)\""))
    }

    private fun inGradle(pattern: String) = Regex(pattern).find(gradle)?.groupValues?.get(1)
}
