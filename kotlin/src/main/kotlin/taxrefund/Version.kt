package taxrefund

/** The package's version; its native library must be of the very same one. */
public const val VERSION: String = "0.1.0"
