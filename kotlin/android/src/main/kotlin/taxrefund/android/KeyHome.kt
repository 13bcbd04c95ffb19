package taxrefund.android

import android.os.Build
import android.security.keystore.KeyInfo
import android.security.keystore.KeyProperties

/** Where a key is kept. */
public enum class KeyHome {
    /** In the operating system: whoever owns the system owns the key. */
    SOFTWARE,

    /** In the processor's trusted environment; before Android 12, which does not tell them apart, perhaps in a StrongBox. */
    SECURE_HARDWARE,

    /** In a chip of its own. */
    STRONGBOX,

    /** The keystore does not say. */
    UNKNOWN,
}

internal fun homeOf(info: KeyInfo): KeyHome {
    if (Build.VERSION.SDK_INT < Build.VERSION_CODES.S) {
        @Suppress("DEPRECATION")
        return if (info.isInsideSecureHardware) KeyHome.SECURE_HARDWARE else KeyHome.SOFTWARE
    }
    return when (info.securityLevel) {
        KeyProperties.SECURITY_LEVEL_SOFTWARE -> KeyHome.SOFTWARE
        KeyProperties.SECURITY_LEVEL_TRUSTED_ENVIRONMENT,
        KeyProperties.SECURITY_LEVEL_UNKNOWN_SECURE,
        -> KeyHome.SECURE_HARDWARE
        KeyProperties.SECURITY_LEVEL_STRONGBOX -> KeyHome.STRONGBOX
        else -> KeyHome.UNKNOWN
    }
}
