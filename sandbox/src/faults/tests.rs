use super::*;

#[test]
fn every_rule_reads_back_what_it_writes() {
    for text in [
        "lost-answer",
        "lost-answer*3",
        "http-500*every#2@query",
        "code:40004.SOMETHING*2@any",
        "system-error@follow",
    ] {
        assert_eq!(text.parse::<FaultRule>().unwrap().to_string(), text);
    }
    for text in ["", "lost", "lost-answer*x", "lost-answer@nowhere", "code", "failed:X", "failed#"] {
        assert!(text.parse::<FaultRule>().is_err(), "{text}");
    }
}

#[test]
fn every_scenario_is_chosen_by_its_own_marker_and_no_other() {
    for scenario in Scenario::ALL.iter().filter(|s| **s != Scenario::Code) {
        for (suffix, times) in [("", Times::Count(1)), ("2", Times::Count(2)), ("0", Times::Every)] {
            let rules = FaultRule::of_magic_value(&format!("R00017X{}{suffix}", scenario.marker()));
            assert_eq!(rules, [FaultRule { times, ..FaultRule::new(*scenario) }], "{scenario}");
        }
        let rules = FaultRule::of_magic_value(&format!("A1XQ{}", scenario.marker()));
        assert_eq!(rules, [FaultRule { target: Target::Follow, ..FaultRule::new(*scenario) }]);
    }
}

#[test]
fn markers_chain_and_ordinary_numbers_choose_nothing() {
    let chain = FaultRule::of_magic_value("R1XFAILEDXLOSTANSWER2XQAMOUNTEXCEED");
    assert_eq!(
        chain.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["failed", "lost-answer*2", "amount-exceed@follow"]
    );
    for plain in ["", "X", "XXXX", "0005520171122115751", "EXPRESS", "2018112919074101000700000XXXX", "éX"] {
        assert_eq!(FaultRule::of_magic_value(plain), [], "{plain}");
    }
    let email = FaultRule::of_magic_value("zhangXBADACCOUNT@alitest.com");
    assert_eq!(email, [FaultRule::new(Scenario::BadAccount)]);
    let code = FaultRule::of_magic_value("281234567890990003");
    assert_eq!(code, [FaultRule::new(Scenario::IllegalUser)]);
}

#[test]
fn a_mix_depends_on_seed_and_key_alone_and_keeps_its_weights() {
    let mix = FaultMix::parse("30=lost-answer;70=none").unwrap();
    let json =
        FaultMix::parse(r#"[{"weight":30,"faults":"lost-answer"},{"weight":70,"faults":"none"}]"#).unwrap();
    assert_eq!(mix, json);
    let hit =
        |seed| (0..2000).filter(|n| !mix.rules_for(seed, "alipay", &format!("K{n}")).is_empty()).count();
    assert_eq!(hit(7), hit(7));
    assert!((500..700).contains(&hit(7)), "{}", hit(7));
    assert!(FaultMix::parse("x=failed").is_err() && FaultMix::parse("lost-answer").is_err());
}

#[test]
fn more_than_a_third_of_the_demo_meets_a_fault_and_a_lost_answer_is_the_commonest() {
    let demo = FaultMix::demo();
    assert!(demo.entries.iter().skip(1).all(|(_, rules)| !rules.is_empty()), "a demo rule cannot be read");
    let total: u32 = demo.entries.iter().map(|(weight, _)| weight).sum();
    let share = |wanted: fn(&[FaultRule]) -> bool| -> u32 {
        demo.entries.iter().filter(|(_, rules)| wanted(rules)).map(|(weight, _)| weight).sum()
    };
    assert!(share(|rules| !rules.is_empty()) * 3 > total);
    let lost = share(|rules| rules.iter().any(|r| r.scenario == Scenario::LostAnswer));
    for other in Scenario::ALL.iter().filter(|s| **s != Scenario::LostAnswer) {
        let weight: u32 = demo
            .entries
            .iter()
            .filter(|(_, rules)| rules.iter().any(|r| r.scenario == *other))
            .map(|(weight, _)| weight)
            .sum();
        assert!(weight < lost, "{other}");
    }
}
