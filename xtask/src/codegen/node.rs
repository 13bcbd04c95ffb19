//! The Node package's types: one module per protocol, and the stable names.

use std::collections::BTreeSet;

use anyhow::Result;
use minijinja::context;

use super::camel_case::{block_comment, camel, names_in};
use super::core_data::CoreData;
use super::models::{Kind, Protocol, Role, protocols};
use super::{stable_names, templates};

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

fn lower_first(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| first.to_ascii_lowercase().to_string() + letters.as_str())
}

/// A text as a documentation comment. Names in code are JavaScript's.
fn doc(text: &str, indent: usize) -> String {
    block_comment(&names_in(text).replace("*/", "*\\/"), indent, 110)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operation_is_a_method_in_lower_case() {
        assert_eq!(lower_first("PayTaxRefundRequest"), "payTaxRefundRequest");
    }

    #[test]
    fn no_text_ends_its_comment() {
        assert_eq!(doc("As `out_order_no`: */.", 2), "/** As `outOrderNo`: *\\/. */");
    }
}
