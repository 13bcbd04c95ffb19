package taxrefund

import taxrefund.bridge.NativeException
import taxrefund.bridge.nativeVersion

/**
 * The result of a call of the native library; whatever it throws becomes an exception of this package, here and nowhere else.
 *
 * The text of an unexpected one may hold a whole stack trace, and with it anything: it is not shown.
 */
internal inline fun <T> native(call: () -> T): T {
    Library.ready()
    try {
        return call()
    } catch (problem: NativeException.Problem) {
        throw exceptionOf(problem.problem)
    } catch (known: TaxRefundException) {
        throw known
    } catch (unexpected: Exception) {
        throw InternalException(unexpected.javaClass.simpleName)
    }
}

/** The native library, which must be of the package's version. */
internal object Library {
    @Volatile
    private var isReady = false

    /** Loads it when it is first needed; one that cannot be used is an exception each time. */
    fun ready() {
        if (!isReady) isReady = loaded(VERSION, ::nativeVersion)
    }

    /** Asks its version before anything else: nothing else of two versions need fit together. */
    internal fun loaded(wanted: String, version: () -> String): Boolean {
        val found = try {
            version()
        } catch (_: Exception) {
            throw NativeLibraryException.unreadable()
        } catch (unloadable: LinkageError) {
            throw NativeLibraryException.missing(unloadable)
        }
        if (found != wanted) throw VersionMismatchException(wanted, found)
        return true
    }
}
