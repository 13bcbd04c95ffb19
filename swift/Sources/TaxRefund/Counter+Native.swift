internal import TaxRefundBridge

/// A problem for people, in a language.
func problemText(_ problem: String, in language: Language) throws(TaxRefundError) -> String? {
    nil
}
