package taxrefund

import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import taxrefund.bridge.nativeCertificateSerial
import taxrefund.bridge.nativeCutOut
import taxrefund.bridge.nativeFormStringToSign
import taxrefund.bridge.nativeFormStringToVerify
import taxrefund.bridge.nativeHeaderStringToSign
import taxrefund.bridge.nativeRootSerial
import taxrefund.bridge.nativeSign
import taxrefund.bridge.nativeVerify
import taxrefund.bridge.nativeWriteSignatureHeader

/** The strings that are signed, and signatures over bytes: for interfaces that this library does not know, and for tests. */
public object Signing {
    /** The open gateway's string to sign: parameters sorted and joined, empty ones and `sign` left out. */
    @JvmStatic
    @JvmOverloads
    public fun formStringToSign(parameters: Map<String, String>, charset: String = "utf-8"): ByteArray {
        val json = JsonObject(parameters.mapValues { (_, value) -> JsonPrimitive(value) }).toString()
        return native { nativeFormStringToSign(json, charset) }
    }

    /** What a notification of the open gateway signs, under the rule `V1` or `V2`. */
    @JvmStatic
    public fun formStringToVerify(body: ByteArray, rule: String): FormToVerify {
        val told = objectOf(native { nativeFormStringToVerify(body, rule) })
        val parameters = told.member("parameters") ?: noMembers
        return FormToVerify(
            told.text("to_verify").orEmpty(),
            parameters.mapValues { (_, value) -> (value as? JsonPrimitive)?.content.orEmpty() },
        )
    }

    /** What Alipay+ and Antom sign. */
    @JvmStatic
    public fun headerStringToSign(path: String, clientId: String, time: String, body: ByteArray): ByteArray =
        native { nativeHeaderStringToSign(path, clientId, time, body) }

    /** The `Signature` header over a signature. */
    @JvmStatic
    @JvmOverloads
    public fun writeSignatureHeader(signature: ByteArray, keyVersion: Int = 1): String =
        native { nativeWriteSignatureHeader(signature, keyVersion.toUInt()) }

    /** A signature under `RSA2` (SHA-256), or `RSA` (SHA-1, for old accounts). */
    @JvmStatic
    @JvmOverloads
    public fun sign(privateKey: String, message: ByteArray, signType: String = "RSA2"): ByteArray =
        native { nativeSign(privateKey.toByteArray(), message, signType) }

    /** Whether a signature is this key's over exactly this message. */
    @JvmStatic
    @JvmOverloads
    public fun verify(publicKey: String, message: ByteArray, signature: ByteArray, signType: String = "RSA2"): Boolean =
        native { nativeVerify(publicKey.toByteArray(), message, signature, signType) }

    /** Where an open gateway answer's signed bytes stand. */
    @JvmStatic
    @JvmOverloads
    public fun cutOut(method: String, body: ByteArray, charset: String = "utf-8"): CutOut {
        val told = objectOf(native { nativeCutOut(method, body, charset) })
        val (start, end) = (told.number("start") ?: 0).toInt() to (told.number("end") ?: 0).toInt()
        return CutOut(told.text("root").orEmpty(), start, end)
    }

    /** A certificate's serial number as the gateway wants it. */
    @JvmStatic
    public fun certificateSerial(certificate: String): String = native { nativeCertificateSerial(certificate.toByteArray()) }

    /** A root bundle's serial number. */
    @JvmStatic
    public fun rootSerial(bundle: String): String = native { nativeRootSerial(bundle.toByteArray()) }

    /**
     * What a form's signature covers.
     *
     * @property toVerify the text.
     * @property parameters the form's own.
     */
    public class FormToVerify internal constructor(public val toVerify: String, public val parameters: Map<String, String>)

    /**
     * Where an answer's signed bytes stand.
     *
     * @property root the name of the member that holds them.
     * @property start the first byte.
     * @property end the byte after the last one.
     */
    public class CutOut internal constructor(public val root: String, public val start: Int, public val end: Int)
}
