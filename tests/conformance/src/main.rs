//! One case per line (JSON) on standard input, one answer per line on standard output. What is asked, and how, says the
//! runner: `cargo xtask conformance`.

mod flows;
mod signing;
mod tables;

use std::io::{BufRead, Write};

use serde_json::{Value, json};

type Answer = Result<Value, Box<dyn std::error::Error>>;

fn main() -> std::io::Result<()> {
    let mut output = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let answer = answer(&line?).unwrap_or_else(|error| json!({ "error": error.to_string() }));
        writeln!(output, "{answer}")?;
        output.flush()?;
    }
    Ok(())
}

fn answer(line: &str) -> Answer {
    let case: Value = serde_json::from_str(line)?;
    match text(&case, "op")? {
        "sign_form" => signing::sign_form(&case),
        "verify_form_answer" => signing::verify_form_answer(&case),
        "verify_form_notification" => signing::verify_form_notification(&case),
        "sign_header" => signing::sign_header(&case),
        "verify_header_answer" => signing::verify_header_answer(&case),
        "verify_header_notification" => signing::verify_header_notification(&case),
        "certificate_serials" => signing::certificate_serials(&case),
        "flow" => flows::flow(&case),
        "tables" => tables::tables(),
        "schemas" => tables::schemas(),
        other => Err(format!("unknown op {other}").into()),
    }
}

fn text<'a>(case: &'a Value, name: &str) -> Result<&'a str, String> {
    case[name].as_str().ok_or_else(|| format!("the case has no text {name}"))
}

fn bytes(case: &Value, name: &str) -> Result<Vec<u8>, Box<dyn std::error::Error>> {
    Ok(hex::decode(text(case, name)?)?)
}

/// All headers of a case.
fn headers(case: &Value) -> Vec<(String, String)> {
    let members = case["headers"].as_object().into_iter().flatten();
    members.map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned())).collect()
}
