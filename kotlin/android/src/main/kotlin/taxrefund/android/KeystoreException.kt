package taxrefund.android

import java.io.File

/**
 * What goes wrong with keys of the Android Keystore. Nothing was sent, nothing was changed.
 *
 * The texts are English, for engineers; what a person should be told follows from the class. None holds a key, personal data, or
 * the text of what the keystore itself threw.
 */
public sealed class KeystoreException(message: String) : RuntimeException(message)

/**
 * The keystore cannot use the key now: the device is locked, or nobody has authenticated for a key that wants it. Ask for that,
 * then do the same again.
 *
 * @property alias the key's name in the keystore.
 */
public class DeviceLockedException internal constructor(public val alias: String) :
    KeystoreException("the key $alias cannot be used while the device is locked or nobody has authenticated: do that, then try again")

/**
 * The keystore failed, and may not fail the next time: it was busy, its service was away, memory was short. Do the same again; if
 * it stays so after the device was started anew, the device's keystore is broken.
 *
 * @property alias the key's name in the keystore.
 */
public class KeystoreFailedException internal constructor(public val alias: String, what: String) :
    KeystoreException("the keystore failed with the key $alias ($what): try again")

/**
 * The merchant's signing key is not in this device's keystore, or cannot be used ever again: the app's data were cleared, the
 * app came from a backup or another device, the device's lock was removed and the key had asked for one.
 *
 * Refunds that are open are not lost: they can be resumed as soon as the account has a key again. Generate a new one, and give its
 * public key to the platform's account.
 *
 * @property alias the key's name in the keystore.
 */
public class SigningKeyLostException internal constructor(public val alias: String, why: String) :
    KeystoreException("the signing key $alias $why: generate a new one, and register its public key with the platform")

/**
 * There is a key with this name already. It is never replaced silently: the platform knows its public key.
 *
 * @property alias the key's name in the keystore.
 */
public class SigningKeyExistsException internal constructor(public val alias: String) :
    KeystoreException("the keystore has a key $alias already: open it, or delete it first")

/**
 * The key that sealed a journal cannot be had again, so nobody can read that journal: which refunds this device has begun, and
 * which are still open. No new key is made in its place as long as the journal is there, for a journal begun anew would know nothing
 * of these refunds, and the same form could be paid a second time.
 *
 * What to do: find the refunds of this device where else they are recorded (your server, the platform's merchant pages) and see
 * each one settled; then move [folder] away, and open the journal again: it begins empty, with a new key.
 *
 * @property folder the folder with the journal and its wrapped key.
 * @property why what became of the key.
 */
public class SealingKeyLostException internal constructor(public val folder: File, public val why: Why) : KeystoreException(
    "the key of the journal in ${folder.name} is lost (${why.text}): its refunds cannot be read on this device any more. Settle them " +
        "by what your server or the platform knows of them, then move that folder away; until then nothing is begun anew",
) {
    /** What became of the key. */
    public enum class Why(internal val text: String) {
        /** The keystore has no such key: the files came from another device or a backup, or somebody deleted the key. */
        NOT_IN_THE_KEYSTORE("the keystore does not have it"),

        /** The keystore gave the key up for ever. */
        INVALIDATED("the keystore has invalidated it"),

        /** The file with the wrapped key is not there, but its journal is. */
        FILE_MISSING("its file is missing"),

        /** The file with the wrapped key was changed, or the keystore has another key under its name. */
        FILE_DAMAGED("its file is damaged, or belongs to another key"),
    }
}
