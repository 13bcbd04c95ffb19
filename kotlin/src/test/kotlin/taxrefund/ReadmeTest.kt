package taxrefund

import java.io.File
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

/** What the README shows is in `ReadmePrograms.kt`, word for word, which the compiler reads. */
class ReadmeTest {
    private val home = File(System.getProperty("taxrefund.package"))

    @Test
    fun `what the README shows is compiled`() {
        val readme = File(home, "README.md").readText()
        val programs = File(home, "src/test/kotlin/taxrefund/ReadmePrograms.kt").readText()
        val shown = Regex("```kotlin\n(.*?)```", RegexOption.DOT_MATCHES_ALL).findAll(readme).map { it.groupValues[1] }.toList()
        assertEquals(4, shown.size)
        shown.forEach { assertTrue(it in programs, "not in ReadmePrograms.kt:\n$it") }
    }

    @Test
    fun `the files that the README names are there`() {
        val readme = File(home, "README.md").readText()
        Regex("\\]\\(([^)]+)\\)").findAll(readme).forEach { assertTrue(File(home, it.groupValues[1]).exists(), it.value) }
    }
}
