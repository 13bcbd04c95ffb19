//! The Kotlin package: its build, its tests.
