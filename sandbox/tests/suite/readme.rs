//! The README's table is the code's.

use std::fmt::Write as _;

use taxrefund_sandbox::Scenario;

const BEGIN: &str = "<!-- scenarios: begin -->\n";
const END: &str = "<!-- scenarios: end -->";

fn table() -> String {
    let mut text = "| scenario | magic value ends with | what happens |\n|---|---|---|\n".to_owned();
    for scenario in Scenario::ALL {
        let marker = match (scenario, scenario.wallet_code_ending()) {
            (Scenario::Code, _) => "-".to_owned(),
            (_, Some(digits)) => format!("`X{}`, wallet code `{digits}`", scenario.marker()),
            (_, None) => format!("`X{}`", scenario.marker()),
        };
        writeln!(text, "| `{scenario}` | {marker} | {} |", scenario.summary()).unwrap();
    }
    text
}

#[test]
fn the_readme_lists_every_scenario_and_magic_value() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
    let readme = std::fs::read_to_string(path).unwrap();
    let (before, rest) = readme.split_once(BEGIN).unwrap();
    let (listed, after) = rest.split_once(END).unwrap();
    if std::env::var_os("UPDATE_README").is_some() {
        std::fs::write(path, format!("{before}{BEGIN}{}{END}{after}", table())).unwrap();
        return;
    }
    assert_eq!(listed, table(), "run the test with UPDATE_README=1 to write the table anew");
}
