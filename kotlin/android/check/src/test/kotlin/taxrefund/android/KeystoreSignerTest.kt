package taxrefund.android

import android.os.Build
import android.security.keystore.KeyProperties
import java.security.ProviderException
import java.util.concurrent.atomic.AtomicInteger
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNotNull
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.BeforeEach
import org.junit.jupiter.api.Test
import taxrefund.Fault
import taxrefund.Outcome
import taxrefund.Signing
import taxrefund.Transport
import taxrefund.TransportFault
import taxrefund.alipay.AlipayClient

class KeystoreSignerTest {
    @BeforeEach
    fun aNewDevice() {
        FakeKeystore.reset()
        Build.VERSION.SDK_INT = 34
    }

    @Test
    fun `its signatures are the platform's kind`() = runBlocking {
        val signer = KeystoreSigner.generate("refunds")
        val message = "a request".toByteArray()
        assertTrue(Signing.verify(signer.publicKey, message, signer.sign(message)))
        assertTrue(signer.publicKey.startsWith("-----BEGIN PUBLIC KEY-----\n"))
        assertEquals(signer.publicKey, KeystoreSigner.open("refunds").publicKey)
    }

    @Test
    fun `a key is made for signatures of this kind alone`() = runBlocking {
        KeystoreSigner.generate("refunds", KeyWish(bits = 3072, challenge = byteArrayOf(1, 2), onlyUnlocked = true))
        val spec = FakeKeystore.entries.getValue("refunds").spec!!
        assertEquals(KeyProperties.PURPOSE_SIGN, spec.purposes)
        assertEquals(listOf(KeyProperties.DIGEST_SHA256), spec.digests.toList())
        assertEquals(listOf(KeyProperties.SIGNATURE_PADDING_RSA_PKCS1), spec.signaturePaddings.toList())
        assertArrayEquals(byteArrayOf(1, 2), spec.attestationChallenge)
        assertTrue(spec.isUnlockedDeviceRequired)
        assertFalse(spec.isStrongBoxBacked)
    }

    @Test
    fun `a StrongBox is used where there is one, and done without where there is none`() = runBlocking {
        val wish = KeyWish(preferStrongBox = true)
        KeystoreSigner.generate("without", wish)
        FakeKeystore.hasStrongBox = true
        KeystoreSigner.generate("with", wish)
        Build.VERSION.SDK_INT = 27
        KeystoreSigner.generate("android 8", KeyWish(preferStrongBox = true, onlyUnlocked = true))
        val made = FakeKeystore.entries.mapValues { it.value.spec!!.isStrongBoxBacked }
        assertEquals(mapOf("without" to false, "with" to true, "android 8" to false), made)
        assertFalse(FakeKeystore.entries.getValue("android 8").spec!!.isUnlockedDeviceRequired)
    }

    @Test
    fun `a key that the platform knows is never replaced`() = runBlocking {
        val first = KeystoreSigner.generate("refunds").publicKey
        assertThrows(SigningKeyExistsException::class.java) { runBlocking { KeystoreSigner.generate("refunds") } }
        assertEquals(first, KeystoreSigner.open("refunds").publicKey)
        KeystoreSigner.delete("refunds")
        assertThrows(SigningKeyLostException::class.java) { runBlocking { KeystoreSigner.open("refunds") } }
        Unit
    }

    @Test
    fun `what the keystore throws is told apart, without its words`() = runBlocking {
        val signer = KeystoreSigner.generate("refunds")
        FakeKeystore.isLocked = true
        val locked = assertThrows(DeviceLockedException::class.java) { runBlocking { signer.sign(ByteArray(1)) } }
        FakeKeystore.isLocked = false
        FakeKeystore.failure = ProviderException("secret words")
        val failed = assertThrows(KeystoreFailedException::class.java) { runBlocking { signer.sign(ByteArray(1)) } }
        FakeKeystore.invalidated += "refunds"
        val lost = assertThrows(SigningKeyLostException::class.java) { runBlocking { signer.sign(ByteArray(1)) } }
        for (thrown in listOf(locked, failed, lost)) assertFalse("secret" in thrown.stackTraceToString(), thrown.message)
    }

    @Test
    fun `a locked device sends nothing and fails for sure`() = runBlocking {
        Sandbox().use { sandbox ->
            val sent = AtomicInteger()
            val transport = Transport {
                sent.incrementAndGet()
                throw TransportFault(TransportFault.Kind.REFUSED)
            }
            val signer = KeystoreSigner.generate("refunds")
            val client = AlipayClient(sandbox.account(signer.merchantKey()), transport = transport, policy = Sandbox.FAST)
            FakeKeystore.isLocked = true
            val outcome = client.payTaxRefund(sandbox.request("LOCKED1"))
            assertEquals(0, sent.get())
            val reason = if (outcome is Outcome.Failed) outcome.reason else (outcome as Outcome.Unknown).reason
            assertEquals(Fault.SIGNER_FAILED, reason.code)

            FakeKeystore.isLocked = false
            assertTrue(client.payTaxRefund(sandbox.request("UNLOCKED1")) is Outcome.Unknown)
            assertTrue(sent.get() > 0)
        }
    }

    @Test
    fun `an imported key pays a refund through the journal, and cannot be had back`() = runBlocking {
        Sandbox().use { sandbox ->
            val signer = KeystoreSigner.importKey("refunds", sandbox.pkcs12("word"), "word".toCharArray())
            val entry = FakeKeystore.entries.getValue("refunds")
            assertEquals(KeyProperties.PURPOSE_SIGN, entry.protection!!.purposes)
            assertEquals(null, entry.key.encoded)
            Device().use { device ->
                openJournal(device.context).use { journal ->
                    val client = AlipayClient(sandbox.account(signer.merchantKey()), journal, policy = Sandbox.FAST)
                    val outcome = client.payTaxRefund(sandbox.request("IMPORTED1"))
                    assertTrue(outcome is Outcome.Succeeded, outcome.toString())
                    assertNotNull((outcome as Outcome.Succeeded).reference)
                    assertEquals(1, journal.counts().succeeded)
                }
            }
        }
    }

    @Test
    fun `a delivered file that is no key is refused`() {
        val file = Sandbox().use { it.pkcs12("word") }
        for ((bytes, password) in listOf(file to "other", ByteArray(9) to "word")) {
            assertThrows(IllegalArgumentException::class.java) {
                runBlocking { KeystoreSigner.importKey("refunds", bytes, password.toCharArray()) }
            }
        }
        assertTrue(FakeKeystore.entries.isEmpty())
    }
}
