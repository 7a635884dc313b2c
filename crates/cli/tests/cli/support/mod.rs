//! A folder with data in which a test drives the binary.

pub(crate) mod events;
mod people;
pub(crate) mod records;
pub(crate) mod server;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use tempfile::TempDir;

/// The published folder that every [`Sandbox`] has, relative to it.
pub(crate) const PEOPLE: &str = "HAPT Data Set";

/// The other published folder, see [`Sandbox::add_published_windows`].
pub(crate) const WINDOWS: &str = "UCI HAR Dataset";

/// A run of well below a second. Several shards a batch, so that the number of threads could matter; every
/// setting whose default may change is spelled out.
pub(crate) const TINY: &str = r#"
data = "HAPT Data Set"
model = "lstm"
orientation = "fixed"
seeds = [5]
threads = 1

[network]
hidden = 6
layers = 1
head_dropout = 0.2

[training]
epochs = 3
batch = 96
learning_rate = 0.02
patience = 0
refit = true
schedule = { type = "one-cycle" }
keep = "best"
weight_average = 0.0
augmentation = []

[validation]
subjects = 4

[preprocessing]
rate_hz = 50.0
window = 32
step = 32
phase = "zero"
channels = ["total_acc_x", "total_acc_y", "total_acc_z", "body_acc_x", "gyro_y", "companded_gyro_x"]
noise = { median_width = 3, cutoff_hz = 20.0, order = 3 }
gravity = { cutoff_hz = 0.3, order = 3 }
"#;

/// A run long enough to be caught in the act at any of its stages. The low rate lets the validation loss fall to
/// the end, so the refit takes as many epochs as the choice.
pub(crate) const SLOW: &str = r#"
data = "HAPT Data Set"
model = "lstm"
orientation = "fixed"
seeds = [7, 8]
threads = 1

[network]
hidden = 32
layers = 2
dropout = 0.2
head_dropout = 0.2

[training]
epochs = 4
batch = 16
learning_rate = 0.0005
patience = 0
refit = true
schedule = { type = "constant" }
keep = "best"
weight_average = 0.0
augmentation = []

[validation]
subjects = 4

[preprocessing]
rate_hz = 50.0
window = 64
step = 16
phase = "zero"
channels = ["total_acc_x", "total_acc_y", "total_acc_z", "gyro_x", "gyro_y", "gyro_z"]
noise = { median_width = 3, cutoff_hz = 20.0, order = 3 }
gravity = { cutoff_hz = 0.3, order = 3 }
"#;

/// Every kind of augmentation, in the place of none.
pub(crate) const AUGMENTED: (&str, &str) = (
    "augmentation = []",
    r#"augmentation = [
    { type = "shift", samples = 9 },
    { type = "turn", degrees = 180.0, p = 0.7 },
    { type = "rotate", degrees = 8.0 },
    { type = "scale", range = 0.1 },
    { type = "noise", acceleration_g = 0.01, angular_velocity_rad_s = 0.02 },
    { type = "time-warp", sd = 0.2, knots = 4 },
    { type = "channel-dropout", p = 0.1 },
]"#,
);

/// [`TINY`] with parts of it replaced, each of which must be there.
#[track_caller]
pub(crate) fn tiny(replaced: &[(&str, &str)]) -> String {
    replace(TINY, replaced)
}

#[track_caller]
pub(crate) fn replace(text: &str, replaced: &[(&str, &str)]) -> String {
    let mut text = text.to_owned();
    for (from, to) in replaced {
        assert!(text.contains(from), "`{from}` is not in\n{text}");
        text = text.replacen(from, to, 1);
    }
    text
}

/// What a finished process left.
#[derive(Debug)]
pub(crate) struct Done {
    /// Exit code; `None` where a signal ended it.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Done {
    /// Checks the exit code, and shows what the process said where it is another.
    #[track_caller]
    pub(crate) fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }

    /// Checks that stderr says all of this.
    #[track_caller]
    pub(crate) fn says(self, words: &[&str]) -> Self {
        for word in words {
            assert!(self.stderr.contains(word), "`{word}` is not in stderr:\n{}", self.stderr);
        }
        self
    }

    /// Checks that nothing came out on stdout.
    #[track_caller]
    pub(crate) fn silent(self) -> Self {
        assert_eq!(self.stdout, "", "stderr:\n{}", self.stderr);
        self
    }
}

/// Path and content.
type Files = Vec<(PathBuf, Vec<u8>)>;

/// A directory of its own, with thirty people in [`PEOPLE`], `tiny.toml` and `slow.toml`.
pub(crate) struct Sandbox {
    root: TempDir,
}

impl Sandbox {
    pub(crate) fn new() -> Self {
        let sandbox = Self::empty();
        people::write_hapt(&sandbox.path(PEOPLE));
        std::fs::write(sandbox.path("tiny.toml"), TINY).unwrap();
        std::fs::write(sandbox.path("slow.toml"), SLOW).unwrap();
        sandbox
    }

    /// Adds the same people as published windows, in [`WINDOWS`].
    pub(crate) fn add_published_windows(&self) {
        people::write_uci_har(&self.path(WINDOWS));
    }

    /// Takes people out of [`PEOPLE`].
    pub(crate) fn remove_people(&self, people: &[u64]) {
        let raw = self.path(PEOPLE).join("RawData");
        for person in people {
            for sensor in ["acc", "gyro"] {
                std::fs::remove_file(raw.join(format!("{sensor}_exp{person:02}_user{person:02}.txt")))
                    .unwrap();
            }
        }
        let labels = std::fs::read_to_string(raw.join("labels.txt")).unwrap();
        let stays = |line: &&str| !people.iter().any(|p| line.starts_with(&format!("{p} ")));
        let left: Vec<&str> = labels.lines().filter(stays).collect();
        std::fs::write(raw.join("labels.txt"), left.join("\n")).unwrap();
    }

    /// Labels postural transitions in the pauses of [`PEOPLE`], one of each kind and person: of 40, 32, 31, 20, 16 and 40
    /// samples.
    pub(crate) fn label_transitions(&self) {
        let name = format!("{PEOPLE}/RawData/labels.txt");
        let mut labels = self.text(&name);
        people::append_transitions(&mut labels);
        self.write(name, &labels);
    }

    /// Shifts the acceleration of each recording in [`PEOPLE`] so that its mean while walking and standing is along x: all
    /// people wear the device exactly upright then.
    pub(crate) fn straighten(&self) {
        for person in 1..=30 {
            let name = format!("{PEOPLE}/RawData/acc_exp{person:02}_user{person:02}.txt");
            let straight = people::straight(&self.text(&name));
            self.write(name, &straight);
        }
    }

    pub(crate) fn empty() -> Self {
        Self { root: tempfile::tempdir().unwrap() }
    }

    /// With a finished run of `tiny.toml` in `runs/done`.
    pub(crate) fn with_finished_run() -> Self {
        static RUN: OnceLock<Files> = OnceLock::new();
        Self::with_run("tiny.toml", &RUN)
    }

    /// With a run of `slow.toml` in `runs/done` that nobody interrupted.
    pub(crate) fn with_uninterrupted_run() -> Self {
        static RUN: OnceLock<Files> = OnceLock::new();
        Self::with_run("slow.toml", &RUN)
    }

    /// Trained once for all tests; each works on a copy of its own.
    fn with_run(config: &str, run: &OnceLock<Files>) -> Self {
        let files = run.get_or_init(|| {
            let sandbox = Self::new();
            sandbox.run(&["train", "--config", config, "--out", "runs/done"]).expect(0);
            let names = sandbox.files("runs/done");
            names.into_iter().map(|f| (f.clone(), sandbox.read(Path::new("runs/done").join(f)))).collect()
        });
        let sandbox = Self::new();
        for (name, bytes) in files {
            let path = sandbox.path("runs/done").join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, bytes).unwrap();
        }
        sandbox
    }

    pub(crate) fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.root.path().join(name)
    }

    #[track_caller]
    pub(crate) fn read(&self, name: impl AsRef<Path>) -> Vec<u8> {
        let path = self.path(name);
        std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
    }

    #[track_caller]
    pub(crate) fn text(&self, name: impl AsRef<Path>) -> String {
        String::from_utf8(self.read(name)).unwrap()
    }

    #[track_caller]
    pub(crate) fn json(&self, name: impl AsRef<Path>) -> serde_json::Value {
        serde_json::from_slice(&self.read(name)).unwrap()
    }

    pub(crate) fn write(&self, name: impl AsRef<Path>, content: &str) {
        std::fs::write(self.path(name), content).unwrap();
    }

    /// Files below a directory, by their path in it, sorted.
    pub(crate) fn files(&self, directory: impl AsRef<Path>) -> Vec<PathBuf> {
        fn walk(directory: &Path, root: &Path, found: &mut Vec<PathBuf>) {
            for entry in std::fs::read_dir(directory).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    walk(&path, root, found);
                } else {
                    found.push(path.strip_prefix(root).unwrap().to_owned());
                }
            }
        }
        let root = self.path(directory);
        let mut found = Vec::new();
        walk(&root, &root, &mut found);
        found.sort();
        found
    }

    /// The binary, to be started in this directory.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ambulo"));
        command.args(arguments).current_dir(self.root.path()).stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Done {
        finish(self.command(arguments).output().unwrap())
    }

    /// As [`run`](Self::run), with this text as standard input.
    pub(crate) fn feed(&self, arguments: &[&str], input: &str) -> Done {
        let mut command = self.command(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let output = std::thread::scope(|scope| {
            // It may end before it has read everything.
            scope.spawn(move || _ = stdin.write_all(input.as_bytes()));
            child.wait_with_output().unwrap()
        });
        finish(output)
    }

    /// Starts the binary and waits for a line on stderr that contains `line`.
    pub(crate) fn start(&self, arguments: &[&str], line: &str) -> Started {
        let mut command = self.command(arguments);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let mut started = Started { child, stderr, said: String::new() };
        loop {
            let from = started.said.len();
            if started.stderr.read_line(&mut started.said).unwrap() == 0 {
                panic!("ended before it said `{line}`:\n{}", started.said);
            }
            if started.said[from..].contains(line) {
                return started;
            }
        }
    }
}

pub(crate) fn finish(output: std::process::Output) -> Done {
    Done {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A process at work.
pub(crate) struct Started {
    child: Child,
    stderr: BufReader<std::process::ChildStderr>,
    said: String,
}

impl Started {
    /// Waits for something that the process does without saying so.
    #[cfg(unix)]
    #[track_caller]
    pub(crate) fn until(&mut self, done: impl Fn() -> bool) {
        while !done() {
            assert!(self.child.try_wait().unwrap().is_none(), "it ended before:\n{}", self.said);
            std::thread::yield_now();
        }
    }

    /// Ctrl-C, then waits.
    #[cfg(unix)]
    pub(crate) fn interrupt(self) -> Done {
        // `kill` is built into every shell; the standard library sends no signal but SIGKILL.
        let signal = format!("kill -INT {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &signal]).status().unwrap().success());
        self.wait()
    }

    /// Ends it without warning, then waits.
    pub(crate) fn kill(mut self) -> Done {
        self.child.kill().unwrap();
        self.wait()
    }

    fn wait(mut self) -> Done {
        let mut stdout = String::new();
        self.child.stdout.take().unwrap().read_to_string(&mut stdout).unwrap();
        self.stderr.read_to_string(&mut self.said).unwrap();
        let code = self.child.wait().unwrap().code();
        Done { code, stdout, stderr: std::mem::take(&mut self.said) }
    }
}

/// A test that fails leaves no process behind.
impl Drop for Started {
    fn drop(&mut self) {
        // Fails where it has ended, as it should have.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
