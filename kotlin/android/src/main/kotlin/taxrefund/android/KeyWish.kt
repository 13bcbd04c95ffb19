package taxrefund.android

/**
 * How a signing key is to be made.
 *
 * @property bits the length of its modulus: 2048, 3072 or 4096. A StrongBox makes 2048 alone.
 * @property challenge at most 128 bytes that a server of yours made up for this key: they come back inside its attestation, which
 * proves to that server that the key is new, and where it is kept. `null` for none.
 * @property preferStrongBox in a chip of its own where the device has one, and as without this wish where it has none (also before
 * Android 9); `KeystoreSigner.home` says where it came to be. Slower: a signature may take a second or two.
 * @property onlyUnlocked usable while the device is unlocked alone; from Android 9, before that the wish is without effect. A
 * counter that resumes refunds in the background wants to do without.
 * @throws IllegalArgumentException for other lengths, and for a longer challenge.
 */
public class KeyWish @JvmOverloads constructor(
    public val bits: Int = 2048,
    public val challenge: ByteArray? = null,
    public val preferStrongBox: Boolean = false,
    public val onlyUnlocked: Boolean = false,
) {
    init {
        require(bits in LENGTHS) { "bits must be one of $LENGTHS" }
        require(challenge == null || challenge.size <= MOST_CHALLENGE) { "challenge must have at most $MOST_CHALLENGE bytes" }
        require(!preferStrongBox || bits == LENGTHS.first()) { "a StrongBox makes keys of ${LENGTHS.first()} bits alone" }
    }

    private companion object {
        private val LENGTHS = listOf(2048, 3072, 4096)
        private const val MOST_CHALLENGE = 128
    }
}
