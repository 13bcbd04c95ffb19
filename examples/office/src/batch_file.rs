//! A file of refunds, and how it is read: the import and the result file must read it alike.

use std::fs::File;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use taxrefund_core::Effect;
use taxrefund_core::operations::{self, Entry as Operation};
use taxrefund_journal::ImportOptions;

#[derive(clap::Args)]
pub(crate) struct BatchFile {
    /// The file of refunds: CSV with the request's fields as columns, UTF-8
    file: PathBuf,
    /// What each line asks for, such as alipay.pay_tax_refund
    #[arg(long, value_name = "NAME", value_parser = operation)]
    pub(crate) operation: &'static Operation,
    /// The batch's name in the journal; the file's name unless given
    #[arg(long, value_name = "NAME")]
    batch: Option<String>,
    /// Each line of the file is a request in JSON
    #[arg(long)]
    json_lines: bool,
    /// The request field with the number of the tax refund form, where the operation has none of its own (Antom)
    #[arg(long, value_name = "FIELD")]
    form_field: Option<String>,
}

impl BatchFile {
    pub(crate) fn open(&self) -> Result<File> {
        File::open(&self.file).with_context(|| self.file.display().to_string())
    }

    pub(crate) fn options(&self) -> ImportOptions {
        let own_name = || self.file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let batch = self.batch.clone().unwrap_or_else(own_name);
        let options =
            if self.json_lines { ImportOptions::json_lines(&batch) } else { ImportOptions::csv(&batch) };
        ImportOptions { form_field: self.form_field.clone(), ..options }
    }
}

/// An operation that leaves something in a journal.
pub(crate) fn operation(name: &str) -> Result<&'static Operation, String> {
    let is_recorded = |operation: &&Operation| operation.spec.effect != Effect::Reads;
    operations::find(name).filter(is_recorded).ok_or_else(|| {
        let names = operations::all().filter(is_recorded).map(|operation| operation.spec.name);
        format!("the journal records: {}", names.collect::<Vec<_>>().join(", "))
    })
}
