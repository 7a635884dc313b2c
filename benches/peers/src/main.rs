//! Ambulo's side of the benchmark: answers each command, a JSON object on one line of the standard input, with a
//! JSON object on one line of the standard output. `benches/peers/README.md` describes the protocol.

mod task;

use ambulo_nn::{Architecture, InstructionSet, Role};
use anyhow::{Context as _, Result, anyhow};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{BufRead as _, Write as _};
use std::time::Instant;
use task::Task;

/// What the driver asks for.
#[derive(Debug, Deserialize)]
#[serde(tag = "op", rename_all = "kebab-case")]
enum Command {
    /// Who answers.
    Hello,
    /// Builds a case in place of the one before.
    Prepare(Case),
    /// Runs the case and answers with the seconds of each iteration.
    Run { iterations: usize },
    /// The network's weights, and what it makes of the case's windows.
    Outputs,
    /// Peak resident memory of this process.
    Memory,
}

/// One network, one shape and one kind of work.
#[derive(Debug, Deserialize)]
struct Case {
    kind: Kind,
    architecture: Architecture,
    time: usize,
    channels: usize,
    /// Windows computed in one iteration.
    batch: usize,
    /// Windows held in memory, for training; batches are taken from them in turn.
    windows: usize,
    threads: usize,
    classes: usize,
}

/// Kind of work.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    /// A step: forwards, loss, backwards, optimiser.
    Train,
    /// Inference on a batch of windows, over threads.
    Infer,
    /// Inference on one window, on the calling thread.
    Window,
}

fn main() -> Result<()> {
    let mut task = None;
    let mut output = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let reply = answer(&line?, &mut task).unwrap_or_else(|e| json!({ "error": format!("{e:#}") }));
        writeln!(output, "{reply}")?;
        output.flush()?;
    }
    Ok(())
}

fn answer(line: &str, task: &mut Option<Task>) -> Result<Value> {
    let current = || anyhow!("no case is prepared");
    Ok(match serde_json::from_str(line).context("not understood")? {
        Command::Hello => json!({
            "version": env!("CARGO_PKG_VERSION"),
            "instruction_set": InstructionSet::detect().name(),
        }),
        Command::Prepare(case) => {
            *task = None;
            let ready = task.insert(Task::new(&case)?);
            let trained = ready.network().parameters().into_iter();
            let trained = trained.filter(|p| !matches!(p.role, Role::Statistic { .. }));
            json!({
                "parameters": trained.map(|p| p.range.len()).sum::<usize>(),
                "instruction_set": ready.network().instruction_set().name(),
            })
        }
        Command::Run { iterations } => {
            let task = task.as_mut().ok_or_else(current)?;
            let seconds: Result<Vec<f64>> = (0..iterations)
                .map(|_| {
                    let start = Instant::now();
                    task.run()?;
                    Ok(start.elapsed().as_secs_f64())
                })
                .collect();
            json!({ "seconds": seconds? })
        }
        Command::Outputs => {
            let task = task.as_ref().ok_or_else(current)?;
            let (weights, x, y) = task.outputs()?;
            let named =
                |p: ambulo_nn::Parameter| (p.name, json!({ "shape": p.shape, "values": weights[p.range] }));
            let named: BTreeMap<String, Value> = task.network().parameters().into_iter().map(named).collect();
            json!({ "weights": named, "x": x, "y": y })
        }
        Command::Memory => json!({ "peak_bytes": peak_memory() }),
    })
}

/// Peak resident memory in bytes, where Linux's `/proc` says it.
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kib| kib * 1024)
}
