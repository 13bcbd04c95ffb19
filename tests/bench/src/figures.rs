//! What was measured, as a table for people and as JSON for programs.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use anyhow::Result;
use serde::Serialize;

/// One row.
pub(crate) struct Figure {
    pub(crate) name: &'static str,
    /// The ratio, rounded to what is shown.
    pub(crate) value: f64,
    /// The middle half of all rounds.
    pub(crate) quartiles: (f64, f64),
    /// CPU time of one piece of the work.
    pub(crate) once: Duration,
    /// `None` for a row that is shown for information only, and left out of the JSON.
    pub(crate) target: Option<Target>,
    pub(crate) meaning: &'static str,
}

#[derive(Clone, Copy)]
pub(crate) enum Target {
    AtLeast(f64),
    AtMost(f64),
}

impl Figure {
    pub(crate) fn is_ok(&self) -> bool {
        self.target.is_none_or(|target| match target {
            Target::AtLeast(bound) => self.value >= bound,
            Target::AtMost(bound) => self.value <= bound,
        })
    }
}

impl Target {
    fn bound(self) -> f64 {
        match self {
            Self::AtLeast(bound) | Self::AtMost(bound) => bound,
        }
    }
}

/// The digits that count; a value is judged as it is shown.
pub(crate) fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

pub(crate) fn table(figures: &[Figure]) -> String {
    let mut text = format!(
        "{:<24} {:>7}  {:>7}  {:<3} {:>15} {:>9}  {}\n",
        "name", "value", "target", "ok", "middle half", "CPU each", "what"
    );
    for figure in figures {
        let (target, ok) = match figure.target {
            None => (String::new(), ""),
            Some(Target::AtLeast(bound)) => (format!(">= {bound:.2}"), yes_or_no(figure)),
            Some(Target::AtMost(bound)) => (format!("<= {bound:.2}"), yes_or_no(figure)),
        };
        let (low, high) = figure.quartiles;
        let _ = writeln!(
            text,
            "{:<24} {:>7.3}  {target:>7}  {ok:<3} {:>15} {:>6.1} us  {}",
            figure.name,
            figure.value,
            format!("{low:.3} - {high:.3}"),
            figure.once.as_secs_f64() * 1e6,
            figure.meaning
        );
    }
    text
}

fn yes_or_no(figure: &Figure) -> &'static str {
    if figure.is_ok() { "yes" } else { "NO" }
}

/// `{"<name>": {"value": v, "target": t, "ok": true|false}, …}`, the rows with a target only.
pub(crate) fn json(figures: &[Figure]) -> Result<String> {
    #[derive(Serialize)]
    struct Row {
        value: f64,
        target: f64,
        ok: bool,
    }
    let rows: BTreeMap<_, _> = figures
        .iter()
        .filter_map(|figure| {
            let row = Row { value: figure.value, target: figure.target?.bound(), ok: figure.is_ok() };
            Some((figure.name, row))
        })
        .collect();
    Ok(serde_json::to_string_pretty(&rows)? + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_without_a_target_is_shown_but_not_written() {
        let figure = |name, value, target| Figure {
            name,
            value,
            quartiles: (value, value),
            once: Duration::from_micros(250),
            target,
            meaning: "",
        };
        let figures = [
            figure("rate", 0.96, Some(Target::AtLeast(0.95))),
            figure("cost", 1.2, Some(Target::AtMost(1.1))),
            figure("other", 3.0, None),
        ];
        let json: serde_json::Value = serde_json::from_str(&json(&figures).unwrap()).unwrap();
        let expected = serde_json::json!({
            "rate": { "value": 0.96, "target": 0.95, "ok": true },
            "cost": { "value": 1.2, "target": 1.1, "ok": false },
        });
        assert_eq!(json, expected);
        assert!(table(&figures).contains("other"));
    }
}
