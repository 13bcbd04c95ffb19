package taxrefund

import java.util.concurrent.CompletionStage
import kotlinx.coroutines.future.await
import taxrefund.bridge.HostSigner
import taxrefund.bridge.SignatureRequest

/**
 * Signs elsewhere: a server of one's own, a key store, a KMS. The private key never comes near this package.
 *
 * Every signature is checked with the merchant's public key before anything is sent, so a wrong one never leaves the device.
 * When [sign] throws, or has not answered in time, nothing is sent; of what it threw nothing is shown.
 */
public fun interface Signer {
    /**
     * The signature of exactly these bytes: RSASSA-PKCS1-v1_5 over SHA-256 (SHA-1 for an old account with the sign type
     * `RSA`). The bytes are the request: they hold the traveller's data. It is called on a thread that may block.
     */
    public suspend fun sign(message: ByteArray): ByteArray

    /** A signer for Java, that waits. */
    public fun interface Blocking {
        /** See [Signer.sign]. It is interrupted when nobody waits for it any more. */
        @Throws(Exception::class)
        public fun sign(message: ByteArray): ByteArray
    }

    /** A signer for Java, that gives a future. */
    public fun interface Future {
        /** See [Signer.sign]. The future is cancelled when nobody waits for it any more. */
        public fun sign(message: ByteArray): CompletionStage<ByteArray>
    }

    public companion object {
        /** Of one that waits, on a thread of its own. */
        @JvmStatic
        public fun blocking(signer: Blocking): Signer = Signer { message -> interruptibly { signer.sign(message) } }

        /** Of one that gives futures. */
        @JvmStatic
        public fun future(signer: Future): Signer = Signer { message -> signer.sign(message).await() }
    }
}

/** Who signs for the merchant. */
public sealed interface MerchantKey

/**
 * A key that stays elsewhere.
 *
 * @property publicKey the merchant's own public key, PEM or Base64; every signature is checked with it.
 * @property signer makes the signatures.
 * @property patienceMs for how long one signature is waited for, in milliseconds.
 */
public class ExternalKey @JvmOverloads constructor(
    public val publicKey: String,
    public val signer: Signer,
    public val patienceMs: Long = 15_000,
) : MerchantKey {
    init {
        if (patienceMs <= 0) throw ConfigurationException("patienceMs", "must be more than 0")
    }
}

/**
 * A private key as text, in this process: for servers, tools and tests.
 *
 * **Not for an app.** Whoever has the app, or a copy of its storage, can read the key out of it, and sign refunds with it from
 * anywhere; nothing that is done to hide it changes that. On Android use a key of the Android Keystore, which never leaves it,
 * or a server of your own that signs; both are an [ExternalKey].
 *
 * @param pem the private key, in any usual shape.
 * @param optIn that this is understood.
 */
public class SoftwareKey(internal val pem: String, @Suppress("UNUSED_PARAMETER") optIn: KeyInApp) : MerchantKey {
    /** Nothing of the key. */
    override fun toString(): String = "SoftwareKey(•••)"
}

/** What one must know to give a private key to a program. */
public enum class KeyInApp {
    /** I understand that a key in an app can be extracted, and that this program is no app on other people's devices. */
    CAN_BE_EXTRACTED,
}

/** Answers native threads that ask for signatures, for the journal. */
internal class AskedSigner(private val key: ExternalKey) : HostSigner {
    override fun begin(request: SignatureRequest) = answering(request) {
        val message = request.message()
        when (val made = hosted(key.patienceMs) { key.signer.sign(message) }) {
            is Hosted.Gave -> request.signed(made.value)
            else -> request.failed()
        }
    }
}
