package taxrefund

import java.time.Instant
import kotlinx.serialization.json.Json
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows
import taxrefund.alipay.PayTaxRefundRequest
import taxrefund.alipay.PayTaxRefundResponse
import taxrefund.alipayplus.Merchant
import taxrefund.alipayplus.SyncTaxRefundFormRequest
import taxrefund.antom.RefundRequest
import taxrefund.bridge.nativeVersion

class ModelTest {
    @Test
    fun `a request survives its JSON, amounts with their currencies`() {
        val request = refund("JSON1").copy(salesAmount = Money(55_500, "JPY"), availableDay = 20)
        val json = WireJson.encodeToString(PayTaxRefundRequest.serializer(), request)
        assertTrue(json.contains(""""tax_refund_amount":"10000"""") && json.contains(""""tax_refund_currency":"SGD""""), json)
        assertTrue(json.contains(""""sales_currency":"JPY"""") && !json.contains("nationality"), json)
        assertEquals(request, WireJson.decodeFromString(PayTaxRefundRequest.serializer(), json))
        assertEquals(request, Json.decodeFromString(PayTaxRefundRequest.serializer(), json))
    }

    @Test
    fun `nested models survive theirs`() {
        val sync = SyncTaxRefundFormRequest("F1", "SUBMITTED", taxRefundAmount = Money(1, "KWD"), merchants = listOf(Merchant("M1")), userId = "2088")
        val json = WireJson.encodeToString(SyncTaxRefundFormRequest.serializer(), sync)
        assertTrue(json.contains(""""taxRefundAmount":{"currency":"KWD","value":"1"}"""), json)
        assertEquals(sync, WireJson.decodeFromString(SyncTaxRefundFormRequest.serializer(), json))
        val refund = RefundRequest("R1", "P1", Money(1, "USD"))
        val again = WireJson.decodeFromString(RefundRequest.serializer(), WireJson.encodeToString(RefundRequest.serializer(), refund))
        assertEquals(refund, again)
    }

    @Test
    fun `an answer keeps what no document names, and is never lost for a member of another kind`() {
        val json = """{"tax_no":"1","out_order_no":{"odd":true},"new_member":["x"],"status":null}"""
        val answer = WireJson.decodeFromString(PayTaxRefundResponse.serializer(), json)
        assertEquals("1", answer.taxNo)
        assertEquals(null, answer.outOrderNo)
        assertEquals(setOf("new_member", "out_order_no"), answer.extra.keys)
        val again = WireJson.encodeToString(PayTaxRefundResponse.serializer(), answer)
        assertEquals(answer, WireJson.decodeFromString(PayTaxRefundResponse.serializer(), again))
        assertFalse(answer.toString().contains("odd"))
    }

    @Test
    fun `money is exact`() {
        assertEquals(Money(10_000, "SGD"), Money.parse("100.00", "SGD"))
        assertEquals("KWD 1.234", Money(1234, "KWD").toString())
        assertEquals("JPY 100", Money.parse("100", "JPY").toString())
        listOf("1.001", "-1", "1e3", "1,000", "", " 1").forEach { assertThrows<MoneyException>(it) { Money.parse(it, "SGD") } }
        assertThrows<MoneyException> { Money(1, "XXZ") }
        assertThrows<MoneyException> { Money(-1, "SGD") }
        assertEquals(Money(5, "SGD"), Amount("SGD", "5").toMoney())
        assertThrows<MoneyException> { Amount("SGD", "5.0").toMoney() }
    }

    @Test
    fun `times are those of the protocols`() {
        val moment = Instant.ofEpochMilli(1_795_395_723_000)
        assertEquals(moment, parseTime(gatewayTime(moment)))
        assertEquals(moment, parseTime(offsetTime(moment)))
        assertThrows<DateException> { parseTime("yesterday") }
        assertThrows<DateException> { gatewayTime(Instant.ofEpochMilli(-1)) }
    }

    @Test
    fun `paths are Kotlin's`() {
        assertEquals("merchants[0].merchantMcc", kotlinPath("merchants.0.merchantMCC"))
        assertEquals("outOrderNo", kotlinPath("out_order_no"))
        assertEquals("", kotlinPath(""))
    }

    @Test
    fun `a library of another version is named with both, and used for nothing`() {
        val thrown = assertThrows<VersionMismatchException> { Library.loaded("0.1.0") { "0.2.0" } }
        assertEquals("0.1.0" to "0.2.0", thrown.packageVersion to thrown.nativeVersion)
        assertThrows<NativeLibraryException> { Library.loaded("0.1.0") { throw UnsatisfiedLinkError("/home/somebody/lib.so") } }
        assertTrue(Library.loaded(VERSION, ::nativeVersion))
    }

    @Test
    fun `what the library did not expect is typed, and its text is not shown`() {
        val thrown = assertThrows<InternalException> { native { throw IllegalStateException("E12345678\n at stack") } }
        assertEquals(ErrorCode.INTERNAL, thrown.code)
        assertFalse("$thrown ${thrown.cause} ${thrown.stackTraceToString()}".contains("E12345678"))
    }

    @Test
    fun `keys show nothing of themselves`() {
        val key = SoftwareKey("-----BEGIN PRIVATE KEY-----", KeyInApp.CAN_BE_EXTRACTED)
        assertFalse("$key ${SealingKey.of(ByteArray(32))}".contains("BEGIN"))
    }
}
