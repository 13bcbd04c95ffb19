//! Leaves Node's own functions to be found when the module is loaded.

fn main() {
    napi_build::setup();
}
