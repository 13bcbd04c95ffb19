//! The Swift package: its toolchain, its tests.
