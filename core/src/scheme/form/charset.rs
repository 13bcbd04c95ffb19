//! The two charsets of the open gateway.

use std::borrow::Cow;

use encoding_rs::GBK;
use serde::{Deserialize, Serialize};

/// An account's charset: signatures cover its bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Charset {
    /// `utf-8`.
    #[default]
    #[serde(rename = "utf-8")]
    Utf8,
    /// `gbk`.
    #[serde(rename = "gbk")]
    Gbk,
}

impl Charset {
    /// The parameter's value.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Utf8 => "utf-8",
            Self::Gbk => "gbk",
        }
    }

    /// Reads the parameter's value; GB2312 is a part of GBK.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        if name.eq_ignore_ascii_case("utf-8") || name.eq_ignore_ascii_case("utf8") {
            Some(Self::Utf8)
        } else if name.eq_ignore_ascii_case("gbk") || name.eq_ignore_ascii_case("gb2312") {
            Some(Self::Gbk)
        } else {
            None
        }
    }

    /// The first character that this charset cannot express.
    #[must_use]
    pub fn first_unmappable(self, text: &str) -> Option<char> {
        match self {
            Self::Utf8 => None,
            Self::Gbk => text.chars().find(|c| !c.is_ascii() && GBK.encode(c.encode_utf8(&mut [0; 4])).2),
        }
    }

    /// The bytes of a text that [`Charset::first_unmappable`] has nothing to say against.
    #[must_use]
    pub fn encode(self, text: &str) -> Cow<'_, [u8]> {
        match self {
            Self::Utf8 => Cow::Borrowed(text.as_bytes()),
            Self::Gbk => GBK.encode(text).0,
        }
    }

    /// The text of bytes; `None` when they are not of this charset.
    #[must_use]
    pub fn decode(self, bytes: &[u8]) -> Option<Cow<'_, str>> {
        match self {
            Self::Utf8 => std::str::from_utf8(bytes).ok().map(Cow::Borrowed),
            Self::Gbk => GBK.decode_without_bom_handling_and_without_replacement(bytes),
        }
    }

    /// Appends `name=value`, form-encoded.
    pub(crate) fn push_form(self, out: &mut String, name: &str, value: &str) {
        let bytes = self.encode(value);
        // JSON grows by about a third; a second growth is rare.
        out.reserve(name.len() + bytes.len() * 3 / 2 + 2);
        out.push_str(name);
        out.push('=');
        out.extend(form_urlencoded::byte_serialize(&bytes));
    }

    /// A text of the same length in which every byte outside ASCII, and every second byte of a GBK pair, is a filler:
    /// what structure JSON has stands at the same places, so ranges found in it hold for the bytes.
    ///
    /// The second byte of a GBK pair may be `\`, `{` or `}`; the first one never is ASCII.
    pub(crate) fn structure(self, bytes: &[u8]) -> Option<Cow<'_, str>> {
        if self == Self::Utf8 {
            return std::str::from_utf8(bytes).ok().map(Cow::Borrowed);
        }
        let mut text = String::with_capacity(bytes.len());
        let mut rest = bytes.iter();
        while let Some(&byte) = rest.next() {
            if byte.is_ascii() {
                text.push(char::from(byte));
                continue;
            }
            text.push('_');
            if byte != 0x80 {
                rest.next()?;
                text.push('_');
            }
        }
        Some(Cow::Owned(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn structure_keeps_positions_where_a_pair_ends_in_a_brace_or_backslash() {
        // 0x95 0x5C and 0x81 0x7D are GBK pairs whose second byte is '\' and '}'.
        let bytes = b"{\"a\":\"\x95\x5C\x81\x7D\"}";
        let text = Charset::Gbk.structure(bytes).unwrap();
        assert_eq!(text, "{\"a\":\"____\"}");
        assert_eq!(text.len(), bytes.len());
    }

    #[test]
    fn a_character_outside_the_charset_is_found() {
        assert_eq!(Charset::Gbk.first_unmappable("退税 ok"), None);
        assert_eq!(Charset::Gbk.first_unmappable("ok 🛍"), Some('🛍'));
        assert_eq!(Charset::Utf8.first_unmappable("ok 🛍"), None);
    }
}
