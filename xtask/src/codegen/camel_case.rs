//! What the languages that write names in camel case share: the names, in code and in texts, and `/** … */` comments.

use super::wrapped;

/// `merchant_mcc` as `merchantMcc`; `:` between names stays.
pub(super) fn camel(name: &str) -> String {
    let mut camel = String::new();
    let mut raise = false;
    for letter in name.chars() {
        if letter == '_' {
            raise = true;
        } else if std::mem::take(&mut raise) {
            camel.push(letter.to_ascii_uppercase());
        } else {
            camel.push(letter);
        }
    }
    camel
}

/// `` `out_order_no` `` as `` `outOrderNo` ``: the members have other names here than on the wire.
pub(super) fn names_in(text: &str) -> String {
    let is_name = |code: &str| {
        code.contains('_')
            && code.chars().all(|one| one.is_ascii_lowercase() || one.is_ascii_digit() || one == '_')
    };
    text.split('`')
        .enumerate()
        .map(|(at, part)| if at % 2 == 1 && is_name(part) { camel(part) } else { part.to_owned() })
        .collect::<Vec<_>>()
        .join("`")
}

/// A text as a comment: wrapped, indented, on one line where it fits.
pub(super) fn block_comment(text: &str, indent: usize, width: usize) -> String {
    let margin = " ".repeat(indent);
    if !text.contains('\n') && indent + text.chars().count() + 7 <= width {
        return format!("/** {text} */");
    }
    let lines = wrapped(text, width - indent - 3, width - indent - 3);
    let mut out = String::from("/**\n");
    for line in lines {
        out.push_str(format!("{margin} * {line}").trim_end());
        out.push('\n');
    }
    out + &margin + " */"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_camel_case() {
        assert_eq!(camel("merchant_mcc"), "merchantMcc");
        assert_eq!(camel("refund_request_id"), "refundRequestId");
        assert_eq!(camel("pay_tax_refund"), "payTaxRefund");
        assert_eq!(camel("address1"), "address1");
    }

    #[test]
    fn names_in_a_text_are_those_of_the_members() {
        assert_eq!(names_in("As `out_order_no`, or `RSA2`; a_b."), "As `outOrderNo`, or `RSA2`; a_b.");
    }

    #[test]
    fn a_short_comment_stays_on_its_line_and_a_long_one_is_wrapped() {
        assert_eq!(block_comment("Short.", 4, 120), "/** Short. */");
        for (indent, width) in [(2, 110), (4, 120)] {
            let long = block_comment(&"word ".repeat(40), indent, width);
            assert!(long.lines().all(|line| line.chars().count() <= width), "{long}");
            assert!(long.ends_with(&format!("\n{} */", " ".repeat(indent))), "{long}");
        }
    }
}
