package taxrefund

/**
 * What seals personal data in a journal: 32 bytes that only this device has. On Android the package's AAR keeps one, wrapped by
 * a key of the Android Keystore.
 */
public class SealingKey private constructor(internal val bytes: ByteArray) {
    /** Nothing of the key. */
    override fun toString(): String = "SealingKey(•••)"

    public companion object {
        private const val LENGTH = 32

        /**
         * Of 32 bytes from a good source of randomness. They are copied.
         *
         * @throws ConfigurationException for another length.
         */
        @JvmStatic
        public fun of(bytes: ByteArray): SealingKey {
            if (bytes.size != LENGTH) throw ConfigurationException("sealingKey", "must be $LENGTH bytes, has ${bytes.size}")
            return SealingKey(bytes.copyOf())
        }
    }
}
