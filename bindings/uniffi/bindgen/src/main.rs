//! `cargo run -p taxrefund-uniffi-bindgen -- generate …`: see `cargo xtask codegen`.

fn main() {
    uniffi::uniffi_bindgen_main();
}
