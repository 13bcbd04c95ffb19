//! The Swift package's types: one file per protocol, and the stable names.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, bail};
use minijinja::context;
use serde::Serialize;

use super::camel_case::{camel, names_in};
use super::core_data::CoreData;
use super::models::{Field, Kind, Model, Operation, Protocol, Role, protocols};
use super::{stable_names, templates, wrapped};

/// The generated files of the package, by their names.
pub(super) fn files(data: &CoreData) -> Result<Vec<(String, String)>> {
    let mut templates = templates(
        include_str!("../../templates/protocol.swift.jinja"),
        include_str!("../../templates/codes.swift.jinja"),
    )?;
    templates.add_template("names", include_str!("../../templates/names.swift.jinja"))?;
    templates.add_filter("doc", doc);
    templates.add_filter("camel", |name: &str| camel(name));
    templates.add_global("version", env!("CARGO_PKG_VERSION"));
    let protocols = protocols(&data.schemas)?;
    let homes = homes(&protocols);
    let answered = answered(&protocols);
    let mut files = Vec::new();
    for protocol in &protocols {
        let home = namespace(&protocol.name);
        let models: Vec<_> = protocol
            .models
            .iter()
            .map(|model| Struct::new(model, answered.contains(model.name.as_str()), home, &homes))
            .collect::<Result<_>>()?;
        let text = templates.get_template("protocol")?.render(context! {
            namespace => home,
            platform => platform(&protocol.name),
            models,
            operations => &protocol.operations,
            responses => responses(&protocol.operations),
        })?;
        files.push((format!("{home}Models.swift"), text));
    }
    files.push(("StableNames.swift".to_owned(), stable_names(&templates, data)?));
    let names = templates.get_template("names")?.render(context! {
        names => member_names(&protocols, &answered)?,
        free => free_members(&protocols, &answered),
        reading => protocols.iter().flat_map(|one| &one.operations).filter(|one| one.effect == "reads").map(|one| &one.name).collect::<Vec<_>>(),
    })?;
    files.push(("MemberNames.swift".to_owned(), names));
    Ok(files)
}

fn namespace(protocol: &str) -> &'static str {
    match protocol {
        "alipay" => "Alipay",
        "alipay_plus" => "AlipayPlus",
        _ => "Antom",
    }
}

fn platform(protocol: &str) -> &'static str {
    match protocol {
        "alipay" => "Alipay's open gateway",
        "alipay_plus" => "Alipay+",
        _ => "Antom",
    }
}

/// Which namespace has a model.
fn homes(protocols: &[Protocol]) -> BTreeMap<&str, &'static str> {
    let of = |protocol: &Protocol| namespace(&protocol.name);
    protocols
        .iter()
        .flat_map(|one| one.models.iter().map(move |model| (model.name.as_str(), of(one))))
        .collect()
}

fn responses(operations: &[Operation]) -> BTreeSet<&str> {
    operations.iter().map(|operation| operation.response.as_str()).collect()
}

/// The models of answers and of what stands in them: read leniently, amounts and numbers as they came.
fn answered(protocols: &[Protocol]) -> BTreeSet<&str> {
    let models: BTreeMap<_, _> =
        protocols.iter().flat_map(|one| &one.models).map(|model| (model.name.as_str(), model)).collect();
    let mut open: Vec<&Model> =
        models.values().copied().filter(|model| model.role == Role::Response || model.open).collect();
    let mut found = BTreeSet::new();
    while let Some(model) = open.pop() {
        if found.insert(model.name.as_str()) {
            let items = model.fields.iter().filter_map(|field| field.item.as_deref());
            open.extend(items.filter_map(|item| models.get(item).copied()));
        }
    }
    found
}

/// A model as the template writes it.
#[derive(Serialize)]
struct Struct<'a> {
    name: &'a str,
    doc: &'a str,
    /// Read leniently; members that no document names are kept.
    answered: bool,
    open: bool,
    /// Whether money stands in two members on the wire, which no synthesised coding does.
    splits_money: bool,
    members: Vec<Member<'a>>,
}

#[derive(Serialize)]
struct Member<'a> {
    name: String,
    wire: &'a str,
    doc: &'a str,
    kind: Kind,
    item: Option<&'a str>,
    /// Without the question mark.
    of: String,
    required: bool,
    sensitive: bool,
    /// The wire name of money's currency, where that is a member of its own.
    currency: Option<&'a str>,
}

impl<'a> Struct<'a> {
    fn new(
        model: &'a Model,
        answered: bool,
        home: &str,
        homes: &BTreeMap<&str, &'static str>,
    ) -> Result<Self> {
        let currencies = if answered { BTreeMap::new() } else { currencies(model)? };
        let members: Vec<_> = model
            .fields
            .iter()
            .filter(|field| !currencies.contains_key(field.name.as_str()))
            .map(|field| Member {
                name: swift_name(&field.name),
                wire: &field.wire,
                doc: &field.doc,
                kind: field.kind,
                item: field.item.as_deref(),
                of: type_of(field, answered, home, homes),
                required: field.required && !answered,
                sensitive: field.sensitive,
                currency: currencies
                    .iter()
                    .find(|(_, amount)| **amount == field.name)
                    .and_then(|(currency, _)| model.fields.iter().find(|one| one.name == *currency))
                    .map(|currency| currency.wire.as_str()),
            })
            .collect();
        let splits_money = members.iter().any(|member| member.currency.is_some());
        Ok(Self { name: &model.name, doc: &model.doc, answered, open: model.open, splits_money, members })
    }
}

/// The members that only say the currency of an amount beside them, and that amount's name: `Money` says both.
fn currencies(model: &Model) -> Result<BTreeMap<&str, &str>> {
    let mut found = BTreeMap::new();
    for field in &model.fields {
        if let Some(currency) = field.currency.as_deref()
            && found.insert(currency, field.name.as_str()).is_some()
        {
            bail!("{}.{currency} is the currency of two amounts", model.name);
        }
    }
    Ok(found)
}

fn type_of(field: &Field, answered: bool, home: &str, homes: &BTreeMap<&str, &'static str>) -> String {
    let model = |name: &str| match homes.get(name) {
        Some(other) if *other != home => format!("{other}.{name}"),
        _ => name.to_owned(),
    };
    let item = field.item.as_deref().unwrap_or_default();
    match field.kind {
        Kind::Text => "String".to_owned(),
        Kind::Integer => "Int".to_owned(),
        Kind::Flag => "Bool".to_owned(),
        Kind::Minor | Kind::GatewayTime | Kind::OffsetTime if answered => "String".to_owned(),
        Kind::Minor => "Money".to_owned(),
        Kind::GatewayTime => "GatewayTime".to_owned(),
        Kind::OffsetTime => "OffsetTime".to_owned(),
        Kind::Amount => if answered { "Amount" } else { "Money" }.to_owned(),
        Kind::Model => model(item),
        Kind::Object => "[String: JSONValue]".to_owned(),
        Kind::List => match item {
            "text" => "[String]".to_owned(),
            "object" => "[[String: JSONValue]]".to_owned(),
            item => format!("[{}]", model(item)),
        },
    }
}

/// How members of requests are called here, by their wire names, where it is not the wire name itself.
fn member_names(protocols: &[Protocol], answered: &BTreeSet<&str>) -> Result<BTreeMap<String, String>> {
    let mut names = BTreeMap::new();
    for model in asked(protocols, answered) {
        let currencies = currencies(model)?;
        for field in &model.fields {
            let name = match currencies.get(field.name.as_str()) {
                Some(amount) => format!("{}.currency", swift_name(amount)),
                None => swift_name(&field.name),
            };
            if name == field.wire {
                continue;
            }
            if names.insert(field.wire.clone(), name.clone()).is_some_and(|other| other != name) {
                bail!("{} is called differently in two models", field.wire);
            }
        }
    }
    Ok(names)
}

fn asked<'a>(protocols: &'a [Protocol], answered: &BTreeSet<&str>) -> impl Iterator<Item = &'a Model> {
    let models = protocols.iter().flat_map(|protocol| &protocol.models);
    models.filter(|model| !answered.contains(model.name.as_str()))
}

/// The members of requests that hold any JSON, whose names are nobody's here.
fn free_members<'a>(protocols: &'a [Protocol], answered: &BTreeSet<&str>) -> BTreeSet<&'a str> {
    let fields = asked(protocols, answered).flat_map(|model| &model.fields);
    let is_free = |field: &&Field| field.kind == Kind::Object || field.item.as_deref() == Some("object");
    fields.filter(is_free).map(|field| field.wire.as_str()).collect()
}

/// `tax_no` as `taxNo`. Every value here has a `description` already, which says nothing personal.
fn swift_name(name: &str) -> String {
    match camel(name).as_str() {
        "description" => "descriptionText".to_owned(),
        name => name.to_owned(),
    }
}

/// A text as a documentation comment, wrapped and indented. Names in code are Swift's.
fn doc(text: &str, indent: usize) -> String {
    const WIDTH: usize = 110;
    let margin = " ".repeat(indent);
    let lines = wrapped(&names_in(&text.replace("`crate.", "`")), WIDTH - indent - 4, WIDTH - indent - 4);
    let lines: Vec<_> =
        lines.iter().map(|line| format!("{margin}/// {line}").trim_end().to_owned()).collect();
    lines.join("\n").trim_start().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_never_takes_the_name_of_what_every_value_has() {
        assert_eq!(swift_name("description"), "descriptionText");
        assert_eq!(swift_name("out_order_no"), "outOrderNo");
    }

    #[test]
    fn a_long_comment_is_wrapped_and_an_empty_line_has_no_blank_at_its_end() {
        assert_eq!(doc("Short.", 4), "/// Short.");
        let long = doc(&("word ".repeat(40) + "\n\nNext."), 4);
        assert!(long.lines().all(|line| line.chars().count() <= 110 && !line.ends_with(' ')), "{long}");
        assert!(long.ends_with("\n    ///\n    /// Next."), "{long}");
    }
}
