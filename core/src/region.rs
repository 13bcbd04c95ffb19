//! ISO 3166-1 country and region codes (two letters).

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use thiserror::Error;

use crate::currency::excerpt;

/// True for an officially assigned ISO 3166-1 alpha-2 code in upper case, for example `SG`.
///
/// Source: Alipay+ model page, Address (`region`); Alipay FX tax refund, order pay (`country_code`).
#[must_use]
pub fn is_region(text: &str) -> bool {
    REGIONS.binary_search_by(|(alpha2, _)| (*alpha2).cmp(text)).is_ok()
}

/// An officially assigned ISO 3166-1 alpha-2 code. In JSON it is the two letters as text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Region(&'static str);

impl Region {
    /// Reads a code of two upper-case ASCII letters.
    ///
    /// # Errors
    /// [`RegionError`], which names the usual mistakes: lower case, the three-letter code, `UK` for `GB`, `EL`
    /// for `GR`, a number, a withdrawn code.
    pub fn parse(text: &str) -> Result<Self, RegionError> {
        match REGIONS.binary_search_by(|(alpha2, _)| (*alpha2).cmp(text)) {
            Ok(index) => REGIONS.get(index).map(|(alpha2, _)| Self(alpha2)).ok_or_else(|| mistake_in(text)),
            Err(_) => Err(mistake_in(text)),
        }
    }

    /// Every assigned code, in alphabetic order.
    pub fn all() -> impl Iterator<Item = Self> {
        REGIONS.iter().map(|(alpha2, _)| Self(alpha2))
    }

    /// The two upper-case letters.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.0
    }
}

/// Why a text is not a region code. A text that cannot be a code at all is described by its length, not shown.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RegionError {
    /// The letters are right, the case is not.
    #[error("region {given} is in lower case; ISO 3166-1 codes are sent in upper case: write {meant:?}")]
    LowerCase {
        /// What was given.
        given: String,
        /// The code in upper case.
        meant: String,
    },
    /// The three-letter code of a region.
    #[error("region {given} is the three-letter code; this field takes two letters: write {meant:?}")]
    Alpha3 {
        /// What was given.
        given: String,
        /// The two-letter code of the same region.
        meant: &'static str,
    },
    /// A code in daily use that ISO 3166-1 does not assign, such as `UK`.
    #[error("region {given} is in daily use but is not the ISO 3166-1 code; write {meant:?}")]
    Colloquial {
        /// What was given.
        given: String,
        /// The assigned code.
        meant: &'static str,
    },
    /// A code that ISO 3166-1 has withdrawn, or one for a union of countries.
    #[error("region {given} is not one country in ISO 3166-1 today; write the code of the country concerned")]
    NotACountry {
        /// What was given.
        given: String,
    },
    /// Not two letters.
    #[error("region {given} is not two letters; write the ISO 3166-1 alpha-2 code, such as \"SG\"")]
    Shape {
        /// What was given.
        given: String,
    },
    /// Two upper-case letters that are not assigned.
    #[error(
        "region {given} is not assigned in ISO 3166-1; write the alpha-2 code of the country, such as \"SG\""
    )]
    Unknown {
        /// What was given.
        given: String,
    },
}

impl RegionError {
    /// Stable code for programs; never changes its spelling.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::LowerCase { .. } => "region_lower_case",
            Self::Alpha3 { .. } => "region_alpha3",
            Self::Colloquial { .. } => "region_colloquial",
            Self::NotACountry { .. } => "region_not_a_country",
            Self::Shape { .. } => "region_shape",
            Self::Unknown { .. } => "region_unknown",
        }
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.0)
    }
}

impl fmt::Debug for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Region({})", self.0)
    }
}

impl std::str::FromStr for Region {
    type Err = RegionError;

    fn from_str(text: &str) -> Result<Self, RegionError> {
        Self::parse(text)
    }
}

impl Serialize for Region {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0)
    }
}

impl<'de> Deserialize<'de> for Region {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

/// The error for a text that is not an assigned code: the likeliest mistake, with the code that was meant.
fn mistake_in(text: &str) -> RegionError {
    let given = excerpt(text, 3, |c| c.is_ascii_alphanumeric() || c == ' ');
    let upper = text.to_ascii_uppercase();
    if let Some((alpha2, _)) = REGIONS.iter().find(|(_, alpha3)| *alpha3 == upper) {
        return RegionError::Alpha3 { given, meant: alpha2 };
    }
    if let Some((_, meant)) = COLLOQUIAL.iter().find(|(name, _)| *name == upper) {
        return RegionError::Colloquial { given, meant };
    }
    if NOT_A_COUNTRY.contains(&upper.as_str()) {
        return RegionError::NotACountry { given };
    }
    if text.len() != 2 || !text.bytes().all(|b| b.is_ascii_alphabetic()) {
        return RegionError::Shape { given };
    }
    if is_region(&upper) {
        RegionError::LowerCase { given, meant: upper }
    } else {
        RegionError::Unknown { given }
    }
}

/// Officially assigned codes, alpha-2 with alpha-3, sorted by alpha-2.
#[rustfmt::skip]
const REGIONS: &[(&str, &str)] = &[
    ("AD", "AND"), ("AE", "ARE"), ("AF", "AFG"), ("AG", "ATG"), ("AI", "AIA"), ("AL", "ALB"), ("AM", "ARM"),
    ("AO", "AGO"), ("AQ", "ATA"), ("AR", "ARG"), ("AS", "ASM"), ("AT", "AUT"), ("AU", "AUS"), ("AW", "ABW"),
    ("AX", "ALA"), ("AZ", "AZE"), ("BA", "BIH"), ("BB", "BRB"), ("BD", "BGD"), ("BE", "BEL"), ("BF", "BFA"),
    ("BG", "BGR"), ("BH", "BHR"), ("BI", "BDI"), ("BJ", "BEN"), ("BL", "BLM"), ("BM", "BMU"), ("BN", "BRN"),
    ("BO", "BOL"), ("BQ", "BES"), ("BR", "BRA"), ("BS", "BHS"), ("BT", "BTN"), ("BV", "BVT"), ("BW", "BWA"),
    ("BY", "BLR"), ("BZ", "BLZ"), ("CA", "CAN"), ("CC", "CCK"), ("CD", "COD"), ("CF", "CAF"), ("CG", "COG"),
    ("CH", "CHE"), ("CI", "CIV"), ("CK", "COK"), ("CL", "CHL"), ("CM", "CMR"), ("CN", "CHN"), ("CO", "COL"),
    ("CR", "CRI"), ("CU", "CUB"), ("CV", "CPV"), ("CW", "CUW"), ("CX", "CXR"), ("CY", "CYP"), ("CZ", "CZE"),
    ("DE", "DEU"), ("DJ", "DJI"), ("DK", "DNK"), ("DM", "DMA"), ("DO", "DOM"), ("DZ", "DZA"), ("EC", "ECU"),
    ("EE", "EST"), ("EG", "EGY"), ("EH", "ESH"), ("ER", "ERI"), ("ES", "ESP"), ("ET", "ETH"), ("FI", "FIN"),
    ("FJ", "FJI"), ("FK", "FLK"), ("FM", "FSM"), ("FO", "FRO"), ("FR", "FRA"), ("GA", "GAB"), ("GB", "GBR"),
    ("GD", "GRD"), ("GE", "GEO"), ("GF", "GUF"), ("GG", "GGY"), ("GH", "GHA"), ("GI", "GIB"), ("GL", "GRL"),
    ("GM", "GMB"), ("GN", "GIN"), ("GP", "GLP"), ("GQ", "GNQ"), ("GR", "GRC"), ("GS", "SGS"), ("GT", "GTM"),
    ("GU", "GUM"), ("GW", "GNB"), ("GY", "GUY"), ("HK", "HKG"), ("HM", "HMD"), ("HN", "HND"), ("HR", "HRV"),
    ("HT", "HTI"), ("HU", "HUN"), ("ID", "IDN"), ("IE", "IRL"), ("IL", "ISR"), ("IM", "IMN"), ("IN", "IND"),
    ("IO", "IOT"), ("IQ", "IRQ"), ("IR", "IRN"), ("IS", "ISL"), ("IT", "ITA"), ("JE", "JEY"), ("JM", "JAM"),
    ("JO", "JOR"), ("JP", "JPN"), ("KE", "KEN"), ("KG", "KGZ"), ("KH", "KHM"), ("KI", "KIR"), ("KM", "COM"),
    ("KN", "KNA"), ("KP", "PRK"), ("KR", "KOR"), ("KW", "KWT"), ("KY", "CYM"), ("KZ", "KAZ"), ("LA", "LAO"),
    ("LB", "LBN"), ("LC", "LCA"), ("LI", "LIE"), ("LK", "LKA"), ("LR", "LBR"), ("LS", "LSO"), ("LT", "LTU"),
    ("LU", "LUX"), ("LV", "LVA"), ("LY", "LBY"), ("MA", "MAR"), ("MC", "MCO"), ("MD", "MDA"), ("ME", "MNE"),
    ("MF", "MAF"), ("MG", "MDG"), ("MH", "MHL"), ("MK", "MKD"), ("ML", "MLI"), ("MM", "MMR"), ("MN", "MNG"),
    ("MO", "MAC"), ("MP", "MNP"), ("MQ", "MTQ"), ("MR", "MRT"), ("MS", "MSR"), ("MT", "MLT"), ("MU", "MUS"),
    ("MV", "MDV"), ("MW", "MWI"), ("MX", "MEX"), ("MY", "MYS"), ("MZ", "MOZ"), ("NA", "NAM"), ("NC", "NCL"),
    ("NE", "NER"), ("NF", "NFK"), ("NG", "NGA"), ("NI", "NIC"), ("NL", "NLD"), ("NO", "NOR"), ("NP", "NPL"),
    ("NR", "NRU"), ("NU", "NIU"), ("NZ", "NZL"), ("OM", "OMN"), ("PA", "PAN"), ("PE", "PER"), ("PF", "PYF"),
    ("PG", "PNG"), ("PH", "PHL"), ("PK", "PAK"), ("PL", "POL"), ("PM", "SPM"), ("PN", "PCN"), ("PR", "PRI"),
    ("PS", "PSE"), ("PT", "PRT"), ("PW", "PLW"), ("PY", "PRY"), ("QA", "QAT"), ("RE", "REU"), ("RO", "ROU"),
    ("RS", "SRB"), ("RU", "RUS"), ("RW", "RWA"), ("SA", "SAU"), ("SB", "SLB"), ("SC", "SYC"), ("SD", "SDN"),
    ("SE", "SWE"), ("SG", "SGP"), ("SH", "SHN"), ("SI", "SVN"), ("SJ", "SJM"), ("SK", "SVK"), ("SL", "SLE"),
    ("SM", "SMR"), ("SN", "SEN"), ("SO", "SOM"), ("SR", "SUR"), ("SS", "SSD"), ("ST", "STP"), ("SV", "SLV"),
    ("SX", "SXM"), ("SY", "SYR"), ("SZ", "SWZ"), ("TC", "TCA"), ("TD", "TCD"), ("TF", "ATF"), ("TG", "TGO"),
    ("TH", "THA"), ("TJ", "TJK"), ("TK", "TKL"), ("TL", "TLS"), ("TM", "TKM"), ("TN", "TUN"), ("TO", "TON"),
    ("TR", "TUR"), ("TT", "TTO"), ("TV", "TUV"), ("TW", "TWN"), ("TZ", "TZA"), ("UA", "UKR"), ("UG", "UGA"),
    ("UM", "UMI"), ("US", "USA"), ("UY", "URY"), ("UZ", "UZB"), ("VA", "VAT"), ("VC", "VCT"), ("VE", "VEN"),
    ("VG", "VGB"), ("VI", "VIR"), ("VN", "VNM"), ("VU", "VUT"), ("WF", "WLF"), ("WS", "WSM"), ("YE", "YEM"),
    ("YT", "MYT"), ("ZA", "ZAF"), ("ZM", "ZMB"), ("ZW", "ZWE"),];

/// `EL` and `XI` are the value-added-tax prefixes of Greece and Northern Ireland, which tax refund forms carry.
#[rustfmt::skip]
const COLLOQUIAL: &[(&str, &str)] = &[
    ("EL", "GR"), ("EN", "GB"), ("UK", "GB"), ("XI", "GB"),
];

/// Unions of countries, and codes withdrawn from ISO 3166-1 that old data still carries.
const NOT_A_COUNTRY: &[&str] = &["AN", "CS", "EU", "EZ", "SU", "TP", "UN", "XX", "YU", "ZR", "ZZ"];
