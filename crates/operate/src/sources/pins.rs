//! The lock of a repository's charts: which archive each of them is, by digest.
//!
//! `mainstay fetch` writes it, rendering keeps to it. It lies in the repository, so that everybody who
//! renders it renders the same charts.

use text::{Missing, World};
use yaml::{Value, scalar_go2};

use super::Wanted;
use super::cache::is_digest;
use crate::Error;

/// Where the lock lies in a repository.
pub const CHARTS_LOCK: &str = ".mainstay/charts.lock.yaml";

const HEAD: &str = "\
# Written by `mainstay fetch`: the chart archives that this repository is rendered with.
# A chart that comes with another digest is refused; `mainstay fetch --update` takes it.
version: 1
";

/// A chart and the archive that it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pin {
    /// The chart, as an Application names it.
    pub wanted: Wanted,
    /// The version that the wanted one means: itself, unless that is a constraint.
    pub resolved: String,
    /// The archive's SHA-256 in hexadecimal.
    pub digest: String,
}

/// All charts of a repository.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pins(Vec<Pin>);

/// Reads a lock of fetched things, of this program's version of it.
///
/// # Errors
/// Why it cannot be understood, in words.
pub(super) fn read_lock(bytes: &[u8]) -> Result<Value, String> {
    let value = Value::decode_go2(bytes).map_err(|error| error.to_string())?;
    match value.get("version").and_then(Value::as_i64) {
        Some(1) => Ok(value),
        Some(version) => Err(format!("its version {version} is newer than this mainstay")),
        None => Err("it has no `version`".to_owned()),
    }
}

impl Pins {
    /// Returns the lock with these charts.
    pub fn new(mut pins: Vec<Pin>) -> Pins {
        pins.sort();
        pins.dedup_by(|one, other| one.wanted == other.wanted);
        Pins(pins)
    }

    /// Reads the lock of a repository; without one, nothing is pinned.
    ///
    /// # Errors
    /// If it cannot be understood.
    pub fn read(world: &dyn World) -> Result<Pins, Error> {
        let failed = |reason: String| Error::ChartsLock { reason };
        match world.read(CHARTS_LOCK) {
            Ok(bytes) => Pins::parse(&bytes).map_err(failed),
            Err(Missing::NotFound) => Ok(Pins::default()),
            Err(missing) => Err(failed(missing.to_string())),
        }
    }

    fn parse(bytes: &[u8]) -> Result<Pins, String> {
        let value = read_lock(bytes)?;
        let charts = value.get("charts").and_then(Value::as_list).unwrap_or_default();
        let pins = charts.iter().enumerate().map(|(at, entry)| {
            let text = |key: &str| {
                let text = entry.get(key).and_then(Value::as_str);
                text.ok_or_else(|| format!("chart {} has no `{key}`", at + 1))
            };
            let version = text("version")?;
            let digest = text("digest")?;
            let digest = digest.strip_prefix("sha256:").filter(|digest| is_digest(digest));
            Ok(Pin {
                wanted: Wanted::new(text("repository")?, text("chart")?, version),
                resolved: text("resolved").unwrap_or(version).to_owned(),
                digest: digest
                    .ok_or_else(|| {
                        format!("chart {} has no digest of the form `sha256:…`", at + 1)
                    })?
                    .to_owned(),
            })
        });
        pins.collect::<Result<Vec<Pin>, String>>().map(Pins::new)
    }

    /// Returns the lock's text.
    pub fn to_text(&self) -> String {
        let mut text = HEAD.to_owned();
        text.push_str(if self.0.is_empty() { "charts: []\n" } else { "charts:\n" });
        for pin in &self.0 {
            let wanted = &pin.wanted;
            let mut line = |begin: &str, key: &str, value: &str| {
                text.push_str(&format!("{begin}{key}: {}\n", scalar_go2(value)));
            };
            line("  - ", "repository", wanted.place());
            line("    ", "chart", &wanted.chart);
            line("    ", "version", &wanted.version);
            if pin.resolved != wanted.version {
                line("    ", "resolved", &pin.resolved);
            }
            line("    ", "digest", &format!("sha256:{}", pin.digest));
        }
        text
    }

    /// Returns the pin of a chart.
    pub fn find(&self, wanted: &Wanted) -> Option<&Pin> {
        self.0.iter().find(|pin| pin.wanted == *wanted)
    }

    /// Returns all pins, sorted.
    pub fn iter(&self) -> impl Iterator<Item = &Pin> {
        self.0.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let pin = |repository: &str, version: &str, resolved: &str| Pin {
            wanted: Wanted::new(repository, "web", version),
            resolved: resolved.to_owned(),
            digest: "0123456789abcdef".repeat(4),
        };
        let pins = Pins::new(vec![
            pin("https://x.org/b/", "1.10", "1.10.0"),
            pin("registry.x.org/a", "1.2.3", "1.2.3"),
            pin("https://x.org/a", ">=1, <2 # \u{fc}", "1.0.0"),
            pin("https://x.org/a", "", "1.0.0"),
        ]);
        let text = pins.to_text();
        assert_eq!(Pins::parse(text.as_bytes()), Ok(pins), "{text}");
        assert_eq!(Pins::parse(Pins::default().to_text().as_bytes()), Ok(Pins::default()));
    }

    #[test]
    fn what_cannot_be_understood_is_refused() {
        for bad in [
            "",
            "version: 2",
            "charts: []",
            "a: b: c",
            "version: 1\ncharts: [{repository: a, chart: b, version: '1', digest: abc}]",
            "version: 1\ncharts: [{repository: a, chart: b, digest: abc}]",
            "version: 1\ncharts: [null]",
        ] {
            assert!(Pins::parse(bad.as_bytes()).is_err(), "{bad}");
        }
    }
}
