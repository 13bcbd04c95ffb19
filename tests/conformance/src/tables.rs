//! Everything the core decides and explains, as data: what `cargo xtask codegen` writes the documentation from.

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
