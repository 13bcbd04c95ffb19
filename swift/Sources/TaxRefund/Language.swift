import Foundation

/// The languages that texts exist in.
public enum Language: String, CaseIterable, Sendable {
    /// English.
    case english
    /// Chinese, simplified.
    case chinese

    /// The user's: Chinese where that is the first of the preferred languages, English else.
    public static var preferred: Language { of(Locale.preferredLanguages) }

    static func of(_ languages: [String]) -> Language {
        languages.first?.lowercased().hasPrefix("zh") == true ? .chinese : .english
    }
}
