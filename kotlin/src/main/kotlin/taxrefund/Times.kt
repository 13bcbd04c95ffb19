@file:JvmName("Times")

package taxrefund

import java.time.Instant
import java.time.ZoneOffset
import taxrefund.bridge.nativeGatewayTime
import taxrefund.bridge.nativeOffsetTime
import taxrefund.bridge.nativeParseTime

/**
 * A moment as the open gateway writes it: `yyyy-MM-dd HH:mm:ss`, the wall clock of UTC+8.
 *
 * @throws DateException for a moment before 1970.
 */
public fun gatewayTime(moment: Instant): String = native { nativeGatewayTime(epochMs(moment)) }

/**
 * A moment as Alipay+ and Antom write it: ISO 8601 with its offset.
 *
 * @throws DateException for a moment before 1970, and an offset that no place has.
 */
@JvmOverloads
public fun offsetTime(moment: Instant, offset: ZoneOffset = ZoneOffset.UTC): String =
    native { nativeOffsetTime(epochMs(moment), offset.totalSeconds / 60) }

/**
 * The moment of a text in either shape.
 *
 * @throws DateException for a text of neither.
 */
public fun parseTime(text: String): Instant = Instant.ofEpochMilli(native { nativeParseTime(text) })

private fun epochMs(moment: Instant): ULong {
    if (moment < Instant.EPOCH) throw DateException("date", "moment: lies before 1970")
    return moment.toEpochMilli().toULong()
}
