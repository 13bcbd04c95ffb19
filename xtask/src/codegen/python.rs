//! The Python package's types: one module per protocol, and the stable names.

use anyhow::Result;
use minijinja::context;

use super::core_data::CoreData;
use super::models::{Kind, protocols};
use super::{stable_names, templates, wrapped};

/// The generated files of the package, by their names.
pub(super) fn files(data: &CoreData) -> Result<Vec<(String, String)>> {
    let mut templates = templates(
        include_str!("../../templates/protocol.py.jinja"),
        include_str!("../../templates/codes.py.jinja"),
    )?;
    templates.add_filter("doc", doc);
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
    files.push(("codes.py".to_owned(), stable_names(&templates, data)?));
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
    // The first line has the quotes before it.
    let lines = wrapped(&text, WIDTH - indent - 3, WIDTH - indent);
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
