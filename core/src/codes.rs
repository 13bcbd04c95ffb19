//! Every stable error code there is. Programs compare these; texts may change.

/// A request breaks rules; its violations have codes of their own.
pub const INVALID_REQUEST: &str = "invalid_request";
/// A setting cannot be used.
pub const CONFIGURATION: &str = "configuration";
/// An address that requests must not go to.
pub const ENDPOINT: &str = "endpoint";
/// A policy outside the documented bounds.
pub const POLICY_OUT_OF_BOUNDS: &str = "policy_out_of_bounds";
/// A request and a profile of different protocols.
pub const OTHER_PROTOCOL: &str = "other_protocol";
/// A signer that signs with another algorithm than the profile pins.
pub const SIGNER_ALGORITHM: &str = "signer_algorithm";
/// An external signer where only one that answers at once can be used.
pub const EXTERNAL_SIGNER: &str = "external_signer";
/// A stored state that this version cannot read, or that was changed.
pub const STATE_UNREADABLE: &str = "state_unreadable";
/// A stored state of another account.
pub const STATE_OTHER_ACCOUNT: &str = "state_other_account";
/// TLS, proxy or certificate settings that cannot be used.
pub const TRANSPORT_SETTINGS: &str = "transport_settings";
/// A driver told a flow something that does not fit.
pub const FLOW_MISUSE: &str = "flow_misuse";
/// A text that should be an outcome and is none.
pub const OUTCOME_UNREADABLE: &str = "outcome_unreadable";

/// A scan or an input field that brought nothing.
pub const SCAN_EMPTY: &str = "scan_empty";
/// A web address where a payment code is expected: a collection code or a link.
pub const SCAN_WEB_ADDRESS: &str = "scan_web_address";
/// A shop's collection code where the traveller's payment code is expected.
pub const SCAN_COLLECTION_CODE: &str = "scan_collection_code";
/// A passport, or its number, where a payment code is expected.
pub const SCAN_PASSPORT: &str = "scan_passport";
/// A Chinese identity card's number where a payment code is expected.
pub const SCAN_IDENTITY_CARD: &str = "scan_identity_card";
/// A payment code of too few or too many digits.
pub const SCAN_WRONG_LENGTH: &str = "scan_wrong_length";
/// Several codes, scanned one after the other.
pub const SCAN_SEVERAL_CODES: &str = "scan_several_codes";
/// Letters among the digits of what should be a payment code.
pub const SCAN_LETTERS: &str = "scan_letters";
/// An e-mail address or a phone number that is not complete.
pub const SCAN_LOGIN_INCOMPLETE: &str = "scan_login_incomplete";
/// Neither a payment code nor a login account.
pub const SCAN_NOT_A_PAYMENT_CODE: &str = "scan_not_a_payment_code";

/// The idempotency key was used before for a request with other content.
pub const KEY_REUSED: &str = "key_reused";
/// The tax refund form has another refund that did not fail.
pub const FORM_TAKEN: &str = "form_taken";
/// Somebody else is at work on this refund.
pub const REFUND_BUSY: &str = "refund_busy";
/// The journal has no such refund.
pub const REFUND_NOT_FOUND: &str = "refund_not_found";
/// The lease on a refund was lost while it was worked on.
pub const REFUND_TAKEN_OVER: &str = "refund_taken_over";
/// An operation that only reads, given to the journal.
pub const JOURNAL_ONLY_READS: &str = "journal_only_reads";
/// The journal knows the account in another environment.
pub const JOURNAL_OTHER_ENVIRONMENT: &str = "journal_other_environment";
/// A stored entry that cannot be read.
pub const JOURNAL_ENTRY_UNREADABLE: &str = "journal_entry_unreadable";
/// The journal's database is damaged.
pub const JOURNAL_CORRUPT: &str = "journal_corrupt";
/// A file or database that is not a journal.
pub const JOURNAL_FOREIGN: &str = "journal_foreign";
/// A journal of a newer version of this library.
pub const JOURNAL_NEWER: &str = "journal_newer";
/// The journal cannot be written.
pub const JOURNAL_READ_ONLY: &str = "journal_read_only";
/// The journal's disk is full.
pub const JOURNAL_FULL: &str = "journal_full";
/// Another process holds the journal.
pub const JOURNAL_LOCKED: &str = "journal_locked";
/// The journal's database server cannot be reached.
pub const JOURNAL_UNREACHABLE: &str = "journal_unreachable";
/// The journal is sealed and the key is missing or wrong, or it is not sealed and a key was given.
pub const JOURNAL_SEALING: &str = "journal_sealing";
/// The journal was last written at a time that this machine's clock has not reached.
pub const JOURNAL_CLOCK: &str = "journal_clock";
/// Any other trouble with the journal's database.
pub const JOURNAL_STORE: &str = "journal_store";
/// A file beside the journal that cannot be read or written.
pub const FILE: &str = "file";
/// A settlement list whose header line cannot be used.
pub const SETTLEMENT_HEADER: &str = "settlement_header";
/// Options of a settlement check that contradict each other.
pub const SETTLEMENT_OPTIONS: &str = "settlement_options";
/// A settlement list that cannot be read.
pub const SETTLEMENT_READ: &str = "settlement_read";
/// A settlement report that cannot be written.
pub const SETTLEMENT_WRITE: &str = "settlement_write";

/// A batch file whose header line cannot be used.
pub const BATCH_HEADER: &str = "batch_header";
/// A batch file that cannot be read.
pub const BATCH_READ: &str = "batch_read";

/// Nothing was given.
pub const KEY_EMPTY: &str = "key_empty";
/// The path of a file was given and not its content.
pub const KEY_PATH_GIVEN: &str = "key_path_given";
/// Neither PEM nor Base64 nor DER.
pub const KEY_UNKNOWN_FORMAT: &str = "key_unknown_format";
/// A character that does not belong into Base64.
pub const KEY_BASE64_INVALID: &str = "key_base64_invalid";
/// The end of the content is missing.
pub const KEY_TRUNCATED: &str = "key_truncated";
/// A PEM `-----BEGIN` line that is missing or damaged.
pub const KEY_PEM_BEGIN_MISSING: &str = "key_pem_begin_missing";
/// A PEM `-----END` line that is missing or damaged.
pub const KEY_PEM_END_MISSING: &str = "key_pem_end_missing";
/// The bytes are not a structure known here.
pub const KEY_DER_UNREADABLE: &str = "key_der_unreadable";
/// More than one key or certificate where one is expected.
pub const KEY_SEVERAL_GIVEN: &str = "key_several_given";
/// A key store or the file format of another program (PKCS#12, Java, OpenSSH, PuTTY, XML, JSON, PKCS#7).
pub const KEY_CONTAINER_UNSUPPORTED: &str = "key_container_unsupported";
/// A public key where a private key is expected.
pub const KEY_PUBLIC_GIVEN_AS_PRIVATE: &str = "key_public_given_as_private";
/// A private key where a public key is expected.
pub const KEY_PRIVATE_GIVEN_AS_PUBLIC: &str = "key_private_given_as_public";
/// A certificate where a private key is expected.
pub const KEY_CERTIFICATE_GIVEN_AS_PRIVATE: &str = "key_certificate_given_as_private";
/// A certificate where a public key is expected.
pub const KEY_CERTIFICATE_GIVEN_AS_PUBLIC: &str = "key_certificate_given_as_public";
/// A private key where a certificate is expected.
pub const KEY_PRIVATE_GIVEN_AS_CERTIFICATE: &str = "key_private_given_as_certificate";
/// A public key where a certificate is expected.
pub const KEY_PUBLIC_GIVEN_AS_CERTIFICATE: &str = "key_public_given_as_certificate";
/// A certificate signing request.
pub const KEY_CSR_GIVEN: &str = "key_csr_given";
/// A private key protected with a password.
pub const KEY_ENCRYPTED: &str = "key_encrypted";
/// An elliptic-curve key (EC or SM2).
pub const KEY_IS_EC: &str = "key_is_ec";
/// A key of another algorithm (Ed25519, DSA, RSA-PSS, ...).
pub const KEY_ALGORITHM_UNSUPPORTED: &str = "key_algorithm_unsupported";
/// An RSA key of fewer than 2048 bits.
pub const KEY_TOO_SMALL: &str = "key_too_small";
/// An RSA key larger than is supported.
pub const KEY_TOO_LARGE: &str = "key_too_large";
/// The numbers of an RSA key do not belong together or are not usable.
pub const KEY_INCONSISTENT: &str = "key_inconsistent";
/// The merchant's own public key given as the platform's.
pub const KEY_PLATFORM_IS_OWN: &str = "key_platform_is_own";
/// No readable certificate signed with RSA in the root bundle.
pub const CERTIFICATE_NO_RSA_ROOT: &str = "certificate_no_rsa_root";
/// The certificate, or one above it, has expired.
pub const CERTIFICATE_EXPIRED: &str = "certificate_expired";
/// The certificate, or one above it, is not valid yet.
pub const CERTIFICATE_NOT_YET_VALID: &str = "certificate_not_yet_valid";
/// No certificate at hand is the issuer's.
pub const CERTIFICATE_ISSUER_NOT_FOUND: &str = "certificate_issuer_not_found";
/// The signature on the certificate is not its issuer's.
pub const CERTIFICATE_SIGNATURE_WRONG: &str = "certificate_signature_wrong";
/// The certificate is signed with an algorithm that is not accepted here (SHA-1, MD5, not RSA).
pub const CERTIFICATE_SIGNATURE_UNSUPPORTED: &str = "certificate_signature_unsupported";
/// The certificate's issuer is not allowed to issue certificates.
pub const CERTIFICATE_ISSUER_NOT_CA: &str = "certificate_issuer_not_ca";
/// The certificate has a critical extension that is not understood here.
pub const CERTIFICATE_EXTENSION_UNKNOWN: &str = "certificate_extension_unknown";
/// Doctor: something that is needed was not given.
pub const CONFIG_MISSING: &str = "config_missing";
/// Doctor: the merchant's and the platform's keys or certificates are in each other's place.
pub const CONFIG_KEYS_SWAPPED: &str = "config_keys_swapped";
/// Doctor: the private key does not belong to the merchant's public key.
pub const CONFIG_PRIVATE_KEY_NOT_OF_PUBLIC_KEY: &str = "config_private_key_not_of_public_key";
/// Doctor: the private key does not belong to the application certificate.
pub const CONFIG_PRIVATE_KEY_NOT_OF_CERTIFICATE: &str = "config_private_key_not_of_certificate";
/// Doctor: an authority's certificate is in the place of an application or platform certificate.
pub const CONFIG_CERTIFICATE_IS_AUTHORITY: &str = "config_certificate_is_authority";
/// A host's signer could not be reached or did not answer in time.
pub const SIGNER_UNAVAILABLE: &str = "signer_unavailable";
/// A host's signer refused to sign.
pub const SIGNER_REFUSED: &str = "signer_refused";
/// The signature could not be computed.
pub const SIGNER_FAILED: &str = "signer_failed";
