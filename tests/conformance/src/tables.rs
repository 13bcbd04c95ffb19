//! Everything the core decides and explains, as data: what `cargo xtask codegen` writes the documentation from.

use schemars::SchemaGenerator;
use serde_json::json;
use taxrefund_core::explain::{self, Language};
use taxrefund_core::{Policy, operations, retry};

use crate::Answer;

pub(crate) fn tables() -> Answer {
    let operations: Vec<_> = operations::all().map(|entry| entry.spec).collect();
    let texts = |language| {
        json!({
            "codes": explain::all(language).collect::<Vec<_>>(),
            "steps": explain::all_steps(language).collect::<Vec<_>>(),
        })
    };
    Ok(json!({
        "attempts": { "least": retry::ATTEMPTS.start(), "most": retry::ATTEMPTS.end(), "default": Policy::default().attempts },
        "operations": operations,
        "english": texts(Language::English),
        "chinese": texts(Language::Chinese),
    }))
}

/// The models' schemas and the operations that use them: what the other languages' types are generated from.
pub(crate) fn schemas() -> Answer {
    let mut generator = SchemaGenerator::default();
    let mut operations = Vec::new();
    for entry in operations::all() {
        let [request, response] = (entry.schemas)(&mut generator);
        operations.push(json!({
            "name": entry.spec.name,
            "doc": entry.doc,
            "effect": entry.spec.effect,
            "draft": entry.spec.draft,
            "idempotency_key": entry.spec.idempotency_key,
            "request": request,
            "response": response,
        }));
    }
    Ok(json!({ "operations": operations, "models": generator.take_definitions(true) }))
}
