//! The Swift package's types.

use anyhow::Result;

use super::core_data::CoreData;

/// The generated files of the package, by their names.
pub(super) fn files(_: &CoreData) -> Result<Vec<(String, String)>> {
    Ok(Vec::new())
}
