package taxrefund.android

import java.io.ByteArrayOutputStream
import java.net.URL
import java.security.KeyFactory
import java.security.KeyStore
import java.security.cert.CertificateFactory
import java.security.spec.PKCS8EncodedKeySpec
import java.util.Base64
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import taxrefund.MerchantKey
import taxrefund.Money
import taxrefund.Policy
import taxrefund.alipay.AlipayAccount
import taxrefund.alipay.AlipayEnvironment
import taxrefund.alipay.AlipayPlatform
import taxrefund.alipay.PayTaxRefundRequest

/** The gateway simulator, as a program of its own; it ends when it is closed. */
class Sandbox : AutoCloseable {
    private val process: Process = ProcessBuilder(program, "--exit-with-stdin").redirectError(ProcessBuilder.Redirect.INHERIT).start()
    val url: String = process.inputStream.bufferedReader().readLine() ?: error("the simulator does not start")
    private val credentials = Json.parseToJsonElement(URL("$url/sandbox/credentials").readText()).jsonObject

    fun alipay(name: String): String = credentials.getValue("alipay").jsonObject.getValue(name).jsonPrimitive.content

    fun account(key: MerchantKey) = AlipayAccount(
        alipay("app_id"),
        key,
        AlipayPlatform.PublicKey(alipay("platform_public_key_pem")),
        AlipayEnvironment.SANDBOX,
        alipay("gateway_url"),
    )

    fun request(number: String) = PayTaxRefundRequest(
        outOrderNo = number,
        identifyAccountType = "barcode",
        identifyAccountNo = "281234567890123456",
        taxRefundAmount = Money.parse("10.00", "EUR"),
    )

    /** The merchant's key as it would be delivered. */
    fun pkcs12(password: String): ByteArray {
        val base64 = alipay("partner_private_key_pem").lines().filterNot { it.startsWith("-----") }.joinToString("")
        val key = KeyFactory.getInstance("RSA").generatePrivate(PKCS8EncodedKeySpec(Base64.getDecoder().decode(base64)))
        val certificate = CertificateFactory.getInstance("X.509").generateCertificate(alipay("app_certificate_pem").byteInputStream())
        val file = KeyStore.getInstance("PKCS12")
        file.load(null, null)
        file.setKeyEntry("merchant", key, password.toCharArray(), arrayOf(certificate))
        return ByteArrayOutputStream().also { file.store(it, password.toCharArray()) }.toByteArray()
    }

    override fun close() {
        process.outputStream.close()
        process.waitFor()
    }

    companion object {
        /** The program. */
        val program: String = System.getenv("TAXREFUND_SANDBOX") ?: error("TAXREFUND_SANDBOX names no program")

        /** Does not wait as long as the documents say. */
        val FAST = Policy(attempts = 3, sandboxWaitPermille = 1)
    }
}
