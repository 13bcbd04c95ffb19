//! A seeded simulation of the three operations that move money: a provider with a ledger, a network that loses, delays
//! and forges, a client that dies and comes back. First a time of faults, then a healthy one in which all must settle.
//!
//! `TAXREFUND_SEED=<n>` runs one seed only, the one that a failure prints.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

mod support;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use support::model::{Model, Mover};
use support::*;
use taxrefund_core::{
    Event, Flow, FlowState, NextStep, Now, Outcome, Policy, Prepared, Profile, Step, alipay, alipay_plus,
    antom,
};

const SEEDS: u64 = 5_000;
/// How often the client may be started while there are faults, and after them.
const LIVES: (u64, u64) = (4, 6);

#[test]
fn pay_tax_refund_never_pays_twice_nor_loses_or_misreports_a_refund() {
    let profile = alipay::profile(gateway_config(CachingSigner::merchant())).unwrap();
    simulate(Mover::Pay, &profile, &prepared_pay());
}

#[test]
fn create_original_credit_never_pays_twice_nor_loses_or_misreports_a_refund() {
    let profile = alipay_plus::profile(antom_config(CachingSigner::merchant())).unwrap();
    simulate(Mover::Credit, &profile, &prepared_credit());
}

#[test]
fn refund_never_pays_twice_nor_loses_or_misreports_a_refund() {
    let profile = antom::profile(antom_config(CachingSigner::merchant())).unwrap();
    simulate(Mover::Refund, &profile, &prepared_refund());
}

fn simulate(mover: Mover, profile: &Profile, prepared: &Prepared) {
    let seeds = match std::env::var("TAXREFUND_SEED") {
        Ok(seed) => {
            let seed = seed.parse().unwrap();
            seed..seed + 1
        }
        Err(_) => 0..SEEDS,
    };
    let mut ends = [0; 3];
    for seed in seeds.clone() {
        let told = catch_unwind(AssertUnwindSafe(|| one_seed(mover, profile, prepared, seed)));
        let end = told.unwrap_or_else(|_| panic!("{mover:?} breaks its promise at TAXREFUND_SEED={seed}"));
        ends[end] += 1;
    }
    if seeds.end - seeds.start == SEEDS {
        assert!(ends[0] > 0 && ends[1] > 0, "the simulation has become too tame: {ends:?}");
    }
}

/// 0: succeeded, 1: failed, 2: left to a person.
fn one_seed(mover: Mover, profile: &Profile, prepared: &Prepared, seed: u64) -> usize {
    let mut random = fastrand::Rng::with_seed(seed ^ 0x5eed);
    let mut model = Model::new(mover, seed);
    let mut state: Option<FlowState> = None;
    let faulty_lives = random.u64(0..=LIVES.0);
    for life in 0..faulty_lives + LIVES.1 {
        model.healthy = life >= faulty_lives;
        let policy = Policy { attempts: random.u32(3..=10), ..Policy::default() };
        let flow = match state.take() {
            None => Flow::new(profile.clone(), prepared.clone(), policy, seed),
            Some(state) => Flow::resume(profile.clone(), through_a_store(&state), policy, seed),
        };
        let dies = if model.healthy { u8::MAX } else { random.u8(..) };
        match live(flow.unwrap(), &mut model, &mut random, dies) {
            End::Died(stored) => state = Some(*stored),
            End::Outcome(outcome) => match *outcome {
                Outcome::Succeeded(_) => {
                    assert_eq!(model.executions, 1, "succeeded: {model:?}");
                    return 0;
                }
                Outcome::Failed(failed) => {
                    assert!(model.can_be_called_failed(), "{failed:?} {model:?}");
                    return 1;
                }
                Outcome::Unknown(open) => {
                    let never =
                        [NextStep::None, NextStep::StartNew, NextStep::RefreshCode, NextStep::TellTraveller];
                    assert!(!never.contains(&open.next_step), "{open:?}");
                    state = Some(open.resume);
                }
            },
        }
        assert!(model.executions <= 1, "{model:?}");
    }
    assert!(model.may_be_left_to_a_person(), "never settles: {model:?}");
    2
}

enum End {
    Outcome(Box<Outcome>),
    Died(Box<FlowState>),
}

/// Runs until there is an outcome or, with a chance of one in three at low `dies`, until the process dies. What
/// survives is what was stored before the latest send.
fn live(mut flow: Flow, model: &mut Model, random: &mut fastrand::Rng, dies: u8) -> End {
    let mut now = Now { monotonic: Duration::ZERO, epoch_ms: EPOCH_MS };
    let mut stored = flow.state();
    let mut event = Event::Start;
    loop {
        if dies < 85 && random.u8(..) < 40 {
            return End::Died(Box::new(stored));
        }
        if dies < 128 && random.u8(..) < 5 && !matches!(event, Event::Start) {
            event = Event::Cancel;
        }
        event = match flow.advance(event, now).unwrap() {
            Step::Send(request) => {
                stored = flow.state();
                model.handed_out(&request);
                if dies < 85 && random.u8(..) < 20 {
                    return End::Died(Box::new(stored));
                }
                now.monotonic += Duration::from_millis(random.u64(1..15_000));
                model.exchange(&request)
            }
            Step::Wait(wait) => {
                now.monotonic += wait;
                Event::Woke
            }
            Step::Sign(_) => panic!("it has the key"),
            Step::Done(outcome) => return End::Outcome(outcome),
        };
    }
}

fn through_a_store(state: &FlowState) -> FlowState {
    serde_json::from_str(&serde_json::to_string(state).unwrap()).unwrap()
}
