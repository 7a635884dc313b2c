//! The `ambulo` command: a thin layer over the library. Data goes to stdout, talk to stderr.
//!
//! Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted (`--resume` goes on).

mod axes;
mod cli;
mod commands;
mod failure;
mod progress;
mod talk;

use clap::Parser as _;
use cli::{Cli, Command};
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let done = match cli.command {
        Command::Inspect(args) => commands::inspect::run(&args),
        Command::Convert(args) => commands::convert::run(&args),
        Command::Classify(args) => commands::classify::run(&args),
        Command::Stream(args) => commands::stream::run(&args),
        Command::Train(args) => commands::train::run(&args),
        Command::Pretrain(args) => commands::pretrain::run(&args),
        Command::Adapt(args) => commands::adapt::run(&args),
        Command::Personal(args) => commands::personal::run(&args),
        Command::Transfer(args) => commands::transfer::run(&args),
        Command::Evaluate(args) => commands::evaluate::run(&args),
        Command::Models(args) => commands::models::run(&args),
        Command::Baseline(args) => commands::baseline::run(&args),
        Command::Compare(args) => commands::compare::run(&args),
        Command::Datasets(args) => commands::datasets::run(&args),
        Command::Report(args) => commands::report::run(&args),
        Command::Reference(args) => commands::reference::run(&args),
        Command::Completions(args) => commands::shell::completions(&args),
        Command::Man(args) => commands::shell::man(&args),
    };
    done.unwrap_or_else(|error| failure::report(&error))
}
