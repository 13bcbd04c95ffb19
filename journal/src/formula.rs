//! Cells that a spreadsheet must not run.

/// Keys, references and batch names come from outside, and a spreadsheet runs a cell that begins like a formula.
pub(crate) fn defused(cell: String) -> String {
    let is_formula = |first: char| matches!(first, '=' | '+' | '-' | '@') || first.is_control();
    if cell.starts_with(is_formula) { format!("'{cell}") } else { cell }
}
