package taxrefund

import taxrefund.alipay.QueryUserInfoResponse

/**
 * Whose account it is, for the traveller to confirm before anything is paid. Masked; [revealed] only where the clerk must see
 * all of it. What the answer did not say is `null`.
 *
 * @property name `张*`.
 * @property login `138****1234`.
 * @property userId `2088********0001`.
 */
public class Confirmation private constructor(
    private val response: String,
    public val name: String?,
    public val login: String?,
    public val userId: String?,
) {
    /** The same, unmasked: personal data. */
    public fun revealed(): Confirmation = of(response, revealed = true)

    /** Nothing of it. */
    override fun toString(): String = "Confirmation(•••)"

    public companion object {
        /** Of what the provider answered. */
        @JvmStatic
        public fun of(response: QueryUserInfoResponse): Confirmation =
            of(WireJson.encodeToString(QueryUserInfoResponse.serializer(), response), revealed = false)

        private fun of(response: String, revealed: Boolean): Confirmation {
            val told = objectOf(confirmation(response, revealed))
            return Confirmation(response, told.text("name"), told.text("login"), told.text("user_id"))
        }
    }
}
