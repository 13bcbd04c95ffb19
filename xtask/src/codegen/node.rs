//! The Node package's types: one module per protocol, and the stable names.

use std::collections::BTreeSet;

use anyhow::Result;
use minijinja::context;

use super::core_data::CoreData;
use super::models::{Kind, Protocol, Role, protocols};
use super::{stable_names, templates, wrapped};

/// The generated files of the package, by their names.
pub(super) fn files(data: &CoreData) -> Result<Vec<(String, String)>> {
    let mut templates = templates(
        include_str!("../../templates/protocol.ts.jinja"),
        include_str!("../../templates/codes.ts.jinja"),
    )?;
    templates.add_filter("doc", doc);
    templates.add_filter("camel", |name: &str| camel(name));
    templates.add_filter("lower_first", lower_first);
    templates.add_filter("kebab", |name: &str| name.replace('_', "-"));
    let mut files = Vec::new();
    for protocol in protocols(&data.schemas)? {
        let text = templates.get_template("protocol")?.render(context! {
            protocol,
            money_types => money_types(&protocol),
        })?;
        files.push((format!("{}.ts", protocol.name.replace('_', "-")), text));
    }
    files.push(("codes.ts".to_owned(), stable_names(&templates, data)?));
    Ok(files)
}

/// What the template's types of amounts need: answers have `Amount`, who asks may give anything like one.
fn money_types(protocol: &Protocol) -> BTreeSet<&'static str> {
    let mut types = BTreeSet::new();
    for model in &protocol.models {
        let answered = model.open || model.role == Role::Response;
        for field in &model.fields {
            match field.kind {
                Kind::Amount if answered => types.extend(["Amount"]),
                Kind::Amount => types.extend(["AmountLike", "MoneyLike"]),
                Kind::Minor if !answered => types.extend(["MoneyLike"]),
                _ => {}
            }
        }
    }
    types
}

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

fn lower_first(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| first.to_ascii_lowercase().to_string() + letters.as_str())
}

/// A text as a documentation comment: wrapped, indented, on one line where it fits. Names in code are JavaScript's.
fn doc(text: &str, indent: usize) -> String {
    const WIDTH: usize = 110;
    let text = in_javascript(text).replace("*/", "*\\/");
    let margin = " ".repeat(indent);
    if !text.contains('\n') && indent + text.chars().count() + 7 <= WIDTH {
        return format!("/** {text} */");
    }
    let lines = wrapped(&text, WIDTH - indent - 3, WIDTH - indent - 3);
    let mut out = String::from("/**\n");
    for line in lines {
        out.push_str(format!("{margin} * {line}").trim_end());
        out.push('\n');
    }
    out + &margin + " */"
}

/// `` `out_order_no` `` as `` `outOrderNo` ``: the members have other names here than on the wire.
fn in_javascript(text: &str) -> String {
    let name = |code: &str| {
        code.contains('_')
            && code
                .chars()
                .all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_')
    };
    text.split('`')
        .enumerate()
        .map(|(at, part)| if at % 2 == 1 && name(part) { camel(part) } else { part.to_owned() })
        .collect::<Vec<_>>()
        .join("`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_camel_case() {
        assert_eq!(camel("merchant_mcc"), "merchantMcc");
        assert_eq!(camel("refund_request_id"), "refundRequestId");
        assert_eq!(camel("address1"), "address1");
        assert_eq!(lower_first("PayTaxRefundRequest"), "payTaxRefundRequest");
    }

    #[test]
    fn names_in_a_text_are_those_of_the_members() {
        assert_eq!(in_javascript("As `out_order_no`, or `RSA2`; a_b."), "As `outOrderNo`, or `RSA2`; a_b.");
    }

    #[test]
    fn a_short_comment_stays_on_its_line_and_a_long_one_is_wrapped() {
        assert_eq!(doc("Short.", 2), "/** Short. */");
        let long = doc(&"word ".repeat(40), 2);
        assert!(long.lines().all(|line| line.chars().count() <= 110), "{long}");
        assert!(long.ends_with("\n   */"), "{long}");
    }
}
