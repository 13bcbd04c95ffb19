//! The Kotlin package's types: models and client of each protocol, and the stable names.

use std::collections::BTreeSet;

use anyhow::Result;
use minijinja::context;
use serde::Serialize;

use super::camel_case::{block_comment, camel, names_in};
use super::core_data::CoreData;
use super::models::{Field, Kind, Model, Protocol, Role, protocols};
use super::{stable_names, templates};

/// The generated files of the package, by their names.
pub(super) fn files(data: &CoreData) -> Result<Vec<(String, String)>> {
    let mut templates = templates(
        include_str!("../../templates/models.kt.jinja"),
        include_str!("../../templates/codes.kt.jinja"),
    )?;
    templates.add_template("client", include_str!("../../templates/client.kt.jinja"))?;
    templates.add_filter("doc", doc);
    templates.add_filter("camel", |name: &str| camel(name));
    let protocols = protocols(&data.schemas)?;
    let mut files = Vec::new();
    for protocol in &protocols {
        let (package, prefix, platform) = names(&protocol.name);
        let models: Vec<_> = protocol.models.iter().map(Class::of).collect();
        let text = templates.get_template("protocol")?.render(context! {
            package,
            models,
            imports => imports(protocol, &models),
        })?;
        files.push((format!("{prefix}Models.kt"), text));
        let text = templates.get_template("client")?.render(context! {
            package,
            prefix,
            platform,
            operations => protocol.operations,
        })?;
        files.push((format!("{prefix}Client.kt"), text));
    }
    files.push(("Codes.kt".to_owned(), stable_names(&templates, data)?));
    Ok(files)
}

/// Package, prefix of the classes, and whom they call.
fn names(protocol: &str) -> (&'static str, &'static str, &'static str) {
    match protocol {
        "alipay" => ("alipay", "Alipay", "Alipay's open gateway"),
        "alipay_plus" => ("alipayplus", "AlipayPlus", "Alipay+"),
        _ => ("antom", "Antom", "Antom"),
    }
}

/// A model as a class of Kotlin.
#[derive(Serialize)]
struct Class<'a> {
    name: &'a str,
    doc: &'a str,
    /// An answer, or part of one: it takes whatever comes.
    answered: bool,
    /// Members that no document names are kept.
    open: bool,
    /// Without the currencies that their amounts hold.
    fields: Vec<&'a Field>,
    currencies: Vec<Currency<'a>>,
}

/// A member of its own on the wire, that in Kotlin is part of an amount.
#[derive(Serialize)]
struct Currency<'a> {
    name: &'a str,
    wire: &'a str,
    amount: &'a str,
    amount_wire: &'a str,
    required: bool,
}

impl<'a> Class<'a> {
    fn of(model: &'a Model) -> Self {
        let answered = model.role == Role::Response || model.open;
        let amounts = || model.fields.iter().filter(|field| field.kind == Kind::Minor && !answered);
        let currencies: Vec<_> = amounts()
            .filter_map(|amount| {
                let currency = model.fields.iter().find(|one| Some(&one.name) == amount.currency.as_ref())?;
                let (name, wire) = (currency.name.as_str(), currency.wire.as_str());
                Some(Currency {
                    name,
                    wire,
                    amount: &amount.name,
                    amount_wire: &amount.wire,
                    required: amount.required,
                })
            })
            .collect();
        let fields = model.fields.iter().filter(|field| currencies.iter().all(|one| one.name != field.name));
        Self {
            name: &model.name,
            doc: &model.doc,
            answered,
            open: model.open,
            fields: fields.collect(),
            currencies,
        }
    }
}

/// What the file of the models imports.
fn imports(protocol: &Protocol, models: &[Class<'_>]) -> BTreeSet<String> {
    let mut imports = BTreeSet::from([
        "kotlinx.serialization.ExperimentalSerializationApi".to_owned(),
        "kotlinx.serialization.KeepGeneratedSerializer".to_owned(),
        "kotlinx.serialization.SerialName".to_owned(),
        "kotlinx.serialization.Serializable".to_owned(),
        "kotlinx.serialization.json.JsonObject".to_owned(),
        "taxrefund.described".to_owned(),
    ]);
    imports.extend(borrowed(protocol));
    let mut import = |name: &str| imports.insert(name.to_owned());
    for class in models {
        if class.open {
            import("taxrefund.OpenModel");
            import("taxrefund.noMembers");
        }
        if !class.currencies.is_empty() {
            import("kotlinx.serialization.EncodeDefault");
            import("taxrefund.SplitMoney");
        }
        if !class.answered && class.fields.iter().any(|field| field.required) {
            import("taxrefund.InvalidRequestException");
            import("taxrefund.requireMembers");
        }
        if class.open || class.fields.iter().any(|field| is_hidden(field)) {
            import("taxrefund.hidden");
        }
        for field in &class.fields {
            match (field.kind, class.answered) {
                (Kind::Amount, true) => {
                    import("taxrefund.Amount");
                }
                (Kind::Amount, false) => {
                    import("taxrefund.Money");
                    import("taxrefund.MoneyAsAmount");
                }
                (Kind::Minor, false) => {
                    import("taxrefund.MinorUnits");
                    import("taxrefund.Money");
                }
                (Kind::GatewayTime, false) => {
                    import("java.time.Instant");
                    import("taxrefund.gatewayTime");
                }
                (Kind::OffsetTime, false) => {
                    import("java.time.Instant");
                    import("taxrefund.offsetTime");
                }
                _ => {}
            }
        }
    }
    imports
}

/// As the template has it.
fn is_hidden(field: &Field) -> bool {
    field.sensitive || field.kind == Kind::Object || field.item.as_deref() == Some("object")
}

/// Models of other packages that this one's hold.
fn borrowed(protocol: &Protocol) -> impl Iterator<Item = String> {
    protocol.borrowed.iter().flat_map(|(home, models)| {
        models.iter().map(move |model| format!("taxrefund.{}.{model}", names(home).0))
    })
}

/// A text as KDoc. Names in code are Kotlin's.
fn doc(text: &str, indent: usize) -> String {
    block_comment(&names_in(text).replace("*/", "*&#47;").replace('[', "\\["), indent, 120)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_ends_its_comment_or_links_to_anything() {
        assert_eq!(doc("As `out_order_no`: */, [x].", 4), "/** As `outOrderNo`: *&#47;, \\[x]. */");
    }
}
