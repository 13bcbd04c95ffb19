//! What Maven's test runner says.

use crate::process::Tally;

/// `Tests run: 81, Failures: 1, Errors: 2, Skipped: 0` as the runner closes a run; the lines of single classes go on with the
/// time that they took, and are no counts.
pub(crate) fn counts(line: &str) -> Option<Tally> {
    let (_, counts) = line.split_once("Tests run: ")?;
    let mut numbers = counts.split(", ");
    let run: u64 = numbers.next()?.parse().ok()?;
    let mut number = |name: &str| numbers.next()?.strip_prefix(name)?.trim().parse::<u64>().ok();
    let (failures, errors, skipped) = (number("Failures: ")?, number("Errors: ")?, number("Skipped: ")?);
    if numbers.next().is_some() {
        return None;
    }
    let failed = failures + errors;
    Some(Tally { passed: run.checked_sub(failed + skipped)?, failed })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closing_line_is_counted() {
        let ok = "[INFO] Tests run: 81, Failures: 0, Errors: 0, Skipped: 0";
        let bad = "[ERROR] Tests run: 81, Failures: 1, Errors: 2, Skipped: 3";
        assert_eq!(counts(ok), Some(Tally { passed: 81, failed: 0 }));
        assert_eq!(counts(bad), Some(Tally { passed: 75, failed: 3 }));
    }

    #[test]
    fn the_line_of_a_class_is_not() {
        let class = "[INFO] Tests run: 7, Failures: 0, Errors: 0, Skipped: 0, Time elapsed: 0.4 s -- in taxrefund.CounterTest";
        assert_eq!(counts(class), None);
        assert_eq!(counts("[INFO] BUILD SUCCESS"), None);
    }
}
