package android.os

/** In place of Android's own, which asks the device: the test says which Android it is. */
class Build {
    object VERSION {
        @JvmField
        var SDK_INT: Int = 34
    }
}
