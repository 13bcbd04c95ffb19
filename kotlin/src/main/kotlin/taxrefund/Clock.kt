package taxrefund

import kotlinx.coroutines.delay

/** The time, and waiting. One of your own is for tests. */
public interface Clock {
    /** Milliseconds since any fixed moment; never goes back. Waits and deadlines are measured with it. */
    public fun monotonicMs(): Long

    /** Milliseconds since 1970. Goes into timestamps only. */
    public fun epochMs(): Long

    /** Waits this long. Early is harmless: the rest is waited for again. */
    public suspend fun sleep(ms: Long)

    public companion object {
        /** The machine's clock. */
        @JvmField
        public val SYSTEM: Clock = object : Clock {
            override fun monotonicMs(): Long = System.nanoTime() / 1_000_000

            override fun epochMs(): Long = System.currentTimeMillis()

            override suspend fun sleep(ms: Long) = delay(ms)

            override fun toString(): String = "Clock.SYSTEM"
        }
    }
}
