//! The models and operations as the templates of all languages take them, read from the core's schemas.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The core's answer: its models by name, and the operations that use them.
#[derive(Default, Deserialize)]
pub(super) struct Schemas {
    operations: Vec<OperationSchema>,
    models: BTreeMap<String, ModelSchema>,
}

#[derive(Deserialize)]
struct OperationSchema {
    name: String,
    doc: Vec<String>,
    effect: String,
    draft: bool,
    idempotency_key: String,
    request: Value,
    response: Value,
}

#[derive(Deserialize)]
struct ModelSchema {
    description: Option<String>,
    #[serde(default)]
    properties: serde_json::Map<String, Value>,
    #[serde(rename = "additionalProperties")]
    more: Option<bool>,
}

/// One protocol: a module in every language.
#[derive(Serialize)]
pub(super) struct Protocol {
    /// `alipay`, `alipay_plus`, `antom`.
    pub(super) name: String,
    /// Those of other protocols that this one's models hold, by protocol.
    pub(super) borrowed: BTreeMap<String, BTreeSet<String>>,
    /// What a model holds comes before it.
    pub(super) models: Vec<Model>,
    pub(super) operations: Vec<Operation>,
}

#[derive(Serialize)]
pub(super) struct Operation {
    /// `alipay.pay_tax_refund`.
    pub(super) name: String,
    /// `pay_tax_refund`.
    pub(super) method: String,
    pub(super) doc: String,
    pub(super) effect: String,
    pub(super) draft: bool,
    pub(super) idempotency_key: String,
    pub(super) request: String,
    pub(super) response: String,
}

#[derive(Serialize)]
pub(super) struct Model {
    pub(super) name: String,
    pub(super) doc: String,
    pub(super) role: Role,
    /// Members that no document names are kept in `extra`.
    pub(super) open: bool,
    pub(super) fields: Vec<Field>,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Role {
    Request,
    Response,
    /// Part of either.
    Part,
}

#[derive(Serialize)]
pub(super) struct Field {
    /// In snake case.
    pub(super) name: String,
    pub(super) wire: String,
    pub(super) doc: String,
    pub(super) kind: Kind,
    /// Of a model or a list: the model's name, or the kind of what is listed.
    pub(super) item: Option<String>,
    pub(super) required: bool,
    pub(super) sensitive: bool,
    /// Of an amount as text: the field with its currency.
    pub(super) currency: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    Text,
    Integer,
    Flag,
    /// An amount in the smallest unit, as text.
    Minor,
    GatewayTime,
    OffsetTime,
    /// Currency and value.
    Amount,
    Model,
    List,
    Object,
}

/// The amount has a class of its own in every language.
const AMOUNT: &str = "Amount";
/// The member in which open models keep what no document names.
const EXTRA: &str = "extra";

pub(super) fn protocols(schemas: &Schemas) -> Result<Vec<Protocol>> {
    let mut protocols: Vec<Protocol> = Vec::new();
    let mut homes = BTreeMap::new();
    // The operations come protocol by protocol; Antom's models are used by Alipay+ too, so they are placed first.
    let mut order: Vec<&str> = Vec::new();
    for name in ["alipay", "antom", "alipay_plus"] {
        if schemas.operations.iter().any(|operation| protocol_of(operation) == name) {
            order.push(name);
        }
    }
    if schemas.operations.iter().any(|operation| !order.contains(&protocol_of(operation))) {
        bail!("an operation's protocol has no module");
    }
    for name in order {
        let mut builder =
            Builder { schemas, home: name, homes: &mut homes, models: Vec::new(), borrowed: BTreeMap::new() };
        let mut operations = Vec::new();
        for operation in schemas.operations.iter().filter(|operation| protocol_of(operation) == name) {
            let request = reference(&operation.request).context("a request is no model")?;
            let response = reference(&operation.response).context("a response is no model")?;
            builder.place(request, Role::Request)?;
            builder.place(response, Role::Response)?;
            operations.push(Operation {
                name: operation.name.clone(),
                method: operation.name.trim_start_matches(name).trim_start_matches('.').to_owned(),
                doc: operation.doc.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" "),
                effect: operation.effect.clone(),
                draft: operation.draft,
                idempotency_key: operation
                    .idempotency_key
                    .split(" + ")
                    .map(snake)
                    .collect::<Vec<_>>()
                    .join(":"),
                request: request.to_owned(),
                response: response.to_owned(),
            });
        }
        let Builder { models, borrowed, .. } = builder;
        protocols.push(Protocol { name: name.to_owned(), borrowed, models, operations });
    }
    Ok(protocols)
}

fn protocol_of(operation: &OperationSchema) -> &str {
    operation.name.split('.').next().unwrap_or_default()
}

struct Builder<'a> {
    schemas: &'a Schemas,
    home: &'a str,
    /// Which protocol has a model.
    homes: &'a mut BTreeMap<String, String>,
    models: Vec<Model>,
    borrowed: BTreeMap<String, BTreeSet<String>>,
}

impl Builder<'_> {
    /// Adds a model, after what it holds.
    fn place(&mut self, name: &str, role: Role) -> Result<()> {
        if let Some(home) = self.homes.get(name) {
            if home != self.home {
                self.borrowed.entry(home.clone()).or_default().insert(name.to_owned());
            }
            return Ok(());
        }
        let schemas = self.schemas;
        let schema = schemas.models.get(name).with_context(|| format!("no model is called {name}"))?;
        let mut fields = Vec::new();
        for (wire, property) in &schema.properties {
            let field = field(wire, property, role).with_context(|| format!("{name}.{wire}"))?;
            if let Some(item) = field.item.as_deref().filter(|item| schemas.models.contains_key(*item)) {
                self.place(item, Role::Part)?;
            }
            fields.push(field);
        }
        self.homes.insert(name.to_owned(), self.home.to_owned());
        self.models.push(Model {
            name: name.to_owned(),
            doc: text(schema.description.as_deref()),
            role,
            open: schema.more == Some(true) && role != Role::Request,
            fields,
        });
        Ok(())
    }
}

fn field(wire: &str, property: &Value, role: Role) -> Result<Field> {
    if wire == EXTRA {
        bail!("the name is taken by what no document names");
    }
    let (schema, nullable) = without_null(property);
    let given = |name: &str| property.get(name).or_else(|| schema.get(name)).and_then(Value::as_str);
    let kind_name = schema.get("type").map(|kind| match kind {
        Value::Array(kinds) => kinds.iter().find(|kind| *kind != "null").and_then(Value::as_str),
        kind => kind.as_str(),
    });
    let (kind, item) = match (reference(schema), kind_name.flatten()) {
        (Some(AMOUNT), _) => (Kind::Amount, None),
        (Some("Extra"), _) | (None, Some("object")) => (Kind::Object, None),
        (Some(model), _) => (Kind::Model, Some(model.to_owned())),
        (None, Some("array")) => (Kind::List, Some(listed(&schema["items"])?)),
        (None, Some("boolean")) => (Kind::Flag, None),
        (None, Some("integer")) => (Kind::Integer, None),
        (None, Some("string")) => match (given("x-time"), given("x-currency")) {
            (Some("gateway"), _) => (Kind::GatewayTime, None),
            (Some("offset"), _) => (Kind::OffsetTime, None),
            (_, Some(_)) => (Kind::Minor, None),
            _ => (Kind::Text, None),
        },
        _ => bail!("is of a kind that the generator does not know: {schema}"),
    };
    Ok(Field {
        name: given("x-name").map_or_else(|| snake(wire), str::to_owned),
        wire: wire.to_owned(),
        doc: text(property.get("description").and_then(Value::as_str)),
        kind,
        item,
        required: !nullable && role != Role::Response,
        sensitive: schema.get("x-sensitive") == Some(&Value::Bool(true)),
        currency: given("x-currency").map(str::to_owned),
    })
}

/// A schema without its `null`, and whether it had one.
fn without_null(property: &Value) -> (&Value, bool) {
    if let Some(Value::Array(choices)) = property.get("anyOf") {
        let schema = choices.iter().find(|choice| choice.get("type") != Some(&Value::from("null")));
        return (schema.unwrap_or(property), true);
    }
    let nullable = property["type"].as_array().is_some_and(|kinds| kinds.iter().any(|kind| kind == "null"));
    (property, nullable)
}

fn listed(items: &Value) -> Result<String> {
    Ok(match (reference(items), items.get("type").and_then(Value::as_str)) {
        (Some(model), _) => model.to_owned(),
        (None, Some("string")) => "text".to_owned(),
        (None, Some("object")) => "object".to_owned(),
        _ => bail!("lists something that the generator does not know: {items}"),
    })
}

fn reference(schema: &Value) -> Option<&str> {
    schema.get("$ref")?.as_str()?.rsplit('/').next()
}

/// Documentation in one paragraph per line, without Rust's links.
fn text(doc: Option<&str>) -> String {
    let mut paragraphs: Vec<String> = Vec::new();
    for paragraph in doc.unwrap_or_default().split("\n\n") {
        paragraphs.push(paragraph.split_whitespace().collect::<Vec<_>>().join(" "));
    }
    unlinked(&paragraphs.join("\n\n"))
}

/// ``[`A::b`]`` and ``[`A`](path)`` as code alone.
fn unlinked(text: &str) -> String {
    let mut rest = text;
    let mut plain = String::new();
    while let Some((before, after)) = rest.split_once("[`") {
        let Some((name, after)) = after.split_once("`]") else { break };
        plain.push_str(before);
        plain.push_str(&format!("`{}`", name.replace("::", ".")));
        rest = match after.strip_prefix('(').and_then(|target| target.split_once(')')) {
            Some((_, after)) => after,
            None => after,
        };
    }
    plain + rest
}

/// `merchantMCC` as `merchant_mcc`.
pub(super) fn snake(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut snake = String::new();
    for (at, letter) in letters.iter().enumerate() {
        let begins_a_word = letter.is_ascii_uppercase()
            && at > 0
            && (!letters[at - 1].is_ascii_uppercase()
                || letters.get(at + 1).is_some_and(char::is_ascii_lowercase));
        if begins_a_word {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wire_names_become_snake_case_word_by_word() {
        for (wire, name) in [
            ("out_order_no", "out_order_no"),
            ("taxRefundFormNumber", "tax_refund_form_number"),
            ("merchantMCC", "merchant_mcc"),
            ("address1", "address1"),
            ("customizedField1", "customized_field1"),
            ("clientIp", "client_ip"),
        ] {
            assert_eq!(snake(wire), name);
        }
    }

    #[test]
    fn documentation_keeps_no_links_of_rust() {
        assert_eq!(
            unlinked("The values of [`RefundDetail::refund_from`]."),
            "The values of `RefundDetail.refund_from`."
        );
        assert_eq!(unlinked("see [`A`](crate::A) and [b]"), "see `A` and [b]");
    }

    #[test]
    fn a_field_of_an_unknown_kind_stops_the_generator() {
        assert!(field("x", &serde_json::json!({ "type": "number" }), Role::Part).is_err());
    }
}
