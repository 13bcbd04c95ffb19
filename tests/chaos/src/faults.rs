//! What goes wrong at the simulator, beside the kills.

use anyhow::Result;
use taxrefund_sandbox::FaultMix;

/// Weights and rules.
///
/// Where a notification tells the result, nobody need ask for it; so about half of the keys have none.
///
/// Every conversation here is one that a provider which keeps its word can have. Left out are refusals that are final and
/// yet leave the key free (`business-failed`, `no-permission`): the same request succeeds the next time, so whoever sends it
/// twice is told both, and no client could be right. Left out as well is `notification-contradicts`. A real failure
/// (`failed` and the like) is recorded under its key, and every later answer says the same.
const MIX: &[(u32, &str)] = &[
    (10, "none"),
    (10, "notification-none"),
    (4, "lost-answer"),
    (6, "lost-answer,notification-none"),
    (4, "lost-answer*2,http-502@follow,notification-none"),
    (4, "lost-request"),
    (2, "lost-request*2,lost-answer#3,notification-none"),
    (4, "late-execution,notification-none"),
    (12, "delay"),
    (12, "delay,notification-none"),
    (1, "drip"),
    (3, "reset"),
    (2, "half-answer"),
    (2, "http-500,system-error"),
    (1, "http-500-json"),
    (1, "http-502-json"),
    (2, "http-503*2"),
    (2, "html-page"),
    (1, "redirect"),
    (1, "unsigned-refusal"),
    (2, "forged-success"),
    (2, "forged-failure"),
    (2, "unsigned-success"),
    (1, "stranger-key,http-502@follow"),
    (1, "sha1-signed"),
    (1, "tampered"),
    (1, "other-order"),
    (2, "throttled"),
    (3, "service-unavailable"),
    (3, "service-unavailable-paid"),
    (3, "result-unknown"),
    (3, "failed"),
    (2, "failed,lost-answer"),
    (1, "balance-not-enough,reset"),
    (2, "in-process*2"),
    (2, "in-process-failed"),
    (1, "in-process*every"),
    (1, "in-process*every,notification-none"),
    (1, "success-without-number"),
    (1, "lost-answer*every"),
    (1, "notification-first,lost-answer"),
    (1, "notification-repeated,lost-answer"),
    (1, "notification-forged,lost-answer"),
    (1, "notification-late,lost-answer*2,system-error"),
];

/// Rules of one key that take the place of the mix's: a genuine answer with line breaks in it.
pub(crate) const HEALED: &str = "whitespace";

pub(crate) fn mix() -> Result<FaultMix> {
    MIX.iter().try_fold(FaultMix::none(), |mix, (weight, rules)| Ok(mix.with(*weight, rules)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_can_be_read_and_most_keys_meet_one() {
        let mix = mix().unwrap();
        let met =
            (0..1_000).filter(|key| !mix.rules_for(1, "alipay", &format!("rf{key}")).is_empty()).count();
        assert!(met > 550, "{met}");
    }
}
