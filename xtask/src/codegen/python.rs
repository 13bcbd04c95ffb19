//! The Python package's types: one module per protocol, and the stable names.

use anyhow::Result;
use minijinja::{Environment, context};

use super::core_data::CoreData;
use super::models::{Kind, protocols};

/// The generated files of the package, by their names.
pub(super) fn files(data: &CoreData) -> Result<Vec<(String, String)>> {
    let mut templates = Environment::new();
    templates.set_trim_blocks(true);
    templates.set_lstrip_blocks(true);
    templates.set_keep_trailing_newline(true);
    templates.add_template("protocol", include_str!("../../templates/protocol.py.jinja"))?;
    templates.add_template("codes", include_str!("../../templates/codes.py.jinja"))?;
    templates.add_filter("doc", doc);
    templates.add_filter("upper", |name: &str| name.to_ascii_uppercase());
    let mut files = Vec::new();
    for protocol in protocols(&data.schemas)? {
        let uses = |kind: Kind| {
            protocol.models.iter().flat_map(|model| &model.fields).any(|field| field.kind == kind)
        };
        let text = templates.get_template("protocol")?.render(context! {
            protocol,
            has_amounts => uses(Kind::Amount),
            has_money => uses(Kind::Amount) || uses(Kind::Minor),
            has_lists => uses(Kind::List),
            has_times => uses(Kind::GatewayTime) || uses(Kind::OffsetTime),
            has_parts => protocol.models.iter().any(|model| model.role == super::models::Role::Part),
        })?;
        files.push((format!("{}.py", protocol.name), text));
    }
    let codes = templates.get_template("codes")?.render(context! {
        errors => data.error_codes,
        steps => data.english.steps,
        faults => data.faults(),
    })?;
    files.push(("codes.py".to_owned(), codes));
    Ok(files)
}

/// A text as a docstring: wrapped, indented, on one line where it fits.
fn doc(text: &str, indent: usize) -> String {
    const WIDTH: usize = 100;
    let text = text.replace('\\', "\\\\");
    let margin = " ".repeat(indent);
    if !text.contains('\n') && indent + text.chars().count() + 6 <= WIDTH {
        return format!("\"\"\"{text}\"\"\"");
    }
    let mut lines: Vec<String> = Vec::new();
    for paragraph in text.split("\n\n") {
        if !lines.is_empty() {
            lines.push(String::new());
        }
        let mut line = String::new();
        for word in paragraph.split_whitespace() {
            // The first line has the quotes before it.
            let before = if lines.is_empty() { 3 } else { 0 };
            if !line.is_empty() && indent + before + line.chars().count() + 1 + word.chars().count() > WIDTH {
                lines.push(std::mem::take(&mut line));
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        lines.push(line);
    }
    let mut out = String::from("\"\"\"");
    for (at, line) in lines.iter().enumerate() {
        if at > 0 {
            out.push('\n');
            if !line.is_empty() {
                out.push_str(&margin);
            }
        }
        out.push_str(line);
    }
    out + "\n" + &margin + "\"\"\""
}

#[cfg(test)]
mod tests {
    use super::doc;

    #[test]
    fn a_short_docstring_stays_on_its_line_and_a_long_one_is_wrapped() {
        assert_eq!(doc("Short.", 4), "\"\"\"Short.\"\"\"");
        let long = doc(&"word ".repeat(40), 4);
        assert!(long.lines().all(|line| line.chars().count() <= 100), "{long}");
        assert!(long.ends_with("\n    \"\"\""));
    }
}
