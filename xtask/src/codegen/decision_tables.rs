//! `docs/generated/decision-tables.md`: what each answer means, and what is done about it, operation by operation.

use std::fmt::Write as _;

use anyhow::Result;

use super::core_data::{Action, Attempts, CoreData, Effect, Limit, Operation, Phase, Rule, When, Window};
use super::{cell, code};

pub(super) fn text(data: &CoreData) -> Result<String> {
    let mut text = introduction(&data.attempts);
    text += "\n| operation | effect | draft |\n|---|---|---|\n";
    for operation in &data.operations {
        let link = operation.name.replace(['.', ' '], "");
        let draft = if operation.draft { "yes" } else { "" };
        writeln!(text, "| [`{}`](#{link}) | {} | {draft} |", operation.name, effect(&operation.effect))?;
    }
    for operation in &data.operations {
        text += &section(operation)?;
    }
    Ok(text)
}

fn introduction(attempts: &Attempts) -> String {
    let Attempts { least, most, default } = attempts;
    format!(
        "# Decision tables

These are the tables that the flows run on. A flow goes through stages; a stage calls one interface until a rule ends
it. A table is read from the top: the first rule whose conditions all hold decides. The last rule of a stage has no
condition, so every answer is decided.

* **succeeded**: a verified answer says that it was done. **failed**: a verified answer says that it was not, and no money
  moved. **unknown**: it may have been done; the next step says what to do, and it is never a new order number.
* A condition on a code, a status or a member holds only for a *verified* answer: one whose signature fits exactly the
  bytes received. \"No verified answer\" is everything else: a timeout, a broken connection, an HTTP status other than
  200, a missing or wrong signature, an answer to something else.
* A wait is drawn inside the window given. *attempts* is the policy's number of sends, {least} to {most}, {default} unless set
  otherwise. The policy's total deadline ends every flow as **unknown** with the next step `resume_later`.
* A reason that begins with \"ours\" is a decision of this library where no document says what to do; any other names
  the place in the provider's documents.

What the codes and the next steps mean: [codes.md](codes.md).
"
    )
}

fn section(operation: &Operation) -> Result<String> {
    let mut text = format!("\n## {}\n\n", operation.name);
    if operation.draft {
        text += "**Draft**: the provider publishes these interfaces as a draft; they may change.\n\n";
    }
    writeln!(text, "* Effect: {}.", effect(&operation.effect))?;
    writeln!(text, "* Idempotency key: {}.", code(&operation.idempotency_key))?;
    if let Some(reference) = &operation.reference {
        writeln!(text, "* Reference of a success: {}.", code(reference))?;
    }
    if !operation.echoes.is_empty() {
        let echoes = list(&operation.echoes);
        writeln!(
            text,
            "* An answer whose {echoes} is not the request's is about another request: no result."
        )?;
    }
    writeln!(text, "* Taken up again after a restart at the stage {}.", code(&operation.resume_phase))?;
    for phase in &operation.phases {
        text += &stage(phase)?;
    }
    Ok(text)
}

fn stage(phase: &Phase) -> Result<String> {
    let mut text = format!("\n### Stage {}\n\n", code(&phase.name));
    let kind = if phase.interface.executes { "executes" } else { "does not execute anything" };
    writeln!(text, "Calls {}, which {kind}. Sends: {}.", code(&phase.interface.wire), limit(&phase.limit))?;
    if let Some(action) = &phase.exhausted_on_entry {
        writeln!(text, "Entered with no send left: {}.", then(action))?;
    }
    text += "\n| # | when | then | next step | because |\n|---|---|---|---|---|\n";
    for (at, rule) in phase.rules.iter().enumerate() {
        let Rule { when, then: action, because } = rule;
        let (when, then, step) = (conditions(when), then(action), next_step(action));
        writeln!(text, "| {} | {when} | {then} | {step} | {} |", at + 1, cell(because))?;
    }
    Ok(text)
}

fn effect(effect: &Effect) -> &'static str {
    match effect {
        Effect::MovesMoney => "moves money",
        Effect::Records => "records",
        Effect::Reads => "reads",
    }
}

fn limit(limit: &Limit) -> String {
    match limit {
        Limit::Attempts => "*attempts*, counted anew whenever the stage is entered".to_owned(),
        Limit::AttemptsInAll => "*attempts*, counted over the whole flow".to_owned(),
        Limit::WithinMs(ms) => {
            format!("as long as the next one falls within {} s of entering the stage", seconds(*ms))
        }
    }
}

fn conditions(when: &[When]) -> String {
    if when.is_empty() {
        return "anything else".to_owned();
    }
    cell(&when.iter().map(condition).collect::<Vec<_>>().join("; "))
}

fn condition(when: &When) -> String {
    match when {
        When::Verified => "a verified answer".to_owned(),
        When::Code(codes) => format!("code {}", list(codes)),
        When::SubCode(codes) => format!("sub code {}", list(codes)),
        When::Status(status) => format!("`resultStatus` is {}", code(status)),
        When::Field(path, value) => format!("{} is {}", code(path), code(value)),
        When::Present(path) => format!("{} is there", code(path)),
        When::NoCodeButSuccess => "no code, or the code of success".to_owned(),
        When::Asked(path, value) => format!("the request's {} is {}", code(path), code(value)),
        When::NoResult => "no verified answer".to_owned(),
        When::ConfigurationRefusal => {
            "no verified answer, but a refusal that names our configuration".to_owned()
        }
        When::NoSendIsOnItsWay => "no executing call can still be on its way".to_owned(),
        When::NoSendEverAnswered => "no executing call ever got a verified answer".to_owned(),
        When::AnEarlierSendIsOpen => "an earlier executing call may have executed".to_owned(),
        When::SuccessWasReported => "an executing call was answered with success".to_owned(),
        When::NotYetRepeated => "the executing call was not repeated yet".to_owned(),
    }
}

fn then(action: &Action) -> String {
    match action {
        Action::Succeed => "**succeeded**".to_owned(),
        Action::Fail(_) => "**failed**".to_owned(),
        Action::Unknown(_) => "**unknown**".to_owned(),
        Action::Repeat(window, exhausted) => {
            format!("again {}; when no send is left: {}", after(window), then(exhausted))
        }
        Action::Go(phase, window) => format!("stage {} {}", code(phase), after(window)),
    }
}

/// The step of the outcome that a rule ends in, at once or when no send is left.
fn next_step(action: &Action) -> String {
    match action {
        Action::Succeed => code("none"),
        Action::Fail(step) | Action::Unknown(step) => code(step),
        Action::Repeat(_, exhausted) => next_step(exhausted),
        Action::Go(..) => String::new(),
    }
}

fn after(window: &Window) -> String {
    match (window.least_ms, window.most_ms) {
        (_, 0) => "at once".to_owned(),
        (least, most) if least == most => format!("after {} s", seconds(most)),
        (least, most) => format!("after {} to {} s", seconds(least), seconds(most)),
    }
}

fn seconds(ms: u64) -> String {
    match (ms / 1000, ms % 1000) {
        (whole, 0) => whole.to_string(),
        (whole, rest) => format!("{whole}.{rest:03}"),
    }
}

/// `a`, `b` or `c`.
fn list(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [only] => code(only),
        [first @ .., last] => {
            let first: Vec<_> = first.iter().map(|name| code(name)).collect();
            format!("{} or {}", first.join(", "), code(last))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeat_says_what_happens_when_no_send_is_left() {
        let window = Window { least_ms: 3000, most_ms: 5000 };
        let action = Action::Repeat(window, Box::new(Action::Unknown("contact_support".to_owned())));
        assert_eq!(then(&action), "again after 3 to 5 s; when no send is left: **unknown**");
        assert_eq!(next_step(&action), "`contact_support`");
    }

    #[test]
    fn a_rule_without_conditions_takes_everything_else() {
        assert_eq!(conditions(&[]), "anything else");
        let when = [When::Code(vec!["A".to_owned(), "B".to_owned()]), When::Present("tax_no".to_owned())];
        assert_eq!(conditions(&when), "code `A` or `B`; `tax_no` is there");
    }
}
